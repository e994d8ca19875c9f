"""A `Study` and a folder of logs in; what is still missing out, and the jobs and the executor that train it."""

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sweepbook.runner.config import SweepbookError, config_id
from sweepbook.runner.launch.events import Score, Terms, Train
from sweepbook.runner.launch.executor import Executor, Queue
from sweepbook.runner.launch.pool import Pool
from sweepbook.runner.launch.provenance import commit, patch
from sweepbook.runner.runlog import FINAL, read_folder
from sweepbook.runner.study import PlannedRun, Study, prediction_hash


@dataclass(frozen=True)
class Outlook:
    """What a folder of logs lacked when it was read, and the names of the log folders that were no longer in progress."""

    missing: tuple[PlannedRun, ...]
    known: frozenset[str]


def outlook(study: Study, logs: Path) -> Outlook:
    """The planned runs that no log records as finished or diverged, in the plan's order, and the logs that say so.

    Both come from one reading: what another sweep finishes from then on is not known, and looked for.
    """
    done, known = set(), set()
    for folder, run in read_folder(logs):
        if run.status != "running":
            known.add(folder.name)
        if run.status in FINAL:
            done.add((config_id(run.config), run.seed))
    return Outlook(tuple(run for run in study.runs if run.key not in done), frozenset(known))


def missing(study: Study, logs: Path) -> tuple[PlannedRun, ...]:
    """The planned runs that no log in `logs` records as finished or diverged, in the plan's order."""
    return outlook(study, logs).missing


def executor(study: Study, logs: Path, device: str, jobs: int, tensorboard: bool, found: Outlook) -> Executor:
    """Workers on this machine, at most `jobs`, that log to `logs`. None is started before there is a job for it."""
    if tensorboard and importlib.util.find_spec("tensorboard") is None:
        raise SweepbookError("--tensorboard needs tensorboard, which is not installed: pip install 'tensorboard>=2.18'")
    datasets = tuple(sorted({str(run.config["dataset"]) for run in found.missing}))
    environment = {**commit(), "predictions": _predictions(study)}
    return Pool(Terms(study.name, logs, device, tensorboard, environment, found.known, datasets, patch()), jobs)


def training(runs: Sequence[PlannedRun]) -> Queue:
    """The jobs that train `runs`, in their order."""
    return Queue(Train((run,)) for run in runs)


def scoring(runs: Sequence[tuple[PlannedRun, Path]]) -> Queue:
    """The jobs that add the test score to the finished logs of `runs`, each with its folder, by training them again."""
    return Queue(Score((run,), (folder,)) for run, folder in runs)


def _predictions(study: Study) -> str:
    """The hashes of all predictions of the plan, so that a log shows which of them stood before its run."""
    return " ".join(prediction_hash(group.name, prediction) for group in study.groups for prediction in group.predictions)
