"""A study as named on the command line in, the places of its plan, logs and report out."""

import os
import shlex
from dataclasses import dataclass
from pathlib import Path

from sweepbook.runner.plan import FILE
from sweepbook.runner.study import Study

STUDIES = "studies"


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
