"""`sweepbook run`: trains what the plan asks for and the logs lack, scores the recommended configuration, and builds."""

import argparse
import importlib
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sweepbook.analysis.cli.codes import BAD_NEWS, DONE, Interrupted
from sweepbook.analysis.cli.tally import Tally
from sweepbook.analysis.report.places import Places, places
from sweepbook.analysis.report.ready import check_logs, check_writable
from sweepbook.runner.config import SweepbookError
from sweepbook.runner.launch import owncode, sweeps
from sweepbook.runner.launch.devices import choose_device, default_jobs, slower
from sweepbook.runner.launch.events import Ended, Event
from sweepbook.runner.launch.profile import Profile
from sweepbook.runner.plan import load_study
from sweepbook.runner.study import PlannedRun, Study

if TYPE_CHECKING:
    from sweepbook.analysis.cli.putting import Putting
    from sweepbook.analysis.logs.sweep import Sweep
    from sweepbook.runner.launch.executor import Executor

# What is imported while one process imports torch for all workers, and leaves a core to spare.
LATER = ("findings.findings", "report.report")


def command(asked: argparse.Namespace) -> int:
    study = load_study(asked.study)
    return train_and_build(asked, study, places(study, asked.logs, asked.out, asked.templates))


def train_and_build(asked: argparse.Namespace, study: Study, where: Places) -> int:
    """Trains what is missing, scores the recommended configuration on the test images, and builds."""
    check_logs(study, where.logs)
    todo = sweeps.outlook(study, where.logs)
    searches = any(group.search for group in study.groups)
    if todo.missing or searches:  # for nothing would be trained what no report can be made of
        check_writable(study, where, forced=asked.force)
    device, jobs = _workers(asked)
    if device == "cpu" and asked.executor != sweeps.RAY and (warning := slower(sweeps.trained(study, todo.missing))):
        print(warning, file=sys.stderr)
    _make_folder(where.logs)
    failures, profile, tally = 0, Profile() if asked.profile else None, Tally()
    workers = sweeps.executor(study, where.logs, device, jobs, asked.tensorboard, todo, asked.executor, profile)
    with _importing() as ahead, _profiled(profile, study.name, where.out), _putting(where.logs) as putting, workers as executor:
        if searches:
            failures += _search(study, where.logs, jobs, executor, putting, tally)
            todo = sweeps.outlook(study, where.logs)
        training = sweeps.training(todo.missing, jobs, device)
        failures += _follow("training", len(todo.missing), jobs, executor.run(training), putting, tally)
        ahead.join()  # reading many logs forks, which no other thread should be busy at
        if not sweeps.missing(study, where.logs):
            chosen = _unscored(study, where.logs)
            failures += _follow("test images", len(chosen), jobs, executor.run(sweeps.scoring(chosen)), putting, tally)
    if done := tally.line(jobs):
        print(done)
    code = _build(asked, study, where, failures)
    if putting.failure:
        raise SweepbookError(putting.failure)
    return code


def _workers(asked: argparse.Namespace) -> tuple[str, int]:
    """What runs train on, and how many do at a time."""
    if asked.executor == sweeps.RAY:
        from sweepbook.runner.launch.rayaddress import connect

        if asked.profile:
            raise SweepbookError("--profile is for workers on this machine; leave it out with --executor ray")
        if asked.tensorboard:
            raise SweepbookError("--tensorboard: its files stay on the node that wrote them; leave it out with --executor ray")
        return connect(asked.ray_address, asked.device, asked.jobs)
    device = choose_device(asked.device)
    return device, asked.jobs or default_jobs(device)


def _putting(logs: Path) -> "Putting":
    from sweepbook.analysis.cli.putting import Putting

    return Putting(logs)


def _search(study: Study, logs: Path, jobs: int, executor: "Executor", putting: "Putting", tally: Tally) -> int:
    """Trains the trials that the searches of the plan lack, and returns how many of them failed."""
    with sweeps.searching(study, logs) as source:
        return _follow("search", source.left, jobs, executor.run(source), putting, tally)


def _build(asked: argparse.Namespace, study: Study, where: Places, failures: int) -> int:
    from sweepbook.analysis.cli.build import write_report
    from sweepbook.analysis.cli.subject import Subject

    code = write_report(asked, Subject(study, where))
    return BAD_NEWS if failures and code == DONE else code


@contextmanager
def _profiled(profile: Profile | None, study: str, out: Path) -> Iterator[None]:
    """Says where the time of what is done within it went, and writes the trace: when it is done, and where Ctrl-C ends it."""
    try:
        yield
    except Interrupted:
        _tell(profile, study, out)
        raise
    _tell(profile, study, out)


def _tell(profile: Profile | None, study: str, out: Path) -> None:
    if profile is not None:
        from sweepbook.analysis.cli.profile import show, write

        show(profile)
        write(profile, study, out)


def _unscored(study: Study, logs: Path) -> list[tuple[PlannedRun, Path]]:
    """The runs of the recommended configuration that have no test score yet, each with its log's folder."""
    from sweepbook.analysis.findings.findings import findings
    from sweepbook.analysis.logs.sweep import load_sweep

    sweep = load_sweep(logs)
    found = findings(sweep, study)
    best, planned = found.recommended, {run.key: run for run in found.study.runs}
    folders = _without_score(sweep, best.id, logs) if best else {}
    chosen = [(planned[key], folder) for key, folder in folders.items() if key in planned]
    return chosen if chosen and owncode.has_test(study, chosen[0][0].config) else []


def _without_score(sweep: "Sweep", key: str, logs: Path) -> dict[tuple[str, int], Path]:
    """The runs of configuration `key` without a test score, and where their logs lie."""
    rows = sweep.used[sweep.used["id"] == key]
    scores = rows.get("metrics.test_accuracy", rows["seconds"] * float("nan"))
    logged = zip(rows["seed"], rows["log"], scores, strict=True)
    return {(key, seed): logs / log for seed, log, score in logged if score != score}


def _follow(title: str, total: int | None, jobs: int, events: Iterator[Event], putting: "Putting", tally: Tally) -> int:
    """Shows and counts the events of `total` runs (None: not known), `jobs` at a time, and returns how many of them failed."""
    if total == 0:
        return 0
    from sweepbook.analysis.cli.progress import SweepProgress
    from sweepbook.analysis.page.drawing import artist
    from sweepbook.analysis.page.terminal import console

    done = 0
    with SweepProgress(title, total, console(sys.stderr)) as progress:
        for event in events:
            done += isinstance(event, Ended)
            if total is not None and total - done <= jobs:
                artist()  # from here on a core has less and less to do
            progress.show(event)
            tally.note(title, event)
            if said := putting.note(event):
                progress.say(said)
    return progress.failures


@contextmanager
def _importing() -> Iterator[threading.Thread]:
    """A thread that imports what comes after training. It ends before the command does, however that ends: what is imported while
    Python shuts down fails."""
    ahead = threading.Thread(target=_import_later)
    ahead.start()
    try:
        yield ahead
    finally:
        ahead.join()


def _import_later() -> None:
    for name in LATER:
        importlib.import_module(f"sweepbook.analysis.{name}")


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SweepbookError(f"{path}: cannot be written: {error.strerror}") from None
