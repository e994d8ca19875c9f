"""A folder with a run.toml in, the run that it records out: the log of our own trainer, which docs/runlog.md describes."""

import os
from collections.abc import Iterator

from sweepbook.runner.runlog import FILE, Run, read_run


def matches(folder: str) -> bool:
    """Whether there is a run.toml, whatever it is."""
    return os.path.lexists(log(folder))


def log(folder: str) -> str:
    """The path of the run.toml."""
    return f"{folder}/{FILE}"


def read(folder: str) -> Iterator[Run]:
    """The one run."""
    yield read_run(log(folder))
