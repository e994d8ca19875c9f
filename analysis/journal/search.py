"""A group whose settings vary together in, its scores by each of them out, as the values of a figure: a random search."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from sweepbook.analysis import words as w
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.findings.group import GroupFindings
from sweepbook.analysis.groups.summaries import Row, numeric
from sweepbook.analysis.groups.trends import SettingTrend
from sweepbook.analysis.journal.heatmaps import is_grid
from sweepbook.analysis.journal.marks import axis
from sweepbook.analysis.page.picture import Cloud, Picture
from sweepbook.analysis.page.scale import bulk
from sweepbook.analysis.stats.drift import ranks
from sweepbook.runner.values import level_text

MOST, FEWEST = 12, 8  # settings that are shown, and configurations from which on they are


def settings(found: GroupFindings, rows: Sequence[Row], findings: Findings) -> list[Picture]:
    """A small scatter a setting, those whose levels go along with the score most closely first; none where settings vary one by
    one or as a grid, whose effects are known."""
    if len(found.factors) < 2 or found.effects or (is_grid(found, rows) and not found.search) or len(rows) < FEWEST:
        return []
    metric = findings.study.metric
    first = {s.id for s in found.first} if found.tiers else set()
    clouds = {factor: cloud for factor in found.factors if (cloud := _cloud(factor, rows, metric, first))}
    told = {one.setting: place for place, one in enumerate(_seen(found))}
    ordered = sorted(clouds, key=lambda factor: (told.get(factor, len(told)), -association(clouds[factor])))
    clouds |= {one.setting: _trended(clouds[one.setting], one, metric) for one in _seen(found) if one.setting in clouds}
    shown = tuple(clouds[factor] for factor in ordered[:MOST])
    if not shown:
        return []
    low, high = bulk([y for _, y, _ in shown[0].points])
    off = sum(not low <= y <= high for _, y, _ in shown[0].points)
    names = [cloud.name for cloud in shown]
    among = w.plural(len(rows), "configuration")
    alt = f"{w.metric_name(metric).capitalize()} of {among} by {w.listing(names)}, a small scatter each."
    return [
        Picture(
            f"{found.group.name}--settings",
            "settings",
            (),
            "",
            None,
            axis(metric),
            alt,
            _caption(found, len(clouds), bool(first), off),
            limits=(low, high),
            form=findings.form(metric),
            clouds=shown,
        )
    ]


def _seen(found: GroupFindings) -> tuple[SettingTrend, ...]:
    return found.search.seen if found.search else ()


def _trended(cloud: Cloud, one: SettingTrend, metric: str) -> Cloud:
    """The cloud with its trend, and where along it the best may lie."""
    k = w.scale(metric)
    trend = tuple((at, k * float(value)) for at, value in zip(one.at, one.trend.values, strict=True))
    return replace(cloud, trend=trend, best=() if one.everywhere else one.ends or one.best)


def _caption(found: GroupFindings, count: int, tiers: bool, off: int) -> str:
    lines = ["Each dot is a configuration; what else varied is in it, so no cause is named."]
    if _seen(found):
        average = "the average over the other settings" if found.search and found.search.together else "the average"
        lines.append(f"Line: {average}, where a trend is seen. Shaded: where the best may lie.")
    lines.append("Coloured: could be the best." if tiers else "")
    first = "with the widest trend come first, then those " if _seen(found) else ""
    lines.append(
        f"The settings {first}that go along with the score most closely{'' if first else ' come first'}." if count > 1 else ""
    )
    lines.append(f"Drawn are {MOST} of {count}." if count > MOST else "")
    lines.append(f"{w.count(off)} far from the rest {'lies' if off == 1 else 'lie'} off the axis." if off else "")
    return " ".join(filter(None, lines))


def _cloud(factor: str, rows: Sequence[Row], metric: str, first: set[str]) -> Cloud | None:
    """The scores by one setting; None where it has one level, or so many names that each stands for itself."""
    having = [row for row in rows if factor in row.member.levels and row.summary and metric in row.summary.means]
    texts = {level_text(row.member.levels[factor]) for row in having}
    ordered = numeric(having, factor)
    if factor == "name" or len(texts) < 2 or (not ordered and 2 * len(texts) > len(having)):
        return None
    k, points = w.scale(metric), []
    for row in having:
        assert row.summary is not None
        level = row.member.levels[factor] if ordered else level_text(row.member.levels[factor])
        points.append((level, k * row.summary.means[metric].value, row.member.id in first))
    return Cloud(w.setting_name(factor), tuple(points), ordered)


def association(cloud: Cloud) -> float:
    """How closely the levels go along with the score, from 0 to 1: the size of Spearman's rank correlation, of names the share of
    the ranks' variance that lies between them (Fisher's adjusted, its root)."""
    scores = ranks(np.array([y for _, y, _ in cloud.points]))
    if cloud.ordered:
        levels = ranks(np.array([float(str(x)) for x, _, _ in cloud.points]))
        spread = float(levels.std() * scores.std())
        return abs(float(((levels - levels.mean()) * (scores - scores.mean())).mean())) / spread if spread else 0.0
    _, group = np.unique([str(x) for x, _, _ in cloud.points], return_inverse=True)
    counts = np.bincount(group)
    means = np.bincount(group, scores) / counts
    whole = float(((scores - scores.mean()) ** 2).sum())
    within = float(((scores - means[group]) ** 2).sum())
    free = len(scores) - len(counts)
    return max(0.0, 1 - within * (len(scores) - 1) / (whole * free)) ** 0.5 if whole and free > 0 else 0.0
