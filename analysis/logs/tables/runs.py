"""A table and what its columns are in, its runs out: one for each row, or one for the rows of all its steps."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sweepbook.analysis.logs.tables.cells import Column, is_number
from sweepbook.analysis.logs.tables.columns import Columns
from sweepbook.analysis.logs.tables.curves import EPOCH, Curves, curves_of
from sweepbook.analysis.logs.tables.dates import moment
from sweepbook.analysis.logs.tables.names import Role, is_found, is_setting, plain_name, unit_of
from sweepbook.analysis.logs.tables.status import status_of
from sweepbook.analysis.logs.tables.table import Table
from sweepbook.runner.config import Config
from sweepbook.runner.logtable import LONGEST_NAME, LONGEST_TEXT
from sweepbook.runner.metric import is_loss
from sweepbook.runner.runlog import LogError, Run
from sweepbook.runner.values import Value, flat

SHOWN = 120  # characters of a place
COMMITS = ("commit", "git_commit", "git_hash", "git_sha", "sha", "tags_mlflow_source_git_commit")
PARENTS = ("parent_run_id", "parent", "tags_mlflow_parent_run_id")
NUMBERS = ("step", "steps", "global_step", "iteration", "iterations", "iter")  # lists that number the entries of the others
LABELS = ("run_name", "name", "display_name", "runname", "job_name", "trial_name", "exp_name")


@dataclass(frozen=True, eq=False)
class Rows:
    """The cells of a table's runs, each column one cell a run; a column that there is not is None."""

    count: int
    settings: Mapping[str, Sequence[Any]]
    metrics: Mapping[str, Sequence[float | None]]
    lists: Mapping[str, Sequence[Any]]
    seed: Sequence[Any] | None
    status: Sequence[Any] | None
    error: Sequence[Any] | None
    started: Sequence[Any] | None
    ended: Sequence[Any] | None
    seconds: Sequence[float] | None
    commit: Sequence[Any] | None
    labels: Sequence[str]
    places: Sequence[str]


def runs_of(table: Table, told: Columns) -> Iterator[Run]:
    """The runs; LogError behind them where rows were broken."""
    if not told.of(Role.METRIC, Role.SERIES):
        raise LogError("no column looks like a metric; --metrics NAME says which is one")
    rows, left = _rows(table, told)
    curves = curves_of(table, told) if told.layout else None
    note = " ".join([*table.notes, *_notes(told, len(left))])
    for at in range(rows.count):
        if at not in left:
            yield replace(_run(rows, at, curves), note=note)
    if table.broken:
        more = f", and {len(table.broken) - 1:,} more such lines" if len(table.broken) > 1 else ""
        raise LogError(f"{table.broken[0][1]}{more}: left out")


def _notes(told: Columns, parents: int) -> Iterator[str]:
    """What was assumed about the columns and the rows."""
    found = [name for name, column in told.all.items() if column.role is Role.NOTE and is_found(name)]
    if found:
        yield f"{' and '.join(found[:3])} {'holds' if len(found) == 1 else 'hold'} what a run found, so it is no setting."
    for name in told.of(Role.SEED):
        if plain_name(name).find("seed") < 0 and "random" not in name:
            yield f"The column {name} tells repeats apart and was read as the seed."
    if parents:
        yield f"Rows that only sum up the runs below them were left out: {parents:,}."


def _rows(table: Table, told: Columns) -> tuple[Rows, frozenset[int]]:
    """The cells of the runs, and the places of rows that sum up the runs below them."""
    lying = told.layout
    alone = {
        name for name in told.all if not lying or (name not in (lying.step, lying.split) and lying.constant(table.columns[name]))
    }
    own = {name: lying.per_run(column) if lying else column for name, column in table.columns.items() if name in alone}
    if lying:  # the last that is known of what changes
        for role in (Role.STATUS, Role.ERROR, Role.STARTED, Role.ENDED, Role.SECONDS):
            own |= {name: lying.per_run(table.columns[name], last=role is not Role.STARTED) for name in told.of(role)}
    count = lying.count if lying else table.rows
    metrics = [name for name in told.of(Role.METRIC) if name in own]
    names = {plain_name(name): name for name in own}
    labels, places = _names(own, told, count)
    rows = Rows(
        count=count,
        settings={told.all[name].name: _settings(own[name]) for name in told.of(Role.SETTING) if name in own},
        metrics={told.all[name].name: _numbers(own[name]) for name in metrics},
        lists={told.all[name].name: own[name].cells() for name in told.of(Role.SERIES) if name in own and not own[name].numeric},
        seed=_cells(own, told.first(Role.SEED)),
        status=_cells(own, told.first(Role.STATUS)),
        error=_cells(own, told.first(Role.ERROR)),
        started=_cells(own, told.first(Role.STARTED)),
        ended=_cells(own, told.first(Role.ENDED)),
        seconds=_seconds(own, told.first(Role.SECONDS)),
        commit=_cells(own, next((names[name] for name in COMMITS if name in names), None)),
        labels=labels,
        places=places,
    )
    return rows, _parents(own, told)


def _cells(own: Mapping[str, Column], name: str | None) -> list[Any] | None:
    return own[name].cells() if name in own else None  # type: ignore[index]


def _seconds(own: Mapping[str, Column], name: str | None) -> list[float] | None:
    if name is None or name not in own:
        return None
    seconds: list[float] = (own[name].floats() * (unit_of(plain_name(name)) or 1.0)).tolist()
    return seconds


def _numbers(column: Column) -> list[float | None]:
    """The cells of a metric: None where there is none, and NaN where the table says that it was no number."""
    pairs = zip(column.numbers, column.values, strict=True)
    values: list[float | None] = [*(number if is_number(value) else None for number, value in pairs), None]
    return [values[code] for code in column.codes.tolist()]


def _settings(column: Column) -> list[Value | None]:
    """The cells of a setting, None where there is none."""
    values = [_setting(value) for value in column.values]
    return [values[code] if code >= 0 else None for code in column.codes.tolist()]


def _setting(value: Any) -> Value | None:
    if isinstance(value, float) and not math.isfinite(value):
        return None if value != value else str(value)
    if isinstance(value, int) and abs(value) > 1e300:
        return str(value)
    if isinstance(value, list):
        items: list[Any] = ["None" if item is None else item for item in value]
        return items
    setting: Value = value[:LONGEST_TEXT] if isinstance(value, str) else value
    return setting


def _parents(own: Mapping[str, Column], told: Columns) -> frozenset[int]:
    """The places of rows that only sum up the runs below them, as those do which others name as their parent."""
    parent = next((name for name in own if plain_name(name) in PARENTS), None)
    ids = [name for name in told.of(Role.NAME) if name in own]
    if parent is None or not ids:
        return frozenset()
    named = {str(value) for value in own[parent].values}
    return frozenset(at for name in ids for at, value in enumerate(own[name].cells()) if str(value) in named)


def _names(own: Mapping[str, Column], told: Columns, count: int) -> tuple[list[str], list[str]]:
    """What each run is called, and what tells it from the others: a name that no two have, else its place in the table."""
    names = [name for name in told.of(Role.NAME) if name in own]
    spoken = sorted(names, key=lambda name: plain_name(name) not in LABELS)
    labels = [_text(value) for value in own[spoken[0]].cells()] if spoken else [""] * count
    unlike = [name for name in spoken if len(own[name].values) == own[name].filled == count]
    if unlike:
        places = [_text(value)[:SHOWN] for value in own[unlike[0]].cells()]
        if len(set(places)) == count:
            return labels, places
    again = Counter(labels)
    return labels, [
        _text(label)[:SHOWN] if label and again[label] == 1 else _numbered(label, at) for at, label in enumerate(labels, 1)
    ]


def _numbered(label: str, at: int) -> str:
    return f"{_text(label)[:SHOWN]} ({at})" if label else str(at)


def _text(value: object) -> str:
    """A name on one line and without slashes, which part the places of runs."""
    return "" if value is None else " ".join(str(value).split()).replace("/", "|")[:LONGEST_NAME]


def _run(rows: Rows, at: int, curves: Curves | None) -> Run:
    """The run at this place, without its note."""
    config = _config({name: cells[at] for name, cells in rows.settings.items() if cells[at] is not None})
    metrics = {name: value for name, cells in rows.metrics.items() if (value := cells[at]) is not None}
    series: dict[str, list[float]] = {}
    steps: Sequence[float] = ()
    if curves:
        series, steps = curves.series(at)
    lists = {name: cells[at] for name, cells in rows.lists.items() if cells[at] is not None}
    series |= {name: [math.nan if value is None else float(value) for value in values] for name, values in lists.items()}
    if numbers := next((name for name in NUMBERS if name in lists), None):
        steps = series.pop(numbers)
    scored = [
        name
        for name in (*lists, *(curves.ends if curves else ()))
        if name not in (EPOCH, numbers) and not is_setting(plain_name(name))
    ]
    ends = {name: value for name in scored if (value := _end(name, series.get(name, ()), at, name in lists, curves)) is not None}
    measured = {**ends, **metrics}
    status, error = _ending(rows, at, measured)
    return Run(
        label=rows.labels[at],
        study="",
        seed=_seed(rows, at),
        status=status,
        started=_started(rows, at),
        seconds=_lasted(rows, at),
        config=config,
        error=error,
        environment={"commit": str(rows.commit[at])} if rows.commit and rows.commit[at] is not None else {},
        metrics=measured,
        epochs=series,
        steps=steps,
        place=rows.places[at],
    )


def _config(settings: Mapping[str, Any]) -> Config:
    nested = any(isinstance(value, list) and any(isinstance(item, list | dict) for item in value) for value in settings.values())
    if not nested:
        return settings
    try:
        return flat(settings)
    except ValueError as error:
        raise LogError(f"the setting {error} stands in it twice") from None


def _end(name: str, values: Sequence[float], at: int, listed: bool, curves: Curves | None) -> float | None:
    """The value that counts of a series: the last one, which is no number only where it is a loss; None where there is none."""
    last = (values[-1] if values else None) if listed else curves.ends[name][at] if curves else None
    if last is None or math.isfinite(last) or is_loss(name):
        return last
    return next((value for value in reversed(values) if math.isfinite(value)), None)


def _seed(rows: Rows, at: int) -> int | None:
    seed = rows.seed[at] if rows.seed else None
    return int(seed) if isinstance(seed, int | float) and math.isfinite(seed) else None


def _started(rows: Rows, at: int) -> datetime | None:
    return moment(rows.started[at]) if rows.started and rows.started[at] is not None else None


def _lasted(rows: Rows, at: int) -> float | None:
    """How many seconds the run took: as the table has it, else from its start to its end."""
    if rows.seconds and math.isfinite(rows.seconds[at]) and rows.seconds[at] >= 0:
        return rows.seconds[at]
    if not (rows.started and rows.ended):
        return None
    start, end = (moment(cells[at]) if cells[at] is not None else None for cells in (rows.started, rows.ended))
    lasted = (end - start).total_seconds() if start and end else -1.0
    return lasted if lasted >= 0 else None


def _ending(rows: Rows, at: int, metrics: Mapping[str, float]) -> tuple[str, str | None]:
    """How the run ended, and what its error was."""
    word = rows.status[at] if rows.status else None
    status = status_of(word) if word is not None else None
    error = rows.error[at] if rows.error else None
    text = None if error is None else str(error)[:LONGEST_TEXT]
    if status is None and text and not metrics:
        return "failed", text
    lost = any(not math.isfinite(value) for name, value in metrics.items() if is_loss(name))
    if status in (None, "finished") and not lost and not any(math.isfinite(value) for value in metrics.values()):
        return "failed", text or "its row has no metric"
    return status or "finished", text
