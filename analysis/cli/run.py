"""`sweepbook run`: trains what the plan asks for and the logs lack, scores the recommended configuration, and builds."""

import argparse
import sys
from pathlib import Path
from typing import Any

from sweepbook.analysis.cli.build import write_report
from sweepbook.analysis.cli.codes import BAD_NEWS, DONE
from sweepbook.analysis.cli.progress import SweepProgress
from sweepbook.analysis.cli.subject import Subject
from sweepbook.analysis.findings.findings import Findings, findings
from sweepbook.analysis.logs.sweep import Sweep, load_sweep
from sweepbook.analysis.page.terminal import console
from sweepbook.analysis.report.places import Places, places
from sweepbook.runner.config import SweepbookError
from sweepbook.runner.launch import sweeps
from sweepbook.runner.launch.devices import choose_device, default_jobs
from sweepbook.runner.plan import load_study
from sweepbook.runner.study import Study


def command(asked: argparse.Namespace) -> int:
    study = load_study(asked.study)
    return train_and_build(asked, study, places(study, asked.logs, asked.out, asked.templates))


def train_and_build(asked: argparse.Namespace, study: Study, where: Places) -> int:
    """Trains what is missing, scores the recommended configuration on the test images, and builds."""
    device = choose_device(asked.device)
    jobs = asked.jobs or default_jobs(device)
    todo = sweeps.missing(study, where.logs)
    _make_folder(where.logs)
    failures = _follow("training", len(todo), sweeps.train_missing(study, where.logs, device, jobs, asked.tensorboard))
    if not sweeps.missing(study, where.logs):
        sweep = load_sweep(where.logs)
        chosen = _unscored(findings(sweep, study), sweep, where.logs)
        failures += _follow("test images", len(chosen), sweeps.score_on_test(study, where.logs, device, jobs, chosen))
    code = write_report(asked, Subject(study, where))
    return BAD_NEWS if failures and code == DONE else code


def _unscored(found: Findings, sweep: Sweep, logs: Path) -> list[Any]:
    """The runs of the recommended configuration that have no test score yet, each with its log's folder."""
    best = found.recommended
    planned = {run.key: run for run in found.study.runs}
    if best is None:
        return []
    rows = sweep.used[sweep.used["id"] == best.id]
    scores = rows.get("metrics.test_accuracy", rows["seconds"] * float("nan"))
    pairs = [
        ((best.id, seed), logs / log) for seed, log, score in zip(rows["seed"], rows["log"], scores, strict=True) if score != score
    ]
    return [(planned[key], folder) for key, folder in pairs if key in planned]


def _follow(title: str, total: int, events: Any) -> int:
    """Shows the events of a sweep and returns how many of its runs failed."""
    if not total:
        return 0
    with SweepProgress(title, total, console(sys.stderr)) as progress:
        try:
            for event in events:
                progress.show(event)
        finally:
            events.close()
    return progress.failures


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SweepbookError(f"{path}: cannot be written: {error.strerror}") from None
