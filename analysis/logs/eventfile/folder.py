"""Folders with event files in, the events of one run out: its files are read in order of time, as one."""

import mmap
import os
import re
from collections.abc import Iterable

from sweepbook.analysis.logs.eventfile.scan import CUT, DAMAGED, Run
from sweepbook.runner.runlog import LogError

MARK, EMPTY = "tfevents", ".profile-empty"
LARGE = 1 << 25  # bytes, from which on a file is mapped into memory and not read whole
DIGITS = re.compile(r"\d+")


def is_event_file(name: str) -> bool:
    """Whether a file of this name holds events, as TensorBoard judges it; hidden ones, half copied, do not."""
    return MARK in name and not name.endswith(EMPTY) and not name.startswith(".")


def in_time(paths: Iterable[str]) -> list[str]:
    """The paths of event files by the second that their names begin with, then by the other numbers in them."""
    return sorted(paths, key=lambda path: ([int(part[:30]) for part in DIGITS.findall(path.rpartition("/")[2])], path))


def events(paths: Iterable[str]) -> Run:
    """The events in these files, read as one run; LogError where a file cannot be opened."""
    run = Run()
    for path in in_time(paths):
        try:
            _add(run, path)
        except (OSError, ValueError) as error:
            raise LogError(f"{path.rpartition('/')[2]}: cannot be read: {error}") from None
    return run


def _add(run: Run, path: str) -> None:
    with open(path, "rb") as file:
        if os.fstat(file.fileno()).st_size < LARGE:
            run.add(file.read())
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            run.add(data)  # type: ignore[arg-type]


def state(run: Run) -> tuple[str, str]:
    """The status that the files bear out, and what is to be said of it: the last may end within a record, or be damaged."""
    last = run.ends[-1] if run.ends else ""
    if DAMAGED in run.ends:
        note = "An event file is damaged: it was read up to there."
        return ("failed" if last == DAMAGED else "finished"), note
    if last == CUT:
        return "running", "The last event is cut short: the run is still being written, or was killed."
    return "finished", ""


def repeated(run: Run) -> bool:
    """Whether a step was logged more than once, as after a restart, or made void by one."""
    return run.voided > 0 or any(len({*track.steps}) < len(track.steps) for track in run.tracks.values())
