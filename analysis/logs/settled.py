"""A run of another tool as its log has it in, a run whose values are as all of ours are out: finite metrics, plain text, and a
status that its losses bear out."""

import math
from collections.abc import Mapping
from dataclasses import replace

from sweepbook.runner.config import Config, Value, is_finite
from sweepbook.runner.metric import is_loss
from sweepbook.runner.runlog import HIGHEST, LONGEST_NAME, LONGEST_TEXT, Run

NO_VALUE = frozenset(("none", "null", "nan", "n/a", "<na>", ""))  # text by which tools say that there is no value


def settled(run: Run) -> Run:
    """`run` without metrics that are no usable numbers and settings that have no value; one that finished with a loss that is not
    finite has diverged."""
    metrics = {name: float(value) for name, value in run.metrics.items() if _is_usable(name, value)}
    lost = any(is_loss(name) and isinstance(value, float) and not math.isfinite(value) for name, value in run.metrics.items())
    return replace(
        run,
        label=run.label.strip()[:LONGEST_NAME] or "run",
        status="diverged" if run.status == "finished" and lost else run.status,
        config=_config(run.config),
        metrics=metrics,
        epochs={name: values for name, values in run.epochs.items() if name and len(name) <= LONGEST_NAME},
    )


def _is_usable(name: str, value: object) -> bool:
    return bool(name) and len(name) <= LONGEST_NAME and is_finite(value) and abs(float(str(value))) <= HIGHEST


def _config(config: Config) -> Mapping[str, Value]:
    known = {name[:LONGEST_NAME]: value for name, value in config.items() if name and _has_value(value)}
    return {name: value[:LONGEST_TEXT] if isinstance(value, str) else value for name, value in known.items()}


def _has_value(value: object) -> bool:
    if isinstance(value, str):
        return value.strip().lower() not in NO_VALUE
    return (
        value is not None
        and (not isinstance(value, float) or math.isfinite(value))
        and (not isinstance(value, int) or is_finite(value) or isinstance(value, bool))
    )
