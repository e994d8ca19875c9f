"""Runs by configuration and seed in, what each seed does to all configurations alike out: seeds as blocks.

y = the configuration's mean + the seed's effect + the rest. Least squares, each configuration weighed by how little it varies.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import fdtri

Array = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
MOST = 500  # shared seeds; where there are more, runs count as independent
SINGULAR = 1e-9  # of the largest eigenvalue, below which one is that of no information
ROUNDING = 1e-12  # of a value, by which runs that give the same may differ: a gap is a difference of two losses


@dataclass(frozen=True, eq=False)
class Seeds:
    """What seeds do: the effect of each, the standard deviation `sd` of effects (s_s, the effects' own error taken off) on `df`
    degrees of freedom, and the `scatter` of the effects as they are. `share` of the noise of a run is the seed's, with its 95%
    interval `low` to `high`; `f` is the F statistic of the effects against the rest."""

    effects: Mapping[Hashable, float]
    sd: float
    df: int
    scatter: float
    f: float
    share: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Blocks:
    """The runs that tell seeds and configurations apart: those at `seeds` that another configuration has too. `there` [k, S] says
    which configuration has which seed, `away` [k, S] how far each run lies from its configuration's mean over them (0 where there
    is none), `n` [k] counts them, `rounding` [k] is what they may differ by for no reason, and `parts` is the number of sets of
    configurations that no seed joins."""

    seeds: tuple[Hashable, ...]
    there: Array
    away: Array
    n: Array
    rounding: Array
    parts: int

    @property
    def df(self) -> int:
        """The degrees of freedom that configurations and seeds leave."""
        used = self.n[self.n > 0]
        return int(used.sum()) - len(used) - (len(self.seeds) - self.parts)

    def fit(self, weights: Array, mu: Array) -> "Fit":
        """The seeds' effects with these `weights` [k], which add up to 1 and are 0 for a configuration that has no say; `mu` [k] is
        what each is taken to vary by."""
        there, n = self.there, np.maximum(self.n, 1)
        normal = np.diag(weights @ there) - (there.T * (weights / n)) @ there
        inverse = _pseudo_inverse(normal)
        effects = inverse @ (weights @ self.away)
        squared = weights * weights * mu
        spread = inverse @ (np.diag(squared @ there) - (there.T * (squared / n)) @ there) @ inverse
        left = self.away - there * (effects - ((there @ effects) / n)[:, None])
        left[np.abs(left).max(1) <= self.rounding + ROUNDING * np.abs(effects).max()] = 0.0
        taken = 2 * weights * self._trace(inverse) - self._trace(spread) / mu
        return Fit(effects, (left**2).sum(1), self.n - 1 - taken, float(np.trace(spread)))

    def _trace(self, matrix: Array) -> Array:
        """The trace of (diag(m) - m m' / n) times the `matrix`, for the row m of each configuration."""
        there: Array = self.there
        return np.asarray(there @ np.diag(matrix) - ((there @ matrix) * there).sum(1) / np.maximum(self.n, 1))

    def described(self, fit: "Fit", rest: float, error: float) -> Seeds:
        """The effects of `fit` beside the variance of a run that the seed does not explain, `rest`, as F and the share have it:
        there the sum of the effects' squared errors is `error`."""
        df, df_left = len(self.seeds) - self.parts, self.df
        squares = float((fit.effects**2).sum())
        sd, scatter, error = max(0.0, squares - fit.error) ** 0.5 / df**0.5, (squares / df) ** 0.5, error / df
        f = squares / df / error if error > 0 else np.inf
        shares = []
        for by in (1.0, float(fdtri(df, df_left, 0.975)), float(fdtri(df, df_left, 0.025))):
            variance = max(0.0, f / by - 1) * error
            shares.append(variance / (variance + rest) if variance + rest > 0 else 0.0)
        return Seeds(dict(zip(self.seeds, fit.effects.tolist(), strict=True)), sd, df, scatter, float(f), *shares)


@dataclass(frozen=True, eq=False)
class Fit:
    """The `effects` [S] of the seeds, the `squares` [k] that they leave of each configuration, on so many degrees of freedom
    `df` [k], and the sum of the effects' own errors, squared (`error`)."""

    effects: Array
    squares: Array
    df: Array
    error: float


def _pseudo_inverse(matrix: Array) -> Array:
    """That of a symmetric matrix, as numpy's pinv gives it, in half the time: that is made for stacks of matrices."""
    values, vectors = np.linalg.eigh(matrix)
    order = np.argsort(np.abs(values))[::-1]
    values, vectors = values[order], np.take(vectors, order, axis=1)
    sizes = np.abs(values)
    large = sizes > SINGULAR * sizes[0]
    over = np.divide(1.0, sizes, where=large, out=np.zeros_like(sizes))
    return np.asarray((vectors * np.sign(values)) @ (over[:, None] * vectors.T), float)


def blocks(samples: Sequence[Mapping[Hashable, float]]) -> Blocks | None:
    """The blocks of `samples`, each a configuration's runs by seed. None where no two seeds are shared, or too many are."""
    has = _telling(samples)
    if not 1 < len(has) <= MOST:
        return None
    seeds = tuple(sorted(has, key=lambda seed: (str(type(seed)), seed)))
    there, away = np.zeros((len(samples), len(seeds))), np.zeros((len(samples), len(seeds)))
    for place, seed in enumerate(seeds):
        rows = sorted(has[seed])
        there[rows, place] = 1
        away[rows, place] = [samples[i][seed] for i in rows]
    n = there.sum(1)
    first = away[np.arange(len(samples)), there.argmax(1)]
    away = there * (away - first[:, None])  # from one of its runs on, so that equal runs differ by exactly nothing
    away -= there * (away.sum(1) / np.maximum(n, 1))[:, None]
    rounding = np.array([ROUNDING * max(map(abs, runs.values()), default=0.0) for runs in samples])
    away[np.ptp(away, axis=1) <= rounding] = 0.0
    return Blocks(seeds, there, away, n, rounding, _parts(there))


def _telling(samples: Sequence[Mapping[Hashable, float]]) -> dict[Hashable, set[int]]:
    """The places of the configurations that have each seed, without what says nothing of the others: a seed that one configuration
    has, and a configuration with one seed. What goes may leave another alone, which then goes too."""
    has: dict[Hashable, set[int]] = {}
    for i, runs in enumerate(samples):
        for seed in runs:
            has.setdefault(seed, set()).add(i)
    count = [len(runs) for runs in samples]
    loose = [seed for seed, rows in has.items() if len(rows) < 2]
    alone = [i for i, n in enumerate(count) if n == 1]
    while loose or alone:
        for seed in loose:
            for i in has.pop(seed, ()):
                count[i] -= 1
                alone += [i] * (count[i] == 1)
        loose = []
        for i in alone:
            for seed in samples[i]:
                if i in has.get(seed, ()):
                    has[seed].discard(i)
                    loose += [seed] * (len(has[seed]) == 1)
        alone = []
    return {seed: rows for seed, rows in has.items() if rows}


def _parts(there: Array) -> int:
    """The number of sets of seeds that no configuration joins."""
    joined = (there.T @ there) > 0
    left, parts = set(range(len(joined))), 0
    while left:
        reached, open_ = set(), {left.pop()}
        while open_:
            reached |= open_
            open_ = {int(j) for i in open_ for j in np.flatnonzero(joined[i])} - reached
        left -= reached
        parts += 1
    return parts
