"""What a group compares in, what the levels of each factor did to the score out: ranges, steps, a grid's additive fit; each with
the interval that the runs give it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from sweepbook.analysis.groups.span import Span, span
from sweepbook.analysis.groups.summaries import GroupRows, Row, Summary, cells, is_full_grid, numeric
from sweepbook.analysis.stats.contrasts import Contrast, Difference
from sweepbook.analysis.stats.grids import Additive, FTest, additive, interaction, interaction_by_seed, tukey
from sweepbook.analysis.stats.levels import merged, steps
from sweepbook.analysis.stats.means import Mean
from sweepbook.analysis.stats.noise import Noise
from sweepbook.analysis.stats.ranges import level_range
from sweepbook.analysis.stats.seeds import Seeds
from sweepbook.runner.study import Study
from sweepbook.runner.values import level_text

FEW_LEVELS = 8  # up to which a setting of a random search has its means told by level


@dataclass(frozen=True)
class Level:
    """A level of a factor, and the configurations that have it."""

    text: str
    summaries: tuple[Summary, ...]

    def means(self, metric: str) -> tuple[Mean, ...]:
        """The mean of each of its configurations."""
        return tuple(s.means[metric] for s in self.summaries)

    def mean(self, metric: str) -> float:
        """The mean over its configurations, each counted once."""
        return sum(mean.value for mean in self.means(metric)) / len(self.summaries)


@dataclass(frozen=True)
class Step:
    """From one level to the next, and what that made."""

    first: str
    second: str
    contrast: Contrast
    span: Span

    def difference(self, level: float = 0.95) -> Difference:
        """What it made, with its interval at that level."""
        return self.span.difference(self.contrast.interval(level))


@dataclass(frozen=True)
class Effect:
    """A factor in a group: its levels, the worst and the best of their means, and how far apart these lie.

    `range` holds at 95%, simultaneously over all pairs of levels; `without_worst` is that of the other levels (None where two
    are all there are). `wide` is the range at 97.5%, for comparing two factors. `spread` is the standard deviation between the
    levels that is left when noise is taken off. `steps` lead from each level to the next where levels are numbers. `rank` is
    1 for a factor that none is told to matter more than.
    """

    group: str
    factor: str
    levels: tuple[Level, ...]
    worst: str
    best: str
    range: Difference
    without_worst: Difference | None
    wide: Difference
    spread: float | None
    steps: tuple[Step, ...]
    rank: int | None = None


@dataclass(frozen=True, eq=False)
class Grid:
    """A full two-factor table of means: [levels of the first factor, levels of the second], its additive fit, the F test of the
    interaction against replicates, and Tukey's test, which needs none; None where they cannot be made."""

    factors: tuple[str, str]
    levels: tuple[tuple[str, ...], tuple[str, ...]]
    fit: Additive
    interaction: FTest | None
    tukey: FTest | None


def levels(found: GroupRows, factor: str, metric: str) -> tuple[Level, ...]:
    """The levels of `factor` whose configurations differ in nothing else on the whole: every level of a factor that varies
    alone, every level of a full grid. None otherwise. Numbers ascend, names stand in the plan's order."""
    rows = [row for row in found.rows if row.summary and metric in row.summary.means]
    if factor not in found.factors or not is_full_grid(rows, found.factors):
        return ()
    if numeric(rows, factor):
        rows.sort(key=lambda row: float(str(row.member.levels[factor])))
    return _by_level(rows, factor)


def mixed_levels(found: GroupRows, factor: str, metric: str) -> tuple[Level, ...]:
    """The levels of `factor` in a group where other settings move along, as in a random search: () where it has one level or more
    than a few, or a level that one configuration alone has."""
    rows = [row for row in found.rows if row.summary and metric in row.summary.means and factor in row.member.levels]
    known = _by_level(rows, factor)
    return known if 1 < len(known) <= FEW_LEVELS and all(len(level.summaries) > 1 for level in known) else ()


def _by_level(rows: Sequence[Row], factor: str) -> tuple[Level, ...]:
    """The levels of `factor` in the order of `rows`, each with its configurations that have a finished run."""
    having: dict[str, list[Summary]] = {}
    for row in rows:
        if row.summary:
            having.setdefault(level_text(row.member.levels[factor]), []).append(row.summary)
    return tuple(Level(text, tuple(summaries)) for text, summaries in having.items())


def effect(found: GroupRows, factor: str, study: Study) -> Effect | None:
    """What `factor` did in the group; None where fewer than two of its levels can be compared."""
    metric = study.metric
    known = levels(found, factor, metric)
    if len(known) < 2:
        return None
    sign = study.sign
    worst = min(known, key=lambda level: sign * level.mean(metric))
    means = [level.means(metric) for level in known]
    reach = span(metric, (value for level in known for s in level.summaries for value in s.runs[metric]))
    one_each = merged(means)
    whole, wide = level_range(means, one_each=one_each), level_range(means, 0.975, one_each)
    best = known[whole.highest if sign > 0 else whole.lowest]
    rest = [level.means(metric) for level in known if level is not worst]
    made = tuple(Step(a.text, b.text, made, reach) for (a, b), made in zip(pairwise(known), steps(means, one_each), strict=True))
    return Effect(
        group=found.group.name,
        factor=factor,
        levels=known,
        worst=worst.text,
        best=best.text,
        range=reach.difference(whole.difference, 0.0),
        without_worst=reach.difference(level_range(rest).difference, 0.0) if len(rest) > 1 else None,
        wide=reach.difference(wide.difference, 0.0),
        spread=whole.spread,
        steps=made if numeric(found.rows, factor) else (),
    )


def ranked(found: Sequence[Effect]) -> tuple[Effect, ...]:
    """The effects, the widest range first, each with its rank: one more than the number of other factors whose range is told to
    be wider (their intervals of 97.5% have nothing in common)."""
    ordered = sorted(found, key=lambda e: (-e.range.estimate, e.factor, e.group))
    highest: dict[str, float] = {}
    for e in ordered:
        if e.wide.low is not None:
            highest[e.factor] = max(highest.get(e.factor, 0.0), e.wide.low)
    lows = np.sort(list(highest.values()))
    return tuple(replace(e, rank=_rank(e, lows, highest)) for e in ordered)


def _rank(e: Effect, lows: npt.NDArray[np.float64], highest: Mapping[str, float]) -> int | None:
    if e.wide.high is None:
        return None
    wider = len(lows) - int(np.searchsorted(lows, e.wide.high, "right"))
    return 1 + wider - (highest[e.factor] > e.wide.high)


def matters_more(a: Effect, b: Effect) -> bool | None:
    """Whether the range of `a` is told to be wider than that of `b` (True), narrower (False), or neither (None)."""
    ends = (a.wide.low, a.wide.high, b.wide.low, b.wide.high)
    if None in ends:
        return None
    low_a, high_a, low_b, high_b = (float(end) for end in ends if end is not None)
    return True if low_a > high_b else False if low_b > high_a else None


def grid(found: GroupRows, metric: str, pooled: Noise | None) -> Grid | None:
    """The additive fit of a group that is a full grid of two factors; None of another."""
    rows = [row for row in found.rows if row.summary and metric in row.summary.means]
    if len(found.factors) != 2 or len(rows) < len(found.rows) or not is_full_grid(rows, found.factors):
        return None
    orders = [_order(found, factor) for factor in found.factors]
    rows.sort(key=lambda row: tuple(order(row) for order in orders))
    first, second = found.factors
    means = {row.member.id: row.summary.means[metric] for row in rows if row.summary}
    table = cells(rows, first, second, {key: mean.value for key, mean in means.items()})
    if table is None:
        return None
    names = tuple(tuple(dict.fromkeys(level_text(row.member.levels[factor]) for row in rows)) for factor in found.factors)
    test = _interaction(rows, (first, second), table, means, pooled) if pooled else None
    return Grid((first, second), (names[0], names[1]), additive(table), test, tukey(table))


def _interaction(
    rows: Sequence[Row],
    over: tuple[str, str],
    table: npt.NDArray[np.float64],
    means: Mapping[str, Mean],
    pooled: Noise,
) -> FTest | None:
    """The F test of what the additive fit of `table` leaves over: against what it leaves over of each seed's own table, where all
    cells have the same seeds; else against the noise of the cells, where the seeds' effects are known with these taken off."""
    seeds = next(iter(means.values())).runs.keys()
    if len(seeds) > 1 and all(mean.runs.keys() == seeds for mean in means.values()):
        by_seed = [cells(rows, *over, {key: mean.runs[seed] for key, mean in means.items()}) for seed in seeds]
        variances = cells(rows, *over, {key: mean.variance or 0.0 for key, mean in means.items()})
        return interaction_by_seed([own for own in by_seed if own is not None], variances)
    errors = [_replicate_error(mean, pooled) for mean in means.values()]
    if pooled.seeds:
        cleared = cells(rows, *over, {key: _without_seeds(mean, pooled.seeds) for key, mean in means.items()})
        return interaction(table if cleared is None else cleared, float(np.mean(errors)), int(pooled.df_error))
    return interaction(table, float(np.mean(errors)), pooled.replicates.df)


def _without_seeds(mean: Mean, seeds: Seeds) -> float:
    """The mean as it would be had its seeds done nothing: cells that lack another seed each would else differ by that."""
    return mean.value - sum(sorted(seeds.effects.get(seed, 0.0) for seed in mean.runs)) / len(mean.runs)


def _order(found: GroupRows, factor: str) -> Callable[[Row], float]:
    """The place of a row by its level: numbers ascend, names stand in the plan's order."""
    if numeric(found.rows, factor):
        return lambda row: float(str(row.member.levels[factor]))
    names = dict.fromkeys(level_text(row.member.levels.get(factor)) for row in found.rows)
    places = {name: place for place, name in enumerate(names)}
    return lambda row: places[level_text(row.member.levels[factor])]


def _replicate_error(mean: Mean, pooled: Noise) -> float:
    """The squared standard error of a mean by the replicates alone, without what a grid's residual brought into the noise."""
    joined = pooled.residual is not None and pooled.residual.joined
    return mean.share * pooled.replicates.sd**2 if joined else mean.error or 0.0
