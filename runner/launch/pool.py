"""The executor on this machine: a source of jobs in, their events out as they come, from worker processes."""

import signal
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import count
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sweepbook.runner.config import SweepbookError
from sweepbook.runner.launch.devices import gpus
from sweepbook.runner.launch.events import (
    CLAIMS,
    Answer,
    Ended,
    Event,
    GoOn,
    Idle,
    Job,
    Lost,
    Progress,
    Prune,
    Ready,
    Score,
    Spent,
    Started,
    Stuck,
    Terms,
    Train,
)
from sweepbook.runner.launch.executor import Source
from sweepbook.runner.launch.processes import LOST, started
from sweepbook.runner.launch.profile import Profile
from sweepbook.runner.logtext import NotWritten, write_run
from sweepbook.runner.runlog import FILE, LogError, read_run
from sweepbook.runner.study import PlannedRun

PATIENCE = 30.0  # seconds a worker has to log its runs and end, once it is told to
STARTS = 3  # workers that may be killed one after the other while they start


@dataclass
class Worker:
    """A process, and what it has in hand. One that is not yet `ready` is given its job once it is."""

    number: int
    process: BaseProcess
    pipe: Connection
    ready: bool = False
    job: Job | None = None
    left: list[PlannedRun] = field(default_factory=list)
    folders: dict[tuple[str, int], Path] = field(default_factory=dict)

    def take(self, job: Job | None) -> None:
        """Has `job` in hand from here on, and hands it over where the process is ready for it."""
        self.job, self.left, self.folders = job, list(job.runs) if job else [], {}
        if self.ready and job:
            self.send(job)

    def send(self, message: Job | Answer) -> None:
        """Sends, unless the process has died: its pipe then reads as closed next."""
        with suppress(BrokenPipeError, ConnectionResetError):
            self.pipe.send(message)


class Pool:
    """At most `size` worker processes, each started when there is a job for it; see Executor. `profile` hears where time goes."""

    def __init__(self, terms: Terms, size: int, profile: Profile | None = None) -> None:
        self.terms, self.size, self.profile = terms, size, profile
        self.workers: list[Worker] = []
        self.again: deque[Job] = deque()  # what goes before the source's next job: a worker died that had it
        self.lost: set[tuple[str, int]] = set()  # runs that have been tried once more
        self.unstarted = 0  # workers killed at their start since one came through it

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.profile:
            self.profile.end([worker.process.pid or 0 for worker in self.workers if not worker.job])
        for worker in self.workers:
            worker.process.terminate()
        for worker in self.workers:
            self.hear_out(worker)
            worker.pipe.close()
        for worker in self.workers:
            worker.process.join(PATIENCE)
            if worker.process.is_alive():
                worker.process.kill()
        self.workers = []

    def hear_out(self, worker: Worker) -> None:
        """Takes in where the time of a job that was ended in its middle went, where a profile asks for it."""
        with suppress(EOFError, ConnectionResetError):
            while self.profile and worker.job and worker.pipe.poll(PATIENCE):
                if isinstance(message := worker.pipe.recv(), Spent):
                    self.profile.add(message)

    def run(self, source: Source) -> Iterator[Event]:
        """Begins with the first jobs of `source`, and returns what the workers say until it is over; see Executor."""
        self.lost.clear()
        self.hand_out(source)
        return self.events(source)

    def events(self, source: Source) -> Iterator[Event]:
        while any(worker.job for worker in self.workers):
            readable = wait([worker.pipe for worker in self.workers])
            for worker in [worker for worker in self.workers if worker.pipe in readable]:
                for event in self.listen(worker):
                    self.answer(worker, event, source.heard(event))
                    yield event
            self.hand_out(source)

    def answer(self, worker: Worker, event: Event, hopeless: Sequence[PlannedRun]) -> None:
        """Ends the runs that are `hopeless`, and has a run that `worker` asks for go on where it is none of them."""
        for run in hopeless:
            self.prune(run)
        asks = isinstance(worker.job, Train) and worker.job.asks
        if asks and isinstance(event, Progress) and event.run not in hopeless:
            worker.send(GoOn(event.run))

    def hand_out(self, source: Source) -> None:
        """Gives every worker that is free, and those that may still start, a job while there are any."""
        while (idle := [worker for worker in self.workers if not worker.job]) or len(self.workers) < self.size:
            job = self.again.popleft() if self.again else source.next()
            if job is None:
                return
            (idle[0] if idle else self.start()).take(job)

    def start(self) -> Worker:
        taken = {worker.number for worker in self.workers}
        number = next(one for one in count() if one not in taken)
        devices = len(gpus()) if self.terms.device == "cuda" else 0
        terms = replace(self.terms, device=f"cuda:{number % devices}") if devices else self.terms
        terms = replace(terms, begun=time.perf_counter_ns()) if self.profile else terms
        (terms.logs / CLAIMS).mkdir(parents=True, exist_ok=True)
        self.workers.append(Worker(number, *started(terms)))
        return self.workers[-1]

    def listen(self, worker: Worker) -> Iterator[Event]:
        """What the next message of `worker`, or its death, means to others."""
        try:
            message: Any = worker.pipe.recv()
        except (EOFError, ConnectionResetError):
            yield from self.bury(worker)
            return
        if isinstance(message, Ready):
            self.welcome(worker, message)
        elif isinstance(message, Idle):
            worker.take(None)
        elif isinstance(message, Spent) and self.profile:
            self.profile.add(message)
        elif isinstance(message, Stuck):
            raise stuck(message.error)
        else:
            if isinstance(message, Started):
                worker.folders[message.run.key] = message.folder
            elif isinstance(message, Ended):
                worker.left.remove(message.run)
            yield message

    def welcome(self, worker: Worker, message: Ready) -> None:
        if message.error:
            raise SweepbookError(message.error)
        worker.ready, self.unstarted = True, 0
        worker.take(worker.job)

    def prune(self, run: PlannedRun) -> None:
        """Asks the worker that has `run`, if one still has it, to end it."""
        for worker in self.workers:
            if run in worker.left:
                worker.send(Prune(run))

    def bury(self, worker: Worker) -> Iterator[Event]:
        """A worker has died. What it had in hand is logged as failed, and tried once more where the system killed it.

        One that was told to end does so between two jobs, and the job that it did not take up goes back.
        """
        worker.process.join()
        code = _code(worker.process.exitcode or 0)
        self.workers.remove(worker)
        if not worker.ready:
            self.count_start(code)
        if worker.job and not worker.folders and (code == 0 or not worker.ready):
            self.again.appendleft(worker.job)
        elif worker.job:
            for run in worker.left:
                yield self.outcome(worker.job, run, worker.folders.get(run.key), code)

    def count_start(self, code: int) -> None:
        """A worker died before it was ready: SweepbookError where the next would too."""
        self.unstarted += 1
        if code >= 0 or self.unstarted == STARTS:
            how = f"exit code {code}" if code >= 0 else f"{STARTS} were killed by {_name(-code)}"
            raise SweepbookError(f"a training process could not start ({how}); its messages stand above")

    def outcome(self, job: Job, run: PlannedRun, folder: Path | None, code: int) -> Event:
        """What becomes of `run`, whose process died with exit code `code`; a log in `folder` that has no end yet gets one."""
        error = f"its process ended with exit code {code}" if code >= 0 else f"its process was killed by {_name(-code)}"
        error += ", perhaps for want of memory" if code == -signal.SIGKILL else ""
        if folder and isinstance(job, Train):
            try:
                log = read_run(folder / FILE)
                if log.status != "running":
                    return Ended(run, log.status, log.share or 0.0, log.error)
                write_run(folder, replace(log, status="failed", error=error))
            except NotWritten as caught:
                raise stuck(str(caught)) from None
            except LogError:  # somebody deleted it
                pass
        if code >= 0 or run.key in self.lost:
            return Ended(run, "failed", error=error)
        # Alone, even if it was trained beside others: together they may have been what the memory had no room for.
        self.again.append(
            replace(job, runs=(run,)) if isinstance(job, Train) else Score((run,), (job.folders[job.runs.index(run)],))
        )
        self.lost.add(run.key)
        return Lost(run, error)


def _code(code: int) -> int:
    """The exit code of a worker; that of one whose end nobody saw is taken to be a kill's."""
    return -signal.SIGKILL if code == LOST else code


def stuck(error: str) -> SweepbookError:
    """What ends a sweep whose logs cannot be written."""
    return SweepbookError(f"{error}; so training stops. Once that is mended, the same command goes on from here")


def _name(number: int) -> str:
    """The name of a signal: "SIGKILL"."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
