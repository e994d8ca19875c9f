"""`better`: the mean over some configurations lies above that over others, by so much or more."""

from sweepbook.analysis import words as w
from sweepbook.analysis.predictions import phrases
from sweepbook.analysis.predictions.foresight.claim import LOGGED, Claim, difference, ids, of_mean
from sweepbook.analysis.predictions.kind import Comparison, Evidence, Kind
from sweepbook.analysis.predictions.outcome import Outcome
from sweepbook.analysis.predictions.reading import combined, held
from sweepbook.analysis.predictions.sides import matched, named, nothing_has, part, selected, side_of
from sweepbook.runner.prediction import Better
from sweepbook.runner.study import Group, Study


def _compare(prediction: Better, evidence: Evidence) -> Comparison:
    """The difference of the two means, of the configurations that have a counterpart."""
    metric, sign = evidence.metric, evidence.study.sign
    chosen = [selected(evidence.own.rows, selector) for selector in (prediction.better, prediction.than)]
    better, than = matched(chosen, {*prediction.better, *prediction.than}, metric)
    compared = part(named(prediction.better), better, metric), part(named(prediction.than), than, metric)
    parts = tuple(side for side in compared if side)
    rows = [row for side in chosen for row in side]
    ours, others = side_of(better, metric), side_of(than, metric)
    if not better or not than or set(ours) == set(others):
        return Comparison(parts, None, rows)
    return Comparison(parts, held("difference", combined([(ours, sign), (others, -sign)]), (prediction.by, None)), rows)


def _reason(prediction: Better, comparison: Comparison, evidence: Evidence) -> str:
    if len(comparison.parts) < 2:
        return nothing_has(evidence.own.rows, prediction.better, prediction.than)
    alone = len(side_of(comparison.rows, evidence.metric)) == 1
    return f"{'one configuration stands' if alone else 'the same configurations stand'} on both sides"


def _claim(prediction: Better, metric: str) -> str:
    if prediction.by < 0:
        return f"behind by {w.distance(metric, -prediction.by)} at most"
    return f"ahead by {w.distance(metric, prediction.by)} or more" if prediction.by else "ahead"


def _number(prediction: Better, outcome: Outcome, form: w.Form) -> str:
    claimed = f" where {phrases.bound(outcome)} or more was expected" if prediction.by else ""
    return f"a lead of {phrases.change(outcome, form)}{claimed}"


def _prospect(prediction: Better, group: Group, study: Study) -> Claim | str:
    if group.where is not None:
        return LOGGED
    sides = ids(group.members, prediction.better), ids(group.members, prediction.than)
    return of_mean("lead", prediction.by, None, difference(*sides), several=max(map(len, sides)) > 1)


KIND = Kind(Better, _compare, _reason, _prospect, _number, _claim)
