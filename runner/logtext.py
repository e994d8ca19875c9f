"""A `Run` in, its run.toml out: the text, and the file in the folder of the run."""

import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC
from pathlib import Path

import tomlkit
from sweepbook.runner.config import SweepbookError
from sweepbook.runner.logtable import SCHEMA
from sweepbook.runner.runlog import FILE, SERIES, Run


class NotWritten(SweepbookError):
    """A log that could not be written, with the reason."""


def write_run(folder: Path, run: Run) -> None:
    """Replaces `folder`/run.toml by the log of `run`; see `write_text`."""
    write_text(folder, to_toml(run))


def write_text(folder: Path, text: str) -> None:
    """Replaces `folder`/run.toml whole: written beside it, flushed to disk, renamed. A reader never sees half of one.

    NotWritten where there is no room or no right to: the log that was there stays.
    """
    beside = folder / f".{FILE}.{os.getpid()}"
    try:
        with beside.open("w", encoding="utf-8", errors="replace") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(folder / FILE)
    except OSError as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise NotWritten(f"{folder / FILE}: cannot be written: {error.strerror}") from None


def to_toml(run: Run) -> str:
    """The text of the log of `run`; what the run does not have is left out."""
    head = {
        "schema": SCHEMA,
        "run": {
            "label": run.label,
            "study": run.study,
            "seed": run.seed,
            "status": run.status,
            "started": run.started.astimezone(UTC).replace(microsecond=0) if run.started else None,
            "seconds": run.seconds,
            "best_epoch": run.best_epoch,
            "error": run.error,
        },
        "config": dict(run.config),
        "data": {
            "train_examples": run.train_examples,
            "valid_examples": run.valid_examples,
            "train_digest": run.train_digest,
            "valid_digest": run.valid_digest,
        },
        "model": {"parameters": run.parameters},
        "code": dict(run.code),
        "environment": dict(run.environment),
        "metrics": dict(run.metrics),
    }
    return "".join(_lines(name, value) for name, value in _told(head).items()) + _epoch_lines(run.epochs)


def _lines(name: str, value: object) -> str:
    """A key of the log, or a table, as tomlkit writes them. Of a whole document it would take five times as long."""
    if not isinstance(value, dict):
        return f"{name} = {_value(value)}\n"
    if any(isinstance(own, dict) for own in value.values()):
        return "\n" + tomlkit.dumps({name: value})
    return "".join([f"\n[{name}]\n", *(f"{_key(key)} = {_value(own)}\n" for key, own in value.items())])


def _value(value: object) -> str:
    """A value as TOML writes it: whole numbers and floats as Python does."""
    return repr(value) if type(value) in (int, float) else tomlkit.item(value).as_string()


def _told(table: Mapping[str, object]) -> dict[str, object]:
    """`table` without the keys that have no value and the tables that have no key."""
    inner = {key: _told(value) if isinstance(value, dict) else value for key, value in table.items()}
    return {key: value for key, value in inner.items() if value is not None and value != {}}


def _epoch_lines(epochs: Mapping[str, list[float]]) -> str:
    """The [epochs] table, one line a series. Python writes numbers, nan and inf among them, just as TOML does."""
    lines = [f"{_key(name)} = [{', '.join(map(repr, values))}]\n" for name, values in epochs.items()]
    return "".join(["\n[epochs]\n", *lines]) if lines else ""


def _key(name: str) -> str:
    """A key as TOML writes it: quoted where it is more than letters, digits, "_" and "-"."""
    return name if SERIES.fullmatch(name) else tomlkit.string(name).as_string()
