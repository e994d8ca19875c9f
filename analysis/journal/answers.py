"""Findings in, what a reader wants to know first out: five questions, each with its answer in a line and why.

The page, the Markdown, the terminal and the last lines of a build say them alike. No answer claims more than its verdict carries.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.best import luck
from sweepbook.analysis.findings.findings import Findings, GroupFindings
from sweepbook.analysis.findings.thirds import farthest, lands, thirds
from sweepbook.analysis.groups.effects import Effect
from sweepbook.analysis.groups.summaries import Summary
from sweepbook.analysis.journal import trends
from sweepbook.analysis.journal.closing import TEST, test_data
from sweepbook.analysis.journal.factors import visible, widest
from sweepbook.analysis.journal.otherwise import disagreements
from sweepbook.analysis.journal.scatter import no_noise, remedy
from sweepbook.analysis.journal.sentences import nothing, standing, unfinished
from sweepbook.analysis.journal.settings import called, settings
from sweepbook.analysis.journal.stood_out import stood_out
from sweepbook.analysis.journal.tables import config_anchor
from sweepbook.analysis.predictions.outcome import Outcome
from sweepbook.analysis.predictions.verdict import CONFIRMED, DECIDED, EMPTY, REFUTED, UNTOLD

USE, MATTERED, RIGHT, WRONG, SURE = (
    "What should I use?",
    "What mattered?",
    "Were you right?",
    "What went wrong?",
    "How sure?",
)
ENDS = "Each is counted from its worst level to its best."
ALONE = "That is for one pair that you pick beforehand; to pick from many takes more."
ONE_RATE = "SB105"  # the check that levels were compared at one learning rate
NAMED = 3  # expectations, configurations or factors that are named one by one
WRONGLY = 0.05  # of the expectations get a false verdict, at most
AFFORDABLE = 4  # times the seeds of today: what somebody who wants to know still runs
FRACTION = 0.75  # of its range: where no more is left without the worst level, that is said


@dataclass(frozen=True)
class Answer:
    """A question, its answer in a line, `why` in quiet sentences, the `command` that would tell more, and links to the evidence
    behind a few words on them: what they say and their place on the page."""

    question: str
    says: str
    why: tuple[str, ...] = ()
    see: tuple[tuple[str, str], ...] = ()
    command: str = ""
    on: str = ""


def answers(findings: Findings, command: str = "") -> tuple[Answer, ...]:
    """The five answers; one alone where there is nothing to compare. `command` is what builds the report again."""
    if not findings.ranking:
        return (Answer(WRONG, nothing(findings), (), (("Totals", "totals"),)),)
    return (_use(findings), _mattered(findings), _right(findings, command), _wrong(findings), _sure(findings))


def lines(findings: Findings) -> tuple[tuple[str, str], ...]:
    """The questions and their answers alone, for a terminal."""
    return tuple((answer.question, answer.says) for answer in answers(findings))


def _use(findings: Findings) -> Answer:
    """The configuration to take, its score, and what that gives away."""
    ranking, choice = findings.ranking, findings.choice
    best = findings.first_tier[0]
    if findings.study.tasks:
        return _by_task(findings)
    if len(ranking) == 1 and not best.config and best.n > 1:
        return Answer(USE, f"Nothing to choose: no log records a setting, so all {w.count(best.n)} runs are of one configuration.")
    if len(ranking) == 1:
        return Answer(USE, f"Nothing to choose: {best.label} alone has finished, at {_score(best, findings)}.", (), (_place(best),))
    if findings.noise is None and (told := trends.told(findings)):
        return _sought(told, best, findings)
    if findings.noise is None or choice is None:
        says = f"Cannot tell yet; so far {settings(best, findings)} is ahead: {_score(best, findings)}."
        return Answer(USE, says, (), (_place(best), _ALL))
    taken = choice.recommended
    says = f"Use {settings(taken, findings)}: {_tested(taken, findings) or _score(taken, findings)}."
    return Answer(USE, says, (*_price(findings), *_rivals(findings), *_otherwise(findings)), (_place(taken), _ALL))


def _sought(group: GroupFindings, best: Summary, findings: Findings) -> Answer:
    """Of a search without repeats: where the best levels lie. Which single run is best is luck in part."""
    assert group.search is not None
    says = f"{trends.use(group.search)} Which single run is best cannot be told yet."
    ahead = f"Ahead so far is {settings(best, findings)}: {_score(best, findings)}."
    return Answer(USE, says, (ahead, *trends.repeat(group, best, findings)), (_trends_of(group), _place(best), _ALL))


def _trends_of(group: GroupFindings) -> tuple[str, str]:
    return "the trends", f"group-{group.group.name}"


_ALL = ("all configurations", "ranking")


def _by_task(findings: Findings) -> Answer:
    """The configuration to take for each task, for scores of two tasks say nothing of each other."""
    tasks = [group for group in findings.groups if group.choice and ": " not in group.group.title]
    taken = [(group.group, group.choice.recommended) for group in tasks if group.choice]
    lead = "Use for" if findings.noise else "Cannot tell yet; so far ahead for"
    told = [f"{own.title}: {settings(best, findings, own.where or ())} ({_score(best, findings)})" for own, best in taken]
    more = [f"Of {w.count(len(taken) - NAMED)} more tasks the groups below tell."] if len(taken) > NAMED else []
    return Answer(USE, f"{lead} {'; '.join(told[:NAMED])}.", (findings.study.subtitle, *more), (_ALL,))


def _begun(name: str, summary: Summary) -> str:
    """The words for a configuration at the head of a sentence; its label stays as it is written."""
    return name if name == summary.label else w.capital(name)


def _place(summary: Summary) -> tuple[str, str]:
    return summary.label, config_anchor(summary.id)


def _score(summary: Summary, findings: Findings, metric: str = "") -> str:
    """A score with its name and its interval: "84.6% validation accuracy (82.9 to 86.3)"."""
    metric = metric or findings.study.metric
    form, estimate = findings.form(metric), summary.metrics[metric]
    ends = f" ({w.interval(form, estimate)})" if estimate.low is not None else ""
    name, score = w.metric_name(metric), w.score(form, estimate.mean)
    return f"{score} {name}{ends}" if score.endswith("%") else f"{name} {score}{ends}"


def _tested(summary: Summary, findings: Findings) -> str:
    """The score on the test images, which no choice went by; "" where there is none."""
    if TEST not in summary.metrics:
        return ""
    form, estimate = findings.form(TEST), summary.metrics[TEST]
    ends = f" ({w.interval(form, estimate)})" if estimate.low is not None else ""
    return f"{w.score(form, estimate.mean)} on the {test_data(summary)}{ends}"


def _price(findings: Findings) -> list[str]:
    """What the recommended configuration gives away against the best mean, and what it saves."""
    choice, form = findings.choice, findings.form(findings.study.metric)
    if choice is None:
        return []
    name = w.metric_name(form.metric)
    if choice.recommended is choice.best:
        some = " of those that are ranked" if choice.best is not findings.ranking[0] else ""
        own = "" if TEST not in choice.best.metrics else f", {w.score(form, choice.best.means[form.metric].value)}"
        return [f"{choice.best.label} has the best {w.mean_name(form.metric)}{own}{some}."]
    under = "below" if findings.study.sign > 0 else "above"
    saved = _saved(choice.recommended, choice.best)
    if not choice.gives_away:
        return [f"{choice.recommended.label} has the {name} of the best mean, {choice.best.label}{saved}."]
    away = w.size(form, choice.gives_away)
    lead = f"{choice.recommended.label} is {away} {under} the best mean {name}, that of {choice.best.label}"
    return [f"{lead}: within the noise{saved}."]


def _saved(taken: Summary, best: Summary) -> str:
    """How much smaller it is than the best mean, where it is."""
    examples = (taken.examples_seen, best.examples_seen, "examples")
    for own, other, what in ((taken.parameters, best.parameters, "parameters"), examples):
        if own and other and own < 0.95 * other:
            return f"; it needs {100 * own / other:.0f}% of the {what}"
    return ""


def _rivals(findings: Findings) -> list[str]:
    """How many could be the best, and which are not ranked."""
    first, ranking = findings.first_tier, findings.ranking
    loose = [s.label for s in ranking if s.id in findings.unranked]
    if len(first) == 1:
        alone = "No other could be the best." if not loose else "No other that is ranked could be the best."
    else:
        alone = f"{w.count(len(first))} of {w.count(len(ranking))} configurations could be the best."
    if not loose:
        return [alone]
    return [alone, f"Not ranked, for {'its' if len(loose) == 1 else 'their'} runs lie too far apart: {w.first_to_last(loose)}."]


def _otherwise(findings: Findings) -> list[str]:
    """Another metric by which another configuration is clearly better."""
    differ = disagreements(findings)
    if not differ:
        return []
    first = differ[0]
    value = w.score(findings.form(first.metric), first.best.means[first.metric].value)
    return [f"By {w.metric_name(first.metric)} another is better: {first.best.label}, {value}."]


def _mattered(findings: Findings) -> Answer:
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
        return Answer(MATTERED, "Cannot tell: no setting was varied alone, or in a full grid.", (), (_EFFECTS,))
    why = [*([ENDS] if seen else []), *_after(seen, findings), *_hidden(hidden, findings), *_unproven(seen, findings)]
    return Answer(MATTERED, _most(seen, findings) if seen else "No setting made a visible difference.", tuple(why), (_EFFECTS,))


def _by_trends(group: GroupFindings, findings: Findings) -> Answer:
    """The settings of a search by their trends."""
    assert group.search is not None
    found = group.search
    why = (*trends.after(found, findings), *trends.unseen(found, findings), trends.basis(found), *trends.doubts(found))
    return Answer(MATTERED, trends.answer(found, findings), why, (_trends_of(group),))


_EFFECTS = ("every setting", "effects")


def _size(e: Effect, findings: Findings) -> str:
    """A factor with its range."""
    return f"{w.setting_name(e.factor)} ({w.size(findings.form(findings.study.metric), e.range.estimate)})"


def _without(e: Effect, findings: Findings) -> str:
    """The same, and what is left without its worst level, where that made most of it."""
    if e.without_worst is None or e.without_worst.estimate >= FRACTION * e.range.estimate:
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


def _right(findings: Findings, command: str) -> Answer:
    """How many expectations held, which did not, and what would settle the open ones."""
    verdicts = [outcome.verdict for outcome in findings.outcomes]
    counted = len(verdicts) - verdicts.count(EMPTY)
    if not counted:
        return Answer(RIGHT, "No expectation was written down.", tuple(_empty(verdicts.count(EMPTY))))
    held, failed, left = (verdicts.count(verdict) for verdict in (CONFIRMED, REFUTED, UNTOLD))
    what = "expectation" if counted == 1 else "expectations"
    parts = [f"{w.count(held)} of {w.count(counted)} {what} held"]
    parts += [f"{w.count(failed)} did not"] if failed else []
    parts += [f"{w.count(left)} {'is' if left == 1 else 'are'} open"] if left else []
    says = f"{', '.join(parts)}."
    own = [(f"group-{group.group.name}", outcome) for group in findings.groups for outcome in group.outcomes]
    wrong = [(outcome.prediction.says, place) for place, outcome in own if outcome.verdict == REFUTED]
    more = _more(findings)
    why = (*_settled_by(findings, more), *_empty(verdicts.count(EMPTY)))
    see = wrong[:NAMED] + _more_wrong(wrong[NAMED:])
    return Answer(RIGHT, says, why, tuple(see), _trains(more, findings, command), "Did not hold:" if see else "")


def _more_wrong(rest: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those that are not named, by the first of them."""
    return [(f"{w.count(len(rest))} more", rest[0][1])] if rest else []


def _empty(count: int) -> list[str]:
    """The expectations that say nothing."""
    return [f"{w.count(count)} more {'says' if count == 1 else 'say'} nothing that could fail."] if count else []


def _open(findings: Findings) -> list[Outcome]:
    return [outcome for outcome in findings.outcomes if outcome.verdict == UNTOLD]


def _more(findings: Findings) -> int:
    """The seeds more with which the most of the open expectations are settled that four times as many seeds settle; 0 for none."""
    now = findings.usual_n
    needed = [outcome.seeds_needed or 0 for outcome in _open(findings)]
    return max([seeds - now for seeds in needed if now < seeds <= AFFORDABLE * now], default=0)


def _settled_by(findings: Findings, more: int) -> list[str]:
    """How many of the open expectations so many more seeds would settle, and what they cost."""
    left = _open(findings)
    if not more:
        return ["No number of seeds that is near would settle the open ones."] if left and findings.noise else []
    settled = sum(0 < (outcome.seeds_needed or 0) <= findings.usual_n + more for outcome in left)
    some = f"{w.count(settled)} of the {w.count(len(left))} open ones" if len(left) > 1 else "the open one"
    plan = [f"Add {'it' if more == 1 else 'them'} to seeds in study.toml, then run"] if findings.study.runs else []
    return [f"{w.plural(more, 'more seed')} each would settle about {some}{_cost(more, findings)}.", *plan]


def _cost(more: int, findings: Findings) -> str:
    """The runs and the time that so many more seeds take."""
    times = [s.seconds for s in findings.ranking if s.seconds is not None]
    runs = w.plural(more * len(findings.ranking), "run")
    if len(times) < len(findings.ranking):
        return f": {runs}"
    return f": {runs}, about {w.duration(more * sum(times))} of training"


def _trains(more: int, findings: Findings, command: str) -> str:
    """What trains so many more seeds, once they are in the plan; "" where the runs are not ours to train."""
    return command.replace(" build ", " run ", 1) if more and findings.study.runs else ""


def _wrong(findings: Findings) -> Answer:
    """What happened in training, runs that did not finish, and the checks that limit an answer."""
    ended = _ended(findings)
    names = {s.id: _begun(called(s, findings), s) for s in findings.ranking}
    happened = stood_out(findings, names)
    told = [*ended, *happened[: NAMED - len(ended)]]
    says = ". ".join(told) if happened or _is_wrong(findings) else _nothing_wrong(findings)
    rest = happened[max(NAMED - len(ended), 0) :]
    checks = [c for c in findings.checks if not c.silenced]
    limit = "limits" if len(checks) == 1 else "limit"
    note = [f"{w.plural(len(checks), 'check')} {limit} what may be concluded."] if checks else []
    why = [*(f"{text}." for text in rest), *_standing_why(findings, ended), *note]
    see = [("what went wrong", "problems")] * bool(ended) + [("the checks", "checks")] * bool(checks)
    return Answer(WRONG, f"{says}.", tuple(why), tuple(see))


def _is_wrong(findings: Findings) -> bool:
    """Whether a run did not end as it should. To be pruned or deleted, or not to have ended yet, is not wrong."""
    runs = findings.totals
    if runs.planned:
        return bool(runs.failed or runs.diverged or runs.interrupted or runs.missing)
    return any(state in runs.logged for state in ("failed", "diverged", "interrupted"))


def _nothing_wrong(findings: Findings) -> str:
    """That nothing did, and which runs have not finished all the same."""
    ended = "" if findings.totals.planned else unfinished(findings)
    return f"Nothing: {ended}; all others finished" if ended else "Nothing: every run finished, and none failed to learn"


def _ended(findings: Findings) -> list[str]:
    """The runs that have no score: the planned ones, and of those that no plan names all."""
    runs = findings.totals
    if not runs.planned:
        return [w.capital(ended)] if (ended := unfinished(findings)) else []
    kinds = ((runs.failed, "failed"), (runs.diverged, "diverged"), (runs.interrupted, "interrupted"), (runs.missing, "missing"))
    texts = [f"{w.count(count)} {state}" for count, state in kinds if count]
    return [f"Of {w.plural(runs.planned, 'planned run')}, {w.listing(texts)}"] if texts else []


def _standing_why(findings: Findings, ended: Sequence[str]) -> list[str]:
    """How the runs stand, where not all that were planned finished."""
    return [standing(findings)] if ended else []


def _sure(findings: Findings) -> Answer:
    """The difference below which two averages tell nothing, and how far a run lands by chance."""
    form, n, known = findings.form(findings.study.metric), findings.usual_n, findings.noise
    if known is None:
        return Answer(SURE, no_noise(findings), (*trends.at_most(findings), remedy(findings)), (_NOISE,))
    if len(findings.ranking) < 2:
        return Answer(SURE, " ".join(_lands(findings)), (), (_NOISE,))
    least = findings.threshold
    if least is None:
        return Answer(SURE, "No difference could be seen: too few runs were repeated.", (), (_NOISE,))
    runs = "of one run each" if n == 1 else f"of {n} runs each"
    says = f"Ignore differences under {w.size(form, least)} between two averages {runs}."
    return Answer(SURE, says, (ALONE, *_lands(findings), *_repeat(findings), *_false(findings)), (_NOISE,))


_NOISE = ("the noise", "noise")


def _lands(findings: Findings) -> list[str]:
    """How far another seed lands, and where it lands further."""
    form, known = findings.form(findings.study.metric), findings.noise
    usual = findings.scatter
    if known is None or usual is None:
        return []
    lead = f"The same settings with another seed land ± {w.size(form, usual)} away"
    apart, most = thirds(findings, form.metric), farthest(findings, form.metric)
    if apart:
        return [f"{lead}; among the worst third ± {w.size(form, apart.worst)}."]
    return [f"{lead}; those of {most.label} ± {w.size(form, lands(most, known))}." if most else f"{lead}."]


def _repeat(findings: Findings) -> list[str]:
    """What a repeat of the best mean is expected to score: the best of many is in part luck."""
    first, form = findings.first_tier, findings.form(findings.study.metric)
    drawn = luck(first, form.metric) if len(first) > 1 and not findings.study.tasks else None
    if drawn is None:
        return []
    raw, again = w.score(form, drawn.raw), w.score(form, drawn.shrunken)
    if raw == again:
        return []
    name = w.metric_name(form.metric)
    return [f"Expect about {again} {name} from a repeat of {first[0].label}, not {raw}: the best of many is partly luck."]


def _false(findings: Findings) -> list[str]:
    """How many of the settled expectations may be wrong by chance."""
    tried = [o for o in findings.outcomes if o.estimate is not None and o.verdict != EMPTY]
    settled = sum(o.verdict in DECIDED for o in tried)
    false = min(int(WRONGLY * len(tried) + 0.5), settled)
    if not settled:
        return []
    if settled == 1 or not false:
        return ["A settled expectation is wrong by chance 1 time in 20 at most."]
    return [f"Up to {w.count(false)} of the {w.count(len(tried))} expectations may be settled wrongly, by chance."]
