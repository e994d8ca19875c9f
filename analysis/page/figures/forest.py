"""A picture of configurations in two sweeps in, their differences with intervals out."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sweepbook.analysis.page.figures.marks import SHAPES, legend
from sweepbook.analysis.page.figures.style import GRID, INK, LARGEST_LABELLED, PAPER, frame, letters, shortened
from sweepbook.analysis.page.picture import Picture


def forest(picture: Picture) -> Figure:
    """A row a configuration in the given order from the top: its difference by its verdict, the interval as a bar, with an
    arrow where it goes on beyond the axis; a line where there is none."""
    moves = picture.moves
    each, size = (0.32, 10.0) if len(moves) <= LARGEST_LABELLED else (0.21, 8.5)
    names = [shortened(move.label) for move in moves]
    left = 0.2 + max(map(letters, names)) * size * 0.62 / 72
    figure, axes = frame(1.1 + each * len(moves), max(left, 0.75), 0.4)
    places = list(range(len(moves)))[::-1]
    axes.set(xlim=picture.limits, ylim=(-0.7, len(moves) - 0.3), xlabel=picture.value)
    axes.axvline(0, color=INK, linewidth=0.9, zorder=1)
    _rows(axes, picture, places)
    axes.set_yticks(places, names)
    axes.tick_params(axis="y", length=0, left=False, labelsize=size)
    axes.grid(axis="x", color=GRID)
    top = 1 + 0.12 / (each * len(moves))
    legend(axes, moves, loc="lower left", bbox_to_anchor=(0, top), ncols=4, handletextpad=0.2, columnspacing=1.2)
    return figure


def _rows(axes: Axes, picture: Picture, places: list[int]) -> None:
    """Each difference with its interval; one that lies off the axis stands as a number at the edge."""
    low, high = axes.get_xlim()
    for place, move in zip(places, picture.moves, strict=True):
        shape, (first, mean, last) = SHAPES[move.verdict], move.change
        if not low <= mean <= high:
            number = picture.number(mean)
            words, edge, align = (f"◂ {number}", low, "left") if mean < low else (f"{number} ▸", high, "right")
            axes.text(edge, place, words, color=shape.colour, size=8.5, ha=align, va="center", backgroundcolor=PAPER, zorder=4)
            continue
        if first is not None and last is not None:
            axes.hlines(place, max(first, low), min(last, high), color=shape.colour, linewidth=1.8, zorder=2)
            for mark, edge in [("<", low)] * bool(first < low) + [(">", high)] * bool(last > high):
                axes.plot(edge, place, mark, color=shape.colour, markersize=5, clip_on=False, zorder=3)
        axes.plot(mean, place, shape.marker, color=shape.colour, markerfacecolor=shape.fill, markersize=6, zorder=3)
