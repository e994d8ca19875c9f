"""A SQLite database of MLflow in, its runs out: a few hundred runs at a time, so that no query keeps a program that writes waiting
and no more than these are in memory."""

import glob
import sqlite3
import sys
from array import array
from collections.abc import Iterator, Mapping
from itertools import groupby
from math import inf, nan
from operator import itemgetter
from typing import Any, TypeAlias

import numpy as np
from sweepbook.analysis.logs.readers.database import beside, columns, is_database, opened, stamped, tables
from sweepbook.analysis.logs.readers.log import Folder, Log
from sweepbook.analysis.logs.readers.mlflow.record import Numbers, Record, run_of
from sweepbook.runner.rules import Rules
from sweepbook.runner.runlog import LogError, Run

TABLES = frozenset(("experiments", "runs", "metrics", "params", "tags"))
ARTIFACTS = frozenset(("mlruns", "mlartifacts"))
TOGETHER = 256  # runs of one query
LARGEST = sys.float_info.max  # by which MLflow's database writes infinity
RUN = ("run_uuid", "name", "status", "lifecycle_stage", "start_time", "end_time", "experiment_id")
Texts: TypeAlias = dict[str, dict[str, str]]
Series: TypeAlias = tuple[Numbers, Numbers]
Floats: TypeAlias = "array[float]"
Schema: TypeAlias = Mapping[str, frozenset[str]]


def find(folder: Folder) -> Iterator[Log]:
    """The databases in the folder that have MLflow's tables, or that are called so and cannot be read."""
    for name in sorted(folder.files):
        path = f"{folder.path}/{name}"
        if is_database(path):
            known = tables(path)
            if ("mlflow" in name.lower()) if known is None else known.keys() >= TABLES:
                yield Log(path, stamped(path), beside(path) | _artifacts(folder))


def _artifacts(folder: Folder) -> frozenset[str]:
    """The folders in which the runs of a database keep what they made: nothing in them is a log, unless runs lie there as well."""
    names = ARTIFACTS & folder.folders
    return frozenset(name for name in names if not glob.glob(f"{glob.escape(folder.path)}/{name}/*/meta.yaml"))


def read(log: Log, rules: Rules) -> Iterator[Run]:
    """The runs, by their ids; deleted ones are among them."""
    after = ""
    while True:
        with opened(log.path) as database:
            part = [run_of(record, rules, record.ident) for record in _records(database, after)]
        yield from part
        if len(part) < TOGETHER:
            return
        after = part[-1].place


def _records(database: sqlite3.Connection, after: str) -> Iterator[Record]:
    """The next runs behind the id `after`."""
    schema = columns(database)
    if not schema.keys() >= TABLES or "run_uuid" not in schema["runs"]:
        raise LogError("its tables are not those of MLflow")
    query = f"SELECT {_listed(RUN, schema['runs'])} FROM runs WHERE run_uuid > ? ORDER BY run_uuid LIMIT {TOGETHER}"
    rows = database.execute(query, (after,)).fetchall()
    if not rows:
        return
    ends = (rows[0][0], rows[-1][0])
    experiments = _experiments(database, schema)
    params, tags = _texts(database, "params", ends), _texts(database, "tags", ends)
    measured = _series(database, schema["metrics"], ends)
    ident, series = next(measured, ("", {}))
    for own, name, status, stage, start, end, experiment in rows:
        while ident and ident < own:
            ident, series = next(measured, ("", {}))
        title, thrown_away = experiments.get(experiment, ("", False))
        yield Record(
            ident=own,
            experiment=title,
            name=str(name or ""),
            status=str(status),
            deleted=thrown_away or stage == "deleted",
            start=_seconds(start),
            end=_seconds(end),
            params=params.get(own, {}),
            tags=tags.get(own, {}),
            series=series if ident == own else {},
        )


def _listed(wanted: tuple[str, ...], known: frozenset[str]) -> str:
    """The columns of a query; NULL where the version that made the database has none of that name."""
    return ", ".join(name if name in known else "NULL" for name in wanted)


def _experiments(database: sqlite3.Connection, schema: Schema) -> dict[Any, tuple[str, bool]]:
    """By their ids the name of each experiment, and whether it was deleted."""
    wanted = _listed(("experiment_id", "name", "lifecycle_stage"), schema["experiments"])
    rows = database.execute(f"SELECT {wanted} FROM experiments")
    return {ident: (str(name), stage == "deleted") for ident, name, stage in rows}


def _texts(database: sqlite3.Connection, table: str, ends: tuple[str, str]) -> Texts:
    """The params or the tags of the runs from the first to the last id."""
    query = f"SELECT run_uuid, key, CAST(value AS TEXT) FROM {table} WHERE run_uuid BETWEEN ? AND ? AND value IS NOT NULL"
    texts: Texts = {}
    for ident, key, value in database.execute(query, ends):
        texts.setdefault(ident, {})[str(key)] = value
    return texts


def _series(database: sqlite3.Connection, known: frozenset[str], ends: tuple[str, str]) -> Iterator[tuple[str, dict[str, Series]]]:
    """By run id the series of the runs from the first to the last id. Text comes as bytes, for to make text of each takes longer
    than all else."""
    step, is_nan = (name if name in known else "0" for name in ("step", "is_nan"))
    query = f"""
        SELECT CAST(run_uuid AS BLOB), CAST(key AS BLOB), CAST({step} AS REAL), CAST(timestamp AS REAL),
            CASE WHEN {is_nan} THEN NULL ELSE CAST(value AS REAL) END
        FROM metrics WHERE run_uuid BETWEEN ? AND ? ORDER BY run_uuid"""
    for ident, rows in groupby(database.execute(query, ends), itemgetter(0)):
        logged: dict[bytes, tuple[Floats, Floats, Floats]] = {}
        for _, key, step, time, value in rows:
            try:
                steps, times, values = logged[key]
            except KeyError:
                steps, times, values = logged[key] = (array("d"), array("d"), array("d"))
            steps.append(step)
            times.append(time)
            values.append(nan if value is None else value)
        yield ident.decode(errors="replace"), {key.decode(errors="replace"): _ordered(*each) for key, each in logged.items()}


def _ordered(steps: Floats, times: Floats, values: Floats) -> Series:
    """Steps and values in the order in which they were logged; of those of one moment, as MLflow has it, the largest last."""
    numbers = np.array(values)
    numbers[numbers >= LARGEST], numbers[numbers <= -LARGEST] = inf, -inf
    order = np.lexsort((numbers, np.array(times)))
    return np.array(steps)[order], numbers[order]


def _seconds(milliseconds: object) -> float | None:
    return milliseconds / 1000 if isinstance(milliseconds, int | float) else None
