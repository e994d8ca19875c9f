"""A `SweepDiff` in, what its single configurations did out: which moved most, which not at all, which more seeds would settle."""

from collections.abc import Sequence

from sweepbook.analysis import words as w
from sweepbook.analysis.diff import rows
from sweepbook.analysis.diff.comparisons import UNTOLD, Comparison
from sweepbook.analysis.diff.diff import SweepDiff
from sweepbook.analysis.diff.differences import ENOUGH
from sweepbook.analysis.export.record.read import Entry
from sweepbook.runner.values import level_text

AFFORDABLE = 5  # times the seeds of today: what somebody who wants to know still runs


def most(diff: SweepDiff, verdict: str) -> list[Comparison]:
    """The configurations that are better, or worse, the largest change first."""
    found = (one for one in diff.of(diff.metric) if one.verdict == verdict)
    return sorted(found, key=lambda one: (-abs(one.change.estimate), one.label))


def unlike(diff: SweepDiff) -> list[str]:
    """Where the change acts more and where less."""
    form, lines = diff.form(diff.metric), []
    for one in diff.slopes:
        first, last = (w.difference(form, change) for change in (one.first, one.last))
        low, high = level_text(one.lowest), level_text(one.highest)
        bare = first.removesuffix(" points")
        name = w.setting_name(one.factor)
        lines.append(
            f"The change differs by {name}: from {bare} at {low} to {last} at {high} (found by looking; check it with new runs)."
        )
    if not lines and diff.grids:
        names = w.listing(list(dict.fromkeys(w.setting_name(factor) for group, _ in diff.grids for factor in group.factors)))
        lines.append(f"The change shows no pattern over {names}.")
    return lines


def recommended(diff: SweepDiff) -> tuple[Entry | None, Entry | None]:
    """The configurations that the old and the new sweep recommend."""
    before, after = (side.entries.get(side.recommended or "") for side in (diff.old, diff.new))
    return before, after


def mean(entry: Entry, metric: str) -> float | None:
    """The mean of a configuration in a metric."""
    return entry.metrics[metric].mean if metric in entry.metrics else None


def steady(diff: SweepDiff) -> list[str]:
    """Which configurations have the same runs on both sides, and why, where others changed."""
    same = [one for one in diff.of(diff.metric) if one.same_runs]
    if not same or len(same) == len(diff.of(diff.metric)):
        return []
    found: dict[tuple[str, str], list[Comparison]] = {}
    for one in same:
        found.setdefault((rows.levels(diff.matching.already(one.pair)), repeated([one.pair])), []).append(one)
    lines = []
    for (had, _), some in found.items():
        labels, why = [one.label for one in some], f"had {had} already" if had else "did not move"
        lines.append(
            f"{w.listing(labels) if len(labels) <= ENOUGH else w.some(labels)} {why}: {repeated([one.pair for one in some])}."
        )
    return lines


def repeated(pairs: Sequence[tuple[Entry, Entry]]) -> str:
    """What the same runs of some configurations are: the same logs, or runs of their own that came out alike."""
    whose, who = ("its", "it scores") if len(pairs) == 1 else ("their", "they score")
    if all(before.logs == after.logs for before, after in pairs):
        return f"{whose} runs are the same logs"
    if all(before.logs.isdisjoint(after.logs) for before, after in pairs):
        return f"trained again, {who} the same to the last digit"
    return f"{whose} runs are the same"


def settled(diff: SweepDiff) -> list[str]:
    """How many seeds more would settle half of what cannot be told, and how many runs that is; where that is very many, how few
    so many would settle, or that they settle none."""
    open_ = [one for one in diff.of(diff.metric) if one.verdict == UNTOLD]
    if not any(one.change.low is not None for one in open_):
        return []
    several = f"the {w.count(len(open_))}" if len(open_) > 1 else "the one"
    most = (AFFORDABLE - 1) * max(min(one.old.n, one.new.n) for one in open_)
    needs = sorted(one.more for one in open_ if one.more is not None and one.more <= most)
    if not needs:
        return [f"Even {w.plural(most, 'more seed')} each, before and now, would not settle {several} that cannot tell yet."]
    seeds = needs[min((len(open_) + 1) // 2, len(needs)) - 1]
    count = sum(need <= seeds for need in needs)
    lead = f"{w.plural(seeds, 'more seed')} each, before and now ({w.plural(2 * seeds * len(open_), 'run')}),"
    which = several if count == len(open_) else f"{w.count(count)} of {several}"
    return [f"{lead} would settle {which} that cannot tell yet, if the changes are as seen."]


def table(diff: SweepDiff) -> str:
    """How to read the rows in the metric of the study."""
    compared = diff.of(diff.metric)
    counts = sorted({n for one in compared for n in (one.old.n, one.new.n)})
    many = w.plural(counts[0], "run") if len(counts) == 1 else f"{counts[0]} to {counts[-1]} runs"
    lines = [f"Averages of {many} each, before and now; the interval is that of the verdict."]
    if any(one.more is not None for one in compared):
        lines.append("With “more seeds” on each side a change as large as the one seen would get a verdict.")
    return " ".join(lines)
