"""The command line: what may be asked for, which command answers, and how every error ends."""

import argparse
import gc
import importlib
import io
import os
import signal
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import FrameType

from sweepbook.analysis.cli.codes import DONE, UNEXPECTED, WRONG_INPUT, Interrupted
from sweepbook.analysis.page.spelled import ERRORS
from sweepbook.analysis.page.visible import visible_output
from sweepbook.runner.config import SweepbookError
from sweepbook.runner.metric import GOALS

PROTOCOL = "://"  # by which a place is an address, as in s3://bucket/runs
COERCED = ("C.UTF-8", "C.utf8", "UTF-8")  # what Python itself sets LC_CTYPE to where the locale is C

SELDOM = 50_000  # objects that come, less those that go, before Python looks for garbage


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code; every error is one message, and every one that is ours alone has its own code."""
    _print_anywhere()
    with visible_output(), _rarely_collecting():
        return _answer(arguments)


def _answer(arguments: Sequence[str] | None) -> int:
    given = sys.argv[1:] if arguments is None else arguments
    if missing := _missing(given):
        print(f"sweepbook: {missing}: no such folder or file", file=sys.stderr)
        return WRONG_INPUT
    asked = _parser().parse_args(_named(given))
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
        print("sweepbook: interrupted; the same command goes on from here", file=sys.stderr)
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


class _Version(argparse.Action):
    """Prints the version; reading it takes longer than a build that finds nothing new."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"sweepbook {version('sweepbook')}")
        parser.exit()


EXAMPLE = "studies/fashion-mnist"
READING = ("look", "build", "watch", "show", "export", "figures", "names", "init")  # what reads run logs of any tool
COMMANDS = {  # what each does, and an example of it
    "look": ("Say what run logs lie in a folder, and what to type next; `sweepbook FOLDER` does the same.", "look mlruns"),
    "run": ("Train what the plan asks for and the logs lack; then build.", f"run {EXAMPLE} --jobs 2"),
    "build": ("Write the report from the logs, the plan and the notes.", f"build {EXAMPLE}"),
    "watch": ("Rebuild the report as runs finish, and serve it to a browser on this machine.", f"watch {EXAMPLE}"),
    "plan": ("Say what the planned runs cost, what they can show, and what would settle the expectations.", f"plan {EXAMPLE}"),
    "show": ("Print the ranking, a group, a configuration or a run.", f"show {EXAMPLE} epochs_10"),
    "export": ("Print the runs or a group's results for another program.", f"export {EXAMPLE} units --format latex"),
    "figures": ("Write the figures alone, for a paper or a slide.", f"figures {EXAMPLE} --format png,pdf --out slides"),
    "diff": (
        "Say what changed between two sweeps: what got better or worse, and which conclusions changed.",
        "diff HEAD~1:reports/fashion-mnist reports/fashion-mnist",
    ),
    "names": ("List every name that notes.md may use, with its value.", f"names {EXAMPLE}"),
    "init": ("Write a plan to edit from run logs that have none: the groups that their settings make.", "init runs"),
    "explain": ("Explain a check, or a word of the journal.", "explain SB101"),
    "demo": ("Train a small study on data that comes with scikit-learn, and build its journal.", "demo"),
}


@cache
def _parser() -> argparse.ArgumentParser:
    about = "Turns training-run logs into an experiment journal that is honest about noise."
    parser = argparse.ArgumentParser(prog="sweepbook", description=about, epilog="example: sweepbook demo")
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    made = {}
    for name, (summary, example) in COMMANDS.items():
        made[name] = commands.add_parser(name, help=summary, description=summary, epilog=f"example: sweepbook {example}")
        made[name].set_defaults(name=name)
    _shared_options(made)
    _own_options(made)
    return parser


def _shared_options(made: Mapping[str, argparse.ArgumentParser]) -> None:
    """What several commands take."""
    for name, one in made.items():
        one.add_argument("--traceback", action="store_true", help="show where an unexpected error comes from")
        if name in ("run", "plan"):
            one.add_argument("study", type=Path, metavar="STUDY", help="a folder with a study.toml, or the file")
        if name == "init":
            one.add_argument("study", type=_logs, metavar="LOGS", help="run logs of any tool: a folder or a file")
            words = "the folder to write study.toml to; of several tasks, a folder each in it (default: studies/<name>)"
            one.add_argument("--out", type=Path, metavar="DIR", help=words)
        elif name in READING:
            words = "a folder with a study.toml, or run logs of any tool: a folder, a file, or an address such as s3://bucket/runs"
            one.add_argument("study", type=_logs, metavar="STUDY", help=words)
        if name not in ("explain", "diff", "init"):
            words = "the folder of run logs, or an address such as s3://bucket/runs (default: modellogs/<study>)"
            one.add_argument("--logs", type=_logs, metavar="DIR", help=words)
        if name in ("run", "build", "watch", "demo"):
            one.add_argument("--out", type=Path, metavar="DIR", help="the folder of the report (default: reports/<study>)")
            one.add_argument(
                "--templates",
                type=_folder,
                metavar="DIR",
                help="templates that replace those of the same name; they make the page, scripts and all",
            )
        if name in ("run", "build", "demo"):
            one.add_argument("--force", action="store_true", help="replace what was changed by hand or is not the report's own")
        if name in ("run", "plan", "demo"):
            one.add_argument("--jobs", type=_number, metavar="N", help="runs side by side (default: one a core; one a GPU)")
        if name in ("run", "demo"):
            one.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="default: a GPU if there is one")
            one.add_argument("--tensorboard", action="store_true", help="write TensorBoard event files beside each run.toml")
        if name in ("run", "demo"):
            words = "say where the workers' time went, and write a trace for ui.perfetto.dev to profile/ in the report's folder"
            one.add_argument("--profile", action="store_true", help=words)
            words = "where runs train: on this machine, or in a Ray cluster (default: local)"
            one.add_argument("--executor", choices=("local", "ray"), default="local", help=words)
            words = "the Ray cluster to join (default: RAY_ADDRESS, else the one on this machine, else a new one)"
            one.add_argument("--ray-address", metavar="ADDRESS", help=words)
        if name in ("plan", "show", "names"):
            one.add_argument("--json", action="store_true", help="print JSON instead of a table")
        if name in READING:
            _reading_options(one)


def _reading_options(one: argparse.ArgumentParser) -> None:
    """How run logs are to be read where the rules of docs/logs.md do not fit."""
    group = one.add_argument_group("how to read run logs of other tools")
    group.add_argument("--metric", metavar="NAME", help="the metric to rank by, where no plan names it")
    group.add_argument("--goal", choices=GOALS, help="which way it is better, where its name does not say")
    group.add_argument("--at", metavar="NAME", help="count each run at the best value of this metric: best, or its name")
    words = "their name of a metric and ours; may be given several times"
    group.add_argument("--map", type=_renaming, action="append", metavar="THEIRS=OURS", help=words)
    for option, words in (
        ("--ignore", "settings to set aside: KEY,KEY"),
        ("--keep", "settings not to set aside"),
        ("--metrics", "columns of a table that are metrics"),
        ("--settings", "columns of a table that are settings"),
    ):
        group.add_argument(option, type=_keys, action="extend", metavar="KEYS", help=words)
    group.add_argument("--seed-column", metavar="NAME", help="the column or setting that holds the seed")


def _own_options(made: Mapping[str, argparse.ArgumentParser]) -> None:
    """What one command takes."""
    plan, show, export, figures = (made[name] for name in ("plan", "show", "export", "figures"))
    words = "the difference to count seeds for (default: 0.01 of a share, else the noise)"
    plan.add_argument("--details", action="store_true", help="show all runs, what is assumed, and what must be true")
    plan.add_argument("--difference", type=_size, metavar="X", help=words)
    made["build"].add_argument("--format", choices=("pdf",), help="print the page to journal.pdf as well, through Chromium")
    made["watch"].add_argument("--port", type=_number, metavar="N", help="where to serve the report (default: a free port)")
    show.add_argument("what", nargs="?", metavar="NAME", help="a group, a label or a run's log (default: the ranking)")
    show.add_argument("--top", type=_number, metavar="N", help="print the first N only")
    export.add_argument("group", nargs="?", metavar="GROUP", help="a group of the plan (default: all configurations)")
    export.add_argument("--format", choices=("csv", "parquet", "latex"), default="csv", help="default: csv")
    export.add_argument("--epochs", action="store_true", help="a row a run and epoch: the learning curves")
    export.add_argument("--out", type=Path, metavar="FILE", help="the file to write (default: print)")
    made["explain"].add_argument(
        "code",
        nargs="?",
        metavar="CODE",
        help='the code of a check, a word such as "could be the best", or runlog: what a run log is (default: list them all)',
    )
    figures.add_argument("--format", type=_formats, default=("svg",), metavar="LIST", help="svg, png, pdf (default: svg)")
    figures.add_argument("--out", type=Path, metavar="DIR", help="the folder to write to (default: figures)")
    _diff_options(made["diff"])


def _diff_options(diff: argparse.ArgumentParser) -> None:
    """What `diff` takes."""
    sweep = "a report folder, one in a git revision (REV:PATH), or run logs: a folder, or an address such as s3://bucket/runs"
    diff.add_argument("old", metavar="OLD", help=sweep)
    diff.add_argument("new", metavar="NEW", help="the same, for the sweep to compare with it")
    plan = "the plan for folders of run logs (default: the study of the folder's name, else none)"
    diff.add_argument("--study", type=Path, metavar="STUDY", help=plan)
    diff.add_argument("--metric", metavar="NAME", help="the metric to compare by (default: the one that NEW ranks by)")
    goal = "which way is better, where neither a plan nor the metric's name says it"
    diff.add_argument("--goal", choices=GOALS, help=goal)
    ignore = "match configurations that differ in these settings: KEY,KEY, or given several times"
    diff.add_argument("--ignore", type=_keys, action="extend", default=[], metavar="KEYS", help=ignore)
    match = "match configurations by these settings alone"
    diff.add_argument("--match", type=_keys, action="extend", default=[], metavar="KEYS", help=match)
    margin = "call a difference within ±X the same, in the metric's unit: 0.005 is half a point of accuracy"
    diff.add_argument("--margin", type=_size, metavar="X", help=margin)
    diff.add_argument("--format", choices=("text", "md", "html", "json"), default="text", help="default: text")
    diff.add_argument("--json", action="store_const", dest="format", const="json", help="the same as --format json")
    diff.add_argument("--out", type=Path, metavar="FILE", help="the file to write (default: print)")
    fail = "what makes the exit code 1: a regression; that or an expectation whose result changed; nothing (default: turned)"
    diff.add_argument("--fail-on", choices=("worse", "turned", "never"), default="turned", help=fail)
    diff.add_argument("--top", type=_number, metavar="N", help="rows of the table in the terminal (default: 20)")


def _renaming(text: str) -> tuple[str, str]:
    theirs, _, own = text.rpartition("=")
    if not theirs or not own:
        raise argparse.ArgumentTypeError(f"{text!r} found, as in val/acc=valid_accuracy expected")
    return theirs.strip(), own.strip()


def _keys(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def _formats(text: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(part.strip() for part in text.split(",")))
    if not set(found) <= {"svg", "png", "pdf"}:
        raise argparse.ArgumentTypeError(f"{text!r} found, a list of svg, png and pdf expected")
    return found


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} found, a whole number of at least 1 expected")
    return int(text)


def _size(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} found, a number above 0 expected")
    return value


def _logs(text: str) -> Path:
    """The folder of run logs that is named; of an address the one that mirrors it."""
    if PROTOCOL not in text:
        return Path(text)
    from sweepbook.analysis.logs.address import folder_of

    try:
        return folder_of(text)
    except SweepbookError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _folder(text: str) -> Path:
    if not Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is not a folder")
    return Path(text)


class _Signals:
    """Turns SIGINT and SIGTERM into Interrupted, so that what is in hand is ended in good order."""

    def __enter__(self) -> None:
        self.before = {number: signal.signal(number, self.interrupt) for number in (signal.SIGINT, signal.SIGTERM)}

    def interrupt(self, number: int, _: FrameType | None) -> None:
        raise Interrupted(number)

    def __exit__(self, *_: object) -> None:
        for number, handler in self.before.items():
            signal.signal(number, handler)
