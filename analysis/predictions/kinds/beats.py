"""`beats`: the best of this group lies above the best of another."""

from sweepbook.analysis import words as w
from sweepbook.analysis.predictions import bests, phrases
from sweepbook.analysis.predictions.foresight.claim import Claim, ids, of_open
from sweepbook.analysis.predictions.kind import Comparison, Evidence, Kind
from sweepbook.analysis.predictions.outcome import Outcome
from sweepbook.runner.prediction import Beats
from sweepbook.runner.study import Group, Study


def _compare(prediction: Beats, evidence: Evidence) -> Comparison:
    others = evidence.groups[prediction.group].rows
    return bests.compared(evidence.own.rows, others, evidence.metric, evidence.study.sign)


def _reason(prediction: Beats, comparison: Comparison, evidence: Evidence) -> str:
    """Nothing but runs can be missing."""
    return ""


def _number(prediction: Beats, outcome: Outcome, form: w.Form) -> str:
    return f"a lead of {phrases.change(outcome, form)} over the best of {prediction.group}"


def _found(prediction: Beats, outcome: Outcome, form: w.Form) -> str:
    return bests.found(outcome, form)


def _claim(prediction: Beats, metric: str) -> str:
    return f"ahead of the best of {prediction.group}"


def _prospect(prediction: Beats, group: Group, study: Study) -> Claim | str:
    other = next(other for other in study.groups if other.name == prediction.group)
    if group.open or other.open:
        return of_open(group, other)
    return bests.ahead(ids(group.members), ids(other.members), tier=False)


KIND = Kind(Beats, _compare, _reason, _prospect, _number, _claim, _found, corrected=bests.corrected)
