"""A folder in, the runs that MLflow kept there out: in folders, in a SQLite database, or as search_runs exports them."""

from collections.abc import Iterator

from sweepbook.analysis.logs.readers.log import Folder, Log
from sweepbook.analysis.logs.readers.mlflow import database, export, files
from sweepbook.runner.rules import Rules
from sweepbook.runner.runlog import Run

NAME = "MLflow"


def find(folder: Folder) -> Iterator[Log]:
    """The run folders of an experiment, and the databases and tables that are MLflow's."""
    for kind in (files, database, export):
        yield from kind.find(folder)


def read(log: Log, rules: Rules) -> Iterator[Run]:
    """The runs of one of these."""
    kind = files if log.files[0].endswith(files.META) else export if log.path.endswith(export.ENDING) else database
    yield from kind.read(log, rules)
