"""A picture of scores against what they cost in, a scatter plot with its Pareto front out."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sweepbook.analysis.page.figures.style import (
    ACCENT,
    GRID,
    INK,
    MOST_SEEDS,
    MOST_SHAPES,
    PAPER,
    SEED,
    SOFT,
    along,
    frame,
    log_axis,
    ruler_words,
    shown_range,
    vertical_ruler,
)
from sweepbook.analysis.page.picture import Picture


def cost(picture: Picture) -> Figure:
    """Every configuration with its runs, and its interval where there are not too many; those that no cheaper one reaches joined
    and named."""
    figure, axes = frame(4.2)
    x = [float(str(mark.x)) for mark in picture.marks]
    if len(picture.marks) <= MOST_SHAPES:
        low = [mark.mean if mark.low is None else mark.low for mark in picture.marks]
        high = [mark.mean if mark.high is None else mark.high for mark in picture.marks]
        axes.vlines(x, low, high, color=SOFT, linewidth=1, alpha=0.35, zorder=1)
    runs = [(place, run) for place, mark in zip(x, picture.marks, strict=True) if mark.n > 1 for run in mark.runs]
    small: Any = {"s": SEED, "color": SOFT, "alpha": 0.4, "linewidths": 0, "rasterized": len(runs) > MOST_SEEDS}
    axes.scatter(*np.array(runs, float).reshape(-1, 2).T, **small)  # of a list matplotlib would look at every value by itself
    fills = [SOFT if mark.ranked else PAPER for mark in picture.marks]
    large: Any = {"s": 20, "c": fills, "edgecolors": SOFT, "linewidths": 0.9, "alpha": 0.8, "rasterized": len(x) > MOST_SHAPES}
    axes.scatter(np.array(x), np.array([mark.mean for mark in picture.marks]), **large)
    front = [(x[i], picture.marks[i].mean) for i in picture.front]
    path: Any = {"color": ACCENT, "marker": "o", "markersize": 5.5, "linewidth": 1.2, "drawstyle": "steps-post", "zorder": 3}
    axes.plot([place for place, _ in front], [mean for _, mean in front], **path)
    if min(x) > 0 and max(x) > 4 * min(x):
        log_axis(axes, x)
    axes.set_ylim(*shown_range(picture.marks))
    _names(axes, picture, x)
    axes.grid(axis="y", color=GRID)
    axes.set(xlabel=picture.level, ylabel=along(picture.value, 4.2))
    if picture.ruler is not None:
        vertical_ruler(axes, picture.ruler, ruler_words(picture))
    return figure


def _names(axes: Axes, picture: Picture, x: Sequence[float]) -> None:
    """The labels of the front's points, the last first, leaving out those that would run into one another or off the axes."""
    free, bottom = float("inf"), axes.get_ylim()[0]
    edge = axes.transAxes.transform((0, 0))[0]
    for i in reversed(picture.front):
        mark = picture.marks[i]
        right = axes.transData.transform((x[i], mark.mean))[0]
        left = right - 6.0 * len(mark.label)
        if mark.mean < bottom or right > free or left < edge:
            continue
        axes.annotate(mark.label, (x[i], mark.mean), (-3, 7), textcoords="offset points", size=8.5, color=INK, ha="right")
        free = left
