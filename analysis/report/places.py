"""A study as named on the command line in, the places of its plan, logs and report out."""

import os
import shlex
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sweepbook.analysis.logs.address import address_of, called
from sweepbook.analysis.report.files import check_outside
from sweepbook.runner.config import SweepbookError
from sweepbook.runner.planreading import FILE
from sweepbook.runner.rules import BEST, Rules
from sweepbook.runner.runlog import FILE as LOG
from sweepbook.runner.study import Study

if TYPE_CHECKING:  # it takes pandas; what asks for places alone starts without
    from sweepbook.analysis.logs.sweep import Sweep

STUDIES = "studies"
SCRIPT = "where they lie elsewhere, name the folder with --logs"


@dataclass(frozen=True)
class Places:
    """Where a study's run logs are, where its report goes, and the command that makes the page again in the project's folder."""

    logs: Path
    out: Path
    again: str


def places(study: Study, logs: Path | None, out: Path | None, templates: Path | None = None) -> Places:
    """The project is the folder that holds studies/, where the plan lies in one, else the current folder."""
    folder = study.path.resolve().parent
    inside = folder.parent.name == STUDIES and not address_of(folder)
    project = folder.parent.parent if inside else Path()
    if inside and project == Path().resolve():
        project = Path()
    usual = study.logs or project / "modellogs" / study.name
    return Places(
        logs=logs or usual,
        out=out or project / "reports" / study.name,
        again=_again(study, project, None if logs is None or logs.resolve() == usual.resolve() else logs, templates),
    )


def check_out(out: Path, study: Study, where: Places) -> None:
    """Nothing is written among what people or the runner write: the folders of the plan and of the logs. A report may lie in a
    folder below logs that no plan asked for, where the logs are searched for without it."""
    if is_planned(study):
        check_outside(out, ((study.path.resolve().parent, "the plan"), (where.logs, "the run logs")))
    elif out.resolve() == where.logs.resolve():
        check_outside(out, ((where.logs, "the run logs"),))


def is_planned(study: Study) -> bool:
    """Whether a plan asked for its runs; else they are all that it was made of."""
    return study.path.is_file()


def is_plan(place: Path) -> bool:
    """Whether a plan is meant, a folder with a study.toml or the file, and not a folder or a file of run logs."""
    is_file = (place / FILE).exists() or (place.suffix == ".toml" and place.name != LOG)
    return not address_of(place) and (is_file or not place.exists())


def existing_sweep(study: Study, where: Places) -> "Sweep":
    """The sweep of the study's logs; an error that says what to do where there is no folder of them."""
    from sweepbook.analysis.logs.sweep import load_sweep
    from sweepbook.analysis.report.asked import check_asked

    if not where.logs.exists():
        run = ["sweepbook", "run", str(study.path.parent)]
        raise SweepbookError(f"{called(where.logs)}: no run logs there yet; train them with: {shlex.join(run)}; {SCRIPT}")
    at = study.metric if study.rules.at == BEST else study.rules.at
    sweep = load_sweep(where.logs, replace(study.rules, at=at))
    check_asked(where.logs, sweep, study.rules)
    if where.logs.is_file() and _is_empty(sweep):
        raise SweepbookError(f"{called(where.logs)}: {no_logs()}")
    return sweep


def no_logs() -> str:
    """That there is no log, and of which formats one may be."""
    from sweepbook.analysis.logs.readers import READERS, reader_of

    names = dict.fromkeys(reader_of(name).NAME for name in READERS)
    return f"no run log in it of a format that is known: {', '.join(names)}"


def _is_empty(sweep: "Sweep") -> bool:
    return sweep.runs.empty and sweep.problems.empty


def inferred(logs: Path, rules: Rules, metric: str | None, goal: str | None) -> "tuple[Study, Sweep]":
    """The study that runs without a plan are, ranked by `metric`, of which `goal` says which way is better, and their sweep. Where
    they are of several tasks it has a group for each."""
    from sweepbook.analysis.groups.inferred import inferred_study

    known, sweep = _ranked_by(logs, rules, metric)
    return replace(inferred_study(logs, sweep, known, goal), logs=logs, rules=rules), sweep


def inferred_tasks(logs: Path, rules: Rules, metric: str | None, goal: str | None) -> "tuple[tuple[Study, ...], Sweep]":
    """The same with a study for each task, whose noise and ranking are its own."""
    from sweepbook.analysis.groups.inferred import every_run, studies

    known, sweep = _ranked_by(logs, rules, metric)
    several = studies(logs, sweep, known, goal) or (every_run(logs, known, goal),)
    return tuple(replace(study, logs=logs, rules=rules) for study in several), sweep


def _ranked_by(logs: Path, rules: Rules, metric: str | None) -> "tuple[str, Sweep]":
    """The metric that runs without a plan are ranked by, and the sweep."""
    from sweepbook.analysis.groups.inferred import usual_metric
    from sweepbook.analysis.logs.sweep import load_sweep
    from sweepbook.analysis.report.asked import check_asked

    sweep = load_sweep(logs, replace(rules, at="" if rules.at == BEST else rules.at))
    if _is_empty(sweep):
        raise SweepbookError(f"{called(logs)}: {no_logs()}")
    check_asked(logs, sweep, rules)
    known = usual_metric(called(logs), sweep, None if metric is None else sweep.picture.ours.get(metric, metric))
    if rules.at == BEST:
        sweep = load_sweep(logs, replace(rules, at=known))
    return known, sweep


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
    plan = path.parent if path.name == FILE else path
    words = ["sweepbook", "build", _from(project, plan if study.logs is None or path.is_file() else study.logs)]
    words += [] if logs is None else ["--logs", _from(project, logs)]
    return shlex.join([*words, *(["--templates", _from(project, templates)] if templates else [])])


def _from(project: Path, path: Path) -> str:
    if address := address_of(path):
        return address
    return Path(os.path.relpath(path.resolve(), project.resolve())).as_posix()
