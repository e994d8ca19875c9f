"""`sweepbook demo`: a small study on data that comes with scikit-learn, from nothing to its journal."""

import argparse
from pathlib import Path

from analysis.commands.run import train_and_build
from analysis.places import Places
from runner.plan import load_study

PACKAGE = Path(__file__).parents[1]
STUDIES = (PACKAGE / "studies" / "demo", PACKAGE.parent / "studies" / "demo")  # as installed, and as checked out


def command(asked: argparse.Namespace) -> int:
    study = load_study(next(folder for folder in STUDIES if folder.is_dir()))
    logs, out = asked.logs or Path("modellogs/demo"), asked.out or Path("reports/demo")
    code = train_and_build(asked, study, Places(logs, out, "sweepbook demo"))
    print(f"The plan it followed is {study.path}; copy it to start a study of your own.")
    print(f"Open {(out / 'journal.html').resolve()}")
    return code
