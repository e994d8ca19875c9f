"""A `Study` and a folder of logs in; the runs still missing trained by worker processes, and their events out as they come."""

import importlib.util
import multiprocessing
import os
import signal
import subprocess
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path

from sweepbook.runner.config import SweepbookError, config_id
from sweepbook.runner.events import CLAIMS, Ended, Event, Job, Ready, Score, Started, Stuck, Terms, Train
from sweepbook.runner.runlog import FILE, FINAL, Run, read_folder, read_run, write_run
from sweepbook.runner.study import PlannedRun, Study, prediction_hash

PATIENCE = 30.0  # seconds a worker has to log its run and end, once it is told to


def missing(study: Study, logs: Path) -> tuple[PlannedRun, ...]:
    """The planned runs that no log in `logs` records as finished or diverged, in the plan's order."""
    return _lacking(study, read_folder(logs))


def _lacking(study: Study, logged: Iterable[tuple[Path, Run]]) -> tuple[PlannedRun, ...]:
    done = {(config_id(run.config), run.seed) for _, run in logged if run.status in FINAL}
    return tuple(run for run in study.runs if (run.id, run.seed) not in done)


def default_jobs(device: str) -> int:
    """One worker a core that this process may use; on a GPU one a device."""
    if device == "cpu":
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return len(_gpus())


def choose_device(wanted: str) -> str:
    """`cpu` or `cuda`; "auto" is the GPU where there is one. SweepbookError where training is not possible."""
    if importlib.util.find_spec("torch") is None:
        raise SweepbookError("training needs torch, which is not installed; in Sweepbook's checkout: pip install '.[train]'")
    if wanted == "cuda" and not _gpus():
        raise SweepbookError('--device cuda: no NVIDIA GPU answers here; use "cpu"')
    return "cuda" if wanted != "cpu" and _gpus() else "cpu"


def _gpus() -> list[str]:
    """The NVIDIA GPUs that the driver lists, found without importing torch."""
    try:
        listed = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return []
    return [line for line in listed.stdout.splitlines() if line.startswith("GPU")]


def train_missing(study: Study, logs: Path, device: str, jobs: int, tensorboard: bool) -> Iterator[Event]:
    """Trains what `missing` lists, `jobs` runs at a time, and yields what happens."""
    if tensorboard and importlib.util.find_spec("tensorboard") is None:
        raise SweepbookError("--tensorboard needs tensorboard, which is not installed: pip install 'tensorboard>=2.18'")
    logged = list(read_folder(logs))  # read once: what another sweep finishes from here on is not known, and looked for
    known = frozenset(folder.name for folder, run in logged if run.status != "running")
    yield from _sweep(study, logs, device, jobs, tensorboard, [Train(run) for run in _lacking(study, logged)], known)


def score_on_test(study: Study, logs: Path, device: str, jobs: int, runs: Sequence[tuple[PlannedRun, Path]]) -> Iterator[Event]:
    """Adds the test score to the finished logs of `runs`, each with its folder, by training them again."""
    yield from _sweep(study, logs, device, jobs, False, [Score(run, folder) for run, folder in runs], frozenset())


@dataclass
class _Worker:
    process: SpawnProcess
    pipe: Connection
    job: Job | None = None
    folder: Path | None = None
    ready: bool = False


def _sweep(
    study: Study, logs: Path, device: str, jobs: int, tensorboard: bool, work: Sequence[Job], known: frozenset[str]
) -> Iterator[Event]:
    if not work:
        return
    (logs / CLAIMS).mkdir(parents=True, exist_ok=True)
    datasets = tuple(sorted({str(job.run.config["dataset"]) for job in work}))
    terms = Terms(study.name, logs, device, tensorboard, {**_commit(), "predictions": _predictions(study)}, known, datasets)
    pool = _Pool(terms, deque(work), min(jobs, len(work)))
    try:
        yield from pool.events()
    finally:
        pool.close()


class _Pool:
    """Worker processes that share a queue of jobs."""

    def __init__(self, terms: Terms, queue: deque[Job], size: int) -> None:
        self.terms, self.queue = terms, queue
        self.workers = [self.start(number) for number in range(size)]

    def start(self, number: int) -> _Worker:
        ours, theirs = multiprocessing.Pipe()
        gpus = len(_gpus()) if self.terms.device == "cuda" else 0
        terms = replace(self.terms, device=f"cuda:{number % gpus}") if gpus else self.terms
        process = multiprocessing.get_context("spawn").Process(target=_work, args=(theirs, terms), daemon=True)
        with _deaf_to_interrupts():
            process.start()
        theirs.close()
        return _Worker(process, ours)

    def events(self) -> Iterator[Event]:
        """What the workers tell, until the queue is empty and every worker has ended."""
        while self.workers:
            readable = wait([worker.pipe for worker in self.workers])
            for worker in [worker for worker in self.workers if worker.pipe in readable]:
                try:
                    message = worker.pipe.recv()
                except (EOFError, ConnectionResetError):
                    yield from self.bury(worker)
                    continue
                if isinstance(message, Ready):
                    self.welcome(worker, message)
                elif isinstance(message, Stuck):
                    raise SweepbookError(
                        f"{message.error}; so training stops. Once that is mended, the same command goes on from here"
                    )
                else:
                    yield from self.note(worker, message)

    def welcome(self, worker: _Worker, message: Ready) -> None:
        if message.error:
            raise SweepbookError(message.error)
        worker.ready = True
        self.assign(worker)

    def assign(self, worker: _Worker) -> None:
        """Gives `worker` the next job, or lets it go."""
        worker.folder, worker.job = None, None
        if not self.queue:
            self.workers.remove(worker)
            worker.pipe.close()
            return
        worker.job = self.queue.popleft()
        with suppress(BrokenPipeError, ConnectionResetError):  # if it has died, its pipe reads as closed next
            worker.pipe.send(worker.job)

    def note(self, worker: _Worker, event: Event) -> Iterator[Event]:
        if isinstance(event, Started):
            worker.folder = event.folder
        yield event
        if isinstance(event, Ended):
            self.assign(worker)

    def bury(self, worker: _Worker) -> Iterator[Event]:
        """A worker has died: its run is logged as failed, and where work is left another takes its place.

        One that was told to end does so between two runs, and the job that it did not take up goes back.
        """
        worker.process.join()
        code = worker.process.exitcode or 0
        self.workers.remove(worker)
        if not worker.ready:
            raise SweepbookError(f"a training process could not start (exit code {code}); its messages stand above")
        if worker.job is not None and worker.folder is None and code == 0:
            self.queue.appendleft(worker.job)
        elif worker.job is not None:
            yield _failed(worker.job, worker.folder, code)
        if self.queue:
            self.workers.append(self.start(len(self.workers)))

    def close(self) -> None:
        """Ends every worker; a run in hand is logged interrupted by the worker that has it."""
        for worker in self.workers:
            worker.process.terminate()
            worker.pipe.close()
        for worker in self.workers:
            worker.process.join(PATIENCE)
            if worker.process.is_alive():
                worker.process.kill()


def _failed(job: Job, folder: Path | None, code: int) -> Ended:
    """How `job` ended whose process died with exit code `code`; a log in `folder` that has no end yet gets one."""
    how = f"signal {-code}" if code < 0 else f"exit code {code}"
    error = f"its process ended with {how}" + (", perhaps for want of memory" if code == -signal.SIGKILL else "")
    if folder and isinstance(job, Train):
        log = read_run(folder / FILE)
        if log.status != "running":
            return Ended(job.run, log.status, log.seconds or 0.0, log.error)
        write_run(folder, replace(log, status="failed", error=error))
    return Ended(job.run, "failed", error=error)


def _work(pipe: Connection, terms: Terms) -> None:
    """The target of a worker process; torch is imported there, not here."""
    from sweepbook.runner.worker import work

    work(pipe, terms)


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """A process started within ignores Ctrl-C from its first instruction: its launcher tells it when to stop."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _predictions(study: Study) -> str:
    """The hashes of all predictions of the plan, so that a log shows which of them stood before its run."""
    return " ".join(prediction_hash(group.name, prediction) for group in study.groups for prediction in group.predictions)


def _commit() -> dict[str, str | bool]:
    """The git commit of the current folder and whether it was dirty; empty outside a repository."""
    try:
        head = _git("rev-parse", "HEAD")
        dirty = _git("status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.CalledProcessError):
        return {}
    return {"commit": head, "dirty": bool(dirty)}


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()
