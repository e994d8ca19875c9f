"""Means of configurations in, a verdict out, with the interval that it rests on.

Every kind of prediction comes to one number and a region that it is claimed to lie in. Confirmed: its interval lies inside;
refuted: the interval lies outside; else it cannot be told. The interval is made so that a verdict is false in at most 5% of
studies, whatever is tested within the prediction, also where all configurations are equal. Where the noise is not known there
is no interval, and no verdict.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from scipy.special import stdtr
from sweepbook.analysis.stats.contrasts import Contrast, Difference, contrast
from sweepbook.analysis.stats.means import Mean, t_quantile
from sweepbook.analysis.stats.pairs import Pairs
from sweepbook.analysis.stats.power import noncentrality, runs_needed
from sweepbook.analysis.stats.quantiles import correlation, dunnett, tukey

CONFIRMED, REFUTED, UNTOLD, EMPTY = "confirmed", "refuted", "cannot tell", "says nothing"
VERDICTS = (CONFIRMED, REFUTED, UNTOLD, EMPTY)
DECIDED = (CONFIRMED, REFUTED)
MANY_DF = 1e6  # degrees of freedom that stand for a noise known exactly
STEEPEST = 1000.0  # standard errors; what takes more of them to be found is never found
Side: TypeAlias = Mapping[str, Mean]  # by configuration
Bounds: TypeAlias = tuple[float | None, float | None]  # the region that is claimed; None leaves a side open
ABOVE: Bounds = (0.0, None)


@dataclass(frozen=True)
class Reading:
    """What a prediction comes to: the `estimate` of `about` (difference, value, gap, widest gap, rise, step, bend, bests, ranges)
    with the interval that decides, held against `bounds`.

    `tests` is the number of tests that the interval is corrected for; `one_sided` says that each of its ends holds at 95% alone.
    `resolves` is the smallest distance from a bound that these runs find in 4 of 5 studies, at the level of the test that
    decides; `seeds` what each configuration needs for the distance seen. `tipping` is there where the noise is not known: the
    noise below which the verdict would be told. `step` is the place of the first of two neighbours, where these decide.
    """

    about: str
    estimate: float
    low: float | None
    high: float | None
    bounds: Bounds
    tests: int = 1
    one_sided: bool = False
    resolves: float | None = None
    seeds: int | None = None
    tipping: float | None = None
    step: int | None = None

    @property
    def verdict(self) -> str:
        """Where the interval lies. The bounds themselves belong to neither side."""
        lower, upper = self.bounds
        if self.low is None or self.high is None:
            return UNTOLD
        if (lower is None or self.low > lower) and (upper is None or self.high < upper):
            return CONFIRMED
        if (lower is not None and self.high < lower) or (upper is not None and self.low > upper):
            return REFUTED
        return UNTOLD


@dataclass(frozen=True)
class Sum:
    """A contrast of configurations; `single` is its standard error for a noise of 1 and one run each, what borrowing costs left
    out: √(Σ c²). `arms` of them have `runs` runs at least."""

    contrast: Contrast
    single: float
    arms: int
    runs: int


def combined(terms: Iterable[tuple[Side, float]]) -> Sum:
    """The sum of each side's mean times its weight, every configuration of a side counted once. One that is on several sides
    counts once, with the sum of its weights."""
    means: dict[str, Mean] = {}
    weights: dict[str, float] = {}
    for side, weight in terms:
        for key, mean in side.items():
            means[key] = mean
            weights[key] = weights.get(key, 0.0) + weight / len(side)
    least = 1e-12 * max(map(abs, weights.values()), default=0.0)  # what rounding leaves of weights that cancel
    kept = sorted(key for key, weight in weights.items() if abs(weight) > least)
    single = float(np.sqrt(sum(sorted(weights[key] ** 2 for key in kept))))
    made = contrast([means[key] for key in kept], [weights[key] for key in kept])
    return Sum(made, single, len(kept), min((means[key].n for key in kept), default=1))


def held(about: str, made: Sum, bounds: Bounds, *, tests: int = 1, one_sided: bool = False) -> Reading:
    """A sum held against `bounds` by its t interval of 95%, Bonferroni's for so many `tests`."""
    found = made.contrast.interval(0.90 if one_sided else 0.95, tests)
    reading = Reading(about, found.estimate, found.low, found.high, bounds, tests, one_sided)
    return judged(reading, made)


def rising(levels: Sequence[Side], upwards: bool) -> Reading:
    """Whether the means of two or more `levels` rise (or fall) over their ranks and never turn.

    The trend is the least-squares line over the ranks, its rise that from the first level to the last. It is tested on both
    sides, and each pair of neighbours against a turn, together after Holm (1979). A pair that is told to turn refutes; else the
    trend decides. Each interval is corrected for as many tests as Holm's procedure has left when it comes to it.
    """
    bounds: Bounds = ABOVE if upwards else (None, 0.0)
    trend = combined(zip(levels, rank_weights(len(levels)), strict=True))
    steps = [combined([(a, -1.0), (b, 1.0)]) for a, b in pairwise(levels)] if len(levels) > 2 else []
    turns = [step.contrast.p_below() if upwards else step.contrast.p_above() for step in steps]
    counts = holm_counts([trend.contrast.p(), *turns])
    whole = held("rise", trend, bounds, tests=counts[0])
    pairs = [
        replace(held("step", step, bounds, tests=count, one_sided=True), step=place)
        for place, (step, count) in enumerate(zip(steps, counts[1:], strict=True))
    ]
    worst = min(pairs, key=lambda pair: turns[pair.step or 0], default=whole)
    if whole.low is None:
        against = [one for one in (whole, *pairs) if (one.estimate < 0 if upwards else one.estimate > 0)]
        return max(against, key=lambda one: one.tipping or 0.0, default=whole)
    return worst if worst.verdict == REFUTED != whole.verdict else whole


def holm_counts(ps: Sequence[float], level: float = 0.05) -> list[int]:
    """How many tests each is corrected for in Holm's (1979) step-down procedure: those that are left when its turn comes, or when
    the procedure stops.

    >>> holm_counts([0.3, 0.001, 0.02])
    [1, 3, 2]
    """
    counts, left = [0] * len(ps), len(ps)
    for i in sorted(range(len(ps)), key=lambda i: ps[i]):
        counts[i] = left
        left -= left * ps[i] <= level and left > 1
    return counts


def rank_weights(k: int) -> list[float]:
    """The weights of `k` means that give the rise of the least-squares line over their ranks, from the first to the last.

    >>> rank_weights(3)
    [-1.0, 0.0, 1.0]
    """
    return [(k - 1) * weight for weight in slope_weights(range(k))]


def slope_weights(x: Sequence[float]) -> list[float]:
    """The weights of the means at `x` [two or more, different] that give the slope of the least-squares line."""
    middle = float(np.mean(x))
    squares = float(np.sum((np.asarray(x, float) - middle) ** 2))
    return [(value - middle) / squares for value in x]


def diminishing(levels: Sequence[Side], x: Sequence[float], sign: int) -> Reading:
    """Whether the means of three or more `levels` at `x` improve, and by less and less: the slope over the first half of the
    levels above that over the second, and the rise over their ranks above 0. Both halves have the middle level; of an even
    number of levels both middle ones.

    The difference of the slopes is told as the bend that it makes: how far the curve lies above a straight line in the middle.
    Confirmed needs both, each at 2.5% one-sided (an intersection-union test, Berger 1982, Technometrics 24); refuted either, at
    2.5% over the two. So the lower end of the interval leaves out 2.5%, the upper 1.25%.
    """
    k = len(levels)
    early, late = slice(0, k // 2 + 1), slice((k - 1) // 2, k)
    spans = [x[part][-1] - x[part][0] for part in (early, late)]
    scale = spans[0] * spans[1] / (spans[0] + spans[1])
    weights = np.zeros(k)
    weights[early] += slope_weights(x[early])
    weights[late] -= slope_weights(x[late])
    bend = _leaning("bend", combined(zip(levels, (sign * scale * weights).tolist(), strict=True)))
    rise = _leaning("rise", combined(zip(levels, [sign * weight for weight in rank_weights(k)], strict=True)))
    if bend.low is None or rise.low is None:
        against = [one for one in (bend, rise) if one.estimate <= 0]
        if against:
            return max(against, key=lambda one: one.tipping or 0.0)
        return min((bend, rise), key=lambda one: one.tipping or 0.0)
    if REFUTED in (bend.verdict, rise.verdict):
        return bend if bend.verdict == REFUTED else rise
    return rise if bend.verdict == CONFIRMED and rise.verdict == UNTOLD else bend


def _leaning(about: str, made: Sum) -> Reading:
    """A sum held against 0 by an interval that leaves out 2.5% below and 1.25% above."""
    reading = Reading(about, made.contrast.estimate, made.contrast.interval().low, made.contrast.interval(of=2).high, ABOVE, 2)
    return judged(reading, made)


def widest(sides: Sequence[Side], most: float) -> Reading:
    """Whether the largest of several values is at most `most`; each side is one configuration.

    The largest lies below the largest of their upper ends of 95%, for its own is among them; and above the largest of their
    lower ends of 95% together (Bonferroni)."""
    sums = [combined([(side, 1.0)]) for side in sides]
    top = max(sums, key=lambda made: made.contrast.estimate)
    lows = [made.contrast.interval(0.90, len(sums)).low for made in sums]
    highs = [made.contrast.interval(0.90).high for made in sums]
    told = None not in lows and None not in highs
    low, high = (max(end for end in ends if end is not None) if told else None for ends in (lows, highs))
    reading = Reading("widest gap", top.contrast.estimate, low, high, (None, most), len(sums), True)
    reading = judged(reading, top)
    if low is not None or reading.tipping is None:
        return reading
    above = top.contrast.estimate > most
    tips = [made.contrast.tipping_sd(most, 1 - 0.10 / (len(sums) if above else 1)) for made in sums]
    over = [tip for tip, made in zip(tips, sums, strict=True) if made.contrast.estimate > most]
    return replace(reading, tipping=max(over) if over else min(tips))


def best_against_best(own: Side, other: Side, sign: int, tier: Collection[str] | None = None) -> Reading:
    """How far the best of `own` is ahead of the best of `other`, with an interval corrected for the choice of both.

    Every difference to the best of `other` is above its lower end with 97.5%, by Dunnett's (1955) one-sided critical value for
    as many means as `own` has, so the true lead is above the smallest over `other` of the largest lower end over `own`; and the
    other way round (after Hsu 1984, Annals of Statistics 12). A configuration that is in both is exactly as good as itself.

    Where both come from one group and `tier` is its first tier, the interval tells no more than the tier does: it leaves out 0
    only where the tier lies within `own`, or has nothing of it, too.
    """
    errors = [mean.error for mean in (*own.values(), *other.values())]
    tops = [max(side, key=lambda key: (sign * side[key].value, key)) for side in (own, other)]
    top = combined([({tops[0]: own[tops[0]]}, sign), ({tops[1]: other[tops[1]]}, -sign)])
    start = Reading("bests", top.contrast.estimate, None, None, ABOVE, max(len(own), len(other)))
    if None in errors:
        return judged(start, top)
    known = sorted(error or 0.0 for error in errors)
    rho = correlation(known[0], known[-1])
    whole = len(own) + len(other) if tier else 0

    def half(made: Contrast, count: int) -> float:
        return made.half(lambda df: _critical(count, round(df, 2), rho, whole)) or 0.0

    fronts = _front(own, sign), _front(other, sign)
    low = min(max(_ahead(own, a, other, b, sign, lambda c: -half(c, len(own))) for a in fronts[0]) for b in other)
    high = max(min(_ahead(own, a, other, b, sign, lambda c: half(c, len(other))) for b in fronts[1]) for a in own)
    if tier and not set(tier) <= set(own):
        low = min(low, 0.0)
    if tier and set(tier) & set(own):
        high = max(high, 0.0)
    return judged(replace(start, low=low, high=high), top)


def _ahead(own: Side, a: str, other: Side, b: str, sign: int, end: Callable[[Contrast], float]) -> float:
    """One end of how far `a` is ahead of `b`: 0 exactly for a configuration and itself."""
    if a == b:
        return 0.0
    made = contrast([own[a], other[b]], [sign, -sign])
    return made.estimate + end(made)


def _critical(count: int, df: float, rho: float, tier: int) -> float:
    own = dunnett(count, df, rho, 0.975)
    return max(own, tukey(tier, df)) if tier else own


def _front(side: Side, sign: int) -> list[str]:
    """Those that none is better and more precise than: enough of a side to find an end that is never too narrow."""
    found: list[str] = []
    for key in sorted(side, key=lambda key: (-sign * side[key].value, side[key].error or 0.0, key)):
        if all((side[key].error or 0.0) < (side[one].error or 0.0) for one in found):
            found.append(key)
    return found


def pair(means: Sequence[Mean], i: int, j: int) -> Reading:
    """How far one of several `means` lies from another, by the interval with which tiers hold it: that of all pairs at once."""
    made = combined([({"a": means[i]}, 1.0), ({"b": means[j]}, -1.0)])
    apart = made.contrast.within(Pairs([[mean] for mean in means]).of(i, j))
    return judged(Reading("difference", apart.estimate, apart.low, apart.high, ABOVE, len(means) * (len(means) - 1) // 2), made)


def ranges(a: tuple[Difference, Sequence[Side]], b: tuple[Difference, Sequence[Side]]) -> Reading:
    """How much wider the range of the levels of `a` is than that of `b`, each a range with its interval and its levels. The
    interval holds where both of theirs do: at 95%, for two of 97.5%."""
    low = high = None
    if a[0].low is not None and a[0].high is not None and b[0].low is not None and b[0].high is not None:
        low, high = a[0].low - b[0].high, a[0].high - b[0].low
    terms: list[tuple[Side, float]] = []
    width = 0.0  # half of both intervals together, for a noise of 1 that is known exactly
    for (_, levels), sign in ((a, 1.0), (b, -1.0)):
        ends = sorted(levels, key=lambda side: combined([(side, 1.0)]).contrast.estimate)
        own = [(ends[-1], sign), (ends[0], -sign)]
        terms += own
        width += tukey(len(ends), MANY_DF, 0.975) * combined(own).contrast.unit
    estimate = a[0].estimate - b[0].estimate
    reading = judged(Reading("ranges", estimate, low, high, ABOVE, 2), combined(terms))
    return reading if low is not None else replace(reading, tipping=abs(estimate) / width if estimate and width else None)


def judged(reading: Reading, made: Sum) -> Reading:
    """A reading with what its runs resolve and what would decide, or with the tipping noise, by the sum that it is of."""
    known = [bound for bound in reading.bounds if bound is not None]
    nearest = min(known, key=lambda bound: abs(reading.estimate - bound))
    distance = abs(reading.estimate - nearest)
    if reading.low is None or reading.high is None:
        tip = made.contrast.tipping_sd(nearest, 1 - (0.10 if reading.one_sided else 0.05) / reading.tests)
        return replace(reading, tipping=tip if 0 < tip < float("inf") else None)
    half = reading.estimate - reading.low if reading.estimate > nearest else reading.high - reading.estimate
    error, df = max(made.contrast.errors, key=lambda one: one[0] * t_quantile(one[1], 0.975), default=(0.0, 1.0))
    if not error > 0 or not half / error < STEEPEST:
        return reading
    level = 1 - 2 * float(stdtr(df, -half / error))
    errors = noncentrality(df, level=level)
    resolves = errors * error if errors < STEEPEST else None
    sd = error / made.contrast.unit
    seeds = runs_needed(distance, made.single, sd, df, level=level, arms=made.arms, runs=made.runs) if distance else None
    return replace(reading, resolves=resolves, seeds=seeds)
