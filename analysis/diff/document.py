"""A `SweepDiff` in, its JSON out, under the documented names."""

import json
from collections.abc import Iterable
from typing import Any

from sweepbook.analysis.diff import configurations, differences, endings, verdict
from sweepbook.analysis.diff.answers import answers
from sweepbook.analysis.diff.comparisons import Comparison, Overall
from sweepbook.analysis.diff.diff import SweepDiff
from sweepbook.analysis.diff.places import Slope
from sweepbook.analysis.diff.tables import ordered
from sweepbook.analysis.diff.turned import unasked
from sweepbook.analysis.export.record.read import Predicted

SCHEMA = 1


def document(diff: SweepDiff) -> str:
    """The whole diff; null where there is no value."""
    found = diff.matching
    dropped, asked = unasked(diff.old, diff.new)
    metrics = differences.unlogged(diff)
    content = {
        "schema": SCHEMA,
        "answer": verdict.answer(diff),
        "settings_changed": [{"key": c.key, "old": c.old, "new": c.new, "pairs": c.pairs} for c in found.changed],
        "matched": len(found.pairs),
        "added": [entry.label for entry in found.added],
        "removed": [entry.label for entry in found.removed],
        "not_comparable": [{"label": one.label, "reason": one.reason} for one in found.incomparable],
        "comparisons": [_comparison(one) for name in diff.overall for one in ordered(diff.of(name))],
        "overall": {name: _overall(one) for name, one in diff.overall.items()},
        "kendall_tau": diff.agreement.tau if diff.agreement else None,
        "turned": [
            {"group": t.group or None, "says": t.says, "old": t.old, "new": t.new, "because": t.because, "kind": t.kind}
            for t in diff.turned
        ],
        "old": diff.old.name,
        "new": diff.new.name,
        "metric": diff.metric,
        "goal": diff.goal,
        "margin": diff.margin,
        "kendall_tau_by_noise": [diff.agreement.low, diff.agreement.high] if diff.agreement else None,
        "first_tier": {"entered": diff.entered, "left": diff.left},
        "time": {"ratio": diff.times.ratio, "low": diff.times.low, "high": diff.times.high} if diff.times else None,
        "parameters": [{"label": b.label, "old": a.parameters, "new": b.parameters} for a, b in diff.resized],
        "failures": _failures(diff),
        "environment_changed": _environment(diff),
        "predictions_added": _predictions(asked),
        "predictions_removed": _predictions(dropped),
        "metrics_added": metrics[1],
        "metrics_removed": metrics[0],
        "behind": {"old": diff.old.behind or None, "new": diff.new.behind or None},
        "answers": [{"question": one.question, "answer": one.says, "why": " ".join(one.why)} for one in answers(diff)],
        "conclusions": dict(diff.concluded),
        "recommended": _recommended(diff),
        "noise": {"old": diff.scatter.old, "new": diff.scatter.new, "changed": diff.scatter.told} if diff.scatter else None,
        "slopes": [_slope(one) for one in diff.slopes],
        "same_logs": found.same_logs,
    }
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _comparison(one: Comparison) -> dict[str, Any]:
    return {
        "label": one.label,
        "metric": one.metric,
        "old": one.old.mean,
        "new": one.new.mean,
        "difference": one.change.estimate,
        "low": one.change.low,
        "high": one.change.high,
        "verdict": one.verdict,
        "n": [one.old.n, one.new.n],
        "p": one.p,
        "by_seed": one.by_seed,
        "same_runs": one.same_runs,
        "more_seeds": one.more,
    }


def _recommended(diff: SweepDiff) -> list[str | None]:
    return [entry.label if entry else None for entry in configurations.recommended(diff)]


def _slope(one: Slope) -> dict[str, Any]:
    return {
        "group": one.group,
        "factor": one.factor,
        "levels": [one.lowest, one.highest],
        "differences": [one.first, one.last],
        "p": one.p,
    }


def _overall(one: Overall) -> dict[str, Any]:
    return {
        "difference": one.change.estimate,
        "low": one.change.low,
        "high": one.change.high,
        "pairs": one.pairs,
        "counts": one.counts,
        "told": one.told,
        "seeds_known": one.seeds_known,
    }


def _predictions(found: Iterable[Predicted]) -> list[dict[str, str]]:
    return [{"group": one.group, "says": one.says} for one in found]


def _failures(diff: SweepDiff) -> dict[str, Any]:
    old, new = ({state: side.states.get(state, 0) for state in endings.STATES} for side in (diff.old, diff.new))
    stopped, started = [one.label for one in diff.stopped], [entry.label for entry in diff.started]
    return {"old": old, "new": new, "stopped": stopped, "started": started}


def _environment(diff: SweepDiff) -> list[dict[str, Any]]:
    old, new = diff.old.environment, diff.new.environment
    return [{"key": key, "old": old[key], "new": new[key]} for key in new if key in old and old[key] != new[key]]
