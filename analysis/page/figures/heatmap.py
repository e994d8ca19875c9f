"""A picture of a two-factor grid in, its annotated heatmap out."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from sweepbook.analysis.page.figures.style import PAPER, WARN, WIDTH, along, ruler_words
from sweepbook.analysis.page.picture import Picture
from sweepbook.runner.values import level_text

MOST_CELLS = 400  # beyond them numbers would not be read, and the cells are drawn as one image
TALLEST = 9.0  # inches
BESIDE = 1.9  # inches that the names of the rows and the scale of the colours take of the width
LARGEST, SMALLEST = 10.0, 5.5  # points of a number in a cell; a smaller one could not be read


def heatmap(picture: Picture) -> Figure:
    """Rows ascend upwards, columns to the right; the cell's n stands in it where it varies. Dark is good, whichever way is better;
    what has a sign is white at none, and blue where it is good."""
    columns, rows = (levels([getattr(mark, axis) for mark in picture.marks]) for axis in ("x", "y"))
    down, across = ({level_text(level): place for place, level in enumerate(of)} for of in (rows[::-1], columns))
    means, numbers = np.full((len(down), len(across)), np.nan), np.full((len(down), len(across)), "", dtype=object)
    several = len({mark.n for mark in picture.marks}) > 1
    for mark in picture.marks:
        place = down[level_text(mark.y)], across[level_text(mark.x)]
        means[place] = mark.mean
        numbers[place] = picture.number(mark.mean) + (f"\nn = {mark.n}" if several else "")
    table, words = (pd.DataFrame(cells, list(down), list(across)) for cells in (means, numbers))
    figure = Figure(figsize=(WIDTH, min(1.7 + 0.5 * len(rows), TALLEST)), layout="constrained")
    axes = figure.subplots()
    low, high = picture.limits or (None, None)
    colours = "crest" if picture.goal > 0 else "crest_r"
    if picture.signed and low is not None and high is not None:
        low, high, colours = -max(abs(low), abs(high)), max(abs(low), abs(high)), "vlag_r" if picture.goal > 0 else "vlag"
    many = table.size > MOST_CELLS
    size = _size(words, len(columns))
    grid: dict[str, Any] = {"linewidths": 0 if many else 1.5, "linecolor": PAPER, "rasterized": many}
    height = float(figure.get_size_inches()[1])
    bar = {"label": along(picture.value, height)}
    sns.heatmap(
        table,
        ax=axes,
        annot=words if size else None,
        annot_kws={"size": size},
        fmt="",
        cmap=colours,
        vmin=low,
        vmax=high,
        cbar_kws=bar,
        **grid,
    )
    axes.tick_params(length=0, rotation=0)
    axes.set(xlabel=along(picture.level, WIDTH), ylabel=along(str(picture.other), height))
    if picture.ruler is not None:
        axes.set_title(ruler_words(picture), color=WARN, fontsize=8.5, loc="right")
    return figure


def _size(words: pd.DataFrame, columns: int) -> float:
    """The points of the numbers, so that each stays in its cell; 0 where they could not be read."""
    longest = max(len(line) for text in words.to_numpy().ravel() for line in text.split("\n"))
    size = min(LARGEST, 0.92 * 72 * (WIDTH - BESIDE) / columns / (longest * 0.62))
    return round(size, 1) if size >= SMALLEST and words.size <= MOST_CELLS else 0.0


def levels(values: Sequence[Any]) -> list[Any]:
    """The levels among `values`, each once: numbers ascending, names as they come."""
    distinct = list({level_text(value): value for value in values}.values())
    return sorted(distinct) if all(type(level) in (int, float) for level in distinct) else distinct
