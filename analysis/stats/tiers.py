"""Means in, who of them may be the best out: tiers, and letters for who differs from whom."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from sweepbook.analysis.stats.contrasts import Arms, arms, contrast
from sweepbook.analysis.stats.means import Mean
from sweepbook.analysis.stats.pairs import Critical, Pairs


def tiers(means: Sequence[Mean], level: float = 0.95) -> list[int] | None:
    """The tier of each mean, 1 being the best, higher values being better. A mean stays in the tier where no other is told to be
    ahead of it; the tier is taken out and the rest goes on, as in stepwise comparisons with the best (Hsu 1996). Every "ahead" is
    that of all pairs at once (`Pairs`): with that confidence none is said falsely, and the best is in the first tier. None where
    the noise is not known, or nothing is there to compare.

    >>> tiers([Mean(3, value, 1.0, 20, None) for value in (9.0, 8.0, 2.0, 1.5)])
    [1, 1, 2, 2]
    """
    if any(mean.error is None for mean in means) or not means:
        return None
    pairs = Pairs([[mean] for mean in means], level)
    found, left, tier = [0] * len(means), sorted(range(len(means)), key=lambda i: -means[i].value), 1
    while left:
        behind = _behind([(means[i], pairs.own(i)) if means[i].outlying else (means[i], pairs.calm) for i in left])
        for i, told in zip(left, behind, strict=True):
            if not told:
                found[i] = tier
        left = [i for i, told in zip(left, behind, strict=True) if told]
        tier += 1
    return found


def _behind(made: Sequence[tuple[Mean, Critical]]) -> list[bool]:
    """Whether each of the means, the best value first, each with its own critical value, is told to be behind another."""
    means = [mean for mean, _ in made]
    calm = [mean for mean in means if not mean.outlying]
    errors = [mean.error or 0.0 for mean in calm]
    rivals, sides, place = _undominated(calm, errors), None, -1
    wild = [(mean, critical) for mean, critical in made if mean.outlying]
    told: list[bool] = []
    for mean, critical in made:
        place += not mean.outlying
        if mean.outlying:
            told.append(any(_ahead(other, mean, critical) for other in means))
            continue
        own = _told(mean, [calm[j] for j in rivals], critical)
        if own is None:
            sides = sides or arms([[one] for one in calm])
            least = 0.999999 * critical(mean.df) * ((mean.error or 0.0) + min(errors)) ** 0.5  # by the pool alone
            own = sides is not None and _beaten(sides, place, least, critical)
        told.append(own or any(_ahead(other, mean, theirs) for other, theirs in wild))
    return told


def _ahead(other: Mean, mean: Mean, critical: Critical) -> bool:
    if other.value <= mean.value:
        return False
    ahead = contrast([other, mean], [1, -1])
    half = ahead.half(critical)
    return half is not None and ahead.estimate >= half


def _told(mean: Mean, rivals: Sequence[Mean], critical: Critical) -> bool | None:
    """Whether `mean` is told to be behind one of the `rivals`. None: it takes all the others to say, as where its own runs vary
    more than the pool, and another than the rivals may vary less."""
    open_ = False
    for other in rivals:
        ahead = other.value - mean.value
        if ahead <= 0:
            break
        if ahead < critical(mean.df) * ((mean.error or 0.0) + (other.error or 0.0)) ** 0.5:
            continue  # the pool alone does not tell them apart, so nothing does
        if _ahead(other, mean, critical):
            return True
        open_ = True
    return None if open_ else False


def _beaten(sides: Arms, i: int, least: float, critical: Critical) -> bool:
    """Whether any of those that are `least` ahead, the best value first, is told from the one in place `i`. The first few mostly
    say."""
    better = int(np.searchsorted(-sides.values, -(sides.values[i] + least)))
    for first in (min(32, better), better):
        ahead = sides.values[:first] - sides.values[i]
        if first and ((ahead > 0) & (ahead >= sides.halves(i, critical, first))).any():
            return True
    return False


def _undominated(means: Sequence[Mean], errors: Sequence[float]) -> list[int]:
    """The places of those of `means`, the best value first, whose error is smaller than that of every better one: no other can
    be further ahead of anything, in standard errors."""
    found: list[int] = []
    for place in range(len(means)):
        if not found or errors[place] < errors[found[-1]]:
            found.append(place)
    return found


def letters(means: Sequence[Mean], level: float = 0.95) -> list[str] | None:
    """The compact letter display of all pairs: two means that share no letter differ, at that confidence over all pairs (Tukey
    and Kramer 1956; letters by insertion and absorption, Piepho 2004). None where the noise is not known.

    >>> letters([Mean(3, value, 1.0, 20, None) for value in (9.0, 7.0, 5.0)])
    ['a', 'ab', 'b']
    """
    if any(mean.error is None for mean in means) or len(means) < 2:
        return None
    everyone = frozenset(range(len(means)))
    columns, pairs = {everyone}, Pairs([[mean] for mean in means], level)
    for i, j in combinations(range(len(means)), 2):
        apart = contrast([means[i], means[j]], [1, -1]).within(pairs.of(i, j))
        if apart.told:
            both = {column for column in columns if {i, j} <= column}
            columns = _absorbed((columns - both) | {column - {i} for column in both} | {column - {j} for column in both})
    ordered = sorted(columns, key=lambda column: sorted(-means[i].value for i in column))
    return ["".join(chr(ord("a") + place) for place, column in enumerate(ordered) if i in column) for i in everyone]


def _absorbed(columns: set[frozenset[int]]) -> set[frozenset[int]]:
    """The columns that no other holds."""
    return {column for column in columns if not any(column < other for other in columns)}
