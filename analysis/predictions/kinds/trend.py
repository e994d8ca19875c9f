"""`trend`: the metric rises, falls or rises by less and less over the levels of a setting."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from sweepbook.analysis import words as w
from sweepbook.analysis.groups.summaries import Row
from sweepbook.analysis.predictions import phrases
from sweepbook.analysis.predictions.foresight.claim import LOGGED, Claim, levels, of_levels
from sweepbook.analysis.predictions.kind import Comparison, Evidence, Kind
from sweepbook.analysis.predictions.outcome import Outcome
from sweepbook.analysis.predictions.reading import ABOVE, Bounds, Reading, Side, Sum, combined, held, judged
from sweepbook.analysis.predictions.sides import matched, part, side_of
from sweepbook.analysis.predictions.verdict import CONFIRMED, REFUTED, UNTOLD
from sweepbook.analysis.stats.levels import merged
from sweepbook.runner.prediction import Trend
from sweepbook.runner.study import Group, Study
from sweepbook.runner.values import is_finite, level_text

DIMINISHING = "diminishing"


def _least(prediction: Trend) -> int:
    """The levels that it takes."""
    return 3 if prediction.direction == DIMINISHING else 2


def _compare(prediction: Trend, evidence: Evidence) -> Comparison:
    """The levels in ascending order. One without a finished run is left out, and so are the configurations of a grid that have
    no counterpart at every level."""
    metric, factor = evidence.metric, prediction.of
    chosen = [row for row in evidence.own.rows if is_finite(row.member.levels.get(factor))]
    by_level = {x: rows for x, rows in _by_level(chosen, factor).items() if side_of(rows, metric)}
    kept = matched(list(by_level.values()), {factor}, metric)
    named = [part(level_text(rows[0].member.levels[factor]), rows, metric, single=False) for rows in kept if rows]
    parts = tuple(level for level in named if level)
    if len(kept) < _least(prediction) or not all(kept):
        return Comparison(parts, None, chosen)
    sides = [side_of(rows, metric) for rows in kept]
    if prediction.direction == DIMINISHING:
        return Comparison(parts, diminishing(sides, list(by_level), evidence.study.sign), chosen)
    return Comparison(parts, rising(sides, prediction.direction == "increasing"), chosen)


def _by_level(rows: Sequence[Row], factor: str) -> dict[float, list[Row]]:
    """The rows of each level, ascending."""
    by_level: dict[float, list[Row]] = {}
    for row in sorted(rows, key=lambda row: float(str(row.member.levels[factor]))):
        by_level.setdefault(float(str(row.member.levels[factor])), []).append(row)
    return by_level


def rising(levels: Sequence[Side], upwards: bool) -> Reading:
    """Whether the means of two or more `levels` rise (or fall) over their ranks and never turn.

    The trend is the least-squares line over the ranks, its rise that from the first level to the last. It is tested on both
    sides, and each pair of neighbours against a turn, together after Holm (1979). A pair that is told to turn refutes; else the
    trend decides. Each interval is corrected for as many tests as Holm's procedure has left when it comes to it.
    """
    bounds: Bounds = ABOVE if upwards else (None, 0.0)
    levels = _merged(levels)
    trend = combined(zip(levels, rank_weights(len(levels)), strict=True))
    steps = [combined([(a, -1.0), (b, 1.0)]) for a, b in pairwise(levels)] if len(levels) > 2 else []
    turns = [step.contrast.p_below() if upwards else step.contrast.p_above() for step in steps]
    counts = holm_counts([trend.contrast.p(), *turns])
    whole = held("rise", trend, bounds, tests=counts[0])
    pairs = [
        replace(held("step", step, bounds, tests=count, one_sided=True), step=place)
        for place, (step, count) in enumerate(zip(steps, counts[1:], strict=True))
    ]
    worst = min(pairs, key=lambda pair: turns[pair.step or 0], default=whole)
    if whole.low is None:
        against = [reading for reading in (whole, *pairs) if (reading.estimate < 0 if upwards else reading.estimate > 0)]
        return max(against, key=lambda reading: reading.tipping or 0.0, default=whole)
    return worst if worst.verdict == REFUTED != whole.verdict else whole


def _merged(levels: Sequence[Side]) -> Sequence[Side]:
    """The levels with one mean each, where their configurations have the same seeds, else as they are: of independent runs the sum
    over configurations comes to the same, and counts the seeds of each."""
    seeds = all(mean.seeds for side in levels for mean in side.values())
    means = merged([list(side.values()) for side in levels]) if all(levels) and seeds else None
    return [{str(place): mean} for place, mean in enumerate(means)] if means else levels


def holm_counts(ps: Sequence[float], level: float = 0.05) -> list[int]:
    """How many tests each is corrected for in Holm's (1979) step-down procedure: those that are left when its turn comes, or when
    the procedure stops.

    >>> holm_counts([0.3, 0.001, 0.02])
    [1, 3, 2]
    """
    counts, left = [0] * len(ps), len(ps)
    for i in sorted(range(len(ps)), key=lambda i: ps[i]):
        counts[i] = left
        left -= left * ps[i] <= level and left > 1
    return counts


def rank_weights(k: int) -> list[float]:
    """The weights of `k` means that give the rise of the least-squares line over their ranks, from the first to the last.

    >>> rank_weights(3)
    [-1.0, 0.0, 1.0]
    """
    return [(k - 1) * weight for weight in slope_weights(range(k))]


def slope_weights(x: Sequence[float]) -> list[float]:
    """The weights of the means at `x` [two or more, different] that give the slope of the least-squares line."""
    middle = float(np.mean(x))
    squares = float(np.sum((np.asarray(x, float) - middle) ** 2))
    return [(value - middle) / squares for value in x]


def bend_weights(x: Sequence[float]) -> list[float]:
    """The weights of the means at `x` [three or more, ascending] that give how far their curve lies above a straight line in the
    middle: the slope over the first half of the levels less that over the second, as the bend that this makes. Both halves have
    the middle level; of an even number of levels both middle ones.

    >>> bend_weights([1, 2, 3])
    [-0.5, 1.0, -0.5]
    """
    k = len(x)
    early, late = slice(0, k // 2 + 1), slice((k - 1) // 2, k)
    spans = [x[half][-1] - x[half][0] for half in (early, late)]
    scale = spans[0] * spans[1] / (spans[0] + spans[1])
    weights = np.zeros(k)
    weights[early] += slope_weights(x[early])
    weights[late] -= slope_weights(x[late])
    bend: list[float] = (scale * weights).tolist()
    return bend


def diminishing(levels: Sequence[Side], x: Sequence[float], sign: int) -> Reading:
    """Whether the means of three or more `levels` at `x` improve, and by less and less: the bend of `bend_weights` and the rise
    over their ranks both lie above 0.

    Confirmed needs both, each at 2.5% one-sided (an intersection-union test, Berger 1982, Technometrics 24); refuted either, at
    2.5% over the two. So the lower end of the interval leaves out 2.5%, the upper 1.25%.
    """
    levels = _merged(levels)
    bend = _leaning("bend", combined(zip(levels, [sign * weight for weight in bend_weights(x)], strict=True)))
    rise = _leaning("rise", combined(zip(levels, [sign * weight for weight in rank_weights(len(x))], strict=True)))
    if bend.low is None or rise.low is None:
        against = [reading for reading in (bend, rise) if reading.estimate <= 0]
        if against:
            return max(against, key=lambda reading: reading.tipping or 0.0)
        return min((bend, rise), key=lambda reading: reading.tipping or 0.0)
    if REFUTED in (bend.verdict, rise.verdict):
        return bend if bend.verdict == REFUTED else rise
    return rise if bend.verdict == CONFIRMED and rise.verdict == UNTOLD else bend


def _leaning(about: str, total: Sum) -> Reading:
    """A sum held against 0 by an interval that leaves out 2.5% below and 1.25% above."""
    low, high = total.contrast.interval().low, total.contrast.interval(of=2).high
    return judged(Reading(about, total.contrast.estimate, low, high, ABOVE, 2), total)


def _reason(prediction: Trend, comparison: Comparison, evidence: Evidence) -> str:
    least, levels = _least(prediction), {level_text(row.member.levels[prediction.of]) for row in comparison.rows}
    if len(levels) >= least:
        return ""
    return f"it takes {least} levels of {prediction.of} or more, and the group has {len(levels) or 'none'}"


def _claim(prediction: Trend, metric: str) -> str:
    over = f"over {w.setting_name(prediction.of)}"
    if prediction.direction == DIMINISHING:
        return f"better by less and less {over}"
    return f"{'rising' if prediction.direction == 'increasing' else 'falling'} {over}"


def _found(prediction: Trend, outcome: Outcome, form: w.Form) -> str:
    """The change between the levels that decide; of a bend how far the middle lies above a straight line."""
    change = phrases.change(outcome, form)
    if outcome.about == "bend":
        return f"{change} above a straight line in the middle"
    first, last = outcome.between or (outcome.parts[0].name, outcome.parts[-1].name)
    return f"{change} from {first} to {last}"


def _number(prediction: Trend, outcome: Outcome, form: w.Form) -> str:
    change = phrases.change(outcome, form)
    if outcome.about == "step":
        return f"from {outcome.between[0]} to {outcome.between[1]} it changes by {change}, against the trend"
    if outcome.about == "bend":
        return f"in the middle the curve lies {change} above a straight line"
    verb = "gains" if prediction.direction == DIMINISHING else "changes by"
    return f"the fitted line {verb} {change} from the first level to the last"


def _parts(prediction: Trend, outcome: Outcome, form: w.Form) -> str:
    """The mean of every level, and the configurations of each, or the runs of its only one."""
    texts = []
    for level in outcome.parts:
        several = len(level.behind) > 1
        count = w.plural(len(level.behind), "configuration") if several else w.plural(level.n, "run")
        texts.append(f"{level.name}: {w.score(form, level.mean)} ({count})")
    return ", ".join(texts)


def _runs(outcome: Outcome) -> str:
    return phrases.all_runs(outcome, f" at {w.plural(len(outcome.parts), 'level')}")


def _prospect(prediction: Trend, group: Group, study: Study) -> Claim | str:
    """The rise over the ranks of the levels, tested beside a turn between any two neighbours; or the bend over their values."""
    if group.where is not None:
        return LOGGED
    by_level = levels(prediction.of, group.members)
    if prediction.direction == DIMINISHING:
        return of_levels("bend", list(by_level.values()), bend_weights([float(level) for level in by_level]))
    tests = len(by_level) if len(by_level) > 2 else 1
    measure = "rise" if prediction.direction == "increasing" else "fall"
    return of_levels(measure, list(by_level.values()), rank_weights(len(by_level)), tests)


KIND = Kind(Trend, _compare, _reason, _prospect, _number, _claim, _found, parts=_parts, runs=_runs)
