"""The runs of configurations by seed in, the noise of each configuration out.

y = the configuration's mean + the seed's effect + the rest. Seeds move all configurations alike; the rest varies by configuration,
and much as it does for the neighbours in score. docs/verdicts.md tells the model, docs/calibration.md how often it errs.
"""

import math
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import chdtri, fdtrc, fdtri, stdtrit
from sweepbook.analysis.stats.grids import additive
from sweepbook.analysis.stats.moderated import prior
from sweepbook.analysis.stats.seeds import ROUNDING, Array, Blocks, Bools, Seeds, blocks

FEW = 10  # degrees of freedom below which the residual of a grid may help out
BLOCKED = 6  # degrees of freedom that seeds have to leave, for them to be taken off
TREND = 12  # configurations from which on noise may go with the score
WILD = 0.001  # how seldom a configuration like its neighbours is taken for outlying
LEAST = 3  # configurations that are never outlying all together
LIGHT = 0.34  # of the weight in a seed's effect, at most, for one configuration
SCARCE = 0.3  # of its degrees of freedom, at least, that a configuration's residuals count for
STEEP = 4.0  # the largest slope of log variance, from the middle of the ranks to an end
UNKNOWN = 4.0  # runs' worth of degrees of freedom that the neighbours count, where too few configurations tell
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


@dataclass(frozen=True)
class Own:
    """The noise of one configuration. `mu` is the variance that its neighbours in score let expect, `own` that of its own runs on
    `own_df` degrees of freedom (None: they do not tell), `variance` what comes of both and `df` what that rests on; `outlying`: it
    varies far more than expected, and its own runs count in full."""

    mu: float
    own: float | None
    variance: float
    df: float
    outlying: bool = False
    own_df: float = 0.0


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

    @property
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


def most_prior(configurations: int) -> float:
    """The degrees of freedom that neighbours count at most, where so many configurations tell of the noise: few of them do not show
    how unlike they are."""
    return min(12.0, 2 + configurations / 6) if configurations >= TREND else UNKNOWN


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
        return replace(known, mu=known.mu * by * by, own=own, variance=known.variance * by * by)

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
    several = [runs if len(runs) > 1 else {} for runs in samples.values()]
    if any(isinstance(seed, str) for runs in several for seed in runs):
        return None
    known = blocks(several)
    if known is None or known.df < BLOCKED:
        return None
    model = _Model(scores, known.n, (known.away**2).sum(1), known.df, known)
    found = model.fitted()
    if found is None:
        return None
    error = known.fit(found.weights, np.array([own.variance for own in found.each])).error
    seeds = known.described(known.fit(found.weights, found.mu), found.typical, error)
    df = sum(len(runs) - 1 for runs in several if runs)
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
    model = _Model(scores, n, squares, df, None)
    found = model.fitted()
    if found is None:
        return None
    alone = both = spread(found.typical * df, df)
    each, weight = found.each, found.prior
    extra = _residual(found.typical * df, df, grids) if df < FEW else None
    if extra and extra.joined:
        both = spread(found.typical * df + extra.spread.sd**2 * extra.spread.df, df + extra.spread.df)
        weight = float(both.df)
        each = [_moderated(both.sd**2, one.own, one.own_df, weight, weight) for one in each]
    by_key = dict(zip(samples, each, strict=True))
    return Noise(both.sd, both.low, both.high, both.df, by_key, None, weight, both.df, model.trend, both.sd, alone, extra)


def _scores(samples: Mapping[str, Runs], sign: int) -> Array:
    """The means, higher being better."""
    return np.array([sign * _mean(sorted(runs.values())) for runs in samples.values()])


def _mean(y: Sequence[float]) -> float:
    """The mean of ascending values, one at least: from the first on, so that equal values have exactly theirs."""
    return y[0] + sum(one - y[0] for one in y) / len(y) if y else math.nan


def _moderated(
    mu: float, own: float | None, df: float, prior_df: float, most: float, outlying: bool = False, beyond: bool = False
) -> Own:
    """What a configuration's neighbours and its own runs come to."""
    if own is None:
        return Own(mu, None, mu, min(prior_df, most))
    variance = (prior_df * mu + df * own) / (prior_df + df)
    variance = max(variance, own) if outlying or beyond else variance
    return Own(mu, own, variance, min(prior_df + df, most), outlying, df)


@dataclass(frozen=True, eq=False)
class _Fitted:
    """The noise of `each` configuration, the variance `mu` that was expected of it and its say in the seeds' effects (`weights`),
    all [k]; the degrees of freedom that neighbours count (`prior`), and the variance of a `typical` configuration."""

    each: Sequence[Own]
    mu: Array
    weights: Array
    prior: float
    typical: float


@dataclass(frozen=True, eq=False)
class _Expected:
    """By rank: the variance `mu` that the others let expect, that of its own runs (`own`), and its say in the seeds' effects
    (`weights`); whether any of those kept `varies`."""

    mu: Array
    own: Array
    weights: Array
    varies: bool


@dataclass(frozen=True, eq=False)
class _Model:
    """Configurations by `scores` [k], their runs that tell of noise `n` [k] (0: none do) with the sums of `squares` [k] about their
    means, `df` degrees of freedom in all, and the blocks that their seeds make."""

    scores: Array
    n: Array
    squares: Array
    df: int
    blocks: Blocks | None

    @property
    def trend(self) -> bool:
        """Whether there are enough for noise to be read off the neighbours in score."""
        return int((self.n > 1).sum()) >= TREND and self.df >= BLOCKED

    @cached_property
    def order(self) -> npt.NDArray[np.intp]:
        """The configurations that tell of noise, the best score first; equal scores in the plan's order."""
        places = np.flatnonzero(self.n > 1)
        ordered = places[np.argsort(-self.scores[places], kind="stable")]
        level = ROUNDING * max(float(np.abs(self.scores[places]).max()), 1e-300)
        tie = np.concatenate([[0], np.cumsum(np.diff(-self.scores[ordered]) > level)])
        return np.asarray(ordered[np.lexsort((ordered, tie))])

    @cached_property
    def usual(self) -> int:
        """The usual number of runs of those that tell of noise, the larger one of a tie."""
        counts = Counter(int(n) for n in self.n[self.order])
        return max(counts, key=lambda n: (counts[n], n))

    def fitted(self) -> _Fitted | None:
        """The noise of each configuration; None where none varies."""
        apart, expected = self._apart()
        if not expected.varies:
            return None
        order, d, kept = self.order, self.n[self.order] - 1, ~apart
        ratio, df = self._ratio(expected, kept)
        weight = self._prior((expected.own / expected.mu)[kept], d[kept])
        far = (ratio > fdtri(d, np.maximum(df, 1), 0.95)) & (df >= 1)
        by_score = order[kept][::-1]
        mu = np.interp(self.scores, self.scores[by_score], expected.mu[kept][::-1])
        each = [_moderated(float(value), None, 0, weight, self.df) for value in mu]
        for rank, place in enumerate(order):
            args = float(expected.mu[rank]), float(expected.own[rank]), float(d[rank]), weight, self.df
            each[place] = _moderated(*args, bool(apart[rank]), bool(far[rank]))
        weights = np.zeros(len(self.n))
        mu[order], weights[order] = expected.mu, expected.weights
        variances = np.array([one.variance for one in each])
        typical = float((weights * variances).sum()) if self.trend else float(expected.mu[0])
        return _Fitted(each, mu, weights, weight, typical)

    def _apart(self) -> tuple[Bools, _Expected]:
        """Which ranks are outlying, set apart one after the other, and what the rest lets expect. Where the rest would not vary at
        all nobody is: it says nothing of noise."""
        d, apart = self.n[self.order] - 1, np.zeros(len(self.order), bool)
        expected = self._expected(~apart)
        while expected.varies and (~apart).sum() > LEAST:
            ratio, df = self._ratio(expected, ~apart)
            beyond = ratio / fdtri(d, np.maximum(df, 1), 1 - WILD / len(d))
            worst = int(np.argmax(np.where(apart, -1.0, beyond)))
            if not beyond[worst] > 1:
                break
            apart[worst] = True
            rest = self._expected(~apart)
            if not rest.varies:
                apart[worst] = False
                break
            expected = rest
        return apart, expected

    def _expected(self, kept: Bools) -> _Expected:
        return self._trend(kept) if self.trend else self._level(kept)

    def _own(self, weights: Array, mu: Array) -> tuple[Array, Array]:
        """The squares of each rank with the seeds' effects taken off, and the degrees of freedom of these."""
        order = self.order
        if self.blocks is None:
            return self.squares[order], self.n[order] - 1
        all_weights, all_mu = np.zeros(len(self.n)), np.ones(len(self.n))
        all_weights[order], all_mu[order] = weights, mu
        fit = self.blocks.fit(all_weights, all_mu)
        return fit.squares[order], fit.df[order]

    def _level(self, kept: Bools) -> _Expected:
        """One noise for all of few configurations."""
        d = self.n[self.order] - 1
        weights = kept / kept.sum()
        squares, df = self._own(weights, np.ones(len(d)))
        mu = np.full(len(d), squares[kept].sum() / df[kept].sum())
        return _Expected(mu, squares / np.maximum(SCARCE * d, df), weights, bool(mu[0] > 0))

    def _trend(self, kept: Bools) -> _Expected:
        """The noise by the neighbours in score, over which a smooth slope runs."""
        d = self.n[self.order] - 1
        own, weights = self.squares[self.order] / d, np.zeros(len(d))
        for _ in range(3):
            mu = self._neighbours(own, kept)
            if not (mu > 0).all():
                return _Expected(mu, own, weights, varies=False)
            weights = kept / mu
            weights = np.minimum(weights / weights.sum(), LIGHT)
            weights /= weights.sum()
            squares, df = self._own(weights, mu)
            own = squares / np.maximum(SCARCE * d, df)
        mu = self._neighbours(own, kept)
        return _Expected(mu, own, weights, bool((mu > 0).all()))

    def _neighbours(self, own: Array, kept: Bools) -> Array:
        """The variance that each rank's neighbours let expect, of those `kept` without itself: half the slope of a gamma regression
        over the ranks, times the mean of the nearest ones once the slope is taken off."""
        d, x = self.n[self.order] - 1, np.linspace(-1, 1, len(own))
        at = np.flatnonzero(kept)
        if not own[at].any():
            return np.zeros(len(own))
        q = min(self._window, len(at) - 1)
        slope = np.exp(_slope(x[at], d[at], own[at]) * x / 2)
        sums = np.cumsum(np.concatenate([[0.0], d[at] * own[at] / slope[at]])), np.cumsum(np.concatenate([[0.0], d[at]]))
        place = np.searchsorted(at, np.arange(len(own)))
        first = np.clip(place - q // 2, 0, len(at) - q - kept)
        last = first + q + kept
        itself = np.where(kept, d * own / slope, 0.0), np.where(kept, d, 0.0)
        over, under = (total[last] - total[first] - one for total, one in zip(sums, itself, strict=True))
        squares, counts = np.cumsum(np.concatenate([[0.0], d[at] * own[at]])), sums[1]
        pools = (squares[q + 1 :] - squares[: -q - 1]) / (counts[q + 1 :] - counts[: -q - 1])
        pooled = squares[-1] / counts[-1]
        mu = np.clip(slope * over / under, pools.min() / 8, 8 * pools.max())
        return np.asarray(np.maximum(mu, pooled / 900))

    @property
    def _window(self) -> int:
        return max(4, math.ceil(12 / (self.usual - 1)))

    def _ratio(self, expected: _Expected, kept: Bools) -> tuple[Array, Array]:
        """Each rank's own variance over what the others let expect, and the degrees of freedom of the latter."""
        d, k, own = self.n[self.order] - 1, int(kept.sum()), expected.own
        if not self.trend:
            left = max(k - 2, 0) if self.blocks else k - 1
            return self._alone(kept), np.full(len(d), float(left * (self.usual - 1)))
        x = np.linspace(-1, 1, len(own))
        middle = float((d * x)[kept].sum() / d[kept].sum())
        lever = d * (x - middle) ** 2 / float((d * (x - middle) ** 2)[kept].sum())
        q = min(self._window, k - 1)
        return own / expected.mu, (self.usual - 1) / (1 / q + lever)

    def _alone(self, kept: Bools) -> Array:
        """Each rank's own variance over that of the others, from a fit without it: else its runs are in the seeds' effects, these
        in what is left of the others, and a wild one of four hides in what it does to them."""
        ratios = np.zeros(len(kept))
        for rank in range(len(kept)):
            rest = kept & (np.arange(len(kept)) != rank)
            if rest.any() and (rest.sum() > 1 or not self.blocks):
                found = self._level(rest)
                with np.errstate(divide="ignore"):
                    ratios[rank] = found.own[rank] / found.mu[0] if found.own[rank] > 0 else 0.0
        return ratios

    def _prior(self, ratios: Array, d: Array) -> float:
        """How much the neighbours count: as much as the scatter of the ratios lets, up to a bound that few configurations lower."""
        found = prior(ratios.tolist(), d.tolist())
        return UNKNOWN if found is None else min(most_prior(len(ratios)), found.df)


def _slope(x: Array, d: Array, own: Array) -> float:
    """The slope of the log variance over `x`: the gamma regression with log link that `d` degrees of freedom weigh, its slope
    bounded. Its score in the slope, the intercept profiled out, rises; it is halved in. 0 where nothing varies."""
    if not (d * own).any():
        return 0.0
    low, high = -STEEP, STEEP
    if not own.any():
        return 0.0

    def score(slope: float) -> float:
        left = d * own * np.exp(-slope * x)
        return float((d * x).sum() - d.sum() * (left * x).sum() / left.sum())

    if score(low) > 0:
        return low
    if score(high) < 0:
        return high
    while high - low > 1e-12:
        middle = (low + high) / 2
        low, high = (low, middle) if score(middle) > 0 else (middle, high)
    return (low + high) / 2


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
