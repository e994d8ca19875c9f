"""A picture of levels or names in, means with their intervals and single runs out: a line plot or a dot plot."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation
from sweepbook.analysis.page.figures.style import (
    ACCENT,
    GRID,
    INK,
    LARGEST_LABELLED,
    MOST_SEEDS,
    MOST_SHAPES,
    PAPER,
    SEED,
    SOFT,
    WIDTH,
    along,
    frame,
    geometric,
    horizontal_ruler,
    letters,
    log_axis,
    ruler_words,
    shortened,
    shown_range,
    vertical_ruler,
)
from sweepbook.analysis.page.picture import Mark, Picture
from sweepbook.runner.values import level_text

BESIDE, PAD = 5.0, 3.5  # points, from a mean to its runs, and from a name to the axes
LETTER = 0.62  # of its size, that a letter is wide


def line(picture: Picture) -> Figure:
    """Mean and interval against an ordered level; a log axis where the levels grow by factors. The intervals of very many levels
    are one band, without the single runs."""
    figure, axes = frame(3.6)
    marks = sorted(picture.marks, key=lambda mark: float(str(mark.x)))
    levels = [float(str(mark.x)) for mark in marks]
    axes.plot(levels, [mark.mean for mark in marks], color=ACCENT, linewidth=1.2, alpha=0.6)
    if len(marks) > MOST_SHAPES:
        low = [mark.mean if mark.low is None else mark.low for mark in marks]
        high = [mark.mean if mark.high is None else mark.high for mark in marks]
        axes.fill_between(levels, low, high, color=ACCENT, alpha=0.2, linewidth=0)
    else:
        intervals(axes, levels, marks, vertical=True)
    if geometric(levels):
        log_axis(axes, levels)
    if len(levels) <= LARGEST_LABELLED:
        axes.set_xticks(levels, [level_text(mark.x) for mark in marks])
        axes.set_xticks([], minor=True)
    axes.grid(axis="y", color=GRID)
    axes.set(xlabel=along(picture.level, WIDTH), ylabel=along(picture.value, 3.6))
    if picture.ruler is not None:
        vertical_ruler(axes, picture.ruler, ruler_words(picture))
    return figure


def dots(picture: Picture) -> Figure:
    """Mean and interval of each named configuration, in the given order from the top."""
    each = 0.36 if len(picture.marks) <= LARGEST_LABELLED else 0.21
    names = [shortened(level_text(mark.x)) for mark in picture.marks]
    size = 10.0 if each > 0.3 else 8.5
    left = 0.2 + 0.25 * bool(picture.level) + max(map(letters, names)) * size * LETTER / 72
    figure, axes = frame(1.2 + each * len(picture.marks), max(left, 0.75), 0.3)
    places = list(range(len(picture.marks)))[::-1]
    intervals(axes, places, picture.marks, vertical=False)
    axes.set_ylim(-0.6, len(places) - 0.4)
    if len(names) > LARGEST_LABELLED:
        _names(figure, axes, places, names, size)
    else:
        axes.set_yticks(places, names)
    axes.grid(axis="x", color=GRID)
    axes.tick_params(axis="y", length=0, left=False, labelsize=size)
    axes.set(xlabel=along(picture.value, WIDTH), ylabel=along(picture.level, float(figure.get_size_inches()[1])))
    if picture.broken:
        axes.axhline(len(places) - picture.broken - 0.5, color=SOFT, linewidth=0.8, linestyle=(0, (2, 3)))
    low, high = shown_range(picture.marks)
    axes.set_xlim(low, high)
    for place, mark in zip(places, picture.marks, strict=True):
        if not low <= mark.mean <= high:
            number = picture.number(mark.mean)
            words = f"◂ {number}" if mark.mean < low else f"{number} ▸"
            edge, side = (low, "left") if mark.mean < low else (high, "right")
            axes.text(edge, place, words, color=ACCENT, size=8.5, ha=side, va="center", backgroundcolor=PAPER)
    if picture.ruler is not None:
        horizontal_ruler(axes, picture.ruler, ruler_words(picture), float(figure.get_size_inches()[1]))
    return figure


def _names(figure: Figure, axes: Axes, places: Sequence[float], names: Sequence[str], size: float) -> None:
    """Many names beside their places: as ticks, of which each is five things, they would take twice as long."""
    axes.set_yticks([])
    axes.yaxis.labelpad = PAD + LETTER * size * max(map(letters, names))  # the axis' own name stands beside them
    low, high = axes.get_ylim()
    box = axes.get_position()
    for place, name in zip(places, names, strict=True):
        height = box.y0 + box.height * (place - low) / (high - low)
        figure.text(box.x0 - PAD / 72 / WIDTH, height, name, size=size, color=INK, ha="right", va="center_baseline")


def intervals(axes: Axes, places: Sequence[float], marks: Sequence[Mark], vertical: bool) -> None:
    """The intervals as bars, the means as large dots, open and grey where they are not ranked, and each run as a small one beside
    its mean, where the bar does not hide it."""
    points = [(place, run) for place, mark in zip(places, marks, strict=True) if mark.n > 1 for run in mark.runs]
    pairs = np.array(points, float).reshape(-1, 2)
    x, y = (pairs[:, 0], pairs[:, 1]) if vertical else (pairs[:, 1], pairs[:, 0])
    right, up = (BESIDE, 0.0) if vertical else (0.0, -BESIDE)
    aside = ScaledTranslation(right / 72, up / 72, axes.figure.dpi_scale_trans)
    many = len(points) > MOST_SEEDS
    axes.scatter(x, y, s=SEED, color=SOFT, alpha=0.7, linewidths=0, zorder=2, rasterized=many, transform=axes.transData + aside)
    for ranked, colour, fill in ((True, ACCENT, ACCENT), (False, SOFT, PAPER)):
        some = [(place, mark) for place, mark in zip(places, marks, strict=True) if mark.ranked is ranked]
        if some:
            _bars(axes, some, vertical, colour, fill)


def _bars(axes: Axes, some: Sequence[tuple[float, Mark]], vertical: bool, colour: str, fill: str) -> None:
    places, means = [place for place, _ in some], [mark.mean for _, mark in some]
    spread = [[mark.mean - (mark.mean if mark.low is None else mark.low) for _, mark in some]]
    spread += [[(mark.mean if mark.high is None else mark.high) - mark.mean for _, mark in some]]
    bars: dict[str, Any] = {"fmt": "o", "color": colour, "markerfacecolor": fill, "markersize": 5.5, "elinewidth": 2, "zorder": 3}
    if vertical:
        axes.errorbar(places, means, yerr=spread, **bars)
    else:
        axes.errorbar(means, places, xerr=spread, **bars)
