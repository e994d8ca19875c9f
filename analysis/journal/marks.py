"""Summaries in, the marks of a figure out, with its alternative text and its caption."""

from collections.abc import Sequence

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.findings.group import GroupFindings
from sweepbook.analysis.groups.summaries import Summary
from sweepbook.analysis.page.picture import Mark
from sweepbook.runner.values import Value


def mark(summary: Summary, x: Value, metric: str, label: str, ranked: bool = True) -> Mark:
    """A configuration at `x`."""
    estimate, k = summary.metrics[metric], w.scale(metric)
    low, high = w.bounds(metric, estimate) or (None, None)
    runs = tuple(k * value for value in summary.runs[metric])
    return Mark(x, None, k * estimate.mean, low, high, estimate.n, runs, label, ranked)


def ruler(findings: Findings) -> float | None:
    """The noise ruler to the digits that are told of it, so that not every new run redraws every figure."""
    size = findings.threshold
    if size is None:
        return None
    form = findings.form(findings.study.metric)
    shown = w.scale(form.metric) * size
    return round(shown, form.places) or shown


def axis(key: str) -> str:
    """What stands beside the axis of a metric."""
    return w.metric_name(key) + w.unit(key)


def alternative(shape: str, marks: Sequence[Mark], form: w.Form, compared: GroupFindings | Findings | None) -> str:
    """The alternative text, which states the result."""
    ordered = sorted(marks, key=lambda mark: mark.mean)
    low, high = (f"{w.shown(form, mark.mean)} ({mark.label})" for mark in (ordered[0], ordered[-1]))
    among = w.plural(len(marks), "configuration")
    alt = f"{shape} of {w.metric_name(form.metric)} for {among}: the means go from {low} to {high}."
    if compared and compared.tiers:
        first = sum(tier == 1 for tier in compared.tiers.values()) - len(compared.unranked)
        alt += f" {w.count(first)} of {w.count(len(compared.tiers))} could be the best."
        alt += f" {w.count(len(compared.unranked))} not ranked." if compared.unranked else ""
    return alt


def runs_each(marks: Sequence[Mark]) -> str:
    """How many runs each mean rests on: "3 runs", "1 to 5 runs"."""
    counts = sorted({mark.n for mark in marks})
    return w.plural(counts[0], "run") if len(counts) == 1 else f"{counts[0]} to {counts[-1]} runs"


def legend(title: str, marks: Sequence[Mark]) -> str:
    """The caption of dots with bars: what they show, and what is what."""
    known = [mark for mark in marks if mark.low is not None and mark.high is not None]
    several = any(mark.n > 1 for mark in marks)
    dots = f"large dots are means of {runs_each(marks)}, small dots the runs" if several else "each dot is one run"
    where = "" if len(known) == len(marks) else " (where the noise is known)"
    bars = f" Bars{where}: 95% confidence." if known else ""
    grey = "" if all(mark.ranked for mark in marks) else " Open and grey: not ranked."
    return f"{title[0].upper()}{title[1:]}: {dots}.{bars}{grey}"
