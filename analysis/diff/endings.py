"""A `SweepDiff` in, how its runs ended and which curves went wrong out, in words and numbers, before and now."""

from collections.abc import Mapping

from sweepbook.analysis import words as w
from sweepbook.analysis.diff.diff import SweepDiff

STATES = ("failed", "diverged", "interrupted")
# What a learning curve shows that went wrong: its diagnosis in a report, and the words for it.
CURVES = {"did not learn": "did not learn", "diverged": "fell apart", "oscillating": "unstable", "overfitting": "overfitting"}


def failures(diff: SweepDiff) -> list[str]:
    """How many runs did not finish on either side, and which configurations do on one side alone."""
    lines = ["No run failed, diverged or was interrupted, before or now."]
    if counts := ended(diff):
        lines = [f"Runs that did not finish, before → now: {', '.join(f'{a} → {b} {name}' for name, a, b in counts)}."]
    for labels, what in (
        ([f"{one.label} ({', '.join(dict.fromkeys(one.states))})" for one in diff.stopped], "No longer finishes"),
        ([entry.label for entry in diff.started], "Finishes now"),
    ):
        lines += [f"{what}: {w.some(labels)}."] if labels else []
    return lines


def ended_otherwise(diff: SweepDiff) -> bool:
    """Whether runs end otherwise than before."""
    return any(old != new for _, old, new in ended(diff)) or bool(diff.stopped or diff.started)


def curves(diff: SweepDiff) -> list[str]:
    """How many runs went wrong by their learning curves, before and now."""
    parts = [f"{words} {old} → {new}" for words, old, new in curved(diff)]
    return [f"Curves, before → now: {', '.join(parts)} runs."] if parts else []


def curved(diff: SweepDiff) -> list[tuple[str, int, int]]:
    """What learning curves show that went wrong, with the runs of which they do, before and now."""
    found = []
    for diagnosis, name in CURVES.items():
        old, new = (_diagnosed(side.diagnoses, diagnosis) for side in (diff.old, diff.new))
        found += [(name, old, new)] if old or new else []
    return found


def ended(diff: SweepDiff) -> list[tuple[str, int, int]]:
    """How runs ended that did not finish, with their number before and now."""
    counts = ((state, diff.old.states.get(state, 0), diff.new.states.get(state, 0)) for state in STATES)
    return [(state, old, new) for state, old, new in counts if old or new]


def _diagnosed(found: Mapping[str, int], diagnosis: str) -> int:
    return sum(count for text, count in found.items() if text.startswith(diagnosis))
