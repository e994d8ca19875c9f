"""The executor on a Ray cluster: a source of jobs in, their events out as they come, and their logs written here.

What a slot logs comes with its events, so that no folder has to be shared: this process alone writes to the folder of logs.
"""

import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sweepbook.runner.config import SweepbookError
from sweepbook.runner.launch.events import Ended, Event, Job, Lost, Score, Started, Stuck, Terms, Train
from sweepbook.runner.launch.executor import Source
from sweepbook.runner.launch.pool import PATIENCE, STARTS, stuck
from sweepbook.runner.launch.rayaddress import line_of
from sweepbook.runner.launch.slot import Key, Slot
from sweepbook.runner.logtext import NotWritten, write_run, write_text
from sweepbook.runner.record import new_folder
from sweepbook.runner.runlog import FILE, LogError, read_run
from sweepbook.runner.study import PlannedRun

EVERY, ANSWERED = 0.5, 200  # seconds between two answers of a slot that trains; answers a second that all slots give together


@dataclass
class Place:
    """A slot somewhere in the cluster, and what it has in hand. `stream` is what it is to answer next."""

    slot: Any
    stream: Any
    ready: bool = False
    job: Job | None = None
    left: list[PlannedRun] = field(default_factory=list)
    folders: dict[Key, Path] = field(default_factory=dict)

    def take(self, job: Job) -> None:
        """Has `job` in hand from here on."""
        self.job, self.left, self.folders, logs = job, list(job.runs), {}, []
        if isinstance(job, Score):
            self.folders = {run.key: folder for run, folder in zip(job.runs, job.folders, strict=True)}
            logs = [(folder / FILE).read_text(encoding="utf-8") for folder in job.folders]
        self.stream = self.slot.serve.options(num_returns="streaming").remote(job, logs)


class Cluster:
    """At most `size` slots in the cluster that is joined, each started when there is a job for it; see Executor."""

    def __init__(self, terms: Terms, size: int) -> None:
        import ray

        self.ray, self.terms, self.size = ray, terms, size
        self.every = max(EVERY, size / ANSWERED)
        self.places: list[Place] = []
        self.waiting: deque[Job] = deque()  # what goes before the source's next job
        self.lost: set[Key] = set()  # runs that have been tried once more
        self.unstarted = 0  # slots that were lost at their start since one came through it

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        busy = [place for place in self.places if place.job]
        for place in busy:
            place.slot.stop.remote()
        end = time.monotonic() + PATIENCE
        while busy := [place for place in busy if place.job]:
            if not self.drain(busy, end - time.monotonic()):
                break
        for place in busy:
            for run in place.left:
                _closed(place.folders.get(run.key), place.job, "interrupted", None)
        if closed := [place.slot.close.remote() for place in self.places if place.ready]:
            self.ray.wait(closed, num_returns=len(closed), timeout=PATIENCE)
        self.ray.shutdown()
        self.places = []

    def drain(self, busy: list[Place], seconds: float) -> bool:
        """Takes in what slots that end still have to say; False where none says anything within `seconds`."""
        ready = self.answers(busy, max(seconds, 0.0))
        for place in ready:
            with suppress(SweepbookError):
                list(self.listen(place))
        return bool(ready)

    def run(self, source: Source) -> Iterator[Event]:
        """Begins with the first jobs of `source`, and returns what the slots say until it is over; see Executor."""
        self.lost.clear()
        self.hand_out(source)
        return self.events(source)

    def events(self, source: Source) -> Iterator[Event]:
        while self.waiting or any(place.job for place in self.places):
            for place in self.answers([place for place in self.places if place.stream], None):
                for event in self.listen(place):
                    for run in source.heard(event):
                        self.prune(run)
                    yield event
            self.hand_out(source)

    def hand_out(self, source: Source) -> None:
        """Gives every slot that is free a job while there are any, and starts slots for those that wait."""
        while job := self.waiting.popleft() if self.waiting else source.next():
            idle = next((place for place in self.places if place.ready and not place.job), None)
            if idle:
                idle.take(job)
                continue
            self.waiting.appendleft(job)
            if not self.start(source):
                return

    def start(self, source: Source) -> bool:
        """Starts a slot where one more would have something to do."""
        starting = sum(not place.ready for place in self.places)
        if len(self.places) >= self.size:
            return False
        while len(self.waiting) <= starting:
            job = source.next()
            if job is None:
                return False
            self.waiting.append(job)
        shares = {"num_cpus": 1, "num_gpus": self.share()}
        slot = self.ray.remote(Slot).options(max_concurrency=2, max_restarts=0, **shares).remote(self.terms, self.every)
        self.places.append(Place(slot, slot.version.remote()))
        return True

    def share(self) -> float:
        """The part of a GPU that a run has, where more runs than GPUs are asked for."""
        if self.terms.device != "cuda":
            return 0.0
        gpus = self.ray.cluster_resources().get("GPU", 1.0)
        return 1.0 if self.size <= gpus else 1.0 / -(-self.size // int(gpus))

    def answers(self, places: list[Place], seconds: float | None) -> list[Place]:
        """Those that have something to say; waits until one has, at most so long."""
        streams = [place.stream for place in places]
        first, _ = self.ray.wait(streams, num_returns=1, timeout=seconds)
        ready, _ = self.ray.wait(streams, num_returns=len(streams), timeout=0) if first else ([], [])
        known = {id(stream) for stream in ready}
        return [place for place in places if id(place.stream) in known]

    def listen(self, place: Place) -> Iterator[Event]:
        """What the next answer of a slot, or its loss, means to others."""
        try:
            if not place.ready:
                self.welcome(place, self.ray.get(place.stream))
                return
            sent = self.ray.get(next(place.stream))
        except StopIteration:
            place.job, place.stream = None, None
        except self.ray.exceptions.RayError as error:
            yield from self.bury(place, error)
        else:
            logs = dict(sent.logs)
            for event in sent.events:
                yield self.logged(place, event, logs)

    def welcome(self, place: Place, theirs: str) -> None:
        if theirs != (ours := version("sweepbook")):
            raise SweepbookError(f"a node of the Ray cluster has Sweepbook {theirs}, this machine {ours}: install one version")
        place.ready, place.stream, self.unstarted = True, None, 0

    def logged(self, place: Place, event: Event | Stuck, logs: dict[Key, str]) -> Event:
        """`event` as it is here, once its log is. A text that came with several events is written with the first."""
        if isinstance(event, Stuck):
            raise SweepbookError(event.error)
        text = logs.pop(event.run.key, None)
        if isinstance(event, Started) and isinstance(place.job, Train):
            place.folders[event.run.key] = new_folder(self.terms.logs, event.run.label, event.run.seed, datetime.now(UTC))
        folder = place.folders.get(event.run.key)
        if folder and text:
            try:
                write_text(folder, text)
            except NotWritten as error:
                raise stuck(str(error)) from None
        if isinstance(event, Started) and folder:
            event = replace(event, folder=folder)
        elif isinstance(event, Ended):
            place.left.remove(event.run)
        elif isinstance(event, Lost):
            self.lost.add(event.run.key)
        return event

    def prune(self, run: PlannedRun) -> None:
        """Asks the slot that has `run`, if one still has it, to end it."""
        for place in self.places:
            if run in place.left:
                place.slot.prune.remote(run)

    def bury(self, place: Place, error: Exception) -> Iterator[Event]:
        """A slot is lost, with its process or its node: what it had in hand is logged as failed, and tried once more elsewhere."""
        self.places.remove(place)
        if not place.ready:
            self.unstarted += 1
            if self.unstarted == STARTS:
                raise SweepbookError(f"no training process could start in the Ray cluster: {line_of(error)}")
        for run in place.left:
            yield self.outcome(place, run, f"its node, or Ray's process there, was lost: {line_of(error)}")

    def outcome(self, place: Place, run: PlannedRun, error: str) -> Event:
        """What becomes of `run`, whose slot was lost; a log that has no end yet gets one."""
        folder = place.folders.get(run.key)
        if ended := _closed(folder, place.job, "failed", error):
            return Ended(run, *ended)
        if run.key in self.lost:
            return Ended(run, "failed", error=error)
        self.waiting.append(Score((run,), (folder,)) if isinstance(place.job, Score) and folder else Train((run,)))
        self.lost.add(run.key)
        return Lost(run, error)


def _closed(folder: Path | None, job: Job | None, status: str, error: str | None) -> tuple[str, float, str | None] | None:
    """How the run that was logged in `folder` had ended; None where it had not, and then its log says `status`."""
    if folder is None or not isinstance(job, Train):
        return None
    with suppress(LogError):  # the folder is gone, and its log with it
        log = read_run(folder / FILE)
        if log.status != "running":
            return log.status, log.share or 0.0, log.error
        write_run(folder, replace(log, status=status, error=error))
    return None
