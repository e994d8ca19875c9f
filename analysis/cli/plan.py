"""`sweepbook plan`: the planned runs, which of them exist, how long the rest will take, what all of them can show, and what the
design already fails."""

import argparse
import importlib.util
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from textwrap import wrap

from sweepbook.analysis import words as w
from sweepbook.analysis.checks import Check, design_checks
from sweepbook.analysis.cli.codes import DONE
from sweepbook.analysis.findings.totals import running_words, silent, totals
from sweepbook.analysis.groups.summaries import summaries
from sweepbook.analysis.logs.sweep import Sweep, config_of, load_sweep
from sweepbook.analysis.logs.times import run_seconds
from sweepbook.analysis.page.terminal import print_json, print_table
from sweepbook.analysis.predictions.foresight.foresight import Foresight, foresight
from sweepbook.analysis.predictions.foresight.text import WIDTH, shown
from sweepbook.analysis.report.places import places
from sweepbook.runner import launch
from sweepbook.runner.config import SweepbookError
from sweepbook.runner.plan import load_study
from sweepbook.runner.study import PlannedRun, Study, selects


def command(asked: argparse.Namespace) -> int:
    """Prints the planned runs and what they can show. Exists: a log records a run as finished or diverged."""
    study = load_study(asked.study)
    where = places(study, asked.logs, None)
    sweep = load_sweep(where.logs) if where.logs.is_dir() else None
    missing = launch.missing(study, where.logs)
    jobs = asked.jobs or launch.default_jobs("cpu")
    total, source = _time(sweep, where.logs, missing, jobs)
    found = _foresight(study, sweep, asked.difference)
    failed = design_checks(study)
    if asked.json:
        print_json(_json(study, missing, jobs, total, found, failed))
        return DONE
    _print_runs(study, missing, _in_progress(sweep, study))
    if missing:
        print(_time_words(total, jobs, source))
    for part in shown(found):
        print("", *part.lines, sep="\n")
        if part.rows:
            print_table(part.heads, part.rows)
    _print_checks(failed)
    return DONE


def _time(sweep: Sweep | None, logs: Path, missing: Sequence[PlannedRun], jobs: int) -> tuple[float | None, str]:
    """The seconds that the missing runs will take side by side, and where that is from."""
    times, source = run_seconds(sweep, missing), f"the finished runs in {logs}"
    if times is None and missing and importlib.util.find_spec("torch"):
        from sweepbook.runner.pilot import run_seconds as timed

        source = "a few steps of each configuration, timed here on the CPU"
        try:
            times = timed(missing, "cpu")
        except (SweepbookError, RuntimeError) as error:  # what torch cannot make or the data cannot give, `run` will tell too
            print(f"a few steps could not be timed: {error}", file=sys.stderr)
    return (sum(times) / min(jobs, max(len(missing), 1)) if times is not None else None), source


def _foresight(study: Study, sweep: Sweep | None, difference: float | None) -> Foresight:
    """What the plan can show, with the noise that its logs tell, where they do."""
    if sweep is None:
        return foresight(study, {}, {}, difference)
    members = {group.name: group.members for group in study.groups}
    return foresight(study, *summaries(sweep, study.metric, study.sign, _labels(study, sweep), members), difference)


def _labels(study: Study, sweep: Sweep) -> dict[str, tuple[str, ...]]:
    """The configurations whose replicates tell the noise: the planned ones, and those that a group chooses among the logs."""
    found = dict(study.labels)
    wanted = [group.where for group in study.groups if group.where is not None]
    for row in sweep.used.to_dict("records") if wanted else ():
        if any(selects(where, config_of(row)) for where in wanted):
            found.setdefault(str(row["id"]), (str(row["label"]),))
    return found


def _json(
    study: Study, missing: Sequence[PlannedRun], jobs: int, total: float | None, found: Foresight, failed: Sequence[Check]
) -> str:
    absent = {run.key for run in missing}
    runs = [{"label": r.label, "id": r.id, "seed": r.seed, "exists": r.key not in absent} for r in study.runs]
    document = {"study": study.name, "runs": runs, "missing": len(missing), "jobs": jobs, "seconds": total}
    told = {**document, "foresight": {**asdict(found), "df": found.df}, "checks": list(map(asdict, failed))}
    return json.dumps(told, indent=1, ensure_ascii=False, allow_nan=False)


def _in_progress(sweep: Sweep | None, study: Study) -> str:
    """How many of the missing runs are in progress: ", of these 1 running"; "" where none is."""
    if sweep is None:
        return ""
    words = running_words(totals(sweep, study, sweep.used).running, silent(sweep, study, time.time()))
    return f", of these {w.listing(words)}" if words else ""


def _print_runs(study: Study, missing: Sequence[PlannedRun], in_progress: str) -> None:
    absent = {run.key for run in missing}
    rows = []
    for key, labels in study.labels.items():
        seeds = [(seed, (key, seed) in absent) for seed in study.seeds]
        exist, lack = ([str(seed) for seed, gone in seeds if gone is state] for state in (False, True))
        rows.append((labels[0], ", ".join(labels[1:]), " ".join(exist) or w.NONE, " ".join(lack) or w.NONE))
    print_table((("configuration", False), ("also", False), ("seeds that exist", False), ("missing", False)), rows)
    members = sum(len(group.members) for group in study.groups)
    counts = f"{members} labels, {len(study.labels)} configurations, {w.plural(len(study.seeds), 'seed')}"
    print(f"\n{counts}: {w.plural(len(study.runs), 'run')}, {len(missing)} missing{in_progress}.")


def _time_words(seconds: float | None, jobs: int, source: str) -> str:
    if seconds is None:
        return "How long they take is not known: no finished run tells, and a few steps could not be timed."
    return f"About {w.duration(seconds)} of training with {w.plural(jobs, 'job')}, going by {source}. Starting up takes some more."


def _print_checks(failed: Sequence[Check]) -> None:
    """What the design already fails, a paragraph each; what the plan silences with its reason."""
    if not failed:
        return
    print("\nWhat an honest reader will object to, whatever the runs show:")
    for check in failed:
        told = f"silenced: {check.silenced}" if check.silenced else check.message
        print(
            *wrap(f"{check.code} {_place(check, told)}{told}", WIDTH, subsequent_indent="      ", break_on_hyphens=False), sep="\n"
        )
    print("`sweepbook explain CODE` tells more.")


def _place(check: Check, told: str) -> str:
    """The group in front of what is told of it, where that does not name it."""
    return f"{check.group}: " if check.group and not told.startswith(f"{check.group}:") and f'"{check.group}"' not in told else ""
