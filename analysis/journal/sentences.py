"""Findings in, the sentences that the journal makes of them out, each written once for every page.

No sentence claims an order, a gain or a winner that the verdict behind it does not carry: means are called means, and what
shares a tier is said to be tied.
"""

from collections.abc import Mapping, Sequence

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.best import Choice
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.findings.group import GroupFindings
from sweepbook.analysis.findings.totals import running_words
from sweepbook.analysis.groups.summaries import Summary
from sweepbook.analysis.journal.scatter import no_noise
from sweepbook.analysis.predictions.behind import each
from sweepbook.runner.runlog import PARENT

# What became of runs that have not finished, of one and of several;
ENDED = {
    "failed": ("failed", "failed"),
    "diverged": ("diverged", "diverged"),
    "interrupted": ("was interrupted", "were interrupted"),
    "pruned": ("was pruned", "were pruned"),
    "deleted": ("was deleted", "were deleted"),
    "running": ("has not ended", "have not ended"),
}
SHOWN = 3  # configurations that are not ranked, up to which each is told with its runs


def not_ranked(found: Findings | GroupFindings, findings: Findings, names: Mapping[str, str] | None = None) -> list[str]:
    """Which configurations have no place in the ranking, for their runs lie too far apart to tell one."""
    loose = [s for s in found.ranking if s.id in found.unranked]
    labels = [(names or {}).get(s.id, s.label) for s in loose]
    if len(loose) > SHOWN:
        return [f"{w.count(len(loose))} are not ranked, for their runs lie too far apart: {w.first_to_last(labels)}."]
    form = findings.form(findings.study.metric)
    return [f"{label} is not ranked: {_from_to(s, form)}." for label, s in zip(labels, loose, strict=True)]


def _from_to(s: Summary, form: w.Form) -> str:
    """Between what ends the runs of a configuration lie: "its 3 runs go from 71.5 to 78.5%"."""
    low, high = (w.score(form, end(s.runs[form.metric])) for end in (min, max))
    if s.n == 1:
        return f"its one run, {low}, may be far from its mean"
    return f"its {w.count(s.n)} runs go from {low.removesuffix('%')} to {high}"


def recommended(
    choice: Choice | None, ranking: Sequence[Summary], findings: Findings, names: Mapping[str, str] | None = None
) -> str:
    """Which configuration of a `ranking` to take, why, and what it gives away; "" where there is no choice. `names` are labels by
    id, where they are not the summaries' own."""
    if choice is None or len(ranking) < 2:
        return ""
    s = choice.recommended
    counts = ((s.parameters, "parameters"), (s.examples_seen, "examples seen"))
    cost = ", ".join(f"{w.count(number)} {what}" for number, what in counts if number is not None)
    label = (names or {}).get(s.id, s.label) + (f" ({cost})" if cost else "")
    told = f"Recommended is {label}, {why_recommended(choice, ranking, findings, names)}"
    if findings.noise is None:
        return f"{told}. {no_noise(findings)}"
    if s is not choice.best or not cost:
        return f"{told}."
    if s.n == 1:
        return f"{told}: with one run each, no cheaper one can be taken for as good."
    return f"{told}: no cheaper one comes near enough."


def why_recommended(choice: Choice, ranking: Sequence[Summary], findings: Findings, names: Mapping[str, str] | None = None) -> str:
    """Why it is recommended, and what it gives away against the best mean."""
    form, best = findings.form(findings.study.metric), choice.best
    enough = _among(choice, ranking)
    if choice.recommended is best:
        return f"the best mean{enough}"
    label = (names or {}).get(best.id, best.label)
    worse = f"{w.size(form, choice.gives_away)} worse than" if choice.gives_away else "with the same mean as"
    return f"the cheapest within the noise of the best mean{enough}, {worse} {label}"


def _among(choice: Choice, ranking: Sequence[Summary]) -> str:
    """Among which the best mean is the best, where it is not that of the whole ranking: those with a better one ran less often, or
    have no place in it."""
    before = ranking[: ranking.index(choice.best)]
    if not before:
        return ""
    few = any(s.n < choice.runs for s in before)
    return f" of those with {w.plural(choice.runs, 'run')} or more" if few else " of those that are ranked"


def nothing(findings: Findings) -> str:
    if searched := unconfirmed(findings):
        return searched
    if findings.totals.finished:
        return f'No finished run has the metric "{findings.study.metric}", so there is nothing to compare.'
    if (states := unfinished(findings)) and not findings.totals.planned:
        return f"No run has finished: {states}. There is nothing to compare; What went wrong says how each run ended."
    if findings.totals.diverged or findings.totals.failed:
        ended = f"{findings.totals.diverged} diverged and {findings.totals.failed} failed"
        return f"No run has finished: {ended}. There is nothing to compare; What went wrong says how each run ended."
    if findings.outside:
        runs = w.plural(findings.outside, "run")
        return f"{runs} finished, none of them of a configuration in a group of the plan, so there is nothing to compare."
    running = running_words(findings.totals.running, findings.silent)
    yet = f"No run has finished yet ({w.listing(running)})" if running else "No run has finished yet"
    return f"{yet}, so there is nothing to report. The plan below says what is to be tested."


def unconfirmed(findings: Findings) -> str:
    """What searches have come to where trials alone have ended: "8 trials of a search ended, and none is confirmed yet: t0 is ahead
    with 96.1%."; "" where there are none, or planned runs have finished as well."""
    searches = [group.trials for group in findings.groups if group.trials]
    ended, form = sum(len(search.done) for search in searches), findings.form(findings.study.metric)
    if not ended or findings.totals.finished:
        return ""
    best = [trial for search in searches if (trial := search.best(findings.study.sign))]
    ahead = [f"{trial.label} {'is ahead ' * (not place)}with {w.score(form, trial.score)}" for place, trial in enumerate(best)]
    of = "a search" if len(searches) == 1 else "searches"
    lead = f"{w.plural(ended, 'trial')} of {of} ended, and none is confirmed yet"
    return f"{lead}: {w.listing(ahead)}." if ahead else f"{lead}."


def unfinished(findings: Findings) -> str:
    """How the logged runs ended that have not finished, planned or not: "of 106 runs, 5 failed and 79 were pruned"; "" for none."""
    runs = findings.totals.logged
    texts = [f"{w.count(runs[state])} {verbs[runs[state] > 1]}" for state, verbs in ENDED.items() if runs.get(state)]
    return f"of {w.plural(sum(runs.values()) - runs.get(PARENT, 0), 'run')}, {w.listing(texts)}" if texts else ""


def standing(findings: Findings) -> str:
    """How many of the planned runs have finished, and how many runs stand behind the report."""
    totals, ranking = findings.totals, findings.ranking
    runs, planned = sum(s.n for s in ranking), w.plural(totals.planned, "run")
    have = "has" if runs == 1 else "have"
    there = f"{w.plural(runs, 'run')} of {w.plural(len(ranking), 'configuration')} {have} finished, {each(ranking)}"
    others = _others(findings)
    left = f" ({w.listing(others)})" if others else ""
    if not totals.planned:
        return f"{there}."
    if not totals.finished:  # logs without a seed, or with others
        return f"{there}. None of them is one of the {planned} that the plan asks for{left}."
    if unplanned(findings):
        are = "is" if totals.finished == 1 else "are"
        return f"{there}. Of them {w.count(totals.finished)} {are} among the {planned} that the plan asks for{left}."
    have = "has" if totals.finished == 1 else "have"
    done = f"{w.count(totals.finished)} of {w.plural(totals.planned, 'planned run')} {have} finished{left}"
    return f"{done}: {w.plural(len(ranking), 'configuration')}, {each(ranking)}."


def _others(findings: Findings) -> list[str]:
    """The planned runs that have not finished, by how they stand."""
    runs = findings.totals
    kinds = ((runs.failed, "failed"), (runs.diverged, "diverged"), (runs.interrupted, "interrupted"))
    ended = [f"{w.count(count)} {state}" for count, state in kinds if count]
    missing = [f"{w.count(runs.missing)} missing"] if runs.missing else []
    return [*ended, *running_words(runs.running, findings.silent), *missing]


def unplanned(findings: Findings) -> int:
    """The runs behind the report that the plan does not ask for: those with another seed, or with none."""
    planned = {(run.id, run.seed) for run in findings.study.runs}
    return sum(s.n - sum((s.id, seed) in planned for seed in s.seeds) for s in findings.ranking)
