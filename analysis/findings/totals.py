"""A sweep and a study in, how the planned runs stand out, and all that were logged."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from sweepbook.analysis.logs.sweep import Sweep
from sweepbook.runner.study import Study

STATES = ("finished", "diverged", "failed", "interrupted", "running", "missing")
SILENT = 3600.0  # seconds without an epoch, after which a run in progress may as well have been killed


@dataclass(frozen=True)
class Totals:
    """How the planned runs stand, and what the finished ones took. Each run is counted once: as finished or diverged where any of
    its logs says so, else by the log that began last. `running` ones are being trained, or were killed before they could say so.
    `logged` has the number of all logged runs by their status, planned or not."""

    planned: int
    finished: int
    failed: int
    diverged: int
    interrupted: int
    missing: int
    running: int
    seconds: float
    logged: Mapping[str, int] = field(default_factory=dict)


def totals(sweep: Sweep, study: Study, used: pd.DataFrame) -> Totals:
    """The totals of the planned runs; where the plan names none, the number of those `used` that finished."""
    known = _states(sweep)
    states = [known.get((run.id, run.seed), ("missing", 0.0))[0] for run in study.runs]
    count = {state: states.count(state) for state in STATES}
    if not study.runs:
        count["finished"] = len(used)
    logged = dict(sorted(Counter(sweep.runs["status"]).items()))
    return Totals(planned=len(study.runs), seconds=float(used["seconds"].sum()), logged=logged, **count)


def silent(sweep: Sweep, study: Study, now: float) -> int:
    """How many of the planned runs in progress have told nothing for an hour before `now`: they may have been killed."""
    if not sweep.runs["status"].eq("running").any():  # as of a sweep that is over
        return 0
    known = _states(sweep)
    heard = [known[run.id, run.seed] for run in study.runs if (run.id, run.seed) in known]
    return sum(state == "running" and at < now - SILENT for state, at in heard)


def _states(sweep: Sweep) -> Mapping[tuple[Any, Any], tuple[str, float]]:
    """How each run of the logs stands, by its configuration and seed, and when the log that says so was last written."""
    best: dict[tuple[Any, Any], tuple[int, float, str, float]] = {}
    columns = [sweep.runs[name] for name in ("id", "seed", "status", "started", "heard")]
    for key, seed, status, started, heard in zip(*columns, strict=True):
        rank = STATES.index(status) if status in ("finished", "diverged") else 2
        told = (rank, -started, status, heard)
        best[key, seed] = min(told, best.get((key, seed), told))
    return {key: (status, at) for key, (_, _, status, at) in best.items()}


def running_words(running: int, silent: int) -> list[str]:
    """How many runs are in progress, and how many of them may have been killed: ["1 running"], ["2 running or killed"]."""
    kinds = ((running - silent, "running"), (silent, "running or killed"))
    return [f"{count:,} {words}" for count, words in kinds if count]
