"""Configurations by score with what their runs scatter by in, the noise of each out.

Each is known by its own runs and by its neighbours in score, which vary much as it does; those that vary far more are set apart.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.special import fdtri
from sweepbook.analysis.stats.moderated import prior
from sweepbook.analysis.stats.seeds import ROUNDING, Array, Blocks, Bools

BLOCKED = 6  # degrees of freedom that seeds have to leave, for them to be taken off
TREND = 12  # configurations from which on noise may go with the score
WILD = 0.001  # how seldom a configuration like its neighbours is taken for outlying
LEAST = 3  # configurations that are never outlying all together
LIGHT = 0.34  # of the weight in a seed's effect, at most, for one configuration
SCARCE = 0.3  # of its degrees of freedom, at least, that a configuration's residuals count for
STEEP = 4.0  # the largest slope of log variance, from the middle of the ranks to an end
UNKNOWN = 4.0  # runs' worth of degrees of freedom that the neighbours count, where too few configurations tell


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


def most_prior(configurations: int) -> float:
    """The degrees of freedom that neighbours count at most, where so many configurations tell of the noise: few of them do not show
    how unlike they are."""
    return min(12.0, 2 + configurations / 6) if configurations >= TREND else UNKNOWN


def moderated(
    mu: float, own: float | None, df: float, prior_df: float, most: float, outlying: bool = False, beyond: bool = False
) -> Own:
    """What a configuration's neighbours and its own runs come to."""
    if own is None:
        return Own(mu, None, mu, min(prior_df, most))
    variance = (prior_df * mu + df * own) / (prior_df + df)
    variance = max(variance, own) if outlying or beyond else variance
    return Own(mu, own, variance, min(prior_df + df, most), outlying, df)


@dataclass(frozen=True, eq=False)
class Fitted:
    """The noise of `each` configuration, the variance `mu` that was expected of it and its say in the seeds' effects (`weights`),
    all [k]; the degrees of freedom that neighbours count (`prior`), and the variance of a `typical` configuration."""

    each: Sequence[Own]
    mu: Array
    weights: Array
    prior: float
    typical: float


@dataclass(frozen=True, eq=False)
class Expected:
    """By rank: the variance `mu` that the others let expect, that of its own runs (`own`), and its say in the seeds' effects
    (`weights`); whether any of those kept `varies`."""

    mu: Array
    own: Array
    weights: Array
    varies: bool


@dataclass(frozen=True, eq=False)
class Model:
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

    def fitted(self) -> Fitted | None:
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
        own: dict[int, Own] = {}
        for rank, place in enumerate(order.tolist()):
            args = float(expected.mu[rank]), float(expected.own[rank]), float(d[rank]), weight, self.df
            own[place] = moderated(*args, bool(apart[rank]), bool(far[rank]))
        each = [own.get(place) or moderated(value, None, 0, weight, self.df) for place, value in enumerate(mu.tolist())]
        weights = np.zeros(len(self.n))
        mu[order], weights[order] = expected.mu, expected.weights
        variances = np.array([one.variance for one in each])
        typical = float((weights * variances).sum()) if self.trend else float(expected.mu[0])
        return Fitted(each, mu, weights, weight, typical)

    def _apart(self) -> tuple[Bools, Expected]:
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

    def _expected(self, kept: Bools) -> Expected:
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

    def _level(self, kept: Bools) -> Expected:
        """One noise for all of few configurations."""
        d = self.n[self.order] - 1
        weights = kept / kept.sum()
        squares, df = self._own(weights, np.ones(len(d)))
        mu = np.full(len(d), squares[kept].sum() / df[kept].sum())
        return Expected(mu, squares / np.maximum(SCARCE * d, df), weights, bool(mu[0] > 0))

    def _trend(self, kept: Bools) -> Expected:
        """The noise by the neighbours in score, over which a smooth slope runs."""
        d = self.n[self.order] - 1
        own, weights = self.squares[self.order] / d, np.zeros(len(d))
        for _ in range(3):
            mu = self._neighbours(own, kept)
            if not (mu > 0).all():
                return Expected(mu, own, weights, varies=False)
            weights = kept / mu
            weights = np.minimum(weights / weights.sum(), LIGHT)
            weights /= weights.sum()
            squares, df = self._own(weights, mu)
            own = squares / np.maximum(SCARCE * d, df)
        mu = self._neighbours(own, kept)
        return Expected(mu, own, weights, bool((mu > 0).all()))

    def _neighbours(self, own: Array, kept: Bools) -> Array:
        """The variance that each rank's neighbours let expect, of those `kept` without itself: half the slope of a gamma regression
        over the ranks, times the mean of the nearest ones once the slope is taken off."""
        d, x = self.n[self.order] - 1, np.linspace(-1, 1, len(own))
        at = np.flatnonzero(kept)
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

    def _ratio(self, expected: Expected, kept: Bools) -> tuple[Array, Array]:
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
        """As `_left_out` has it, which takes nearly all the time of few configurations; the last one to be set apart asks for it
        once more."""
        key = kept.tobytes()
        if key not in self._known:
            self._known[key] = self._left_out(kept)
        return self._known[key]

    @cached_property
    def _known(self) -> dict[bytes, Array]:
        return {}

    def _left_out(self, kept: Bools) -> Array:
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
    weight, total, middle, both = d * own, float(d.sum()), float((d * x).sum()), np.array([x, np.ones(len(x))])

    def score(slope: float) -> float:  # a hundred times a fit: two sums in one product
        first, whole = (both @ (weight * np.exp(-slope * x))).tolist()
        return float(middle - total * first / whole)

    if score(low) > 0:
        return low
    if score(high) < 0:
        return high
    while high - low > 1e-12:
        between = (low + high) / 2
        low, high = (low, between) if score(between) > 0 else (between, high)
    return (low + high) / 2
