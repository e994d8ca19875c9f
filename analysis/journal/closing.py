"""Findings in, the sentences on the whole study behind its groups out: the test score, how the runs stand, what to run next."""

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.findings.totals import running_words
from sweepbook.analysis.groups.summaries import Summary
from sweepbook.analysis.journal.scatter import remedy
from sweepbook.analysis.journal.scores import other_examples, scored
from sweepbook.analysis.journal.sentences import unplanned
from sweepbook.runner.datasets import DATASETS

TEST = "test_accuracy"


def test_data(summary: Summary) -> str:
    """What a configuration is tested on, as people call it: images where the dataset is one of ours, all of which have them."""
    return "test images" if summary.config.get("dataset") in DATASETS else "test data"


def test_score(findings: Findings) -> tuple[str, ...]:
    """What the recommended configuration scores on the test images; nothing where no configuration was scored on them."""
    best = findings.recommended
    if best is None or not any(TEST in s.metrics for s in findings.ranking):
        return ()
    if TEST not in best.metrics:
        where = "; sweepbook run does it" if findings.study.runs else ""
        return (f"{best.label} is recommended, but not scored on the {test_data(best)} yet{where}.",)
    score = f"{best.label} scores {scored(best, TEST, findings)}: test accuracy, over {w.plural(best.metrics[TEST].n, 'run')}."
    return (score, f"The {test_data(best)} had no part in any choice.", *other_examples(best, TEST, findings))


def totals(findings: Findings) -> tuple[str, ...]:
    """How the runs stand and what they took."""
    runs, more = findings.totals, unplanned(findings)
    lines = [_planned(findings)]
    if not runs.planned:
        scored_runs = sum(s.n for s in findings.ranking)
        some = f", {w.count(scored_runs)} of them with {w.metric_name(findings.study.metric)}"
        with_it = some if scored_runs < runs.finished else ""
        lines = [f"{w.plural(runs.finished, 'run')} finished{with_it}; the plan names none of its own."]
    elif more:
        counts = "counts" if more == 1 else "count"
        lines.append(f"{w.plural(more, 'run')} more {counts}, with seeds that the plan does not ask for.")
    return (*lines, *_cut_off(findings), *_times(findings))


def _cut_off(findings: Findings) -> list[str]:
    """That attempts which were stopped cost nothing, where their runs came to an end later."""
    count = len(findings.again)
    if not count:
        return []
    logs = "1 log of a run that was cut off is" if count == 1 else f"{w.count(count)} logs of runs that were cut off are"
    return [f"{logs} left out: {'it' if count == 1 else 'each'} was run again and came to its end."]


def _planned(findings: Findings) -> str:
    """How the planned runs stand; what none of them is, is left out."""
    runs = findings.totals
    if runs.finished == runs.planned:
        return f"All {w.plural(runs.planned, 'planned run')} have finished."
    kinds = ((runs.failed, "failed"), (runs.diverged, "diverged"), (runs.interrupted, "interrupted"))
    others = [f"{w.count(count)} {state}" for count, state in kinds if count]
    others += [*running_words(runs.running, findings.silent), *([f"{w.count(runs.missing)} missing"] if runs.missing else [])]
    have = "has" if runs.finished == 1 else "have"
    return f"{w.count(runs.finished)} of {w.plural(runs.planned, 'planned run')} {have} finished: {w.listing(others)}."


def _times(findings: Findings) -> list[str]:
    times = [(s.seconds, s.label) for s in findings.ranking if s.seconds is not None]
    if not times:
        return []
    (fast, quick), (slow, late) = min(times), max(times)
    trials = sum(trial.seconds for group in findings.groups if group.trials for trial in group.trials.every)
    took = w.duration(findings.totals.seconds + trials)
    lines = [f"Training took {took}, added up over runs that may have gone side by side."]
    lines += [f"Of it {w.duration(trials)} went to the trials of searches."] if trials else []
    if w.duration(fast) == w.duration(slow):
        return [*lines, f"A run took {w.duration(fast)} in each configuration."]
    lines.append(f"A run took from {w.duration(fast)} ({quick}) to {w.duration(slow)} ({late}).")
    shared = " and how many runs one program trained" if findings.study.runs else ""
    return [*lines, f"Times also depend on what else the machine did{shared}."]


def future(findings: Findings) -> tuple[str, ...]:
    """What the whole study leaves open, and the runs that would answer it."""
    totals_of = findings.totals
    lines = []
    lacking = totals_of.missing + totals_of.interrupted + totals_of.failed + findings.silent
    if lacking:
        lines.append(f"Train {w.plural(lacking, 'planned run')} that did not finish: sweepbook run goes on from here.")
    if lacking:
        return tuple(lines)  # what is planned comes first
    if findings.noise is None and findings.ranking:
        return (*lines, remedy(findings))
    first = findings.first_tier
    if len(first) > 1 and findings.noise:
        lines += _again(findings, first)
    return tuple(lines) or ("Nothing is open that the same plan would answer; a new question needs a new group.",)


def _again(findings: Findings, first: tuple[Summary, ...]) -> list[str]:
    """What four times as many runs of those that could be the best would show; where that is more than lies between the two best
    means, that they would hardly choose."""
    form, n = findings.form(findings.study.metric), findings.usual_n
    now, then = (findings.detectable(form.metric, k) for k in (n, 4 * n))
    runs = f"{w.plural(3 * n, 'more seed')} each ({w.plural(3 * n * len(first), 'run')})"
    them = "them" if len(first) == len(findings.ranking) else "these alone"
    lead = f"To choose among the {w.count(len(first))} that could be the best, give {them} {runs}."
    if then is None:
        return [lead]
    best, second = (s.means[form.metric].value for s in first[:2])
    if abs(best - second) < then:
        close = f"the two best means lie {w.size(form, abs(best - second))} apart"
        return [f"{w.count(4 * n)} runs each would hardly choose among the {w.count(len(first))} that could be the best: {close}."]
    today = "now none does" if now is None else f"now from {w.size(form, now)} on"
    return [f"{lead} Differences from {w.size(form, then)} on would show in 8 of 10 such sweeps, {today}."]
