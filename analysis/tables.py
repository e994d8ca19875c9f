"""Findings in, the tables of the journal out, as text ready to lay out."""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis import wording as w
from analysis.findings import Findings, GroupFindings, Row, Summary
from runner.config import is_finite, level_text


@dataclass(frozen=True)
class Column:
    """A table's column: its head and whether it holds numbers."""

    head: str
    number: bool = True


@dataclass(frozen=True)
class Line:
    """A table's row; `best` marks the one with the best mean."""

    cells: tuple[str, ...]
    best: bool = False


@dataclass(frozen=True)
class Table:
    """Columns and rows of text, ready to lay out."""

    columns: tuple[Column, ...]
    lines: tuple[Line, ...]


def results(found: GroupFindings, metric: str) -> Table:
    """A row a configuration, in the plan's order."""
    factors = tuple(Column(w.setting_name(f), numeric(found.rows, f)) for f in found.factors)
    scores = (
        Column("runs"),
        Column(w.metric_name(metric)),
        Column("95% interval"),
        Column("validation loss"),
        Column("training loss"),
    )
    volume = (Column("gap"), Column("parameters"), Column("steps"), Column("examples seen"), Column("time a run"))
    top = found.best.metrics[metric].mean if found.best else None
    lines = []
    for row in found.rows:
        levels = tuple(level_text(row.member.levels[f]) if f in row.member.levels else w.NONE for f in found.factors)
        best = row.summary is not None and row.summary.metrics[metric].mean == top
        lines.append(Line((*levels, *_cells(row.summary, metric)), best))
    return Table((*factors, *scores, *volume), tuple(lines))


def ranking(findings: Findings) -> Table:
    """Every configuration, the best mean first; equal ranks for equal means."""
    metric = findings.study.metric
    names = (Column("rank"), Column("configuration", False), Column("changed from the baseline", False), Column("runs"))
    values = (Column(w.metric_name(metric)), Column("95% interval"), Column("gap"), Column("parameters"), Column("time a run"))
    means = [s.metrics[metric].mean for s in findings.ranking]
    lines = []
    for s in findings.ranking:
        cells = _cells(s, metric)
        changed = ", ".join(
            f"{w.setting_name(k)} {level_text(s.config.get(k, 'off'))}" for k in findings.changes(s) if k in s.config
        )
        rank = 1 + means.index(s.metrics[metric].mean)
        lines.append(Line((str(rank), s.label, changed or "nothing", *cells[:3], *cells[5:7], cells[9]), rank == 1))
    return Table((*names, *values), tuple(lines))


def _cells(summary: Summary | None, metric: str) -> tuple[str, ...]:
    if summary is None:
        return ("0", *(w.NONE for _ in range(9)))
    scores = {name: summary.metrics.get(name) for name in (metric, "valid_loss", "train_loss", "gap")}
    shown = {name: w.score(name, estimate.mean if estimate else None) for name, estimate in scores.items()}
    estimate = scores[metric]
    return (
        str(summary.n),
        shown[metric],
        w.interval(metric, estimate) if estimate else w.NONE,
        shown["valid_loss"],
        shown["train_loss"],
        shown["gap"],
        w.count(summary.parameters),
        w.count(summary.steps),
        w.count(summary.examples_seen),
        w.duration(summary.seconds),
    )


def numeric(rows: Sequence[Row], factor: str) -> bool:
    return all(is_finite(row.member.levels.get(factor)) for row in rows)
