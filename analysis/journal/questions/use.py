"""Findings in, which configuration to take out: its score, what it gives away, and which others could be the best."""

from collections.abc import Sequence

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.findings.group import GroupFindings
from sweepbook.analysis.groups.summaries import Summary
from sweepbook.analysis.journal import trends
from sweepbook.analysis.journal.anchors import config_anchor
from sweepbook.analysis.journal.closing import TEST, test_data
from sweepbook.analysis.journal.otherwise import disagreements
from sweepbook.analysis.journal.questions.answer import NAMED, USE, Answer, trends_of
from sweepbook.analysis.journal.settings import settings
from sweepbook.analysis.journal.stood_out import events


def use(findings: Findings) -> Answer:
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
    why = (*_price(findings), *_in_training("But", [taken], findings), *_rivals(findings), *_otherwise(findings))
    return Answer(USE, says, why, (_place(taken), _ALL))


def _sought(group: GroupFindings, best: Summary, findings: Findings) -> Answer:
    """Of a search without repeats: where the best levels lie. Which single run is best is luck in part."""
    assert group.search is not None
    says = f"{trends.use(group.search)} Which single run is best cannot be told yet."
    ahead = f"Ahead so far is {settings(best, findings)}: {_score(best, findings)}."
    return Answer(USE, says, (ahead, *trends.repeat(group, best, findings)), (trends_of(group), _place(best), _ALL))


_ALL = ("all configurations", "ranking")


def _by_task(findings: Findings) -> Answer:
    """The configuration to take for each task, for scores of two tasks say nothing of each other."""
    tasks = [group for group in findings.groups if group.choice and ": " not in group.group.title]
    taken = [(group.group, group.choice.recommended) for group in tasks if group.choice]
    lead = "Use for" if findings.noise else "Cannot tell yet; so far ahead for"
    told = [f"{own.title}: {settings(best, findings, own.where or ())} ({_score(best, findings)})" for own, best in taken]
    more = [f"Of {w.count(len(taken) - NAMED)} more tasks the groups below tell."] if len(taken) > NAMED else []
    return Answer(USE, f"{lead} {'; '.join(told[:NAMED])}.", (findings.study.subtitle, *more), (_ALL,))


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


def _in_training(lead: str, some: Sequence[Summary], findings: Findings) -> list[str]:
    """What went wrong in the training of some configurations that could be the best: what is good is not called bad elsewhere
    without a word here."""
    own = events(findings, some)
    if len(own) > NAMED:
        return [f"What went wrong lists {w.count(len(own))} of these."]
    return [f"{lead} {w.listing([event.says for event in own])}."] if own else []


def _rivals(findings: Findings) -> list[str]:
    """How many could be the best, what went wrong in the training of these, and which are not ranked."""
    first, ranking = findings.first_tier, findings.ranking
    loose = [s.label for s in ranking if s.id in findings.unranked]
    if len(first) == 1:
        alone = "No other could be the best." if not loose else "No other that is ranked could be the best."
    else:
        alone = f"{w.count(len(first))} of {w.count(len(ranking))} configurations could be the best."
    others = [s for s in first if s is not findings.recommended]
    lines = [alone, *_in_training("Of these", others, findings)]
    if not loose:
        return lines
    return [*lines, f"Not ranked, for {'its' if len(loose) == 1 else 'their'} runs lie too far apart: {w.first_to_last(loose)}."]


def _otherwise(findings: Findings) -> list[str]:
    """Another metric by which another configuration is clearly better."""
    differ = disagreements(findings)
    if not differ:
        return []
    first = differ[0]
    value = w.score(findings.form(first.metric), first.best.means[first.metric].value)
    return [f"By {w.metric_name(first.metric)} another is better: {first.best.label}, {value}."]
