"""What a plan says, as values: a `Study` with its groups, their configurations and predictions, and the runs it asks for."""

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import ClassVar, TypeAlias

from sweepbook.runner import truisms
from sweepbook.runner.config import Config, config_id
from sweepbook.runner.metric import sign
from sweepbook.runner.rules import Rules
from sweepbook.runner.search import SearchPlan
from sweepbook.runner.values import Value, level_text

Selector: TypeAlias = Mapping[str, Sequence[Value]]

# The checks, a line each: the code by which a plan may silence it, and the function that makes it, by its module in
# analysis/checks/. It is text because the analysis imports the runner and not the other way round. docs/checks has a page for each.
CHECKS = {
    "SB101": "design:moving_quantities",
    "SB102": "design:unlike_scores",
    "SB103": "unrecorded:unrecorded_settings",
    "SB104": "attribution:several_differences",
    "SB105": "design:one_rate",
    "SB106": "outcomes:best_at_an_end",
    "SB107": "design:few_passes",
    "SB108": "outcomes:tested_on",
    "SB109": "idle:idle_settings",
    "SB110": "outcomes:late_predictions",
    "SB111": "outcomes:lagging_loss",
    "SB112": "scatter:unlike_spreads",
    "SB113": "scatter:unlike_tasks",
    "SB114": "looks:many_looks",
    "SB201": "records:lost_runs",
    "SB202": "records:missing_runs",
    "SB203": "records:disagreeing",
    "SB204": "records:uneven_series",
    "SB205": "records:unplanned_seeds",
    "SB206": "records:reread_settings",
}


@dataclass(frozen=True)
class Member:
    """A configuration as one group sees it: the group's label for it and the levels of the group's factors."""

    label: str
    config: Config
    levels: Config

    @cached_property
    def id(self) -> str:
        """The identity of the configuration; see `sweepbook.runner.config.config_id`."""
        return config_id(self.config)


def selects(selector: Selector, levels: Config) -> bool:
    """Whether `levels` are among those that `selector` means.

    >>> selects({"units1": [128, 256]}, {"units1": 256, "units2": 16})
    True
    """
    return all(
        factor in levels and level_text(levels[factor]) in {level_text(value) for value in values}
        for factor, values in selector.items()
    )


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


@dataclass(frozen=True)
class Group:
    """A question: what is varied (`factors`), the configurations that answer it, and what is expected of them.

    `where` is None, or the settings that choose the group's configurations among the logs, each with the values that it may have;
    `members` is empty then. `search` is None, or where the group looks for its configurations; `members` are then those that its
    trials have come to, none before these are there (`sweepbook.runner.trials.resolved`).
    `silence` has the checks that are silenced for the group, each with the reason. `description` says what a group that nobody
    planned is made of.
    """

    name: str
    title: str
    hypothesis: str
    reasoning: str
    expected: tuple[str, ...]
    factors: tuple[str, ...]
    members: tuple[Member, ...]
    where: Selector | None
    predictions: tuple[Prediction, ...]
    silence: Mapping[str, str] = field(default_factory=dict)
    description: str = ""
    search: SearchPlan | None = None

    @property
    def open(self) -> bool:
        """Whether the logs, and not the plan, say which configurations it has."""
        return self.where is not None or self.search is not None


@dataclass(frozen=True)
class PlannedRun:
    """A run that the plan asks for. `id` and `seed` are its identity; `label` is the first that the plan gives it. `facts` are
    recorded in its log beside those of the machine."""

    label: str
    id: str
    config: Config
    seed: int
    facts: tuple[tuple[str, str | int | bool], ...] = ()

    @property
    def key(self) -> tuple[str, int]:
        """What tells this run from every other: the configuration's id and the seed."""
        return self.id, self.seed


@dataclass(frozen=True)
class Study:
    """A checked plan. `path` is its file; `name` is that of its folder; `silence` has the checks that are silenced everywhere, each
    with the reason. `goal_by_name` says that the plan has no goal, and that the name of the metric gave it. `rules` are how its
    logs are to be read, and `logs` says where they lie, if not in the usual place. `tasks` names the settings that say what was
    learned, where several tasks share a study that nobody planned: each has a group of all its configurations."""

    name: str
    path: Path
    title: str
    subtitle: str
    author: str
    project: str
    metric: str
    goal: str
    seeds: tuple[int, ...]
    baseline: Config
    groups: tuple[Group, ...]
    silence: Mapping[str, str] = field(default_factory=dict)
    goal_by_name: bool = False
    rules: Rules = field(default_factory=Rules)
    logs: Path | None = None
    tasks: str = ""

    @property
    def sign(self) -> int:
        """1 where higher values of the metric are better, -1 where lower ones are."""
        return sign(self.goal)

    @cached_property
    def labels(self) -> dict[str, tuple[str, ...]]:
        """Every label of each planned configuration, by its id, in the plan's order."""
        labels: dict[str, tuple[str, ...]] = {}
        for group in self.groups:
            for member in group.members:
                labels[member.id] = (*labels.get(member.id, ()), member.label)
        return labels

    @cached_property
    def runs(self) -> tuple[PlannedRun, ...]:
        """The planned runs: each distinct configuration once a seed, seed by seed, in the plan's order."""
        first: dict[str, Member] = {}
        for group in self.groups:
            for member in group.members:
                first.setdefault(member.id, member)
        return tuple(PlannedRun(m.label, key, m.config, seed) for seed in self.seeds for key, m in first.items())
