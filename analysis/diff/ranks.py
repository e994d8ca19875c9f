"""Matched configurations in, how far their two rankings agree out, and how far noise alone would let them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.diff.matching import Matching
from analysis.diff.side import Entry, Side
from analysis.stats.noise import Noise
from analysis.stats.several import shrunken

REFERENCES = 200  # pairs of rankings drawn to see what noise alone does to their agreement


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
    from scipy.stats import kendalltau  # its import takes a second, which no other part needs

    means = np.array([[e.metrics[metric].mean for e in pair] for pair in found.pairs]).T
    tau = float(kendalltau(*means).statistic)
    if tau != tau:
        return None
    known = [_errors([pair[i] for pair in found.pairs], side.noises.get(metric)) for i, side in enumerate((old, new))]
    errors = [error for error in known if error is not None]
    if len(errors) < 2 or all(a.shown == b.shown for a, b in found.pairs):
        return Agreement(tau, None, None)
    truth = np.array(shrunken(means.mean(0).tolist(), (np.mean(errors, axis=0) / 2).tolist()))
    draw = np.random.default_rng(0).standard_normal
    drawn = [
        float(kendalltau(*(truth + np.sqrt(error) * draw(len(truth)) for error in errors)).statistic) for _ in range(REFERENCES)
    ]
    return Agreement(tau, *(float(end) for end in np.quantile(drawn, [0.025, 0.975])))


def _errors(entries: Sequence[Entry], noise: Noise | None) -> npt.NDArray[np.float64] | None:
    """The squared standard error of each mean."""
    return None if noise is None else np.array([noise.sd**2 / entry.n for entry in entries])
