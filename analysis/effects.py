"""Findings in, what the levels of each factor did to the score out: differences, each with the interval that the runs give it.

Differences that are read together share one confidence of 95%: the more of them, the wider their intervals.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import comb, prod

from analysis.findings import Findings, GroupFindings, Row, Summary, numeric
from analysis.stats import Difference, Noise, contrast
from runner.config import level_text
from runner.study import Study


@dataclass(frozen=True)
class Level:
    """A level of a factor, and the configurations that have it."""

    text: str
    summaries: tuple[Summary, ...]

    def mean(self, metric: str) -> float:
        """The mean over its configurations."""
        return sum(s.metrics[metric].mean for s in self.summaries) / len(self.summaries)


@dataclass(frozen=True)
class Step:
    """From one level to another, and the difference that it made."""

    first: str
    second: str
    difference: Difference


@dataclass(frozen=True)
class Effect:
    """A factor in a group: its levels, the range of their means as the step from the worst to the best, and that range
    without the worst level (None where two levels are all there are); `worse` counts the levels that the runs show to be worse
    than the best. Either end of their intervals holds at 95% over all comparisons with the best level."""

    group: str
    factor: str
    levels: tuple[Level, ...]
    range: Step
    without_worst: Step | None
    worse: int


def levels(found: GroupFindings, factor: str, metric: str) -> tuple[Level, ...]:
    """The levels of `factor` whose configurations differ in nothing else on the whole: every level of a factor that varies
    alone, every level of a full grid. None otherwise. Numbers ascend, names stand in the plan's order."""
    rows = [row for row in found.rows if row.summary and metric in row.summary.metrics]
    if not rows or not all(f in row.member.levels for row in rows for f in found.factors) or factor not in found.factors:
        return ()
    counts = [len({level_text(row.member.levels[f]) for row in rows}) for f in found.factors]
    cells = {tuple(level_text(row.member.levels[f]) for f in found.factors) for row in rows}
    if len(cells) < len(rows) or prod(counts) != len(rows):
        return ()
    if numeric(rows, factor):
        rows.sort(key=lambda row: float(str(row.member.levels[factor])))
    texts = dict.fromkeys(level_text(row.member.levels[factor]) for row in rows)
    return tuple(Level(text, _having(rows, factor, text)) for text in texts)


def _having(rows: Sequence[Row], factor: str, text: str) -> tuple[Summary, ...]:
    return tuple(row.summary for row in rows if row.summary and level_text(row.member.levels[factor]) == text)


def step(first: Level, second: Level, metric: str, pooled: Noise | None, of: int, level: float = 0.95) -> Step:
    """The mean at `second` less that at `first`; one of `of` differences that are read together."""
    weights = [-1 / len(first.summaries)] * len(first.summaries) + [1 / len(second.summaries)] * len(second.summaries)
    samples = [s.runs[metric] for s in (*first.summaries, *second.summaries)]
    return Step(first.text, second.text, contrast(samples, weights, pooled, of, level))


def steps(found: GroupFindings, metric: str, pooled: Noise | None) -> tuple[Step, ...]:
    """From each level to the next, where the group varies one ordered factor; nothing otherwise."""
    if len(found.factors) != 1 or not numeric(found.rows, found.factors[0]):
        return ()
    ordered = levels(found, found.factors[0], metric)
    return tuple(step(a, b, metric, pooled, len(ordered) - 1) for a, b in pairwise(ordered))


def effect(found: GroupFindings, factor: str, study: Study, pooled: Noise | None) -> Effect | None:
    """What `factor` did in the group; None where fewer than two of its levels can be compared."""
    metric = study.metric
    found_levels = levels(found, factor, metric)
    if len(found_levels) < 2:
        return None
    sign = 1 if study.goal == "maximize" else -1
    ranked = sorted(found_levels, key=lambda level: sign * level.mean(metric))
    against = [step(level, ranked[-1], metric, pooled, len(ranked) - 1, 0.9) for level in ranked[:-1]]
    rest = against[1] if len(against) > 1 else None
    return Effect(found.group.name, factor, found_levels, against[0], rest, sum(s.difference.told for s in against))


def effects(findings: Findings) -> tuple[Effect, ...]:
    """Every factor of every group, the widest range first."""
    study = findings.study
    pairs = [(group, factor) for group in findings.groups for factor in group.factors]
    found = [effect(group, factor, study, findings.noise) for group, factor in pairs]
    return tuple(sorted(filter(None, found), key=lambda e: -abs(e.range.difference.estimate)))


def range_difference(a: Effect, b: Effect, metric: str, pooled: Noise | None) -> Difference:
    """How much wider the range of `a` is than that of `b`, both factors of one full grid; the interval allows for having
    picked the extremes among all pairs of levels."""
    weights: dict[str, float] = {}
    samples = {s.id: s.runs[metric] for level in a.levels for s in level.summaries}
    sign = -1.0 if a.range.difference.estimate < 0 else 1.0
    for one, factor in ((a, sign), (b, -sign)):
        for text, way in ((one.range.second, factor), (one.range.first, -factor)):
            chosen = next(level for level in one.levels if level.text == text).summaries
            for s in chosen:
                weights[s.id] = weights.get(s.id, 0.0) + way / len(chosen)
    choices = comb(len(a.levels), 2) * comb(len(b.levels), 2)
    return contrast([samples[key] for key in weights], list(weights.values()), pooled, choices)


def untold_from_best(ranked: Sequence[Summary], metric: str, pooled: Noise | None) -> tuple[Summary, ...]:
    """The first of `ranked` and those that the runs do not show to be worse: one-sided, at 95% over all of them."""
    best, others = ranked[0], ranked[1:]
    apart = [contrast([s.runs[metric], best.runs[metric]], [-1, 1], pooled, len(others), 0.9).told for s in others]
    return (best, *(s for s, told in zip(others, apart, strict=True) if not told))


def near_best(ranked: Sequence[Summary], metric: str, pooled: Noise) -> tuple[Summary, ...]:
    """Those that cannot be told from the best and whose mean lies within the noise ruler of its mean."""
    best = ranked[0]

    def near(s: Summary) -> bool:
        return abs(s.metrics[metric].mean - best.metrics[metric].mean) <= pooled.ruler(min(s.n, best.n))

    return tuple(filter(near, untold_from_best(ranked, metric, pooled)))


def cheapest(summaries: Sequence[Summary]) -> Summary:
    """The one with the fewest parameters, then the fewest examples seen, then the best mean; what is not known counts as most.
    Time has no say: it hangs on what else the machine did."""

    def cost(s: Summary) -> tuple[float, float]:
        return tuple(float("inf") if v is None else v for v in (s.parameters, s.examples_seen))  # type: ignore[return-value]

    return min(summaries, key=cost)
