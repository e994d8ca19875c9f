"""A picture of a search's trials in, their scores in the order of the trials out, with the best so far."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from sweepbook.analysis.page.figures.style import ACCENT, GRID, MOST_SHAPES, SOFT, WARN, along, frame
from sweepbook.analysis.page.picture import Picture

HEIGHT = 3.2  # inches
FINISHED, PRUNED, AGAIN = "finished", "pruned", "again"  # how the marks of a history are labelled
# What is drawn of each: the shape, its colour, whether it is filled, and the words for it.
SHAPES = {
    FINISHED: ("o", ACCENT, True, "finished"),
    PRUNED: ("x", SOFT, False, "pruned, after its last epoch"),
    AGAIN: ("D", WARN, False, "mean of the trial, trained again"),
}


def history(picture: Picture) -> Figure:
    """Every trial with a score; a step line joins those that were better than all before. What lies far off is at the edge."""
    figure, axes = frame(HEIGHT, top=0.32)
    low, high = picture.limits or (0.0, 1.0)
    margin = 0.05 * (high - low) or 0.5
    axes.set_ylim(low - margin, high + margin)
    _best(axes, picture)
    for label in SHAPES:
        _trials(axes, picture, label, (low, high))
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    axes.grid(axis="y", color=GRID)
    axes.set(xlabel=picture.level, ylabel=along(picture.value, HEIGHT))
    _legend(axes, picture)
    return figure


def _trials(axes: Axes, picture: Picture, label: str, ends: tuple[float, float]) -> None:
    some = [mark for mark in picture.marks if mark.label == label]
    shape, colour, filled, _ = SHAPES[label]
    style: Any = {"marker": shape, "s": 22, "linewidths": 1.1, "zorder": 3, "rasterized": len(some) > MOST_SHAPES}
    style |= {"color": colour} if filled or shape == "x" else {"facecolors": "none", "edgecolors": colour}
    heights = [min(max(mark.mean, ends[0]), ends[1]) for mark in some]
    axes.scatter([float(str(mark.x)) for mark in some], heights, **style)


def _best(axes: Axes, picture: Picture) -> None:
    """The best so far, up to the last trial."""
    front = [(float(str(picture.marks[place].x)), picture.marks[place].mean) for place in picture.front]
    if not front:
        return
    last = max(float(str(mark.x)) for mark in picture.marks)
    points = [*front, (last, front[-1][1])]
    axes.plot([x for x, _ in points], [y for _, y in points], color=ACCENT, linewidth=1.2, drawstyle="steps-post", zorder=2)


def _legend(axes: Axes, picture: Picture) -> None:
    """The kinds of marks that are there, in a row above the axes."""
    there = [label for label in SHAPES if any(mark.label == label for mark in picture.marks)]
    handles = [_handle(*SHAPES[label]) for label in there]
    handles += [Line2D([], [], color=ACCENT, linewidth=1.2, label="best so far")] if picture.front else []
    axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=4, frameon=False, fontsize=8, handlelength=1.4)


def _handle(shape: str, colour: str, filled: bool, words: str) -> Line2D:
    face = colour if filled else "none"
    return Line2D([], [], color=colour, marker=shape, markersize=5, linestyle="none", markerfacecolor=face, label=words)
