"""A `SweepDiff` in, the answers of its first screen out: a question each, a bold line, a quiet one, and where the evidence lies."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sweepbook.analysis import words as w
from sweepbook.analysis.diff import words
from sweepbook.analysis.diff.comparisons import BETTER, WORSE
from sweepbook.analysis.diff.diff import SweepDiff
from sweepbook.analysis.diff.turned import Turned
from sweepbook.analysis.export.record.read import Entry

NAMED, SAID = 3, 2  # rows, and expectations, that a line names
RECOMMENDED, EXPECTATIONS = ("recommended", "Both, old and new"), ("expectations", "All of them")


class Answer(NamedTuple):
    """What a reader asks of a comparison first, answered: the bold line, the quiet one that says why ("" without), the part of the
    page that shows it, and the words that lead there."""

    question: str
    bold: str
    quiet: str
    anchor: str
    link: str


def answers(diff: SweepDiff) -> tuple[Answer, ...]:
    """The questions of the first screen with their answers, whether to merge first. Where nothing is compared, or nothing was
    measured again, that alone."""
    place = ("metric-1", "Every row") if diff.main else ("unmatched", "What there is")
    lead = Answer("Should it be merged?", words.answer(diff), words.also(diff), *place)
    if diff.main is None or words.still(diff):
        return (lead,)
    known = (_changed(diff), _moved(diff), _choice(diff), _expected(diff), _failures(diff), _noise(diff))
    return (lead, *(one for one in known if one is not None))


def _changed(diff: SweepDiff) -> Answer:
    settings, code = words.settings(diff), words.environment(diff)
    bold = f"{w.listing(list(settings))}." if settings else "No setting of the configurations."
    bold = bold[0].upper() + bold[1:]
    quiet = []
    if code:
        also = "The code or the machine changed too" if settings else "What changed is the code or the machine"
        also = also.replace("code or the machine", "code") if all(line.startswith("commit") for line in code) else also
        bold += f" {also} ({'; '.join(code)})."
        quiet += ["So the setting is not the only suspect."] * bool(settings)
    quiet += words.steady(diff)
    return Answer("What changed?", bold, " ".join(quiet), "changed", "All changes")


def _moved(diff: SweepDiff) -> Answer | None:
    """Who was hurt and who was helped, most first; and whether the change acts everywhere alike."""
    compared = diff.of(diff.metric)
    if len(compared) < 2 or all(one.same_runs for one in compared):
        return None
    parts = [_most(diff, verdict, name) for verdict, name in ((WORSE, "Hurt most"), (BETTER, "Helped most"))]
    seen = any(words.most(diff, verdict) for verdict in (WORSE, BETTER))
    parts = parts if seen else ["No single configuration is visibly better or worse."]
    place = ("most", "What each is") if seen or diff.grids else ("metric-1", "Every row")
    return Answer("Who was hurt, who was helped?", " ".join(parts), " ".join(words.unlike(diff)), *place)


def _most(diff: SweepDiff, verdict: str, name: str) -> str:
    found = words.most(diff, verdict)
    if not found:
        return f"{name.removesuffix(' most')}: none."
    form, lead = diff.form(diff.metric), found[:NAMED]
    sizes = [w.difference(form, one.change.estimate) for one in lead]
    sizes = [*sizes[:1], *(size.removesuffix(" points") for size in sizes[1:])]
    named = [f"{one.label} ({size})" for one, size in zip(lead, sizes, strict=True)]
    return f"{name if len(found) > 1 else name.removesuffix(' most')}: {w.listing(named)}."


def _choice(diff: SweepDiff) -> Answer | None:
    """What is recommended now and what was before, with their scores, and why another one is."""
    before, after = words.recommended(diff)
    if before is None or after is None:
        return None
    form = diff.form(diff.metric)
    now, then = (f"{entry.label} ({w.score(form, words.mean(entry, diff.metric))})" for entry in (after, before))
    if diff.old.metric != diff.metric or diff.new.metric != diff.metric:
        return None
    moved = next((one for one in diff.turned if one.kind == "best" and not one.group), None)
    counterpart = next((a for a, b in diff.matching.pairs if b.id == after.id), None)
    if moved is None:
        old = w.score(form, words.mean(before, diff.metric))
        return Answer("What is recommended?", f"Still {now}; before it scored {old}.", "", *RECOMMENDED)
    quiet = [_fall(diff, before, moved)]
    if counterpart is not None and len(diff.matching.shared[after.id]) == counterpart.n == after.n:
        quiet.append(f"{after.label} did not move: the same runs on both sides.")
    return Answer("What is recommended?", f"Now {now}, before {then}.", " ".join(quiet), *RECOMMENDED)


def _fall(diff: SweepDiff, before: Entry, moved: Turned) -> str:
    """What became of the configuration that was recommended before."""
    found = next((one for one in diff.of(diff.metric) if one.pair[0].id == before.id), None)
    why = moved.because.replace("the old one", before.label)
    if found is None or found.same_runs:
        return f"{why[0].upper() + why[1:]}."
    why = moved.because.removeprefix("the old one ")
    score = w.score(diff.form(diff.metric), found.new.mean)
    joined = f"and {why}" if why != moved.because else f": {why}"
    return f"{before.label} scores {score} now {joined}.".replace(" :", ":")


def _expected(diff: SweepDiff) -> Answer | None:
    asked = diff.concluded["prediction"]
    if not asked:
        return None
    turned = words.expectations(diff)
    if not turned:
        return Answer("Do expectations still hold?", f"None of the {w.plural(asked, 'expectation')} changed.", "", *EXPECTATIONS)
    bold = f"{w.count(len(turned))} of {w.plural(asked, 'expectation')} changed: {', '.join(words.courses(diff))}."
    lost = [one for one in turned if words.lost(one)]
    quiet = [f"No longer holding: {_said(lost)}."] if lost else ["All that held before still holds."]
    return Answer("Do expectations still hold?", bold, " ".join(quiet), *EXPECTATIONS)


def _said(found: Sequence[Turned]) -> str:
    said = [f"“{one.says.removesuffix('.')}”" for one in found[:SAID]]
    more = len(found) - len(said)
    return "; ".join(said) + f" and {w.count(more)} more" * bool(more)


def _failures(diff: SweepDiff) -> Answer:
    lines = words.failures(diff)
    return Answer("Did runs fail?", lines[0], " ".join([*lines[1:], *words.curves(diff)]), "cost", "Counts")


def _noise(diff: SweepDiff) -> Answer | None:
    found = diff.scatter
    if found is None:
        return None
    form = diff.form(diff.metric)
    old, new = (w.size(form, sd) for sd in (found.old, found.new))
    lands = f"another seed lands ± {new} away"
    bold = f"{lands[0].upper() + lands[1:]}, before ± {old.removesuffix(' points')}."
    if old == new:
        bold = f"{lands[0].upper() + lands[1:]}, now as before."
    elif found.told:
        bold = f"The noise {_grew(found.new / found.old)}: {lands}, before ± {old.removesuffix(' points')}."
    quiet = _chance(found.told, old == new, found.low is None)
    return Answer("How far do seeds scatter?", bold, " ".join([*quiet, *words.settled(diff)]), "known", "How we know")


def _grew(ratio: float) -> str:
    """How a noise changed: "nearly doubled"."""
    named = ((2.2, 1.9, "doubled"), (1.9, 1.7, "nearly doubled"), (0.55, 0.45, "halved"))
    for most, least, name in named:
        if least <= ratio < most:
            return name
    return f"grew {ratio:.1f} times" if ratio >= 1 else f"fell to {ratio:.0%} of what it was"


def _chance(told: bool, same: bool, unknown: bool) -> Iterator[str]:
    if told:
        yield "Chance alone does not move it so far."
    elif not same and not unknown:
        yield "Chance may have moved it so far."
