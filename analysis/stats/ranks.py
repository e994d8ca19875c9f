"""Two rows of numbers in, how far they rank alike out."""

import math
from bisect import bisect_right, insort
from collections import Counter
from collections.abc import Iterable, Sequence


def kendall(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Kendall's τ-b (1945, Biometrika 33): pairs in the same order less those in the other, over all of them, ties taken off. None
    where one row has no two different values.

    scipy's takes half a second to import, more than anything else of a comparison of two sweeps.

    >>> kendall([1, 2, 3, 4], [1, 2, 4, 3])
    0.6666666666666666
    """
    n = math.comb(len(first), 2)
    ordered = sorted(zip(first, second, strict=True))
    seen: list[float] = []
    crossed = 0
    for _, y in ordered:
        crossed += len(seen) - bisect_right(seen, y)
        insort(seen, y)
    tied, tied_first, tied_second = (_tied(values) for values in (ordered, first, second))
    if n in (tied_first, tied_second):
        return None
    return (n - tied_first - tied_second + tied - 2 * crossed) / math.sqrt((n - tied_first) * (n - tied_second))


def _tied(values: Iterable[object]) -> int:
    """The number of pairs of equal values."""
    return sum(math.comb(count, 2) for count in Counter(values).values() if count > 1)
