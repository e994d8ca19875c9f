"""Functions in, their results out: each is worked out by a process of its own, beside this one."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess
from typing import TypeVar

SIGNALS = (signal.SIGINT, signal.SIGTERM)

T = TypeVar("T")


@contextmanager
def forked(works: Sequence[Callable[[], T]]) -> Iterator[list[Callable[[], T]]]:
    """A process for each of `works`, and for each what waits for its result; the processes end with the block.

    A fork has its parent's signal handlers, which tell of an interruption: no signal reaches a process before it has its own.
    A Pool would wait for ever where one of its processes was killed at the wrong moment.
    """
    fork = multiprocessing.get_context("fork")
    started: list[tuple[ForkProcess, Connection]] = []
    try:
        before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            for work in works:
                ours, theirs = fork.Pipe(duplex=False)
                process = fork.Process(target=_send, args=(theirs, work, before), daemon=True)
                process.start()
                started.append((process, ours))
                theirs.close()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        yield [partial(_received, ours, work) for (_, ours), work in zip(started, works, strict=True)]
    finally:
        for process, ours in started:
            ours.close()
            process.kill()
            process.join()


@contextmanager
def beside(work: Callable[[], T], worth: bool) -> Iterator[Callable[[], T]]:
    """What waits for the result of `work`, from a process of its own where that is `worth` it and there is a second core. Not
    beside another thread, which could hold a lock that the fork then waits for."""
    if not worth or cores() == 1 or threading.active_count() > 1:
        yield work
    else:
        with forked([work]) as (result,):
            yield result


def cores() -> int:
    """How many cores this process may use; 1 where that cannot be known."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


def _send(pipe: Connection, work: Callable[[], T], mask: set[int]) -> None:
    """What one process does: it ends without a word at SIGTERM; at Ctrl-C its parent ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    with suppress(BrokenPipeError):  # its parent has gone
        pipe.send(work())


def _received(pipe: Connection, work: Callable[[], T]) -> T:
    """The result of a process; worked out here where that process was killed."""
    try:
        result: T = pipe.recv()
    except (EOFError, ConnectionResetError):
        return work()
    return result
