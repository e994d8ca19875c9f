"""A file of any table format in, a `Table` of columns out: CSV and TSV, Parquet, JSON lines, and records from anywhere."""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sweepbook.analysis.logs.tables.cells import Codes, Column, columns, from_values
from sweepbook.analysis.logs.tables.names import is_found
from sweepbook.analysis.logs.tables.text import LARGEST, MOST_CELLS, MOST_COLUMNS, decoded, sheet
from sweepbook.runner.runlog import LogError
from sweepbook.runner.values import flat

TEXT, PARQUET, LINES = (".csv", ".tsv", ".tab"), (".parquet", ".pq"), (".jsonl", ".ndjson")
ENDINGS = (*TEXT, *LINES, *PARQUET)
DEEPEST = 40  # tables in one another


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of one length by their names, rows that are `broken`, as their line and the reason, and `notes`, sentences on what
    was assumed."""

    columns: Mapping[str, Column]
    rows: int
    broken: tuple[tuple[int, str], ...] = ()
    notes: tuple[str, ...] = ()

    def only(self, places: Codes) -> "Table":
        """The table with these rows alone."""
        return replace(self, columns={name: column.rows(places) for name, column in self.columns.items()}, rows=len(places))


def table_at(path: str, ending: str = "") -> Table:
    """The table in the file at `path`, by the ending of its name or the one given; tables in cells are columns of their own."""
    ending = ending or ending_of(path)
    if ending in PARQUET:
        return flattened(_parquet(path))
    data = content(path)
    return flattened(_json_lines(data) if ending in LINES else text_table(data))


def ending_of(path: str) -> str:
    """The ending of a file's name, in small letters: ".csv"."""
    return "." + path.rpartition("/")[2].rpartition(".")[2].lower()


def content(path: str) -> bytes:
    """The bytes of the file; LogError where it cannot be read or is too large."""
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size > LARGEST:
                raise LogError(f"{size:,} bytes found; a table has at most {LARGEST:,}")
            return file.read(LARGEST)
    except OSError as error:
        raise LogError(f"cannot be read: {error.strerror}") from None


def text_table(data: bytes) -> Table:
    """The table that the bytes of a CSV or TSV file hold."""
    raw = sheet(data)
    made, notes = columns(dict(zip(raw.names, raw.columns, strict=True)), raw.separator)
    return Table(made, len(raw.columns[0]), raw.broken, (*raw.notes, *notes))


def _json_lines(data: bytes) -> Table:
    text, _ = decoded(data)
    lines = text.split("\n")
    records, broken = list[dict[str, Any]](), list[tuple[int, str]]()
    for number, line in enumerate(lines, 1):
        if line.strip():
            record = _object(line)
            if isinstance(record, str):
                broken.append((number, f"line {number} {record}"))
            else:
                records.append(record)
    if not records:
        raise LogError(f"no row in it: {broken[0][1]}" if broken else "the file is empty")
    return replace(of_records(records), broken=tuple(broken))


def _object(line: str) -> dict[str, Any] | str:
    """The object in a line, or what is wrong with it."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return "is not valid JSON: cut short?"
    return value if isinstance(value, dict) else "holds no object with names"


def of_records(records: Sequence[Mapping[str, Any]]) -> Table:
    """The table of records with a row each; nested ones are flattened to dotted names."""
    rows = [_flat(record) for record in records]
    names = list(dict.fromkeys(name for row in rows for name in row))
    if len(names) > MOST_COLUMNS:
        raise LogError(f"{len(names):,} columns; at most {MOST_COLUMNS:,}")
    if len(names) * len(rows) > MOST_CELLS:
        raise LogError(f"more than {MOST_CELLS:,} cells: too large a table")
    return Table({name: of_cells([row.get(name) for row in rows]) for name in names}, len(rows))


def _flat(record: Mapping[str, Any]) -> Mapping[str, Any]:
    if not any(type(value) is dict for value in record.values()):
        return record
    if _depth(record) > DEEPEST:
        raise LogError(f"tables in one another, more than {DEEPEST} deep")
    try:
        return {str(name): value for name, value in flat(record, lists=False).items()}
    except ValueError as error:
        raise LogError(f"{error} stands in one row twice") from None


def _depth(value: object) -> int:
    """How deep tables stand in one another, counted to a little beyond what is allowed."""
    level, depth = [value], 0
    while level and depth <= DEEPEST:
        level = [inner for own in level if isinstance(own, Mapping) for inner in own.values()]
        depth += 1
    return depth


def of_cells(cells: Sequence[Any]) -> Column:
    """The column of cells that have values already; text that says that there is nothing is an empty cell."""
    if all(type(cell) is float or type(cell) is int for cell in cells):
        try:
            return _of_numbers(cells)
        except OverflowError:
            pass
    return from_values(np.arange(len(cells)), [None if cell == "" else cell for cell in cells])


def _of_numbers(cells: Sequence[int | float]) -> Column:
    """The column of numbers alone; ten times as fast."""
    import pandas as pd

    whole = all(type(cell) is int for cell in cells)
    codes, values = pd.factorize(np.array(cells, np.int64 if whole else np.float64), use_na_sentinel=False)
    return Column(codes, tuple(values.tolist()))


def _parquet(path: str) -> Table:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise LogError('a Parquet file needs pyarrow: pip install "sweepbook[parquet]"') from None
    try:
        with parquet.ParquetFile(path) as file:
            cells = file.metadata.num_rows * file.metadata.num_columns
            if cells > MOST_CELLS:
                raise LogError(f"{cells:,} cells; a table has at most {MOST_CELLS:,}")
            raw = file.read()
        for _ in range(DEEPEST):
            if not any(pa.types.is_struct(field.type) for field in raw.schema):
                break
            raw = raw.flatten()
        names, series = raw.column_names, raw.columns
        made = {name: _of_arrow(column) for name, column in zip(names, series, strict=True) if name != "__index_level_0__"}
    except (OSError, pa.ArrowException, ValueError, TypeError) as error:
        raise LogError(f"not a Parquet file that can be read: {str(error).splitlines()[0][:200]}") from None
    return Table(made, raw.num_rows)


def _of_arrow(column: Any) -> Column:
    """The column of an Arrow one: each of its values is made once."""
    import pyarrow as pa

    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type) or pa.types.is_decimal(column.type):
        column = column.cast(pa.string())
    if pa.types.is_nested(column.type):
        return of_cells(column.to_pylist())
    both = column.combine_chunks().dictionary_encode()
    codes = both.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.intp)
    return from_values(codes, [None if value == "" else _plain(value) for value in both.dictionary.to_pylist()])


def _plain(value: Any) -> Any:
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def flattened(table: Table) -> Table:
    """The table with columns for the settings of tables in its cells, but for those that a run found."""
    made: dict[str, Column] = {}
    for name, column in table.columns.items():
        for own, inner in _inner(name, column) if column.tables and not is_found(name) else [(name, column)]:
            made.setdefault(own, inner)
    if len(made) > MOST_COLUMNS:
        raise LogError(f"{len(made):,} columns; at most {MOST_COLUMNS:,}")
    return replace(table, columns=made)


def _inner(name: str, column: Column) -> Iterable[tuple[str, Column]]:
    """The columns of the tables in a column, each by its path."""
    tables = [_flat(value) for value in column.values]
    for key in dict.fromkeys(key for own in tables for key in own):
        yield f"{name}.{key}", from_values(column.codes, [own.get(key) for own in tables])
