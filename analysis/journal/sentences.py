"""Findings in, the sentences that the journal makes of them out, each written once for every page.

No sentence claims an order, a gain or a winner that the verdict behind it does not carry: means are called means, and what
shares a tier is said to be tied.
"""

from collections.abc import Mapping, Sequence

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.best import Choice, luck
from sweepbook.analysis.findings.findings import Findings, GroupFindings
from sweepbook.analysis.findings.totals import running_words
from sweepbook.analysis.groups.effects import Effect
from sweepbook.analysis.groups.summaries import Summary
from sweepbook.analysis.journal.otherwise import disagreements
from sweepbook.analysis.predictions import sentences as graded
from sweepbook.analysis.predictions.behind import each
from sweepbook.analysis.predictions.verdict import CONFIRMED, EMPTY, REFUTED, UNTOLD
from sweepbook.analysis.stats.means import Estimate
from sweepbook.analysis.stats.noise import Noise


def overview(findings: Findings) -> tuple[str, ...]:
    """The main findings in at most five lines."""
    if not findings.ranking:
        return (_nothing(findings),)
    best = " ".join([_best(findings), *_otherwise(findings)])
    lines = [_standing(findings), best, *_widest(findings), *_verdicts(findings), test(findings)]
    return tuple(filter(None, lines))


def _best(findings: Findings) -> str:
    """The best mean, who shares the first tier with it, how far its score is luck, and which one to take."""
    ranked, metric = findings.ranking, findings.study.metric
    best = ranked[0]
    lead = f"{best.label} has the best {w.mean_name(metric)}, {w.score(findings.form(metric), best.means[metric].value)}"
    if len(ranked) == 1 and not best.config and best.n > 1:
        return f"No log records a setting, so all {w.count(best.n)} runs count as one configuration: there is nothing to compare."
    if len(ranked) == 1:
        return f"{lead}; it is the only configuration with a finished run."
    if findings.noise is None:
        return f"{lead}. {no_noise(findings)}"
    first = findings.first_tier
    if len(first) == 1:
        return f"{lead}, and stands alone in the first tier of {w.count(len(ranked))} configurations."
    many = f"{w.count(len(first) - 1)} of the other {w.count(len(ranked) - 1)}" if len(ranked) > 2 else "the other one"
    lines = [f"{lead}, and shares the first tier with {many}.", *flattered(first, findings)]
    return " ".join([*lines, recommended(findings.choice, ranked, findings)])


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
    enough = f" of those with {w.plural(choice.runs, 'run')} or more" if best is not ranking[0] else ""
    if choice.recommended is best:
        return f"the best mean{enough}"
    label = (names or {}).get(best.id, best.label)
    worse = f"{w.size(form, choice.gives_away)} worse than" if choice.gives_away else "with the same mean as"
    return f"the cheapest within the noise of the best mean{enough}, {worse} {label}"


def _otherwise(findings: Findings) -> list[str]:
    """By which other metrics another configuration is best, and the best one here told to be behind."""
    found = disagreements(findings)
    if not found:
        return []
    best, first, *more = findings.ranking[0], *found
    form = findings.form(first.metric)
    there, here = (w.score(form, s.means[first.metric].value) for s in (first.best, best))
    text = f"By {w.metric_name(first.metric)} the order is another: {first.best.label} has the best mean, {there}, "
    text += f"and {best.label}, with {here}, is told to be behind"
    others = w.listing([w.metric_name(one.metric) for one in more])
    return [f"{text}; so it is by {others}." if more else f"{text}."]


def flattered(first: Sequence[Summary], findings: Findings) -> list[str]:
    """How far the best of a tier would stand above the others by luck alone, and its score drawn towards theirs."""
    form, found = findings.form(findings.study.metric), luck(first, findings.study.metric)
    if found is None:
        return []
    who = f"{w.count(found.among)} equal ones" if found.among == len(first) else f"{w.count(found.among)} that scatter alike"
    than = "above" if findings.study.sign > 0 else "below"
    lead = f"By luck alone the best of {who} stands {w.size(form, found.size)} {than} their mean"
    raw, drawn = w.score(form, found.raw), w.score(form, found.shrunken)
    return [f"{lead}; drawn towards that mean by as much as noise explains, its {raw} becomes {drawn}."]


def no_noise(findings: Findings) -> str:
    """Why no difference can be told from noise."""
    if any(s.n > 1 for s in findings.ranking):
        return "Every replicate scored the same, so the seeds do not show the noise, and no difference can be told from it."
    return "No configuration was run twice, so no difference can be told from noise."


def remedy(findings: Findings) -> str:
    """What would make the noise known."""
    if any(s.n > 1 for s in findings.ranking):
        return (
            "Find out why the seeds make no difference, or take a metric with finer steps: nothing tells a difference from noise."
        )
    return "A second seed for at least one configuration: it gives the noise, and with it every comparison."


def _widest(findings: Findings) -> list[str]:
    """The factors whose range the runs carry, the widest first, and those whose range they do not."""
    form = findings.form(findings.study.metric)
    widest: dict[str, Effect] = {}
    for e in findings.effects:
        if e.factor not in widest and e.range.low is not None:
            widest[e.factor] = e
    apart = {g.group.name for g in findings.groups if len(g.factors) == 1 and len(set(g.tiers.values())) > 1}
    told = [e for e in widest.values() if e.range.low or e.group in apart]
    rest = [w.setting_name(e.factor) for e in widest.values() if e not in told]
    sizes = [f"{w.setting_name(e.factor)} {w.extent(form, e.range)}" for e in told]
    lines = []
    if sizes:
        lines.append(f"From the worst level to the best, over the levels tested: {w.listing(sizes)}.")
    if rest:
        lines.append(f"No level told from another: {w.listing(rest)}.")
    return [" ".join(lines)] if lines else []


def _verdicts(findings: Findings) -> list[str]:
    """How many predictions have which verdict, and how many of these are false by chance."""
    every = [outcome.verdict for outcome in findings.outcomes]
    made = [verdict for verdict in every if verdict != EMPTY]
    empty = len(every) - len(made)
    verb = "is" if empty == 1 else "are"
    lines = [f"{w.plural(empty, 'prediction says', 'predictions say')} nothing and {verb} not counted."] if empty else []
    if not made:
        return lines
    words = ((CONFIRMED, "confirmed"), (REFUTED, "refuted"), (UNTOLD, "open"))
    parts = [f"{made.count(verdict)} {word}" for verdict, word in words]
    head = f"Of {w.plural(len(made), 'prediction')}: {w.listing(parts)}."
    decided = len(made) - made.count(UNTOLD)
    return [" ".join(filter(None, [head, graded.expected_false(len(made), decided), *lines]))]


def test(findings: Findings) -> str:
    """The score of the recommended configuration on the test images; empty where there is none."""
    best = findings.recommended
    found = best.metrics.get("test_accuracy") if best else None
    if best is not None and found is None and any("test_accuracy" in s.metrics for s in findings.ranking):
        return f"{best.label}, which is recommended, has not been scored on the test images; sweepbook run does it."
    if best is None or found is None:
        return ""
    form = findings.form("test_accuracy")
    score = f"{w.score(form, found.mean)} ({rest(form, found)})"
    return f"On the test images, which had no part in any choice, {best.label} scores {score}."


def noise(findings: Findings) -> str:
    """How far the same configuration lands from itself, and the differences that this sweep can tell and find."""
    found, form = findings.noise, findings.form(findings.study.metric)
    if found is None:
        return f"{no_noise(findings)} How far a score moves by chance is not known."
    n = findings.usual_n
    each = f"± {w.size(form, found.sd)} is how far one run lands from the mean of its configuration"
    rest_on = f"{_pooled(found)}, 95% interval {_ends(form, found)}, {w.plural(found.df, 'degree')} of freedom"
    seen = findings.detectable(form.metric, n)
    power = [] if seen is None else [f"One of {w.size(form, seen)} is found in 8 of 10 such sweeps."]
    return " ".join([f"{each} ({rest_on}).", w.ruler_words(form, findings.ruler(n), n), *power, *_outlying(findings, found)])


def _pooled(found: Noise) -> str:
    """What the noise was pooled from."""
    extra = found.residual
    if extra is None:
        return "pooled standard deviation between seeds"
    if extra.joined:
        return f"pooled from seeds and from what the additive fit of the grid {extra.grid} leaves over"
    return f"pooled standard deviation between seeds; what the grid {extra.grid} leaves over differs and was not pooled"


def _ends(form: w.Form, found: Noise) -> str:
    low, high = (w.size(form, end).removesuffix(" points") for end in (found.low, found.high))
    return f"{low} to {high}"


def _outlying(findings: Findings, found: Noise) -> list[str]:
    """The configurations whose seeds scatter too far to count as the same noise."""
    names = [s.label for s in findings.ranking if s.id in found.outlying]
    if not names:
        return []
    shown = w.listing(names) if len(names) <= w.MANY else w.first_to_last(names)
    if len(names) == 1:
        return [f"{shown} scatters further and is left out; comparisons with it use its own spread."]
    return [f"{shown} scatter further and are left out; comparisons with them use their own spread."]


def future(findings: Findings) -> tuple[str, ...]:
    """What the whole study leaves open, and the runs that would answer it."""
    totals, form = findings.totals, findings.form(findings.study.metric)
    lines = []
    lacking = totals.missing + totals.interrupted + totals.failed + findings.silent
    if lacking:
        lines.append(f"Train {w.plural(lacking, 'planned run')} that did not finish: sweepbook run goes on from here.")
    if findings.noise is None and findings.ranking:
        return (*lines, remedy(findings))
    n, first = findings.usual_n, findings.first_tier
    if len(first) > 1 and findings.noise:
        now, then = (findings.detectable(form.metric, k) for k in (n, 4 * n))
        some = f"{w.count(len(first))} configurations share the first tier"
        again = f"{some}; run them again with {w.plural(3 * n, 'fresh seed')} each ({w.plural(3 * n * len(first), 'run')})"
        if then is None:
            return (*lines, f"{again}.")
        today = "none" if now is None else f"one of {w.size(form, now)}"
        shown = f"in 8 of 10 sweeps two means of {4 * n} runs show a difference of {w.size(form, then)}"
        lines.append(f"{again}: {shown}, those of {n} {today}.")
    return tuple(lines) or ("Nothing is open that the same plan would answer; a new question needs a new group.",)


def _nothing(findings: Findings) -> str:
    if findings.totals.finished:
        return f'No finished run has the metric "{findings.study.metric}", so there is nothing to compare.'
    if findings.totals.diverged or findings.totals.failed:
        ended = f"{findings.totals.diverged} diverged and {findings.totals.failed} failed"
        return f"No run has finished: {ended}. There is nothing to compare; Problems says how each run ended."
    if findings.outside:
        runs = w.plural(findings.outside, "run")
        return f"{runs} finished, none of them of a configuration in a group of the plan, so there is nothing to compare."
    running = running_words(findings.totals.running, findings.silent)
    yet = f"No run has finished yet ({w.listing(running)})" if running else "No run has finished yet"
    return f"{yet}, so there is nothing to report. The plan below says what is to be tested."


def _standing(findings: Findings) -> str:
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
        return f"{there}; none of them is one of the {planned} that the plan asks for{left}."
    if _unplanned(findings):
        are = "is" if totals.finished == 1 else "are"
        return f"{there}; {w.count(totals.finished)} of them {are} among the {planned} that the plan asks for{left}."
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


def _unplanned(findings: Findings) -> int:
    """The runs behind the report that the plan does not ask for: those with another seed, or with none."""
    planned = {(run.id, run.seed) for run in findings.study.runs}
    return sum(s.n - sum((s.id, seed) in planned for seed in s.seeds) for s in findings.ranking)


def totals(findings: Findings) -> tuple[str, ...]:
    """How the runs stand and what they took."""
    runs, more = findings.totals, _unplanned(findings)
    count = [f"{runs.finished} finished", f"{runs.failed} failed", f"{runs.diverged} diverged", f"{runs.interrupted} interrupted"]
    count += [*running_words(runs.running, findings.silent), f"{runs.missing} missing"]
    lines = [f"{w.plural(runs.planned, 'run')} planned: {', '.join(count)}."]
    if not runs.planned:
        scored = sum(s.n for s in findings.ranking)
        with_it = f", {w.count(scored)} of them with {w.metric_name(findings.study.metric)}" if scored < runs.finished else ""
        lines = [f"{w.plural(runs.finished, 'run')} finished{with_it}; the plan names none of its own."]
    elif more:
        lines.append(
            f"{w.plural(more, 'run')} more {'counts' if more == 1 else 'count'}, with seeds that the plan does not ask for."
        )
    times = [(s.seconds, s.label) for s in findings.ranking if s.seconds is not None]
    if times:
        (fast, quick), (slow, late) = min(times), max(times)
        lines.append(f"The finished runs took {w.duration(runs.seconds)}, added up over runs that may have gone side by side.")
        ends = f"goes from {w.duration(fast)} ({quick}) to {w.duration(slow)} ({late})"
        same = w.duration(fast) == w.duration(slow)
        lines.append(f"The mean time of a run {f'is {w.duration(fast)} in each configuration' if same else ends}.")
    return tuple(lines)


def summary(found: GroupFindings, findings: Findings, labels: Mapping[str, str]) -> str:
    """The best mean of a group and who shares the first tier with it; `labels` are the group's own, by id."""
    ranked, metric = found.ranking, findings.study.metric
    form = findings.form(metric)
    if not ranked:
        return f"No run of this group has finished with a {w.metric_name(metric)}."
    others, estimate = len(ranked) - 1, ranked[0].metrics[metric]
    tied = [s for s in ranked if s.metrics[metric].mean == estimate.mean]
    if len(tied) > 1:
        names = w.listing([labels[s.id] for s in tied])
        return f"{names} share the best {w.mean_name(metric)}, {w.score(form, estimate.mean)}."
    score = f"{w.score(form, estimate.mean)} ({rest(form, estimate)})"
    lead = f"{labels[ranked[0].id]} has the best {w.mean_name(metric)}, {score}"
    if not others:
        return f"{lead}; it is the only configuration with a finished run."
    if findings.noise is None:
        return f"{lead}. {no_noise(findings)}"
    first = len(found.first) - 1
    if not first:
        return f"{lead}, and stands alone in the first tier."
    if others == 1:
        return f"{lead}; the other one is in the first tier too."
    verb, many = "is" if first == 1 else "are", w.count(first) if first < others else "all"
    return f"{lead}; {many} of the {w.count(others)} others {verb} in the first tier too."


def rest(form: w.Form, estimate: Estimate) -> str:
    """What a mean rests on: "3 runs, 95% interval [82.1, 84.9]"."""
    if estimate.low is None:
        return w.plural(estimate.n, "run")
    return f"{w.plural(estimate.n, 'run')}, 95% interval {w.interval(form, estimate)}"
