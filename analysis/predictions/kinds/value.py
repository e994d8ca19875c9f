"""`at`: the mean over some configurations lies in a range, or on one side of a bound."""

from sweepbook.analysis import words as w
from sweepbook.analysis.predictions import phrases
from sweepbook.analysis.predictions.foresight.claim import LOGGED, Claim, ids, of_mean
from sweepbook.analysis.predictions.foresight.planned import mean_weights
from sweepbook.analysis.predictions.kind import Comparison, Evidence, Kind
from sweepbook.analysis.predictions.outcome import Outcome
from sweepbook.analysis.predictions.region import mean_within
from sweepbook.analysis.predictions.sides import nothing_has
from sweepbook.runner.prediction import At
from sweepbook.runner.study import Group, Study


def _compare(prediction: At, evidence: Evidence) -> Comparison:
    return mean_within(evidence, prediction.at, "value", (prediction.low, prediction.high))


def _reason(prediction: At, comparison: Comparison, evidence: Evidence) -> str:
    return nothing_has(evidence.own.rows, prediction.at)


def _claim(prediction: At, metric: str) -> str:
    ends = [w.bound(metric, end) for end in (prediction.low, prediction.high) if end is not None]
    if len(ends) > 1:
        return f"{ends[0]} to {ends[1]}"
    return f"at {'least' if prediction.high is None else 'most'} {ends[0]}"


def _number(prediction: At, outcome: Outcome, form: w.Form) -> str:
    return f"{phrases.value(outcome, form)} where {_claim(prediction, outcome.metric)} was expected"


def _found(prediction: At, outcome: Outcome, form: w.Form) -> str:
    return phrases.value(outcome, form)


def _prospect(prediction: At, group: Group, study: Study) -> Claim | str:
    if group.where is not None:
        return LOGGED
    low, high = prediction.low, prediction.high
    between = low is not None and high is not None
    measure = "inside" if between else "below" if low is None else "above"
    keys = ids(group.members, prediction.at)
    return of_mean(measure, low, high, mean_weights(keys), between, several=len(keys) > 1)


KIND = Kind(At, _compare, _reason, _prospect, _number, _claim, _found, difference=False)
