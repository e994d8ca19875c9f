"""A folder of logs and a planned run in, whether it is this process's to train out."""

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

import filelock
from sweepbook.runner.config import config_id
from sweepbook.runner.launch.events import CLAIMS
from sweepbook.runner.runlog import FINAL, read_folder
from sweepbook.runner.study import PlannedRun


class Claims:
    """What one worker may train. A claim is a lock that the system lets go when its holder ends, however it ends."""

    def __init__(self, logs: Path, known: Iterable[str]) -> None:
        """`known` names the log folders that are not in progress and were there when the sweep began."""
        self.logs, self.known = logs, set(known)
        self.done = set[tuple[str, int | None]]()

    def take(self, run: PlannedRun, held: ExitStack) -> bool:
        """Whether `run` is this worker's to train: until `held` ends, no other may."""
        lock = filelock.FileLock(self.logs / CLAIMS / f"{run.id}-s{run.seed}")
        try:
            held.enter_context(lock.acquire(timeout=0))
        except filelock.Timeout:
            return False
        return not self.finished_since(run)

    def finished_since(self, planned: PlannedRun) -> bool:
        """Whether a log that came since the sweep began records `planned` as done. Each is read until it is final."""
        for folder, run in read_folder(self.logs, self.known):
            if run.status in FINAL:
                self.known.add(folder.name)
                self.done.add((config_id(run.config), run.seed))
        return planned.key in self.done
