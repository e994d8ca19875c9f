"""A folder in, the runs that a training program logged there out: one module a log format, in a list."""

from collections.abc import Iterator
from typing import Protocol

from sweepbook.analysis.logs.readers import runtoml
from sweepbook.runner.runlog import Run


class Reader(Protocol):
    """What a module of this folder offers. A folder is a path as text: a sweep may have thousands, and a Path costs time."""

    def matches(self, folder: str) -> bool:
        """Whether the folder holds a log of this format."""

    def log(self, folder: str) -> str:
        """The path of that log, or where it would lie: the one file by which a change is seen."""

    def read(self, folder: str) -> Iterator[Run]:
        """The runs that the log records; LogError says why it cannot be read."""


# The formats, a line each. Where a folder holds logs of several, the first counts.
READERS: tuple[Reader, ...] = (runtoml,)


def reader_of(folder: str) -> Reader:
    """The reader of the folder's log; the first where none matches, which then says what it misses."""
    return next((reader for reader in READERS if reader.matches(folder)), READERS[0])
