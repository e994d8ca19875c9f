"""A plan and its logs in, what an honest reader would object to out, each under a code that docs/checks explains.

check        what a check has to object, and what the plan says of it
points       what each configuration amounts to
context      all that a check may look at
design       SB101, SB102, SB105, SB107: what moves along, what was held, what is too short
attribution  SB104: more than one setting differs
idle         SB109: settings that cannot act
outcomes     SB106, SB108, SB110, SB111: what limits the scores
scatter      SB112, SB113: noise that one model does not fit
looks        SB114: many reports before this one
unrecorded   SB103: settings that the logs do not have
records      SB201 to SB206: what the logs lack

A check is a function of a `Context` that yields what it has to object, and a line in runner/study.py, where a plan's reader finds
the codes too.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pkgutil import resolve_name

from sweepbook.analysis.checks.check import Check, settled
from sweepbook.analysis.checks.context import Context
from sweepbook.analysis.checks.points import logged, planned
from sweepbook.analysis.groups.summaries import GroupRows
from sweepbook.analysis.logs.sweep import Sweep
from sweepbook.analysis.stats.noise import Noise
from sweepbook.runner.study import CHECKS, Study

__all__ = ["Check", "checks", "design_checks"]


def design_checks(study: Study) -> tuple[Check, ...]:
    """What the plan alone already fails, before any run is paid for, by code and then in the plan's order."""
    return settled(study, _fired(Context(study, planned(study))))


def checks(
    study: Study,
    sweep: Sweep,
    groups: Sequence[GroupRows],
    best: Mapping[str, Sequence[str]],
    noise: Noise | None = None,
    looks: Sequence[int] = (),
) -> tuple[Check, ...]:
    """All that the plan and the logs fail, by code and then in the plan's order.

    `best` has for each group the ids of its first tier, `noise` is that of the study's metric and `looks` are the runs behind the
    reports so far. What runs did is taken from the logs, and from the settings where nothing has run yet.
    """
    ran = {summary.id: summary for group in groups for summary in group.summaries}
    return settled(study, _fired(Context(study, logged(sweep, groups), sweep, best, ran, noise, looks)))


def _fired(context: Context) -> Iterator[Check]:
    for place in CHECKS.values():
        check: Callable[[Context], Iterable[Check]] = resolve_name(f"{__name__}.{place}")
        yield from check(context)
