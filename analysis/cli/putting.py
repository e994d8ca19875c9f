"""The events of a sweep in, its logs at the address that their folder mirrors out, put there while the runs go on."""

import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

from sweepbook.analysis import words as w
from sweepbook.analysis.logs.address import address_of
from sweepbook.analysis.logs.mirror import Mirror
from sweepbook.runner.config import SweepbookError
from sweepbook.runner.launch import events

EVERY = 2.0  # seconds between two puts; what changed meanwhile goes in one
LONGEST = 60.0  # seconds that an address which does not answer is left alone
TRIES = 3  # at the end


class Putting:
    """Puts what a sweep writes into `logs` to the address that this folder mirrors; does nothing for any other folder.

    Training goes on while the address does not answer. What is not there in the end stays in the mirror, where the next sweep finds
    it, and `failure` says so. Use it in a `with` statement and hand it every event.
    """

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self.mirror = Mirror(logs) if address_of(logs) else None
        self.failure = self.trouble = ""
        self.folders: dict[tuple[str, int], Path] = {}
        self.waiting: set[Path] = set()  # folders
        self.lock, self.ended = threading.Lock(), threading.Event()
        self.thread = threading.Thread(target=self._follow, daemon=True)

    def __enter__(self) -> "Putting":
        if self.mirror:
            self.waiting.add(self.logs)
            self.thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.mirror:
            self.ended.set()
            self.thread.join()
            self._finish(self.mirror)
        if error is not None and self.failure:
            print(f"sweepbook: {self.failure}", file=sys.stderr)

    def note(self, event: events.Event) -> str:
        """Takes in an event: the log of its run has changed. Returns what there is to say of the address, each thing once."""
        if not self.mirror:
            return ""
        if isinstance(event, events.Started):
            self.folders[event.run.key] = event.folder
        if folder := self.folders.get(event.run.key):
            self._add([folder])
        said, self.trouble = self.trouble, ""
        return said

    def _add(self, folders: Iterable[Path]) -> None:
        with self.lock:
            self.waiting.update(folders)

    def _follow(self) -> None:
        """The thread: puts what waits, and waits longer each time that the address does not answer."""
        pause = EVERY
        while not self.ended.wait(pause):
            with self.lock:
                batch, self.waiting = self.waiting, set()
            try:
                if self.mirror:
                    self.mirror.put([name for folder in batch for name in self.mirror.unput(folder)])
                pause = EVERY
            except SweepbookError as error:
                self._add(batch)
                if pause == EVERY:
                    self.trouble = f"{error}; training goes on, and the logs wait in {self.logs}"
                pause = min(2 * pause, LONGEST)

    def _finish(self, mirror: Mirror) -> None:
        """Puts all that is not at the address yet."""
        for number in range(TRIES):
            time.sleep(number)
            try:
                mirror.put(mirror.unput())
                return
            except SweepbookError as error:
                left = w.plural(len(mirror.unput()), "file")
                self.failure = f"{error}; {left} not put there; the next `sweepbook run` does it, from {self.logs}"
