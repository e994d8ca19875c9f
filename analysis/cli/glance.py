"""The report that `watch` has built in, what it came to in a line out: how many runs, what else moved, how many to come."""

import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.report.lastbuild import LastBuild

LONGEST = 90  # characters on what moved


def glance(out: Path, found: Findings, before: LastBuild, moved: Sequence[str]) -> str:
    """The line, as in "reports/small: 15 runs, 5 more; 3 planned runs to go". Where as many runs count as `before`, it says what
    `moved` instead, or that words did."""
    numbers = {"trial": (trials(found), before.trials), "run": (runs(found), before.runs)}
    counts = [_count(name, now, then) for name, (now, then) in numbers.items() if now or name == "run"]
    same = before.files and all(now == then for now, then in numbers.values())
    return f"{out}: {'; '.join([*counts, *_else(moved if same else None), *_to_go(found)])}"


def runs(found: Findings) -> int:
    """The runs that count."""
    return sum(s.n for s in found.ranking)


def trials(found: Findings) -> int:
    """The trials of searches that have ended."""
    return sum(len(group.trials.done) for group in found.groups if group.trials)


def _count(name: str, now: int, before: int) -> str:
    moved = f", {w.count(abs(now - before))} {'more' if now > before else 'fewer'}" if before and now != before else ""
    return w.plural(now, name) + moved


def _else(moved: Sequence[str] | None) -> Iterator[str]:
    """What moved without another number of runs; nothing where that is another one."""
    if moved is not None:
        yield _short(moved[0]) if moved else "only words or pictures changed"


def _short(text: str) -> str:
    """A text that is cut where it is long, and the bracket closed that it was cut in."""
    cut = textwrap.shorten(text, LONGEST, placeholder=" …")
    return cut + ")" * (cut != text and cut.count("(") > cut.count(")"))


def _to_go(found: Findings) -> Iterator[str]:
    """How many planned runs are still to end; nothing where no plan says it, or a search is yet to."""
    searching = any(group.trials and not group.trials.over for group in found.groups)
    if searching:
        yield "a search goes on"
    elif found.totals.planned:
        yield f"{w.plural(found.unfinished, 'planned run')} to go" if found.unfinished else "all planned runs have ended"
