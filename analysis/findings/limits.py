"""An outcome and the checks that fired in, the outcome as limited by them out: what moved along with a factor leaves its cause
unnamed, and what was written after results existed is no prediction."""

from collections.abc import Sequence
from dataclasses import replace

from sweepbook.analysis.checks import Check
from sweepbook.analysis.predictions.outcome import Outcome
from sweepbook.runner.prediction import MattersMore, Prediction


def limited(outcome: Outcome, group: str, fired: Sequence[Check]) -> Outcome:
    """`outcome` as run, where a check that the plan does not silence touches what it compares."""
    codes = dict.fromkeys(check.code for check in fired if not check.silenced and touches(check, outcome.prediction, group))
    return replace(outcome, as_run=bool(codes), as_run_because=tuple(codes))


def touches(check: Check, prediction: Prediction, group: str) -> bool:
    """Whether the check says something of what a prediction of `group` compares."""
    if check.limits == "timing":
        return check.group == group and prediction.says in check.says
    about_gap = prediction.metric == "gap"
    if check.limits != ("gap" if about_gap else "cause"):
        return False
    if check.group not in ("", group) or (check.groups and group not in check.groups):
        return False
    if check.says:
        return prediction.says in check.says
    limited_factors, factors = set(check.factors), prediction.compared
    if len(limited_factors) > 1:  # two factors that were not changed by the same amount
        return isinstance(prediction, MattersMore) and limited_factors <= factors
    return bool(factors or about_gap) and (not limited_factors or bool(limited_factors & factors))
