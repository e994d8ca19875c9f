"""A table of runs in, its runs out: CSV, TSV, Parquet or JSON lines; docs/tables.md has the rules."""

from collections.abc import Iterator

from sweepbook.analysis.logs.readers.log import Folder, Log
from sweepbook.analysis.logs.tables.columns import Columns, columns_of
from sweepbook.analysis.logs.tables.runs import runs_of
from sweepbook.analysis.logs.tables.sight import is_runs
from sweepbook.analysis.logs.tables.table import ENDINGS, ending_of, table_at
from sweepbook.runner.rules import Rules
from sweepbook.runner.runlog import Run

NAME = "table"


def find(folder: Folder) -> Iterator[Log]:
    """The tables in the folder. One table in several formats, which share the name before the ending, is read once."""
    stems: dict[str, list[str]] = {}
    for name in sorted(name for name in folder.files if name.lower().endswith(ENDINGS)):
        stems.setdefault(name.rpartition(".")[0], []).append(name)
    for names in stems.values():
        names.sort(key=lambda name: ENDINGS.index(ending_of(name)))
        path = f"{folder.path}/{names[0]}"
        if is_runs(path):
            yield Log(path, (path,), frozenset(names))


def read(log: Log, rules: Rules) -> Iterator[Run]:
    """The runs of the table."""
    table = table_at(log.files[0])
    yield from runs_of(table, columns_of(table, rules))


def columns(path: str, rules: Rules) -> Columns:
    """What each column of the table at `path` is; LogError where it cannot be read."""
    return columns_of(table_at(path), rules)
