"""A picture of configurations in two sweeps in, the new mean of each against the old one out."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sweepbook.analysis.page.figures.marks import SHAPES, by_verdict, legend
from sweepbook.analysis.page.figures.style import INK, MOST_SHAPES, SOFT, WIDTH, letters, shortened
from sweepbook.analysis.page.picture import Ends, Move, Picture
from sweepbook.analysis.page.scale import spread

HEIGHT = 4.7  # inches
LEFT, BOTTOM, TOP = 0.75, 0.52, 0.15
LETTER, LINE = 5.0, 10.0  # points that a letter of a name is wide, and a line of it high


def scatter(picture: Picture) -> Figure:
    """Each configuration by its verdict, with its intervals where there are not too many; what is told is named as far as there
    is room. On the diagonal nothing changed."""
    figure = Figure(figsize=(WIDTH, HEIGHT))
    side = HEIGHT - BOTTOM - TOP
    axes = figure.add_axes((LEFT / WIDTH, BOTTOM / HEIGHT, side / WIDTH, side / HEIGHT))
    low, high = spread([span for move in picture.moves for span in (move.old, move.new)])
    axes.set(xlim=(low, high), ylim=(low, high), xlabel=picture.level, ylabel=picture.value)
    axes.set_yticks(axes.get_xticks())
    axes.set(xlim=(low, high), ylim=(low, high))
    axes.plot((low, high), (low, high), color=SOFT, linewidth=1, linestyle=(0, (4, 3)), zorder=0.6)
    _points(axes, picture.moves, low, high)
    _names(axes, picture.moves, low, high)
    _legend(axes, picture)
    return figure


def _points(axes: Axes, moves: Sequence[Move], low: float, high: float) -> None:
    """The means, what lies off the axes at their edge; very many are one image."""
    many = len(moves) > MOST_SHAPES
    for order, (verdict, some) in enumerate(reversed(by_verdict(moves).items())):
        shape = SHAPES[verdict]
        x, y = (np.clip([getattr(move, side)[1] for move in some], low, high) for side in ("old", "new"))
        if not many:
            axes.hlines(y, *_bars([move.old for move in some], low, high), color=shape.colour, linewidth=0.9, alpha=0.35)
            axes.vlines(x, *_bars([move.new for move in some], low, high), color=shape.colour, linewidth=0.9, alpha=0.35)
        axes.scatter(
            x,
            y,
            s=12 if many else 26,
            marker=shape.marker,
            facecolors=shape.fill,
            edgecolors=shape.colour,
            linewidths=0.8,
            zorder=3 + order,
            clip_on=False,
            rasterized=many,
        )


def _bars(spans: Sequence[Ends], low: float, high: float) -> tuple[list[float], list[float]]:
    """The ends of each interval within the axes; where there is none it ends where it begins."""
    clipped = [[min(max(mean if end is None else end, low), high) for end in (first, last)] for first, mean, last in spans]
    return [first for first, _ in clipped], [last for _, last in clipped]


def _names(axes: Axes, moves: Sequence[Move], low: float, high: float) -> None:
    """The names of what is told, the largest difference first, where they cover nothing, rather on the side
    away from the line."""
    told = sorted((move for move in moves if move.told), key=lambda move: (-abs(move.change[1]), move.label))
    shown = moves if len(moves) <= MOST_SHAPES else told
    points = [_place(axes, move, low, high) for move in shown]
    taken = [(x - 4, y - 4, x + 4, y + 4) for x, y in points]
    right = axes.transAxes.transform((1, 1))[0] * 72 / axes.figure.dpi
    left = axes.transAxes.transform((0, 0))[0] * 72 / axes.figure.dpi
    for move in told:
        x, y = _place(axes, move, low, high)
        name, outside = shortened(move.label), 1 if move.change[1] < 0 else -1
        for side in (outside, -outside):
            ends = sorted((x + 6 * side, x + (6 + LETTER * letters(name)) * side))
            box = (ends[0], y - LINE / 2, ends[1], y + LINE / 2)
            if left <= box[0] and box[2] <= right and not any(_meet(box, other) for other in taken):
                taken.append(box)
                place = (min(max(move.old[1], low), high), min(max(move.new[1], low), high))
                words: Any = {"size": 8, "color": INK, "ha": "left" if side > 0 else "right", "va": "center", "zorder": 9}
                axes.annotate(name, place, (6 * side, 0), textcoords="offset points", **words)
                break


def _place(axes: Axes, move: Move, low: float, high: float) -> tuple[float, float]:
    """Where a point lies in the figure, in points."""
    x, y = axes.transData.transform((min(max(move.old[1], low), high), min(max(move.new[1], low), high)))
    return float(x) * 72 / axes.figure.dpi, float(y) * 72 / axes.figure.dpi


def _meet(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _legend(axes: Axes, picture: Picture) -> None:
    """Beside the axes: the verdicts with their numbers, and what the line is."""
    besides = [(axes.lines[0], "no change")]
    legend(axes, picture.moves, besides, loc="upper left", bbox_to_anchor=(1.04, 1))
    way = "above" if picture.goal > 0 else "below"
    axes.text(1.06, 0, f"better lies {way}\nthe line", size=8.5, color=SOFT, transform=axes.transAxes, va="bottom")
