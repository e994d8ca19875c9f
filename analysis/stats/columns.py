"""The levels of one setting over many configurations in, the columns of a regression out that let the score follow them.

Names, and numbers of a few levels, have a mean of their own each. Numbers of many levels have a smooth curve: over the numbers or
their logarithms, where they lie evenly on that scale, else over their ranks, so that none far from all others pulls at it.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from sweepbook.analysis.stats.seeds import Array, Bools

CONTINUOUS, ORDERED, CATEGORICAL = "continuous", "ordered", "categorical"
UNEVEN = 1.63  # over the root of their number: how far levels drawn evenly lie from even, 1 time in 100 (Kolmogorov)
FEW = 5  # configurations of a level from which on it has a mean of its own
LEVELS = 8  # levels up to which each number has one
PLACES = 40  # of a curve, at which it is known
A_BIN, BINS = 25, 30  # configurations in a stretch of levels at least, and stretches at most


@dataclass(frozen=True, eq=False)
class Levels:
    """A setting: its `values` [n], NaN where a configuration has none, or numbers that stand for names where not `ordered`."""

    values: Array
    ordered: bool

    @cached_property
    def has(self) -> Bools:
        """Which configurations have it [n]."""
        return np.isfinite(self.values)

    @cached_property
    def kept(self) -> Array:
        """The levels that a configuration in plenty has, ascending."""
        levels, counts = np.unique(self.values[self.has], return_counts=True)
        return np.asarray(levels[counts >= FEW])

    @cached_property
    def kind(self) -> str:
        """Whether it is continuous, ordered or categorical."""
        if not self.ordered:
            return CATEGORICAL
        distinct = np.unique(self.values[self.has])
        return ORDERED if len(distinct) <= LEVELS and len(self.kept) == len(distinct) else CONTINUOUS

    def width(self, most: int) -> int:
        """The columns that it takes, `most` of a curve."""
        if self.kind == CONTINUOUS:
            return min(most, len(np.unique(self.values[self.has])) - 1)
        return len(self.kept) - 1 + bool((~np.isin(self.values[self.has], self.kept)).any())

    @property
    def tells(self) -> bool:
        """Whether enough configurations have enough levels of it for a trend."""
        if self.kind == CONTINUOUS:
            return int(self.has.sum()) >= 2 * FEW and len(np.unique(self.values[self.has])) > 1
        return len(self.kept) > 1

    def columns(self, most: int) -> "Columns":
        """Its columns, `most` of a curve."""
        return _curve(self, self.width(most)) if self.kind == CONTINUOUS else _means(self)

    @cached_property
    def bins(self) -> Array:
        """The stretch of levels in which each configuration lies [n], by its number; NaN without a level. Each stretch has about as
        many configurations, 25 at least, and a level lies in one alone."""
        count = min(max(int(self.has.sum()) // A_BIN, 1), BINS)
        _, place, often = np.unique(self.values[self.has], return_inverse=True, return_counts=True)
        middle = (np.cumsum(often) - often / 2) / often.sum()
        numbers = np.unique((middle * count).astype(int), return_inverse=True)[1]
        bins = np.full(len(self.values), np.nan)
        bins[self.has] = numbers[place]
        return bins

    def stretches(self) -> "Columns":
        """A column a stretch of levels: no curve is taken for granted."""
        bins = self.bins
        numbers = np.unique(bins[self.has])
        own = [self.values[bins == number] for number in numbers]
        along = np.vstack([np.zeros(len(numbers) - 1), np.eye(len(numbers) - 1)])
        at = (bins[:, None] == numbers[None, 1:]).astype(float)
        ends = np.array([(values.min(), values.max()) for values in own])
        return _orthonormal(self.has, at, along, np.array([float(np.median(values)) for values in own]), ends, True)


@dataclass(frozen=True, eq=False)
class Columns:
    """Orthonormal columns `at` the configurations [n, d], 0 on average and where there is no level; and the same `along` the
    `places` [g, d], levels that were tested, ascending. Each stands for the levels between its `ends` [g, 2]; where it is a
    `stretch`, something may break off within it."""

    at: Array
    along: Array
    places: Array
    ends: Array
    stretch: bool = False


def _means(levels: Levels) -> Columns:
    """A column a level but the first, and one for all levels that few have."""
    own = levels.values[:, None] == levels.kept[None, 1:]
    rare = levels.has & ~np.isin(levels.values, levels.kept)
    along = np.vstack([np.zeros(len(levels.kept) - 1), np.eye(len(levels.kept) - 1)])
    if rare.any():
        own, along = np.column_stack([own, rare]), np.column_stack([along, np.zeros(len(along))])
    return _orthonormal(levels.has, own.astype(float), along, levels.kept, np.column_stack([levels.kept, levels.kept]))


def _curve(levels: Levels, width: int) -> Columns:
    """A spline of degree 3 at most, its knots evenly spread."""
    values = levels.values[levels.has]
    distinct, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    along = _even(distinct, (np.cumsum(counts) - counts / 2) / len(values), len(values))
    places = np.unique(np.searchsorted(np.cumsum(counts), (np.arange(PLACES) + 0.5) / PLACES * len(values), side="right"))
    at = np.zeros((len(levels.values), width))
    at[levels.has] = _spline(along[place], width)
    ends = np.column_stack([distinct[places], distinct[places]])
    ends[0, 0], ends[-1, 1] = distinct[0], distinct[-1]
    return _orthonormal(levels.has, at, _spline(along[places], width), distinct[places], ends)


def _even(distinct: Array, ranks: Array, n: int) -> Array:
    """Ascending levels from 0 to 1: on the scale on which they lie as evenly as `n` levels drawn at random from it do (Kolmogorov's
    test at 1%), a log scale or their own; else by their `ranks`."""
    scales = [np.log(distinct)] if distinct[0] > 0 else []
    along = [(scale - scale[0]) / (scale[-1] - scale[0]) for scale in (*scales, distinct)]
    away = [float(np.abs(scale - ranks).max()) for scale in along]
    nearest = int(np.argmin(away))
    return along[nearest] if away[nearest] <= UNEVEN / n**0.5 else ranks


def _spline(u: Array, width: int) -> Array:
    """So many columns of truncated powers of `u`, from 0 to 1."""
    knots = np.linspace(0, 1, max(width - 3, 0) + 2)[1:-1]
    powers = [u**degree for degree in range(1, min(width, 3) + 1)]
    return np.column_stack([*powers, *(np.maximum(u - knot, 0) ** 3 for knot in knots)])


def _orthonormal(has: Bools, at: Array, along: Array, places: Array, ends: Array, stretch: bool = False) -> Columns:
    middle = at[has].mean(0)
    q, r = np.linalg.qr(np.where(has[:, None], at - middle, 0.0))
    return Columns(q, np.linalg.solve(r.T, (along - middle).T).T, places, ends, stretch)
