"""A `Sweep` and a `Study` in, `Findings` out: summaries a configuration, groups, predictions, ranking, totals."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from analysis.predictions import Outcome, outcome
from analysis.stats import Estimate, Noise, mean_interval, noise
from analysis.sweep import CONFIG, METRICS, Sweep
from runner.config import OPTIMIZERS, Config, active, is_finite, level_text
from runner.study import Group, Member, Study

STATES = ("finished", "failed", "diverged", "interrupted")


@dataclass(frozen=True)
class Summary:
    """One configuration over its replicates.

    `runs` has the single values of every final metric and of the gap, `metrics` their estimates. `parameters`, `steps`,
    `examples_seen` and `valid_seen` are those of one run, `seconds` the mean of its runs; None where the logs do not say.
    """

    id: str
    label: str
    labels: tuple[str, ...]
    config: Config
    logs: tuple[str, ...]
    seeds: tuple[int, ...]
    runs: Mapping[str, tuple[float, ...]]
    metrics: Mapping[str, Estimate]
    parameters: int | None
    steps: int | None
    examples_seen: int | None
    valid_seen: int | None
    seconds: float | None

    @property
    def n(self) -> int:
        """The number of runs that the statistics rest on."""
        return len(self.logs)


@dataclass(frozen=True)
class Row:
    """A configuration as one group shows it; `summary` is None where no run of it has finished."""

    member: Member
    summary: Summary | None


@dataclass(frozen=True)
class GroupFindings:
    """What a group's runs gave: a row a configuration in the plan's order, the best of them, its predictions' outcomes."""

    group: Group
    factors: tuple[str, ...]
    rows: tuple[Row, ...]
    best: Summary | None
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True)
class Totals:
    """How the planned runs stand, and what the finished ones took."""

    planned: int
    finished: int
    failed: int
    diverged: int
    interrupted: int
    missing: int
    seconds: float


@dataclass(frozen=True)
class Findings:
    """Everything that the journal tells. `ranking` has every configuration with a finished run, the best mean first; `noise`
    is that of the metric between the replicates of all of them."""

    study: Study
    totals: Totals
    ranking: tuple[Summary, ...]
    noise: Noise | None
    groups: tuple[GroupFindings, ...]
    problems: tuple[tuple[str, str], ...]
    groups_of: Mapping[str, tuple[str, ...]]
    first: float | None
    last: float | None
    environments: Mapping[str, tuple[str, ...]]

    def changes(self, summary: Summary) -> tuple[str, ...]:
        """The settings in which `summary` differs from the baseline: of those that act, and a default counts as written."""
        baseline, config = self.study.baseline, summary.config
        keys = active({**baseline, **config})
        defaults = OPTIMIZERS.get(str(config.get("optimizer")), {})
        own, base = ({key: settings.get(key, defaults.get(key)) for key in keys} for settings in (config, baseline))
        return tuple(key for key in keys if level_text(own[key]) != level_text(base[key]))

    @cached_property
    def best_single(self) -> Summary | None:
        """The best configuration that differs from the baseline in exactly one setting."""
        return next((s for s in self.ranking if self.study.baseline and len(self.changes(s)) == 1), None)

    @cached_property
    def best_combined(self) -> Summary | None:
        """The best configuration that differs from the baseline in two settings or more."""
        return next((s for s in self.ranking if self.study.baseline and len(self.changes(s)) > 1), None)

    @cached_property
    def usual_n(self) -> int:
        """The number of runs that most configurations have, the larger one of a tie; 0 where none has finished."""
        counts = [s.n for s in self.ranking]
        return max(set(counts), key=lambda n: (counts.count(n), n), default=0)

    @cached_property
    def recommended(self) -> Summary | None:
        """The best mean among the configurations with the usual number of runs, and two where there are such: one lucky seed
        recommends nothing."""
        enough = [s for s in self.ranking if s.n >= max(2, self.usual_n)]
        return next(iter(enough or self.ranking), None)


def findings(sweep: Sweep, study: Study) -> Findings:
    """What the runs of `sweep` say to the questions of `study`."""
    members = {group.name: _members(group, sweep) for group in study.groups}
    groups_of: dict[str, tuple[str, ...]] = {}
    labels: dict[str, tuple[str, ...]] = {}
    for name, found in members.items():
        for member in found:
            groups_of[member.id] = tuple(dict.fromkeys([*groups_of.get(member.id, ()), name]))
            labels[member.id] = tuple(dict.fromkeys([*labels.get(member.id, ()), member.label]))
    summaries = _summaries(sweep, study.metric, labels)
    ranking = tuple(sorted(summaries.values(), key=lambda s: _rank_key(s, study)))
    place = {s.id: i for i, s in enumerate(ranking)}
    groups = []
    for group in study.groups:
        rows = tuple(Row(m, summaries.get(m.id)) for m in members[group.name])
        best = min((r.summary for r in rows if r.summary), key=lambda s: place[s.id], default=None)
        groups.append(GroupFindings(group, _factors(members[group.name]), rows, best, ()))
    groups = [_with_outcomes(g, groups, study) for g in groups]
    used = sweep.used[sweep.used["id"].isin(labels)]
    return Findings(
        study=study,
        totals=_totals(sweep, study, used),
        ranking=ranking,
        noise=noise([s.runs[study.metric] for s in ranking]),
        groups=tuple(groups),
        problems=_problems(sweep, study.metric, groups_of),
        groups_of=groups_of,
        first=float(used["started"].min()) if len(used) else None,
        last=float(used["started"].max()) if len(used) else None,
        environments=_environments(used),
    )


def _members(group: Group, sweep: Sweep) -> tuple[Member, ...]:
    """The group's planned configurations; for `where`, those among the logs, with the settings that vary as factors."""
    if group.where is None:
        return group.members
    wanted = {f"{CONFIG}{key}": level_text(value) for key, value in group.where.items()}
    configs: dict[str, tuple[str, Config]] = {}
    names = [name for name in sweep.runs.columns if name.startswith(CONFIG)]
    for row in sweep.used[["label", "id", *names]].to_dict("records"):
        if all(level_text(row.get(key)) == value for key, value in wanted.items()):
            config = {str(key).removeprefix(CONFIG): row[key] for key in names if row[key] is not None}
            configs.setdefault(str(row["id"]), (str(row["label"]), config))
    keys = dict.fromkeys(key for _, config in configs.values() for key in config)
    varied = [k for k in keys if len({level_text(config.get(k)) for _, config in configs.values()}) > 1]
    return tuple(Member(label, config, {k: config[k] for k in varied if k in config}) for label, config in configs.values())


def numeric(rows: Iterable[Row], factor: str) -> bool:
    """Whether every configuration of `rows` has a number as its level of `factor`."""
    return all(is_finite(row.member.levels.get(factor)) for row in rows)


def _factors(members: Iterable[Member]) -> tuple[str, ...]:
    """The settings that the members have levels of, without those of which all have the same one."""
    levels: dict[str, set[str]] = {}
    for member in members:
        for factor, level in member.levels.items():
            levels.setdefault(factor, set()).add(level_text(level))
    return tuple(factor for factor, found in levels.items() if len(found) > 1) or tuple(levels)


def _summaries(sweep: Sweep, metric: str, labels: Mapping[str, Sequence[str]]) -> dict[str, Summary]:
    """A summary for each configuration with runs that have `metric`, over those runs alone."""
    used = sweep.used[sweep.scores(metric).notna()]
    metrics = [f"{METRICS}{name}" for name in sweep.names(METRICS)]
    settings = [name for name in used.columns if name.startswith(CONFIG)]
    found = {}
    for key, rows in used[used["id"].isin(labels)].groupby("id", sort=False):
        values = {name.removeprefix(METRICS): tuple(map(float, rows[name].dropna())) for name in ["gap", *metrics]}
        estimates = {name: mean_interval(single) for name, single in values.items()}
        first = rows.iloc[0]
        found[str(key)] = Summary(
            id=str(key),
            label=labels[str(key)][0],
            labels=tuple(labels[str(key)]),
            config=active({name.removeprefix(CONFIG): first[name] for name in settings if first[name] is not None}),
            logs=tuple(rows["log"]),
            seeds=tuple(sorted(seed for seed in rows["seed"] if seed is not None)),
            runs=values,
            metrics={name: estimate for name, estimate in estimates.items() if estimate},
            parameters=first["parameters"],
            steps=first["steps"],
            examples_seen=first["examples_seen"],
            valid_seen=first["valid_seen"],
            seconds=float(rows["seconds"].mean()) if rows["seconds"].notna().any() else None,
        )
    return found


def _rank_key(summary: Summary, study: Study) -> tuple[float, float, str]:
    mean = summary.metrics[study.metric].mean
    return (-mean if study.goal == "maximize" else mean), summary.parameters or 0, summary.label


def _with_outcomes(found: GroupFindings, groups: Sequence[GroupFindings], study: Study) -> GroupFindings:
    scores = {g.group.name: [(r.member.levels, r.member.label, r.summary.metrics) for r in g.rows if r.summary] for g in groups}
    outcomes = tuple(outcome(p, found.group.name, scores, study.metric, study.goal) for p in found.group.predictions)
    return GroupFindings(found.group, found.factors, found.rows, found.best, outcomes)


def _totals(sweep: Sweep, study: Study, used: pd.DataFrame) -> Totals:
    """Each planned run counted once, by the best that any of its logs records; a killed run counts as interrupted."""
    rank = {"finished": 0, "diverged": 1, "failed": 2, "interrupted": 3, "running": 3}
    best: dict[tuple[Any, Any], int] = {}
    for key, seed, status in zip(sweep.runs["id"], sweep.runs["seed"], sweep.runs["status"], strict=True):
        best[key, seed] = min(rank[status], best.get((key, seed), 4))
    states = [best.get((run.id, run.seed), 4) for run in study.runs]
    count = {state: states.count(i) for i, state in enumerate(("finished", "diverged", "failed", "interrupted", "missing"))}
    if not study.runs:
        count["finished"] = len(used)
    return Totals(planned=len(study.runs), seconds=float(used["seconds"].sum()), **count)


def _problems(sweep: Sweep, metric: str, groups_of: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    stray = sweep.used[~sweep.used["id"].isin(groups_of)]
    reasons = dict(zip(sweep.problems["log"], sweep.problems["reason"], strict=True))
    unscored = sweep.used["log"][sweep.scores(metric).isna()]
    reasons |= dict.fromkeys(unscored, f'finished without "{metric}", by which the plan compares')
    reasons |= dict.fromkeys(stray["log"], "its configuration is in no group of the plan")
    return tuple(sorted(reasons.items()))


def _environments(used: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """The different values that the logs record of each fact about where they ran."""
    names = [name for name in used.columns if name.startswith("environment.")]
    values = {name.removeprefix("environment."): {level_text(v) for v in used[name] if v is not None} for name in names}
    return {name: tuple(sorted(found)) for name, found in values.items() if found}
