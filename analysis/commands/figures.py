"""`sweepbook figures`: the figures of a journal alone, for a paper or a slide."""

import argparse
import sys
from pathlib import Path

from analysis.commands import DONE, NO_ANSWER
from analysis.commands.build import check_out, existing_sweep
from analysis.figures import draw, image, svg
from analysis.files import write_all
from analysis.findings import findings
from analysis.journal import journal
from analysis.notes import Notes
from analysis.places import places
from analysis.report import pictures
from runner.plan import load_study


def command(asked: argparse.Namespace) -> int:
    study = load_study(asked.study)
    where = places(study, asked.logs, None)
    check_out(asked.out or Path("figures"), study, where)
    sweep = existing_sweep(study, where)
    shown = pictures(journal(findings(sweep, study), sweep, Notes(), {}))
    if not shown:
        print(f"fewer than two configurations have finished with a {study.metric}, so there is nothing to draw", file=sys.stderr)
        return NO_ANSWER
    files = {}
    for picture in shown:
        figure = draw(picture)
        for form in asked.format:
            files[f"{picture.name}.{form}"] = svg(figure, picture.name) if form == "svg" else image(figure, form)
    out = asked.out or Path("figures")
    written = write_all(out, files)
    print(f"{out}: wrote {len(written)} of {len(files)} files" if written else f"{out}: nothing has changed")
    return DONE
