"""Arrays in, estimates with their n and their interval out. Knows arrays and nothing else of ours."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit


@dataclass(frozen=True)
class Estimate:
    """A mean over `n` runs with its interval; `low` and `high` are None where n = 1 leaves the noise unknown."""

    n: int
    mean: float
    low: float | None
    high: float | None


def mean_interval(values: npt.ArrayLike, level: float = 0.95) -> Estimate | None:
    """The mean of `values` [n] and its Student t interval: mean ± t(n - 1) · s / √n (Student 1908). None where n = 0.

    >>> estimate = mean_interval([1.0, 2.0, 3.0])
    >>> estimate.n, estimate.mean, round(estimate.low, 3), round(estimate.high, 3)
    (3, 2.0, -0.484, 4.484)
    """
    y = np.sort(np.asarray(values, float))  # sums depend on the order in the last bit, and a tie is a tie in any
    if not len(y):
        return None
    mean = float(y.mean())
    if len(y) == 1:
        return Estimate(1, mean, None, None)
    half = float(stdtrit(len(y) - 1, (1 + level) / 2) * y.std(ddof=1) / np.sqrt(len(y)))
    return Estimate(len(y), mean, mean - half, mean + half)
