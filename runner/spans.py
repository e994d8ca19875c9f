"""What a worker does, timed as it does it, in; how long each phase took and the spans of a trace out."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, NamedTuple, ParamSpec, TypeVar

STARTING, DATA, STEP, OPTIMISER = "starting", "data", "forward and backward", "optimiser"
EVALUATION, LOGGING, WAITING, REST = "evaluation", "logging", "waiting", "the rest"
PHASES = (STARTING, DATA, STEP, OPTIMISER, EVALUATION, LOGGING, WAITING, REST)
KEPT = 500  # spans of one phase a job; the times count all

P = ParamSpec("P")
R = TypeVar("R")


class Span(NamedTuple):
    """From when to when something was done, in nanoseconds of a clock that all processes of a machine share."""

    name: str
    phase: str
    start: int
    end: int


class Untimed:
    """Takes the place of `Spans` where nobody asks where the time goes: what it is handed stays as it is."""

    def span(self, phase: str, name: str = "", start: int | None = None) -> AbstractContextManager[None]:
        """Times what is done within it, from `start` where that was earlier."""
        return nullcontext()

    def timed(self, phase: str, function: Callable[P, R]) -> Callable[P, R]:
        """The function, each of whose calls is timed."""
        return function

    def each(self, phase: str, values: Iterable[R]) -> Iterable[R]:
        """The values, timed as they are made. None of them is None."""
        return values

    def watch(self, program: Any) -> None:
        """Times the steps of a program, and the optimiser within them."""


UNTIMED = Untimed()


@dataclass
class _Open:
    """A span that has begun, and how long those within it took."""

    name: str
    phase: str
    start: int
    is_kept: bool
    within: int = 0


class Spans(Untimed):
    """Times what it is handed. Spans lie in one another; the time of a phase is without that of the spans within its own.

    `settle` waits for what was asked of a GPU, before each look at the clock.
    """

    def __init__(self, settle: Callable[[], None] = lambda: None) -> None:
        self.settle = settle
        self.open: list[_Open] = []
        self._forget()

    def taken(self) -> tuple[dict[str, int], tuple[Span, ...], int]:
        """The nanoseconds of each phase since this was last asked for, the spans, and how many more there were."""
        taken = dict(self.times), tuple(self.spans), self.seen.total() - len(self.spans)
        self._forget()
        return taken

    @contextmanager
    def span(self, phase: str, name: str = "", start: int | None = None) -> Iterator[None]:
        """See Untimed."""
        self._begin(phase, name or phase, start)
        try:
            yield
        finally:
            self._end()

    def timed(self, phase: str, function: Callable[P, R]) -> Callable[P, R]:
        """See Untimed."""

        def call(*arguments: P.args, **keywords: P.kwargs) -> R:
            self._begin(phase, phase)
            try:
                return function(*arguments, **keywords)
            finally:
                self._end()

        return call

    def each(self, phase: str, values: Iterable[R]) -> Iterable[R]:
        """See Untimed."""
        left = iter(values)
        return iter(self.timed(phase, lambda: next(left, None)), None)

    def watch(self, program: Any) -> None:
        """See Untimed."""
        program.replays = False  # a GPU's graph of a whole step could not be looked into
        program.step = self.timed(STEP, program.step)
        program.take = self.timed(OPTIMISER, program.take)

    def _begin(self, phase: str, name: str, start: int | None = None) -> None:
        self.settle()
        self.seen[phase] += 1
        self.open.append(_Open(name, phase, start or time.perf_counter_ns(), self.seen[phase] <= KEPT))

    def _end(self) -> None:
        self.settle()
        one, end = self.open.pop(), time.perf_counter_ns()
        self.times[one.phase] += end - one.start - one.within
        if self.open:
            self.open[-1].within += end - one.start
        if one.is_kept:
            self.spans.append(Span(one.name, one.phase, one.start, end))

    def _forget(self) -> None:
        self.times, self.seen = Counter[str](), Counter[str]()
        self.spans: list[Span] = []
