"""Findings in, what each figure shows out, as values; two lists name the functions that make them. `page.figures` draws them."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.diagnoses import counted
from sweepbook.analysis.findings.findings import Findings, GroupFindings
from sweepbook.analysis.groups.curves import TRAIN, VALID, Curves
from sweepbook.analysis.groups.effects import Grid
from sweepbook.analysis.groups.summaries import Row, Summary, numeric
from sweepbook.analysis.journal.factors import factors
from sweepbook.analysis.page.picture import Band, Mark, Panel, Picture
from sweepbook.analysis.page.scale import bulk
from sweepbook.runner.config import Value, level_text
from sweepbook.runner.metric import is_share

MOST_DOTS, FIRST_DOTS = 45, 30  # of a longer ranking the first and the last are drawn
MOST_PANELS = 36
UNEVEN = 1.5  # times as wide: an interval that the eye sees is not that of its neighbour


def pictures(found: GroupFindings, findings: Findings, curves: Mapping[str, Curves]) -> tuple[Picture, ...]:
    """The figures of a group, by OF_A_GROUP; none where fewer than two of its configurations have a finished run."""
    rows = [row for row in found.rows if row.summary]
    if len(rows) < 2:
        return ()
    return tuple(picture for make in OF_A_GROUP for picture in make(found, rows, findings, curves))


def overall_pictures(findings: Findings) -> tuple[Picture, ...]:
    """The figures over all configurations, by OVERALL; none where fewer than two have a finished run."""
    if len(findings.ranking) < 2:
        return ()
    return tuple(picture for make in OVERALL for picture in make(findings))


def is_grid(found: GroupFindings, rows: Sequence[Row]) -> bool:
    """Whether every configuration is a pair of levels of the same two factors."""
    whole = all(factor in row.member.levels for row in rows for factor in found.factors)
    return whole and len(found.factors) == 2 and "name" not in found.factors


def _scores(found: GroupFindings, rows: Sequence[Row], findings: Findings, curves: Mapping[str, Curves]) -> Sequence[Picture]:
    """A heatmap each of score, gap and time for two factors, level against mean for one ordered factor, a dot plot for the rest."""
    return _heatmaps(found, rows, findings) if is_grid(found, rows) else [_levels(found, rows, findings)]


def _heatmaps(found: GroupFindings, rows: Sequence[Row], findings: Findings) -> list[Picture]:
    metric = findings.study.metric
    made = []
    for key, name in ((metric, ""), ("gap", "--gap"), ("seconds", "--time")):
        marks = [_cell(row, found.factors, key) for row in rows]
        known = tuple(mark for mark in marks if mark)
        if len(known) < 2 or (key == metric and name):
            continue
        form = findings.form(key)
        alt, caption = _words("Heatmap", known, form, found if key == metric else None)
        ruler = _ruler(findings) if key == metric else None
        axes = (w.setting_name(found.factors[1]), w.setting_name(found.factors[0]), _axis(key))
        made.append(
            Picture(
                found.group.name + name,
                "heatmap",
                known,
                *axes,
                alt,
                caption,
                ruler,
                _limits(findings, key),
                form=form,
                signed=key == "gap",
            )
        )
    return made + ([_residuals(found, found.grid, findings)] if found.grid else [])


def _residuals(found: GroupFindings, grid: Grid, findings: Findings) -> Picture:
    """What the additive fit of a grid leaves over, cell by cell."""
    metric = findings.study.metric
    left, table = w.scale(metric) * grid.fit.residuals, {}
    for i, first in enumerate(grid.levels[0]):
        table.update({(first, second): float(left[i, j]) for j, second in enumerate(grid.levels[1])})
    marks = []
    for row in found.rows:
        x, y = row.member.levels[grid.factors[1]], row.member.levels[grid.factors[0]]
        value = table[level_text(y), level_text(x)]
        marks.append(Mark(x, y, value, None, None, row.summary.n if row.summary else 0, (), row.member.label))
    form = findings.form(metric)
    low, high = (w.number(form, float(end), "+") for end in (left.min(), left.max()))
    words = f"{w.metric_name(metric)}{', points' if is_share(metric) else ''}"
    alt = f"Heatmap of what effects that add up leave over of {w.metric_name(metric)}: from {low} to {high}."
    test = grid.interaction
    tests = [("interaction", test), ("Tukey's test of their product", grid.tukey)]
    told = "; ".join(f"{name}, p {w.probability(f.p)}" for name, f in tests if f) or "nothing to test it against"
    caption = f"Residuals of the additive fit: {w.setting_name(grid.factors[0])} + {w.setting_name(grid.factors[1])} ({told})."
    axes = w.setting_name(grid.factors[1]), w.setting_name(grid.factors[0]), f"residual of {words}"
    limits = (float(left.min()), float(left.max()))
    name = f"{found.group.name}--residuals"
    return Picture(name, "heatmap", tuple(marks), *axes, alt, caption, limits=limits, form=form, signed=True)


def _cell(row: Row, factors: Sequence[str], key: str) -> Mark | None:
    """The mark of a grid's cell: the mean of a metric, or the time."""
    assert row.summary is not None
    estimate = row.summary.metrics.get(key)
    mean = row.summary.seconds if key == "seconds" else estimate.mean if estimate else None
    if mean is None:
        return None
    place = row.member.levels[factors[1]], row.member.levels[factors[0]]
    return Mark(*place, w.scale(key) * mean, None, None, row.summary.n, (), row.member.label)


def _limits(findings: Findings, key: str) -> tuple[float, float] | None:
    """The lowest and the highest value in any of the study's grids: one colour scale a metric."""
    values = []
    for group in findings.groups:
        rows = [row for row in group.rows if row.summary]
        if len(rows) > 1 and is_grid(group, rows):
            values += [mark.mean for row in rows if (mark := _cell(row, group.factors, key))]
    return (min(values), max(values)) if values else None


def _levels(found: GroupFindings, rows: Sequence[Row], findings: Findings) -> Picture:
    """Level against mean where one factor varies, else a dot a label."""
    metric = findings.study.metric
    single = len(found.factors) == 1 and all(found.factors[0] in row.member.levels for row in rows)
    kind = "line" if single and numeric(rows, found.factors[0]) else "dots"
    marks = tuple(
        _mark(row.summary, row.member.levels[found.factors[0]] if single else row.member.label, metric, row.member.label)
        for row in rows
        if row.summary
    )
    marks, left = _shortened(marks, kind, findings)
    alt, caption = _words({"line": "Line plot", "dots": "Dot plot"}[kind], marks, findings.form(metric), found)
    level = w.setting_name(found.factors[0]) if single else ""
    words = alt, caption + left + _off_axis(marks, kind)
    return Picture(
        found.group.name,
        kind,
        marks,
        level,
        None,
        _axis(metric),
        *words,
        _ruler(findings),
        broken=FIRST_DOTS * bool(left),
        form=findings.form(metric),
        signed=metric == "gap",
    )


def _mark(summary: Summary, x: Value, metric: str, label: str) -> Mark:
    estimate, k = summary.metrics[metric], w.scale(metric)
    low, high = w.bounds(metric, estimate) or (None, None)
    return Mark(x, None, k * estimate.mean, low, high, estimate.n, tuple(k * v for v in summary.runs[metric]), label)


def _shortened(marks: tuple[Mark, ...], kind: str, findings: Findings) -> tuple[tuple[Mark, ...], str]:
    """Of a long dot plot the best and the worst, and a sentence that says so."""
    if kind != "dots" or len(marks) <= MOST_DOTS:
        return marks, ""
    sign = -findings.study.sign
    ranked = sorted(marks, key=lambda mark: sign * mark.mean)
    last = MOST_DOTS - FIRST_DOTS
    left = f" Drawn are the {FIRST_DOTS} best and the {last} worst means of {w.count(len(marks))}."
    return (*ranked[:FIRST_DOTS], *ranked[-last:]), left


def _off_axis(marks: Sequence[Mark], kind: str) -> str:
    """A sentence for the caption where some means lie too far from the rest for the axis."""
    means = [mark.mean for mark in marks]
    whole = kind != "dots" or bulk(means) == (min(means), max(means))
    return "" if whole else " What lies far from the rest stands as a number at the edge."


def _ruler(findings: Findings) -> float | None:
    """The noise ruler to the digits that are told of it, so that not every new run redraws every figure."""
    ruler = findings.ruler(findings.usual_n)
    if ruler is None or math.isinf(ruler):
        return None
    form = findings.form(findings.study.metric)
    shown = w.scale(form.metric) * ruler
    return round(shown, form.places) or shown


def _axis(key: str) -> str:
    return w.metric_name(key) + w.unit(key)


def _words(shape: str, marks: Sequence[Mark], form: w.Form, compared: GroupFindings | Findings | None) -> tuple[str, str]:
    """The alternative text, which states the result, and the caption, which says what it rests on."""
    ordered = sorted(marks, key=lambda mark: mark.mean)
    key = form.metric
    low, high = (f"{w.shown(form, mark.mean)} ({mark.label})" for mark in (ordered[0], ordered[-1]))
    alt = f"{shape} of {w.metric_name(key)} for {w.plural(len(marks), 'configuration')}: the means go from {low} to {high}."
    if compared and compared.tiers:
        first = sum(tier == 1 for tier in compared.tiers.values()) - len(compared.unranked)
        alt += f" {w.count(first)} of {w.count(len(compared.tiers))} may be the best."
        alt += f" {w.count(len(compared.unranked))} not ranked." if compared.unranked else ""
    counts = sorted({mark.n for mark in marks})
    each = w.plural(counts[0], "run") if len(counts) == 1 else f"{counts[0]} to {counts[-1]} runs"
    shown = "the mean of its runs in each cell" if shape == "Heatmap" else f"{_means(marks)}, single runs as open points"
    shown = "the one run of each" if counts == [1] else shown
    return alt, f"{w.metric_name(key).capitalize()}, {each} a configuration: {shown}."


def _means(marks: Sequence[Mark]) -> str:
    """What is drawn of the means: with their intervals as far as these are known, and what makes one wider than another."""
    widths = [mark.high - mark.low for mark in marks if mark.low is not None and mark.high is not None]
    if not widths:
        return "means"
    known = "" if len(widths) == len(marks) else " where they are known"
    uneven = ", each by its own runs and noise" if max(widths) > UNEVEN * min(widths) else ""
    return f"means with 95% intervals{known}{uneven}"


def _panels(found: GroupFindings, rows: Sequence[Row], findings: Findings, curves: Mapping[str, Curves]) -> list[Picture]:
    """The learning curves of the group, training and validation, as small multiples."""
    place = {s.id: i for i, s in enumerate(findings.ranking)}
    have = [row for row in rows if (c := curves.get(row.member.id)) and len(c.at.get(VALID, ())) > 1]
    if not have:
        return []
    ranked = sorted(have, key=lambda row: place[row.member.id])
    half = MOST_PANELS // 2
    chosen = have if len(have) <= MOST_PANELS else [*ranked[:half], *ranked[-half:]]
    left = "" if chosen is have else f" Drawn are the {half} best and the {half} worst means of {w.count(len(have))}."
    panels = tuple(Panel(row.member.label, _bands(curves[row.member.id])) for row in chosen)
    read = [found for row in have if row.summary for found in findings.diagnoses.of(row.summary.logs)]
    alt = f"Learning curves of {w.plural(len(have), 'configuration')}. {counted(read)}"
    several = any(row.summary and row.summary.n > 1 for row in chosen)
    band = "mean over the seeds, with the band from the lowest to the highest" if several else "one run each"
    caption = f"Training loss (dashed) and validation loss by epoch: {band}.{left}"
    grid = is_grid(found, rows) and chosen is have
    columns = len({str(row.member.levels[found.factors[1]]) for row in have}) if grid else -(-len(panels) // -(-len(panels) // 4))
    name = f"{found.group.name}--curves"
    return [Picture(name, "curves", (), "epoch", None, "loss", alt, caption, panels=panels, columns=min(columns, 8, len(panels)))]


def _bands(curves: Curves) -> tuple[Band, ...]:
    tables = [(name, curves.series[name]) for name in (TRAIN, VALID) if name in curves.series]
    shapes = [(name, [tuple(map(float, f(axis=0))) for f in (t.mean, t.min, t.max)]) for name, t in tables]
    return tuple(Band(name, mean, low, high, curves.at[name]) for name, (mean, low, high) in shapes)


def _factors(findings: Findings) -> list[Picture]:
    """A line a factor, from its worst level to its best."""
    return factors(findings, _ruler(findings))


def _ranking(findings: Findings) -> list[Picture]:
    """A dot a configuration, the best mean first."""
    metric, ranking = findings.study.metric, findings.ranking
    marks, left = _shortened(tuple(_mark(s, s.label, metric, s.label) for s in ranking), "dots", findings)
    alt, caption = _words("Dot plot", tuple(_mark(s, s.label, metric, s.label) for s in ranking), findings.form(metric), findings)
    words = alt, caption + left + _off_axis(marks, "dots")
    form, signed, broken = findings.form(metric), metric == "gap", FIRST_DOTS * bool(left)
    axes = "", None, _axis(metric)
    return [Picture("overall--ranking", "dots", marks, *axes, *words, _ruler(findings), broken=broken, form=form, signed=signed)]


def _costs(findings: Findings) -> list[Picture]:
    """The score against parameters and against time, where these differ."""
    costs = [_cost(findings, key) for key in ("parameters", "seconds")]
    return [picture for picture in costs if picture]


def _cost(findings: Findings, key: str) -> Picture | None:
    """Score against cost, and the configurations that no cheaper one beats."""
    metric, sign = findings.study.metric, findings.study.sign
    known = [(s, cost) for s in findings.ranking if (cost := s.parameters if key == "parameters" else s.seconds) is not None]
    if len({cost for _, cost in known}) < 2:
        return None
    known.sort(key=lambda pair: (pair[1], -sign * pair[0].metrics[metric].mean))
    marks = tuple(_mark(s, cost, metric, s.label) for s, cost in known)
    front, best = [], float("-inf")
    for i, mark in enumerate(marks):
        if sign * mark.mean > best:
            front.append(i)
            best = sign * mark.mean
    form = findings.form(metric)
    words = {"parameters": "parameters", "seconds": "time a run, s"}[key]
    ends = " to ".join(f"{marks[i].label} ({w.shown(form, marks[i].mean)})" for i in (front[0], front[-1]))
    means = w.plural(len(front), "configuration")
    title = f"{w.metric_name(metric).capitalize()} against {words}"
    alt = f"{title} for {w.plural(len(marks), 'configuration')}: {means} on the Pareto front, {ends}."
    rest = f"{_means(marks)}; the line joins the means that no cheaper one reaches, some of them by chance"
    low, high = bulk([mark.mean for mark in marks])
    off = sum(not low <= mark.mean <= high for mark in marks)
    rest += f"; {w.count(off)} far from the rest {'lies' if off == 1 else 'lie'} off the axis" if off else ""
    caption = f"{title}, {w.plural(len(marks), 'configuration')}: {rest}."
    name = {"parameters": "overall--parameters", "seconds": "overall--time"}[key]
    return Picture(name, "cost", marks, words, None, _axis(metric), alt, caption, _ruler(findings), front=tuple(front), form=form)


OfAGroup: TypeAlias = Callable[[GroupFindings, Sequence[Row], Findings, Mapping[str, Curves]], Sequence[Picture]]

# What makes the figures of a group, and those over all configurations: a line each, in the order of the page.
OF_A_GROUP: tuple[OfAGroup, ...] = (
    _scores,
    _panels,
)
OVERALL: tuple[Callable[[Findings], Sequence[Picture]], ...] = (
    _factors,
    _ranking,
    _costs,
)
