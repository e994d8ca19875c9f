"""A plan and its logs in, what a check may look at out: one value for all of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps

from sweepbook.analysis.checks.check import Check
from sweepbook.analysis.checks.points import Question
from sweepbook.analysis.groups.summaries import Summary
from sweepbook.analysis.logs.sweep import Sweep
from sweepbook.analysis.stats.noise import Noise
from sweepbook.runner.study import Study


@dataclass(frozen=True)
class Context:
    """The plan, and its logs where there are any.

    `questions` are the groups with what each configuration amounts to, as logged or else as planned. `sweep` is None before there
    are logs. `best` has the ids of each group's first tier, by its name, and `ran` each configuration with a finished run, by its
    id; `noise` is that of the study's metric, None where it is not known. `looks` are the numbers of runs behind this report and
    those before it, as far as each had more runs of the same configurations.
    """

    study: Study
    questions: Sequence[Question]
    sweep: Sweep | None = None
    best: Mapping[str, Sequence[str]] = field(default_factory=dict)
    ran: Mapping[str, Summary] = field(default_factory=dict)
    noise: Noise | None = None
    looks: Sequence[int] = ()


def of_logs(check: Callable[[Context, Sweep], Iterable[Check]]) -> Callable[[Context], Iterable[Check]]:
    """The check, with nothing to object before there are logs."""

    @wraps(check)
    def guarded(context: Context) -> Iterable[Check]:
        return () if context.sweep is None else check(context, context.sweep)

    return guarded
