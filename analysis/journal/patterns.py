"""A group that is a grid in, the patterns that its additive fit and its tests show out, a sentence each.

No expectation asked for them. A level that is low wherever it stands goes by the intervals of all pairs of levels at once (95%),
that two factors act together by the smaller of two p, counted twice.
"""

import numpy as np
from sweepbook.analysis import words as w
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.findings.group import GroupFindings
from sweepbook.analysis.groups.effects import Effect, Grid, matters_more
from sweepbook.analysis.journal.names import is_plural
from sweepbook.analysis.stats.contrasts import Difference
from sweepbook.analysis.stats.ranges import from_the_rest
from sweepbook.analysis.stats.several import holm
from sweepbook.runner.values import level_text

UNLIKELY = 0.05  # a p below which a test speaks
ENOUGH = 3  # levels: of two, each is the rest of the other


def patterns(found: GroupFindings, findings: Findings) -> tuple[str, ...]:
    """What goes for whole rows and columns, which factor matters more, and whether the factors act together."""
    if findings.noise is None or len(found.factors) < 2 or not found.effects:
        return ()
    lines = [_wherever(effect, found, findings) for effect in found.effects]
    return tuple(filter(None, [*lines, _more(found), _together(found, findings)]))


def _wherever(effect: Effect, found: GroupFindings, findings: Findings) -> str:
    """The level that lies furthest from the others, where it is told to; "" of a factor without one."""
    metric, sign = findings.study.metric, findings.study.sign
    if len(effect.levels) < ENOUGH:
        return ""
    apart = from_the_rest([level.means(metric) for level in effect.levels])
    place = max(range(len(apart)), key=lambda one: abs(apart[one].estimate))
    if not apart[place].told:
        return ""
    form, worse = findings.form(metric), sign * apart[place].estimate < 0
    size = w.extent(form, _unsigned(apart[place]))
    who = f"{_name(effect, place)} is {size} {'worse' if worse else 'better'} than the other levels on average"
    rest = w.listing([w.setting_name(factor) for factor in found.factors if factor != effect.factor])
    if not _everywhere(effect, place, found, findings, worse):
        return f"{who}, at most levels of the {rest}."
    return f"{who}, whatever the {rest}." if _alone(found) else f"{who}."


def _alone(found: GroupFindings) -> bool:
    """Whether a level may be said to act alike whatever the other factors are: these vary, and no two are seen to act together."""
    seen = {factor: {level_text(row.member.levels[factor]) for row in found.rows if row.summary} for factor in found.factors}
    return all(len(own) > 1 for own in seen.values()) and not (found.grid and acts_together(found.grid)[0])


def _name(effect: Effect, place: int) -> str:
    """A level of a factor at the head of a sentence."""
    return f"{w.capital(w.setting_name(effect.factor))} {effect.levels[place].text}"


def _unsigned(made: Difference) -> Difference:
    """The size of a difference that leaves out zero."""
    low, high = sorted((abs(made.low or 0.0), abs(made.high or 0.0)))
    return Difference(abs(made.estimate), low, high)


def _everywhere(effect: Effect, place: int, found: GroupFindings, findings: Findings, worse: bool) -> bool:
    """Whether, whatever the levels of the other factors, the level is worse (or better) than the average of the others."""
    metric, sign = findings.study.metric, findings.study.sign
    lines: dict[tuple[str, ...], dict[str, float]] = {}
    for row in found.rows:
        rest = tuple(level_text(row.member.levels[f]) for f in found.factors if f != effect.factor)
        if row.summary:
            own = sign * row.summary.means[metric].value
            lines.setdefault(rest, {})[level_text(row.member.levels[effect.factor])] = own
    text = effect.levels[place].text
    for line in lines.values():
        others = [value for level, value in line.items() if level != text]
        if (line[text] < sum(others) / len(others)) != worse:
            return False
    return True


def _more(found: GroupFindings) -> str:
    """Which of the two widest factors matters more over the levels tested; "" where that is open."""
    if len(found.effects) < 2 or not matters_more(*found.effects[:2]):
        return ""
    first, second = (w.setting_name(effect.factor) for effect in found.effects[:2])
    return f"Over the levels tested, the choice of {first} matters more than that of {second}."


def acts_together(grid: Grid) -> tuple[bool, bool]:
    """Whether a test tells that the factors act together, and whether Tukey's of their product does."""
    tests = [test for test in (grid.interaction, grid.tukey) if test]
    ps = holm([test.p for test in tests])
    told = {id(test): p < UNLIKELY for test, p in zip(tests, ps, strict=True)}
    return any(told.values()), told.get(id(grid.tukey), False)


def _together(found: GroupFindings, findings: Findings) -> str:
    """That two factors act together and where the second brings most; "" where that is not told."""
    if found.grid is None or not acts_together(found.grid)[0]:
        return ""
    first, second = (w.setting_name(factor) for factor in found.grid.factors)
    gains = _gains(found, found.grid, findings) if acts_together(found.grid)[1] else None
    if gains is None:
        return f"What {first} bring{'' if is_plural(first) else 's'} depends on {second}, without one simple pattern."
    (most, there), (least, here), ends = gains
    form = findings.form(findings.study.metric)
    lead = f"The choice of {second} matters most at {first} {most}"
    return f"{lead}: {ends[0]} to {ends[1]} brings {_bare(w.difference(form, there))} there, {w.difference(form, here)} at {least}."


def _bare(text: str) -> str:
    return text.removesuffix(" points")


def _gains(
    found: GroupFindings, grid: Grid, findings: Findings
) -> tuple[tuple[str, float], tuple[str, float], tuple[str, str]] | None:
    """At the worst and the best level of the first factor, that where the second brings more coming first: the level, and what its
    worst to its best level brings there. None where these cells do not show what the test tells."""
    effects = {effect.factor: effect for effect in found.effects}
    if set(effects) != set(grid.factors):
        return None
    one, other = (effects[factor] for factor in grid.factors)
    table = grid.fit.mean + grid.fit.rows[:, None] + grid.fit.columns + grid.fit.residuals
    column = {text: place for place, text in enumerate(grid.levels[1])}
    gain = {
        text: float(table[grid.levels[0].index(text), column[other.best]] - table[grid.levels[0].index(text), column[other.worst]])
        for text in (one.worst, one.best)
    }
    product = np.outer(grid.fit.rows, grid.fit.columns)
    grows = float((grid.fit.residuals * product).sum()) * findings.study.sign > 0
    sizes = {text: findings.study.sign * value for text, value in gain.items()}
    most, least = (one.best, one.worst) if grows else (one.worst, one.best)
    if sizes[most] <= sizes[least]:
        return None
    return (most, gain[most]), (least, gain[least]), (other.worst, other.best)
