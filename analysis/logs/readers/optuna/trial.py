"""What Optuna keeps of one trial, in whatever storage, in; the run out."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sweepbook.analysis.logs.seeding import seed_setting
from sweepbook.analysis.logs.steps import aligned
from sweepbook.runner.runlog import LogError, Run
from sweepbook.runner.values import Value, flat, is_finite

STATUSES = {"COMPLETE": "finished", "PRUNED": "pruned", "FAIL": "failed", "RUNNING": "running", "WAITING": "running"}
DIRECTIONS = ("MINIMIZE", "MAXIMIZE")
OBJECTIVE = "objective"
NAMES = "study:metric_names"  # the attribute of a study that names its objectives
REASON = "fail_reason"  # the attribute of a trial by which Optuna 2 says why it failed
MOST_NOTES, LONGEST_NOTE = 50, 500


@dataclass
class Study:
    """A study: `names` are those of its objectives, where somebody gave them some."""

    name: str
    directions: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def objective(self, place: int) -> str:
        """What the objective is called: by its name, else by its number where there are several."""
        if place < len(self.names):
            return self.names[place]
        return OBJECTIVE if len(self.directions) <= 1 else f"{OBJECTIVE}_{place}"


@dataclass
class Trial:
    """A trial: its params as they were used, its values one an objective, and those that it reported by step."""

    study: Study
    number: int
    state: str = ""
    params: dict[str, object] = field(default_factory=dict)
    values: dict[int, float] = field(default_factory=dict)
    steps: dict[int, float] = field(default_factory=dict)
    notes: dict[str, object] = field(default_factory=dict)
    start: str = ""
    end: str = ""
    error: str = ""


def run_of(trial: Trial, alone: bool) -> Run:
    """The run. Its user attributes are metrics where they are numbers; where its study is not `alone`, its place says which."""
    start, end = _moment(trial.start), _moment(trial.end)
    numbers = {name: float(value) for name, value in trial.notes.items() if is_finite(value)}  # type: ignore[arg-type]
    seed = None if seed_setting(list(trial.params), "") else seed_setting(list(trial.notes), "")
    numbers.pop(seed or "", None)
    steps, series = _series(trial)
    return Run(
        label=f"trial {trial.number}",
        study=trial.study.name,
        seed=None,
        status=STATUSES.get(trial.state, "running"),
        started=start,
        seconds=(end - start).total_seconds() if start and end and end >= start else None,
        config={**_config(trial.params), **({seed: trial.notes[seed]} if seed else {})},  # type: ignore[dict-item]
        error=trial.error or None,
        environment=_environment(trial, numbers),
        metrics={**numbers, **{trial.study.objective(place): value for place, value in trial.values.items()}},
        epochs=series,
        steps=steps,
        place=str(trial.number) if alone else f"{trial.study.name}/{trial.number}",
    )


def _series(trial: Trial) -> tuple[list[float], dict[str, list[float]]]:
    """The values that the trial reported, by step: Optuna compares them with the objective."""
    if len(trial.steps) < 2:
        return [], {}
    return aligned({trial.study.objective(0): (list(map(float, trial.steps)), list(trial.steps.values()))})


def _config(params: Mapping[str, object]) -> Mapping[str, Value]:
    try:
        return flat(params)
    except ValueError as error:
        raise LogError(f"the param {error} stands in it twice: by that name, and in a table") from None


def _environment(trial: Trial, numbers: Mapping[str, float]) -> dict[str, str | int | bool]:
    """Which way is better, and the user attributes that are no metrics."""
    goals = {
        f"goal.{trial.study.objective(place)}": direction.lower()
        for place, direction in enumerate(trial.study.directions)
        if direction in DIRECTIONS
    }
    notes = [name for name in sorted(trial.notes) if name not in numbers]
    return {**goals, **{f"attribute.{name}": _note(trial.notes[name]) for name in notes[:MOST_NOTES]}}


def _note(value: object) -> str | bool:
    if isinstance(value, bool):
        return value
    return (value if isinstance(value, str) else json.dumps(value, default=str))[:LONGEST_NOTE]


def _moment(text: str) -> datetime | None:
    """A time; Optuna writes it without its zone, and it is read as UTC."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def number_of(value: object) -> float:
    """A value that was reported, as a number; NaN where it is none."""
    return float(value) if type(value) is float or is_finite(value) else math.nan  # type: ignore[arg-type]


def decoded(value: object, distribution: str) -> object:
    """What a param was, by the number that Optuna keeps of it and the distribution that it was drawn from."""
    return _decoder(distribution)(number_of(value))


@lru_cache(maxsize=10_000)
def _decoder(distribution: str) -> Callable[[float], object]:
    """What makes a value of the number; all trials of a study share a few distributions."""
    try:
        told = json.loads(distribution)
        kind, choices = str(told["name"]), told["attributes"].get("choices")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return float
    if isinstance(choices, list):
        return lambda number: choices[int(number)] if 0 <= number < len(choices) else None
    return _whole if kind.startswith("Int") else float


def _whole(number: float) -> object:
    return int(number) if math.isfinite(number) else None


def names_of(value: Any) -> list[str]:
    """The names of objectives as a study's attribute has them."""
    return [str(name) for name in value] if isinstance(value, list) else []
