"""Several tests or means at once: what stands of each when all are read together."""

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
from scipy.special import ndtr


def holm(ps: Sequence[float], weights: Sequence[float] | None = None) -> list[float]:
    """The adjusted p of each test, so that none false is below 5% in more than 5% of families (Holm 1979, Scandinavian Journal
    of Statistics 6). A test with twice the weight of another has twice its share of the 5%; without `weights` all have the same.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    shares = list(weights or [1.0] * len(ps))
    adjusted, highest = [1.0] * len(ps), 0.0
    ordered = sorted(range(len(ps)), key=lambda i: ps[i] / shares[i])
    left = list(accumulate(shares[i] for i in reversed(ordered)))[::-1]
    for i, rest in zip(ordered, left, strict=True):
        highest = max(highest, min(1.0, rest * ps[i] / shares[i]))
        adjusted[i] = highest
    return adjusted


def discoveries(ps: Sequence[float], q: float = 0.10) -> float:
    """The p up to which tests count as found, so that at most a share `q` of the found is false on average (Benjamini and
    Hochberg 1995, Journal of the Royal Statistical Society B 57). q/m, where none is. Intervals at this level, of what was
    found, miss at most a share `q` too (Benjamini and Yekutieli 2005, JASA 100).

    >>> discoveries([0.001, 0.03, 0.5, 0.9])
    0.05
    """
    ordered = sorted(ps)
    found = [place for place, p in enumerate(ordered, 1) if p <= place * q / len(ordered)]
    return max([1, *found]) * q / max(len(ordered), 1)


def expected_maximum(k: int) -> float:
    """The mean of the largest of `k` standard normal values: how far the best of so many lands above them by luck.

    >>> round(expected_maximum(2), 4), round(expected_maximum(10), 4)
    (0.5642, 1.5388)
    """
    z = np.linspace(-12, 12, 24_000)  # without 0, where it breaks
    below = ndtr(z) ** k
    return float(np.trapezoid(np.where(z > 0, 1 - below, -below), z))


def shrunken(means: Sequence[float], errors: Sequence[float]) -> list[float]:
    """Each of `means` drawn towards the mean of all, by the share of their variance that is no noise: m + B(ȳ - m),
    B = max(0, 1 - s²/var(ȳ)), s² being the mean of the squared standard `errors` (after James and Stein 1961).

    >>> shrunken([1.0, 2.0, 3.0], [0.5, 0.5, 0.5])
    [1.5, 2.0, 2.5]
    """
    if len(means) < 2:
        return list(means)
    middle, variance = float(np.mean(means)), float(np.var(means, ddof=1))
    kept = max(0.0, 1 - float(np.mean(errors)) / variance) if variance > 0 else 0.0
    return [middle + kept * (mean - middle) for mean in means]
