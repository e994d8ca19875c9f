"""The commands and what each may be given: the parser of the command line."""

import argparse
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from sweepbook.analysis.cli.arguments import folder, formats, keys, logs, number, place, renaming, size
from sweepbook.runner.metric import GOALS


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
    "demo": ("Train a small study on data that comes with scikit-learn, and build its journal; its plan comes along.", "demo"),
}


def parser() -> argparse.ArgumentParser:
    """What reads the arguments of all commands."""
    return _parsers()[0]


def options_of(name: str) -> list[str]:
    """The options of a command, each as it is written out."""
    return [option for option in _parsers()[1][name]._option_string_actions if option.startswith("--")]


@cache
def _parsers() -> tuple[argparse.ArgumentParser, Mapping[str, argparse.ArgumentParser]]:
    """What reads the arguments of all commands, and of each by its name."""
    about = "Turns training-run logs into an experiment journal that is honest about noise."
    whole = argparse.ArgumentParser(prog="sweepbook", description=about, epilog="example: sweepbook demo")
    whole.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    commands = whole.add_subparsers(metavar="COMMAND", required=True)
    made = {}
    for name, (summary, example) in COMMANDS.items():
        made[name] = commands.add_parser(name, help=summary, description=summary, epilog=f"example: sweepbook {example}")
        made[name].set_defaults(name=name)
    _shared_options(made)
    _own_options(made)
    return whole, made


def _shared_options(made: Mapping[str, argparse.ArgumentParser]) -> None:
    """What several commands take."""
    for name, one in made.items():
        one.add_argument("--traceback", action="store_true", help="show where an unexpected error comes from")
        _place_options(name, one)
        _report_options(name, one)
        _training_options(name, one)
        if name in ("plan", "show", "names"):
            one.add_argument("--json", action="store_true", help="print JSON instead of a table")
        if name in READING:
            _reading_options(one)


def _place_options(name: str, one: argparse.ArgumentParser) -> None:
    """Where the plan lies, and where the run logs do."""
    if name in ("run", "plan"):
        one.add_argument("study", type=place, metavar="STUDY", help="a folder with a study.toml, or the file")
    if name == "init":
        one.add_argument("study", type=logs, metavar="LOGS", help="run logs of any tool: a folder or a file")
        words = "the folder to write study.toml to; of several tasks, a folder each in it (default: studies/<name>)"
        one.add_argument("--out", type=place, metavar="DIR", help=words)
    elif name in READING:
        words = "a folder with a study.toml, or run logs of any tool: a folder, a file, or an address such as s3://bucket/runs"
        one.add_argument("study", type=logs, metavar="STUDY", help=words)
    if name not in ("explain", "diff", "init"):
        words = "the folder of run logs, or an address such as s3://bucket/runs (default: modellogs/<study>)"
        one.add_argument("--logs", type=logs, metavar="DIR", help=words)


def _report_options(name: str, one: argparse.ArgumentParser) -> None:
    """Where a report goes, and what it is made by."""
    if name in ("run", "build", "watch", "demo"):
        one.add_argument("--out", type=place, metavar="DIR", help="the folder of the report (default: reports/<study>)")
        words = "templates that replace those of the same name; they make the page, scripts and all"
        one.add_argument("--templates", type=folder, metavar="DIR", help=words)
    if name in ("run", "build", "demo"):
        one.add_argument("--force", action="store_true", help="replace what was changed by hand or is not the report's own")


def _training_options(name: str, one: argparse.ArgumentParser) -> None:
    """Where runs train, how many at a time, and what is written of it."""
    if name in ("run", "plan", "demo"):
        one.add_argument("--jobs", type=number, metavar="N", help="runs side by side (default: one a core; one a GPU)")
    if name in ("run", "demo"):
        one.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="default: a GPU if there is one")
        one.add_argument("--tensorboard", action="store_true", help="write TensorBoard event files beside each run.toml")
        words = "say where the workers' time went, and write a trace for ui.perfetto.dev to profile/ in the report's folder"
        one.add_argument("--profile", action="store_true", help=words)
        words = "where runs train: on this machine, or in a Ray cluster (default: local)"
        one.add_argument("--executor", choices=("local", "ray"), default="local", help=words)
        words = "the Ray cluster to join (default: RAY_ADDRESS, else the one on this machine, else a new one)"
        one.add_argument("--ray-address", metavar="ADDRESS", help=words)


def _reading_options(one: argparse.ArgumentParser) -> None:
    """How run logs are to be read where the rules of docs/logs.md do not fit."""
    group = one.add_argument_group("how to read run logs of other tools")
    group.add_argument("--metric", metavar="NAME", help="the metric to rank by, where no plan names it")
    group.add_argument("--goal", choices=GOALS, help="which way it is better, where its name does not say")
    group.add_argument("--at", metavar="NAME", help="count each run at the best value of this metric: best, or its name")
    words = "their name of a metric and ours; may be given several times"
    group.add_argument("--map", type=renaming, action="append", metavar="THEIRS=OURS", help=words)
    for option, words in (
        ("--ignore", "settings to set aside: KEY,KEY"),
        ("--keep", "settings not to set aside"),
        ("--metrics", "columns of a table that are metrics"),
        ("--settings", "columns of a table that are settings"),
    ):
        group.add_argument(option, type=keys, action="extend", metavar="KEYS", help=words)
    group.add_argument("--seed-column", metavar="NAME", help="the column or setting that holds the seed")


def _own_options(made: Mapping[str, argparse.ArgumentParser]) -> None:
    """What one command takes."""
    plan, show, export, figures = (made[name] for name in ("plan", "show", "export", "figures"))
    words = "the difference to count seeds for (default: 0.01 of a share, else the noise)"
    plan.add_argument("--details", action="store_true", help="show all runs, what is assumed, and what must be true")
    plan.add_argument("--difference", type=size, metavar="X", help=words)
    made["build"].add_argument("--format", choices=("pdf",), help="print the page to journal.pdf as well, through Chromium")
    made["watch"].add_argument("--port", type=number, metavar="N", help="where to serve the report (default: a free port)")
    show.add_argument("what", nargs="?", metavar="NAME", help="a group, a label or a run's log (default: the ranking)")
    show.add_argument("--top", type=number, metavar="N", help="print the first N only")
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
    figures.add_argument("--format", type=formats, default=("svg",), metavar="LIST", help="svg, png, pdf (default: svg)")
    figures.add_argument("--out", type=place, metavar="DIR", help="the folder to write to (default: figures)")
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
    diff.add_argument("--ignore", type=keys, action="extend", default=[], metavar="KEYS", help=ignore)
    match = "match configurations by these settings alone"
    diff.add_argument("--match", type=keys, action="extend", default=[], metavar="KEYS", help=match)
    margin = "call a difference within ±X the same, in the metric's unit: 0.005 is half a point of accuracy"
    diff.add_argument("--margin", type=size, metavar="X", help=margin)
    diff.add_argument("--format", choices=("text", "md", "html", "json"), default="text", help="default: text")
    diff.add_argument("--json", action="store_const", dest="format", const="json", help="the same as --format json")
    diff.add_argument("--out", type=Path, metavar="FILE", help="the file to write (default: print)")
    fail = "what makes the exit code 1: a regression; that or an expectation whose result changed; nothing (default: turned)"
    diff.add_argument("--fail-on", choices=("worse", "turned", "never"), default="turned", help=fail)
    diff.add_argument("--top", type=number, metavar="N", help="rows of the table in the terminal (default: 20)")
