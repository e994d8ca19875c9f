"""A folder with a run.toml in, the run that it records out: the log of our own trainer, which docs/runlog.md describes."""

from collections.abc import Iterator

from sweepbook.analysis.logs.readers.log import Folder, Log
from sweepbook.runner.rules import Rules
from sweepbook.runner.runlog import FILE, Run, read_run

NAME = "run.toml"


def find(folder: Folder) -> Iterator[Log]:
    """The run that the folder is, with all that lies in it."""
    if FILE in folder.files:
        yield Log(folder.path, (f"{folder.path}/{FILE}",), folder.files | folder.folders)


def read(log: Log, rules: Rules) -> Iterator[Run]:
    """The one run."""
    yield read_run(log.files[0])
