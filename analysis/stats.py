"""Arrays in, estimates with their n and their interval out. Knows arrays and nothing else of ours."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtri, fdtrc, fdtri, stdtrit


@dataclass(frozen=True)
class Estimate:
    """A mean over `n` runs with its interval; `low` and `high` are None where n = 1 leaves the noise unknown."""

    n: int
    mean: float
    low: float | None
    high: float | None


def mean_interval(values: npt.ArrayLike, level: float = 0.95) -> Estimate | None:
    """The mean of `values` [n] and its Student t interval: mean ± t(n - 1) · s / √n (Student 1908). None where n = 0.

    >>> estimate = mean_interval([1.0, 2.0, 3.0])
    >>> estimate.n, estimate.mean, round(estimate.low, 3), round(estimate.high, 3)
    (3, 2.0, -0.484, 4.484)
    """
    y = np.sort(np.asarray(values, float))  # sums depend on the order in the last bit, and a tie is a tie in any
    if not len(y):
        return None
    mean = float(y.mean())
    if len(y) == 1:
        return Estimate(1, mean, None, None)
    half = float(stdtrit(len(y) - 1, (1 + level) / 2) * y.std(ddof=1) / np.sqrt(len(y)))
    return Estimate(len(y), mean, mean - half, mean + half)


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
class Noise:
    """The standard deviation between replicates with its 95% interval, and the degrees of freedom that it rests on.

    `outlying` are the places of the samples that vary far more than the rest and are left out of it.
    """

    sd: float
    low: float
    high: float
    df: int
    outlying: tuple[int, ...] = ()

    def ruler(self, n: int) -> float:
        """The difference from which on two means of `n` runs each are told apart: t(df, 0.975) · sd · √(2 / n)."""
        return float(stdtrit(self.df, 0.975)) * self.sd * float(np.sqrt(2 / n))


def noise(samples: Sequence[npt.ArrayLike], level: float = 0.95) -> Noise | None:
    """The pooled standard deviation of `samples`, s² = ΣΣ(y - ȳ_i)² / Σ(n_i - 1), with its χ² interval. None where no sample
    has two values, or none varies.

    A sample whose variance is outlying is left out, one after the other, as long as the largest is larger than the pool of
    the rest at 1% over all of them (the test of Cochran 1941, Annals of Eugenics 11, in its form for unequal n).

    >>> found = noise([[1.0, 3.0], [2.0, 4.0], [5.0]])
    >>> round(found.sd, 4), round(found.low, 4), round(found.high, 4), found.df
    (1.4142, 0.7363, 8.888, 2)
    """
    arrays = [np.sort(np.asarray(y, float)) for y in samples]
    pool = [i for i, y in enumerate(arrays) if len(y) > 1]
    squares = {i: float(((arrays[i] - arrays[i].mean()) ** 2).sum()) for i in pool}
    out: list[int] = []
    pool.sort(key=lambda i: squares[i] / (len(arrays[i]) - 1))
    total, df = sum(squares.values()), sum(len(arrays[i]) - 1 for i in pool)
    while len(pool) > 2:
        last, own = pool[-1], len(arrays[pool[-1]]) - 1
        rest = (total - squares[last]) / (df - own)
        if not rest > 0 or fdtrc(own, df - own, squares[last] / own / rest) * len(pool) > 0.01:
            break
        out.append(pool.pop())
        total, df = total - squares[last], df - own
    total = float(np.sum([squares[i] for i in sorted(pool)]))
    if not df or not total > 0:
        return None
    tail = (1 - level) / 2
    low, high = (float(np.sqrt(total / chdtri(df, upper))) for upper in (tail, 1 - tail))
    return Noise(float(np.sqrt(total / df)), low, high, df, tuple(sorted(out)))


BORROWED = {1: 1.5, 2: 1.25}  # what a mean of so few runs pays for taking its noise from other configurations


def contrast(
    samples: Sequence[npt.ArrayLike], weights: Sequence[float], pooled: Noise | None, of: int = 1, level: float = 0.95
) -> Difference:
    """The sum of `weights` [k] times the means of `samples` [k arrays of n_i], with Student's t interval from the `pooled` noise.

    `of` is the number of contrasts that are read together: Bonferroni's inequality widens the interval. Where every sample has
    two values or more and their own variance is larger than the pooled one (F, 0.90), the interval is the wider of this one
    and Welch's (1947, Biometrika 34; degrees of freedom after Satterthwaite 1946). It is unknown where the noise is.

    >>> difference = contrast([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], [-1, 1], Noise(1.0, 0.6, 2.9, 4))
    >>> difference.estimate, round(difference.low, 3), round(difference.high, 3), difference.told
    (3.0, 0.733, 5.267, True)
    """
    pairs = [(np.sort(np.asarray(y, float)), float(c)) for y, c in zip(samples, weights, strict=True) if c]
    estimate = float(np.sum([c * y.mean() for y, c in pairs]))
    if pooled is None or not pairs:
        return Difference(estimate, None, None)
    tail = 1 - (1 - level) / 2 / of
    shares = [(c * BORROWED.get(len(y), 1.0)) ** 2 / len(y) for y, c in pairs]
    half = float(stdtrit(pooled.df, tail)) * pooled.sd * float(np.sqrt(np.sum(shares)))
    if min(len(y) for y, _ in pairs) >= 2:
        half = max(half, _own_half(pairs, pooled, tail))
    return Difference(estimate, estimate - half, estimate + half)


def _own_half(pairs: Sequence[tuple[npt.NDArray[np.float64], float]], pooled: Noise, tail: float) -> float:
    """Half of Welch's interval where the samples vary more than the pool, else 0."""
    variances = np.array([y.var(ddof=1) for y, _ in pairs])
    df = np.array([len(y) - 1 for y, _ in pairs])
    if not variances.mean() > pooled.sd**2 * float(fdtri(int(df.sum()), pooled.df, 0.9)):
        return 0.0
    parts = np.array([c**2 / len(y) for y, c in pairs]) * variances
    freedom = parts.sum() ** 2 / float(np.sum(parts**2 / df))
    return float(stdtrit(freedom, tail) * np.sqrt(parts.sum()))
