"""What the runs showed of a prediction, as one value: the verdict, the parts that were compared, and the number that decides."""

from dataclasses import dataclass

from sweepbook.analysis.predictions.reading import ABOVE, Bounds, Pair
from sweepbook.analysis.predictions.sides import Part
from sweepbook.analysis.predictions.verdict import UNTOLD
from sweepbook.runner.prediction import Prediction

AFFORDABLE = 4  # times the seeds of today: what somebody who wants to know still runs
LATE = "SB110"  # the check that a prediction was written or changed after results existed


@dataclass(frozen=True)
class Outcome:
    """What was found for `prediction`: its `verdict`, the parts that were compared, and the one number that decides.

    `estimate` is that number, None where a side has no finished run; `difference` says whether it is a difference, which counts
    upwards where it is better, but for a trend that is claimed to rise or fall, and for a step of it. `about` says what it is:
    see `reading.Reading`; for a step `between` names its two levels. `low` and `high` are the interval that the
    verdict rests on, held against `bounds`: confirmed where it lies inside, refuted where it lies outside. It is corrected for so
    many `tests`; `one_sided`: each of its ends holds at 95% alone. None where the noise is not known: `tipping` is then the
    noise below which there would be a verdict.

    `resolves` is the smallest distance from a bound that these runs find in 4 of 5 studies; `seeds_needed` the seeds that every
    configuration needs for the distance seen (None: more than 1,000, or none known), one number for a pair (see `pairs.agreed`).
    `missing` are the labels on which the verdict does not rest: without a finished run, or (`unlogged`) with none that logs the
    metric. `reason`: why nothing can be compared, however many runs there are, or why it says nothing. `as_run`: a check limits
    what was found, `as_run_because` says which. `ends` has the labels of the two configurations that set each end of the interval,
    None where it is those that are named.
    """

    prediction: Prediction
    parts: tuple[Part, ...]
    estimate: float | None
    metric: str
    difference: bool
    verdict: str = UNTOLD
    low: float | None = None
    high: float | None = None
    about: str = ""
    between: tuple[str, ...] = ()
    bounds: Bounds = ABOVE
    tests: int = 1
    one_sided: bool = False
    resolves: float | None = None
    seeds_needed: int | None = None
    tipping: float | None = None
    missing: tuple[str, ...] = ()
    unlogged: tuple[str, ...] = ()
    reason: str = ""
    as_run: bool = False
    as_run_because: tuple[str, ...] = ()
    ends: tuple[Pair | None, ...] = ()

    @property
    def n(self) -> tuple[int, ...]:
        """The number of runs behind each part."""
        return tuple(part.n for part in self.parts)

    @property
    def more_seeds(self) -> int | None:
        """How many seeds more than the fewest of its configurations have each of them needs to settle it, 1 at least; None where
        `seeds_needed` is."""
        if self.seeds_needed is None:
            return None
        runs = [summary.means[self.metric].n for part in self.parts for summary in part.behind]
        return max(1, self.seeds_needed - min(runs or self.n, default=0))
