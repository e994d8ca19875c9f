"""Findings in, what each figure shows out, as values; two lists name the functions that make them. `page.figures` draws them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeAlias

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.curvewords import counted
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.findings.group import GroupFindings
from sweepbook.analysis.groups.curves import Curves, learning_curves
from sweepbook.analysis.groups.summaries import Row, Summary, numeric
from sweepbook.analysis.journal.factors import factors
from sweepbook.analysis.journal.heatmaps import heatmaps, is_grid
from sweepbook.analysis.journal.history import history
from sweepbook.analysis.journal.marks import alternative, axis, legend, mark, ruler
from sweepbook.analysis.journal.metrics import metrics
from sweepbook.analysis.journal.search import settings
from sweepbook.analysis.logs.sweep import Sweep
from sweepbook.analysis.page.picture import Band, Mark, Panel, Picture
from sweepbook.analysis.page.points import drawn
from sweepbook.analysis.page.scale import bulk
from sweepbook.runner.metric import TRAIN, VALID

MOST_DOTS, FIRST_DOTS = 45, 30  # of a longer ranking the first and the last are drawn
MOST_PANELS, FEW_PANELS = 36, 8
MOST_FIGURES = 60  # that one page holds; of a study with more the first are drawn


@dataclass(frozen=True)
class Figures:
    """What the figures of a journal show: those over all configurations, and those of each group by its name. `curves` are the
    learning curves of all configurations, by id."""

    overall: tuple[Picture, ...]
    groups: Mapping[str, tuple[Picture, ...]]
    curves: Mapping[str, Curves]

    @property
    def of_page(self) -> tuple[Picture, ...]:
        """The figures that the page holds, in its order."""
        return (*self.overall, *[*chain(*self.groups.values())][: MOST_FIGURES - len(self.overall)])


def figures(findings: Findings, sweep: Sweep) -> Figures:
    """The figures of `findings`. What became of predictions is in none, so that it may be worked out while they are drawn."""
    curves = learning_curves(sweep, findings.ranking)
    groups = {found.group.name: pictures(found, findings, curves) for found in findings.groups}
    return Figures(overall_pictures(findings), groups, curves)


def pictures(found: GroupFindings, findings: Findings, curves: Mapping[str, Curves]) -> tuple[Picture, ...]:
    """The figures of a group: those of its search, then by OF_A_GROUP. Of the latter there are none where fewer than two of its
    configurations have a finished run."""
    rows = [row for row in found.rows if row.summary]
    searched = history(found, findings)
    if len(rows) < 2:
        return tuple(searched)
    return (*searched, *(picture for make in OF_A_GROUP for picture in make(found, rows, findings, curves)))


def overall_pictures(findings: Findings) -> tuple[Picture, ...]:
    """The figures over all configurations, by OVERALL; none where fewer than two have a finished run."""
    if len(findings.ranking) < 2:
        return ()
    return tuple(picture for make in OVERALL for picture in make(findings))


def _scores(found: GroupFindings, rows: Sequence[Row], findings: Findings, curves: Mapping[str, Curves]) -> Sequence[Picture]:
    """A heatmap each of score, gap and time for two factors, level against mean for one ordered factor, a dot plot for the rest."""
    return heatmaps(found, rows, findings) if is_grid(found, rows) else [_levels(found, rows, findings)]


def _levels(found: GroupFindings, rows: Sequence[Row], findings: Findings) -> Picture:
    """Level against mean where one factor varies, else a dot a label."""
    metric = findings.study.metric
    single = len(found.factors) == 1 and all(found.factors[0] in row.member.levels for row in rows)
    kind = "line" if single and numeric(rows, found.factors[0]) else "dots"
    every = tuple(
        mark(s, row.member.levels[found.factors[0]] if single else row.member.label, metric, row.member.label, _ranked(s, found))
        for row in rows
        if (s := row.summary)
    )
    marks, left = _shortened(every, kind, findings)
    alt = alternative({"line": "Line plot", "dots": "Dot plot"}[kind], every, findings.form(metric), found)
    level = w.setting_name(found.factors[0]) if single else ""
    title = w.metric_name(metric) + (f" by {level}" if single else f" of {w.plural(len(rows), 'configuration')}")
    words = alt, legend(title, every) + left + _off_axis(marks, kind)
    return Picture(
        found.group.name,
        kind,
        marks,
        level,
        None,
        axis(metric),
        *words,
        ruler(findings),
        broken=FIRST_DOTS * bool(left),
        form=findings.form(metric),
        signed=metric == "gap",
    )


def _ranked(summary: Summary, compared: GroupFindings | Findings) -> bool:
    return summary.id not in compared.unranked


def _shortened(marks: tuple[Mark, ...], kind: str, findings: Findings) -> tuple[tuple[Mark, ...], str]:
    """Of a long dot plot the best and the worst, and a sentence that says so."""
    if kind != "dots" or len(marks) <= MOST_DOTS:
        return marks, ""
    sign = -findings.study.sign
    ranked = sorted(marks, key=lambda one: sign * one.mean)
    last = MOST_DOTS - FIRST_DOTS
    left = f" Drawn are the {FIRST_DOTS} best and the {last} worst means of {w.count(len(marks))}."
    return (*ranked[:FIRST_DOTS], *ranked[-last:]), left


def _off_axis(marks: Sequence[Mark], kind: str) -> str:
    """A sentence for the caption where some means lie too far from the rest for the axis."""
    means = [one.mean for one in marks]
    whole = kind != "dots" or bulk(means) == (min(means), max(means))
    return "" if whole else " What lies far from the rest stands as a number at the edge."


def _settings(found: GroupFindings, rows: Sequence[Row], findings: Findings, curves: Mapping[str, Curves]) -> list[Picture]:
    """Where settings vary together, the score by each of them; of a search its trials show it."""
    return [] if found.trials else settings(found, rows, findings)


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
    band = "bands from the lowest to the highest seed" if several else "one run each"
    lines = "training dashed, validation solid" if len(panels[0].bands) > 1 else "validation"
    named = len(found.factors) > 2 or "name" in found.factors
    varied = w.listing([w.setting_name(factor) for factor in found.factors])
    of_each = "each configuration" if named else f"each level of {varied}"
    caption = f"Loss by epoch for {of_each}: {lines}, {band}.{left}"
    loss = "loss" if len(panels[0].bands) > 1 else w.metric_name(VALID)
    words = "epoch", None, loss, alt, caption
    columns = _columns(found, have) if is_grid(found, rows) and chosen is have else _even(len(panels))
    return [Picture(f"{found.group.name}--curves", "curves", (), *words, panels=panels, columns=min(columns, 8, len(panels)))]


def _columns(found: GroupFindings, have: Sequence[Row]) -> int:
    """As many panels side by side as a grid has levels of its second factor."""
    return len({str(row.member.levels[found.factors[1]]) for row in have})


def _even(count: int) -> int:
    """Four panels side by side, six where there are more than eight, or fewer in rows of the same length."""
    most = 4 if count <= FEW_PANELS else 6
    return -(-count // -(-count // most))


def _bands(curves: Curves) -> tuple[Band, ...]:
    """Training and validation, with as many points as are drawn of a long curve."""
    bands = []
    for name in (TRAIN, VALID):
        if name in curves.series:
            table = curves.series[name]
            shapes = table.mean(axis=0), table.min(axis=0), table.max(axis=0)
            at = drawn(shapes)
            mean, low, high = (tuple(values[at].tolist()) for values in shapes)
            bands.append(Band(name, mean, low, high, tuple(curves.at[name][place] for place in at)))
    return tuple(bands)


def _factors(findings: Findings) -> list[Picture]:
    """A line a factor, from its worst level to its best."""
    return factors(findings, ruler(findings))


def _ranking(findings: Findings) -> list[Picture]:
    """A dot a configuration, the best mean first."""
    metric, ranking = findings.study.metric, findings.ranking
    every = tuple(mark(s, s.label, metric, s.label, _ranked(s, findings)) for s in ranking)
    marks, left = _shortened(every, "dots", findings)
    alt = alternative("Dot plot", every, findings.form(metric), findings)
    order = "" if left else _by_tier(findings)
    words = alt, legend(f"{w.metric_name(metric)} of all configurations", every) + order + left + _off_axis(marks, "dots")
    form, signed, broken = findings.form(metric), metric == "gap", FIRST_DOTS * bool(left)
    axes = "", None, axis(metric)
    return [Picture("overall--ranking", "dots", marks, *axes, *words, ruler(findings), broken=broken, form=form, signed=signed)]


def _by_tier(findings: Findings) -> str:
    """A sentence for the caption where the order is not that of the means alone."""
    means = [findings.study.sign * s.means[findings.study.metric].value for s in findings.ranking]
    if means == sorted(means, reverse=True):
        return ""
    return " First those that could be the best, then tier by tier, the best mean first in each."


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
    marks = tuple(mark(s, cost, metric, s.label, _ranked(s, findings)) for s, cost in known)
    front, best = [], float("-inf")
    for i, one in enumerate(marks):
        if sign * one.mean > best:
            front.append(i)
            best = sign * one.mean
    form = findings.form(metric)
    words = {"parameters": "parameters", "seconds": "time a run, s"}[key]
    ends = " to ".join(f"{marks[i].label} ({w.shown(form, marks[i].mean)})" for i in dict.fromkeys((front[0], front[-1])))
    means = w.plural(len(front), "configuration")
    title = f"{w.metric_name(metric).capitalize()} against {words.removesuffix(', s')}"
    alt = f"{title} for {w.plural(len(marks), 'configuration')}: no cheaper one beats {means}, {ends}."
    low, high = bulk([one.mean for one in marks])
    off = sum(not low <= one.mean <= high for one in marks)
    rest = f" {w.count(off)} {'lies' if off == 1 else 'lie'} off the axis." if off else ""
    line = "Line: no cheaper one is better."
    load = " Times also depend on what else the machine did." if key == "seconds" else ""
    caption = f"{legend(title, marks)} {line}{rest}{load}"
    name = {"parameters": "overall--parameters", "seconds": "overall--time"}[key]
    return Picture(name, "cost", marks, words, None, axis(metric), alt, caption, ruler(findings), front=tuple(front), form=form)


def _metrics(findings: Findings) -> list[Picture]:
    """Where another metric has another best, one against the other."""
    return metrics(findings)


OfAGroup: TypeAlias = Callable[[GroupFindings, Sequence[Row], Findings, Mapping[str, Curves]], Sequence[Picture]]

# What makes the figures of a group, and those over all configurations: a line each, in the order of the page.
OF_A_GROUP: tuple[OfAGroup, ...] = (
    _scores,
    _settings,
    _panels,
)
OVERALL: tuple[Callable[[Findings], Sequence[Picture]], ...] = (
    _factors,
    _ranking,
    _costs,
    _metrics,
)
