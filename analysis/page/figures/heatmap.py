"""A picture of a two-factor grid in, its annotated heatmap out."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from sweepbook.analysis.page.figures.style import PAPER, WARN, WIDTH, ruler_words
from sweepbook.analysis.page.picture import Picture
from sweepbook.runner.config import level_text

MOST_CELLS = 400  # beyond them numbers would not be read, and the cells are drawn as one image
TALLEST = 9.0  # inches


def heatmap(picture: Picture) -> Figure:
    """Rows ascend upwards, columns to the right; the cell's n stands in it where it varies."""
    columns, rows = (levels([getattr(mark, axis) for mark in picture.marks]) for axis in ("x", "y"))
    table = pd.DataFrame(np.nan, index=list(map(level_text, reversed(rows))), columns=list(map(level_text, columns)))
    words = table.astype(object).where(table.notna(), "")
    several = len({mark.n for mark in picture.marks}) > 1
    for mark in picture.marks:
        place = level_text(mark.y), level_text(mark.x)
        table.loc[place] = mark.mean
        words.loc[place] = picture.number(mark.mean) + (f"\nn = {mark.n}" if several else "")
    figure = Figure(figsize=(WIDTH, min(1.7 + 0.5 * len(rows), TALLEST)), layout="constrained")
    axes = figure.subplots()
    low, high = picture.limits or (None, None)
    colours = "crest"
    if picture.signed and low is not None and high is not None:  # a value with a sign: white is none
        low, high, colours = -max(abs(low), abs(high)), max(abs(low), abs(high)), "vlag"
    many = table.size > MOST_CELLS
    grid: dict[str, Any] = {"linewidths": 0 if many else 1.5, "linecolor": PAPER, "rasterized": many}
    bar = {"label": picture.value}
    sns.heatmap(table, ax=axes, annot=None if many else words, fmt="", cmap=colours, vmin=low, vmax=high, cbar_kws=bar, **grid)
    axes.tick_params(length=0, rotation=0)
    axes.set(xlabel=picture.level, ylabel=picture.other)
    if picture.ruler is not None:
        title = f"cells are told apart from {ruler_words(picture)} on, one pair at a time"
        axes.set_title(title, color=WARN, fontsize=8.5, loc="right")
    return figure


def levels(values: Sequence[Any]) -> list[Any]:
    """The levels among `values`, each once: numbers ascending, names as they come."""
    distinct = list({level_text(value): value for value in values}.values())
    return sorted(distinct) if all(type(level) in (int, float) for level in distinct) else distinct
