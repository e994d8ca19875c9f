"""Findings, a sweep and a meaning in, what `sweepbook show` tells of it out: a group, a configuration or a run."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import pandas as pd
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.findings.group import GroupFindings
from sweepbook.analysis.findings.lookup import CONFIGURATION, GROUP, Meaning, group_named
from sweepbook.analysis.groups.curves import learning_curves
from sweepbook.analysis.groups.summaries import Summary
from sweepbook.analysis.logs.sweep import ENVIRONMENT, METRICS, Sweep, config_of
from sweepbook.runner.config import Config, active
from sweepbook.runner.metric import VALID

Curve: TypeAlias = tuple[float, ...]  # a value an epoch
COUNTS = ("parameters", "train_examples", "valid_examples", "steps", "examples_seen")


@dataclass(frozen=True)
class ShownRun:
    """One log. `why` says why it does not count, None where it does; `counts` has the numbers of COUNTS that it records;
    `metrics` the final ones and the gap; `curves` the learning curves by their series' names."""

    log: str
    labels: tuple[str, ...]
    id: str
    seed: int | None
    status: str
    why: str | None
    started: float
    seconds: float | None
    error: str | None
    config: Config
    counts: Mapping[str, int]
    metrics: Mapping[str, float]
    environment: Mapping[str, Any]
    curves: Mapping[str, Curve]


@dataclass(frozen=True)
class ShownConfig:
    """One configuration: `summary` is None where no run of it has finished; `runs` are all its logs, `curves` means over
    the ones that count."""

    id: str
    labels: tuple[str, ...]
    groups: tuple[str, ...]
    config: Config
    summary: Summary | None
    runs: tuple[ShownRun, ...]
    curves: Mapping[str, Curve]


@dataclass(frozen=True)
class ShownGroup:
    """One group; `curves` are the mean validation losses by epoch, by the configuration's id."""

    found: GroupFindings
    curves: Mapping[str, Curve]


Shown: TypeAlias = ShownGroup | ShownConfig | ShownRun


def shown(meaning: Meaning, findings: Findings, sweep: Sweep) -> Shown:
    """What there is to tell of the group, configuration or run that is meant."""
    if meaning.kind == GROUP:
        found = group_named(meaning.key, findings)
        return ShownGroup(found, loss_curves(sweep, [row.summary for row in found.rows if row.summary]))
    if meaning.kind == CONFIGURATION:
        return _config(meaning.key, findings, sweep)
    return _runs(sweep.runs[sweep.runs["log"] == meaning.key], findings, sweep)[0]


def loss_curves(sweep: Sweep, summaries: Sequence[Summary]) -> dict[str, Curve]:
    """The mean validation loss by epoch over the runs of each of `summaries`, by its id; those without one are left out."""
    learnt = learning_curves(sweep, summaries)
    found = {key: tuple(map(float, curves.mean(VALID))) for key, curves in learnt.items()}
    return {key: curve for key, curve in found.items() if curve}


def _config(key: str, findings: Findings, sweep: Sweep) -> ShownConfig:
    member = next(row.member for found in findings.groups for row in found.rows if row.member.id == key)
    summary = next((s for s in findings.ranking if s.id == key), None)
    learnt = learning_curves(sweep, [summary]).get(key) if summary else None
    names = [name for name in (learnt.series if learnt else ()) if _tells_learning(name, findings.study.metric)]
    return ShownConfig(
        id=key,
        labels=findings.labels[key],
        groups=findings.groups_of[key],
        config=summary.config if summary else active(member.config),
        summary=summary,
        runs=_runs(sweep.runs[sweep.runs["id"] == key], findings, sweep),
        curves={name: tuple(map(float, learnt.mean(name))) for name in names if learnt},
    )


def _tells_learning(series: str, metric: str) -> bool:
    """Whether a series tells how training or validation went; valid_seen counts examples."""
    return (series.startswith(("train_", "valid_")) and series != "valid_seen") or series == metric


def _runs(rows: pd.DataFrame, findings: Findings, sweep: Sweep) -> tuple[ShownRun, ...]:
    """The logs of `rows`, by seed and start."""
    metric = findings.study.metric
    made = (_run(row, findings, _run_curves(row["log"], sweep, metric)) for _, row in rows.iterrows())
    return tuple(sorted(made, key=lambda run: (run.seed is None, run.seed or 0, run.started, run.log)))


def _run_curves(log: str, sweep: Sweep, metric: str) -> dict[str, Curve]:
    """The learning curves of one log, as far as it got; NaN where an epoch has no value."""
    own = sweep.epochs[sweep.epochs["log"] == log]
    names = [str(name) for name in own.columns if _tells_learning(str(name), metric)]
    return {name: tuple(map(float, own[name])) for name in names if own[name].notna().any()}


def _run(row: "pd.Series[Any]", findings: Findings, curves: Mapping[str, Curve]) -> ShownRun:
    metrics = {str(k).removeprefix(METRICS): float(v) for k, v in row.items() if str(k).startswith(METRICS)}
    facts = {str(k).removeprefix(ENVIRONMENT): v for k, v in row.items() if str(k).startswith(ENVIRONMENT)}
    return ShownRun(
        log=row["log"],
        labels=findings.labels.get(row["id"], (row["label"],)),
        id=row["id"],
        seed=row["seed"],
        status=row["status"],
        why=dict(findings.problems).get(row["log"]),
        started=float(row["started"]),
        seconds=None if math.isnan(row["seconds"]) else float(row["seconds"]),
        error=row["error"],
        config=active(config_of(row)),
        counts=_told({name: row[name] for name in COUNTS}),
        metrics={name: value for name, value in {**metrics, "gap": float(row["gap"])}.items() if not math.isnan(value)},
        environment=_told(facts),
        curves=curves,
    )


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
