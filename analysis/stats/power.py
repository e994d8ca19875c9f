"""A noise and numbers of runs in, what can be seen with them out."""

import bisect
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from scipy.special import nctdtr, nctdtrinc, ndtri
from sweepbook.analysis.stats.means import t_quantile
from sweepbook.analysis.stats.noise import borrowed

MOST = 1000  # seeds a configuration; beyond, the answer is that it takes more


@lru_cache(maxsize=4096)
def noncentrality(df: float, power: float = 0.8, level: float = 0.95) -> float:
    """How many standard errors a difference has to be to be found with that `power` by a two-sided t test: the noncentrality
    at which the noncentral t passes the critical value so often (its other tail, below 0.001 here, left out).

    >>> round(noncentrality(1000), 3)
    2.804
    """
    if df > 1e6:
        return float(ndtri((1 + level) / 2) + ndtri(power))
    return float(nctdtrinc(df, 1 - power, t_quantile(df, (1 + level) / 2)))


def power(noncentral: float, df: float, level: float = 0.95) -> float:
    """How often a two-sided t test finds a difference of so many standard errors.

    >>> round(power(2.805, 1000), 3)
    0.8
    """
    critical = t_quantile(df, (1 + level) / 2)
    return float(1 - nctdtr(df, noncentral, critical) + nctdtr(df, noncentral, -critical))


def detectable(sd: float, df: float, n: int, power: float = 0.8, level: float = 0.95) -> float:
    """The smallest difference of two means of `n` runs each that is found with that `power`, the noise being `sd` on `df`."""
    return noncentrality(df, power, level) * sd * borrowed(n) * float(np.sqrt(2 / n))


def runs_needed(
    distance: float, unit: float, sd: float, df: float, level: float = 0.95, power: float = 0.8, arms: int = 0, runs: int = 1
) -> int | None:
    """The runs that every configuration of a contrast needs, so that `distance` is found with that `power`; `unit` is the
    contrast's standard error for a noise of 1 and one run each, without what borrowing costs: √(Σ c²). None: more than 1,000.

    Each further run of its `arms` configurations, which have `runs` now, adds a degree of freedom to `df`.

    >>> runs_needed(2.0, 2**0.5, 1.0, 100), runs_needed(2.0, 2**0.5, 1.0, 1), runs_needed(2.0, 2**0.5, 1.0, 1, arms=2)
    (5, 134, 5)
    """

    def enough(n: int) -> bool:
        reach = noncentrality(df + arms * max(0, n - runs), power, level)
        return bool(reach * sd * unit * borrowed(n) <= abs(distance) * n**0.5)

    return seeds_needed(enough)


def seeds_needed(enough: Callable[[int], bool]) -> int | None:
    """The fewest seeds that are `enough`, of which more are enough too; None: more than 1,000.

    >>> seeds_needed(lambda seeds: seeds >= 7), seeds_needed(lambda seeds: False)
    (7, None)
    """
    if not enough(MOST):
        return None
    return bisect.bisect_left(range(1, MOST + 1), True, key=enough) + 1
