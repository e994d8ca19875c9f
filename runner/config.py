"""Settings in, a configuration out: which settings exist, what each may be, which of them act, and the identity they make."""

import hashlib
import json
import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TypeAlias

Value: TypeAlias = str | bool | int | float | list[float]
Config: TypeAlias = Mapping[str, Value]


class SweepbookError(Exception):
    """The root of every error that a user can mend; its message says what was found, where, and what to do."""


@dataclass(frozen=True)
class Setting:
    """One setting of a run: whether a value is right, and the words for what would be."""

    accepts: Callable[[object], bool]
    expected: str
    kind: type = object


def _whole(low: int = 1) -> Setting:
    return Setting(lambda v: type(v) is int and v >= low, f"a whole number of at least {low}", int)


def is_finite(value: object) -> bool:
    """Whether `value` is a number that a float can hold."""
    return type(value) in (int, float) and abs(value) <= sys.float_info.max  # type: ignore[arg-type]


def _number(test: Callable[[float], bool], expected: str) -> Setting:
    return Setting(lambda v: is_finite(v) and test(v), expected, float)  # type: ignore[arg-type]


def _one_of(*names: str) -> Setting:
    return Setting(lambda v: v in names, "one of " + ", ".join(f'"{n}"' for n in names), str)


def _two_fractions(v: object) -> bool:
    return isinstance(v, list) and len(v) == 2 and all(FRACTION.accepts(x) for x in v)


FRACTION = _number(lambda v: 0 <= v < 1, "a number from 0 up to, not including, 1")
POSITIVE = _number(lambda v: v > 0, "a number above 0")
NOT_NEGATIVE = _number(lambda v: v >= 0, "a number of at least 0")
FLAG = Setting(lambda v: type(v) is bool, "true or false", bool)

# The keyword settings of each optimiser, with torch's defaults: the same run whether they are written out or not.
OPTIMIZERS: dict[str, dict[str, Value]] = {
    "SGD": {"momentum": 0, "dampening": 0, "weight_decay": 0, "nesterov": False},
    "Adam": {"betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0, "amsgrad": False},
    "AdamW": {"betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0.01, "amsgrad": False},
    "RMSprop": {"alpha": 0.99, "eps": 1e-8, "weight_decay": 0, "momentum": 0, "centered": False},
}
OPTIMIZER_SETTINGS = frozenset(key for keywords in OPTIMIZERS.values() for key in keywords)
MODEL_SETTINGS = {"mlp": ("units1", "units2", "depth"), "cnn": ("channels", "units1")}
ALWAYS_NEEDED = ("dataset", "model", "epochs", "batch_size", "lr", "optimizer")

SETTINGS: dict[str, Setting] = {
    "dataset": _one_of("fashion_mnist", "cifar10", "digits"),
    "model": _one_of(*MODEL_SETTINGS),
    "units1": _whole(),
    "units2": _whole(),
    "depth": _whole(),
    "channels": _whole(),
    "epochs": _whole(),
    "batch_size": _whole(),
    "lr": POSITIVE,
    "optimizer": _one_of(*OPTIMIZERS),
    "train_steps": _whole(),
    "valid_steps": _whole(),
    "momentum": FRACTION,
    "dampening": FRACTION,
    "weight_decay": NOT_NEGATIVE,
    "nesterov": FLAG,
    "betas": Setting(_two_fractions, "a list of two numbers from 0 up to, not including, 1", list),
    "eps": POSITIVE,
    "alpha": FRACTION,
    "centered": FLAG,
    "amsgrad": FLAG,
}


def active(config: Config) -> dict[str, Value]:
    """The settings that act, in the order of `SETTINGS` and unknown ones last by name.

    A setting that the model or the optimiser does not use is left out (`units2` where `depth` is 1,
    `momentum` under Adam). Settings of other tools' runs, which are unknown here, all stay.

    >>> active({"model": "mlp", "depth": 1, "units1": 256, "units2": 256})
    {'model': 'mlp', 'units1': 256, 'depth': 1}
    """
    idle = _idle(config)
    known = [key for key in SETTINGS if key in config]
    other = sorted(key for key in config if key not in SETTINGS)
    return {key: config[key] for key in [*known, *other] if key not in idle}


def _idle(config: Config) -> set[str]:
    """The settings of `config` that cannot change its result."""
    idle: set[str] = set()
    optimizer, model = str(config.get("optimizer")), str(config.get("model"))  # text, whatever another tool's log holds
    if optimizer in OPTIMIZERS:
        idle |= OPTIMIZER_SETTINGS - OPTIMIZERS[optimizer].keys()
    if model in MODEL_SETTINGS:
        idle |= {"units1", "units2", "depth", "channels"} - set(MODEL_SETTINGS[model])
    if config.get("depth") == 1:
        idle.add("units2")
    return idle


def missing(config: Config) -> list[str]:
    """The settings that `config` needs and does not have."""
    needed = [*ALWAYS_NEEDED, *MODEL_SETTINGS.get(str(config.get("model")), ())]
    return [key for key in needed if key not in config and key not in _idle(config)]


def config_id(config: Config, without: Collection[str] = ()) -> str:
    """The identity of a configuration: 12 hex digits of the SHA-256 of the settings that act, but for those `without`.

    Replicates share it, in whatever group and under whatever label they were run. A keyword written out at its
    default is the same as one left out, and 1.0 is the same as 1.

    >>> config_id({"optimizer": "Adam", "lr": 1.0}) == config_id({"lr": 1, "optimizer": "Adam", "weight_decay": 0.0})
    True
    """
    defaults = OPTIMIZERS.get(str(config.get("optimizer")), {})
    plain = {key: _plain(value) for key, value in active(config).items()}
    told = {key: value for key, value in plain.items() if key not in defaults or value != _plain(defaults[key])}
    told = {key: value for key, value in told.items() if key not in without}
    text = json.dumps(told, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _plain(value: Value) -> Value:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]  # type: ignore[misc]
    return value


def whole(config: Config, key: str) -> int:
    """The whole number that a checked configuration has for `key`."""
    value = config[key]
    assert isinstance(value, int)
    return value


def level_text(value: object) -> str:
    """A level as labels and tables write it.

    >>> [level_text(v) for v in (0.00001, 0.001, 64, "SGD", True, [0.9, 0.999])]
    ['1e-05', '0.001', '64', 'SGD', 'true', '0.9-0.999']
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.12g}"
    if isinstance(value, (list, tuple)):
        return "-".join(level_text(item) for item in value)
    return str(value)
