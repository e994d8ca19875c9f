"""Findings in, the figure of two metrics that have another best configuration out, as values."""

from dataclasses import replace

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.groups.summaries import Summary
from sweepbook.analysis.journal.marks import axis, mark
from sweepbook.analysis.journal.otherwise import disagreements
from sweepbook.analysis.page.picture import Mark, Picture
from sweepbook.runner.metric import goal


def metrics(findings: Findings) -> list[Picture]:
    """The study's metric against the first by which its best configuration is behind; none where there is no such."""
    found = next(iter(disagreements(findings)), None)
    if found is None:
        return []
    metric, other, best = findings.study.metric, found.metric, findings.first_tier[0]
    known = [s for s in findings.ranking if other in s.means]
    here, there = (w.metric_name(name) for name in (metric, other))
    alt = f"{here.capitalize()} against {there}: {_scores(best, metric, other, findings)} is the best by {here}, "
    alt += f"{_scores(found.best, metric, other, findings)} by {there}."
    ways = w.way(findings.study.goal), w.way(goal(other) or "")
    caption = f"{here.capitalize()} ({ways[0]}) against {there} ({ways[1]}): a dot a configuration, the best by each of them named."
    bars = " Bars say where its mean is with 95% confidence." if any(s.metrics[metric].low is not None for s in known) else ""
    return [
        Picture(
            "overall--metrics",
            "metrics",
            tuple(_mark(s, other, findings) for s in known),
            axis(other),
            None,
            axis(metric),
            alt,
            caption + bars,
            front=(known.index(best), known.index(found.best)),
            form=findings.form(metric),
        )
    ]


def _mark(summary: Summary, other: str, findings: Findings) -> Mark:
    """A configuration by the other metric and by the study's."""
    one = mark(summary, w.scale(other) * summary.metrics[other].mean, findings.study.metric, summary.label)
    return replace(one, across=w.bounds(other, summary.metrics[other]), ranked=summary.id not in findings.unranked)


def _scores(summary: Summary, metric: str, other: str, findings: Findings) -> str:
    """A configuration with both of its scores: "a (90.1% and 0.601)"."""
    here, there = (w.score(findings.form(name), summary.metrics[name].mean) for name in (metric, other))
    return f"{summary.label} ({here} and {there})"
