"""Verdicts on configurations in two sweeps in, how they are drawn out: each by its shape, and then by its colour."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from sweepbook.analysis import words as w
from sweepbook.analysis.page.figures.style import ACCENT, INK, PAPER, SOFT, WARN
from sweepbook.analysis.page.picture import Move


@dataclass(frozen=True)
class Shape:
    """The marker of a verdict, its colour, what fills it, and what a legend calls it."""

    marker: str
    colour: str
    fill: str
    word: str


SHAPES = {
    "better": Shape("^", ACCENT, ACCENT, "better"),
    "worse": Shape("v", WARN, WARN, "worse"),
    "same": Shape("s", INK, INK, "same"),
    "cannot tell": Shape("o", SOFT, PAPER, "cannot tell yet"),
}


def by_verdict(moves: Sequence[Move]) -> dict[str, list[Move]]:
    """The configurations of each verdict that there is, in the legend's order; what differs comes last and lies on top."""
    by_shape = {verdict: [move for move in moves if move.verdict == verdict] for verdict in SHAPES}
    return {verdict: some for verdict, some in by_shape.items() if some}


def legend(axes: Axes, moves: Sequence[Move], besides: Sequence[tuple[Artist, str]] = (), **place: Any) -> None:
    """Each verdict with its shape and the number of its configurations, and what else there is to explain."""
    entries = [
        *((handle(verdict), f"{SHAPES[verdict].word} ({w.count(len(some))})") for verdict, some in by_verdict(moves).items()),
        *besides,
    ]
    lines, words = zip(*entries, strict=True)
    axes.legend(lines, words, frameon=False, fontsize=8.5, borderaxespad=0, **place)


def handle(verdict: str) -> Line2D:
    """A single marker of a verdict, as it stands in a legend."""
    shape = SHAPES[verdict]
    return Line2D([], [], linestyle="", marker=shape.marker, color=shape.colour, markerfacecolor=shape.fill, markersize=6)
