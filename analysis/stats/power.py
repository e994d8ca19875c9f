"""A noise and numbers of runs in, what can be seen with them out."""

from functools import lru_cache
from math import ceil

import numpy as np
from scipy.special import nctdtr, nctdtrinc, ndtri

from analysis.stats.means import t_quantile
from analysis.stats.noise import borrowed

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


def runs_needed(distance: float, unit: float, sd: float, df: float, power: float = 0.8, level: float = 0.95) -> int | None:
    """The runs that every configuration of a contrast needs, so that `distance` is found with that `power`; `unit` is the
    contrast's standard error for a noise of 1 and one run each, without what borrowing costs: √(Σ c²). None: more than 1,000.

    >>> runs_needed(2.0, 2**0.5, 1.0, 100)
    5
    """
    wanted = abs(distance) / noncentrality(df, power, level) / sd / unit if sd and unit else float("inf")
    if wanted <= 0:
        return None
    few = next((n for n in (1, 2) if borrowed(n) / n**0.5 <= wanted), None)  # from three runs on nothing is paid for borrowing
    n = few or max(3, ceil(wanted**-2 * (1 - 1e-12)) if wanted > MOST**-1.0 else MOST + 1)
    return n if n <= MOST else None
