"""A side of a comparison in, the noise of each of its metrics out, and the mean of each configuration with it.

The noise is fitted anew from the runs, whatever the report says of it: so reports of all versions are read alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from math import exp, log

import numpy as np
import numpy.typing as npt
from sweepbook.analysis.diff.matching import Matching
from sweepbook.analysis.export.record.read import Asked, Entry, Side
from sweepbook.analysis.stats.means import Mean, mean_of, sampling_variance, t_quantile
from sweepbook.analysis.stats.noise import Noise, noise
from sweepbook.runner.metric import direction, scored_share, sign
from sweepbook.runner.values import level_text

FEWEST = 5  # configurations that ran again on both sides, of which a change of the noise is read
MOSTLY = 0.9  # of the cells of a grid are of one run, where the grid may help with the noise


def noises(side: Side) -> dict[str, Noise]:
    """The noise of each metric of a side, of those in which any runs of one configuration differ."""
    known = {}
    for metric in dict.fromkeys(name for entry in side.entries.values() for name in entry.runs):
        samples = {key: entry.runs[metric] for key, entry in side.entries.items() if metric in entry.runs}
        up = direction(metric, side.metric, sign(side.goal))
        tables = {group.name: table for group in side.groups if (table := _table(group, side.entries, metric)) is not None}
        if fitted := noise(samples, up, tables):
            known[metric] = fitted
    return known


def _table(group: Asked, entries: Mapping[str, Entry], metric: str) -> npt.NDArray[np.float64] | None:
    """The scores of a group that is a full grid of two factors, most cells of one run; None where it is none. Of several runs the
    first counts."""
    members = [entries[key] for key in group.configs if key in entries and metric in entries[key].runs]
    if len(group.factors) != 2 or len(members) < max(len(group.configs), 4):
        return None
    if sum(entry.n == 1 for entry in members) < MOSTLY * len(members):
        return None
    if not all(factor in entry.config for entry in members for factor in group.factors):
        return None
    cells = {tuple(level_text(e.config[factor]) for factor in group.factors): next(iter(e.runs[metric].values())) for e in members}
    rows, columns = (list(dict.fromkeys(place[axis] for place in cells)) for axis in (0, 1))
    if min(len(rows), len(columns)) < 2 or not len(cells) == len(members) == len(rows) * len(columns):
        return None
    values = [cells[place] for place in product(rows, columns)]
    return np.array(values).reshape(len(rows), len(columns))


def means(
    found: Matching, metric: str, old: Mapping[str, Noise], new: Mapping[str, Noise]
) -> tuple[dict[str, Mean], dict[str, Mean]]:
    """The old and the new mean of each matched configuration that has the metric on both sides, by its new id. Where
    the noise of one side alone is known it is that of both."""
    known = old.get(metric), new.get(metric)
    sides: tuple[dict[str, Mean], dict[str, Mean]] = {}, {}
    for a, b in found.pairs:
        if metric not in a.runs or metric not in b.runs:
            continue
        for place, entry in enumerate((a, b)):
            whose = place if known[place] else 1 - place
            sides[place][b.id] = mean_of(entry.runs[metric], known[whose], (a, b)[whose].id, _sampling(entry, metric))
    return sides


def _sampling(entry: Entry, metric: str) -> float | None:
    sizes = [count for count in (entry.valid_seen, entry.valid_examples) if count]
    if not scored_share(metric) or not sizes:
        return None
    return sampling_variance(entry.metrics[metric].mean, min(sizes))


@dataclass(frozen=True)
class Scatter:
    """How far another seed lands on the old and the new side, as standard deviations, and the new scatter over the old one within a
    configuration: the geometric mean over the configurations, the seed's part taken off, with its 95% interval; None where too few
    ran again."""

    old: float
    new: float
    low: float | None
    high: float | None

    @property
    def told(self) -> bool:
        """Whether the noise itself changed, beyond what chance does to it."""
        if self.low is None or self.high is None:
            return False
        return (self.low > 1 and self.new > self.old) or (self.high < 1 and self.new < self.old)


def scatter(found: Matching, metric: str, old: Mapping[str, Noise], new: Mapping[str, Noise]) -> Scatter | None:
    """How far seeds scatter on both sides in one metric; None where the noise of one is not known. A configuration that varies far
    more than others counts as one, so that a single one does not decide."""
    before, after = old.get(metric), new.get(metric)
    if before is None or after is None:
        return None
    again = [(a, b) for a, b in found.pairs if not len(found.shared[b.id]) == a.n == b.n]
    owns = [(before.each.get(a.id), after.each.get(b.id)) for a, b in again]
    ratios = [log(y.own / x.own) / 2 for x, y in owns if x and y and x.own and y.own]
    if len(ratios) < FEWEST:
        return Scatter(before.sd, after.sd, None, None)
    middle = float(np.mean(ratios))
    half = t_quantile(len(ratios) - 1, 0.975) * float(np.std(ratios, ddof=1)) / len(ratios) ** 0.5
    return Scatter(before.sd, after.sd, exp(middle - half), exp(middle + half))
