"""When a run began and its log's name in, its place among the others out: the first to begin first, else as people count."""

import math
import re
from functools import lru_cache
from typing import Any, TypeAlias

NUMBER = re.compile(r"(\d+)")
LONGEST = 18  # digits of a number in a name

Place: TypeAlias = tuple[float, tuple[tuple[int, str], ...], str]


def place(started: Any, log: str) -> Place:
    """Where a run stands; those of which it is not known when they began come last.

    >>> sorted(["version_11", "version_2"], key=lambda log: place(None, log))
    ['version_2', 'version_11']
    """
    moment = float(started) if started is not None and started == started else math.inf
    return moment, _counted(log), log


@lru_cache(maxsize=2**16)
def _counted(log: str) -> tuple[tuple[int, str], ...]:
    """A log's name in parts, each after the number before it. Several orders are asked of all logs in turn."""
    parts = NUMBER.split(log)
    numbers = (int(part[:LONGEST]) for part in parts[1::2])
    return tuple(zip([0, *numbers], parts[::2], strict=True))
