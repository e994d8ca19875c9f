"""A `SweepDiff` in, its tables out, as text ready to lay out."""

from collections.abc import Iterable

from sweepbook.analysis import words as w
from sweepbook.analysis.diff.comparisons import BETTER, SAME, UNTOLD, WORSE, Comparison
from sweepbook.analysis.diff.diff import SweepDiff
from sweepbook.analysis.diff.words import told_change
from sweepbook.analysis.export.record.read import Entry
from sweepbook.analysis.page.table import Column, Line, Table
from sweepbook.runner.metric import is_share

ORDER = {WORSE: 0, BETTER: 0, UNTOLD: 1, SAME: 2}


def ordered(compared: Iterable[Comparison]) -> list[Comparison]:
    """What is told first, then what is open, then what is the same; within each the largest difference first."""
    return sorted(compared, key=lambda one: (ORDER[one.verdict], -abs(one.change.estimate), one.label))


def comparisons(diff: SweepDiff, metric: str) -> Table:
    """A row a matched configuration in one metric."""
    heads = (
        Column("configuration", False),
        Column("old"),
        Column("new"),
        Column(f"difference{', points' if is_share(metric) else ''}"),
        Column("interval"),
        Column("runs"),
        Column("verdict", False),
    )
    return Table(heads, tuple(Line(_cells(one, diff.form(metric))) for one in ordered(diff.of(metric))))


def _cells(one: Comparison, form: w.Form) -> tuple[str, ...]:
    runs = str(one.old.n) if one.old.n == one.new.n else f"{one.old.n} → {one.new.n}"
    scores = (w.score(form, one.old.mean), w.score(form, one.new.mean))
    change = ("same runs", w.NONE) if one.same_runs else told_change(form, one.change)
    return (one.label, *scores, *change, runs, one.verdict)


def turned(diff: SweepDiff) -> Table:
    """A row a conclusion that turned: where, what, the old verdict, the new one and why."""
    heads = ("group", "conclusion", "old", "new", "because")
    lines = (Line((one.group or w.NONE, one.says, one.old, one.new, one.because)) for one in diff.turned)
    return Table(tuple(Column(head, False) for head in heads), tuple(lines))


def added(diff: SweepDiff) -> Table:
    """The configurations of the new side alone."""
    return _alone(diff.matching.added, diff.form(diff.metric))


def removed(diff: SweepDiff) -> Table:
    """The configurations of the old side alone."""
    return _alone(diff.matching.removed, diff.form(diff.metric))


def _alone(entries: Iterable[Entry], form: w.Form) -> Table:
    heads = (Column("configuration", False), Column("runs"), Column(w.metric_name(form.metric)))
    lines = []
    for entry in entries:
        found = entry.metrics.get(form.metric)
        lines.append(Line((entry.label, w.count(entry.n), w.score(form, found.mean if found else None))))
    return Table(heads, tuple(lines))


def incomparable(diff: SweepDiff) -> Table:
    """The configurations of both sides that are not compared, and why."""
    heads = (Column("configuration", False), Column("reason", False))
    return Table(heads, tuple(Line((one.label, one.reason)) for one in diff.matching.incomparable))
