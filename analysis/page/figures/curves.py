"""A picture of learning curves in, small multiples out: training and validation, with the band of the seeds.

All panels stand in one pair of axes, moved side by side, and what looks alike in all of them is one path. Axes of their own would
take ten times as long to draw, and paths of their own four times.
"""

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.ticker import LogLocator, MaxNLocator
from sweepbook.analysis import words as w
from sweepbook.analysis.page.figures.style import ACCENT, GRID, SOFT, WIDTH, along, shortened
from sweepbook.analysis.page.picture import Band, Panel, Picture
from sweepbook.analysis.stats.course import Array
from sweepbook.runner.metric import TRAIN, VALID

Corner: TypeAlias = tuple[float, float]  # the left and the lower edge of a panel
STEEP = 20.0  # a ratio of losses from which on they are drawn on a log axis
FEW, TALL, LOW = 8, 1.1, 0.85  # panels that are tall; inches of a row of them, and of one where there are more
WIDE_LETTERS = 100  # of a panel's name, that have room in a row
ACROSS, DOWN = 1.08, 1.34  # the distance from a panel to the next, in widths and heights of a panel


class _Scale:
    """Where an epoch and a loss lie within a panel, from 0 to 1."""

    def __init__(self, picture: Picture) -> None:
        bands = [band for panel in picture.panels for band in panel.bands]
        self.epochs = max(band.epochs[-1] for band in bands)
        low, high = min(min(band.low) for band in bands), max(max(band.high) for band in bands)
        self.log = low > 0 and high / low > STEEP
        self.low, high_end = (float(np.log(low)), float(np.log(high))) if self.log else (low, high)
        self.width = (high_end - self.low) or 1.0
        locator = LogLocator(numticks=4) if self.log else MaxNLocator(3)
        self.ticks = [tick for tick in locator.tick_values(low, high) if low <= tick <= high]

    def x(self, epochs: npt.ArrayLike) -> Array:
        return 0.04 + 0.92 * (np.asarray(epochs, float) - 1) / max(self.epochs - 1, 1)

    def y(self, losses: npt.ArrayLike) -> Array:
        values = np.asarray(losses, float)
        shown: Array = np.log(values) if self.log else values
        return 0.04 + 0.92 * (shown - self.low) / self.width


def curves(picture: Picture) -> Figure:
    """A panel a configuration, all on the same scales."""
    columns = picture.columns
    rows = -(-len(picture.panels) // columns)
    figure = Figure(figsize=(WIDTH, 0.75 + (TALL if len(picture.panels) <= FEW else LOW) * rows))
    height = figure.get_size_inches()[1]
    axes = figure.add_axes((0.1, 0.5 / height, 0.89, 1 - 0.55 / height))
    axes.set(xlim=(0, ACROSS * columns - ACROSS + 1), ylim=(-DOWN * rows + DOWN - 1, 0.24))
    axes.set_axis_off()
    scale = _Scale(picture)
    corners = [(ACROSS * (i % columns), -DOWN * (i // columns) - 1.0) for i in range(len(picture.panels))]
    _frames(axes, scale, corners)
    for band in (TRAIN, VALID):
        _curves(axes, [*_bands(picture.panels, corners, band)], scale, dashed=band == TRAIN)
    for i, (panel, (left, bottom)) in enumerate(zip(picture.panels, corners, strict=True)):
        axes.text(left + 0.5, bottom + 1.05, _title(panel.title, columns), size=7.5, ha="center", va="bottom")
        if i % columns == 0:
            _loss_labels(axes, scale, bottom)
        if i + columns >= len(picture.panels):
            _epoch_labels(axes, scale, left, bottom)
    figure.text(0.545, 0.08 / height, picture.level, ha="center")
    figure.text(0.005, 0.5, along(picture.value + ", log scale" * scale.log, height), rotation=90, va="center")
    return figure


def _title(title: str, columns: int) -> str:
    """The name of a panel, cut to its width."""
    return shortened(title, int(WIDE_LETTERS / columns))


def _frames(axes: Axes, scale: _Scale, corners: Sequence[Corner]) -> None:
    """The lines at the ticks of the loss, and the left and lower edges."""
    heights = scale.y(scale.ticks).tolist()
    lines = [[(left, bottom + y), (left + 1, bottom + y)] for left, bottom in corners for y in heights]
    edges = [[(left, bottom + 1), (left, bottom), (left + 1, bottom)] for left, bottom in corners]
    _lines(axes, lines, color=GRID, linewidth=0.6)
    _lines(axes, edges, color=SOFT, linewidth=0.7)


def _lines(axes: Axes, lines: Sequence[npt.ArrayLike], **style: Any) -> None:
    """All lines as one, with gaps."""
    if len(lines):
        gaps = [np.vstack([line, (np.nan, np.nan)]) for line in lines]
        axes.add_artist(Line2D(*np.vstack(gaps).T, solid_capstyle="butt", zorder=1, **style))


def _bands(panels: Sequence[Panel], corners: Sequence[Corner], name: str) -> Iterator[tuple[Band, Corner]]:
    """The band of that name in each panel that has one, with the panel's corner."""
    for panel, corner in zip(panels, corners, strict=True):
        yield from ((band, corner) for band in panel.bands if band.name == name)


def _curves(axes: Axes, bands: Sequence[tuple[Band, Corner]], scale: _Scale, dashed: bool) -> None:
    """The bands, and the means over them; those of the training dashed."""
    if not bands:
        return
    color, dash = (SOFT, (0, (3, 2))) if dashed else (ACCENT, "solid")
    outlines, lines = zip(*(_shape(band, scale, *corner) for band, corner in bands), strict=True)
    every = Path.make_compound_path(*map(Path, outlines))
    axes.add_artist(PathPatch(every, facecolor=color, alpha=0.18, linewidth=0, zorder=1))
    _lines(axes, lines, color=color, linestyle=dash, linewidth=1.3)


def _shape(band: Band, scale: _Scale, left: float, bottom: float) -> tuple[Array, Array]:
    """The outline of a band, and its mean, in the coordinates of the axes."""
    x = left + scale.x(band.epochs)
    low, mean, high = (bottom + scale.y(values) for values in (band.low, band.mean, band.high))
    return np.column_stack([np.r_[x, x[::-1]], np.r_[low, high[::-1]]]), np.column_stack([x, mean])


def _loss_labels(axes: Axes, scale: _Scale, bottom: float) -> None:
    for tick, y in zip(scale.ticks, scale.y(scale.ticks), strict=True):
        axes.text(-0.03, bottom + y, w.plain(tick), size=7, ha="right", va="center", clip_on=False)


def _epoch_labels(axes: Axes, scale: _Scale, left: float, bottom: float) -> None:
    for epoch, side in ((1, "left"), (scale.epochs, "right")):
        axes.text(left + float(scale.x(np.array(epoch))), bottom - 0.06, str(epoch), size=7, ha=side, va="top", clip_on=False)
