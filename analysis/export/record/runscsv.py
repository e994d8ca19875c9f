"""Findings and a sweep in, the text of runs.csv out: a row a log."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pandas as pd
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.groups.trials import is_trial
from sweepbook.analysis.logs.origins import CLEAN, ORIGINS
from sweepbook.analysis.logs.sweep import CONFIG, ENVIRONMENT, METRICS, Sweep
from sweepbook.runner.settings import SETTINGS
from sweepbook.runner.trials import TRIAL

FIXED = {
    "label",
    "groups",
    "seed",
    "status",
    "started",
    "seconds",
    "parameters",
    "examples_seen",
    "steps",
    "gap",
    "diagnosis",
    "log",
    "train_examples",
    "valid_examples",
    "valid_seen",
}


def runs_csv(sweep: Sweep, findings: Findings) -> str:
    """A row a readable log, sorted by label, seed and log; an empty cell where there is no value."""
    runs = sweep.runs
    names = sweep.names(CONFIG)
    settings = [*(key for key in SETTINGS if key in names), *(key for key in names if key not in SETTINGS)]
    metrics = sweep.names(METRICS)
    origins = {name: _shown(runs[column]) for column, (name, _) in ORIGINS.items() if column in runs and runs[column].notna().any()}
    if runs["best_epoch"].notna().any():
        origins["best_epoch"] = runs["best_epoch"]
    if (trials := is_trial(sweep)).any():
        origins["trial"] = runs[ENVIRONMENT + TRIAL].where(trials).astype("Int64")
    own = heads([*FIXED, *origins], [*settings, *metrics])
    table = pd.DataFrame(
        {
            "label": [findings.labels.get(key, (label,))[0] for key, label in zip(runs["id"], runs["label"], strict=True)],
            "groups": [" ".join(findings.groups_of.get(key, ())) for key in runs["id"]],
            "seed": runs["seed"],
            "status": runs["status"],
            "started": [_stamp(at) for at in runs["started"]],
            "seconds": runs["seconds"],
            **{head: runs[CONFIG + key] for head, key in zip(own, settings, strict=False)},
            "parameters": runs["parameters"],
            "examples_seen": runs["examples_seen"],
            "steps": runs["steps"],
            **{head: runs[METRICS + name] for head, name in zip(own[len(settings) :], metrics, strict=True)},
            "gap": runs["gap"],
            "diagnosis": [one.text if (one := findings.diagnoses.runs.get(log)) else None for log in runs["log"]],
            "log": runs["log"],
            "train_examples": runs["train_examples"],
            "valid_examples": runs["valid_examples"],
            "valid_seen": runs["valid_seen"],
            **origins,
        }
    )
    return plain_csv(table.sort_values(["label", "seed", "log"], kind="stable"))


def _shown(digests: "pd.Series[Any]") -> "pd.Series[Any]":
    """Digests as cells: an empty one, as of a patch in which nothing is, has a word, for an empty cell is one that is not known."""
    return digests.map(lambda digest: CLEAN if digest == "" else digest)


def plain_csv(table: pd.DataFrame) -> str:
    """The table as CSV. Text with a carriage return is quoted only where that ends lines too; unquoted it would end a row."""
    text = str(table.to_csv(index=False, lineterminator="\n"))
    return str(table.to_csv(index=False, lineterminator="\r\n")) if "\r" in text else text


def heads(fixed: Iterable[str], names: Iterable[str]) -> list[str]:
    """A column's head for each of `names`: the name itself, with an underscore behind it while that is taken."""
    taken, free = set(fixed), []
    for head in names:
        while head in taken:
            head += "_"
        taken.add(head)
        free.append(head)
    return free


def _stamp(at: float) -> str:
    """A time as ISO 8601 has it; "" where it is not known."""
    return "" if at != at else f"{datetime.fromtimestamp(at, UTC).isoformat(timespec='seconds')[:-6]}Z"
