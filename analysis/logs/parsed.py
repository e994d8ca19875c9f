"""Log files in, a row a run and its series out: parsed side by side when that pays, and remembered by the files' stamps.

The logs are the only store of record. What is remembered may be deleted at any time; it is kept in the user's own
cache folder, never beside the logs, because it is a pickle and logs are passed around.
"""

import gc
import hashlib
import multiprocessing
import os
import pickle
import signal
import time
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import pandas as pd
from sweepbook.analysis.logs import labels, series, settings
from sweepbook.analysis.logs.files import TICK, Found, Stamp, cache_folder, find_logs
from sweepbook.analysis.logs.series import by_epoch, planned_epochs
from sweepbook.runner import config, metric, runlog
from sweepbook.runner.config import config_id
from sweepbook.runner.runlog import LogError, Run, read_run

Made = TypeVar("Made")
NEVER: Stamp = (0, 0, 0, 0)  # of a log that may still change: equal to no log's stamp, and yet its name is known
SIGNALS = (signal.SIGINT, signal.SIGTERM)
PARALLEL_FROM = 400  # logs; below, starting processes costs more than they save


@dataclass(frozen=True)
class Parsed:
    """One log, packed to cross from process to process: its row of the runs table and its series, or the reason why
    there is none. Logs of one shape share `columns` and `series`; `numbers` are float64, one series after the other."""

    columns: tuple[str, ...] = ()
    row: tuple[Any, ...] = ()
    series: tuple[str, ...] = ()
    numbers: bytes = b""
    reason: str | None = None

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


def remembered(logs: Path, make: Callable[[Frames], Made]) -> Made:
    """What `make` makes of the frames of all logs in `logs`, rows sorted by the log's folder.

    Logs that have not changed since an earlier call are not read again, and where none has, nothing is made again.
    `make` has to be a function of the frames alone, in a module of this package.
    """
    began = time.time_ns()
    found = find_logs(logs)
    memory = _Memory(logs, make)
    if memory.found == found:
        return memory.made
    stamps, other = found
    before, contents = memory.parsed()
    parsed = {name: contents[name] for name, stamp in stamps.items() if before.get(name) == stamp}
    fresh = [name for name in stamps if name not in parsed]
    parsed.update(zip(fresh, parse_all(logs, fresh), strict=True))
    made = make(_frames({name: parsed[name] for name in stamps}, other))
    settled = {name: stamp if max(stamp[2:]) < began - TICK else NEVER for name, stamp in stamps.items()}
    memory.keep((settled, other), made, parsed)
    return made


def parse_all(logs: Path, names: Sequence[str]) -> list[Parsed]:
    """Each named log, parsed; in as many processes as there are cores when there are enough of them."""
    paths = [f"{logs}/{name}/{runlog.FILE}" for name in names]
    workers = min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1, 8)
    if workers == 1 or len(paths) < PARALLEL_FROM:
        return _parse_part(paths)
    parts = [paths[i::workers] for i in range(workers)]
    with _readers(parts[1:]) as pipes:
        results = [_parse_part(parts[0]), *map(_received, pipes, parts[1:])]
    parsed: list[Parsed] = [None] * len(paths)  # type: ignore[list-item]
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


def _send_part(pipe: Connection, paths: Sequence[str], mask: set[int]) -> None:
    """The work of one process: it ends without a word at SIGTERM; at Ctrl-C its parent ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    with suppress(BrokenPipeError):  # its parent has gone
        pipe.send(_parse_part(paths))


def _received(pipe: Connection, paths: Sequence[str]) -> list[Parsed]:
    """What a process read; read here where that process was killed."""
    try:
        parsed: list[Parsed] = pipe.recv()
    except (EOFError, ConnectionResetError):
        return _parse_part(paths)
    return parsed


def _parse_part(paths: Sequence[str]) -> list[Parsed]:
    """Each log, parsed. Nothing here makes cycles, and looking for them takes a fifth of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        return [_parse(path) for path in paths]
    finally:
        if collecting:
            gc.enable()


def _parse(path: str) -> Parsed:
    try:
        run = read_run(path)
    except LogError as error:
        return Parsed(reason=str(error))
    row = _row(run)
    told, row["series_note"] = by_epoch(run.epochs, planned_epochs(run.config))
    row["epochs_done"] = max(map(len, told.values()), default=None)
    numbers = b"".join(array("d", values).tobytes() for values in told.values())
    return Parsed(_shared(tuple(row)), tuple(row.values()), _shared(tuple(told)), numbers)


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


def _frames(parsed: Mapping[str, Parsed], other: Mapping[str, str]) -> Frames:
    good = {name: log for name, log in parsed.items() if log.reason is None}
    shapes = {log.columns for log in good.values()}
    columns = [*FIXED, *sorted({key for shape in shapes for key in shape}.difference(FIXED))]
    pick = {shape: [shape.index(key) if key in shape else -1 for key in columns] for shape in shapes}
    rows = [[(*log.row, None)[i] for i in pick[log.columns]] for log in good.values()]
    data = zip(columns, zip(*rows, strict=True) if rows else [()] * len(columns), strict=True)
    runs = pd.DataFrame({"log": pd.Series(list(good), dtype=object), **{key: _column(key, values) for key, values in data}})
    unreadable = {name: log.reason for name, log in parsed.items() if log.reason is not None}
    return Frames(runs, _epochs(good), {**unreadable, **other})


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


class _Memory(Generic[Made]):
    """What an earlier call made for the same folder with the same code: four pickles in a row in one file."""

    def __init__(self, logs: Path, make: Callable[[Frames], Made]) -> None:
        place = hashlib.sha256(os.fsencode(logs.resolve())).hexdigest()[:24]
        self.path = cache_folder("logs") / f"{place}.pickle"
        self.version = _version(make)
        self.found: Found | None = None
        self.made: Made
        self.offset = 0
        try:
            with self.path.open("rb") as file:
                if pickle.load(file) == self.version:
                    self.found, self.made, self.offset = pickle.load(file), pickle.load(file), file.tell()
        except Exception:  # a cache that cannot be read, for whatever reason, is a cache that is not there
            self.found = None

    def parsed(self) -> tuple[Mapping[str, Stamp], Mapping[str, Parsed]]:
        """The stamps and contents of the logs that had been read; nothing where there is no memory."""
        if self.found is None:
            return {}, {}
        try:
            with self.path.open("rb") as file:
                file.seek(self.offset)
                return self.found[0], pickle.load(file)
        except Exception:  # as above
            return {}, {}

    def keep(self, found: Found, made: Made, parsed: Mapping[str, Parsed]) -> None:
        beside = self.path.with_suffix(f".{os.getpid()}")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with beside.open("wb") as file:
                for part in (self.version, found, made, parsed):
                    pickle.dump(part, file, protocol=5)
            beside.replace(self.path)
        except OSError:  # no room or no right to write there: the next call reads the logs again
            with suppress(OSError):
                beside.unlink()


def _version(make: Callable[[Frames], Made]) -> str:
    """Changes with any code that what is remembered depends on."""
    ours = (labels, series, settings, config, metric, runlog)
    files = (__file__, *(str(module.__file__) for module in ours), make.__code__.co_filename)
    sources = [Path(file).read_bytes() for file in files]
    return hashlib.sha256(b"".join([pd.__version__.encode(), np.__version__.encode(), *sources])).hexdigest()
