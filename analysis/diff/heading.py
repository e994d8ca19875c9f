"""A `SweepDiff` in, what is compared with what out, in words."""

from collections.abc import Iterator

from sweepbook.analysis import words as w
from sweepbook.analysis.diff.diff import SweepDiff


def facts(diff: SweepDiff) -> tuple[tuple[str, str], ...]:
    """What is compared, as pairs of a name and a value."""
    found = diff.matching
    left = [
        f"{w.count(len(some))} {what}"
        for some, what in ((found.added, "added"), (found.removed, "removed"), (found.incomparable, "not comparable"))
        if some
    ]
    goal = w.way(diff.goal)
    for side, which in ((diff.old, "old"), (diff.new, "new")):
        goal += f"; the {which} sweep ranks by {w.metric_name(side.metric)}" if side.metric != diff.metric else ""
    return (
        ("Old", _sweep(diff, 0)),
        ("New", _sweep(diff, 1)),
        ("Compared by", f"{w.metric_name(diff.metric)}, {goal}"),
        ("Configurations", ", ".join([f"{w.count(len(found.pairs))} matched", *left])),
    )


def subtitle(diff: SweepDiff) -> str:
    """What is compared, in a line under the title."""
    runs = [sum(entry.n for entry in side.entries.values()) for side in (diff.old, diff.new)]
    matched = w.plural(len(diff.matching.pairs), "configuration")
    each = f"{w.count(runs[0])} runs before, {w.count(runs[1])} now"
    scores = f"all scores are {w.metric_name(diff.metric)} ({w.way(diff.goal)}) unless said otherwise"
    return " · ".join([f"{matched} on both sides", each, scores, *_brackets(diff)])


def _brackets(diff: SweepDiff) -> Iterator[str]:
    """What the intervals are that stand in brackets; those of single configurations are corrected for their number."""
    known = any(one.change.low is not None for one in diff.comparisons if not one.same_runs)
    if known:
        yield "brackets: 95% intervals" + ", wider for single configurations" * (len(diff.comparisons) > 1)


def sweeps(diff: SweepDiff) -> str:
    """Both sweeps in a line: by their studies, and where these are one by what was compared; one name where that is one too."""
    ways = ((diff.old.study, diff.new.study), (diff.old.name, diff.new.name))
    return next((f"{old} → {new}" for old, new in ways if old != new), diff.new.study)


def _sweep(diff: SweepDiff, place: int) -> str:
    side = (diff.old, diff.new)[place]
    noise = diff.noises[place].get(diff.metric)
    parts = [w.plural(sum(entry.n for entry in side.entries.values()), "finished run")]
    parts += [f"standard deviation of a run {w.size(diff.form(diff.metric), noise.sd)}"] if noise else ["noise not known"]
    parts += [f"read with the plan {side.plan}" if side.plan != "none" else "read without a plan"] if side.plan else []
    return f"{side.name} ({', '.join(parts)})"
