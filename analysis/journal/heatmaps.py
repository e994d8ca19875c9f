"""A group that is a grid of two factors in, its heatmaps out, as values: the score, the gap, the time, and what no row or column
explains."""

from collections.abc import Sequence

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.findings.group import GroupFindings
from sweepbook.analysis.groups.effects import Grid
from sweepbook.analysis.groups.summaries import Row
from sweepbook.analysis.journal.marks import alternative, axis, ruler, runs_each
from sweepbook.analysis.page.picture import Mark, Picture
from sweepbook.runner.metric import is_share
from sweepbook.runner.values import level_text

SLOWER, SECONDS = 1.5, 10.0  # times as long, and so many seconds more: less is no reason to choose a cell


def is_grid(found: GroupFindings, rows: Sequence[Row]) -> bool:
    """Whether every configuration is a pair of levels of the same two factors."""
    whole = all(factor in row.member.levels for row in rows for factor in found.factors)
    return whole and len(found.factors) == 2 and "name" not in found.factors


def heatmaps(found: GroupFindings, rows: Sequence[Row], findings: Findings) -> list[Picture]:
    """The heatmaps of a grid, that of its times where they differ enough to matter."""
    metric = findings.study.metric
    keys = {metric: "", "gap": "--gap", "seconds": "--time"}
    made = [_heatmap(found, rows, findings, key, "" if key == metric else name) for key, name in keys.items()]
    left_over = [_residuals(found, found.grid, findings)] if found.grid and _leaves(found.grid, findings) else []
    return [picture for picture in made if picture] + left_over


def _heatmap(found: GroupFindings, rows: Sequence[Row], findings: Findings, key: str, name: str) -> Picture | None:
    """What a metric, or the time, is in each cell; None where fewer than two cells have it or the times hardly differ."""
    metric = findings.study.metric
    cells = tuple(mark for row in rows if (mark := _cell(row, found.factors, key)))
    if len(cells) < 2 or (key == "seconds" and not _matters([mark.mean for mark in cells])):
        return None
    form = findings.form(key)
    colours = "White is none." if key == "gap" else "Darker is better."
    return Picture(
        found.group.name + name,
        "heatmap",
        cells,
        w.setting_name(found.factors[1]),
        w.setting_name(found.factors[0]),
        axis(key),
        alternative("Heatmap", cells, form, found if key == metric else None),
        f"{w.metric_name(key).capitalize()}, the mean of {runs_each(cells)} in each cell. {colours}",
        ruler(findings) if key == metric else None,
        _limits([found] if findings.study.tasks else findings.groups, key),
        form=form,
        signed=key == "gap",
        goal=findings.study.sign if key == metric else -1,
    )


def _matters(seconds: Sequence[float]) -> bool:
    """Whether the slowest cell takes so much longer than the fastest that one would choose by it."""
    return max(seconds) >= max(SLOWER * min(seconds), min(seconds) + SECONDS)


def _leaves(grid: Grid, findings: Findings) -> bool:
    """Whether a cell has anything left over to show."""
    form = findings.form(findings.study.metric)
    return any(float(w.number(form, float(left))) for left in (w.scale(form.metric) * grid.fit.residuals).flat)


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
    names = [w.setting_name(factor) for factor in grid.factors]
    metric_words = w.metric_name(metric)
    alt = f"Heatmap of what the effects of {w.listing(names)}, added up, leave over of {metric_words}: from {low} to {high}."
    caption = f"What the effect of its row and that of its column, added up, leave over of each cell's {metric_words}."
    better = "Blue is better, red is worse than these two explain; white is none."
    axes = names[1], names[0], f"left over, {'points' if is_share(metric) else metric_words}"
    limits = (float(left.min()), float(left.max()))
    name = f"{found.group.name}--residuals"
    words = alt, f"{caption} {better}"
    goal = findings.study.sign
    return Picture(name, "heatmap", tuple(marks), *axes, *words, limits=limits, form=form, signed=True, goal=goal)


def _cell(row: Row, factors: Sequence[str], key: str) -> Mark | None:
    """The mark of a grid's cell: the mean of a metric, or the time."""
    assert row.summary is not None
    estimate = row.summary.metrics.get(key)
    mean = row.summary.seconds if key == "seconds" else estimate.mean if estimate else None
    if mean is None:
        return None
    place = row.member.levels[factors[1]], row.member.levels[factors[0]]
    return Mark(*place, w.scale(key) * mean, None, None, row.summary.n, (), row.member.label)


def _limits(groups: Sequence[GroupFindings], key: str) -> tuple[float, float] | None:
    """The lowest and the highest value in any of the grids: one colour scale a metric, of a study of one task."""
    values = []
    for group in groups:
        rows = [row for row in group.rows if row.summary]
        if len(rows) > 1 and is_grid(group, rows):
            values += [mark.mean for row in rows if (mark := _cell(row, group.factors, key))]
    return (min(values), max(values)) if values else None
