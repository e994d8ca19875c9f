"""The rows of a group in, the sides that a prediction compares out: which configurations are meant, their means, and each side as
one number with a name."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sweepbook.analysis.groups.summaries import Row, Summary
from sweepbook.analysis.predictions.reading import Side, combined
from sweepbook.runner.member import Selector, selects
from sweepbook.runner.values import level_text


@dataclass(frozen=True)
class Part:
    """One number that a prediction is held against, under its name; `low` and `high` are None where the noise is not known.
    `behind` are the configurations that it is of, each once. Where the number is how far a factor's levels lie apart, `factor` is
    that factor."""

    name: str
    metric: str
    n: int
    mean: float
    low: float | None
    high: float | None
    behind: tuple[Summary, ...] = ()
    factor: str = ""


def selected(rows: Sequence[Row], selector: Selector) -> list[Row]:
    """The rows whose levels the selector means."""
    return [row for row in rows if selects(selector, row.member.levels)]


def nothing_has(rows: Sequence[Row], *selectors: Selector) -> str:
    """Which levels no configuration of `rows` has, of the first selector that means none of them; "" where each means some."""
    for selector in selectors:
        if not selected(rows, selector):
            wanted = (f"{factor} = {' or '.join(map(level_text, values))}" for factor, values in selector.items())
            return f"no configuration has {' and '.join(wanted)}"
    return ""


def side_of(rows: Sequence[Row], metric: str) -> Side:
    """The means of the configurations of `rows` that have runs, each once."""
    return {row.member.id: row.summary.means[metric] for row in rows if row.summary and metric in row.summary.means}


def lacking(rows: Sequence[Row], metric: str) -> tuple[str, ...]:
    """The labels of the configurations without a run that has `metric`, each configuration once."""
    first = {row.member.id: row.member.label for row in reversed(rows) if not _has(row, metric)}
    return tuple(first.values())[::-1]


def matched(sides: Sequence[Sequence[Row]], fixed: Collection[str], metric: str) -> list[list[Row]]:
    """The rows of each side that have runs. Where the plan has the same levels of the other factors on every side, only those that
    have runs on every side: else a missing run would set one factor's levels against another's."""

    def rest(row: Row) -> tuple[tuple[str, str], ...]:
        return tuple(sorted((f, level_text(v)) for f, v in row.member.levels.items() if f not in fixed))

    with_runs = [[row for row in side if _has(row, metric)] for side in sides]
    planned = [{rest(row) for row in side} for side in sides]
    if not all(with_runs) or not planned or any(others != planned[0] for others in planned):
        return with_runs
    common = set.intersection(*({rest(row) for row in side} for side in with_runs))
    return [[row for row in side if rest(row) in common] for side in with_runs]


def named(selector: Selector) -> str:
    """A selector as the name of a side: "lr 0.1 or 0.2, units1 64"."""
    return ", ".join(f"{factor} {' or '.join(map(level_text, values))}" for factor, values in selector.items())


def part(name: str, rows: Sequence[Row], metric: str, single: bool = True) -> Part | None:
    """The mean over the configurations of `rows`, None where none has runs. A single one is called by its label, unless `single`
    is False, and has its own interval."""
    side = side_of(rows, metric)
    if not side:
        return None
    having = [row for row in rows if _has(row, metric)]
    summary = having[0].summary
    if len(side) == 1 and summary:
        own = summary.metrics[metric]
        label = having[0].member.label if single else name
        return Part(label, metric, own.n, own.mean, own.low, own.high, (summary,))
    mean = combined([(side, 1.0)]).contrast.interval()
    runs = sum(own.n for own in side.values())
    return Part(name, metric, runs, mean.estimate, mean.low, mean.high, _summaries(having))


def top(rows: Sequence[Row], metric: str, sign: int) -> Part | None:
    """The configuration of `rows` with the best mean, the largest where `sign` is 1; None where none has runs."""
    side = side_of(rows, metric)
    if not side:
        return None
    best = max(side, key=lambda key: (sign * side[key].value, key))
    return part("", [row for row in rows if row.member.id == best], metric)


def _has(row: Row, metric: str) -> bool:
    return row.summary is not None and metric in row.summary.means


def _summaries(rows: Sequence[Row]) -> tuple[Summary, ...]:
    return tuple({row.member.id: row.summary for row in rows if row.summary}.values())
