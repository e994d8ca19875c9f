"""The means of a factor's levels in, how far apart they lie out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from sweepbook.analysis.stats.contrasts import FEW_VALUES, Array, Difference, Table, contrast, each, fitted
from sweepbook.analysis.stats.levels import between, merged
from sweepbook.analysis.stats.means import Mean
from sweepbook.analysis.stats.quantiles import tukey

ROWS = 32  # levels that are held against all before them at once
NEAR, FEWEST = 1.03, 3.0  # times what it is, within which a rough critical value lies; from so many degrees of freedom on


@dataclass(frozen=True)
class Range:
    """The places of the lowest and the highest level, the difference between them, and the standard deviation between the
    levels that is left when noise is taken off (None: noise not known)."""

    lowest: int
    highest: int
    difference: Difference
    spread: float | None


def level_range(levels: Sequence[Sequence[Mean]], level: float = 0.95, one_each: Sequence[Mean] | None = None) -> Range:
    """The range of the levels' means, each over its configurations. Its interval is simultaneous over all pairs (Tukey 1949):
    with that confidence every difference of two levels lies within its own, so the true range lies between the largest of the
    lower ends, 0 at least, and the largest of the upper ends. `one_each` are the `merged` levels, where these are at hand.

    >>> found = level_range([[Mean(3, value, 1.0, 20, None)] for value in (1.0, 2.0, 5.0)])
    >>> found.difference.estimate, round(found.difference.low, 2), round(found.difference.high, 2)
    (4.0, 2.01, 5.99)
    """
    values = [sum(mean.value for mean in means) / len(means) for means in levels]
    lowest, highest = values.index(min(values)), values.index(max(values))
    known = all(mean.error is not None for means in levels for mean in means)
    means = (one_each or merged(levels)) if known else None
    ends = _ends(levels, means, level) if known else (None, None)
    left = _left(levels, means, values) if known and len(values) > 1 else None
    return Range(lowest, highest, Difference(values[highest] - values[lowest], *ends), left)


def from_the_rest(levels: Sequence[Sequence[Mean]], level: float = 0.95) -> list[Difference]:
    """How far each level lies above the average of the others, by the intervals that all pairs of levels have at once: the average
    of theirs. Of two levels or more; the noise must be known.

    >>> found = from_the_rest([[Mean(3, value, 1.0, 20, None)] for value in (1.0, 2.0, 5.0)])[2]
    >>> found.estimate, round(found.low, 2), round(found.high, 2)
    (3.5, 1.51, 5.49)
    """
    means, critical = merged(levels), lambda df: tukey(max(len(levels), 2), round(df, 2), level)
    found: list[Difference] = []
    held: dict[tuple[int, int], Difference] = {}
    for place in range(len(levels)):
        others = [other for other in range(len(levels)) if other != place]
        for k in others:
            if means and k < place:  # as it was from there
                there = held[place, k]
                held[k, place] = Difference(-there.estimate, _negative(there.high), _negative(there.low))
            else:
                apart = contrast([means[k], means[place]], [-1, 1]) if means else between(levels[k], levels[place])
                held[k, place] = apart.within(critical)
        made = [held[k, place] for k in others]
        low, high = (sum(end or 0.0 for end in ends) / len(made) for ends in zip(*((m.low, m.high) for m in made), strict=True))
        found.append(Difference(sum(one.estimate for one in made) / len(made), low, high))
    return found


def _negative(end: float | None) -> float | None:
    return None if end is None else -end


def _ends(levels: Sequence[Sequence[Mean]], means: Sequence[Mean] | None, level: float) -> tuple[float, float]:
    """The largest of the lower ends of all differences of two levels, 0 at least, and the largest of the upper ends; by one mean a
    level where there are such `means`."""

    def critical(df: float) -> float:
        return tukey(max(len(levels), 2), round(df, 2), level)

    low = high = 0.0
    if means is None:
        for first, second in combinations(levels, 2):
            found = between(first, second)
            half = found.half(critical) or 0.0
            low, high = max(low, abs(found.estimate) - half), max(high, abs(found.estimate) + half)
        return low, high
    table, places = Table(means), np.arange(len(levels))
    rough = _rough(table, critical)
    for rows in (places[first : first + ROWS] for first in range(1, len(places), ROWS)):
        i, j = np.nonzero(places < rows[:, None])
        apart = np.abs(table.ahead(rows, places)[i, j])
        error, df = table.errors(rows[i], j)
        reach = rough(df) * error if rough else np.full(len(i), np.inf)
        least, most = max(low, (apart - reach * NEAR).max()), max(high, (apart + reach / NEAR).max())
        for row in np.unique(i[(apart - reach / NEAR >= least) | (apart + reach * NEAR >= most)]):
            own = i == row
            halves = each(critical, df[own]) * error[own]
            low, high = max(low, float((apart[own] - halves).max())), max(high, float((apart[own] + halves).max()))
    return low * table.scale, high * table.scale


def _rough(table: Table, critical: Callable[[float], float]) -> Callable[[Array], Array] | None:
    """Critical values at all degrees of freedom that differences of the `table` have, near enough to see that most differences are
    no end of the range. None where so few levels are quicker looked at closely, or values change too much with each degree."""
    fewest, most = table.df_bounds()
    return fitted(critical, fewest, most) if len(table.means) > FEW_VALUES and FEWEST <= fewest < most else None


def _left(levels: Sequence[Sequence[Mean]], means: Sequence[Mean] | None, values: Sequence[float]) -> float:
    """√(variance between levels - mean squared error of a level), 0 at least."""
    errors = [mean.error or 0.0 for mean in means] if means else [_squared_error(own) for own in levels]
    return float(np.sqrt(max(0.0, float(np.var(values, ddof=1)) - float(np.mean(errors)))))


def _squared_error(means: Sequence[Mean]) -> float:
    return sum(mean.error or 0.0 for mean in means) / len(means) ** 2
