"""Matched configurations in, each compared in each metric out, and all of them together."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sweepbook.analysis.diff.matching import Matching
from sweepbook.analysis.diff.noises import means
from sweepbook.analysis.export.record.read import Entry, Side
from sweepbook.analysis.groups.span import Span, span
from sweepbook.analysis.predictions.verdict import UNTOLD as CANNOT_TELL
from sweepbook.analysis.stats.contrasts import Difference
from sweepbook.analysis.stats.matched import Change, Pair, changes, overall
from sweepbook.analysis.stats.means import Estimate
from sweepbook.analysis.stats.noise import Noise
from sweepbook.analysis.stats.several import holm
from sweepbook.runner.metric import goal, sign

BETTER, WORSE, SAME, UNTOLD = "better", "worse", "same", CANNOT_TELL
VERDICTS = (BETTER, WORSE, SAME, UNTOLD)
FALSE = 0.05  # how often a comparison of two sweeps says a false "better" or "worse" at all
MAIN = 0.5  # the share of it that goes to the metric by which the study ranks, where others are compared as well


@dataclass(frozen=True)
class Comparison:
    """A matched configuration in one metric: both means, their difference (new less old) with the interval at the level of its
    verdict, and that verdict. `by_seed` says whether runs were held against each other seed by seed, `same_runs` whether both
    sides have the same runs; `p` is adjusted for all comparisons (Holm), 1 where nothing is known. `more` are the seeds that either
    side needs besides, so that a change as large as this one gets a verdict: of what cannot be told in the metric of the study;
    else None, and where it is more than 1,000 or not known."""

    label: str
    metric: str
    old: Estimate
    new: Estimate
    change: Difference
    verdict: str
    p: float
    by_seed: bool
    same_runs: bool
    pair: tuple[Entry, Entry]
    more: int | None = None


@dataclass(frozen=True)
class Overall:
    """All matched configurations in one metric: the mean difference with its 95% interval, how many comparisons have each
    verdict, and whether the interval holds for other seeds too."""

    metric: str
    pairs: int
    change: Difference
    counts: Mapping[str, int]
    seeds_known: bool

    @property
    def told(self) -> bool:
        """Whether the sign of the mean difference is told from noise."""
        return self.change.told and self.seeds_known


def direction(name: str, old: Side, new: Side) -> int:
    """1 where higher values of a metric are better, -1 where lower ones are, 0 where neither a side that ranks by it nor its name
    tells that."""
    goals = (side.goal for side in (new, old) if side.metric == name)
    return sign(next(goals, goal(name)))


def paired(found: Matching, metric: str) -> dict[str, Pair]:
    """The runs of each matched configuration in one metric, by its new id."""
    pairs = {}
    for a, b in found.pairs:
        if (old := a.runs.get(metric)) and (new := b.runs.get(metric)):
            shared = found.shared[b.id] & old.keys() & new.keys()
            pairs[b.id] = Pair(old, new, shared)
    return pairs


def reach(metric: str, pairs: Mapping[str, Pair]) -> Span:
    """Where numbers of a metric can lie, by the runs of the `pairs` too."""
    return span(metric, (value for pair in pairs.values() for runs in (pair.old, pair.new) for value in runs.values()))


def comparisons(
    found: Matching,
    pairs: Mapping[str, Mapping[str, Pair]],
    noises: tuple[Mapping[str, Noise], Mapping[str, Noise]],
    metric: str,
    known: Mapping[str, int],
    margin: float | None,
) -> tuple[Comparison, ...]:
    """Every matched configuration in every metric of `pairs`, in the new side's order, the study's metric first. `noises` are
    those of the old side and of the new one; `known` says of each metric which way is better, 1 or -1."""
    measured = [row for name, own in pairs.items() for row in _measured(found, name, own, noises, known[name])]
    tested = [row for row in measured if not row.same]
    weights = _weights([row.metric for row in tested], metric)
    ps = holm([row.change.p() for row in tested], weights)
    open_weight = sum(weight for weight, p in zip(weights, ps, strict=True) if p >= FALSE)
    levels = {id(row): FALSE * weight / max(open_weight, weight) for row, weight in zip(tested, weights, strict=True)}
    adjusted = {id(row): p for row, p in zip(tested, ps, strict=True)}
    compared, reaches = [], {name: reach(name, own) for name, own in pairs.items()}
    for row in measured:
        name, (a, b) = row.metric, row.pair
        change, p = row.change.interval(1 - levels.get(id(row), FALSE)), adjusted.get(id(row), 1.0)
        verdict = SAME if row.same else _verdict(change, known[name], margin if name == metric else None, p)
        change, scores = reaches[name].difference(change), (a.metrics[name], b.metrics[name])
        more = _more(row, 1 - levels[id(row)]) if verdict == UNTOLD and name == metric else None
        compared.append(Comparison(b.label, name, *scores, change, verdict, p, row.by_seed, row.same, row.pair, more))
    return tuple(compared)


@dataclass(frozen=True, eq=False)
class _Measured:
    """What a matched configuration changed by in one metric, before it is read together with all others."""

    metric: str
    pair: tuple[Entry, Entry]
    change: Change
    by_seed: bool
    same: bool


def _more(row: _Measured, level: float) -> int | None:
    """The seeds besides those that there are, with which a change as large as the one seen gets a verdict at its level."""
    runs = min(entry.n for entry in row.pair)
    needed = row.change.needed(runs, level)
    return None if needed is None else needed - runs


def _measured(
    found: Matching, metric: str, pairs: Mapping[str, Pair], noises: tuple[Mapping[str, Noise], Mapping[str, Noise]], sign: int
) -> Iterator[_Measured]:
    changed, by_seed = changes(pairs, *means(found, metric, *noises), sign)
    for a, b in found.pairs:
        if b.id in pairs:
            yield _Measured(metric, (a, b), changed[b.id], b.id in by_seed, pairs[b.id].same)


def _weights(names: Sequence[str], metric: str) -> list[float]:
    """The share of the family's error that each test gets: half of it for those of the study's metric, half for all others."""
    first = sum(name == metric for name in names)
    rest = len(names) - first
    if not first or not rest:
        return [1 / len(names) for _ in names]
    return [MAIN / first if name == metric else (1 - MAIN) / rest for name in names]


def _verdict(change: Difference, direction: int, margin: float | None, p: float) -> str:
    """What the interval, which is at the level of Holm's verdicts, says of a difference."""
    if change.low is None or change.high is None:
        return UNTOLD
    if margin is not None and -margin <= change.low and change.high <= margin:
        return SAME
    if p >= FALSE or not change.told:
        return UNTOLD
    return BETTER if change.estimate * direction > 0 else WORSE


def together(name: str, pairs: Mapping[str, Pair], compared: Sequence[Comparison]) -> Overall:
    """All of the `pairs` in one metric."""
    change, known = overall(list(pairs.values()))
    verdicts = [comparison.verdict for comparison in compared]
    change = reach(name, pairs).difference(change)
    return Overall(name, len(verdicts), change, {verdict: verdicts.count(verdict) for verdict in VERDICTS}, known)
