"""What the runs of each configuration scatter by in, which of them scatter far beyond the others by chance and their own unlikeness
out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtri, polygamma

Array = npt.NDArray[np.float64]

FEWEST = 3  # others to compare with, at least
TIMES = 5.0  # as far apart as a typical other, at least
BEYOND = 3.0  # standard deviations of a log variance beyond the median of the others
MAD = 1.4826  # times the median deviation is the standard deviation of a normal


@dataclass(frozen=True, eq=False)
class Apart:
    """By configuration: the standard deviation of a `typical` other one, and whether its own is `far` beyond that, both [k]."""

    typical: Array
    far: npt.NDArray[np.bool_]


def apart(variances: Array, df: Array) -> Apart:
    """Which of `variances` [k] on `df` [k] degrees of freedom, all above 0, are far beyond the others. These are told by the median
    of their logs and the median deviation from it, so that a few wild ones do not hide each other.

    >>> apart(np.array([1.0, 2.0, 0.5, 900.0]), np.full(4, 2.0)).far
    array([False, False, False,  True])
    >>> apart(np.array([1.0, 2.0, 900.0]), np.full(3, 2.0)).far
    array([False, False, False])
    """
    k = len(variances)
    if k <= FEWEST:
        return Apart(np.full(k, np.nan), np.zeros(k, bool))
    logs = np.log(variances * df / chdtri(df, 0.5))  # about the log of the true variance, in the median
    by_chance = np.sqrt(polygamma(1, df / 2))
    middle = _median_of_others(logs)
    deviation = np.empty(k)
    for one in np.unique(middle):  # three at most
        deviation[middle == one] = _median_of_others(np.abs(logs - one))[middle == one]
    scale = np.maximum(MAD * deviation, by_chance)
    far = np.log(variances) - middle > np.maximum(2 * np.log(TIMES), BEYOND * scale)
    return Apart(np.exp(middle / 2), far)


def variances(samples: Sequence[Sequence[float]]) -> Array:
    """The variance of each of the samples [k], all of two values or more."""
    found = np.empty(len(samples))
    lengths = np.array([len(sample) for sample in samples])
    for places in (np.flatnonzero(lengths == length) for length in np.unique(lengths)):
        found[places] = np.var([samples[place] for place in places.tolist()], axis=1, ddof=1)
    return found


def _median_of_others(values: Array) -> Array:
    """For each of `values` [k] the median of all others [k]."""
    ascending, others = np.sort(values), len(values) - 1
    rank = np.argsort(np.argsort(values, kind="stable"))
    low, high = (middle + (rank <= middle) for middle in ((others - 1) // 2, others // 2))  # without its own, one later
    return np.asarray((ascending[low] + ascending[high]) / 2)
