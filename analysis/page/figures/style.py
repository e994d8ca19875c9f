"""What every figure shares: colours, sizes, fonts, and the noise ruler."""

import math
from collections.abc import Sequence
from typing import Any
from unicodedata import east_asian_width

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator
from sweepbook.analysis import words as w
from sweepbook.analysis.page.picture import Mark, Picture
from sweepbook.analysis.page.scale import bulk

PAPER, INK, ACCENT, SOFT, GRID, WARN = "#fdfcf9", "#1d2329", "#0b6e6e", "#5b6470", "#e6e2d8", "#b45309"
WIDTH = 7.0  # inches
MOST_SHAPES = 100  # marks that are drawn one by one; more are one image
SEED, MOST_SEEDS = 7.0, 500  # square points of the dot of a run, and so many drawn one by one; more are one image
LONGEST = 44  # letters of a name beside an axis
LARGEST_POWER = 307  # of 10, that a float has room for
LARGEST_LABELLED = 12  # levels on an axis that are all written out

# Text stays text, also where it looks like mathematics, and no date or random id enters the file.
STYLE: Any = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "svg.hashsalt": "sweepbook",
    "font.family": ["DejaVu Sans"],
    "font.size": 10,
    "text.color": INK,
    "axes.labelcolor": INK,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "axes.edgecolor": SOFT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
}


def frame(height: float, left: float = 0.75, top: float = 0.15) -> tuple[Figure, Axes]:
    """A figure of `height` inches and its axes, with room for labels in inches: found by rule, it is the same on every machine and
    drawn in half the time that matplotlib's layout takes."""
    figure = Figure(figsize=(WIDTH, height))
    return figure, figure.add_axes((left / WIDTH, 0.52 / height, 1 - (left + 0.42) / WIDTH, 1 - (0.52 + top) / height))


def letters(text: str) -> int:
    """The width of `text` in letters; those of East Asia are two wide."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def shortened(text: str, longest: int = LONGEST) -> str:
    """`text`, cut to so many letters where it would leave no room for the axes."""
    return text if letters(text) <= longest else text[: longest // 2 if letters(text) > len(text) else longest - 1] + "…"


def along(text: str, inches: float, size: float = 10.0) -> str:
    """`text` in letters of so many points, cut to the length of the figure along which it stands."""
    return shortened(text, int(inches * 72 / (0.62 * size)))


def geometric(levels: Sequence[float]) -> bool:
    """Whether ascending levels grow by factors rather than by steps."""
    if len(levels) < 3 or levels[0] <= 0 or levels[-1] / 8 < levels[0]:
        return False
    steps, factors = (np.log(np.diff(values)) for values in (levels, np.log(levels)))  # logarithms: a ratio may be too large
    return bool(np.ptp(steps) > np.ptp(factors))


def shown_range(marks: Sequence[Mark]) -> tuple[float, float]:
    """The ends of an axis that shows the bulk of the means with their intervals and runs."""
    low, high = bulk([mark.mean for mark in marks])
    inside = [mark for mark in marks if low <= mark.mean <= high]
    values = [v for mark in inside for v in (mark.low, mark.mean, mark.high, *mark.runs) if v is not None]
    margin = 0.04 * (max(values) - min(values)) or 0.02 * abs(values[0]) or 1.0  # of equal values too an axis has two ends
    return min(values) - margin, max(values) + margin


def log_axis(axes: Axes, values: Sequence[float]) -> None:
    """A log axis along the bottom, whose ticks are plain numbers, with room for `values`. Its ends are set here: matplotlib's own
    margin would lie beyond the largest float."""
    low, high = math.log10(min(values)), math.log10(max(values))
    margin = 0.05 * (high - low) or 0.1
    axes.set_xlim(10.0 ** max(low - margin, -LARGEST_POWER), 10.0 ** min(high + margin, LARGEST_POWER))
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=8))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: tick_text(value)))
    axes.xaxis.set_minor_locator(NullLocator())


def tick_text(value: float) -> str:
    """A round number beside an axis."""
    return f"{value:,g}" if w.SMALLEST <= abs(value) < w.LARGEST else w.plain(value)


def ruler_words(picture: Picture) -> str:
    """What stands at the ruler of a picture that has one: "ignore differences under 1.2 points"."""
    return f"ignore differences under {w.size(picture.form, (picture.ruler or 0.0) / w.scale(picture.form.metric))}"


def vertical_ruler(axes: Axes, size: float, words: str) -> None:
    """A bracket at the right edge, as long as the differences that are to be ignored, with `words`; the axis grows to hold it."""
    low, high = axes.get_ylim()
    if high - low < 1.3 * size:
        low, high = (low + high) / 2 - 0.65 * size, (low + high) / 2 + 0.65 * size
    axes.set_ylim(low, high)
    start = low + 0.04 * (high - low)
    place = axes.get_yaxis_transform()
    for x, y in (([1.01, 1.03], [start] * 2), ([1.02] * 2, [start, start + size]), ([1.01, 1.03], [start + size] * 2)):
        axes.plot(x, y, color=WARN, linewidth=1.4, transform=place, clip_on=False)
    axes.text(1.045, start, words, color=WARN, size=8, rotation=90, va="bottom", transform=place, clip_on=False)


def horizontal_ruler(axes: Axes, size: float, words: str, inches: float) -> None:
    """The same bracket along the top of a figure that is `inches` tall."""
    low, high = axes.get_xlim()
    if high - low < 1.3 * size:
        low, high = (low + high) / 2 - 0.65 * size, (low + high) / 2 + 0.65 * size
    axes.set_xlim(low, high)
    start = low + 0.01 * (high - low)
    place = axes.get_xaxis_transform()
    height = 0.05 / inches
    for x, y in (
        ([start] * 2, [1, 1 + 2 * height]),
        ([start, start + size], [1 + height] * 2),
        ([start + size] * 2, [1, 1 + 2 * height]),
    ):
        axes.plot(x, y, color=WARN, linewidth=1.4, transform=place, clip_on=False)
    end, room = start + size + 0.01 * (high - low), axes.get_position().width * WIDTH * 72
    beside = (high - end) / (high - low) * room + 20 > letters(words) * 8.5 * 0.62
    start, up, side, lies = (end, 1 + height, "left", "center") if beside else (high, 1 + 2.4 * height, "right", "bottom")
    axes.text(start, up, words, color=WARN, size=8.5, ha=side, va=lies, transform=place, clip_on=False)
