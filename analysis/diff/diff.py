"""Two sides in, a `SweepDiff` out: every matched configuration compared, all of them together, and what else changed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import exp, log

import numpy as np
from sweepbook.analysis import words as w
from sweepbook.analysis.diff.comparisons import UNTOLD, WORSE, Comparison, Overall, comparisons, direction, paired, together
from sweepbook.analysis.diff.matching import Matching, matching
from sweepbook.analysis.diff.noises import Scatter, noises, scatter
from sweepbook.analysis.diff.places import Slope, is_grid, slopes
from sweepbook.analysis.diff.ranks import Agreement, agreement
from sweepbook.analysis.diff.turned import Turned, concluded, turned
from sweepbook.analysis.export.record.read import Asked, Entry, Side, Unfinished, form_of
from sweepbook.analysis.stats.means import t_quantile
from sweepbook.analysis.stats.noise import Noise
from sweepbook.runner.config import SweepbookError
from sweepbook.runner.metric import MAXIMIZE, MINIMIZE, UNSAID, sign


@dataclass(frozen=True)
class Times:
    """The new time of a run over the old one, the geometric mean over `pairs` configurations with its 95% interval."""

    pairs: int
    ratio: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class SweepDiff:
    """What changed between two sweeps. `metric` is what both are ranked by and `direction` 1 where higher is better, else -1;
    `noises` are those of the old metrics and of the new ones; `unclear` are metrics of which no one said which way is better, and
    which are not compared. `entered` and `left` are the configurations that came into the first tier and went out of it; `stopped`
    those that finished before and now do not, `started` the other way round. `scatter` says how far seeds scatter on both sides,
    `grids` are the groups of two factors that both ask, each with its comparisons, `slopes` the settings along which the change
    itself goes up or down; `unmoved` has the verdicts that others' noise turned, their own runs being the same, and `concluded` how
    many conclusions of each kind there are."""

    old: Side
    new: Side
    metric: str
    direction: int
    margin: float | None
    matching: Matching
    noises: tuple[Mapping[str, Noise], Mapping[str, Noise]]
    comparisons: tuple[Comparison, ...]
    overall: Mapping[str, Overall]
    unclear: tuple[str, ...]
    agreement: Agreement | None
    entered: tuple[str, ...]
    left: tuple[str, ...]
    times: Times | None
    resized: tuple[tuple[Entry, Entry], ...]
    stopped: tuple[Unfinished, ...]
    started: tuple[Entry, ...]
    turned: tuple[Turned, ...]
    scatter: Scatter | None = None
    grids: tuple[tuple[Asked, tuple[Comparison, ...]], ...] = ()
    slopes: tuple[Slope, ...] = ()
    unmoved: tuple[Turned, ...] = ()
    concluded: Mapping[str, int] = field(default_factory=dict)

    def of(self, metric: str) -> tuple[Comparison, ...]:
        """The comparisons in one metric."""
        return tuple(one for one in self.comparisons if one.metric == metric)

    @cached_property
    def _forms(self) -> dict[str, w.Form]:
        return {name: form_of(name, self.old, self.new) for name in (self.metric, *self.overall)}

    def form(self, metric: str) -> w.Form:
        """How the numbers of a metric are written, on every page alike."""
        return self._forms[metric]

    @property
    def goal(self) -> str:
        """Which way is better, "maximize" or "minimize"."""
        return MAXIMIZE if self.direction > 0 else MINIMIZE

    @property
    def main(self) -> Overall | None:
        """The metric of the study; None where nothing is matched."""
        return self.overall.get(self.metric)

    @property
    def regressed(self) -> bool:
        """Whether anything got worse: a configuration in some metric, all of them together in that of the study, or one that
        finished and does not any more."""
        down = self.main is not None and self.main.told and self.main.change.estimate * self.direction < 0
        return down or bool(self.stopped) or any(one.verdict == WORSE for one in self.comparisons)

    @property
    def decided(self) -> bool:
        """Whether any comparison came to a verdict."""
        return (self.main is not None and self.main.told) or any(one.verdict != UNTOLD for one in self.comparisons)


@dataclass(frozen=True)
class Options:
    """How to compare: settings to `ignore` or to match by `only`, the `margin` within which a difference counts as none, the
    `metric` to compare by, and which way it is better, its `goal`."""

    ignore: Collection[str] = ()
    only: Collection[str] = ()
    margin: float | None = None
    metric: str | None = None
    goal: str | None = None


def sweep_diff(old: Side, new: Side, options: Options) -> SweepDiff:
    """What changed from `old` to `new`.

    SweepbookError where the metric is on one side alone, or no configuration has such a setting as is to be ignored or matched
    by.
    """
    metric = options.metric or new.metric
    _check_metric(old, new, metric)
    way = _direction(old, new, metric, options.goal)
    _check_settings(old, new, (*options.ignore, *options.only))
    match = matching(old, new, metric, options.ignore, options.only)
    names = _metrics(match)
    ways = _ways(old, new, names, {metric: way})
    pairs = {name: paired(match, name) for name in ways}
    both = noises(old), noises(new)
    compared = comparisons(match, pairs, both, metric, ways, options.margin)
    grids = _grids(old, new, _of(metric, compared))
    others = turned(old, new, match, new.metric, {one.pair[1].id: one for one in _of(new.metric, compared)})
    entered, left = _first_tier(match) if old.metric == new.metric == metric else ((), ())
    stopped, started = _finishing(old, new, match)
    return SweepDiff(
        old=old,
        new=new,
        metric=metric,
        direction=way,
        margin=options.margin,
        matching=match,
        noises=both,
        comparisons=compared,
        overall={name: together(name, pairs[name], _of(name, compared)) for name in ways},
        unclear=tuple(name for name in names if name not in ways),
        agreement=agreement(match, metric, *both),
        entered=entered,
        left=left,
        times=_times(match.pairs),
        resized=tuple((a, b) for a, b in match.pairs if a.parameters != b.parameters),
        stopped=stopped,
        started=started,
        turned=tuple(one for one in others if not one.same_runs),
        scatter=scatter(match, metric, *both),
        grids=grids,
        slopes=slopes([(group.name, group.factors, members) for group, members in grids]),
        unmoved=tuple(one for one in others if one.same_runs),
        concluded=concluded(old, new) if match.pairs else {},
    )


def _check_metric(old: Side, new: Side, metric: str) -> None:
    """SweepbookError where a side has runs, and none with the metric."""
    for side in (old, new):
        have = {name for entry in side.entries.values() for name in entry.runs}
        if side.entries and metric not in have:
            names = ", ".join(sorted(have))
            raise SweepbookError(f"{side.name}: no run has {metric}; name a metric of both with --metric, here: {names}")


def _check_settings(old: Side, new: Side, keys: Collection[str]) -> None:
    """SweepbookError for a key that is a setting of no configuration."""
    settings = {key for side in (old, new) for entry in side.entries.values() for key in entry.config}
    for key in keys:
        if key not in settings:
            raise SweepbookError(f"no configuration has a setting {key}; there are {', '.join(sorted(settings))}")


def _metrics(match: Matching) -> tuple[str, ...]:
    """The metrics that both sides of a pair have, in the order in which they come up."""
    return tuple(dict.fromkeys(name for a, b in match.pairs for name in b.runs if name in a.runs))


def _ways(old: Side, new: Side, names: Collection[str], known: Mapping[str, int]) -> dict[str, int]:
    """Which way each of the metrics is better, 1 or -1, those that are `known` first; without those of which nothing says it."""
    ways = {**{name: direction(name, old, new) for name in names}, **known}
    return {name: ways[name] for name in (*known, *names) if name in names and ways[name]}


def _of(metric: str, compared: Sequence[Comparison]) -> list[Comparison]:
    return [comparison for comparison in compared if comparison.metric == metric]


def _grids(old: Side, new: Side, compared: Sequence[Comparison]) -> tuple[tuple[Asked, tuple[Comparison, ...]], ...]:
    """The groups that are a grid of the same two factors on both sides, each with its comparisons."""
    known = {one.pair[1].id: one for one in compared}
    before = {group.name: group for group in old.groups}
    members = [(group, tuple(known[key] for key in group.configs if key in known)) for group in new.groups]
    return tuple((group, own) for group, own in members if is_grid(group, before.get(group.name), own, new.entries))


def _first_tier(match: Matching) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The labels of the configurations that came into the first tier, and of those that left it; only of those that are ranked on
    both sides, since the others may be the best or far from it."""
    tiers = [(new.label, old.tier, new.tier) for old, new in match.pairs if old.ranked and new.ranked]
    entered = tuple(label for label, before, now in tiers if now == 1 and (before or 1) > 1)
    return entered, tuple(label for label, before, now in tiers if before == 1 and (now or 1) > 1)


def _direction(old: Side, new: Side, metric: str, goal: str | None) -> int:
    """1 where higher values of the `metric` are better, -1 where lower ones are: by the `goal` that is asked for, by the sides that
    rank by it, by its name. SweepbookError where two of these differ, and where none says it."""
    if old.metric == new.metric == metric and old.goal != new.goal:
        raise SweepbookError(f"{old.name} is to {old.goal} {metric} and {new.name} to {new.goal} it: which way is better?")
    told = direction(metric, old, new)
    if not told and goal is None:
        raise SweepbookError(f"{metric}: {UNSAID}")
    for side in (old, new):
        if goal is not None and side.metric == metric and side.goal != goal:
            raise SweepbookError(f"{side.name} is to {side.goal} {metric}, which --goal {goal} is against")
    return sign(goal) or told


def _times(pairs: Sequence[tuple[Entry, Entry]]) -> Times | None:
    ratios = [log(b.seconds / a.seconds) for a, b in pairs if a.seconds and b.seconds and a.seconds != b.seconds]
    if not ratios:
        return None
    middle = float(np.mean(ratios))
    if len(ratios) < 2:
        return Times(1, exp(middle), None, None)
    half = t_quantile(len(ratios) - 1, 0.975) * float(np.std(ratios, ddof=1)) / len(ratios) ** 0.5
    return Times(len(ratios), exp(middle), exp(middle - half), exp(middle + half))


def _finishing(old: Side, new: Side, found: Matching) -> tuple[tuple[Unfinished, ...], tuple[Entry, ...]]:
    """The configurations that finished before and of which runs failed or diverged and none finished, and those that began to."""
    removed, added = ({found.key(e.config): e for e in entries} for entries in (found.removed, found.added))
    ended = (one for one in new.unfinished if {"failed", "diverged"} & set(one.states))
    stopped = tuple(one for one in ended if found.key(one.config) in removed)
    return stopped, tuple(added[key] for one in old.unfinished if (key := found.key(one.config)) in added)
