"""Findings and a sweep in, tidy tables out: a row a run that counts, or a row a run and epoch, each column of one type."""

import io
import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pandas as pd
from sweepbook.analysis.export.record.runscsv import heads, plain_csv
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.findings.group import GroupFindings
from sweepbook.analysis.logs.sweep import CONFIG, METRICS, Sweep
from sweepbook.runner.settings import SETTINGS
from sweepbook.runner.values import is_finite, level_text

COUNTS = ("parameters", "steps", "examples_seen")
WHOLE_SERIES = ("valid_seen",)
INTEGERS = range(-(2**63), 2**63)


def tidy_runs(findings: Findings, sweep: Sweep, found: GroupFindings | None) -> pd.DataFrame:
    """A row a run that counts, of one group or of the whole study, in the plan's order and by seed.

    Columns: label (the group's for its configuration, else the first), groups (all it belongs to, with a space between),
    seed, the group's factors, the settings, the final metrics, gap, parameters, steps, examples_seen, seconds, started
    (UTC), log. A setting or metric with the name of another column gets an underscore behind it; what none of the rows
    has is left out.
    """
    runs = _counted(findings, sweep, found)
    metrics = {name: runs[METRICS + name] for name in sweep.names(METRICS) if runs[METRICS + name].notna().any()}
    last = {"gap": runs["gap"], **{name: _typed(runs[name]) for name in COUNTS}, "seconds": runs["seconds"]}
    started = pd.Series(
        [pd.NaT if at != at else datetime.fromtimestamp(at, UTC) for at in runs["started"]], runs.index, "datetime64[us, UTC]"
    )
    last |= {"started": started, "log": runs["log"].astype("string")}
    return _table({**_who(findings, runs), **last}, _varied(runs, found), metrics)


def tidy_epochs(findings: Findings, sweep: Sweep, found: GroupFindings | None) -> pd.DataFrame:
    """A row a run that counts and epoch, in the order of `tidy_runs`: label, groups, seed, the group's factors, the settings,
    epoch (from 1), a column a series, log. Names that are taken and columns that are empty are dealt with as there."""
    runs = _counted(findings, sweep, found)
    order = pd.Series(range(len(runs)), runs["log"])
    epochs = sweep.epochs[sweep.epochs["log"].isin(order.index)]
    epochs = epochs.assign(order=epochs["log"].map(order)).sort_values(["order", "epoch"], kind="stable").reset_index(drop=True)
    rows = runs.iloc[epochs["order"].to_numpy(int)].reset_index(drop=True)
    names = [str(name) for name in epochs if name not in ("log", "epoch", "order") and epochs[name].notna().any()]
    series = {name: epochs[name].astype("Int64") if name in WHOLE_SERIES else epochs[name] for name in names}
    last = {"epoch": epochs["epoch"], "log": rows["log"].astype("string")}
    return _table({**_who(findings, rows), **last}, _varied(rows, found), series)


def csv_text(table: pd.DataFrame) -> str:
    """`table` as CSV: a header, empty cells for missing values, times as 2026-01-05T17:01:21Z, every digit of a number."""
    if "started" in table:
        table = table.assign(started=[f"{at.isoformat(timespec='seconds')[:-6]}Z" for at in table["started"].dt.to_pydatetime()])
    return plain_csv(table)


def parquet_bytes(table: pd.DataFrame) -> bytes:
    """`table` as a Parquet file; ImportError without pyarrow."""
    buffer = io.BytesIO()
    table.to_parquet(buffer, engine="pyarrow", index=False)
    return buffer.getvalue()


def _counted(findings: Findings, sweep: Sweep, found: GroupFindings | None) -> pd.DataFrame:
    """The rows of the sweep's runs that count, with `place` and `label` of their configuration, in order."""
    logs = {log for summary in findings.ranking for log in summary.logs}
    firsts = {key: own[0] for key, own in findings.labels.items()}
    labels = found.labels if found else firsts
    place = {key: number for number, key in enumerate(labels)}
    runs = sweep.runs[sweep.runs["log"].isin(logs) & sweep.runs["id"].isin(list(labels))]
    runs = runs.assign(label=runs["id"].map(labels), place=runs["id"].map(place), order=pd.to_numeric(runs["seed"]))
    return runs.sort_values(["place", "order", "log"], kind="stable").reset_index(drop=True)


def _who(findings: Findings, runs: pd.DataFrame) -> dict[str, "pd.Series[Any]"]:
    groups = pd.Series([" ".join(findings.groups_of[key]) for key in runs["id"]], runs.index, "string")
    return {"label": runs["label"].astype("string"), "groups": groups, "seed": _typed(runs["seed"])}


def _varied(runs: pd.DataFrame, found: GroupFindings | None) -> dict[str, "pd.Series[Any]"]:
    """A column a factor of the group, as the plan has its levels, then one a setting that some run has."""
    levels: dict[str, Mapping[str, Any]] = {}
    for row in found.rows if found else ():
        levels.setdefault(row.member.id, row.member.levels)
    columns = {
        f: pd.Series([levels[key].get(f) for key in runs["id"]], runs.index, object) for f in (found.factors if found else ())
    }
    names = [str(name).removeprefix(CONFIG) for name in runs if str(name).startswith(CONFIG)]
    for name in [*(key for key in SETTINGS if key in names), *(key for key in names if key not in SETTINGS)]:
        columns.setdefault(name, runs[CONFIG + name])
    return {name: _typed(values) for name, values in columns.items() if values.notna().any()}


def _table(fixed: Mapping[str, Any], settings: Mapping[str, Any], values: Mapping[str, Any]) -> pd.DataFrame:
    """label, groups and seed, the settings, an epoch's number, the values, and what else is fixed."""
    names = heads(fixed, [*settings, *values])
    given = dict(zip(names[: len(settings)], settings.values(), strict=True))
    measured = dict(zip(names[len(settings) :], values.values(), strict=True))
    first = {name: fixed[name] for name in ("label", "groups", "seed")}
    return pd.DataFrame({**first, **given, **{n: c for n, c in fixed.items() if n == "epoch"}, **measured, **fixed})


def _typed(values: "pd.Series[Any]") -> "pd.Series[Any]":
    """`values` as flags, whole numbers, numbers or text, the narrowest that has room for all of them; <NA> or NaN for none.

    A list is text that JSON reads back: two columns of one table cannot be joined on a list.
    """
    known = [value for value in values if value is not None]
    kinds = {type(value) for value in known}
    if kinds == {bool}:
        return values.astype("boolean")
    if kinds <= {int} and all(value in INTEGERS for value in known):
        return pd.Series(pd.array(list(values), dtype="Int64"), values.index)
    if float in kinds and kinds <= {int, float} and all(isinstance(value, float) or is_finite(value) for value in known):
        return pd.Series([math.nan if value is None else float(value) for value in values], values.index, float)
    return pd.Series([None if value is None else _text(value) for value in values], values.index, "string")


def _text(value: object) -> str:
    return json.dumps(value, default=str) if isinstance(value, list) else level_text(value)
