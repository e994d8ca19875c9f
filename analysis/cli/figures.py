"""`sweepbook figures`: the figures of a journal alone, for a paper or a slide."""

import argparse
import sys
from pathlib import Path

from sweepbook.analysis.cli.codes import DONE, NO_ANSWER
from sweepbook.analysis.cli.subject import subject
from sweepbook.analysis.findings.findings import ungraded
from sweepbook.analysis.journal.pictures import figures
from sweepbook.analysis.page.figures import draw, image, svg
from sweepbook.analysis.report.files import write_all
from sweepbook.analysis.report.places import check_out
from sweepbook.analysis.report.ready import check_no_file


def command(asked: argparse.Namespace) -> int:
    named = subject(asked)
    study, sweep = named.study, named.sweep
    out = asked.out or Path("figures")
    check_out(out, study, named.where)
    check_no_file(out)
    shown = figures(ungraded(sweep, study), sweep).of_page
    if not shown:
        print(f"fewer than two configurations have finished with a {study.metric}, so there is nothing to draw", file=sys.stderr)
        return NO_ANSWER
    files = {}
    for picture in shown:
        figure = draw(picture)
        for form in asked.format:
            files[f"{picture.name}.{form}"] = svg(figure, picture.name) if form == "svg" else image(figure, form)
    written = write_all(out, files)
    print(f"{out}: wrote {len(written)} of {len(files)} files" if written else f"{out}: nothing has changed")
    return DONE
