"""Series of one length in, the places of the points to draw out. Knows numbers and nothing of ours."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

MOST = 500  # of a curve; a panel is a few hundred pixels wide


def drawn(series: Sequence[npt.NDArray[np.float64]], most: int = MOST) -> npt.NDArray[np.intp]:
    """The places, from 0, of the points to draw: all, or at most so many of them.

    They are the ends, and of each of many equal stretches where each series is lowest and highest: no peak is lost.

    >>> drawn([np.array([1.0, 2.0, 1.0])]).tolist(), len(drawn([np.arange(1e6), -np.arange(1e6)]))
    ([0, 1, 2], 248)
    """
    length = len(series[0])
    if length <= most:
        return np.arange(length)
    starts = np.linspace(0, length, (most - 2) // (2 * len(series)) + 1).astype(np.intp)
    stretches = [slice(a, b) for a, b in pairwise(starts.tolist())]
    ends = [s.start + pick(values[s]) for s in stretches for values in series for pick in (np.argmin, np.argmax)]
    return np.unique(np.array([0, *ends, length - 1], np.intp))
