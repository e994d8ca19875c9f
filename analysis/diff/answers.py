"""A `SweepDiff` in, the answers of its first screen out: a question each, a bold line, a quiet one, and where the evidence lies."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sweepbook.analysis import words as w
from sweepbook.analysis.diff import conclusions, configurations, differences, endings, verdict
from sweepbook.analysis.diff.comparisons import BETTER, UNTOLD, WORSE
from sweepbook.analysis.diff.diff import SweepDiff
from sweepbook.analysis.diff.turned import Turned
from sweepbook.analysis.export.record.read import Entry

NAMED, SAID = 3, 2  # rows or settings, and expectations, that a line names
KINDS = {"commit": "the code", "patch": "the code", "torch": "the libraries", "python": "the libraries"}  # all else: the machine


class Answer(NamedTuple):
    """What a reader asks of a comparison first, answered: what the bold line `says`, `why` in quiet sentences, and links to the
    parts of the page that show it, each with its words and its anchor. The journal's first screen has the same fields."""

    question: str
    says: str
    why: tuple[str, ...] = ()
    see: tuple[tuple[str, str], ...] = ()
    command: str = ""
    on: str = ""


def answers(diff: SweepDiff) -> tuple[Answer, ...]:
    """The questions of the first screen with their answers, whether to merge first. Where nothing is compared, or nothing was
    measured again, that alone."""
    place = ("every row", "metric-1") if diff.main else ("what there is", "unmatched")
    lead = Answer("Should it be merged?", verdict.answer(diff), verdict.also(diff), (place,))
    if diff.main is None or verdict.still(diff):
        return (lead,)
    known = (_changed(diff), _moved(diff), _choice(diff), _expected(diff), _failures(diff), _noise(diff))
    return (lead, *(one for one in known if one is not None))


def _changed(diff: SweepDiff) -> Answer:
    """The settings that changed, and what else did, which is a suspect as well."""
    settings, others = differences.settings(diff), differences.environment(diff)
    parts: list[str] = []
    suspect: tuple[str, ...] = ()
    if settings:
        more = [f"{w.count(len(settings) - NAMED)} more"] if len(settings) > NAMED else []
        parts.append(_sentence(w.listing([*settings[:NAMED], *more])))
    if others:
        kinds = w.listing(list(dict.fromkeys(KINDS.get(line.partition(" ")[0], "the machine") for line in others)))
        parts.append(f"{kinds.capitalize()} changed{' too' * bool(settings)} ({'; '.join(others)}).")
        if settings and not all(one.same_runs for one in diff.of(diff.metric)):
            suspect = (f"What moved may come from {kinds} as well as from what was set.",)
    runs, overlap = _runs(diff, alone=not parts)
    says = " ".join([*parts, *runs]) or "Nothing that the reports record of their settings or their machine."
    return Answer("What changed?", says, (*suspect, *overlap, *configurations.steady(diff)), (("all changes", "changed"),))


def _runs(diff: SweepDiff, alone: bool) -> tuple[list[str], list[str]]:
    """How many runs both sides have, where one has others besides, and what that means. Where nothing else changed, they stand
    `alone`, and say how many came and went."""
    same = diff.matching.same_logs
    own = [sum(entry.n for entry in side.entries.values()) - same for side in (diff.old, diff.new)]
    if not same or not any(own) or not (alone or diff.matching.overlapping):
        return [], []
    went, came = own
    moved = [f"{w.count(count)} {verb}" for count, verb in ((came, "came"), (went, "went")) if count]
    are = f"{w.plural(same, 'run')} {'is' if same == 1 else 'are'} the same {'log' if same == 1 else 'logs'} on both sides"
    meaning = ["A row can differ only by the runs that one side alone has."] if diff.matching.overlapping else []
    return [f"Only runs: {w.listing(moved)}; {are}." if alone else f"{w.capital(are)}."], meaning


def _sentence(text: str) -> str:
    return f"{w.capital(text)}."


def _moved(diff: SweepDiff) -> Answer | None:
    """Who was hurt and who was helped, most first; and whether the change acts everywhere alike."""
    compared = diff.of(diff.metric)
    if len(compared) < 2 or all(one.same_runs for one in compared):
        return None
    parts = [_most(diff, verdict, name) for verdict, name in ((WORSE, "Hurt most"), (BETTER, "Helped most"))]
    seen = any(configurations.most(diff, verdict) for verdict in (WORSE, BETTER))
    says = " ".join(parts) if seen else "No single configuration is visibly better or worse."
    place = ("what each is", "most") if seen or diff.grids else ("every row", "metric-1")
    return Answer("Who was hurt, who was helped?", says, (*_unsettled(diff), *configurations.unlike(diff)), (place,))


def _most(diff: SweepDiff, verdict: str, name: str) -> str:
    found = configurations.most(diff, verdict)
    if not found:
        return f"{name.removesuffix(' most')}: none."
    form, lead = diff.form(diff.metric), found[:NAMED]
    sizes = [w.difference(form, one.change.estimate) for one in lead]
    sizes = [*sizes[:1], *(size.removesuffix(" points") for size in sizes[1:])]
    named = [f"{one.label} ({size})" for one, size in zip(lead, sizes, strict=True)]
    return f"{name if len(found) > 1 else name.removesuffix(' most')}: {w.listing(named)}."


def _unsettled(diff: SweepDiff) -> Iterator[str]:
    """Of those that cannot tell yet, the one that moved furthest: only where it moved further than one that is named as moved most,
    which else reads as if none had moved so far."""
    form = diff.form(diff.metric)
    for kind, way in ((WORSE, -diff.direction), (BETTER, diff.direction)):
        named, rest = configurations.most(diff, kind)[:NAMED], configurations.most(diff, UNTOLD)
        same_way = [one for one in rest if one.change.estimate * way > 0]
        if named and same_way and abs(same_way[0].change.estimate) > abs(named[-1].change.estimate):
            first = same_way[0]
            moved = f"{'rose' if first.change.estimate > 0 else 'fell'} by {w.size(form, first.change.estimate)}"
            yield f"{first.label} {moved}, more than one that is shown to be {kind}, but its seeds do not settle it."


def _choice(diff: SweepDiff) -> Answer | None:
    """What is recommended now and what was before, with their scores, and why another one is."""
    before, after = configurations.recommended(diff)
    if before is None or after is None:
        return None
    if diff.old.metric != diff.metric or diff.new.metric != diff.metric:
        return None
    form, see = diff.form(diff.metric), (("both, before and now", "recommended"),)
    now, then = (f"{entry.label} ({w.score(form, configurations.mean(entry, diff.metric))})" for entry in (after, before))
    moved = next((one for one in diff.turned if one.kind == "best" and not one.group), None)
    if moved is None:
        return Answer("What is recommended?", f"Still {now}; before it scored {then.rpartition('(')[2].rstrip(')')}.", (), see)
    why = [_fall(diff, before, after, moved)]
    counterpart = next((a for a, b in diff.matching.pairs if b.id == after.id), None)
    if counterpart is not None and len(diff.matching.shared[after.id]) == counterpart.n == after.n:
        why.append(f"{after.label} scores the same as before, to the last digit.")
    return Answer("What is recommended?", f"Now {now}, before {then}.", tuple(why), see)


def _fall(diff: SweepDiff, before: Entry, after: Entry, moved: Turned) -> str:
    """What became of the configuration that was recommended before."""
    found = next((one for one in diff.of(diff.metric) if one.pair[0].id == before.id and not one.same_runs), None)
    because = moved.because.replace("both could be", f"{before.label} and {after.label} could both be")
    if found is None:
        return _sentence(because.replace("the old one", before.label))
    why = because.removeprefix("the old one ")
    score = w.score(diff.form(diff.metric), found.new.mean)
    return f"{before.label} scores {score} now{' and ' if why != because else '; '}{why}."


def _expected(diff: SweepDiff) -> Answer | None:
    """How many expectations changed, from what to what, and which held before and do not now."""
    asked, changed = diff.concluded["prediction"], conclusions.expectations(diff)
    question, see = "Do expectations still hold?", (("all that changed", "expectations"),)
    if not asked:
        return None
    if not changed:
        none = "The one expectation did not change." if asked == 1 else f"None of the {w.count(asked)} expectations changed."
        return Answer(question, none, (), see)
    says = f"{w.count(len(changed))} of {w.plural(asked, 'expectation')} changed: {', '.join(conclusions.courses(diff))}."
    lost = [one for one in changed if conclusions.lost(one)]
    return Answer(question, says, (f"No longer holding: {_said(lost)}." if lost else "All that held before still holds.",), see)


def _said(found: Sequence[Turned]) -> str:
    said = [f"“{one.says.removesuffix('.')}”" for one in found[:SAID]]
    more = len(found) - len(said)
    return "; ".join(said) + f" and {w.count(more)} more" * bool(more)


def _failures(diff: SweepDiff) -> Answer:
    says, *why = endings.failures(diff)
    return Answer("Did runs fail?", says, (*why, *endings.curves(diff)), (("counts", "cost"),))


def _noise(diff: SweepDiff) -> Answer | None:
    """How far another seed lands, now and before, and what it takes to see more."""
    found = diff.scatter
    if found is None:
        return None
    old, new = (w.size(diff.form(diff.metric), sd) for sd in (found.old, found.new))
    now, before = f"± {new} away", f"before ± {old.removesuffix(' points')}"
    says = f"another seed lands {now}, {'now as before' if old == new else before}"
    if found.told and old != new:
        says = f"the noise {'grew' if found.new > found.old else 'fell'}: another seed typically lands {now}, {before}"
    why = (*_chance(found.told, old == new, found.low is None), *configurations.settled(diff))
    return Answer("How far do seeds scatter?", _sentence(says), why, (("how we know", "known"),))


def _chance(told: bool, same: bool, unknown: bool) -> Iterator[str]:
    if told:
        yield "The noise moved by more than chance explains."
    elif not same and not unknown:
        yield "Chance may have moved the noise so far."
