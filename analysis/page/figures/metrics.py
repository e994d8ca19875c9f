"""A picture of two metrics in, a scatter of the configurations with the best by either named out."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sweepbook.analysis.page.figures.style import (
    ACCENT,
    GRID,
    INK,
    MOST_SHAPES,
    PAPER,
    SOFT,
    WIDTH,
    along,
    frame,
    letters,
    shortened,
)
from sweepbook.analysis.page.picture import Mark, Picture
from sweepbook.analysis.page.scale import spread


def metrics(picture: Picture) -> Figure:
    """Every configuration, with its intervals where there are not too many; those at the places `front` are named."""
    figure, axes = frame(4.2)
    x, y = [_x(mark) for mark in picture.marks], [mark.mean for mark in picture.marks]
    named = [picture.marks[i] for i in dict.fromkeys(picture.front)]
    across = [(*(mark.across or (None, None)), _x(mark)) for mark in picture.marks]
    axes.set_xlim(*spread([(low, mean, high) for low, high, mean in across], [_x(mark) for mark in named]))
    axes.set_ylim(*spread([(mark.low, mark.mean, mark.high) for mark in picture.marks], [mark.mean for mark in named]))
    many = len(x) > MOST_SHAPES
    for mark in () if many else picture.marks:
        bars: Any = {"color": ACCENT if mark in named else SOFT, "linewidth": 1, "alpha": 0.35, "zorder": 1}
        if mark.low is not None and mark.high is not None:
            axes.vlines(_x(mark), mark.low, mark.high, **bars)
        if mark.across:
            axes.hlines(mark.mean, *mark.across, **bars)
    fills = [SOFT if mark.ranked else PAPER for mark in picture.marks]
    axes.scatter(np.array(x), np.array(y), s=20, c=fills, edgecolors=SOFT, linewidths=0.9, alpha=0.8, zorder=2, rasterized=many)
    axes.scatter([_x(mark) for mark in named], [mark.mean for mark in named], s=36, color=ACCENT, zorder=3)
    for mark in named:
        _name(axes, mark)
    axes.grid(color=GRID)
    axes.set(xlabel=along(picture.level, WIDTH), ylabel=along(picture.value, 4.2))
    return figure


def _x(mark: Mark) -> float:
    return float(str(mark.x))


def _name(axes: Axes, mark: Mark) -> None:
    """The label of a configuration, on the side that has room for it."""
    name = shortened(mark.label)
    right = axes.transData.transform((_x(mark), mark.mean))[0] + 7 + 6.0 * letters(name) > axes.transAxes.transform((1, 1))[0]
    place: Any = {"textcoords": "offset points", "ha": "right" if right else "left", "va": "bottom", "zorder": 4}
    axes.annotate(name, (_x(mark), mark.mean), (-6 if right else 6, 5), size=9, color=INK, weight="bold", **place)
