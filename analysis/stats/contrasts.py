"""Means in, a weighted sum of them out, with how far it may be off: the one engine behind every comparison and verdict."""

from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass, replace
from math import frexp
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri, stdtr
from sweepbook.analysis.stats.means import Estimate, Mean, t_quantile
from sweepbook.analysis.stats.noise import borrowed
from sweepbook.analysis.stats.quantiles import straightened, unbent

Array: TypeAlias = npt.NDArray[np.float64]
Places: TypeAlias = npt.NDArray[np.intp]

PAIRED = 4.0  # degrees of freedom that the model counts beside the scatter of a sum of configurations from seed to seed
FEW_VALUES = 24  # different degrees of freedom, up to which each has its critical value computed


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
    noise, and where the luck of seeds stays in it that of the seeds' effects as they are. The one that gives the wider interval
    counts. There is none where the noise is not known. `unit` is its standard error for a noise of 1."""

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
        return max((tail(self.estimate - bound, error, df) for error, df in self.errors), default=1.0)

    def p_below(self, bound: float = 0.0) -> float:
        """The one-sided p of a sum that is `bound` or more: small where the runs show it to be below."""
        return max((tail(bound - self.estimate, error, df) for error, df in self.errors), default=1.0)

    def p(self, bound: float = 0.0) -> float:
        """The two-sided p of a sum that is `bound`."""
        return min(1.0, 2 * min(self.p_above(bound), self.p_below(bound)))

    def tipping_sd(self, bound: float = 0.0, level: float = 0.95) -> float:
        """The noise from which on the sum would not be told from `bound`, were it known exactly."""
        return abs(self.estimate - bound) / float(ndtri((1 + level) / 2)) / self.unit if self.unit else float("inf")


def tail(distance: float, error: float, df: float) -> float:
    """The one-sided p of so large a `distance` from what is asked; of two that are not known to differ at all 1, else 0."""
    if error > 0:
        return float(stdtr(df, -distance / error))
    return 0.0 if distance > 0 else 1.0


def contrast(means: Sequence[Mean], weights: Sequence[float], sides: bool = False) -> Contrast:
    """The sum of `weights` times `means`, with its standard error: SE² = Σ c² κ² v / n + s_s² Σ w², w being the weight that the sum
    gives each seed; none where the same seeds are on both sides. Degrees of freedom after Satterthwaite (1946) over all parts.

    Two means are compared at the seeds that both have, where these are two or more. With `sides` of several means each, the sum at
    each of their common seeds has a say too: averaged, what a seed does to one configuration and not to another does not cancel.

    >>> a, b = Mean(3, 2.0, 1.0, 4, 1.0), Mean(3, 5.0, 1.0, 4, 1.0)
    >>> found = contrast([a, b], [-1, 1]).interval()
    >>> found.estimate, round(found.low, 3), round(found.high, 3), found.told
    (3.0, 1.117, 4.883, True)
    """
    pairs = [(mean, float(c)) for mean, c in zip(means, weights, strict=True) if c]
    if len(pairs) == 2 and pairs[0][1] == -pairs[1][1] and (common := _common(pairs[0][0], pairs[1][0])):
        pairs = [(_at(mean, common), c) for mean, c in pairs]
    value = sum(sorted(c * mean.value for mean, c in pairs))
    unit = sum(sorted(c * c * mean.share for mean, c in pairs)) ** 0.5
    parts = [(c * c * mean.error, mean.df) for mean, c in pairs if mean.error is not None]
    if len(parts) < len(pairs) or not pairs:
        return Contrast(value, (), unit)
    known = pairs[0][0].known
    moved = _moved(pairs) if known.seeds else 0.0
    if known.seeds and moved:
        parts.append((known.seeds.sd**2 * moved, known.seeds.df))
    error, df = satterthwaite(sorted(parts))
    df = min(df, known.df_error)
    if sides and known.seeds:
        error, df = _by_seed(pairs, error, df)
    errors = [(error, df)]
    if known.seeds and moved:
        errors.append((known.seeds.scatter * moved**0.5, known.seeds.df))
    return Contrast(value, tuple(errors), unit)


def _common(a: Mean, b: Mean) -> tuple[Hashable, ...]:
    """The seeds that two means have in common, where they are two or more and not all; else none."""
    if not a.runs or not b.runs or a.runs.keys() == b.runs.keys():
        return ()
    common = tuple(sorted(a.runs.keys() & b.runs.keys(), key=str))
    return common if len(common) > 1 else ()


def _at(mean: Mean, seeds: Collection[Hashable]) -> Mean:
    """The mean over some of its seeds; what it pays for borrowed noise stays."""
    runs = {seed: mean.runs[seed] for seed in seeds}
    y = sorted(runs.values())
    return replace(mean, value=y[0] + sum(one - y[0] for one in y) / len(y), runs=runs)


def _moved(pairs: Sequence[tuple[Mean, float]]) -> float:
    """Σ w², w being what the sum weighs each seed with; 0 where only rounding is left."""
    first = pairs[0][0].runs.keys()
    total = sum(c for _, c in pairs)
    size = sum(abs(c) for _, c in pairs)
    if all(mean.runs.keys() == first for mean, _ in pairs):
        return 0.0 if abs(total) <= 1e-12 * size else total * total / len(first)
    weights: dict[Hashable, list[float]] = {}
    for mean, c in pairs:
        for seed in mean.runs:
            weights.setdefault(seed, []).append(c / len(mean.runs))
    sums = sorted(sum(sorted(own)) ** 2 for own in weights.values())
    return sum(one for one in sums if one > (1e-12 * size) ** 2)


def _by_seed(pairs: Sequence[tuple[Mean, float]], error: float, df: float) -> tuple[float, float]:
    """The standard error with the scatter of the sum from seed to seed in it, at the seeds that all means have; as it was where
    these are fewer than two."""
    common = set(pairs[0][0].runs).intersection(*(mean.runs for mean, _ in pairs[1:]))
    n = len(common)
    if n < 2:
        return error, df
    sums = [sum(sorted(c * mean.runs[seed] for mean, c in pairs)) for seed in common]
    middle = sum(sorted(sums)) / n
    squares = sum(sorted((one - middle) ** 2 for one in sums))
    return ((PAIRED * error**2 * n + squares) / (PAIRED + n - 1) / n) ** 0.5, min(PAIRED + n - 1, pairs[0][0].known.df_error)


def estimate(mean: Mean, level: float = 0.95) -> Estimate:
    """A mean with its t interval, as a contrast of itself alone.

    >>> found = estimate(Mean(4, 2.0, 1.0, 10, None))
    >>> found.mean, round(found.low, 3), round(found.high, 3)
    (2.0, 0.886, 3.114)
    """
    half = max((t_quantile(df, 1 - (1 - level) / 2) * error for error, df in _errors(mean)), default=None)
    if half is None:
        return Estimate(mean.n, mean.value, None, None)
    return Estimate(mean.n, mean.value, mean.value - half, mean.value + half)


def _errors(mean: Mean) -> list[tuple[float, float]]:
    """The errors that `contrast` finds of one mean alone, of which there may be thousands."""
    if mean.error is None:
        return []
    known, seeds = mean.known, mean.known.seeds
    if not seeds:
        return [(mean.error**0.5, min(mean.df, known.df_error))]
    moved = 1 / len(mean.runs)
    error, df = satterthwaite(sorted([(mean.error, mean.df), (seeds.sd**2 * moved, seeds.df)]))
    return [(error, min(df, known.df_error)), (seeds.scatter * moved**0.5, seeds.df)]


def satterthwaite(parts: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The standard error of a sum of independent estimates of variance, with its degrees of freedom."""
    total = sum([part for part, _ in parts])
    if len(parts) == 1 or not total > 0:
        return total**0.5, min(df for _, df in parts)
    scale = 2.0 ** frexp(max(parts)[0])[1]  # so that no square overflows
    return total**0.5, (total / scale) ** 2 / sum([(part / scale) ** 2 / df for part, df in parts])


def each(critical: Callable[[float], float], dfs: Array) -> Array:
    """The critical value for each of `dfs` [any]: computed once for nearly equal ones, and where these are many read off a
    polynomial that goes through 17 of them."""
    low, high = float(dfs.min()), float(dfs.max())
    if low == high:
        return np.full(len(dfs), critical(low))
    different, places = np.unique(np.round(dfs, 2), return_inverse=True)
    if len(different) <= FEW_VALUES:
        return np.asarray(np.array([critical(float(df)) for df in different])[places])
    return fitted(critical, low, high)(dfs)


def fitted(critical: Callable[[float], float], low: float, high: float) -> Callable[[Array], Array]:
    """The critical values of any degrees of freedom from `low` to `high`, off a polynomial through 17 of them."""
    ends = tuple(straightened(np.array([high, low])))
    fit = np.polynomial.Chebyshev.interpolate(lambda x: np.log([critical(float(df)) for df in unbent(x)]), 16, ends)
    return lambda dfs: np.asarray(np.exp(fit(straightened(dfs))))


class Table:
    """Means as arrays, so that many are held against many at once; all in units of `scale`. All must have a known noise."""

    def __init__(self, means: Sequence[Mean]) -> None:
        self.means, self.known = means, means[0].known
        sizes = [max(abs(mean.value), (mean.variance or 0.0) ** 0.5) for mean in means]
        self.scale = 2.0 ** frexp(max(sizes))[1]  # of two, so that no digit changes; no square overflows
        squared = self.scale**2

        def column(of: Callable[[Mean], float]) -> Array:
            return np.array([of(mean) for mean in means], float)

        self.value = column(lambda mean: mean.value / self.scale)
        self.variance = column(lambda mean: (mean.variance or 0.0) / squared)
        self.mu_root = np.sqrt(column(lambda mean: ((mean.variance or 0.0) if mean.mu is None else mean.mu) / squared))
        self.own_squares = column(lambda mean: mean.own_df * (mean.own or 0.0) / squared)
        self.own_df = column(lambda mean: mean.own_df)
        self.least = column(lambda mean: (mean.own or 0.0) / squared if mean.outlying else 0.0)  # whatever its place
        self.floor = column(lambda mean: mean.floor / squared)
        self.df, self.n = column(lambda mean: mean.df), column(lambda mean: mean.n)
        self.paid = column(lambda mean: borrowed(mean.n) ** 2)
        self.seeds = self.known.seeds
        sets = {frozenset(mean.runs) for mean in means} if self.seeds else {frozenset[Hashable]()}
        self.same = len(sets) == 1
        if not self.same:
            every = sorted(set().union(*sets), key=str)
            self.there = np.array([[seed in mean.runs for seed in every] for mean in means], float)
            self.runs = np.array([[mean.runs.get(seed, 0.0) / self.scale for seed in every] for mean in means])

    def least_errors(self, places: Places) -> Array:
        """The smallest standard error that the difference between each mean in these `places` and one of those before it can have
        once it is placed there, over all seeds of both."""
        roots, floors = np.minimum.accumulate(self.mu_root[places]), np.minimum.accumulate(self.floor[places])
        others = np.minimum.accumulate((self.paid * self.variance / self.n)[places])
        return np.asarray(np.sqrt(self._placed(places, roots, floors) * (self.paid / self.n)[places] + others))

    def df_bounds(self) -> tuple[float, float]:
        """The fewest and the most degrees of freedom that a difference of two of the means has."""
        moved = [float(self.seeds.df)] if self.seeds and not self.same else []
        parts = sorted([*self.df, *moved])
        return max(min(parts[0], self.known.df_error), 0.01), min(sum(parts[-2 - len(moved) :]), self.known.df_error)

    def ahead(self, lower: Places, upper: Places) -> Array:
        """How far each mean in the places `upper` lies above each in the places `lower`, [lower, upper]: at the seeds that both
        have, where these are two or more."""
        if self.same:
            return self.value[upper] - self.value[lower][:, None]
        there, other = self.there[lower], self.there[upper].T
        count = there @ other
        at_common = (there @ self.runs[upper].T - self.runs[lower] @ other) / np.maximum(count, 1)
        return np.where(count > 1, at_common, self.value[upper] - self.value[lower][:, None])

    def errors(self, i: Places, j: Places, placed: bool = False) -> tuple[Array, Array]:
        """The standard error of the difference between each mean in the places `i` and that in the same place of `j`, and its
        degrees of freedom, as `contrast` has them. `placed`: the first has the noise that it would have in the place of the
        second."""
        variance = self._placed(i, self.mu_root[j], self.floor[j]) if placed else self.variance[i]
        n, other_n = self.n[i], self.n[j]
        if self.seeds and not self.same:
            count = (self.there[i] * self.there[j]).sum(axis=1)
            apart = (1 / n - 1 / other_n) ** 2 * count + (n - count) / n**2 + (other_n - count) / other_n**2
            moved = np.where(count > 1, 0.0, (self.seeds.sd / self.scale) ** 2 * apart)
            n, other_n = np.where(count > 1, count, n), np.where(count > 1, count, other_n)
        parts = [(self.paid[i] * variance / n, self.df[i]), (self.paid[j] * self.variance[j] / other_n, self.df[j])]
        if self.seeds and not self.same:
            parts.append((moved, np.full(len(i), float(self.seeds.df))))
        total = sum((part for part, _ in parts), np.zeros(len(i)))
        squares = sum((part * part / df for part, df in parts), np.zeros(len(i)))
        df = np.divide(total * total, squares, out=np.minimum(self.df[i], self.df[j]), where=squares > 0)
        return np.sqrt(total), np.minimum(df, self.known.df_error)

    def _placed(self, i: Places, roots: Array, floors: Array) -> Array:
        """The variance of the means `i` beside neighbours whose variance has these `roots`, with the floor that these have."""
        mixed, df = self.mu_root[i] * roots, self.known.prior + self.own_df[i]
        mixed = np.where(df > 0, (self.known.prior * mixed + self.own_squares[i]) / np.where(df > 0, df, 1), mixed)
        return np.asarray(np.maximum(mixed, np.maximum(floors, self.least[i])))
