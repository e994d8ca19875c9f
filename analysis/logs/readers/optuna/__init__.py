"""A folder in, the trials that Optuna kept there out: in a SQLite database, or in a journal."""

from collections.abc import Iterator

from sweepbook.analysis.logs.readers.log import Folder, Log
from sweepbook.analysis.logs.readers.optuna import database, journal
from sweepbook.runner.rules import Rules
from sweepbook.runner.runlog import Run

NAME = "Optuna"


def find(folder: Folder) -> Iterator[Log]:
    """The databases and journals that are Optuna's."""
    yield from database.find(folder)
    yield from journal.find(folder)


def read(log: Log, rules: Rules) -> Iterator[Run]:
    """The trials of one of these."""
    kind = journal if log.path.lower().endswith(journal.ENDINGS) else database
    yield from kind.read(log)
