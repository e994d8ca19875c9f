"""A run's folder of Weights & Biases in, its run out: from its run-*.wandb file, or without that, from the older text files.

No library of Weights & Biases is needed, nor an account: what `wandb sync` would send is in the folder."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sweepbook.analysis.logs import jsontext, yamltext
from sweepbook.analysis.logs.protocol import fields, records
from sweepbook.analysis.logs.readers.log import Folder, Log, is_file, run_files
from sweepbook.analysis.logs.rows import EPOCH, Rows, number
from sweepbook.analysis.logs.tree import settings
from sweepbook.runner.rules import Rules
from sweepbook.runner.runlog import LogError, Run
from sweepbook.runner.values import flat

NAME = "Weights & Biases"
BINARY, FOLDER = re.compile(r"run-.+\.wandb"), re.compile(r"(offline-)?run-\d{8}_\d{6}-.+")
CONFIG, SUMMARY, HISTORY, METADATA = "config.yaml", "wandb-summary.json", "wandb-history.jsonl", "wandb-metadata.json"
# The numbers of fields, which never change: of a record, of a run in it, and of a key with its value as JSON.
OF_HISTORY, OF_SUMMARY, OF_CONFIG, OF_RUN, OF_EXIT = 2, 3, 5, 17, 18
RUN_CONFIG, RUN_NAME, RUN_START = 4, 8, 17
ITEM, REMOVED, KEY, NESTED, JSON, CODE, TOOK = 1, 2, 1, 2, 16, 1, 2
INTERRUPTED = 255  # the exit code after Ctrl-C
ASSUMED = "Without its .wandb file a run of Weights & Biases does not say how it ended: one with a summary counts as finished."


def find(folder: Folder) -> Iterator[Log]:
    """The run that the folder is, with all that lies in it."""
    binary = sorted(name for name in folder.files if BINARY.fullmatch(name))
    if binary or FOLDER.fullmatch(folder.path.rpartition("/")[2]):
        texts = [f"{folder.path}/files/{name}" for name in (CONFIG, SUMMARY, HISTORY, METADATA)]
        files = [*(f"{folder.path}/{name}" for name in binary[-1:]), *filter(is_file, texts)]
        if files:
            yield Log(folder.path, tuple(files), run_files(folder) | folder.folders)


class _Told:
    """What the files of a run say, as far as it was read."""

    def __init__(self) -> None:
        self.config: dict[str, Any] = {}
        self.summary: dict[str, Any] = {}
        self.rows = Rows()
        self.name, self.note = "", ""
        self.started: datetime | None = None
        self.seconds: float | None = None
        self.status = "running"
        self.error: str | None = None

    def log(self, row: Mapping[str, Any]) -> None:
        """Adds a row of the history."""
        values = _numbers(row)
        self.rows.add(values, number(row.get("_step")), number(row.get(EPOCH)))

    def end(self, code: int, seconds: float | None) -> None:
        """The exit code and the wall time."""
        self.status = "finished" if code == 0 else "interrupted" if code == INTERRUPTED else "failed"
        self.error = f"it ended with exit code {code}" if code not in (0, INTERRUPTED) else None
        self.seconds = seconds


def read(log: Log, rules: Rules) -> Iterator[Run]:
    """The one run."""
    files = {path.rpartition("/")[2]: path for path in log.files}
    binary = next((path for name, path in files.items() if BINARY.fullmatch(name)), "")
    told = _of_records(binary) if binary else _of_texts(files)
    metrics = {**told.rows.last, **_numbers(told.summary)}
    if not metrics and told.status == "finished":
        raise LogError("no metric was logged in it")
    curves = told.rows.curves()
    yield Run(
        label=told.name,
        study="",
        seed=None,
        status=told.status,
        started=told.started,
        seconds=told.seconds,
        config=settings({name: value for name, value in told.config.items() if not name.startswith("_wandb")}),
        error=told.error,
        environment=_environment(files),
        metrics=metrics,
        epochs=curves.series,
        steps=curves.steps,
        note=told.note,
    )


def _of_records(path: str) -> _Told:
    """What the records of a .wandb file say, in their order: later settings and summaries replace earlier ones."""
    told = _Told()
    for record in records(path):
        for kind, data in fields(record):
            if isinstance(data, bytes) and kind in READ:
                READ[kind](told, data)
    return told


def _run(told: _Told, data: bytes) -> None:
    for kind, value in fields(data):
        if kind == RUN_CONFIG and isinstance(value, bytes):
            _config(told, value)
        elif kind == RUN_NAME and isinstance(value, bytes):
            told.name = value.decode(errors="replace")
        elif kind == RUN_START and isinstance(value, bytes):
            told.started = _moment(dict(fields(value)).get(1))


def _config(told: _Told, data: bytes) -> None:
    _update(told.config, data)


def _summary(told: _Told, data: bytes) -> None:
    _update(told.summary, data)


def _history(told: _Told, data: bytes) -> None:
    told.log(dict(_items(data)))


def _exit(told: _Told, data: bytes) -> None:
    values = dict(fields(data))
    code = values.get(CODE, 0)
    told.end(code if isinstance(code, int) else 0, number(values.get(TOOK)))


READ = {OF_HISTORY: _history, OF_SUMMARY: _summary, OF_CONFIG: _config, OF_RUN: _run, OF_EXIT: _exit}


def _update(table: dict[str, Any], data: bytes) -> None:
    """Sets the keys of a message in `table`, and takes out those that it removes."""
    table.update(_items(data))
    for kind, item in fields(data):
        if kind == REMOVED and isinstance(item, bytes):
            table.pop(_key(item), None)


def _items(data: bytes) -> Iterator[tuple[str, Any]]:
    for kind, item in fields(data):
        if kind == ITEM and isinstance(item, bytes):
            text = next((value for part, value in fields(item) if part == JSON and isinstance(value, bytes)), b"null")
            yield _key(item), jsontext.parsed(text)


def _key(item: bytes) -> str:
    """The key of an item, or the path of a nested one with dots."""
    parts = [value.decode(errors="replace") for kind, value in fields(item) if kind in (KEY, NESTED) and isinstance(value, bytes)]
    return ".".join(filter(None, parts))


def _of_texts(files: Mapping[str, str]) -> _Told:
    """What the text files say: config.yaml has each setting in a table with its value."""
    told = _Told()
    if CONFIG in files:
        table = yamltext.table(files[CONFIG])
        told.config = {str(name): own["value"] for name, own in table.items() if isinstance(own, dict) and "value" in own}
    for row in jsontext.lines(files[HISTORY]) if HISTORY in files else ():
        told.log(row)
    if SUMMARY in files:
        told.summary = jsontext.table(files[SUMMARY])
    if told.summary:
        told.end(0, number(told.summary.get("_runtime")))
        told.note = ASSUMED
    return told


def _numbers(row: Mapping[str, Any]) -> dict[str, float]:
    """The metrics of a row, nested ones by their path, without what Weights & Biases adds and the number of the epoch."""
    plain = {name: value for name, value in row.items() if not name.startswith("_") and name != EPOCH}
    try:
        known = {name: number(value) for name, value in flat(plain, lists=False).items()}
    except ValueError:  # one name in two ways
        known = {name: number(value) for name, value in plain.items()}
    return {name: value for name, value in known.items() if value is not None}


def _moment(seconds: object) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) else None
    except (ValueError, OverflowError, OSError):
        return None


def _environment(files: Mapping[str, str]) -> dict[str, str]:
    """The machine, of the metadata."""
    try:
        table = jsontext.table(files[METADATA]) if METADATA in files else {}
    except LogError:
        return {}
    git = table.get("git")
    known = {"host": table.get("host"), "python": table.get("python"), "device": table.get("gpu")}
    known["commit"] = git.get("commit") if isinstance(git, dict) else None
    return {name: value for name, value in known.items() if isinstance(value, str)}
