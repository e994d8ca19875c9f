"""One place for a run on another machine: jobs in, events out, and with them the logs as they then are.

It trains as on one machine, by a pool of one worker process that logs to a scratch folder; so no folder has to be shared.
"""

import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import TypeAlias

from sweepbook.runner.config import SweepbookError
from sweepbook.runner.launch.events import Event, Job, Progress, Score, Started, Stuck, Terms
from sweepbook.runner.launch.executor import Queue
from sweepbook.runner.launch.pool import Pool
from sweepbook.runner.runlog import FILE
from sweepbook.runner.study import PlannedRun

Key: TypeAlias = tuple[str, int]  # of a run


@dataclass(frozen=True)
class Sent:
    """Events in their order, and the text of the log of each run that they are of, where it has one."""

    events: Sequence[Event | Stuck]
    logs: Mapping[Key, str] = field(default_factory=dict)


class Slot:
    """Serves one job after the other; epochs that come within `every` seconds are sent together.

    `prune` and `stop` are called by another thread while `serve` goes on.
    """

    def __init__(self, terms: Terms, every: float) -> None:
        self.every = every
        self.scratch = Path(tempfile.mkdtemp(prefix="sweepbook-"))
        self.pool = Pool(replace(terms, logs=self.scratch, known=frozenset()), 1)

    def version(self) -> str:
        """The version of Sweepbook here, which says that the slot has started."""
        return version("sweepbook")

    def serve(self, job: Job, logs: Sequence[str] = ()) -> Iterator[Sent]:
        """What happens while `job` is done; `logs` are the texts of those that it is to add to."""
        folders: dict[Key, Path] = {}
        held: list[Event] = []
        sent = 0.0
        try:
            for event in self.pool.run(Queue([self._placed(job, logs)])):
                held.append(event)
                if isinstance(event, Started):
                    folders[event.run.key] = event.folder
                if not isinstance(event, Progress) or time.monotonic() - sent >= self.every:
                    yield _sent(held, folders)
                    held, sent = [], time.monotonic()
        except SweepbookError as error:
            yield Sent([*held, Stuck(str(error))])
        for folder in folders.values():
            shutil.rmtree(folder, ignore_errors=True)

    def prune(self, run: PlannedRun) -> None:
        """Ends `run`, if it is still in hand."""
        self.pool.prune(run)

    def stop(self) -> None:
        """Ends the job in hand, which is logged interrupted, and takes no other."""
        self.pool.size = 0
        for worker in self.pool.workers:
            worker.process.terminate()

    def close(self) -> None:
        """Ends the worker, and removes what it wrote."""
        self.pool.__exit__(None, None, None)
        shutil.rmtree(self.scratch, ignore_errors=True)

    def _placed(self, job: Job, logs: Sequence[str]) -> Job:
        """`job` with the logs that it adds to in the scratch folder. A run asks nobody here: whoever could answer is far."""
        if not isinstance(job, Score):
            return replace(job, asks=False)
        folders = tuple(self.scratch / folder.name for folder in job.folders)
        for folder, text in zip(folders, logs, strict=True):
            folder.mkdir(exist_ok=True)
            (folder / FILE).write_text(text, encoding="utf-8")
        return replace(job, folders=folders)


def _sent(events: Sequence[Event], folders: Mapping[Key, Path]) -> Sent:
    logs = {}
    for key in {event.run.key for event in events} & folders.keys():
        with suppress(OSError):  # the scratch folder was emptied by somebody else
            logs[key] = (folders[key] / FILE).read_text(encoding="utf-8")
    return Sent(tuple(events), logs)
