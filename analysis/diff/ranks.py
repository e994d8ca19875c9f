"""Matched configurations in, how far their two rankings agree out, and how far noise alone would let them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from sweepbook.analysis.diff.matching import Matching
from sweepbook.analysis.diff.noises import means
from sweepbook.analysis.stats.means import Mean
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


def agreement(found: Matching, metric: str, old: Mapping[str, Noise], new: Mapping[str, Noise]) -> Agreement | None:
    """How far the two rankings agree, each with the noise of its side; None for fewer than three configurations."""
    if len(found.pairs) < 3:
        return None
    scores = [[e.metrics[metric].mean for e in entries] for entries in zip(*found.pairs, strict=True)]
    tau = kendall(*scores)
    if tau is None:
        return None
    errors = [np.array([_squared_error(mean) for mean in side.values()]) for side in means(found, metric, old, new)]
    if not (old.get(metric) and new.get(metric)) or all(len(found.shared[b.id]) == a.n == b.n for a, b in found.pairs):
        return Agreement(tau, None, None)
    truth = np.array(shrunken(np.mean(scores, axis=0).tolist(), (np.mean(errors, axis=0) / 2).tolist()))
    draw = np.random.default_rng(0).standard_normal
    count = max(FEWEST, min(DRAWS, MOST_DRAWN // len(truth)))
    drawn = [kendall(*((truth + np.sqrt(error) * draw(len(truth))).tolist() for error in errors)) or 0.0 for _ in range(count)]
    middle, half = float(np.mean(drawn)), 1.96 * float(np.std(drawn, ddof=1))  # near to normal (Kendall 1938)
    return Agreement(tau, max(middle - half, -1.0), min(middle + half, 1.0))


def _squared_error(mean: Mean) -> float:
    """Of its own runs alone: what a seed does to all configurations alike moves none past another."""
    return (mean.variance or 0.0) / mean.n
