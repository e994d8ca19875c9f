"""The two sides of a sweep: a source says what to train next, an executor has its workers train it and says what happens."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from types import TracebackType
from typing import Protocol, Self

from sweepbook.runner.launch.events import Event, Job
from sweepbook.runner.study import PlannedRun


class Source(Protocol):
    """Where jobs come from: the missing runs of a plan, or a search that learns from what it hears."""

    def next(self) -> Job | None:
        """The next job; None where there is none for now.

        Asked whenever a worker is free: after None again as events come. The source is over once it gives None while none of
        its jobs is in hand.
        """

    def heard(self, event: Event) -> Sequence[PlannedRun]:
        """Takes in an event, every one, before anybody else sees it. Returns the runs in hand that are to end now, as pruned.

        Most often that is none. A run may come through another epoch, or finish, before it hears of it: its `Ended` says
        which. On this machine a run whose job asks hears of it before its next epoch. After `Lost` the epochs of that run
        come again from the first.
        """


class Executor(Protocol):
    """Workers that serve one source after another until the `with` block of the executor ends."""

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Ends the workers. A run that is still in hand, as after Ctrl-C, is logged interrupted."""

    def run(self, source: Source) -> Iterator[Event]:
        """Has workers begin with the first jobs of `source`, at once, and returns what happens until it is over.

        Raises SweepbookError where going on makes no sense: no worker can start, or no log can be written.
        """


class Queue:
    """A source of jobs that are known from the start, in their order."""

    def __init__(self, jobs: Iterable[Job]) -> None:
        self.jobs = deque(jobs)

    def next(self) -> Job | None:
        """The next job, until there is none."""
        return self.jobs.popleft() if self.jobs else None

    def heard(self, event: Event) -> Sequence[PlannedRun]:
        """Nothing that happens changes what is to be done."""
        return ()
