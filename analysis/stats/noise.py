"""The runs of configurations by seed in, the noise of each configuration out.

y = the configuration's mean + the seed's effect + the rest. Seeds move all configurations alike; the rest varies by configuration,
and much as it does for the neighbours in score. docs/verdicts.md tells the model, docs/calibration.md how often it errs.
"""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import chdtri, fdtrc, stdtrit
from sweepbook.analysis.stats.grids import additive
from sweepbook.analysis.stats.neighbours import BLOCKED, Model, Own, moderated
from sweepbook.analysis.stats.seeds import ROUNDING, Array, Seeds, blocks

FEW = 10  # degrees of freedom below which the residual of a grid may help out
SMALLEST = 1e-280  # a sum of squares that counts: a float holds smaller ones with few digits, or none
LARGEST = 1e304  # of a square, so that a sum of some is still a number

Runs: TypeAlias = Mapping[Hashable, float]  # values by seed; a run whose seed is not known by a string of its own


@dataclass(frozen=True)
class Spread:
    """A standard deviation, its 95% interval, and the degrees of freedom that it rests on."""

    sd: float
    low: float
    high: float
    df: int


@dataclass(frozen=True)
class Residual:
    """What the additive fit of a grid of single runs leaves over. `p` is that of the two-sided F test of its variance against
    the replicates' (1 where there is none to test against); `joined` says whether it was pooled with them."""

    grid: str
    spread: Spread
    p: float
    joined: bool


@dataclass(frozen=True, eq=False)
class Known:
    """What the means of one metric have in common: the seeds' part of the noise (None: runs count as independent), the degrees of
    freedom `prior` that the neighbours of a configuration count, and those that the runs of all so many `configurations` leave,
    `df_error`."""

    seeds: Seeds | None = None
    prior: float = 0.0
    df_error: float = math.inf
    configurations: int = 1


@dataclass(frozen=True, eq=False)
class Noise(Spread):
    """The noise of a metric. `sd` is the standard deviation between runs of a typical configuration, with its interval; `each` the
    noise of every configuration, the seed's part taken off. `seeds` has that part (None: runs count as independent); `prior` (d₀)
    are the degrees of freedom that the neighbours of a configuration count beside its own runs, `df_error` those that runs leave
    in all. `trend`: noise goes with the score. `rest` is the standard deviation of a typical configuration without the seed's part.

    `replicates` is the spread of the replicates alone, `residual` what a grid added or was refused.
    """

    each: Mapping[str, Own]
    seeds: Seeds | None
    prior: float
    df_error: float
    trend: bool
    rest: float
    replicates: Spread
    residual: Residual | None

    @cached_property
    def known(self) -> Known:
        """What every mean of the metric rests on."""
        return Known(self.seeds, self.prior, self.df_error, len(self.each))

    @cached_property
    def outlying(self) -> frozenset[str]:
        """The configurations that vary far more than expected."""
        return frozenset(key for key, own in self.each.items() if own.outlying)

    def ruler(self, n: int) -> float:
        """The difference from which on two means of `n` runs each of typical configurations, at the same seeds, are told apart:
        t(df, 0.975) · sd · κ(n) · √(2 / n)."""
        return float(stdtrit(self.pair_df(n), 0.975)) * self.rest * borrowed(n) * float(np.sqrt(2 / n))

    def pair_df(self, n: int) -> float:
        """The degrees of freedom of that difference: what two equal parts come to (Satterthwaite), those of all runs at most."""
        return min(2 * (self.prior + n - 1), self.df_error)


def borrowed(n: int) -> float:
    """What a mean of `n` runs pays for taking its noise from other configurations: κ = 1.5, 1.25, 1 for 1, 2, 3 or more."""
    return {1: 1.5, 2: 1.25}.get(n, 1.0)


def spread(squares: float, df: float, level: float = 0.95) -> Spread:
    """The standard deviation of a sum of `squares` on `df` degrees of freedom, with its χ² interval.

    >>> found = spread(4.0, 2)
    >>> round(found.sd, 4), round(found.low, 4), round(found.high, 4)
    (1.4142, 0.7363, 8.888)
    """
    tail = (1 - level) / 2
    low, high = (float(np.sqrt(squares / chdtri(df, upper))) for upper in (tail, 1 - tail))
    return Spread(float(np.sqrt(squares / df)), low, high, int(df))


def noise(
    samples: Mapping[str, Runs],
    sign: int = 1,
    grids: Mapping[str, npt.NDArray[np.float64]] | None = None,
    scores: Mapping[str, float] | None = None,
) -> Noise | None:
    """The noise of `samples`, each a configuration's runs by seed, in the plan's order; `sign` is 1 where higher is better, else
    -1. None where no configuration has two runs, or none varies by what a float has the digits for. `scores` say who is a neighbour
    of whom, where the means of the samples do not.

    `grids` are full two-factor tables of single runs: with fewer than 10 degrees of freedom from replicates the residual of the
    widest one's additive fit joins, unless it differs (F, p ≤ 0.05).

    >>> found = noise({"a": {0: 1.0, 1: 3.0}, "b": {0: 4.0, 1: 2.0}, "c": {0: 5.0}})
    >>> round(found.sd, 4), found.df, found.seeds, round(found.each["c"].variance, 4)
    (1.4142, 2, None, 2.0)
    """
    largest = max((abs(y) for runs in samples.values() for y in runs.values()), default=0.0)
    scale = 2.0 ** math.frexp(largest)[1] if largest else 1.0  # of two, so that no digit changes; no square overflows
    scaled = {key: {seed: y / scale for seed, y in runs.items()} for key, runs in samples.items()}
    tables = {name: table / scale for name, table in (grids or {}).items()}
    ranked = _scores(scaled, sign) if scores is None else np.array([sign * scores[key] for key in samples])
    found = _blocked(scaled, ranked) or _independent(scaled, ranked, tables)
    if found is None or scale * scale > LARGEST or not held(found.rest * scale * found.rest * scale):
        return None
    return _times(found, scale)


def _times(found: Noise, by: float) -> Noise:
    """The same noise, of values that are so many times as large."""

    def of(known: Spread) -> Spread:
        return Spread(known.sd * by, known.low * by, known.high * by, known.df)

    def each(known: Own) -> Own:
        own = None if known.own is None else known.own * by * by
        return Own(known.mu * by * by, own, known.variance * by * by, known.df, known.outlying, known.own_df)

    whole, seeds, residual = of(found), found.seeds, found.residual
    effects = {seed: a * by for seed, a in seeds.effects.items()} if seeds else {}
    return replace(
        found,
        sd=whole.sd,
        low=whole.low,
        high=whole.high,
        each={key: each(known) for key, known in found.each.items()},
        seeds=replace(seeds, effects=effects, sd=seeds.sd * by, scatter=seeds.scatter * by) if seeds else None,
        rest=found.rest * by,
        replicates=of(found.replicates),
        residual=replace(residual, spread=of(residual.spread)) if residual else None,
    )


def _blocked(samples: Mapping[str, Runs], scores: Array) -> Noise | None:
    """With the seeds' effects taken off; None where the design does not allow it, or leaves nothing of the noise."""
    several = [runs for runs in samples.values() if len(runs) > 1]
    known = blocks([{seed: y for seed, y in runs.items() if not isinstance(seed, str)} for runs in samples.values()])
    if known is None or known.df < BLOCKED:
        return None
    model = Model(scores, known.n, (known.away**2).sum(1), known.df, known)
    found = model.fitted()
    if found is None:
        return None
    error = known.fit(found.weights, np.array([own.variance for own in found.each])).error
    seeds = known.described(known.fit(found.weights, found.mu), found.typical, error)
    df = sum(len(runs) - 1 for runs in several)
    whole = spread((found.typical + seeds.sd**2) * df, df)
    each = dict(zip(samples, found.each, strict=True))
    rest = found.typical**0.5
    return Noise(whole.sd, whole.low, whole.high, df, each, seeds, found.prior, known.df, model.trend, rest, whole, None)


def _independent(samples: Mapping[str, Runs], scores: Array, grids: Mapping[str, npt.NDArray[np.float64]]) -> Noise | None:
    """With all runs independent."""
    n = np.array([len(runs) if len(runs) > 1 else 0 for runs in samples.values()], float)
    df = int((n[n > 0] - 1).sum())
    if not df:
        return None
    squares = np.array([_squares(np.sort(list(runs.values()))) for runs in samples.values()])
    model = Model(scores, n, squares, df, None)
    found = model.fitted()
    if found is None:
        return None
    alone = both = spread(found.typical * df, df)
    each, weight = found.each, found.prior
    extra = _residual(found.typical * df, df, grids) if df < FEW else None
    if extra and extra.joined:
        both = spread(found.typical * df + extra.spread.sd**2 * extra.spread.df, df + extra.spread.df)
        weight = float(both.df)
        each = [moderated(both.sd**2, one.own, one.own_df, weight, weight) for one in each]
    by_key = dict(zip(samples, each, strict=True))
    return Noise(both.sd, both.low, both.high, both.df, by_key, None, weight, both.df, model.trend, both.sd, alone, extra)


def _scores(samples: Mapping[str, Runs], sign: int) -> Array:
    """The means, higher being better."""
    return np.array([sign * _mean(sorted(runs.values())) for runs in samples.values()])


def _mean(y: Sequence[float]) -> float:
    """The mean of ascending values, one at least: from the first on, so that equal values have exactly theirs."""
    return y[0] + sum(one - y[0] for one in y) / len(y) if y else math.nan


def _squares(y: Array) -> float:
    """Σ(y - ȳ)² of ascending values; 0 where they differ by no more than rounding, as the difference to a rounded mean does not."""
    away = y - y[0] if len(y) else np.zeros(1)
    if away[-1] <= ROUNDING * max(np.abs(y), default=0.0):
        return 0.0
    return held(float(((away - away.mean()) ** 2).sum()))


def held(squares: float) -> float:
    """A sum of `squares`, as far as a float has the digits for it."""
    return squares if squares > SMALLEST else 0.0


def _residual(squares: float, df: int, grids: Mapping[str, npt.NDArray[np.float64]]) -> Residual | None:
    """What the largest grid's additive fit leaves over, and whether it may join the pool of the replicates."""
    name = max(grids, key=lambda key: (grids[key].size, key), default=None)
    if name is None:
        return None
    fit = additive(grids[name])
    left = held(float((fit.residuals**2).sum()))
    if not fit.df or not left > 0:
        return None
    found, ratio = spread(left, fit.df), left / fit.df / (squares / df)
    upper = float(fdtrc(fit.df, df, ratio))
    p = 2 * min(upper, 1 - upper)
    return Residual(name, found, p, p > 0.05)
