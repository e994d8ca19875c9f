"""`best`: the best configuration of the group is one of those named."""

from sweepbook.analysis import words as w
from sweepbook.analysis.predictions import bests, phrases
from sweepbook.analysis.predictions.foresight.claim import LOGGED, Claim, ids
from sweepbook.analysis.predictions.kind import Comparison, Evidence, Kind
from sweepbook.analysis.predictions.outcome import Outcome
from sweepbook.analysis.predictions.sides import nothing_has, selected
from sweepbook.runner.prediction import Best
from sweepbook.runner.study import Group, Study


def _compare(prediction: Best, evidence: Evidence) -> Comparison:
    """The best inside against the best outside. A configuration that the group has under several levels is inside where one of
    them is."""
    inside = selected(evidence.own.rows, prediction.best)
    named = {row.member.id for row in inside}
    outside = [row for row in evidence.own.rows if row.member.id not in named]
    first = [key for key, tier in evidence.tiers.items() if tier == 1]
    return bests.compared(inside, outside, evidence.metric, evidence.study.sign, first)


def _reason(prediction: Best, comparison: Comparison, evidence: Evidence) -> str:
    return nothing_has(evidence.own.rows, prediction.best)


def _number(prediction: Best, outcome: Outcome, form: w.Form) -> str:
    return f"a lead of {phrases.change(outcome, form)} over the best of the others"


def _found(prediction: Best, outcome: Outcome, form: w.Form) -> str:
    return bests.found(outcome, form)


def _claim(prediction: Best, metric: str) -> str:
    return "ahead of all others"


def _parts(prediction: Best, outcome: Outcome, form: w.Form) -> str:
    places = zip(("best of these", "best of the others"), outcome.parts, strict=False)
    return "; ".join(f"{place}: {phrases.part(part, form)}" for place, part in places)


def _prospect(prediction: Best, group: Group, study: Study) -> Claim | str:
    if group.where is not None:
        return LOGGED
    inside = ids(group.members, prediction.best)
    outside = [key for key in ids(group.members) if key not in inside]
    return bests.ahead(inside, outside, tier=True)


KIND = Kind(Best, _compare, _reason, _prospect, _number, _claim, _found, parts=_parts, corrected=bests.corrected)
