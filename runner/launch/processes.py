"""What a worker works on in, its process out: forked from one process that has imported torch, where the system can."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from sweepbook.runner.config import SweepbookError
from sweepbook.runner.launch.events import Terms

PRELOADED = "sweepbook.runner.launch.worker"
FORKS = sys.platform == "linux"
LOST = 255  # the exit code of a worker where the process that it was forked from was killed
ATTEMPTS = 3  # to fork, where the process to fork from is killed each time


def started(terms: Terms) -> tuple[BaseProcess, Connection]:
    """A process that works by `terms`, and our end of the pipe to it. It does not hear Ctrl-C: its executor says when to end."""
    for _ in range(ATTEMPTS):
        ours, theirs = multiprocessing.Pipe()
        try:
            return _forked(theirs, terms) if FORKS and _is_main() else _spawned(theirs, terms), ours
        except (EOFError, ConnectionError):  # the process to fork from has died
            continue
        finally:
            theirs.close()
    raise SweepbookError("a training process could not start: the process that imports torch was killed each time")


def _forked(pipe: Connection, terms: Terms) -> BaseProcess:
    """Returns once torch is imported there: it is imported once for all workers, and shared in memory."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([PRELOADED])
    process = context.Process(target=_work, args=(pipe, terms, dict(os.environ)), daemon=True)
    with _importing_safely():
        with _deaf_to_interrupts():
            forkserver.ensure_running()
        process.start()
    return process


def _spawned(pipe: Connection, terms: Terms) -> BaseProcess:
    process = multiprocessing.get_context("spawn").Process(target=_work, args=(pipe, terms, dict(os.environ)), daemon=True)
    with _importing_safely(), _deaf_to_interrupts():
        process.start()
    return process


@contextmanager
def _importing_safely() -> Iterator[None]:
    """A Python started within imports nothing from the current folder, where a file of the user's may be called random.py."""
    before = os.environ.get("PYTHONSAFEPATH")
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONSAFEPATH"]
        else:
            os.environ["PYTHONSAFEPATH"] = before


def _work(pipe: Connection, terms: Terms, environment: Mapping[str, str]) -> None:
    """The target of a worker process, in the environment that its executor has by now."""
    os.environ.clear()
    os.environ.update(environment)
    from sweepbook.runner.launch.worker import work

    work(pipe, terms)


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """A process started within ignores Ctrl-C from its first instruction, and so does what is forked from it."""
    if not _is_main():  # only there may it be asked for; Ray's threads hear no Ctrl-C
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _is_main() -> bool:
    return threading.current_thread() is threading.main_thread()
