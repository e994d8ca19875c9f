"""A run.toml in, the `Run` that it records out; logtext.py is the way back."""

import json
import math
import os
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import tomli
from sweepbook.runner.config import Config, SweepbookError
from sweepbook.runner.logtable import misfit, misvalue
from sweepbook.runner.values import flat

FILE = "run.toml"
# Logs of other tools also say "deleted"; and of a run that only holds others together this.
DELETED, PARENT = "deleted", "parent"
STACKED = "stacked"  # in the environment: how many runs were trained in one program
# A run that ended so is done: the same settings and seed would end so again.
FINAL = ("finished", "diverged")
SERIES = re.compile(r"[A-Za-z0-9_-]+")
LARGEST = 64_000_000  # bytes of a log
NAMED = re.compile(r"\[[A-Za-z0-9_-]+\]")  # the line before a table
SINGULAR = re.compile(  # lines that hardly another log has: a plain number, text or time
    r"([A-Za-z0-9_-]+) = (?:(-?(?:0|[1-9][0-9]*)\.[0-9]+(?:e-?[0-9]+)?)"
    r'|"([^"\\\x00-\x1f\x7f]*)"'
    r"|([0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?)Z)"
)
OWN = ("[run]", "[metrics]")  # the tables that have most of them
KEPT = 10_000  # characters of a table whose lines are kept for the next log, at most


class LogError(SweepbookError):
    """A log that cannot be read, with the reason."""


@dataclass(frozen=True)
class Run:
    """One training run, as its log records it.

    `seconds` is wall time, of the whole program where several runs shared one. `metrics` are the values after the last epoch,
    `epochs` holds one list a series with one entry an epoch; another tool may have logged more or fewer. Where early stopping
    restored an earlier epoch, `best_epoch` is its number, from 1, and the metrics are its. Where a tool numbers steps and not
    epochs, `steps` has the step of every entry.
    `train_digest` and `valid_digest` are of the splits, `code` has those of code that no commit holds, by what it is: "patch",
    "model", "dataset", and "model_imports", "dataset_imports" of what these import. `place` tells a run from others in the same
    log; `note` says in a sentence what reading it assumed.
    What its log may lack is None or empty.
    """

    label: str
    study: str
    seed: int | None
    status: str
    started: datetime | None
    seconds: float | None
    config: Config
    error: str | None = None
    train_examples: int | None = None
    valid_examples: int | None = None
    parameters: int | None = None
    environment: Mapping[str, str | int | bool] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    epochs: Mapping[str, list[float]] = field(default_factory=dict)
    steps: Sequence[float] = ()
    place: str = ""
    note: str = ""
    best_epoch: int | None = None
    train_digest: str | None = None
    valid_digest: str | None = None
    code: Mapping[str, str] = field(default_factory=dict)

    @property
    def share(self) -> float | None:
        """What the run cost: its `seconds`, or its share of them where several runs were trained in one program."""
        stacked = self.environment.get(STACKED)
        if self.seconds is None or not isinstance(stacked, int) or stacked <= 1:
            return self.seconds
        return round(self.seconds / stacked, 6)


@dataclass(frozen=True)
class Epoch:
    """What one epoch gave. The training loss is the mean over its examples while they were trained on."""

    train_loss: float
    valid_loss: float
    valid_accuracy: float
    seconds: float
    lr: float
    valid_seen: int

    @property
    def diverged(self) -> bool:
        """Whether a loss is not a finite number."""
        return not (math.isfinite(self.train_loss) and math.isfinite(self.valid_loss))


def read_run(path: Path | str) -> Run:
    """The run that the log at `path` records; LogError says why where there is none."""
    try:
        with open(path, "rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            if size > LARGEST:
                raise LogError(f"{size:,} bytes found; a run log has at most {LARGEST:,}")
            text = file.read().decode()
    except OSError as error:  # without its path: a reason is the same wherever the folder of logs lies
        raise LogError(f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise LogError(f"cannot be read: {error}") from None
    return parse_run(text)


def read_folder(logs: Path, skip: Container[str] = ()) -> Iterator[tuple[Path, Run]]:
    """The run folders in `logs` that hold a readable log, by name, and the runs; those named in `skip` are not opened."""
    for folder in sorted(logs.iterdir()) if logs.is_dir() else ():
        if folder.name not in skip and (folder / FILE).is_file():
            try:
                yield folder, read_run(folder / FILE)
            except LogError:
                continue


def parse_run(text: str) -> Run:
    """The run that the text of a log records; LogError says why where there is none."""
    if not text.strip():
        raise LogError("the file is empty")
    if text[-1].isdecimal():  # 0.8 may be what is left of 0.8125
        raise LogError("it ends within a number or right after one: cut short? A log ends with a line break")
    log = _quick(text)
    if log is None:
        try:
            log = tomli.loads(text)
        except (ValueError, RecursionError) as error:  # also of a number or a nesting beyond what Python reads
            raise LogError(f"not valid TOML, perhaps cut short: {error}") from None
    if why := misfit(log):
        raise LogError(why)
    run, config = log["run"], _settings(log["config"])
    if why := misvalue({**log, "config": config}):
        raise LogError(why)
    data, model = log.get("data", {}), log.get("model", {})
    return Run(
        label=run["label"],
        study=run.get("study", ""),
        seed=run.get("seed"),
        status=run["status"],
        started=_utc(run["started"]),
        seconds=run.get("seconds"),
        error=run.get("error"),
        config=config,
        train_examples=data.get("train_examples"),
        valid_examples=data.get("valid_examples"),
        parameters=model.get("parameters"),
        environment=log.get("environment", {}),
        metrics=log.get("metrics", {}),
        epochs=log.get("epochs", {}),
        best_epoch=run.get("best_epoch"),
        train_digest=data.get("train_digest"),
        valid_digest=data.get("valid_digest"),
        code=log.get("code", {}),
    )


def _quick(text: str) -> dict[str, Any] | None:
    """The table of a log that ends as `to_toml` writes it, with one line a series; None for any other.

    A list of plain numbers is written alike in TOML and JSON, and JSON's parser reads it ten times as fast.
    """
    head, mark, tail = text.partition("\n[epochs]\n")
    if not mark:
        return None
    lines = [line.partition(" = ") for line in tail.removesuffix("\n").split("\n")]
    try:
        log = _tables(head)
        if log is None or "epochs" in log:
            return None
        log["epochs"] = {name: SERIES_VALUES.decode(values) for name, _, values in lines}
    except (ValueError, RecursionError):
        return None
    plain = len(log["epochs"]) == len(lines) and all(SERIES.fullmatch(name) for name in log["epochs"])
    return log if plain and text.endswith("\n") else None


def _tables(head: str) -> dict[str, Any] | None:
    """The tables of a log before its series, each parsed by itself; None where one stands in two places.

    A cut within a string or a list leaves a part that is not valid.
    """
    first, *rest = head.removesuffix("\n").split("\n\n[")
    parts = [_line(first) if "\n" not in first else tomli.loads(first), *(_table(f"[{part}") for part in rest)]
    log = {name: table for part in parts for name, table in part.items()}
    return log if len(log) == sum(map(len, parts)) else None


def _table(text: str) -> dict[str, Any]:
    """One table, with its name. Most lines are alike from log to log, and each is parsed once."""
    head, *lines = text.split("\n")
    if not NAMED.fullmatch(head) or len(text) > KEPT:
        return tomli.loads(text)
    table: dict[str, Any] = {}
    for line in lines:
        found = SINGULAR.fullmatch(line) if head in OWN else None
        if found:
            name, number, words, moment = found.groups()
            table[name] = float(number) if number else words if moment is None else datetime.fromisoformat(moment + "+00:00")
        else:
            table.update(_line(line))
    return {head[1:-1]: table} if len(table) == len(lines) else tomli.loads(text)


@lru_cache(maxsize=4096)
def _line(text: str) -> dict[str, Any]:
    """The one key of a line with its value, which nothing changes; ValueError where the line begins another table."""
    if text.lstrip().startswith("["):
        raise ValueError(text)
    return tomli.loads(text)


def _refuse(word: str) -> float:
    """JSON's parser would take NaN and Infinity, which TOML does not write so."""
    raise ValueError(word)


SERIES_VALUES = json.JSONDecoder(parse_constant=_refuse)


def _settings(table: Mapping[str, object]) -> Config:
    """The settings, those of nested tables by their path."""
    try:
        return flat(table)
    except ValueError as error:
        raise LogError(f"[config] {error} stands in it twice: by that name, and in a table") from None


def _utc(moment: datetime) -> datetime:
    """`moment` in UTC, which a time without a zone is taken to be in."""
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        raise LogError(f"[run] started = {moment.isoformat()} is before or after all dates in UTC") from None
