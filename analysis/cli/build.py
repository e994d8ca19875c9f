"""`sweepbook build`: logs, plan and notes in, the files of the report out, and lines about what changed."""

import argparse
import os
import shlex
import sys
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sweepbook.analysis.cli.codes import DONE, NO_ANSWER
from sweepbook.analysis.export.record import FINDINGS
from sweepbook.analysis.logs.files import changed_at, find_logs
from sweepbook.analysis.report.aside import awaited, replaced, set_aside
from sweepbook.analysis.report.files import beside, check_outside
from sweepbook.analysis.report.lastbuild import LastBuild, inputs, last_build, remember
from sweepbook.analysis.report.manifest import (
    ASIDE,
    FILE,
    HISTORY,
    PDF,
    SET_ASIDE,
    digest,
    digest_of,
    objections,
    own_files,
    record,
    refusal,
)
from sweepbook.analysis.report.places import Places, places
from sweepbook.analysis.report.swap import alone, finish, settle, swap
from sweepbook.runner.config import SweepbookError
from sweepbook.runner.plan import load_study
from sweepbook.runner.study import Study

if TYPE_CHECKING:
    from sweepbook.analysis.logs.sweep import Sweep
    from sweepbook.analysis.page.gallery import Drawn
    from sweepbook.analysis.report.report import Report

DAY = 86_400  # seconds
# For logs of other tools: a message may be read far from the checkout and its docs/runlog.md.
SCRIPT = "of other tools' logs a script makes a folder with a run.toml a run, ten lines each: sweepbook explain runlog"


def command(asked: argparse.Namespace) -> int:
    study = load_study(asked.study)
    return write_report(asked, study, places(study, asked.logs, asked.out, asked.templates))


def check_out(out: Path, study: Study, where: Places) -> None:
    """Nothing is written among what people or the runner write: the folders of the plan and of the logs."""
    check_outside(out, ((study.path.resolve().parent, "the plan"), (where.logs, "the run logs")))


def write_report(asked: argparse.Namespace, study: Study, where: Places) -> int:
    """Writes the files of the report that changed, and says what did; nothing is read where nothing has changed."""
    begun = time.time_ns()
    check_out(where.out, study, where)
    finish(where.out)
    before, now = last_build(where.out), inputs(study, where, asked.templates)
    if before.plan != str(study.path.resolve()) and Path(before.plan).is_file():
        raise SweepbookError(
            f"{where.out}: holds the report of {before.plan}, which has the same name; give this one another folder with --out"
        )
    if now and before.inputs == now and before.stands(where.out) and (_watching(asked) or not _awaited(where.out, before)):
        build = before
        print(f"{where.out}: nothing has changed")
    else:
        build = _rebuilt(asked, study, where, now, before)
    _date(where, begun)
    for line in build.warned:
        print(line, file=sys.stderr)
    if getattr(asked, "format", None) == "pdf":
        _print_pdf(where.out, build, _forced(asked))
        print(f"{where.out}: wrote {PDF}")
    return build.code


def _date(where: Places, begun: int) -> None:
    """Dates the report between the logs that are in it and what may have come since, which `diff` then sees to be younger."""
    with suppress(OSError):  # a report that others own
        if not changed_at(where.logs) <= (where.out / FINDINGS).stat().st_mtime_ns <= begun:
            os.utime(where.out / FINDINGS, ns=(begun, begun))


def _awaited(out: Path, before: LastBuild) -> bool:
    return awaited(out, own_files(out, before.files))


def _forced(asked: argparse.Namespace) -> bool:
    """Whether to replace what was changed by hand or comes from elsewhere; `watch` never does."""
    return bool(getattr(asked, "force", False))


def _watching(asked: argparse.Namespace) -> bool:
    """Whether `watch` builds, which comes round with every run that ends."""
    return bool(asked.name == "watch")


def _rebuilt(asked: argparse.Namespace, study: Study, where: Places, now: str, before: LastBuild) -> LastBuild:
    sweep = existing_sweep(study, where)
    if sweep.runs.empty and before.runs and before.stands(where.out):
        found = f"no run is left of the {before.runs} that the report in {where.out} tells of"
        raise SweepbookError(f"{where.logs}: {found}; is it the right folder? Delete the report to build one without runs")
    made = _made(asked, study, sweep, where, before)
    written = _written(asked, study, where.out, made, before)
    _tell(where.out, made, written)
    if (where.out / PDF).exists() and "journal.html" in written.changed and getattr(asked, "format", None) != "pdf":
        print(f"{where.out}: {PDF} is older than the page; print it again with --format pdf")
    build = LastBuild(
        plan=str(study.path.resolve()),
        inputs=now,
        files={name: digest(data) for name, data in made.files.items()},
        figures={name: figure.key for name, figure in made.figures.items()},
        warned=tuple(_warnings(made, study, where)),
        runs=sum(s.n for s in made.findings.ranking),
        code=DONE if made.findings.ranking else NO_ANSWER,
    )
    remember(where.out, build)
    return build


@dataclass(frozen=True)
class _Written:
    """The names of the files that changed, those removed, those that belong to the report no more and stay, as they were changed by
    hand; and what moved since the report that was replaced."""

    changed: list[str]
    removed: list[str]
    kept: list[str]
    moved: list[str]


def _written(asked: argparse.Namespace, study: Study, out: Path, made: "Report", before: LastBuild) -> _Written:
    """Replaces the report whole, and what a build wrote there alone.

    The history tells what moved since the report that the last `build` or `run` left, whatever `watch` made of it meanwhile.
    """
    from sweepbook.analysis.diff.changes import changes
    from sweepbook.analysis.report.history import history

    _make_folder(out)
    with alone(out):
        settle(out)
        own = own_files(out, before.files, made.files)
        there, waits, watching = replaced(out), awaited(out, own), _watching(asked)
        old = replaced(out / ASIDE) if waits and not watching else there
        moved = changes(old, made.files)
        aside = set_aside(there) if moved and watching and not waits else {}
        entry = {} if watching else history(out, study.name, made.findings.last, moved)
        files = {**aside, **made.files}
        carried = {name for name in own if name == PDF or (watching and name in SET_ASIDE)}
        stale = [name for name in own if name not in files and name not in carried and (out / name).exists()]
        kept = {one.name for one in objections(out, stale, own)}
        removed = [name for name in stale if name not in kept]
        lines = {name: own[name] for name in carried} | {name: digest(data) for name, data in files.items()}
        changed = _changed(out, {**files, **entry, FILE: record(lines)})
        # The history is everyone's: an entry comes behind whatever stands in it.
        found = list(objections(out, changed, {**own, HISTORY: digest_of(out / HISTORY), FILE: digest_of(out / FILE)}))
        if any(one.firm or not _forced(asked) for one in found):
            raise refusal(out, found)
        if changed or removed:
            swap(out, changed, removed)
    shown = [name for name in removed if name not in SET_ASIDE]
    return _Written([name for name in changed if name != FILE], shown, sorted(kept), moved)


def _changed(out: Path, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Those of `files` that are not in `out` as they should be; a link is not, whatever it leads to."""
    return {
        name: data
        for name, data in files.items()
        if (out / name).is_symlink() or ((out / name).parent.is_symlink() and name.count("/")) or _content(out / name) != data
    }


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SweepbookError(f"{out}: cannot be made: {error.strerror}") from None


def _print_pdf(out: Path, build: LastBuild, forced: bool) -> None:
    """Prints the page, and records the print as the report's own."""
    from sweepbook.analysis.report.pdf import print_pdf

    own = own_files(out, build.files)
    found = list(objections(out, [PDF], own))
    if any(one.firm or not forced for one in found):
        raise refusal(out, found)
    with beside(out) as folder:
        print_pdf(out / "journal.html", folder / PDF)
        data = (folder / PDF).read_bytes()
    with alone(out):
        settle(out)
        swap(out, {PDF: data, FILE: record({**own_files(out, build.files), PDF: digest(data)})}, ())


def _made(asked: argparse.Namespace, study: Study, sweep: "Sweep", where: Places, before: LastBuild) -> "Report":
    """The report; a template that is wrong, or does not end, is one clear error."""
    from jinja2 import TemplateError
    from sweepbook.analysis.report.report import report

    try:
        return report(study, sweep, where.again, asked.templates, dict(_figures(where.out, before)))
    except (TemplateError, TimeoutError) as error:
        raise SweepbookError(f"{asked.templates or 'the templates'}: {_place(error)}{error}") from None


def _place(error: Exception) -> str:
    """The template and the line in which `error` came up."""
    from jinja2 import TemplateNotFound, TemplateSyntaxError

    if isinstance(error, TemplateSyntaxError):
        return f"{error.name}:{error.lineno}: "
    if isinstance(error, TemplateNotFound):
        return "there is no template "
    frames = traceback.extract_tb(error.__traceback__)
    lines = [(Path(frame.filename).name, frame.lineno) for frame in frames if frame.filename.endswith((".j2", ".css", ".js"))]
    return f"{lines[-1][0]}:{lines[-1][1]}: " if lines else ""


def _figures(out: Path, before: LastBuild) -> "Iterator[tuple[str, Drawn]]":
    """The figures that lie in the report as they were drawn."""
    from sweepbook.analysis.page.gallery import Drawn

    for name, key in before.figures.items():
        data = _content(out / "figures" / f"{name}.svg")
        if digest(data) == before.files.get(f"figures/{name}.svg"):
            yield name, Drawn(data.decode(), key, fresh=False)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _tell(out: Path, made: "Report", written: _Written) -> None:
    pages = [name for name in written.changed if name in made.files and not name.startswith("figures/")]
    fresh = sum(figure.fresh for figure in made.figures.values())
    figures = f"{len(made.figures)} figures, {fresh} of them drawn anew" if made.figures else "no figures"
    moved = written.moved
    if written.removed or any(name in made.files for name in written.changed):
        print(f"{out}: wrote {', '.join(pages) or 'figures alone'}; {figures}")
    else:
        print(f"{out}: nothing has changed" + ("; since the report that watch found:" if moved else ""))
    gone = [f"{name} removed" for name in written.removed]
    stay = [f"{name} belongs to the report no more; it stays, as it was changed by hand" for name in written.kept]
    for line in [*moved, *gone, *stay]:
        print(f"  {line}")
    if "history.md" in written.changed:
        print(f"  history.md: {len(moved)} {'line' if len(moved) == 1 else 'lines'} added")


def _warnings(made: "Report", study: Study, where: Places) -> Iterator[str]:
    from sweepbook.analysis import words as w

    if problems := len(made.findings.problems):
        told = "1 log does" if problems == 1 else f"{problems} logs do"
        yield f"{told} not count; the journal says why under Problems"
    if made.findings.last is not None and made.findings.last > time.time() + DAY:
        yield f"a run began in the future ({w.moment(made.findings.last)}): was the clock of its machine right?"
    if not made.findings.ranking and not find_logs(where.logs)[0]:
        yield f"{where.logs} has no folder with a run.toml; {SCRIPT}"
    if not made.findings.ranking:
        yield f"no run in {where.logs} has finished with a {study.metric}, so the journal holds the plan alone"


def existing_sweep(study: Study, where: Places) -> "Sweep":
    """The sweep of the study's logs; an error that says what to do where there is no folder of them."""
    from sweepbook.analysis.logs.sweep import load_sweep

    if where.logs.exists() and not where.logs.is_dir():
        raise SweepbookError(f"{where.logs}: no run logs there yet: a file, where a folder is expected; {SCRIPT}")
    if not where.logs.is_dir():
        run = ["sweepbook", "run", str(study.path.parent)]
        raise SweepbookError(f"{where.logs}: no run logs there yet; train them with: {shlex.join(run)}; {SCRIPT}")
    return load_sweep(where.logs)
