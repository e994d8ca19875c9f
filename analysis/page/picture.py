"""What a figure shows, as values: the marks, the axes and the words. `pictures` makes them, `figures` draws them."""

from dataclasses import dataclass
from typing import TypeAlias

from sweepbook.analysis.words import Form, number
from sweepbook.runner.values import Value

Ends: TypeAlias = tuple[float | None, float, float | None]
USUAL = Form("", 3)


@dataclass(frozen=True)
class Mark:
    """A configuration in a figure: its mean with the interval (None where unknown), and each run, in shown units. Where it is not
    `ranked` its runs lie too far apart to say whether it could be the best. `across` is the interval of `x` where that is a mean.
    """

    x: Value
    y: Value | None
    mean: float
    low: float | None
    high: float | None
    n: int
    runs: tuple[float, ...]
    label: str = ""
    ranked: bool = True
    across: tuple[float, float] | None = None


@dataclass(frozen=True)
class Band:
    """A learning curve over the seeds: mean, lowest and highest value after each epoch, or after those that are named (`at`)."""

    name: str
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    at: tuple[int, ...] = ()

    @property
    def epochs(self) -> tuple[int, ...]:
        """The epochs, from 1, at which the values stand."""
        return self.at or tuple(range(1, len(self.mean) + 1))


@dataclass(frozen=True)
class Panel:
    """One of several small plots: the curves of one configuration."""

    title: str
    bands: tuple[Band, ...]


@dataclass(frozen=True)
class Move:
    """A configuration in two sweeps: the old mean, the new one and their difference, new less old, each between the ends of its
    interval (None where unknown), in shown units. `verdict` is "better", "worse", "same" or "cannot tell"; `place` are its levels
    in a grid, the column's and the row's."""

    label: str
    verdict: str
    old: Ends
    new: Ends
    change: Ends
    place: tuple[Value, Value] | None = None

    @property
    def told(self) -> bool:
        """Whether the two means are told apart."""
        return self.verdict in ("better", "worse")


@dataclass(frozen=True)
class Rung:
    """A level of a factor: how far its mean lies from that of the best level, and the same of each seed, in shown units."""

    text: str
    away: float
    seeds: tuple[float, ...]


@dataclass(frozen=True)
class Reach:
    """A factor in a figure: its levels, the worst first, and the stretch in which the worst one that is drawn may lie (None where
    the noise is not known). `size` and `beside` are what stands at its end; it is `seen` where the levels differ visibly, and
    `group` is where it was varied."""

    name: str
    rungs: tuple[Rung, ...]
    band: tuple[float, float] | None
    size: str
    beside: str
    seen: bool
    group: str


@dataclass(frozen=True)
class Cloud:
    """The configurations of a group by one of its settings: each one's level, its mean in shown units, and whether it could be the
    best. The levels are `ordered` where they are numbers. `trend` are the scores to expect at some of the levels, none where no
    trend is seen, and `best` the levels at which the best may lie, of numbers the first and the last."""

    name: str
    points: tuple[tuple[Value, float, bool], ...]
    ordered: bool
    trend: tuple[tuple[Value, float], ...] = ()
    best: tuple[Value, ...] = ()


@dataclass(frozen=True)
class Picture:
    """A figure to draw. `kind` is a key of FIGURES in page/figures/__init__.py, which names the module that draws it; the first
    line of that says what it takes.

    `level` names the axis of the levels, `other` the second one of a heatmap, `value` that of the metric with its unit.
    `form` is how its numbers are written, with their sign where `signed`; `alt` states what the figure shows, `caption` what it
    rests on. `ruler` is the smallest difference that two of its means can show, `limits` the ends of the colour scale that it
    shares, of a forest plot those of the axis, all in shown units; after `broken` dots some were left out (0: none); `front` are
    the places, in `marks`, of those that no cheaper one beats; `columns` panels of learning curves stand side by side.

    Of two sweeps there are `moves` instead of marks; `goal` is 1 where higher is better, else -1, and `limits` holds for the
    colours of old and new.

    Of a search the marks are its trials by number, labelled with how they ended; `front` are the places of those that were better
    than all before, and `limits` the ends of the axis of scores.

    The factors' figure has `reaches` instead of marks, and `limits` are the worst and the best end of its axis. That of settings
    which vary together has `clouds`, and `limits` are the ends of the scores.
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
    form: Form = USUAL
    signed: bool = False
    moves: tuple[Move, ...] = ()
    goal: int = 1
    reaches: tuple[Reach, ...] = ()
    clouds: tuple[Cloud, ...] = ()

    def number(self, value: float) -> str:
        """A value in shown units as this figure writes it, without its unit."""
        return number(self.form, value, "+" * self.signed)
