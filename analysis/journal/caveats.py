"""A group's findings in, what the answer to its question does not show out, a sentence each."""

from collections.abc import Iterable

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.findings.group import GroupFindings
from sweepbook.analysis.journal.insights import explored
from sweepbook.analysis.journal.names import is_plural, names, single_factor
from sweepbook.analysis.journal.sentences import not_ranked
from sweepbook.analysis.predictions.outcome import Outcome
from sweepbook.analysis.predictions.verdict import CONFIRMED, DECIDED
from sweepbook.runner.prediction import Better


def caveats(found: GroupFindings, findings: Findings, differs: bool) -> list[str]:
    """What the answer leaves open; where none `differs` visibly, nothing is said of a cause."""
    lines = [*_alone(found, findings), *not_ranked(found, findings, found.labels), *_cheaper(found, findings)]
    return lines + (_cause(found, findings) if differs else [])


def _alone(found: GroupFindings, findings: Findings) -> list[str]:
    """That two are told to differ when they alone are compared, where among all of the group they are not."""
    first = {s.id for s in found.first}
    pairs = [(a, b, size) for a, b, size in _pairs(found, findings) if a in first and b in first]
    if not pairs:
        return []
    short = names(found)
    ahead = [pair for pair in pairs if pair[0] == found.first[0].id] or pairs
    worse = dict.fromkeys(short[b] for a, b, _ in ahead if a == ahead[0][0])
    by = f" by {w.size(findings.form(findings.study.metric), ahead[0][2])}" if len(worse) == 1 else ""
    lead = f"Compared alone, {short[ahead[0][0]]} is better than {w.listing(list(worse))}{by}"
    by_all = "by the stricter test of a ranking" if len(found.ranking) == 2 else f"among all {w.count(len(found.ranking))} at once"
    return [f"{lead}; {by_all} that may be chance."]


def _pairs(found: GroupFindings, findings: Findings) -> Iterable[tuple[str, str, float]]:
    """Two configurations, the better one first, that a step between neighbouring levels or an expectation tells apart."""
    sign = findings.study.sign
    for effect in found.effects if single_factor(found) else ():
        ids = {level.text: level.summaries[0].id for level in effect.levels}
        for step in effect.steps:
            made = explored(step, findings)
            if made.told:
                ends = ids[step.second], ids[step.first]
                yield (*(ends if sign * made.estimate > 0 else ends[::-1]), abs(made.estimate))
    for outcome in found.outcomes:
        if outcome.metric == findings.study.metric:
            yield from _decided(outcome)


def _decided(outcome: Outcome) -> Iterable[tuple[str, str, float]]:
    """The two configurations of an expectation that one beats the other, the better one first."""
    sides = [part.behind for part in outcome.parts]
    if not isinstance(outcome.prediction, Better) or outcome.prediction.by or outcome.verdict not in DECIDED:
        return
    if [len(side) for side in sides] == [1, 1]:
        ends = (sides[0][0].id, sides[1][0].id)
        yield (*(ends if outcome.verdict == CONFIRMED else ends[::-1]), abs(outcome.estimate or 0.0))


def _cheaper(found: GroupFindings, findings: Findings) -> list[str]:
    """Which one costs less and scores nearly as much, where it is not the best mean itself."""
    choice = found.choice
    if choice is None or choice.recommended is choice.best or len(found.first) < 2:
        return []
    own, best = choice.recommended, choice.best
    size = w.size(findings.form(findings.study.metric), choice.gives_away)
    away = f"{size} worse" if choice.gives_away else "with the same mean"
    less = ""
    if own.parameters and best.parameters and own.parameters < best.parameters:
        less = f", with {w.count(own.parameters)} parameters instead of {w.count(best.parameters)}"
    return [f"In this group {names(found)[own.id]} is the cheapest near the best: {away}{less}."]


def _cause(found: GroupFindings, findings: Findings) -> list[str]:
    """That a setting is not shown to be the cause, where a check has another that may be."""
    own = [c for c in findings.checks if c.group == found.group.name and c.limits == "cause" and not c.says and not c.silenced]
    for check in own:
        if check.doubt and len(check.factors) < 2:
            factors = check.factors or (found.factors if len(found.factors) == 1 else ())
            name = w.setting_name(factors[0]) if factors else ""
            what = "any one setting is" if not name else f"{name} are" if is_plural(name) else f"the {name} is"
            return [f"This does not say that {what} the cause: {check.doubt}."]
    return []
