"""The settings of configurations in the order in which they ran in, whether their levels drifted with it out: then later ones were
chosen by somebody, or something, that knew how earlier ones did."""

from collections.abc import Sequence

import numpy as np
from scipy.special import chdtrc, ndtr
from sweepbook.analysis.stats.columns import Levels
from sweepbook.analysis.stats.seeds import Array

SELDOM = 0.01  # how often settings that were drawn at random are said to drift


def drifted(order: Array, settings: Sequence[Levels]) -> bool:
    """Whether the levels of any setting go along with `order` [n] further than chance explains: numbers by Spearman's rank
    correlation (normal approximation), names by Kruskal and Wallis' test (1952, JASA 47), held to 1% over all by Bonferroni."""
    ps = [_p(order[levels.has], levels) for levels in settings if levels.tells]
    return min(ps, default=1.0) * len(ps) <= SELDOM


def _p(order: Array, levels: Levels) -> float:
    """How often chance alone makes the levels go along with the order as closely."""
    when, values = ranks(order), levels.values[levels.has]
    if levels.ordered:
        return float(2 * ndtr(-abs(np.corrcoef(when, ranks(values))[0, 1]) * (len(when) - 1) ** 0.5))
    _, group = np.unique(values, return_inverse=True)
    counts = np.bincount(group)
    between = float((counts * (np.bincount(group, when) / counts - when.mean()) ** 2).sum())
    return float(chdtrc(len(counts) - 1, between / when.var(ddof=1)))


def ranks(values: Array) -> Array:
    """The ranks, from 1; equal values share the mean of theirs."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[place])
