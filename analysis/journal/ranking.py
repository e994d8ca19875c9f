"""Findings in, all configurations in one table out: which could be the best, then by their means; and the tiers behind that."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import accumulate

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.findings import Findings, could_be_best
from sweepbook.analysis.groups.curves import Curves
from sweepbook.analysis.groups.summaries import Summary
from sweepbook.analysis.journal.anchors import config_anchor
from sweepbook.analysis.journal.measured import VOLUME, curve_shapes, measured, placed, scale_and_spans, score_columns
from sweepbook.analysis.journal.results import CURVES
from sweepbook.analysis.page.table import Column, Line, Table, cells
from sweepbook.runner.values import level_text

TIERS = {"tier": Column("tier"), "count": Column("configurations"), "which": Column("which", False)}
PLACES = ("yes", "no", w.UNRANKED)  # in the order of the rows


def ranking(findings: Findings, curves: Mapping[str, Curves]) -> Table:
    """Every configuration: first those that could be the best, last those that are not ranked, the best mean first in each part, so
    that no row seems to contradict the one before it.

    The columns go by the names best, configuration, changed (of a study with a baseline), runs, score, interval, gap, parameters
    and seconds.
    """
    metric = findings.study.metric
    columns = {"best": Column("could be the best", False), "configuration": Column("configuration", False)}
    columns |= {"changed": Column("changed from the baseline", False)} if findings.study.baseline else {}
    columns |= {**score_columns(metric), "gap": Column("gap", folds=1)}
    columns |= {"parameters": VOLUME["parameters"], "seconds": VOLUME["seconds"]}
    ordered = _ordered(findings)
    scale, spans = scale_and_spans(ordered, findings)
    shapes = curve_shapes([curves.get(s.id) for s in ordered])
    top = findings.ranking[0].metrics[metric].mean if findings.ranking else None
    lines: list[Line] = []
    unable = _Unable(ordered, findings)
    for s, span, shape in zip(ordered, spans, shapes, strict=True):
        names = {"best": _could(s, unable, findings), "configuration": s.label}
        names |= {"changed": _changed(s, findings)} if "changed" in columns else {}
        row = cells(columns, {**names, **measured(s, findings)})
        lines.append(Line(row, s.metrics[metric].mean == top, f"rank-{s.id}", ((1, config_anchor(s.id)),), span, shape))
    return Table(tuple(columns.values()), tuple(lines), scale, CURVES if any(shapes) else "")


def _ordered(findings: Findings) -> list[Summary]:
    metric, sign = findings.study.metric, findings.study.sign
    if not findings.tiers:
        return list(findings.ranking)
    by_mean = sorted(findings.ranking, key=lambda s: -sign * s.means[metric].value)
    return sorted(by_mean, key=lambda s: PLACES.index(could_be_best(findings, s.id)))


class _Unable:
    """The configurations that could not be the best, the best mean first: of so many from the first on the fewest runs of any, and
    the widest interval."""

    def __init__(self, ordered: Sequence[Summary], findings: Findings) -> None:
        self.metric, self.sign = findings.study.metric, findings.study.sign
        found = sorted((s for s in ordered if could_be_best(findings, s.id) == "no"), key=self.place)
        self.places = [self.place(s) for s in found]
        self.fewest = list(accumulate((s.n for s in found), min))
        self.widest = list(accumulate((_width(s, self.metric) for s in found), max))

    def place(self, summary: Summary) -> float:
        return -self.sign * summary.means[self.metric].value

    def better(self, summary: Summary) -> int:
        """How many of them have a better mean."""
        return bisect_left(self.places, self.place(summary))


def _could(summary: Summary, unable: _Unable, findings: Findings) -> str:
    """Whether it could be the best, and why where one with a better mean could not: then its own mean is known less well."""
    word = could_be_best(findings, summary.id)
    passed = unable.better(summary)
    if word != "yes" or not passed:
        return word
    if summary.n < unable.fewest[passed - 1]:
        return f"{word}: it ran less often"
    wider = _width(summary, unable.metric) > unable.widest[passed - 1]
    return f"{word}: its seeds scatter more" if wider else word


def _width(summary: Summary, metric: str) -> float:
    """How wide the interval of a mean is; without end where it is not known."""
    estimate = summary.metrics[metric]
    return float("inf") if estimate.low is None or estimate.high is None else estimate.high - estimate.low


def tiers(findings: Findings) -> Table:
    """A row a tier: how many configurations share it, and which. None where the noise is not known.

    The columns go by the names tier, count and which.
    """
    shared: dict[str, list[str]] = {}
    for s in findings.ranking if findings.tiers else ():
        shared.setdefault(placed(findings, s.id), []).append(s.label)
    rows = ({"tier": tier, "count": w.count(len(names)), "which": w.first_to_last(names)} for tier, names in shared.items())
    return Table(tuple(TIERS.values()), tuple(Line(cells(TIERS, row)) for row in rows))


def _changed(summary: Summary, findings: Findings) -> str:
    """The settings in which a configuration differs from the baseline, in words."""
    keys = [key for key in findings.changes(summary) if key in summary.config]
    return ", ".join(f"{w.setting_name(key)} {level_text(summary.config[key])}" for key in keys) or "nothing"
