"""An outcome and the checks that fired in, the outcome as limited by them out: what moved along with a factor leaves its cause
unnamed, and what was written after results existed is no prediction."""

from collections.abc import Sequence
from dataclasses import replace

from sweepbook.analysis.checks import Check
from sweepbook.analysis.predictions.outcome import Outcome
from sweepbook.runner.study import At, Best, Better, GapAtMost, MattersMore, Prediction, Trend


def limited(outcome: Outcome, group: str, fired: Sequence[Check]) -> Outcome:
    """`outcome` as run, where a check that the plan does not silence touches what it compares."""
    codes = dict.fromkeys(check.code for check in fired if not check.silenced and touches(check, outcome.prediction, group))
    return replace(outcome, as_run=bool(codes), as_run_because=tuple(codes))


def touches(check: Check, prediction: Prediction, group: str) -> bool:
    """Whether the check says something of what a prediction of `group` compares."""
    if check.limits == "timing":
        return check.group == group and prediction.says in check.says
    if check.limits != ("gap" if isinstance(prediction, GapAtMost) else "cause"):
        return False
    if check.group not in ("", group) or (check.groups and group not in check.groups):
        return False
    if check.says:
        return prediction.says in check.says
    limited_factors, factors = set(check.factors), compared(prediction)
    if len(limited_factors) > 1:  # two factors that were not changed by the same amount
        return isinstance(prediction, MattersMore) and limited_factors <= factors
    return bool(factors or isinstance(prediction, GapAtMost)) and (not limited_factors or bool(limited_factors & factors))


def named(prediction: Prediction) -> frozenset[str]:
    """The settings that the prediction names."""
    return frozenset(prediction.at) if isinstance(prediction, At | GapAtMost) else compared(prediction) - {"name"}


def compared(prediction: Prediction) -> frozenset[str]:
    """The factors to whose levels the prediction puts a difference down; "name" where it is whole configurations; none where it
    puts it down to nothing."""
    match prediction:
        case Better():
            return frozenset({*prediction.better, *prediction.than})
        case Trend():
            return frozenset({prediction.of})
        case Best():
            return frozenset(prediction.best)
        case MattersMore():
            return frozenset({prediction.factor, prediction.than})
        case _:
            return frozenset({"name"}) if prediction.kind == "beats" else frozenset()
