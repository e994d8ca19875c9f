"""Two sides of configurations in, the best of one against that of the other out: the parts, the reading, and a plan's prospect to
tell. The kinds `best` and `beats` share it."""

from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import replace
from typing import TypeAlias

from sweepbook.analysis import words as w
from sweepbook.analysis.groups.summaries import Row
from sweepbook.analysis.predictions import phrases
from sweepbook.analysis.predictions.foresight.claim import Claim, difference, middling
from sweepbook.analysis.predictions.foresight.planned import Planned, smallest
from sweepbook.analysis.predictions.kind import Comparison
from sweepbook.analysis.predictions.outcome import Outcome
from sweepbook.analysis.predictions.reading import ABOVE, Pair, Reading, Side, combined, judged
from sweepbook.analysis.predictions.sides import side_of, top
from sweepbook.analysis.stats.contrasts import Contrast, contrast
from sweepbook.analysis.stats.quantiles import correlation, dunnett, tukey

SHARE = 0.1  # of an interval's width: an end that lies nearer to that of the two best means is said to be theirs
End: TypeAlias = tuple[float, Pair | None]


def compared(ours: Sequence[Row], others: Sequence[Row], metric: str, sign: int, tier: Collection[str] | None = None) -> Comparison:
    """The best of `ours` against the best of `others`; `tier` as in `best_against_best`."""
    sides = side_of(ours, metric), side_of(others, metric)
    tops = top(ours, metric, sign), top(others, metric, sign)
    reading = best_against_best(*sides, sign, tier) if all(sides) else None
    if reading and any(reading.ends):
        labels = {row.member.id: row.member.label for row in (*others, *ours)}
        reading = replace(reading, ends=tuple((labels[pair[0]], labels[pair[1]]) if pair else None for pair in reading.ends))
    return Comparison(tuple(part for part in tops if part), reading, [*ours, *others])


def best_against_best(own: Side, other: Side, sign: int, tier: Collection[str] | None = None) -> Reading:
    """How far the best of `own` is ahead of the best of `other`, with an interval corrected for the choice of both.

    Every difference to the best of `other` is above its lower end with 97.5%, by Dunnett's (1955) one-sided critical value for
    as many means as `own` has, so the true lead is above the smallest over `other` of the largest lower end over `own`; and the
    other way round (after Hsu 1984, Annals of Statistics 12). A configuration that is in both is exactly as good as itself.

    Where both come from one group and `tier` is its first tier, the interval tells no more than the tier does: it leaves out 0
    only where the tier lies within `own`, or has nothing of it, too.
    """
    errors = [mean.error for mean in (*own.values(), *other.values())]
    tops = [max(side, key=lambda key: (sign * side[key].value, key)) for side in (own, other)]
    lead = combined([({tops[0]: own[tops[0]]}, sign), ({tops[1]: other[tops[1]]}, -sign)])
    start = Reading("bests", lead.contrast.estimate, None, None, ABOVE, max(len(own), len(other)))
    if None in errors:
        return judged(start, lead)
    known = sorted(error or 0.0 for error in errors)
    same = len({frozenset(mean.runs) for mean in (*own.values(), *other.values())}) == 1
    rho = correlation(known[0], known[-1]) if same else 0.0  # two pairs may rest on seeds that they do not share
    whole = len(own) + len(other) if tier else 0

    def half(apart: Contrast, count: int) -> float:
        return apart.half(lambda df: _critical(count, round(df, 2), rho, whole)) or 0.0

    (low, least), (high, most) = _interval(own, other, tops, sign, half)
    if tier and not set(tier) <= set(own):
        low, least = (low, least) if low <= 0 else (0.0, None)
    if tier and set(tier) & set(own):
        high, most = (high, most) if high >= 0 else (0.0, None)
    return judged(replace(start, low=low, high=high, ends=(least, most)), lead)


def _interval(own: Side, other: Side, tops: Sequence[str], sign: int, half: Callable[[Contrast, int], float]) -> tuple[End, End]:
    """The ends of the interval, each with the two that set it, where these are others than `tops`."""
    fronts = _front(own, sign), _front(other, sign)

    def lower(a: str, b: str) -> float:
        return _ahead(own, a, other, b, sign, lambda c: -half(c, len(own)))

    def upper(a: str, b: str) -> float:
        return _ahead(own, a, other, b, sign, lambda c: half(c, len(other)))

    low, least = min(max((lower(a, b), (a, b)) for a in fronts[0]) for b in other)
    high, most = max(min((upper(a, b), (a, b)) for b in fronts[1]) for a in own)
    near = SHARE * (high - low)
    is_low, is_high = abs(lower(*tops) - low) <= near, abs(upper(*tops) - high) <= near
    return (low, None if is_low else least), (high, None if is_high else most)


def _ahead(own: Side, a: str, other: Side, b: str, sign: int, end: Callable[[Contrast], float]) -> float:
    """One end of how far `a` is ahead of `b`: 0 exactly for a configuration and itself."""
    if a == b:
        return 0.0
    apart = contrast([own[a], other[b]], [sign, -sign])
    return apart.estimate + end(apart)


def _critical(count: int, df: float, rho: float, tier: int) -> float:
    own = dunnett(count, df, rho, 0.975)
    return max(own, tukey(tier, df)) if tier else own


def _front(side: Side, sign: int) -> list[str]:
    """The configurations that no other one with the same seeds is both better and at least as well known than. The others have no
    say in an end, which is never too narrow without them: it holds for every configuration of the side at once."""
    front: dict[frozenset[Hashable], list[str]] = {}
    for key in sorted(side, key=lambda key: (-sign * side[key].value, side[key].error or 0.0, -side[key].df, key)):
        better = front.setdefault(frozenset(side[key].runs), [])
        if not any((side[one].error or 0.0) <= (side[key].error or 0.0) and side[one].df >= side[key].df for one in better):
            better.append(key)
    return [key for keys in front.values() for key in keys]


def ahead(ours: Sequence[str], others: Sequence[str], tier: bool) -> Claim:
    """The prospect: the best of `ours` ahead of the closest of `others`, by the critical values of `best_against_best`. `tier`:
    both are of one group, whose first tier counts too."""
    apart = [key for key in others if key not in ours] or others
    rivals = len({*ours, *others}) - 1

    def critical(df: float) -> float:
        own = dunnett(len(ours), df, level=0.975)
        return max(own, tukey(rivals + 1, df)) if tier else own

    def beyond(plan: Planned, seeds: int) -> float | None:
        pair = difference([middling(ours, plan, seeds)], [middling(apart, plan, seeds)])
        return smallest(plan.errors(pair, seeds), critical)

    return Claim("lead", 0.0, None, beyond, {})


def found(outcome: Outcome, form: w.Form) -> str:
    """The best of both sides by name, how far the first is ahead, and whose an end of the interval is, where it is not theirs."""
    sides = (f"{part.name} {w.score(form, part.mean)}" for part in outcome.parts)
    rivals = (f"; {end}: {' against '.join(pair)}" for end, pair in phrases.ends(outcome))
    return f"{' against '.join(sides)}: {phrases.change(outcome, form)}{''.join(rivals)}"


def corrected(outcome: Outcome) -> str:
    """What the interval is corrected for."""
    return " (95%, corrected for the choice of the best)" if outcome.tests > 1 else ""
