"""Configurations and a region in, the comparison of their mean with it out: what the kinds `at` and `gap_at_most` share."""

from collections.abc import Sequence

from sweepbook.analysis.predictions.kind import Comparison, Evidence
from sweepbook.analysis.predictions.reading import Bounds, combined, held
from sweepbook.analysis.predictions.sides import named, part, selected, side_of
from sweepbook.runner.member import Selector
from sweepbook.runner.metric import limits


def mean_within(evidence: Evidence, at: Selector, about: str, bounds: Bounds, one_sided: bool = False) -> Comparison:
    """The mean of the configurations that `at` means, held against `bounds`."""
    rows = selected(evidence.own.rows, at)
    side = side_of(rows, evidence.metric)
    mean = part(named(at), rows, evidence.metric)
    if mean is None:
        return Comparison((), None, rows)
    bounds = _within_reach(bounds, evidence.metric, [own.value for own in side.values()])
    return Comparison((mean,), held(about, combined([(side, 1.0)]), bounds, one_sided=one_sided), rows)


def _within_reach(bounds: Bounds, metric: str, values: Sequence[float]) -> Bounds:
    """The region without an end that the metric cannot pass, as far as the `values` keep to what its name says of it."""
    (low, high), (lowest, highest) = bounds, limits(metric)
    below = low is not None and lowest is not None and low <= lowest <= min(values, default=lowest)
    above = high is not None and highest is not None and high >= highest >= max(values, default=highest)
    return None if below else low, None if above else high
