"""A table with a row for each epoch or step in, the series of each of its runs out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sweepbook.analysis.logs.metrics import SPLITS
from sweepbook.analysis.logs.steps import MOST, aligned
from sweepbook.analysis.logs.tables.cells import Codes
from sweepbook.analysis.logs.tables.columns import Columns
from sweepbook.analysis.logs.tables.layout import TALL
from sweepbook.analysis.logs.tables.names import Role, is_metric, is_setting, plain_name
from sweepbook.analysis.logs.tables.table import Table

EPOCH = "epoch"  # the series that numbers its entries


@dataclass(frozen=True, eq=False)
class Curves:
    """The series of all runs: `values` by their names, a value for every step of every run, the runs one after the other from
    `bounds`; `ends` has the last value of each metric, one a run, None where it has none and NaN where the table says that it was
    no number. Of several values at one step the last counts."""

    values: Mapping[str, npt.NDArray[np.float64]]
    steps: npt.NDArray[np.float64]
    bounds: Codes
    ends: Mapping[str, Sequence[float | None]]
    epochs: bool

    def series(self, run: int) -> tuple[dict[str, list[float]], Sequence[float]]:
        """The series of one run, and the step of every entry where they are no epochs."""
        part = slice(self.bounds[run], self.bounds[run + 1])
        steps = self.steps[part]
        own = {name: values[part] for name, values in self.values.items()}
        own = {name: values for name, values in own.items() if not np.isnan(values).all()}
        if len(steps) > MOST:
            kept, thin = aligned({name: (steps, values) for name, values in own.items()})
            return ({EPOCH: kept, **thin}, ()) if self.epochs else (thin, kept)
        made = {name: values.tolist() for name, values in own.items()}
        return ({EPOCH: steps.tolist(), **made}, ()) if self.epochs else (made, steps.tolist())


def curves_of(table: Table, told: Columns) -> Curves:
    """The series of the runs of a table that has a layout."""
    lying = told.layout
    assert lying
    steps = table.columns[lying.step].floats()
    order = np.lexsort((steps, lying.runs))
    new = np.r_[True, (np.diff(lying.runs[order]) != 0) | (np.diff(steps[order]) != 0)]
    places: Codes = np.empty(table.rows, np.intp)
    places[order] = np.cumsum(new) - 1
    first = order[new]
    bounds = np.searchsorted(lying.runs[first], np.arange(lying.count + 1))
    values: dict[str, npt.NDArray[np.float64]] = {}
    ends: dict[str, Sequence[float | None]] = {}
    for column, name, rows in _parts(table, told):
        cells = table.columns[column].floats()
        kept = rows & (table.columns[column].codes >= 0)
        values.setdefault(name, np.full(len(first), np.nan))[places[kept]] = cells[kept]
        if told.all[column].role is Role.METRIC and (column != "value" or is_metric(name) or not is_setting(plain_name(name))):
            ends[name] = _ends(cells, order[kept[order]], lying.runs, lying.count)
    epochs = lying.epochs and bool((steps == np.floor(steps)).all())
    return Curves(values, steps[first], bounds, ends, epochs)


def _ends(cells: npt.NDArray[np.float64], rows: Codes, runs: Codes, count: int) -> list[float | None]:
    """The value of every run in the last of these rows, which are by their steps."""
    values: list[float | None] = [None] * count
    for run, value in zip(runs[rows].tolist(), cells[rows].tolist(), strict=True):
        values[run] = value
    return values


def _parts(table: Table, told: Columns) -> list[tuple[str, str, npt.NDArray[np.bool_]]]:
    """Each series as the column that has it, its name, and the rows that are of it: all, or those of one split."""
    lying = told.layout
    assert lying
    names = [name for name in told.of(Role.METRIC, Role.SERIES) if not lying.constant(table.columns[name])]
    every = np.ones(table.rows, bool)
    if not lying.split:
        return [(name, told.all[name].name, every) for name in names]
    split = table.columns[lying.split]
    tall = plain_name(lying.split) in TALL
    words = [str(word) if tall else SPLITS[str(word).lower()] for word in split.values]
    return [
        (name, word if tall else f"{word}_{told.all[name].name}", split.codes == code)
        for name in names
        for code, word in enumerate(words)
    ]
