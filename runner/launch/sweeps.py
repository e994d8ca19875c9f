"""A `Study` and a folder of logs in; what is still missing out, and the jobs and the executor that train it."""

import importlib.util
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sweepbook.runner.config import Config, SweepbookError, config_id
from sweepbook.runner.launch import owncode
from sweepbook.runner.launch.events import Score, Terms, Train
from sweepbook.runner.launch.executor import Executor, Queue
from sweepbook.runner.launch.pool import Pool
from sweepbook.runner.launch.profile import Profile
from sweepbook.runner.launch.provenance import commit, patch
from sweepbook.runner.launch.searching import Searches, held
from sweepbook.runner.prediction import prediction_hash
from sweepbook.runner.runlog import FINAL, read_folder
from sweepbook.runner.stacks import stacks
from sweepbook.runner.study import PlannedRun, Study
from sweepbook.runner.trials import begun, is_trial, resolved, trials

LOCAL, RAY = "local", "ray"


@dataclass(frozen=True)
class Outlook:
    """What a folder of logs lacked when it was read, and the names of the log folders that were no longer in progress."""

    missing: tuple[PlannedRun, ...]
    known: frozenset[str]


def outlook(study: Study, logs: Path) -> Outlook:
    """The planned runs that no log records as finished or diverged, in the plan's order, and the logs that say so.

    Both come from one reading: what another sweep finishes from then on is not known, and looked for. Those that confirm a search
    are among them once it is over.
    """
    logged = list(read_folder(logs))
    known = frozenset(folder.name for folder, run in logged if run.status != "running")
    done = {(config_id(run.config), run.seed) for _, run in logged if run.status in FINAL and not is_trial(run)}
    asked = resolved(study, trials(logged, study.metric), begun(logged, study))
    return Outlook(tuple(run for run in asked.runs if run.key not in done), known)


def missing(study: Study, logs: Path) -> tuple[PlannedRun, ...]:
    """The planned runs that no log in `logs` records as finished or diverged, in the plan's order."""
    return outlook(study, logs).missing


def trained(study: Study, lacking: Sequence[PlannedRun]) -> list[Config]:
    """The configurations of what is to be trained: those of the runs that are lacking, and the one that a search varies."""
    varied = [study.baseline] if any(group.search for group in study.groups) else []
    return [*varied, *(run.config for run in lacking)]


def executor(
    study: Study,
    logs: Path,
    device: str,
    jobs: int,
    tensorboard: bool,
    found: Outlook,
    engine: str = LOCAL,
    profile: Profile | None = None,
) -> Executor:
    """Workers on this machine, or in the Ray cluster that is joined, at most `jobs`, whose logs come to `logs`. None is started
    before there is a job for it. On this machine a `profile` hears where their time goes."""
    if tensorboard and importlib.util.find_spec("tensorboard") is None:
        raise SweepbookError("--tensorboard needs tensorboard, which is not installed: pip install 'tensorboard>=2.18'")
    searched = {str(study.baseline["dataset"])} if any(group.search for group in study.groups) else set()
    datasets = tuple(sorted({str(run.config["dataset"]) for run in found.missing} | searched))
    environment = {**commit(), "predictions": _predictions(study)}
    places, tried = owncode.places(study), owncode.tried(study, found.missing)
    terms = Terms(study.name, logs, device, tensorboard, environment, found.known, datasets, patch(), places, tried)
    if engine == RAY:
        from sweepbook.runner.launch.rays import Cluster

        return Cluster(terms, jobs)
    return Pool(terms, jobs, profile)


def training(runs: Sequence[PlannedRun], jobs: int = 1, device: str = "") -> Queue:
    """The jobs that train `runs`, in their order. With a `device`, seeds share a job as `stacks` has it for `jobs` workers."""
    together = stacks(runs, jobs, device) if device else [(run,) for run in runs]
    return Queue(Train(own) for own in together)


@contextmanager
def searching(study: Study, logs: Path) -> Iterator[Searches]:
    """The trials that the searches of the plan still lack, each proposed by what the others came to.

    SweepbookError where Optuna is not installed, or another process searches in the same logs.
    """
    with held(logs):
        yield Searches(study, trials(read_folder(logs), study.metric))


def scoring(runs: Sequence[tuple[PlannedRun, Path]]) -> Queue:
    """The jobs that add the test score to the finished logs of `runs`, each with its folder, by training them again."""
    return Queue(Score((run,), (folder,)) for run, folder in runs)


def _predictions(study: Study) -> str:
    """The hashes of all predictions of the plan, so that a log shows which of them stood before its run."""
    return " ".join(prediction_hash(group.name, prediction) for group in study.groups for prediction in group.predictions)
