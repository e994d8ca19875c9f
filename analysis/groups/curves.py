"""A `Sweep` and the summaries of its configurations in, their learning curves out: what each epoch brought, over the seeds."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from sweepbook.analysis.groups.summaries import Summary
from sweepbook.analysis.logs.sweep import Sweep
from sweepbook.analysis.stats.course import Array
from sweepbook.runner.metric import VALID

HIGHEST = 1e100  # a series that goes beyond is no curve to draw


@dataclass(frozen=True, eq=False)
class Curves:
    """The learning curves of one configuration, cut to its shortest run: the values of each series, [runs, entries], and the
    epochs, from 1, at which they stand: those that every run has scored."""

    series: Mapping[str, Array]
    at: Mapping[str, tuple[int, ...]]

    def mean(self, name: str) -> Array:
        """The mean over the runs after each scored epoch, [entries]; empty where no run logs the series."""
        if name not in self.series:
            return np.empty(0)
        table = self.series[name]
        return np.asarray(table.sum(axis=0) / len(table))  # which mean() makes in twice the time

    def last_changes(self) -> Array:
        """What the last scored epoch did to each run's validation loss, [runs]; empty where there are no two."""
        if VALID not in self.series or len(self.at[VALID]) < 2:
            return np.empty(0)
        return self.series[VALID][:, -1] - self.series[VALID][:, -2]


def learning_curves(sweep: Sweep, summaries: Iterable[Summary]) -> dict[str, Curves]:
    """The curves of every configuration whose counted runs log them, by its id."""
    logs = sweep.epochs["log"].to_numpy()
    if not len(logs):
        return {}
    starts = np.flatnonzero(np.r_[True, logs[1:] != logs[:-1]])
    ends = np.r_[starts[1:], len(logs)]
    where = {logs[a]: (int(a), int(b)) for a, b in zip(starts, ends, strict=True)}
    columns = {str(name): sweep.epochs[name].to_numpy(float) for name in sweep.epochs.columns if name not in ("log", "epoch")}
    whole = {name for name, values in columns.items() if (np.abs(values) < HIGHEST).all()}
    found = {}
    for summary in summaries:
        spans = [where[log] for log in summary.logs if log in where]
        if spans:
            found[summary.id] = _stacked(columns, spans, whole)
    return found


def _stacked(columns: Mapping[str, Array], spans: list[tuple[int, int]], whole: Collection[str]) -> Curves:
    """Each series that every run has, in reasonable numbers, one row a run, at the epochs at which all have a value; those that are
    `whole` are so in every run."""
    length = min(b - a for a, b in spans)
    series, at = {}, {}
    for name, values in columns.items():
        table = np.array([values[a : a + length] for a, _ in spans])
        if name in whole:
            series[name], at[name] = table, tuple(range(1, length + 1))
            continue
        scored = ~np.isnan(table).any(axis=0)
        if scored.any() and (np.abs(table[:, scored]) < HIGHEST).all():
            series[name] = table[:, scored]
            at[name] = tuple((np.flatnonzero(scored) + 1).tolist())
    return Curves(series, at)
