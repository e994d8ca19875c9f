"""What an executor asks while runs train in, which of them are still wanted out: the runs that a worker has in hand."""

import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import TypeAlias

from sweepbook.runner.launch.events import Answer, Prune
from sweepbook.runner.spans import WAITING, Untimed
from sweepbook.runner.study import PlannedRun

LOOK = 0.05  # seconds between two looks at the pipe while a run trains

Key: TypeAlias = tuple[str, int]  # of a run


class Flag:
    """A signal handler that remembers having been called."""

    def __init__(self) -> None:
        self.raised = False

    def __call__(self, *_: object) -> bool:
        self.raised = self.raised or bool(_)
        return self.raised


class Hand:
    """The runs that train: `training` are those still wanted, `pruned` those asked to end, `cut` those of them that have. Where
    they `ask`, those in `doubt` train on only once the executor has answered."""

    def __init__(self, pipe: Connection, stop: Flag, spans: Untimed) -> None:
        self.pipe, self.stop, self.spans, self.ask = pipe, stop, spans, False
        self.training, self.pruned, self.cut, self.doubt = set[Key](), set[Key](), set[Key](), set[Key]()
        self.looked = 0.0

    def take(self, runs: Sequence[PlannedRun], ask: bool = False) -> None:
        """From here on `runs` are those that train."""
        self.training, self.ask = {run.key for run in runs}, ask
        self.pruned, self.cut, self.doubt = set(), set(), set()

    def came_through(self, run: PlannedRun) -> None:
        """The executor hears of an epoch of `run`."""
        if self.ask:
            self.doubt.add(run.key)
        self.look()

    def stopping(self) -> bool:
        """Whether training is to end: SIGTERM came, the executor has gone, or none of its runs is wanted any more."""
        if self.doubt:
            self.wait()
        elif time.perf_counter() - self.looked > LOOK:
            self.look()
        return self.stop() or not self.training

    def wait(self) -> None:
        """Returns once no run is in doubt, or training is to end. So where a run is stopped does not depend on who is faster."""
        with self.spans.span(WAITING):
            while self.doubt and not self.stop():
                self.pipe.poll(LOOK)
                self.look()

    def look(self) -> None:
        """Reads what the executor says while a run trains."""
        self.looked = time.perf_counter()
        try:
            while self.pipe.poll():
                self.hear(self.pipe.recv())
        except (EOFError, ConnectionResetError):
            self.stop.raised = True

    def hear(self, answer: Answer) -> None:
        """Takes in what the executor says of a run."""
        key = answer.run.key
        self.doubt.discard(key)
        if isinstance(answer, Prune) and key in self.training:
            self.training.remove(key)
            self.pruned.add(key)
