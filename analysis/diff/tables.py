"""A `SweepDiff` in, its tables out, as text ready to lay out."""

from collections.abc import Iterable, Sequence

from sweepbook.analysis import words as w
from sweepbook.analysis.diff import conclusions, configurations, differences, endings, rows
from sweepbook.analysis.diff.comparisons import BETTER, SAME, UNTOLD, WORSE, Comparison
from sweepbook.analysis.diff.diff import SweepDiff
from sweepbook.analysis.export.record.read import Entry
from sweepbook.analysis.page.table import Column, Line, Table
from sweepbook.analysis.stats.contrasts import Difference
from sweepbook.analysis.stats.power import MOST as MOST_SEEDS
from sweepbook.runner.metric import is_share

ORDER = {WORSE: 0, BETTER: 0, UNTOLD: 1, SAME: 2}
MOST_LOST = 8  # expectations that no longer hold, in the short list of them
FARTHEST = 5  # configurations hurt most, and as many helped most


def ordered(compared: Iterable[Comparison]) -> list[Comparison]:
    """What is better or worse first, then what is open, then what is the same; within each the largest difference first."""
    return sorted(compared, key=lambda one: (ORDER[one.verdict], -abs(one.change.estimate), one.label))


def comparisons(diff: SweepDiff, metric: str) -> Table:
    """A row a matched configuration in one metric: what it is, both means, the difference, the verdict and what would settle it."""
    compared, common = ordered(diff.of(metric)), rows.usual(diff.new.entries.values())
    least = min((abs(one.change.estimate) for one in compared if one.verdict in (BETTER, WORSE)), default=None)
    several = len({n for one in compared for n in (one.old.n, one.new.n)}) > 1
    seeds = any(one.more is not None for one in compared)
    heads = [
        Column("configuration", False),
        Column("what it is", False),
        Column("before"),
        Column("now"),
        Column(f"difference{', points' if is_share(metric) else ''}"),
        Column("interval"),
        *[Column("runs")] * several,
        Column("verdict", False),
        *[Column("more seeds")] * seeds,
    ]
    lines = []
    for one in compared:
        runs = str(one.old.n) if one.old.n == one.new.n else f"{one.old.n} → {one.new.n}"
        cells = [one.label, rows.special(one.pair[1], common), *_numbers(one, diff.form(metric)), *[runs] * several]
        lines.append(Line((*cells, _verdict(one, least), *[_seeds(one)] * seeds)))
    return Table(tuple(heads), tuple(lines))


def _numbers(one: Comparison, form: w.Form) -> tuple[str, ...]:
    scores = (w.score(form, one.old.mean), w.score(form, one.new.mean))
    return (*scores, *(("same runs", w.NONE) if one.same_runs else _parted(form, one.change)))


def _parted(form: w.Form, change: Difference) -> tuple[str, str]:
    """A difference and its interval as two cells: "+1.5", "+0.2 to +2.8"."""
    whole = w.change(form, change).replace(" points", "")
    number, _, interval = whole.partition(" (")
    return number, interval.removesuffix(")") or w.NONE


def _verdict(one: Comparison, least: float | None) -> str:
    """The verdict of a row; of one that is as far from before as others that have a verdict, why it has none."""
    word = "same" if one.same_runs else rows.verdict(one)
    wide = one.verdict == UNTOLD and one.change.low is not None and least is not None and abs(one.change.estimate) >= least
    return word + ": its runs scatter more" * wide


def _seeds(one: Comparison) -> str:
    """The seeds more on each side with which a row would get a verdict."""
    if one.verdict != UNTOLD:
        return w.NONE
    return w.count(one.more) if one.more is not None else w.NONE if one.change.low is None else f"over {w.count(MOST_SEEDS)}"


def most(diff: SweepDiff, verdict: str) -> Table:
    """The configurations that are better, or worse, the largest change first: what each is, both means and the change."""
    found, common = configurations.most(diff, verdict), rows.usual(diff.new.entries.values())
    form, name = diff.form(diff.metric), "hurt most" if verdict == WORSE else "helped most"
    heads = (Column(name, False), Column("what it is", False), Column("before"), Column("now"), Column("change"))
    lines = []
    for one in found[:FARTHEST]:
        scores = (w.score(form, one.old.mean), w.score(form, one.new.mean))
        lines.append(Line((one.label, rows.special(one.pair[1], common), *scores, w.change(form, one.change))))
    return Table(heads, tuple(lines))


def recommended(diff: SweepDiff) -> Table:
    """What the old and the new sweep recommend: what it is, and its score on both sides."""
    before, after = configurations.recommended(diff)
    names = ("recommended", "configuration", "what it is")
    heads = (*(Column(name, False) for name in names), Column("before"), Column("now"))
    if before is None or after is None:
        return Table(heads, ())
    pairs = diff.matching.pairs
    then = next((pair for pair in pairs if pair[0].id == before.id), (before, None))
    now = next((pair for pair in pairs if pair[1].id == after.id), (None, after))
    chosen = (("before and now", now),) if then == now else (("before", then), ("now", now))
    return Table(heads, tuple(_chosen(diff, when, *pair) for when, pair in chosen))


def _chosen(diff: SweepDiff, when: str, old: Entry | None, new: Entry | None) -> Line:
    """A configuration that was recommended, on both sides where it is there."""
    entry, common = new or old, rows.usual(diff.new.entries.values())
    scores = (w.score(diff.form(diff.metric), configurations.mean(one, diff.metric) if one else None) for one in (old, new))
    return Line((when, entry.label if entry else "", rows.special(entry, common) if entry else "", *scores))


def expectations(diff: SweepDiff) -> Table:
    """A row an expectation that changed: where, what, the old verdict, the new one and why."""
    heads = ("group", "expectation", "before", "now", "because")
    lines = []
    for one in conclusions.expectations(diff):
        because = "; ".join(part for part in (conclusions.limited(one), one.because) if part)
        lines.append(Line((one.group, one.says, conclusions.marked(one.old), conclusions.marked(one.new), because)))
    return _words(heads, lines)


def lost(diff: SweepDiff) -> Table:
    """A row an expectation that held before and does not now."""
    found = [one for one in conclusions.expectations(diff) if conclusions.lost(one)]
    lines = [Line((f"{one.says.removesuffix('.')} ({conclusions.lost_to(one)})", one.group)) for one in found[:MOST_LOST]]
    more = len(found) - len(lines)
    rest = [Line((f"and {w.count(more)} more", ""))] if more else []
    return _words(("held before, and does not now", "group"), [*lines, *rest])


def others(diff: SweepDiff) -> Table:
    """A row a conclusion of another kind that changed: what could be the best, what matters most, what checks find; not what is
    recommended, where that has a table of its own."""
    heads = ("group", "conclusion", "before", "now", "because")
    shown = bool(recommended(diff).lines)
    found = [one for one in diff.turned if one.kind != "prediction" and not (shown and one.kind == "best" and not one.group)]
    return _words(heads, [Line((one.group or w.NONE, one.says, one.old, one.new, one.because)) for one in found])


def failures(diff: SweepDiff) -> Table:
    """A row a way in which runs went wrong, with their number before and now."""
    lines = [Line((name, w.count(old), w.count(new))) for name, old, new in (*endings.ended(diff), *endings.curved(diff))]
    return Table((Column("runs that", False), Column("before"), Column("now")), tuple(lines))


def changed(diff: SweepDiff) -> Table:
    """A row a setting that changed, or a fact of where the sweeps were trained."""
    lines = [Line(cells) for cells in differences.levels(diff)]
    lines += [Line((*cells, "trained there")) for cells in differences.places(diff)]
    return _words(("what changed", "before", "now", "where"), lines)


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
    return _words(("configuration", "reason"), [Line((one.label, one.reason)) for one in diff.matching.incomparable])


def _words(heads: Sequence[str], lines: Sequence[Line]) -> Table:
    return Table(tuple(Column(head, False) for head in heads), tuple(lines))
