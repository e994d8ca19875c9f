"""Numbers in, the ends of an axis out. Knows numbers and nothing of ours."""

import math
from collections.abc import Sequence

import numpy as np

FENCE = 3.0  # spreads of the middle half beyond which a value lies off the axis (Tukey 1977, the outer fence)
ENOUGH = 8  # values; fewer have no bulk to speak of
ROUNDING = 1e-9  # of the larger one, by which two numbers that are the same may differ once they were computed
NARROWEST = 1e-306  # of an axis; a float has no digits left for a tenth of less


def alike(low: float, high: float) -> bool:
    """Whether two numbers are the same but for rounding, so that no axis has room between them.

    >>> alike(0.3, 0.1 + 0.2), alike(1e-300, 2e-300)
    (True, False)
    """
    return abs(high - low) <= max(ROUNDING * max(abs(low), abs(high)), NARROWEST)


def bulk(values: Sequence[float]) -> tuple[float, float]:
    """The lowest and the highest of `values` without those far outside the middle half, so that a few do not squeeze the rest;
    of all values where that half is one value, which nothing can squeeze.

    >>> bulk([10.0, 80.0, 81.0, 82.0, 83.0, 84.0, 85.0, 86.0]), bulk([10.0, *[80.0] * 7])
    ((80.0, 86.0), (10.0, 80.0))
    """
    first, third = np.quantile(values, [0.25, 0.75])
    if len(values) < ENOUGH or alike(first, third):
        return min(values), max(values)
    reach = FENCE * (third - first)
    inside = [value for value in values if first - reach <= value <= third + reach]
    return min(inside), max(inside)


def round_ends(low: float, high: float) -> tuple[float, float]:
    """The nearest round numbers at or below `low` and at or above `high`.

    >>> round_ends(78.8, 84.5), round_ends(0.4, 0.46), round_ends(1e-300, 2e-300)
    ((78.5, 84.5), (0.4, 0.46), (1e-300, 2e-300))
    """
    power = 10.0 ** math.floor(math.log10(high - low))
    unit = next(power * k for k in (0.1, 0.2, 0.5, 1, 2) if (high - low) / (power * k) <= 12)
    first, last = math.floor(low / unit + 1e-9) * unit, math.ceil(high / unit - 1e-9) * unit
    return min(float(f"{first:.12g}"), low), max(float(f"{last:.12g}"), high)


def sides(spans: Sequence[tuple[float | None, float, float | None]]) -> tuple[list[float], list[float], list[float]]:
    """The low ends, the means and the high ends of intervals; where an end is not known the mean stands for it.

    >>> sides([(1.0, 2.0, 3.0), (None, 4.0, None)])
    ([1.0, 4.0], [2.0, 4.0], [3.0, 4.0])
    """
    means = [mean for _, mean, _ in spans]
    lows = [mean if low is None else low for low, mean, _ in spans]
    highs = [mean if high is None else high for _, mean, high in spans]
    return lows, means, highs


def spread(spans: Sequence[tuple[float | None, float, float | None]], besides: Sequence[float] = ()) -> tuple[float, float]:
    """The ends of an axis that shows the bulk of the means and of their intervals, and what has to be seen `besides`."""
    lows, means, highs = sides(spans)
    values = [*bulk(means), bulk(lows)[0], bulk(highs)[1], *besides]
    margin = 0.05 * (max(values) - min(values)) or 0.02 * abs(values[0]) or 1.0  # of equal values too an axis has two ends
    return min(values) - margin, max(values) + margin
