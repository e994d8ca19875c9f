"""A group whose settings vary together in, the trend of each setting over all its runs out: what a random search tells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sweepbook.analysis.groups.inferred import SAMPLERS
from sweepbook.analysis.groups.summaries import GroupRows, Row, is_full_grid
from sweepbook.analysis.stats.columns import CATEGORICAL, Levels
from sweepbook.analysis.stats.drift import drifted
from sweepbook.analysis.stats.seeds import Array
from sweepbook.analysis.stats.trends import Trend, short, trends
from sweepbook.runner.foreign import acts
from sweepbook.runner.study import Study
from sweepbook.runner.values import Value, is_finite, level_text

FEWEST = 20  # configurations from which on trends are told
TOOL, ORDER = "tool", "order"  # why trends are no tests: the tool is known to choose, or levels drifted with the order of the runs


@dataclass(frozen=True, eq=False)
class SettingTrend:
    """The `trend` of a `setting`, and its levels `at` the places of that, as the logs write them. `best` are those that could be
    the best, `ends` the first and the last of numbers (None: names). `lowest` and `highest` say that the best may lie at
    an end of what was tried."""

    setting: str
    trend: Trend
    at: tuple[Value, ...]
    best: tuple[Value, ...]
    ends: tuple[float, float] | None
    lowest: bool
    highest: bool

    @property
    def everywhere(self) -> bool:
        """Whether every level could be the best."""
        return bool(self.trend.best.all())


@dataclass(frozen=True, eq=False)
class Search:
    """The trends of a group's settings, those that are seen first, the widest first. `along` has the settings that nothing tells
    from another, with that one. `expected` are the scores of the configurations by the trends alone, by id, `rest` the standard
    deviation around them and `share` the part of the variance that they explain; `together`: each trend is an average over the
    other settings. `doubt` says why trends are hints and no tests: TOOL, ORDER or ""."""

    trends: tuple[SettingTrend, ...]
    along: Mapping[str, str]
    expected: Mapping[str, float]
    rest: float
    share: float
    together: bool
    doubt: str

    @property
    def seen(self) -> tuple[SettingTrend, ...]:
        """The settings whose trend is more than chance explains."""
        return tuple(one for one in self.trends if one.trend.seen)

    @property
    def unseen(self) -> tuple[SettingTrend, ...]:
        """The other ones."""
        return tuple(one for one in self.trends if not one.trend.seen)


def search(found: GroupRows, study: Study, started: Mapping[str, float], tools: Mapping[str, str]) -> Search | None:
    """The trends of a group; None where its settings do not vary together, or in too few configurations. `started` has the time at
    which a configuration ran first and `tools` what logged it, by id."""
    rows = list({row.member.id: row for row in found.rows if row.summary and study.metric in row.summary.means}.values())
    settings = [factor for factor in found.factors if factor != "name"]
    if len(rows) < FEWEST or not vary_together(rows, settings):
        return None
    scores = np.array([row.summary.means[study.metric].value for row in rows if row.summary])
    levels = [_levels(rows, factor) for factor in settings]
    made = trends(scores, levels, study.sign, np.random.default_rng(0))
    if made is None:
        return None
    each = [_named(settings[k], trend, rows) for k, trend in made.each.items()]
    ordered = sorted(each, key=lambda one: (not one.trend.seen, -one.trend.effect, one.setting))
    expected = {row.member.id: short(value) for row, value in zip(rows, made.fitted, strict=True)}
    along = {settings[k]: settings[other] for k, other in made.along.items()}
    doubt = _doubt(rows, levels, started, tools)
    return Search(tuple(ordered), along, expected, short(made.rest), short(made.share), made.together, doubt)


def vary_together(rows: Sequence[Row], settings: Sequence[str]) -> bool:
    """Whether several settings vary from one configuration to another: not one by one around a common one, and not as a grid, of
    whose cells half or more are there."""
    if len(settings) < 2 or is_full_grid(rows, settings):
        return False
    texts = [tuple(_text(row, factor) for factor in settings) for row in rows]
    columns = list(zip(*texts, strict=True))
    cells = 1
    for column in columns:
        cells = min(cells * len(set(column)), 2 * len(rows) + 1)
    usual = [max(sorted(set(column)), key=column.count) for column in map(list, columns)]
    moved = [sum(text != common for text, common in zip(own, usual, strict=True)) for own in texts]
    return cells > 2 * len(rows) and 2 * sum(count <= 1 for count in moved) < len(rows)


def _text(row: Row, factor: str) -> str:
    return level_text(row.member.levels[factor]) if _has(row, factor) else ""


def _has(row: Row, factor: str) -> bool:
    """Whether the configuration has a level of the setting that can change its result."""
    return factor in row.member.levels and acts(factor, row.member.config)


def _levels(rows: Sequence[Row], factor: str) -> Levels:
    """The levels of a setting: numbers, or the places of names in their order."""
    own = [row.member.levels[factor] if _has(row, factor) else None for row in rows]
    if all(level is None or is_finite(level) for level in own):
        return Levels(np.array([np.nan if level is None else float(str(level)) for level in own]), True)
    names = sorted({level_text(level) for level in own if level is not None})
    return Levels(np.array([np.nan if level is None else names.index(level_text(level)) for level in own]), False)


def _named(factor: str, trend: Trend, rows: Sequence[Row]) -> SettingTrend:
    """The trend with its levels as the logs write them."""
    own = [row.member.levels[factor] for row in rows if _has(row, factor)]
    if trend.kind == CATEGORICAL:
        names = sorted({level_text(level) for level in own})
        at: tuple[Value, ...] = tuple(names[int(place)] for place in trend.places)
        order = np.argsort(-trend.values if trend.upward else trend.values, kind="stable")
        return SettingTrend(factor, trend, at, tuple(at[k] for k in order if trend.best[k]), None, False, False)
    at = tuple(short(float(place)) for place in trend.places)
    best = trend.ends[trend.best]
    ends = (float(best.min()), float(best.max()))
    lowest, highest = bool(trend.best[0]), bool(trend.best[-1])
    return SettingTrend(
        factor, trend, at, tuple(a for a, is_best in zip(at, trend.best, strict=True) if is_best), ends, lowest, highest
    )


def _doubt(rows: Sequence[Row], levels: Sequence[Levels], started: Mapping[str, float], tools: Mapping[str, str]) -> str:
    """Why the trends are no tests, "" where they are."""
    if any(tools.get(row.member.id) in SAMPLERS for row in rows):
        return TOOL
    order: Array = np.array([started.get(row.member.id, np.nan) for row in rows], float)
    return ORDER if np.isfinite(order).all() and np.ptp(order) > 0 and drifted(order, levels) else ""
