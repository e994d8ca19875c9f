"""Findings in, the sentences on their noise out: how far the same configuration lands from itself, what the seed has to do with it,
and the differences that the sweep can tell."""

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.findings.thirds import farthest, lands, thirds
from sweepbook.analysis.stats.noise import Noise


def noise(findings: Findings) -> str:
    """How far the same configuration lands from itself, and the differences that this sweep can tell and find."""
    found, form = findings.noise, findings.form(findings.study.metric)
    if found is None:
        return f"{no_noise(findings)} How far a score moves by chance is not known."
    n = findings.usual_n
    seen = findings.detectable(form.metric, n)
    power = [] if seen is None else [f"One of {w.size(form, seen)} is found in 8 of 10 such sweeps."]
    lines = [*_lands(findings, found), *_farthest(findings, found), *_seeds(found)]
    return " ".join([*lines, w.ruler_words(form, findings.ruler(n), n), *power, *_outlying(findings, found)])


def _lands(findings: Findings, found: Noise) -> list[str]:
    """How far one run lands from the mean of its configuration: one number, or three where good ones and poor ones differ."""
    form = findings.form(findings.study.metric)
    typical = w.size(form, found.sd)
    rest_on = f"95% interval {_ends(form, found)}, {w.plural(found.df, 'degree')} of freedom; {_pooled(found)}"
    apart = thirds(findings, form.metric)
    if apart is None:
        return [f"± {typical} is how far one run lands from the mean of its configuration ({rest_on})."]
    low, high = (w.size(form, end(apart.each)) for end in (min, max))
    best, middle, worst = (f"± {w.size(form, one).removesuffix(' points')}" for one in apart.each)
    each = f"{best} among the best third, {middle} in the middle, {worst} among the worst"
    lead = f"± {low.removesuffix(' points')} to {high} is how far one run lands from the mean of its configuration: {each}."
    return [lead, f"Typical is {typical} ({rest_on})."]


def _farthest(findings: Findings, found: Noise) -> list[str]:
    """The configuration whose runs scatter by far the most."""
    form = findings.form(findings.study.metric)
    most = farthest(findings, form.metric)
    return [f"{most.label} scatters most, by ± {w.size(form, lands(most, found))}."] if most else []


def _seeds(found: Noise) -> list[str]:
    """How much of the noise the seed explains, where it is told to explain some."""
    seeds = found.seeds
    if seeds is None or seeds.low <= 0:
        return []
    share = f"{seeds.share:.0%} of the typical noise (95% interval {100 * seeds.low:.0f} to {100 * seeds.high:.0f}%)"
    sharper = "It moves all configurations alike, so comparisons at the same seeds are the sharper for it."
    return [f"The seed explains {share}. {sharper}"]


def _pooled(found: Noise) -> str:
    """What the noise of a configuration is read from."""
    others = "those of its neighbours in score" if found.trend else "those of all others"
    own, extra = f"each configuration's from its own runs and {others}", found.residual
    if extra is None:
        return own
    if extra.joined:
        return f"from all runs and from what the additive fit of the grid {extra.grid} leaves over"
    return f"{own}; what the grid {extra.grid} leaves over differs and was not pooled"


def _ends(form: w.Form, found: Noise) -> str:
    low, high = (w.size(form, end).removesuffix(" points") for end in (found.low, found.high))
    return f"{low} to {high}"


def _outlying(findings: Findings, found: Noise) -> list[str]:
    """The configurations that vary far more than those of like score, and so tell nothing of the noise of others."""
    names = [s.label for s in findings.ranking if s.id in found.outlying]
    if not names:
        return []
    shown = w.listing(names) if len(names) <= w.MANY else w.first_to_last(names)
    if len(names) == 1:
        return [f"{shown} varies far more than settings of like score; comparisons with it go by its own runs."]
    return [f"{shown} vary far more than settings of like score; comparisons with them go by their own runs."]


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
