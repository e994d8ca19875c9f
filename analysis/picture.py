"""A group's findings in, what its figure shows out, as values: the marks, the axes and the words. `figures` draws it."""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis import wording as w
from analysis.findings import GroupFindings, Row
from analysis.tables import numeric
from runner.config import Value


@dataclass(frozen=True)
class Mark:
    """A configuration in a figure: its mean with the interval (None where n = 1), and each run, in shown units."""

    x: Value
    y: Value | None
    mean: float
    low: float | None
    high: float | None
    n: int
    runs: tuple[float, ...]


@dataclass(frozen=True)
class Picture:
    """A figure to draw. `kind` is "heatmap" (x and y are levels), "line" (x is a number) or "dots" (x is a name).

    `level` names the axis of the levels, `other` the second one of a heatmap, `value` that of the metric with its unit.
    `alt` states what the figure shows, `caption` what it rests on.
    """

    name: str
    kind: str
    marks: tuple[Mark, ...]
    level: str
    other: str | None
    value: str
    alt: str
    caption: str


def picture(found: GroupFindings, metric: str) -> Picture | None:
    """The figure that fits the group's factors: a heatmap for two, level against mean for one, a dot plot for the rest."""
    rows = [row for row in found.rows if row.summary and metric in row.summary.metrics]
    if len(rows) < 2:
        return None
    factors = found.factors
    whole = all(factor in row.member.levels for row in rows for factor in factors)
    grid = whole and len(factors) == 2 and "name" not in factors
    single = whole and len(factors) == 1
    kind = "heatmap" if grid else "line" if single and numeric(rows, factors[0]) else "dots"
    marks = tuple(_mark(row, factors if grid or single else (), metric) for row in rows)
    level = w.setting_name(factors[-1]) if grid or single else ""
    other = w.setting_name(factors[0]) if grid else None
    return Picture(
        found.group.name, kind, marks, level, other, w.metric_name(metric) + w.unit(metric), *_captions(kind, rows, metric)
    )


def _mark(row: Row, axes: Sequence[str], metric: str) -> Mark:
    """The mark of one configuration: placed by its levels on `axes` (the last one is x), else by its label."""
    assert row.summary is not None
    estimate, k = row.summary.metrics[metric], w.scale(metric)
    x = row.member.levels[axes[-1]] if axes else row.member.label
    y = row.member.levels[axes[0]] if len(axes) == 2 else None
    low, high = w.bounds(metric, estimate) or (None, None)
    return Mark(x, y, k * estimate.mean, low, high, estimate.n, tuple(k * value for value in row.summary.runs[metric]))


def _captions(kind: str, rows: Sequence[Row], metric: str) -> tuple[str, str]:
    """The alternative text and the caption of a group's figure."""
    means = {row.member.label: row.summary.metrics[metric].mean for row in rows if row.summary}
    counts = sorted({row.summary.metrics[metric].n for row in rows if row.summary})
    low, high = min(means, key=lambda m: means[m]), max(means, key=lambda m: means[m])
    shape = {"heatmap": "Heatmap", "line": "Line plot", "dots": "Dot plot"}[kind]
    span = f"from {w.score(metric, means[low])} ({low}) to {w.score(metric, means[high])} ({high})"
    alt = f"{shape} of {w.metric_name(metric)} for {w.plural(len(rows), 'configuration')}: the means go {span}."
    each = w.plural(counts[0], "run") if len(counts) == 1 else f"{counts[0]} to {counts[-1]} runs"
    shown = "the mean of its runs in each cell" if kind == "heatmap" else "means with 95% intervals, single runs as open points"
    shown = "the one run of each" if counts == [1] else shown
    return alt, f"{w.metric_name(metric).capitalize()}, {each} a configuration: {shown}."
