"""A group that searched in, the figures of its trials and what is said of them out: how it went, and what its best is worth."""

from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.findings.group import GroupFindings
from sweepbook.analysis.groups.importances import FEWEST, FORESTS, LACKING, Importances
from sweepbook.analysis.groups.trials import Trials
from sweepbook.analysis.journal.marks import axis
from sweepbook.analysis.journal.search import settings
from sweepbook.analysis.page.picture import Mark, Picture
from sweepbook.analysis.page.scale import bulk
from sweepbook.runner.trials import Trial, ranked

FINISHED, PRUNED, AGAIN = "finished", "pruned", "again"  # the marks' labels, as the figure knows them
SAMPLERS = {"tpe": "Optuna's TPE", "random": "Chance", "gp": "Optuna's Gaussian process"}
NAMED = 6  # settings whose importance is told
ENDED = {"finished": ("finished", "finished"), "pruned": ("was pruned", "were pruned")}
ENDED |= {status: (status, status) for status in ("failed", "diverged")}


def history(found: GroupFindings, findings: Findings) -> list[Picture]:
    """The trials in their order, and their scores by each setting; none of a group that searched nothing."""
    if found.trials is None:
        return []
    rows = [row for row in found.trials.rows.rows if row.summary]
    alone = replace(found, factors=found.trials.rows.factors, rows=found.trials.rows.rows, effects=(), tiers={})
    return [*_history(found, found.trials, findings), *(settings(alone, rows, findings) if len(rows) > 1 else [])]


def _history(found: GroupFindings, known: Trials, findings: Findings) -> list[Picture]:
    metric, sign = findings.study.metric, findings.study.sign
    marks = [_mark(trial, metric) for trial in known.every if trial.status in (FINISHED, PRUNED) and trial.score is not None]
    if len(marks) < 2:
        return []
    front = _records(marks, sign)
    again = [_again(found, trial, metric) for trial in known.every]
    every = (*marks, *(one for one in again if one))
    low, high = bulk([mark.mean for mark in every])
    words = _alt(known, findings), _caption(known, any(again), sum(not low <= mark.mean <= high for mark in every))
    name, form = f"{found.group.name}--history", findings.form(metric)
    places = front, (low, high)
    return [Picture(name, "history", every, "trial", None, axis(metric), *words, None, places[1], places[0], form=form)]


def _mark(trial: Trial, metric: str) -> Mark:
    value = w.scale(metric) * (trial.score or 0.0)
    return Mark(trial.number, None, value, None, None, 1, (value,), trial.status)


def _again(found: GroupFindings, trial: Trial, metric: str) -> Mark | None:
    """What the configuration of a trial came to at the seeds of the plan."""
    own = next((s for s in found.ranking if s.id == trial.id), None)
    value = w.scale(metric) * own.means[metric].value if own else 0.0
    return Mark(trial.number, None, value, None, None, own.n, (), AGAIN) if own else None


def _records(marks: Sequence[Mark], sign: int) -> tuple[int, ...]:
    """The places of the finished trials that were better than all before."""
    best, places = float("-inf"), []
    for place, mark in enumerate(marks):
        if mark.label == FINISHED and sign * mark.mean > best:
            best = sign * mark.mean
            places.append(place)
    return tuple(places)


def _alt(known: Trials, findings: Findings) -> str:
    best, form = known.best(findings.study.sign), findings.form(findings.study.metric)
    ahead = f" {best.label} is ahead with {w.score(form, best.score or 0.0)}." if best else ""
    return f"{w.metric_name(form.metric).capitalize()} of {w.plural(len(known.done), 'trial')} in their order.{ahead}"


def _caption(known: Trials, again: bool, off: int) -> str:
    lines = ["Each mark is one run. The line is the best finished trial so far, which is partly luck."]
    lines.append("A diamond is what its configuration came to at the plan's seeds, which alone counts." if again else "")
    lines.append(f"{w.count(off)} far from the rest {'lies' if off == 1 else 'lie'} at the edge." if off else "")
    return " ".join(filter(None, lines))


def answer(found: GroupFindings, findings: Findings) -> str:
    """What a search has come to while at most one configuration is confirmed; "" where more are, and of a group that has none."""
    known = found.trials
    if known is None or len(found.ranking) > 1:
        return ""
    if found.ranking:
        return _alone(found, findings)
    best, form = known.best(findings.study.sign), findings.form(findings.study.metric)
    if best is None:
        return "No answer yet: no trial of the search has finished."
    ahead = f"{best.label} is ahead with {w.score(form, best.score or 0.0)}, in one run"
    if not known.over:
        return f"The search goes on: so far {ahead}."
    return f"Not confirmed yet: {ahead}, the best of {w.count(len(ranked(known.every, 1)))}."


def _alone(found: GroupFindings, findings: Findings) -> str:
    """What the one configuration that was confirmed scores."""
    best, metric = found.ranking[0], findings.study.metric
    score = w.score(findings.form(metric), best.means[metric].value)
    return f"{best.label} alone is confirmed: {score} over {w.plural(best.n, 'seed')}."


def lines(found: GroupFindings, findings: Findings) -> list[str]:
    """How the search went, a sentence each."""
    known = found.trials
    if known is None:
        return []
    return [*_went(known), *_pruned(known), *_optimistic(found, known, findings), *importances(known)]


def _went(known: Trials) -> list[str]:
    """How many trials there were, and how they ended."""
    ends = [f"{w.count(n)} {verbs[n > 1]}" for status, verbs in ENDED.items() if (n := len(known.ended(status)))]
    left = len(known.every) - len(known.done)
    ends += [f"{w.count(left)} {'is' if left == 1 else 'are'} not done"] if left else []
    who = SAMPLERS[known.plan.sampler]
    took = w.duration(sum(trial.seconds for trial in known.every))
    lines = (
        [f"{who} proposed {w.plural(len(known.every), 'trial')}: {w.listing(ends)}, in {took} of training, added up."]
        if ends
        else []
    )
    return lines + ([] if known.over else [f"{_budget(known)}; sweepbook run goes on from here."])


def _budget(known: Trials) -> str:
    """What of the budget is spent."""
    plan = known.plan
    limits = [w.plural(plan.runs, "trial")] if plan.runs else []
    limits += [w.duration(60 * plan.minutes)] if plan.minutes else []
    return f"Its budget of {' or '.join(limits)} is not spent"


def _pruned(known: Trials) -> list[str]:
    """When trials were stopped, and what that saved."""
    epochs = [len(trial.values) for trial in known.ended(PRUNED)]
    whole = [_epochs(trial) for trial in known.ended(PRUNED)]
    if not epochs or not all(whole):
        return []
    saved = sum(count for count in whole if count) - sum(epochs)
    after, won = w.plural(int(median(epochs)), "epoch"), w.plural(saved, "epoch")
    if len(epochs) == 1:
        return [f"The {known.plan.pruner} pruner stopped one hopeless trial after {after}: {won} saved."]
    when = f"each after {after}" if len(set(epochs)) == 1 else f"half of them by {after}"
    return [f"The {known.plan.pruner} pruner stopped hopeless trials, {when}: {won} saved."]


def _epochs(trial: Trial) -> int | None:
    epochs = trial.config.get("epochs")
    return epochs if isinstance(epochs, int) else None


def _optimistic(found: GroupFindings, known: Trials, findings: Findings) -> list[str]:
    """That the best score of a search is picked, and what it came to when it was trained again."""
    best, study = known.best(findings.study.sign), findings.study
    if best is None:
        return []
    form, count = findings.form(study.metric), len(ranked(known.every, study.sign))
    again = next((s for s in found.ranking if s.id == best.id), None)
    score = w.score(form, best.score or 0.0)
    if again is None:
        more = f"its best {w.count(known.plan.confirm)} are trained again at the plan's seeds"
        return [f"A search picks its best on noise, so that score is optimistic: once it is over, {more}, and only those count."]
    value, runs = again.means[study.metric].value, w.plural(again.n, "other seed")
    mean, lucky = w.score(form, value), study.sign * ((best.score or 0.0) - value) > 0
    optimistic = ", which is optimistic" if lucky and mean != score else ""
    return [f"{best.label} scored {score} as the best of {w.count(count)}{optimistic}; at {runs} it scores {mean}."]


def importances(known: Trials) -> list[str]:
    """How much of the variance each setting explains, as a hint."""
    shares = known.importances
    if shares.reason == LACKING:
        return ["Importances need Optuna and scikit-learn where the report is built: pip install 'optuna>=4.4' scikit-learn."]
    if not shares.shares:
        few = shares.trials < FEWEST and known.done and len(known.plan.space) > 1
        seen = w.plural(shares.trials, "finished trial")
        return [f"Which setting mattered most is not estimated from {seen}: that takes {w.count(FEWEST)}."] if few else []
    told = [f"{w.setting_name(name)} {_share(shares, name)}" for name in list(shares.shares)[:NAMED]]
    first, second = list(shares.ranges.values())[:2]
    order = " Their order is open." if first[0] <= second[1] else ""
    hint = f"Exploratory, by fANOVA over {w.plural(shares.trials, 'trial')}, shares of the variance: {w.listing(told)}.{order}"
    return [
        hint,
        f"In brackets: how far {w.count(FORESTS)} forests differ, each grown on trials drawn anew. Noise gets a share too.",
    ]


def _share(shares: Importances, name: str) -> str:
    """A share with its range.

    >>> _share(Importances({"lr": 0.48}, {"lr": (0.31, 0.62)}, 14), "lr")
    '48% (31 to 62)'
    """
    low, high = (round(100 * end) for end in shares.ranges[name])
    return f"{shares.shares[name]:.0%} ({low} to {high})"
