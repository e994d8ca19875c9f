"""A file store of MLflow (mlruns) in, its runs out: a folder a run, in it a file a param, a tag and a metric."""

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

import numpy as np
from sweepbook.analysis.logs import yamltext
from sweepbook.analysis.logs.readers.log import Folder, Log, is_file
from sweepbook.analysis.logs.readers.mlflow.record import Numbers, Record, run_of
from sweepbook.runner.rules import Rules
from sweepbook.runner.runlog import LogError, Run

META = "meta.yaml"
TRASH = ".trash"  # of a store: the experiments that were deleted
RUN_HAS = frozenset(("params", "metrics", "artifacts"))
# Folders of a store and of an experiment that hold no runs.
OTHERS = frozenset(("models", "traces", "datasets", "tags"))
STATUSES = ("", "RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED")  # as the file store numbers them, from 1
LARGEST = 256_000_000  # bytes of a metric's file
LONGEST = 40_000  # bytes of a param's file
MOST = 20_000  # files of one kind
FIELDS = 3  # of a line of a metric: the time, the value and the step


def find(folder: Folder) -> Iterator[Log]:
    """The runs of the store or of the experiment that the folder is; or the run that it is."""
    if META in folder.files:
        if folder.folders & RUN_HAS:
            yield Log(folder.path, _files(folder.path), folder.files | folder.folders)
        else:
            yield from _logs(folder.path, folder.folders, frozenset({META}) | folder.folders & OTHERS)
    elif any(name.isdecimal() and is_file(f"{folder.path}/{name}/{META}") for name in folder.folders):
        yield from _store(folder)


def _store(folder: Folder) -> Iterator[Log]:
    """The runs of all experiments of the store, also of those that were deleted. What else it holds are no logs: registered models,
    and the artifacts of runs that a database has."""
    experiments = [name for name in sorted(folder.folders) if name not in OTHERS and is_file(f"{folder.path}/{name}/{META}")]
    deleted = [f"{TRASH}/{name}" for name in sorted(_names(f"{folder.path}/{TRASH}"))]
    numbered = (name for name in folder.folders if name.isdecimal())
    taken = frozenset((*experiments, *numbered, *(folder.folders & OTHERS)))
    for name in (*experiments, *deleted):
        path = f"{folder.path}/{name}"
        for log in _logs(path, _names(path)):
            yield replace(log, taken=taken)


def _logs(experiment: str, names: Iterable[str], rest: frozenset[str] = frozenset()) -> Iterator[Log]:
    """The runs among these folders of an experiment; the `rest`, what else MLflow keeps there, goes with each."""
    for name in sorted(set(names) - OTHERS):
        path = f"{experiment}/{name}"
        parts = frozenset(_names(path))
        if META in parts and parts & RUN_HAS:
            yield Log(path, _files(path), rest | {name})


def _names(path: str) -> list[str]:
    try:
        return os.listdir(path)
    except OSError:
        return []


def _files(run: str) -> tuple[str, ...]:
    """What tells of a change: params and tags are written once, so that their folders change where there are new ones."""
    metrics = [f"{run}/metrics/{name}" for name in _below(f"{run}/metrics")]
    return f"{run}/{META}", f"{os.path.dirname(run)}/{META}", f"{run}/params", f"{run}/tags", *metrics


def _below(folder: str) -> list[str]:
    """The paths in `folder` of the files in it and below: a slash in a metric's name makes a folder."""
    names: list[str] = []
    waiting = [""]
    while waiting and len(names) < MOST:
        part = waiting.pop()
        for name in sorted(_names(f"{folder}/{part}")):
            path = f"{folder}/{part}{name}"
            if is_file(path):
                names.append(part + name)
            elif os.path.isdir(path) and not os.path.islink(path):
                waiting.append(f"{part}{name}/")
    return names


def read(log: Log, rules: Rules) -> Iterator[Run]:
    """The one run."""
    yield run_of(_record(log.path), rules)


def _record(path: str) -> Record:
    about = yamltext.table(f"{path}/{META}")
    if "run_id" not in about and "run_uuid" not in about:
        raise LogError(f"its {META} has no run_id: not a run of MLflow")
    experiment = _experiment(os.path.dirname(path))
    thrown_away = os.path.basename(os.path.dirname(os.path.dirname(path))) == TRASH
    return Record(
        ident=str(about.get("run_id") or about.get("run_uuid")),
        experiment=experiment,
        name=str(about.get("run_name") or ""),
        status=_status(about.get("status")),
        deleted=thrown_away or about.get("lifecycle_stage") == "deleted",
        start=_seconds(about.get("start_time")),
        end=_seconds(about.get("end_time")),
        params=_texts(f"{path}/params"),
        tags=_texts(f"{path}/tags"),
        series={name: _series(f"{path}/metrics/{name}") for name in _below(f"{path}/metrics")},
    )


def _experiment(folder: str) -> str:
    """The name of the experiment; that of its folder where its own file cannot be read."""
    try:
        return _name(folder, os.stat(f"{folder}/{META}").st_mtime_ns)
    except (OSError, LogError):
        return os.path.basename(folder)


@lru_cache(maxsize=1024)
def _name(folder: str, changed: int) -> str:
    """The name that the file of the experiment had when it was `changed`: it is read once for all its runs."""
    return str(yamltext.table(f"{folder}/{META}").get("name") or os.path.basename(folder))


def _status(number: object) -> str:
    """The status by its name; the first versions wrote the name."""
    if isinstance(number, int):
        return STATUSES[number] if 0 <= number < len(STATUSES) else ""
    return str(number or "")


def _seconds(milliseconds: object) -> float | None:
    return milliseconds / 1000 if isinstance(milliseconds, int | float) and abs(milliseconds) < sys.maxsize else None


def _texts(folder: str) -> dict[str, str]:
    """The params or the tags: a file each, with the value in it."""
    return {name: _bytes(f"{folder}/{name}", LONGEST).decode(errors="replace") for name in _below(folder)}


def _series(path: str) -> tuple[Numbers, Numbers]:
    """The steps and the values of a metric in the order of their times; a line that is not whole is still being written."""
    lines = _bytes(path, LARGEST).split(b"\n")[:-1]
    whole = [fields for line in lines if len(fields := line.split()) >= FIELDS - 1]
    rows = np.array([(*fields, b"0")[:FIELDS] for fields in whole]).reshape(-1, FIELDS)
    try:
        numbers = rows.astype(np.float64)
    except ValueError:
        raise LogError(f"{path.rpartition('/metrics/')[2]} is not a metric of MLflow: a line of it has no number") from None
    order = np.lexsort((numbers[:, 1], numbers[:, 0]))
    return numbers[order, 2], numbers[order, 1]


def _bytes(path: str, most: int) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(most)
    except OSError as error:
        raise LogError(f"{os.path.basename(path)} cannot be read: {error.strerror}") from None
