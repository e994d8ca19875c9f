"""What a figure shows, as values: the tidy rows, the axes and the words. `figures` draws it."""

from dataclasses import dataclass

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
