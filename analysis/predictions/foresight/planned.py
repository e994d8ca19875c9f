"""A study and the runs that its logs hold in, the finished plan out: the noise that every planned configuration will have, and the
precision of what is compared, before any of it is known."""

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from sweepbook.analysis.groups.span import Span, span
from sweepbook.analysis.groups.summaries import Summary
from sweepbook.analysis.stats.neighbours import BLOCKED, UNKNOWN, most_prior
from sweepbook.analysis.stats.noise import Noise
from sweepbook.analysis.stats.power import Arm, Errors, beyond, errors
from sweepbook.analysis.stats.seeds import blocks
from sweepbook.runner.metric import is_share
from sweepbook.runner.study import Study

Critical = Callable[[float], float]
ENOUGH = 1000.0  # degrees of freedom; more of them change no critical value by as much as 0.3%
STATED = (0.002, 0.005, 0.01, 0.02)  # the noise that a share is taken to have where no log tells


@dataclass(frozen=True)
class Basis:
    """The noise that a run of one metric is taken to have. `source` is "logs": one noise, the standard deviation between
    replicates, with its 95% interval, degrees of freedom, and the labels of the configurations that vary far more; "stated":
    several, one as good as another; or "unknown": the noise itself is the unit of every distance. `distance` is what seeds are
    counted for, `share` how much of the noise of a run the seed explains (None: not known, and taken to be nothing)."""

    metric: str
    source: str
    noises: tuple[float, ...]
    low: float | None
    high: float | None
    df: int
    outlying: tuple[str, ...]
    distance: float
    share: float | None = None

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
            found.seeds.share if found.seeds else None,
        )
    if is_share(metric):
        return Basis(metric, "stated", STATED, None, None, 0, (), distance or 0.01)
    if distance:
        return Basis(metric, "stated", tuple(distance * part for part in (0.25, 0.5, 1.0, 2.0)), None, None, 0, (), distance)
    return Basis(metric, "unknown", (1.0,), None, None, 0, (), 1.0)


@dataclass(frozen=True)
class Planned:
    """A finished plan with some number of seeds, and its noise: `sd` between runs of a typical configuration, of which the seeds
    have the part `seed_sd`. `known` are the variances of configurations that have run, the seed's part taken off.

    `prior` are the degrees of freedom that the neighbours of a configuration count beside its own runs. `extra` are the runs of
    each that the logs hold beyond the planned seeds. `configurations` are planned, each of which brings a degree of freedom with
    every further seed, beside those `loose` ones of other runs; `shared` are these where the seeds' effects are taken off (None:
    seeds are not known, and runs stay independent).
    """

    sd: float
    seed_sd: float
    known: Mapping[str, float]
    prior: float
    extra: Mapping[str, int]
    configurations: int
    loose: int
    shared: int | None

    def blocked(self, seeds: int) -> bool:
        """Whether so many seeds leave enough for their effects to be taken off."""
        return seeds > 1 and self.shared is not None and self._shared_df(seeds) >= BLOCKED

    def df(self, seeds: int) -> int:
        """The degrees of freedom of the noise once every configuration has run with so many seeds."""
        return self._shared_df(seeds) if self.blocked(seeds) else self.loose + self.configurations * (seeds - 1)

    def _shared_df(self, seeds: int) -> int:
        return (self.shared or 0) + (self.configurations - 1) * (seeds - 1)

    def arm(self, key: str, weight: float, seeds: int) -> Arm:
        """One configuration in a weighted sum. Those that have not run vary as a typical one."""
        n, loose = seeds + self.extra.get(key, 0), 0.0 if self.blocked(seeds) else self.seed_sd**2
        variance = self.known.get(key, self.sd**2 - self.seed_sd**2) + loose
        return Arm(weight, variance, n, self.prior + n - 1)

    def errors(self, weights: Mapping[str, float], seeds: int, several: bool = False) -> Errors:
        """The standard errors of a weighted sum of means with their degrees of freedom, of which the wider interval counts; none
        where no replicate tells of noise. `several`: a side has several configurations."""
        if self.df(seeds) < 1 or not weights:
            return ()
        arms = [self.arm(key, weight, seeds) for key, weight in weights.items()]
        return _rounded(errors(arms, seeds, self.df(seeds), self._effects(seeds), several))

    def by_level(self, levels: Sequence[Sequence[str]], weights: Sequence[float], seeds: int) -> Errors:
        """The same of the means of levels, each over its configurations: where seeds enough are left, a level counts as one
        configuration, whose noise is known from the table of levels and seeds."""
        several, df = max(map(len, levels)) > 1, (len(levels) - 1) * (seeds - 1)
        if not several or not self.blocked(seeds) or df < BLOCKED:
            return self.errors(spread_over(levels, weights), seeds, several)
        arms = []
        for keys, c in zip(levels, weights, strict=True):
            variances = [self.arm(key, c, seeds).variance for key in keys if c]
            arms += [Arm(c, sum(variances) / len(keys) ** 2, seeds, UNKNOWN + seeds - 1)] if variances else []
        return _rounded(errors(arms, seeds, df, self._effects(seeds)))

    def _effects(self, seeds: int) -> tuple[float, float] | None:
        """The standard deviation of the seeds' effects, and their scatter, in which the noise of all configurations has a part."""
        if not self.blocked(seeds):
            return None
        rest = (self.sd**2 - self.seed_sd**2) / self.configurations
        return self.seed_sd, math.sqrt(self.seed_sd**2 + rest)


def _rounded(found: Errors) -> Errors:
    return tuple((error, min(round(df, 2), ENOUGH)) for error, df in found)


def smallest(found: Errors, critical: Critical, power: float = 0.8) -> float | None:
    """The smallest true value of a sum that lies beyond the `critical` value so often; None where none ever does."""
    return beyond(found, critical, power) if found else None


def planned(study: Study, found: Mapping[str, Summary], used: Basis, noise: Noise | None) -> Planned:
    """The finished plan of `study`, whose logs hold the summaries `found` with that `noise`; without one it is the first of the
    noises of `used`, no part of which is the seeds'."""
    own = {key: s for key, s in found.items() if used.metric in s.means}
    seeds = {key: {*study.seeds, *(own[key].seeds if key in own else ())} for key in study.labels}
    others = {key: set(s.seeds) for key, s in own.items() if key not in study.labels and s.n > 1}
    extra = {key: s.n - len(set(s.seeds) & set(study.seeds)) for key, s in own.items() if key in study.labels}
    loose = sum(extra.values()) + sum(s.n - 1 for key, s in own.items() if key not in study.labels)
    known = {key: mean.variance for key, s in own.items() if (mean := s.means[used.metric]).variance is not None}
    complete = all(len(s.seeds) == s.n for s in own.values())
    prior = min(noise.prior if noise else UNKNOWN, most_prior(len(seeds) + len(others)))
    seed_sd = noise.seeds.sd if noise and noise.seeds else 0.0
    shared = _shared(study, list(seeds.values()), list(others.values())) if complete else None
    return Planned(used.noises[0], seed_sd, known, prior, extra, len(study.labels), loose, shared)


def _shared(study: Study, seeds: Sequence[set[int]], others: Sequence[set[int]]) -> int:
    """The degrees of freedom that the `seeds` of the planned configurations and those of `others` leave, beside what each planned
    seed brings with it."""
    planned = list(study.seeds)
    fresh = [] if len(planned) > 1 else [max(chain(planned, *seeds, *others), default=0) + 1]  # it takes two to tell them apart
    samples: list[dict[Hashable, float]] = [dict.fromkeys([*own, *fresh], 0.0) for own in seeds]
    samples += [dict.fromkeys(own, 0.0) for own in others]
    left = blocks(samples)
    return (left.df if left else 0) - (len(study.labels) - 1) * (len(planned) + len(fresh) - 1)


def mean_weights(keys: Sequence[str], sign: float = 1.0) -> dict[str, float]:
    """The weights of the mean over configurations, each counted once."""
    return {key: sign / len(keys) for key in keys}


def spread_over(levels: Sequence[Sequence[str]], level_weights: Sequence[float]) -> dict[str, float]:
    """The weights of configurations for those of their levels."""
    weights: dict[str, float] = {}
    for keys, c in zip(levels, level_weights, strict=True):
        for key in keys if c else ():
            weights[key] = weights.get(key, 0.0) + c / len(keys)
    return {key: c for key, c in weights.items() if c}
