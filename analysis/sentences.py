"""Findings in, the sentences that the journal makes of them out, each written once for every page.

No sentence claims an order, a gain or a winner that the replicates do not carry: means are called means, and what cannot be told
apart is said to be so.
"""

from collections.abc import Mapping, Sequence

from analysis import wording as w
from analysis.effects import Effect, cheapest, effects, near_best, untold_from_best
from analysis.findings import Findings, Summary
from analysis.predictions import Outcome, Part
from analysis.stats import Estimate, Noise
from runner.study import At, Best, Better, GapAtMost, Trend


def overview(findings: Findings) -> tuple[str, ...]:
    """The main findings in at most five lines."""
    if not findings.ranking:
        return (_nothing(findings),)
    lines = [_standing(findings), _best(findings), *_widest(findings), *_undecided(findings), test(findings)]
    return tuple(filter(None, lines))


def _best(findings: Findings) -> str:
    """The best mean, and how many configurations the runs do not tell from it."""
    ranked, metric = findings.ranking, findings.study.metric
    best = ranked[0]
    lead = f"{best.label} has the best mean {w.metric_name(metric)}, {w.score(metric, best.metrics[metric].mean)}"
    if len(ranked) == 1:
        return f"{lead}; it is the only configuration with a finished run."
    if findings.noise is None:
        return f"{lead}; every configuration was run once, so no difference can be told from noise."
    first = untold_from_best(ranked, metric, findings.noise)
    if len(first) == 1:
        return f"{lead}, and its difference from each of the other {w.count(len(ranked) - 1)} is larger than noise explains."
    low = cheapest(near_best(ranked, metric, findings.noise))
    cost = f" ({w.count(low.parameters)} parameters)" if low.parameters is not None else ""
    many = f"{w.count(len(first) - 1)} of the other {w.count(len(ranked) - 1)}"
    if low is best:
        return f"{lead}. {many} cannot be told from it; of the means within noise of it none is cheaper."
    return f"{lead}. {many} cannot be told from it; of the means within noise of it the cheapest is {low.label}{cost}."


def _widest(findings: Findings) -> list[str]:
    """The factors whose range the runs carry, the widest first, and those whose range they do not."""
    metric = findings.study.metric
    widest: dict[str, Effect] = {}
    for e in effects(findings):
        if e.factor not in widest and e.range.difference.low is not None:
            widest[e.factor] = e
    told = [e for e in widest.values() if e.worse]
    rest = [w.setting_name(e.factor) for e in widest.values() if not e.worse]
    sizes = [f"{w.setting_name(e.factor)} ({w.size(metric, e.range.difference.estimate)})" for e in told]
    lines = []
    if sizes:
        lines.append(f"Worst level to best, where one is told to be worse: {w.listing(sizes)}.")
    if rest:
        lines.append(f"No level told from another: {w.listing(rest)}.")
    return [" ".join(lines)] if lines else []


def _undecided(findings: Findings) -> list[str]:
    predicted = sum(len(group.outcomes) for group in findings.groups)
    if not predicted:
        return []
    return [f"The plan's {w.plural(predicted, 'prediction')} stand beside what was found. This page grades none of them."]


def test(findings: Findings) -> str:
    """The score of the recommended configuration on the test images; empty where there is none."""
    best = findings.recommended
    found = best.metrics.get("test_accuracy") if best else None
    if best is None or found is None:
        return ""
    score = f"{w.score('test_accuracy', found.mean)} ({rest('test_accuracy', found)})"
    return f"On the test images, which had no part in any choice, {best.label} scores {score}."


def noise(findings: Findings) -> str:
    """How far the same configuration lands from itself, and the difference that the study's replicates can tell."""
    found, metric = findings.noise, findings.study.metric
    if found is None:
        return "No configuration was run twice: how far a score moves by chance is not known, so no difference can be told from it."
    low, high = (w.size(metric, end).removesuffix(" points") for end in (found.low, found.high))
    n = findings.usual_n
    each = f"± {w.size(metric, found.sd)} is how far one run lands from the mean of its configuration"
    rest_on = f"pooled standard deviation between seeds, 95% interval {low} to {high}, {found.df} degrees of freedom"
    return " ".join([f"{each} ({rest_on}).", w.ruler_words(metric, found.ruler(n), n), *_outlying(findings, found)])


def _outlying(findings: Findings, found: Noise) -> list[str]:
    """The configurations whose seeds scatter too far to count as the same noise."""
    names = [findings.ranking[i].label for i in found.outlying]
    if not names:
        return []
    shown = w.listing(names) if len(names) <= w.MANY else w.first_to_last(names)
    if len(names) == 1:
        return [f"{shown} scatters further and is left out; comparisons with it use its own spread."]
    return [f"{shown} scatter further and are left out; comparisons with them use their own spread."]


def future(findings: Findings) -> tuple[str, ...]:
    """What the whole study leaves open, and the runs that would answer it."""
    totals, metric = findings.totals, findings.study.metric
    lines = []
    if totals.missing or totals.interrupted or totals.failed:
        lacking = totals.missing + totals.interrupted + totals.failed
        lines.append(f"Train {w.plural(lacking, 'planned run')} that did not finish: sweepbook run goes on from here.")
    if findings.noise is None or len(findings.ranking) < 2:
        return (*lines, "Give the plan a second seed: without one, nothing tells a difference from noise.")
    n, near = findings.usual_n, near_best(findings.ranking, metric, findings.noise)
    if len(near) > 1:
        now, then = (w.size(metric, findings.noise.ruler(k)) for k in (n, 4 * n))
        more = w.plural(3 * n * len(near), "run")
        some = f"{w.count(len(near))} configurations lie within {now} of the best mean"
        again = f"{some}; run these again with {3 * n} fresh seeds each ({more})"
        lines.append(f"{again}: two means of {4 * n} runs are told apart from about {then} on.")
    return tuple(lines) or ("Nothing is open that the same plan would answer; a new question needs a new group.",)


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


def summary(ranked: Sequence[Summary], findings: Findings, labels: Mapping[str, str]) -> str:
    """The best mean of a group, what the runs tell from it, and what moved besides; `labels` are the group's own, by id."""
    if not ranked:
        return f"No run of this group has finished with a {w.metric_name(findings.study.metric)}."
    return " ".join([_leader(ranked, findings, labels), *_volume(ranked)])


def _leader(ranked: Sequence[Summary], findings: Findings, labels: Mapping[str, str]) -> str:
    metric, others = findings.study.metric, len(ranked) - 1
    estimate = ranked[0].metrics[metric]
    tied = [s for s in ranked if s.metrics[metric].mean == estimate.mean]
    if len(tied) > 1:
        names = w.listing([labels[s.id] for s in tied])
        return f"{names} share the best mean {w.metric_name(metric)}, {w.score(metric, estimate.mean)}."
    score = f"{w.score(metric, estimate.mean)} ({rest(metric, estimate)})"
    lead = f"{labels[ranked[0].id]} has the best mean {w.metric_name(metric)}, {score}"
    if not others:
        return f"{lead}; it is the only configuration with a finished run."
    if findings.noise is None:
        return f"{lead}; without a second run of anything, that does not show that it is the best."
    first = len(untold_from_best(ranked, metric, findings.noise)) - 1
    if not first:
        return f"{lead}; {'the other one is' if others == 1 else f'each of the {w.count(others)} others is'} told to be worse."
    if others == 1:
        return f"{lead}; the other one cannot be told from it."
    many = "none" if first == others else w.count(first)
    return f"{lead}; {many} of the {w.count(others)} others can{'' if many == 'none' else 'not'} be told from it."


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
