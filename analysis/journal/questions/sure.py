"""Findings in, how sure all this is out: below which difference two averages tell nothing, and how far a run lands by chance."""

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.best import luck
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.findings.thirds import farthest, lands, thirds
from sweepbook.analysis.journal import trends
from sweepbook.analysis.journal.questions.answer import SURE, Answer
from sweepbook.analysis.journal.scatter import no_noise, remedy
from sweepbook.analysis.predictions.verdict import DECIDED, EMPTY

ALONE = "That is for one pair that you pick beforehand; to pick from many takes more."
WRONGLY = 0.05  # of the expectations get a false verdict, at most


def sure(findings: Findings) -> Answer:
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
    size, typical = w.size(form, usual), w.size(form, known.sd)
    lead = f"The same settings with another seed land ± {size} away"
    apart, most = thirds(findings, form.metric), farthest(findings, form.metric)
    where = " where they could be the best" if apart or size != typical else ""
    if apart:
        return [f"{lead}{where}; among the worst third ± {w.size(form, apart.worst)}."]
    if most:
        return [f"{lead}{where}; those of {most.label} ± {w.size(form, lands(most, known))}."]
    return [f"{lead}{where}, ± {typical} in a typical configuration." if where else f"{lead}."]


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
