"""A SQLite database of Trackio, which holds one project, in; its runs out."""

import json
import math
import os
import sqlite3
from array import array
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeAlias

from sweepbook.analysis.logs.readers.database import beside, columns, is_database, opened, stamped, tables
from sweepbook.analysis.logs.readers.log import Folder, Log
from sweepbook.analysis.logs.steps import aligned
from sweepbook.runner.config import Config
from sweepbook.runner.rules import Rules
from sweepbook.runner.runlog import LogError, Run
from sweepbook.runner.values import flat, is_finite

NAME = "Trackio"
COLUMNS = frozenset(("run_name", "step", "timestamp", "metrics"))
TOGETHER = 256  # runs of one query
OWN = "_"  # before the names of the settings that Trackio sets itself
CREATED, GROUP = "_Created", "_Group"
NUMBERS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
ENDED = "Trackio does not keep how a run ended: each counts as finished."
Series: TypeAlias = "tuple[array[float], array[float]]"


def find(folder: Folder) -> Iterator[Log]:
    """The databases in the folder that have Trackio's table of metrics."""
    for name in sorted(folder.files):
        path = f"{folder.path}/{name}"
        if is_database(path) and (tables(path) or {}).get("metrics", frozenset()) >= COLUMNS:
            yield Log(path, stamped(path), beside(path))


def read(log: Log, rules: Rules) -> Iterator[Run]:
    """The runs, by their ids, or by their names where the version had no ids yet."""
    project = os.path.splitext(os.path.basename(log.path))[0]
    after = ""
    while True:
        with opened(log.path) as database:
            known = columns(database)
            if not known.get("metrics", frozenset()) >= COLUMNS:
                raise LogError("its tables are not those of Trackio")
            keys = _keys(database, known, after)
            part = list(_part(database, known, project, keys)) if keys else []
        yield from part
        if len(keys) < TOGETHER:
            return
        after = keys[-1]


def _key(known: frozenset[str]) -> str:
    return "CAST(run_id AS TEXT)" if "run_id" in known else "CAST(run_name AS TEXT)"


def _keys(database: sqlite3.Connection, known: Mapping[str, frozenset[str]], after: str) -> list[str]:
    """What tells the next runs apart."""
    key = _key(known["metrics"])
    rows = database.execute(f"SELECT DISTINCT {key} AS own FROM metrics WHERE own > ? ORDER BY own LIMIT {TOGETHER}", (after,))
    return [own for (own,) in rows]


def _part(database: sqlite3.Connection, known: Mapping[str, frozenset[str]], project: str, keys: list[str]) -> Iterator[Run]:
    """The runs from the first to the last of the keys."""
    ends = (keys[0], keys[-1])
    configs = {}
    if known.get("configs", frozenset()) >= {"config"}:
        key = _key(known["configs"])
        told = database.execute(f"SELECT {key} AS own, CAST(config AS TEXT) FROM configs WHERE own BETWEEN ? AND ?", ends)
        configs = {own: _table(text) for own, text in told}
    key = _key(known["metrics"])
    query = f"""SELECT {key} AS own, run_name, step, timestamp, CAST(metrics AS TEXT) FROM metrics
        WHERE own BETWEEN ? AND ? ORDER BY own, id"""
    for own, rows in groupby(database.execute(query, ends), itemgetter(0)):
        yield _run(project, configs.get(own, {}), rows)


def _run(project: str, config: Mapping[str, Any], rows: Iterator[tuple[Any, ...]]) -> Run:
    series: dict[str, Series] = {}
    name, first, last = "", "", ""
    for place, (_, title, step, time, text) in enumerate(rows):
        name, first, last = str(title), first or str(time), str(time)
        number = float(step) if is_finite(step) else float(place)
        for metric, value in _numbers(_table(text)):
            steps, values = series.setdefault(metric, (array("d"), array("d")))
            steps.append(number)
            values.append(value)
    started, end = _moment(config.get(CREATED)) or _moment(first), _moment(last)
    entries, placed = aligned(series)
    return Run(
        label=name,
        study=project,
        seed=None,
        status="finished",
        started=started,
        seconds=(end - started).total_seconds() if started and end and end >= started else None,
        config=_settings(config),
        environment={"group": str(config[GROUP])} if config.get(GROUP) else {},
        metrics={metric: _last(steps, values) for metric, (steps, values) in series.items()},
        epochs=placed if len(entries) > 1 else {},
        steps=entries if len(entries) > 1 else [],
        place=name,
        note=ENDED,
    )


def _last(steps: "array[float]", values: "array[float]") -> float:
    """The value of the highest step; of several the one that was logged last."""
    return values[max(range(len(steps)), key=lambda place: (steps[place], place))]


def _settings(config: Mapping[str, Any]) -> Config:
    own = {name: value for name, value in config.items() if not name.startswith(OWN)}
    try:
        return flat(own)
    except ValueError as error:
        raise LogError(f"the setting {error} stands in it twice: by that name, and in a table") from None


def _numbers(row: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """The numbers of one entry, those of inner tables by their path; pictures, tables and text are none."""
    left = [*reversed(list(row.items()))]
    while left:
        name, value = left.pop()
        if isinstance(value, dict):
            inner = [] if "_type" in value else list(value.items())
            left += [(f"{name}/{key}", own) for key, own in reversed(inner)]
        elif isinstance(value, str) and value in NUMBERS:
            yield name, NUMBERS[value]
        elif type(value) is float or is_finite(value):
            yield name, float(value)


def _table(text: object) -> dict[str, Any]:
    """What an entry holds; nothing where it is no table."""
    try:
        table = json.loads(str(text))
    except (ValueError, RecursionError):
        return {}
    return table if isinstance(table, dict) else {}


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
