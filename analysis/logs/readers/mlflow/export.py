"""A table of runs as mlflow.search_runs makes it, saved as CSV, in; its runs out."""

import csv
import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from sweepbook.analysis.logs.readers.log import Folder, Log
from sweepbook.analysis.logs.readers.mlflow.record import PARENT, Record, run_of
from sweepbook.runner.rules import Rules
from sweepbook.runner.runlog import LogError, Run

ENDING = ".csv"
NEEDED = frozenset(("run_id", "status", "start_time"))
TABLES = ("params.", "metrics.", "tags.")
LONGEST_HEAD = 1_000_000  # characters
LONGEST_CELL = 1_000_000
PARENT_COLUMN = "parent_run_id"  # as some name it themselves


def find(folder: Folder) -> Iterator[Log]:
    """The files whose first line has MLflow's columns."""
    for name in sorted(folder.files):
        if name.lower().endswith(ENDING) and _is_export(path := f"{folder.path}/{name}"):
            yield Log(path, (path,), frozenset({name}))


def _is_export(path: str) -> bool:
    try:
        with open(path, encoding="utf-8-sig", errors="replace", newline="") as file:
            line = file.readline(LONGEST_HEAD)
        columns = next(csv.reader([line]), []) if "run_id" in line else []
    except (OSError, csv.Error):
        return False
    return set(columns) >= NEEDED and any(name.startswith(TABLES[:2]) for name in columns)


def read(log: Log, rules: Rules) -> Iterator[Run]:
    """The runs, a row each; a row that is not whole is said when all others are read."""
    broken = 0
    try:
        with open(log.path, encoding="utf-8-sig", errors="replace", newline="") as file:
            csv.field_size_limit(LONGEST_CELL)
            rows = csv.reader(file)
            columns = next(rows, [])
            for row in rows:
                if len(row) == len(columns):
                    record = _record(dict(zip(columns, row, strict=True)))
                    yield run_of(record, rules, record.ident)
                else:
                    broken += bool(row)
    except csv.Error as error:
        raise LogError(f"not a whole table: {error}") from None
    except OSError as error:
        raise LogError(f"cannot be read: {error.strerror}") from None
    if broken:
        raise LogError(f"{broken} row{'s' * (broken > 1)} without as many cells as there are columns: cut short?")


def _record(row: Mapping[str, str]) -> Record:
    """A row as MLflow's record of a run; a cell that is empty has no value."""
    params, metrics, tags = (_table(row, prefix) for prefix in TABLES)
    if row.get(PARENT_COLUMN):
        tags.setdefault(PARENT, row[PARENT_COLUMN])
    return Record(
        ident=row["run_id"],
        experiment=row.get("experiment_id", ""),
        status=row["status"],
        start=_time(row["start_time"]),
        end=_time(row.get("end_time", "")),
        params=params,
        tags=tags,
        finals={name: _number(value) for name, value in metrics.items()},
    )


def _table(row: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {name.removeprefix(prefix): value for name, value in row.items() if name.startswith(prefix) and value}


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _time(text: str) -> float | None:
    """Seconds since 1970 of a time as pandas writes it, which without a zone is in UTC."""
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
