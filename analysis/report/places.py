"""A study as named on the command line in, the places of its plan, logs and report out."""

import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sweepbook.analysis.report.files import check_outside
from sweepbook.runner.config import SweepbookError
from sweepbook.runner.plan import FILE
from sweepbook.runner.study import Study

if TYPE_CHECKING:  # it takes pandas; what asks for places alone starts without
    from sweepbook.analysis.logs.sweep import Sweep

STUDIES = "studies"
# For logs of other tools: a message may be read far from the checkout and its docs/runlog.md.
SCRIPT = "of other tools' logs a script makes a folder with a run.toml a run, ten lines each: sweepbook explain runlog"


@dataclass(frozen=True)
class Places:
    """Where a study's run logs are, where its report goes, and the command that makes the page again in the project's folder."""

    logs: Path
    out: Path
    again: str


def places(study: Study, logs: Path | None, out: Path | None, templates: Path | None = None) -> Places:
    """The project is the folder that holds studies/, where the plan lies in one, else the current folder."""
    folder = study.path.resolve().parent
    inside = folder.parent.name == STUDIES
    project = folder.parent.parent if inside else Path()
    if inside and project == Path().resolve():
        project = Path()
    return Places(
        logs=logs or project / "modellogs" / study.name,
        out=out or project / "reports" / study.name,
        again=_again(study, project, logs, templates),
    )


def check_out(out: Path, study: Study, where: Places) -> None:
    """Nothing is written among what people or the runner write: the folders of the plan and of the logs."""
    check_outside(out, ((study.path.resolve().parent, "the plan"), (where.logs, "the run logs")))


def existing_sweep(study: Study, where: Places) -> "Sweep":
    """The sweep of the study's logs; an error that says what to do where there is no folder of them."""
    from sweepbook.analysis.logs.sweep import load_sweep

    if where.logs.exists() and not where.logs.is_dir():
        raise SweepbookError(f"{where.logs}: no run logs there yet: a file, where a folder is expected; {SCRIPT}")
    if not where.logs.is_dir():
        run = ["sweepbook", "run", str(study.path.parent)]
        raise SweepbookError(f"{where.logs}: no run logs there yet; train them with: {shlex.join(run)}; {SCRIPT}")
    return load_sweep(where.logs)


def logs_of(report: Path) -> Path | None:
    """The run logs that a report in reports/<study> was made of; None where none lie in modellogs/<study> beside it."""
    folder = report.resolve()
    logs = folder.parent.parent / "modellogs" / folder.name
    return logs if folder.parent.name == "reports" and logs.is_dir() else None


def plan_of(logs: Path) -> Path | None:
    """The folder of the study that has its run logs in `logs`; None where there is none."""
    folder = logs.resolve().parent.parent / STUDIES / logs.resolve().name
    return folder if (folder / FILE).is_file() else None


def _again(study: Study, project: Path, logs: Path | None, templates: Path | None) -> str:
    """The command, with paths as they are written in the project's folder. Where the report lies makes no difference to it."""
    path = study.path.resolve()
    words = ["sweepbook", "build", _from(project, path.parent if path.name == FILE else path)]
    if logs is not None and logs.resolve() != (project / "modellogs" / study.name).resolve():
        words += ["--logs", _from(project, logs)]
    return shlex.join([*words, *(["--templates", _from(project, templates)] if templates else [])])


def _from(project: Path, path: Path) -> str:
    return Path(os.path.relpath(path.resolve(), project.resolve())).as_posix()
