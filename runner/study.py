"""What a plan says, as values: a `Study` with its groups, their configurations and predictions, and the runs it asks for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from sweepbook.runner.config import Config
from sweepbook.runner.member import Member, Selector
from sweepbook.runner.metric import sign
from sweepbook.runner.prediction import Prediction
from sweepbook.runner.rules import Rules
from sweepbook.runner.search import SearchPlan

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
