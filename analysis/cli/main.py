"""The command line: which command answers, and how every error ends."""

import argparse
import atexit
import gc
import importlib
import io
import os
import signal
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from sweepbook.analysis.cli.arguments import PROTOCOL
from sweepbook.analysis.cli.codes import DONE, UNEXPECTED, WRONG_INPUT, Interrupted
from sweepbook.analysis.cli.options import COMMANDS, parser
from sweepbook.analysis.page.spelled import ERRORS
from sweepbook.analysis.page.visible import visible_output
from sweepbook.runner.config import SweepbookError

COERCED = ("C.UTF-8", "C.utf8", "UTF-8")  # what Python itself sets LC_CTYPE to where the locale is C
# For numpy, which reads it once: on matrices as small as ours a second thread only waits, and takes the core of what draws.
ONE_THREAD = "1"
GOES_ON = "interrupted; the same command goes on from here"
ENDED = {"run": GOES_ON, "demo": GOES_ON, "watch": "no longer watching; the report stays as it is"}  # what a signal leaves
SELDOM = 2_000_000  # objects that come, less those that go, before Python looks for garbage


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code; every error is one message, and every one that is ours alone has its own code."""
    _print_anywhere()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", ONE_THREAD)
    atexit.register(gc.freeze)  # to look through all that a large study leaves takes Python half a second before it ends
    with visible_output(), _rarely_collecting():
        return _answer(arguments)


def _answer(arguments: Sequence[str] | None) -> int:
    given = sys.argv[1:] if arguments is None else arguments
    if missing := _missing(given):
        print(f"sweepbook: {missing}: no such folder or file", file=sys.stderr)
        return WRONG_INPUT
    try:
        asked = parser().parse_args(_named(given))
    except SystemExit as ended:
        if ended.code == WRONG_INPUT:
            from sweepbook.analysis.cli.meant import meant

            if hint := meant(given):
                print(hint, file=sys.stderr)
        raise
    try:
        with _Signals():
            if any(PROTOCOL in word for word in given):
                _refresh(asked)
            code = int(importlib.import_module(f"sweepbook.analysis.cli.{asked.name}").command(asked))
            sys.stdout.flush()
        return code
    except SweepbookError as error:
        print(f"sweepbook: {error}", file=sys.stderr)
        return WRONG_INPUT
    except Interrupted as interrupted:
        print(f"sweepbook: {ENDED.get(asked.name, 'interrupted')}", file=sys.stderr)
        return 128 + int(interrupted.args[0])
    except BrokenPipeError:  # the reader of our output has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except OSError as error:
        print(f"sweepbook: {error}", file=sys.stderr)
        return WRONG_INPUT
    except Exception as error:  # no one foresaw it: Python's own exit code would be 1, which says that something got worse
        _tell_unexpected(error, asked.traceback)
        return UNEXPECTED


@contextmanager
def _rarely_collecting() -> Iterator[None]:
    """A command imports and makes much that stays: looking through all of it for garbage takes a tenth of its time."""
    before = gc.get_threshold()
    gc.set_threshold(SELDOM, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _named(arguments: Sequence[str]) -> Sequence[str]:
    """The arguments with a command before them: a place alone is to be looked at."""
    first = arguments[0] if arguments else ""
    is_place = first not in COMMANDS and not first.startswith("-") and bool(first) and (PROTOCOL in first or Path(first).exists())
    return ["look", *arguments] if is_place else arguments


def _missing(arguments: Sequence[str]) -> str:
    """The place that stands where a command would and is not there; "" where a command is meant."""
    first = arguments[0] if arguments else ""
    is_place = first not in COMMANDS and not first.startswith("-") and not {"/", ".", os.sep}.isdisjoint(first)
    return first if is_place and PROTOCOL not in first and not Path(first).exists() else ""


def _refresh(asked: argparse.Namespace) -> None:
    """Brings the mirrors of addresses that were named up to date: from here on they are folders like any other."""
    from sweepbook.analysis.logs.mirror import refresh

    for folder in (getattr(asked, "study", None), getattr(asked, "logs", None)):
        if folder is not None:
            refresh(folder)


def _tell_unexpected(error: Exception, whole: bool) -> None:
    """One line, with the way to the traceback; the traceback itself before it where it is asked for."""
    if whole:
        traceback.print_exception(error)
    said = " ".join(f"{type(error).__name__}: {error}".removesuffix(": ").split())
    hint = "please report it with what stands above" if whole else "run again with --traceback to see where"
    print(f"sweepbook: unexpected error: {said}; {hint}", file=sys.stderr)


def _print_anywhere() -> None:
    """A stream that lacks a letter shows how it is spelled without. Where the locale is C because somebody said so, Python writes
    UTF-8 all the same, which a terminal that goes by the locale would show as garbage."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=ERRORS, encoding="ascii" if stream.isatty() and _plain_locale() else None)


def _plain_locale() -> bool:
    """Whether the environment asks for ASCII: the locale C by name, and no encoding for Python beside it."""
    if any(map(os.environ.get, ("PYTHONIOENCODING", "PYTHONUTF8"))):
        return False
    whole, letters, language = (os.environ.get(name, "") for name in ("LC_ALL", "LC_CTYPE", "LANG"))
    own = letters not in COERCED and letters
    return (whole or own or language) in ("C", "POSIX")


class _Signals:
    """Turns SIGINT and SIGTERM into Interrupted, so that what is in hand is ended in good order."""

    def __enter__(self) -> None:
        self.before = {number: signal.signal(number, self.interrupt) for number in (signal.SIGINT, signal.SIGTERM)}

    def interrupt(self, number: int, _: FrameType | None) -> None:
        raise Interrupted(number)

    def __exit__(self, *_: object) -> None:
        for number, handler in self.before.items():
            signal.signal(number, handler)
