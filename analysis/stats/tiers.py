"""Means in, who of them may be the best out: tiers, and letters for who differs from whom."""

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np

from analysis.stats.contrasts import Arms, arms, contrast
from analysis.stats.means import Mean
from analysis.stats.quantiles import correlation, dunnett, tukey


def tiers(means: Sequence[Mean], level: float = 0.95) -> list[int] | None:
    """The tier of each mean, 1 being the best, higher values being better: stepwise multiple comparisons with the best (Hsu
    1996). A mean stays in the tier where every other is ahead of it by less than Dunnett's one-sided critical value times the
    standard error of the difference; the tier is taken out and the rest goes on. The best is in the first tier with that
    confidence. None where the noise is not known, or nothing is there to compare.

    Where the means are of unequal precision the critical value is that of the least correlated of their differences, which is
    never too small.

    >>> tiers([Mean(3, value, 1.0, 20, None) for value in (9.0, 8.0, 2.0, 1.5)])
    [1, 1, 2, 2]
    """
    if any(mean.error is None for mean in means) or not means:
        return None
    found, left, tier = [0] * len(means), sorted(range(len(means)), key=lambda i: -means[i].value), 1
    while left:
        first = _first([means[i] for i in left], level)
        for i, stays in zip(left, first, strict=True):
            if stays:
                found[i] = tier
        left = [i for i, stays in zip(left, first, strict=True) if not stays]
        tier += 1
    return found


def _first(means: Sequence[Mean], level: float) -> list[bool]:
    """Whether each of `means`, the best value first, belongs to the first tier."""
    if len(means) == 1:
        return [True]
    errors = [mean.error or 0.0 for mean in means]
    (second, widest), others = sorted(errors)[-2:], len(means) - 1
    rivals = _undominated(means, errors)
    sides: Arms | None = None
    stays = []
    for i, (mean, error) in enumerate(zip(means, errors, strict=True)):
        rho = correlation(error, second if error == widest else widest)

        def critical(df: float, rho: float = rho) -> float:
            return dunnett(others, round(df, 2), rho, level)

        told = _told(mean, [means[j] for j in rivals], critical)
        if told is None:
            sides = sides or arms([[mean] for mean in means])
            least = 0.0 if mean.outlying else 0.999999 * critical(mean.df) * (error + min(errors)) ** 0.5  # by the pool alone
            told = sides is not None and _behind(sides, i, least, critical)
        stays.append(not told)
    return stays


def _told(mean: Mean, rivals: Sequence[Mean], critical: Callable[[float], float]) -> bool | None:
    """Whether `mean` is told from the best by the `rivals`. None: it takes all the others to say, as where its own runs vary
    more than the pool, and another than the rivals may vary less."""
    open_ = mean.outlying
    for other in rivals:
        ahead = other.value - mean.value
        if ahead <= 0:
            break
        mixed = mean.outlying or other.outlying
        if not mixed and ahead < critical(mean.df) * ((mean.error or 0.0) + (other.error or 0.0)) ** 0.5:
            continue  # the pool alone does not tell them apart, so nothing does
        if not mixed and (mean.own is None or other.own is None):
            return True
        half = contrast([other, mean], [1, -1]).half(critical)
        if half is not None and ahead >= half:
            return True
        open_ = open_ or not other.outlying
    return None if open_ else False


def _behind(sides: Arms, i: int, least: float, critical: Callable[[float], float]) -> bool:
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
    for place, mean in enumerate(means):
        if mean.outlying or not any(errors[i] <= errors[place] and not means[i].outlying for i in found):
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
    columns = {everyone}
    for i, j in combinations(range(len(means)), 2):
        apart = contrast([means[i], means[j]], [1, -1]).within(lambda df: tukey(len(means), round(df, 2), level))
        if apart.told:
            both = {column for column in columns if {i, j} <= column}
            columns = _absorbed((columns - both) | {column - {i} for column in both} | {column - {j} for column in both})
    ordered = sorted(columns, key=lambda column: sorted(-means[i].value for i in column))
    return ["".join(chr(ord("a") + place) for place, column in enumerate(ordered) if i in column) for i in everyone]


def _absorbed(columns: set[frozenset[int]]) -> set[frozenset[int]]:
    """The columns that no other holds."""
    return {column for column in columns if not any(column < other for other in columns)}
