"""A ranking with its first tier in, the configuration to take out, what it gives away against the best mean, and how far the best
score is luck."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from sweepbook.analysis.groups.span import span
from sweepbook.analysis.groups.summaries import Summary
from sweepbook.analysis.stats.several import expected_maximum, shrunken

LOOSE = 4.0  # times the usual width of an interval in the first tier: a wider one says nothing of a rank
NEAR = 1.5  # standard errors of a difference: further behind, a mean is no match for the best, whatever it costs


@dataclass(frozen=True)
class Choice:
    """The `recommended` configuration, the cheapest of those that are as good as `best` for all that noise shows. `best` has the
    best mean of the first tier's configurations with `runs` runs or more, the usual number; `gives_away` is how far the recommended
    one's mean is worse than that, 0 at least. `far` are those of the first tier that cost less, but lie too far behind."""

    recommended: Summary
    best: Summary
    runs: int
    gives_away: float
    far: tuple[Summary, ...]


def choice(ranking: Sequence[Summary], first: Sequence[Summary], metric: str, sign: int) -> Choice | None:
    """The choice from the `first` tier of a `ranking`, the best mean first in both; `sign` is 1 where higher is better, else -1.

    As good as the best for all that noise shows are those of the tier with the usual number of runs (or more; where the tier has
    none, the most that it has) whose mean lies within 1.5 standard errors of the difference, by the smaller of the two
    variances, and whose best run is not worse than the worst run of the best. So neither one lucky seed nor a wide scatter
    recommends anything. Where the noise is not known that is the best mean alone. None where nothing has finished.
    """
    if not first:
        return None
    runs = min(usual_n(ranking), max(s.n for s in first))
    enough = [s for s in first if s.n >= runs]
    best = enough[0]
    if best.means[metric].variance is None:
        return Choice(best, best, runs, 0.0, ())
    near = [s for s in enough if s is best or _is_near(s, best, metric, sign)]
    ids = {s.id for s in near}
    recommended = min(near, key=_cost)  # of equal ones the first, which has the best mean
    gives_away = max(0.0, sign * (best.means[metric].value - recommended.means[metric].value))
    far = tuple(s for s in enough if s.id not in ids and _cost(s) < _cost(recommended))
    return Choice(recommended, best, runs, gives_away, far)


def unranked(summaries: Collection[Summary], tiers: Mapping[str, int], metric: str) -> frozenset[str]:
    """The ids of those of the first tier that only their own scatter keeps there: their interval is over four times as wide as the
    tier's median one. They may be the best or far from it; nothing tells."""
    widths = {}
    for s in summaries:
        if tiers.get(s.id) != 1:
            continue
        mean = s.intervals[metric]
        if mean.low is not None and mean.high is not None:
            widths[s.id] = mean.high - mean.low
    usual = median(widths.values()) if widths else 0.0
    apart = {s.id for s in summaries if s.n == 1 or len(set(s.runs[metric])) > 1}
    return frozenset(key for key, width in widths.items() if width > LOOSE * usual and key in apart)


def usual_n(ranking: Sequence[Summary]) -> int:
    """The number of runs that most configurations have, the larger one of a tie; 0 where none has finished."""
    counts = Counter(s.n for s in ranking)
    return max(counts, key=lambda n: (counts[n], n), default=0)


def _is_near(s: Summary, best: Summary, metric: str, sign: int) -> bool:
    """Whether noise lets `s` stand beside the best: by the means, and by a run of it that reaches those of the best."""
    own, top = s.means[metric], best.means[metric]
    variance = min(own.variance or 0.0, top.variance or 0.0)
    error = (variance * (own.share + top.share)) ** 0.5
    reaches = max(sign * run for run in s.runs[metric]) >= min(sign * run for run in best.runs[metric])
    return reaches and sign * (top.value - own.value) <= NEAR * error


def _cost(s: Summary) -> tuple[float, ...]:
    """The parameters, then the examples seen; what is not known counts as most. Time has no say: it hangs on what else the machine
    did."""
    return tuple(float("inf") if count is None else count for count in (s.parameters, s.examples_seen))


@dataclass(frozen=True)
class Luck:
    """`size` is how far the best of `among` equal configurations stands from their mean by luck alone (their expected maximum),
    `raw` the best mean of the tier, and `shrunken` that mean drawn towards the tier's by as much as noise explains."""

    among: int
    size: float
    raw: float
    shrunken: float


def luck(first: Sequence[Summary], metric: str) -> Luck | None:
    """That of the best of the `first` tier, which comes first. Configurations that scatter further than the pool have no part in
    it; None where fewer than two are left, or the noise is not known."""
    means = [mean for s in first if not (mean := s.means[metric]).outlying]
    errors = [mean.variance / mean.n for mean in means if mean.variance is not None]
    if len(means) < 2 or len(errors) < len(means) or first[0].means[metric].outlying:
        return None
    size = expected_maximum(len(means)) * (sum(errors) / len(errors)) ** 0.5
    size = min(size, span(metric, (value for s in first for value in s.runs[metric])).width)
    return Luck(len(means), size, means[0].value, shrunken([mean.value for mean in means], errors)[0])
