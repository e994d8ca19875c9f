"""`sweepbook plan`: the planned runs, which of them exist, and how long the rest will take."""

import argparse
import importlib.util
import json
import sys

from analysis import wording as w
from analysis.commands import DONE
from analysis.estimate import run_seconds
from analysis.places import places
from analysis.sweep import load_sweep
from analysis.terminal import print_table
from runner import launch
from runner.config import SweepbookError
from runner.plan import load_study


def command(asked: argparse.Namespace) -> int:
    """Prints the planned runs. Exists: a log records it as finished or diverged."""
    study = load_study(asked.study)
    where = places(study, asked.logs, None)
    missing = launch.missing(study, where.logs)
    absent = {(run.id, run.seed) for run in missing}
    jobs = asked.jobs or launch.default_jobs("cpu")
    times = run_seconds(load_sweep(where.logs) if where.logs.is_dir() else None, missing)
    source = f"the finished runs in {where.logs}"
    if times is None and missing and importlib.util.find_spec("torch"):
        from runner.pilot import run_seconds as timed

        source = "a few steps of each configuration, timed here on the CPU"
        try:
            times = timed(missing, "cpu")
        except (SweepbookError, RuntimeError) as error:  # what torch cannot make or the data cannot give, `run` will tell too
            print(f"a few steps could not be timed: {error}", file=sys.stderr)
    total = sum(times) / min(jobs, max(len(missing), 1)) if times is not None else None
    if asked.json:
        runs = [{"label": r.label, "id": r.id, "seed": r.seed, "exists": (r.id, r.seed) not in absent} for r in study.runs]
        print(json.dumps({"study": study.name, "runs": runs, "missing": len(missing), "jobs": jobs, "seconds": total}, indent=1))
        return DONE
    rows = []
    for key, labels in study.labels.items():
        seeds = [(seed, (key, seed) in absent) for seed in study.seeds]
        exist, lack = ([str(seed) for seed, gone in seeds if gone is state] for state in (False, True))
        rows.append((labels[0], ", ".join(labels[1:]), " ".join(exist) or w.NONE, " ".join(lack) or w.NONE))
    print_table((("configuration", False), ("also", False), ("seeds that exist", False), ("missing", False)), rows)
    members = sum(len(group.members) for group in study.groups)
    counts = f"{members} labels, {len(study.labels)} configurations, {len(study.seeds)} seeds"
    print(f"\n{counts}: {len(study.runs)} runs, {len(missing)} missing.")
    if missing:
        print(_time_words(total, jobs, source))
    return DONE


def _time_words(seconds: float | None, jobs: int, source: str) -> str:
    if seconds is None:
        return "How long they take is not known: no finished run tells, and a few steps could not be timed."
    return f"About {w.duration(seconds)} of training with {w.plural(jobs, 'job')}, going by {source}. Starting up takes some more."
