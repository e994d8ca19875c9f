"""A prediction, the configurations that it is about and the metric in, why it cannot come out both ways out; "" where it can."""

from collections.abc import Collection, Sequence

from sweepbook.runner.metric import is_share, limits
from sweepbook.runner.study import At, Beats, Best, Better, GapAtMost, MattersMore, Member, Prediction, Selector, selects

WIDEST_GAP = 100.0  # nats; a classifier's losses do not lie so far apart: the right class would get a probability of exp(-100)


def truism(prediction: Prediction, metric: str, members: Sequence[Member], others: Sequence[Member], classifies: bool) -> str:
    """Why `prediction` says nothing: it holds, or fails, whatever the runs come to. `members` are the configurations of its group
    and `others` those of the group that it names, as far as they are known; `classifies`: the losses are those of a classifier."""
    match prediction:
        case At(low=low, high=high):
            return _outside(metric, low, high)
        case GapAtMost(most=most):
            return f"a gap of {most:g} is out of reach for the losses of a classifier" if classifies and most >= WIDEST_GAP else ""
        case Better(better=better, than=than):
            same = _ids(members, better) == _ids(members, than) != set()
            return "the same configurations stand on both sides" if same else _apart(metric, prediction.by)
        case Best(best=best):
            every = _ids(members, best) == _ids(members, {}) != set()
            return "it names every configuration of the group" if every else ""
        case MattersMore(factor=factor, than=than):
            return f"{factor} stands on both sides" if factor == than else ""
        case Beats():
            same = _ids(members, {}) == _ids(others, {}) != set()
            return "both groups have the same configurations" if same else ""
        case _:
            return ""


def classifier(metric: str, trained: bool) -> bool:
    """Whether the losses are those of a classifier: of our own trainer, or beside an accuracy."""
    return trained or is_share(metric)


def _ids(members: Sequence[Member], selector: Selector) -> Collection[str]:
    return {member.id for member in members if selects(selector, member.levels)}


def _outside(metric: str, low: float | None, high: float | None) -> str:
    """Why a value of the metric always, or never, lies between `low` and `high`."""
    lowest, highest = limits(metric)
    if (low is not None and highest is not None and low > highest) or (high is not None and lowest is not None and high < lowest):
        return f"it holds for no {metric}, which is {_range(lowest, highest)}"
    above = low is None or (lowest is not None and low <= lowest)
    below = high is None or (highest is not None and high >= highest)
    return f"it holds for any {metric}, which is {_range(lowest, highest)}" if above and below else ""


def _apart(metric: str, by: float) -> str:
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
