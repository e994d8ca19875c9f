"""A plan and its logs in, what an honest reader would object to out, each under a code that docs/checks explains.

check      what was found, and what the plan says of it
points     what each configuration amounts to
design     SB101, SB102, SB105, SB107: what moves along, what was held, what is too short
attribution  SB104: more than one setting differs
idle       SB109: settings that cannot act
outcomes   SB106, SB108, SB110, SB111: what limits the scores
records    SB103, SB201 to SB206: what the logs lack
"""

from collections.abc import Iterator, Mapping, Sequence

from sweepbook.analysis.checks.attribution import attribution
from sweepbook.analysis.checks.check import Check, settled
from sweepbook.analysis.checks.design import few_passes, moving_quantities, one_rate, unlike_scores
from sweepbook.analysis.checks.idle import idle_settings
from sweepbook.analysis.checks.outcomes import ends, lagging_loss, late_predictions, tested_on
from sweepbook.analysis.checks.points import Question, logged, planned
from sweepbook.analysis.checks.records import (
    disagreeing,
    lost_runs,
    missing_runs,
    reread_settings,
    uneven_series,
    unplanned_seeds,
    unrecorded_settings,
)
from sweepbook.analysis.groups.summaries import GroupRows
from sweepbook.analysis.logs.sweep import Sweep
from sweepbook.runner.study import Study

__all__ = ["Check", "checks", "design_checks"]


def design_checks(study: Study) -> tuple[Check, ...]:
    """What the plan alone already fails, before any run is paid for, by code and then in the plan's order."""
    questions = planned(study)
    return settled(study, [*_design(study, questions, {}), *lagging_loss(study, questions, None)])


def checks(study: Study, sweep: Sweep, groups: Sequence[GroupRows], best: Mapping[str, Sequence[str]]) -> tuple[Check, ...]:
    """All that the plan and the logs fail, by code and then in the plan's order.

    `best` has for each group the ids of its first tier. What runs did is taken from the
    logs, and from the settings where nothing has run yet.
    """
    questions = logged(sweep, groups)
    ran = {ident: None for found in groups for ident in (summary.id for summary in found.summaries)}
    return settled(
        study,
        [
            *_design(study, questions, best),
            *unrecorded_settings(sweep, questions),
            *(check for question in questions for check in ends(question, best.get(question.name, ()), ran)),
            *tested_on(sweep),
            *late_predictions(sweep, questions),
            *lagging_loss(study, questions, sweep),
            *lost_runs(study, sweep, questions),
            *missing_runs(study, sweep, questions),
            *disagreeing(study, sweep, questions),
            *uneven_series(sweep, questions),
            *unplanned_seeds(study, sweep, questions),
            *reread_settings(sweep),
        ],
    )


def _design(study: Study, questions: Sequence[Question], best: Mapping[str, Sequence[str]]) -> Iterator[Check]:
    for question in questions:
        yield from moving_quantities(question)
        yield from unlike_scores(question)
    yield from attribution(questions, best)
    yield from one_rate(questions)
    yield from few_passes(study, questions)
    yield from idle_settings(study, questions)
