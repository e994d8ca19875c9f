"""Curves in, lines of Unicode blocks out, all on one scale, so that one can be held against another."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

BLOCKS = "▁▂▃▄▅▆▇█"
WIDTH = 16  # blocks; a longer curve shows the means of stretches
Curve: TypeAlias = Sequence[float]


@dataclass(frozen=True)
class Scale:
    """What the lowest and the highest block stand for. The heights between are even in the logarithm where every value is
    above 0: one configuration that learnt nothing would flatten all others."""

    low: float
    high: float

    @property
    def logarithmic(self) -> bool:
        """Whether equal steps of height are equal factors."""
        return self.low > 0

    def share(self, value: float) -> float:
        """How far up `value` lies, from 0 to 1."""
        low, high, at = map(math.log, (self.low, self.high, value)) if self.logarithmic else (self.low, self.high, value)
        height = high / 2 - low / 2  # halved: the whole may be more than a float holds
        return min(max((at / 2 - low / 2) / height, 0.0), 1.0) if height else 0.0


def common_scale(curves: Iterable[Curve]) -> Scale | None:
    """The scale that has room for all `curves`; None where no value of them is finite.

    >>> common_scale([[1.0, 0.5], [0.25]])
    Scale(low=0.25, high=1.0)
    """
    values = [value for curve in curves for value in curve if math.isfinite(value)]
    return Scale(min(values), max(values)) if values else None


def sparkline(curve: Curve, scale: Scale | None) -> str:
    """`curve` as at most 16 blocks; a space where it has no finite value.

    >>> sparkline([1.0, 0.5, 0.25], Scale(0.25, 1.0))
    '█▅▁'
    """
    if not len(curve) or scale is None:
        return ""
    stretches = np.array_split(np.asarray(curve, float), min(len(curve), WIDTH))
    return "".join(_block(stretch[np.isfinite(stretch)], scale) for stretch in stretches).rstrip()


def _block(values: "np.ndarray[tuple[int], np.dtype[np.float64]]", scale: Scale) -> str:
    if not len(values):
        return " "
    mean = float(np.sum(values / len(values)))
    return BLOCKS[round(scale.share(min(max(mean, scale.low), scale.high)) * (len(BLOCKS) - 1))]
