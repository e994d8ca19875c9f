"""A prediction and what its group compares in, an `Outcome` out: what the prediction's kind compares, read with the noise and
without a number that the metric cannot have."""

from collections.abc import Mapping
from dataclasses import replace

from sweepbook.analysis.groups.span import Span, span
from sweepbook.analysis.groups.summaries import GroupRows
from sweepbook.analysis.predictions.kind import Comparison, Evidence
from sweepbook.analysis.predictions.kinds import kind_of
from sweepbook.analysis.predictions.outcome import Outcome
from sweepbook.analysis.predictions.reading import Reading
from sweepbook.analysis.predictions.sides import Part, lacking
from sweepbook.analysis.predictions.verdict import EMPTY
from sweepbook.analysis.stats.contrasts import Difference
from sweepbook.analysis.stats.noise import Noise
from sweepbook.runner.prediction import Beats, Prediction
from sweepbook.runner.study import Study
from sweepbook.runner.truisms import classifier


def outcome(
    prediction: Prediction,
    own: GroupRows,
    groups: Mapping[str, GroupRows],
    study: Study,
    noises: Mapping[str, Noise],
    tiers: Mapping[str, Mapping[str, int]],
) -> Outcome:
    """What the runs of the group `own` show for `prediction`. `groups` has every group of the plan by name, in its order; `noises`
    the noise by metric, without which there is no verdict; `tiers` that of each configuration by group."""
    kind, metric = kind_of(prediction), prediction.metric or study.metric
    bare = Outcome(prediction, (), None, metric, kind.difference)
    if why := _says_nothing(prediction, own, groups, study):
        return replace(bare, verdict=EMPTY, reason=why)
    evidence = Evidence(own, groups, study, metric, tiers.get(own.group.name, {}))
    comparison = kind.compare(prediction, evidence)
    bare = _with_parts(bare, comparison)
    if comparison.reading is None:
        return replace(bare, reason=kind.reason(prediction, comparison, evidence) if own.rows else "")
    values = (value for row in comparison.rows if row.summary for value in row.summary.runs.get(metric, ()))
    return _within(_with_reading(bare, comparison.reading, metric in noises), span(metric, values))


def _says_nothing(prediction: Prediction, own: GroupRows, groups: Mapping[str, GroupRows], study: Study) -> str:
    """Why the prediction cannot come out both ways, of configurations that the plan may not know before there are logs."""
    others = groups[prediction.group].rows if isinstance(prediction, Beats) else ()
    ours, theirs = ([row.member for row in rows] for rows in (own.rows, others))
    return prediction.truism(study.metric, ours, theirs, classifier(study.metric, own.group.where is None))


def _with_parts(bare: Outcome, comparison: Comparison) -> Outcome:
    """The outcome with what was compared, and with the labels of what was left out for want of runs."""
    rows, metric = comparison.rows, bare.metric
    unlogged = lacking([row for row in rows if row.summary], metric)
    return replace(bare, parts=comparison.parts, missing=lacking(rows, metric), unlogged=unlogged)


def _with_reading(bare: Outcome, reading: Reading, known: bool) -> Outcome:
    """The outcome with what was read of the runs, the interval and the verdict only where the noise is `known`."""
    if not known:
        reading = replace(reading, low=None, high=None, resolves=None, seeds=None)
    place = reading.step
    return replace(
        bare,
        estimate=reading.estimate,
        verdict=reading.verdict,
        low=reading.low,
        high=reading.high,
        about=reading.about,
        between=() if place is None else (bare.parts[place].name, bare.parts[place + 1].name),
        bounds=reading.bounds,
        tests=reading.tests,
        one_sided=reading.one_sided,
        resolves=reading.resolves,
        seeds_needed=reading.seeds,
        tipping=reading.tipping,
        ends=reading.ends,
    )


def _within(whole: Outcome, reach: Span) -> Outcome:
    """The outcome with no number that its metric cannot have; the verdict stands."""
    parts = tuple(_part_within(part, reach) for part in whole.parts)
    tipping = None if whole.tipping is None else min(whole.tipping, reach.width)
    cut = replace(whole, parts=parts, resolves=reach.seen(whole.resolves), tipping=tipping)
    if whole.estimate is None or whole.low is None or whole.high is None:
        return cut
    if whole.difference:
        ends = reach.difference(Difference(whole.estimate, whole.low, whole.high))
        return replace(cut, low=ends.low, high=ends.high)
    return replace(cut, low=max(whole.low, reach.low), high=min(whole.high, reach.high))


def _part_within(part: Part, reach: Span) -> Part:
    if part.low is None or part.high is None:
        return part
    if part.factor:  # the number is how far its levels lie apart
        ends = reach.difference(Difference(part.mean, part.low, part.high), 0.0)
        return replace(part, low=ends.low, high=ends.high)
    return replace(part, low=max(part.low, reach.low), high=min(part.high, reach.high))
