"""The means of a factor's levels in, how far apart they lie out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sweepbook.analysis.stats.contrasts import Contrast, Difference, arms, contrast
from sweepbook.analysis.stats.means import Mean
from sweepbook.analysis.stats.pairs import Pairs


@dataclass(frozen=True)
class Range:
    """The places of the lowest and the highest level, the difference between them, and the standard deviation between the
    levels that is left when noise is taken off (None: noise not known)."""

    lowest: int
    highest: int
    difference: Difference
    spread: float | None


def level_range(levels: Sequence[Sequence[Mean]], level: float = 0.95) -> Range:
    """The range of the levels' means, each over its configurations. Its interval is simultaneous over all pairs (Tukey 1949):
    with that confidence every difference of two levels lies within its own, so the true range lies between the largest of the
    lower ends, 0 at least, and the largest of the upper ends.

    >>> found = level_range([[Mean(3, value, 1.0, 20, None)] for value in (1.0, 2.0, 5.0)])
    >>> found.difference.estimate, round(found.difference.low, 2), round(found.difference.high, 2)
    (4.0, 1.93, 6.07)
    """
    values = [sum(mean.value for mean in means) / len(means) for means in levels]
    lowest, highest = values.index(min(values)), values.index(max(values))
    width = Difference(values[highest] - values[lowest], *(_ends(levels, level) or (None, None)))
    return Range(lowest, highest, width, _left(levels, values))


def _ends(levels: Sequence[Sequence[Mean]], level: float) -> tuple[float, float] | None:
    """The largest of the lower ends of all differences of two levels, 0 at least, and the largest of the upper ends."""
    sides = arms(levels)
    if sides is None:
        return None
    pairs, low, high = Pairs(levels, level), 0.0, 0.0
    wild = np.array(pairs.wild)
    for i in range(len(levels)):  # an outlying level against all others, another against those like it before it
        against = np.flatnonzero(np.arange(len(levels)) != i) if wild[i] else np.flatnonzero(~wild[:i])
        if len(against):
            apart = np.abs(sides.values - sides.values[i])[against]
            half = sides.halves(i, pairs.own(i) if wild[i] else pairs.calm, int(against[-1]) + 1)[against]
            low, high = max(low, float((apart - half).max())), max(high, float((apart + half).max()))
    return low, high


def between(first: Sequence[Mean], second: Sequence[Mean]) -> Contrast:
    """The mean of `second` less that of `first`, each mean counted once."""
    weights = [-1 / len(first)] * len(first) + [1 / len(second)] * len(second)
    return contrast([*first, *second], weights)


def _left(levels: Sequence[Sequence[Mean]], values: Sequence[float]) -> float | None:
    """√(variance between levels - mean squared error of a level), 0 at least."""
    errors = [sum(mean.error or 0.0 for mean in means) / len(means) ** 2 for means in levels]
    if len(values) < 2 or any(mean.error is None for means in levels for mean in means):
        return None
    return float(np.sqrt(max(0.0, float(np.var(values, ddof=1)) - float(np.mean(errors)))))
