"""Findings and a metric in, how far seeds scatter among the better configurations, the middling ones and the poorer ones out."""

from dataclasses import dataclass
from statistics import median

from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.groups.summaries import Summary
from sweepbook.analysis.stats.noise import Noise
from sweepbook.runner.metric import direction

CLEAR = 2.0  # times as far in one third as in another: what three runs a configuration can hardly make of one noise
FAR = 4.0  # times what is usual: a configuration that scatters so much further is named


@dataclass(frozen=True)
class Thirds:
    """How far one run lands from the mean of its configuration, the seed's part in it, for the middle one of each third of the
    configurations by their mean."""

    best: float
    middle: float
    worst: float

    @property
    def each(self) -> tuple[float, float, float]:
        """From the best to the worst third."""
        return self.best, self.middle, self.worst


def thirds(findings: Findings, metric: str) -> Thirds | None:
    """None where noise does not go with the score, or not clearly: there one number says it."""
    asked = "thirds", metric
    if asked not in findings.kept:
        findings.kept[asked] = _thirds(findings, metric)
    known: Thirds | None = findings.kept[asked]
    return known


def _thirds(findings: Findings, metric: str) -> Thirds | None:
    noise = findings.noises.get(metric)
    if noise is None or not noise.trend:
        return None
    way = direction(metric, findings.study.metric, findings.study.sign)
    known = sorted(_repeated(findings, metric), key=lambda s: -way * s.means[metric].value)
    size, apart = len(known) // 3, [lands(s, noise) for s in known]
    parts = (apart[:size], apart[size : len(apart) - size], apart[len(apart) - size :])
    found = Thirds(*map(median, parts))
    return found if max(found.each) >= CLEAR * min(found.each) else None


def farthest(findings: Findings, metric: str) -> Summary | None:
    """The configuration whose runs scatter by far the most, beyond what those of any third do; None where there is none."""
    noise = findings.noises.get(metric)
    known = _repeated(findings, metric) if noise else []
    if noise is None or not known:
        return None
    most = max(known, key=lambda s: lands(s, noise))
    apart = thirds(findings, metric)
    usual = max(apart.each) if apart else noise.sd
    return most if lands(most, noise) > FAR * usual else None


def lands(summary: Summary, noise: Noise) -> float:
    """How far one run of it lands from its mean by this `noise`: the standard deviation, the seed's part in it."""
    own = noise.each[summary.id].variance if summary.id in noise.each else noise.rest**2
    return float((own + (noise.seeds.sd if noise.seeds else 0.0) ** 2) ** 0.5)


def _repeated(findings: Findings, metric: str) -> list[Summary]:
    """The configurations whose own runs tell of noise."""
    return [s for s in findings.ranking if metric in s.means and s.means[metric].n > 1]
