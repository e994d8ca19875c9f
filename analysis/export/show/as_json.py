"""What is shown of a group, a configuration or a run in, its JSON out: the same keys in the same order, null for no value.

Every document opens with `kind` ("group", "configuration" or "run"). Scores, counts and seconds are numbers, `started` is
text as 2026-01-05T17:01:21Z, and a curve has one number an epoch. A setting that JSON has no number for (inf, nan) is text.
"""

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sweepbook.analysis.export.record import plain
from sweepbook.analysis.export.show.shown import COUNTS, Curve, Shown, ShownConfig, ShownGroup, ShownRun
from sweepbook.analysis.groups.summaries import Row, Summary


def shown_json(shown: Shown, metric: str) -> str:
    """The document: group(...), configuration(...) or run(...), indented by one."""
    if isinstance(shown, ShownGroup):
        document = group(shown, metric)
    else:
        document = configuration(shown) if isinstance(shown, ShownConfig) else run(shown)
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False, default=str)


def group(shown: ShownGroup, metric: str) -> dict[str, Any]:
    """kind, name, title, factors, metric, and configs: id, label, levels, what `_summary` has, curve (validation loss)."""
    found = shown.found

    def row(one: Row) -> dict[str, Any]:
        head = {"id": one.member.id, "label": one.member.label, "levels": plain(dict(one.member.levels))}
        return {**head, **_summary(one.summary), "curve": _numbers(shown.curves.get(one.member.id, ()))}

    return {
        "kind": "group",
        "name": found.group.name,
        "title": found.group.title,
        "factors": list(found.factors),
        "metric": metric,
        "configs": [row(one) for one in found.rows],
    }


def configuration(shown: ShownConfig) -> dict[str, Any]:
    """kind, id, label, labels, groups, config, what `_summary` has, runs (as `run`, without what all of them share), curves."""
    shared = ("kind", "id", "labels", "config")
    return {
        "kind": "configuration",
        "id": shown.id,
        "label": shown.labels[0],
        "labels": list(shown.labels),
        "groups": list(shown.groups),
        "config": plain(dict(shown.config)),
        **_summary(shown.summary),
        "runs": [{key: value for key, value in run(one).items() if key not in shared} for one in shown.runs],
        "curves": _curves(shown.curves),
    }


def run(shown: ShownRun) -> dict[str, Any]:
    """kind, log, id, labels, seed, status, used and why not, started, seconds, error, config, the counts, metrics,
    environment, curves."""
    return {
        "kind": "run",
        "log": shown.log,
        "id": shown.id,
        "labels": list(shown.labels),
        "seed": shown.seed,
        "status": shown.status,
        "used": shown.why is None,
        "why": shown.why,
        "started": _stamp(shown.started),
        "seconds": shown.seconds,
        "error": shown.error,
        "config": plain(dict(shown.config)),
        **{name: shown.counts.get(name) for name in COUNTS},
        "metrics": {name: _number(value) for name, value in shown.metrics.items()},
        "environment": plain(dict(shown.environment)),
        "curves": _curves(shown.curves),
    }


def _summary(summary: Summary | None) -> dict[str, Any]:
    """n, parameters, steps, examples_seen, seconds, and metrics: mean, low and high each; no run leaves n 0 and the rest null."""
    if summary is None:
        return {"n": 0, **dict.fromkeys(("parameters", "steps", "examples_seen", "seconds")), "metrics": {}}
    return {
        "n": summary.n,
        "parameters": summary.parameters,
        "steps": summary.steps,
        "examples_seen": summary.examples_seen,
        "seconds": summary.seconds,
        "metrics": {name: {"mean": e.mean, "low": e.low, "high": e.high} for name, e in summary.metrics.items()},
    }


def _curves(curves: Mapping[str, Curve]) -> dict[str, list[float | None]]:
    return {name: _numbers(curve) for name, curve in curves.items()}


def _numbers(curve: Curve) -> list[float | None]:
    return [_number(value) for value in curve]


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _stamp(started: float) -> str | None:
    """A time as ISO 8601 has it; None where it is not known."""
    return None if started != started else f"{datetime.fromtimestamp(started, UTC).isoformat(timespec='seconds')[:-6]}Z"
