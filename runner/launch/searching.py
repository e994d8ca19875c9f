"""The searches of a plan and their logged trials in, a source of jobs out: it hears how each trial fares and proposes the next.

The logs are the only memory. What they hold is replayed at the start, a trial that was cut off is trained again in its place, and
the budget counts what is logged.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path

import filelock
from sweepbook.runner.config import Config, SweepbookError, active, config_id, whole
from sweepbook.runner.launch.events import CLAIMS, Ended, Event, Progress, Started, Train
from sweepbook.runner.launch.proposals import Proposals, text
from sweepbook.runner.runlog import FILE, Epoch, LogError, read_run
from sweepbook.runner.search import SEED, Range, SearchPlan
from sweepbook.runner.study import Group, PlannedRun, Study
from sweepbook.runner.trials import CONCLUDED, PROPOSED, SEARCH, TRIAL, Trial, is_spent, label, limit, trial_of

ATTEMPTS = 20  # at a configuration that was not tried yet, before the first of a list is taken


@contextmanager
def held(logs: Path) -> Iterator[None]:
    """Within it no other process searches in `logs`; SweepbookError where one does."""
    (logs / CLAIMS).mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(logs / CLAIMS / SEARCH)
    try:
        with lock.acquire(timeout=0):
            yield
    except filelock.Timeout:
        raise SweepbookError(f"{logs}: another process searches here; two would not know of each other's trials") from None


class Searches:
    """The source of the trials of several groups, one search after the other; see `Source`."""

    def __init__(self, study: Study, known: Mapping[str, Sequence[Trial]]) -> None:
        self.searches = {group.name: _Search(study, group, known.get(group.name, ())) for group in study.groups if group.search}

    def next(self) -> Train | None:
        """The next trial; None where none is to be begun now."""
        for search in self.searches.values():
            if run := search.next():
                return Train((run,), asks=search.plan.pruner != "none")
        return None

    def heard(self, event: Event) -> Sequence[PlannedRun]:
        """Takes in how a trial fares. Returns it where it is hopeless."""
        return self.searches[str(_fact(event.run, SEARCH))].heard(event)

    @property
    def left(self) -> int | None:
        """How many trials are still to end; None where the time decides."""
        counts = [search.left for search in self.searches.values()]
        return None if None in counts else sum(count for count in counts if count)


class _Search:
    """One group's search: its trials by number, those of them in `hand`, and those that were `cut` off before this start."""

    def __init__(self, study: Study, group: Group, known: Sequence[Trial]) -> None:
        assert group.search is not None
        self.study, self.group, self.plan = study, group, group.search
        self.limit = limit(self.plan, study.baseline)
        self.trials = {trial.number: trial for trial in known}
        self.cut = [trial for trial in known if trial.status not in CONCLUDED]
        self.hand: set[int] = set()
        self.folders: dict[int, Path] = {}
        self.elsewhere: set[str] = set()
        self.proposals = Proposals(f"{study.name}/{group.name}", self.plan, study.goal, _longest(study, self.plan))
        for trial in known:
            if trial.status in CONCLUDED:
                self.proposals.replay(trial)

    def next(self) -> PlannedRun | None:
        """The next trial; None where the budget is spent, or will be by those in hand."""
        now = time.time()
        known = [_so_far(trial, now) if number in self.hand else trial for number, trial in self.trials.items()]
        taken = [trial for trial in known if trial.status in CONCLUDED or trial.number in self.hand]
        if is_spent(self.plan, self.limit, len(taken), known):
            return None
        while self.cut:
            trial = self.cut.pop(0)
            if proposed := self.proposals.logged(trial):
                self.proposals.begin(trial.number, proposed)
                return self.begun(trial.number, proposed)
        number = next(number for number in count() if number not in self.trials)  # one may have been cut off before its log
        fresh = self.proposed(number)
        return self.begun(number, fresh) if fresh else None

    @property
    def left(self) -> int | None:
        """How many trials are still to end; None where the time decides."""
        done = [trial for trial in self.trials.values() if trial.status in CONCLUDED]
        if is_spent(self.plan, self.limit, len(done), done):
            return 0
        return None if self.limit is None else self.limit - len(done)

    def proposed(self, number: int) -> Mapping[str, object] | None:
        """A proposal whose configuration is new to this search; None where there is none."""
        tried = {trial.id for trial in self.trials.values()} | self.elsewhere
        for attempt in range(ATTEMPTS):
            proposed = self.proposals.propose(number, attempt)
            if config_id(self.config(proposed)) not in tried:
                return proposed
        for one in self.plan.combinations() or ():
            if config_id(self.config(one)) not in tried:
                self.proposals.begin(number, one)
                return one
        return None

    def config(self, proposed: Mapping[str, object]) -> Config:
        return active({**self.study.baseline, **self.plan.settings(proposed)})

    def begun(self, number: int, proposed: Mapping[str, object]) -> PlannedRun:
        config, name, written = self.config(proposed), label(self.group.name, number), text(proposed)
        self.hand.add(number)
        self.trials[number] = Trial(self.group.name, number, name, config, "running", None, (), time.time(), 0.0, written)
        facts = ((SEARCH, self.group.name), (TRIAL, number), (PROPOSED, written))
        return PlannedRun(name, config_id(config), config, SEED, facts)

    def heard(self, event: Event) -> Sequence[PlannedRun]:
        number = int(_fact(event.run, TRIAL))
        if isinstance(event, Started):
            self.folders[number] = event.folder
            self.trials[number] = replace(self.trials[number], started=time.time(), values=())
        elif isinstance(event, Progress):
            value, trial = _value(event.epoch, self.study.metric), self.trials[number]
            self.trials[number] = replace(trial, values=(*trial.values, value))
            return (event.run,) if self.proposals.is_hopeless(number, event.number, value) else ()
        elif isinstance(event, Ended):
            self.end(number, event)
        return ()

    def end(self, number: int, event: Ended) -> None:
        """A trial is over. One whose configuration another process has in hand was none: its number is free again."""
        self.hand.remove(number)
        if event.status == "elsewhere":
            self.proposals.end(number, "failed", None)
            self.elsewhere.add(self.trials.pop(number).id)
            return
        self.trials[number] = trial = self.logged(number, event)
        self.proposals.end(number, trial.status, trial.score)

    def logged(self, number: int, event: Ended) -> Trial:
        """The trial as its log has it, and where that cannot be read, as it was heard of."""
        trial = self.trials[number]
        heard = replace(trial, status=event.status, seconds=event.seconds, score=trial.values[-1] if trial.values else None)
        if number not in self.folders:
            return heard
        try:
            return trial_of(read_run(self.folders[number] / FILE), self.study.metric) or heard
        except LogError:
            return heard


def _fact(run: PlannedRun, name: str) -> str | int | bool:
    return dict(run.facts)[name]


def _so_far(trial: Trial, now: float) -> Trial:
    """A trial in hand with the seconds that it has taken until `now`."""
    return replace(trial, seconds=max(0.0, now - trial.started))


def _value(epoch: Epoch, metric: str) -> float:
    """What an epoch gave by the metric of the study."""
    return epoch.valid_loss - epoch.train_loss if metric == "gap" else float(getattr(epoch, metric))


def _longest(study: Study, plan: SearchPlan) -> int:
    """The most epochs that a trial can have."""
    searched = plan.space.get("epochs")
    if searched is None:
        return whole(study.baseline, "epochs")
    return int(searched.high) if isinstance(searched, Range) else max(int(str(level)) for level in searched.levels)
