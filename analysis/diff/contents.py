"""A `SweepDiff` in, a `Page` out: what tells it, as plain values in reading order. Markdown and HTML are two layouts of it."""

from dataclasses import dataclass, replace

from sweepbook.analysis import words as w
from sweepbook.analysis.diff import tables, words
from sweepbook.analysis.diff.comparisons import BETTER, SAME, UNTOLD, WORSE
from sweepbook.analysis.diff.diff import SweepDiff
from sweepbook.analysis.diff.pictures import pictures
from sweepbook.analysis.page.picture import Picture
from sweepbook.analysis.page.table import Table

SHORT = 12  # rows of a table that a reader takes in without unfolding it
MOST = 100  # rows of a table in Markdown, a comment on GitHub having room for 65,536 letters
SIGNS = {BETTER: "▲ ", WORSE: "▼ ", SAME: "= ", UNTOLD: "? "}


@dataclass(frozen=True)
class Part:
    """A table in full, and as Markdown has it: the `first` rows, the `rest` folded away, and how many more are `left` out."""

    table: Table
    first: Table
    rest: Table
    left: int


@dataclass(frozen=True)
class Metric:
    """The comparisons in one metric: its name, what they come to, and a row each; none where all runs are the same."""

    name: str
    sentence: str
    compared: Part


@dataclass(frozen=True)
class Page:
    """What changed between two sweeps, in reading order. `metrics` has that of the study first; `scatter` and `forest` show it
    over all configurations, `grids` by two factors."""

    title: str
    answer: str
    facts: tuple[tuple[str, str], ...]
    changed: tuple[str, ...]
    overall: tuple[str, ...]
    scatter: tuple[Picture, ...]
    turned: Part
    metrics: tuple[Metric, ...]
    forest: tuple[Picture, ...]
    grids: tuple[Picture, ...]
    cost: tuple[str, ...]
    unmatched: tuple[str, ...]
    added: Part
    removed: Part
    incomparable: Part
    method: tuple[str, ...]

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
        answer=words.answer(diff),
        facts=words.facts(diff),
        changed=words.changed(diff),
        overall=words.overall(diff),
        scatter=kinds["scatter"],
        turned=_part(tables.turned(diff)),
        metrics=tuple(_metric(diff, name) for name in diff.overall),
        forest=kinds["forest"],
        grids=kinds["grids"],
        cost=words.cost(diff),
        unmatched=words.unmatched(diff),
        added=_part(tables.added(diff), 0),
        removed=_part(tables.removed(diff), 0),
        incomparable=_part(tables.incomparable(diff), 0),
        method=words.method(diff),
    )


def _metric(diff: SweepDiff, metric: str) -> Metric:
    """What is told stands first in the table, and alone is seen at once where the table is long."""
    compared, name = diff.of(metric), w.metric_name(metric).capitalize()
    table = tables.comparisons(diff, metric)
    if all(one.same_runs for one in compared):
        return Metric(name, "Both sides have the same runs, so there is nothing to compare.", _part(replace(table, lines=())))
    told = sum(one.verdict in (BETTER, WORSE) for one in compared)
    many = f"{w.count(told) if told else 'None'} of {w.count(len(compared))} configurations"
    who = many if len(compared) > 1 else "The one configuration"
    sentence = f"{who} {'are' if told > 1 else 'is'} {'not ' * (len(compared) == 1 and not told)}told apart from noise."
    signed = [replace(line, cells=(*line.cells[:-1], SIGNS[line.cells[-1]] + line.cells[-1])) for line in table.lines]
    return Metric(name, sentence, _part(replace(table, lines=tuple(signed)), told))


def _part(table: Table, first: int = SHORT) -> Part:
    """A short table stands as it is; of a long one the `first` rows, twelve at most."""
    seen = len(table.lines) if len(table.lines) <= SHORT else min(first, SHORT)
    shown, folded = (replace(table, lines=lines) for lines in (table.lines[:seen], table.lines[seen:MOST]))
    return Part(table, shown, folded, max(len(table.lines) - MOST, 0))
