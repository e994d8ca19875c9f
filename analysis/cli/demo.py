"""`sweepbook demo`: a small study on data that comes with scikit-learn, from nothing to a plan of one's own and its journal."""

import argparse
from pathlib import Path

from sweepbook.analysis.cli.init import write
from sweepbook.analysis.cli.run import train_and_build
from sweepbook.analysis.report.places import STUDIES, places
from sweepbook.analysis.report.ready import check_no_file
from sweepbook.runner.plan import load_study
from sweepbook.runner.planreading import FILE

STUDY = Path(__file__).parents[2] / "studies" / "demo"
OWN = Path(STUDIES) / "demo"


def command(asked: argparse.Namespace) -> int:
    """Follows the demo's plan in the current folder, which may have been edited since; where there is none, it is put there."""
    if not (OWN / FILE).exists():
        check_no_file(OWN)
        write(OWN / FILE, (STUDY / FILE).read_text(encoding="utf-8"))
    study = load_study(OWN)
    where = places(study, asked.logs, asked.out, asked.templates)
    code = train_and_build(asked, study, where)
    print(f"The plan is {OWN / FILE}: edit it as you like, then run: sweepbook run {OWN}")
    print(f"Open {(where.out / 'journal.html').resolve()}")
    return code
