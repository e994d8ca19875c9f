"""`gap_at_most`: the generalisation gap of some configurations, or the widest of all, is at most so much."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from sweepbook.analysis import words as w
from sweepbook.analysis.predictions import phrases
from sweepbook.analysis.predictions.foresight.claim import Claim, ids, middling, of_open
from sweepbook.analysis.predictions.foresight.planned import Planned, mean_weights, smallest
from sweepbook.analysis.predictions.kind import Comparison, Evidence, Kind
from sweepbook.analysis.predictions.outcome import Outcome
from sweepbook.analysis.predictions.reading import Reading, Side, Sum, combined, judged
from sweepbook.analysis.predictions.region import mean_within
from sweepbook.analysis.predictions.sides import nothing_has, side_of, top
from sweepbook.analysis.stats.means import t_quantile
from sweepbook.runner.prediction import GapAtMost
from sweepbook.runner.study import Group, Study


def _compare(prediction: GapAtMost, evidence: Evidence) -> Comparison:
    """The mean gap where configurations are named, one-sided; else the widest gap of the group."""
    if prediction.at:
        return mean_within(evidence, prediction.at, "gap", (None, prediction.most), one_sided=True)
    rows = evidence.own.rows
    most = top(rows, evidence.metric, 1)
    if most is None:
        return Comparison((), None, rows)
    sides = [{key: mean} for key, mean in side_of(rows, evidence.metric).items()]
    return Comparison((most,), widest(sides, prediction.most), rows)


def widest(sides: Sequence[Side], most: float) -> Reading:
    """Whether the largest of several values is at most `most`; each side is one configuration.

    The largest lies below the largest of their upper ends of 95%, for its own is among them; and above the largest of their
    lower ends of 95% together (Bonferroni)."""
    sums = [combined([(side, 1.0)]) for side in sides]
    largest = max(sums, key=lambda total: total.contrast.estimate)
    lows = [total.contrast.interval(0.90, len(sums)).low for total in sums]
    highs = [total.contrast.interval(0.90).high for total in sums]
    low = high = None
    if None not in lows and None not in highs:
        low, high = (max(end for end in ends if end is not None) for ends in (lows, highs))
    reading = Reading("widest gap", largest.contrast.estimate, low, high, (None, most), len(sums), True)
    reading = judged(reading, largest)
    return reading if low is not None or reading.tipping is None else replace(reading, tipping=_tipping(sums, most))


def _tipping(sums: Sequence[Sum], most: float) -> float:
    """The noise below which there would be a verdict: where values lie above `most`, that below which the first of them is told to;
    else that below which all are told to lie below it."""
    above = [total for total in sums if total.contrast.estimate > most]
    if above:
        return max(total.contrast.tipping_sd(most, 1 - 0.10 / len(sums)) for total in above)
    return min(total.contrast.tipping_sd(most, 1 - 0.10) for total in sums)


def _reason(prediction: GapAtMost, comparison: Comparison, evidence: Evidence) -> str:
    return nothing_has(evidence.own.rows, prediction.at)


def _claim(prediction: GapAtMost, metric: str) -> str:
    return f"gap of at most {w.bound('gap', prediction.most)}"


def _number(prediction: GapAtMost, outcome: Outcome, form: w.Form) -> str:
    what = "a gap" if prediction.at else "the widest gap"
    return f"{what} of {phrases.value(outcome, form)} where at most {phrases.bound(outcome)} was expected"


def _found(prediction: GapAtMost, outcome: Outcome, form: w.Form) -> str:
    text = phrases.value(outcome, form)
    return text if prediction.at else f"widest {text}, {outcome.parts[0].name}"


def _parts(prediction: GapAtMost, outcome: Outcome, form: w.Form) -> str:
    text = phrases.parts(outcome, form)
    return text if prediction.at else f"widest: {text}"


def _prospect(prediction: GapAtMost, group: Group, study: Study) -> Claim | str:
    if group.open:
        return of_open(group)
    smallest = partial(_smallest, ids(group.members, prediction.at), not prediction.at)
    return Claim("below", None, prediction.most, smallest, {})


def _smallest(keys: Sequence[str], one: bool, plan: Planned, seeds: int) -> float | None:
    """How far below the bound the mean gap over `keys`, or that of `one` of them, has to lie to be told."""
    chosen = [middling(keys, plan, seeds)] if one else keys
    errors = plan.errors(mean_weights(chosen), seeds, several=len(chosen) > 1)
    return smallest(errors, lambda df: t_quantile(df, 0.95))


KIND = Kind(
    GapAtMost,
    _compare,
    _reason,
    _prospect,
    _number,
    _claim,
    _found,
    parts=_parts,
    in_question="the gap itself is in question",
    difference=False,
)
