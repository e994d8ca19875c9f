"""A prediction and the scores of the groups in, an `Outcome` out: what was found where the plan had expected something.

An outcome gives the numbers beside the words. It gives no verdict: one would need the noise.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from analysis.stats import Estimate
from runner.config import Config, is_finite, level_text
from runner.study import At, Beats, Best, Better, GapAtMost, MattersMore, Prediction, Selector, Trend, selects

Scored: TypeAlias = tuple[Config, str, Mapping[str, Estimate]]  # levels, label, estimates by metric
Scores: TypeAlias = Mapping[str, Sequence[Scored]]  # by group


@dataclass(frozen=True)
class Part:
    """One number that a prediction is held against, under its name; `low` and `high` are None where n = 1."""

    name: str
    metric: str
    n: int
    mean: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Outcome:
    """What was found for `prediction`: the parts, and the one number that the prediction is about (None: no runs).

    `difference` says whether that number is a difference of two scores rather than a score.
    """

    prediction: Prediction
    parts: tuple[Part, ...]
    estimate: float | None
    metric: str
    difference: bool

    @property
    def n(self) -> tuple[int, ...]:
        """The number of runs behind each part."""
        return tuple(part.n for part in self.parts)


def outcome(prediction: Prediction, group: str, scores: Scores, metric: str, goal: str) -> Outcome:
    """What the runs of `group` show for `prediction`; for `beats` also those of the other group."""
    own = [scored for scored in scores[group] if metric in scored[2]]
    sign = 1 if goal == "maximize" else -1
    match prediction:
        case Better():
            return _difference(prediction, _mean(own, prediction.better, metric), _mean(own, prediction.than, metric), metric)
        case At():
            return _single(prediction, _mean(own, prediction.at, metric), metric)
        case GapAtMost():
            gaps = [scored for scored in scores[group] if "gap" in scored[2]]
            if prediction.at:
                return _single(prediction, _mean(gaps, prediction.at, "gap"), "gap")
            widest = max(gaps, key=lambda scored: scored[2]["gap"].mean, default=None)
            return _single(prediction, _part(widest[1], widest, "gap") if widest else None, "gap")
        case Trend():
            return _trend(prediction, own, metric)
        case Best():
            inside = [scored for scored in own if selects(prediction.best, scored[0])]
            outside = [scored for scored in own if not selects(prediction.best, scored[0])]
            tops = [_top(part, metric, sign) for part in (inside, outside)]
            return _difference(prediction, tops[0], tops[1], metric)
        case MattersMore():
            spreads = [_spread(f, scores, group, metric) for f in (prediction.factor, prediction.than)]
            return _difference(prediction, spreads[0], spreads[1], metric)
        case Beats():
            other = [scored for scored in scores[prediction.group] if metric in scored[2]]
            return _difference(prediction, _top(own, metric, sign), _top(other, metric, sign), metric)


def _part(name: str, scored: Scored, metric: str) -> Part:
    estimate = scored[2][metric]
    return Part(name, metric, estimate.n, estimate.mean, estimate.low, estimate.high)


def _mean(scored: Sequence[Scored], selector: Selector, metric: str) -> Part | None:
    """The selected configuration, or the mean of the selected ones, which then has no interval of its own."""
    chosen = [s for s in scored if selects(selector, s[0])]
    name = ", ".join(f"{factor} {' or '.join(map(level_text, values))}" for factor, values in selector.items())
    if len(chosen) == 1:
        return _part(chosen[0][1], chosen[0], metric)
    if not chosen:
        return None
    estimates = [s[2][metric] for s in chosen]
    return Part(name, metric, sum(e.n for e in estimates), float(np.mean([e.mean for e in estimates])), None, None)


def _top(scored: Sequence[Scored], metric: str, sign: int) -> Part | None:
    best = max(scored, key=lambda s: sign * s[2][metric].mean, default=None)
    return _part(best[1], best, metric) if best else None


def _spread(factor: str, scores: Scores, group: str, metric: str) -> Part | None:
    """The range of the means of the levels of `factor`: in this group, else in the first that varies it."""
    for name in [group, *scores]:
        levels = _level_means(factor, scores[name], metric)
        if len(levels) > 1:
            means = [part.mean for part in levels]
            return Part(
                f"{factor}, range of {len(levels)} levels", metric, sum(p.n for p in levels), max(means) - min(means), None, None
            )
    return None


def _level_means(factor: str, scored: Sequence[Scored], metric: str) -> list[Part]:
    """A part for each level of `factor`, named by it, in the plan's order: the mean over the configurations that have it."""
    levels = {level_text(s[0][factor]): s[0][factor] for s in scored if factor in s[0] and metric in s[2]}
    parts = ((text, _mean([s for s in scored if metric in s[2]], {factor: [level]}, metric)) for text, level in levels.items())
    return [replace(part, name=text) for text, part in parts if part]


def _single(prediction: Prediction, part: Part | None, metric: str) -> Outcome:
    return Outcome(prediction, (part,) if part else (), part.mean if part else None, metric, False)


def _difference(prediction: Prediction, a: Part | None, b: Part | None, metric: str) -> Outcome:
    parts = tuple(part for part in (a, b) if part)
    return Outcome(prediction, parts, a.mean - b.mean if a and b else None, metric, True)


def _trend(prediction: Trend, scored: Sequence[Scored], metric: str) -> Outcome:
    """The levels in ascending order, and the score at the last less that at the first."""
    numeric = [s for s in scored if is_finite(s[0].get(prediction.of))]
    numeric.sort(key=lambda s: float(str(s[0][prediction.of])))
    parts = tuple(_level_means(prediction.of, numeric, metric))
    rise = parts[-1].mean - parts[0].mean if len(parts) > 1 else None
    return Outcome(prediction, parts, rise, metric, True)
