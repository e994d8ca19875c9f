"""A study and its places in; an error out where its report could not be written there, before any work is done for it."""

import os
from pathlib import Path

from sweepbook.analysis.report.files import beside
from sweepbook.analysis.report.lastbuild import LastBuild, last_build
from sweepbook.analysis.report.manifest import ALWAYS, objections, own_files, refusal
from sweepbook.analysis.report.places import Places, check_out
from sweepbook.analysis.report.swap import finish
from sweepbook.runner.config import SweepbookError
from sweepbook.runner.study import Study


def check_report(study: Study, where: Places) -> LastBuild:
    """What is remembered of the report in its folder; SweepbookError where that folder is not this report's, or a file. A swap that
    was cut short is carried out to its end first."""
    check_out(where.out, study, where)
    check_no_file(where.out)
    finish(where.out)
    before = last_build(where.out)
    if where.out.is_dir() and before.plan != str(study.path.resolve()) and Path(before.plan).is_file():
        alike = ", which has the same name" * (Path(before.plan).parent.name == study.path.resolve().parent.name)
        raise SweepbookError(f"{where.out}: holds the report of {before.plan}{alike}; give this one another folder with --out")
    return before


def check_writable(study: Study, where: Places, *, forced: bool) -> None:
    """SweepbookError where a report that differs could not be written: no folder can be there, or a file is not ours to replace,
    unless `forced`."""
    before = check_report(study, where)
    check_folder(where.out)
    against = list(objections(where.out, ALWAYS, own_files(where.out, before.files)))
    if any(objection.firm or not forced for objection in against):
        raise refusal(where.out, against)


def check_logs(study: Study, logs: Path) -> None:
    """SweepbookError where runs cannot be logged in `logs`: among the files of the plan, or where no folder can be written."""
    if logs.resolve() == study.path.resolve().parent:
        raise SweepbookError(f"{logs}: is the folder of the plan, where no run is logged; give another one with --logs")
    check_folder(logs)


def check_folder(folder: Path) -> None:
    """SweepbookError where files cannot be put into `folder`, which need not be there yet. Nothing stays that was not there."""
    check_no_file(folder)
    there = _nearest(folder)
    if not os.access(there, os.W_OK | os.X_OK):
        raise SweepbookError(f"{folder}: cannot be written: Permission denied")
    _try(folder, there)


def check_no_file(folder: Path) -> None:
    """SweepbookError where a file is in the place of `folder`, or of a folder that it would lie in."""
    there = _nearest(folder)
    if not there.is_dir():
        raise SweepbookError(f"{folder}: cannot be written: {'it' if there == folder else there} is a file")


def _nearest(folder: Path) -> Path:
    """`folder`, or the first above it that is there."""
    return next(place for place in (folder, *folder.absolute().parents) if os.path.lexists(place))


def _try(folder: Path, there: Path) -> None:
    """Makes a folder in the one that is `there` and, of one that is not, another of its name, and removes both: some file systems
    refuse what their permissions allow."""
    try:
        with beside(there) as trial:
            if there != folder:
                (trial / folder.name).mkdir(exist_ok=True)
    except OSError as error:
        what = "nothing can be written there" if there == folder else f"no such folder can be made in {there}"
        raise SweepbookError(f"{folder}: cannot be written: {what}: {error.strerror}") from None
