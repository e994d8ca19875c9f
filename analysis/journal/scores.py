"""A configuration and a metric in, its score with what that rests on out: runs, interval, and the images that it was scored on."""

from sweepbook.analysis import words as w
from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.groups.summaries import Summary
from sweepbook.analysis.stats.means import Estimate, wilson
from sweepbook.runner.datasets import DATASETS
from sweepbook.runner.metric import scored_share


def rest(form: w.Form, estimate: Estimate) -> str:
    """What a mean rests on: "3 runs, 95% interval 82.1 to 84.9"."""
    if estimate.low is None:
        return w.plural(estimate.n, "run")
    return f"{w.plural(estimate.n, 'run')}, 95% interval {w.interval(form, estimate)}"


def scored(summary: Summary, metric: str, findings: Findings) -> str:
    """A score that is claimed for a configuration, with its interval: "83.6% (82.1 to 84.9)"."""
    form, estimate = findings.form(metric), summary.metrics[metric]
    interval = f" ({w.interval(form, estimate)})" if estimate.low is not None else ""
    return f"{w.score(form, estimate.mean)}{interval}"


def other_examples(summary: Summary, metric: str, findings: Findings) -> tuple[str, ...]:
    """What the interval of a share covers, and how far other examples may move it: all runs are scored on the same ones, so that
    their luck stays in a mean however many seeds it has."""
    form, estimate, count = findings.form(metric), summary.metrics[metric], _examples(summary, metric)
    if count is None or not 0 <= estimate.mean <= 1:
        return ()
    name = "images" if _dataset(summary) in DATASETS else "examples"
    if estimate.low is not None and estimate.n == 1 and scored_share(metric):
        if summary.means[metric].variance is None:
            return (f"The interval is over {name} alone; what another seed brings is not known.",)
        return (f"The interval is over seeds and {name}.",)
    low, high = wilson(estimate.mean, count)
    return (f"On other {name} than these {w.count(count)} it may land ± {w.size(form, (high - low) / 2)} away.",)


def _examples(summary: Summary, metric: str) -> int | None:
    """How many examples a share was scored over; None for another metric, or where that is not known."""
    if metric == "test_accuracy":
        data = DATASETS.get(_dataset(summary))
        return data.test if data else None
    return summary.valid_seen if scored_share(metric) else None


def _dataset(summary: Summary) -> str:
    return str(summary.config.get("dataset"))
