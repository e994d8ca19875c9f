"""The first rows of a file in, whether it is a table of runs out: a data set is none. docs/tables.md has the rule."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from sweepbook.analysis.logs.readers.log import is_file
from sweepbook.analysis.logs.tables.columns import named
from sweepbook.analysis.logs.tables.layout import TALL
from sweepbook.analysis.logs.tables.names import PREFIXES, Role, by_name, is_strong, is_weak_setting, plain_name, prefix_of
from sweepbook.analysis.logs.tables.table import LINES, PARQUET, TEXT, Table, flattened, of_records, text_table
from sweepbook.runner.runlog import LogError

HEAD = 65_536  # bytes that are looked at
ENOUGH = 3  # points
# What a row of a run's monitor or a data set is in, by the names that tools give such files.
OTHERS = re.compile(r"(?:.*\.)?monitor\.csv|(?:sample_)?submission\.csv|.*[-_.]of[-_.]\d+\.(?:parquet|jsonl)", re.IGNORECASE)
RUNS = re.compile(r"(?:.*[^a-z])?(?:runs?|results?|sweeps?|experiments?|trials?|metrics|history|logs?)(?:[^a-z].*)?", re.IGNORECASE)


@dataclass(frozen=True)
class Sight:
    """What the first rows of a table show: its columns by name, and what each is by its name and these rows."""

    names: tuple[str, ...]
    roles: Mapping[str, Role | None]
    table: Table | None = None

    def has(self, *roles: Role) -> bool:
        """Whether a column is of one of these kinds."""
        return any(role in roles for role in self.roles.values())

    @property
    def points(self) -> int:
        """How much speaks for a table of runs: 2 for a metric's name, 1 for one that may be something else, 2 for a seed, 1 for
        each of a step, a run's name and a status, 2 for a setting that only trainers have, 1 for another; 4 for an export."""
        metrics = [name for name, role in self.roles.items() if role in (Role.METRIC, Role.SERIES)]
        settings = [name for name, role in self.roles.items() if role is Role.SETTING]
        exported = {Role.SETTING, Role.METRIC} <= {PREFIXES.get(parts[0]) for name in self.names if (parts := prefix_of(name))}
        runs = [name for name, role in self.roles.items() if role is Role.NAME and plain_name(name) not in ("name", "id", "index")]
        return (
            (2 if any(map(is_strong, metrics)) else bool(metrics))
            + 2 * self.has(Role.SEED)
            + self.has(Role.STEP)
            + bool(runs)
            + self.has(Role.STATUS)
            + (2 if not all(map(is_weak_setting, settings)) else bool(settings))
            + 4 * exported
            + 2 * (not TALL.keys().isdisjoint(map(plain_name, self.names)) and self.has(Role.STEP, Role.SEED))
        )


def sight(path: str) -> Sight | None:
    """What the first rows of the file at `path` show; None where it is no table, or one that its name says is none of runs."""
    if OTHERS.fullmatch(path.rpartition("/")[2]) or not is_file(path):
        return None
    try:
        status = os.stat(path)
    except OSError:
        return None
    return _sight(path, status.st_size, status.st_mtime_ns)


def is_runs(path: str) -> bool:
    """Whether the file holds a table of runs, as far as its first rows show."""
    if path.lower().endswith(PARQUET) and not _has_arrow():
        return bool(RUNS.fullmatch(path.rpartition("/")[2].rpartition(".")[0]))  # and reading it says what is missing
    seen = sight(path)
    return seen is not None and seen.points >= ENOUGH


def _has_arrow() -> bool:
    from importlib.util import find_spec

    return find_spec("pyarrow") is not None


@lru_cache(maxsize=512)
def _sight(path: str, size: int, changed: int) -> Sight | None:
    """As above; a file that changes is looked at again."""
    try:
        if path.lower().endswith(PARQUET):
            return _of_names(_parquet_names(path))
        with open(path, "rb") as file:
            start = file.read(HEAD)
        whole = start if len(start) == size else start[: start.rfind(b"\n") + 1]
        if path.lower().endswith(LINES):
            return sight_of(flattened(_first_records(whole)))
        if path.lower().endswith(TEXT) and (names := _of_names(_header(whole))).points < ENOUGH:
            return names
        return sight_of(flattened(text_table(whole)))
    except (LogError, OSError, ValueError):
        return None


def _header(start: bytes) -> tuple[str, ...]:
    """Words of the first line that are no comment, whatever parts them: enough to pass over most tables of something else."""
    text = start.decode("utf-16" if start[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", errors="replace")
    line = next((line for line in text.splitlines() if line.strip() and not line.startswith(("#{", "sep="))), "")
    return tuple(dict.fromkeys(word.strip().strip('"') for word in re.split(r"[,;\t|]", line)))


def _parquet_names(path: str) -> tuple[str, ...]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        return tuple(parquet.read_schema(path).names)
    except pa.ArrowException as error:
        raise LogError(str(error)) from None


def _first_records(start: bytes) -> Table:
    records = []
    for line in start.decode(errors="replace").splitlines()[:200]:
        value = json.loads(line) if line.strip() else None
        if isinstance(value, dict):
            records.append(value)
    return of_records(records)


def _of_names(names: tuple[str, ...]) -> Sight:
    return Sight(names, {name: by_name(name) for name in names})


def sight_of(table: Table) -> Sight:
    """What the rows of a table show."""
    return Sight(tuple(table.columns), {name: named(name, column) for name, column in table.columns.items()}, table)
