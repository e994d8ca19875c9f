"""A prediction and the finished plan in, a `Prospect` out: how far from its boundary the truth has to lie for the runs to tell, and
the seeds that a given distance takes."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache, partial

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr
from sweepbook.analysis.predictions.foresight.claim import Claim
from sweepbook.analysis.predictions.foresight.planned import Basis, Planned
from sweepbook.analysis.predictions.kinds import kind_of
from sweepbook.analysis.stats.means import t_quantile
from sweepbook.analysis.stats.power import Errors, seeds_needed, widths
from sweepbook.runner.prediction import Prediction
from sweepbook.runner.study import Group, Study

OFTEN = 0.8  # the share of plans in which a difference counts as found


@dataclass(frozen=True)
class Reach:
    """What the plan can show where a run varies by `noise`.

    `smallest` is the distance beyond the boundary that is found in 8 of 10 such plans (None: no distance is), `seeds` what every
    configuration needs for the prospect's `distance` (None: more than 1,000), `confirmable` whether the prediction can be confirmed
    at all with the planned seeds (None: that hangs on the noise, which is not known). Where a mean is to lie between two ends,
    `half` is half the width of the interval that it will have, and `chance` how often it is confirmed if the truth is right in the
    middle; None for other predictions.
    """

    noise: float
    smallest: float | None
    seeds: int | None
    confirmable: bool | None
    half: float | None = None
    chance: float | None = None


@dataclass(frozen=True)
class Prospect:
    """A prediction before its runs.

    `low` and `high` are its boundary, `measure` names what is measured from there: lead, rise, fall, bend (how far a curve lies
    above a straight line in the middle), wider (of a range), above, below, inside. `distance` is what the seeds of each of
    `reaches` are for: half the width of the range where there is one, for a mean right in its middle; `bearable` is the noise then
    up to which some outcome confirms it. Without `reaches` `why` says what stands against them.
    """

    group: str
    kind: str
    says: str
    metric: str
    measure: str
    low: float | None
    high: float | None
    distance: float
    reaches: tuple[Reach, ...]
    bearable: float | None
    why: str


@dataclass(frozen=True)
class Interval:
    """The interval of 95% that a mean will have, by the errors that a run's noise of 1 gives it, for a run's noise of `noise`."""

    errors: Errors
    noise: float

    @property
    def half(self) -> float:
        """Half of its width, the errors being as large as they are on average."""
        return self.noise * max(_two_sided(df) * error for error, df in self.errors)

    def chance(self, below: float, above: float) -> float:
        """How often it keeps within a range whose ends lie so far `below` and `above` the truth: the power of two one-sided tests
        (Phillips 1990, Journal of Pharmacokinetics and Biopharmaceutics 18), by quadrature over the errors' own."""
        halves, weights = _widths(self.errors)
        moves = max(self.errors[0][0], 1e-300)
        inside = ndtr((above / self.noise - halves) / moves) - ndtr((halves - below / self.noise) / moves)
        return float(weights @ np.maximum(inside, 0.0))


@lru_cache(maxsize=256)
def _widths(found: Errors) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    return widths(found, _two_sided)


def _two_sided(df: float) -> float:
    """The critical value of an interval of 95%."""
    return t_quantile(df, 0.975)


def prospect(prediction: Prediction, group: Group, study: Study, plan: Planned, basis: Basis) -> Prospect:
    """What `prediction` of `group` may come to under each noise of `basis`; `plan` has the first of these."""
    claim = kind_of(prediction).prospect(prediction, group, study)
    head = (group.name, prediction.kind, prediction.says, basis.metric)
    if isinstance(claim, str):
        return Prospect(*head, "", None, None, basis.distance, (), None, claim)
    ends, seeds = (claim.measure, claim.low, claim.high), len(study.seeds)
    if not claim.weights or claim.low is None or claim.high is None:
        return Prospect(*head, *ends, basis.distance, _beyond(claim, plan, basis, seeds), None, "")
    width = (claim.high - claim.low) / 2
    reaches = _inside(claim, plan, basis, seeds, width)
    half = reaches[0].half
    return Prospect(*head, *ends, width, reaches, width * basis.noises[0] / half if half else None, "")


def _beyond(claim: Claim, plan: Planned, used: Basis, seeds: int) -> tuple[Reach, ...]:
    smallest = cache(partial(claim.smallest, plan))

    def reach(noise: float) -> Reach:
        now = _possible(claim, used, _times(smallest(seeds), noise / plan.sd))
        return Reach(noise, now, _needed(smallest, used.distance * plan.sd / noise), now is not None)

    return tuple(map(reach, used.noises))


def _possible(claim: Claim, used: Basis, distance: float | None) -> float | None:
    """The distance beyond a claim's boundary, unless nothing can lie so far beyond: a mean below 0%, a lead above 100 points."""
    if distance is None:
        return None
    end = claim.low + distance if claim.low is not None else (claim.high or 0.0) - distance
    if claim.measure in ("above", "below"):
        return distance if used.span.low <= end <= used.span.high else None
    return used.span.seen(abs(end)) and distance


def _inside(claim: Claim, plan: Planned, used: Basis, seeds: int, width: float) -> tuple[Reach, ...]:
    """A mean is confirmed to lie in a range where its interval does."""
    errors = cache(lambda n: plan.errors(claim.weights, n, len(claim.weights) > 1))

    def reach(noise: float) -> Reach:
        def often(n: int) -> bool:
            found = errors(n)
            return bool(found) and Interval(found, noise / plan.sd).chance(width, width) >= OFTEN

        found = errors(seeds)
        if not found:
            return Reach(noise, None, seeds_needed(often), False)
        now = Interval(found, noise / plan.sd)
        if used.source == "unknown":
            return Reach(noise, None, None, None, now.half)
        chance = now.chance(width, width)
        return Reach(noise, _inner(now, width), seeds_needed(often), now.half <= width, now.half, chance)

    return tuple(map(reach, used.noises))


def _inner(made: Interval, width: float) -> float | None:
    """How far inside either end of a range of half `width` the truth has to lie for its mean to be confirmed in 8 of 10 plans; None
    where it is not even in the middle."""
    if made.chance(width, width) < OFTEN:
        return None
    low, high = 0.0, width
    while high - low > 1e-6 * width:
        middle = (low + high) / 2
        low, high = (low, middle) if made.chance(middle, 2 * width - middle) >= OFTEN else (middle, high)
    return high


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


def _needed(smallest: Callable[[int], float | None], distance: float) -> int | None:
    def enough(seeds: int) -> bool:
        beyond = smallest(seeds)
        return beyond is not None and beyond <= distance

    return seeds_needed(enough)
