"""Configurations and their noise in, what one model of the noise does not fit out: spreads that differ beyond it (SB112), tasks
whose scores and noise have nothing in common (SB113)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from sweepbook.analysis import words as w
from sweepbook.analysis.checks.check import Check
from sweepbook.analysis.checks.context import Context
from sweepbook.analysis.groups.summaries import Summary
from sweepbook.analysis.groups.tasks import is_task
from sweepbook.analysis.stats.noise import Noise
from sweepbook.analysis.stats.spreads import variances

UNLIKE = 1.8  # degrees of freedom that neighbours count, below which spreads are as unlike as log SDs that scatter by .8
FEW = 0.02  # of the configurations that may be outlying, one at least
NAMED = 3  # configurations that one sentence names
WIDE = 2.0  # how many times the expected spread is worth a name
ENOUGH = 6  # degrees of freedom from which on the runs of one task say how much they scatter
FAR = 5.0  # how many times as much runs scatter on one task as on another, where scores need not tell
APART = 3.0  # the same, where scores go by the task
EXPLAINED = 0.95  # of the variance of scores, where scores go by the task


def unlike_spreads(context: Context) -> Iterator[Check]:
    """SB112."""
    noise = context.noise
    if noise is None or not beyond(noise):
        return
    wide = [(context.ran[ident].label, by) for ident, by in _widest(noise) if ident in context.ran]
    times = [f"{w.plain(float(f'{by:.2g}'))} times ({label})" for label, by in wide]
    message = f"Runs scatter up to {w.listing(times)} as much as those of like score let expect. "
    message += "So equal configurations may look unlike in 1 of 10 such sweeps, not in 1 of 20. "
    message += "Give those that matter five runs or more, and look at the single runs."
    yield Check("SB112", "", tuple(label for label, _ in wide), message)


def beyond(noise: Noise) -> bool:
    """Whether several configurations vary far more than expected, or neighbours in score are so unlike that they count little."""
    return len(noise.outlying) > max(1.0, FEW * len(noise.each)) or noise.prior < UNLIKE


def _widest(noise: Noise) -> list[tuple[str, float]]:
    """The configurations that scatter most for what their neighbours in score let expect, by id, and how many times as much."""
    times = {ident: (one.own / one.mu) ** 0.5 for ident, one in noise.each.items() if one.own is not None and one.mu > 0}
    first = sorted(times, key=lambda ident: (ident not in noise.outlying, -times[ident]))
    wide = [ident for ident in first if times[ident] >= WIDE]
    return [(ident, times[ident]) for ident in (wide or first)[: NAMED if wide else 1]]


@dataclass(frozen=True)
class Task:
    """The configurations with one level of a setting: their scores, and the standard deviations between the runs of each that has
    several."""

    level: str
    scores: tuple[float, ...]
    spreads: tuple[float, ...]
    labels: tuple[str, ...]
    df: int

    @property
    def spread(self) -> float:
        """The typical standard deviation between runs."""
        return float(np.median(self.spreads))


def unlike_tasks(context: Context) -> Iterator[Check]:
    """SB113: by the name of the setting, and by what the runs on its levels come to."""
    metric, ran = context.study.metric, context.ran.values()
    for setting in dict.fromkeys(key for summary in ran for key in summary.config if is_task(key)):
        tasks = _tasks(setting, metric, list(ran))
        measured = [task for task in tasks if task.df >= ENOUGH]
        apart = [pair for pair in combinations(measured, 2) if _unlike(*pair, by_task=_explained(tasks) >= EXPLAINED)]
        if not apart:
            continue
        quiet, loud = sorted(max(apart, key=lambda pair: _ratio(*pair)), key=lambda task: task.spread)
        form = w.form(metric, [score for task in tasks for score in task.scores], [s for task in tasks for s in task.spreads if s])
        scores = [
            f"{task.level} scores {w.score(form, min(task.scores))} to {w.score(form, max(task.scores))}, and a run of it lies "
            f"typically {w.size(form, task.spread)} off its mean."
            for task in (quiet, loud)
        ]
        message = f"{' '.join(scores)} They share no noise and no sensible ranking. "
        message += f'Write one plan for each, with where = {{ {setting} = "…" }}.'
        yield Check("SB113", "", (*quiet.labels, *loud.labels), message, (setting,))


def _tasks(setting: str, metric: str, ran: Sequence[Summary]) -> list[Task]:
    """The levels of a setting that are words, in the order in which they come up."""
    members: dict[str, list[Summary]] = {}
    for summary in ran:
        level = summary.config.get(setting)
        if isinstance(level, str) and metric in summary.runs:
            members.setdefault(level, []).append(summary)
    return [_task(level, metric, own) for level, own in members.items()]


def _task(level: str, metric: str, own: Sequence[Summary]) -> Task:
    several = [summary.runs[metric] for summary in own if len(summary.runs[metric]) > 1]
    spreads = tuple(np.sqrt(variances(several)).tolist())
    scores, labels = tuple(summary.means[metric].value for summary in own), tuple(summary.label for summary in own)
    return Task(level, scores, spreads, labels, sum(len(runs) - 1 for runs in several))


def _explained(tasks: Sequence[Task]) -> float:
    """The share of the variance of scores that the tasks explain."""
    every = np.concatenate([task.scores for task in tasks])
    within = sum(len(task.scores) * float(np.var(task.scores)) for task in tasks)
    total = len(every) * float(np.var(every))
    return 1 - within / total if total > 0 else 0.0


def _unlike(one: Task, other: Task, by_task: bool) -> bool:
    return _ratio(one, other) >= (APART if by_task else FAR)


def _ratio(one: Task, other: Task) -> float:
    """How many times as much the runs of one scatter as those of the other."""
    least, most = sorted((one.spread, other.spread))
    return most / least if least > 0 else np.inf if most > 0 else 1.0
