"""Folders of logs in, a row a run and its series out, as frames: parsed side by side when that pays."""

import gc
import math
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache, partial
from operator import itemgetter
from typing import Any

import numpy as np
import pandas as pd
from sweepbook.analysis.forks import cores, forked
from sweepbook.analysis.logs.files import Listing
from sweepbook.analysis.logs.readable import readable
from sweepbook.analysis.logs.readers import Source, runtoml
from sweepbook.analysis.logs.secrets import without_secrets
from sweepbook.analysis.logs.series import Series, by_epoch, planned_epochs
from sweepbook.analysis.logs.settled import settled
from sweepbook.runner.config import config_id
from sweepbook.runner.rules import Rules
from sweepbook.runner.runlog import LogError, Run

STEP = "step"  # the series that has the steps of runs which number no epochs
PARALLEL_FROM = 400  # logs; below, starting processes costs more than they save


@dataclass(frozen=True)
class Packed:
    """One run, packed to cross from process to process: its row of the runs table, and its series. Runs of one shape share
    `columns` and `series`; `numbers` are float64, one series after the other. `place` tells it from others in its log."""

    columns: tuple[str, ...]
    row: tuple[Any, ...]
    series: tuple[str, ...]
    numbers: bytes
    place: str = ""

    @property
    def epochs(self) -> int:
        """The number of entries that every series has."""
        return len(self.numbers) // 8 // len(self.series) if self.series else 0


@dataclass(frozen=True)
class Parsed:
    """What a log has: its runs, and the reason why there are none, or no more."""

    runs: tuple[Packed, ...] = ()
    reason: str | None = None


@dataclass(frozen=True)
class Frames:
    """`runs`: a row a run. `epochs`: a row a run and epoch, or step. `unreadable`: the rest, log -> reason. `unknown` counts the
    files of no known format, `examples` are some of them."""

    runs: pd.DataFrame
    epochs: pd.DataFrame
    unreadable: Mapping[str, str]
    unknown: int = 0
    examples: tuple[str, ...] = ()


def parse_all(sources: Sequence[Source], rules: Rules) -> list[Parsed]:
    """Each log, parsed; in as many processes as there are cores when there are enough of them."""
    workers = min(cores(), 8)
    if workers == 1 or len(sources) < PARALLEL_FROM:
        return _parse_part(sources, rules)
    parts = [sources[i::workers] for i in range(workers)]
    with forked([partial(_parse_part, part, rules) for part in parts[1:]]) as others:
        results = [_parse_part(parts[0], rules), *(result() for result in others)]
    parsed: list[Parsed] = [None] * len(sources)  # type: ignore[list-item]
    for i, result in enumerate(results):
        parsed[i::workers] = result
    return parsed


def _parse_part(sources: Sequence[Source], rules: Rules) -> list[Parsed]:
    """Each log, parsed. Nothing here makes cycles, and looking for them takes a fifth of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        return [_parse(source, rules) for source in sources]
    finally:
        if collecting:
            gc.enable()


def _parse(source: Source, rules: Rules) -> Parsed:
    reader = source.reader
    runs: list[Packed] = []
    try:
        for run in reader.read(source.log, rules):
            runs.append(_packed(run, reader.NAME))
    except LogError as error:
        return Parsed(tuple(runs), readable(str(error)))
    return Parsed(tuple(runs), None if runs else "no run in its log")


def _packed(read: Run, tool: str) -> Packed:
    run, secrets = without_secrets(read)
    run = run if tool == runtoml.NAME else settled(run)
    row = _row(run)
    if tool == runtoml.NAME:  # that of another tool's run follows from the settings that are kept
        row["id"] = config_id(run.config)
    row |= {"tool": tool, "read_note": run.note, "secrets": secrets}
    if run.steps:
        series: Series = {STEP: run.steps, **run.epochs}
        row["epochs_done"] = None
    else:
        series, row["series_note"] = by_epoch(run.epochs, planned_epochs(run.config))
        row["epochs_done"] = max(map(len, series.values()), default=None)
    numbers = b"".join(array("d", values).tobytes() for values in series.values())
    return Packed(_shared(tuple(row)), tuple(row.values()), _shared(tuple(series)), numbers, run.place)


@lru_cache(maxsize=1024)
def _shared(names: tuple[str, ...]) -> tuple[str, ...]:
    """The same tuple for equal ones, so that a pickle holds it once."""
    return names


def _row(run: Run) -> dict[str, Any]:
    """A run as one row: its own columns plain, tables with their name before the key."""
    started = run.started.timestamp() if run.started else math.nan
    row: dict[str, Any] = {
        "label": run.label,
        "study": run.study,
        "id": "",
        "seed": run.seed,
        "status": run.status,
        "started": started,
        "seconds": run.share,
        "heard": started + max(0.0, run.seconds or 0.0),
        "error": run.error,
        "parameters": run.parameters,
        "train_examples": run.train_examples,
        "valid_examples": run.valid_examples,
        "train_digest": run.train_digest,
        "valid_digest": run.valid_digest,
        "best_epoch": run.best_epoch,
        "epochs_done": None,
        "series_note": "",
        "read_note": "",
        "tool": "",
        "secrets": "",
    }
    for name, table in (("config", run.config), ("metrics", run.metrics), ("environment", run.environment), ("code", run.code)):
        for key, value in table.items():
            row[f"{name}.{key}"] = value
    return row


NUMBERS = ("started", "seconds", "heard")
FIXED = tuple(_row(Run("", "", None, "", datetime.fromtimestamp(0, UTC), None, {})))


def frames(parsed: Mapping[str, Parsed], listing: Listing) -> Frames:
    """The frames of the logs, each by its name; `listing` has what else lies there."""
    good = dict(_runs(parsed))
    shapes = {log.columns for log in good.values()}
    columns = [*FIXED, *sorted({key for shape in shapes for key in shape}.difference(FIXED))]
    pick = {shape: itemgetter(*(shape.index(key) if key in shape else -1 for key in columns)) for shape in shapes}
    rows = [pick[log.columns]((*log.row, None)) for log in good.values()]
    data = zip(columns, zip(*rows, strict=True) if rows else [()] * len(columns), strict=True)
    runs = pd.DataFrame({"log": pd.Series(list(good), dtype=object), **{key: _column(key, values) for key, values in data}})
    unreadable = {name: log.reason for name, log in parsed.items() if log.reason is not None}
    return Frames(runs, _epochs(good), {**unreadable, **listing.other}, listing.unknown, listing.examples)


def _runs(parsed: Mapping[str, Parsed]) -> Iterator[tuple[str, Packed]]:
    """The runs that could be read, each by the name of its log; several in one log by their place in it: "a/1", "a/2"."""
    for name, log in parsed.items():
        taken: dict[str, int] = {}
        for run in log.runs:
            place = run.place or ("" if len(log.runs) == 1 else str(len(taken) + 1))
            taken[place] = taken.get(place, 0) + 1
            again = f"-{taken[place]}" if taken[place] > 1 else ""
            yield f"{name}/{place}{again}" if place else name, run


def _column(key: str, values: Sequence[Any]) -> "pd.Series[Any]":
    """Metrics and times are floats, NaN where there is none; all else stays as it was written, None where there is none."""
    numeric = key in NUMBERS or key.startswith("metrics.")
    return pd.Series(values, dtype=float if numeric else object)


def _epochs(good: Mapping[str, Packed]) -> pd.DataFrame:
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
