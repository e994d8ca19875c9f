"""The trends of a search in, what is said of them out: which settings matter, by how much, and where the best lies."""

from collections.abc import Sequence

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.findings.group import GroupFindings
from sweepbook.analysis.groups.summaries import Summary
from sweepbook.analysis.groups.trends import ORDER, TOOL, Search, SettingTrend
from sweepbook.analysis.page.table import Column, Line, Table, cells
from sweepbook.analysis.stats.columns import ORDERED
from sweepbook.analysis.stats.contrasts import Difference
from sweepbook.runner.values import level_text

NAMED = 3  # settings that the answer names
SHOWN = 8  # settings without a visible trend that are named
DIGITS = 3  # of the end of a region
COLUMNS = {
    "setting": Column("setting", False),
    "best": Column("best region", False),
    "effect": Column("difference"),
    "interval": Column("95% interval, over all settings"),
    "p": Column("p"),
    "runs": Column("configurations", folds=1),
}
END = "an end of what was tried"


def searched(findings: Findings) -> list[GroupFindings]:
    """The groups with trends, that of the most configurations first."""
    return sorted((g for g in findings.groups if g.search), key=lambda g: -len(g.ranking))


def answer(found: Search, findings: Findings) -> str:
    """Which settings matter, the widest trend first."""
    seen = found.seen
    if not seen:
        return f"No setting shows a trend{_could_hide(found.unseen, findings)}."
    return f"Above all {w.listing([_size(one, findings) for one in seen[:NAMED]])}, on average."


def after(found: Search, findings: Findings) -> list[str]:
    """The other settings with a visible trend."""
    rest = [_size(one, findings) for one in found.seen[NAMED:]]
    more = [f"{w.count(len(rest) - SHOWN)} more"] if len(rest) > SHOWN else []
    return [f"Then {w.listing([*rest[:SHOWN], *more])}."] if rest else []


def told(findings: Findings) -> GroupFindings | None:
    """The group whose trends say where to look for the best; None where no setting shows a trend with a region."""
    groups = (g for g in searched(findings) if g.search and any(not one.everywhere for one in g.search.seen))
    return next(groups, None)


def use(found: Search) -> str:
    """The levels to take."""
    return f"Take {w.listing(_regions(found, ends=False))}."


def repeat(group: GroupFindings, best: Summary, findings: Findings) -> list[str]:
    """Where a repeat of the best run lands: at the trends' score if its lead is all luck, at its own if it is none."""
    form, sign = findings.form(findings.study.metric), findings.study.sign
    score = best.means[form.metric].value
    if group.search is None or best.id not in group.search.expected:
        return []
    expected = group.search.expected[best.id]
    if sign * (score - expected) <= 0 or w.score(form, score) == w.score(form, expected):
        return []
    low, high = (w.score(form, end) for end in sorted((score, expected)))
    return [f"Expect {low.removesuffix('%')} to {high} from a repeat: the best of many single runs is partly luck."]


def at_most(findings: Findings) -> list[str]:
    """How large the noise is at the most, where nothing was repeated: what the trends leave over."""
    groups = [g.search for g in searched(findings) if g.search and g.search.together]
    if not groups or any(s.n > 1 for s in findings.ranking):
        return []
    return [f"It is about ± {w.size(findings.form(findings.study.metric), groups[0].rest)} at most: what the trends leave over."]


def lines(found: Search, findings: Findings) -> list[str]:
    """Where the best lies, what shows no trend, and what the trends are and are not."""
    return [*after(found, findings), *regions(found), *unseen(found, findings), basis(found), *doubts(found)]


def regions(found: Search) -> list[str]:
    """Where the best levels lie of the settings that matter most."""
    named = _regions(found, ends=True)
    return [f"The best lies at {w.listing(named)}."] if named else []


def _regions(found: Search, ends: bool) -> list[str]:
    """The settings that matter most with where their best level lies, and whether that is an end of what was tried."""
    some = [one for one in found.seen if not one.everywhere][:NAMED]
    return [f"{w.setting_name(one.setting)} {region(one)}{_at_end(one) * ends}" for one in some]


def basis(found: Search) -> str:
    """What a trend is an average of."""
    if found.together:
        return "The settings varied together: each trend is an average over the others, and no proof of a cause."
    return "Too few configurations to tell the settings apart: each is looked at alone, with what went along in it."


def unseen(found: Search, findings: Findings) -> list[str]:
    """The settings without a visible trend, in one line."""
    if not found.seen or not found.unseen:
        return []
    names = [w.setting_name(one.setting) for one in found.unseen]
    more = [f"{w.count(len(names) - SHOWN)} more"] if len(names) > SHOWN else []
    return [f"No visible trend: {w.listing([*names[:SHOWN], *more])}{_could_hide(found.unseen, findings)}."]


def _could_hide(some: Sequence[SettingTrend], findings: Findings) -> str:
    """How large a trend could be there unseen."""
    form = findings.form(findings.study.metric)
    return f" (up to {w.size(form, max(one.trend.high for one in some))} could hide)" if some else ""


def doubts(found: Search) -> list[str]:
    """Why the trends are no tests, and which settings nothing tells apart."""
    lines = {
        TOOL: ["A sampler chose levels by the scores so far: take the trends as hints, not as tests."],
        ORDER: ["Levels drifted with the order of the runs: take the trends as hints, not as tests."],
    }.get(found.doubt, [])
    pairs = [f"{w.setting_name(a)} with {w.setting_name(b)}" for a, b in found.along.items()]
    more = f" and {w.count(len(pairs) - NAMED)} more" if len(pairs) > NAMED else ""
    return lines + ([f"Moved together, so nothing tells them apart: {', '.join(pairs[:NAMED])}{more}."] if pairs else [])


def _size(one: SettingTrend, findings: Findings) -> str:
    """A setting with how far its levels lie apart on average."""
    return f"{w.setting_name(one.setting)} ({w.size(findings.form(findings.study.metric), one.trend.effect)})"


def region(one: SettingTrend) -> str:
    """Where the best level lies: "0.0008 to 0.004", "16 to 32", "adam or sgd"."""
    if one.everywhere:
        return "anywhere"
    if one.ends is None:
        names = [level_text(level) for level in one.best]
        return " or ".join(names) if len(names) <= NAMED else f"one of {w.count(len(names))} of {w.count(len(one.at))}"
    low, high = (level_text(end) if one.trend.kind == ORDERED else _end(end) for end in one.ends)
    return low if low == high else f"{low} to {high}"


def _end(level: float) -> str:
    """The end of a region, with the digits that tell it."""
    return w.count(int(level)) if level == int(level) and abs(level) < 1e6 else w.plain(float(f"{level:.{DIGITS}g}"))


def _at_end(one: SettingTrend) -> str:
    return f" ({END})" if one.lowest != one.highest else ""


def further(found: Search) -> list[str]:
    """The settings whose best lies at one end of what was tried."""
    lines = []
    for one in found.seen:
        if one.ends and one.lowest != one.highest:
            side, end = ("below", one.ends[0]) if one.lowest else ("above", one.ends[1])
            lines.append(f"Try {w.setting_name(one.setting)} {side} {_end(end)}: the best region ends where nothing was tried.")
    return lines[:NAMED]


def table(found: Search | None, findings: Findings) -> Table:
    """A row a setting, those with a visible trend first; no row without a search.

    The columns go by the names setting, best, effect, interval, p and runs.
    """
    form = findings.form(findings.study.metric)
    rows = []
    for one in found.trends if found else ():
        trend = one.trend
        width = Difference(trend.effect, trend.low, trend.high)
        texts = {
            "setting": w.setting_name(one.setting),
            "best": region(one) + _at_end(one) if trend.seen else "no visible trend",
            "effect": w.size(form, trend.effect),
            "interval": w.extent(form, width).partition("(")[2].removesuffix(")"),
            "p": w.probability(trend.p),
            "runs": w.count(trend.runs),
        }
        rows.append(Line(cells(COLUMNS, texts)))
    return Table(tuple(COLUMNS.values()), tuple(rows))
