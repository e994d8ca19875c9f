"""A table as values: columns and rows of text, and what a page shows beside them. `tables` makes them, templates lay them out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import compress
from typing import Any, TypeAlias

NOTHING = {"", "–"}  # what a cell without a value holds
LONG = 28  # characters, beyond which a text is read on several lines
SEVERAL = 3  # rows, from which on what they share is told once
Span: TypeAlias = tuple[float | None, float, float | None]


@dataclass(frozen=True)
class Column:
    """A table's column: its head, whether it holds numbers, and how soon it is folded away where there is no room: 0 for one that
    always stays, else the higher the sooner. What folds is left out in Markdown."""

    head: str
    number: bool = True
    folds: int = 0


class Cells(tuple[str, ...]):
    """The texts of a row, each read by the name of its column or by its place.

    >>> cells = Cells({"tier": "1", "score": "84.4%"})
    >>> cells["score"], cells[1], cells == ("1", "84.4%")
    ('84.4%', '84.4%', True)
    """

    names: tuple[str, ...]

    def __new__(cls, texts: Mapping[str, str]) -> "Cells":
        """The cells of `texts`, which has them by the name of their column, in order."""
        cells = super().__new__(cls, texts.values())
        cells.names = tuple(texts)
        return cells

    def __getitem__(self, place: Any) -> Any:
        """The text of a column; KeyError for a name that no column has, IndexError for a place without one."""
        if not isinstance(place, str):
            return super().__getitem__(place)
        if place not in self.names:
            raise KeyError(place)
        return super().__getitem__(self.names.index(place))

    def where(self, stays: Iterable[bool]) -> "Cells":
        """The cells of those columns that stay."""
        cells = super().__new__(type(self), compress(self, stays))
        cells.names = tuple(compress(self.names, stays))
        return cells


def cells(columns: Iterable[str], texts: Mapping[str, str]) -> Cells:
    """The row of these columns, each by its name in `texts`, which may have more."""
    return Cells({name: texts[name] for name in columns})


@dataclass(frozen=True)
class Line:
    """A table's row. `best` marks the one with the best mean. Its cells are `Cells` in the journal.

    What only a page can show: `anchor`, the name by which links find the row; `links`, cells that lead to another row's
    anchor, by their place; `span`, the low end, mean and high end of the row's interval as shares of the table's scale
    (the ends None where one run leaves them open); `curve`, a small learning curve, each point a share of the height.
    """

    cells: tuple[str, ...]
    best: bool = False
    anchor: str = ""
    links: tuple[tuple[int, str], ...] = ()
    span: Span | None = None
    curve: tuple[float, ...] = ()


@dataclass(frozen=True)
class Scale:
    """The common scale of a table's intervals: its ends in words, and the noise ruler: the smallest difference that two
    configurations with the most runs can show, as a share of the scale and in words (None: one run each)."""

    words: str
    ruler: float | None
    told: str


@dataclass(frozen=True)
class Table:
    """Columns and rows of text, ready to lay out; `scale` where the rows have a span, `curves` names what the rows' curves show.
    `same` has the head and the text of columns that were left out since every row has this text."""

    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    scale: Scale | None = None
    curves: str = ""
    same: tuple[tuple[str, str], ...] = ()


def span_text(line: Line) -> str:
    """The span of a row as a page has it: its three numbers; the mean alone where an end is open, "" where there is none."""
    if line.span is None:
        return ""
    low, mean, high = line.span
    return f"{mean:.3f}" if low is None or high is None else f"{low:.3f} {mean:.3f} {high:.3f}"


def curve_text(line: Line) -> str:
    """The small curve of a row as a page has it: its points, without the nought before each."""
    return " ".join([f"{point:.2f}" for point in line.curve]).replace("0.", ".")


def _texts(table: Table) -> list[tuple[str, ...]]:
    """The texts of each column, row by row."""
    return list(zip(*(line.cells for line in table.lines), strict=True)) or [()] * len(table.columns)


def long_columns(table: Table) -> list[int]:
    """The places of text columns with long texts, which need room to be read."""
    columns = enumerate(zip(table.columns, _texts(table), strict=True))
    return [place for place, (column, texts) in columns if not column.number and any(len(text) > LONG for text in texts)]


def slim(table: Table, folded: bool = False) -> Table:
    """The table without columns that hold nothing, and without those that hold the same in each of three rows or more, which
    `same` tells once; where `folded`, without those that fold, too. The first column stays."""
    texts = [set(own) for own in _texts(table)]
    empty = [not own - NOTHING for own in texts]
    alike = [len(own) == 1 and len(table.lines) >= SEVERAL and not gone for own, gone in zip(texts, empty, strict=True)]
    left_out = [gone or same or (folded and c.folds > 0) for gone, same, c in zip(empty, alike, table.columns, strict=True)]
    kept = [place for place in range(len(table.columns)) if place == 0 or not left_out[place]]
    if len(kept) == len(table.columns):
        return table
    told = [i for i, column in enumerate(table.columns) if i and alike[i] and not (folded and column.folds)]
    same = [(table.columns[place].head, _quoted(table, place)) for place in told]
    columns = tuple(table.columns[place] for place in kept)
    return replace(table, columns=columns, lines=tuple(_slimmer(table.lines, kept)), same=tuple(same))


def _quoted(table: Table, place: int) -> str:
    """What all rows have in a column, for a sentence: words in quotation marks, so as not to run on from the column's name."""
    text = table.lines[0].cells[place]
    return text if table.columns[place].number else f"“{text}”"


def _slimmer(lines: Iterable[Line], kept: Sequence[int]) -> Iterator[Line]:
    """The rows with the cells at these places alone, and their links where those have gone."""
    stays, left = [place in kept for place in range(kept[-1] + 1)], tuple(kept)
    for line in lines:
        cells = line.cells.where(stays) if isinstance(line.cells, Cells) else tuple(compress(line.cells, stays))
        moved = _moved(tuple([place for place, _ in line.links]), left) if line.links else ()
        links = tuple([(new, line.links[which][1]) for new, which in moved])
        yield Line(cells, line.best, line.anchor, links, line.span, line.curve)


@cache
def _moved(places: tuple[int, ...], kept: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    """Where links at these places go, and which of them each is: one whose cell goes is taken over by the next that stays and has
    none."""
    moved: dict[int, int] = {}
    for which, place in sorted(enumerate(places), key=lambda link: link[1] not in kept):
        free = [i for i, old in enumerate(kept) if old >= place and i not in moved]
        if free:
            moved[free[0]] = which
    return tuple(sorted(moved.items()))
