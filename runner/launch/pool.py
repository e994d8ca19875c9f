"""A queue of jobs in, their events out as they come: worker processes on this machine that share the queue."""

import multiprocessing
import signal
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path

from sweepbook.runner.config import SweepbookError
from sweepbook.runner.launch.devices import gpus
from sweepbook.runner.launch.events import Ended, Event, Idle, Job, Ready, Started, Stuck, Terms, Train
from sweepbook.runner.runlog import FILE, read_run, write_run
from sweepbook.runner.study import PlannedRun

PATIENCE = 30.0  # seconds a worker has to log its runs and end, once it is told to


@dataclass
class Worker:
    process: SpawnProcess
    pipe: Connection
    job: Job | None = None
    left: list[PlannedRun] = field(default_factory=list)
    folders: dict[tuple[str, int], Path] = field(default_factory=dict)
    ready: bool = False


class Pool:
    """Worker processes that share a queue of jobs."""

    def __init__(self, terms: Terms, queue: deque[Job], size: int) -> None:
        self.terms, self.queue = terms, queue
        self.workers = [self.start(number) for number in range(size)]

    def start(self, number: int) -> Worker:
        ours, theirs = multiprocessing.Pipe()
        count = len(gpus()) if self.terms.device == "cuda" else 0
        terms = replace(self.terms, device=f"cuda:{number % count}") if count else self.terms
        process = multiprocessing.get_context("spawn").Process(target=_work, args=(theirs, terms), daemon=True)
        with _deaf_to_interrupts():
            process.start()
        theirs.close()
        return Worker(process, ours)

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
                elif isinstance(message, Idle):
                    self.assign(worker)
                elif isinstance(message, Stuck):
                    raise SweepbookError(
                        f"{message.error}; so training stops. Once that is mended, the same command goes on from here"
                    )
                else:
                    yield from self.note(worker, message)

    def welcome(self, worker: Worker, message: Ready) -> None:
        if message.error:
            raise SweepbookError(message.error)
        worker.ready = True
        self.assign(worker)

    def assign(self, worker: Worker) -> None:
        """Gives `worker` the next job, or lets it go."""
        worker.job, worker.left, worker.folders = None, [], {}
        if not self.queue:
            self.workers.remove(worker)
            worker.pipe.close()
            return
        worker.job = self.queue.popleft()
        worker.left = list(worker.job.runs)
        with suppress(BrokenPipeError, ConnectionResetError):  # if it has died, its pipe reads as closed next
            worker.pipe.send(worker.job)

    def note(self, worker: Worker, event: Event) -> Iterator[Event]:
        if isinstance(event, Started):
            worker.folders[event.run.key] = event.folder
        elif isinstance(event, Ended):
            worker.left.remove(event.run)
        yield event

    def bury(self, worker: Worker) -> Iterator[Event]:
        """A worker has died: its runs are logged as failed, and where work is left another takes its place.

        One that was told to end does so between two runs, and the job that it did not take up goes back.
        """
        worker.process.join()
        code = worker.process.exitcode or 0
        self.workers.remove(worker)
        if not worker.ready:
            raise SweepbookError(f"a training process could not start (exit code {code}); its messages stand above")
        if worker.job is not None and not worker.folders and code == 0:
            self.queue.appendleft(worker.job)
        else:
            for run in worker.left:
                yield _failed(worker.job, run, worker.folders.get(run.key), code)
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


def _failed(job: Job | None, run: PlannedRun, folder: Path | None, code: int) -> Ended:
    """How `run` ended whose process died with exit code `code`; a log in `folder` that has no end yet gets one."""
    how = f"signal {-code}" if code < 0 else f"exit code {code}"
    error = f"its process ended with {how}" + (", perhaps for want of memory" if code == -signal.SIGKILL else "")
    if folder and isinstance(job, Train):
        log = read_run(folder / FILE)
        if log.status != "running":
            return Ended(run, log.status, log.seconds or 0.0, log.error)
        write_run(folder, replace(log, status="failed", error=error))
    return Ended(run, "failed", error=error)


def _work(pipe: Connection, terms: Terms) -> None:
    """The target of a worker process; torch is imported there, not here."""
    from sweepbook.runner.launch.worker import work

    work(pipe, terms)


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """A process started within ignores Ctrl-C from its first instruction: its launcher tells it when to stop."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
