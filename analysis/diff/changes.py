"""The data of the report that was there and of the new one in, what changed between them out, as lines for a terminal."""

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence

from sweepbook.analysis import words as w
from sweepbook.analysis.diff.conclusions import limited, said
from sweepbook.analysis.diff.matching import Matching, matching
from sweepbook.analysis.diff.turned import Turned, turned
from sweepbook.analysis.export.record import FINDINGS, RUNS
from sweepbook.analysis.export.record.read import Entry, Side, form_of, side
from sweepbook.analysis.export.record.runscsv import FIXED
from sweepbook.runner.config import SweepbookError

LISTED = 8  # names or lines of one kind; the rest are counted
OURS = ("label", "groups", "diagnosis")  # columns of runs.csv that come from the plan, or from the other runs too

Rows = Mapping[str, Mapping[str, str]]


def changes(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> list[str]:
    """The runs that came, changed and went, the logs that no longer count, the means that moved, by how much, and the conclusions
    that turned, each with the reason.

    Both have runs.csv and findings.json. Nothing where those of `before` cannot be read or are of another study.
    """
    if not all(before.get(name) for name in (RUNS, FINDINGS)) or all(before[name] == after[name] for name in (RUNS, FINDINGS)):
        return []
    try:
        return _changes(before, after)
    except (SweepbookError, LookupError, TypeError, ValueError, AttributeError):  # an old report may hold anything; it is replaced
        return []


def _changes(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> list[str]:
    old, new = (side("report", found[FINDINGS], found[RUNS]) for found in (before, after))
    if old.study != new.study:
        return []
    runs = _runs(before[RUNS], after[RUNS])
    problems = [_problems(found[FINDINGS]) for found in (before, after)]
    found = matching(old, new, new.metric)
    lines = [_line(one) for one in turned(old, new, found, new.metric)]
    return [*_logs(*runs), *_counted(*problems), *_asked(old, new, found), *_means(found, form_of(new.metric, old, new)), *lines]


def _problems(findings: bytes) -> dict[str, str]:
    """Why logs do not count, by log; without those of runs that were cut off, and came to their end in another log since."""
    return {one["log"]: one["reason"] for one in json.loads(findings)["problems"] if not one.get("again")}


def _runs(before: bytes, after: bytes) -> tuple[Rows, Rows]:
    """The rows of both by their log. What only one has a column for, and the program fills by itself, says nothing of the runs."""
    old, new = (csv.DictReader(io.StringIO(data.decode())) for data in (before, after))
    ours = {*OURS, *(FIXED & (set(old.fieldnames or ()) ^ set(new.fieldnames or ())))}
    known = ({row["log"]: {k: text for k, text in row.items() if k not in ours and text} for row in rows} for rows in (old, new))
    first, second = known
    return first, second


def _logs(before: Rows, after: Rows) -> list[str]:
    came = [f"{log} ({row['status']})" for log, row in after.items() if log not in before]
    changed = [f"{log} ({_what(before[log], row)})" for log, row in after.items() if log in before and before[log] != row]
    went = [log for log in before if log not in after]
    kinds = (("came", came), ("changed", changed), ("went", went))
    return [f"{w.plural(len(names), 'run')} {verb}: {_listed(names)}" for verb, names in kinds if names]


def _what(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """Which columns of a run changed."""
    keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    return ", ".join(keys[:3]) + (f" and {len(keys) - 3} more" if len(keys) > 3 else "")


def _counted(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """The logs that do not count now, or for another reason, and those that do again."""
    worse = [f"{log}: {reason}" for log, reason in new.items() if old.get(log) != reason]
    lines = [f"does not count: {line}" for line in worse[:LISTED]]
    more = [f"{w.plural(len(worse) - LISTED, 'more log')} do not count"] if len(worse) > LISTED else []
    better = [log for log in old if log not in new]
    return lines + more + ([f"no longer a problem: {_listed(better)}"] if better else [])


def _asked(old: Side, new: Side, found: Matching) -> list[str]:
    """What the study compares by, where that is another thing now, and the settings that are others throughout."""
    told = [f"{w.metric_name(side.metric)} ({side.goal})" for side in (old, new)]
    lines = [f"compared by {told[1]} now, by {told[0]} before"] if told[0] != told[1] else []
    for one in found.changed[:LISTED]:
        levels = f"{one.old or 'not set'} → {one.new or 'not set'}"
        lines.append(f"{w.setting_name(one.key)}: {levels} in {w.plural(one.pairs, 'configuration')}")
    return lines


def _means(found: Matching, form: w.Form) -> list[str]:
    farthest = sorted(found.pairs, key=lambda pair: _distance(pair[0], pair[1], form.metric), reverse=True)
    lines = [line for old, new in farthest if (line := _moved(old, new, form))]
    more = [f"{w.plural(len(lines) - LISTED, 'more mean')} moved"] if len(lines) > LISTED else []
    unlike = [f"{one.label} ({one.reason})" for one in found.incomparable]
    came, gone = ([entry.label for entry in entries] for entries in (found.added, found.removed))
    kinds = (("not comparable with before", unlike), ("new in the ranking", came), ("no longer ranked", gone))
    rest = [f"{w.plural(len(names), 'configuration')} {what}: {_listed(names)}" for what, names in kinds if names]
    return lines[:LISTED] + more + rest


def _distance(before: Entry, now: Entry, metric: str) -> float:
    """How far a mean moved; what moved most is told first, and where it is as far the best."""
    old, new = before.metrics.get(metric), now.metrics.get(metric)
    return 0.0 if old is None or new is None else abs(new.mean - old.mean)


def _moved(before: Entry, now: Entry, form: w.Form) -> str:
    metric = form.metric
    old, new = before.metrics.get(metric), now.metrics.get(metric)
    if old is None or new is None or (math.isclose(old.mean, new.mean, rel_tol=1e-12) and before.n == now.n):
        return ""
    count = w.plural(now.n, "run")
    runs = f"{before.n} to {count}" if before.n != now.n else count
    distance = new.mean - old.mean
    form = w.finer(form, distance)
    return f"{now.label}: {w.score(form, old.mean)} to {w.score(form, new.mean)} ({w.difference(form, distance)}, {runs})"


def _line(one: Turned) -> str:
    about = f"{one.group}: {one.says}" if one.group else one.says
    reason = one.because.removesuffix(".")
    before, now = (said(verdict) if one.kind == "prediction" else verdict for verdict in (one.old, one.new))
    moved = f"{before}, now {now}" if before != now else f"{now}, but {limited(one)}"
    return f"changed: {about}: {moved}" + (f" ({reason})" if reason else "")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= LISTED else f"{', '.join(names[:LISTED])} and {w.count(len(names) - LISTED)} more"
