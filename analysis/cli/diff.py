"""`sweepbook diff`: two sweeps in, what got better, what got worse, what cannot be told and which conclusions turned out."""

import argparse
import sys
from pathlib import Path
from typing import TextIO

from sweepbook.analysis.cli.codes import BAD_NEWS, DONE, NO_ANSWER
from sweepbook.analysis.diff.diff import Options, SweepDiff, sweep_diff
from sweepbook.analysis.diff.sources import inputs, sources
from sweepbook.analysis.export.record import FINDINGS
from sweepbook.analysis.page.terminal import columns, print_json, styled
from sweepbook.analysis.page.visible import bare
from sweepbook.analysis.report.files import check_outside, out_file, write_all
from sweepbook.runner.config import SweepbookError


def command(asked: argparse.Namespace) -> int:
    out = None if asked.out is None else out_file(asked.out)
    if asked.ignore and asked.match:
        raise SweepbookError("--ignore and --match exclude each other: --match ignores every setting that it does not name")
    if out is not None:
        check_outside(out, inputs(asked.old, asked.new, asked.study))
    old, new = sources(asked.old, asked.new, asked.study, asked.metric, asked.goal)
    options = Options(tuple(asked.ignore), tuple(asked.match), asked.margin, asked.metric, asked.goal)
    diff = sweep_diff(old, new, options)
    told = _told(diff, asked)
    if out is None and asked.format == "json":
        print_json(told.removesuffix("\n"))
    elif out is None:
        _stream(asked.format).write(told)
    else:
        write_all(out.parent, {out.name: told.encode(errors="replace"), **_beside(diff, asked.format, out)})
        print(f"wrote {asked.out}")
    return exit_code(diff, asked.fail_on)


def _stream(form: str) -> TextIO:
    """Where to print: text has colours and is made visible where it is made."""
    return bare(sys.stdout) if form == "text" else sys.stdout


def _told(diff: SweepDiff, asked: argparse.Namespace) -> str:
    """The diff in the format that was asked for; what only one needs is imported for it alone."""
    if asked.format == "json":
        from sweepbook.analysis.diff.document import document

        return document(diff)
    if asked.format == "text":
        from sweepbook.analysis.diff.text import text

        if asked.out is not None:
            return text(diff, asked.top)
        return text(diff, asked.top, styled(sys.stdout), columns(sys.stdout), sys.stdout.encoding)
    from sweepbook.analysis.diff import page

    if asked.format == "html":
        return page.html(diff)
    return page.markdown(diff, _picture(asked.out).name if _in_report(asked.out) else "")


def _in_report(out: Path | None) -> bool:
    """Whether a file lies in the folder of a report, where a picture beside it is kept with it: a comment has none beside it."""
    return out is not None and (out.parent / FINDINGS).is_file()


def _picture(out: Path) -> Path:
    """Where the picture lies that Markdown links to."""
    return out.with_suffix(".svg")


def _beside(diff: SweepDiff, form: str, out: Path) -> dict[str, bytes]:
    """The picture that Markdown in a report's folder links to."""
    if form != "md" or not _in_report(out):
        return {}
    from sweepbook.analysis.diff import page

    drawn = page.picture(diff)
    return {out_file(_picture(out)).name: drawn.encode()} if drawn else {}


def exit_code(diff: SweepDiff, fail_on: str) -> int:
    """3 where nothing is compared. Then 1 for a regression and, if it is to fail on "turned", for a prediction that turned: other
    conclusions turn by noise too easily. 3 where nothing was decided. If it is to fail on "never", 0."""
    if diff.main is None:
        return NO_ANSWER
    if fail_on == "never":
        return DONE
    if diff.regressed or (fail_on == "turned" and any(one.kind == "prediction" for one in diff.turned)):
        return BAD_NEWS
    return DONE if diff.decided else NO_ANSWER
