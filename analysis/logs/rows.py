"""The rows that a program logged, each with its step, its epoch and some values, in; one value an epoch or a step out.

Programs log the training loss in one row and the validation loss in another, many a row an epoch, and not all say the epoch."""

from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite, nan

from sweepbook.analysis.logs.steps import aligned
from sweepbook.runner.logtable import MOST_SETTINGS
from sweepbook.runner.metric import is_loss
from sweepbook.runner.runlog import LogError

EPOCH = "epoch"
MOST_VALUES = 20_000_000  # of a run's series, gaps among them


@dataclass(frozen=True)
class Curves:
    """`series` has one value an entry, NaN where there is none. Entries are epochs, which a series "epoch" numbers, or `steps`."""

    series: Mapping[str, list[float]]
    steps: list[float]


class Rows:
    """The rows so far, `count` of them. `last` has the last value of each name, that of a loss also where it is not finite: the run
    diverged."""

    def __init__(self) -> None:
        self.last: dict[str, float] = {}
        self.step, self.count = -1.0, 0
        self._steps: dict[str, tuple[array[float], array[float]]] = {}
        self._epochs: dict[float, dict[str, float]] = {}
        self._waiting: dict[str, float] = {}

    def add(self, values: Mapping[str, float], step: float | None = None, epoch: float | None = None) -> None:
        """Adds a row. Without a step it has the next one; without an epoch it belongs to that of the next row that has one."""
        self.step, self.count = self.step + 1 if step is None else step, self.count + 1
        for name, value in values.items():
            if isfinite(value) or is_loss(name):
                self.last[name] = value
            steps, numbers = self._steps.setdefault(name, (array("d"), array("d")))
            steps.append(self.step)
            numbers.append(value)
        if len(self._steps) > MOST_SETTINGS:
            raise LogError(f"more than {MOST_SETTINGS:,} metrics")
        self._waiting.update(values)
        if epoch is not None:
            self._epochs.setdefault(float(epoch), {}).update(self._waiting)
            self._waiting = {}

    def curves(self) -> Curves:
        """One entry an epoch, its last values, where whole epochs were logged, more than one or one row; else one a step."""
        if not self._by_epoch():
            steps, series = aligned(self._steps)
            return Curves(series, steps)
        numbers = sorted(self._epochs)
        if len(numbers) * len(self._steps) > MOST_VALUES:
            raise LogError(f"{len(self._steps):,} metrics in {len(numbers):,} epochs are more than are read")
        self._epochs[numbers[-1]].update(self._waiting)
        series = {name: [self._epochs[number].get(name, nan) for number in numbers] for name in self._steps}
        return Curves({EPOCH: numbers, **series} if series else {}, [])

    def _by_epoch(self) -> bool:
        whole = bool(self._epochs) and all(isfinite(number) and number >= 0 and number.is_integer() for number in self._epochs)
        longest = max((len(values) for _, values in self._steps.values()), default=0)
        return whole and (len(self._epochs) > 1 or longest <= 1)

    def is_cut(self) -> bool:
        """Whether the last epoch lacks values that every earlier one has: the run ended within it, or is still there."""
        numbers = sorted(self._epochs)
        earlier = [self._epochs[number].keys() for number in numbers[:-1]]
        return bool(earlier) and not set.intersection(*map(set, earlier)) <= self._epochs[numbers[-1]].keys() | self._waiting.keys()


def number(value: object) -> float | None:
    """A value as a number, NaN and the infinite ones among them; None where it is none, and of a flag."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:  # a whole number beyond all floats
        return None
