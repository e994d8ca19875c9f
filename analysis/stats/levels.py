"""The levels of a factor in, each over its configurations, one mean a level out, with the noise that such means have.

An average over configurations varies from seed to seed by more than the noise of its runs: what a seed does to one level and not to
another stays in it. So levels over the same configurations and seeds are read as if each were one configuration: the table of their
averages, [levels, seeds], has a noise of its own.
"""

from collections.abc import Sequence
from itertools import pairwise

from sweepbook.analysis.stats.contrasts import Contrast, contrast
from sweepbook.analysis.stats.means import Mean, mean_of
from sweepbook.analysis.stats.neighbours import BLOCKED
from sweepbook.analysis.stats.noise import noise


def merged(levels: Sequence[Sequence[Mean]]) -> list[Mean] | None:
    """One mean a level, for levels that are compared with each other. None where there is none that keeps what the noise of the
    sums is: those are to be compared by `between`.

    >>> [mean.value for mean in merged([[Mean(3, 1.0, 1.0, 4, None)], [Mean(3, 2.0, 1.0, 4, None), Mean(3, 4.0, 1.0, 4, None)]])]
    [1.0, 3.0]
    """
    if all(len(means) == 1 for means in levels):
        return [means[0] for means in levels]
    every = [mean for means in levels for mean in means]
    if any(mean.error is None for mean in every):
        return None
    if every[0].seeds is None:
        return [_independent(means) for means in levels]
    seeds = every[0].runs.keys()
    if any(mean.runs.keys() != seeds for mean in every) or (len(levels) - 1) * (len(seeds) - 1) < BLOCKED:
        return None
    samples = {
        str(place): {seed: sum(sorted(mean.runs[seed] for mean in means)) / len(means) for seed in seeds}
        for place, means in enumerate(levels)
    }
    found = noise(samples)
    if found is None or found.seeds is None:
        return None
    floors = [sum(sorted(mean.floor for mean in means)) / len(means) ** 2 for means in levels]
    return [mean_of(samples[str(place)], found, str(place), floor) for place, floor in enumerate(floors)]


def _independent(means: Sequence[Mean]) -> Mean:
    """The mean over configurations whose runs are independent: a mean of three runs or more in all that is, whose error on its
    degrees of freedom is that of the sum."""
    if len(means) == 1:
        return means[0]
    value = sum(sorted(mean.value for mean in means)) / len(means)
    total = contrast(means, [1 / len(means)] * len(means))
    error, df = total.errors[0]
    n = max(3, sum(mean.n for mean in means))
    return Mean(n, value, error**2 * n, df, None, known=means[0].known)


def steps(levels: Sequence[Sequence[Mean]], one_each: Sequence[Mean] | None = None) -> list[Contrast]:
    """From each level to the next, what its mean changes by. `one_each` are the `merged` levels, where these are at hand."""
    means = one_each or merged(levels)
    if means:
        return [contrast([a, b], [-1, 1]) for a, b in pairwise(means)]
    return [between(a, b) for a, b in pairwise(levels)]


def between(first: Sequence[Mean], second: Sequence[Mean]) -> Contrast:
    """The mean of `second` less that of `first`, each mean counted once."""
    weights = [-1 / len(first)] * len(first) + [1 / len(second)] * len(second)
    return contrast([*first, *second], weights, sides=len(weights) > 2)
