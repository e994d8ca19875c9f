"""The variances of many small samples in, how unlike the true ones are out: what a sample's own runs count against the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

Array: TypeAlias = npt.NDArray[np.float64]

ENOUGH = 10  # variances from which on their scatter says anything
ROUNDS = 12  # of steps to the likeliest common variance: six at most far away, and then twice the digits in each
CANDIDATES = np.geomspace(1.0, 200.0, 60)  # degrees of freedom; above them the variances are as good as equal
STRIDE = 6  # between the candidates that are tried first; then those around the likeliest


@dataclass(frozen=True)
class Prior:
    """The common `variance`, and the degrees of freedom `df` that it counts as beside a sample's own; infinite where the samples
    show no difference but chance."""

    variance: float
    df: float


def prior(variances: Sequence[float], dfs: Sequence[float]) -> Prior | None:
    """The scaled inverse χ² distribution that true variances come from, most likely given their estimates: s² / s₀² follows F on d
    and d₀ degrees of freedom (Smyth 2004, Statistical Applications in Genetics and Molecular Biology 3; by maximum likelihood
    rather than moments of logarithms, so that a variance of 0 is no obstacle). None for fewer than ten.

    >>> prior([1.0] * 20, [2] * 20).df, round(prior([0.01] * 10 + [1.0] * 10, [9] * 20).df, 1)
    (inf, 1.0)
    """
    if len(variances) < ENOUGH or not max(variances) > 0:
        return None
    s, d = np.asarray(variances, float)[None, :], np.asarray(dfs, float)[None, :]
    pooled = float((d * s).sum() / d.sum())
    s = s / pooled
    coarse = np.arange(0, len(CANDIDATES), STRIDE)
    near = coarse[int(_likelihoods(s, d, CANDIDATES[coarse])[0].argmax())]
    candidates = CANDIDATES[max(near - STRIDE, 0) : near + STRIDE + 1]
    fit, common = _likelihoods(s, d, candidates)
    best = int(fit.argmax())
    equal = float((-d / 2 * np.log(2) - d * s / 2).sum())  # the same, where d₀ is infinite and s₀² the pooled variance
    if equal >= fit[best]:
        return Prior(pooled, inf)
    return Prior(float(common[best]) * pooled, float(candidates[best]))


def _likelihoods(s: Array, d: Array, candidates: Array) -> tuple[Array, Array]:
    """The log likelihood of variances `s` [1, n] on `d` [1, n] degrees of freedom for each of the `candidates` for d₀, less what
    all have in common, and the common variance with which it is largest."""
    a = candidates[:, None]
    common, weights, squares = np.ones_like(a), a + d, d * s
    for _ in range(ROUNDS):  # Newton's, on log(common · mean) = 0, which rises less and less: a bounded step cannot get lost
        parts = weights / (a * common + squares)
        mean = parts.mean(axis=1, keepdims=True)
        rise = 1 - a * common * (parts * parts / weights).mean(axis=1, keepdims=True) / mean
        common = common * np.exp(np.clip(-np.log(common * mean) / rise, -1.5, 1.5))
    each = gammaln(weights / 2) - gammaln(a / 2) - d / 2 * np.log(a * common) - weights / 2 * np.log1p(squares / (a * common))
    return np.asarray(each.sum(axis=1)), np.asarray(common[:, 0])
