"""`sweepbook build`: logs, plan and notes in, the files of the report out, and lines about what changed."""

import argparse
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.aside import ASIDE, awaited, forget, replaced, set_aside
from analysis.commands import DONE, NO_ANSWER
from analysis.files import write_all
from analysis.lastbuild import LastBuild, digest, inputs, last_build, remember
from analysis.places import Places, places
from runner.config import SweepbookError
from runner.plan import load_study
from runner.study import Study

if TYPE_CHECKING:
    from analysis.gallery import Drawn
    from analysis.report import Report
    from analysis.sweep import Sweep

DAY = 86_400  # seconds


def command(asked: argparse.Namespace) -> int:
    study = load_study(asked.study)
    return write_report(asked, study, places(study, asked.logs, asked.out))


def check_out(out: Path, study: Study, where: Places) -> None:
    """Nothing is written among what people or the runner write: the folders of the plan and of the logs."""
    place = out.resolve()
    for taken, what in ((study.path.resolve().parent, "the plan"), (where.logs.resolve(), "the run logs")):
        if place == taken or taken in place.parents:
            raise SweepbookError(f"{out}: is the folder of {what}, where nothing is written; give another one with --out")


def write_report(asked: argparse.Namespace, study: Study, where: Places) -> int:
    """Writes the files of the report that changed, and says what did; nothing is read where nothing has changed."""
    check_out(where.out, study, where)
    before, now = last_build(where.out), inputs(study, where, asked.templates)
    if before.plan != str(study.path.resolve()) and Path(before.plan).is_file():
        raise SweepbookError(
            f"{where.out}: holds the report of {before.plan}, which has the same name; give this one another folder with --out"
        )
    if now and before.inputs == now and before.stands(where.out) and (_watching(asked) or not awaited(where.out)):
        build = before
        print(f"{where.out}: nothing has changed")
    else:
        build = _rebuilt(asked, study, where, now, before)
    for line in build.warned:
        print(line, file=sys.stderr)
    if getattr(asked, "format", None) == "pdf":
        from analysis.browser import print_pdf

        print_pdf(where.out / "journal.html", where.out / "journal.pdf")
        print(f"{where.out}: wrote journal.pdf")
    return build.code


def _watching(asked: argparse.Namespace) -> bool:
    """Whether `watch` builds, which comes round with every run that ends."""
    return bool(asked.name == "watch")


def _rebuilt(asked: argparse.Namespace, study: Study, where: Places, now: str, before: LastBuild) -> LastBuild:
    sweep = existing_sweep(study, where)
    if sweep.runs.empty and before.runs and before.stands(where.out):
        found = f"no run is left of the {before.runs} that the report in {where.out} tells of"
        raise SweepbookError(f"{where.logs}: {found}; is it the right folder? Delete the report to build one without runs")
    made = _made(asked, study, sweep, where, before)
    written, moved = _written(where.out, study, made, _watching(asked))
    _tell(where.out, made, written, _removed(where.out, made), moved)
    if (where.out / "journal.pdf").exists() and "journal.html" in written and getattr(asked, "format", None) != "pdf":
        print(f"{where.out}: journal.pdf is older than the page; print it again with --format pdf")
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


def _written(out: Path, study: Study, made: "Report", watching: bool) -> tuple[list[str], list[str]]:
    """Writes the report, and names the files that changed; and what moved since the report that it replaces.

    The history tells what moved since the report that the last `build` or `run` left, whatever `watch` made of it meanwhile.
    """
    from analysis.changes import changes
    from analysis.history import history

    there = replaced(out)
    old = replaced(out / ASIDE) if awaited(out) and not watching else there
    moved = changes(old, made.files)
    aside = set_aside(out, there) if moved and watching else {}
    kept = aside if watching else history(out, study.name, made.findings.last, moved)
    written = write_all(out, {**kept, **made.files})
    if not watching:
        forget(out)
    return written, moved


def _made(asked: argparse.Namespace, study: Study, sweep: "Sweep", where: Places, before: LastBuild) -> "Report":
    """The report; a template that is wrong, or does not end, is one clear error."""
    from jinja2 import TemplateError

    from analysis.report import report

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
    from analysis.gallery import Drawn

    for name, key in before.figures.items():
        data = _content(out / "figures" / f"{name}.svg")
        if digest(data) == before.files.get(f"figures/{name}.svg"):
            yield name, Drawn(data.decode(), key, fresh=False)


def _removed(out: Path, made: "Report") -> list[str]:
    """The names of figures that belong to the report no more, once they are removed."""
    stale = [path for path in sorted((out / "figures").glob("*.svg")) if f"figures/{path.name}" not in made.files]
    for path in stale:
        path.unlink()
    return [f"figures/{path.name}" for path in stale]


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _tell(out: Path, made: "Report", written: list[str], removed: list[str], moved: list[str]) -> None:
    pages = [name for name in written if name in made.files and not name.startswith("figures/")]
    fresh = sum(figure.fresh for figure in made.figures.values())
    figures = f"{len(made.figures)} figures, {fresh} of them drawn anew" if made.figures else "no figures"
    if removed or any(name in made.files for name in written):
        print(f"{out}: wrote {', '.join(pages) or 'figures alone'}; {figures}")
    else:
        print(f"{out}: nothing has changed" + ("; since the report that watch found:" if moved else ""))
    for line in [*moved, *(f"{name} removed" for name in removed)]:
        print(f"  {line}")
    if "history.md" in written:
        print(f"  history.md: {len(moved)} {'line' if len(moved) == 1 else 'lines'} added")


def _warnings(made: "Report", study: Study, where: Places) -> Iterator[str]:
    from analysis import wording as w

    if problems := len(made.findings.problems):
        told = "1 log does" if problems == 1 else f"{problems} logs do"
        yield f"{told} not count; the journal says why under Problems"
    if made.findings.last is not None and made.findings.last > time.time() + DAY:
        yield f"a run began in the future ({w.moment(made.findings.last)}): was the clock of its machine right?"
    if not made.findings.ranking:
        yield f"no run in {where.logs} has finished with a {study.metric}, so the journal holds the plan alone"


def existing_sweep(study: Study, where: Places) -> "Sweep":
    """The sweep of the study's logs; an error that says what to do where there is no folder of them."""
    from analysis.sweep import load_sweep

    if not where.logs.is_dir():
        raise SweepbookError(f"{where.logs}: no run logs there yet; train them with: sweepbook run {study.path.parent}")
    return load_sweep(where.logs)
