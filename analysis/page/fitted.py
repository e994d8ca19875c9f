"""A table of text and a width in, the same table out as it fits: first heads are broken, then long labels lose their middle, then
columns of little worth are left out. A number is never cut."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, NamedTuple

from rich.cells import cell_len

GAP = 2  # blanks between columns
LINES = 2  # of a head that is broken
COMFORT, LEAST = 24, 12  # letters that a label keeps before a column is left out, and whatever is left out


class Head(NamedTuple):
    """A column's name and whether it holds numbers. `spare` is 0 for what always stays; of others the highest is left out first.
    What becomes of a `long` cell: "shorten" leaves out its middle, "wrap" goes on in further lines, "keep" keeps it whole. `note`
    is a line under the table that explains the column."""

    name: str
    number: bool = False
    spare: int = 0
    long: Literal["shorten", "wrap", "keep"] = "shorten"
    note: str = ""

    @property
    def rigid(self) -> bool:
        """Whether its cells stay as they are."""
        return self.number or self.long == "keep"


@dataclass(frozen=True)
class Fitted:
    """A table's `heads` and `rows`, both as lines of a cell, the `widths` of its columns, the names of those `left_out`, whether a
    label was `shortened`, how many columns of a terminal the `whole` of it takes, and the `notes` of the columns that it has."""

    heads: tuple[tuple[str, ...], ...]
    rows: tuple[tuple[tuple[str, ...], ...], ...]
    numbers: tuple[bool, ...]
    widths: tuple[int, ...]
    left_out: tuple[str, ...]
    shortened: bool
    whole: int
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Column:
    head: Head
    cells: tuple[str, ...]
    broken: bool = False

    @cached_property
    def lines(self) -> list[str]:
        """Those of its head; where it is broken two, as even as they can be, unless its cells have room for more."""
        if not self.broken:
            return self.head.name.split("\n")
        narrowest = max(map(cell_len, [*self.head.name.split(), "-"]))
        widths = range(max(narrowest, self.own if self.head.rigid else 0), cell_len(self.head.name) + 1)
        made = (wrapped(self.head.name, width) for width in widths)
        return next((own for own in made if len(own) <= LINES), [" ".join(self.head.name.split())])

    @cached_property
    def own(self) -> int:
        """The width of its widest cell."""
        return max(map(cell_len, self.cells), default=0)

    @cached_property
    def natural(self) -> int:
        """The width that it has where there is room."""
        return max(self.own, *map(cell_len, [*self.lines, ""]))

    def least(self, label: int) -> int:
        """What it needs where a label keeps so many letters."""
        if self.head.rigid:
            return self.natural
        return min(self.natural, max(label, *map(cell_len, [*self.lines, ""])))


def fitted(heads: Sequence[Head], rows: Sequence[Sequence[str]], width: int | None, mark: str = "…") -> Fitted:
    """The table in so many columns of a terminal; as it is where `width` is None or it fits. Where nothing helps it is wider.
    `mark` stands for what a label lacks."""
    columns = [_Column(head, tuple(row[place] for row in rows)) for place, head in enumerate(heads)]
    naturals = [column.natural for column in columns]
    if width is None or _total(naturals) <= width:
        return _made(columns, naturals, columns, mark)
    kept = broken = [replace(column, broken=True) for column in columns]
    while _total(column.least(COMFORT) for column in kept) > width and (spare := max(c.head.spare for c in kept)):
        kept = [column for column in kept if column.head.spare < spare]
    return _made(kept, _shared(kept, width), broken, mark)


def _total(widths: Iterable[int]) -> int:
    return sum(width + GAP for width in widths) - GAP


def _shared(columns: Sequence[_Column], width: int) -> list[int]:
    """The widths of the columns, what is left beside the least of each given to the labels that lack most."""
    comfortable = _total(column.least(COMFORT) for column in columns) <= width
    widths = [column.least(COMFORT if comfortable else LEAST) for column in columns]
    for _ in range(width - _total(widths)):
        lacking = [i for i, column in enumerate(columns) if widths[i] < column.natural]
        if lacking:
            widths[min(lacking, key=lambda i: widths[i])] += 1
    return widths


def _made(columns: Sequence[_Column], widths: Sequence[int], every: Sequence[_Column], mark: str) -> Fitted:
    cells = [_cells(column, width, mark) for column, width in zip(columns, widths, strict=True)]
    names = [" ".join(column.head.name.split()) for column in every if column not in columns]
    cut = any(_is_cut(column, width) and column.head.long == "shorten" for column, width in zip(columns, widths, strict=True))
    return Fitted(
        heads=tuple(tuple(column.lines) for column in columns),
        rows=tuple(zip(*cells, strict=True)),
        numbers=tuple(column.head.number for column in columns),
        widths=tuple(widths),
        left_out=tuple(names),
        shortened=cut,
        whole=_total(column.natural for column in every),
        notes=tuple(column.head.note for column in columns if column.head.note),
    )


def _is_cut(column: _Column, width: int) -> bool:
    return column.own > width and not column.head.rigid


def _cells(column: _Column, width: int, mark: str) -> tuple[tuple[str, ...], ...]:
    """The lines of each cell."""
    if not _is_cut(column, width):
        return tuple((cell,) for cell in column.cells)
    if column.head.long == "wrap":
        return tuple(tuple(wrapped(cell, width, cut=True)) for cell in column.cells)
    short = shortened(column.cells, width, mark)
    return tuple((short[cell],) for cell in column.cells)


def shortened(labels: Iterable[str], width: int, mark: str = "…") -> dict[str, str]:
    """Each label in so many columns, a `mark` for its middle where it is longer; two different ones stay different.

    >>> shortened(["optimizer_Adam_lr_1", "optimizer_AdamW_lr_1", "lr"], 15)
    {'optimizer_Adam_lr_1': 'optimiz…am_lr_1', 'optimizer_AdamW_lr_1': 'optimiz…mW_lr_1', 'lr': 'lr'}
    """
    distinct = list(dict.fromkeys(labels))
    for tail in sorted(range(width), key=lambda tail: abs(2 * tail + len(mark) - width)):  # the most even parts first
        short = {label: _cut(label, width, tail, mark) for label in distinct}
        if len(set(short.values())) == len(distinct):
            return short
    return _numbered(distinct, width, mark)


def _cut(label: str, width: int, tail: int, mark: str) -> str:
    if cell_len(label) <= width:
        return label
    return f"{_part(label, width - tail - len(mark))}{mark}{_part(label[::-1], tail)[::-1]}"


def wrapped(text: str, width: int, indent: str = "", cut: bool = False) -> list[str]:
    """The lines of a text in so many columns, later ones behind `indent`; a longer word stands by itself, or is `cut` into lines.

    >>> wrapped("one two three", 8, "  ")
    ['one two', '  three']
    """
    bare = text.lstrip(" ")
    lines, start = [], text[: len(text) - len(bare)]
    for word in bare.split(" "):
        longer = f"{start} {word}" if start.strip() else f"{start}{word}"
        if cell_len(longer) > width and start.strip():
            lines.append(start)
            longer = f"{indent}{word}"
        while cut and cell_len(longer) > width:
            lines.append(_part(longer, width))
            longer = f"{indent}{longer[len(lines[-1]) :]}"
        start = longer
    return [*lines, start]


def _part(text: str, width: int) -> str:
    """The beginning of `text` that fits."""
    end = max(width, 0)
    while cell_len(text[:end]) > width > 0:
        end -= 1
    return text[:end]


def _numbered(labels: Sequence[str], width: int, mark: str) -> dict[str, str]:
    """Labels that differ where none has room to show it, told apart by a number."""
    marks = {label: f"{mark}{number}{mark}" for number, label in enumerate(labels, 1)}
    return {label: _cut(label, width, max(0, (width - len(own)) // 2), own) for label, own in marks.items()}


def lines(table: Fitted, bold: Callable[[str], str]) -> list[str]:
    """The table's lines; those of its heads made `bold`, where any has a name."""
    depth = max(map(len, table.heads), default=0)
    heads = [[*[""] * (depth - len(own)), *own] for own in table.heads]
    named = [line for place in range(depth) if (line := _line(table, heads, place))]
    rows = [_line(table, row, place) for row in table.rows for place in range(max(map(len, row)))]
    return [*map(bold, named), *rows]


def left_out(table: Fitted, more: str = "") -> list[str]:
    """A line that says what the table lacks, and that a wider terminal or `more` shows it; none where it lacks nothing."""
    names = ", ".join(f'"{name}"' for name in table.left_out)
    lacks = [f"Left out for want of room: {names}."] if names else []
    lacks += ["Labels are shortened."] if table.shortened else []
    ways = " or ".join(filter(None, (f"A terminal {table.whole} columns wide", more)))
    return [" ".join([*lacks, f"{ways} shows all."])] if lacks else []


def _line(table: Fitted, cells: Sequence[Sequence[str]], place: int) -> str:
    texts = [own[place] if place < len(own) else "" for own in cells]
    padded = map(_padded, texts, table.widths, table.numbers)
    return (" " * GAP).join(padded).rstrip()


def _padded(text: str, width: int, right: bool) -> str:
    blank = " " * max(width - cell_len(text), 0)
    return blank + text if right else text + blank
