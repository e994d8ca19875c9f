"""Findings and a sweep in, the text of what other programs read out: runs.csv and findings.json."""

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis.findings import Findings, GroupFindings, Summary
from analysis.predictions import Outcome
from analysis.stats import Estimate
from analysis.sweep import CONFIG, METRICS, Sweep
from runner.config import SETTINGS

SCHEMA = 1


def runs_csv(sweep: Sweep, findings: Findings) -> str:
    """A row a readable log, sorted by label, seed and log; an empty cell where there is no value."""
    runs = sweep.runs
    labels = {s.id: s.label for s in findings.ranking} | {key: names[0] for key, names in findings.study.labels.items()}
    names = sweep.names(CONFIG)
    settings = [*(key for key in SETTINGS if key in names), *(key for key in names if key not in SETTINGS)]
    started = pd.to_datetime(runs["started"], unit="s", utc=True).dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    table = pd.DataFrame(
        {
            "label": [labels.get(key, label) for key, label in zip(runs["id"], runs["label"], strict=True)],
            "groups": [" ".join(findings.groups_of.get(key, ())) for key in runs["id"]],
            "seed": runs["seed"],
            "status": runs["status"],
            "started": started,
            "seconds": runs["seconds"],
            **{_column(key): runs[CONFIG + key] for key in settings},
            "parameters": runs["parameters"],
            "examples_seen": runs["examples_seen"],
            "steps": runs["steps"],
            **{_column(name): runs[METRICS + name] for name in sweep.names(METRICS)},
            "gap": runs["gap"],
            "diagnosis": None,
            "log": runs["log"],
        }
    )
    return table.sort_values(["label", "seed", "log"], kind="stable").to_csv(index=False, lineterminator="\n")


FIXED = {
    "label",
    "groups",
    "seed",
    "status",
    "started",
    "seconds",
    "parameters",
    "examples_seen",
    "steps",
    "gap",
    "diagnosis",
    "log",
}


def _column(name: str) -> str:
    """A setting's or metric's own name, unless the table has a column of that name already."""
    return f"{name}_" if name in FIXED else name


def findings_json(findings: Findings) -> str:
    """The findings under the documented names. What needs the noise of the study is null: no verdict is given yet."""
    study = findings.study
    totals = {name: value for name, value in vars(findings.totals).items() if name != "seconds"}
    document = {
        "schema": SCHEMA,
        "study": study.name,
        "metric": study.metric,
        "goal": study.goal,
        "runs": totals,
        "noise": None,
        "configs": [_config(summary) for summary in findings.ranking],
        "groups": [_group(group) for group in findings.groups],
        "effects": None,
        "checks": None,
        "problems": [{"log": log, "reason": reason} for log, reason in findings.problems],
    }
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False, default=str) + "\n"


def _config(summary: Summary) -> dict[str, Any]:
    return {
        "id": summary.id,
        "label": summary.label,
        "labels": summary.labels,
        "config": dict(summary.config),
        "n": summary.n,
        "tier": None,
        "parameters": summary.parameters,
        "seconds": summary.seconds,
        "metrics": {name: _estimate(estimate) for name, estimate in summary.metrics.items()},
    }


def _estimate(estimate: Estimate) -> Mapping[str, float | None]:
    return {"mean": estimate.mean, "low": estimate.low, "high": estimate.high}


def _group(found: GroupFindings) -> dict[str, Any]:
    return {
        "name": found.group.name,
        "factors": found.factors,
        "configs": list(dict.fromkeys(row.member.id for row in found.rows)),
        "best": [found.best.id] if found.best else [],
        "predictions": [_prediction(outcome) for outcome in found.outcomes],
    }


def _prediction(outcome: Outcome) -> dict[str, Any]:
    return {
        "says": outcome.prediction.says,
        "kind": outcome.prediction.kind,
        "verdict": None,
        "as_run": None,
        "estimate": outcome.estimate,
        "low": None,
        "high": None,
        "n": list(outcome.n),
        "seeds_needed": None,
        "why": None,
    }
