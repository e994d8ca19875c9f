"""What the command line calls a sweep in, its `Side` out: a report folder, one in a git revision, or a folder of run logs."""

import os
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sweepbook.analysis.export.record import FINDINGS, RUNS
from sweepbook.analysis.export.record.read import Side, side
from sweepbook.analysis.groups.inferred import every_run, usual_metric
from sweepbook.analysis.logs.address import folder_of
from sweepbook.analysis.logs.files import changed_at, find_logs
from sweepbook.analysis.logs.mirror import mirrored
from sweepbook.analysis.report.places import logs_of, no_logs, plan_of
from sweepbook.analysis.report.swap import finish
from sweepbook.runner.config import SweepbookError
from sweepbook.runner.plan import load_study
from sweepbook.runner.suggest import closest

if TYPE_CHECKING:
    from sweepbook.analysis.logs.sweep import Sweep

LOGS = "run.toml"


def sources(old: str, new: str, plan: Path | None, metric: str | None, goal: str | None = None) -> tuple[Side, Side]:
    """The sides of a comparison. `plan` is that of folders of run logs; without one it is that of the study whose logs they are,
    and where there is none they are read as one group of all runs, ranked by `metric`, or by what the other side is ranked by,
    and `goal` says which way it is better."""
    kinds = [_kind(text) for text in (old, new)]
    sides = {text: _report(text, kind) for text, kind in zip((old, new), kinds, strict=True) if kind != LOGS}
    metric = metric or next((one.metric for one in sides.values()), None)
    goal = goal or next((one.goal for one in sides.values() if one.metric == metric), None)
    sweeps = dict(_sweeps(text for text, kind in zip((old, new), kinds, strict=True) if kind == LOGS))
    usual = metric
    for text in sorted(sweeps, key=lambda text: sweeps[text].used.empty):  # one without results takes the other's metric
        sides[text] = _logs(text, sweeps[text], plan, usual if sweeps[text].used.empty else metric, goal)
        usual = usual or sides[text].metric
    return sides[old], sides[new]


def inputs(old: str, new: str, plan: Path | None) -> Iterator[tuple[Path, str]]:
    """The folders of run logs and of plans that such a comparison reads, each with what it holds."""
    if plan is not None:
        yield plan if plan.is_dir() else plan.parent, "the plan"
    for folder in (folder_of(text) for text in (old, new)):
        if folder.is_dir() and not (folder / FINDINGS).is_file():
            yield folder, "the run logs"
            if own := plan_of(folder):
                yield own, "the plan"


def _kind(text: str) -> str:
    """What lies at `text`: "findings.json" for a report, "run.toml" for run logs of any tool, "git" for a report in a revision."""
    place = mirrored(text)
    if place.exists():
        if (place / FINDINGS).is_file():
            return FINDINGS
        if find_logs(place).stamps:
            return LOGS
        if place.name == FINDINGS:
            raise SweepbookError(f"{text}: is a file; name the folder of the report")
        raise SweepbookError(f"{text}: has no {FINDINGS}, as a report has, and {no_logs()}")
    if ":" in text:
        return "git"
    raise SweepbookError(f"{text}: no such folder; {_near(place)}")


def _near(place: Path) -> str:
    """The folder beside `place` that has nearly its name, as a question; else how a report in a revision is named."""
    close = closest(place.name, (beside.name for beside in place.parent.glob("*") if beside.is_dir()))
    if close:
        return f'did you mean "{place.with_name(close)}"?'
    return f"a report in a git revision is named REV:PATH, as in HEAD~1:reports/{place.name}"


def _report(text: str, kind: str) -> Side:
    if kind == "git":
        return side(text, *_from_git(text))
    finish(folder_of(text))  # a build that was killed may have left it half old, half new
    made = side(text, *(_read(folder_of(text) / name) for name in (FINDINGS, RUNS)))
    return replace(made, behind=_behind(folder_of(text)))


def _behind(report: Path) -> str:
    """The folder of the run logs beside a report, where one came, changed or went since its last build; else ""."""
    logs = logs_of(report)
    if logs is None:
        return ""
    return os.path.relpath(logs) if changed_at(logs) > (report / FINDINGS).stat().st_mtime_ns else ""


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise SweepbookError(f"{path}: is missing; a report needs {FINDINGS} and {RUNS}") from None


def _from_git(text: str) -> Iterator[bytes]:
    """The two files as they are in the revision; the path is read from the top of the repository, or with ./ from here."""
    revision, _, path = text.partition(":")
    if not revision:
        raise SweepbookError(f"{text}: no revision before the colon; name it as in HEAD~1:{path}")
    _git(text, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    for name in (FINDINGS, RUNS):
        yield _git(text, "show", f"{revision}:{path.rstrip('/')}/{name}")


def _git(text: str, *command: str) -> bytes:
    revision = text.partition(":")[0]
    try:
        return subprocess.run(["git", *command], capture_output=True, check=True).stdout
    except FileNotFoundError:
        raise SweepbookError(f"{text}: git is not installed, and there is no folder of that name") from None
    except subprocess.CalledProcessError as error:
        told = error.stderr.decode(errors="replace").strip().removeprefix("fatal: ").partition("\n")[0]
        if "not a git repository" in told:
            raise SweepbookError(f"{text}: no such folder, and this is no git repository to look for a revision in") from None
        if command[0] == "rev-parse":
            raise SweepbookError(f"{text}: git knows no revision {revision}; git log --oneline lists them") from None
        raise SweepbookError(f"{text}: revision {revision} has no report there: {told}") from None


def _sweeps(folders: Iterable[str]) -> "Iterator[tuple[str, Sweep]]":
    """Each folder of run logs with its sweep; what reads them imports pandas, which reports do not need."""
    for text in folders:
        from sweepbook.analysis.logs.sweep import load_sweep

        yield text, load_sweep(folder_of(text))


def _logs(text: str, sweep: "Sweep", plan: Path | None, metric: str | None, goal: str | None) -> Side:
    """What the report of a folder of run logs would say."""
    from sweepbook.analysis.export.record.runscsv import runs_csv
    from sweepbook.analysis.export.record.write import findings_json
    from sweepbook.analysis.findings.findings import findings

    plan = plan or plan_of(folder_of(text))
    known = metric and sweep.picture.ours.get(metric, metric)
    study = load_study(plan) if plan is not None else every_run(folder_of(text), usual_metric(text, sweep, known), goal)
    found = findings(sweep, study)
    made = side(text, findings_json(found).encode(), runs_csv(sweep, found).encode())
    return replace(made, plan=str(plan) if plan else "none")
