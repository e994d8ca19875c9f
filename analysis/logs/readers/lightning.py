"""A folder of Lightning's CSVLogger in, its run out: metrics.csv has sparse rows, hparams.yaml the settings.

Lightning 1.x and 2.x write both files alike, and do not say how a run ended."""

import csv
import re
from collections.abc import Iterator

from sweepbook.analysis.logs import yamltext
from sweepbook.analysis.logs.readers.log import Folder, Log, run_files
from sweepbook.analysis.logs.rows import EPOCH, Rows
from sweepbook.analysis.logs.series import planned_epochs
from sweepbook.analysis.logs.tree import settings
from sweepbook.runner.config import Config
from sweepbook.runner.rules import Rules
from sweepbook.runner.runlog import LogError, Run

NAME = "Lightning"
METRICS, SETTINGS, STEP = "metrics.csv", "hparams.yaml", "step"
VERSION = re.compile(r"version_\d+")
LONGEST_LINE = 4_000_000  # characters
NOTE = "Lightning does not record how a run ended: one with metrics counts as finished."
WITHIN = "its log ends within an epoch: it was stopped there, or is still running"


def find(folder: Folder) -> Iterator[Log]:
    """The run that the folder is, with all that lies in it. Without settings there is no yaml."""
    if METRICS in folder.files and (SETTINGS in folder.files or _is_version(folder.path)):
        files = [f"{folder.path}/{name}" for name in (METRICS, SETTINGS) if name in folder.files]
        yield Log(folder.path, tuple(files), run_files(folder, METRICS) | folder.folders)


def _is_version(path: str) -> bool:
    """Whether a folder without settings is one of the logger's: by its name, or by the columns of its metrics."""
    if VERSION.fullmatch(path.rpartition("/")[2]):
        return True
    try:
        columns = next(_table(f"{path}/{METRICS}"), [])
    except LogError:
        return False
    return EPOCH in columns and STEP in columns


def read(log: Log, rules: Rules) -> Iterator[Run]:
    """The one run."""
    rows = _rows(log.files[0])
    config = settings(yamltext.table(log.files[1])) if log.files[1:] else {}
    if not rows.last:
        raise LogError(f"no metric in its {METRICS}")
    curves, cut = rows.curves(), _is_cut(rows, config)
    yield Run(
        label="",
        study="",
        seed=None,
        status="running" if cut else "finished",
        started=None,
        seconds=None,
        config=config,
        error=WITHIN if cut else None,
        metrics=rows.last,
        epochs=curves.series,
        steps=curves.steps,
        note="" if cut else NOTE,
    )


def _is_cut(rows: Rows, config: Config) -> bool:
    """Whether the log ends within an epoch: the last one lacks what all earlier ones have; or, in the first, there is one row where
    several epochs were planned. A run that is limited by steps or by time may end so."""
    if any(config.get(limit) not in (None, -1) for limit in ("max_steps", "max_time")):
        return False
    return rows.is_cut() or (rows.count == 1 and (planned_epochs(config) or 1) > 1)


def _rows(path: str) -> Rows:
    """The rows of a metrics.csv, each with some of the metrics."""
    rows, table = Rows(), _table(path)
    names = _names(next(table, []))
    for row in table:
        values = {name: value for name, value in zip(names, map(_number, row), strict=False) if value is not None}
        step, epoch = values.pop(STEP, None), values.pop(EPOCH, None)
        if values:
            rows.add(values, step, epoch)
    return rows


def _table(path: str) -> Iterator[list[str]]:
    """The cells of each row of a CSV file."""
    try:
        with open(path, encoding="utf-8", errors="replace", newline="") as file:
            yield from csv.reader(iter(lambda: file.readline(LONGEST_LINE), ""))
    except OSError as error:
        raise LogError(f"{METRICS}: cannot be read: {error.strerror}") from None
    except csv.Error as error:
        raise LogError(f"{METRICS}: not a table: {error}") from None


def _names(columns: list[str]) -> list[str]:
    """The names of the columns, without a prefix that the logger was given, which it puts before the epoch as well; and what was
    logged by step and by epoch, as loss_step and loss_epoch, is the loss of the epoch beside a loss_step."""
    prefixes = [name.removesuffix(f"-{EPOCH}") for name in columns if name.endswith(f"-{EPOCH}")]
    prefix = f"{prefixes[0]}-" if len(prefixes) == 1 and EPOCH not in columns else ""
    names = [name.removeprefix(prefix) for name in columns]
    bare = {name: name.removesuffix("_epoch") for name in names if name.endswith("_epoch")}
    twice = {name for name, own in bare.items() if f"{own}_step" in names and own not in names}
    return [bare[name] if name in twice else name for name in names]


def _number(cell: str) -> float | None:
    """The number in a cell; None where there is none."""
    try:
        return float(cell) if cell else None
    except ValueError:
        return None
