"""`sweepbook demo`: a small study on data that comes with scikit-learn, from nothing to its journal."""

import argparse
from pathlib import Path

from sweepbook.analysis.cli.run import train_and_build
from sweepbook.analysis.report.places import Places
from sweepbook.runner.plan import load_study

STUDY = Path(__file__).parents[2] / "studies" / "demo"


def command(asked: argparse.Namespace) -> int:
    study = load_study(STUDY)
    logs, out = asked.logs or Path("modellogs/demo"), asked.out or Path("reports/demo")
    code = train_and_build(asked, study, Places(logs, out, "sweepbook demo"))
    print(f"The plan it followed is {study.path}; copy it to start a study of your own.")
    print(f"Open {(out / 'journal.html').resolve()}")
    return code
