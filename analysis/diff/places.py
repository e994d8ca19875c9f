"""The comparisons of a grid in, the settings along whose levels the change goes up or down out: does it act alike everywhere?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr
from sweepbook.analysis.diff.comparisons import Comparison
from sweepbook.analysis.export.record.read import Asked, Entry
from sweepbook.analysis.stats.grids import additive
from sweepbook.analysis.stats.several import holm
from sweepbook.runner.values import Value, level_text

FEWEST = 3  # levels of a setting along which a change can go up or down
FALSE = 0.05  # how often one of all settings is named where the change is the same everywhere


@dataclass(frozen=True)
class Slope:
    """A setting along whose levels the change goes up or down: the mean change at its lowest and at its highest level, in the group
    that is a grid of it, and the p of no such slope, adjusted for all settings that were tried."""

    group: str
    factor: str
    lowest: Value
    highest: Value
    first: float
    last: float
    p: float


def is_grid(group: Asked, before: Asked | None, compared: Sequence[Comparison], entries: Mapping[str, Entry]) -> bool:
    """Whether the group is every pair of levels of the same two factors on both sides, half of the pairs or more compared."""
    asked = [entries[key].config for key in group.configs if key in entries]
    if before is None or len(group.factors) != 2 or before.factors != group.factors:
        return False
    if not all(factor in config for config in asked for factor in group.factors):
        return False
    counts = [len({level_text(config[factor]) for config in asked}) for factor in group.factors]
    places = {tuple(level_text(config[factor]) for factor in group.factors) for config in asked}
    whole = len(group.configs) == counts[0] * counts[1] >= len(places) == len(asked)
    measured = any(not one.same_runs for one in compared)
    return whole and min(counts) > 1 and measured and 2 * len(compared) >= len(group.configs)


def slopes(grids: Sequence[tuple[str, tuple[str, ...], Sequence[Comparison]]]) -> tuple[Slope, ...]:
    """The settings along which the change goes up or down, of `grids`, each with its name, its two factors and its comparisons.
    Only grids that were compared in every place count, and only numbers as levels: what has no order has no slope.

    What the additive fit of the changes leaves over is the error, so it holds whatever the noise is (t, Holm over all settings).
    """
    found = [one for name, factors, compared in grids for one in _slopes(name, factors, compared)]
    adjusted = holm([one.p for one in found])
    return tuple(
        Slope(one.group, one.factor, one.lowest, one.highest, one.first, one.last, p)
        for one, p in zip(found, adjusted, strict=True)
        if p < FALSE
    )


def _slopes(group: str, factors: tuple[str, ...], compared: Sequence[Comparison]) -> Iterator[Slope]:
    configs = [one.pair[1].config for one in compared]
    levels = [sorted({_number(config[factor]) for config in configs}) for factor in factors]
    if any(np.isnan(values).any() for values in levels):
        return
    places = [tuple(row.index(_number(config[factor])) for row, factor in zip(levels, factors, strict=True)) for config in configs]
    if len(set(places)) != len(levels[0]) * len(levels[1]) or any(one.same_runs for one in compared):
        return
    table = np.empty((len(levels[0]), len(levels[1])))
    for place, one in zip(places, compared, strict=True):
        table[place] = one.change.estimate
    fit = additive(table)
    error = float((fit.residuals**2).sum()) / fit.df if fit.df else 0.0
    for factor, values, effects, other in zip(factors, levels, (fit.rows, fit.columns), table.shape[::-1], strict=True):
        if len(values) >= FEWEST and error > 0:
            ends = (fit.mean + effects[0], fit.mean + effects[-1])
            yield Slope(group, factor, *_ends(configs, factor), float(ends[0]), float(ends[1]), _p(effects, error / other, fit.df))


def _p(effects: npt.NDArray[np.float64], error: float, df: int) -> float:
    """The two-sided p of no slope of level means, each with the squared standard `error`, over the order of the levels."""
    order = np.arange(len(effects)) - (len(effects) - 1) / 2
    t = float(order @ effects) / float(error * (order @ order)) ** 0.5
    return 2 * float(stdtr(df, -abs(t)))


def _number(value: Value) -> float:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else float("nan")


def _ends(configs: Sequence[Mapping[str, Value]], factor: str) -> tuple[Value, Value]:
    levels = sorted((config[factor] for config in configs), key=_number)
    return levels[0], levels[-1]
