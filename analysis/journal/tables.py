"""Findings in, the tables of the journal out, as text ready to lay out."""

import hashlib
import math
from collections.abc import Mapping, Sequence

import numpy as np
from sweepbook.analysis import words as w
from sweepbook.analysis.checks import Check
from sweepbook.analysis.findings.findings import Findings, GroupFindings
from sweepbook.analysis.groups.curves import VALID, Curves
from sweepbook.analysis.groups.summaries import Summary, numeric
from sweepbook.analysis.logs.sweep import METRICS, Sweep
from sweepbook.analysis.page.scale import alike, bulk, round_ends
from sweepbook.analysis.page.table import Column, Line, Scale, Span, Table
from sweepbook.runner.config import level_text
from sweepbook.runner.metric import is_share

CURVES = "validation loss by epoch"
POINTS = 16  # of a small curve
LOSSES = ("valid_loss", "train_loss", "gap")


def results(found: GroupFindings, findings: Findings, curves: Mapping[str, Curves]) -> Table:
    """A row a configuration, in the plan's order."""
    metric = findings.study.metric
    factors = tuple(Column(w.setting_name(f), numeric(found.rows, f)) for f in found.factors)
    scores = (Column("runs"), Column(w.metric_name(metric)), Column("95% interval"), *_tier_columns(found))
    shown = [name for name in LOSSES if name != metric]
    losses = tuple(Column(w.metric_name(name)) for name in shown)
    volume = (Column("parameters"), Column("examples seen"), Column("time a run"))
    summaries = [row.summary for row in found.rows]
    scale, spans = _scale(summaries, findings)
    shapes = _shapes([curves.get(row.member.id) for row in found.rows])
    top = found.best.metrics[metric].mean if found.best else None
    lines: list[Line] = []
    for row, span, shape in zip(found.rows, spans, shapes, strict=True):
        levels = tuple(level_text(row.member.levels[f]) if f in row.member.levels else w.NONE for f in found.factors)
        home = findings.groups_of[row.member.id][0] == found.group.name
        anchor = (
            config_anchor(row.member.id) if home and all(line.anchor != config_anchor(row.member.id) for line in lines[-1:]) else ""
        )
        links = ((len(levels), run_anchor(row.summary.logs[0])),) if row.summary else ()
        best = row.summary is not None and row.summary.metrics[metric].mean == top
        cells = _cells(row.summary, findings)
        values = [cells[3 + LOSSES.index(name)] for name in shown]
        told = (*levels, *cells[:3], *_tier_cells(found, row.member.id), *values, *cells[6:])
        lines.append(Line(told, best, anchor, links, span, shape))
    return Table((*factors, *scores, *losses, *volume), tuple(lines), scale, CURVES if any(shapes) else "")


def _tier_columns(found: GroupFindings) -> tuple[Column, ...]:
    return (*([Column("tier")] if found.tiers else []), *([Column("letters", False)] if found.letters else []))


def _tier_cells(found: GroupFindings, key: str) -> tuple[str, ...]:
    tier = [str(found.tiers.get(key, w.NONE))] if found.tiers else []
    return (*tier, *([found.letters.get(key, w.NONE)] if found.letters else []))


def ranking(findings: Findings, curves: Mapping[str, Curves]) -> Table:
    """Every configuration, by tier and then by mean: what may be equally good shares a tier."""
    metric = findings.study.metric
    based = (Column("changed from the baseline", False),) if findings.study.baseline else ()
    names = (Column("tier"), Column("configuration", False), *based, Column("runs"))
    scores = (Column(w.metric_name(metric)), Column("95% interval"))
    values = (*scores, Column("gap"), Column("parameters"), Column("time a run"))
    scale, spans = _scale(findings.ranking, findings)
    shapes = _shapes([curves.get(s.id) for s in findings.ranking])
    top = findings.ranking[0].metrics[metric].mean if findings.ranking else None
    lines: list[Line] = []
    for s, span, shape in zip(findings.ranking, spans, shapes, strict=True):
        cells = _cells(s, findings)
        tier = str(findings.tiers.get(s.id, w.NONE))
        told = (tier, s.label, *([changed(s, findings)] if based else []), *cells[:3], cells[5], cells[6], cells[8])
        lines.append(Line(told, s.metrics[metric].mean == top, f"rank-{s.id}", ((1, config_anchor(s.id)),), span, shape))
    return Table((*names, *values), tuple(lines), scale, CURVES if any(shapes) else "")


def changed(summary: Summary, findings: Findings) -> str:
    """The settings in which a configuration differs from the baseline, in words."""
    keys = [key for key in findings.changes(summary) if key in summary.config]
    return ", ".join(f"{w.setting_name(key)} {level_text(summary.config[key])}" for key in keys) or "nothing"


def effects_table(findings: Findings) -> Table:
    """A row a factor and group that varies it, the widest range of level means first; what is not told apart shares a rank."""
    form, titles = findings.form(findings.study.metric), {group.group.name: group.group.title for group in findings.groups}
    heads = (Column("rank"), Column("factor", False), Column("group", False), Column("levels"))
    ends = (Column("worst", False), Column("best", False), Column("range"), Column("without the worst level"))
    lines = []
    for e in findings.effects:
        widths = [w.extent(form, width) if width else w.NONE for width in (e.range, e.without_worst)]
        spread = w.size(form, e.spread) if e.spread is not None else w.NONE
        names = (str(e.rank or w.NONE), w.setting_name(e.factor), titles[e.group], str(len(e.levels)), e.worst, e.best)
        lines.append(Line((*names, *widths, spread)))
    return Table((*heads, *ends, Column("SD between levels, noise taken off")), tuple(lines))


def noises(findings: Findings) -> Table:
    """A row a metric: its noise, what it was pooled from, and the difference that this sweep finds."""
    n, kinds = findings.usual_n, {True: "seeds and a grid's residual", False: "seeds"}
    heads = (Column("metric", False), Column("noise (SD of a run)"), Column("95% interval"), Column("degrees of freedom"))
    lines = []
    for name, found in findings.noises.items():
        form = findings.form(name)
        ends = ", ".join(w.size(form, end).removesuffix(" points") for end in (found.low, found.high))
        pooled = kinds[bool(found.residual and found.residual.joined)]
        left = f", without {w.plural(len(found.outlying), 'configuration')} with a larger spread" if found.outlying else ""
        least = findings.detectable(name, n)
        seen = w.NONE if least is None else w.size(form, least)
        lines.append(Line((w.metric_name(name), w.size(form, found.sd), f"[{ends}]", str(found.df), pooled + left, seen)))
    found_in = Column(f"difference found in 8 of 10 sweeps of {w.plural(n, 'run')} a configuration")
    return Table((*heads, Column("pooled from", False), found_in), tuple(lines))


def checks(findings: Findings) -> Table:
    """A row a check that fired, in the order of the codes; what the plan silences with its reason."""
    titles = {group.group.name: group.group.title for group in findings.groups}
    heads = (Column("code", False), Column("where", False), Column("finds", False))
    lines = [Line((c.code, titles.get(c.group, "the study"), check_words(c))) for c in findings.checks]
    return Table(heads, tuple(lines))


def check_words(check: Check) -> str:
    """A check's sentence, with the plan's reason where it is silenced."""
    return f"{check.message} Silenced by the plan: {check.silenced.rstrip('.')}." if check.silenced else check.message


def runs(findings: Findings, sweep: Sweep) -> Table:
    """A row a log that belongs to the study, by configuration and seed."""
    metric = findings.study.metric
    heads = ("configuration", "seed", "status", w.metric_name(metric), "validation loss", "time", "began", "log")
    frame = sweep.runs[sweep.runs["id"].isin(findings.groups_of)]
    scores, losses = (frame.get(METRICS + name, frame.get(name)) for name in (metric, VALID))
    blank, forms = [None] * len(frame), (findings.form(metric), findings.form(VALID))
    columns = [list(frame[name]) for name in ("id", "seed", "status", "seconds", "started", "log")]
    values = [blank if column is None else list(column) for column in (scores, losses)]
    lines = []
    for key, seed, status, seconds, started, log, score, loss in zip(*columns, *values, strict=True):
        shown = (w.score(forms[0], _known(score)), w.score(forms[1], _known(loss)), w.duration(_known(seconds)))
        cells = (findings.labels[key][0], w.NONE if seed is None else str(seed), status, *shown, w.stamp(started), log)
        lines.append(Line(cells, False, run_anchor(log), ((0, config_anchor(key)),)))
    lines.sort(key=lambda line: (line.cells[0], line.cells[1].rjust(12), line.cells[-1]))
    numbers = ("seed", w.metric_name(metric), "validation loss", "time")
    return Table(tuple(Column(head, head in numbers) for head in heads), tuple(lines))


def _known(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def config_anchor(key: str) -> str:
    """The name of a configuration's row in the page."""
    return f"config-{key}"


def run_anchor(log: str) -> str:
    """The name of a run's row in the page, short, and made of plain letters whatever its log is called."""
    return f"run-{hashlib.sha256(log.encode(errors='replace')).hexdigest()[:10]}"


def _scale(summaries: Sequence[Summary | None], findings: Findings) -> tuple[Scale | None, list[Span | None]]:
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
    most = findings.usual_n
    ruler = findings.ruler(most)
    words = f"{w.plain(ends[0])} to {w.plain(ends[1])}{'%' if is_share(metric) else ''}"
    share = None if ruler is None or math.isinf(ruler) else w.scale(metric) * ruler / width
    outlying = findings.noise.outlying if findings.noise else frozenset()
    more = " Those whose seeds scatter further need more." if any(s and s.id in outlying for s in summaries) else ""
    return Scale(words, share, w.ruler_words(findings.form(metric), ruler, most) + more), places  # type: ignore[return-value]


def _shapes(curves: Sequence[Curves | None]) -> list[tuple[float, ...]]:
    """Each configuration's mean validation loss by epoch, on one scale from the lowest to the highest of them all."""
    means = [c.mean(VALID) if c and len(c.at.get(VALID, ())) > 1 else np.empty(0) for c in curves]
    known = np.concatenate([*means, np.empty(0)])
    if not len(known) or alike(known.min(), known.max()):
        return [()] * len(means)
    low, high = bulk(list(known))  # one network that hardly learns would make all other curves flat
    picked = [m[np.unique(np.linspace(0, len(m) - 1, POINTS).round().astype(int))] if len(m) else m for m in means]
    return [tuple(round(float(v), 2) for v in np.clip((m - low) / (high - low), 0, 1)) for m in picked]


def _cells(summary: Summary | None, findings: Findings) -> tuple[str, ...]:
    if summary is None:
        return ("0", *(w.NONE for _ in range(8)))
    metric = findings.study.metric
    scores = {name: summary.metrics.get(name) for name in (metric, "valid_loss", "train_loss", "gap")}
    shown = {name: w.score(findings.form(name), estimate.mean if estimate else None) for name, estimate in scores.items()}
    estimate = scores[metric]
    return (
        str(summary.n),
        shown[metric],
        w.interval(findings.form(metric), estimate) if estimate else w.NONE,
        shown["valid_loss"],
        shown["train_loss"],
        shown["gap"],
        w.count(summary.parameters),
        w.count(summary.examples_seen),
        w.duration(summary.seconds),
    )
