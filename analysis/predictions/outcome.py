"""A prediction and what its group compares in, an `Outcome` out: confirmed, refuted, cannot tell or says nothing, and the
numbers behind it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from sweepbook.analysis.groups.effects import Effect, effect
from sweepbook.analysis.groups.span import Span, span
from sweepbook.analysis.groups.summaries import GroupRows, Row, Summary, is_full_grid
from sweepbook.analysis.predictions import reading as verdicts
from sweepbook.analysis.predictions.reading import ABOVE, EMPTY, UNTOLD, Bounds, Reading, Side
from sweepbook.analysis.stats.contrasts import Difference
from sweepbook.analysis.stats.noise import Noise
from sweepbook.runner.config import is_finite, level_text
from sweepbook.runner.metric import limits
from sweepbook.runner.study import At, Beats, Best, Better, GapAtMost, MattersMore, Prediction, Selector, Study, Trend, selects
from sweepbook.runner.truisms import classifier

LATE = "SB110"  # the check that a prediction was written or changed after results existed


@dataclass(frozen=True)
class Part:
    """One number that a prediction is held against, under its name; `low` and `high` are None where the noise is not known.
    `behind` are the configurations that it is of, each once."""

    name: str
    metric: str
    n: int
    mean: float
    low: float | None
    high: float | None
    behind: tuple[Summary, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What was found for `prediction`: its `verdict`, the parts that were compared, and the one number that decides.

    `estimate` is that number, None where a side has no finished run; `difference` says whether it is a difference, which counts
    upwards where it is better, but for a trend that is claimed to rise or fall, and for a step of it. `about` says what it is:
    see `reading.Reading`; for a step `between` names its two levels. `low` and `high` are the interval that the
    verdict rests on, held against `bounds`: confirmed where it lies inside, refuted where it lies outside. It is corrected for so
    many `tests`; `one_sided`: each of its ends holds at 95% alone. None where the noise is not known: `tipping` is then the
    noise below which there would be a verdict.

    `resolves` is the smallest distance from a bound that these runs find in 4 of 5 studies; `seeds_needed` the seeds that every
    configuration needs for the distance seen (None: more than 1,000, or none known). `missing` are the labels on which the verdict
    does not rest: without a finished run, or (`unlogged`) with none that logs the metric. `reason`: why nothing can be compared,
    however many runs there are, or why it says nothing. `as_run`: a check limits what was found, `as_run_because` says which.
    """

    prediction: Prediction
    parts: tuple[Part, ...]
    estimate: float | None
    metric: str
    difference: bool
    verdict: str = UNTOLD
    low: float | None = None
    high: float | None = None
    about: str = ""
    between: tuple[str, ...] = ()
    bounds: Bounds = ABOVE
    tests: int = 1
    one_sided: bool = False
    resolves: float | None = None
    seeds_needed: int | None = None
    tipping: float | None = None
    missing: tuple[str, ...] = ()
    unlogged: tuple[str, ...] = ()
    reason: str = ""
    as_run: bool = False
    as_run_because: tuple[str, ...] = ()

    @property
    def n(self) -> tuple[int, ...]:
        """The number of runs behind each part."""
        return tuple(part.n for part in self.parts)


Found: TypeAlias = tuple[Sequence[Part | None], Reading | None, Sequence[Row]]  # parts, what decides, all rows that were selected


def outcome(
    prediction: Prediction,
    own: GroupRows,
    groups: Mapping[str, GroupRows],
    study: Study,
    noises: Mapping[str, Noise],
    tiers: Mapping[str, Mapping[str, int]],
) -> Outcome:
    """What the runs of the group `own` show for `prediction`. `groups` has every group of the plan by name, in its order; `noises`
    the noise by metric, without which there is no verdict; `tiers` that of each configuration by group."""
    metric = "gap" if isinstance(prediction, GapAtMost) else study.metric
    sign = study.sign
    difference = not isinstance(prediction, At | GapAtMost)
    if empty := _empty(prediction, own, groups, study):
        return Outcome(prediction, (), None, metric, difference, verdict=EMPTY, reason=empty)
    match prediction:
        case Better():
            found = _better(prediction, own, metric, sign)
        case At():
            found = _mean_of(own, prediction.at, metric, "value", (prediction.low, prediction.high))
        case GapAtMost() if prediction.at:
            found = _mean_of(own, prediction.at, metric, "gap", (None, prediction.most))
        case GapAtMost():
            found = _widest(prediction, own)
        case Trend():
            found = _trend(prediction, own, metric, sign)
        case Best():
            found = _best(prediction, own, metric, sign, tiers.get(own.group.name, {}))
        case MattersMore():
            found = _matters_more(prediction, own, groups, study)
        case Beats():
            found = _tops(own.rows, groups[prediction.group].rows, metric, sign)
        case _:
            raise TypeError(f"no test of a prediction {prediction.kind}")
    parts, reading, rows = found
    missing, unlogged = _labels(rows, metric), _labels([row for row in rows if row.summary], metric)
    bare = Outcome(prediction, tuple(part for part in parts if part), None, metric, difference, missing=missing, unlogged=unlogged)
    reach = span(metric, (value for row in rows if row.summary for value in row.summary.runs.get(metric, ())))
    return (
        _within(_with_reading(bare, reading, metric in noises), reach)
        if reading
        else replace(bare, reason=_reason(bare, own, groups, rows))
    )


def _empty(prediction: Prediction, own: GroupRows, groups: Mapping[str, GroupRows], study: Study) -> str:
    """Why the prediction cannot come out both ways, of configurations that the plan may not know before there are logs."""
    others = groups[prediction.group].rows if isinstance(prediction, Beats) else ()
    ours, theirs = ([row.member for row in rows] for rows in (own.rows, others))
    return prediction.truism(study.metric, ours, theirs, classifier(study.metric, own.group.where is None))


def _reason(bare: Outcome, own: GroupRows, groups: Mapping[str, GroupRows], rows: Sequence[Row]) -> str:
    """Why there is nothing to compare whatever has run; "" where only runs are missing."""
    selectors: tuple[Selector, ...] = ()
    match bare.prediction:
        case _ if not own.rows:
            return ""
        case Better() if len(bare.parts) == 2:
            same = "one configuration stands" if len(_side(rows, bare.metric)) == 1 else "the same configurations stand"
            return f"{same} on both sides"
        case Better(better=better, than=than):
            selectors = (better, than)
        case At(at=at) | GapAtMost(at=at) | Best(best=at):
            selectors = (at,)
        case Trend(of=of, direction=direction):
            count, least = len({level_text(row.member.levels[of]) for row in rows}), 3 if direction == "diminishing" else 2
            return f"it takes {least} levels of {of} or more, and the group has {count or 'none'}" if count < least else ""
        case MattersMore(factor=factor, than=than):
            lone = next((name for name in (factor, than) if not _home(name, own, groups)), "")
            return f"the factor {lone} does not vary alone or in a full grid" if lone else ""
    for selector in selectors:
        if not _selected(own, selector):
            wanted = (f"{factor} = {' or '.join(map(level_text, values))}" for factor, values in selector.items())
            return f"no configuration has {' and '.join(wanted)}"
    return ""


def _with_reading(bare: Outcome, found: Reading, known: bool) -> Outcome:
    """The outcome with what was read of the runs, the interval and the verdict only where the noise is `known`."""
    found = found if known else replace(found, low=None, high=None, resolves=None, seeds=None)
    between = () if found.step is None else (bare.parts[found.step].name, bare.parts[found.step + 1].name)
    made = replace(bare, estimate=found.estimate, verdict=found.verdict, low=found.low, high=found.high, about=found.about)
    made = replace(made, between=between, bounds=found.bounds, tests=found.tests, one_sided=found.one_sided)
    return replace(made, resolves=found.resolves, seeds_needed=found.seeds, tipping=found.tipping)


def _within(told: Outcome, reach: Span) -> Outcome:
    """The outcome with no number that its metric cannot have; the verdict stands."""
    parts = tuple(_part_within(part, reach) for part in told.parts)
    made = replace(told, parts=parts, resolves=reach.seen(told.resolves))
    if told.tipping is not None:
        made = replace(made, tipping=min(told.tipping, reach.width))
    if told.estimate is None or told.low is None or told.high is None:
        return made
    whole = Difference(told.estimate, told.low, told.high)
    if told.difference:
        whole = reach.difference(whole)
        return replace(made, low=whole.low, high=whole.high)
    return replace(made, low=max(told.low, reach.low), high=min(told.high, reach.high))


def _part_within(part: Part, reach: Span) -> Part:
    if part.low is None or part.high is None:
        return part
    if "range of" in part.name:
        ends = reach.difference(Difference(part.mean, part.low, part.high), 0.0)
        return replace(part, low=ends.low, high=ends.high)
    return replace(part, low=max(part.low, reach.low), high=min(part.high, reach.high))


def _better(prediction: Better, own: GroupRows, metric: str, sign: int) -> Found:
    chosen = [_selected(own, selector) for selector in (prediction.better, prediction.than)]
    a, b = _matched(chosen, {*prediction.better, *prediction.than}, metric)
    parts = [_part(_named(selector), rows, metric) for selector, rows in ((prediction.better, a), (prediction.than, b))]
    rows = [row for part in chosen for row in part]
    if not a or not b or set(_side(a, metric)) == set(_side(b, metric)):
        return parts, None, rows
    made = verdicts.combined([(_side(a, metric), sign), (_side(b, metric), -sign)])
    return parts, verdicts.held("difference", made, (prediction.by, None)), rows


def _mean_of(own: GroupRows, at: Selector, metric: str, about: str, bounds: Bounds) -> Found:
    """The mean of the selected configurations held against `bounds`; a gap one-sided."""
    rows = _selected(own, at)
    side = _side(rows, metric)
    part = _part(_named(at), rows, metric)
    bounds = _open(bounds, metric, [mean.value for mean in side.values()])
    return [part], verdicts.held(about, verdicts.combined([(side, 1.0)]), bounds, one_sided=about == "gap") if side else None, rows


def _open(bounds: Bounds, metric: str, values: Sequence[float]) -> Bounds:
    """The range without an end that the metric cannot pass, as far as the `values` keep to what its name says of it."""
    (low, high), (lowest, highest) = bounds, limits(metric)
    below = low is not None and lowest is not None and low <= lowest <= min(values, default=lowest)
    above = high is not None and highest is not None and high >= highest >= max(values, default=highest)
    return None if below else low, None if above else high


def _widest(prediction: GapAtMost, own: GroupRows) -> Found:
    side = _side(own.rows, "gap")
    if not side:
        return [], None, own.rows
    return [_top(own.rows, "gap", 1)], verdicts.widest([{key: mean} for key, mean in side.items()], prediction.most), own.rows


def _trend(prediction: Trend, own: GroupRows, metric: str, sign: int) -> Found:
    """The levels in ascending order. One without a finished run is left out, and so are the configurations of a grid that have
    no counterpart at every level."""
    chosen = [row for row in own.rows if is_finite(row.member.levels.get(prediction.of))]
    by_level: dict[float, list[Row]] = {}
    for row in sorted(chosen, key=lambda row: float(str(row.member.levels[prediction.of]))):
        by_level.setdefault(float(str(row.member.levels[prediction.of])), []).append(row)
    there = {x: rows for x, rows in by_level.items() if _side(rows, metric)}
    kept = _matched(list(there.values()), {prediction.of}, metric)
    parts = [_part(level_text(rows[0].member.levels[prediction.of]), rows, metric, single=False) for rows in kept if rows]
    if len(kept) < (3 if prediction.direction == "diminishing" else 2) or not all(kept):
        return parts, None, chosen
    sides = [_side(rows, metric) for rows in kept]
    if prediction.direction == "diminishing":
        return parts, verdicts.diminishing(sides, list(there), sign), chosen
    return parts, verdicts.rising(sides, prediction.direction == "increasing"), chosen


def _best(prediction: Best, own: GroupRows, metric: str, sign: int, tiers: Mapping[str, int]) -> Found:
    """A configuration that the group has under several levels is inside where one of them is."""
    inside = _selected(own, prediction.best)
    ids = {row.member.id for row in inside}
    outside = [row for row in own.rows if row.member.id not in ids]
    first = [key for key, tier in tiers.items() if tier == 1]
    return _tops(inside, outside, metric, sign, first)


def _tops(a: Sequence[Row], b: Sequence[Row], metric: str, sign: int, first: Collection[str] | None = None) -> Found:
    sides = _side(a, metric), _side(b, metric)
    parts = [_top(rows, metric, sign) for rows in (a, b)]
    return parts, verdicts.best_against_best(*sides, sign, first) if all(sides) else None, [*a, *b]


def _matters_more(prediction: MattersMore, own: GroupRows, groups: Mapping[str, GroupRows], study: Study) -> Found:
    """The ranges of two factors, each at 97.5%, so that both hold at 95% together."""
    homes = [_home(factor, own, groups) for factor in (prediction.factor, prediction.than)]
    rows = [row for home in dict.fromkeys(home.group.name for home in homes if home) for row in groups[home].rows]
    pairs = zip(homes, (prediction.factor, prediction.than), strict=True)
    effects = [effect(home, factor, study) if home else None for home, factor in pairs]
    parts = [_range_part(found, study.metric) if found else None for found in effects]
    wide = [(e.wide, [{s.id: s.means[study.metric] for s in level.summaries} for level in e.levels]) for e in effects if e]
    return parts, verdicts.ranges(*wide) if len(wide) == 2 else None, rows


def _home(factor: str, own: GroupRows, groups: Mapping[str, GroupRows]) -> GroupRows | None:
    """The group that `factor` is looked up in: this one, else the first of the plan that varies it so that levels can be
    compared, each over the same levels of the other factors."""
    for found in (own, *groups.values()):
        levels = {level_text(row.member.levels.get(factor)) for row in found.rows}
        if factor in found.factors and len(levels) > 1 and is_full_grid(found.rows, found.factors):
            return found
    return None


def _selected(own: GroupRows, selector: Selector) -> list[Row]:
    return [row for row in own.rows if selects(selector, row.member.levels)]


def _has(row: Row, metric: str) -> bool:
    return row.summary is not None and metric in row.summary.means


def _labels(rows: Sequence[Row], metric: str) -> tuple[str, ...]:
    """The labels of the configurations without a run that has `metric`, each configuration once."""
    return tuple({row.member.id: row.member.label for row in reversed(rows) if not _has(row, metric)}.values())[::-1]


def _matched(sides: Sequence[Sequence[Row]], fixed: Collection[str], metric: str) -> list[list[Row]]:
    """The rows of each side that have runs. Where the plan has the same levels of the other factors on every side, only those that
    have runs on every side: else a missing run would set one factor's levels against another's."""

    def rest(row: Row) -> tuple[tuple[str, str], ...]:
        return tuple(sorted((f, level_text(v)) for f, v in row.member.levels.items() if f not in fixed))

    there = [[row for row in side if _has(row, metric)] for side in sides]
    planned = [{rest(row) for row in side} for side in sides]
    if not all(there) or not planned or any(one != planned[0] for one in planned):
        return there
    common = set.intersection(*({rest(row) for row in side} for side in there))
    return [[row for row in side if rest(row) in common] for side in there]


def _side(rows: Sequence[Row], metric: str) -> Side:
    """The means of the configurations of `rows` that have runs, each once."""
    return {row.member.id: row.summary.means[metric] for row in rows if row.summary and metric in row.summary.means}


def _named(selector: Selector) -> str:
    return ", ".join(f"{factor} {' or '.join(map(level_text, values))}" for factor, values in selector.items())


def _part(name: str, rows: Sequence[Row], metric: str, single: bool = True) -> Part | None:
    """The mean over the configurations of `rows`; a single one is called by its label."""
    side = _side(rows, metric)
    if not side:
        return None
    if len(side) == 1:
        row = next(row for row in rows if row.member.id in side)
        found = row.summary.metrics[metric] if row.summary else None
        if found:
            label = row.member.label if single else name
            return Part(label, metric, found.n, found.mean, found.low, found.high, _summaries([row]))
    mean = verdicts.combined([(side, 1.0)]).contrast.interval()
    behind = _summaries([row for row in rows if _has(row, metric)])
    return Part(name, metric, sum(one.n for one in side.values()), mean.estimate, mean.low, mean.high, behind)


def _summaries(rows: Sequence[Row]) -> tuple[Summary, ...]:
    return tuple({row.member.id: row.summary for row in rows if row.summary}.values())


def _top(rows: Sequence[Row], metric: str, sign: int) -> Part | None:
    side = _side(rows, metric)
    if not side:
        return None
    best = max(side, key=lambda key: (sign * side[key].value, key))
    return _part("", [row for row in rows if row.member.id == best], metric)


def _range_part(found: Effect, metric: str) -> Part:
    n = sum(mean.n for level in found.levels for mean in level.means(metric))
    wide = found.wide
    behind = tuple({s.id: s for level in found.levels for s in level.summaries}.values())
    return Part(f"{found.factor}, range of {len(found.levels)} levels", metric, n, wide.estimate, wide.low, wide.high, behind)
