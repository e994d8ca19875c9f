"""A picture of settings that vary together in, small multiples out: score against level, a panel a setting.

All panels stand in one pair of axes, as those of the learning curves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import LogLocator, MaxNLocator
from sweepbook.analysis import words as w
from sweepbook.analysis.page.figures.style import ACCENT, GRID, MOST_SEEDS, SOFT, WIDTH, along, letters, shortened, tick_text
from sweepbook.analysis.page.picture import Cloud, Picture
from sweepbook.runner.values import Value, level_text

Numbers = npt.NDArray[np.float64]
COLUMNS, HEIGHT, LEFT, RIGHT = 4, 1.5, 0.72, 0.1  # panels side by side; inches: a row of them, beside the first and the last
ACROSS, DOWN = 1.14, 1.5  # the distance from a panel to the next, in widths and heights of a panel
STEEP = 8.0  # a ratio of levels from which on they may stand on a log axis
GOLDEN = (5**0.5 - 1) / 2  # whose multiples fill a stretch evenly, whatever their number
MOST_NAMES = 8  # levels that are named below a panel
TICK = 7.0  # points of the letters beside the axes


@dataclass(frozen=True)
class _Levels:
    """Where the points of a panel lie, from 0 to 1, and what stands at which place below it; `middles` has the place of each level,
    and `named` says that levels stand side by side."""

    x: Numbers
    ticks: tuple[tuple[float, str], ...]
    middles: Mapping[Value, float]
    named: bool

    def at(self, level: Value, ordered: bool) -> float:
        """The place of a level, or of a number between two levels."""
        if not ordered:
            return self.middles[level]
        levels = sorted((float(str(key)), place) for key, place in self.middles.items())
        return float(np.interp(float(str(level)), [key for key, _ in levels], [place for _, place in levels]))


def settings(picture: Picture) -> Figure:
    """The settings in the given order, all on one scale of scores. Names and a few numbers stand side by side, their dots spread
    out by a fixed rule; many numbers have an axis, which is a log one where they grow by factors."""
    clouds = picture.clouds
    columns = min(COLUMNS, len(clouds))
    rows = -(-len(clouds) // columns)
    height = HEIGHT * rows + 0.2
    figure = Figure(figsize=(WIDTH, height))
    axes = figure.add_axes((LEFT / WIDTH, 0.3 / height, 1 - (LEFT + RIGHT) / WIDTH, 1 - 0.35 / height))
    axes.set(xlim=(0, ACROSS * columns - ACROSS + 1), ylim=(-DOWN * rows + DOWN - 1, 0.28))
    axes.set_axis_off()
    room = 72 * (WIDTH - LEFT - RIGHT) / (ACROSS * columns - ACROSS + 1)  # points that a panel is wide
    low, high = picture.limits or (0.0, 1.0)
    ends = (low, high) if high > low else (low - 0.5, high + 0.5)
    ticks = [tick for tick in MaxNLocator(3).tick_values(*ends) if ends[0] <= tick <= ends[1]]
    placed = []
    for i, cloud in enumerate(clouds):
        left, bottom = ACROSS * (i % columns), -DOWN * (i // columns) - 1
        found = _numbers(cloud, room) if cloud.ordered and _levels(cloud) > MOST_NAMES else _names(cloud, room)
        _frame(axes, cloud, found, room, (left, bottom))
        heights = [_height(tick, ends) for tick in ticks]
        axes.add_collection(
            LineCollection([[(left, bottom + y), (left + 1, bottom + y)] for y in heights], colors=GRID, linewidths=0.6)
        )
        if i % columns == 0:
            for tick, y in zip(ticks, heights, strict=True):
                axes.text(-0.03, bottom + y, tick_text(tick), size=TICK, ha="right", va="center")
        _trend(axes, cloud, found, (left, bottom), ends)
        placed += [
            (left + x, bottom + _height(y, ends), first)
            for x, (_, y, first) in zip(found.x, cloud.points, strict=True)
            if ends[0] <= y <= ends[1]
        ]
    _dots(axes, placed)
    figure.text(0.012, 0.5, along(picture.value, height, 8.5), size=8.5, rotation=90, va="center")
    return figure


def _levels(cloud: Cloud) -> int:
    return len({x for x, _, _ in cloud.points})


def _height(value: float, ends: tuple[float, float]) -> float:
    return 0.05 + 0.9 * (value - ends[0]) / (ends[1] - ends[0])


def _trend(axes: Axes, cloud: Cloud, found: _Levels, corner: tuple[float, float], ends: tuple[float, float]) -> None:
    """The trend as a line from level to level, of names a stroke each, and the stretch where the best may lie shaded."""
    if not cloud.trend:
        return
    left, bottom = corner
    places = {level: found.at(level, cloud.ordered) for level in [*(x for x, _ in cloud.trend), *cloud.best]}
    heights = [(left + places[x], bottom + min(max(_height(y, ends), 0.0), 1.0)) for x, y in cloud.trend]
    half = 0.4 / max(_levels(cloud), 1) if found.named else 0.0
    joined = [heights] if cloud.ordered else [[(x - half, y), (x + half, y)] for x, y in heights]
    if cloud.best:
        spans = [(places[cloud.best[0]], places[cloud.best[-1]])] if cloud.ordered else [(places[x], places[x]) for x in cloud.best]
        for low, high in spans:
            wide = max(high - low + 2 * half, 0.015)
            axes.add_patch(Rectangle((left + low - half, bottom), wide, 1, color=ACCENT, alpha=0.16, linewidth=0, zorder=1))
    axes.add_collection(LineCollection(joined, colors=ACCENT, linewidths=1.6, zorder=4))


def _dots(axes: Axes, placed: Sequence[tuple[float, float, bool]]) -> None:
    """The configurations, those that could be the best on top; very many are one image."""
    for first, colour in ((False, SOFT), (True, ACCENT)):
        some = [(x, y) for x, y, which in placed if which is first]
        small: Any = {"s": 9, "color": colour, "alpha": 0.65, "linewidths": 0, "zorder": 3, "rasterized": len(placed) > MOST_SEEDS}
        if some:
            axes.scatter([x for x, _ in some], [y for _, y in some], **small)


def _frame(axes: Axes, cloud: Cloud, found: _Levels, room: float, corner: tuple[float, float]) -> None:
    """The edges, the name above and the levels below."""
    left, bottom = corner
    axes.add_collection(LineCollection([[(left, bottom + 1), (left, bottom), (left + 1, bottom)]], colors=SOFT, linewidths=0.7))
    axes.text(left + 0.5, bottom + 1.04, shortened(cloud.name, int(room / 4.8)), size=8, ha="center", va="bottom")
    for x, text in found.ticks:
        axes.text(left + x, bottom - 0.05, text, size=TICK, ha="center", va="top")


def _numbers(cloud: Cloud, room: float) -> _Levels:
    """Numbers on an axis, of which as many are written out as have room."""
    levels = np.array([float(str(x)) for x, _, _ in cloud.points])
    grows = _grows(levels)
    low, high = float(levels.min()), float(levels.max())
    locator = LogLocator(numticks=4) if grows else MaxNLocator(3, integer=bool((levels == levels.round()).all()))
    ticks = [float(tick) for tick in locator.tick_values(low, high) if low <= tick <= high]
    if len(ticks) < 2:
        ticks = [low, high]
    places, (first, last), marks = (np.log10(values) if grows else np.array(values) for values in (levels, (low, high), ticks))
    wide = float(last - first)
    at = [float(0.06 + 0.88 * (mark - first) / wide) for mark in marks]
    x = 0.06 + 0.88 * (places - first) / wide
    middles = {level: float(place) for (level, _, _), place in zip(cloud.points, x, strict=True)}
    return _Levels(x, _fitting(at, list(map(tick_text, ticks)), room), middles, named=False)


def _fitting(places: Sequence[float], texts: Sequence[str], room: float) -> tuple[tuple[float, str], ...]:
    """Every text at its place where all have room, else every second one, or third, or the first alone."""
    longest = max(map(letters, texts)) * TICK * 0.62 + 4
    step = next(k for k in range(1, len(texts) + 1) if k == len(texts) or longest <= k * room * abs(places[1] - places[0]))
    return tuple(zip(places, texts, strict=True))[::step]


def _grows(levels: Numbers) -> bool:
    """Whether levels grow by factors rather than by steps: their middle one lies nearer to the middle of a log axis."""
    low, high = float(levels.min()), float(levels.max())
    if low <= 0 or high < STEEP * low:
        return False
    middle = float(np.median(np.unique(levels)))
    on_log = (np.log(middle) - np.log(low)) / (np.log(high) - np.log(low))
    return bool(abs(on_log - 0.5) < abs((middle - low) / (high - low) - 0.5))


def _names(cloud: Cloud, room: float) -> _Levels:
    """Levels side by side, numbers ascending and names in the order in which they come, their dots spread out around them."""
    every = list(dict.fromkeys(x for x, _, _ in cloud.points))
    if cloud.ordered:
        every.sort(key=lambda level: float(str(level)))
    seen = dict.fromkeys(every, 0)
    x = []
    for level, _, _ in cloud.points:
        seen[level] += 1
        x.append((every.index(level) + 0.2 + 0.6 * (seen[level] * GOLDEN % 1)) / len(every))
    middles = {level: (i + 0.5) / len(every) for i, level in enumerate(every)}
    if len(every) > MOST_NAMES:
        return _Levels(np.array(x), ((0.5, f"{w.count(len(every))} values"),), middles, named=True)
    longest = max(2, int((room / len(every) - 3) / (TICK * 0.62)))
    places = list(middles.values())
    if cloud.ordered:
        return _Levels(np.array(x), _fitting(places, list(map(level_text, every)), room), middles, named=True)
    ticks = tuple((place, shortened(str(name), longest)) for name, place in middles.items())
    return _Levels(np.array(x), ticks, middles, named=True)
