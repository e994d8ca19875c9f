"""The data of the report that was there and of the new one in, what changed between them out, as lines for a terminal."""

import csv
import io
import json
import math
from collections.abc import Mapping
from typing import Any

from analysis import wording as w

LISTED = 8  # names or lines of one kind; the rest are counted
OURS = ("label", "groups", "diagnosis")  # columns of runs.csv that come from the plan, or from the other runs too


def changes(before: Mapping[str, bytes], after: Mapping[str, bytes], metric: str) -> list[str]:
    """The runs that came, changed and went, the logs that no longer count, the means that moved, by how much, and the verdicts
    that turned.

    Both have runs.csv and findings.json. Nothing where the old ones cannot be read.
    """
    try:
        runs, now = _runs(before["runs.csv"]), _runs(after["runs.csv"])
        old, new = json.loads(before["findings.json"]), json.loads(after["findings.json"])
        return [*_logs(runs, now), *_problems(old, new), *_means(old, new, metric), *_turned(old, new)]
    except (ValueError, KeyError, TypeError):
        return []


def _runs(data: bytes) -> dict[str, dict[str, str]]:
    rows = {row["log"]: row for row in csv.DictReader(io.StringIO(data.decode()))}
    return {log: {key: value for key, value in row.items() if key not in OURS and value} for log, row in rows.items()}


def _logs(before: Mapping[str, Mapping[str, str]], after: Mapping[str, Mapping[str, str]]) -> list[str]:
    came = [f"{log} ({row['status']})" for log, row in after.items() if log not in before]
    changed = [f"{log} ({_what(before[log], row)})" for log, row in after.items() if log in before and before[log] != row]
    went = [log for log in before if log not in after]
    kinds = (("came", came), ("changed", changed), ("went", went))
    return [f"{w.plural(len(names), 'run')} {verb}: {_listed(names)}" for verb, names in kinds if names]


def _what(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """Which columns of a run changed."""
    keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    return ", ".join(keys[:3]) + (f" and {len(keys) - 3} more" if len(keys) > 3 else "")


def _problems(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    old, new = ({problem["log"]: problem["reason"] for problem in found["problems"]} for found in (before, after))
    worse = [f"{log}: {reason}" for log, reason in new.items() if old.get(log) != reason]
    lines = [f"does not count: {line}" for line in worse[:LISTED]]
    more = [f"{w.plural(len(worse) - LISTED, 'more log')} do not count"] if len(worse) > LISTED else []
    better = [log for log in old if log not in new]
    return lines + more + ([f"no longer a problem: {_listed(better)}"] if better else [])


def _means(before: Mapping[str, Any], after: Mapping[str, Any], metric: str) -> list[str]:
    old, new = ({config["id"]: config for config in found["configs"]} for found in (before, after))
    lines = [line for key, config in new.items() if key in old and (line := _moved(old[key], config, metric))]
    more = [f"{w.plural(len(lines) - LISTED, 'more mean')} moved"] if len(lines) > LISTED else []
    came, gone = ([a[key]["label"] for key in a if key not in b] for a, b in ((new, old), (old, new)))
    lines = lines[:LISTED] + more
    lines += [f"{w.plural(len(came), 'configuration')} new in the ranking: {_listed(came)}"] if came else []
    return lines + ([f"{w.plural(len(gone), 'configuration')} no longer ranked: {_listed(gone)}"] if gone else [])


def _moved(before: Mapping[str, Any], now: Mapping[str, Any], metric: str) -> str:
    old, new = (config["metrics"].get(metric, {}).get("mean") for config in (before, now))
    if old is None or new is None or (math.isclose(old, new, rel_tol=1e-12) and before["n"] == now["n"]):
        return ""
    count = w.plural(now["n"], "run")
    runs = f"{before['n']} to {count}" if before["n"] != now["n"] else count
    return f"{now['label']}: {w.score(metric, old)} to {w.score(metric, new)} ({w.difference(metric, new - old)}, {runs})"


def _turned(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The predictions whose verdict is another one now."""
    old, new = (
        {(g["name"], p["says"]): p["verdict"] for g in found["groups"] for p in g["predictions"]} for found in (before, after)
    )
    turned = [
        f"{says}: {old[key]}, now {now}" for key, now in new.items() if (says := key[1]) and old.get(key, now) != now and old[key]
    ]
    return [f"{w.plural(len(turned), 'verdict')} turned: {'; '.join(turned[:LISTED])}"] if turned else []


def _listed(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= LISTED else f"{', '.join(names[:LISTED])} and {w.count(len(names) - LISTED)} more"
