"""A folder of run logs in, a `Sweep` out: a frame of runs, a frame of epochs, and the problems that were met."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
from sweepbook.analysis.logs.copies import copies
from sweepbook.analysis.logs.labels import by_part, parted, setting_words, unrecorded
from sweepbook.analysis.logs.memory import remembered
from sweepbook.analysis.logs.order import place as place_of
from sweepbook.analysis.logs.parsed import Frames
from sweepbook.analysis.logs.picture import CONFIG as CONFIG
from sweepbook.analysis.logs.picture import ENVIRONMENT as ENVIRONMENT
from sweepbook.analysis.logs.picture import METRICS as METRICS
from sweepbook.analysis.logs.picture import Picture, pictured
from sweepbook.analysis.logs.readers import runtoml
from sweepbook.analysis.logs.settings import Reread, reread, written
from sweepbook.runner.config import Config, SweepbookError, config_id
from sweepbook.runner.rules import Rules
from sweepbook.runner.runlog import PARENT

LONGEST_ERROR = 1_000  # characters
CUT_OFF = ("failed", "interrupted", "running")  # such a run is trained again
NO_EPOCH = ("before its end", "before its first epoch ended")
OURS = ("python", "torch", "device", "threads", "host")  # what our own trainer always records of its environment


@dataclass(frozen=True)
class Sweep:
    """Every run of a folder of logs.

    `runs` has a row a log: log (the folder's name), label, study, id (of the configuration), seed, status, started, seconds
    (its share of a program that trained several) and heard (when it was last written; all three floats, in seconds), error,
    parameters, train_examples, valid_examples, train_digest, valid_digest, best_epoch, epochs_done, steps, examples_seen,
    valid_seen, gap, series_note (what was assumed of its series, "" for nothing), one column a setting ("config.lr"),
    metric ("metrics.valid_loss"), fact of the environment ("environment.torch") and digest of code ("code.patch"), and
    `used`: whether it counts in the statistics (finished, and the first of its id and seed).
    `recorded` is the id by the settings that the log records, where its label tells of others too; None elsewhere.
    `epochs` has a row a log and epoch: log, epoch (from 1), one column a series.
    `problems` has a row a log that is not used: log, reason. `again` names for each log that was cut off, and whose run came to
    its end in another one since, that other. `reread` has the settings whose values are not taken as written,
    `picture` what was done so that the runs of all tools look alike.
    """

    runs: pd.DataFrame
    epochs: pd.DataFrame
    problems: pd.DataFrame
    reread: tuple[Reread, ...] = ()
    picture: Picture = field(default_factory=Picture)
    again: Mapping[str, str] = field(default_factory=dict)

    @property
    def used(self) -> pd.DataFrame:
        """The rows of `runs` that count in the statistics."""
        return self.runs[self.runs["used"].astype(bool)]

    def scores(self, metric: str) -> "pd.Series[float]":
        """The values of `metric`, a final one or the gap, one for each row of `used`; NaN where its log has none."""
        used = self.used
        column = METRICS + metric if METRICS + metric in used.columns else metric
        return used[column] if column in (METRICS + metric, "gap") else pd.Series(math.nan, used.index)

    def names(self, table: str) -> tuple[str, ...]:
        """The keys of one table of the logs: names(METRICS) is ("train_loss", ...)."""
        return tuple(name.removeprefix(table) for name in self.runs.columns if name.startswith(table))


def load_sweep(logs: Path, rules: Rules | None = None) -> Sweep:
    """The sweep of the logs in `logs`, of whatever tools, read by `rules`. What cannot be read or used becomes a problem."""
    if not logs.exists():
        raise SweepbookError(f"{logs}: no such folder of logs")
    return remembered(logs, rules or Rules(), _sweep)


def _sweep(frames: Frames, rules: Rules) -> Sweep:
    alike, epochs, picture = pictured(frames, rules)
    read, rereads = _read(alike)
    runs = _with_derived(_with_told(read))
    runs["valid_seen"] = _valid_seen(runs, epochs)
    copied = copies(runs, epochs)
    winner = _winners(runs[~runs["log"].isin(copied)]).reindex(runs.index, fill_value=None)
    runs["used"] = winner.eq(runs["log"]) & runs["status"].eq("finished")
    again = _ended_in(runs, winner)
    cut_off = set(runs["log"][runs["status"].isin(CUT_OFF)])
    reasons = {**frames.unreadable, **dict(_unused(runs, winner, again))}
    reasons |= {log: f"a copy: to the last digit the same as {other}" for log, other in copied.items()}
    problems = pd.DataFrame(sorted(reasons.items()), columns=["log", "reason"], dtype=object)
    return Sweep(runs, epochs, problems, rereads, picture, {log: other for log, (other, _) in again.items() if log in cut_off})


def _read(runs: pd.DataFrame) -> tuple[pd.DataFrame, tuple[Reread, ...]]:
    """`runs` with the values of settings that are read otherwise than they were written, and what these are. Most tools write all
    values as text, so that of their runs nothing is told."""
    columns = {name: list(runs[name]) for name in runs.columns if name.startswith(CONFIG)}
    foreign = list(runs["tool"].ne(runtoml.NAME))
    rereads = []
    changed: set[int] = set()
    for name, values in columns.items():
        if rereading := reread(name.removeprefix(CONFIG), values):
            read = dict(rereading.values)
            places = {place: read[text] for place, text in enumerate(written(values)) if text in read}
            if not all(foreign[place] for place in places):
                rereads.append(rereading)
            for place, value in places.items():
                values[place] = value
            changed.update(places)
    ids = list(runs["id"])
    for place in changed:
        ids[place] = config_id({k.removeprefix(CONFIG): own[place] for k, own in columns.items() if own[place] is not None})
    return _assigned(runs, {**columns, "id": ids}) if changed else runs, tuple(rereads)


def _assigned(runs: pd.DataFrame, columns: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    return runs.assign(**{name: pd.Series(values, index=runs.index, dtype=object) for name, values in columns.items()})


def ours(runs: pd.DataFrame) -> "pd.Series[bool]":
    """Which runs are of our own trainer, which records every setting."""
    facts = runs.reindex(columns=[ENVIRONMENT + fact for fact in OURS])
    return facts.notna().all(axis=1)


def _with_told(runs: pd.DataFrame) -> pd.DataFrame:
    """`runs` with the settings by which the labels of one configuration tell its runs apart. These are then configurations of
    their own."""
    names = [name for name in runs.columns if name.startswith(CONFIG)]
    known = setting_words(name.removeprefix(CONFIG) for name in names)
    several = runs["id"].map(runs.groupby("id")["label"].nunique()).gt(1) & ~ours(runs)
    parts = parted(runs["label"][runs["tool"].ne(runtoml.NAME) & runs["status"].ne(PARENT)])
    columns: dict[str, list[Any]] = {"id": list(runs["id"]), "recorded": [None] * len(runs)}
    for ident, places in runs.assign(place=range(len(runs)))[several].groupby("id", sort=False)["place"]:
        rows = runs.iloc[list(places)]
        config = config_of(rows.iloc[0])
        labelled = list(zip(rows["label"], rows["seed"], strict=True))
        unwritten = unrecorded(labelled, config, known)
        if parts and not any(unwritten) and set(parts).issuperset(rows["label"]):
            unwritten = by_part(labelled, parts)
        for place, settings in zip(places, unwritten, strict=True):
            if settings:
                columns["id"][place], columns["recorded"][place] = config_id({**config, **settings}), ident
            for key, value in settings.items():
                columns.setdefault(CONFIG + key, [None] * len(runs))[place] = value
    return _assigned(runs, columns)


def _valid_seen(runs: pd.DataFrame, epochs: pd.DataFrame) -> "pd.Series[Any]":
    """The validation examples behind each log's last score: those that its series counts, else so many batches as its settings
    have of a split of known size; None where it does not say."""
    wanted = ["log", "valid_examples", CONFIG + "valid_steps", CONFIG + "batch_size"]
    known = runs.reindex(columns=wanted).astype(object)
    seen = {log: _batches(*facts) for log, *facts in known.itertuples(index=False)}
    if "valid_seen" in epochs:
        last = epochs.groupby("log")["valid_seen"].last()
        seen |= {log: int(count) for log, count in last.items() if math.isfinite(count)}
    return pd.Series([seen[log] for log in runs["log"]], index=runs.index, dtype=object)


def _batches(examples: object, steps: object, batch: object) -> int | None:
    """The first `steps` batches of a split, or all of it where that is less."""
    number = _whole(steps)
    if number is None:
        return None
    split, size = _whole(examples), _whole(batch)
    return min(number * size, split) if split and size else None


def _winners(runs: pd.DataFrame) -> "pd.Series[Any]":
    """For each log the one that counts for its configuration and seed: the finished one that began first; None where
    there is none. Runs without a seed, as other tools log them, are each their own."""
    first: dict[Any, str] = {}
    keys = _keys(runs)
    for log, status, key in _in_order(runs):
        if status == "finished":
            first.setdefault(key, log)
    return pd.Series([first.get(key) for key in keys], index=runs.index, dtype=object)


def _keys(runs: pd.DataFrame) -> list[Any]:
    """The configuration and seed of each log; a run without a seed is its own."""
    ids, seeds, logs = (list[Any](runs[name]) for name in ("id", "seed", "log"))
    return [(i, seed) if seed is not None else log for i, seed, log in zip(ids, seeds, logs, strict=True)]


def _in_order(runs: pd.DataFrame) -> list[tuple[str, str, Any]]:
    """Each log with its status and key, the first to begin first."""
    rows = zip(runs["started"], runs["log"], runs["status"], _keys(runs), strict=True)
    return [row[1:] for row in sorted(rows, key=lambda row: place_of(*row[:2]))]


def _again(runs: pd.DataFrame) -> dict[str, tuple[str, str]]:
    """The log in which the run of each log that was cut off came to its end later without finishing, and how: ("b", "pruned")."""
    later: dict[Any, tuple[str, str]] = {}
    found: dict[str, tuple[str, str]] = {}
    for log, status, key in reversed(_in_order(runs)) if runs["status"].isin(CUT_OFF).any() else ():
        if status in ("pruned", "diverged"):
            later[key] = log, status
        elif status in CUT_OFF and key in later:
            found[log] = later[key]
    return found


def _ended_in(runs: pd.DataFrame, winner: "pd.Series[Any]") -> dict[str, tuple[str, str]]:
    """The same of every log that has not finished, and of what has finished in another one too."""
    rows = zip(runs["log"], runs["status"], winner, strict=True)
    return _again(runs) | {log: (other, "finished") for log, status, other in rows if other is not None and status != "finished"}


def _with_derived(runs: pd.DataFrame) -> pd.DataFrame:
    """`runs` with steps, examples_seen and gap, None or NaN where the log does not say what they follow from."""
    wanted = ["epochs_done", "train_examples", CONFIG + "batch_size", CONFIG + "train_steps"]
    known = runs.reindex(columns=wanted).astype(object)
    volumes = [_volume(*row) for row in known.where(known.notna(), None).itertuples(index=False)]
    derived = {
        "steps": pd.Series([v[0] for v in volumes], index=runs.index, dtype=object),
        "examples_seen": pd.Series([v[1] for v in volumes], index=runs.index, dtype=object),
        "gap": runs.get(METRICS + "valid_loss", math.nan) - runs.get(METRICS + "train_loss", math.nan),
    }
    return runs.assign(**derived)


def _volume(epochs: int | None, examples: int | None, batch: object, steps: object) -> tuple[int | None, int | None]:
    """Optimiser steps and training examples seen in `epochs` epochs."""
    size, number = _whole(batch), _whole(steps)
    if epochs is None or size is None:
        return None, None
    if steps is not None:
        return (None, None) if number is None else (epochs * number, epochs * number * size)
    return (None, None) if examples is None else (epochs * -(-examples // size), epochs * examples)


def _whole(value: object) -> int | None:
    """The whole number above 0 that a setting means; None for what another tool may have written instead."""
    whole = type(value) is int or (isinstance(value, float) and value.is_integer())
    return int(value) if whole and value > 0 else None  # type: ignore[call-overload, operator]


def _unused(runs: pd.DataFrame, winner: "pd.Series[Any]", again: Mapping[str, tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The logs that were read but do not count, each with the reason."""
    rows = runs.assign(winner=winner)[~runs["used"].astype(bool)]
    columns: list[list[Any]] = [list(rows[name]) for name in ("log", "status", "epochs_done", "error", "winner", "tool")]
    for log, status, epochs, error, instead, tool in zip(*columns, strict=True):
        done = f"after {epochs} whole epoch{'s' * (epochs > 1)}" if epochs else NO_EPOCH[tool == runtoml.NAME]
        reason = {
            "finished": f"the same configuration and seed as {instead}, which counts",
            "failed": f"failed {done}: {_short(error) or 'no error given'}",
            "diverged": "diverged: a loss was not finite" + (f" in epoch {epochs}" if epochs else ""),
            "interrupted": f"interrupted {done}",
            "running": f"unfinished: still running, or killed {done}",
            "pruned": f"pruned {done}",
            "deleted": "deleted in the tool that logged it",
            PARENT: "a parent of other runs",
        }[status]
        yield log, reason + ("; run again and {1} in {0}".format(*again[log]) if log in again else "")


def _short(error: str | None) -> str:
    """What went wrong, in a length that a page has room for; the log has the rest."""
    message = error or ""
    return message if len(message) <= LONGEST_ERROR else f"{message[:LONGEST_ERROR]}…"


def config_of(row: "Mapping[Any, Any] | pd.Series[Any]") -> Config:
    """The settings of one row of `runs`."""
    return {str(k).removeprefix(CONFIG): v for k, v in row.items() if str(k).startswith(CONFIG) and v is not None}
