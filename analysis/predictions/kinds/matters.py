"""`matters_more_than`: the levels of one factor lie further apart than those of another."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations

from scipy.special import ndtri
from sweepbook.analysis import words as w
from sweepbook.analysis.groups.effects import Effect, effect
from sweepbook.analysis.groups.summaries import GroupRows, Row, factors, is_full_grid
from sweepbook.analysis.predictions import phrases
from sweepbook.analysis.predictions.foresight.claim import LOGGED, Claim, levels
from sweepbook.analysis.predictions.foresight.planned import Planned
from sweepbook.analysis.predictions.kind import Comparison, Evidence, Kind
from sweepbook.analysis.predictions.outcome import Outcome
from sweepbook.analysis.predictions.reading import ABOVE, Reading, Side, combined, judged
from sweepbook.analysis.predictions.sides import Part
from sweepbook.analysis.stats.contrasts import Difference
from sweepbook.analysis.stats.quantiles import tukey
from sweepbook.analysis.stats.several import expected_maximum
from sweepbook.runner.prediction import MattersMore
from sweepbook.runner.study import Group, Study
from sweepbook.runner.values import level_text

MANY_DF = 1e6  # degrees of freedom that stand for a noise known exactly


def _compare(prediction: MattersMore, evidence: Evidence) -> Comparison:
    """The ranges of two factors, each at 97.5%, so that both hold at 95% together."""
    homes = [_home(factor, _places(evidence)) for factor in (prediction.factor, prediction.than)]
    names = dict.fromkeys(home.group.name for home in homes if home)
    rows = [row for name in names for row in evidence.groups[name].rows]
    pairs = zip(homes, (prediction.factor, prediction.than), strict=True)
    effects = [effect(home, factor, evidence.study) if home else None for home, factor in pairs]
    known = [own for own in effects if own]
    parts = tuple(_range_part(own, evidence.metric) for own in known)
    if len(known) < 2:
        return Comparison(parts, None, rows)
    wide, narrow = ((own.wide, _levels(own, evidence.metric)) for own in known)
    return Comparison(parts, ranges(wide, narrow), rows)


def _places(evidence: Evidence) -> Iterable[GroupRows]:
    """Where a factor is looked up: in the prediction's own group first, then in the plan's order."""
    return evidence.own, *evidence.groups.values()


def _home(factor: str, places: Iterable[GroupRows]) -> GroupRows | None:
    """The first of `places` that varies `factor` so that its levels can be compared, each over the same levels of the other
    factors."""
    for place in places:
        levels = {level_text(row.member.levels.get(factor)) for row in place.rows}
        if factor in place.factors and len(levels) > 1 and is_full_grid(place.rows, place.factors):
            return place
    return None


def _levels(own: Effect, metric: str) -> list[Side]:
    """The means of each level's configurations."""
    return [{summary.id: summary.means[metric] for summary in level.summaries} for level in own.levels]


def _range_part(own: Effect, metric: str) -> Part:
    n = sum(mean.n for level in own.levels for mean in level.means(metric))
    behind = tuple({summary.id: summary for level in own.levels for summary in level.summaries}.values())
    name, wide = f"{own.factor}, range of {len(own.levels)} levels", own.wide
    return Part(name, metric, n, wide.estimate, wide.low, wide.high, behind, own.factor)


def ranges(wide: tuple[Difference, Sequence[Side]], narrow: tuple[Difference, Sequence[Side]]) -> Reading:
    """How much wider the range of the levels of `wide` is than that of `narrow`, each a range with its interval and its levels. The
    interval holds where both of theirs do: at 95%, for two of 97.5%."""
    (a, own), (b, other) = wide, narrow
    low = high = None
    if a.low is not None and a.high is not None and b.low is not None and b.high is not None:
        low, high = a.low - b.high, a.high - b.low
    terms = [*_ends(own, 1.0), *_ends(other, -1.0)]
    estimate = a.estimate - b.estimate
    reading = judged(Reading("ranges", estimate, low, high, ABOVE, 2), combined(terms))
    if low is not None:
        return reading
    # half of both intervals together, for a noise of 1 that is known exactly
    width = 0.0
    for sides, sign in ((own, 1.0), (other, -1.0)):
        width += tukey(len(sides), MANY_DF, 0.975) * combined(_ends(sides, sign)).contrast.unit
    return replace(reading, tipping=abs(estimate) / width if estimate and width else None)


def _ends(sides: Sequence[Side], sign: float) -> list[tuple[Side, float]]:
    """The highest level less the lowest, times `sign`."""
    ordered = sorted(sides, key=lambda side: combined([(side, 1.0)]).contrast.estimate)
    return [(ordered[-1], sign), (ordered[0], -sign)]


def _reason(prediction: MattersMore, comparison: Comparison, evidence: Evidence) -> str:
    for factor in (prediction.factor, prediction.than):
        if not _home(factor, _places(evidence)):
            return f"the factor {factor} does not vary alone or in a full grid"
    return ""


def _number(prediction: MattersMore, outcome: Outcome, form: w.Form) -> str:
    factor, than = w.setting_name(prediction.factor), w.setting_name(prediction.than)
    return f"over the levels tested the range of {factor} less that of {than} is {phrases.change(outcome, form)}"


def _claim(prediction: MattersMore, metric: str) -> str:
    return f"a wider range than {w.setting_name(prediction.than)}"


def _found(prediction: MattersMore, outcome: Outcome, form: w.Form) -> str:
    wide, narrow = (w.size(form, part.mean) for part in outcome.parts)
    return f"{wide.removesuffix(' points')} against {narrow}: {phrases.change(outcome, form)}"


def _prospect(prediction: MattersMore, group: Group, study: Study) -> Claim | str:
    """The range of one factor's levels against that of another's."""
    if group.where is not None:
        return LOGGED
    places = [_planned(place) for place in (group, *study.groups)]
    homes = [(factor, _home(factor, places)) for factor in (prediction.factor, prediction.than)]
    known = [list(levels(factor, home.group.members).values()) for factor, home in homes if home]
    if len(known) < 2:
        return "the levels of the two factors cannot be compared"
    wide, narrow = known
    by_noise = 2**0.5 * expected_maximum(len(narrow))  # the range of means that differ by nothing else, in errors of a pair

    def smallest(plan: Planned, seeds: int) -> float | None:
        return _smallest(wide, narrow, by_noise, plan, seeds)

    return Claim("wider", 0.0, None, smallest, {})


def _planned(group: Group) -> GroupRows:
    """What a group compares, before any of it has run."""
    return GroupRows(group, factors(group.members), tuple(Row(member, None) for member in group.members))


def _smallest(
    wide: Sequence[Sequence[str]], narrow: Sequence[Sequence[str]], by_noise: float, plan: Planned, seeds: int
) -> float | None:
    """How far apart the levels of `wide` truly have to lie, so that 8 of 10 plans tell their range from that of `narrow`, whose
    levels are all equal.

    Noise alone gives the narrow range some width, `by_noise`. The distance has to cover that width, half of the 97.5% interval of
    each range, and what bad luck takes in 2 of 10 plans. The two ranges are taken as independent.
    """
    errors = [_pair(levels, plan, seeds) for levels in (wide, narrow)]
    if errors[0] is None or errors[1] is None:
        return None
    (a, df), (b, other) = errors[0], errors[1]
    halves = tukey(len(wide), df, 0.975) * a, tukey(len(narrow), other, 0.975) * b
    moves = a * a + b * b + halves[0] ** 2 / (2 * df) + halves[1] ** 2 / (2 * other)  # of the ranges, and of the halves themselves
    return float(sum(halves) + by_noise * b + ndtri(0.8) * moves**0.5)


def _pair(levels: Sequence[Sequence[str]], plan: Planned, seeds: int) -> tuple[float, float] | None:
    """The standard error of a difference of two levels, of median precision, and its degrees of freedom."""
    places = range(len(levels))
    pairs = [[float(place == a) - float(place == b) for place in places] for a, b in combinations(places, 2)]
    known = sorted(errors[0] for pair in pairs if (errors := plan.by_level(levels, pair, seeds)))
    return known[(len(known) - 1) // 2] if known else None


KIND = Kind(MattersMore, _compare, _reason, _prospect, _number, _claim, _found)
