"""A CSV file with a row for each epoch of one run in, the run out: what Keras' CSVLogger, Ultralytics and many scripts write."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
from sweepbook.analysis.logs.labels import told_settings
from sweepbook.analysis.logs.readers.log import Folder, Log
from sweepbook.analysis.logs.tables.columns import columns_of
from sweepbook.analysis.logs.tables.names import Role
from sweepbook.analysis.logs.tables.runs import runs_of
from sweepbook.analysis.logs.tables.sight import ENOUGH, sight
from sweepbook.analysis.logs.tables.table import TEXT, table_at
from sweepbook.runner.rules import Rules
from sweepbook.runner.runlog import Run
from sweepbook.runner.values import Value

NAME = "CSV history"
# Names of files that say nothing of the run: its folder's name may.
EVERY = frozenset("history log logs training train training_log train_log csv_log csvlog metrics results progress epochs".split())  # noqa: SIM905
OF_RUNS = (Role.NAME, Role.SEED, Role.STATUS, Role.SPLIT)
NAMED = "No settings were logged; those that the names of files and folders tell were taken."


def find(folder: Folder) -> Iterator[Log]:
    """The histories in the folder; one whose name says nothing is called as its folder."""
    for name in sorted(name for name in folder.files if name.lower().endswith((*TEXT, ".log"))):
        path = f"{folder.path}/{name}"
        if _is_history(path):
            alone = _stem(path) in EVERY and not any(
                _stem(other) in EVERY for other in folder.files - {name} if other.endswith(TEXT)
            )
            yield Log(folder.path if alone else path, (path,), frozenset((name,)))


def _is_history(path: str) -> bool:
    """Whether the first rows are numbers alone, by epochs or steps that go up, and nothing tells runs apart."""
    seen = sight(path)
    if seen is None or seen.table is None or seen.points < ENOUGH or not seen.has(Role.STEP) or seen.has(*OF_RUNS):
        return False
    texts = [name for name, column in seen.table.columns.items() if column.text and len(column.values) > 1]
    steps = [column.floats() for name, column in seen.table.columns.items() if seen.roles[name] is Role.STEP]
    return not any(seen.roles[name] in (None, Role.SETTING) for name in texts) and any(
        bool((np.diff(own) > 0).all()) for own in steps
    )


def read(log: Log, rules: Rules) -> Iterator[Run]:
    """The run, with the settings that its name tells."""
    table = table_at(log.files[0])
    told = columns_of(table, rules)
    settings = _settings(log.files[0])
    for run in runs_of(table, told):
        single = told.layout is None or told.layout.count == 1
        note = " ".join(filter(None, (run.note, NAMED if settings else "")))
        name = _stem(log.files[0]) if log.path == log.files[0] else log.path.rpartition("/")[2]
        yield replace(run, config={**settings, **run.config}, note=note, place="" if single else run.place, label=run.label or name)


def _settings(path: str) -> Mapping[str, Value]:
    stem = _stem(path)
    return told_settings(path.split("/")[-2] if stem in EVERY else stem)


def _stem(path: str) -> str:
    name = path.rpartition("/")[2]
    return name.rpartition(".")[0] or name
