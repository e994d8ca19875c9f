"""An experiment folder of Ray Tune in, a run a trial out, from the files of any Ray 2 that are plain text.

Pickles are never opened, and neither are values that stand pickled, as hexadecimal text, in the state of an experiment."""

import csv
import os
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sweepbook.analysis.logs import jsontext
from sweepbook.analysis.logs.readers.log import Folder, Log, is_file, run_files
from sweepbook.analysis.logs.rows import EPOCH, Rows, number
from sweepbook.analysis.logs.tree import settings
from sweepbook.runner.rules import Rules
from sweepbook.runner.runlog import LogError, Run

NAME = "Ray Tune"
STATE = re.compile(r"experiment_state-.*\.json")
RESULTS, TABLE, PARAMS, ERRORS = "result.json", "progress.csv", "params.json", ("error.txt", "error.pkl")
STATUSES = {"TERMINATED": "finished", "ERROR": "failed", "RUNNING": "running", "PENDING": "running", "PAUSED": "running"}
TRIAL = re.compile(r"_([0-9a-z]+_\d{5})(?:_|$)")  # its id in the name of its folder
# What Ray adds to each result, which says when and where it was made.
FACTS = frozenset(
    [
        "timestamp",
        "date",
        "done",
        "pid",
        "hostname",
        "node_ip",
        "config",
        "trial_id",
        "experiment_id",
        "experiment_tag",
        "training_iteration",
        "time_this_iter_s",
        "time_total_s",
        "time_since_restore",
        "iterations_since_restore",
        "timesteps_since_restore",
        "timesteps_total",
        "episodes_total",
        "warmup_time",
        "should_checkpoint",
        "checkpoint_dir_name",
        "agent_timesteps_total",
        "num_env_steps_sampled_lifetime",
        "epoch",
    ]
)
PICKLED = "CLOUDPICKLE_FALLBACK"
DEEPEST = 20  # tables in tables of a result
LONGEST_ERROR = 1_000  # characters
LONGEST_LINE = 4_000_000
ASSUMED = "The experiment's state is missing: a trial with results and without an error counts as finished."
LEFT_OUT = "Settings that Ray stored as a pickle are left out."


def find(folder: Folder) -> Iterator[Log]:
    """A log for each trial: the folders in an experiment, or the folder itself where only that was kept."""
    states = sorted(name for name in folder.files if STATE.fullmatch(name))
    if states:
        trials = [name for name in sorted(folder.folders) if _is_trial(f"{folder.path}/{name}")]
        for name in trials:
            yield _log(f"{folder.path}/{name}", (f"{folder.path}/{states[-1]}",), run_files(folder) | {name})
    elif PARAMS in folder.files and not folder.files.isdisjoint((RESULTS, TABLE, *ERRORS)):
        yield _log(folder.path, (), run_files(folder, TABLE) | folder.folders)


def _is_trial(path: str) -> bool:
    return any(is_file(f"{path}/{name}") for name in (RESULTS, PARAMS, TABLE))


def _log(path: str, state: tuple[str, ...], taken: frozenset[str]) -> Log:
    files = [f"{path}/{name}" for name in (RESULTS, TABLE, PARAMS, *ERRORS)]
    return Log(path, (*filter(is_file, files), *state), taken)


def read(log: Log, rules: Rules) -> Iterator[Run]:
    """The one trial."""
    files = {_kind(path): path for path in log.files}
    rows, first, last = _rows(files)
    status, note = _status(log.path, files, last)
    if not rows.last and status == "finished":
        raise LogError("no result in it")
    config = jsontext.table(files[PARAMS]) if PARAMS in files else _table(last.get("config"))
    curves = rows.curves()
    yield Run(
        label="",
        study="",
        seed=None,
        status=status,
        started=_started(first),
        seconds=number(last.get("time_total_s")),
        config=settings(_plain(config)),
        error=_error(files) if status == "failed" else None,
        environment={"host": last["hostname"]} if isinstance(last.get("hostname"), str) else {},
        metrics=rows.last,
        epochs=curves.series,
        steps=curves.steps,
        note=" ".join(filter(None, (note, LEFT_OUT if _has_pickled(config) else ""))),
    )


def _kind(path: str) -> str:
    name = path.rpartition("/")[2]
    return "state" if STATE.fullmatch(name) else name


def _rows(files: Mapping[str, str]) -> tuple[Rows, dict[str, Any], dict[str, Any]]:
    """The results, with their iteration as the step, and the first and the last of them whole."""
    rows, first, last = Rows(), dict[str, Any](), dict[str, Any]()
    for result in _results(files):
        first, last = first or result, result
        rows.add(_values(result), number(result.get("training_iteration")), number(result.get(EPOCH)))
    return rows, first, last


def _results(files: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """The results as result.json has them, or where there is none, progress.csv."""
    if RESULTS in files and (_size(files[RESULTS]) or TABLE not in files):
        yield from jsontext.lines(files[RESULTS])
    elif TABLE in files:
        yield from _cells(files[TABLE])


def _cells(path: str) -> Iterator[dict[str, Any]]:
    """The rows of a progress.csv, each cell as JSON has it: Ray writes both from the same result."""
    try:
        with open(path, encoding="utf-8", errors="replace", newline="") as file:
            for row in csv.DictReader(iter(lambda: file.readline(LONGEST_LINE), "")):
                yield {name: _cell(cell) for name, cell in row.items() if isinstance(name, str) and isinstance(cell, str)}
    except OSError as error:
        raise LogError(f"{TABLE}: cannot be read: {error.strerror}") from None
    except csv.Error as error:
        raise LogError(f"{TABLE}: not a table: {error}") from None


def _cell(cell: str) -> object:
    try:
        return float(cell)
    except ValueError:
        return cell


def _values(result: Mapping[str, Any]) -> dict[str, float]:
    """The metrics of a result, nested ones by their path as Ray writes it: valid/accuracy."""
    values: dict[str, float] = {}
    left = [(name, inner, 0) for name, inner in result.items() if name not in FACTS]
    while left:
        name, inner, depth = left.pop()
        if isinstance(inner, dict) and depth < DEEPEST:
            left += [(f"{name}/{key}", own, depth + 1) for key, own in inner.items()]
        elif not name.startswith("config/") and (value := number(inner)) is not None:
            values[name] = value
    return dict(reversed(values.items()))


def _status(path: str, files: Mapping[str, str], last: Mapping[str, Any]) -> tuple[str, str]:
    """How the trial ended, as the state of the experiment says, or else the trial's own files; and what was assumed."""
    states = _states(files["state"], _changed(files["state"])) if "state" in files else {}
    named = TRIAL.search(path.rpartition("/")[2])
    trial = str(last.get("trial_id") or (named[1] if named else ""))
    if trial in states:
        return states[trial], ""
    if not files.keys().isdisjoint(ERRORS):
        return "failed", ""
    return "finished", "" if last.get("done") is True else ASSUMED


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def _changed(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:  # it went since it was found
        return 0


@lru_cache(maxsize=2)
def _states(path: str, changed: int) -> Mapping[str, str]:
    """The status of each trial by its id; read once for all trials of an experiment."""
    try:
        state = jsontext.table(path)
    except LogError:  # half written: what the trials' own files say remains
        return {}
    listed = state.get("trial_data", state.get("checkpoints"))
    statuses = {}
    for entry in listed if isinstance(listed, list) else ():
        text = entry[0] if isinstance(entry, list) and entry else entry
        trial = _table(jsontext.parsed(text) if isinstance(text, str) else text)
        statuses[str(trial.get("trial_id"))] = STATUSES.get(str(trial.get("status")), "running")
    return statuses


def _started(first: Mapping[str, Any]) -> datetime | None:
    """When the trial began: by the time of its first result, less what it took."""
    moment, took = number(first.get("timestamp")), number(first.get("time_total_s"))
    try:
        return None if moment is None else datetime.fromtimestamp(moment - (took or 0), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _error(files: Mapping[str, str]) -> str | None:
    """The last line of the traceback."""
    try:
        with open(files["error.txt"], encoding="utf-8", errors="replace") as file:
            lines = file.read(LONGEST_LINE).strip().splitlines()
    except (KeyError, OSError):
        return None
    return lines[-1].strip()[:LONGEST_ERROR] if lines else None


def _plain(config: Mapping[str, Any]) -> dict[str, Any]:
    """The settings without those that stand there as a pickle."""
    return {name: value for name, value in config.items() if not (isinstance(value, dict) and value.get("_type") == PICKLED)}


def _has_pickled(config: Mapping[str, Any]) -> bool:
    return len(_plain(config)) < len(config)


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
