"""A metric and what is claimed of its values in, why that holds, or fails, whatever is measured out; "" where it may do either."""

from sweepbook.runner.metric import is_share, limits

WIDEST_GAP = 100.0  # nats; a classifier's losses do not lie so far apart: the right class would get a probability of exp(-100)


def classifier(metric: str, trained: bool) -> bool:
    """Whether the losses are those of a classifier: of our own trainer, or beside an accuracy."""
    return trained or is_share(metric)


def outside(metric: str, low: float | None, high: float | None) -> str:
    """Why a value of the metric always, or never, lies between `low` and `high`."""
    lowest, highest = limits(metric)
    if (low is not None and highest is not None and low > highest) or (high is not None and lowest is not None and high < lowest):
        return f"it holds for no {metric}, which is {_range(lowest, highest)}"
    above = low is None or (lowest is not None and low <= lowest)
    below = high is None or (highest is not None and high >= highest)
    return f"it holds for any {metric}, which is {_range(lowest, highest)}" if above and below else ""


def apart(metric: str, by: float) -> str:
    """Why a lead of `by` is always there, or never."""
    lowest, highest = limits(metric)
    if lowest is None or highest is None or abs(by) < highest - lowest:
        return ""
    return f"it holds for {'no' if by > 0 else 'any'} two values of {metric}, which is {_range(lowest, highest)}"


def _range(lowest: float | None, highest: float | None) -> str:
    """Where the values of a metric lie, in words."""
    if lowest is None or highest is None:
        return f"at most {highest:g}" if lowest is None else f"at least {lowest:g}"
    return f"from {lowest:g} to {highest:g}"
