"""A group's findings in, what its runs leave open out, and what would settle it."""

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.findings.group import GroupFindings
from sweepbook.analysis.groups.ends import end
from sweepbook.analysis.journal import trends
from sweepbook.analysis.journal.names import more_of, names, with_factor
from sweepbook.analysis.journal.scatter import remedy
from sweepbook.analysis.predictions.pairs import asked
from sweepbook.analysis.predictions.reading import pair
from sweepbook.runner.values import level_text


def next_steps(found: GroupFindings, findings: Findings) -> tuple[str, ...]:
    """What would answer the group's question further, a sentence each."""
    edges = trends.further(found.search) if found.search else _edge(found, findings.study.metric)
    lines = [*edges, *_missing(found, findings.study.metric)]
    if len(found.ranking) > 1 and findings.noise is not None:
        lines += _more_seeds(found, findings)
    elif len(found.ranking) > 1:
        lines.append(remedy(findings))
    return tuple(lines)


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
    if not needed:
        return [f"More seeds will hardly settle {who}: choose by what they cost."]
    more = w.more_seeds(max(1, needed - min(best.n, second.n)))
    return [f"{more} would settle {who}, more if the true difference is smaller."]


def _edge(found: GroupFindings, metric: str) -> list[str]:
    """The ordered factors whose best mean is at an end of what was tested; none where no difference is to be seen."""
    all_alike = len(found.first) == len(found.ranking) and not any(effect.range.low for effect in found.effects)
    if all_alike or len({s.means[metric].value for s in found.ranking}) < 2:
        return []
    best = [s.id for s in found.ranking if s.means[metric].value == found.ranking[0].means[metric].value]
    tested, lines = found.tested, []
    for factor in found.factors:
        at = end(tested, factor, best)
        if at is not None:
            more, side = more_of(w.setting_name(factor), -1 if at.lowest else 1), "smallest" if at.lowest else "largest"
            lines.append(f"Try {more} than {level_text(at.level)}: the best mean is at the {side} tested.")
    return lines


def _missing(found: GroupFindings, metric: str) -> list[str]:
    """The configurations that have nothing to compare. A group with `where` takes finished runs alone: theirs lack the metric."""
    lacking = [row.member.label for row in found.rows if row.summary is None]
    if not lacking:
        return []
    why = "without a finished run" if found.group.where is None else f"whose runs finished without {w.metric_name(metric)}"
    return [f"{w.plural(len(lacking), 'configuration')} {why}: {w.first_to_last(lacking)}."]
