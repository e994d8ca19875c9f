"""A group's findings in, what the runs carry out: insights, a conclusion and next steps, as sentences.

A sentence claims an order only where a tier, a simultaneous interval or, for steps that no prediction asked about, the false
discovery rate carries it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.findings import Findings, GroupFindings
from sweepbook.analysis.groups.effects import Effect, Step, matters_more, mixed_levels
from sweepbook.analysis.groups.ends import end
from sweepbook.analysis.groups.summaries import Summary
from sweepbook.analysis.journal.scatter import no_noise, remedy
from sweepbook.analysis.journal.sentences import flattered, not_ranked, recommended
from sweepbook.analysis.predictions.behind import at_common
from sweepbook.analysis.predictions.pairs import asked
from sweepbook.analysis.predictions.reading import pair
from sweepbook.analysis.stats.contrasts import Difference
from sweepbook.analysis.stats.several import holm
from sweepbook.runner.config import level_text
from sweepbook.runner.study import Study

LISTED = 8  # configurations that are named one by one
UNLIKELY = 0.05  # a test's p below which it speaks


@dataclass(frozen=True)
class Insight:
    """A sentence, and whether the runs carry what it tells: "up" or "down" for a difference that they do and that is for the
    better or the worse, "told" for anything else that they do, "open" for what they do not, "" where it compares nothing."""

    verdict: str
    text: str


def insights(found: GroupFindings, findings: Findings) -> tuple[Insight, ...]:
    """What the levels did, one insight a difference, and which of a grid's factors did more."""
    if len(found.ranking) < 2:
        return ()
    if findings.noise is None:
        return (Insight("open", no_noise(findings)),)
    alone = next((e for e in found.effects if len(found.factors) == 1 and e.steps), None)
    if alone:
        made = [(s, _explored(s, findings)) for s in alone.steps]
        name, form = w.setting_name(alone.factor), findings.form(findings.study.metric)
        return (
            *(_step(f"{name} {s.first} to {s.second}{_at_common(s, alone, findings)}", d, findings.study, form) for s, d in made),
            _more(made, name, findings.study),
        )
    if len(found.factors) > 1 and found.effects:
        return (*(_range(e, findings) for e in found.effects), *_matters(found), *_together(found))
    return (*_against_best(found, findings), *_by_level(found, findings.study, findings.form(findings.study.metric)))


def _explored(step: Step, findings: Findings) -> Difference:
    """The step with the interval at which the study's false discoveries are held."""
    return step.difference(1 - findings.exploratory)


def _at_common(step: Step, of: Effect, findings: Findings) -> str:
    """That the step is told at the seeds that both levels have, and so is not what their means differ by as they stand."""
    behind = {level.text: level.summaries for level in of.levels}
    apart = at_common(behind[step.first], behind[step.second], findings.study.metric)
    return " at the seeds that both have" if apart else ""


def _step(what: str, difference: Difference, study: Study, form: w.Form) -> Insight:
    size, sign = w.change(form, difference), study.sign
    if not difference.told:
        return Insight("open", f"{what}: {size}, not told from none.")
    return Insight("up" if sign * difference.estimate > 0 else "down", f"{what}: {size}.")


def _more(made: Sequence[tuple[Step, Difference]], factor: str, study: Study) -> Insight:
    """Whether more of the factor still helps at the end of what was tested."""
    sign, (last, final) = study.sign, made[-1]
    if final.told:
        helps = "still helped" if sign * final.estimate > 0 else "hurt"
        return Insight("", f"More {helps} at the upper end: the last step, to {last.second}, is told.")
    gains = [s for s, difference in made if difference.told and sign * difference.estimate > 0]
    if gains:
        after = made[[s for s, _ in made].index(gains[-1]) + 1 :]
        losses = [s.second for s, difference in after if difference.told]
        more = f"further on it is told to get worse, in the step to {losses[0]}" if losses else "what more brings is open"
        return Insight("", f"The last step up that these runs carry is to {factor} {gains[-1].second}; {more}.")
    return Insight("", f"No step up in {factor} is told from none.")


def _range(e: Effect, findings: Findings) -> Insight:
    """What a grid's factor did from its worst level to its best, and from each level to the next."""
    factor, form = w.setting_name(e.factor), findings.form(findings.study.metric)
    size = w.extent(form, e.range)
    if not _is_told(e.range):
        return Insight("open", f"{factor}, over all levels of the rest: its levels lie {size} apart, not told from none.")
    rest = e.without_worst
    text = f"{factor}, over all levels of the rest: {e.worst} to {e.best} makes {size}"
    if rest and not _is_told(rest):
        text += f"; without {e.worst} the range is {w.extent(form, rest)}, not told from none"
    elif rest:
        text += f"; without {e.worst} it is {w.extent(form, rest)}"
    if len(e.steps) > 1:
        made = [(s, _explored(s, findings)) for s in e.steps]
        parts = [f"{s.first} to {s.second} {w.difference(form, d.estimate)}" for s, d in made if d.told]
        untold = "the other steps are not told from none" if parts else "no single step is told from none"
        text += f". Step by step: {'; '.join([*parts, untold] if len(parts) < len(made) else parts)}"
    return Insight("told", text + ".")


def _is_told(width: Difference) -> bool:
    return width.low is not None and width.low > 0


def _matters(found: GroupFindings) -> list[Insight]:
    """Which of the two widest factors matters more, over the levels tested."""
    if len(found.effects) < 2:
        return []
    a, b = found.effects[:2]
    names = w.setting_name(a.factor), w.setting_name(b.factor)
    if matters_more(a, b):
        return [Insight("told", f"Over the levels tested, {names[0]} matters more than {names[1]}: their ranges do not overlap.")]
    return [Insight("open", f"Which of {names[0]} and {names[1]} matters more is open: the intervals of their ranges overlap.")]


def _together(found: GroupFindings) -> list[Insight]:
    """Whether the two factors of a grid act together: by the F test of all that effects that add up leave over, and by Tukey's of
    their product, the smaller p of the two counted twice."""
    if found.grid is None:
        return []
    test, single = found.grid.interaction, found.grid.tukey
    names = w.listing([w.setting_name(factor) for factor in found.grid.factors])
    if test is None and single is None:
        return [Insight("open", f"Whether {names} act together is not known: nothing is there to test it against.")]
    tests = [("interaction", test), ("Tukey's test of their product", single)]
    shown = "; ".join(f"{name}, F({f.df[0]:g}, {f.df[1]:g}) = {f.statistic:.1f}, p {w.probability(f.p)}" for name, f in tests if f)
    if min(holm([f.p for _, f in tests if f])) < UNLIKELY:
        return [Insight("told", f"{names} act together: what one brings depends on the other ({shown}).")]
    return [Insight("open", f"That {names} act together is not told: effects that add up fit these runs ({shown}).")]


def _against_best(found: GroupFindings, findings: Findings) -> tuple[Insight, ...]:
    """The best mean against each of the others, by their tiers."""
    metric, names = findings.study.metric, found.labels
    best, others = found.ranking[0], found.ranking[1:]
    sign = findings.study.sign
    lines = []
    for s in others[:LISTED]:
        ahead = sign * (best.means[metric].value - s.means[metric].value)
        text = f"{names[best.id]} is ahead of {names[s.id]} by {w.size(findings.form(metric), ahead)}"
        lines.append(Insight("up" if found.tiers[s.id] > 1 else "open", f"{text}: {_apart(found, best, s)}."))
    return tuple(lines)


def _apart(found: GroupFindings, best: Summary, other: Summary) -> str:
    """Whether the tiers tell another configuration from the best mean."""
    names, loose = found.labels, [found.labels[s.id] for s in (best, other) if s.id in found.unranked]
    if found.tiers[other.id] > 1:
        return f"{names[other.id]} is not in the first tier"
    if loose:
        return f"not told, {w.listing(loose)} {'is' if len(loose) == 1 else 'are'} not ranked"
    return "both are in the first tier, not told apart"


def _by_level(found: GroupFindings, study: Study, form: w.Form) -> list[Insight]:
    """The means by level where no level differs in one setting alone: what else moved is in them, and they name no cause."""
    lines = []
    for factor in found.factors if len(found.factors) > 1 else ():
        known = sorted(mixed_levels(found, factor, study.metric), key=lambda level: -study.sign * level.mean(study.metric))
        means = [f"{one.text} {w.score(form, one.mean(study.metric))} ({len(one.summaries)})" for one in known]
        if means:
            lead = f"Means by {w.setting_name(factor)}, each over so many configurations whose other settings vary too"
            lines.append(Insight("", f"{lead}: {w.listing(means)}. They name no cause."))
    return lines


def conclusion(found: GroupFindings, findings: Findings) -> tuple[str, ...]:
    """What stands at the end of the group: the first tier, how far its best score is luck, and which one to take."""
    ranked = found.ranking
    if not ranked:
        return ("Nothing has finished, so nothing can be concluded.",)
    if len(ranked) == 1:
        return ("One configuration has finished, so there is nothing to compare it with.",)
    if findings.noise is None:
        return ("As long as the noise is not known these runs carry no conclusion.",)
    lines = [_first_tier(found), *not_ranked(found, findings, found.labels), *_far(found), *flattered(found.first, findings)]
    if len(found.first) > 1:
        lines.append(recommended(found.choice, ranked, findings, found.labels))
    return (*lines, *_as_run(found, findings))


def _first_tier(found: GroupFindings) -> str:
    names, first, ranked = found.labels, found.first, [s for s in found.ranking if s.id not in found.unranked]
    if len(first) == 1:
        best = " is best: it" if len(ranked) == len(found.ranking) else ""
        return f"{names[first[0].id]}{best} stands alone in the first tier."
    if len(first) == len(ranked):
        all_ = "the two" if len(ranked) == 2 else f"all {w.count(len(ranked))}"
        return f"These runs do not tell which is best: {all_} are in the first tier."
    rest = len(ranked) - len(first)
    shown = w.listing([names[s.id] for s in first]) if len(first) <= LISTED else f"{w.count(len(first))} configurations"
    behind = "the other one is told to be behind" if rest == 1 else f"the other {w.count(rest)} are told to be behind"
    return f"The first tier, any of which may be best: {shown}; {behind}."


def _far(found: GroupFindings) -> list[str]:
    """Those of the first tier that cost less than the recommended one and are not known well enough to be ruled out."""
    far = [found.labels[s.id] for s in found.choice.far] if found.choice else []
    if not far or len(far) > LISTED:
        return []
    verbs = ("costs", "lies") if len(far) == 1 else ("cost", "lie")
    return [f"{w.listing(far)} {verbs[0]} less, but {verbs[1]} too far behind the best mean to be recommended."]


def _as_run(found: GroupFindings, findings: Findings) -> list[str]:
    """That no cause is named, where more than the factor moved."""
    own = [c for c in findings.checks if c.group == found.group.name and c.limits == "cause" and not c.says and not c.silenced]
    codes = dict.fromkeys(c.code for c in own if len(c.factors) < 2)
    if not codes:
        return []
    return [f"All of this holds as run ({', '.join(codes)}): no cause is named."]


def next_steps(found: GroupFindings, findings: Findings) -> tuple[str, ...]:
    """What the runs of the group leave open, and what would answer it."""
    lines = [*_edge(found, findings.study.metric), *_missing(found, findings.study.metric)]
    if len(found.ranking) > 1 and findings.noise is not None:
        lines += _more_seeds(found, findings)
    elif len(found.ranking) > 1:
        lines.append(remedy(findings))
    return tuple(lines)


def _more_seeds(found: GroupFindings, findings: Findings) -> list[str]:
    """What stands between the two best means and the noise, and the seeds that would tell them apart."""
    metric = findings.study.metric
    places = [place for place, s in enumerate(found.ranking) if s.id not in found.unranked][:2]
    if len(places) < 2:
        return []
    apart = pair([s.means[metric] for s in found.ranking], *places)
    if apart.low is None or apart.high is None or not apart.low <= 0 <= apart.high:
        return []
    half = findings.span(metric).seen((apart.high - apart.low) / 2)
    form = findings.form(metric)
    size = w.size(form, apart.estimate)
    told = "cannot tell them apart" if half is None else f"tell them apart from {w.size(form, half)} on"
    lead = f"The two best means are {size} apart; these runs {told}"
    prediction = asked(findings.outcomes, metric, [found.ranking[place].id for place in places])  # one pair, one number on a page
    needed = prediction.seeds_needed if prediction else apart.seeds
    if not needed:
        return [f"{lead}. Seeds will hardly tell these two: choose by what they cost."]
    return [f"{lead}; {w.takes_seeds(f'the {size} seen', needed)}."]


def _edge(found: GroupFindings, metric: str) -> list[str]:
    """The ordered factors whose best mean is at an end of what was tested."""
    if len({s.means[metric].value for s in found.ranking}) < 2:
        return []
    best = [s.id for s in found.ranking if s.means[metric].value == found.ranking[0].means[metric].value]
    members = [row.member for row in found.rows if row.summary]
    lines = []
    for factor in found.factors:
        at = end(members, factor, best)
        if at is not None:
            side, way = ("smallest", "below") if at.lowest else ("largest", "above")
            tested = f"The best mean is at the {side} {w.setting_name(factor)} tested, {level_text(at.level)}"
            lines.append(f"{tested}: a level {way} it would show where it turns.")
    return lines


def _missing(found: GroupFindings, metric: str) -> list[str]:
    """The configurations that have nothing to compare. A group with `where` takes finished runs alone: theirs lack the metric."""
    lacking = [row.member.label for row in found.rows if row.summary is None]
    if not lacking:
        return []
    why = "without a finished run" if found.group.where is None else f"whose runs finished without {w.metric_name(metric)}"
    return [f"{w.plural(len(lacking), 'configuration')} {why}: {w.first_to_last(lacking)}."]
