"""The words of a plan's search in, a checked `SearchPlan` out: where it looks, how far, and what a proposal means as settings."""

import itertools
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from sweepbook.runner.settings import ANY_VALUE, SETTINGS
from sweepbook.runner.values import Value, level_text

SAMPLERS = ("tpe", "random", "gp")
PRUNERS = ("median", "hyperband", "halving", "none")
SEED = 1_000_000  # of every trial: one that no plan asks for, so that no run which chose a configuration also counts for it
MOST_LISTED = 10_000  # combinations of a space without a range of fractions, up to which they are all looked at
DIGITS = 3  # of a proposed fraction: more of them tell a reader nothing
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True)
class Choice:
    """Levels to choose among, as a list names them."""

    levels: tuple[Value, ...]


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`, both included: by factors where `log`, whole ones where `whole`."""

    low: float
    high: float
    log: bool
    whole: bool


Dimension: TypeAlias = Choice | Range


@dataclass(frozen=True)
class SearchPlan:
    """What a group searches: the `space` by setting, its budget of `runs` or of `minutes` (None: no such limit), who proposes and
    who stops hopeless runs, and how many of the best configurations are trained again at the plan's seeds."""

    space: Mapping[str, Dimension]
    runs: int | None
    minutes: float | None
    sampler: str = "tpe"
    pruner: str = "median"
    confirm: int = 3

    def settings(self, proposed: Mapping[str, object]) -> dict[str, Value]:
        """The settings that a proposal means. It has a number for each range, and of each choice the level as text."""
        return {name: _value(self.space[name], value) for name, value in proposed.items()}

    def spread(self, count: int) -> list[dict[str, object]]:
        """So many proposals that are spread over the space: of each setting one from each of as many even parts of it."""
        steps = [[(i * (place % (count - 1) + 1) % count + 0.5) / count for i in range(count)] for place in range(len(self.space))]
        return [{name: _at(one, own[i]) for (name, one), own in zip(self.space.items(), steps, strict=True)} for i in range(count)]

    def middle(self) -> dict[str, object]:
        """The proposal in the middle of the space."""
        return {name: _at(one, 0.5) for name, one in self.space.items()}

    def combinations(self) -> Iterator[dict[str, object]] | None:
        """Every proposal that there can be; None where there are too many to look at."""
        if any(isinstance(one, Range) and not one.whole for one in self.space.values()):
            return None
        sizes = [len(one.levels) if isinstance(one, Choice) else int(one.high - one.low) + 1 for one in self.space.values()]
        if math.prod(sizes) > MOST_LISTED:
            return None
        axes = [_all_of(one) for one in self.space.values()]
        return (dict(zip(self.space, point, strict=True)) for point in itertools.product(*axes))


def _all_of(one: Dimension) -> list[object]:
    if isinstance(one, Choice):
        return [level_text(level) for level in one.levels]
    return list(range(int(one.low), int(one.high) + 1))


def _at(one: Dimension, share: float) -> object:
    """What lies `share` of the way from the low end of a dimension to the high one, or through its levels."""
    if isinstance(one, Choice):
        return level_text(one.levels[int(share * len(one.levels))])
    between = one.low * (one.high / one.low) ** share if one.log else one.low + share * (one.high - one.low)
    return int(between) if one.whole else between


def _value(one: Dimension, proposed: object) -> Value:
    """A proposed level as a setting has it: a fraction with three digits, within its range."""
    if isinstance(one, Choice):
        return {level_text(level): level for level in one.levels}[str(proposed)]
    number = float(str(proposed))
    if one.whole:
        return int(number)
    return min(max(float(f"{number:.{DIGITS}g}"), one.low), one.high)


def distribution(one: Dimension) -> Any:
    """The same for Optuna, which is imported here; the levels of a choice are texts to it."""
    from optuna import distributions as kinds

    if isinstance(one, Choice):
        return kinds.CategoricalDistribution([level_text(level) for level in one.levels])
    if one.whole:
        return kinds.IntDistribution(int(one.low), int(one.high), log=one.log)
    return kinds.FloatDistribution(one.low, one.high, log=one.log)


def holds(one: Dimension, proposed: object) -> bool:
    """Whether a proposal may have this value."""
    if isinstance(one, Choice):
        return proposed in _all_of(one)
    return type(proposed) in (int, float) and one.low <= float(str(proposed)) <= one.high


def parsed_range(name: str, text: str, usual: Value | None = None) -> Range:
    """The range that `text` writes for a setting: "0..0.5", "log 1e-5..0.1"; ValueError with what is wrong and the remedy.

    One for a model of the user's own is whole where both ends are written so, and the baseline's value, `usual`, is no fraction.
    """
    setting = SETTINGS.get(name, ANY_VALUE)
    if setting.kind not in (int, float, object):
        raise ValueError(f'"{text}" found, but {name} has no numbers to range over: write a list, as in {name} = ["a", "b"]')
    words, ends = text.split(), text.removeprefix("log ").split("..")
    log = words[:1] == ["log"]
    if len(ends) != 2 or not all(NUMBER.fullmatch(end.strip()) for end in ends):
        raise ValueError(f'"{text}" found, a list of levels or a range expected, as in "0..0.5" or "log 1e-5..1e-1"')
    low, high = (float(end) for end in ends)
    if not low < high:
        raise ValueError(f'"{text}" is no range: write the lower end first, and a higher one behind it')
    if log and low <= 0:
        raise ValueError(f'"{text}": a range by factors begins above 0')
    whole = setting.kind is int or (setting is ANY_VALUE and type(usual) is not float and all(map(_is_whole, ends)))
    if whole and not (low.is_integer() and high.is_integer()):
        raise ValueError(f'"{text}" found, but {name} is {setting.expected}: write whole ends')
    for end in (low, high):
        if not setting.accepts(int(end) if whole else end):
            raise ValueError(f'"{text}": {end:g} is not {setting.expected}')
    return Range(low, high, log, whole)


def _is_whole(end: str) -> bool:
    """Whether a number is written as a whole one: "64", and neither "64.0" nor "1e2"."""
    return end.strip().lstrip("+-").isdecimal()
