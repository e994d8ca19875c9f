"""Findings in, the sentences on their noise out: how far another seed lands, what the seed has to do with it, what these runs can
find; and what that rests on."""

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.findings.thirds import farthest, lands, thirds
from sweepbook.analysis.stats.noise import Noise


def noise(findings: Findings) -> str:
    """How far another seed lands from the average of its configuration: of one that could be the best and of a typical one, or of
    good and poor ones where these differ."""
    found, form = findings.noise, findings.form(findings.study.metric)
    if found is None:
        return no_noise(findings)
    apart, typical = thirds(findings, form.metric), w.size(form, found.sd)
    best = w.size(form, findings.scatter if findings.scatter is not None else found.sd)
    if apart:
        upper, middle, lower = (f"± {w.size(form, one).removesuffix(' points')}" for one in apart.each)
        each = f"{upper} among the best third, {middle} in the middle, {lower} among the worst"
        return f"Another seed lands ± {best} away where a configuration could be the best. It is {each}."
    if best == typical:
        return f"Another seed lands ± {typical} away."
    return f"Another seed lands ± {best} away where a configuration could be the best, ± {typical} in a typical one."


def noise_besides(findings: Findings) -> tuple[str, ...]:
    """Who scatters most, how much of the noise the seed explains, and the difference that such a sweep finds."""
    found, form, n = findings.noise, findings.form(findings.study.metric), findings.usual_n
    if found is None:
        return ()
    seen = findings.detectable(form.metric, n)
    runs = w.plural(n, "run")
    power = [] if seen is None else [f"In 8 of 10 sweeps with {runs} each, a true difference of {w.size(form, seen)} is found."]
    return (*_farthest(findings, found), *_outlying(findings, found), *_seeds(found), *power)


def noise_behind(findings: Findings) -> tuple[str, ...]:
    """What the noise is, in the words of statistics, and what it was learned from."""
    found, form = findings.noise, findings.form(findings.study.metric)
    if found is None:
        return ()
    size = w.size(form, found.sd)
    low, high = (w.size(form, end).removesuffix(" points") for end in (found.low, found.high))
    interval = f"the 95% interval is {low} to {high}, on {w.plural(found.df, 'degree')} of freedom"
    lines = [f"The standard deviation of a run of a typical configuration is {size}; {interval}.", *_pooled(found)]
    if found.seeds:
        share = w.percent(found.seeds.share, found.seeds.low, found.seeds.high)
        lines.append(f"The share of the seed is {share}.")
    return (*lines, "One that varies far more than others of like score goes by its own runs alone.")


def _farthest(findings: Findings, found: Noise) -> list[str]:
    """The configuration whose runs scatter by far the most."""
    form = findings.form(findings.study.metric)
    most = farthest(findings, form.metric)
    return [f"The furthest lands {most.label}, ± {w.size(form, lands(most, found))} away."] if most else []


def _seeds(found: Noise) -> list[str]:
    """How much of the noise the seed explains, where it surely explains some."""
    seeds = found.seeds
    if seeds is None or seeds.low <= 0:
        return []
    share = f"About {seeds.share:.0%} of this is what a seed does to all configurations alike"
    return [f"{share}.", "Comparisons at the same seeds are free of that part, and so the sharper."]


def _pooled(found: Noise) -> list[str]:
    """What the noise of a configuration is learned from."""
    others = "those of its neighbours in score" if found.trend else "those of all others"
    own, extra = f"The noise of a configuration comes from its own runs and {others}.", found.residual
    if extra is None:
        return [own]
    if extra.joined:
        return [f"It comes from all runs, and from what the additive fit of the grid {extra.grid} leaves over."]
    return [own, f"What the grid {extra.grid} leaves over differs, and was not pooled."]


def _outlying(findings: Findings, found: Noise) -> list[str]:
    """The configurations that vary far more than those of like score, and so tell nothing of the noise of others."""
    names = [s.label for s in findings.ranking if s.id in found.outlying]
    if not names:
        return []
    shown = w.listing(names) if len(names) <= w.MANY else w.first_to_last(names)
    if len(names) == 1:
        return [f"{shown} scatters far more than others of like score; comparisons with it go by its own runs."]
    return [f"{shown} scatter far more than others of like score; comparisons with them go by their own runs."]


def no_noise(findings: Findings) -> str:
    """Why the noise is not known."""
    if any(s.n > 1 for s in findings.ranking):
        return "Every seed of a configuration scored the same, so how far a seed moves a score is not known."
    return "No configuration was run twice, so how far a seed moves a score is not known."


def remedy(findings: Findings) -> str:
    """What would make the noise known."""
    if any(s.n > 1 for s in findings.ranking):
        return "Find out why the seeds make no difference, or take a metric with finer steps."
    return "Run at least one configuration with a second seed: it gives the noise, and with it every comparison."
