"""The CSV file that a chart of Weights & Biases exports in, the curves of its runs out. It has no settings."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from sweepbook.analysis.logs.readers.log import Folder, Log
from sweepbook.analysis.logs.steps import aligned
from sweepbook.analysis.logs.tables.cells import Codes, Column
from sweepbook.analysis.logs.tables.sight import sight
from sweepbook.analysis.logs.tables.table import Table, table_at
from sweepbook.runner.rules import Rules
from sweepbook.runner.runlog import LogError, Run

NAME = "W&B chart"
LOW, HIGH = "__MIN", "__MAX"
CURVE = re.compile(r"(.+) - (.+)", re.DOTALL)
NOTE = "The chart has no settings: export the table of runs for these."
GROUPED = "the chart shows groups: its curves are means, and single runs are not in it; export the table of runs instead"


@dataclass(frozen=True)
class Curve:
    """One curve of a chart: the run's name, the metric, and the column."""

    run: str
    metric: str
    column: str


def find(folder: Folder) -> Iterator[Log]:
    """The charts in the folder, known by their columns of lowest and highest values."""
    for name in sorted(name for name in folder.files if name.endswith(".csv")):
        path = f"{folder.path}/{name}"
        seen = sight(path)
        if seen and _curves(seen.names):
            yield Log(path, (path,), frozenset((name,)))


def _curves(names: tuple[str, ...]) -> list[Curve]:
    known = {*names}
    parts = [(name, CURVE.fullmatch(name)) for name in names if name + LOW in known and name + HIGH in known]
    return [Curve(match[1], match[2], name) for name, match in parts if match]


def read(log: Log, rules: Rules) -> Iterator[Run]:
    """A run for each name in the chart."""
    table = table_at(log.files[0])
    curves = _curves(tuple(table.columns))
    if any(_spread(table, curve) for curve in curves):
        raise LogError(GROUPED)
    runs: dict[str, list[Curve]] = {}
    for curve in curves:
        runs.setdefault(curve.run, []).append(curve)
    steps = next(iter(table.columns.values()))
    for name, own in runs.items():
        yield _run(name, {curve.metric: table.columns[curve.column] for curve in own}, steps)


def _spread(table: Table, curve: Curve) -> bool:
    """Whether a curve is of several runs: its lowest and highest values are not those that it has."""
    middle, low, high = (table.columns[curve.column + end].floats() for end in ("", LOW, HIGH))
    known = np.isfinite(middle) & np.isfinite(low) & np.isfinite(high)
    return bool((low[known] != high[known]).any())


def _run(name: str, columns: Mapping[str, Column], steps: Column) -> Run:
    numbers = steps.floats()
    rows: dict[str, Codes] = {metric: np.flatnonzero(column.codes >= 0) for metric, column in columns.items()}
    places, series = aligned({metric: (numbers[rows[metric]], column.floats()[rows[metric]]) for metric, column in columns.items()})
    finals = {
        metric: next((value for value in reversed(values) if math.isfinite(value)), None) for metric, values in series.items()
    }
    metrics = {metric: value for metric, value in finals.items() if value is not None}
    return Run(
        label=name,
        study="",
        seed=None,
        status="finished" if metrics else "failed",
        started=None,
        seconds=None,
        config={},
        metrics=metrics,
        epochs=series,
        steps=places,
        place=name.replace("/", "|"),
        note=NOTE,
    )
