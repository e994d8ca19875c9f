"""`sweepbook init`: run logs that no plan asked for in, a study.toml of the groups that their settings make out, to edit."""

import argparse
import os
import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sweepbook.analysis import words as w
from sweepbook.analysis.cli.codes import DONE
from sweepbook.analysis.cli.subject import rules
from sweepbook.analysis.groups.inferred import configurations, studies
from sweepbook.analysis.logs.address import address_of, called
from sweepbook.analysis.report.places import STUDIES, inferred
from sweepbook.analysis.report.ready import check_no_file
from sweepbook.runner.config import SweepbookError
from sweepbook.runner.plan import load_study
from sweepbook.runner.planreading import FILE
from sweepbook.runner.plantext import plan_text
from sweepbook.runner.study import Study

HEAD = """Written by `sweepbook init` from the settings of {many}: edit it as you like.
Say in each group what you expected, and add predictions: docs/plan.md has the keys."""


def command(asked: argparse.Namespace) -> int:
    if address_of(asked.study):
        raise SweepbookError(f"{called(asked.study)}: a plan names run logs on this machine; copy them into a folder first")
    said = rules(asked)
    study, sweep = inferred(asked.study, said, asked.metric, asked.goal)
    if study.metric.startswith("test_"):
        raise SweepbookError(f"{study.metric}: would choose by the test data; name another with --metric")
    if sweep.used.empty:
        raise SweepbookError(f"{asked.study}: no run has finished, so there is no group to find")
    made = [replace(own, rules=said) for own in studies(asked.study, sweep, study.metric, asked.goal)]
    plans = _files(made, asked.out)
    for path in plans:
        check_no_file(path.parent)
        if path.exists() or path.is_symlink():
            raise SweepbookError(f"{path}: is there already; name another folder with --out")
    head = HEAD.format(many=w.plural(len(configurations(sweep)), "configuration"))
    for path, own in plans.items():
        write(path, plan_text(own, _folder(asked.study, path), head))
        load_study(path)
        _tell(path, own)
    return DONE


def _files(made: Sequence[Study], out: Path | None) -> dict[Path, Study]:
    """The file of each plan: in a folder of its own where there are several."""
    if out is not None and len(made) == 1:
        return {out / FILE: made[0]}
    return {(out or Path(STUDIES)) / study.name / FILE: study for study in made}


def _folder(logs: Path, plan: Path) -> str:
    """Where the run logs lie, from the folder of the plan."""
    return Path(os.path.relpath(logs.resolve(), plan.parent.resolve())).as_posix()


def write(path: Path, text: str) -> None:
    """Writes a plan that is not there yet."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise SweepbookError(f"{path}: cannot be written: {error.strerror}") from None


def _tell(path: Path, study: Study) -> None:
    """What was written, and what to type next."""
    print(f"{path}: wrote {w.plural(len(study.groups), 'group')}, ranked by {study.metric}")
    for group in study.groups:
        print(f"  {group.name}: {group.description}")
    print(f"next: sweepbook build {shlex.quote(str(path.parent))}")
