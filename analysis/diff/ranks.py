"""Matched configurations in, how far their two rankings agree out, and how far noise alone would let them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sweepbook.analysis.diff.matching import Matching
from sweepbook.analysis.export.record.read import Entry
from sweepbook.analysis.stats.means import mean_of
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
    before, after = zip(*found.pairs, strict=True)
    scores = [[entry.metrics[metric].mean for entry in entries] for entries in (before, after)]
    tau = kendall(*scores)
    if tau is None:
        return None
    fits = old.get(metric), new.get(metric)
    if fits[0] is None or fits[1] is None or all(len(found.shared[b.id]) == a.n == b.n for a, b in found.pairs):
        return Agreement(tau, None, None)
    errors = [_errors(before, metric, fits[0]), _errors(after, metric, fits[1])]
    truth = np.array(shrunken(np.mean(scores, axis=0).tolist(), (np.mean(errors, axis=0) / 2).tolist()))
    draw = np.random.default_rng(0).standard_normal
    count = max(FEWEST, min(DRAWS, MOST_DRAWN // len(truth)))
    drawn = [kendall(*((truth + np.sqrt(error) * draw(len(truth))).tolist() for error in errors)) or 0.0 for _ in range(count)]
    middle, half = float(np.mean(drawn)), 1.96 * float(np.std(drawn, ddof=1))  # near to normal (Kendall 1938)
    return Agreement(tau, max(middle - half, -1.0), min(middle + half, 1.0))


def _errors(entries: Sequence[Entry], metric: str, noise: Noise) -> npt.NDArray[np.float64]:
    """The squared standard error of each mean by what its own runs vary by: what a seed does to all configurations alike moves none
    past another, nor does the choice of examples, which both sweeps are scored on."""
    return np.array([(mean_of(entry.runs[metric], noise, entry.id).variance or 0.0) / entry.n for entry in entries])
