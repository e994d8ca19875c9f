"""Means of configurations in, a verdict out, with the interval that it rests on.

Every kind of prediction comes to one number and a region that it is claimed to lie in. Confirmed: its interval lies inside;
refuted: the interval lies outside; else it cannot be told. The interval is made so that a verdict is false in at most 5% of
studies, whatever is tested within the prediction, also where all configurations are equal. Where the noise is not known there
is no interval, and no verdict.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from scipy.special import stdtr
from sweepbook.analysis.predictions.verdict import CONFIRMED, REFUTED, UNTOLD
from sweepbook.analysis.stats.contrasts import Contrast, contrast
from sweepbook.analysis.stats.means import Mean, t_quantile
from sweepbook.analysis.stats.power import noncentrality, runs_needed
from sweepbook.analysis.stats.tiers import all_pairs

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
    terms = list(terms)
    means: dict[str, Mean] = {}
    weights: dict[str, float] = {}
    for side, weight in terms:
        for key, mean in side.items():
            means[key] = mean
            weights[key] = weights.get(key, 0.0) + weight / len(side)
    least = 1e-12 * max(map(abs, weights.values()), default=0.0)  # what rounding leaves of weights that cancel
    kept = sorted(key for key, weight in weights.items() if abs(weight) > least)
    single = float(np.sqrt(sum(sorted(weights[key] ** 2 for key in kept))))
    whole = contrast([means[key] for key in kept], [weights[key] for key in kept], sides=any(len(side) > 1 for side, _ in terms))
    return Sum(whole, single, len(kept), min((means[key].n for key in kept), default=1))


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
    errors = total.contrast.errors
    error, df = max(errors, key=lambda known: known[0] * t_quantile(known[1], 0.975), default=(0.0, 1.0))
    if not error > 0 or not half / error < STEEPEST:
        return reading
    level = 1 - 2 * float(stdtr(df, -half / error))  # that of a t interval which is as wide
    shift = noncentrality(df, level=level)
    resolves = shift * error if shift < STEEPEST else None
    sd = error / total.contrast.unit
    seeds = runs_needed(distance, total.single, sd, df, level=level, arms=total.arms, runs=total.runs) if distance else None
    return replace(reading, resolves=resolves, seeds=seeds)


def pair(means: Sequence[Mean], i: int, j: int) -> Reading:
    """How far one of several `means` lies from another, by the interval with which tiers hold it: that of all pairs at once."""
    lead = combined([({"a": means[i]}, 1.0), ({"b": means[j]}, -1.0)])
    apart = all_pairs(means, i, j)
    pairs = len(means) * (len(means) - 1) // 2
    return judged(Reading("difference", apart.estimate, apart.low, apart.high, ABOVE, pairs), lead)
