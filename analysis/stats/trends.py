"""The scores of configurations whose settings vary together in, the trend of each setting out, and where along it the best lies.

Score = mean + a curve a setting + the rest. All curves are fitted together, so that each is an average over the others. What is
left over, permuted, says how far each may be off by chance. docs/verdicts.md tells the rules, docs/calibration.md how they err.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import ndtr
from sweepbook.analysis.stats.columns import CONTINUOUS, LEVELS, Columns, Levels
from sweepbook.analysis.stats.seeds import Array, Bools

DRAWS, AT_ONCE = 999, 111  # permutations, and how many of them are in memory together
ROOM = 4  # configurations that a column takes at least
FENCE = 1.5  # interquartile ranges beyond the quartiles, from which on a score counts as lying there
ALONG = 0.05  # of a setting's own variance that has to be left beside the others, for it to be told from them
LEAST, MOST = 3, 8  # columns of a curve
CONFIDENCE = 0.95
MISSED = 0.01  # the chance at which a curve is said to miss something that is there


@dataclass(frozen=True, eq=False)
class Trend:
    """The trend of one setting. `values` [g] are the scores to expect on average at its `places` [g], each of which stands for the
    levels between its `ends` [g, 2]. `effect` is how far these scores lie apart, between `low` and `high` with a confidence of 95%
    over all settings together, and `p` the chance of such a trend where no setting has one. `best` says which places could be the
    best ones [g]: the highest where `upward`, else the lowest."""

    kind: str
    runs: int
    places: Array
    ends: Array
    values: Array
    effect: float
    low: float
    high: float
    p: float
    best: Bools
    upward: bool

    @property
    def seen(self) -> bool:
        """Whether it is more than chance explains."""
        return self.low > 0


@dataclass(frozen=True, eq=False)
class Trends:
    """The trend of `each` setting, by its place among those given; `along` has those that go along with others so closely that
    nothing tells them apart, each with the place of the one it goes along with most. `fitted` [n] are the scores by all trends,
    `rest` the standard deviation of what these leave over, `share` of the scores' variance they explain; `together` whether all
    were fitted as one."""

    each: dict[int, Trend]
    along: dict[int, int]
    fitted: Array
    rest: float
    share: float
    together: bool


def trends(scores: Array, settings: Sequence[Levels], sign: int, rng: np.random.Generator) -> Trends | None:
    """The trends of the `settings` in the `scores` [n], whose better end is that of `sign`; None where there are too few."""
    y = clipped(scores)
    usable = {place: levels for place, levels in enumerate(settings) if levels.tells}
    if not usable or not np.ptp(y) > 0:
        return None
    width = _width(usable, len(y))
    chosen, along = _distinct({k: levels.columns(width or _alone(len(y))) for k, levels in usable.items()}, usable, bool(width))
    whole = _followed(Fit(y, chosen, _absences(chosen, usable)), usable) if width else None
    fits = [whole] if whole else [Fit(y, {k: one}, _absences({}, {k: usable[k]})) for k, one in chosen.items()]
    errors = _errors(whole.left if whole else y - y.mean(), fits, rng)
    each = _trends(fits, errors, usable, sign)
    best = whole or min(fits, key=lambda fit: fit.rest)
    return Trends(dict(sorted(each.items())), along, best.fitted, best.rest, best.share, whole is not None)


def clipped(scores: Array) -> Array:
    """The scores, those far from the rest no further than 1.5 interquartile ranges beyond the quartiles."""
    low, high = np.quantile(scores, [0.25, 0.75])
    reach = FENCE * (high - low)
    return np.clip(scores, low - reach, high + reach) if reach > 0 else np.asarray(scores, float)


def _width(usable: dict[int, Levels], n: int) -> int:
    """The columns of a curve where all settings are fitted together; 0 where there are too few configurations for that."""
    for width in range(_alone(n), 0, -1):
        if ROOM * (1 + sum(levels.width(width) for levels in usable.values())) <= n:
            return width
    return 0


def _alone(n: int) -> int:
    """The columns of a curve of one setting alone: more configurations show finer ones."""
    return int(min(max(round(n**0.25), LEAST), MOST))


def _distinct(columns: dict[int, Columns], usable: dict[int, Levels], together: bool) -> tuple[dict[int, Columns], dict[int, int]]:
    """The settings that can be told from the others, those of the most columns first; and those that cannot."""
    if not together:
        return columns, {}
    order = sorted(columns, key=lambda k: (-columns[k].at.shape[1], usable[k].ordered, k))
    every = np.column_stack([columns[k].at for k in order])
    products = every.T @ every
    stops = np.cumsum([columns[k].at.shape[1] for k in order])
    own = {k: np.arange(stop - columns[k].at.shape[1], stop) for k, stop in zip(order, stops, strict=True)}
    chosen: list[int] = []
    along: dict[int, int] = {}
    for k in order:
        base = np.concatenate([own[other] for other in chosen]) if chosen else np.empty(0, int)
        across = products[np.ix_(base, own[k])]
        left = products[np.ix_(own[k], own[k])] - across.T @ np.linalg.solve(products[np.ix_(base, base)], across)
        if float(np.linalg.eigvalsh(left)[0]) >= ALONG:
            chosen.append(k)
        else:
            along[k] = max(chosen, key=lambda other: float((products[np.ix_(own[other], own[k])] ** 2).sum()))
    return {k: columns[k] for k in chosen}, along


def _absences(chosen: dict[int, Columns], usable: dict[int, Levels]) -> Array:
    """A column for each set of configurations that lack a setting, unless the settings themselves say which these are."""
    n = len(next(iter(usable.values())).has)
    base, kept = np.column_stack([np.full(n, n**-0.5), *(c.at for c in chosen.values())]), np.empty((n, 0))
    for lacks in {levels.has.tobytes(): ~levels.has for levels in usable.values() if not levels.has.all()}.values():
        column, every = lacks - lacks.mean(), np.column_stack([base, kept])
        across = every.T @ column
        left = column - every @ np.linalg.solve(every.T @ every, across)
        if float(left @ left) > ALONG * float(column @ column) > 0:
            kept = np.column_stack([kept, column / np.linalg.norm(column)])
    return kept


def _followed(fit: "Fit", usable: dict[int, Levels]) -> "Fit":
    """The fit in which each curve that misses something, as a cliff, has given way to a mean a stretch of levels, as far as there
    are configurations for it."""
    curves = [k for k in fit.columns if usable[k].kind == CONTINUOUS]
    missed = {k: _missed(fit.left / fit.rest, usable[k]) for k in curves}
    columns, room = dict(fit.columns), len(fit.y) // ROOM - (len(fit.y) - fit.df)
    for k in sorted(curves, key=lambda k: missed[k]):
        finer = usable[k].stretches()
        room -= finer.at.shape[1] - columns[k].at.shape[1]
        if missed[k] * len(curves) > MISSED or room < 0:
            break
        columns[k] = finer
    return Fit(fit.y, columns, fit.beside)


def _missed(left: Array, levels: Levels) -> float:
    """How likely chance alone leaves as much over in any stretch of levels, of what is `left` in standard deviations."""
    bins = levels.bins[levels.has].astype(int)
    counts = np.bincount(bins)
    most = float((np.abs(np.bincount(bins, left[levels.has])) / np.sqrt(counts)).max())
    return min(1.0, 2 * len(counts) * float(ndtr(-most))) if len(counts) >= LEVELS else 1.0


@dataclass(frozen=True, eq=False)
class Fit:
    """The least-squares fit of the scores `y` [n] by a mean, the columns of some settings and those `beside` them."""

    y: Array
    columns: dict[int, Columns]
    beside: Array

    @cached_property
    def _every(self) -> Array:
        """All columns [n, p], the mean's first."""
        one = np.full((len(self.y), 1), len(self.y) ** -0.5)
        return np.column_stack([one, *(c.at for c in self.columns.values()), self.beside])

    @cached_property
    def _inverse(self) -> Array:
        """The inverse of the columns' products [p, p]: no two of them go along closely."""
        return np.asarray(np.linalg.inv(self._every.T @ self._every))

    @cached_property
    def fitted(self) -> Array:
        """The scores that it expects [n]."""
        return np.asarray(self._every @ (self._inverse @ (self._every.T @ self.y)))

    @property
    def left(self) -> Array:
        """What it leaves over [n]."""
        return self.y - self.fitted

    @property
    def df(self) -> int:
        """The degrees of freedom of that."""
        return len(self.y) - int(self._every.shape[1])

    @property
    def rest(self) -> float:
        """The standard deviation of that."""
        return float(np.sqrt((self.left**2).sum() / self.df))

    @property
    def share(self) -> float:
        """The share of the variance that it explains, adjusted for its columns; 0 at least."""
        whole = float(self.y.var(ddof=1))
        return max(0.0, 1 - self.rest**2 / whole) if whole else 0.0

    def read(self, of: Array) -> tuple[dict[int, Array], Array]:
        """Of each column of values `of` [n, b]: the curve of each setting along its places [g, b], and the standard deviation of
        what is left over [b]."""
        products = self._every.T @ of
        weights = self._inverse @ products
        left = np.einsum("nb,nb->b", of, of) - (products * weights).sum(0)
        curves, start = {}, 1
        for k, own in self.columns.items():
            stop = start + own.at.shape[1]
            curves[k], start = own.along @ weights[start:stop], stop
        return curves, np.sqrt(np.maximum(left, 0) / self.df)


def _errors(left: Array, fits: Sequence[Fit], rng: np.random.Generator) -> dict[int, Array]:
    """How far each curve is off in permutations of what is `left` [g, draws], in standard deviations of the rest."""
    drawn: dict[int, list[Array]] = {}
    for _ in range(DRAWS // AT_ONCE):
        mixed = rng.permuted(np.tile(left, (AT_ONCE, 1)), axis=1).T
        for fit in fits:
            curves, spread = fit.read(mixed)
            for k, curve in curves.items():
                drawn.setdefault(k, []).append(curve / spread)
    return {k: np.column_stack(parts) for k, parts in drawn.items()}


def _trends(fits: Sequence[Fit], errors: dict[int, Array], usable: dict[int, Levels], sign: int) -> dict[int, Trend]:
    """The trend of each setting, its range held against the widest of all settings' in each permutation."""
    ranges = {k: np.ptp(error, axis=0) for k, error in errors.items()}
    middle = {k: float(drawn.mean()) for k, drawn in ranges.items()}
    scale = {k: float(drawn.std()) for k, drawn in ranges.items()}
    widest = np.max([(ranges[k] - middle[k]) / scale[k] for k in ranges], axis=0)
    bound = float(np.quantile(widest, CONFIDENCE, method="higher"))
    made = {}
    for fit in fits:
        for k, curve in fit.read(fit.y[:, None])[0].items():
            values = curve[:, 0]
            effect, rest = float(np.ptp(values)), fit.rest
            reach = rest * (middle[k] + bound * scale[k])
            p = (1 + int((widest >= (effect / rest - middle[k]) / scale[k]).sum())) / (DRAWS + 1)
            middle_score = float(fit.y[usable[k].has].mean())
            best = could_be_highest(sign * values, errors[k] * rest)
            low, high = max(0.0, effect - reach), effect + reach
            runs, own = int(usable[k].has.sum()), fit.columns[k]
            best = _beside(best) if own.stretch else best
            effect, low, high = map(short, (effect, low, high))
            scores = np.array([short(middle_score + value) for value in values])
            made[k] = Trend(usable[k].kind, runs, own.places, own.ends, scores, effect, low, high, p, best, sign > 0)
    return made


def short(value: float) -> float:
    """The value with the digits that are the same wherever it is computed."""
    return float(f"{value:.10g}")


def _beside(best: Bools) -> Bools:
    """The best stretches and those next to them: the best may lie right before a cliff, and what is beyond is in the same mean."""
    wider = best.copy()
    wider[1:] |= best[:-1]
    wider[:-1] |= best[1:]
    return wider


def could_be_highest(values: Array, errors: Array) -> Bools:
    """Which places of a curve could be its highest, with a confidence of 95%: those whose distance to no other place is larger than
    chance makes the largest of these distances. `values` [g] is the curve, `errors` [g, draws] how far it may be off."""
    covariance = np.cov(errors)
    own = np.diag(covariance)
    apart = np.sqrt(np.maximum(own[:, None] + own[None, :] - 2 * covariance, 1e-12 * own.max()))
    behind, chance = np.full(len(values), -np.inf), np.full(errors.shape, -np.inf)
    for place in range(len(values) - 1):  # each distance is that of two places, once with either sign
        after, scale = slice(place + 1, None), apart[place, place + 1 :]
        further = (values[after] - values[place]) / scale
        drawn = (errors[after] - errors[place]) / scale[:, None]
        behind[place], chance[place] = max(behind[place], further.max()), np.maximum(chance[place], drawn.max(0))
        behind[after], chance[after] = np.maximum(behind[after], -further), np.maximum(chance[after], -drawn)
    return np.asarray(behind <= np.quantile(chance, CONFIDENCE, axis=1))
