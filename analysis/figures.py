"""A `Picture` in, a matplotlib Figure out, and its bytes as SVG, the same on every machine. Nothing is shown or written here."""

import io
import re
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.picture import Mark, Picture
from runner.config import level_text

# Text stays text, also where it looks like mathematics, and no date or random id enters the file.
STYLE: Any = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "svg.hashsalt": "sweepbook",
    "font.family": ["DejaVu Sans"],
    "font.size": 10,
    "axes.edgecolor": "#5b6470",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "figure.facecolor": "#fdfcf9",
    "axes.facecolor": "#fdfcf9",
}
INK, ACCENT, SOFT = "#1d2329", "#0b6e6e", "#5b6470"
WIDTH = 7.0  # inches
LARGEST_LABELLED = 12  # levels on an axis that are all written out


def draw(picture: Picture) -> Figure:
    """The figure of `picture`; close to the same size whatever it shows, so that a page of them is calm."""
    with mpl.rc_context(STYLE):
        return {"heatmap": _heatmap, "line": _line, "dots": _dots}[picture.kind](picture)


def svg(figure: Figure, name: str) -> bytes:
    """The SVG of `figure`; every id in it begins with `name`, so that several can stand in one page."""
    with mpl.rc_context(STYLE):
        buffer = io.BytesIO()
        figure.savefig(buffer, format="svg", metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
    text = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{name}-", buffer.getvalue().decode())
    return text.encode()


def _heatmap(picture: Picture) -> Figure:
    columns, rows = (_levels(picture.marks, axis) for axis in ("x", "y"))
    table = pd.DataFrame(np.nan, index=list(map(level_text, reversed(rows))), columns=list(map(level_text, columns)))
    for mark in picture.marks:
        table.loc[level_text(mark.y), level_text(mark.x)] = mark.mean
    figure = Figure(figsize=(WIDTH, 1.5 + 0.5 * len(rows)), layout="constrained")
    axes = figure.subplots()
    digits = ".1f" if picture.value.endswith("%") else ".3f"
    grid = {"linewidths": 1.5, "linecolor": STYLE["axes.facecolor"]}
    sns.heatmap(table, ax=axes, annot=True, fmt=digits, cmap="crest", cbar_kws={"label": picture.value}, **grid)
    axes.tick_params(length=0, rotation=0)
    axes.set(xlabel=picture.level, ylabel=picture.other)
    return figure


def _line(picture: Picture) -> Figure:
    """Mean and interval against an ordered level; a log axis where the levels grow by factors."""
    figure = Figure(figsize=(WIDTH, 3.6), layout="constrained")
    axes = figure.subplots()
    marks = sorted(picture.marks, key=lambda mark: _number(mark.x))
    levels = [_number(mark.x) for mark in marks]
    sns.lineplot(x=levels, y=[mark.mean for mark in marks], ax=axes, color=ACCENT, linewidth=1.2, errorbar=None, alpha=0.6)
    _intervals(axes, levels, marks, vertical=True)
    if _geometric(levels):
        axes.set_xscale("log")
    if len(levels) <= LARGEST_LABELLED:
        axes.set_xticks(levels, [level_text(mark.x) for mark in marks])
        axes.set_xticks([], minor=True)
    axes.grid(axis="y", color="#e6e2d8")
    axes.set(xlabel=picture.level, ylabel=picture.value)
    return figure


def _dots(picture: Picture) -> Figure:
    """Mean and interval of each named configuration, in the given order from the top."""
    figure = Figure(figsize=(WIDTH, 1.1 + 0.36 * len(picture.marks)), layout="constrained")
    axes = figure.subplots()
    places = list(range(len(picture.marks)))[::-1]
    _intervals(axes, places, picture.marks, vertical=False)
    axes.set_yticks(places, [level_text(mark.x) for mark in picture.marks])
    axes.set_ylim(-0.6, len(places) - 0.4)
    axes.grid(axis="x", color="#e6e2d8")
    axes.tick_params(axis="y", length=0)
    axes.set(xlabel=picture.value, ylabel=picture.level)
    return figure


def _intervals(axes: Axes, places: Sequence[float], marks: Sequence[Mark], vertical: bool) -> None:
    """The single runs as small open points, the means as full ones, the intervals as bars."""
    points = [(place, run) for place, mark in zip(places, marks, strict=True) for run in mark.runs]
    pairs = np.array(points, float).reshape(-1, 2)
    means = [mark.mean for mark in marks]
    spread = [[mark.mean - (mark.mean if mark.low is None else mark.low) for mark in marks]]
    spread += [[(mark.mean if mark.high is None else mark.high) - mark.mean for mark in marks]]
    x, y = (pairs[:, 0], pairs[:, 1]) if vertical else (pairs[:, 1], pairs[:, 0])
    axes.scatter(x, y, s=16, facecolors="none", edgecolors=SOFT, linewidths=0.8, zorder=2)
    bars: dict[str, Any] = {"fmt": "o", "color": ACCENT, "markersize": 5.5, "elinewidth": 2, "capsize": 0, "zorder": 3}
    if vertical:
        axes.errorbar(places, means, yerr=spread, **bars)
    else:
        axes.errorbar(means, places, xerr=spread, **bars)


def _levels(marks: Sequence[Mark], axis: str) -> list[Any]:
    """The levels on one axis: numbers ascending, names as they come."""
    found = list({level_text(getattr(mark, axis)): getattr(mark, axis) for mark in marks}.values())
    return sorted(found) if all(type(level) in (int, float) for level in found) else found


def _geometric(levels: Sequence[float]) -> bool:
    """Whether ascending levels grow by factors rather than by steps."""
    if len(levels) < 3 or levels[0] <= 0 or levels[-1] / levels[0] < 8:
        return False
    steps, factors = np.diff(levels), np.diff(np.log(levels))
    return bool(steps.max() / steps.min() > factors.max() / factors.min())


def _number(value: object) -> float:
    return float(str(value))
