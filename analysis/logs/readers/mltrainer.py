"""A folder of mltrainer's modellogs in, the run that it logged there out: settings.toml and model.toml, saved_config.gin of older
versions, and event files."""

import ast
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import tomli
from sweepbook.analysis.logs.eventfile.folder import events, is_event_file
from sweepbook.analysis.logs.eventfile.hparams import Session
from sweepbook.analysis.logs.filetext import content
from sweepbook.analysis.logs.readers.log import Folder, Log
from sweepbook.analysis.logs.readers.tensorboard import ASSUMED, Part, flat_settings, run_of
from sweepbook.runner.config import Config
from sweepbook.runner.rules import Rules
from sweepbook.runner.runlog import LogError, Run

NAME = "mltrainer"
SETTINGS, MODEL, GIN = "settings.toml", "model.toml", "saved_config.gin"
STAMP = re.compile(r"\d{8}-\d{4}(\d\d)?")
ABSENT = frozenset(("logdir", "reporttypes"))  # where and how it logs changes no result
# What mltrainer scores on its validation set, which it calls so.
VALIDATION = re.compile(r"^Loss/test$|^metric/(?=.)")
BINDING = re.compile(r"^([\w./]+)\s*=\s*(.*)$")


def find(folder: Folder) -> Iterator[Log]:
    """The run that the folder is."""
    names = {SETTINGS, MODEL, GIN} & folder.files
    written = {name for name in folder.files if is_event_file(name)}
    if GIN in names or (SETTINGS in names and (MODEL in names or STAMP.fullmatch(os.path.basename(folder.path)))):
        files = sorted(f"{folder.path}/{name}" for name in names | written)
        yield Log(folder.path, tuple(files), frozenset(names | written))


def read(log: Log, rules: Rules) -> Iterator[Run]:
    """The one run."""
    settings = _settings(log)
    paths = [path for path in log.files if is_event_file(os.path.basename(path))]
    if not paths:
        raise LogError("no event file in it: only its settings are known")
    run = run_of(log.path, [Part("", events(paths), Session())], settings)
    yield replace(
        run,
        label=os.path.basename(log.path),
        started=run.started or _stamped(log.path),
        config=settings,
        metrics={_named(name): value for name, value in run.metrics.items()},
        epochs={"epoch": list(run.steps), **{_named(name): values for name, values in run.epochs.items()}},
        steps=(),
        status="running" if run.status == "finished" and _is_short(settings, run.steps) else run.status,
        note=run.note.replace(ASSUMED, "").strip(),
    )


def _named(name: str) -> str:
    """The name of a series, with the word for the split that it was scored on."""
    return VALIDATION.sub("valid/loss" if name == "Loss/test" else "valid/", name)


def _is_short(settings: Config, epochs: Sequence[float]) -> bool:
    """Whether epochs are missing that early stopping cannot have saved, as it waits for so many that bring nothing."""
    planned, patience = settings.get("epochs"), settings.get("earlystop_kwargs.patience", 0)
    if type(planned) is not int or not isinstance(patience, int | float):
        return False
    return len(epochs) < planned and (not patience or len(epochs) <= patience)


def _settings(log: Log) -> Config:
    names = {os.path.basename(path): path for path in log.files}
    if SETTINGS not in names:
        return _bindings(_text(names[GIN]))
    trainer = _table(names[SETTINGS])
    model = _table(names[MODEL]) if MODEL in names else {}
    kept = {name: value for name, value in trainer.items() if name not in ABSENT}
    return flat_settings({**kept, **({"model": model} if model else {})})


def _table(path: str) -> dict[str, Any]:
    """The [model] table, under which mltrainer writes what it describes; [types] repeats it."""
    try:
        table = tomli.loads(_text(path))
    except (ValueError, RecursionError) as error:
        raise LogError(f"{os.path.basename(path)}: not valid TOML, perhaps cut short: {error}") from None
    inner = table.get("model", table)
    if not isinstance(inner, dict):
        raise LogError(f"{os.path.basename(path)}: no table of settings")
    return {name: _plain(value) for name, value in inner.items() if name != "training"}


def _plain(value: Any) -> Any:
    """A module's table without the flag that torch keeps in each."""
    if isinstance(value, dict):
        return {name: _plain(own) for name, own in value.items() if name != "training"}
    return value


def _text(path: str) -> str:
    return content(path).decode(errors="replace")


def _bindings(text: str) -> Config:
    """The settings of a gin file: a line "where.name = value" each, which may go on where it is indented or ends in a backslash."""
    lines: list[str] = []
    for line in text.splitlines():
        if line[:1] in (" ", "\t", ")", "]", "}") and lines:
            lines[-1] = lines[-1].rstrip("\\ ") + " " + line.strip()
        elif line and not line.startswith("#"):
            lines.append(line)
    bound = (BINDING.match(line) for line in lines)
    return flat_settings({match[1]: _value(match[2]) for match in bound if match})


def _value(text: str) -> Any:
    """A value of gin: a literal of Python's, or a name, which stays as it is written."""
    if len(text) > 10_000:
        return text
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text
    return [*value] if isinstance(value, tuple | set) else value


def _stamped(folder: str) -> datetime | None:
    """When the run started, by the name of its folder."""
    name = os.path.basename(folder)
    try:
        return datetime.strptime(name, "%Y%m%d-%H%M%S" if len(name) > 13 else "%Y%m%d-%H%M").replace(tzinfo=UTC)
    except ValueError:
        return None
