"""What MLflow keeps of one run, in whatever store, in; the run out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from sweepbook.analysis.logs.seeding import seed_setting
from sweepbook.analysis.logs.steps import aligned
from sweepbook.runner.config import Config
from sweepbook.runner.rules import Rules
from sweepbook.runner.runlog import Run

Numbers: TypeAlias = npt.NDArray[np.float64]
STATUSES = {"FINISHED": "finished", "FAILED": "failed", "KILLED": "interrupted", "RUNNING": "running", "SCHEDULED": "running"}
OWN = "mlflow."  # before the names of the tags that MLflow sets itself
SYSTEM = "system/"  # before the names of metrics of the machine
NAME, PARENT, COMMIT = "mlflow.runName", "mlflow.parentRunId", "mlflow.source.git.commit"
MOST_TAGS, LONGEST_TAG = 50, 500
UNNUMBERED = "Values that MLflow has without a step are numbered in the order in which they were logged."


@dataclass(frozen=True)
class Record:
    """A run as MLflow has it: `start` and `end` in seconds since 1970, `params` and `tags` as text. `series` has the steps and the
    values of each metric in the order in which they were logged; `finals` the last values where there are no series."""

    ident: str
    experiment: str = ""
    name: str = ""
    status: str = ""
    deleted: bool = False
    start: float | None = None
    end: float | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    series: Mapping[str, tuple[Numbers, Numbers]] = field(default_factory=dict)
    finals: Mapping[str, float] = field(default_factory=dict)


def run_of(record: Record, rules: Rules, place: str = "") -> Run:
    """The run; its settings are its params, and those of its tags that are asked for or hold its seed."""
    metrics, steps, series, note = _measured(record)
    return Run(
        label=record.tags.get(NAME) or record.name or record.ident[:8],
        study=record.experiment,
        seed=None,
        status="deleted" if record.deleted else STATUSES.get(record.status.upper(), "running"),
        started=_moment(record.start),
        seconds=_seconds(record),
        config={**record.params, **_settings(record, rules)},
        environment=_environment(record),
        metrics=metrics,
        epochs=series,
        steps=steps,
        place=place,
        note=note,
    )


def _measured(record: Record) -> tuple[dict[str, float], list[float], dict[str, list[float]], str]:
    """The last values, the steps, the series, and what was assumed of them."""
    own = {name: pair for name, pair in record.series.items() if not name.startswith(SYSTEM) and len(pair[1])}
    if not own:
        return {name: value for name, value in record.finals.items() if not name.startswith(SYSTEM)}, [], {}, ""
    unnumbered = {name for name, (steps, _) in own.items() if len(steps) > 1 and not steps.any()}
    numbered = {name: (np.arange(float(len(pair[1]))), pair[1]) if name in unnumbered else pair for name, pair in own.items()}
    metrics = {name: float(values[np.flatnonzero(steps == steps.max())[-1]]) for name, (steps, values) in numbered.items()}
    steps, series = aligned(numbered)
    if len(steps) == 1:
        steps, series = [], {}
    return metrics, steps, series, UNNUMBERED if unnumbered else ""


def _settings(record: Record, rules: Rules) -> Config:
    """The tags that are settings: a tag is a note that may be written at any time, so only where it is asked for or is the seed."""
    own = {name: value for name, value in record.tags.items() if not name.startswith(OWN) and name not in record.params}
    seed = None if seed_setting(list(record.params), rules.seed) else seed_setting(list(own), rules.seed)
    asked = {*rules.keep, *rules.settings, seed}
    return {name: value for name, value in own.items() if name in asked}


def _environment(record: Record) -> dict[str, str | int | bool]:
    """The commit, the run in which this one is nested, and the tags that a person set."""
    facts: dict[str, str | int | bool] = {}
    for name, key in (("commit", COMMIT), ("parent", PARENT)):
        if key in record.tags:
            facts[name] = record.tags[key]
    own = [name for name in sorted(record.tags) if not name.startswith(OWN)]
    return facts | {f"tag.{name}": record.tags[name][:LONGEST_TAG] for name in own[:MOST_TAGS]}


def _moment(seconds: float | None) -> datetime | None:
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _seconds(record: Record) -> float | None:
    if record.start is None or record.end is None or not _moment(record.end):
        return None
    return round(record.end - record.start, 3) if record.end >= record.start else None  # MLflow counts in milliseconds
