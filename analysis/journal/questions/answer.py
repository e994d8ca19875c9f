"""A question and what answers it: the value that every question of the first screen comes to, and the questions."""

from dataclasses import dataclass

from sweepbook.analysis.findings.group import GroupFindings

USE, MATTERED, RIGHT, WRONG, SURE = (
    "What should I use?",
    "What mattered?",
    "Were you right?",
    "What went wrong?",
    "How sure?",
)
NAMED = 3  # expectations, configurations or factors that are named one by one


@dataclass(frozen=True)
class Answer:
    """A question, its answer in a line, `why` in quiet sentences, the `command` that would tell more, and links to the evidence
    behind a few words on them: what they say and their place on the page."""

    question: str
    says: str
    why: tuple[str, ...] = ()
    see: tuple[tuple[str, str], ...] = ()
    command: str = ""
    on: str = ""


def trends_of(group: GroupFindings) -> tuple[str, str]:
    """The link to the trends of a group that searched."""
    return "the trends", f"group-{group.group.name}"
