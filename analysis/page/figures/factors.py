"""A picture of factors in, a line each from its worst level to its best out."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from sweepbook.analysis import words as w
from sweepbook.analysis.page.figures.style import (
    ACCENT,
    GRID,
    INK,
    MOST_SEEDS,
    PAPER,
    SEED,
    SOFT,
    WARN,
    WIDTH,
    letters,
    ruler_words,
    shortened,
)
from sweepbook.analysis.page.picture import Picture, Reach, Rung

ROW, TOP, BOTTOM, RIGHT = 26.0, 10.0, 36.0, 132.0  # points: a factor's line, above, below and beside them
NAME, LEVEL, SIZE, BESIDE, RULER = 9.5, 7.5, 9.5, 8.0, 8.5  # points: the letters of what stands there
BENEATH = 12.0  # points more below them, where the ruler's words have no room beside it
WIDE = 0.62  # of its size, that a letter is wide
LONGEST_NAME, LONGEST_LEVEL, LONGEST_BESIDE = 26, 18, 26  # letters
BELOW = 6.5  # points, the seeds below their line


def factors(picture: Picture) -> Figure:
    """The factors in the given order from the top; better lies to the right. A level beyond the axis stands as an arrow with its
    number, and below lies the noise ruler."""
    reaches, names = picture.reaches, [shortened(reach.name, LONGEST_NAME) for reach in picture.reaches]
    left = 12 + max(90.0, *(letters(name) * NAME * WIDE for name in names))
    wide, (worst, best) = 72 * WIDTH, _ends(picture)
    point = (best - worst) / (wide - left - RIGHT)  # in units of the axis; below 0 where lower is better
    ruler = ruler_words(picture) if picture.ruler else ""
    room = (-picture.goal * (picture.ruler or 0.0) - worst) / point  # points that the ruler leaves beside it
    beneath = BENEATH if ruler and room < letters(ruler) * RULER * WIDE + 6 else 0.0
    below = BOTTOM + beneath
    height = TOP + below + ROW * len(reaches)
    figure = Figure(figsize=(WIDTH, height / 72))
    axes = figure.add_axes((left / wide, below / height, 1 - (left + RIGHT) / wide, ROW * len(reaches) / height))
    axes.set(xlim=(worst, best), ylim=(-0.5, len(reaches) - 0.5))
    axes.spines[:].set_visible(False)
    axes.set_yticks([])
    _ticks(axes, picture)
    if picture.ruler:
        _ruler(axes, -picture.goal * picture.ruler, ruler, bool(beneath))
    places = range(len(reaches))[::-1]
    _lines(axes, picture, places)
    _dots(axes, picture, places)
    for place, reach, name in zip(places, reaches, names, strict=True):
        _levels(axes, picture, reach, place, point)
        _words(axes, reach, name, place)
    return figure


def _ends(picture: Picture) -> tuple[float, float]:
    """The worst and the best end of the axis, with room for the dots: some seeds lie beyond the best level."""
    worst, best = picture.limits or (-1.0, 0.0)
    beyond = [seed for reach in picture.reaches for rung in reach.rungs for seed in rung.seeds if seed * picture.goal > 0]
    most = max((abs(seed) for seed in beyond if abs(seed) <= abs(worst)), default=0.0)
    margin = picture.goal * 0.03 * (abs(worst) + most)
    return worst - margin, best + picture.goal * most + margin


def _ticks(axes: Axes, picture: Picture) -> None:
    """Plain numbers, the best level by its name, and what they are of beside them."""
    low, high = sorted(axes.get_xlim())
    every = MaxNLocator(6, steps=[1, 2, 5, 10]).tick_values(low, high)
    ticks = [tick for tick in every if tick * picture.goal < 0 and low <= tick <= high]
    words = [f"{'+' if tick > 0 else ''}{w.plain(tick)}" for tick in ticks]
    axes.set_xticks([*ticks, 0.0], [*words, "best level"], fontsize=8, color=SOFT)
    axes.tick_params(length=0, bottom=False, pad=3)
    axes.grid(axis="x", color=GRID)
    first, second, metric = picture.value.split(" ", 2)  # "points of", "difference in"
    unit = f"{first} {second}\n{shortened(metric, LONGEST_NAME)}"
    axes.annotate(unit, (0, 0), (-12, -3), "axes fraction", "offset points", ha="right", va="top", size=BESIDE, color=SOFT)


def _ruler(axes: Axes, end: float, words: str, beneath: bool) -> None:
    """A bracket from the best level as far as a difference is to be ignored, with the words beside or beneath it."""
    across: Any = {"xycoords": axes.get_xaxis_transform(), "textcoords": "offset points", "annotation_clip": False}
    within: Any = {"xycoords": ("data", "axes points"), "textcoords": ("data", "axes points"), "annotation_clip": False}
    bracket = {"arrowstyle": "|-|,widthA=0.32,widthB=0.32", "color": WARN, "linewidth": 1.4, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", (0, -25), (end, -25), arrowprops=bracket, **within)
    start, shift, height = (0.0, (0, -32), "top") if beneath else (end, (-6, -25), "center")
    axes.annotate(words, (start, 0), shift, ha="right", va=height, size=RULER, color=WARN, **across)


def _lines(axes: Axes, picture: Picture, places: Sequence[int]) -> None:
    """The band and the line of each factor, as far as the axis reaches."""
    worst, best = axes.get_xlim()
    for place, reach in zip(places, picture.reaches, strict=True):
        colour = ACCENT if reach.seen else SOFT
        if reach.band:
            first, last = np.clip(reach.band, min(worst, best), max(worst, best)).tolist()
            axes.hlines(place, first, last, color=colour, linewidth=10, alpha=0.16, zorder=1)
        off = not _inside(picture, reach.rungs[0])
        axes.hlines(place, worst if off else reach.rungs[0].away, 0, color=colour, linewidth=2 if reach.seen else 1.2, zorder=2)
        if off:
            axes.plot(worst, place, "<", color=colour, markersize=5, clip_on=False, zorder=3)


def _inside(picture: Picture, rung: Rung) -> bool:
    return abs(rung.away) <= abs((picture.limits or (1.0, 0.0))[0])


def _dots(axes: Axes, picture: Picture, places: Sequence[int]) -> None:
    """Small dots for seeds, large ones for levels, open where the levels do not differ visibly."""
    worst, best = sorted(axes.get_xlim())
    every = list(zip(places, picture.reaches, strict=True))
    seeds = [(seed, y - BELOW / ROW) for y, reach in every for rung in reach.rungs for seed in rung.seeds if worst <= seed <= best]
    if seeds:
        x, heights = np.array(seeds).T
        many = len(seeds) > MOST_SEEDS
        axes.scatter(x, heights, s=SEED, color=SOFT, alpha=0.6, linewidths=0, zorder=4, rasterized=many)
    for seen in (True, False):
        shown = [(rung.away, y) for y, r in every if r.seen is seen for rung in r.rungs if _inside(picture, rung)]
        x, heights = [x for x, _ in shown], [y for _, y in shown]
        colour, fill = (ACCENT, ACCENT) if seen else (SOFT, PAPER)
        if shown:
            axes.scatter(x, heights, s=34, facecolors=fill, edgecolors=colour, linewidths=1.2, zorder=3)


def _levels(axes: Axes, picture: Picture, reach: Reach, place: int, point: float) -> None:
    """The names of the best level and of the worst, which stays clear of it, then of those between that have room; of one beyond
    the axis its number, too."""
    words: Any = {"size": LEVEL, "color": SOFT, "va": "bottom"}
    y = place + 7 / ROW
    best, worst = _name(reach.rungs[-1]), _name(reach.rungs[0])
    taken = [(0.0, _half(best))]  # points from the best level, and half as wide as the words there
    axes.text(0, y, best, ha="center", **words)
    off = sum(not _inside(picture, rung) for rung in reach.rungs)
    if off:
        more = f", {off - 1} more" if off > 1 else ""
        beyond = f"‹ {worst} ({picture.number(reach.rungs[0].away)}){more}"
        edge = axes.get_xlim()[0]
        axes.text(edge, y, beyond, ha="left", **words)
        taken.append((edge / point + _half(beyond), _half(beyond)))
    elif _has_room(reach.rungs[0].away / point, _half(worst), taken):
        axes.text(reach.rungs[0].away, y, worst, ha="center", **words)
        taken.append((reach.rungs[0].away / point, _half(worst)))
    else:
        axes.text(-(_half(best) + 5) * point, y, worst, ha="right", **words)
        taken.append((-_half(best) - 5 - _half(worst), _half(worst)))
    for rung in reach.rungs[max(off, 1) : -1]:
        at, half = rung.away / point, _half(_name(rung))
        if _has_room(at, half, taken):
            axes.text(rung.away, y, _name(rung), ha="center", **words)
            taken.append((at, half))


def _name(rung: Rung) -> str:
    return shortened(rung.text, LONGEST_LEVEL)


def _half(text: str) -> float:
    """Half as wide as the name of a level, in points."""
    return letters(text) * LEVEL * WIDE / 2


def _has_room(at: float, half: float, taken: Sequence[tuple[float, float]]) -> bool:
    """Whether words there stay clear of all that have been placed."""
    return all(abs(at - place) >= half + own + 4 for place, own in taken)


def _words(axes: Axes, reach: Reach, name: str, place: int) -> None:
    """The factor's name at the left, which leads to its group, and how far apart its levels lie at the right."""
    across = axes.get_yaxis_transform()
    link = f"#group-{reach.group}"
    axes.annotate(name, (0, place), (-12, 0), across, "offset points", ha="right", va="center", size=NAME, color=INK, url=link)
    up = 4.5 if reach.beside else 0.0
    colour = INK if reach.seen else SOFT
    place_right: Any = {"xycoords": across, "textcoords": "offset points", "ha": "left", "va": "center", "annotation_clip": False}
    axes.annotate(reach.size, (1, place), (12, up), size=SIZE, weight="bold", color=colour, **place_right)
    if reach.beside:
        beside = shortened(reach.beside, LONGEST_BESIDE)
        axes.annotate(beside, (1, place), (12, up - 11), size=BESIDE, color=SOFT, **place_right)
