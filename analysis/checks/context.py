"""A plan and its logs in, what a check may look at out: one value for all of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps

from sweepbook.analysis.checks.check import Check
from sweepbook.analysis.checks.points import Question
from sweepbook.analysis.logs.sweep import Sweep
from sweepbook.runner.study import Study


@dataclass(frozen=True)
class Context:
    """The plan, and its logs where there are any.

    `questions` are the groups with what each configuration amounts to, as logged or else as planned. `sweep` is None before there
    are logs. `best` has the ids of each group's first tier, by its name, and `ran` the ids of all with a finished run.
    """

    study: Study
    questions: Sequence[Question]
    sweep: Sweep | None = None
    best: Mapping[str, Sequence[str]] = field(default_factory=dict)
    ran: frozenset[str] = frozenset()


def of_logs(check: Callable[[Context, Sweep], Iterable[Check]]) -> Callable[[Context], Iterable[Check]]:
    """The check, with nothing to object before there are logs."""

    @wraps(check)
    def guarded(context: Context) -> Iterable[Check]:
        return () if context.sweep is None else check(context, context.sweep)

    return guarded
