"""Two sides and how they match in, the conclusions that turned out: predictions, checks, what is best, which factor matters most,
each with the old verdict, the new one and why it moved."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import hypot
from typing import TypeAlias

from sweepbook.analysis import words as w
from sweepbook.analysis.diff.comparisons import Comparison
from sweepbook.analysis.diff.matching import Matching
from sweepbook.analysis.diff.rows import levels, row
from sweepbook.analysis.export.record.read import Asked, Fired, Predicted, Ranged, Side, form_of
from sweepbook.analysis.predictions.verdict import EMPTY

Keys: TypeAlias = Mapping[str, str]  # what each configuration of a side is matched by, by its id
Compared: TypeAlias = Mapping[str, Comparison]  # the comparison of each configuration in the metric of the study, by its new id
NO_ROWS: Compared = {}
QUOTED = 2  # rows that a reason quotes; what rests on more is told by its own number
WIDER = 1.25  # times an interval, from which on it is said to have grown
VALUES = ("at", "gap_at_most")  # kinds of prediction that are about a value, not a difference
UNCERTAIN = "its uncertainty"
BEYOND, WITHIN = "it changed beyond the noise", "within the noise"
LOOKS = "SB114"  # the check on how often the report was built


@dataclass(frozen=True)
class Turned:
    """A conclusion that turned. `kind` is "prediction", "check", "best" or "factors"; `group` is "" for the whole study; `says` is
    the prediction in the plan's words, or what the conclusion is about. `behind` are the configurations whose runs changed and that
    it rests on, by their new ids, where these are few; `one_sided`: it holds these against others whose runs are the same.
    `same_runs`: nothing that it rests on was measured again, and what turned its verdict is the noise around it."""

    kind: str
    group: str
    says: str
    old: str
    new: str
    because: str
    behind: tuple[str, ...] = ()
    one_sided: bool = False
    same_runs: bool = False


def turned(old: Side, new: Side, found: Matching, metric: str, compared: Compared = NO_ROWS) -> tuple[Turned, ...]:
    """The conclusions of `old` that are others in `new`. What is on one side alone has not turned, nor has a prediction that says
    nothing on a side, and nothing has where no configuration is matched. Where the two rank by something else that is the reason of
    all. Reasons quote the rows of `compared`."""
    if not found.pairs:
        return ()
    conclusions = (
        *_predictions(old, new, found, metric, compared),
        *_best(old, new, found),
        *_factors(old, new, form_of(metric, old, new)),
        *_checks(old, new),
    )
    if (old.metric, old.goal) == (new.metric, new.goal):
        return conclusions
    because = f"the study is compared by {_ranking(new)} now, by {_ranking(old)} before"
    return tuple(replace(one, because=because) for one in conclusions)


def concluded(old: Side, new: Side) -> dict[str, int]:
    """How many conclusions of each kind both sides come to, whether they turned or not."""
    before = {group.name: group for group in old.groups}
    both = [(before[group.name], group) for group in new.groups if group.name in before]
    asked = [pair for then, now in both for pair in _paired(then.predictions, now.predictions)]
    best = [bool(old.recommended and new.recommended), *(bool(_first_tiers(then, now)) for then, now in both)]
    checks = [_fired(side, {"", *before} & {"", *(group.name for group in new.groups)}) for side in (old, new)]
    return {
        "prediction": sum(EMPTY not in (then.verdict, now.verdict) for then, now in asked),
        "best": sum(best),
        "factors": int(all(any(effect.rank == 1 for effect in side.effects) for side in (old, new))),
        "check": len(checks[0].keys() | checks[1].keys()),
    }


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


def _predictions(old: Side, new: Side, found: Matching, metric: str, compared: Compared) -> Iterator[Turned]:
    groups = {group.name: group for group in old.groups}
    known, alike = (found.keys(old), found.keys(new)), old.schema == new.schema
    forms = form_of(metric, old, new), form_of("gap", old, new)
    for group in new.groups:
        before = groups.get(group.name)
        for then, now in _paired(before.predictions, group.predictions) if before else ():
            if before and then.told != now.told and EMPTY not in (then.verdict, now.verdict):
                plan = [*_claims(then, now), *_members((before, group), known), *_limits(then, now)]
                one = _prediction(then, now, plan, _rows(now, compared), found, forms, alike)
                yield replace(one, group=group.name, same_runs=alike and not plan and _unmoved(now, group, found))


def _prediction(
    then: Predicted,
    now: Predicted,
    plan: Sequence[str],
    rows: Compared,
    found: Matching,
    forms: tuple[w.Form, w.Form],
    alike: bool,
) -> Turned:
    """A prediction that turned, with what the plan and then the runs did to it. `forms` are those of the score and of the gap;
    `alike`: both reports reckon the noise in the same way."""
    moved = (then.estimate, then.n, then.low, then.high) != (now.estimate, now.n, now.low, now.high)
    reasons = list(plan)
    if then.verdict != now.verdict and (moved or not plan):
        rewritten = _rewritten(then, now) and then.says != now.says
        quoted = [*_bests(then, now, found), *_quoted(rows, found, forms[0])] if rows else []
        reasons.append(_number(then, now, forms[now.kind == "gap_at_most"], rewritten, alike, quoted))
    behind = tuple(sorted(key for key, one in rows.items() if not one.same_runs))
    one_sided = 0 < len(behind) < len(rows)
    return Turned("prediction", "", now.says, then.told, now.told, "; ".join(reasons), behind, one_sided)


def _unmoved(now: Predicted, group: Asked, found: Matching) -> bool:
    """Whether all that a prediction rests on has the same runs on both sides: what it names, or its group where that is unknown."""
    pairs = {b.id: (a, b) for a, b in found.pairs}
    keys = {key for part in now.behind or () for key in part} or set(group.configs)
    return all(key in pairs and len(found.shared[key]) == pairs[key][0].n == pairs[key][1].n for key in keys)


def _rows(now: Predicted, compared: Compared) -> Compared:
    """The rows that a prediction rests on; none where the report does not say, they are many, or one of them is not compared."""
    keys = dict.fromkeys(key for part in now.behind or () for key in part)
    return {key: compared[key] for key in keys} if len(keys) <= QUOTED and all(key in compared for key in keys) else {}


def _quoted(rows: Compared, found: Matching, form: w.Form) -> list[str]:
    """What the rows say, those that changed first; of one with the same runs, why."""
    quoted = []
    for one in sorted(rows.values(), key=lambda one: one.same_runs):
        had = levels(found.already(one.pair)) if one.same_runs else ""
        quoted.append(row(one, form) + f", had {had} already" * bool(had))
    return quoted


def _bests(then: Predicted, now: Predicted, found: Matching) -> Iterator[str]:
    """Which configurations a prediction holds against each other on either side, where these are other ones now and one each:
    "before against epochs_10, now against epochs_5"."""
    parts = [one.behind or () for one in (then, now)]
    if any(len(side) != 2 or any(len(part) != 1 for part in side) for side in parts):
        return
    names = [{one.id: one.label for one in alone} for alone in (found.removed, found.added)]
    for a, b in found.pairs:
        names[0][a.id] = names[1][b.id] = b.label
    (one, other), (own, against) = ([known.get(part[0], "") for part in side] for side, known in zip(parts, names, strict=True))
    if (one, other) == (own, against) or "" in (one, other, own, against):
        return
    lead = (f"{one} ", f"{own} ") if one != own else ("", "")
    yield f"before {lead[0]}against {other}, now {lead[1]}against {against}"


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


def _rewritten(then: Predicted, now: Predicted) -> bool:
    """Whether the plan claims something else now."""
    return bool(then.claim and now.claim and then.claim != now.claim)


def _claims(then: Predicted, now: Predicted) -> Iterator[str]:
    """How the plan words a prediction now, and what it claims with it."""
    other = _rewritten(then, now)
    if then.says != now.says:
        yield f"{'another claim' if other else 'in other words'} than “{then.says}”"
    elif other:
        yield "the plan claims something else in the same words"


def _limits(then: Predicted, now: Predicted) -> Iterator[str]:
    """The checks that limit a verdict on one side alone, and the configurations that have finished on one side alone."""
    checks = [set(p.because) for p in (then, now)]
    for codes, what in ((checks[1] - checks[0], "now limited by"), (checks[0] - checks[1], "no longer limited by")):
        if codes:
            yield f"{what} {w.listing(sorted(codes))}"
    for labels, what in ((now.missing, "without a finished run now"), (then.missing, "without a finished run before")):
        if set(then.missing) != set(now.missing) and labels:
            yield f"{what}: {w.first_to_last(labels)}"


def _members(groups: tuple[Asked, Asked], known: tuple[Keys, Keys]) -> Iterator[str]:
    """How many configurations the group asks of on one side alone; of one that never ran the reports tell no more than its id."""
    then, now = ({keys[key] for key in group.configs if key in keys} for group, keys in zip(groups, known, strict=True))
    for more, what in ((now - then, "more"), (then - now, "fewer")):
        if more:
            yield f"the group has {w.plural(len(more), 'configuration')} {what}"


def _number(then: Predicted, now: Predicted, form: w.Form, rewritten: bool, alike: bool, quoted: Sequence[str]) -> str:
    """How the number behind the verdict moved: what its rows say where they are `quoted`, else by more than both intervals allow,
    or within them. That of a claim which was `rewritten` may be of other configurations, so no cause is told."""
    if then.estimate is None or now.estimate is None:
        return "nothing could be compared before" if then.estimate is None else "nothing can be compared now"
    values = _value(then, form), _value(now, form)
    moved = " to ".join(values)
    if rewritten:
        return moved
    cause = _cause(then, now, form, alike)
    if not quoted and cause.startswith(UNCERTAIN):
        return f"{_went(now.kind, values)}, and {cause.removesuffix(' points') if values[1].endswith(' points') else cause}"
    if not quoted:
        return f"{cause}: {moved}"
    number = [] if now.kind in VALUES or len(set(values)) == 1 else [f"the difference went from {moved}"]
    return "; ".join([*([] if cause in (BEYOND, WITHIN) else [cause]), *quoted, *number])


def _went(kind: str, values: tuple[str, str]) -> str:
    """How an effect, or a value, moved: "the effect went from +2.9 to +0.0 points"."""
    what = "the value" if kind in VALUES else "the effect"
    if len(set(values)) == 1:
        return f"{what} stayed at {values[0]}"
    return f"{what} went from {values[0].removesuffix(' points')} to {values[1]}"


def _cause(then: Predicted, now: Predicted, form: w.Form, alike: bool) -> str:
    """Why a number has another verdict now."""
    halves = [(p.high - p.low) / 2 for p in (then, now) if p.low is not None and p.high is not None]
    if len(halves) < 2:
        return f"the noise {'was' if then.low is None else 'is'} not known"
    distance = abs((now.estimate or 0.0) - (then.estimate or 0.0))
    if distance > hypot(*halves):
        return BEYOND
    runs = [sum(p.n) for p in (then, now)]
    if runs[0] != runs[1]:
        return f"{'more' if runs[1] > runs[0] else 'fewer'} runs, {runs[0]} to {runs[1]}"
    if not alike:
        return "another version of Sweepbook reckoned the noise otherwise"
    if max(halves) > WIDER * min(halves):
        before, after = (f"± {w.size(form, half)}" for half in halves)
        return f"{UNCERTAIN} {'fell' if halves[1] < halves[0] else 'grew'} from {before.removesuffix(' points')} to {after}"
    return WITHIN


def _value(prediction: Predicted, form: w.Form) -> str:
    """The number of a prediction; that of a score or a gap is a value, any other a difference."""
    estimate = prediction.estimate or 0.0
    return w.score(form, estimate) if prediction.kind in VALUES else w.difference(form, estimate)


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
            because = "both could be the best now, and another version of Sweepbook chose between them"
        elif now.tier == 1:
            because = "both could be the best"
        else:
            because = "the old one could no longer be the best"
        yield Turned("best", "", "recommended configuration", old.entries[before].label, new.entries[after].label, because)
    groups = {group.name: group for group in old.groups}
    for group in new.groups:
        then = groups.get(group.name)
        if then and _first_tiers(then, group):
            first = [pairs.get(key, key) for key in then.best]
            if not set(first) & set(group.best):
                labels = _labels(old, then.best), _labels(new, group.best)
                yield Turned("best", group.name, "could be the best", *labels, "none that could be the best before still could")


def _first_tiers(then: Asked, now: Asked) -> bool:
    """Whether both sides say of a group which of it could be the best."""
    return bool(then.tiers and now.tiers and then.best and now.best)


def _labels(side: Side, keys: Sequence[str]) -> str:
    return w.first_to_last([side.entries[key].label for key in keys])


def _factors(old: Side, new: Side, form: w.Form) -> Iterator[Turned]:
    """The factors that no other is known to matter more than, where the range of one of them itself moved by more than the noise. A
    factor that comes in or goes out because an interval grew is no finding."""
    firsts = [{(e.factor, e.group): e for e in side.effects if e.rank == 1} for side in (old, new)]
    known = [{(e.factor, e.group): e for e in side.effects} for side in (old, new)]
    both = known[0].keys() & known[1].keys()
    changed = (firsts[0].keys() ^ firsts[1].keys()) & both
    moved = [key for key in sorted(changed) if _apart(known[0][key], known[1][key])]
    names = [w.listing(list(dict.fromkeys(w.setting_name(e.factor) for e in first.values()))) for first in firsts]
    if not all(firsts) or not moved or names[0] == names[1]:
        return
    because = []
    for key in moved:
        ranges = (_range(sides[key], form) for sides in known)
        because.append(f"the range of {w.setting_name(key[0])} went from {' to '.join(ranges)}")
    yield Turned("factors", "", "setting that matters most", names[0], names[1], "; ".join(because[: w.MANY]))


def _apart(then: Ranged, now: Ranged) -> bool:
    """Whether a range moved by more than both its intervals, added in squares, allow."""
    if then.low is None or then.high is None or now.low is None or now.high is None:
        return False
    return abs(now.range - then.range) > hypot((then.high - then.low) / 2, (now.high - now.low) / 2)


def _range(effect: Ranged, form: w.Form) -> str:
    return w.size(form, effect.range)


def _checks(old: Side, new: Side) -> Iterator[Turned]:
    """The checks that fire on one side alone, in groups of both; with the plan's reason where they were silenced. That on how often
    the report was built says nothing of what was trained."""
    groups = {"", *({group.name for group in old.groups} & {group.name for group in new.groups})}
    sides = [_fired(side, groups) for side in (old, new)]
    for first, told in ((1, ("silent", "fires")), (0, ("fires", "silent"))):
        for place, check in sides[first].items():
            other = sides[1 - first].get(place)
            if not check.silenced and (other is None or other.silenced):
                about = f"{check.code} {w.setting_name(check.factor)}".strip()
                said = check.message if first else f"it said: {check.message}"
                because = f"the plan {'silenced' if first else 'silences'} it: {other.silenced}" if other else said
                yield Turned("check", check.group, about, *told, because)


def _fired(side: Side, groups: Collection[str]) -> dict[tuple[str, str, str], Fired]:
    """The checks of some groups that a sweep fires, by their place."""
    found = (check for check in side.checks if check.group in groups and check.code != LOOKS)
    return {(check.code, check.group, check.factor): check for check in found}
