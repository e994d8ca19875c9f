"""Means in, who of them may be the best out: tiers, and letters for who differs from whom."""

from collections.abc import Sequence
from itertools import combinations, pairwise

import numpy as np
from sweepbook.analysis.stats.contrasts import Array, Difference, Places, Table, contrast, each
from sweepbook.analysis.stats.means import Mean
from sweepbook.analysis.stats.quantiles import tukey
from sweepbook.analysis.stats.seeds import Bools


def tiers(means: Sequence[Mean], level: float = 0.95) -> list[int] | None:
    """The tier of each mean, 1 being the best, higher values being better. A mean stays in the tier where no other is told to be
    ahead of it; the tier is taken out and the rest goes on, as in stepwise comparisons with the best (Hsu 1996).

    "Ahead" is by Tukey's (1949) value for all pairs: with that confidence none is said falsely, and the best is in the first tier.
    It asks whether the lower mean could be as good as the higher one; its noise would then be more like that of the higher one's
    neighbours, so it is taken halfway to there. None where the noise is not known, or nothing is there to compare.

    >>> tiers([Mean(3, value, 1.0, 20, None) for value in (9.0, 8.0, 2.0, 1.5)])
    [1, 1, 2, 2]
    """
    if any(mean.error is None for mean in means) or not means:
        return None
    table, tier = Table(means), 1
    numbers = np.zeros(len(means), int)
    left = np.argsort(-table.value, kind="stable")
    behind = _Behind(table, level)
    while len(left):
        told = behind(left)
        numbers[left[~told]] = tier
        left = left[told]
        tier += 1
    return [int(number) for number in numbers]


FIRST, BLOCK = 32, 256  # of the better ones, that are asked before all others; how many are held against how many at once


class _Behind:
    """Who of a table is told to be behind a better one."""

    def __init__(self, table: Table, level: float) -> None:
        self.table, self.level = table, level
        fewest, most = table.df_bounds()
        self.least, self.most = (self._critical(round(df, 2)) for df in (most, fewest))  # whatever the degrees of freedom

    def __call__(self, left: Places) -> Bools:
        """Whether each of those `left`, the best first, is behind another of them. The first few mostly say."""
        value, told = self.table.value[left], np.zeros(len(left), bool)
        needed = self.least * self.table.least_errors(left)
        reach = value + needed if self.table.same else value
        for start, end in pairwise([0, *range(FIRST, len(left), BLOCK), len(left)]):
            open_ = np.flatnonzero(~told & (reach <= value[start]))
            for rows in (open_[first : first + BLOCK] for first in range(0, len(open_), BLOCK)):
                told[rows] = self._any(left[rows], left[start:end], needed[rows])
        return told

    def _critical(self, df: float) -> float:
        return tukey(max(len(self.table.means), 2), df, self.level)

    def _any(self, lower: Places, upper: Places, needed: Array) -> Bools:
        """Whether each mean in the places `lower` is behind one in the places `upper`, which takes a lead of so much at least."""
        ahead = self.table.ahead(lower, upper)
        if not self.table.same:  # at their common seeds a worse mean may be ahead
            ahead = np.where(self.table.value[upper] > self.table.value[lower][:, None], ahead, 0.0)
        rows, columns = np.divmod(np.flatnonzero((ahead >= needed[:, None]) & (ahead > 0)), len(upper))
        lead = ahead[rows, columns]
        error, df = self.table.errors(lower[rows], upper[columns], placed=True)
        told = lead > self.most * error
        open_ = ~told & (lead >= self.least * error)
        if open_.any():
            told[open_] = lead[open_] >= each(self._critical, df[open_]) * error[open_]
        behind: Bools = np.bincount(rows[told], minlength=len(lower)) > 0
        return behind


def letters(means: Sequence[Mean], level: float = 0.95) -> list[str] | None:
    """The compact letter display of all pairs: two means that share no letter differ, at that confidence over all pairs (Tukey
    and Kramer 1956; letters by insertion and absorption, Piepho 2004). None where the noise is not known.

    >>> letters([Mean(3, value, 1.0, 20, None) for value in (9.0, 7.5, 6.0)])
    ['a', 'ab', 'b']
    """
    if any(mean.error is None for mean in means) or len(means) < 2:
        return None
    everyone = frozenset(range(len(means)))
    columns = {everyone}
    for i, j in combinations(range(len(means)), 2):
        if all_pairs(means, i, j, level).told:
            both = {column for column in columns if {i, j} <= column}
            columns = _absorbed((columns - both) | {column - {i} for column in both} | {column - {j} for column in both})
    ordered = sorted(columns, key=lambda column: sorted(-means[i].value for i in column))
    return ["".join(chr(ord("a") + place) for place, column in enumerate(ordered) if i in column) for i in everyone]


def all_pairs(means: Sequence[Mean], i: int, j: int, level: float = 0.95) -> Difference:
    """How far the mean in place `i` lies above that in place `j`, with the interval that all pairs of the `means` have at once."""
    return contrast([means[i], means[j]], [1, -1]).within(lambda df: tukey(max(len(means), 2), round(df, 2), level))


def _absorbed(columns: set[frozenset[int]]) -> set[frozenset[int]]:
    """The columns that no other holds."""
    return {column for column in columns if not any(column < other for other in columns)}
