"""A cell of the simulation in, studies whose truth is known out: a plan, and runs by configuration and seed drawn for it.

calibration.py asks the product about them.
"""

import zlib
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

METRIC = "score"
SHAPES = {2: (1, 2), 4: (2, 2), 8: (4, 2), 12: (4, 3), 20: (5, 4), 56: (8, 7)}  # the levels of a and of b, by configurations
TOP, BOTTOM = 95.0, 30.0  # of the scores, where they differ
PLANTED, PAIR = 3.0, 2.0  # of its own standard deviations, that one configuration lies behind
RISE = 1.0  # from the first level of b to the last
EQUAL = ("equal", "two tasks", "collapse", "seeds by level")  # the worlds in which all have the same score
WORLDS = (*EQUAL, "flat", "slope", "hump", "step", "better is noisier")
LOUDER = 6.0  # times as much as the others, the odd levels of b vary in "two tasks"
COLLAPSE, DEPTH = 0.02, 15.0  # how often a run collapses, and how far
BY_LEVEL = 0.7  # the standard deviation of what a seed does to a level of b, in "seeds by level"
CHOOSING, REPORTING = 1, 2  # the draws by which anything was chosen, and those that are told


@dataclass(frozen=True)
class Cell:
    """So many configurations `k` in a full grid, with `runs` each (several: each draws one of these numbers), of which a share is
    `missing`. Their standard deviations have a lognormal `spread`; `share` of the variance of the quietest is the seed's."""

    k: int = 20
    runs: tuple[int, ...] = (3,)
    missing: float = 0.0
    spread: float = 0.4
    share: float = 0.4
    world: str = "equal"


@dataclass(frozen=True, eq=False)
class Truth:
    """The true `scores` [k] and standard deviations `sds` [k] of configurations, the runs of each by seed, and what each costs."""

    scores: Array
    sds: Array
    runs: tuple[Mapping[Hashable, float], ...]
    costs: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Luck:
    """Everything that is drawn for one study of a cell: how noisy each configuration is beside its world (`factor` [k]), which runs
    there are, and their luck, that of the seed and all."""

    factor: Array
    there: npt.NDArray[np.bool_]
    seed: Array
    own: Array
    level: Array
    collapse: npt.NDArray[np.bool_]


def drawn(cell: Cell, number: int, draws: int = REPORTING) -> Luck:
    """The luck of the study of that `number`; the same for every order in which studies are drawn."""
    random = np.random.default_rng([draws, zlib.crc32(repr(cell).encode()), number])
    k, most = cell.k, max(cell.runs)
    counts = random.permutation(np.resize(cell.runs, k))
    there = (np.arange(most) < counts[:, None]) & (random.random((k, most)) >= cell.missing)
    there[:, 0] |= ~there.any(1)
    return Luck(
        np.exp(cell.spread * random.normal(size=k)),
        there,
        random.normal(size=most),
        random.normal(size=(k, most)),
        random.normal(size=(SHAPES[k][1], most)),
        random.random((k, most)) < COLLAPSE,
    )


def deviation(world: str, down: Array) -> Array:
    """The standard deviation of a run whose score lies so far `down`, 0 for the best to 1 for the worst."""
    down = np.asarray(down, float)
    if world == "slope":
        return 0.6 * 20.0**down
    if world == "hump":
        return 0.6 * 20.0 ** (4 * down * (1 - down))
    if world == "step":
        return np.where(down < 0.5, 0.6, 8.0)
    if world == "better is noisier":
        return 6.0 * 0.1**down
    return np.full(down.shape, 2.0 if world == "flat" else 1.0)


def grid(cell: Cell, luck: Luck) -> Truth:
    """A study in which b does nothing: all scores are equal, or they fall with a."""
    a, b = (np.array(levels) for levels in zip(*product(*map(range, SHAPES[cell.k])), strict=True))
    down = np.zeros(cell.k) if cell.world in EQUAL else a / max(SHAPES[cell.k][0] - 1, 1)
    return _truth(cell, luck, _scores(down), _sds(cell, luck, down, b))


def ladder(cell: Cell, luck: Luck, behind: float = PLANTED) -> Truth:
    """A study whose last configuration lies `behind` the best by so many of its own standard deviations. Where scores differ, a few
    are equal and best, and all others lie evenly down to the worst."""
    b = np.array([b for _, b in product(*map(range, SHAPES[cell.k]))])
    down = np.zeros(cell.k)
    if cell.world not in EQUAL:
        first = max(2, cell.k // 6) if cell.k > 2 else 1
        down[first:-1] = np.arange(1, cell.k - first) / max(cell.k - first - 1, 1)
    scores, sds = _scores(down), _sds(cell, luck, down, b)
    own = behind * sds[-1:]
    for _ in range(60):  # noise follows the score, which follows the noise
        lower = np.minimum(own / (TOP - BOTTOM), 1.0)
        own = behind * (sds[-1:] if cell.world in EQUAL else deviation(cell.world, lower) * luck.factor[-1:])
    sds[-1:] = own / behind
    scores[-1] = scores.max() - own[0]
    return _truth(cell, luck, scores, sds)


def raised(cell: Cell, luck: Luck, level: float, first: float) -> Truth:
    """A study of the grid in which b does something: its last level lies `level` above its first, the others evenly between; and
    the first configuration lies `first` of its own standard deviations above that."""
    a, b = (np.array(levels) for levels in zip(*product(*map(range, SHAPES[cell.k])), strict=True))
    down = np.zeros(cell.k)
    sds = _sds(cell, luck, down, b)
    scores = _scores(down) + level * b / (SHAPES[cell.k][1] - 1) + first * sds * ((a == 0) & (b == 0))
    return _truth(cell, luck, scores, sds)


def _scores(down: Array) -> Array:
    return TOP - (TOP - BOTTOM) * down


def _sds(cell: Cell, luck: Luck, down: Array, b: Array) -> Array:
    loud = np.where(b % 2, LOUDER, 1.0) if cell.world == "two tasks" else 1.0
    return np.asarray(deviation(cell.world, down) * luck.factor * loud)


def _truth(cell: Cell, luck: Luck, scores: Array, sds: Array) -> Truth:
    """The runs of such configurations. What costs least is worst."""
    quietest = float(deviation(cell.world, np.linspace(0, 1, 9)).min())
    y = scores[:, None] + cell.share**0.5 * quietest * luck.seed + (1 - cell.share) ** 0.5 * sds[:, None] * luck.own
    if cell.world == "collapse":
        y += DEPTH * (COLLAPSE - luck.collapse)  # the score is the mean, collapsed runs and all
    if cell.world == "seeds by level":
        y += BY_LEVEL * luck.level[np.arange(cell.k) % SHAPES[cell.k][1]]
    runs: list[dict[Hashable, float]] = [{int(s): float(y[i, s]) for s in np.flatnonzero(luck.there[i])} for i in range(cell.k)]
    costs = np.argsort(np.argsort(scores, kind="stable"), kind="stable") + 1
    return Truth(scores, sds, tuple(runs), tuple(costs.tolist()))
