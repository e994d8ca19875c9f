"""A prediction and its group in, a `Claim` out: its boundary, and how far beyond it the truth must lie for a plan to tell."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from statistics import median_low

from scipy.special import ndtri
from sweepbook.analysis.groups.summaries import Row, factors, is_full_grid
from sweepbook.analysis.predictions.foresight.planned import Planned, mean_weights
from sweepbook.analysis.predictions.reading import rank_weights, slope_weights
from sweepbook.analysis.stats.means import t_quantile
from sweepbook.analysis.stats.quantiles import dunnett, tukey
from sweepbook.analysis.stats.several import expected_maximum
from sweepbook.runner.config import is_finite, level_text
from sweepbook.runner.study import (
    At,
    Beats,
    Best,
    Better,
    GapAtMost,
    Group,
    MattersMore,
    Member,
    Prediction,
    Selector,
    Study,
    Trend,
    selects,
)

Smallest = Callable[[Planned, int], float | None]
LOGGED = "its configurations are chosen among the logs, and the plan adds no run to them"


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


def claim(prediction: Prediction, group: Group, study: Study) -> Claim | str:
    """What `prediction` of `group` comes to; a sentence where the plan has no runs that decide it."""
    if group.where is not None:
        return LOGGED
    members = group.members
    match prediction:
        case Better():
            apart = _difference(_ids(members, prediction.better), _ids(members, prediction.than))
            return _mean("lead", prediction.by, None, apart)
        case At():
            return _at(prediction, mean_weights(_ids(members, prediction.at)))
        case GapAtMost():
            return Claim("below", None, prediction.most, partial(_gap, _ids(members, prediction.at), not prediction.at), {})
        case Trend():
            return _trend(prediction, members)
        case Best():
            inside = _ids(members, prediction.best)
            return _ahead(inside, [key for key in _ids(members) if key not in inside], tier=True)
        case MattersMore():
            return _wider(prediction, group, study)
        case Beats():
            other = next(found for found in study.groups if found.name == prediction.group)
            return LOGGED if other.where is not None else _ahead(_ids(members), _ids(other.members), tier=False)
    raise TypeError(f"no prospect of a prediction {prediction.kind}")


def two_sided(df: float) -> float:
    """The critical value of an interval of 95%."""
    return t_quantile(df, 0.975)


def _ids(members: Iterable[Member], selector: Selector | None = None) -> list[str]:
    """The configurations that a selector means, each once."""
    return list(dict.fromkeys(member.id for member in members if selects(selector or {}, member.levels)))


def _mean(
    measure: str, low: float | None, high: float | None, weights: Mapping[str, float], between: bool = False, tests: int = 1
) -> Claim:
    def smallest(plan: Planned, seeds: int) -> float | None:
        return plan.smallest(weights, seeds, lambda df: t_quantile(df, 1 - 0.025 / tests))

    return Claim(measure, low, high, smallest, weights if between else {})


def _at(prediction: At, weights: Mapping[str, float]) -> Claim:
    low, high = prediction.low, prediction.high
    both = low is not None and high is not None
    return _mean("inside" if both else "below" if low is None else "above", low, high, weights, both)


def _difference(a: Sequence[str], b: Sequence[str]) -> dict[str, float]:
    """The weights of the mean over `a` less that over `b`."""
    weights = mean_weights(a)
    for key, c in mean_weights(b, -1.0).items():
        weights[key] = weights.get(key, 0.0) + c
    return {key: c for key, c in weights.items() if c}


def _trend(prediction: Trend, members: Sequence[Member]) -> Claim:
    """The rise over the ranks of the levels, tested beside a turn between any two neighbours; or the bend over their values."""
    levels = _levels(prediction.of, members)
    if prediction.direction == "diminishing":
        return _mean("bend", 0.0, None, _weighted(list(levels.values()), bend_weights(list(map(float, levels)))))
    tests = len(levels) if len(levels) > 2 else 1
    measure = "rise" if prediction.direction == "increasing" else "fall"
    return _mean(measure, 0.0, None, _weighted(list(levels.values()), rank_weights(len(levels))), tests=tests)


def bend_weights(x: Sequence[float]) -> list[float]:
    """The weights of the means at `x` [three or more, ascending] that give how far their curve lies above a straight line in the
    middle; as in `reading.diminishing`.

    >>> bend_weights([1, 2, 3])
    [-0.5, 1.0, -0.5]
    """
    k = len(x)
    early, late = range(k // 2 + 1), range((k - 1) // 2, k)
    spans = [x[part[-1]] - x[part[0]] for part in (early, late)]
    scale = spans[0] * spans[1] / (spans[0] + spans[1])
    weights = [0.0] * k
    for part, sign in ((early, scale), (late, -scale)):
        for place, weight in zip(part, slope_weights([x[i] for i in part]), strict=True):
            weights[place] += sign * weight
    return weights


def _weighted(levels: Sequence[Sequence[str]], weights: Sequence[float]) -> dict[str, float]:
    """The weights of configurations for those of their levels."""
    found: dict[str, float] = {}
    for keys, c in zip(levels, weights, strict=True):
        for key in keys:
            found[key] = found.get(key, 0.0) + c / len(keys)
    return {key: c for key, c in found.items() if c}


def _levels(factor: str, members: Iterable[Member]) -> dict[str, list[str]]:
    """The configurations of each level of `factor`, numbers ascending."""
    having = [member for member in members if factor in member.levels]
    if all(is_finite(member.levels[factor]) for member in having):
        having.sort(key=lambda member: float(str(member.levels[factor])))
    found: dict[str, list[str]] = {}
    for member in having:
        found.setdefault(level_text(member.levels[factor]), []).append(member.id)
    return {level: list(dict.fromkeys(keys)) for level, keys in found.items()}


def _ahead(ours: Sequence[str], others: Sequence[str], tier: bool) -> Claim:
    """The best of `ours` ahead of the closest of `others`, by the critical values of `reading.best_against_best`; `tier`:
    both are of one group, whose first tier counts too."""
    apart = [key for key in others if key not in ours] or others
    rivals = len({*ours, *others}) - 1

    def critical(df: float) -> float:
        own = dunnett(len(ours), df, level=0.975)
        return max(own, tukey(rivals + 1, df)) if tier else own

    def smallest(plan: Planned, seeds: int) -> float | None:
        pair = _difference([_middling(ours, plan, seeds)], [_middling(apart, plan, seeds)])
        return plan.smallest(pair, seeds, critical) if pair else None

    return Claim("lead", 0.0, None, smallest, {})


def _middling(keys: Sequence[str], plan: Planned, seeds: int) -> str:
    """Of several configurations, of which nobody knows yet which one matters, one of median precision."""
    errors = {key: plan.mean(key, seeds).error or 0.0 for key in keys}
    middle = median_low(errors.values())
    return next(key for key, error in errors.items() if error == middle)


def _gap(keys: Sequence[str], widest: bool, plan: Planned, seeds: int) -> float | None:
    weights = mean_weights([_middling(keys, plan, seeds)] if widest else keys)
    return plan.smallest(weights, seeds, lambda df: t_quantile(df, 0.95))


def _wider(prediction: MattersMore, group: Group, study: Study) -> Claim | str:
    """The range of one factor's levels against that of another's."""
    places = [_first_varying(factor, group, study) for factor in (prediction.factor, prediction.than)]
    named = zip((prediction.factor, prediction.than), places, strict=True)
    known = [list(_levels(factor, g.members).values()) for factor, g in named if g]
    if len(known) < 2:
        return "the levels of the two factors cannot be compared"
    luck = 2**0.5 * expected_maximum(len(known[1]))  # the range of means that differ by nothing but noise, in errors of a pair

    def smallest(plan: Planned, seeds: int) -> float | None:
        return _apart(known[0], known[1], luck, plan, seeds)

    return Claim("wider", 0.0, None, smallest, {})


def _first_varying(factor: str, group: Group, study: Study) -> Group | None:
    """This group, else the first of the plan that varies `factor` so that its levels can be compared."""
    for found in (group, *study.groups):
        over = factors(found.members)
        rows = [Row(member, None) for member in found.members]
        if factor in over and len(_levels(factor, found.members)) > 1 and is_full_grid(rows, over):
            return found
    return None


def _apart(wide: Sequence[Sequence[str]], narrow: Sequence[Sequence[str]], luck: float, plan: Planned, seeds: int) -> float | None:
    """How wide the one range has to be for its interval of 97.5% to leave that of the other, which is none but for luck: half of
    each interval, that luck, and what luck takes in 2 of 10 plans. The two ranges are taken as independent."""
    errors = [_pair(levels, plan, seeds) for levels in (wide, narrow)]
    if errors[0] is None or errors[1] is None:
        return None
    (a, df), (b, other) = errors[0], errors[1]
    halves = tukey(len(wide), df, 0.975) * a + tukey(len(narrow), other, 0.975) * b
    return float(halves + luck * b + ndtri(0.8) * (a * a + b * b) ** 0.5)


def _pair(levels: Sequence[Sequence[str]], plan: Planned, seeds: int) -> tuple[float, float] | None:
    """The standard error of a difference of two levels, of median precision, and its degrees of freedom."""
    pairs = [plan.error(_difference(a, b), seeds) for a, b in combinations(levels, 2)]
    known = sorted(pair for pair in pairs if pair)
    return known[(len(known) - 1) // 2] if known else None
