"""Validation losses by epoch in, how much they scatter from one epoch to the next out, and which curves scatter more."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.special import fdtrc, fdtri, stdtrit
from sweepbook.analysis.stats.course import Array

SHORTEST = 4  # epochs that a run needs to be judged at all
ROUNDING = 1e-12  # second differences below this share of a curve's largest loss are what floats round off


@dataclass(frozen=True)
class EpochNoise:
    """How much a run's validation loss scatters around its course from epoch to epoch, of long runs from one `stretch` of so many
    epochs to the next: a standard deviation in the loss's own unit, and its degrees of freedom. It is that of `runs` runs;
    `left_out` more oscillate."""

    sd: float
    df: float
    runs: int
    left_out: int = 0
    stretch: int = 1


def window(epochs: int) -> int:
    """How many last epochs of a curve are looked at for its slope and its noise: a third of them, and 4 at least."""
    return max(SHORTEST, -(-epochs // 3))


def epoch_noise(curves: Sequence[Array], left_out: int = 0) -> EpochNoise | None:
    """The noise of `curves`, each [epochs], from the second differences of their last epochs: s² = Σ(Δ²y)² / 6m for m of them
    (Gasser, Sroka and Jennen-Steinmetz 1986). They overlap, with covariances of 6σ², -4σ² and σ², which leaves s² with
    (6m)² / (70m - 36r) degrees of freedom over r curves (Satterthwaite 1946). None where no curve has 4 epochs.

    >>> found = epoch_noise([np.array([9.0, 4.0, 3.0, 2.0, 2.0]), np.array([3.0, 2.0, 1.0, 1.0])])
    >>> round(found.sd, 4), round(found.df, 3), found.runs
    (0.2887, 2.769, 2)
    """
    long = [curve for curve in curves if len(curve) >= SHORTEST]
    if not long:
        return None
    m = sum(window(len(curve)) - 2 for curve in long)
    total = math.fsum(value for _, table in by_length(long) for value in _squares(table))
    return EpochNoise(math.sqrt(total / 6 / m), float(_freedom(m, len(long))), len(long), left_out)


def by_length(curves: Sequence[Array]) -> Iterator[tuple[npt.NDArray[np.intp], Array]]:
    """The curves of each length: their places, and they themselves, [curves, epochs]."""
    lengths = np.array([len(curve) for curve in curves])
    for places in (np.flatnonzero(lengths == length) for length in np.unique(lengths)):
        yield places, np.stack([curves[place] for place in places.tolist()])


def _squares(table: Array) -> Array:
    """The sum of the squared second differences over the last epochs of each curve, [curves] of [curves, epochs]."""
    steps = np.diff(table[:, -window(table.shape[1]) :], n=2, axis=1)
    least = ROUNDING * np.abs(table).max(axis=1, keepdims=True)
    return np.asarray((np.where(np.abs(steps) <= least, 0, steps) ** 2).sum(axis=1))


def _freedom(terms: Array | int, runs: Array | int = 1) -> Array:
    """The degrees of freedom of that many second differences in so many runs (Satterthwaite)."""
    return np.asarray(36 * terms**2 / (70 * terms - 36 * runs))


@lru_cache(maxsize=256)
def _tail_freedom(terms: int) -> float:
    """The degrees of freedom for the far tail of one run's variance, where Satterthwaite's are too many: the trace of the
    second differences' covariance over its largest eigenvalue."""
    rows = np.diff(np.eye(terms + 2), n=2, axis=0) if terms <= 64 else None
    return 6 * terms / (16.0 if rows is None else float(np.linalg.eigvalsh(rows @ rows.T)[-1]))  # 16 is the limit


def oscillating(curves: Sequence[Array], pooled: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Which curves, all of 4 epochs or more, scatter more than the pool of the other `pooled` ones: F at 5% over all of them.
    What is found leaves the pool, and the rest is tested again until nothing new is found, so that one does not hide another."""
    squares, terms = np.zeros(len(curves)), np.array([window(len(curve)) - 2 for curve in curves], float)
    for places, table in by_length(curves):
        squares[places] = _squares(table)
    found, fresh, own = np.zeros(len(curves), bool), np.ones(1, bool), np.array([_tail_freedom(int(m)) for m in terms])
    while fresh.any():
        pool = pooled & ~found
        rest, m, runs = _others(squares * pool), terms[pool].sum() - terms * pool, pool.sum() - pool
        able = np.flatnonzero((rest > 0) & (runs > 0) & ~found)
        ratio = squares[able] / terms[able] / (rest[able] / m[able])
        fresh = fdtrc(own[able], _freedom(m[able], runs[able]), ratio) * len(curves) <= 0.05
        found[able[fresh]] = True
    return found


def _others(values: Array) -> Array:
    """The sum of all values but each one's own, without subtracting: beside a huge one the others would be lost."""
    order, rest = np.argsort(values), np.zeros(len(values))
    v = values[order]
    rest[order[1:]] = v[:-1].cumsum()
    rest[order[:-1]] += v[:0:-1].cumsum()[::-1]
    return rest


def margin(noise: EpochNoise, tail: float, table: Array) -> Array:
    """What a value as noisy as one epoch is out by at most, with probability `tail`, [curves]: Student's t times the pooled
    noise; times the run's own where this is smaller (F, 0.01), or is larger (F, 0.90) and reaches further."""
    terms = window(table.shape[1]) - 2
    own, df = np.sqrt(_squares(table) / 6 / terms), _freedom(terms)
    pooled, single = stdtrit(noise.df, tail) * noise.sd, stdtrit(df, tail) * own
    few, many = (noise.sd * np.sqrt(fdtri(df, noise.df, p)) for p in (0.01, 0.9))
    return np.asarray(np.where((own < few) | ((own > many) & (single > pooled)), single, pooled))
