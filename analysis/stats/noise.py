"""The values of replicates in, the noise between them out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtri, fdtrc, stdtrit
from sweepbook.analysis.stats.grids import additive

FEW = 10  # degrees of freedom below which the residual of a grid may help out
WILD = 0.001  # how seldom a sample like all others is taken for outlying; at 0.01 verdicts were false in 5.3% of studies
SMALLEST = 1e-280  # a sum of squares that counts: a float holds smaller ones with few digits, or none
ROUNDING = 1e-12  # of a value, by which runs that give the same may differ: a gap is a difference of two losses


@dataclass(frozen=True)
class Spread:
    """A standard deviation, its 95% interval, and the degrees of freedom that it rests on."""

    sd: float
    low: float
    high: float
    df: int


@dataclass(frozen=True)
class Residual:
    """What the additive fit of a grid of single runs leaves over. `p` is that of the two-sided F test of its variance against
    the replicates' (1 where there is none to test against); `joined` says whether it was pooled with them."""

    grid: str
    spread: Spread
    p: float
    joined: bool


@dataclass(frozen=True)
class Noise(Spread):
    """The standard deviation between runs of one configuration.

    `outlying` are the keys of the samples that vary far more than the rest and are left out; `replicates` is the spread of the
    replicates alone, `residual` what a grid added or was refused. `sampling` is the part of the variance that scoring only so
    many examples explains: the mean p(1 - p)/n of the replicated configurations, 0 for what is no proportion.
    """

    outlying: frozenset[str]
    replicates: Spread
    residual: Residual | None
    sampling: float

    def ruler(self, n: int) -> float:
        """The difference from which on two means of `n` runs each are told apart: t(df, 0.975) · sd · κ(n) · √(2 / n)."""
        return float(stdtrit(self.df, 0.975)) * self.sd * borrowed(n) * float(np.sqrt(2 / n))


def borrowed(n: int) -> float:
    """What a mean of `n` runs pays for taking its noise from other configurations: κ = 1.5, 1.25, 1 for 1, 2, 3 or more."""
    return {1: 1.5, 2: 1.25}.get(n, 1.0)


def spread(squares: float, df: int, level: float = 0.95) -> Spread:
    """The standard deviation of a sum of `squares` on `df` degrees of freedom, with its χ² interval.

    >>> found = spread(4.0, 2)
    >>> round(found.sd, 4), round(found.low, 4), round(found.high, 4)
    (1.4142, 0.7363, 8.888)
    """
    tail = (1 - level) / 2
    low, high = (float(np.sqrt(squares / chdtri(df, upper))) for upper in (tail, 1 - tail))
    return Spread(float(np.sqrt(squares / df)), low, high, df)


def noise(
    samples: Mapping[str, Sequence[float]],
    sampling: Mapping[str, float | None] | None = None,
    grids: Mapping[str, npt.NDArray[np.float64]] | None = None,
) -> Noise | None:
    """The pooled standard deviation of `samples`, s² = ΣΣ(y - ȳ_i)² / Σ(n_i - 1). None where no sample has two values, or none
    varies.

    A sample whose variance is outlying is left out, one after the other, as long as the largest is larger than the pool of
    the rest at 0.1% over all of them (the test of Cochran 1941, Annals of Eugenics 11, in its form for unequal n).

    `sampling` has p(1 - p)/n of each sample, where it is a proportion and that is known. `grids` are full two-factor tables of
    single runs: with fewer than 10 degrees of freedom the residual of the widest one's additive fit joins, unless it differs
    (F, p ≤ 0.05).

    >>> found = noise({"a": [1.0, 3.0], "b": [2.0, 4.0], "c": [5.0]})
    >>> round(found.sd, 4), found.df, sorted(found.outlying)
    (1.4142, 2, [])
    """
    arrays = {key: np.sort(np.asarray(y, float)) for key, y in samples.items() if len(y) > 1}
    squares = {key: _squares(y) for key, y in arrays.items()}
    dfs = {key: len(y) - 1 for key, y in arrays.items()}
    pool = sorted(arrays, key=lambda key: (squares[key] / dfs[key], key))
    out: set[str] = set()
    total, df = sum(squares.values()), sum(dfs.values())
    while len(pool) > 2:
        last = pool[-1]
        rest = (total - squares[last]) / (df - dfs[last])
        if not rest > 0 or fdtrc(dfs[last], df - dfs[last], squares[last] / dfs[last] / rest) * len(pool) > WILD:
            break
        out.add(pool.pop())
        total, df = total - squares[last], df - dfs[last]
    total = float(np.sum(np.sort([squares[key] for key in pool])))  # in one order whatever that of the samples
    if not df or not total > 0:
        return None
    alone = spread(total, df)
    extra = _residual(total, df, grids or {}) if df < FEW else None
    both = spread(total + extra.spread.sd**2 * extra.spread.df, df + extra.spread.df) if extra and extra.joined else alone
    known = sorted(own for key in pool if (own := (sampling or {}).get(key)) is not None)
    return Noise(both.sd, both.low, both.high, both.df, frozenset(out), alone, extra, float(np.mean(known)) if known else 0.0)


def _squares(y: npt.NDArray[np.float64]) -> float:
    """Σ(y - ȳ)² of ascending values; 0 where they differ by no more than rounding, as the difference to a rounded mean does not."""
    away = y - y[0]
    if away[-1] <= ROUNDING * max(abs(y[0]), abs(y[-1])):
        return 0.0
    return held(float(((away - away.mean()) ** 2).sum()))


def held(squares: float) -> float:
    """A sum of `squares`, as far as a float has the digits for it."""
    return squares if squares > SMALLEST else 0.0


def _residual(squares: float, df: int, grids: Mapping[str, npt.NDArray[np.float64]]) -> Residual | None:
    """What the largest grid's additive fit leaves over, and whether it may join the pool of the replicates."""
    name = max(grids, key=lambda key: (grids[key].size, key), default=None)
    if name is None:
        return None
    fit = additive(grids[name])
    left = held(float((fit.residuals**2).sum()))
    if not fit.df or not left > 0:
        return None
    found, ratio = spread(left, fit.df), left / fit.df / (squares / df)
    upper = float(fdtrc(fit.df, df, ratio))
    p = 2 * min(upper, 1 - upper)
    return Residual(name, found, p, p > 0.05)
