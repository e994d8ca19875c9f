"""A value of a setting in, its text out: as labels and tables write it, and as JSON does, alike for values that are the same."""

import json
import math
import sys
from collections.abc import Mapping
from json.encoder import encode_basestring
from typing import TypeAlias

Value: TypeAlias = str | bool | int | float | list[float]

SINGLE = frozenset((str, bool, int, float))
# Made once: json.dumps with arguments of its own makes an encoder for every value.
WRITTEN = json.JSONEncoder(ensure_ascii=False, default=str)


def is_finite(value: object) -> bool:
    """Whether `value` is a number that a float can hold."""
    return type(value) in (int, float) and abs(value) <= sys.float_info.max  # type: ignore[arg-type]


def plain(value: Value) -> Value:
    """The value with whole numbers for those that are whole: 1 for 1.0."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [plain(item) for item in value]  # type: ignore[misc]
    return value


def value_text(value: object) -> str:
    """A value as JSON writes it, alike for values that are the same to a configuration's identity, and for no others.

    >>> [value_text(v) for v in (1, 1.0, "1", True)]
    ['1', '1', '"1"', 'true']
    """
    kind = type(value)
    if kind is str:
        return encode_basestring(value)  # type: ignore[arg-type]
    if kind is int or (kind is float and math.isfinite(value)):  # type: ignore[arg-type]
        return repr(plain(value))  # type: ignore[arg-type]
    return WRITTEN.encode(plain(value))  # type: ignore[arg-type]


def level_text(value: object) -> str:
    """A level as labels and tables write it.

    >>> [level_text(v) for v in (0.00001, 0.001, 64, "SGD", True, [0.9, 0.999])]
    ['1e-05', '0.001', '64', 'SGD', 'true', '0.9-0.999']
    """
    if type(value) in (str, int):  # first, for speed: a large study asks for half a million levels
        return str(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value + 0.0:.12g}"  # without the sign of -0.0, which is 0
    if isinstance(value, (list, tuple)):
        return "-".join(level_text(item) for item in value)
    return str(value)


def flat(table: Mapping[str, object], lists: bool = True) -> dict[str, Value]:
    """The settings of a table with those of the tables in it, each named by its path; with `lists` also of tables and lists that
    stand in a list, by their number from 0.

    >>> flat({"opt": {"name": "Adam", "betas": [0.9, 0.999]}, "layers": [{"units": 8}, {"units": 4}]})
    {'opt.name': 'Adam', 'opt.betas': [0.9, 0.999], 'layers.0.units': 8, 'layers.1.units': 4}
    """
    if SINGLE.issuperset(map(type, table.values())):
        return dict(table)  # type: ignore[arg-type]
    settings: dict[str, Value] = {}
    left = [*reversed(list(table.items()))]
    while left:  # and no recursion, which a table of many levels would bring to its end
        name, value = left.pop()
        inner: list[tuple[str, object]] = []
        if isinstance(value, Mapping):
            inner = [(f"{name}.{key}", own) for key, own in value.items()]
        elif lists and isinstance(value, list) and any(isinstance(own, Mapping | list) for own in value):
            inner = [(f"{name}.{place}", own) for place, own in enumerate(value)]
        elif name in settings:
            raise ValueError(name)
        else:
            settings[name] = value  # type: ignore[assignment]
        left += reversed(inner)
    return settings
