"""Numbers in, the ends of an axis out. Knows numbers and nothing of ours."""

import math
from collections.abc import Sequence

import numpy as np

FENCE = 3.0  # spreads of the middle half beyond which a value lies off the axis (Tukey 1977, the outer fence)
ENOUGH = 8  # values; fewer have no bulk to speak of


def bulk(values: Sequence[float]) -> tuple[float, float]:
    """The lowest and the highest of `values` without those far outside the middle half, so that a few do not squeeze the rest.

    >>> bulk([10.0, 80.0, 81.0, 82.0, 83.0, 84.0, 85.0, 86.0])
    (80.0, 86.0)
    """
    if len(values) < ENOUGH:
        return min(values), max(values)
    first, third = np.quantile(values, [0.25, 0.75])
    reach = FENCE * (third - first)
    inside = [value for value in values if first - reach <= value <= third + reach]
    return min(inside), max(inside)


def round_ends(low: float, high: float) -> tuple[float, float]:
    """The nearest round numbers at or below `low` and at or above `high`.

    >>> round_ends(78.8, 84.5), round_ends(0.4, 0.46)
    ((78.5, 84.5), (0.4, 0.46))
    """
    power = 10.0 ** math.floor(math.log10(high - low))
    unit = next(power * k for k in (0.1, 0.2, 0.5, 1, 2) if (high - low) / (power * k) <= 12)
    return round(math.floor(low / unit + 1e-9) * unit, 12), round(math.ceil(high / unit - 1e-9) * unit, 12)


def sides(spans: Sequence[tuple[float | None, float, float | None]]) -> tuple[list[float], list[float], list[float]]:
    """The low ends, the means and the high ends of intervals; where an end is not known the mean stands for it.

    >>> sides([(1.0, 2.0, 3.0), (None, 4.0, None)])
    ([1.0, 4.0], [2.0, 4.0], [3.0, 4.0])
    """
    means = [mean for _, mean, _ in spans]
    lows = [mean if low is None else low for low, mean, _ in spans]
    highs = [mean if high is None else high for _, mean, high in spans]
    return lows, means, highs
