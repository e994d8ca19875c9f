"""Matched configurations in, how far their two rankings agree out, and how far noise alone would let them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sweepbook.analysis.diff.matching import Matching
from sweepbook.analysis.export.record.read import Entry, Side
from sweepbook.analysis.stats.noise import Noise
from sweepbook.analysis.stats.ranks import kendall
from sweepbook.analysis.stats.several import shrunken

DRAWS, FEWEST, MOST_DRAWN = 200, 20, 100_000  # pairs of rankings drawn to see what noise does to them, and scores in all


@dataclass(frozen=True)
class Agreement:
    """Kendall's τ between the rankings of the matched configurations, and where 95% of such τ lie between two sweeps of which only
    the noise differs; None where that is not known."""

    tau: float
    low: float | None
    high: float | None


def agreement(found: Matching, old: Side, new: Side, metric: str) -> Agreement | None:
    """How far the two rankings agree; None for fewer than three configurations."""
    if len(found.pairs) < 3:
        return None
    means = [[e.metrics[metric].mean for e in entries] for entries in zip(*found.pairs, strict=True)]
    tau = kendall(*means)
    if tau is None:
        return None
    known = [_errors([pair[i] for pair in found.pairs], side.noises.get(metric)) for i, side in enumerate((old, new))]
    errors = [error for error in known if error is not None]
    if len(errors) < 2 or all(len(found.shared[b.id]) == a.n == b.n for a, b in found.pairs):
        return Agreement(tau, None, None)
    truth = np.array(shrunken(np.mean(means, axis=0).tolist(), (np.mean(errors, axis=0) / 2).tolist()))
    draw = np.random.default_rng(0).standard_normal
    count = max(FEWEST, min(DRAWS, MOST_DRAWN // len(truth)))
    drawn = [kendall(*((truth + np.sqrt(error) * draw(len(truth))).tolist() for error in errors)) or 0.0 for _ in range(count)]
    middle, half = float(np.mean(drawn)), 1.96 * float(np.std(drawn, ddof=1))  # near to normal (Kendall 1938)
    return Agreement(tau, max(middle - half, -1.0), min(middle + half, 1.0))


def _errors(entries: Sequence[Entry], noise: Noise | None) -> npt.NDArray[np.float64] | None:
    """The squared standard error of each mean."""
    return None if noise is None else np.array([noise.sd**2 / entry.n for entry in entries])
