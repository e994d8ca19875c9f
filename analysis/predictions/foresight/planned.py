"""A study and the runs that its logs hold in, the finished plan out: the mean of every planned configuration before it is known,
with the precision that it will have."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from scipy.special import nctdtrinc
from sweepbook.analysis.groups.span import Span, span
from sweepbook.analysis.groups.summaries import Summary
from sweepbook.analysis.stats.contrasts import contrast
from sweepbook.analysis.stats.means import Mean
from sweepbook.analysis.stats.noise import Noise
from sweepbook.runner.metric import is_share
from sweepbook.runner.study import Study

Critical = Callable[[float], float]
ENOUGH = 1000.0  # degrees of freedom; more of them change no critical value by as much as 0.3%
STATED = (0.002, 0.005, 0.01, 0.02)  # the noise that a share is taken to have where no log tells


@dataclass(frozen=True)
class Basis:
    """The noise that a run of one metric is taken to have. `source` is "logs": one noise, the standard deviation between
    replicates, with its 95% interval, degrees of freedom, and the labels of the configurations that are left out of it; "stated":
    several, one as good as another; or "unknown": the noise itself is the unit of every distance. `distance` is what seeds are
    counted for."""

    metric: str
    source: str
    noises: tuple[float, ...]
    low: float | None
    high: float | None
    df: int
    outlying: tuple[str, ...]
    distance: float

    @property
    def span(self) -> Span:
        """Where numbers of the metric can lie; anywhere where the noise is the unit."""
        return Span(-math.inf, math.inf) if self.source == "unknown" else span(self.metric)


def basis(metric: str, found: Noise | None, summaries: Mapping[str, Summary], distance: float | None) -> Basis:
    """The noise from logs, else a range of noises: of a share the stated one, of another metric parts and multiples of the
    distance that was asked for, where one was."""
    if found:
        wanted = distance or (0.01 if is_share(metric) else found.sd)
        return Basis(
            metric,
            "logs",
            (found.sd,),
            found.low,
            found.high,
            found.df,
            tuple(s.label for key, s in summaries.items() if key in found.outlying),
            wanted,
        )
    if is_share(metric):
        return Basis(metric, "stated", STATED, None, None, 0, (), distance or 0.01)
    if distance:
        return Basis(metric, "stated", tuple(distance * part for part in (0.25, 0.5, 1.0, 2.0)), None, None, 0, (), distance)
    return Basis(metric, "unknown", (1.0,), None, None, 0, (), 1.0)


@dataclass(frozen=True)
class Planned:
    """A finished plan with some number of seeds, and the noise that a run of it is taken to have (`sd`).

    `extra` are the runs of each configuration that the logs hold beyond the planned seeds, `known` the means of those that
    have run: what a run of them is taken to vary by counts instead of `sd`. `df` degrees of freedom come with the logs, `df_a_seed`
    with every further seed.
    """

    sd: float
    extra: Mapping[str, int]
    known: Mapping[str, Mean]
    df_logged: int
    df_a_seed: int

    def df(self, seeds: int) -> int:
        """The degrees of freedom of the noise once every configuration has run with so many seeds."""
        return self.df_logged + self.df_a_seed * (seeds - 1)

    def mean(self, key: str, seeds: int) -> Mean:
        """The mean of one configuration, of a value that nobody knows yet."""
        n = seeds + self.extra.get(key, 0)
        known = self.known.get(key)
        if known is not None and known.variance is not None:
            own = known.outlying and n > 1
            return Mean(n, 0.0, known.variance, n - 1 if own else self.df(seeds), None, own)
        return Mean(n, 0.0, self.sd**2, self.df(seeds), None)

    def error(self, weights: Mapping[str, float], seeds: int) -> tuple[float, float] | None:
        """The standard error of a weighted sum of means with its degrees of freedom; None where no replicate tells of noise."""
        if self.df(seeds) < 1 or not weights:
            return None
        error, df = contrast([self.mean(key, seeds) for key in weights], list(weights.values())).errors[0]
        return error, min(round(df, 2), ENOUGH)

    def smallest(self, weights: Mapping[str, float], seeds: int, critical: Critical, power: float = 0.8) -> float | None:
        """The smallest true value of the sum that lies beyond the `critical` value so often; None where none ever does."""
        found = self.error(weights, seeds)
        if found is None:
            return None
        error, df = found
        return shift(df, critical(df), power) * error


@lru_cache(maxsize=65536)
def shift(df: float, critical: float, power: float) -> float:
    """The noncentrality at which the noncentral t lies above `critical` with that `power`."""
    return float(nctdtrinc(df, 1 - power, critical))


def planned(study: Study, found: Mapping[str, Summary], used: Basis) -> Planned:
    """The finished plan of `study`, whose logs hold the summaries `found`, with the first of the noises of `used`."""
    metric = used.metric
    extra = {key: s.n - len(set(s.seeds) & set(study.seeds)) for key, s in found.items() if key in study.labels}
    known = {key: s.means[metric] for key, s in found.items() if metric in s.means}
    outlying = {key for key, mean in known.items() if mean.outlying}
    pooled = [key for key in study.labels if key not in outlying]
    beside = sum(mean.n - 1 for key, mean in known.items() if key not in study.labels and key not in outlying)
    return Planned(used.noises[0], extra, known, beside + sum(extra.get(key, 0) for key in pooled), len(pooled))


def mean_weights(keys: Sequence[str], sign: float = 1.0) -> dict[str, float]:
    """The weights of the mean over configurations, each counted once."""
    return {key: sign / len(keys) for key in keys}
