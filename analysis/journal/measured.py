"""The configurations of a table in, what their runs came to out: as cells, and as small pictures on a common scale."""

import math
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import accumulate, pairwise

import numpy as np
import numpy.typing as npt
from sweepbook.analysis import words as w
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.findings.group import GroupFindings
from sweepbook.analysis.groups.curves import Curves
from sweepbook.analysis.groups.summaries import Summary
from sweepbook.analysis.logs.sweep import METRICS
from sweepbook.analysis.page.scale import alike, bulk, round_ends
from sweepbook.analysis.page.table import Column, Scale, Span
from sweepbook.runner.metric import VALID, is_share

POINTS = 16  # of a small curve
LOSSES = ("valid_loss", "train_loss", "gap")
# The columns of the tables by the names that templates read a row's cells by.
VOLUME = {
    "parameters": Column("parameters", folds=2),
    "examples_seen": Column("examples seen", folds=2),
    "seconds": Column("time a run", folds=2),
}


def score_columns(metric: str) -> dict[str, Column]:
    """The columns of a score: how many runs, their mean, its interval."""
    return {"runs": Column("runs"), "score": Column(w.metric_name(metric)), "interval": Column("95% interval")}


def placed(found: Findings | GroupFindings, key: str) -> str:
    """The tier of a configuration, as far as it has one."""
    return w.UNRANKED if key in found.unranked else str(found.tiers.get(key, w.NONE))


def scale_and_spans(summaries: Sequence[Summary | None], findings: Findings) -> tuple[Scale | None, list[Span | None]]:
    """The common scale of the configurations' intervals, and each one's place on it; what lies off it is outside 0 to 1."""
    metric = findings.study.metric
    spans: list[Span | None] = []
    for s in summaries:
        estimate = s.metrics[metric] if s else None
        low, high = (w.bounds(metric, estimate) if estimate else None) or (None, None)
        spans.append((low, w.scale(metric) * estimate.mean, high) if estimate else None)
    means = [span[1] for span in spans if span]
    if len(means) < 2 or alike(min(means), max(means)):
        return None, [None] * len(spans)
    ends = round_ends(*bulk(means))
    inside = [v for span in spans if span and ends[0] <= span[1] <= ends[1] for v in span if v is not None]
    ends = round_ends(min(inside), max(inside))
    width = ends[1] - ends[0]
    places = [span and tuple(None if v is None else (v - ends[0]) / width for v in span) for span in spans]
    ruler = findings.ruler(findings.usual_n)
    words = f"{w.plain(ends[0])} to {w.plain(ends[1])}{'%' if is_share(metric) else ''}"
    if ruler is None or math.isinf(ruler):
        return Scale(words, None, ""), places  # type: ignore[return-value]
    told = f"ignore differences under {w.size(findings.form(metric), ruler)}"
    return Scale(words, w.scale(metric) * ruler / width, told), places  # type: ignore[return-value]


def curve_shapes(curves: Sequence[Curves | None]) -> list[tuple[float, ...]]:
    """Each configuration's mean validation loss by epoch, on one scale from the lowest to the highest of them all."""
    means = [c.mean(VALID) if c and len(c.at.get(VALID, ())) > 1 else np.empty(0) for c in curves]
    known = np.concatenate([*means, np.empty(0)])
    if not len(known) or alike(known.min(), known.max()):
        return [()] * len(means)
    low, high = bulk(list(known))  # one network that hardly learns would make all other curves flat
    picked = [m[_picked(len(m))] for m in means]
    heights = np.clip((np.concatenate(picked) - low) / (high - low), 0, 1).tolist()
    places = pairwise(accumulate(map(len, picked), initial=0))
    return [tuple(round(height, 2) for height in heights[a:b]) for a, b in places]


@cache
def _picked(length: int) -> npt.NDArray[np.intp]:
    """The places in a curve of this `length` that a small one shows."""
    return np.unique(np.linspace(0, length - 1, POINTS).round().astype(int)) if length else np.empty(0, int)


def measured(summary: Summary | None, findings: Findings, others: Iterable[str] = ()) -> dict[str, str]:
    """What the runs of a configuration came to, by the names of the columns; `others` are of further metrics."""
    if summary is None:
        return dict.fromkeys((*score_columns(""), *LOSSES, *others, *VOLUME), w.NONE) | {"runs": "0"}
    of, known = findings.kept.get(("measured", summary.id), (None, {}))
    if of is not summary:  # as a trial has one of its own
        known = _measured(summary, findings)
        findings.kept["measured", summary.id] = summary, known
    return {**known, **{column: _mean(summary, findings.form(column.removeprefix(METRICS))) for column in others}}


def _measured(summary: Summary, findings: Findings) -> dict[str, str]:
    """The same of the metrics that every table has."""
    form, estimate = findings.form(findings.study.metric), summary.metrics[findings.study.metric]
    return {
        "runs": str(summary.n),
        "score": w.score(form, estimate.mean),
        "interval": w.interval(form, estimate),
        **{name: _mean(summary, findings.form(name)) for name in LOSSES},
        "parameters": w.count(summary.parameters),
        "examples_seen": w.count(summary.examples_seen),
        "seconds": w.duration(summary.seconds),
    }


def _mean(summary: Summary, form: w.Form) -> str:
    estimate = summary.metrics.get(form.metric)
    return w.score(form, estimate.mean if estimate else None)
