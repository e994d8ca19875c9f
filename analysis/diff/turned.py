"""Two sides and how they match in, the conclusions that turned out: predictions, checks, what is best, which factor matters most,
each with the old verdict, the new one and why it moved."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import hypot
from typing import TypeAlias

from sweepbook.analysis import words as w
from sweepbook.analysis.diff.matching import Matching
from sweepbook.analysis.export.record.read import Asked, Fired, Predicted, Ranged, Side, form_of
from sweepbook.analysis.predictions.verdict import EMPTY
from sweepbook.analysis.stats.contrasts import Difference

Keys: TypeAlias = Mapping[str, str]  # what each configuration of a side is matched by, by its id
MOST_SETTINGS = 2  # that a reason names; all of them stand at the top
LOOKS = "SB114"  # the check on how often the report was built


@dataclass(frozen=True)
class Turned:
    """A conclusion that turned. `kind` is "prediction", "check", "best" or "factors"; `group` is "" for the whole study; `says` is
    the prediction in the plan's words, or what the conclusion is about."""

    kind: str
    group: str
    says: str
    old: str
    new: str
    because: str


def turned(old: Side, new: Side, found: Matching, metric: str) -> tuple[Turned, ...]:
    """The conclusions of `old` that are others in `new`. What is on one side alone has not turned, nor has a prediction that says
    nothing on a side, and nothing has where no configuration is matched. Where the two rank by something else that is the reason of
    all."""
    if not found.pairs:
        return ()
    conclusions = (
        *_predictions(old, new, found, metric),
        *_best(old, new, found),
        *_factors(old, new, form_of(metric, old, new)),
        *_checks(old, new),
    )
    if (old.metric, old.goal) == (new.metric, new.goal):
        return conclusions
    because = f"the study is compared by {_ranking(new)} now, by {_ranking(old)} before"
    return tuple(replace(one, because=because) for one in conclusions)


def _ranking(side: Side) -> str:
    return f"{w.metric_name(side.metric)} ({w.way(side.goal)})"


def unasked(old: Side, new: Side) -> tuple[tuple[Predicted, ...], tuple[Predicted, ...]]:
    """The predictions of the old side alone and those of the new one alone. Run logs that were read without a plan have none, and
    that drops or adds nothing."""
    if "none" in (old.plan, new.plan):
        return (), ()
    before = {group.name: group.predictions for group in old.groups}
    kept = {id(p) for group in new.groups for pair in _paired(before.get(group.name, ()), group.predictions) for p in pair}
    first, second = (tuple(p for group in side.groups for p in group.predictions if id(p) not in kept) for side in (old, new))
    return first, second


def _predictions(old: Side, new: Side, found: Matching, metric: str) -> Iterator[Turned]:
    groups = {group.name: group for group in old.groups}
    known, alike = (found.keys(old), found.keys(new)), old.schema == new.schema
    forms = form_of(metric, old, new), form_of("gap", old, new)
    for group in new.groups:
        before = groups.get(group.name)
        for then, now in _paired(before.predictions, group.predictions) if before else ():
            if before and then.told != now.told and EMPTY not in (then.verdict, now.verdict):
                because = "; ".join(_because(then, now, (before, group), known, found, forms, alike))
                yield Turned("prediction", group.name, now.says, then.told, now.told, because)


def _paired(before: Sequence[Predicted], after: Sequence[Predicted]) -> list[tuple[Predicted, Predicted]]:
    """The predictions of a group, each with the one that it was before: of the same words, else of the same claim. What is left
    on both sides was rewritten, and is paired by its kind, in order."""
    alike: tuple[Callable[[Predicted, Predicted], bool], ...] = (
        lambda then, now: (then.says, then.kind) == (now.says, now.kind),
        lambda then, now: then.claim is not None and then.claim == now.claim,
        lambda then, now: then.kind == now.kind,
    )
    left, found = list(before), dict[int, Predicted]()
    for same in alike:
        for place, now in enumerate(after):
            then = next((p for p in left if same(p, now)), None) if place not in found else None
            if then is not None:
                left.remove(then)
                found[place] = then
    return [(found[place], now) for place, now in enumerate(after) if place in found]


def _because(
    then: Predicted,
    now: Predicted,
    groups: tuple[Asked, Asked],
    known: tuple[Keys, Keys],
    found: Matching,
    forms: tuple[w.Form, w.Form],
    alike: bool,
) -> list[str]:
    """Why a verdict moved, what the plan did first, then what the runs did. `forms` are those of the score and of the gap; `alike`:
    both reports reckon the noise in the same way."""
    other = bool(then.claim and now.claim and then.claim != now.claim)
    reasons = []
    if then.says != now.says:
        reasons.append(f"{'another claim' if other else 'in other words'} than “{then.says}”")
    elif other:
        reasons.append("the plan claims something else in the same words")
    reasons += _members(groups, known)
    checks = [set(p.because) for p in (then, now)]
    for codes, what in ((checks[1] - checks[0], "now limited by"), (checks[0] - checks[1], "no longer limited by")):
        if codes:
            reasons.append(f"{what} {w.listing(sorted(codes))}")
    for labels, what in ((now.missing, "without a finished run now"), (then.missing, "without a finished run before")):
        if set(then.missing) != set(now.missing) and labels:
            reasons.append(f"{what}: {w.first_to_last(labels)}")
    moved = (then.estimate, then.low, then.high) != (now.estimate, now.low, now.high)
    if then.verdict != now.verdict and (moved or not reasons):
        rewritten = other and then.says != now.says
        reasons.append(_number(then, now, forms[now.kind == "gap_at_most"], _settings(groups[1], found), rewritten, alike))
    return reasons


def _members(groups: tuple[Asked, Asked], known: tuple[Keys, Keys]) -> Iterator[str]:
    """How many configurations the group asks of on one side alone; of one that never ran the reports tell no more than its id."""
    then, now = ({keys[key] for key in group.configs if key in keys} for group, keys in zip(groups, known, strict=True))
    for more, what in ((now - then, "more"), (then - now, "fewer")):
        if more:
            yield f"the group has {w.plural(len(more), 'configuration')} {what}"


def _settings(group: Asked, found: Matching) -> str:
    """The settings that changed within the configurations of a group: " with weight decay 0 → 0.01"."""
    asked = set(group.configs)
    moved = [place for place in found.changed if any(b.id in asked and a.id != b.id for a, b in found.pairs)]
    told = [f"{w.setting_name(one.key)} {one.old or 'not set'} → {one.new or 'not set'}" for one in moved[:MOST_SETTINGS]]
    return f" with {w.listing(told)}" if told else ""


def _number(then: Predicted, now: Predicted, form: w.Form, settings: str, rewritten: bool, alike: bool) -> str:
    """How the number behind the verdict moved: by more than both intervals allow, or within them. That of a claim which was
    `rewritten` may be of other configurations, so no cause is told."""
    if then.estimate is None or now.estimate is None:
        return "nothing could be compared before" if then.estimate is None else "nothing can be compared now"
    moved = f"{_told(then, form)} to {_told(now, form)}"
    if rewritten:
        return moved
    halves = [(p.high - p.low) / 2 for p in (then, now) if p.low is not None and p.high is not None]
    if len(halves) < 2:
        return f"the noise {'was' if then.low is None else 'is'} not known: {moved}"
    if abs(now.estimate - then.estimate) > hypot(*halves):
        return f"a different effect{settings}: {moved}"
    runs = [sum(p.n) for p in (then, now)]
    if runs[0] != runs[1]:
        return f"{'more' if runs[1] > runs[0] else 'fewer'} runs, {runs[0]} to {runs[1]}: {moved}"
    if not alike:
        return f"another version of Sweepbook reckoned the noise otherwise: {moved}"
    if abs(now.estimate - then.estimate) < min(halves) / 2 and max(halves) > 1.25 * min(halves):
        return f"the noise is {'smaller' if halves[1] < halves[0] else 'larger'}: {moved}"
    return f"no further than noise moves it: {moved}"


def _told(prediction: Predicted, form: w.Form) -> str:
    """The number of a prediction with its interval; that of a score or a gap is a value, any other a difference."""
    estimate = prediction.estimate or 0.0
    if prediction.kind in ("at", "gap_at_most"):
        low, high = (None if end is None else w.score(form, end).removesuffix("%") for end in (prediction.low, prediction.high))
        return w.score(form, estimate) + (f" [{low}, {high}]" if low is not None else "")
    return w.change(form, Difference(estimate, prediction.low, prediction.high))


def _best(old: Side, new: Side, found: Matching) -> Iterator[Turned]:
    """The recommended configuration, and the first tier of each group where the two have none in common."""
    pairs = {a.id: b.id for a, b in found.pairs}
    before, after = old.recommended, new.recommended
    if before and after and pairs.get(before, before) != after:
        now = new.entries.get(pairs.get(before, ""))
        if now is None:
            gone = before in {entry.id for entry in found.removed}
            because = f"the old one {'is not in' if gone else 'cannot be compared with any of'} the new sweep"
        elif now.tier is None:
            because = "the noise is not known now, and the best mean is recommended"
        elif now.tier == 1 and old.schema != new.schema:
            because = "both are in the first tier now, and another version of Sweepbook chose between them"
        elif now.tier == 1:
            because = "both are in the first tier now, where any may be the best"
        else:
            because = "the old one left the first tier"
        yield Turned("best", "", "recommended configuration", old.entries[before].label, new.entries[after].label, because)
    groups = {group.name: group for group in old.groups}
    for group in new.groups:
        then = groups.get(group.name)
        if then and then.tiers and group.tiers and then.best and group.best:
            first = [pairs.get(key, key) for key in then.best]
            if not set(first) & set(group.best):
                labels = _labels(old, then.best), _labels(new, group.best)
                yield Turned("best", group.name, "first tier", *labels, "none of the old first tier is in the new one")


def _labels(side: Side, keys: Sequence[str]) -> str:
    return w.first_to_last([side.entries[key].label for key in keys])


def _factors(old: Side, new: Side, form: w.Form) -> Iterator[Turned]:
    """The factors that none is told to matter more than."""
    firsts = [{(e.factor, e.group): e for e in side.effects if e.rank == 1} for side in (old, new)]
    known = [{(e.factor, e.group): e for e in side.effects} for side in (old, new)]
    both = known[0].keys() & known[1].keys()
    if not all(firsts) or firsts[0].keys() & both == firsts[1].keys() & both:
        return
    moved = (firsts[0].keys() ^ firsts[1].keys()) & both
    because = [
        f"the range of {w.setting_name(key[0])} went from {_range(known[0][key], form)} to {_range(known[1][key], form)}"
        for key in sorted(moved)
    ]
    told = [w.listing(list(dict.fromkeys(w.setting_name(e.factor) for e in first.values()))) for first in firsts]
    if told[0] != told[1]:
        yield Turned("factors", "", "factor that matters most", told[0], told[1], "; ".join(because[: w.MANY]))


def _range(effect: Ranged, form: w.Form) -> str:
    return w.extent(form, Difference(effect.range, effect.low, effect.high))


def _checks(old: Side, new: Side) -> Iterator[Turned]:
    """The checks that fire on one side alone, in groups of both; with the plan's reason where they were silenced. That on how often
    the report was built says nothing of what was trained."""
    groups = {"", *({group.name for group in old.groups} & {group.name for group in new.groups})}
    sides = [_by_place(check for check in side.checks if check.group in groups and check.code != LOOKS) for side in (old, new)]
    for first, told in ((1, ("silent", "fires")), (0, ("fires", "silent"))):
        for place, check in sides[first].items():
            other = sides[1 - first].get(place)
            if not check.silenced and (other is None or other.silenced):
                about = f"{check.code} {w.setting_name(check.factor)}".strip()
                said = check.message if first else f"it said: {check.message}"
                because = f"the plan {'silenced' if first else 'silences'} it: {other.silenced}" if other else said
                yield Turned("check", check.group, about, *told, because)


def _by_place(checks: Iterable[Fired]) -> dict[tuple[str, str, str], Fired]:
    return {(check.code, check.group, check.factor): check for check in checks}
