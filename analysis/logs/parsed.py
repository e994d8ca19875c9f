"""Folders of logs in, a row a run and its series out, as frames: parsed side by side when that pays."""

import gc
import multiprocessing
import os
import signal
from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sweepbook.analysis.logs.readers import reader_of
from sweepbook.analysis.logs.series import by_epoch, planned_epochs
from sweepbook.runner.config import config_id
from sweepbook.runner.runlog import LogError, Run

SIGNALS = (signal.SIGINT, signal.SIGTERM)
PARALLEL_FROM = 400  # logs; below, starting processes costs more than they save


@dataclass(frozen=True)
class Parsed:
    """One log, packed to cross from process to process: its row of the runs table and its series, or the reason why
    there is none. Logs of one shape share `columns` and `series`; `numbers` are float64, one series after the other.
    `more` has the further runs of a log that records several."""

    columns: tuple[str, ...] = ()
    row: tuple[Any, ...] = ()
    series: tuple[str, ...] = ()
    numbers: bytes = b""
    reason: str | None = None
    more: "tuple[Parsed, ...]" = ()

    @property
    def epochs(self) -> int:
        """The number of epochs that every series has."""
        return len(self.numbers) // 8 // len(self.series) if self.series else 0


@dataclass(frozen=True)
class Frames:
    """`runs`: a row a log. `epochs`: a row a log and epoch. `unreadable`: the rest, log -> reason."""

    runs: pd.DataFrame
    epochs: pd.DataFrame
    unreadable: Mapping[str, str]


def parse_all(logs: Path, names: Sequence[str]) -> list[Parsed]:
    """Each named log, parsed; in as many processes as there are cores when there are enough of them."""
    folders = [f"{logs}/{name}" for name in names]
    workers = min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1, 8)
    if workers == 1 or len(folders) < PARALLEL_FROM:
        return _parse_part(folders)
    parts = [folders[i::workers] for i in range(workers)]
    with _readers(parts[1:]) as pipes:
        results = [_parse_part(parts[0]), *map(_received, pipes, parts[1:])]
    parsed: list[Parsed] = [None] * len(folders)  # type: ignore[list-item]
    for i, result in enumerate(results):
        parsed[i::workers] = result
    return parsed


@contextmanager
def _readers(parts: Sequence[Sequence[str]]) -> Iterator[list[Connection]]:
    """A process for each part, with the pipe that its logs come through; they end with the block.

    A fork has its parent's signal handlers, which tell of an interruption: no signal reaches a process before it has its own.
    A Pool would wait for ever where one of its processes was killed at the wrong moment.
    """
    fork = multiprocessing.get_context("fork")
    started: list[tuple[ForkProcess, Connection]] = []
    try:
        before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            for part in parts:
                ours, theirs = fork.Pipe(duplex=False)
                process = fork.Process(target=_send_part, args=(theirs, part, before), daemon=True)
                process.start()
                started.append((process, ours))
                theirs.close()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        yield [ours for _, ours in started]
    finally:
        for process, ours in started:
            ours.close()
            process.kill()
            process.join()


def _send_part(pipe: Connection, folders: Sequence[str], mask: set[int]) -> None:
    """The work of one process: it ends without a word at SIGTERM; at Ctrl-C its parent ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    with suppress(BrokenPipeError):  # its parent has gone
        pipe.send(_parse_part(folders))


def _received(pipe: Connection, folders: Sequence[str]) -> list[Parsed]:
    """What a process read; read here where that process was killed."""
    try:
        parsed: list[Parsed] = pipe.recv()
    except (EOFError, ConnectionResetError):
        return _parse_part(folders)
    return parsed


def _parse_part(folders: Sequence[str]) -> list[Parsed]:
    """Each log, parsed. Nothing here makes cycles, and looking for them takes a fifth of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        return [_parse(folder) for folder in folders]
    finally:
        if collecting:
            gc.enable()


def _parse(folder: str) -> Parsed:
    try:
        runs = [_packed(run) for run in reader_of(folder).read(folder)]
    except LogError as error:
        return Parsed(reason=str(error))
    if not runs:
        return Parsed(reason="no run in its log")
    return runs[0] if len(runs) == 1 else replace(runs[0], more=tuple(runs[1:]))


def _packed(run: Run) -> Parsed:
    row = _row(run)
    series, row["series_note"] = by_epoch(run.epochs, planned_epochs(run.config))
    row["epochs_done"] = max(map(len, series.values()), default=None)
    numbers = b"".join(array("d", values).tobytes() for values in series.values())
    return Parsed(_shared(tuple(row)), tuple(row.values()), _shared(tuple(series)), numbers)


@lru_cache(maxsize=1024)
def _shared(names: tuple[str, ...]) -> tuple[str, ...]:
    """The same tuple for equal ones, so that a pickle holds it once."""
    return names


def _row(run: Run) -> dict[str, Any]:
    """A run as one row: its own columns plain, tables with their name before the key."""
    row: dict[str, Any] = {
        "label": run.label,
        "study": run.study,
        "id": config_id(run.config),
        "seed": run.seed,
        "status": run.status,
        "started": run.started.timestamp(),
        "seconds": run.seconds,
        "error": run.error,
        "parameters": run.parameters,
        "train_examples": run.train_examples,
        "valid_examples": run.valid_examples,
        "epochs_done": None,
        "series_note": "",
    }
    for name, table in (("config", run.config), ("metrics", run.metrics), ("environment", run.environment)):
        for key, value in table.items():
            row[f"{name}.{key}"] = value
    return row


NUMBERS = ("started", "seconds")
FIXED = tuple(_row(Run("", "", None, "", datetime.fromtimestamp(0, UTC), None, {})))


def frames(parsed: Mapping[str, Parsed], other: Mapping[str, str]) -> Frames:
    """The frames of the logs, each by its folder's name; `other` is what else could not be read, with the reason."""
    good = dict(_runs(parsed))
    shapes = {log.columns for log in good.values()}
    columns = [*FIXED, *sorted({key for shape in shapes for key in shape}.difference(FIXED))]
    pick = {shape: [shape.index(key) if key in shape else -1 for key in columns] for shape in shapes}
    rows = [[(*log.row, None)[i] for i in pick[log.columns]] for log in good.values()]
    data = zip(columns, zip(*rows, strict=True) if rows else [()] * len(columns), strict=True)
    runs = pd.DataFrame({"log": pd.Series(list(good), dtype=object), **{key: _column(key, values) for key, values in data}})
    unreadable = {name: log.reason for name, log in parsed.items() if log.reason is not None}
    return Frames(runs, _epochs(good), {**unreadable, **other})


def _runs(parsed: Mapping[str, Parsed]) -> Iterator[tuple[str, Parsed]]:
    """The runs that could be read, each by its folder's name; a folder's further ones are numbered: "a", "a/2", "a/3"."""
    for name, log in parsed.items():
        if log.reason is None:
            yield name, log
        for number, run in enumerate(log.more, 2):
            yield f"{name}/{number}", run


def _column(key: str, values: Sequence[Any]) -> "pd.Series[Any]":
    """Metrics and times are floats, NaN where there is none; all else stays as it was written, None where there is none."""
    numeric = key in NUMBERS or key.startswith("metrics.")
    return pd.Series(values, dtype=float if numeric else object)


def _epochs(good: Mapping[str, Parsed]) -> pd.DataFrame:
    names = sorted({name for log in good.values() for name in log.series})
    lengths = [log.epochs for log in good.values()]
    frame: dict[str, Any] = {
        "log": np.repeat(np.array(list(good), dtype=object), lengths),
        "epoch": np.concatenate([np.arange(1, n + 1) for n in lengths]) if lengths else np.empty(0, int),
    }
    tables = [
        dict(zip(log.series, np.frombuffer(log.numbers).reshape(len(log.series), log.epochs), strict=True)) for log in good.values()
    ]
    for name in names:
        parts = [t[name] if name in t else np.full(n, np.nan) for t, n in zip(tables, lengths, strict=True)]
        frame[name] = np.concatenate(parts)
    return pd.DataFrame(frame)
