"""A `SweepDiff` in, what differs besides the scores out, in words: settings, place, cost, what one side alone has."""

from collections.abc import Iterator

from sweepbook.analysis import words as w
from sweepbook.analysis.diff.diff import SweepDiff
from sweepbook.analysis.diff.turned import unasked
from sweepbook.analysis.logs.origins import WORDS as ORIGINS

FACTS = (
    "commit",
    "patch",
    "torch",
    "python",
    "device",
    "threads",
    "host",
)  # of the environment, in the order in which they are told
WORDS_OF_DATA = {"train_examples": "training examples", **ORIGINS}
ENOUGH = 3  # labels of a kind that a sentence names one by one


def unlogged(diff: SweepDiff) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The metrics that the old side alone logged of the matched configurations, and those of the new one alone."""
    old, new = (dict.fromkeys(name for pair in diff.matching.pairs for name in pair[place].runs) for place in (0, 1))
    return tuple(name for name in old if name not in new), tuple(name for name in new if name not in old)


def changed(diff: SweepDiff) -> tuple[str, ...]:
    """The settings that changed in all configurations or some, and what changed in where they were trained."""
    return (*settings(diff), *environment(diff))


def settings(diff: SweepDiff) -> tuple[str, ...]:
    """The settings that changed: "weight decay 0 → 0.01 in 54 of 56 configurations"."""
    return tuple(f"{name} {old} → {new} {where}" for name, old, new, where in levels(diff))


def levels(diff: SweepDiff) -> list[tuple[str, str, str, str]]:
    """The settings that changed, with the old level, the new one, and in which configurations."""
    pairs, found = len(diff.matching.pairs), []
    for one in diff.matching.changed:
        where = "everywhere" if one.pairs == pairs else f"in {w.count(one.pairs)} of {w.plural(pairs, 'configuration')}"
        name = WORDS_OF_DATA.get(one.key) or w.setting_name(one.key)
        found.append((name, one.old or "not set", one.new or "not set", where))
    return found


def environment(diff: SweepDiff) -> tuple[str, ...]:
    """What changed in where the sweeps were trained: "commit e1dbd7d815a0 → 3c342bebac78"."""
    return tuple(f"{key} {before} → {after}" for key, before, after in places(diff))


def places(diff: SweepDiff) -> list[tuple[str, str, str]]:
    """What changed in where the sweeps were trained, with what it was and what it is."""
    old, new = diff.old.environment, diff.new.environment
    found = []
    moved = old.get("commit") != new.get("commit")
    for key in (fact for fact in FACTS if not (fact == "patch" and moved)):  # a patch is one to a commit
        if old.get(key) and new.get(key) and old[key] != new[key]:
            before, after = (", ".join(value[:12] if key == "commit" else value for value in side[key]) for side in (old, new))
            found.append((key, before, after))
    return found


def cost(diff: SweepDiff) -> tuple[str, ...]:
    """Time and parameters."""
    return (*_time(diff), *_parameters(diff))


def _time(diff: SweepDiff) -> Iterator[str]:
    found = diff.times
    if found is None:
        return
    interval = "" if found.low is None else f" ({found.low:.2f} to {found.high:.2f})"
    moved = diff.old.environment.get("host") != diff.new.environment.get("host")
    where = "on another machine, and " if moved and diff.old.environment.get("host") and diff.new.environment.get("host") else ""
    over = w.plural(found.pairs, "configuration")
    yield f"A run takes {found.ratio:.2f} times as long{interval}, over {over}; {where}times move with what else a machine does."


def _parameters(diff: SweepDiff) -> Iterator[str]:
    if diff.resized:
        named = [f"{b.label} {w.count(a.parameters)} → {w.count(b.parameters)}" for a, b in diff.resized[:ENOUGH]]
        more = len(diff.resized) - len(named)
        yield f"The number of parameters changed: {', '.join(named)}{f' and {w.count(more)} more' if more else ''}."


def unmatched(diff: SweepDiff) -> tuple[str, ...]:
    """What is on one side alone, and what would match it."""
    found = diff.matching
    lines = [
        f"{w.plural(len(entries), 'configuration')} {what}: {w.some([entry.label for entry in entries])}."
        for entries, what in ((found.added, "added"), (found.removed, "removed"))
        if entries
    ]
    lines += [f"Without {w.setting_name(key)} {w.count(count)} of these would match: --ignore {key}." for key, count in found.hints]
    for predictions, what in zip(unasked(diff.old, diff.new), ("dropped", "added"), strict=True):
        if predictions:
            said = w.some([f"{one.group}: {one.says.removesuffix('.')}" for one in predictions], "; ")
            lines.append(f"{w.plural(len(predictions), 'expectation')} {what}: {said}.")
    for metrics, which in zip(unlogged(diff), ("old", "new"), strict=True):
        if metrics:
            lines.append(f"Logged by the {which} sweep alone: {w.some([w.metric_name(name) for name in metrics])}.")
    if diff.unclear:
        names = w.listing(list(diff.unclear))
        lines.append(f"Not compared, for nothing says which way is better: {names}; --metric and --goal compare by one of them.")
    return tuple(lines)
