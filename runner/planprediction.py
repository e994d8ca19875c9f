"""A prediction of a plan in, a checked `Prediction` out: the kind that its keys name, and levels that its group has."""

import re
from collections.abc import Callable

from sweepbook.runner.lines import Key
from sweepbook.runner.member import Selector, selects
from sweepbook.runner.metric import is_share
from sweepbook.runner.planhead import metric
from sweepbook.runner.planreading import Reading
from sweepbook.runner.plansettings import with_own
from sweepbook.runner.prediction import At, Beats, Best, Better, GapAtMost, MattersMore, Prediction, Trend
from sweepbook.runner.settings import SETTINGS, is_setting
from sweepbook.runner.study import Group
from sweepbook.runner.suggest import nearest
from sweepbook.runner.values import Value, is_finite, level_text

TRENDS = ("increasing", "decreasing", "diminishing")
OF_A_SEARCH = ("beats", "gap_at_most")  # the predictions that name no level, which a search does not know beforehand
# What each kind of prediction is known by, and every key that it may have; where a table has several, the first here counts.
PREDICTIONS: dict[str, tuple[str, ...]] = {
    "better": ("better", "than", "by"),
    "trend": ("trend", "of"),
    "best": ("best",),
    "factor": ("factor", "matters_more_than"),
    "gap_at_most": ("gap_at_most", "at"),
    "beats": ("beats",),
    "at": ("at", "between", "at_least", "at_most"),
}


def prediction_at(plan: Reading, key: Key, group: Group) -> Prediction:
    """The prediction at `key`, of the kind that its first telling key names."""
    table = plan.item(key)
    every = {name for names in PREDICTIONS.values() for name in names}
    plan.check_keys(key, table, {"says", *every}, ("says",))
    kind = next((name for name in PREDICTIONS if name in table), None)
    if kind is None:
        raise plan.error(key, f"predicts nothing; one of {', '.join(PREDICTIONS)} expected")
    plan.check_keys(key, table, ("says", *PREDICTIONS[kind]))
    if group.search and (kind not in OF_A_SEARCH or (kind == "gap_at_most" and "at" in table)):
        wanted = "beats, or gap_at_most without at"
        raise plan.error(key, f"a search does not know its levels beforehand; {wanted}, expected")
    says = plan.text((*key, "says"))
    return BUILDERS[kind](plan, key, says, group)


def _better(plan: Reading, key: Key, says: str, group: Group) -> Better:
    plan.check_keys(key, plan.item(key), ("says", *PREDICTIONS["better"]), ("than",))
    better, than = _selector(plan, (*key, "better"), group), _selector(plan, (*key, "than"), group)
    by = plan.number((*key, "by"), 0.0)
    _check_share(plan, (*key, "by"), "two shares differ by less than 1", by)
    return Better(says, better, than, by)


def _at(plan: Reading, key: Key, says: str, group: Group) -> At:
    table = plan.item(key)
    bounds = [name for name in ("between", "at_least", "at_most") if name in table]
    if len(bounds) != 1:
        raise plan.error(key, f"{' and '.join(bounds) or 'none'} found, one of between, at_least and at_most expected")
    at = _selector(plan, (*key, "at"), group)
    if bounds == ["between"]:
        low, high = _bounds(plan, (*key, "between"))
        _check_share(plan, (*key, "between"), "a share lies from 0 to 1", low, high)
        return At(says, at, low, high)
    bound = plan.number((*key, bounds[0]))
    _check_share(plan, (*key, bounds[0]), "a share lies from 0 to 1", bound)
    return At(says, at, bound, None) if bounds == ["at_least"] else At(says, at, None, bound)


def _bounds(plan: Reading, key: Key) -> tuple[float, float]:
    pair = plan.get(key, list, "two numbers, the lower first")
    if len(pair) != 2 or not all(is_finite(x) for x in pair) or not pair[0] < pair[1]:
        raise plan.error(key, f"{pair!r} found, two numbers, the lower first, expected")
    return float(pair[0]), float(pair[1])


def _check_share(plan: Reading, key: Key, rule: str, *numbers: float) -> None:
    """Numbers that are in percent, where the metric is a share, are an error that says how to write them."""
    percent = [number for number in numbers if (abs(number) >= 1 if key[-1] == "by" else number > 1)]
    if percent and is_share(metric(plan)) and all(0 <= number <= 100 for number in numbers):
        shares = [number / 100 if number >= 1 else number for number in numbers]
        shares = shares if shares == sorted(shares) else [number / 100 for number in numbers]
        told = " to ".join(map("{:g}".format, numbers)), " to ".join(map(_share, shares))
        raise plan.error(key, f"{told[0]} found, but {metric(plan)} is a share, and {rule}; write {told[1]}")


def _trend(plan: Reading, key: Key, says: str, group: Group) -> Trend:
    plan.check_keys(key, plan.item(key), ("says", *PREDICTIONS["trend"]), ("of",))
    direction, of = plan.text((*key, "trend")), plan.text((*key, "of"))
    if direction not in TRENDS:
        raise plan.error((*key, "trend"), f'"{direction}" found, one of {", ".join(TRENDS)} expected')
    if group.where is None:
        levels = _levels(plan, (*key, "of"), of, group)
        least = 3 if direction == "diminishing" else 2
        if len(levels) < least or not all(type(level) in (int, float) for level in levels):
            raise plan.error((*key, "of"), f'"{direction}" needs at least {least} numeric levels of "{of}"')
    return Trend(says, direction, of)


def _best(plan: Reading, key: Key, says: str, group: Group) -> Best:
    return Best(says, _selector(plan, (*key, "best"), group))


def _factor(plan: Reading, key: Key, says: str, group: Group) -> MattersMore:
    plan.check_keys(key, plan.item(key), ("says", *PREDICTIONS["factor"]), ("matters_more_than",))
    factor, than = plan.text((*key, "factor")), plan.text((*key, "matters_more_than"))
    for name, word in (("factor", factor), ("matters_more_than", than)):
        if not is_setting(word) and group.where is None:
            raise plan.error((*key, name), f'"{word}" is no setting; {nearest(word, SETTINGS)}')
    return MattersMore(says, factor, than)


def _gap_at_most(plan: Reading, key: Key, says: str, group: Group) -> GapAtMost:
    most = plan.number((*key, "gap_at_most"))
    at = _selector(plan, (*key, "at"), group) if "at" in plan.item(key) else {}
    return GapAtMost(says, most, at)


def _beats(plan: Reading, key: Key, says: str, group: Group) -> Beats:
    name = plan.text((*key, "beats"))
    others = [other.get("name") for other in plan.table["group"] if isinstance(other, dict) and other.get("name") != group.name]
    if name not in others:
        raise plan.error((*key, "beats"), f'no other group "{name}"; {nearest(name, map(str, others))}')
    return Beats(says, name)


def _levels(plan: Reading, key: Key, factor: str, group: Group) -> list[Value]:
    """The levels that `group` has of `factor`; an error where it does not vary it."""
    if factor not in group.factors:
        raise plan.error(key, f'"{factor}" is not varied in group "{group.name}"; {nearest(factor, group.factors)}')
    return list({level_text(m.levels[factor]): m.levels[factor] for m in group.members if factor in m.levels}.values())


def _selector(plan: Reading, key: Key, group: Group) -> Selector:
    """Factor -> the levels meant, each of which the group has, and together some configuration has."""
    plan.get(key, dict, "a table of factors and levels")
    table = plan.flat(key) if group.where is not None else with_own(plan.get(key, dict, ""))
    chosen = {factor: value if isinstance(value, list) else [value] for factor, value in table.items()}
    if not chosen:
        raise plan.error(key, "names no factor")
    if group.where is not None:
        return chosen
    for factor, values in chosen.items():
        known = [level_text(level) for level in _levels(plan, key, factor, group)]
        names = ", ".join(known)
        for value in values:
            if level_text(value) not in known:
                raise plan.error(key, f"{factor} = {level_text(value)} is no level of this group; it has {names}")
    if not any(selects(chosen, member.levels) for member in group.members):
        raise plan.error(key, "no configuration of the group has these levels together")
    return chosen


def _share(number: float) -> str:
    """A share as a plan writes it, with two digits at least: 0.80, 0.005."""
    return re.sub(r"^(0\.\d)$", r"\g<1>0", f"{number:.12g}")


BUILDERS: dict[str, Callable[[Reading, Key, str, Group], Prediction]] = {
    "better": _better,
    "trend": _trend,
    "best": _best,
    "factor": _factor,
    "gap_at_most": _gap_at_most,
    "beats": _beats,
    "at": _at,
}
