"""Means of configurations in, a verdict out, with the interval that it rests on.

Every kind of prediction comes to one number and a region that it is claimed to lie in. Confirmed: its interval lies inside;
refuted: the interval lies outside; else it cannot be told. The interval is made so that a verdict is false in at most 5% of
studies, whatever is tested within the prediction, also where all configurations are equal. Where the noise is not known there
is no interval, and no verdict.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

from scipy.special import stdtr
from sweepbook.analysis.predictions.verdict import CONFIRMED, REFUTED, UNTOLD
from sweepbook.analysis.stats.contrasts import Contrast, contrast
from sweepbook.analysis.stats.means import Mean, t_quantile
from sweepbook.analysis.stats.power import Arm, Errors, errors, reach, runs_needed
from sweepbook.analysis.stats.tiers import all_pairs

STEEPEST = 1000.0  # standard errors; what takes more of them to be found is never found
Side: TypeAlias = Mapping[str, Mean]  # by configuration
Pair: TypeAlias = tuple[str, str]
Bounds: TypeAlias = tuple[float | None, float | None]  # the region that is claimed; None leaves a side open
ABOVE: Bounds = (0.0, None)


@dataclass(frozen=True)
class Reading:
    """What a prediction comes to: the `estimate` of `about` (difference, value, gap, widest gap, rise, step, bend, bests, ranges)
    with the interval that decides, held against `bounds`.

    `tests` is the number of tests that the interval is corrected for; `one_sided` says that each of its ends holds at 95% alone.
    `resolves` is the smallest distance from a bound that these runs find in 4 of 5 studies, at the level of the test that
    decides; `seeds` what each configuration needs for the distance seen. `tipping` is there where the noise is not known: the
    noise below which the verdict would be told. `step` is the place of the first of two neighbours, where these decide. `ends`
    has the two configurations that set each end of a best against a best, None where it is the two best means themselves.
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
    ends: tuple[Pair | None, ...] = ()

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
    """A weighted sum of the means of configurations, [`means`] times [`weights`], and what it comes to, `contrast`. `sides`: a side
    has several configurations."""

    contrast: Contrast
    means: tuple[Mean, ...]
    weights: tuple[float, ...]
    sides: bool

    def future(self, n: int) -> Errors:
        """The errors of the sum once every configuration of the study has run with the same `n` seeds, the noise being as it is
        known now. Where a side has several, what seeds do to one and not to another stays as large as it was seen to be."""
        known = self.means[0].known
        fresh = max(0, n - min(mean.n for mean in self.means))
        df_error = known.df_error + (known.configurations - bool(known.seeds)) * fresh
        df = max(known.prior + n - 1, 1.0)
        arms = [Arm(c, mean.variance or 0.0, n, df) for mean, c in zip(self.means, self.weights, strict=True)]
        effects = (known.seeds.sd, known.seeds.scatter) if known.seeds else None
        (error, df), *luck = errors(arms, n, df_error, effects, self.sides)
        return ((error * self._scatter, df), *luck)

    @cached_property
    def _scatter(self) -> float:
        """How many times as large as without it the standard error is for the scatter of the sum from seed to seed."""
        if not self.sides or not self.contrast.errors:
            return 1.0
        plain = contrast(self.means, self.weights).errors[0][0]
        return self.contrast.errors[0][0] / plain if plain > 0 else 1.0


def combined(terms: Iterable[tuple[Side, float]]) -> Sum:
    """The sum of each side's mean times its weight, every configuration of a side counted once. One that is on several sides
    counts once, with the sum of its weights."""
    terms = list(terms)
    means: dict[str, Mean] = {}
    weights: dict[str, float] = {}
    for side, weight in terms:
        for key, mean in side.items():
            means[key] = mean
            weights[key] = weights.get(key, 0.0) + weight / len(side)
    least = 1e-12 * max(map(abs, weights.values()), default=0.0)  # what rounding leaves of weights that cancel
    kept = sorted(key for key, weight in weights.items() if abs(weight) > least)
    own, by = tuple(means[key] for key in kept), tuple(weights[key] for key in kept)
    sides = any(len(side) > 1 for side, _ in terms)
    return Sum(contrast(own, by, sides), own, by, sides)


def held(about: str, total: Sum, bounds: Bounds, *, tests: int = 1, one_sided: bool = False) -> Reading:
    """A sum held against `bounds` by its t interval of 95%, Bonferroni's for so many `tests`."""
    interval = total.contrast.interval(0.90 if one_sided else 0.95, tests)
    return judged(Reading(about, interval.estimate, interval.low, interval.high, bounds, tests, one_sided), total)


def judged(reading: Reading, total: Sum) -> Reading:
    """The reading of the sum `total`, completed: with an interval, what the runs resolve and the seeds that would decide; without
    one, the noise below which there would be a verdict."""
    bounds = [bound for bound in reading.bounds if bound is not None]
    nearest = min(bounds, key=lambda bound: abs(reading.estimate - bound))
    distance = abs(reading.estimate - nearest)
    if reading.low is None or reading.high is None:
        tip = total.contrast.tipping_sd(nearest, 1 - (0.10 if reading.one_sided else 0.05) / reading.tests)
        return replace(reading, tipping=tip if 0 < tip < float("inf") else None)
    half = reading.estimate - reading.low if reading.estimate > nearest else reading.high - reading.estimate
    now = total.contrast.errors
    error, df = max(now, key=lambda known: known[0] * t_quantile(known[1], 0.975), default=(0.0, 1.0))
    if not error > 0 or not half / error < STEEPEST:
        return reading
    level = 1 - 2 * float(stdtr(df, -half / error))  # that of a t interval which is as wide
    resolves = reach(now, level=level)
    seeds = runs_needed(distance, total.future, level) if distance else None
    return replace(reading, resolves=resolves if resolves < STEEPEST * error else None, seeds=seeds)


def pair(means: Sequence[Mean], i: int, j: int) -> Reading:
    """How far one of several `means` lies from another, by the interval with which tiers hold it: that of all pairs at once."""
    lead = combined([({"a": means[i]}, 1.0), ({"b": means[j]}, -1.0)])
    apart = all_pairs(means, i, j)
    pairs = len(means) * (len(means) - 1) // 2
    return judged(Reading("difference", apart.estimate, apart.low, apart.high, ABOVE, pairs), lead)
