"""What a plan says, as values: a `Study` with its groups, their configurations and predictions, and the runs it asks for."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

from sweepbook.runner.config import Config, Value, config_id, level_text
from sweepbook.runner.metric import sign

Selector: TypeAlias = Mapping[str, Sequence[Value]]

# The checks, a line each: the code by which a plan may silence it, and the function that makes it, by its module in
# analysis/checks/. It is text because the analysis imports the runner and not the other way round. docs/checks has a page for each.
CHECKS = {
    "SB101": "design:moving_quantities",
    "SB102": "design:unlike_scores",
    "SB103": "records:unrecorded_settings",
    "SB104": "attribution:several_differences",
    "SB105": "design:one_rate",
    "SB106": "outcomes:best_at_an_end",
    "SB107": "design:few_passes",
    "SB108": "outcomes:tested_on",
    "SB109": "idle:idle_settings",
    "SB110": "outcomes:late_predictions",
    "SB111": "outcomes:lagging_loss",
    "SB201": "records:lost_runs",
    "SB202": "records:missing_runs",
    "SB203": "records:disagreeing",
    "SB204": "records:uneven_series",
    "SB205": "records:unplanned_seeds",
    "SB206": "records:reread_settings",
}


@dataclass(frozen=True)
class Better:
    """Configurations `better` score above `than`, by at least `by`."""

    says: str
    better: Selector
    than: Selector
    by: float
    kind = "better"


@dataclass(frozen=True)
class At:
    """The score at `at` lies between `low` and `high`; None leaves a side open."""

    says: str
    at: Selector
    low: float | None
    high: float | None
    kind = "at"


@dataclass(frozen=True)
class Trend:
    """The score over the levels of `of` is `direction`: increasing, decreasing or diminishing."""

    says: str
    direction: str
    of: str
    kind = "trend"


@dataclass(frozen=True)
class Best:
    """The best configuration of the group is one of `best`."""

    says: str
    best: Selector
    kind = "best"


@dataclass(frozen=True)
class MattersMore:
    """The levels of `factor` spread the score further than those of `than`."""

    says: str
    factor: str
    than: str
    kind = "matters_more_than"


@dataclass(frozen=True)
class GapAtMost:
    """The generalisation gap (validation minus training loss) is at most `most` at `at`, everywhere if `at` is empty."""

    says: str
    most: float
    at: Selector
    kind = "gap_at_most"


@dataclass(frozen=True)
class Beats:
    """The best of this group scores above the best of `group`."""

    says: str
    group: str
    kind = "beats"


Prediction: TypeAlias = Better | At | Trend | Best | MattersMore | GapAtMost | Beats


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
class Member:
    """A configuration as one group sees it: the group's label for it and the levels of the group's factors."""

    label: str
    config: Config
    levels: Config

    @cached_property
    def id(self) -> str:
        """The identity of the configuration; see `sweepbook.runner.config.config_id`."""
        return config_id(self.config)


@dataclass(frozen=True)
class Group:
    """A question: what is varied (`factors`), the configurations that answer it, and what is expected of them.

    `where` is None, or the settings that choose the group's configurations among the logs, each with the values that it may have;
    `members` is empty then.
    `silence` has the checks that are silenced for the group, each with the reason.
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


@dataclass(frozen=True)
class PlannedRun:
    """A run that the plan asks for. `id` and `seed` are its identity; `label` is the first that the plan gives it."""

    label: str
    id: str
    config: Config
    seed: int

    @property
    def key(self) -> tuple[str, int]:
        """What tells this run from every other: the configuration's id and the seed."""
        return self.id, self.seed


@dataclass(frozen=True)
class Study:
    """A checked plan. `path` is its file; `name` is that of its folder; `silence` has the checks that are silenced everywhere, each
    with the reason. `goal_by_name` says that the plan has no goal, and that the name of the metric gave it."""

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


def selects(selector: Selector, levels: Config) -> bool:
    """Whether `levels` are among those that `selector` means.

    >>> selects({"units1": [128, 256]}, {"units1": 256, "units2": 16})
    True
    """
    return all(
        factor in levels and level_text(levels[factor]) in {level_text(value) for value in values}
        for factor, values in selector.items()
    )
