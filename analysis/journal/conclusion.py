"""A group's findings in, the answer to its question out: one line, and what it does not show.

The line claims an order only where a tier carries it, and a direction only where steps or ranges do.
"""

from collections.abc import Iterable, Sequence

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.findings.group import GroupFindings
from sweepbook.analysis.groups.effects import Effect
from sweepbook.analysis.groups.summaries import Summary, numeric
from sweepbook.analysis.journal import history, trends
from sweepbook.analysis.journal.caveats import caveats
from sweepbook.analysis.journal.insights import LISTED, NAMED, could_hide, explored, farthest_behind
from sweepbook.analysis.journal.names import is_plural, more_of, names, single_factor, with_factor
from sweepbook.analysis.predictions.verdict import DECIDED, EMPTY, SAID, UNTOLD

NO_DIFFERENCE = "No visible difference"
FEW = 2  # labels that are named in the answer; a level is shorter
ROOM = 21  # words of expectations in a sentence


def conclusion(found: GroupFindings, findings: Findings) -> tuple[str, ...]:
    """The answer to the group's question, as far as the runs give one, then in a sentence each what it does not show."""
    none = _none(found, findings)
    if found.trials:
        return _searched(found, findings, none)
    if found.search and len(found.ranking) > 1:
        told = trends.lines(found.search, findings)
        best = none or w.capital(_best(found, findings))
        return (trends.answer(found.search, findings), *told, best, *([] if none else caveats(found, findings, differs=False)))
    if none:
        return (none,)
    answer = _one_factor(found, findings) if single_factor(found) else _several(found, findings)
    limits = caveats(found, findings, differs=not answer.startswith(NO_DIFFERENCE))
    return (*_with_claims(found, answer), *limits)


def _with_claims(found: GroupFindings, answer: str) -> tuple[str, ...]:
    """The answer, and what became of the expectations. This comes first where no setting has an effect of its own and one of them
    is settled: a list of configurations answers no question but which one is best. What is open is no answer, and comes last."""
    if single_factor(found) or any(effect.range.low for effect in found.effects):
        return (answer,)
    says: dict[str, list[str]] = {verdict: [] for verdict in (*DECIDED, UNTOLD, EMPTY)}
    for outcome in found.outcomes:
        says[outcome.verdict].append(outcome.prediction.says.rstrip("."))
    parts = [f"{w.capital(SAID[verdict])}: {_in_short(says[verdict])}." for verdict in DECIDED if says[verdict]]
    left = len(says[UNTOLD])
    if not parts:
        return (answer, *_all_open(left))
    return (" ".join([*parts, *([f"{w.count(left)} {'is' if left == 1 else 'are'} open."] if left else [])]), answer)


def _all_open(count: int) -> list[str]:
    """That every expectation of the group is open."""
    if count < 2:
        return ["The expectation is open."] * count
    return ["Both expectations are open." if count == 2 else f"All {w.count(count)} expectations are open."]


def _in_short(says: Sequence[str]) -> str:
    """Expectations in a row, as many as a sentence has room for, and how many more there are."""
    words = [len(one.split()) for one in says]
    count = max([place for place in range(1, len(says) + 1) if sum(words[:place]) <= ROOM], default=1)
    left = [f"and {w.count(len(says) - count)} more"] if count < len(says) else []
    return "; ".join([*says[:count], *left])


def _searched(found: GroupFindings, findings: Findings, none: str) -> tuple[str, ...]:
    """The answer of a search: which of the confirmed configurations is best; then how it went, and what its trials hint at."""
    best = history.answer(found, findings) or none or _best(found, findings)  # a trial's name stays as its log has it
    hints = [trends.answer(found.search, findings), *trends.lines(found.search, findings)] if found.search else []
    few = len(found.ranking) < 2 or none
    answers = (best,) if few else _with_claims(found, best)
    return (*answers, *history.lines(found, findings), *hints, *([] if few else caveats(found, findings, differs=False)))


def _none(found: GroupFindings, findings: Findings) -> str:
    """Why there is no answer; "" where there is one."""
    metric, ranked = findings.study.metric, found.ranking
    if not found.rows:
        return "No configuration belongs to this group."
    if not ranked:
        return f"No answer yet: no run has finished with a {w.metric_name(metric)}."
    score = w.score(findings.form(metric), ranked[0].means[metric].value)
    if len(ranked) == 1:
        return f"Only {found.labels[ranked[0].id]} has finished, with {score}: there is nothing to compare it with."
    if findings.noise is None:
        why = "every seed scored the same" if any(s.n > 1 for s in findings.ranking) else "no configuration was run twice"
        return f"Cannot tell yet which is best: {why}, so the noise is not known."
    return ""


def _one_factor(found: GroupFindings, findings: Findings) -> str:
    """The answer where one factor varies."""
    factor = w.setting_name(found.factors[0])
    effect = found.effects[0] if found.effects else None
    if len(found.first) == len(found.ranking) and not (effect and effect.range.low):
        short = names(found)
        called = [short[s.id] for s in _planned(found, found.ranking)]
        return _no_difference(found, findings, f"between {factor} {w.listing(called)}", f"between the {{}} levels of {factor}")
    helps = _helps([effect] if effect else [], findings)
    return f"{helps}: {_best(found, findings)}" if helps else w.capital(_best(found, findings, factor))


def _several(found: GroupFindings, findings: Findings) -> str:
    """The answer where several settings vary."""
    seen = [e for e in found.effects if e.range.low]
    if len(found.first) == len(found.ranking) and not seen:
        called = [found.labels[s.id] for s in _planned(found, found.ranking)]
        return _no_difference(found, findings, f"between {w.listing(called)}", "between the {} configurations")
    way = {e.factor: _direction(e, findings) for e in seen}
    lead = [_helps([e for e in seen if way[e.factor]], findings)]
    plain = [w.setting_name(e.factor) for e in seen if not way[e.factor]]
    if plain:
        lead.append(f"{w.listing(plain)} {'matter' if len(plain) > 1 or is_plural(plain[0]) else 'matters'}")
    unseen = [w.setting_name(e.factor) for e in found.effects if e not in seen]
    if unseen:
        lead.append(f"no visible difference by {w.listing(unseen)}")
    head = w.capital("; ".join(filter(None, lead)))
    return f"{head}. {_best(found, findings)}" if head else _best(found, findings)


def _no_difference(found: GroupFindings, findings: Findings, few: str, many: str) -> str:
    """That no difference is to be seen, and how large a one could hide."""
    between = few if len(found.ranking) <= LISTED else many.format(w.count(len(found.ranking)))
    ranges = [e.range.high for e in found.effects if e.range.high is not None]
    most = max(ranges) if ranges else farthest_behind(found, findings, found.ranking[1:])
    return f"{NO_DIFFERENCE} {between}: {could_hide(most, findings)}."


def _helps(effects: Sequence[Effect], findings: Findings) -> str:
    """That more of these factors helps, or less; "" of those whose steps show no one way."""
    ways = {e.factor: way for e in effects if (way := _direction(e, findings))}
    if not ways:
        return ""
    some = [more_of(w.setting_name(factor), way) for factor, way in ways.items()]
    plural = len(some) > 1 or is_plural(w.setting_name(next(iter(ways))))
    return w.capital(f"{w.listing(some)} {'help' if plural else 'helps'}")


def _direction(effect: Effect, findings: Findings) -> int:
    """1 where the best level is the highest and every visible step up is for the better, -1 the other way round, else 0."""
    made = [explored(step, findings) for step in effect.steps]
    ways = {findings.study.sign * step.estimate > 0 for step in made if step.told}
    if ways == {True} and effect.best == effect.levels[-1].text:
        return 1
    return -1 if ways == {False} and effect.best == effect.levels[0].text else 0


def _best(found: GroupFindings, findings: Findings, factor: str = "") -> str:
    """Which one is best, how far ahead of the next it is, or which others could be as good. `factor` is named where nothing before
    does it: "batch size 8 is best", "3 epochs are best"."""
    short, metric = names(found), findings.study.metric
    first, top = found.first, found.first[0].means[metric].value
    tied = [short[s.id] for s in _planned(found, first) if s.means[metric].value == top]
    others = [short[s.id] for s in _planned(found, first) if s.means[metric].value != top]
    who = with_factor(found, _few(tied)) if factor else _few(tied)
    are = "are" if len(tied) > 1 or (factor and who.endswith(factor)) else "is"
    score = w.score(findings.form(metric), top) + " each" * (len(tied) > 1)
    of = " of those that are ranked" if found.ranking[0].id in found.unranked else ""
    if len(first) == 1:
        return f"{who} {are} best{of}, {score}{_ahead(found, findings)}."
    return f"{who} {are} best so far{of}, {score}{_as_good(found, tied, others)}."


def _ahead(found: GroupFindings, findings: Findings) -> str:
    """How far the best is ahead of the next one."""
    best, metric = found.first[0], findings.study.metric
    rest = [s for s in found.ranking if s.id not in found.unranked and s is not best]
    if not rest:
        return ""
    ahead = findings.study.sign * (best.means[metric].value - rest[0].means[metric].value)
    return f", {w.size(findings.form(metric), ahead)} ahead of {names(found)[rest[0].id]}"


def _as_good(found: GroupFindings, tied: Sequence[str], others: Sequence[str]) -> str:
    """Which others could be as good as the best, and that the rest is worse."""
    if not others:
        return _behind(found)
    rest = len(found.ranking) - len(found.unranked) - len(tied)
    if len(others) == rest > 1:
        return f"; any of the other {w.count(rest)} could be as good"
    if len(others) > (NAMED if single_factor(found) else FEW):
        return f"; {w.count(len(others))} of the other {w.count(rest)} could be as good"
    return f"; {w.listing(list(others))} could be as good{_behind(found)}"


def _behind(found: GroupFindings) -> str:
    """That the others are worse, of whom a tier tells it."""
    worse = [names(found)[s.id] for s in _planned(found, found.ranking) if found.tiers[s.id] > 1]
    if len(worse) > 2:
        return f", the other {w.count(len(worse))} are worse"
    return f", {w.listing(worse)} {'is' if len(worse) == 1 else 'are'} worse" if worse else ""


def _planned(found: GroupFindings, some: Iterable[Summary]) -> list[Summary]:
    """Configurations in the plan's order; numbers ascend."""
    chosen, factor = {s.id for s in some}, single_factor(found)
    rows = [row for row in found.rows if row.summary]
    if factor and numeric(rows, factor):
        rows.sort(key=lambda row: float(str(row.member.levels[factor])))
    return list({row.summary.id: row.summary for row in rows if row.summary and row.summary.id in chosen}.values())


def _few(called: Sequence[str]) -> str:
    return w.listing(list(called)) if len(called) <= NAMED else w.plural(len(called), "configuration")
