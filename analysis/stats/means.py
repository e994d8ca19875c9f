"""A configuration's runs and the noise in, its mean and how far that may be off out."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from scipy.special import ndtri, stdtrit
from sweepbook.analysis.stats.noise import Noise, borrowed, held


@dataclass(frozen=True)
class Estimate:
    """A mean over `n` runs with its interval; `low` and `high` are None where the noise is not known."""

    n: int
    mean: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Mean:
    """The mean `value` of `n` runs. `variance` is what a run is taken to vary by (None: not known), `df` the degrees of freedom
    of that, `own` the runs' own variance (None: one run), `outlying` whether only its own counts."""

    n: int
    value: float
    variance: float | None
    df: float
    own: float | None
    outlying: bool = False

    @cached_property
    def share(self) -> float:
        """What the variance of a run counts in that of the mean: κ² / n; κ = 1 where the variance is its own."""
        return (1.0 if self.outlying else borrowed(self.n) ** 2) / self.n

    @cached_property
    def error(self) -> float | None:
        """The squared standard error of the mean."""
        return None if self.variance is None else self.variance * self.share


def sampling_variance(mean: float, examples: int | None) -> float | None:
    """The variance p(1 - p)/n of a proportion that was scored over so many `examples`; None where that is not known, or the
    proportion is 0 or 1 and says nothing of it."""
    return mean * (1 - mean) / examples if examples and 0 < mean < 1 else None


def mean_of(values: Sequence[float], pooled: Noise | None, outlying: bool = False, sampling: float | None = None) -> Mean:
    """The mean of `values` [n, at least one] with the variance that the pool gives one run of it:
    v = max(b, s² - b̄ + b), b being its own `sampling` variance and b̄ the pool's; s² where its own is not known. An `outlying`
    one has its own, on n - 1.

    >>> mean_of([1.0, 2.0, 3.0], None)
    Mean(n=3, value=2.0, variance=None, df=0, own=1.0, outlying=False)
    """
    y = sorted(values)  # sums depend on the order in the last bit, and a tie is a tie in any
    n = len(y)
    value = y[0] + sum(one - y[0] for one in y) / n  # from the first on: equal runs have exactly their value and no variance
    own = held(sum((one - value) ** 2 for one in y)) / (n - 1) if n > 1 else None
    if pooled is None:
        return Mean(n, value, None, 0, own)
    variance = pooled.sd**2 if sampling is None else max(sampling, pooled.sd**2 - pooled.sampling + sampling)
    if outlying and own is not None:
        return Mean(n, value, max(own, variance), n - 1, own, True)
    return Mean(n, value, variance, pooled.df, own)


@lru_cache(maxsize=4096)
def t_quantile(df: float, p: float) -> float:
    """Student's t quantile (1908)."""
    return float(stdtrit(df, p))


def wilson(share: float, examples: int, level: float = 0.95) -> tuple[float, float]:
    """The interval of a proportion scored over so many `examples` (Wilson 1927, JASA 22): of the scoring alone, whatever
    another seed would have brought.

    >>> tuple(round(end, 4) for end in wilson(0.5, 100))
    (0.4038, 0.5962)
    """
    z = float(ndtri((1 + level) / 2))
    middle = (share + z * z / 2 / examples) / (1 + z * z / examples)
    half = z / (1 + z * z / examples) * (share * (1 - share) / examples + z * z / 4 / examples**2) ** 0.5
    return middle - half, middle + half
