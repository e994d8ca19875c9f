"""Findings in, the sentences that the journal makes of them out, each written once for every page.

No sentence claims an order, a gain or a winner that the replicates do not carry: means are called means, and what overlaps is
said to overlap.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from analysis import wording as w
from analysis.findings import Findings, Summary
from analysis.predictions import Outcome, Part
from analysis.stats import Estimate
from runner.study import At, Best, Better, GapAtMost, Trend


def overview(findings: Findings) -> tuple[str, ...]:
    """The main findings in at most five lines."""
    if not findings.ranking:
        return (_nothing(findings),)
    metric = findings.study.metric
    lines = [_standing(findings), *_noise(findings, metric), _leader(findings.ranking, metric, {})]
    if findings.recommended and (test := findings.recommended.metrics.get("test_accuracy")):
        name, score = findings.recommended.label, w.score("test_accuracy", test.mean)
        lines.append(f"On the test images, which had no part in any choice, {name} scores {score} ({rest('test_accuracy', test)}).")
    predicted = sum(len(group.outcomes) for group in findings.groups)
    if predicted:
        lines.append(f"The plan's {w.plural(predicted, 'prediction')} stand beside what was found. This page grades none of them.")
    return tuple(lines)


def _nothing(findings: Findings) -> str:
    if findings.totals.finished:
        return f'No finished run has the metric "{findings.study.metric}", so there is nothing to compare.'
    if findings.totals.diverged or findings.totals.failed:
        ended = f"{findings.totals.diverged} diverged and {findings.totals.failed} failed"
        return f"No run has finished: {ended}. There is nothing to compare; Problems says how each run ended."
    return "No run has finished yet, so there is nothing to report. The plan below says what is to be tested."


def _standing(findings: Findings) -> str:
    totals = findings.totals
    if not totals.planned:
        return f"{w.plural(totals.finished, 'run')} of {w.plural(len(findings.ranking), 'configuration')} have finished."
    others = [f"{number} {state}" for state, number in vars(totals).items() if state in w.STATES and number]
    seeds = sorted({s.n for s in findings.ranking})
    each = f"{seeds[0]}" if len(seeds) == 1 else f"{seeds[0]} to {seeds[-1]}"
    done = f"{w.count(totals.finished)} of {w.plural(totals.planned, 'planned run')} have finished"
    done += f" ({w.listing(others)})" if others else ""
    return f"{done}: {w.plural(len(findings.ranking), 'configuration')}, {each} {'seed' if each == '1' else 'seeds'} each."


def _noise(findings: Findings, metric: str) -> list[str]:
    """How far the same configuration lands from itself, as the median over configurations of its seeds' SD."""
    spreads = [float(np.std(s.runs[metric], ddof=1)) for s in findings.ranking if len(s.runs[metric]) > 1]
    if not spreads:
        return ["Every configuration was run once: how far a score moves by chance is not known, so no difference can be trusted."]
    middle = w.difference(metric, float(np.median(spreads))).lstrip("+")
    over = "one configuration" if len(spreads) == 1 else f"the median over {len(spreads)} configurations"
    return [f"Between seeds, the {w.metric_name(metric)} of one configuration has a standard deviation of {middle} ({over})."]


def totals(findings: Findings) -> tuple[str, ...]:
    """How the runs stand and what they took."""
    runs = findings.totals
    count = f"{runs.finished} finished, {runs.failed} failed, {runs.diverged} diverged"
    lines = [f"{w.plural(runs.planned, 'run')} planned: {count}, {runs.interrupted} interrupted, {runs.missing} missing."]
    if not runs.planned:
        lines = [f"{w.plural(runs.finished, 'run')} finished; the plan names none of its own."]
    times = [(s.seconds, s.label) for s in findings.ranking if s.seconds is not None]
    if times:
        (fast, quick), (slow, late) = min(times), max(times)
        lines.append(f"The finished runs took {w.duration(runs.seconds)}, added up over runs that may have gone side by side.")
        lines.append(f"The mean time of a run goes from {w.duration(fast)} ({quick}) to {w.duration(slow)} ({late}).")
    return tuple(lines)


def summary(ranked: Sequence[Summary], metric: str, labels: Mapping[str, str]) -> str:
    if not ranked:
        return f"No run of this group has finished with a {w.metric_name(metric)}."
    return " ".join([_leader(ranked, metric, labels), *_volume(ranked)])


def _leader(ranked: Sequence[Summary], metric: str, labels: Mapping[str, str]) -> str:
    """The best mean of `ranked`, and how many of the others its interval overlaps; `labels` are a group's own, by id."""
    best, others = ranked[0], ranked[1:]
    estimate = best.metrics[metric]
    tied = [s for s in ranked if s.metrics[metric].mean == estimate.mean]
    if len(tied) > 1:
        names = w.listing([labels.get(s.id, s.label) for s in tied])
        return f"{names} share the best mean {w.metric_name(metric)}, {w.score(metric, estimate.mean)}."
    score = f"{w.score(metric, estimate.mean)} ({rest(metric, estimate)})"
    lead = f"{labels.get(best.id, best.label)} has the best mean {w.metric_name(metric)}, {score}"
    if not others:
        return lead + "; it is the only configuration with a finished run."
    if estimate.low is None:
        return f"{lead}; one run does not show that it is the best."
    meeting = sum(not _apart(estimate, s.metrics[metric]) for s in others)
    if not meeting:
        many = f"overlaps that of none of the {w.count(len(others))} others"
        return f"{lead}; its interval {many if len(others) > 1 else 'does not overlap the other one'}."
    verb = "overlaps" if meeting == 1 else "overlap"
    told = f"{w.count(meeting)} of the other {w.count(len(others))} {verb}" if meeting < len(others) else "all the others overlap"
    told = "the other one overlaps" if len(others) == 1 else told
    once = " or had one run" if any(s.metrics[metric].low is None for s in others) else ""
    return f"{lead}; {told} it{once}, so these runs do not show that it is the best."


def _volume(ranked: Sequence[Summary]) -> list[str]:
    """A warning where the configurations were not trained or not scored on equally many examples."""
    seen = [s.examples_seen for s in ranked if s.examples_seen is not None]
    scored = [s.valid_seen for s in ranked if s.valid_seen is not None]
    lines = []
    if seen and max(seen) > 1.05 * min(seen):
        lines.append(f"They did not train on equally many examples: from {w.count(min(seen))} to {w.count(max(seen))}.")
    if scored and max(scored) > min(scored):
        lines.append(f"Their scores rest on {w.count(min(scored))} to {w.count(max(scored))} validation examples.")
    return lines


def _apart(a: Estimate, b: Estimate) -> bool:
    """Whether two intervals are known and do not meet."""
    if a.low is None or a.high is None or b.low is None or b.high is None:
        return False
    return a.low > b.high or b.low > a.high


def rest(metric: str, estimate: Estimate) -> str:
    """What a mean rests on: "3 runs, 95% interval [82.1, 84.9]"."""
    if estimate.low is None:
        return "1 run"
    return f"{estimate.n} runs, 95% interval {w.interval(metric, estimate)}"


def claim(outcome: Outcome) -> str:
    """What the prediction says in numbers, for those whose words may not."""
    p, metric = outcome.prediction, outcome.metric
    match p:
        case Better() if p.by:
            return f"ahead by {w.difference(metric, p.by).lstrip('+')} or more"
        case At():
            low, high = (w.score(metric, bound) for bound in (p.low, p.high))
            if p.low is None or p.high is None:
                return f"at least {low}" if p.high is None else f"at most {high}"
            return f"from {low} to {high}"
        case Trend():
            return f"{p.direction} in {w.setting_name(p.of)}"
        case GapAtMost():
            return f"a gap of at most {w.score('gap', p.most)}"
        case _:
            return ""


def found(outcome: Outcome) -> str:
    """The numbers that stand beside the prediction."""
    if outcome.estimate is None:
        return "Too few finished runs to hold it against."
    parts = [_part(part) for part in outcome.parts]
    if isinstance(outcome.prediction, Best):
        names = ("best inside", "best outside")
        parts = [f"{name}: {part}" for name, part in zip(names, parts, strict=False)]
    if isinstance(outcome.prediction, GapAtMost) and not outcome.prediction.at:
        parts = [f"widest: {parts[0]}"]
    if isinstance(outcome.prediction, Trend):
        change = f"From the first to the last level: {w.difference(outcome.metric, outcome.estimate)}."
        return f"{', '.join(f'{p.name}: {w.score(p.metric, p.mean)}' for p in outcome.parts)}. {change}"
    told = "; ".join(parts) + "."
    return f"{told} Difference: {w.difference(outcome.metric, outcome.estimate)}." if outcome.difference else told


def _part(part: Part) -> str:
    estimate = Estimate(part.n, part.mean, part.low, part.high)
    value = w.difference(part.metric, part.mean).lstrip("+") if "range of" in part.name else w.score(part.metric, part.mean)
    interval = f" {w.interval(part.metric, estimate)}" if part.low is not None else ""
    return f"{part.name} {value}{interval} ({w.plural(part.n, 'run')})"
