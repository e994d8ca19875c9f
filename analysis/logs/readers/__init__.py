"""A folder in, the runs that a training program logged there out: one module a log format, in a list.

Each is imported when a folder is left that it may know, so that a build with nothing to do takes a blink."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from sweepbook.analysis.logs.readers.log import Folder, Log
from sweepbook.runner.rules import Rules

if TYPE_CHECKING:
    from sweepbook.runner.runlog import Run


class Reader(Protocol):
    """What a module of this folder offers."""

    NAME: str  # of the format, as people know it

    def find(self, folder: Folder) -> Iterator[Log]:
        """The logs of this format in this one folder. It is asked of every folder, so names alone decide where they can."""

    def read(self, log: Log, rules: Rules) -> "Iterator[Run]":
        """The runs that the log records; LogError says why it cannot be read."""


OURS = "runtoml"  # that of our own trainer's logs
# The formats, a line each: the module in this folder. What one has taken the later ones do not see: those of any table stand last.
READERS: tuple[str, ...] = (
    OURS,
    "mltrainer",
    "mlflow",
    "optuna",
    "trackio",
    "wandb",
    "lightning",
    "huggingface",
    "raytune",
    "autoresearch",
    "sb3",
    "wandbchart",
    "history",
    "tensorboard",
    "table",
    "jsonruns",
)


@cache
def reader_of(name: str) -> Reader:
    """The reader that the module `name` of this folder is."""
    return cast(Reader, import_module(f"{__name__}.{name}"))


@dataclass(frozen=True)
class Source:
    """A log and the name of its reader among the `READERS`."""

    log: Log
    name: str

    @property
    def reader(self) -> Reader:
        """What reads the log."""
        return reader_of(self.name)
