"""A metric and its values in, where numbers of it can lie out: what no number told of it may pass."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache

from sweepbook.analysis.stats.contrasts import Difference
from sweepbook.analysis.stats.means import Estimate
from sweepbook.analysis.stats.noise import Noise
from sweepbook.runner.metric import is_loss, limits


@dataclass(frozen=True)
class Span:
    """The lowest and the highest value that there can be; infinite where there is no such limit."""

    low: float
    high: float

    @property
    def width(self) -> float:
        """The largest difference that two values can have."""
        return self.high - self.low

    def estimate(self, found: Estimate) -> Estimate:
        """A mean with its interval cut to what the metric can be."""
        if found.low is None or found.high is None:
            return found
        return Estimate(found.n, found.mean, max(found.low, self.low), min(found.high, self.high))

    def difference(self, found: Difference, least: float = -math.inf) -> Difference:
        """A difference, which is `least` at the least, with its interval cut to what two values can differ by. A sum of more than
        two values may itself lie beyond, and ends there then."""
        if found.low is None or found.high is None:
            return found
        low = max(found.low, least, min(-self.width, found.estimate))
        return Difference(found.estimate, low, min(found.high, max(self.width, found.estimate)))

    def seen(self, size: float | None) -> float | None:
        """The `size` from which on differences are seen; None where none is: there can be none so large."""
        return size if size is not None and size <= self.width else None

    def noise(self, found: Noise) -> Noise:
        """A noise with its interval cut to the standard deviation that values within the span can have: half its width."""
        most, own = max(self.width / 2, found.sd), found.replicates
        own = replace(own, high=min(own.high, max(self.width / 2, own.sd)))
        return replace(found, high=min(found.high, most), replicates=own)


ANYWHERE = Span(-math.inf, math.inf)


def span(metric: str, values: Iterable[float] = ()) -> Span:
    """Where numbers of a metric can lie by its name, and by its `values`, which may tell that the name means something else here; a
    loss that is never below 0 in them is taken to be none that could be.

    >>> span("valid_accuracy"), span("valid_loss", [0.4, 0.02]), span("valid_accuracy", [83.0])
    (Span(low=0.0, high=1.0), Span(low=0.0, high=inf), Span(low=-inf, high=inf))
    """
    known = list(values)
    found = _named(metric, bool(known))
    return found if all(found.low <= value <= found.high for value in known) else ANYWHERE


@cache
def _named(metric: str, valued: bool) -> Span:
    """Where numbers of a metric can lie by its name; with values that do not tell otherwise a loss is never below 0."""
    low, high = limits(metric)
    if low is None and valued and is_loss(metric):
        low = 0.0
    return Span(-math.inf if low is None else low, math.inf if high is None else high)
