"""What a plan and its searches take in, the sentences of it out: how many runs and trials, and about how long."""

from collections.abc import Sequence
from dataclasses import dataclass

from sweepbook.analysis import words as w
from sweepbook.analysis.predictions.foresight.foresight import Foresight

STARTS = "Starting up takes some more."
ROUGH = "Half as long or twice as long is possible on a machine that does nothing else."


@dataclass(frozen=True)
class SearchCost:
    """What the search of a `group` takes: at most so many `runs` or `minutes` (None: no such limit), of which `done` have run in
    `spent` seconds; whether it is `over`; the `seconds` that a trial takes about (None: not known); how many configurations it
    is to `confirm`, and the seconds that a `whole` run of one takes about (None: not known)."""

    group: str
    runs: int | None
    minutes: float | None
    done: int
    spent: float
    over: bool
    seconds: float | None
    confirm: int
    whole: float | None = None

    @property
    def to_confirm(self) -> int:
        """The configurations that it will confirm, each at the seeds of the plan; of one that is over the plan has them already."""
        return 0 if self.over else self.confirm

    @property
    def trials_left(self) -> float | None:
        """The seconds that its trials still take, one after the other, where none is pruned; None where that is not known."""
        if self.over:
            return 0.0
        known = [] if self.minutes is None else [max(0.0, 60 * self.minutes - self.spent)]
        known += [(self.runs - self.done) * self.seconds] if self.runs and self.seconds else []
        return min(known, default=None)


@dataclass(frozen=True)
class Cost:
    """What the plan takes: its `runs` and those `missing`, of which some are `in_progress` in words; the `seconds` of the missing
    ones with so many `jobs` and those of one more seed of every configuration (None: not known), both known from `source`, which
    are logs where `logged`; the `examples` that all runs train on (None: not known). The `searches` come beside these. A process
    takes `start` seconds to begin (None: not seen)."""

    runs: int
    missing: int
    in_progress: str
    jobs: int
    seconds: float | None
    source: str
    logged: bool
    per_seed: float | None
    examples: int | None
    searches: tuple[SearchCost, ...] = ()
    start: float | None = None

    @property
    def to_confirm(self) -> int:
        """The configurations that its searches will add to those of the plan."""
        return sum(search.to_confirm for search in self.searches)

    @property
    def is_searching(self) -> bool:
        """Whether a search is still to come to its end."""
        return any(not search.over for search in self.searches)

    @property
    def each_seed(self) -> float | None:
        """The seconds that one more seed of every configuration takes, of those too that a search is to confirm."""
        return _together([self.per_seed, *(self.confirming(search) for search in self.searches)])

    def confirming(self, search: SearchCost) -> float | None:
        """The seconds that one seed of all that a search is to confirm takes."""
        if not search.to_confirm:
            return 0.0
        return None if search.whole is None else search.to_confirm * search.whole / self.jobs

    def in_all(self, seeds: int) -> float | None:
        """The seconds that all takes which is missing, the searches and what they confirm at so many `seeds` with it."""
        confirming = [self.confirming(search) for search in self.searches]
        own = self.seconds if self.missing else 0.0
        trials = [_side_by_side(search, self.jobs) for search in self.searches]
        return _together([own, *trials, *(None if one is None else seeds * one for one in confirming)])


def _side_by_side(search: SearchCost, jobs: int) -> float | None:
    """The seconds that the trials which are left take; a limit in minutes is one of the clock."""
    if search.trials_left is None or search.minutes is not None:
        return search.trials_left
    return search.trials_left / jobs


def _together(seconds: Sequence[float | None]) -> float | None:
    """The sum; None where a part is not known."""
    known = [one for one in seconds if one is not None]
    return sum(known) if len(known) == len(seconds) else None


def costs(found: Foresight, cost: Cost) -> tuple[str, ...]:
    """What the plan takes, a sentence or two a line."""
    searches = [line for search in cost.searches for line in _search(search, found.seeds, cost)]
    if not found.configurations and not searches:
        return ("Nothing: the plan asks for no runs. What its groups can show rests on the logs that they choose.",)
    return (*(_runs(found, cost) if found.configurations else ()), *searches, *_in_all(found.seeds, cost))


def _runs(found: Foresight, cost: Cost) -> list[str]:
    """What the planned runs take, those that a search is still to bring left out."""
    each = "one seed each" if found.seeds == 1 else f"{w.plural(found.seeds, 'seed')} each"
    lines = [f"{w.plural(cost.runs, 'run')}: {w.plural(found.configurations, 'configuration')}, {each}. {_missing(cost)}"]
    if cost.missing and cost.seconds is None:
        lines.append("How long they take is not known: no finished run shows it, and a few steps could not be timed.")
    elif cost.missing:
        took = f"About {w.duration(cost.seconds)} of training with {w.plural(cost.jobs, 'job')}, going by {cost.source}."
        lines.append(took if cost.is_searching else f"{took} {_more(cost)}")
    if cost.examples is not None:
        lines.append(f"Together the runs train on {w.count(cost.examples)} examples, repeats counted.")
    return lines


def _missing(cost: Cost) -> str:
    if not cost.missing:
        return "All of them have run." if cost.runs else ""
    if cost.missing == cost.runs and not cost.in_progress:
        return "None of them has run."
    return f"{w.count(cost.missing)} of them {'is' if cost.missing == 1 else 'are'} missing{cost.in_progress}."


def _search(search: SearchCost, seeds: int, cost: Cost) -> list[str]:
    """What a search takes, and what comes behind it."""
    if search.over:
        return [f"The search {search.group} is over: {w.plural(search.done, 'trial')} in {w.duration(search.spent)} by the clock."]
    limits = [w.plural(search.runs, "trial")] if search.runs else []
    limits += [f"{w.duration(60 * search.minutes)} of training"] if search.minutes else []
    done = f", {w.count(search.done)} of them done" if search.done else ""
    lines = [f"The search {search.group}: {' or '.join(limits)} at most{done}."]
    if search.runs and search.seconds and not search.minutes:
        time = w.duration((search.runs - search.done) * search.seconds / cost.jobs)
        lines.append(f"That is about {time} with {w.plural(cost.jobs, 'job')}, less what is pruned.")
    again, one_seed = w.plural(search.confirm * seeds, "run"), cost.confirming(search)
    again += f", about {w.duration(seeds * one_seed)}" if one_seed else ""
    return [*lines, f"Then its best {w.plural(search.confirm, 'configuration')} at {w.plural(seeds, 'seed')} each: {again}."]


def _in_all(seeds: int, cost: Cost) -> list[str]:
    """What all of it takes, where it has several parts."""
    if not cost.is_searching:
        return []
    seconds = cost.in_all(seeds)
    return [f"In all about {w.duration(seconds)} of training with {w.plural(cost.jobs, 'job')}. {_more(cost)}"] if seconds else []


def _more(cost: Cost) -> str:
    """How rough the time is, and what comes on top of it."""
    rough = "" if cost.logged and not cost.is_searching else f"{ROUGH} "
    return rough + (f"Starting up takes about {w.duration(cost.start)} more." if cost.start else STARTS)
