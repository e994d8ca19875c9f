"""How runs went in, those that learnt nothing out: their losses and scores stay near those of guessing, or near where they began
while other runs got away from there. docs/diagnoses.md has the rules."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from sweepbook.analysis.stats.course import Array
from sweepbook.runner.datasets import classes_of

NEAR = 1 / 20  # of the way from guessing, or from where a run began, to what can be had
CLEAR = 27.7  # standard deviations of one epoch: ten times what tells two epochs apart
SHORTEST = 4  # losses, with which a run may be said to stay where it began
ABOVE = 1.5  # times the loss of guessing: what lies above is no loss of that kind
COUNTS = ("num_classes", "n_classes", "classes")  # settings that say it


@dataclass(frozen=True, eq=False)
class Went:
    """How one run went: its losses and its scores (empty where it has none) as they are read, how many of the last ones are its
    end, the noise of one, the classes to guess among (None: not known), what it was trained on, and whether its losses are told
    to go up in the end."""

    losses: Array
    scores: Array
    end: int
    noise: float
    classes: int | None
    kind: object
    up: bool = False


@lru_cache(maxsize=1024)
def classes(dataset: object, count: object) -> int | None:
    """How many classes there are, by the name of the dataset or by a setting; None where neither tells.

    >>> classes("CIFAR-10", None), classes("mine", 2), classes("mine", None)
    (10, 2, None)
    """
    if type(count) is int and count > 1:
        return count
    return classes_of(dataset)


def unlearnt(runs: Mapping[str, Went]) -> set[str]:
    """The names of the runs that learnt nothing."""
    kinds: dict[object, list[Went]] = {}
    for went in runs.values():
        kinds.setdefault(went.kind, []).append(went)
    open_ = {went.kind for went in runs.values() if not went.classes}
    best = {kind: _best(kinds[kind]) for kind in open_}
    return {log for log, went in runs.items() if (_near_guessing(went) if went.classes else _unmoved(went, *best[went.kind]))}


def _near_guessing(went: Went) -> bool:
    """Whether the loss and the score stay near those of guessing among the classes, whichever of them there are."""
    assert went.classes
    loss, share = math.log(went.classes), 1 / went.classes
    ends = went.losses[-went.end :]  # which mostly tell alone
    if len(ends) and not (1 - NEAR) * loss <= float(ends.sum() / len(ends)) <= ABOVE * loss:
        return False
    if not all((1 - NEAR) * loss <= mean <= ABOVE * loss for mean in _means(went.losses, went.end)):
        return False
    scores = _means(went.scores, went.end)
    return all(mean <= share + NEAR * (1 - share) for mean in scores) and bool(scores or len(went.losses))


def _best(runs: list[Went]) -> tuple[float, float, float]:
    """The lowest loss of runs of one kind, the highest score, and the median of the losses that they began with."""
    scores = [float(went.scores.max()) for went in runs if len(went.scores)]
    lowest, usual = min(float(went.losses.min()) for went in runs), np.median([went.losses[0] for went in runs])
    return lowest, max(scores, default=-math.inf), float(usual)


def _unmoved(went: Went, lowest: float, highest: float, usual: float) -> bool:
    """Whether the run stays where it began, while others got clearly further, and half of them began no higher than it ends."""
    first = float(went.losses[0])
    way = first - lowest
    if went.up or len(went.losses) < SHORTEST or way <= CLEAR * went.noise:
        return False
    moved = _means(went.losses - first, went.end)
    if min(moved) < -NEAR * way or moved[-1] < usual - first:
        return False
    gained = _means(went.scores - went.scores[:1], went.end)
    return all(gain <= NEAR * (highest - float(went.scores[0])) for gain in gained)


def _means(values: Array, end: int) -> list[float]:
    """The mean of all values and that of the last ones; none where there are none."""
    return [float(own.sum() / len(own)) for own in (values, values[-end:])] if len(values) else []
