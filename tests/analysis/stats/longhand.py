"""The noise of a sweep once more, the long way: design matrices, loops and scipy's distributions and optimisers. Shares no line
with the product, and is slow."""

from dataclasses import dataclass
from math import ceil

import numpy as np
from scipy import optimize, stats
from sweepbook.analysis.stats.moderated import CANDIDATES


@dataclass
class Longhand:
    """By configuration: the variance expected, of its own runs, and moderated, with its degrees of freedom; who is outlying. What
    neighbours count, the degrees of freedom in all, and the seeds' variance."""

    mu: dict
    own: dict
    variance: dict
    df: dict
    outlying: set
    prior: float
    df_error: int
    seeds: float


def longhand(samples, sign=1):
    """That of `samples`, {configuration: {seed: value}}, of which each seed is in several and no configuration stands apart."""
    several = {key: runs for key, runs in samples.items() if len(runs) > 1}
    score = {key: sign * np.mean(list(runs.values())) for key, runs in samples.items()}
    keys = sorted(several, key=lambda key: -score[key])
    d = np.array([len(several[key]) - 1 for key in keys])
    n = max(sorted(set(d + 1), reverse=True), key=list(d + 1).count)
    left_over = Residuals([several[key] for key in keys])
    trend = len(keys) >= 12
    apart = np.zeros(len(keys), bool)
    while True:
        mu, own, weights = (by_rank if trend else level)(left_over, d, ~apart, n)
        ratio, df_window = far(left_over, mu, own, d, ~apart, n, trend)
        critical = np.array([stats.f.isf(0.001 / len(keys), a, b) for a, b in zip(d, df_window, strict=True)])
        worst = max(np.flatnonzero(~apart), key=lambda i: (ratio / critical)[i])
        if (~apart).sum() <= 3 or ratio[worst] <= critical[worst]:
            break
        apart[worst] = True
    d0 = counting((own / mu)[~apart], d[~apart])
    variance = (d0 * mu + d * own) / (d0 + d)
    beyond = ratio > np.array([stats.f.ppf(0.95, a, b) for a, b in zip(d, df_window, strict=True)])
    variance = np.where(beyond | apart, np.maximum(variance, own), variance)
    found = Longhand({}, {}, {}, {}, {keys[i] for i in np.flatnonzero(apart)}, d0, left_over.df, left_over.part(weights, mu))
    for i, key in enumerate(keys):
        found.mu[key], found.own[key], found.variance[key] = mu[i], own[i], variance[i]
        found.df[key] = min(d0 + d[i], left_over.df)
    kept = [i for i in range(len(keys)) if not apart[i]]
    for key in samples.keys() - several.keys():
        found.mu[key] = found.variance[key] = between(score[key], [(score[keys[i]], mu[i]) for i in kept])
        found.own[key], found.df[key] = None, min(d0, left_over.df)
    return found


class Residuals:
    """What seeds leave of the runs of each configuration, for any weights."""

    def __init__(self, runs):
        self.seeds = sorted({seed for own in runs for seed in own})
        self.owner = np.array([i for i, own in enumerate(runs) for _ in own])
        self.y = np.array([y for own in runs for y in own.values()])
        self.k = len(runs)
        seed = [s for own in runs for s in own]
        self.design = np.array(
            [
                [1.0 * (i == c) for c in range(self.k)] + [1.0 * (s == t) for t in self.seeds]
                for i, s in zip(self.owner, seed, strict=True)
            ]
        )
        self.df = len(self.y) - int(np.linalg.matrix_rank(self.design))
        self.within = np.array([np.var(list(own.values()), ddof=1) for own in runs])

    def solved(self, weights):
        root = np.sqrt(np.maximum(weights, 1e-14)[self.owner])[:, None]  # without a say, a configuration still has its own mean
        return np.linalg.pinv(root * self.design) * root.T

    def squares(self, weights, mu):
        """The sum of each configuration's squared residuals, and that expected of it, in units of its variance."""
        left = np.eye(len(self.y)) - self.design @ self.solved(weights)
        expected = (left**2) @ mu[self.owner]
        return np.bincount(self.owner, (left @ self.y) ** 2), np.bincount(self.owner, expected) / mu

    def part(self, weights, mu):
        """The variance of the seeds' effects, less that of their errors."""
        effects = self.solved(weights)[self.k :]
        effects = effects - effects.mean(0)
        errors = effects @ np.diag(mu[self.owner]) @ effects.T
        return max(0.0, (((effects @ self.y) ** 2).sum() - np.trace(errors)) / (len(self.seeds) - 1))


def level(left_over, d, kept, n):
    """One variance for all: what is left of those kept, on what it is expected to be."""
    weights = kept / kept.sum()
    squares, df = left_over.squares(weights, np.ones(len(d)))
    return np.full(len(d), squares[kept].sum() / df[kept].sum()), squares / np.maximum(0.3 * d, df), weights


def by_rank(left_over, d, kept, n):
    """Steps b to e three times, and b to d once more."""
    own, weights = left_over.within, None
    for _ in range(3):
        mu = expected(own, d, kept, n)
        weights = np.where(kept, 1 / mu, 0.0)
        weights = np.minimum(weights / weights.sum(), 0.34)
        weights = weights / weights.sum()
        squares, df = left_over.squares(weights, mu)
        own = squares / np.maximum(0.3 * d, df)
    return expected(own, d, kept, n), own, weights


def expected(own, d, kept, n):
    k, x, at = len(own), np.linspace(-1, 1, len(own)), np.flatnonzero(kept)
    half = np.exp(slope(x[at], d[at], own[at]) * x / 2)
    q = min(max(4, ceil(12 / (n - 1))), len(at) - 1)
    pools = [pooled(own, d, at[i : i + q + 1]) for i in range(len(at) - q)]
    mu = np.empty(k)
    for i in range(k):
        size = q + 1 if kept[i] else q
        start = min(max(int((at < i).sum()) - q // 2, 0), len(at) - size)
        window = [j for j in at[start : start + size] if j != i]
        assert len(window) == q
        mu[i] = half[i] * sum(d[j] * own[j] / half[j] for j in window) / sum(d[j] for j in window)
    mu = np.minimum(np.maximum(mu, min(pools) / 8), 8 * max(pools))
    return np.maximum(mu, pooled(own, d, at) / 900)


def pooled(own, d, places):
    return sum(d[j] * own[j] for j in places) / sum(d[j] for j in places)


def slope(x, d, own):
    """That of the gamma regression with log link, by scipy's optimiser over both of its parameters."""

    def deviance(b):
        line = b[0] + b[1] * x
        return float((d * (line + own * np.exp(-line))).sum() / d.sum())

    start = np.log(np.average(own, weights=d))
    best = None
    for b1 in (-2.0, 0.0, 2.0):
        tried = optimize.minimize(
            deviance, [start, b1], method="L-BFGS-B", bounds=[(None, None), (-4, 4)], options={"ftol": 1e-15, "gtol": 1e-11}
        )
        best = tried if best is None or tried.fun < best.fun else best
    return best.x[1]


def far(left_over, mu, own, d, kept, n, trend):
    """How far each is from what the others let expect, and on how many degrees of freedom these say it."""
    k = int(kept.sum())
    if not trend:
        without = [level(left_over, d, kept & (np.arange(len(d)) != i), n) for i in range(len(d))]
        return np.array([one[1][i] / one[0][0] for i, one in enumerate(without)]), np.full(len(d), (k - 2) * (n - 1))
    x = np.linspace(-1, 1, len(d))
    line = np.column_stack([np.ones(len(d)), x])
    normal = np.linalg.inv(line[kept].T @ np.diag(d[kept]) @ line[kept])
    leverage = d * np.einsum("ij,jk,ik->i", line, normal, line) - d / d[kept].sum()
    return own / mu, (n - 1) / (1 / min(max(4, ceil(12 / (n - 1))), k - 1) + leverage)


def counting(ratio, d):
    """The degrees of freedom that neighbours count: the likeliest by scipy's F distribution, with its bound."""
    if len(ratio) < 10:
        return 4.0

    def at(df):
        def surprise(log_common):
            common = np.exp(log_common)
            return -float((stats.f.logpdf(ratio / common, d, df) - np.log(common)).sum())

        return optimize.minimize_scalar(surprise, bounds=(-8, 8), method="bounded", options={"xatol": 1e-9}).fun

    likeliest = CANDIDATES[int(np.argmin([at(df) for df in CANDIDATES]))]
    return min(likeliest, min(12.0, 2 + len(ratio) / 6) if len(ratio) >= 12 else 4.0)


def between(score, known):
    """The line between the nearest of `known` (score, mu) on either side; beyond them that of the end."""
    known = sorted(known)
    below, above = [one for one in known if one[0] <= score], [one for one in known if one[0] >= score]
    if not below or not above:
        return (above or below[::-1])[0][1]
    (a, low), (b, high) = below[-1], above[0]
    return low if a == b else low + (high - low) * (score - a) / (b - a)
