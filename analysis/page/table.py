"""A table as values: columns and rows of text, and what a page shows beside them. `tables` makes them, templates lay them out."""

from dataclasses import dataclass
from typing import TypeAlias

Span: TypeAlias = tuple[float | None, float, float | None]


@dataclass(frozen=True)
class Column:
    """A table's column: its head and whether it holds numbers."""

    head: str
    number: bool = True


@dataclass(frozen=True)
class Line:
    """A table's row. `best` marks the one with the best mean.

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
