"""A `Foresight` and the outcomes so far in, what becomes of each expectation of the plan out: how it stands already, and how many
more seeds would settle it."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from sweepbook.analysis import words as w
from sweepbook.analysis.predictions.foresight.foresight import Foresight
from sweepbook.analysis.predictions.foresight.planned import Basis
from sweepbook.analysis.predictions.foresight.prospects import Prospect, Reach
from sweepbook.analysis.predictions.outcome import AFFORDABLE, Outcome
from sweepbook.analysis.predictions.verdict import SAID, UNTOLD

AHEAD = "not run yet"
UNREPEATED = "too few configurations ran twice, so nothing shows the noise"
MIDDLE = 2  # of the four noises that are assumed: that of one point of a share, or of the difference that was asked for


@dataclass(frozen=True)
class Expectation:
    """One prediction of the plan. `state` is what its verdict is called, or that it has not run yet. `more` is how many seeds
    beyond the planned ones each configuration needs for it to be settled: 0 where the planned runs may do it, None for more than
    1,000. `supposed`: that number goes by a truth that is supposed, for the runs do not show one yet. `known` is what a mean will
    be known to, where its claimed range is narrower. `why` is why no seed of the plan can help."""

    group: str
    says: str
    metric: str
    state: str
    more: int | None = None
    supposed: bool = False
    known: float | None = None
    why: str = ""

    @property
    def undecided(self) -> bool:
        """Whether seeds can settle it, and have not."""
        return self.state in (AHEAD, SAID[UNTOLD]) and not self.why


@dataclass(frozen=True)
class Step:
    """The expectations that `seeds` a configuration settle, and fewer do not. `seeds` is None for those that take more than any
    step has, and for those that no number in reach settles."""

    seeds: int | None
    settled: tuple[Expectation, ...]


def expectations(found: Foresight, outcomes: Sequence[Outcome]) -> tuple[Expectation, ...]:
    """Those of the plan in its order; `outcomes` has one for each, or none where nothing has run.

    What has run goes by the seeds that the journal asks for, which knows what is ahead of what. The rest goes by those that show
    a truth which lies `Basis.distance` beyond what is claimed."""
    known: Sequence[Outcome | None] = outcomes or [None] * len(found.predictions)
    return tuple(_expectation(found.seeds, *pair) for pair in zip(found.predictions, known, strict=True))


def _expectation(planned: int, one: Prospect, outcome: Outcome | None) -> Expectation:
    if outcome is not None and (outcome.verdict != UNTOLD or outcome.reason):
        return Expectation(one.group, one.says, one.metric, SAID[outcome.verdict], why=outcome.reason)
    if outcome is not None and outcome.low is not None:
        return Expectation(
            one.group, one.says, one.metric, SAID[UNTOLD], _beyond(outcome.seeds_needed, max(planned, _runs(outcome)))
        )
    ran = outcome is not None and outcome.estimate is not None
    head = (one.group, one.says, one.metric, SAID[UNTOLD] if ran else AHEAD)
    if not one.reaches:
        return Expectation(*head, why=UNREPEATED if ran else one.why)
    reach = one.reaches[min(MIDDLE, len(one.reaches) - 1)]
    return Expectation(*head, _beyond(reach.seeds, planned), True, _too_wide(one, reach))


def _runs(outcome: Outcome) -> int:
    """The fewest runs that a configuration of it has."""
    return min((summary.means[outcome.metric].n for part in outcome.parts for summary in part.behind), default=0)


def _beyond(seeds: int | None, have: int) -> int | None:
    return None if seeds is None else max(0, seeds - have)


def _too_wide(one: Prospect, reach: Reach) -> float | None:
    """Half the interval that the mean will have, where no outcome fits it into the claimed range."""
    return reach.half if one.measure == "inside" and reach.half is not None and reach.half > one.distance else None


def advised(found: Foresight, known: Sequence[Expectation]) -> int:
    """The seeds more with which the most of the open ones are settled that four times as many seeds settle; 0 for none."""
    most = min((AFFORDABLE - 1) * found.seeds, w.MOST_ADVISED)
    return max([one.more for one in known if one.undecided and one.more and one.more <= most], default=0)


def steps(found: Foresight, known: Sequence[Expectation]) -> list[Step]:
    """The undecided ones by what settles them: the seeds of each of `found.bought`, the planned first, then more, then none."""
    ladder = [one.seeds - found.seeds for one in found.bought]
    places: list[list[Expectation]] = [[] for _ in range(len(ladder) + 2)]
    for one in sorted((one for one in known if one.undecided), key=lambda one: one.more or 0):
        places[-1 if w.out_of_reach(one.more) else bisect_left(ladder, one.more or 0)].append(one)
    return [*map(Step, (one.seeds for one in found.bought), map(tuple, places)), *(Step(None, tuple(own)) for own in places[-2:])]


def middle(basis: Basis) -> float:
    """The noise that the numbers of seeds go by where nothing has run."""
    return basis.noises[min(MIDDLE, len(basis.noises) - 1)]
