"""What a figure shows, as values: the marks, the axes and the words. `pictures` makes them, `figures` draws them."""

from dataclasses import dataclass

from runner.config import Value


@dataclass(frozen=True)
class Mark:
    """A configuration in a figure: its mean with the interval (None where unknown), and each run, in shown units."""

    x: Value
    y: Value | None
    mean: float
    low: float | None
    high: float | None
    n: int
    runs: tuple[float, ...]
    label: str = ""


@dataclass(frozen=True)
class Band:
    """A learning curve over the seeds: mean, lowest and highest value after each epoch."""

    name: str
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True)
class Panel:
    """One of several small plots: the curves of one configuration."""

    title: str
    bands: tuple[Band, ...]


@dataclass(frozen=True)
class Picture:
    """A figure to draw. `kind` is "heatmap" (x and y are levels), "line" (x is a number), "dots" (x is a name), "cost" (x is
    what a configuration costs) or "curves" (a panel a configuration, `columns` of them side by side).

    `level` names the axis of the levels, `other` the second one of a heatmap, `value` that of the metric with its unit.
    `digits` is the format of a value; `alt` states what the figure shows, `caption` what it rests on. `ruler` is the smallest
    difference that two of its means can show, `limits` the ends of the colour scale that it shares, both in shown units;
    after `broken` dots some were left out (0: none); `front` are the places, in `marks`, of those that no cheaper one beats.
    """

    name: str
    kind: str
    marks: tuple[Mark, ...]
    level: str
    other: str | None
    value: str
    alt: str
    caption: str
    ruler: float | None = None
    limits: tuple[float, float] | None = None
    front: tuple[int, ...] = ()
    panels: tuple[Panel, ...] = ()
    columns: int = 1
    broken: int = 0
    digits: str = ".3f"
