"""Findings in, what a reader wants to know first out: five questions, each with its answer in a line and why.

The page, the Markdown, the terminal and the last lines of a build say them alike. No answer claims more than its verdict carries.
"""

from collections.abc import Iterable

from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.journal.questions.answer import WRONG, Answer
from sweepbook.analysis.journal.questions.mattered import mattered
from sweepbook.analysis.journal.questions.right import right
from sweepbook.analysis.journal.questions.sure import sure
from sweepbook.analysis.journal.questions.use import use
from sweepbook.analysis.journal.questions.wrong import wrong
from sweepbook.analysis.journal.sentences import nothing


def answers(findings: Findings, command: str = "") -> tuple[Answer, ...]:
    """The five answers; one alone where there is nothing to compare. `command` is what builds the report again."""
    if not findings.ranking:
        return (Answer(WRONG, nothing(findings), (), (("Totals", "totals"),)),)
    return (use(findings), mattered(findings), right(findings, command), wrong(findings), sure(findings))


def lines(given: Iterable[Answer]) -> tuple[tuple[str, str], ...]:
    """The questions and their answers alone, for a terminal."""
    return tuple((answer.question, answer.says) for answer in given)
