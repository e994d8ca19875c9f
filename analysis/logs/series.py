"""The series of a log in, with one entry an epoch out, and a few words on what had to be assumed for it.

Other tools log a series every few epochs, or log epochs again after a resume. docs/runlog.md has the rules."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from sweepbook.runner.config import Config
from sweepbook.runner.values import is_finite

EPOCHS = ("epochs", "max_epochs", "num_epochs", "n_epochs")  # settings that say how many epochs a run was to have
NUMBER, LOG = "epoch", "log"  # a series of numbers of epochs; and a name that the frame of epochs has for itself
SPARSEST = 1000  # epochs from one entry to the next, at most
TWICE, LEFT = "twice", "left out"
Series = Mapping[str, Sequence[float]]


def planned_epochs(config: Config) -> int | None:
    """How many epochs the settings ask for; None where they do not say.

    >>> planned_epochs({"trainer.max_epochs": 5}), planned_epochs({"lr": 0.1})
    (5, None)
    """
    counts = [float(str(value)) for name, value in config.items() if name.rpartition(".")[2] in EPOCHS and is_finite(value)]
    return next((int(number) for number in counts if number.is_integer() and number > 0), None)


def by_epoch(series: Series, planned: int | None) -> tuple[Series, str]:
    """`series` with one entry an epoch, all of one length, NaN where an epoch has none; and what was assumed, "" for nothing.

    Where they number their epochs themselves, in a series "epoch", that goes. Else a series longer than the `planned` epochs had
    some logged twice, and a shorter one was logged every second, third, … epoch. What fits neither is left out.

    >>> by_epoch({"valid_loss": [5.0, 4.0, 3.0, 4.0, 3.0, 2.0]}, 4)
    ({'valid_loss': [5.0, 4.0, 3.0, 2.0]}, 'twice: valid_loss has 6 entries for 4 epochs')
    """
    lengths = {len(values) for values in series.values()}
    if not lengths or (len(lengths) == 1 and NUMBER not in series and max(lengths) <= (planned or math.inf) and LOG not in series):
        return series, ""
    own = {name: list(values) for name, values in series.items() if name not in (NUMBER, LOG)}
    numbers = _numbers(series.get(NUMBER, ()))
    numbered = _numbered(own, numbers) if numbers else {}
    rest = {name: values for name, values in own.items() if name not in numbered}
    epochs = len(next(iter(numbered.values()))) if numbered else _epochs(rest, planned)
    folded = {name: _later(values, epochs, exact=epochs != planned) for name, values in rest.items() if len(values) > epochs}
    whole = {name: _spread(folded.get(name) or values, epochs) for name, values in rest.items()}
    placed = {**numbered, **{name: values for name, values in whole.items() if values is not None}}
    again = [name for name in own if name in placed and (name in folded or (name in numbered and len(set(numbers)) < len(numbers)))]
    return {name: placed[name] for name in own if name in placed}, _words(own, placed, again, epochs)


def _numbers(values: Sequence[float]) -> list[int]:
    """The epochs, from 1, that the entries of a series "epoch" name; none where they cannot be such numbers."""
    if not values or not all(math.isfinite(v) and float(v).is_integer() and v >= 0 for v in values):
        return []
    first = 1 - min(map(int, values)) if min(values) == 0 else 0
    numbers = [int(value) + first for value in values]
    return numbers if max(numbers) <= SPARSEST * len(numbers) else []


def _numbered(series: Mapping[str, list[float]], numbers: Sequence[int]) -> dict[str, list[float]]:
    """The series that are as long as `numbers`, each entry at its epoch, the last where there are several."""
    placed = {}
    for name, values in series.items():
        if len(values) == len(numbers):
            placed[name] = [math.nan] * max(numbers)
            for number, value in zip(numbers, values, strict=True):
                placed[name][number - 1] = value
    return placed


def _epochs(series: Mapping[str, list[float]], planned: int | None) -> int:
    """How many epochs the series are of: the planned ones, where one is as long or a resume made the longest longer, by less than
    as much again; else the longest, unless it repeats itself and is as long as another without that."""
    lengths = sorted({len(values) for values in series.values()})
    if not lengths:
        return 0
    if planned and (planned in lengths or planned < lengths[-1] < 2 * planned):
        return planned
    longest = [values for values in series.values() if len(values) == lengths[-1]]
    folds = [n for n in lengths[:-1] if all(_later(values, n, exact=True) for values in longest)]
    return folds[-1] if folds else lengths[-1]


def _later(values: Sequence[float], epochs: int, exact: bool) -> list[float]:
    """`values` without as many of them as are too many for so many `epochs`: those whose like comes again right after them, in
    between which the run was resumed. Nothing where that has to be `exact` and is not, or is no resume."""
    more = len(values) - epochs
    if not 0 < more < epochs:
        return []
    y = np.asarray(values, float)
    apart = np.abs(y[more:] - y[:-more])
    total = np.r_[0.0, np.where(np.isnan(apart), 0, np.minimum(apart, 1e100)).cumsum()]
    sums = total[more:] - total[:-more]
    place = len(sums) - 1 - int(sums[::-1].argmin())
    if exact and (sums[place] > 0 or len(set(values[place : place + more])) < 2):
        return []
    return [*values[:place], *values[place + more :]]


def _spread(values: Sequence[float], epochs: int) -> list[float] | None:
    """`values` over so many epochs, evenly: the last at the last epoch, and the first where that is the first one, or as far from
    the beginning as two are apart. None where they do not come out even."""
    n = len(values)
    if n == epochs:
        return list(values)
    if n > epochs:
        return None
    if n and epochs % n == 0:
        step, first = epochs // n, epochs // n - 1
    elif n > 1 and (epochs - 1) % (n - 1) == 0:
        step, first = (epochs - 1) // (n - 1), 0
    else:
        return None
    spread = [math.nan] * epochs
    spread[first::step] = values
    return spread


def _words(series: Series, placed: Series, again: Sequence[str], epochs: int) -> str:
    """What was assumed, of the series that were logged twice or are left out."""
    out = [name for name in series if name not in placed]
    parts = [f"{what}: {_entries(series, names, epochs)}" for what, names in ((TWICE, again), (LEFT, out)) if names]
    return "; ".join(parts)


def _entries(series: Series, names: Sequence[str], epochs: int) -> str:
    """How many entries the first of `names` has, and how many more series there are."""
    first, more = names[0], len(names) - 1
    others = f" and {more} more series" if more else ""
    return f"{first}{others} {'have' if more else 'has'} {len(series[first])} entries for {epochs} epoch{'s' * (epochs > 1)}"
