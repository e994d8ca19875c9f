"""A curve in, the values that it is read by out: those of the epochs that were scored, and of a long curve the means of stretches.

Single epochs of a long run say little: its least value lies somewhere by chance, and neighbours are alike. Means of stretches
carry what the curve does, and their second differences the noise with which they carry it."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[np.float64]
Places: TypeAlias = npt.NDArray[np.intp]

LONG, MOST = 120, 60  # scored epochs from which on stretches are read, and fewer than so many of them


@dataclass(frozen=True, eq=False)
class Course:
    """A curve as it is read: `values`, the `epochs`, from 1, in the middle of what each is the mean of, and how many scored epochs
    that is (`stretch`). `scored` is the number of all scored epochs, `step` that of epochs from one value to the next."""

    values: Array
    epochs: Places
    stretch: int
    scored: int
    step: int


def scored_at(curve: Array) -> Places | None:
    """Where `curve` has values, if it has them all, or one every so many epochs; None where it has none or gaps of another kind.

    The first value may stand at the first epoch and the last at the last one.

    >>> scored_at(np.array([np.nan, 3.0, np.nan, 2.0, np.nan])), scored_at(np.array([3.0, np.nan, 2.0, 1.0]))
    (array([1, 3]), None)
    """
    at = np.flatnonzero(~np.isnan(curve))
    if len(at) == len(curve):
        return at
    if len(at) < 2:
        return None
    steps = np.diff(at)
    step = steps[len(steps) // 2]
    inner = steps[1:-1] if len(steps) > 2 else steps
    even = (inner == step).all() and steps[0] <= step and steps[-1] <= step
    return at if even and at[0] < step and len(curve) - at[-1] <= step else None


def course(curve: Array, at: Places) -> Course:
    """`curve` as it is read, scored `at` these places. What of a long one does not fill a stretch is left out at its beginning.

    >>> found = course(np.arange(3000.0), np.arange(3000))
    >>> len(found.values), found.stretch, found.epochs[:2].tolist(), found.values[:2].tolist()
    (46, 64, [89, 153], [87.5, 151.5])
    """
    if len(at) == len(curve) < LONG:  # as most are, and of these there may be thousands
        return Course(curve, at + 1, 1, len(at), 1)
    stretch = 1
    while len(at) >= LONG and len(at) // stretch >= MOST:
        stretch *= 2
    number = len(at) // stretch
    kept = at[len(at) - number * stretch :].reshape(number, stretch)
    values = curve[kept].mean(axis=1) if stretch > 1 else curve[kept[:, 0]]
    middle = kept[:, stretch // 2] + 1
    return Course(values, middle, stretch, len(at), int(np.diff(middle).max()) if number > 1 else 1)
