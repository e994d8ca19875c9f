"""A table and what its columns are by name in, which rows are of one run out, where a table has a row for each epoch or step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sweepbook.analysis.logs.metrics import SPLITS
from sweepbook.analysis.logs.tables.cells import Codes, Column
from sweepbook.analysis.logs.tables.names import BUDGETS, Role, plain_name
from sweepbook.analysis.logs.tables.table import Table

EPOCHS = ("epoch", "epoch_num")
TALL = {"metric": "value", "metric_name": "value", "tag": "value", "variable": "value", "key": "value"}
AGAIN = 0.6  # of the rows, at most, whose step the run has already: after a restart, or where each metric has a row of its own
STEPS, BUDGETED = 2, 8  # that a run has on average, at least; more where their name may be that of a setting
UPWARD = 0.9  # of the rows, at least, whose step is higher than that of the row before


@dataclass(frozen=True, eq=False)
class Layout:
    """How a table with a row for each step lies: `step` is the column of steps, `runs` the place of every row's run, `count` how
    many there are, `split` the column that says what a row's metrics are of, if any, `key` the columns that tell runs apart."""

    step: str
    runs: Codes
    count: int
    split: str | None
    key: tuple[str, ...]

    @property
    def epochs(self) -> bool:
        """Whether the steps are epochs."""
        return plain_name(self.step) in EPOCHS

    def constant(self, column: Column) -> bool:
        """Whether a column has at most one value in every run."""
        import pandas as pd

        filled = column.codes >= 0
        pairs = self.runs[filled] * (len(column.values) + 1) + column.codes[filled]
        return len(pd.unique(pairs)) == len(pd.unique(self.runs[filled]))

    def per_run(self, column: Column, last: bool = False) -> Column:
        """The column with one row a run: the first value that the run has, or the last."""
        codes = np.full(self.count, -1, np.intp)
        filled = np.flatnonzero(column.codes >= 0)[:: 1 if last else -1]
        codes[self.runs[filled]] = column.codes[filled]
        return Column(codes, column.values).tight()


def layout(table: Table, roles: Mapping[str, Role | None]) -> Layout | None:
    """How the table lies where it has a row for each step; None where it has one for each run."""
    named = [column for name, column in table.columns.items() if roles[name] is Role.NAME]
    if table.rows == 1 and not named and Role.SEED not in roles.values():  # a run of one epoch
        steps = _steps(table, roles)
        return Layout(steps[0], np.zeros(1, np.intp), 1, None, ()) if steps else None
    if table.rows < 2 or any(len(column.values) == table.rows for column in named):
        return None
    split = _split(table, roles)
    for step in _steps(table, roles):
        if lying := _lying(table, roles, step, split):
            return lying
    return None


def _steps(table: Table, roles: Mapping[str, Role | None]) -> list[str]:
    """The columns that may number the rows of a run, epochs first and budgets last."""
    able = [
        name
        for name, role in roles.items()
        if role is Role.STEP or (role is not Role.METRIC and plain_name(name).strip("_") in BUDGETS)
    ]
    full = [name for name in able if table.columns[name].numeric and table.columns[name].filled == table.rows]
    return sorted(full, key=lambda name: (plain_name(name) not in EPOCHS, plain_name(name) in BUDGETS))


def _split(table: Table, roles: Mapping[str, Role | None]) -> str | None:
    """The column that says which split the metrics of a row are of, or which metric its value is."""
    for name, column in table.columns.items():
        if column.text and TALL.get(plain_name(name), "") in map(plain_name, roles):
            return name
        if roles[name] is Role.SPLIT and column.text and all(str(value).lower() in SPLITS for value in column.values):
            return name
    return None


def _lying(table: Table, roles: Mapping[str, Role | None], step: str, split: str | None) -> Layout | None:
    able = [name for name in table.columns if name not in (step, split) and _tells(table.columns[name], roles[name])]
    key = [*{table.columns[name].codes.tobytes(): name for name in reversed(able)}.values()][
        ::-1
    ]  # of columns that agree the first
    steps = table.columns[step]
    best = _pairs(table, key, steps, split)
    if best < table.rows * (1 - AGAIN):
        return None
    for name in [name for name in key if roles[name] not in (Role.NAME, Role.SEED)]:  # a schedule, or what says something of a row
        fewer = [other for other in key if other != name]
        if _pairs(table, fewer, steps, split) == best:
            runs = _combined([table.columns[other].codes for other in fewer], table.rows)
            if not _layout(runs, step, split, fewer).constant(table.columns[name]):
                key = fewer
    made = _layout(_combined([table.columns[name].codes for name in key], table.rows), step, split, key)
    least = BUDGETED if plain_name(step).strip("_") in BUDGETS else STEPS
    return made if best >= least * made.count and _upward(made.runs, steps.floats()) >= UPWARD else None


def _tells(column: Column, role: Role | None) -> bool:
    """Whether a column may tell runs apart: a name, a seed, a setting, text."""
    if len(column.values) < 2:
        return False
    return role in (Role.NAME, Role.SEED, Role.SETTING) or (role is None and (column.text or column.flags))


def _layout(runs: Codes, step: str, split: str | None, key: Sequence[str]) -> Layout:
    return Layout(step, runs, int(runs.max(initial=-1)) + 1, split, tuple(key))


def _combined(codes: Sequence[Codes], rows: int) -> Codes:
    """The place of every row's combination of codes among all that there are, in the order in which they come."""
    import pandas as pd

    places: Codes = np.zeros(rows, np.intp)
    for own in codes:
        places = pd.factorize(places * (int(own.max(initial=0)) + 2) + own + 1)[0].astype(np.intp)
    return places


def _pairs(table: Table, key: Sequence[str], steps: Column, split: str | None) -> int:
    """How many different steps the runs have, that the columns of a key tell apart, all together."""
    parts = [table.columns[name].codes for name in [*key, *([split] if split else [])]]
    return int(_combined([*parts, steps.codes], table.rows).max(initial=-1)) + 1


def _upward(runs: Codes, steps: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> float:
    """Which share of the rows have a step not below that of the run's row before."""
    order = np.argsort(runs, kind="stable")
    same = np.diff(runs[order]) == 0
    return float((np.diff(steps[order])[same] >= 0).mean()) if same.any() else 0.0
