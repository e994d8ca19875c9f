"""The conclusions that turned in, the words of each and what several have in common out."""

from collections import Counter
from collections.abc import Mapping, Sequence

from sweepbook.analysis import words as w
from sweepbook.analysis.diff import rows
from sweepbook.analysis.diff.comparisons import UNTOLD, Comparison
from sweepbook.analysis.diff.diff import SweepDiff
from sweepbook.analysis.diff.turned import Turned

HELD, FAILED, OPEN = "held", "did not hold", "open"
WORDS = {"confirmed": HELD, "refuted": FAILED, "cannot tell": OPEN}
MARKS = {HELD: "✓", FAILED: "✗", OPEN: "?"}
AS_RUN = " as run"
COURSES = ((HELD, FAILED), (HELD, OPEN), (OPEN, FAILED), (FAILED, OPEN), (OPEN, HELD), (FAILED, HELD))  # what weighs most first


def lost(one: Turned) -> bool:
    """Whether a prediction held before and does not now."""
    return said(one.old) == HELD != said(one.new)


def lost_to(one: Turned) -> str:
    """What became of a prediction that held."""
    return "does not hold now" if said(one.new) == FAILED else f"{said(one.new)} now"


def said(verdict: str) -> str:
    """The verdict of a prediction in words: "held", "did not hold", "open"; what is none of these as it is."""
    return WORDS.get(verdict.removesuffix(AS_RUN), verdict)


def marked(verdict: str) -> str:
    """The same with its sign."""
    word = said(verdict)
    return f"{MARKS[word]} {word}" if word in MARKS else word


def limited(one: Turned) -> str:
    """Where a prediction comes out as before: whether a check limits it now."""
    if said(one.old) != said(one.new):
        return ""
    return "a check limits it now" if one.new.endswith(AS_RUN) else "no check limits it now"


def expectations(diff: SweepDiff) -> list[Turned]:
    """The predictions that turned, what weighs most first."""
    places = {course: place for place, course in enumerate(COURSES)}
    found = [one for one in diff.turned if one.kind == "prediction"]
    return sorted(found, key=lambda one: places.get((said(one.old), said(one.new)), len(places)))


def courses(diff: SweepDiff) -> list[str]:
    """How many expectations took which course: "5 held → open"."""
    counts = Counter(limited(one) or f"{said(one.old)} → {said(one.new)}" for one in expectations(diff))
    return [f"{w.count(count)} {course}" for course, count in counts.items()]


def shared(diff: SweepDiff) -> list[str]:
    """What several expectations that turned have in common: one configuration, whose change turned them all; a side that is the
    same."""
    labels = {one.pair[1].id: one for one in diff.of(diff.metric)}
    found: dict[tuple[str, ...], list[Turned]] = {}
    asked, lines = expectations(diff), []
    for one in asked:
        if len(one.behind) == 1 and one.behind[0] in labels:
            found.setdefault(one.behind, []).append(one)
    of = f"of the {w.count(len(asked))}"
    for (key,), turned in sorted(found.items(), key=lambda item: -len(item[1])):
        if len(turned) > 1:
            row = _named(labels[key], diff.form(diff.metric))
            lines.append(f"{w.count(len(turned))} {of} expectations rest on one change: {row}.")
    lines += _unlike(labels, asked)
    if one_sided := sum(one.one_sided for one in asked):
        lines.append(f"In {w.count(one_sided)} {of} one side alone changed; the other has the same runs.")
    return lines


def _unlike(found: Mapping[str, Comparison], asked: Sequence[Turned]) -> list[str]:
    """Why an expectation can be decided by a row that is not: only where that is so."""
    rests = [found[one.behind[0]] for one in asked if len(one.behind) == 1 and one.behind[0] in found and said(one.new) != OPEN]
    if all(one.verdict != UNTOLD for one in rests):
        return []
    return ["A row that cannot tell whether it changed can still say where it is now, which decides an expectation."]


def _named(one: Comparison, form: w.Form) -> str:
    """A row in a line, with all names that the configuration goes by."""
    others = [label for label in one.pair[1].labels if label != one.label]
    return rows.row(one, form) + (f"; also called {w.listing(others)}" if others else "")


def conclusions(diff: SweepDiff) -> str:
    """How many conclusions there are in all, and how many of them changed; "" where there are none."""
    kinds = {
        "prediction": ("expectation", "expectations"),
        "best": ("choice of the best", "choices of the best"),
        "factors": ("order of the settings", "orders of the settings"),
        "check": ("check", "checks"),
    }
    counts, total = Counter(one.kind for one in diff.turned), sum(diff.concluded.values())
    turned = [(counts[kind], count, kinds[kind]) for kind, count in diff.concluded.items() if counts[kind]]
    parts = [f"{w.count(some)} of {w.plural(count, *names)}" for some, count, names in turned]
    what = f": {w.listing(parts)}" if parts else ""
    return f"In all {w.count(len(diff.turned))} of {w.plural(total, 'conclusion')} changed{what}." if total else ""
