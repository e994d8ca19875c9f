"""The configurations of a plan in, a `Claim` out: the boundary of a prediction, and how far beyond it the truth must lie for a plan
to tell."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median_low

from sweepbook.analysis.predictions.foresight.planned import Planned, mean_weights, smallest
from sweepbook.analysis.stats.means import t_quantile
from sweepbook.runner.member import Member, Selector, selects
from sweepbook.runner.study import Group
from sweepbook.runner.values import is_finite, level_text

Smallest = Callable[[Planned, int], float | None]
LOGGED = "its configurations are chosen among the logs, and the plan adds no run to them"
SEARCHED = "which configurations its search finds shows only once that is over"
FOUND = "its answer shows once the best of the search have run"


@dataclass(frozen=True)
class Claim:
    """What a prediction says of its runs: that something lies beyond `low` or below `high`, or between them. `measure` names that.
    `smallest` takes a finished plan and its seeds and gives the distance from the boundary that is found in 8 of 10 such plans.
    `weights` are those of the mean that is to lie between two ends, empty for any other claim."""

    measure: str
    low: float | None
    high: float | None
    smallest: Smallest
    weights: Mapping[str, float]


def of_mean(
    measure: str, low: float | None, high: float | None, weights: Mapping[str, float], between: bool = False, several: bool = False
) -> Claim:
    """The claim on a weighted sum of means, told by a t interval; `several`: a side of it has several configurations."""

    def beyond(plan: Planned, seeds: int) -> float | None:
        return smallest(plan.errors(weights, seeds, several), lambda df: t_quantile(df, 0.975))

    return Claim(measure, low, high, beyond, weights if between else {})


def of_levels(measure: str, levels: Sequence[Sequence[str]], weights: Sequence[float], tests: int = 1) -> Claim:
    """The claim that a weighted sum of the means of levels is above 0, told by a t interval corrected for so many `tests`."""

    def beyond(plan: Planned, seeds: int) -> float | None:
        return smallest(plan.by_level(levels, weights, seeds), lambda df: t_quantile(df, 1 - 0.025 / tests))

    return Claim(measure, 0.0, None, beyond, {})


def of_open(*groups: Group) -> str:
    """Why a claim on groups whose configurations no plan says stays open: the logs choose them, or a search that goes on, or one
    that has found the configurations which are to run."""
    if not any(group.search for group in groups):
        return LOGGED
    return SEARCHED if any(group.search and not group.members for group in groups) else FOUND


def ids(members: Iterable[Member], selector: Selector | None = None) -> list[str]:
    """The configurations that a selector means, each once; all of them without one."""
    return list(dict.fromkeys(member.id for member in members if selects(selector or {}, member.levels)))


def levels(factor: str, members: Iterable[Member]) -> dict[str, list[str]]:
    """The configurations of each level of `factor`, numbers ascending."""
    having = [member for member in members if factor in member.levels]
    if all(is_finite(member.levels[factor]) for member in having):
        having.sort(key=lambda member: float(str(member.levels[factor])))
    by_level: dict[str, list[str]] = {}
    for member in having:
        by_level.setdefault(level_text(member.levels[factor]), []).append(member.id)
    return {level: list(dict.fromkeys(keys)) for level, keys in by_level.items()}


def difference(a: Sequence[str], b: Sequence[str]) -> dict[str, float]:
    """The weights of the mean over `a` less that over `b`."""
    weights = mean_weights(a)
    for key, c in mean_weights(b, -1.0).items():
        weights[key] = weights.get(key, 0.0) + c
    return {key: c for key, c in weights.items() if c}


def middling(keys: Sequence[str], plan: Planned, seeds: int) -> str:
    """Of several configurations, of which nobody knows yet which one matters, one of median precision."""
    arms = {key: plan.arm(key, 1.0, seeds) for key in keys}
    errors = {key: arm.variance / arm.n for key, arm in arms.items()}
    middle = median_low(errors.values())
    return next(key for key, error in errors.items() if error == middle)
