"""The same configurations in two sweeps in, what their means differ by out. Knows runs by their seeds, and nothing else of ours.

Seeds are what makes this no plain t-test. A seed moves every configuration of a sweep alike: where both sweeps have the same
seeds, runs are held against each other seed by seed and that movement falls out; where they do not, it moves all differences
together, and neither the noise nor the mean over all configurations is known as well as the number of runs suggests.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import inf
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import fdtr
from sweepbook.analysis.stats.contrasts import Contrast, Difference, contrast
from sweepbook.analysis.stats.means import Mean, mean_of, t_quantile
from sweepbook.analysis.stats.moderated import Prior, prior
from sweepbook.analysis.stats.noise import FEW, Noise, noise

MOST = 1e100  # a ratio of standard deviations; that of larger ones has no square
Array: TypeAlias = npt.NDArray[np.float64]
Runs: TypeAlias = Mapping[Hashable, float]  # the values of one configuration by seed; a run without one by what else it is known by


@dataclass(frozen=True)
class Pair:
    """The runs of one configuration in two sweeps. `shared` are those that both have: the same run, or one that was repeated to
    the last digit. The `sampling` variances are those of `sweepbook.analysis.stats.means.mean_of`."""

    old: Runs
    new: Runs
    shared: Collection[Hashable] = frozenset()
    old_sampling: float | None = None
    new_sampling: float | None = None

    @property
    def same(self) -> bool:
        """Whether every run of one is one of the other, so that nothing was measured twice."""
        return len(self.shared) == len(self.old) == len(self.new)

    @property
    def by_seed(self) -> bool:
        """Whether both have the same seeds, two or more, and so a difference for each."""
        return len(self.old) > 1 and self.old.keys() == self.new.keys()

    @property
    def again(self) -> Runs:
        """The difference at each seed of both that was measured twice; that of a shared run is 0, and says nothing of the noise."""
        return {seed: self.new[seed] - y for seed, y in self.old.items() if seed in self.new and seed not in self.shared}

    @property
    def difference(self) -> float:
        """The new mean less the old one."""
        return 0.0 if self.same else mean_of(list(self.new.values()), None).value - mean_of(list(self.old.values()), None).value


@dataclass(frozen=True)
class Pool:
    """The `noise` of a run, the degrees of freedom that it is worth, which are fewer than counted where seeds move all runs alike,
    and how unlike the samples vary: None where there are too few to tell."""

    noise: Noise
    df: float
    spreads: tuple[tuple[float, int], ...] = ()

    @cached_property
    def prior(self) -> Prior | None:
        """Where the true variances of the samples come from."""
        return prior([variance for variance, _ in self.spreads], [df for _, df in self.spreads])

    def mean(self, key: str, runs: Runs, sampling: float | None = None, others: Runs | None = None) -> Mean:
        """The mean of `runs` with this noise, by as much as samples vary unlike with their own; `others` are runs of the same
        configuration that vary as these do."""
        found = mean_of(list(runs.values()), self.noise, key in self.noise.outlying, sampling)
        if found.outlying or found.variance is None:
            return found
        if self.prior is None:
            return replace(found, df=self.df)
        if self.prior.df == inf:
            return replace(found, df=self.df, own=None)
        base = mean_of([0.0], replace(self.noise, sd=self.prior.variance**0.5), sampling=sampling).variance or 0.0
        samples = [one for one in (runs, others) if one and len(one) > 1]
        df = sum(len(one) - 1 for one in samples)
        own = sum((mean_of(list(one.values()), None).own or 0.0) * (len(one) - 1) for one in samples) / max(df, 1)
        variance = max(Prior(base, self.prior.df).moderated(own, df), sampling or 0.0)
        return replace(found, variance=variance, df=min(self.prior.df + df, self.df), own=None)


def pool(found: Noise | None, samples: Mapping[str, Runs], names: Mapping[str, str] | None = None) -> Pool | None:
    """The noise of a sweep with the degrees of freedom that its `samples` leave it. `names` has another key for what is outlying,
    where the sweep calls it otherwise than the pairs do."""
    if found is None:
        return None
    out = frozenset((names or {}).get(key, key) for key in found.outlying)
    kept = [list(runs.values()) for key, runs in samples.items() if len(runs) > 1 and key not in found.outlying]
    spreads = tuple((mean_of(values, None).own or 0.0, len(values) - 1) for values in kept)
    return Pool(replace(found, outlying=out), found.df * worth(samples.values()), spreads)


def contrasts(pairs: Mapping[str, Pair], old: Pool | None, new: Pool | None) -> tuple[dict[str, Contrast], frozenset[str]]:
    """The new mean less the old one of each pair; and the pairs that were read seed by seed.

    Seed by seed they are where that leaves 10 degrees of freedom or more: the noise is then that of the differences of runs with
    the same seed, shared runs left out, pooled over the pairs. Else the means are independent but for the shared runs, each with
    the noise of its sweep: one pool of both unless they differ (F, 5%), and the known one where the other is not. Where nothing
    is known there is no error; where the runs are the same the difference is 0 for sure.
    """
    found = {key: Contrast(0.0, ((0.0, 1.0),), 0.0) for key, pair in pairs.items() if pair.same}
    rest = {key: pair for key, pair in pairs.items() if not pair.same}
    by_seed = {key: pair.again for key, pair in rest.items() if pair.by_seed}
    between = pool(noise({key: list(runs.values()) for key, runs in by_seed.items()}), by_seed)
    if between and between.noise.df >= FEW:
        found |= {key: contrast([between.mean(key, runs)], [len(runs) / len(pairs[key].old)]) for key, runs in by_seed.items()}
        rest = {key: pair for key, pair in rest.items() if key not in by_seed}
    first, second = _joined(old, new, any(pair.shared for pair in pairs.values()))
    found |= {key: _independent(key, pair, first, second) for key, pair in rest.items()}
    return {key: found[key] for key in pairs}, frozenset(by_seed.keys() - rest.keys())


def _joined(old: Pool | None, new: Pool | None, overlap: bool) -> tuple[Pool | None, Pool | None]:
    """The noise of the old means and of the new ones: of both sweeps together, unless they differ. Two that share runs have no
    more degrees of freedom than the larger one.

    The variances count by the degrees of freedom of their runs, not by what those are worth: where a few seeds move all runs, the
    sweep whose seeds moved them little by luck has both the small variance and the many degrees of freedom.
    """
    if old is None or new is None:
        return (old or new,) * 2
    counts = old.noise.df, new.noise.df
    if overlap:
        df = max(old, new, key=lambda one: (one.noise.df, -one.df)).df
    else:
        below = float(fdtr(old.df, new.df, min(old.noise.sd / new.noise.sd, MOST) ** 2))
        if 2 * min(below, 1 - below) <= 0.05:
            return old, new
        df = sum(counts) ** 2 / (counts[0] ** 2 / old.df + counts[1] ** 2 / new.df)
    shares = [count / sum(counts) for count in counts]
    sd = (shares[0] * old.noise.sd**2 + shares[1] * new.noise.sd**2) ** 0.5
    sampling = shares[0] * old.noise.sampling + shares[1] * new.noise.sampling
    both = Pool(
        replace(old.noise, sd=sd, sampling=sampling, outlying=old.noise.outlying | new.noise.outlying),
        df,
        old.spreads + new.spreads,
    )
    return both, both


def _independent(key: str, pair: Pair, old: Pool | None, new: Pool | None) -> Contrast:
    """The difference of two means that have no more in common than their shared runs."""
    if old is None or new is None:
        return Contrast(pair.difference, (), (1 / len(pair.old) + 1 / len(pair.new)) ** 0.5)
    alike = old is new and not pair.shared  # runs of both sides tell how the configuration varies
    means = (
        old.mean(key, pair.old, pair.old_sampling, pair.new if alike else None),
        new.mean(key, pair.new, pair.new_sampling, pair.old if alike else None),
    )
    found = contrast(means, [-1, 1])
    if not pair.shared:
        return found
    both = len(pair.shared) / len(pair.old) / len(pair.new)  # what the two means have in common falls out of their difference
    common = 2 * both * min(mean.variance or 0.0 for mean in means)
    return replace(found, errors=tuple((max(error**2 - common, 0.0) ** 0.5, df) for error, df in found.errors))


def worth(samples: Iterable[Runs]) -> float:
    """The share of the degrees of freedom of a pooled variance that is left where the same seeds move all samples alike.

    The squares are split into those of the seeds' means over the samples and the rest, and weighed as Satterthwaite (1946) does;
    1 where a seed moves nothing, about 1 over the number of samples where it moves all of them by the same.

    >>> worth([{0: 1.0, 1: 3.0, 2: 2.0}, {0: 5.0, 1: 7.0, 2: 6.0}])
    0.5
    """
    kept = [runs for runs in samples if len(runs) > 1]
    away: dict[Hashable, list[float]] = {}
    for runs in kept:
        middle = sum(runs.values()) / len(runs)
        for seed, y in runs.items():
            away.setdefault(seed, []).append(y - middle)
    df = sum(len(runs) - 1 for runs in kept)
    common = {seed: values for seed, values in away.items() if len(values) > 1}
    total = sum(a * a for values in away.values() for a in values)
    if len(common) < 2 or not total > 0:
        return 1.0
    moved = sum(sum(values) ** 2 / len(values) for values in common.values())
    first, second = len(common) - 1, df - len(common) + 1
    left = max(total - moved, 0.0)
    if second < 1:
        return 1.0
    return min(1.0, 1 / ((moved / total) ** 2 / first + (left / total) ** 2 / second) / df)


def overall(pairs: Sequence[Pair]) -> tuple[Difference, bool]:
    """The mean of all differences with its 95% interval, and whether that holds for other seeds too.

    A t-test of the differences alone takes each for one more witness; where all rest on the same seeds, their common luck is in
    every one. So configurations and seeds are both taken as drawn: the squared standard error is that of the mean over the
    configurations plus that over the seeds, less what both contain (Cornfield and Tukey 1956, Annals of Mathematical
    Statistics 27). The interval is at least as wide as the t interval over the configurations and as that over the seeds: two
    seeds that happen to agree say little of their luck. Where all runs have one seed its luck is not known: the interval is
    then over the configurations alone. None where there is one difference.
    """
    differences = np.array([pair.difference for pair in pairs])
    k, middle = len(differences), float(differences.mean())
    if all(pair.same for pair in pairs):
        return Difference(0.0, 0.0, 0.0), True
    if k < 2:
        return Difference(middle, None, None), False
    over_configs = float(differences.var(ddof=1)) / k
    known, over_seeds, seed_df, both = _over_seeds(pairs)
    parts = [(over_configs, float(k - 1)), *([(over_seeds, seed_df)] if over_seeds else [])]
    if over_seeds and over_configs + over_seeds - both > max(over_configs, over_seeds):
        df = 1 / sum((part / (over_configs + over_seeds)) ** 2 / own for part, own in parts)
        parts.append((over_configs + over_seeds - both, df))
    half = max(t_quantile(own, 0.975) * part**0.5 for part, own in parts)
    if not half > 0:  # nothing varies, so that nothing shows how far luck goes
        return Difference(middle, None, None), False
    return Difference(middle, middle - half, middle + half), known


def _over_seeds(pairs: Sequence[Pair]) -> tuple[bool, float, float, float]:
    """Whether the seeds' luck is known, the squared standard error of the mean over the seeds with its degrees of freedom, and how
    much of it is no movement of all configurations alike. Nothing moves alike where runs have no seed in common."""
    if all(pair.by_seed for pair in pairs):
        sides: list[list[Runs]] = [[{seed: pair.new[seed] - y for seed, y in pair.old.items()} for pair in pairs]]
    else:
        sides = [[pair.old for pair in pairs], [pair.new for pair in pairs]]
    tables = [found for runs in sides if (found := _table(runs)) is not None]
    some = any(_table(runs) is None and len(set().union(*runs)) < sum(map(len, runs)) for runs in sides)
    if some or any(table.shape[1] < 2 for table in tables):
        return False, 0.0, 1.0, 0.0
    squares, dfs, both = [], [], 0.0
    for table in tables:
        k, n = table.shape
        left = table - table.mean(0) - table.mean(1, keepdims=True) + table.mean()
        squares.append(float(table.mean(0).var(ddof=1)) / n)
        dfs.append(n - 1)
        both += float((left**2).sum()) / (k - 1) / (n - 1) / (k * n)
    total = sum(squares)
    df = 1 / sum((square / total) ** 2 / df for square, df in zip(squares, dfs, strict=True)) if total > 0 else 1.0
    return True, total, df, both


def _table(samples: Sequence[Runs]) -> Array | None:
    """The values [configurations, seeds] at the seeds that all `samples` have; None where there is none."""
    common = set(samples[0]).intersection(*samples[1:])
    return np.array([[runs[seed] for seed in sorted(common, key=str)] for runs in samples]) if common else None
