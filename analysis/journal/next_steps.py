"""A group's findings in, what its runs leave open out, and what would settle it."""

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.diagnoses import RISING
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.findings.group import GroupFindings
from sweepbook.analysis.groups.ends import End, end
from sweepbook.analysis.groups.summaries import Summary
from sweepbook.analysis.journal import trends
from sweepbook.analysis.journal.insights import explored
from sweepbook.analysis.journal.names import more_of, names, with_factor
from sweepbook.analysis.journal.scatter import remedy
from sweepbook.analysis.journal.stood_out import OVERFITTED, STATES, UNSTABLE, events
from sweepbook.analysis.predictions.pairs import asked
from sweepbook.analysis.predictions.reading import pair
from sweepbook.runner.values import level_text

# What is said of one that had no trouble, beside another to which this happened.
BETTER = {UNSTABLE: "was steadier", STATES[RISING]: "was steadier", OVERFITTED: "did not overfit"}
CHEAPER = 0.95  # times another's cost: what saves less is no reason to choose


def next_steps(found: GroupFindings, findings: Findings) -> tuple[str, ...]:
    """What would answer the group's question further, a sentence each."""
    edges = trends.further(found.search) if found.search else _edge(found, findings)
    lines = [*edges, *_missing(found, findings.study.metric)]
    if len(found.ranking) > 1 and findings.noise is not None:
        lines += [] if _planned_first(found, findings) else _more_seeds(found, findings)
    elif len(found.ranking) > 1:
        lines.append(remedy(findings))
    return tuple(lines)


def _planned_first(found: GroupFindings, findings: Findings) -> bool:
    """Whether planned runs of the group have not finished: no more seeds are advised before."""
    return any(row.member.id in findings.short for row in found.rows)


def _more_seeds(found: GroupFindings, findings: Findings) -> list[str]:
    """The seeds that would settle which of the two best means is better, where that is open."""
    metric = findings.study.metric
    places = [place for place, s in enumerate(found.ranking) if s.id not in found.unranked][:2]
    if len(places) < 2:
        return []
    apart = pair([s.means[metric] for s in found.ranking], *places)
    if apart.low is None or apart.high is None or not apart.low <= 0 <= apart.high:
        return []
    best, second = (found.ranking[place] for place in places)
    short = names(found)
    who = with_factor(found, f"{short[best.id]} against {short[second.id]}")
    outcome = asked(findings.outcomes, metric, (best.id, second.id))  # one pair, one number on a page
    needed = outcome.seeds_needed if outcome else apart.seeds
    more = max(1, needed - min(best.n, second.n)) if needed else None
    if w.out_of_reach(more):
        why = _cheaper(found, best, second) or _steadier(found, findings, best, second)
        return [f"More seeds will hardly settle {who}{f': {why}' if why else ''}."]
    return [f"{w.more_seeds(more)} would settle {who}, more if the true difference is smaller."]


def _cheaper(found: GroupFindings, best: Summary, second: Summary) -> str:
    """Which of two that are as good costs less; "" for neither. Time has no say, for it hangs on what else the machine did, and on
    whether runs were trained in one program."""
    short = names(found)
    for one, other in ((best, second), (second, best)):
        counts = ((one.parameters, other.parameters, "parameters"), (one.examples_seen, other.examples_seen, "examples"))
        for own, more, what in counts:
            if own and more and own < CHEAPER * more:
                return f"{short[one.id]} costs less, {100 * own / more:.0f}% of the {what}"
    return ""


def _steadier(found: GroupFindings, findings: Findings, best: Summary, second: Summary) -> str:
    """Which of two that are as good trained without trouble; that either will do where both did, "" where neither."""
    short = names(found)
    troubled = {event.summary.id: event.what for event in events(findings, (best, second))}
    if not troubled:
        return "either will do"
    for one, other in ((best, second), (second, best)):
        if one.id not in troubled and troubled[other.id] in BETTER:
            return f"{short[one.id]} {BETTER[troubled[other.id]]}"
    return ""


def _edge(found: GroupFindings, findings: Findings) -> list[str]:
    """The ordered factors whose best mean is at an end of what was tested, and where the last step there still gained something;
    none where no difference is to be seen."""
    metric = findings.study.metric
    all_alike = len(found.first) == len(found.ranking) and not any(effect.range.low for effect in found.effects)
    if all_alike or len({s.means[metric].value for s in found.ranking}) < 2:
        return []
    best = [s.id for s in found.ranking if s.means[metric].value == found.ranking[0].means[metric].value]
    tested, lines = found.tested, []
    for factor in found.factors:
        at = end(tested, factor, best)
        if at is not None and _gains(found, findings, factor, at):
            more, side = more_of(w.setting_name(factor), -1 if at.lowest else 1), "smallest" if at.lowest else "largest"
            lines.append(f"Try {more} than {level_text(at.level)}: the best mean is at the {side} tested.")
    return lines


def _gains(found: GroupFindings, findings: Findings, factor: str, at: End) -> bool:
    """Whether the step to the end is seen to be for the better; where no step of the factor is known, whether all that could be the
    best lie there. Of unknown noise everything may be."""
    if findings.noise is None:
        return True
    steps = next((effect.steps for effect in found.effects if effect.factor == factor), ())
    if not steps:
        return end(found.tested, factor, [s.id for s in found.first]) is not None
    last = explored(steps[0 if at.lowest else -1], findings)
    upward = findings.study.sign * last.estimate > 0
    return last.told and upward is not at.lowest


def _missing(found: GroupFindings, metric: str) -> list[str]:
    """The configurations that have nothing to compare. A group with `where` takes finished runs alone: theirs lack the metric."""
    lacking = [row.member.label for row in found.rows if row.summary is None]
    if not lacking:
        return []
    why = "without a finished run" if found.group.where is None else f"whose runs finished without {w.metric_name(metric)}"
    return [f"{w.plural(len(lacking), 'configuration')} {why}: {w.first_to_last(lacking)}."]
