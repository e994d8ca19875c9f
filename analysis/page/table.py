"""A table as values: columns and rows of text, and what a page shows beside them. `tables` makes them, templates lay them out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Span: TypeAlias = tuple[float | None, float, float | None]


@dataclass(frozen=True)
class Column:
    """A table's column: its head and whether it holds numbers."""

    head: str
    number: bool = True


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
    """Columns and rows of text, ready to lay out; `scale` where the rows have a span, `curves` names what the rows' curves show."""

    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    scale: Scale | None = None
    curves: str = ""
