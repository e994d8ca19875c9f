"""The outcomes of a group's expectations in, what was expected beside what was found out."""

from collections.abc import Sequence
from dataclasses import dataclass

from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.journal import together
from sweepbook.analysis.predictions import sentences as graded
from sweepbook.analysis.predictions.outcome import Outcome
from sweepbook.analysis.predictions.verdict import SAID, SIGN


@dataclass(frozen=True)
class Expectation:
    """An expectation in the plan's words, `claim` in numbers, and what was `found`; its `verdict` as findings.json has it, and as
    a `sign` and a word that is `said`; what `settles` an open one; and all that the verdict rests on, `why`."""

    says: str
    claim: str
    found: str
    verdict: str
    sign: str
    said: str
    settles: str
    why: str


def expectations(outcomes: Sequence[Outcome], findings: Findings) -> tuple[Expectation, ...]:
    """A row an expectation, in the plan's order."""
    shared = together.words(findings.outcomes)
    return tuple(_row(outcome, findings, shared.get(id(outcome), "")) for outcome in outcomes)


def _row(outcome: Outcome, findings: Findings, shared: str) -> Expectation:
    form = findings.form(outcome.metric)
    why = (graded.verdict(outcome, form), shared, graded.numbers(outcome, form))
    return Expectation(
        says=outcome.prediction.says,
        claim=graded.claim(outcome),
        found=graded.found(outcome, form),
        verdict=outcome.verdict,
        sign=SIGN[outcome.verdict],
        said=SAID[outcome.verdict],
        settles=graded.settles(outcome),
        why=" ".join(filter(None, why)),
    )
