"""A picture of a two-factor grid in two sweeps in, three heatmaps out: old and new on one colour scale, and what they differ by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import seaborn  # noqa: F401  # has the colours
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from sweepbook.analysis.page.figures.heatmap import MOST_CELLS, levels
from sweepbook.analysis.page.figures.style import INK, LONGEST, PAPER, WIDTH, letters
from sweepbook.analysis.page.picture import Move, Picture
from sweepbook.runner.values import level_text

RIGHT, GAP, TITLE, BAR = 0.15, 0.16, 0.32, 0.66  # inches: beside, between and above the maps, and for the colours below
TALLEST = 6.0
SMALLEST = 5.5  # points of a number that can still be read
MOST_TICKS = 16
DARK, LIGHT = "#262626", "#ffffff"


@dataclass(frozen=True)
class _Place:
    """Where the maps stand, in inches: the left edge and the width of one, the lower edge and the height of all."""

    left: float
    width: float
    bottom: float
    height: float

    @property
    def total(self) -> float:
        return self.bottom + self.height + TITLE

    def box(self, i: float) -> tuple[float, float, float, float]:
        """The axes of map `i`, as shares of the figure."""
        x = self.left + i * (self.width + GAP)
        return (x / WIDTH, self.bottom / self.total, self.width / WIDTH, self.height / self.total)


def grids(picture: Picture) -> Figure:
    """Rows ascend upwards, columns to the right. A triangle stands in the cells whose difference is more than noise: upwards
    where the new one is better, downwards where it is worse."""
    columns, rows = (levels([move.place[i] for move in picture.moves if move.place]) for i in (0, 1))
    cells = _cells(picture.moves, columns, rows)
    place = _place(columns, rows)
    figure = Figure(figsize=(WIDTH, place.total))
    reach = max(abs(move.change[1]) for move in picture.moves) or 1.0
    dark_is_good, blue_is_better = ("crest", "vlag_r") if picture.goal > 0 else ("crest_r", "vlag")
    means, changes = (dark_is_good, Normalize(*(picture.limits or (None, None)))), (blue_is_better, Normalize(-reach, reach))
    maps = (("old", picture, means), ("new", picture, means), ("change", replace(picture, signed=True), changes))
    for i, (side, written, (cmap, norm)) in enumerate(maps):
        axes = figure.add_axes(place.box(i))
        table = np.full((len(rows), len(columns)), np.nan)
        for cell, move in cells.items():
            table[cell] = getattr(move, side)[1]
        many = table.size > MOST_CELLS
        lines: Any = {"edgecolors": "none"} if many else {"edgecolors": PAPER, "linewidth": 1.0}
        axes.pcolormesh(table, cmap=cmap, norm=norm, rasterized=many, **lines)
        marks = {cell: move.verdict for cell, move in cells.items() if move.told and side == "change"}
        _numbers(axes, table, ScalarMappable(norm, cmap), written, place, marks)
        _frame(axes, columns, rows if not i else [])
        axes.set_title({"change": "difference"}.get(side, side), fontsize=9.5, loc="left")
    figure.axes[0].set_ylabel(str(picture.other))
    figure.axes[1].set_xlabel(picture.level)
    _bars(figure, place, picture, (means, changes))
    return figure


def _place(columns: Sequence[Any], rows: Sequence[Any]) -> _Place:
    longest = max(letters(_short(level)) for level in rows)
    left = 0.45 + longest * 0.075
    width = (WIDTH - left - RIGHT - 2 * GAP) / 3
    upright = _upright(columns, width)
    below = 0.3 + (max(letters(_short(level)) for level in columns) * 0.075 if upright else 0.12)
    lowest = 0.24 if len(rows) * len(columns) <= MOST_CELLS else 0.0  # where there are numbers they need a line's height
    height = min(len(rows) * min(max(width / len(columns), lowest), 0.42), TALLEST)
    return _Place(left, width, BAR + below, max(height, 0.6))


def _upright(columns: Sequence[Any], width: float) -> bool:
    """Whether the levels of the columns stand upright for want of room."""
    shown = columns[:: _step(columns)]
    return max(letters(_short(level)) for level in shown) * 0.085 > width / len(shown)


def _short(level: Any) -> str:
    text = level_text(level)
    return text if letters(text) <= LONGEST // 3 else text[: LONGEST // 3 - 1] + "…"


def _step(found: Sequence[Any]) -> int:
    return -(-len(found) // MOST_TICKS)


def _cells(moves: Sequence[Move], columns: Sequence[Any], rows: Sequence[Any]) -> dict[tuple[int, int], Move]:
    """Each configuration by its row and its column."""
    across, up = ({level_text(level): i for i, level in enumerate(found)} for found in (columns, rows))
    return {(up[level_text(move.place[1])], across[level_text(move.place[0])]): move for move in moves if move.place}


def _frame(axes: Axes, columns: Sequence[Any], rows: Sequence[Any]) -> None:
    """Ticks with the levels, thinned out where there are many; without edges."""
    across, up = (list(range(0, len(found), _step(found) or 1)) for found in (columns, rows))
    upright = _upright(columns, axes.get_position().width * WIDTH)
    axes.set_xticks([i + 0.5 for i in across], [_short(columns[i]) for i in across], rotation=90 if upright else 0, fontsize=8.5)
    axes.set_yticks([i + 0.5 for i in up], [_short(rows[i]) for i in up], fontsize=8.5)
    axes.tick_params(length=0, left=False, bottom=False)
    axes.spines[:].set_visible(False)


def _numbers(
    axes: Axes,
    table: npt.NDArray[np.float64],
    shades: ScalarMappable,
    picture: Picture,
    place: _Place,
    marks: Mapping[tuple[int, int], str],
) -> None:
    """The values where they can be read, and a triangle in each cell of `marks`."""
    across, up = (72 * inches / count for inches, count in zip((place.width, place.height), table.shape[::-1], strict=True))
    words = {(i, j): picture.number(float(table[i, j])) for i, j in np.argwhere(~np.isnan(table)).tolist()}
    size = min(8.5, 0.92 * across / (max(map(len, words.values())) * 0.62), 0.5 * up)
    fits = size >= SMALLEST and table.size <= MOST_CELLS
    bright = _light(shades.to_rgba(table))
    ink = {at: DARK if bright[at] else LIGHT for at in words}
    for at, text in words.items() if fits else ():
        down = 0.14 if at in marks else 0.0
        axes.text(at[1] + 0.5, at[0] + 0.5 - down, text, size=round(size, 1), color=ink[at], ha="center", va="center")
    for verdict, shape in (("better", "^"), ("worse", "v")):
        cells = [cell for cell, said in marks.items() if said == verdict]
        x, y = [j + 0.5 for _, j in cells], [i + (0.8 if fits else 0.5) for i, _ in cells]
        area = min(14.0, (0.6 * min(across, up)) ** 2)
        axes.scatter(x, y, s=area, marker=shape, c=[ink[cell] for cell in cells], linewidths=0, rasterized=table.size > MOST_CELLS)


def _light(colours: Any) -> npt.NDArray[np.bool_]:
    """Whether dark ink is read better on each colour (relative luminance, WCAG 2)."""
    parts = np.asarray(colours)[..., :3]
    linear = np.where(parts <= 0.03928, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear @ [0.2126, 0.7152, 0.0722] > 0.2)


def _bars(figure: Figure, place: _Place, picture: Picture, colours: Sequence[tuple[str, Normalize]]) -> None:
    """The colour scales: one below old and new together, one below the difference."""
    points = ", points" if picture.value.endswith("%") else ""
    names = picture.value, f"new less old{points}"
    means = [span[1] for move in picture.moves for span in (move.old, move.new)]
    for (cmap, norm), name, first, wide in zip(colours, names, (0.25, 2.0), (1.5, 1.0), strict=True):
        x = place.left + first * (place.width + GAP)
        bar = figure.add_axes((x / WIDTH, 0.40 / place.total, wide * place.width / WIDTH, 0.09 / place.total))
        ends = (float(norm.vmin or 0.0), float(norm.vmax or 0.0))
        beyond = (min(means) < ends[0], max(means) > ends[1]) if name == picture.value else (False, False)
        extend: Any = {(True, True): "both", (True, False): "min", (False, True): "max"}.get(beyond, "neither")
        figure.colorbar(ScalarMappable(norm, cmap), cax=bar, orientation="horizontal", extend=extend)
        bar.set_xlabel(name, fontsize=8.5, color=INK, labelpad=1)
        bar.tick_params(labelsize=8, length=2, pad=1)
        bar.spines[:].set_visible(False)
