"""The bytes of a CSV or TSV file in, its header and its cells as text out, whatever encoding, separator and quoting it has."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sweepbook.runner.runlog import LogError

LARGEST = 256_000_000  # bytes of a table
MOST_CELLS = 12_000_000
MOST_COLUMNS = 20_000
LONGEST_CELL = 4_000_000  # characters
SEPARATORS = ",;\t|"
HEAD = 65_536  # characters in which the separator is looked for
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
NUMERIC = re.compile(r"\s*[-+]?(?:\d+[.,]?\d*|[.,]\d+)(?:[eE][-+]?\d+)?%?\s*|nan|NaN|inf|")


@dataclass(frozen=True)
class Sheet:
    """A table as text: its `columns`, one text a row, by their `names`; rows that are `broken`, as their line and the reason; and
    `notes`, sentences on what had to be assumed."""

    names: tuple[str, ...]
    columns: tuple[Sequence[str], ...]
    separator: str
    broken: tuple[tuple[int, str], ...] = ()
    notes: tuple[str, ...] = ()


def sheet(data: bytes) -> Sheet:
    """The table that `data` is; LogError where it is none."""
    text, encoding = decoded(data)
    separator = separator_of(text[:HEAD])
    names, rows, broken, notes = _rows(text, separator)
    if encoding:
        notes = (f"The table is not UTF-8 and was read as {encoding}.", *notes)
    columns: tuple[Sequence[str], ...] = tuple(zip(*rows, strict=True)) if rows else tuple(() for _ in names)
    return Sheet(*_unlike(names, columns), separator, broken, notes)


def decoded(data: bytes) -> tuple[str, str]:
    """The text that `data` encodes, and the encoding where it is neither UTF-8 nor said by the first bytes."""
    if not data.strip():
        raise LogError("the file is empty")
    for mark, name in BOMS:
        if data.startswith(mark):
            return _by(data, name), ""
    if data[:HEAD].count(0) * 3 > len(data[:HEAD]):
        return _by(data, "utf-16-le" if data[1:2] == b"\0" else "utf-16-be"), "UTF-16"
    if b"\0" in data[:HEAD]:
        raise LogError("it holds bytes that no text has: not a table")
    try:
        return data.decode(), ""
    except UnicodeDecodeError as error:
        if error.start > len(data) - 4:  # cut short in the middle of a letter
            return data[: error.start].decode(), ""
        return data.decode("cp1252", errors="replace"), "Windows-1252"


def _by(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        if error.start > len(data) - 8:
            return data[: error.start].decode(encoding)
        raise LogError(f"cannot be read as {encoding.upper()}: {error.reason}") from None


def separator_of(head: str) -> str:
    """What parts the cells: the one of , ; tab and | that parts most lines into as many cells as the first, and into the most.

    >>> separator_of("lr;acc\\n0,1;0,9\\n0,2;0,8\\n")
    ';'
    """
    marked = re.match(r"sep=(.)\r?\n", head)  # as Excel has it
    if marked:
        return marked[1]
    whole = head if len(head) < HEAD else head[: head.rfind("\n") + 1]
    return max(SEPARATORS, key=lambda separator: _parted(whole, separator))


def _parted(head: str, separator: str) -> tuple[bool, float, int]:
    """How well the separator parts the first lines: whether at all, which share of them alike, and into how many cells."""
    widths: list[int] = []
    for row, _ in _cells(head, separator):
        widths.append(len(row))
        if len(widths) == 50:
            break
    if not widths or widths[0] < 2:
        return False, 0, 0
    return True, round(widths.count(widths[0]) / len(widths), 1), widths[0]


def _cells(text: str, separator: str) -> Iterator[tuple[list[str], int]]:
    """The rows that are not empty, each with the line that it ends in; comments before the header are left out."""
    csv.field_size_limit(LONGEST_CELL)
    skipped = 0
    stream = io.StringIO(text, newline="")
    for line in stream:
        plain = line.strip()
        if plain and not re.fullmatch(r"sep=.", plain) and not (plain.startswith("#") and not _named(plain, separator)):
            break
        skipped += 1
    else:
        return
    stream.seek(stream.tell() - len(line))
    reader = csv.reader(stream, delimiter=separator)
    try:
        for row in reader:
            if row and (row[0] or any(row)):
                yield row, reader.line_num + skipped
    except csv.Error as error:
        raise LogError(f"line {reader.line_num + skipped}: {error}") from None


def _named(comment: str, separator: str) -> bool:
    """Whether a line that begins with # is a header, as numpy writes it."""
    words = comment.lstrip("# ").split(separator)
    return len(words) > 1 and all(re.fullmatch(r"\s*[A-Za-z_][\w ./-]*", word) for word in words)


def _rows(text: str, separator: str) -> tuple[list[str], list[list[str]], tuple[tuple[int, str], ...], tuple[str, ...]]:
    """The names in the header, the rows of as many cells, those that have more or fewer, and what was assumed."""
    cells = _cells(text, separator)
    header, _ = next(cells, ([], 0))
    names = [name.strip().lstrip("# ").strip() if not at else name.strip() for at, name in enumerate(header)]
    _check_header(names)
    width, rows, broken, again = len(names), list[list[str]](), list[tuple[int, str]](), 0
    most = MOST_CELLS // width
    for row, line in cells:
        while len(row) > width and not row[-1]:
            row.pop()  # a separator at the end of a line
        if row == header:
            again += 1
        elif len(row) == width:
            rows.append(row)
        else:
            broken.append((line, f"line {line} has {_count(len(row), 'cell')} where the header has {width}"))
        if len(rows) > most:
            raise LogError(f"more than {MOST_CELLS:,} cells: too large a table")
    notes = (f"The header stands in the table {again} more time{'s' * (again > 1)}; those rows were left out.",) if again else ()
    return names, rows, _few(rows, broken), notes


def _few(rows: Sequence[list[str]], broken: Sequence[tuple[int, str]]) -> tuple[tuple[int, str], ...]:
    """The broken rows; LogError where they are most of the table."""
    if len(broken) > max(len(rows), 1):
        raise LogError(f"not a table: {broken[0][1]}, and so in {len(broken):,} lines")
    return tuple(broken)


def _check_header(names: Sequence[str]) -> None:
    if len(names) < 2:
        raise LogError("a single column: not a table of runs")
    if len(names) > MOST_COLUMNS:
        raise LogError(f"{len(names):,} columns; at most {MOST_COLUMNS:,}")
    if sum(bool(NUMERIC.fullmatch(name)) for name in names) * 2 > len(names):
        raise LogError("its first row holds numbers: a table of runs begins with the names of its columns")


def _unlike(names: Sequence[str], columns: tuple[Sequence[str], ...]) -> tuple[tuple[str, ...], tuple[Sequence[str], ...]]:
    """Names that are all different, with their columns: of two columns alike in name and cells one is left out."""
    kept: dict[str, Sequence[str]] = {}
    counts: Counter[str] = Counter()
    for place, (name, column) in enumerate(zip(names, columns, strict=True), 1):
        own = name or ("" if place == 1 else f"column {place}")
        counts[own] += 1
        if own in kept and kept[own] == column:
            continue
        while own in kept:
            counts[name] += own != name
            own = f"{name} ({counts[name]})"
        kept[own] = column
    return tuple(kept), tuple(kept.values())


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"
