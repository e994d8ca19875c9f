"""The results.tsv that an agent of autoresearch keeps in, a run for each attempt out: a commit, its score, and what was changed."""

from collections.abc import Iterator

from sweepbook.analysis.logs.readers.log import Folder, Log
from sweepbook.analysis.logs.tables.cells import Column
from sweepbook.analysis.logs.tables.sight import sight
from sweepbook.analysis.logs.tables.status import status_of
from sweepbook.analysis.logs.tables.table import table_at
from sweepbook.runner.config import Config
from sweepbook.runner.rules import Rules
from sweepbook.runner.runlog import LogError, Run

NAME = "autoresearch"
FILE = "results.tsv"
NEEDED = frozenset(("commit", "status", "description"))
NOTE = "Each change that the agent tried is a configuration of its own, named by its description."


def find(folder: Folder) -> Iterator[Log]:
    """The results.tsv, where it has the columns of autoresearch."""
    path = f"{folder.path}/{FILE}"
    seen = sight(path) if FILE in folder.files else None
    if seen and seen.names[:1] == ("commit",) and {*seen.names} >= NEEDED:
        yield Log(path, (path,), frozenset((FILE,)))


def read(log: Log, rules: Rules) -> Iterator[Run]:
    """The attempts, in their order. A crash has 0 for every number, which is no score."""
    table = table_at(log.files[0])
    cells = {name: column.cells() for name, column in table.columns.items()}
    metrics = [name for name, column in table.columns.items() if column.numeric and name not in NEEDED]
    changes = _changes(table.columns["commit"], table.columns["description"])
    for at in range(table.rows):
        word = cells["status"][at]
        failed = status_of(word) == "failed"
        told = {name: cells[name][at] for name in cells if name not in NEEDED and name not in metrics}
        config: Config = {"change": changes[at], **{name: value for name, value in told.items() if value is not None}}
        scores = {} if failed else {name: float(cells[name][at]) for name in metrics if cells[name][at] is not None}
        yield Run(
            label=changes[at],
            study="",
            seed=None,
            status=status_of(word) or ("finished" if scores else "failed"),
            started=None,
            seconds=None,
            config=config,
            error=f"the agent says {word}" if failed else None,
            environment={"commit": str(cells["commit"][at]), "decision": str(word)},
            metrics=scores,
            place=str(at + 1),
            note=NOTE,
        )
    if table.broken:
        raise LogError(f"{table.broken[0][1]}: left out")


def _changes(commits: Column, descriptions: Column) -> list[str]:
    """What each attempt changed: its description, with the commit where the same words stand for several commits."""
    pairs = [*zip(map(str, commits.cells()), map(str, descriptions.cells()), strict=True)]
    several = {text for text in {text for _, text in pairs} if len({commit for commit, own in pairs if own == text}) > 1}
    return [f"{text} ({commit})" if text in several else text for commit, text in pairs]
