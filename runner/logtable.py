"""The table of a run log in, what is wrong with it out, in words: its tables and keys, then its values."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sweepbook.runner.metric import is_share
from sweepbook.runner.values import is_finite

SCHEMA = 2  # that is written
READABLE = 1, SCHEMA  # those that are read, alike: 2 only added keys
STATUSES = ("running", "finished", "failed", "diverged", "interrupted", "pruned")
HIGHEST = 1e100  # of a metric; sums of squares of larger ones overflow
LONGEST_NAME, LONGEST_TEXT = 2_000, 10_000  # characters of a label or a key, and of a setting that is text
MOST_SETTINGS = 20_000
ROUNDING = 1e-6  # by which a share may miss 0 or 1
TABLES = {"schema", "run", "config", "data", "model", "code", "environment", "metrics", "epochs"}
RUN_KEYS = {"label", "study", "seed", "status", "started", "seconds", "best_epoch", "error"}
COUNTS = {"data": ("train_examples", "valid_examples"), "model": ("parameters",)}
DIGESTS = {"data": ("train_digest", "valid_digest"), "code": ("patch", "model", "dataset", "model_imports", "dataset_imports")}
LONGEST_DIGEST = 128  # characters


def misfit(log: Mapping[str, object]) -> str:
    """The first thing by which a table is no run log; "" where its tables and keys are those of one.

    >>> misfit({"schema": 2, "run": {}, "config": {}})
    '[run] status is None; expected one of running, finished, failed, diverged, interrupted, pruned'
    """
    return next(_misfits(log), "")


def misvalue(log: Mapping[str, Mapping[str, object]]) -> str:
    """The first value of a table that fits which no log has; "" where there is none. `config` has settings by their path."""
    return next(_misvalues(log), "")


def _misfits(log: Mapping[str, object]) -> Iterator[str]:
    yield from _tables(log)
    yield from _run(log["run"])  # type: ignore[arg-type]


def _misvalues(log: Mapping[str, Mapping[str, object]]) -> Iterator[str]:
    yield from _lengths(log["run"], log)
    yield from _metrics(log, log["run"]["status"])


def _tables(log: Mapping[str, object]) -> Iterator[str]:
    """Why this is no log of ours: the schema, and the tables that there must and may be."""
    if "schema" not in log:
        yield 'no "schema" key: not a Sweepbook run log'
    if type(log["schema"]) is not int or log["schema"] not in READABLE:
        yield f"schema is {log['schema']!r}; this version reads schema {' and '.join(map(str, READABLE))}"
    for name in ("run", "config"):
        if not isinstance(log.get(name), dict):
            yield f"no [{name}] table: cut short, or not a Sweepbook run log"
    if unknown := log.keys() - TABLES:
        yield f"unknown key {sorted(unknown)[0]!r}"
    for name, value in log.items():
        if name != "schema" and not isinstance(value, dict):
            yield f"{name} is not a table"
    for table in ("data", "model", "code"):
        yield from _facts(table, log.get(table, {}))  # type: ignore[arg-type]


def _facts(table: str, facts: Mapping[str, object]) -> Iterator[str]:
    """What a table holds that it may not: all but counts, and digests, which are text."""
    counts, digests = COUNTS.get(table, ()), DIGESTS.get(table, ())
    for key, value in facts.items():
        if key in digests:
            if not isinstance(value, str) or len(value) > LONGEST_DIGEST:
                yield f"[{table}] {key}: expected text of at most {LONGEST_DIGEST} characters, a digest"
        elif key not in counts or type(value) is not int or value < 0:
            kinds = [(counts, "whole numbers"), (digests, "digests")]
            expected = "; ".join(f"{' and '.join(keys)}, {kind}" for keys, kind in kinds if keys)
            yield f"[{table}] {key} = {value!r}: expected {expected}"


def _run(run: Mapping[str, object]) -> Iterator[str]:
    """What the table of the run itself lacks, or has amiss."""
    if unknown := run.keys() - RUN_KEYS:
        yield f"[run] unknown key {sorted(unknown)[0]!r}"
    if run.get("status") not in STATUSES:
        yield f"[run] status is {run.get('status')!r}; expected one of {', '.join(STATUSES)}"
    if not isinstance(run.get("label"), str) or not run["label"]:
        yield "[run] label is missing or not text"
    if not isinstance(run.get("started"), datetime):
        yield "[run] started is missing or not a date with a time"
    for key, kind in (("seed", int), ("seconds", (int, float)), ("study", str), ("error", str)):
        value = run.get(key)
        if key in run and (not isinstance(value, kind) or isinstance(value, bool)):
            yield f"[run] {key} = {value!r} has the wrong type"
    if "best_epoch" in run and (type(run["best_epoch"]) is not int or run["best_epoch"] < 1):
        yield f"[run] best_epoch = {run['best_epoch']!r} is not a whole number of at least 1"
    if "seconds" in run and not (is_finite(run["seconds"]) and float(str(run["seconds"])) >= 0):
        yield f"[run] seconds = {run['seconds']!r} is not a finite number of at least 0"


def _lengths(run: Mapping[str, object], log: Mapping[str, Mapping[str, object]]) -> Iterator[str]:
    """What is beyond the bounds that a report has room for."""
    for name in ("label", "study"):
        if len(text := str(run.get(name, ""))) > LONGEST_NAME:
            yield f"[run] {name} has {len(text):,} characters; at most {LONGEST_NAME:,}"
    for table in ("config", "environment", "metrics", "epochs"):
        entries = log.get(table, {})
        if len(entries) > MOST_SETTINGS:
            yield f"[{table}] has {len(entries):,} entries; at most {MOST_SETTINGS:,}"
        for name, value in entries.items():
            if len(name) > LONGEST_NAME:
                yield f"[{table}] {name[:40]}… has {len(name):,} characters; at most {LONGEST_NAME:,}"
            if isinstance(value, str) and len(value) > LONGEST_TEXT:
                yield f"[{table}] {name} has {len(value):,} characters; at most {LONGEST_TEXT:,}"


def _metrics(log: Mapping[str, Mapping[str, object]], status: object) -> Iterator[str]:
    """Metrics and series that are no numbers, or none that a run which ended so can have."""
    metrics, series = log.get("metrics", {}), log.get("epochs", {})
    for name, value in metrics.items():
        if not _is_number(value):
            yield f"[metrics] {name} = {value!r} is not a number"
        if status == "finished" and not is_finite(value):
            yield f"[metrics] {name} = {value!r} in a finished run; its status should be diverged"
        if status == "finished" and abs(float(value)) > HIGHEST:  # type: ignore[arg-type]
            yield f"[metrics] {name} = {value!r} in a finished run: beyond {HIGHEST:g}"
        if is_share(name) and not -ROUNDING <= float(value) <= 1 + ROUNDING and status == "finished":  # type: ignore[arg-type]
            yield f"[metrics] {name} = {value!r}: an accuracy is a share from 0 to 1; in percent it needs another name"
    if status == "finished" and not metrics:
        yield "a finished run without [metrics]: cut short?"
    for name, values in series.items():
        if not isinstance(values, list) or not _are_numbers(values):
            yield f"[epochs] {name} is not a list of numbers"


def _are_numbers(values: Sequence[object]) -> bool:
    return set(map(type, values)) <= {float} or all(map(_is_number, values))


def _is_number(value: object) -> bool:
    """Whether `value` is a number that a float can hold, or nan, or infinite."""
    return type(value) is float or is_finite(value)
