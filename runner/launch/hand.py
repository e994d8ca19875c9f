"""What an executor asks while runs train in, which of them are still wanted out: the runs that a worker has in hand."""

import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import TypeAlias

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
    """The runs that train: `training` are those still wanted, `pruned` those asked to end, `cut` those of them that have."""

    def __init__(self, pipe: Connection, stop: Flag) -> None:
        self.pipe, self.stop = pipe, stop
        self.training, self.pruned, self.cut = set[Key](), set[Key](), set[Key]()
        self.looked = 0.0

    def take(self, runs: Sequence[PlannedRun]) -> None:
        """From here on `runs` are those that train."""
        self.training = {run.key for run in runs}
        self.pruned, self.cut = set(), set()

    def stopping(self) -> bool:
        """Whether training is to end: SIGTERM came, the executor has gone, or none of its runs is wanted any more."""
        if time.perf_counter() - self.looked > LOOK:
            self.look()
        return self.stop() or not self.training

    def look(self) -> None:
        """Reads what the executor asks while a run trains."""
        self.looked = time.perf_counter()
        try:
            while self.pipe.poll():
                request = self.pipe.recv()
                if request.run.key in self.training:
                    self.training.remove(request.run.key)
                    self.pruned.add(request.run.key)
        except (EOFError, ConnectionResetError):
            self.stop.raised = True
