"""A table in, what each of its columns is out: by what a person says, else by its name, else by content.

docs/tables.md has the rules."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from sweepbook.analysis.logs.tables.cells import Column, is_number
from sweepbook.analysis.logs.tables.dates import is_date, is_moment
from sweepbook.analysis.logs.tables.layout import Layout, layout
from sweepbook.analysis.logs.tables.names import (
    PREFIXES,
    REPEATS,
    WHOLE,
    Role,
    by_name,
    plain_name,
    prefix_of,
)
from sweepbook.analysis.logs.tables.status import is_status
from sweepbook.analysis.logs.tables.table import Table
from sweepbook.runner.rules import Rules

SAID, NAMED = "as you said", "by its name"
EMPTY, CONSTANT, LEVELS, TEXT, FLAG = "it is empty", "the same in every run", "few levels", "text", "true or false"
UNLIKE, MEASURED, BETWEEN = "another one in every run", "many values that are not whole", "it stands among settings"
COUNTED, SECOND, STEPWISE = "many values", "there is another one of its kind", "it changes within runs"
NO_SETTING = "a list or a table that is not a setting"
FEW = 6  # rows below which the number of levels says little
DIGITS = 4  # of a number that was measured, at least


@dataclass(frozen=True)
class Told:
    """What one column is, why, and the name of the setting or metric that it holds."""

    role: Role
    why: str
    name: str


@dataclass(frozen=True, eq=False)
class Columns:
    """What each column of a table is; with the layout of one that has a row for each step."""

    all: Mapping[str, Told]
    layout: Layout | None = None

    def of(self, *roles: Role) -> tuple[str, ...]:
        """The columns of these kinds, in the table's order."""
        return tuple(name for name, column in self.all.items() if column.role in roles)

    def first(self, role: Role) -> str | None:
        """The first column of a kind."""
        return next(iter(self.of(role)), None)


def columns_of(table: Table, rules: Rules) -> Columns:
    """What each column is."""
    names = _names(table)
    said = {name: role for name in table.columns if (role := _said(name, names[name], rules))}
    roles = {name: said.get(name) or named(name, column) for name, column in table.columns.items()}
    lying = layout(table, roles)
    told: dict[str, Told] = {}
    for name, column in table.columns.items():
        if lying and (name in (lying.step, lying.split) or not lying.constant(column)):
            told[name] = Told(_stepwise(name, column, roles[name], lying), STEPWISE, names[name])
    runs = {name: lying.per_run(column) if lying else column for name, column in table.columns.items() if name not in told}
    own = _per_run(runs, {name: roles[name] for name in runs}, said, names)
    return Columns({name: told.get(name) or own[name] for name in table.columns}, lying)


def _said(name: str, own: str, rules: Rules) -> Role | None:
    """What a person says that a column is."""
    either = {name, own}
    if rules.seed in either:
        return Role.SEED
    if either & set(rules.metrics):
        return Role.METRIC
    return Role.SETTING if either & set(rules.settings) else None


def _names(table: Table) -> dict[str, str]:
    """The name that a column's values have: without what says that it is a setting or a metric, in a table that says so of both."""
    parts = {name: parts for name in table.columns if (parts := prefix_of(name)) and plain_name(name) not in WHOLE}
    kinds = {PREFIXES.get(prefix) for prefix, _ in parts.values()}
    short = {name: own for name, (prefix, own) in parts.items() if PREFIXES.get(prefix) in (Role.SETTING, Role.METRIC)}
    series = {
        name: own for name, (prefix, own) in parts.items() if PREFIXES.get(prefix) is Role.SERIES and _series(table.columns[name])
    }
    if Role.SETTING not in kinds:
        return {name: series.get(name, name) for name in table.columns}
    counts = Counter(short.values())
    alone = {name: own for name, own in short.items() if counts[own] == 1 and own not in table.columns}
    return {name: series.get(name) or alone.get(name, name) for name in table.columns}


def named(name: str, column: Column) -> Role | None:
    """What a column is by its name, where its content agrees."""
    role = by_name(name)
    if not column.values:
        return Role.ASIDE
    numeric = column.numeric
    match role:
        case Role.METRIC if _series(column):
            return Role.SERIES
        case Role.SERIES:
            return role if _series(column) else None
        case Role.METRIC | Role.SECONDS | Role.STEP:
            return role if numeric else Role.STARTED if role is Role.SECONDS and _dates(column) else None
        case Role.STATUS:
            return role if is_status(column.known, named=True) else None
        case Role.ERROR:
            return Role.METRIC if numeric else role
        case Role.STARTED | Role.ENDED:
            return role if _dates(column) else None
        case Role.SEED:
            return role if numeric and not column.fractional else Role.SETTING
    return role


def _series(column: Column) -> bool:
    """Whether all values are lists of numbers: a series in each cell."""
    lists = all(isinstance(value, list) for value in column.values)
    return lists and all(item is None or is_number(item) for value in column.values for item in value)


def _dates(column: Column) -> bool:
    """Whether all values are dates, or times since 1970."""
    return bool(column.known) and (all(map(is_moment, column.numbers)) if column.numeric else all(map(is_date, column.known)))


def _stepwise(name: str, column: Column, role: Role | None, lying: Layout) -> Role:
    """What a column is that changes within the runs of a table with a row for each step."""
    if name == lying.step:
        return Role.STEP
    if name == lying.split:
        return Role.SPLIT
    if role in (Role.STARTED, Role.ENDED, Role.SECONDS, Role.STATUS, Role.ERROR, Role.ASIDE, Role.NOTE):
        return role
    if not column.numeric:
        return Role.ASIDE
    return Role.SERIES if role in (Role.SETTING, Role.STEP) else Role.METRIC


def _per_run(
    columns: Mapping[str, Column], roles: Mapping[str, Role | None], said: Mapping[str, Role], names: Mapping[str, str]
) -> dict[str, Told]:
    """What each column with a value a run is."""
    told: dict[str, Told] = {}
    for name, column in columns.items():
        role, why = roles[name], SAID if name in said else NAMED
        if not column.values:
            role, why = Role.ASIDE, EMPTY
        elif role is None or role is Role.SPLIT or (role is Role.STEP and not column.numeric):
            role, why = _content(name, columns, roles)
        told[name] = Told(role, why, names[name])
    told = _with_one_seed(columns, told, said)
    return _with_one_time(_with_names(columns, told))


def _content(name: str, columns: Mapping[str, Column], roles: Mapping[str, Role | None]) -> tuple[Role, str]:
    """What a column is by its values, its name telling nothing."""
    column = columns[name]
    if is_status(column.known, named=False):
        return Role.STATUS, "its words"
    if _dates(column) and not column.numeric:
        return Role.STARTED, "dates"
    if column.flags:
        return Role.SETTING, FLAG
    if not column.numeric:
        return _content_of_text(column)
    if len(column.known) == 1 and (column.filled > 1 or not column.fractional):
        return Role.SETTING, CONSTANT
    measured = _measured(column)
    if measured and _among_settings(name, columns, roles):
        return Role.SETTING, BETWEEN
    return (Role.METRIC, measured) if measured else (Role.SETTING, LEVELS)


def _content_of_text(column: Column) -> tuple[Role, str]:
    if any(isinstance(value, dict) for value in column.values):
        return Role.ASIDE, NO_SETTING
    unlike = len(column.values) == column.filled and column.filled >= FEW
    if any(isinstance(value, list) for value in column.values):
        return (Role.ASIDE, UNLIKE) if unlike else (Role.SETTING, LEVELS)
    return (Role.NOTE, UNLIKE) if unlike else (Role.SETTING, TEXT)


def _measured(column: Column) -> str:
    """Why a column of numbers looks measured and not set; "" where it does not."""
    share = len(column.known) / max(column.filled, 1)
    if column.fractional:
        digits = max(map(_digits, column.known[:1000]))
        if share > 0.5 and (column.filled >= FEW or digits >= DIGITS):
            return MEASURED
        return MEASURED if share > 0.2 and digits >= DIGITS + 2 else ""
    return COUNTED if share > 0.5 and column.filled >= 8 and len(column.known) > 8 else ""


def _digits(number: float) -> int:
    """How many digits a number has as it is written, without the zeros around them."""
    mantissa = f"{number!r}".partition("e")[0].replace(".", "").replace("-", "")
    return len(mantissa.strip("0"))


def _among_settings(name: str, columns: Mapping[str, Column], roles: Mapping[str, Role | None]) -> bool:
    """Whether the nearest columns on both sides whose names tell what they are are settings."""
    names = list(columns)
    place = names.index(name)
    before = next((roles[other] for other in reversed(names[:place]) if _speaks(columns[other], roles[other])), None)
    after = next((roles[other] for other in names[place + 1 :] if _speaks(columns[other], roles[other])), None)
    settings = (Role.SETTING, Role.SEED)
    return (before in settings and after in settings) or (before is None and after in settings)


def _speaks(column: Column, role: Role | None) -> bool:
    return bool(column.values) and role not in (None, Role.ASIDE, Role.NOTE)


def _with_one_seed(columns: Mapping[str, Column], told: Mapping[str, Told], said: Mapping[str, Role]) -> dict[str, Told]:
    """The columns with at most one seed: the one that a person says, else the first; else one that counts repeats. What tells
    repeats apart in a table is its seed, whatever it is called."""
    new = dict(told)
    seeds = sorted((name for name, own in told.items() if own.role is Role.SEED), key=lambda name: name not in said)
    for other in seeds[1:]:
        new[other] = replace(told[other], role=Role.SETTING, why=SECOND)
    for only in seeds[:1]:
        if only not in said and len(columns[only].values) == 1 < columns[only].filled:
            new[only] = replace(told[only], role=Role.SETTING, why=CONSTANT)
    if not seeds:
        repeats = [name for name, own in told.items() if _counts_repeats(name, columns, own)]
        for name in repeats[:1]:
            new[name] = replace(told[name], role=Role.SEED, why="it counts repeats")
    return new


def _counts_repeats(name: str, columns: Mapping[str, Column], told: Told) -> bool:
    column = columns[name]
    if plain_name(name) not in REPEATS or told.why == SAID or not column.numeric or column.fractional:
        return False
    return 1 < len(column.values) <= column.filled / 2


def _with_names(columns: Mapping[str, Column], told: Mapping[str, Told]) -> dict[str, Told]:
    """The columns of names: one of few levels names configurations where no setting does, and is a setting then."""
    new = dict(told)
    for name in [name for name, own in told.items() if own.role is Role.NAME]:
        column = columns[name]
        if len(column.values) > 0.6 * column.filled or len(column.values) == 1:
            continue
        settings = [own for own, other in new.items() if other.role is Role.SETTING and len(columns[own].values) > 1]
        if not _determined(column, [columns[own] for own in settings]):
            new[name] = Told(Role.SETTING, "it tells configurations apart", "configuration")
    return new


def _determined(column: Column, others: list[Column]) -> bool:
    """Whether runs that agree in the others agree in the column."""
    rows = np.array([other.codes for other in others]).T if others else np.zeros((len(column), 0), np.intp)
    seen: dict[bytes, int] = {}
    return all(seen.setdefault(row.tobytes(), code) == code for row, code in zip(rows, column.codes.tolist(), strict=True))


def _with_one_time(told: Mapping[str, Told]) -> dict[str, Told]:
    """The columns with one duration of the run, the first; another is a measure of its own."""
    new = dict(told)
    for role, other in (
        (Role.SECONDS, Role.METRIC),
        (Role.STARTED, Role.NOTE),
        (Role.ENDED, Role.NOTE),
        (Role.STATUS, Role.SETTING),
    ):
        for name in [name for name, own in told.items() if own.role is role][1:]:
            new[name] = replace(told[name], role=other, why=SECOND)
    return new
