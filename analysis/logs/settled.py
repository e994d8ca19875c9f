"""A run of another tool as its log has it in, a run whose values are as all of ours are out: finite metrics, plain text, and a
status that its losses bear out."""

import hashlib
import math
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sweepbook.analysis.logs.readable import readable
from sweepbook.runner.config import Config
from sweepbook.runner.logtable import HIGHEST, LONGEST_NAME
from sweepbook.runner.metric import is_loss
from sweepbook.runner.runlog import Run
from sweepbook.runner.values import Value, is_finite

LONGEST_LIST, LONGEST_TEXT, SHOWN = 6, 120, 40  # items, and characters
CLASS = re.compile(r"<(?:class|function|enum) '?(?:[\w<>]+\.)*(\w+)'?(?: at 0x[0-9a-f]+)?>")
ADDRESS = re.compile(r" at 0x[0-9a-f]+")
NO_VALUE = frozenset(("none", "null", "nan", "n/a", "<na>", ""))  # text by which tools say that there is no value


def settled(run: Run) -> Run:
    """`run` without metrics that are no usable numbers and settings that have no value; one that finished with a loss that is not
    finite has diverged."""
    metrics = {readable(name): float(value) for name, value in run.metrics.items() if _is_usable(name, value)}
    lost = any(is_loss(name) and isinstance(value, float) and not math.isfinite(value) for name, value in run.metrics.items())
    return replace(
        run,
        label=readable(run.label).strip()[:LONGEST_NAME] or "run",
        study=readable(run.study),
        error=readable(run.error) if run.error else run.error,
        note=readable(run.note),
        place=readable(run.place),
        status="diverged" if run.status == "finished" and lost else run.status,
        config=_config(run.config),
        environment={readable(name): _readable(value) for name, value in run.environment.items()},
        metrics=metrics,
        epochs={readable(name): values for name, values in run.epochs.items() if name and len(name) <= LONGEST_NAME},
    )


def _is_usable(name: str, value: object) -> bool:
    return bool(name) and len(name) <= LONGEST_NAME and is_finite(value) and abs(value) <= HIGHEST  # type: ignore[arg-type]


def _config(config: Config) -> Mapping[str, Value]:
    return {readable(name[:LONGEST_NAME]): _short(_readable(value)) for name, value in config.items() if name and _has_value(value)}


def _readable(value: Any) -> Any:
    if isinstance(value, list):
        return [_readable(part) for part in value]
    return readable(value) if isinstance(value, str) else value


def _has_value(value: object) -> bool:
    if isinstance(value, str):
        return value.strip().lower() not in NO_VALUE
    return value is not None and (not isinstance(value, float | int) or isinstance(value, bool) or is_finite(value))


def _short(value: Value) -> Value:
    """A value that a page has room for: of a long list its length, of long text its beginning, either with a digest that tells it
    from others; of a Python object its name, without where in memory it lay."""
    if isinstance(value, list):
        return value if len(value) <= LONGEST_LIST else f"{len(value)} items {_digest(value)}"
    if not isinstance(value, str):
        return value
    plain = ADDRESS.sub("", CLASS.sub(r"\1", value)) if " at 0x" in value or "<" in value else value
    return plain if len(plain) <= LONGEST_TEXT else f"{' '.join(plain[:SHOWN].split())}… {_digest(plain)}"


def _digest(value: object) -> str:
    return "#" + hashlib.sha256(repr(value).encode(errors="replace")).hexdigest()[:4]
