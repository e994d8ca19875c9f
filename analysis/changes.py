"""The report that was there and the new findings in, what changed between them out, as lines for a terminal."""

import csv
import io
import json
from collections.abc import Mapping
from typing import Any

from analysis import wording as w
from analysis.findings import Findings, Summary
from analysis.sweep import Sweep

LISTED = 8  # lines of one kind; the rest are counted


def changes(runs_csv: bytes, findings_json: bytes, found: Findings, sweep: Sweep) -> list[str]:
    """The runs that came and went and the means that moved, by how much; nothing where the old report cannot be read."""
    try:
        rows = csv.DictReader(io.StringIO(runs_csv.decode()))
        before = {row["log"]: row["status"] for row in rows}
        configs = {config["id"]: config for config in json.loads(findings_json)["configs"]}
        return [*_runs(before, sweep), *_means(configs, found)]
    except (ValueError, KeyError, TypeError):
        return []


def _runs(before: Mapping[str, str], sweep: Sweep) -> list[str]:
    now = dict(zip(sweep.runs["log"], sweep.runs["status"], strict=True))
    came = [f"{log} ({status})" for log, status in now.items() if log not in before]
    ended = [f"{log} ({before[log]} before, now {status})" for log, status in now.items() if before.get(log, status) != status]
    went = [log for log in before if log not in now]
    kinds = (("came", came), ("changed", ended), ("went", went))
    return [f"{w.plural(len(names), 'run')} {verb}: {_listed(names)}" for verb, names in kinds if names]


def _means(before: Mapping[str, Any], found: Findings) -> list[str]:
    metric = found.study.metric
    lines = [line for s in found.ranking if s.id in before and (line := _moved(before[s.id], s, metric))]
    new = [s.label for s in found.ranking if s.id not in before]
    gone = [config["label"] for key, config in before.items() if key not in {s.id for s in found.ranking}]
    more = [f"{w.count(len(lines) - LISTED)} more means moved"] if len(lines) > LISTED else []
    lines = lines[:LISTED] + more
    lines += [f"{w.plural(len(new), 'configuration')} new in the ranking: {_listed(new)}"] if new else []
    return lines + ([f"{w.plural(len(gone), 'configuration')} no longer ranked: {_listed(gone)}"] if gone else [])


def _moved(before: Mapping[str, Any], now: Summary, metric: str) -> str:
    old, new = before["metrics"].get(metric, {}).get("mean"), now.metrics[metric].mean
    if old is None or (old == new and before["n"] == now.n):
        return ""
    runs = f"{before['n']} to {w.plural(now.n, 'run')}" if before["n"] != now.n else w.plural(now.n, "run")
    return f"{now.label}: {w.score(metric, old)} to {w.score(metric, new)} ({w.difference(metric, new - old)}, {runs})"


def _listed(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= LISTED else f"{', '.join(names[:LISTED])} and {w.count(len(names) - LISTED)} more"
