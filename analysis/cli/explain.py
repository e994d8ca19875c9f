"""`sweepbook explain`: the page of a check or of the run log, the meaning of a word of the journal; or all of them, a line each."""

import argparse
import re
from pathlib import Path

from sweepbook.analysis.cli.codes import DONE
from sweepbook.analysis.glossary import PARTS, TERMS, Term
from sweepbook.analysis.page.terminal import print_text
from sweepbook.runner.config import SweepbookError
from sweepbook.runner.study import CHECKS
from sweepbook.runner.suggest import closest

DOCS = Path(__file__).parents[2] / "docs"

LOG_PAGE = "runlog"  # docs/runlog.md, which a user of the installed package does not have


def command(asked: argparse.Namespace) -> int:
    if asked.code is None:
        _print_all()
    elif asked.code.lower() == LOG_PAGE:
        print((DOCS / f"{LOG_PAGE}.md").read_text(encoding="utf-8"), end="")
    elif asked.code.upper() in CHECKS:
        print(page(asked.code.upper()), end="")
    else:
        found = term(asked.code)
        print_text(f"{found.word}: {found.meaning}")
    return DONE


def _print_all() -> None:
    """The title of every check, and the words by the parts of the glossary."""
    print("\n".join(title(code) for code in CHECKS))
    for part, terms in PARTS.items():
        print()
        print_text(part, heading=True)
        print_text("; ".join(one.word for one in terms))


def term(word: str) -> Term:
    """The word of the glossary that is asked for or alone begins so; SweepbookError with the nearest name where there is none."""
    wanted = " ".join(word.split()).casefold()
    for one in TERMS:
        if one.word.casefold() == wanted or (one.sought and re.fullmatch(one.sought, wanted, re.IGNORECASE)):
            return one
    begun = [one for one in TERMS if wanted and one.word.casefold().startswith(wanted)]
    if len(begun) == 1:
        return begun[0]
    names = [*CHECKS, *(one.word for one in TERMS)]
    close = closest(word.upper(), CHECKS) or closest(wanted, names)
    hint = f'did you mean "{close}"?' if close else "sweepbook explain lists them all"
    raise SweepbookError(f'"{word}" is no check and no word of the journal; {hint}')


def page(code: str) -> str:
    """The page that explains the check, as Markdown; its first line is the title."""
    return (DOCS / "checks" / f"{code}.md").read_text(encoding="utf-8")


def title(code: str) -> str:
    """The title of the check's page: "SB106: the best level is the largest or smallest tested"."""
    return page(code).partition("\n")[0].removeprefix("# ")
