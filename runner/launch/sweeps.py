"""A `Study` and a folder of logs in; the runs still missing trained by worker processes, and their events out as they come."""

import importlib.util
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from sweepbook.runner.config import SweepbookError, config_id
from sweepbook.runner.launch.events import CLAIMS, Event, Job, Score, Terms, Train
from sweepbook.runner.launch.pool import Pool
from sweepbook.runner.launch.provenance import commit, patch
from sweepbook.runner.runlog import FINAL, Run, read_folder
from sweepbook.runner.study import PlannedRun, Study, prediction_hash


def missing(study: Study, logs: Path) -> tuple[PlannedRun, ...]:
    """The planned runs that no log in `logs` records as finished or diverged, in the plan's order."""
    return _lacking(study, read_folder(logs))


def _lacking(study: Study, logged: Iterable[tuple[Path, Run]]) -> tuple[PlannedRun, ...]:
    done = {(config_id(run.config), run.seed) for _, run in logged if run.status in FINAL}
    return tuple(run for run in study.runs if (run.id, run.seed) not in done)


def train_missing(study: Study, logs: Path, device: str, jobs: int, tensorboard: bool) -> Iterator[Event]:
    """Trains what `missing` lists, `jobs` runs at a time, and yields what happens."""
    if tensorboard and importlib.util.find_spec("tensorboard") is None:
        raise SweepbookError("--tensorboard needs tensorboard, which is not installed: pip install 'tensorboard>=2.18'")
    logged = list(read_folder(logs))  # read once: what another sweep finishes from here on is not known, and looked for
    known = frozenset(folder.name for folder, run in logged if run.status != "running")
    yield from _sweep(study, logs, device, jobs, tensorboard, [Train((run,)) for run in _lacking(study, logged)], known)


def score_on_test(study: Study, logs: Path, device: str, jobs: int, runs: Sequence[tuple[PlannedRun, Path]]) -> Iterator[Event]:
    """Adds the test score to the finished logs of `runs`, each with its folder, by training them again."""
    yield from _sweep(study, logs, device, jobs, False, [Score((run,), (folder,)) for run, folder in runs], frozenset())


def _sweep(
    study: Study, logs: Path, device: str, jobs: int, tensorboard: bool, work: Sequence[Job], known: frozenset[str]
) -> Iterator[Event]:
    if not work:
        return
    (logs / CLAIMS).mkdir(parents=True, exist_ok=True)
    datasets = tuple(sorted({str(run.config["dataset"]) for job in work for run in job.runs}))
    environment = {**commit(), "predictions": _predictions(study)}
    terms = Terms(study.name, logs, device, tensorboard, environment, known, datasets, patch())
    pool = Pool(terms, deque(work), min(jobs, len(work)))
    try:
        yield from pool.events()
    finally:
        pool.close()


def _predictions(study: Study) -> str:
    """The hashes of all predictions of the plan, so that a log shows which of them stood before its run."""
    return " ".join(prediction_hash(group.name, prediction) for group in study.groups for prediction in group.predictions)
