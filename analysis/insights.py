"""A group's findings in, what the runs carry out: insights, a conclusion and next steps, as sentences.

A sentence claims an order only where the interval of the difference leaves out zero. Differences listed together share one
confidence of 95%.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from analysis import wording as w
from analysis.effects import Effect, Step, cheapest, effect, levels, near_best, range_difference, step, steps, untold_from_best
from analysis.findings import Findings, GroupFindings, Summary, numeric
from analysis.stats import Difference, Noise, contrast
from runner.study import Study

LISTED = 8  # differences from the best that are listed one by one


@dataclass(frozen=True)
class Insight:
    """A sentence, and whether the runs carry what it tells: "up" or "down" for a difference that they do, "open" for one
    that they do not, "" where the sentence compares nothing."""

    verdict: str
    text: str


def insights(found: GroupFindings, ranked: Sequence[Summary], findings: Findings) -> tuple[Insight, ...]:
    """What the levels did, one insight a difference, and which of a grid's factors did more."""
    if len(ranked) < 2:
        return ()
    if findings.noise is None:
        return (Insight("open", "No configuration was run twice, so no difference here can be told from noise."),)
    study = findings.study
    if made := steps(found, study.metric, findings.noise):
        factor = w.setting_name(found.factors[0])
        return (
            *(_told(f"{factor} {s.first} to {s.second}", s.difference, study.metric) for s in made),
            _more(made, factor, study),
        )
    known = [e for e in (effect(found, factor, study, findings.noise) for factor in found.factors) if e]
    if len(found.factors) > 1 and known:
        return (*(_range(e, found, findings) for e in known), *_matters_more(known, findings))
    return _against_best(found, ranked, findings)


def _told(what: str, difference: Difference, metric: str) -> Insight:
    size = w.change(metric, difference)
    if not difference.told:
        return Insight("open", f"{what}: {size}, not told from none.")
    return Insight("up" if difference.estimate > 0 else "down", f"{what}: {size}.")


def _more(made: Sequence[Step], factor: str, study: Study) -> Insight:
    """Whether more of the factor still helps at the end of what was tested."""
    sign, last = 1 if study.goal == "maximize" else -1, made[-1]
    if last.difference.told:
        helps = "still helped" if sign * last.difference.estimate > 0 else "hurt"
        return Insight("", f"More {helps} at the upper end: the last step, to {last.second}, is told from none.")
    gains = [s for s in made if s.difference.told and sign * s.difference.estimate > 0]
    if gains:
        return Insight("", f"The last step up that these runs carry is to {factor} {gains[-1].second}; what more brings is open.")
    return Insight("", f"No step up in {factor} is told from none.")


def _range(e: Effect, found: GroupFindings, findings: Findings) -> Insight:
    """What a grid's factor did from its worst level to its best, and from each level to the next."""
    factor, metric = w.setting_name(e.factor), findings.study.metric
    size = w.size(metric, e.range.difference.estimate)
    told = "up" if e.range.difference.told else "open"
    text = f"{factor}: {size} from the worst level to the best ({e.range.first} to {e.range.second}), over all else in the grid; "
    text += w.at_least(metric, e.range.difference)
    if numeric(found.rows, e.factor) and len(e.levels) > 2:
        pairs = list(pairwise(e.levels))
        made = [step(a, b, metric, findings.noise, len(pairs)) for a, b in pairs]
        parts = [f"{s.first} to {s.second} {w.difference(metric, s.difference.estimate)}" for s in made if s.difference.told]
        rest = "the other steps are not told from none" if parts else "no single step is told from none"
        text += f". Step by step: {'; '.join([*parts, rest])}" if len(parts) < len(made) else f". Step by step: {'; '.join(parts)}"
    return Insight(told, text + ".")


def _matters_more(known: Sequence[Effect], findings: Findings) -> list[Insight]:
    if len(known) < 2:
        return []
    a, b = sorted(known, key=lambda e: -abs(e.range.difference.estimate))[:2]
    difference = range_difference(a, b, findings.study.metric, findings.noise)
    names = w.setting_name(a.factor), w.setting_name(b.factor)
    size = w.change(findings.study.metric, difference)
    if difference.told and difference.estimate > 0:
        return [Insight("", f"Over the levels tested, {names[0]} matters more than {names[1]}: its range is wider by {size}.")]
    return [Insight("open", f"Which of {names[0]} and {names[1]} matters more is open: their ranges differ by {size}.")]


def _against_best(found: GroupFindings, ranked: Sequence[Summary], findings: Findings) -> tuple[Insight, ...]:
    """The best mean against each of the others, one-sided, as the conclusion has it."""
    metric, names = findings.study.metric, labels(found)
    best, others = ranked[0], ranked[1:]
    sign = 1 if findings.study.goal == "maximize" else -1
    made = [contrast([best.runs[metric], s.runs[metric]], [sign, -sign], findings.noise, len(others), 0.9) for s in others]
    lines = []
    for s, ahead in zip(others[:LISTED], made, strict=False):
        text = f"{names[best.id]} is ahead of {names[s.id]} by {w.size(metric, ahead.estimate)}, {w.at_least(metric, ahead)}."
        lines.append(Insight("up" if ahead.told else "open", text))
    return tuple(lines)


def labels(found: GroupFindings) -> dict[str, str]:
    """The group's own label for each of its configurations, by id."""
    return {row.member.id: row.member.label for row in reversed(found.rows)}


def conclusion(found: GroupFindings, ranked: Sequence[Summary], findings: Findings) -> tuple[str, ...]:
    """What stands at the end of the group: who cannot be told from the best, and the cheapest of them."""
    if not ranked:
        return ("Nothing has finished, so nothing can be concluded.",)
    if len(ranked) == 1:
        return ("One configuration has finished, so there is nothing to compare it with.",)
    if findings.noise is None:
        return ("With one run a configuration these runs carry no conclusion; a second seed would give the noise.",)
    names = labels(found)
    first = untold_from_best(ranked, findings.study.metric, findings.noise)
    if len(first) == 1:
        return (f"{names[first[0].id]} is best: its difference from each of the others is larger than noise explains.",)
    if len(first) == len(ranked):
        all_ = "the two" if len(ranked) == 2 else f"all {w.count(len(ranked))}"
        lines = [f"These runs do not tell the best mean from any other: {all_} may be equally good."]
    else:
        rest = len(ranked) - len(first)
        told = "the other one is" if rest == 1 else f"the other {w.count(rest)} are"
        shown = w.listing([names[s.id] for s in first]) if len(first) <= LISTED else f"{w.count(len(first))} configurations"
        lines = [f"{shown} cannot be told apart at the top; {told} told to be worse."]
    near = near_best(ranked, findings.study.metric, findings.noise)
    far = [names[s.id] for s in first if s not in near]
    if far and len(far) <= LISTED:
        verb = "lies" if len(far) == 1 else "lie"
        lines.append(f"Of these {w.listing(far)} {verb} further off than the noise ruler; the seeds scatter too far to tell.")
    low = cheapest(near)
    if low.parameters is not None and low is not ranked[0]:
        seen = f", {w.count(low.examples_seen)} examples seen" if low.examples_seen is not None else ""
        cost = f"{w.count(low.parameters)} parameters{seen}"
        lines.append(f"Of the means within the noise of the best, {names[low.id]} is the cheapest ({cost}).")
    return tuple(lines)


def next_steps(found: GroupFindings, ranked: Sequence[Summary], findings: Findings) -> tuple[str, ...]:
    """What the runs of the group leave open, and what would answer it."""
    lines = [*_edge(found, ranked, findings.study.metric), *_missing(found)]
    if len(ranked) > 1 and findings.noise is not None:
        lines += _more_seeds(ranked, findings, findings.noise)
    elif len(ranked) > 1:
        lines.append("A second seed for at least one configuration: it gives the noise, and with it every comparison here.")
    return tuple(lines)


def _more_seeds(ranked: Sequence[Summary], findings: Findings, pooled: Noise) -> list[str]:
    """What stands between the two best means and the noise."""
    metric, (a, b) = findings.study.metric, ranked[:2]
    n = min(a.n, b.n)
    apart = abs(a.metrics[metric].mean - b.metrics[metric].mean)
    if apart >= pooled.ruler(n):
        return []
    size, ruler = w.size(metric, apart), w.size(metric, pooled.ruler(n))
    each = f"with {w.plural(n, 'run')} each, two means are told apart from {ruler} on"
    return [f"More seeds: the two best means are {size} apart; {each}."]


def _edge(found: GroupFindings, ranked: Sequence[Summary], metric: str) -> list[str]:
    """The ordered factors whose best mean is at an end of what was tested."""
    if not ranked:
        return []
    best = next(row.member.levels for row in found.rows if row.member.id == ranked[0].id)
    lines = []
    for factor in found.factors:
        if not numeric(found.rows, factor) or not levels(found, factor, metric):
            continue
        tested = sorted({float(str(row.member.levels[factor])) for row in found.rows})
        here, name = float(str(best[factor])), w.setting_name(factor)
        if len(tested) > 1 and here in (tested[0], tested[-1]):
            end, way = ("largest", "above") if here == tested[-1] else ("smallest", "below")
            lines.append(
                f"The best mean is at the {end} {name} tested, {best[factor]}: a level {way} it would show where it turns."
            )
    return lines


def _missing(found: GroupFindings) -> list[str]:
    lacking = [row.member.label for row in found.rows if row.summary is None]
    if not lacking:
        return []
    return [f"{w.plural(len(lacking), 'configuration')} without a finished run: {w.first_to_last(lacking)}."]
