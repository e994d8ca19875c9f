"""Findings and a sweep in, the text of what other programs read out: runs.csv and findings.json."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from analysis.effects import Effect, effects
from analysis.findings import Findings, GroupFindings, Summary
from analysis.predictions import Outcome
from analysis.stats import Difference, Estimate
from analysis.sweep import CONFIG, METRICS, Sweep
from runner.config import SETTINGS, is_finite, level_text

SCHEMA = 1


def runs_csv(sweep: Sweep, findings: Findings) -> str:
    """A row a readable log, sorted by label, seed and log; an empty cell where there is no value."""
    runs = sweep.runs
    labels = {s.id: s.label for s in findings.ranking} | {key: names[0] for key, names in findings.study.labels.items()}
    names = sweep.names(CONFIG)
    settings = [*(key for key in SETTINGS if key in names), *(key for key in names if key not in SETTINGS)]
    metrics = sweep.names(METRICS)
    heads = _heads([*settings, *metrics])
    table = pd.DataFrame(
        {
            "label": [labels.get(key, label) for key, label in zip(runs["id"], runs["label"], strict=True)],
            "groups": [" ".join(findings.groups_of.get(key, ())) for key in runs["id"]],
            "seed": runs["seed"],
            "status": runs["status"],
            "started": [f"{datetime.fromtimestamp(at, UTC).isoformat(timespec='seconds')[:-6]}Z" for at in runs["started"]],
            "seconds": runs["seconds"],
            **{head: runs[CONFIG + key] for head, key in zip(heads, settings, strict=False)},
            "parameters": runs["parameters"],
            "examples_seen": runs["examples_seen"],
            "steps": runs["steps"],
            **{head: runs[METRICS + name] for head, name in zip(heads[len(settings) :], metrics, strict=True)},
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


def _heads(names: Sequence[str]) -> list[str]:
    """A column's head for each setting and metric: its name, with an underscore behind it while that is taken."""
    taken = dict.fromkeys(FIXED)
    for name in names:
        head = name
        while head in taken:
            head += "_"
        taken[head] = None
    return list(taken)[len(FIXED) :]


def findings_json(findings: Findings) -> str:
    """The findings under the documented names. What needs a verdict is null: none is given yet."""
    study = findings.study
    totals = {name: value for name, value in vars(findings.totals).items() if name != "seconds"}
    document = {
        "schema": SCHEMA,
        "study": study.name,
        "metric": study.metric,
        "goal": study.goal,
        "runs": totals,
        "noise": _noise(findings),
        "configs": [_config(summary) for summary in findings.ranking],
        "groups": [_group(group, study.metric) for group in findings.groups],
        "effects": [_effect(effect) for effect in effects(findings)],
        "checks": None,
        "problems": [{"log": log, "reason": reason} for log, reason in findings.problems],
    }
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False, default=str) + "\n"


def _noise(findings: Findings) -> dict[str, Any]:
    found = findings.noise
    if found is None:
        return {}
    outlying = [findings.ranking[i].id for i in found.outlying]
    numbers = {"sd": found.sd, "low": found.low, "high": found.high, "df": found.df}
    return {findings.study.metric: {**numbers, "from": ["replicates"], "outlying": outlying}}


def _effect(effect: Effect) -> dict[str, Any]:
    rest = effect.without_worst
    return {
        "factor": effect.factor,
        "group": effect.group,
        **_range(effect.range.difference),
        "worst": effect.range.first,
        "best": effect.range.second,
        "without_worst": _range(rest.difference) if rest else None,
    }


def _range(difference: Difference) -> dict[str, float | None]:
    """A range is a width: what goes from worst to best downwards is turned round."""
    ends = (difference.estimate, difference.low, difference.high)
    width, low, high = ends if difference.estimate >= 0 else (None if v is None else -v for v in (ends[0], ends[2], ends[1]))
    return {"range": width, "low": low, "high": high}


def _config(summary: Summary) -> dict[str, Any]:
    return {
        "id": summary.id,
        "label": summary.label,
        "labels": summary.labels,
        "config": {key: _plain(value) for key, value in summary.config.items()},
        "n": summary.n,
        "tier": None,
        "parameters": summary.parameters,
        "seconds": summary.seconds,
        "metrics": {name: _estimate(estimate) for name, estimate in summary.metrics.items()},
    }


def _plain(value: object) -> object:
    """A setting as JSON can have it: what is not a finite number, which JSON does not know, as text."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value if not isinstance(value, float) or is_finite(value) else level_text(value)


def _estimate(estimate: Estimate) -> Mapping[str, float | None]:
    return {"mean": estimate.mean, "low": estimate.low, "high": estimate.high}


def _ties(summary: Summary, best: Summary | None, metric: str) -> bool:
    return best is not None and summary.metrics[metric].mean == best.metrics[metric].mean


def _group(found: GroupFindings, metric: str) -> dict[str, Any]:
    return {
        "name": found.group.name,
        "factors": found.factors,
        "configs": list(dict.fromkeys(row.member.id for row in found.rows)),
        "best": list(dict.fromkeys(row.summary.id for row in found.rows if row.summary and _ties(row.summary, found.best, metric))),
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
