"""Means in, a weighted sum of them out, with how far it may be off: the one engine behind every comparison and verdict."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import frexp

import numpy as np
import numpy.typing as npt
from scipy.special import fdtri, ndtri, stdtr
from sweepbook.analysis.stats.means import Estimate, Mean, t_quantile

Array = npt.NDArray[np.float64]


WELCH = 3  # runs of a mean from which on its own variance says anything


@dataclass(frozen=True)
class Difference:
    """A weighted sum of means, most often a difference of two; `low` and `high` are None where the noise is unknown."""

    estimate: float
    low: float | None
    high: float | None

    @property
    def told(self) -> bool:
        """Whether the interval leaves out zero: the runs carry the sign."""
        return self.low is not None and self.high is not None and not self.low <= 0 <= self.high


@dataclass(frozen=True)
class Contrast:
    """A weighted sum of means. `errors` has the standard errors that it may have, each with its degrees of freedom: that of the
    pooled noise, and where the samples vary far more their own. The one that gives the wider interval counts. There is none
    where the noise is not known. `unit` is its standard error for a noise of 1."""

    estimate: float
    errors: tuple[tuple[float, float], ...]
    unit: float

    def half(self, critical: Callable[[float], float]) -> float | None:
        """Half the width of its interval, for the `critical` value at given degrees of freedom."""
        return max((critical(df) * error for error, df in self.errors), default=None)

    def within(self, critical: Callable[[float], float]) -> Difference:
        """The sum with its interval, for the `critical` value at given degrees of freedom."""
        half = self.half(critical)
        if half is None:
            return Difference(self.estimate, None, None)
        return Difference(self.estimate, self.estimate - half, self.estimate + half)

    def interval(self, level: float = 0.95, of: int = 1) -> Difference:
        """The sum with its two-sided t interval, one of so many that are read together (Bonferroni)."""
        return self.within(lambda df: t_quantile(df, 1 - (1 - level) / 2 / of))

    def p_above(self, bound: float = 0.0) -> float:
        """The one-sided p of a sum that is `bound` or less: small where the runs show it to be above. 1 where nothing is known."""
        return max((_tail(self.estimate - bound, error, df) for error, df in self.errors), default=1.0)

    def p_below(self, bound: float = 0.0) -> float:
        """The one-sided p of a sum that is `bound` or more: small where the runs show it to be below."""
        return max((_tail(bound - self.estimate, error, df) for error, df in self.errors), default=1.0)

    def p(self, bound: float = 0.0) -> float:
        """The two-sided p of a sum that is `bound`."""
        return min(1.0, 2 * min(self.p_above(bound), self.p_below(bound)))

    def tipping_sd(self, bound: float = 0.0, level: float = 0.95) -> float:
        """The noise from which on the sum would not be told from `bound`, were it known exactly."""
        return abs(self.estimate - bound) / float(ndtri((1 + level) / 2)) / self.unit if self.unit else float("inf")


def _tail(distance: float, error: float, df: float) -> float:
    if error > 0:
        return float(stdtr(df, -distance / error))
    return 0.0 if distance > 0 else 1.0


def contrast(means: Sequence[Mean], weights: Sequence[float]) -> Contrast:
    """The sum of `weights` times `means`, SE = √(Σ c² w), with degrees of freedom after Satterthwaite (1946) where outlying
    means bring their own, or means come from two pools, told apart by their degrees of freedom. Where every mean has three runs
    or more and their own variance is larger than the one that the pool gives them (F, 0.90), Welch's (1947, Biometrika 34)
    standard error stands beside it.

    >>> a, b = Mean(3, 2.0, 1.0, 4, 1.0), Mean(3, 5.0, 1.0, 4, 1.0)
    >>> found = contrast([a, b], [-1, 1]).interval()
    >>> found.estimate, round(found.low, 3), round(found.high, 3), found.told
    (3.0, 0.733, 5.267, True)
    """
    pairs = [(mean, float(c)) for mean, c in zip(means, weights, strict=True) if c]
    estimate = sum(sorted(c * mean.value for mean, c in pairs))
    unit = sum(sorted(c * c * mean.share for mean, c in pairs)) ** 0.5
    parts = [(c * c * mean.error, mean) for mean, c in pairs if mean.error is not None]
    if len(parts) < len(pairs) or not pairs:
        return Contrast(estimate, (), unit)
    pools = dict.fromkeys(mean.df for _, mean in parts if not mean.outlying)
    shared = [(sum(sorted(part for part, mean in parts if not mean.outlying and mean.df == df)), df) for df in pools]
    alone = [(part, mean.df) for part, mean in parts if mean.outlying]
    pool = next((mean for _, mean in parts if not mean.outlying), None)
    both = _satterthwaite([*shared, *alone])
    own = _own(pairs, pool) if not alone and pool else None
    return Contrast(estimate, (both, own) if own else (both,), unit)


def estimate(mean: Mean, level: float = 0.95) -> Estimate:
    """A mean with its t interval, as a contrast of itself alone.

    >>> found = estimate(Mean(4, 2.0, 1.0, 10, None))
    >>> found.mean, round(found.low, 3), round(found.high, 3)
    (2.0, 0.886, 3.114)
    """
    found = contrast([mean], [1]).interval(level)
    return Estimate(mean.n, mean.value, found.low, found.high)


def _satterthwaite(parts: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The standard error of a sum of independent estimates of variance, with its degrees of freedom."""
    total = sum(part for part, _ in parts)
    if len(parts) == 1 or not total > 0:
        return total**0.5, parts[0][1]
    scale = 2.0 ** frexp(max(part for part, _ in parts))[1]  # so that no square overflows
    return total**0.5, (total / scale) ** 2 / sum((part / scale) ** 2 / df for part, df in parts)


def _own(pairs: Sequence[tuple[Mean, float]], pool: Mean) -> tuple[float, float] | None:
    """Welch's standard error and degrees of freedom where the samples vary more than the pool, else None."""
    known = [(mean.own, mean, c) for mean, c in pairs if mean.own is not None and mean.n >= WELCH]
    if len(known) < len(pairs):
        return None
    mean_own = sum(own for own, _, _ in known) / len(known)
    given = sum(mean.variance or 0.0 for _, mean, _ in known) / len(known)
    df = sum(mean.n - 1 for _, mean, _ in known)
    if not mean_own > given * float(fdtri(df, pool.df, 0.9)):
        return None
    parts = [(c * c * own / mean.n, float(mean.n - 1)) for own, mean, c in known if own > 0]
    return _satterthwaite(parts)


@dataclass(frozen=True, eq=False)
class Arms:
    """Groups of means, each by its own mean `values` [groups] and by what it adds to the error of a difference of two: to its
    variance, to Σ variance²/df of Satterthwaite, and to the sums that say whether Welch's error stands beside it. All of these
    are sums over the two groups, so a group is held against all others at once. Variances are in units of `scale`²."""

    values: Array
    scale: float
    shared: Array
    alone: Array
    alone_over: Array
    df: float
    own: Array
    given: Array
    own_df: Array
    welch: Array
    welch_over: Array
    counts: Array
    welch_open: npt.NDArray[np.bool_]

    def halves(self, i: int, critical: Callable[[float], float], first: int) -> Array:
        """Half the width of the interval of the difference between group `i` and each of the `first` ones, as `Contrast.half`
        gives it for two of them."""

        def both(of: Array) -> Array:
            return np.asarray(of[:first] + of[i])

        alone, parts = both(self.alone), both(self.alone_over)
        shared = both(self.shared)
        total = shared + alone
        mixed = alone > 0
        if self.df:
            parts += shared**2 / self.df
        df = np.full(first, float(self.df or 1))
        df[mixed] = total[mixed] ** 2 / parts[mixed]
        found: Array = _each(critical, df) * np.sqrt(total)
        beside = self.welch_open[:first] & self.welch_open[i]
        if beside.any():
            counts = both(self.counts)
            least = both(self.given) / counts * fdtri(np.maximum(both(self.own_df), 1), self.df, 0.9)
            beside &= both(self.own) / counts > least
        if beside.any():
            welch = both(self.welch)[beside]
            own = _each(critical, welch**2 / both(self.welch_over)[beside]) * np.sqrt(welch)
            found[beside] = np.maximum(found[beside], own)
        return found * self.scale


def arms(groups: Sequence[Sequence[Mean]]) -> Arms | None:
    """The `groups` as arms, every mean of a group counted alike. None where the noise of one is not known."""
    if any(mean.error is None for means in groups for mean in means):
        return None

    def total(of: Callable[[Mean, float], float]) -> Array:
        return np.array([sum(sorted(of(mean, len(means) ** -2.0) for mean in means)) for means in groups])

    sizes = (size or 0.0 for means in groups for mean in means for size in (mean.error, mean.own, mean.variance))
    scale = 2.0 ** (frexp(max(sizes, default=0.0))[1] // 2)  # of two, so that no digit changes; no square overflows

    def alone(mean: Mean, c: float) -> float:
        return c * (mean.error or 0.0) / scale**2 if mean.outlying else 0.0

    def welch(mean: Mean, c: float) -> float:
        return c * (mean.own or 0.0) / mean.n / scale**2

    return Arms(
        values=np.array([sum(mean.value for mean in means) / len(means) for means in groups]),
        scale=scale,
        shared=total(lambda mean, c: 0.0 if mean.outlying else c * (mean.error or 0.0) / scale**2),
        alone=total(alone),
        alone_over=total(lambda mean, c: alone(mean, c) ** 2 / mean.df if mean.outlying else 0.0),
        df=next((mean.df for means in groups for mean in means if not mean.outlying), 0),
        own=total(lambda mean, _: (mean.own or 0.0) / scale**2),
        given=total(lambda mean, _: (mean.variance or 0.0) / scale**2),
        own_df=total(lambda mean, _: mean.n - 1),
        welch=total(welch),
        welch_over=total(lambda mean, c: welch(mean, c) ** 2 / (mean.n - 1) if mean.n > 1 else 0.0),
        counts=np.array([float(len(means)) for means in groups]),
        welch_open=np.array([all(mean.n >= WELCH and not mean.outlying for mean in means) for means in groups]),
    )


def _each(critical: Callable[[float], float], dfs: Array) -> Array:
    """The critical value for each of `dfs`, computed once for nearly equal ones."""
    if dfs[0] == dfs.min() == dfs.max():
        return np.full(len(dfs), critical(float(dfs[0])))
    different, places = np.unique(np.round(dfs, 2), return_inverse=True)
    return np.asarray(np.array([critical(float(df)) for df in different])[places])
