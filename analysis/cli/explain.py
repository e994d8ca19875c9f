"""`sweepbook explain`: the page of a check or of the run log, or all checks with a line each."""

import argparse
from pathlib import Path

from sweepbook.analysis.cli.codes import DONE
from sweepbook.runner.config import SweepbookError
from sweepbook.runner.study import CHECKS
from sweepbook.runner.suggest import closest

DOCS = Path(__file__).parents[2] / "docs"

LOG_PAGE = "runlog"  # docs/runlog.md, which a user of the installed package does not have


def command(asked: argparse.Namespace) -> int:
    if asked.code is None:
        print("\n".join(title(code) for code in CHECKS))
        return DONE
    if asked.code.lower() == LOG_PAGE:
        print((DOCS / f"{LOG_PAGE}.md").read_text(encoding="utf-8"), end="")
        return DONE
    code = asked.code.upper()
    if code not in CHECKS:
        close = closest(code, CHECKS)
        hint = f'did you mean "{close}"?' if close else "sweepbook explain lists them all"
        raise SweepbookError(f'"{asked.code}" is no check; {hint}')
    print(page(code), end="")
    return DONE


def page(code: str) -> str:
    """The page that explains the check, as Markdown; its first line is the title."""
    return (DOCS / "checks" / f"{code}.md").read_text(encoding="utf-8")


def title(code: str) -> str:
    """The title of the check's page: "SB106: the best level is the largest or smallest tested"."""
    return page(code).partition("\n")[0].removeprefix("# ")
