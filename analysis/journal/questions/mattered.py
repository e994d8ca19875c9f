"""Findings in, which settings mattered out: those with a visible difference, those without, and what is no proven cause."""

from collections.abc import Sequence

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.findings.group import GroupFindings
from sweepbook.analysis.groups.effects import Effect
from sweepbook.analysis.journal import trends
from sweepbook.analysis.journal.factors import SMALLER, visible, widest
from sweepbook.analysis.journal.parted import parted
from sweepbook.analysis.journal.questions.answer import MATTERED, NAMED, Answer, trends_of

ENDS = "Each is counted from its worst level to its best."
ONE_RATE = "SB105"  # the check that levels were compared at one learning rate


def mattered(findings: Findings) -> Answer:
    """The factors by the range of their levels, those without a visible difference, and what is no proven cause."""
    known = [e for e in widest(findings) if e.range.low is not None]
    by_search = trends.searched(findings)
    if by_search and not known:
        return _by_trends(by_search[0], findings)
    if findings.noise is None or len(findings.ranking) < 2:
        return Answer(MATTERED, "Cannot tell yet.", (), (_EFFECTS,))
    seen = [e for e in known if visible(e, findings)]
    hidden = [e for e in known if e not in seen]
    if not known:
        says = "Cannot tell: no setting was varied alone, or in a full grid."
        return Answer(MATTERED, says, tuple(parted(findings)), (_EFFECTS,))
    why = [*([ENDS] if seen else []), *_after(seen, findings), *_hidden(hidden, findings)]
    why += [*parted(findings), *_unproven(seen, findings)]
    return Answer(MATTERED, _most(seen, findings) if seen else "No setting made a visible difference.", tuple(why), (_EFFECTS,))


def _by_trends(group: GroupFindings, findings: Findings) -> Answer:
    """The settings of a search by their trends."""
    assert group.search is not None
    found = group.search
    why = (*trends.after(found, findings), *trends.unseen(found, findings), trends.basis(found), *trends.doubts(found))
    return Answer(MATTERED, trends.answer(found, findings), why, (trends_of(group),))


_EFFECTS = ("every setting", "effects")


def _size(e: Effect, findings: Findings) -> str:
    """A factor with its range."""
    return f"{w.setting_name(e.factor)} ({w.size(findings.form(findings.study.metric), e.range.estimate)})"


def _without(e: Effect, findings: Findings) -> str:
    """The same, and what is left without its worst level, where that made most of it."""
    if e.without_worst is None or e.without_worst.estimate >= SMALLER * e.range.estimate:
        return _size(e, findings)
    left = w.bare_size(findings.form(findings.study.metric), e.without_worst.estimate)
    return f"{_size(e, findings).removesuffix(')')}; {left} without {e.worst})"


def _most(seen: Sequence[Effect], findings: Findings) -> str:
    """The factor that mattered most; those that may share its place."""
    first = [e for e in seen if e.rank == 1] or list(seen[:1])
    return f"Above all {w.listing([_without(e, findings) for e in first[:NAMED]])}."


def _after(seen: Sequence[Effect], findings: Findings) -> list[str]:
    """The other factors with a visible difference."""
    first = [e for e in seen if e.rank == 1] or list(seen[:1])
    rest = [e for e in seen if e not in first[:NAMED]]
    return [f"Then {w.listing([_size(e, findings) for e in rest])}."] if rest else []


def _hidden(hidden: Sequence[Effect], findings: Findings) -> list[str]:
    """The factors without a visible difference, and how much could hide there."""
    form = findings.form(findings.study.metric)
    known = [(w.setting_name(e.factor), e.range.high) for e in hidden if e.range.high is not None]
    if not known:
        return []
    least, most = (w.size(form, end(high for _, high in known)) for end in (min, max))
    most = most if least == most else f"{least.removesuffix(' points')} to {most}"
    return [f"No visible difference: {w.listing([name for name, _ in known])} (up to {most} could hide)."]


def _unproven(seen: Sequence[Effect], findings: Findings) -> list[str]:
    """The factors with which something else moved along, and those that were compared at one learning rate alone."""
    limits = [c for c in findings.checks if c.limits == "cause" and not c.silenced and not c.says and len(c.factors) == 1]
    along = {c.factors[0] for c in limits if c.code != ONE_RATE}
    moved = [w.setting_name(e.factor) for e in seen if e.factor in along]
    rate = {c.factors[0] for c in limits if c.code == ONE_RATE} - along
    alone = [w.setting_name(e.factor) for e in seen if e.factor in rate]
    it, cause = ("it", "is not the proven cause") if len(moved) == 1 else ("them", "are not proven causes")
    lines = [f"{w.capital(w.listing(moved))} {cause}: something else changed along with {it}."] if moved else []
    tried = f"{w.capital(w.listing(alone))} ran at one learning rate; another might suit a level better."
    return [*lines, *([tried] if alone else [])]
