"""A configuration's runs and the noise in, its mean and how far that may be off out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

from scipy.special import ndtri, stdtrit
from sweepbook.analysis.stats.neighbours import Own
from sweepbook.analysis.stats.noise import Known, Noise, Runs, borrowed, held
from sweepbook.analysis.stats.seeds import Seeds


@dataclass(frozen=True)
class Estimate:
    """A mean over `n` runs with its interval; `low` and `high` are None where the noise is not known."""

    n: int
    mean: float
    low: float | None
    high: float | None


NOTHING = Known()


@dataclass(frozen=True)
class Mean:
    """The mean `value` of `n` runs. `variance` is what a run is taken to vary by, the seed's part taken off (None: not known), on
    `df` degrees of freedom; `own` is the runs' own variance on `own_df` (None: they do not tell), `outlying` whether it is far
    larger than expected, `mu` what was expected (None: as `variance`), `floor` what scoring only so many examples explains of it.
    `runs` are the values by seed, empty where seeds play no part; `known` is what all means of the metric share."""

    n: int
    value: float
    variance: float | None
    df: float
    own: float | None
    outlying: bool = False
    mu: float | None = None
    floor: float = 0.0
    own_df: float = 0.0
    runs: Runs = field(default_factory=dict, repr=False, compare=False)
    known: Known = field(default=NOTHING, repr=False, compare=False)

    @cached_property
    def share(self) -> float:
        """What the variance of a run counts in that of the mean: κ² / n, of the `runs` where the mean is over some of them."""
        return borrowed(self.n) ** 2 / (len(self.runs) or self.n)

    @cached_property
    def error(self) -> float | None:
        """The squared standard error of the mean, without the seeds' part."""
        return None if self.variance is None else self.variance * self.share

    def upward(self, sign: int) -> "Mean":
        """The same, turned so that higher is better where `sign` is -1 for lower."""
        return self if sign > 0 else replace(self, value=-self.value, runs={seed: -y for seed, y in self.runs.items()})

    @property
    def seeds(self) -> Seeds | None:
        """The seeds' part of the noise."""
        return self.known.seeds


def sampling_variance(mean: float, examples: int | None) -> float | None:
    """The variance p(1 - p)/n of a proportion that was scored over so many `examples`; None where that is not known, or the
    proportion is 0 or 1 and says nothing of it."""
    return mean * (1 - mean) / examples if examples and 0 < mean < 1 else None


def mean_of(runs: Runs | Iterable[float], found: Noise | None = None, key: str = "", sampling: float | None = None) -> Mean:
    """The mean of `runs` [one at least], by seed or without, with the noise that was `found` of the configuration `key`; `sampling`
    is the least that a run of it varies by. A noise that knows nothing of the configuration gives it the typical one.

    >>> mean_of([1.0, 2.0, 3.0])
    Mean(n=3, value=2.0, variance=None, df=0, own=1.0, outlying=False, mu=None, floor=0.0, own_df=2)
    """
    by_seed: Runs = runs if isinstance(runs, Mapping) else dict(enumerate(runs))
    y = sorted(by_seed.values())  # sums depend on the order in the last bit, and a tie is a tie in any
    n = len(y)
    value = _middle(y)
    floor = sampling or 0.0
    if found is None:
        return Mean(n, value, None, 0, own_variance(y), floor=floor, own_df=n - 1)
    one = found.each.get(key) or Own(found.rest**2, None, found.rest**2, min(found.prior, found.df_error))
    variance = max(one.variance, floor)
    kept: Runs = by_seed if found.seeds else {}
    return Mean(n, value, variance, one.df, one.own, one.outlying, one.mu, floor, one.own_df, kept, found.known)


def own_variance(runs: Iterable[float]) -> float | None:
    """The variance of `runs` about their mean, whatever noise is known; None of a single one."""
    y = sorted(runs)
    middle = _middle(y)
    return held(sum([(one - middle) ** 2 for one in y])) / (len(y) - 1) if len(y) > 1 else None


def _middle(y: Sequence[float]) -> float:
    """The mean, from the first value on: equal runs have exactly their value and no variance."""
    return y[0] + sum([one - y[0] for one in y]) / len(y)


@lru_cache(maxsize=32768)
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
