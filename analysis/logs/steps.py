"""Series that number their own steps in, the same series over one row of steps out."""

from collections.abc import Mapping, Sequence
from math import nan
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

MOST = 1_000  # rows of a run; a picture has fewer points, and thousands of runs fit into memory
Numbers: TypeAlias = Sequence[float] | npt.NDArray[np.float64]


def aligned(series: Mapping[str, tuple[Numbers, Numbers]], most: int = MOST) -> tuple[list[float], dict[str, list[float]]]:
    """The steps of all series, ascending, and each series with a value a step, NaN where it has none there. Of several values at
    one step the last counts. Of more than `most` steps as many are kept, evenly by rank, the first and the last among them; a
    series has there the last value that it had up to that step, where it has a new one.

    >>> aligned({"loss": ([0, 1, 1], [3.0, 2.5, 2.0]), "accuracy": ([1], [0.5])})
    ([0.0, 1.0], {'loss': [3.0, 2.0], 'accuracy': [nan, 0.5]})
    """
    pairs = {name: _later(np.asarray(steps, float), np.asarray(values, float)) for name, (steps, values) in series.items()}
    every = np.unique(np.concatenate([steps for steps, _ in pairs.values()])) if pairs else np.empty(0)
    kept = every[np.unique(np.linspace(0, len(every) - 1, min(most, len(every))).round().astype(int))] if len(every) else every
    placed = {}
    for name, (steps, values) in pairs.items():
        row = np.full(len(kept), nan)
        row[np.searchsorted(kept, steps)] = values  # ascending: of several that fall to one row the last stays
        placed[name] = row.tolist()
    return kept.tolist(), placed


def _later(steps: npt.NDArray[np.float64], values: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], ...]:
    """Both by ascending steps, those logged last behind, without steps that are no number."""
    known = ~np.isnan(steps)
    steps, values = steps[known], values[known]
    order = np.argsort(steps, kind="stable")
    return steps[order], values[order]
