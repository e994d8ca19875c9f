"""`sweepbook plan`: what the planned runs cost and can show, what would settle the expectations, and what the design fails."""

import argparse
import importlib.util
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from sweepbook.analysis import words as w
from sweepbook.analysis.checks import Check, design_checks
from sweepbook.analysis.cli.codes import DONE
from sweepbook.analysis.cli.costing import cost
from sweepbook.analysis.cli.explain import title
from sweepbook.analysis.findings.findings import Findings, findings
from sweepbook.analysis.groups.summaries import Summary, summaries
from sweepbook.analysis.groups.trials import apart
from sweepbook.analysis.logs.sweep import Sweep, config_of, load_sweep
from sweepbook.analysis.page.fitted import Head
from sweepbook.analysis.page.terminal import READABLE, columns, print_json, print_table, print_text
from sweepbook.analysis.predictions.foresight.brief import brief
from sweepbook.analysis.predictions.foresight.cost import Cost
from sweepbook.analysis.predictions.foresight.details import details
from sweepbook.analysis.predictions.foresight.foresight import Foresight, foresight
from sweepbook.analysis.predictions.foresight.outlook import Expectation, advised, expectations
from sweepbook.analysis.predictions.foresight.shown import Shown
from sweepbook.analysis.report.places import places
from sweepbook.analysis.stats.noise import Noise
from sweepbook.runner.launch import sweeps
from sweepbook.runner.launch.devices import default_jobs, gpus, slower
from sweepbook.runner.launch.proposals import MISSING
from sweepbook.runner.member import selects
from sweepbook.runner.plan import load_study
from sweepbook.runner.study import PlannedRun, Study

SHORT = 20  # seeds that are written one by one


def command(asked: argparse.Namespace) -> int:
    """Prints what the plan costs and can show. A run exists where a log records it as finished or diverged."""
    study = load_study(asked.study)
    where = places(study, asked.logs, None)
    logged = load_sweep(where.logs) if where.logs.is_dir() else None
    sweep, study, known = apart(logged, study) if logged else (None, study, {})
    missing = sweeps.missing(study, where.logs)
    if (warning := slower(sweeps.trained(study, missing))) and not gpus():
        print(warning, file=sys.stderr)
    if any(group.search for group in study.groups) and importlib.util.find_spec("optuna") is None:
        print(f"before sweepbook run: {MISSING}", file=sys.stderr)
    took = cost(study, sweep, known, where.logs, missing, asked.jobs or default_jobs("cpu"))
    shown = findings(logged, study) if logged and not logged.used.empty else None
    found, claims = _foresight(study, sweep, asked.difference, shown)
    failed = design_checks(study)
    if asked.json:
        print_json(_json(study, missing, took, found, claims, failed))
        return DONE
    room = min(columns(sys.stdout) or READABLE, READABLE)
    *parts, last = brief(found, claims, took, shown.scatter if shown else None)
    parts += [replace(last, below=(*last.below, *_again(study, asked.study, found, claims))), *_objections(failed)]
    if asked.details:
        parts += [*_runs(study, missing), *details(found, claims, room), *_checks(failed)]
    for number, part in enumerate(parts):
        _print(part, room, first=not number)
    if not asked.details and (found.configurations or failed):
        print_text(f"\nEvery run, what is assumed, and what must be true: sweepbook plan {asked.study} --details", width=room)
    return DONE


def _foresight(
    study: Study, sweep: Sweep | None, difference: float | None, shown: Findings | None
) -> tuple[Foresight, tuple[Expectation, ...]]:
    """What the plan can show, with the noise that its logs show, where they do, and what becomes of its expectations. One row is of
    the seeds that are advised."""
    known: tuple[Mapping[str, Summary], Mapping[str, Noise]] = ({}, {})
    if sweep is not None:
        members = {group.name: group.members for group in study.groups}
        known = summaries(sweep, study.metric, study.sign, _labels(study, sweep), members)
    found = foresight(study, *known, difference)
    claims = expectations(found, shown.outcomes if shown else ())
    return foresight(study, *known, difference, advised(found, claims)), claims


def _labels(study: Study, sweep: Sweep) -> dict[str, tuple[str, ...]]:
    """The configurations whose replicates tell the noise: the planned ones, and those that a group chooses among the logs."""
    found = dict(study.labels)
    wanted = [group.where for group in study.groups if group.where is not None]
    for row in sweep.used.to_dict("records") if wanted else ():
        if any(selects(where, config_of(row)) for where in wanted):
            found.setdefault(str(row["id"]), (str(row["label"]),))
    return found


def _json(
    study: Study,
    missing: Sequence[PlannedRun],
    took: Cost,
    found: Foresight,
    known: Sequence[Expectation],
    failed: Sequence[Check],
) -> str:
    absent = {run.key for run in missing}
    runs = [{"label": r.label, "id": r.id, "seed": r.seed, "exists": r.key not in absent} for r in study.runs]
    document = {"study": study.name, "runs": runs, "missing": len(missing), "jobs": took.jobs, "seconds": took.seconds}
    told = {**document, "foresight": {**asdict(found), "df": found.df}, "checks": list(map(asdict, failed))}
    told |= {"examples": took.examples, "expectations": list(map(asdict, known)), "searches": list(map(asdict, took.searches))}
    return json.dumps(told, indent=1, ensure_ascii=False, allow_nan=False)


def _print(part: Shown, room: int, first: bool) -> None:
    if not first:
        print()
    if part.title:
        print_text(part.title, heading=True)
    for line in part.lines:
        print_text(line, width=room)
    if part.rows:
        print_table(part.heads, part.rows, room=room)
    for line in part.below:
        print_text(line, indent="      " if line.startswith("SB") else "", width=room)


def _again(study: Study, where: Path, found: Foresight, known: Sequence[Expectation]) -> list[str]:
    """How to get the seeds that are advised."""
    more = advised(found, known)
    if not more:
        return []
    fresh = range(max(study.seeds) + 1, max(study.seeds) + 1 + more)
    seeds = ", ".join(map(str, [*study.seeds, *fresh])) if more < SHORT else f"..., {fresh[-1]}"
    return [f"To add {more}: seeds = [{seeds}] in {study.path}, then", f"  sweepbook run {where}"]


def _runs(study: Study, missing: Sequence[PlannedRun]) -> list[Shown]:
    """Every configuration with its labels and the seeds that exist and are missing."""
    absent = {run.key for run in missing}
    rows = []
    for key, labels in study.labels.items():
        seeds = [(seed, (key, seed) in absent) for seed in study.seeds]
        exist, lack = ([str(seed) for seed, gone in seeds if gone is state] for state in (False, True))
        rows.append((labels[0], ", ".join(labels[1:]), " ".join(exist) or w.NONE, " ".join(lack) or w.NONE))
    members = sum(len(group.members) for group in study.groups)
    heads = (Head("configuration"), Head("also", long="wrap"), Head("seeds that exist"), Head("missing"))
    counts = (
        f"{w.plural(members, 'label')} for {w.plural(len(study.labels), 'configuration')}: one that several groups share runs once."
    )
    return [Shown("The runs", (counts,), heads, tuple(rows))] if rows else []


def _objections(failed: Sequence[Check]) -> list[Shown]:
    """What the design already fails, a line a check: its code, where it fires, and what it is about."""
    if not failed:
        return []
    by_code: dict[str, list[str]] = {}
    for check in failed:
        place = f"{check.group or 'all groups'}{' (silenced)' if check.silenced else ''}"
        by_code.setdefault(check.code, []).append(place)
    lines = [f"{title(code)} ({', '.join(dict.fromkeys(places))})" for code, places in by_code.items()]
    return [Shown("What a careful reader will object to, whatever the runs show", below=tuple(lines))]


def _checks(failed: Sequence[Check]) -> list[Shown]:
    """The same with all that there is to it; what the plan silences with its reason."""
    if not failed:
        return []
    lines = []
    for check in failed:
        message = f"silenced: {check.silenced}" if check.silenced else check.message
        lines.append(f"{check.code} {_place(check, message)}{message}")
    return [Shown("The objections in full", below=(*lines, "`sweepbook explain CODE` explains each."))]


def _place(check: Check, message: str) -> str:
    """The group in front of what is said of it, where that does not name it."""
    named = message.startswith(f"{check.group}:") or f'"{check.group}"' in message
    return f"{check.group}: " if check.group and not named else ""
