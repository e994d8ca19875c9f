"""A `SweepDiff` in, a `Page` out: what tells it, as plain values in reading order. Markdown and HTML are two layouts of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sweepbook.analysis import words as w
from sweepbook.analysis.diff import conclusions, configurations, differences, heading, method, tables, verdict
from sweepbook.analysis.diff.answers import Answer, answers
from sweepbook.analysis.diff.comparisons import BETTER, SAME, UNTOLD, WORSE
from sweepbook.analysis.diff.diff import SweepDiff
from sweepbook.analysis.diff.pictures import pictures
from sweepbook.analysis.diff.rows import SIGNS, VERDICTS
from sweepbook.analysis.page.picture import Picture
from sweepbook.analysis.page.table import Table

MOST = 100  # rows of a table in Markdown, a comment on GitHub having room for 65,536 letters
VERDICT = "verdict"  # the head of the column that has a sign before each word


@dataclass(frozen=True)
class Part:
    """A table in full, and as Markdown has it: the rows `shown`, and how many more are `left` out."""

    table: Table
    shown: Table
    left: int


@dataclass(frozen=True)
class Metric:
    """The comparisons in one metric: its name, what they come to, and a row each; none where all runs are the same."""

    name: str
    sentence: str
    compared: Part


@dataclass(frozen=True)
class Page:
    """What changed between two sweeps, in reading order: the answers, who was hurt and who was helped most, what is recommended,
    the expectations (those that held and do not now are `lost`), other conclusions that changed, and then all the rest. `metrics`
    has that of the study first; `scatter` and `forest` show it over all configurations, `grids` by two factors. `known` says how
    all this is known; `picture` names the file of a figure that lies beside, "" without one."""

    title: str
    sweeps: str
    subtitle: str
    answers: tuple[Answer, ...]
    facts: tuple[tuple[str, str], ...]
    changed: Table
    scatter: tuple[Picture, ...]
    hurt: Table
    helped: Table
    recommended: Table
    conclusions: str
    shared: tuple[str, ...]
    lost: Table
    expectations: Part
    others: Part
    metrics: tuple[Metric, ...]
    forest: tuple[Picture, ...]
    grids: tuple[Picture, ...]
    cost: tuple[str, ...]
    failures: Table
    unmatched: tuple[str, ...]
    added: Part
    removed: Part
    incomparable: Part
    known: tuple[str, ...]
    picture: str = ""

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """Every figure of the page."""
        return (*self.scatter, *self.forest, *self.grids)


def contents(diff: SweepDiff) -> Page:
    """The page of `diff`."""
    drawn = pictures(diff)
    kinds = {kind: tuple(picture for picture in drawn if picture.kind == kind) for kind in ("scatter", "forest", "grids")}
    studies = dict.fromkeys((diff.old.study, diff.new.study))
    return Page(
        title=f"What changed: {' → '.join(studies)}",
        sweeps=heading.sweeps(diff),
        subtitle=heading.subtitle(diff),
        answers=answers(diff),
        facts=heading.facts(diff),
        changed=tables.changed(diff),
        scatter=kinds["scatter"],
        hurt=tables.most(diff, WORSE),
        helped=tables.most(diff, BETTER),
        recommended=tables.recommended(diff),
        conclusions=conclusions.conclusions(diff),
        shared=tuple(conclusions.shared(diff)),
        lost=tables.lost(diff),
        expectations=_part(tables.expectations(diff)),
        others=_part(tables.others(diff)),
        metrics=tuple(_metric(diff, name) for name in diff.overall),
        forest=kinds["forest"],
        grids=kinds["grids"],
        cost=differences.cost(diff),
        failures=tables.failures(diff),
        unmatched=differences.unmatched(diff),
        added=_part(tables.added(diff)),
        removed=_part(tables.removed(diff)),
        incomparable=_part(tables.incomparable(diff)),
        known=method.known(diff),
    )


def _metric(diff: SweepDiff, metric: str) -> Metric:
    """What is better or worse stands first in the table."""
    compared, name = diff.of(metric), w.metric_name(metric).capitalize()
    table = tables.comparisons(diff, metric)
    if all(one.same_runs for one in compared):
        return Metric(name, "Both sides have the same runs, so there is nothing to compare.", _part(replace(table, lines=())))
    place = [column.head for column in table.columns].index(VERDICT)
    signed = [replace(line, cells=_signed(line.cells, place)) for line in table.lines]
    sentence = configurations.table(diff) if metric == diff.metric else verdict.metric(diff, diff.overall[metric])
    return Metric(name, sentence, _part(replace(table, lines=tuple(signed))))


def _signed(cells: Sequence[str], place: int) -> tuple[str, ...]:
    """The cells with its sign before the verdict."""
    sign = next(SIGNS[verdict] for verdict in (BETTER, WORSE, SAME, UNTOLD) if cells[place].startswith(VERDICTS[verdict]))
    return (*cells[:place], f"{sign} {cells[place]}", *cells[place + 1 :])


def _part(table: Table) -> Part:
    return Part(table, replace(table, lines=table.lines[:MOST]), max(len(table.lines) - MOST, 0))
