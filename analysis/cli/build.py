"""`sweepbook build`: logs, plan and notes in, the files of the report out, and lines about what changed."""

import argparse
import gc
import importlib
import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sweepbook.analysis.cli.calm import Calm
from sweepbook.analysis.cli.codes import DONE, NO_ANSWER
from sweepbook.analysis.cli.subject import Subject, subjects
from sweepbook.analysis.export.record import FINDINGS
from sweepbook.analysis.logs.address import called
from sweepbook.analysis.logs.files import changed_at
from sweepbook.analysis.page.terminal import print_answers
from sweepbook.analysis.report.aside import awaited
from sweepbook.analysis.report.lastbuild import LastBuild, inputs, remember
from sweepbook.analysis.report.manifest import PDF, digest, own_files
from sweepbook.analysis.report.places import Places
from sweepbook.analysis.report.ready import check_report
from sweepbook.runner.config import SweepbookError

if TYPE_CHECKING:
    from sweepbook.analysis.report.build import Replaced
    from sweepbook.analysis.report.report import Report


def command(asked: argparse.Namespace) -> int:
    codes = []
    for number, one in enumerate(subjects(asked, asked.out, asked.templates)):
        if number:
            print()
        codes.append(write_report(asked, one))
    return min(codes)  # a task without a finished run does not make the others' answers none


def write_report(asked: argparse.Namespace, named: Subject, calm: Calm | None = None) -> int:
    """Writes the files of the report that changed, and says what did; nothing is read where nothing has changed. It says less where
    it is `calm`, as for `watch`, which comes round with every run that ends."""
    begun = time.time_ns()
    study, where = named.study, named.where
    before, now = check_report(study, where), inputs(study, where, asked.templates)
    if now and before.inputs == now and before.stands(where.out) and (calm or not _awaited(where.out, before)):
        build = before
        if not calm:
            print(f"{where.out}: nothing has changed")
    else:
        build = _rebuilt(asked, named, now, before, calm)
    _date(where, begun)
    if calm:
        if build is before:
            calm.warn(build.warned)
        return build.code
    print_answers(build.answers)
    for line in build.warned:
        print(line, file=sys.stderr)
    if getattr(asked, "format", None) == "pdf":
        from sweepbook.analysis.report.pdf import print_page

        print_page(where.out, build, forced=_forced(asked))
        print(f"{where.out}: wrote {PDF}")
    return build.code


def _date(where: Places, begun: int) -> None:
    """Dates the report between the logs that are in it and what may have come since, which `diff` then sees to be younger."""
    with suppress(OSError):  # a report that others own
        dated = (where.out / FINDINGS).stat().st_mtime_ns
        if dated > begun or changed_at(where.logs) > dated:
            os.utime(where.out / FINDINGS, ns=(begun, begun))


def _awaited(out: Path, before: LastBuild) -> bool:
    return awaited(out, own_files(out, before.files))


def _forced(asked: argparse.Namespace) -> bool:
    """Whether to replace what was changed by hand or comes from elsewhere; `watch` never does."""
    return bool(getattr(asked, "force", False))


def _rebuilt(asked: argparse.Namespace, named: Subject, now: str, before: LastBuild, calm: Calm | None) -> LastBuild:
    from sweepbook.analysis.page.drawing import artist

    drawing = artist()  # before all else, as it takes the longest to be ready
    from sweepbook.analysis.report.build import begun, dubious, finished, replace_report, uncounted, warnings

    study, where, sweep = named.study, named.where, named.sweep
    if sweep.runs.empty and before.runs and before.stands(where.out):
        loss = f"no run is left of the {before.runs} that the report in {where.out} tells of"
        raise SweepbookError(f"{called(where.logs)}: {loss}; is it the right folder? Delete the report to build one without runs")
    report = begun(study, sweep, where, before, drawing)
    from sweepbook.analysis.cli.glance import runs, trials
    from sweepbook.analysis.diff.changes import changes  # while the figures are drawn
    from sweepbook.analysis.journal.answers import lines

    made = finished(report, asked.templates)
    replaced = replace_report(where.out, study.name, made, before, changes, watching=calm is not None, forced=_forced(asked))
    if calm:
        _tell_in_short(where.out, made, replaced, before, calm)
        calm.miss(uncounted(made.findings))
        calm.warn(tuple(dubious(made, study, where)))
    else:
        _tell(where.out, made, replaced)
    if (where.out / PDF).exists() and "journal.html" in replaced.changed and getattr(asked, "format", None) != "pdf":
        print(f"{where.out}: {PDF} is older than the page; print it again with --format pdf")
    build = LastBuild(
        plan=str(study.path.resolve()),
        inputs=now,
        files={name: digest(data) for name, data in made.files.items()},
        figures={name: figure.key for name, figure in made.figures.items()},
        warned=tuple(warnings(made, study, where)),
        runs=runs(made.findings),
        trials=trials(made.findings),
        answers=lines(report.page.answers),
        code=DONE if made.findings.ranking else NO_ANSWER,
    )
    remember(where.out, build)
    return build


def get_ready() -> None:
    """Imports what a build takes, and starts the process that draws, so that the next one is as quick as those that follow."""
    from sweepbook.analysis.page.drawing import artist

    artist()
    for name in ("diff.changes", "report.build"):
        importlib.import_module(f"sweepbook.analysis.{name}")
    gc.freeze()  # what is imported stays, and is no garbage to look for


def _tell_in_short(out: Path, made: "Report", replaced: "Replaced", before: LastBuild, calm: Calm) -> None:
    """What the report came to, in a line; nothing where nothing changed."""
    from sweepbook.analysis.cli.glance import glance

    if replaced.changed or replaced.removed:
        calm.rebuilt(glance(out, made.findings, before, replaced.moved))


def _tell(out: Path, made: "Report", replaced: "Replaced") -> None:
    pages = [name for name in replaced.changed if name in made.files and not name.startswith("figures/")]
    fresh = sum(figure.fresh for figure in made.figures.values())
    figures = f"{len(made.figures)} figures, {fresh} of them drawn anew" if made.figures else "no figures"
    moved = replaced.moved
    if replaced.removed or any(name in made.files for name in replaced.changed):
        print(f"{out}: wrote {', '.join(pages) or 'figures alone'}; {figures}")
    else:
        print(f"{out}: {'watch has written the report already; since the last build or run:' if moved else 'nothing has changed'}")
    gone = [f"{name} removed" for name in replaced.removed]
    stay = [f"{name} belongs to the report no more; it stays, as it was changed by hand" for name in replaced.kept]
    for line in [*moved, *gone, *stay]:
        print(f"  {line}")
    if "history.md" in replaced.changed:
        print(f"  history.md: {len(moved)} {'line' if len(moved) == 1 else 'lines'} added")
