"""A noise and numbers of runs in, what can be seen with them out."""

import bisect
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from scipy.special import nctdtr, nctdtrinc, ndtr, ndtri
from sweepbook.analysis.stats.contrasts import PAIRED, satterthwaite
from sweepbook.analysis.stats.means import t_quantile
from sweepbook.analysis.stats.noise import borrowed
from sweepbook.analysis.stats.quantiles import Array, scales

MOST = 1000  # seeds a configuration; beyond, the answer is that it takes more
Errors: TypeAlias = tuple[tuple[float, float], ...]  # standard errors, each with its degrees of freedom; the widest interval counts


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
    """The smallest difference of two means of `n` runs each that is found with that `power`, the noise being `sd`, and that of the
    difference known on `df`."""
    return noncentrality(df, power, level) * sd * borrowed(n) * float(np.sqrt(2 / n))


@dataclass(frozen=True)
class Arm:
    """A configuration in a weighted sum, before its runs: its `weight`, the `variance` of a run, the seed's part taken off, its
    `n` runs, and the degrees of freedom that its noise is known on."""

    weight: float
    variance: float
    n: int
    df: float


def errors(
    arms: Sequence[Arm], seeds: int, df_error: float, effects: tuple[float, float] | None = None, several: bool = False
) -> Errors:
    """The standard errors that the sum of `arms` will have, each with its degrees of freedom, as a `Contrast` has them: at so many
    `seeds` that all arms share, `df_error` degrees of freedom in all. `effects` are the standard deviation of the seeds' effects
    and their scatter as estimated (None: runs are independent); `several`: a side has several configurations.

    >>> [(round(error, 3), df) for error, df in errors([Arm(1, 1.0, 3, 6), Arm(-1, 1.0, 3, 6)], 3, 20)]
    [(0.816, 12.0)]
    """
    if effects and seeds < 2:
        return ((math.inf, 1.0),)  # what one seed does nobody can tell
    paired = effects is not None and len(arms) == 2 and arms[0].weight == -arms[1].weight
    parts = [
        (arm.weight**2 * borrowed(arm.n) ** 2 * arm.variance / (seeds if paired else arm.n), min(arm.df, df_error)) for arm in arms
    ]
    moved = 0.0 if paired or effects is None else _moved(arms, seeds)
    if effects and moved:
        parts.append((effects[0] ** 2 * moved, seeds - 1))
    error, df = satterthwaite(sorted(parts))
    df = min(PAIRED + seeds - 1 if several and effects else df, df_error)
    luck = ((effects[1] * moved**0.5, seeds - 1.0),) if effects and moved else ()
    return ((error, df), *luck)


def _moved(arms: Sequence[Arm], seeds: int) -> float:
    """Σ w², w being what the sum weighs each seed with: those that all share, and the further ones that an arm has alone."""
    shared = sum(sorted(arm.weight / arm.n for arm in arms))
    size = sum(abs(arm.weight) / arm.n for arm in arms)
    alone = sum(sorted((arm.n - seeds) * (arm.weight / arm.n) ** 2 for arm in arms))
    return alone + (seeds * shared**2 if abs(shared) > 1e-12 * size else 0.0)


def reach(found: Errors, power: float = 0.8, level: float = 0.95) -> float:
    """The smallest distance that a sum with these errors shows with that `power`, the widest of their intervals counting."""
    if len(found) == 1:
        return noncentrality(found[0][1], power, level) * found[0][0]
    return beyond(found, lambda df: t_quantile(df, (1 + level) / 2), power)


def beyond(found: Errors, critical: Callable[[float], float], power: float = 0.8) -> float:
    """The smallest true value of a sum with these errors, one or two, that lies beyond the `critical` value so often."""
    error, df = found[0]
    if len(found) == 1 or not error > 0:
        return max(_shift(df, critical(df), power) * error for error, df in found)
    return error * _either(df, found[1][1], critical(df), critical(found[1][1]) * found[1][0] / error, power)


def widths(found: Errors, critical: Callable[[float], float]) -> tuple[Array, Array]:
    """Half the width that the interval of a sum with these errors has, the widest counting, from study to study: values, and the
    weight of each."""
    nodes = 96 if len(found) == 1 else 24
    halves, weights = np.zeros(1), np.ones(1)
    for error, df in found:
        scale, weight = scales(df, nodes)
        halves = np.maximum.outer(halves, critical(df) * error * scale).ravel()
        weights = np.multiply.outer(weights, weight).ravel()
    return halves, weights


@lru_cache(maxsize=65536)
def _shift(df: float, critical: float, power: float) -> float:
    """The noncentrality at which the noncentral t lies above `critical` with that `power`."""
    return float(nctdtrinc(df, 1 - power, critical))


@lru_cache(maxsize=4096)
def _either(df: float, other: float, critical: float, other_critical: float, power: float) -> float:
    """How many standard errors a sum has to be, so that it lies above both of two critical values of its own, whose errors are
    estimated apart, with that `power`: halved in."""
    halves, weights = widths(((1.0, df), (other_critical / critical, other)), lambda _: critical)
    low, high = 0.0, max(_shift(df, critical, power), _shift(other, other_critical, power)) + critical + other_critical
    while high - low > 1e-6 * high:
        middle = (low + high) / 2
        low, high = (low, middle) if weights @ ndtr(middle - halves) >= power else (middle, high)
    return high


def runs_needed(distance: float, future: Callable[[int], Errors], level: float = 0.95, power: float = 0.8) -> int | None:
    """The runs that every configuration of a sum needs, so that `distance` is found with that `power`; `future` gives the errors
    of the sum by that number. None: more than 1,000. The true distance may be smaller than the one seen, and then takes more.

    >>> runs_needed(2.0, lambda n: (((2 / n) ** 0.5, 100),)), runs_needed(2.0, lambda n: (((2 / n) ** 0.5, 4),))
    (5, 8)
    """
    return seeds_needed(lambda n: bool(reach(future(n), power, level) <= abs(distance)))


def seeds_needed(enough: Callable[[int], bool]) -> int | None:
    """The fewest seeds that are `enough`, of which more are enough too; None: more than 1,000.

    >>> seeds_needed(lambda seeds: seeds >= 7), seeds_needed(lambda seeds: False)
    (7, None)
    """
    if not enough(MOST):
        return None
    return bisect.bisect_left(range(1, MOST + 1), True, key=enough) + 1
