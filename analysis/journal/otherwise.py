"""Findings in, what other measures of the same runs say out, where noise does not explain that they differ: another metric, or
another epoch than the last."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.findings.thirds import lands
from sweepbook.analysis.groups.curves import Curves
from sweepbook.analysis.groups.summaries import Summary
from sweepbook.analysis.stats.course import LONG, Array, course
from sweepbook.analysis.stats.means import t_quantile
from sweepbook.analysis.stats.tiers import tiers
from sweepbook.runner.metric import goal, sign

ASIDE = ("train", "test")  # metrics that no choice goes by begin so
CLOSE = 1e-6  # relative: so near the last entry of its series a final value is that of the last epoch


@dataclass(frozen=True)
class Disagreement:
    """A metric by which the best configuration of the study is told to be behind, and the one with the best mean by it."""

    metric: str
    best: Summary


@dataclass(frozen=True)
class Earlier:
    """An epoch, or the middle of a stretch of them, after which the mean over the runs was better than after the last one."""

    epoch: int
    value: float
    last: float
    stretch: int


def disagreements(findings: Findings) -> tuple[Disagreement, ...]:
    """The other metrics whose better way is known, by which the best mean of the study's metric is not in the first tier."""
    asked = "disagreements", findings.study.metric
    if asked not in findings.kept:  # a figure and an answer ask for them
        findings.kept[asked] = tuple(_disagreements(findings))
    known: tuple[Disagreement, ...] = findings.kept[asked]
    return known


def _disagreements(findings: Findings) -> Iterator[Disagreement]:
    for metric in findings.noises if findings.ranking else ():
        way, known, best = sign(goal(metric)), [s for s in findings.ranking if metric in s.means], findings.first_tier[0]
        if metric in (findings.study.metric, "gap") or metric.startswith(ASIDE) or not way or metric not in best.means:
            continue
        means = [s.means[metric].upward(way) for s in known]
        tier = tiers(means)
        if tier and tier[next(place for place, s in enumerate(known) if s is best)] > 1:
            yield Disagreement(metric, known[max(range(len(known)), key=lambda i: means[i].value)])


def earlier(summary: Summary, curves: Curves | None, findings: Findings) -> Earlier | None:
    """The epoch after which the configuration was clearly better than after the last one, if there is one: of all epochs, at 5%
    over their number, by the configuration's noise between seeds, or that of the difference itself where it is larger. None where
    the scores are not those of the last epoch."""
    metric, known = findings.study.metric, findings.noise
    table = curves.series.get(metric) if curves else None
    if curves is None or table is None or known is None or table.shape[1] < 2 or not _is_last(table[:, -1], summary.runs[metric]):
        return None
    at = np.array(curves.at[metric]) - 1
    whole = table if len(at) < LONG else np.stack([course(_placed(row, at), at).values for row in table])
    values = findings.study.sign * whole
    means, n, tail = values.sum(axis=0) / len(values), len(values), 1 - 0.05 / values.shape[1]
    best = int(means.argmax())
    gains = values[:, best] - values[:, -1]
    gain = float(gains.sum()) / n
    if not gain > t_quantile(summary.means[metric].df, tail) * lands(summary, known) * math.sqrt(2 / n):
        return None
    if n > 1 and not gain > t_quantile(n - 1, tail) * float(gains.std(ddof=1)) / math.sqrt(n):
        return None
    read, shown = course(_placed(table[0], at), at), findings.study.sign * means
    return Earlier(int(read.epochs[best]), float(shown[best]), float(shown[-1]), read.stretch)


def _is_last(last: Array, runs: Sequence[float]) -> bool:
    """Whether the final values are those of the last epoch."""
    pairs = zip(sorted(last.tolist()), sorted(runs), strict=False)
    return len(last) == len(runs) and all(math.isclose(*pair, rel_tol=CLOSE) for pair in pairs)


def _placed(values: Array, at: npt.NDArray[np.intp]) -> Array:
    """The values at their places, NaN between."""
    curve = np.full(int(at[-1]) + 1, np.nan)
    curve[at] = values
    return curve
