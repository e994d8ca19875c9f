"""A folder in, the runs that a training program logged there out: one module a log format, in a list.

All are imported to find the logs, so none imports pandas before it reads one: a build with nothing to do takes a blink."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from sweepbook.analysis.logs.readers import (
    autoresearch,
    history,
    huggingface,
    jsonruns,
    lightning,
    mlflow,
    mltrainer,
    optuna,
    raytune,
    runtoml,
    sb3,
    table,
    tensorboard,
    trackio,
    wandb,
    wandbchart,
)
from sweepbook.analysis.logs.readers.log import Folder, Log
from sweepbook.runner.rules import Rules
from sweepbook.runner.runlog import Run


class Reader(Protocol):
    """What a module of this folder offers."""

    NAME: str  # of the format, as people know it

    def find(self, folder: Folder) -> Iterator[Log]:
        """The logs of this format in this one folder. It is asked of every folder, so names alone decide where they can."""

    def read(self, log: Log, rules: Rules) -> Iterator[Run]:
        """The runs that the log records; LogError says why it cannot be read."""


# The formats, a line each. What one has taken the later ones do not see: those of any table stand last.
READERS: tuple[Reader, ...] = (
    runtoml,
    mltrainer,
    mlflow,
    optuna,
    trackio,
    wandb,
    lightning,
    huggingface,
    raytune,
    autoresearch,
    sb3,
    wandbchart,
    history,
    tensorboard,
    table,
    jsonruns,
)


@dataclass(frozen=True)
class Source:
    """A log and the place of its reader among the `READERS`."""

    log: Log
    place: int

    @property
    def reader(self) -> Reader:
        """What reads the log."""
        return READERS[self.place]
