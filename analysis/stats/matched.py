"""The same configurations in two sweeps in, what their means differ by out. Knows runs by their seeds, and nothing else of ours.

Seeds are what makes this no plain t-test. A seed moves every configuration of a sweep alike: where both sweeps have the same
seeds, runs are held against each other seed by seed and that movement falls out; where they do not, it moves all differences
together, and neither a difference nor the mean over all of them is known as well as the number of runs suggests.
"""

from collections import Counter
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import hypot

import numpy as np
from scipy.special import fdtr, ndtri
from sweepbook.analysis.stats.contrasts import Difference, satterthwaite, tail
from sweepbook.analysis.stats.means import Mean, mean_of, t_quantile
from sweepbook.analysis.stats.noise import FEW, Runs, borrowed, noise
from sweepbook.analysis.stats.power import seeds_needed
from sweepbook.analysis.stats.seeds import blocks


@dataclass(frozen=True)
class Pair:
    """The runs of one configuration in two sweeps, by seed; a run without one by what else it is known by. `shared` are those that
    both have: the same run, or one that was repeated to the last digit."""

    old: Runs
    new: Runs
    shared: Collection[Hashable] = frozenset()

    @property
    def same(self) -> bool:
        """Whether every run of one is one of the other, so that nothing was measured twice."""
        return len(self.shared) == len(self.old) == len(self.new)

    @property
    def by_seed(self) -> bool:
        """Whether both have the same seeds, two or more, and so a difference for each."""
        return len(self.old) > 1 and self.old.keys() == self.new.keys()

    @property
    def differences(self) -> Runs:
        """The new value less the old one at each seed of both."""
        return {seed: self.new[seed] - y for seed, y in self.old.items() if seed in self.new}

    @property
    def again(self) -> Runs:
        """The difference at each seed of both that was measured twice; that of a shared run is 0, and says nothing of the noise."""
        return {seed: d for seed, d in self.differences.items() if seed not in self.shared}

    @property
    def difference(self) -> float:
        """The new mean less the old one."""
        return 0.0 if self.same else mean_of(self.new).value - mean_of(self.old).value

    @property
    def score(self) -> float:
        """The mean of both means."""
        return (mean_of(self.old).value + mean_of(self.new).value) / 2


@dataclass(frozen=True)
class Change:
    """The new mean of a configuration less the old one. `error` is the standard error that its own runs leave (None: not known) on
    `df` degrees of freedom, `luck` how far the luck of the seeds may move it (95%), which moves all configurations alike.

    A family of tests pays for each of the first and once for the second: half the width of an interval is √((t · error)² + luck²),
    t being at the level of the test, `luck` at its own.

    >>> found = Change(3.0, 1.0, 20, 1.0).interval()
    >>> round(found.low, 3), round(found.high, 3)
    (0.687, 5.313)
    """

    estimate: float
    error: float | None
    df: float
    luck: float = 0.0

    def interval(self, level: float = 0.95) -> Difference:
        """The change with its two-sided interval; without one where the noise is not known."""
        if self.error is None:
            return Difference(self.estimate, None, None)
        half = hypot(t_quantile(self.df, (1 + level) / 2) * self.error, self.luck)
        return Difference(self.estimate, self.estimate - half, self.estimate + half)

    def p(self) -> float:
        """The two-sided p of no change: 1 less the level from which on the interval leaves out 0. 1 where nothing is known."""
        far = abs(self.estimate)
        if self.error is None or far <= self.luck:
            return 1.0
        return 2 * tail(((far - self.luck) * (far + self.luck)) ** 0.5, self.error, self.df)

    def needed(self, runs: int, level: float = 0.95, power: float = 0.8) -> int | None:
        """How many runs it takes in place of so many `runs` behind each mean, until such a change lies beyond its own interval with
        that `power`; None where that is more than 1,000, or not known. The errors are taken to fall as those of means do.

        >>> Change(3.0, 1.0, 20, 1.0).needed(4), Change(1.0, 1.0, 20, 1.0).needed(4), Change(1.0, None, 0.0).needed(4)
        (5, 35, None)
        """
        if self.error is None or not self.estimate or (self.luck and runs < 2):
            return None
        error, far = self.error, float(ndtri(power))

        def enough(n: int) -> bool:
            fewer = (runs / n) ** 0.5
            own = error * fewer * borrowed(n) / borrowed(runs)
            seeds = t_quantile(n - 1, 0.975) / t_quantile(runs - 1, 0.975) * fewer if self.luck and n > 1 else 1.0
            half = hypot(t_quantile(max(self.df + n - runs, 1.0), (1 + level) / 2) * own, self.luck * seeds)
            return bool(half + far * own <= abs(self.estimate))

        return seeds_needed(lambda n: n > runs and enough(n))


def changes(
    pairs: Mapping[str, Pair], old: Mapping[str, Mean], new: Mapping[str, Mean], sign: int = 1
) -> tuple[dict[str, Change], frozenset[str]]:
    """What changed in each of the pairs; and the pairs that were read seed by seed. `old` and `new` have the means of the pairs
    with the noise of their sweeps; `sign` is 1 where higher is better, else -1.

    Seed by seed they are where that leaves 10 degrees of freedom or more: the differences of runs with the same seed, shared runs
    left out, are then as the runs of one sweep, with a noise of their own: the seed moves all of them alike, and each
    configuration varies much as those of like score. What is left of a difference once that is taken off has its own spread where
    it is told to be smaller than that of two unrelated runs; else the spreads of both sweeps tell more. Without common seeds the
    means are independent but for the shared runs. Where nothing is known there is no error; where the runs are the same the
    difference is 0 for sure.
    """
    different = {key: pair for key, pair in pairs.items() if not pair.same}
    again = {key: runs for key, pair in different.items() if pair.by_seed and (runs := pair.again)}
    between = noise(again, sign, scores={key: pairs[key].score for key in again})
    by_seed = frozenset(again) if between and between.df >= FEW else frozenset[str]()
    differences = {key: mean_of(runs, between, key) for key, runs in again.items()}
    related = bool(by_seed) and _related([(differences[key], old[key], new[key]) for key in again])

    def of(key: str, pair: Pair) -> Change:
        if pair.same:
            return Change(0.0, 0.0, 1.0)
        if key not in by_seed:
            return _independent(pair, old[key], new[key])
        paired = _by_seed(differences[key], len(again[key]) / len(pair.old))
        return paired if related else replace(_independent(pair, old[key], new[key]), luck=paired.luck)

    return {key: of(key, pair) for key, pair in pairs.items()}, by_seed


def _related(trios: Sequence[tuple[Mean, Mean, Mean]]) -> bool:
    """Whether runs of both sweeps with the same configuration and seed go together beyond what the seed does to all: the variances
    of differences are told to be smaller than the sum of those of the old and the new runs (F, 5%). So it is taken to be, too,
    where the seeds' part cannot be told from the rest."""
    if any(mean.seeds is None or mean.variance is None for trio in trios for mean in trio):
        return True
    apart, before, after = (sum(sorted(mean.variance or 0.0 for mean in means)) for means in zip(*trios, strict=True))
    difference, old, new = (mean.known.df_error for mean in trios[0])
    return float(fdtr(difference, old + new, apart / (before + after))) < 0.05


def _by_seed(mean: Mean, share: float) -> Change:
    """The mean of the differences at each seed, which so large a `share` of the runs has; the others did not change."""
    luck = share * t_quantile(mean.seeds.df, 0.975) * mean.seeds.scatter / mean.n**0.5 if mean.seeds else 0.0
    return Change(share * mean.value, share * (mean.error or 0.0) ** 0.5, mean.df, luck)


def _independent(pair: Pair, old: Mean, new: Mean) -> Change:
    """The difference of two means that have no more in common than their shared runs. SE² is the sum of both; each has the luck of
    its seeds."""
    if old.error is None or new.error is None:
        return Change(pair.difference, None, 0.0)
    both = len(pair.shared) / len(pair.old) / len(pair.new)  # of what the two means have in common, half is taken off each
    least = both * min(old.variance or 0.0, new.variance or 0.0)
    error, df = satterthwaite(sorted((max((mean.error or 0.0) - least, 0.0), mean.df) for mean in (old, new)))
    moved = [(seeds.scatter**2, 1 / mean.n, float(seeds.df)) for mean in (old, new) if (seeds := mean.seeds)]
    alike = both * min(variance for variance, _, _ in moved) if len(moved) > 1 else 0.0
    parts = sorted((max(variance * weight - alike, 0.0), seed_df) for variance, weight, seed_df in moved)
    seen, seed_df = satterthwaite(parts) if parts else (0.0, 1.0)
    return Change(pair.difference, error, df, t_quantile(seed_df, 0.975) * seen)


def overall(pairs: Sequence[Pair]) -> tuple[Difference, bool]:
    """The mean of all differences with its 95% interval, and whether that holds for other seeds too.

    A t-test of the differences alone takes each for one more witness; where all rest on the same seeds, their common luck is in
    every one. So configurations and seeds are both taken as drawn: the squared standard error is that of the mean over the
    configurations plus the luck of the seeds (Cornfield and Tukey 1956, Annals of Mathematical Statistics 27), which their fitted
    effects tell, whichever runs are there. The interval is at least as wide as the t interval over the configurations and as that
    over the seeds: two seeds that happen to agree say little of their luck. Where all runs have one seed its luck is not known:
    the interval is then over the configurations alone. None where there is one difference.
    """
    differences = np.array([pair.difference for pair in pairs])
    k, middle = len(differences), float(differences.mean())
    if all(pair.same for pair in pairs):
        return Difference(0.0, 0.0, 0.0), True
    if k < 2:
        return Difference(middle, None, None), False
    over_configs = float(differences.var(ddof=1)) / k, float(k - 1)
    luck = _luck(pairs)
    known = all(one.effects is not None for one in luck)
    moved = [(one.weight * one.effects.variance, one.effects.df) for one in luck if one.effects] if known else []
    seen = [(one.weight * one.effects.scatter, one.effects.df) for one in luck if one.effects] if known else []
    parts = [[over_configs], *([seen, [over_configs, *moved]] if seen else [])]
    half = max(t_quantile(df, 0.975) * error for error, df in map(satterthwaite, parts))
    if not half > 0:  # nothing varies, so that nothing shows how far luck goes
        return Difference(middle, None, None), False
    return Difference(middle, middle - half, middle + half), known


@dataclass(frozen=True)
class _Effects:
    """What seeds do to all configurations alike: the variance of the fitted effects as they are (`scatter`), and with their own
    error taken off, on `df` degrees of freedom."""

    scatter: float
    variance: float
    df: float


@dataclass(frozen=True)
class _Luck:
    """Σ w², w being what the mean of all differences weighs a seed with, and the effects of such seeds; None: not known."""

    weight: float
    effects: _Effects | None


def _luck(pairs: Sequence[Pair]) -> list[_Luck]:
    """The parts of the luck that is in the mean of all differences: that of the seeds of both sweeps, by the differences at each,
    and what is left of that of each sweep. None of it where runs have no seed in common."""
    old, new = _weights([pair.old for pair in pairs]), _weights([pair.new for pair in pairs])
    between = _effects([pair.differences for pair in pairs])
    both = {seed: min(w, new[seed]) for seed, w in old.items() if seed in new} if between else {}
    parts = [(both, between)]
    for weights, runs in ((old, [pair.old for pair in pairs]), (new, [pair.new for pair in pairs])):
        rest = {seed: w - both.get(seed, 0.0) for seed, w in weights.items()}
        parts.append((rest, _effects(runs)))
    sums = [(sum(sorted(w * w for w in weights.values() if w > 1e-12)), effects) for weights, effects in parts]
    return [_Luck(weight, effects) for weight, effects in sums if weight > 0]


def _weights(samples: Sequence[Runs]) -> dict[Hashable, float]:
    """What the mean over all samples weighs each seed with, of those that several have."""
    counts = Counter(seed for runs in samples for seed in runs)
    weights: dict[Hashable, list[float]] = {}
    for runs in samples:
        for seed in runs:
            weights.setdefault(seed, []).append(1 / len(runs) / len(samples))
    return {seed: sum(sorted(own)) for seed, own in weights.items() if counts[seed] > 1}


def _effects(samples: Sequence[Runs]) -> _Effects | None:
    """What seeds do to all `samples` alike, each weighed the same; None where they do not tell."""
    known = blocks(samples)
    if known is None:
        return None
    several = (known.n > 0).astype(float)
    fit = known.fit(several / several.sum(), np.ones(len(several)))
    df = len(known.seeds) - known.parts
    scatter = float((fit.effects**2).sum()) / df
    error = fit.error / df * float(fit.squares.sum()) / known.df
    return _Effects(scatter, max(scatter - error, 0.0), float(df))
