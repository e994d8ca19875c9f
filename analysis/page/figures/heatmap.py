"""A picture of a two-factor grid in, its annotated heatmap out."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from sweepbook.analysis.page.figures.style import PAPER, WARN, WIDTH, along, letters, ruler_words, shortened
from sweepbook.analysis.page.picture import Picture
from sweepbook.runner.values import Value, level_text

MOST_CELLS = 400  # beyond them numbers would not be read, and the cells are drawn as one image
TALLEST = 9.0  # inches
LARGEST, SMALLEST = 10.0, 5.5  # points of a number in a cell; a smaller one could not be read
# Inches: the name of an axis, what lies above and below the cells, from them to the colours, how wide these are, and their ticks.
NAME, TOP, RULER, BOTTOM, GAP, BAR, TICK = 0.26, 0.08, 0.23, 0.43, 0.28, 0.2, 0.1
SPACE = 0.05  # inches from the names of the rows to the cells
LETTER, LINE = 0.09, 0.2  # inches that a letter beside the cells is wide, and a line of them high
LONGEST = 30  # letters of a row's name


@dataclass(frozen=True)
class _Grid:
    """The levels, and a table of the means and one of the words in their cells, the highest row first."""

    columns: Sequence[Value]
    rows: Sequence[Value]
    means: npt.NDArray[np.float64]
    words: npt.NDArray[np.object_]

    @property
    def many(self) -> bool:
        return self.means.size > MOST_CELLS


def heatmap(picture: Picture) -> Figure:
    """Rows ascend upwards, columns to the right; the cell's n stands in it where it varies. Dark is good, whichever way is better;
    what has a sign is white at none, and blue where it is good. Everything has its room by rule: matplotlib's own layout takes as
    long as drawing."""
    grid = _grid(picture)
    height = min(1.7 + 0.5 * len(grid.rows), TALLEST)
    figure = Figure(figsize=(WIDTH, height))
    axes, bar = figure.add_axes((0, 0, 1, 1)), figure.add_axes((0, 0, 1, 1))
    colours, norm = _colours(picture, grid.means)
    right, above = _bar(bar, ScalarMappable(norm, colours), along(picture.value, height), height)
    top = above + (RULER if picture.ruler is not None else TOP)
    low, tall = BOTTOM / height, 1 - (BOTTOM + top) / height
    left = NAME + SPACE + LETTER * max(letters(_short(level)) for level in grid.rows)
    wide = WIDTH - left - GAP - BAR - right
    axes.set_position((left / WIDTH, low, wide / WIDTH, tall))
    bar.set_position((1 - (BAR + right) / WIDTH, low, BAR / WIDTH, tall))
    _cells(axes, grid, wide, {"cmap": colours, "norm": norm})
    _levels(axes, grid, wide, height * tall)
    axes.set(xlabel=along(picture.level, WIDTH), ylabel=along(str(picture.other), height))
    if picture.ruler is not None:
        axes.set_title(ruler_words(picture), color=WARN, fontsize=8.5, loc="right", pad=6 + 72 * above)
        _ruler(bar, norm, picture.ruler)
    return figure


def _grid(picture: Picture) -> _Grid:
    columns, rows = (levels([getattr(mark, axis) for mark in picture.marks]) for axis in ("x", "y"))
    down, across = ({level_text(level): place for place, level in enumerate(of)} for of in (rows[::-1], columns))
    means, words = np.full((len(down), len(across)), np.nan), np.full((len(down), len(across)), "", dtype=object)
    several = len({mark.n for mark in picture.marks}) > 1
    for mark in picture.marks:
        place = down[level_text(mark.y)], across[level_text(mark.x)]
        means[place] = mark.mean
        words[place] = picture.number(mark.mean) + (f"\nn = {mark.n}" if several else "")
    return _Grid(columns, rows[::-1], means, words)


def _colours(picture: Picture, means: npt.NDArray[np.float64]) -> tuple[str, Normalize]:
    """The name of the colours, and the ends of their scale."""
    low, high = picture.limits or (float(np.nanmin(means)), float(np.nanmax(means)))
    if picture.signed and picture.limits:
        reach = max(abs(low), abs(high))
        return "vlag_r" if picture.goal > 0 else "vlag", Normalize(-reach, reach)
    return "crest" if picture.goal > 0 else "crest_r", Normalize(low, high)


def _bar(bar: Axes, shades: ScalarMappable, name: str, height: float) -> tuple[float, float]:
    """Draws the scale of the colours; the inches that its words take beside it, and above it where its ticks share a factor."""
    bar.set_position((0, 0, 1, 1 - (BOTTOM + RULER) / height))  # the ticks depend on how tall it is, its place on their words
    scale: Any = bar.figure.colorbar(shades, cax=bar, label=name)
    scale.outline.set_linewidth(0)
    form = bar.yaxis.get_major_formatter()
    words = form.format_ticks(bar.get_yticks().tolist())
    return TICK + NAME + LETTER * max(map(letters, words)), LINE if form.get_offset() else 0.0


def _ruler(bar: Axes, norm: Normalize, size: float) -> None:
    """A bracket beside the colours, as long as the differences that are to be ignored; none where it would be longer than they."""
    start = float(norm.vmin or 0.0)
    if start + size > float(norm.vmax or 0.0):
        return
    place = bar.get_yaxis_transform()
    for x, y in (([-0.55, -0.25], [start] * 2), ([-0.4] * 2, [start, start + size]), ([-0.55, -0.25], [start + size] * 2)):
        bar.plot(x, y, color=WARN, linewidth=1.4, transform=place, clip_on=False)


def _short(level: Value) -> str:
    return shortened(level_text(level), LONGEST)


def _cells(axes: Axes, grid: _Grid, wide: float, colours: dict[str, Any]) -> None:
    """The cells in their colours, with their words where these can be read."""
    size = 0.0 if grid.many else _size(grid.words, wide)
    lines: dict[str, Any] = {"linewidths": 0 if grid.many else 1.5, "linecolor": PAPER, "rasterized": grid.many}
    words: dict[str, Any] = {"annot": grid.words if size else None, "annot_kws": {"size": size}, "fmt": ""}
    sns.heatmap(grid.means, ax=axes, cbar=False, xticklabels=False, yticklabels=False, **words, **colours, **lines)


def _size(words: npt.NDArray[np.object_], wide: float) -> float:
    """The points of the words, so that each stays in its cell; 0 where they could not be read."""
    longest = max(len(line) for text in words.ravel() for line in text.split("\n"))
    size = min(LARGEST, 0.92 * 72 * wide / words.shape[1] / (longest * 0.62))
    return round(size, 1) if size >= SMALLEST else 0.0


def _levels(axes: Axes, grid: _Grid, wide: float, high: float) -> None:
    """The levels at the edges: names cut to their room, and of many as many as have room."""
    room = wide / len(grid.columns)
    names = [level_text(level) for level in grid.columns]
    if all(isinstance(level, str) for level in grid.columns):
        names = [shortened(name, max(int(room / LETTER) - 1, 2)) for name in names]
    across = range(0, len(names), _step(room, LETTER * (max(map(letters, names)) + 1)))
    down = range(0, len(grid.rows), _step(high / len(grid.rows), LINE))
    axes.set_xticks([i + 0.5 for i in across], [names[i] for i in across])
    axes.set_yticks([i + 0.5 for i in down], [_short(grid.rows[i]) for i in down], va="center")
    axes.tick_params(length=0, left=False, bottom=False)


def _step(room: float, least: float) -> int:
    """Every how many levels have room, where one has so many inches and takes so many."""
    return max(math.ceil(least / room), 1)


def levels(values: Sequence[Any]) -> list[Any]:
    """The levels among `values`, each once: numbers ascending, names as they come."""
    distinct = list({level_text(value): value for value in values}.values())
    return sorted(distinct) if all(type(level) in (int, float) for level in distinct) else distinct
