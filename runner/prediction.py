"""What a plan predicts of a group, as values: each kind with what it compares, why it may say nothing, and its identity."""

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import ClassVar

from sweepbook.runner import truisms
from sweepbook.runner.member import Member, Selector, selects
from sweepbook.runner.values import level_text


@dataclass(frozen=True)
class Prediction(ABC):
    """What every kind of prediction has: the sentence that it `says`, and the name of its `kind`. `metric` is what it is about
    where that is not the metric of the study."""

    says: str
    kind: ClassVar[str]
    metric: ClassVar[str] = ""

    @property
    @abstractmethod
    def compared(self) -> frozenset[str]:
        """The factors to whose levels it puts a difference down; "name" where it is whole configurations; none where it puts a
        difference down to nothing."""

    @property
    def named(self) -> frozenset[str]:
        """The settings that it names."""
        return self.compared - {"name"}

    @abstractmethod
    def truism(self, metric: str, members: Sequence[Member], others: Sequence[Member], classifies: bool) -> str:
        """Why it says nothing, because it holds, or fails, whatever the runs come to; "" where it can come out both ways. `members`
        are the configurations of its group and `others` those of the group that it names, as far as they are known; `metric`
        is that of the study; `classifies`: the losses are those of a classifier."""


@dataclass(frozen=True)
class Better(Prediction):
    """Configurations `better` score above `than`, by at least `by`."""

    better: Selector
    than: Selector
    by: float
    kind = "better"

    @property
    def compared(self) -> frozenset[str]:
        return frozenset({*self.better, *self.than})

    def truism(self, metric: str, members: Sequence[Member], others: Sequence[Member], classifies: bool) -> str:
        same = _ids(members, self.better) == _ids(members, self.than) != set()
        return "the same configurations stand on both sides" if same else truisms.apart(metric, self.by)


@dataclass(frozen=True)
class At(Prediction):
    """The score at `at` lies between `low` and `high`; None leaves a side open."""

    at: Selector
    low: float | None
    high: float | None
    kind = "at"

    @property
    def compared(self) -> frozenset[str]:
        return frozenset()

    @property
    def named(self) -> frozenset[str]:
        return frozenset(self.at)

    def truism(self, metric: str, members: Sequence[Member], others: Sequence[Member], classifies: bool) -> str:
        return truisms.outside(metric, self.low, self.high)


@dataclass(frozen=True)
class Trend(Prediction):
    """The score over the levels of `of` is `direction`: increasing, decreasing or diminishing."""

    direction: str
    of: str
    kind = "trend"

    @property
    def compared(self) -> frozenset[str]:
        return frozenset({self.of})

    def truism(self, metric: str, members: Sequence[Member], others: Sequence[Member], classifies: bool) -> str:
        return ""


@dataclass(frozen=True)
class Best(Prediction):
    """The best configuration of the group is one of `best`."""

    best: Selector
    kind = "best"

    @property
    def compared(self) -> frozenset[str]:
        return frozenset(self.best)

    def truism(self, metric: str, members: Sequence[Member], others: Sequence[Member], classifies: bool) -> str:
        every = _ids(members, self.best) == _ids(members, {}) != set()
        return "it names every configuration of the group" if every else ""


@dataclass(frozen=True)
class MattersMore(Prediction):
    """The levels of `factor` spread the score further than those of `than`."""

    factor: str
    than: str
    kind = "matters_more_than"

    @property
    def compared(self) -> frozenset[str]:
        return frozenset({self.factor, self.than})

    def truism(self, metric: str, members: Sequence[Member], others: Sequence[Member], classifies: bool) -> str:
        return f"{self.factor} stands on both sides" if self.factor == self.than else ""


@dataclass(frozen=True)
class GapAtMost(Prediction):
    """The generalisation gap (validation minus training loss) is at most `most` at `at`, everywhere if `at` is empty."""

    most: float
    at: Selector
    kind = "gap_at_most"
    metric = "gap"

    @property
    def compared(self) -> frozenset[str]:
        return frozenset()

    @property
    def named(self) -> frozenset[str]:
        return frozenset(self.at)

    def truism(self, metric: str, members: Sequence[Member], others: Sequence[Member], classifies: bool) -> str:
        wide = classifies and self.most >= truisms.WIDEST_GAP
        return f"a gap of {self.most:g} is out of reach for the losses of a classifier" if wide else ""


@dataclass(frozen=True)
class Beats(Prediction):
    """The best of this group scores above the best of `group`."""

    group: str
    kind = "beats"

    @property
    def compared(self) -> frozenset[str]:
        return frozenset({"name"})

    def truism(self, metric: str, members: Sequence[Member], others: Sequence[Member], classifies: bool) -> str:
        same = _ids(members, {}) == _ids(others, {}) != set()
        return "both groups have the same configurations" if same else ""


def _ids(members: Sequence[Member], selector: Selector) -> set[str]:
    return {member.id for member in members if selects(selector, member.levels)}


def prediction_hash(group: str, prediction: Prediction) -> str:
    """8 hex digits of what `prediction` claims of the group of that name, whatever its sentence is.

    >>> prediction_hash("lr", Best("0.1 is best", {"lr": [0.1]})) == prediction_hash("lr", Best("So it is", {"lr": [0.1]}))
    True
    """
    claim = {f.name: _claimed(getattr(prediction, f.name)) for f in fields(prediction) if f.name != "says"}
    text = json.dumps([group, prediction.kind, claim], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _claimed(value: object) -> object:
    """A field of a prediction as it is hashed: levels as labels write them, a number as a float."""
    if isinstance(value, Mapping):
        return {factor: [level_text(level) for level in levels] for factor, levels in value.items()}
    return float(value) if isinstance(value, int) else value
