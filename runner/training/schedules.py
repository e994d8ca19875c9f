"""A configuration in, the learning rate of every optimiser step out: each schedule is torch's of that name, one number a step.

torch's classes do the same but want an optimiser of torch's, whose import takes 1.5 s a process.
"""

import math
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import TypeAlias

from sweepbook.runner.config import Config, number, whole
from sweepbook.runner.stacks import blocks

Share: TypeAlias = Callable[[int], float]  # a step's number, from 0, in; its share of the run's `lr` out

# OneCycleLR's own: what share of the peak it starts from, and what share of that it ends with.
START, END = 1 / 25, 1e-4
BETTER = 1e-4  # by which share of the best score a new one must beat it: ReduceLROnPlateau's threshold


class Schedule:
    """The learning rate of one run: a function of the step and, on a plateau, of what validation has shown."""

    def __init__(self, config: Config, steps: int) -> None:
        """`steps` is how many an epoch has."""
        self.lr, self.warmup = number(config, "lr"), _warmup(config, steps)
        self.share = _SHARES[_name(config)](config, steps)
        self.plateau = Plateau(config) if _name(config) == "plateau" else None

    def __call__(self, step: int) -> float:
        """The learning rate of step number `step`, from 0."""
        rise = min((step + 1) / self.warmup, 1.0) if self.warmup else 1.0
        fallen = self.plateau.share if self.plateau else 1.0
        return self.lr * rise * self.share(step) * fallen

    def after(self, score: float) -> None:
        """Takes note of what validation gave after an epoch; higher is better."""
        if self.plateau:
            self.plateau.after(score)


class Rates:
    """The learning rates of several models, by a schedule a block of them: see `blocks`."""

    def __init__(self, configs: Sequence[Config], steps: int) -> None:
        """`steps` is how many an epoch has."""
        self.sizes = blocks(configs)
        self.firsts = list(accumulate(self.sizes[:-1], initial=0))
        self.schedules = [Schedule(configs[first], steps) for first in self.firsts]

    def __call__(self, step: int) -> list[float]:
        """The learning rate of every model at step number `step`, from 0."""
        rates: list[float] = []
        for schedule, size in zip(self.schedules, self.sizes, strict=True):
            rates += [schedule(step)] * size
        return rates

    def after(self, scores: Sequence[float]) -> None:
        """Takes note of what validation gave after an epoch, a score a model; higher is better."""
        for schedule, first in zip(self.schedules, self.firsts, strict=True):
            schedule.after(scores[first])


class Plateau:
    """The share of `lr` that is left after some epochs without a better score: torch's ReduceLROnPlateau."""

    def __init__(self, config: Config) -> None:
        self.factor, self.patience = number(config, "plateau_factor"), whole(config, "plateau_patience")
        self.share, self.best, self.waited = 1.0, -math.inf, 0

    def after(self, score: float) -> None:
        """Takes note of an epoch's score; higher is better."""
        self.waited += 1
        if score > self.best + BETTER * abs(self.best) or self.best == -math.inf:
            self.best, self.waited = score, 0
        if self.waited > self.patience:
            self.share, self.waited = self.share * self.factor, 0


def _name(config: Config) -> str:
    return str(config.get("schedule", "constant"))


def _warmup(config: Config, steps: int) -> int:
    """Steps over which the rate rises; a cycle has a rise of its own."""
    return 0 if _name(config) == "one_cycle" else round(number(config, "warmup") * steps)


def _constant(config: Config, steps: int) -> Share:
    return lambda step: 1.0


def _cosine(config: Config, steps: int) -> Share:
    """Half a cosine, from the end of the warm-up to the end of the run."""
    start = _warmup(config, steps)
    length = max(whole(config, "epochs") * steps - start, 1)
    return lambda step: (1 + math.cos(math.pi * max(step - start, 0) / length)) / 2


def _step(config: Config, steps: int) -> Share:
    factor, length = number(config, "step_factor"), whole(config, "step_epochs") * steps
    return lambda step: factor ** (step // length)


def _one_cycle(config: Config, steps: int) -> Share:
    """Up to the peak and down to almost nothing, both along a cosine."""
    total = whole(config, "epochs") * steps
    peak, last = number(config, "one_cycle_rise") * total - 1, total - 1

    def share(step: int) -> float:
        if step <= peak:
            return _between(START, 1.0, step / peak if peak else 1.0)
        return _between(1.0, START * END, (step - peak) / (last - peak))

    return share


def _between(start: float, end: float, done: float) -> float:
    """What half a cosine from `start` to `end` is at when so much of it is `done`."""
    return end + (start - end) * (1 + math.cos(math.pi * done)) / 2


_SHARES = {"constant": _constant, "plateau": _constant, "cosine": _cosine, "step": _step, "one_cycle": _one_cycle}
