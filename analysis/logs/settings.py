"""The values of a setting as logs record them in, what they are to be read as out: text that is a number is one, and values that
are not the same do not look the same."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sweepbook.runner.values import Value, is_finite, level_text, value_text

# A number as a program writes it: without the zeros before it that names have, and without underscores.
NUMBER = re.compile(r"[-+]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?")
LONGEST = 40  # letters of a number
ONCE = frozenset((str, int, float, type(None)))  # kinds of values of which those that are equal are written alike
FLAGS: Mapping[str, Value] = {"true": True, "false": False}


@dataclass(frozen=True)
class Reread:
    """Values of one setting that are read otherwise than they were written: `values` has them as JSON writes them, each with what
    it is read as; `runs` counts the runs that have one."""

    setting: str
    values: tuple[tuple[str, Value], ...]
    runs: int


def reread(setting: str, values: Sequence[Any]) -> Reread | None:
    """How the values of a setting, one a run and None where it has none, are read otherwise than they are written; None where all
    are taken as they stand.

    Text is read as numbers where all values of the setting can be, and as true and false beside these. Numbers that agree to the
    12 digits that are shown are one. Other text, and a list, that would look like another value is written as JSON has it.
    """
    known = [value for value in values if value is not None]
    texts = written(known)
    counts = Counter(texts)
    typed = _typed(dict(zip(texts, known, strict=True)))
    alike: dict[str, dict[str, Value]] = {}
    for value in typed.values():
        alike.setdefault(level_text(value), {})[value_text(value)] = value
    read = {key: _shown(value, alike) for key, value in typed.items()}
    changed = tuple((key, value) for key, value in read.items() if value_text(value) != key)
    return Reread(setting, changed, sum(counts[key] for key, _ in changed)) if changed else None


def written(values: Sequence[Any]) -> list[str]:
    """The values as JSON writes them; where all are numbers or text, each distinct one is written once.

    >>> written([1, 1.0, "1", None])
    ['1', '1', '"1"', 'null']
    """
    if not ONCE.issuperset(map(type, values)):
        return list(map(value_text, values))
    texts = {value: value_text(value) for value in dict.fromkeys(values)}
    return [texts[value] for value in values]


def _typed(values: Mapping[str, Value]) -> dict[str, Value]:
    """`values` with text as the numbers, or as the truth values, that all of them then are."""
    texts = {key: value for key, value in values.items() if isinstance(value, str)}
    kinds = {type(value) for key, value in values.items() if key not in texts}
    if kinds <= {int, float}:
        numbers = {key: number for key, text in texts.items() if (number := _number(text)) is not None}
        if len(numbers) == len(texts):
            return dict(values) | numbers
    if kinds == {bool} and all(text in FLAGS for text in texts.values()):
        return {key: FLAGS[value] if isinstance(value, str) else value for key, value in values.items()}
    return dict(values)


def _number(text: str) -> int | float | None:
    if len(text) > LONGEST or not NUMBER.fullmatch(text):
        return None
    number = float(text) if set(text) & set(".eE") else int(text)
    return number if is_finite(number) else None


def _shown(value: Value, alike: Mapping[str, Collection[str]]) -> Value:
    """`value`, or where another looks the same what does not."""
    text = level_text(value)
    if len(alike[text]) == 1 or isinstance(value, bool):
        return value
    if isinstance(value, float):
        return float(text)
    if isinstance(value, str | list):
        shown = value_text(value)
        while shown in alike:  # some other value is written so
            shown = f"'{shown}'"
        return shown
    return value
