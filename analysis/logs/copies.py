"""The runs and series of logs in, the runs that are copies of another out: equal to the last digit, which no repeat is."""

import math
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
from sweepbook.analysis.logs.order import place as place_of

METRICS = "metrics."
# Parts of a name that say how long a run took or what it used: that differs between a run and its copy.
TIMES = ("time", "seconds", "duration", "runtime", "latency", "elapsed", "throughput", "per_second", "memory", "energy", "power")
ENDINGS = ("_s", "_sec", "_ms", "_kwh")
ALONE = 7.0  # digits of one value that no two runs share by chance
TOGETHER = 10.0  # the same of all values of a run
ROUNDED = Fraction(1, 10**15)  # of a value, by which sums are off: 1 - 0.8 is 0.19999999999999996
WRITTEN = 4  # digits from which on a value is not a round one


def copies(runs: pd.DataFrame, epochs: pd.DataFrame) -> dict[str, str]:
    """Each finished run that has the settings of an earlier one and equals it to the last digit in every metric and series,
    whatever their seeds; with that earlier run.

    Values that two runs may share by chance make no copy: 500.0, the highest that there is, or 37 of 38 right.
    """
    alike = list(_alike(runs))
    wanted = {log for group in alike for log in group}
    series = _series(epochs, wanted) if wanted else {}
    known: dict[str, str] = {}
    for group in alike:
        first: dict[object, str] = {}
        for log, values in group.items():
            key = series.get(log, b"")
            if key not in first:
                first[key] = log
            elif _telling([*values, *np.frombuffer(key)]):
                known[log] = first[key]
    return known


def _alike(runs: pd.DataFrame) -> Iterator[dict[str, list[float]]]:
    """The finished runs of one configuration that have the same final metrics, the first to begin first, each with their values."""
    finished = runs[runs["status"].eq("finished")]
    names = [name for name in runs.columns if name.startswith(METRICS) and not _is_time(name)]
    values = finished[names].to_numpy(dtype=float)
    keys: list[Any] = [finished[name] for name in ("started", "log", "id")]
    rows = sorted(zip(*keys, range(len(finished)), strict=True), key=lambda row: place_of(row[0], row[1]))
    groups: dict[tuple[str, bytes], dict[str, list[float]]] = {}
    for _, log, ident, place in rows:
        groups.setdefault((ident, values[place].tobytes()), {})[log] = list(values[place])
    yield from (group for group in groups.values() if len(group) > 1)


def _series(epochs: pd.DataFrame, wanted: Iterable[str]) -> Mapping[str, bytes]:
    """All series of each wanted log, one after the other."""
    names = [name for name in epochs.columns if name not in ("log", "epoch") and not _is_time(name)]
    rows = epochs[epochs["log"].isin(wanted)]
    tables = rows.groupby("log", sort=False)[names]
    return {str(log): table.to_numpy(dtype=float).tobytes() for log, table in tables}


def _is_time(name: str) -> bool:
    return name.endswith(ENDINGS) or any(word in name.lower() for word in TIMES)


def _telling(values: Iterable[float]) -> bool:
    """Whether no two runs have these values by chance."""
    total = 0.0
    for value in {abs(value) for value in values if math.isfinite(value)}:
        own = _digits(float(value))
        total += own
        if own >= ALONE or total >= TOGETHER:
            return True
    return False


def _digits(value: float) -> float:
    """How many digits it takes to write `value`, as a number or as the simplest fraction that it may be: 1.6 of 0.9737, which is
    37/38; none of a round one, as 500.0."""
    with np.errstate(over="ignore"):
        short = float(np.float32(value)) == value  # computed with seven digits, whatever it is written with
    text = np.format_float_scientific(np.float32(value) if short else value, unique=True)
    mantissa, _, exponent = text.partition("e")
    written = len(mantissa.replace(".", "").rstrip("0"))
    if written < WRITTEN:
        return 0.0
    exact = Fraction(value)
    width = max(Fraction(10) ** (int(exponent) - (written - 1)) / 2, exact * ROUNDED)
    for most in (10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000):
        simple = exact.limit_denominator(most)
        if abs(simple - exact) <= width:
            return min(float(written), math.log10(max(simple.numerator, simple.denominator, 1)))
    return float(written)
