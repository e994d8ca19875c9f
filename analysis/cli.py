"""The command line: parse, load, compute, render, write. The one place that prints, chooses paths and exits."""

import argparse
import importlib.util
import json
import os
import signal
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from analysis.places import Places, places
from runner.config import SweepbookError
from runner.plan import load_study
from runner.study import Study

if TYPE_CHECKING:
    from rich.console import Console

    from analysis.findings import Findings
    from analysis.sweep import Sweep

DONE, BAD_NEWS, WRONG_INPUT, NO_ANSWER = 0, 1, 2, 3
HERE = Path(__file__).parent
DEMO_STUDIES = (HERE / "studies" / "demo", HERE.parent / "studies" / "demo")  # as installed, and as checked out


class Interrupted(BaseException):
    """SIGINT or SIGTERM came."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code; every error that a user can mend is one message."""
    asked = _parser().parse_args(arguments)
    try:
        with _Signals():
            code = int(asked.command(asked))
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


def _parser() -> argparse.ArgumentParser:
    about = "Turns training-run logs into an experiment journal that is honest about noise."
    parser = argparse.ArgumentParser(prog="sweepbook", description=about)
    parser.add_argument("--version", action="version", version=f"sweepbook {version('sweepbook')}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(name: str, command: Any, summary: str, example: str) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=summary, description=summary, epilog=f"example: sweepbook {example}")
        one.set_defaults(command=command)
        if command is not _demo:
            one.add_argument("study", type=Path, metavar="STUDY", help="a folder with a study.toml, or the file")
        one.add_argument("--logs", type=Path, metavar="DIR", help="the folder of run logs (default: modellogs/<study>)")
        return one

    example = "studies/fashion-mnist"
    run = add("run", _run, "Train what the plan asks for and the logs lack; then build.", f"run {example} --jobs 2")
    build = add("build", _build, "Write the report from the logs and the plan.", f"build {example}")
    plan = add("plan", _plan, "List the planned runs, which exist, and how long the rest will take.", f"plan {example}")
    show = add("show", _show, "Print the ranking.", f"show {example} --top 10")
    demo = add("demo", _demo, "Train a small study on data that comes with scikit-learn, and build its journal.", "demo")
    for one in (run, build, demo):
        one.add_argument("--out", type=Path, metavar="DIR", help="the folder of the report (default: reports/<study>)")
        one.add_argument("--templates", type=_folder, metavar="DIR", help="templates that replace those of the same name")
    for one in (run, plan, demo):
        one.add_argument("--jobs", type=_number, metavar="N", help="runs side by side (default: one a core; one a GPU)")
    for one in (run, demo):
        one.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="default: a GPU if there is one")
        one.add_argument("--tensorboard", action="store_true", help="write TensorBoard event files beside each run.toml")
    for one in (plan, show):
        one.add_argument("--json", action="store_true", help="print JSON instead of a table")
    show.add_argument("--top", type=_number, metavar="N", help="print the first N only")
    return parser


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} found, a whole number of at least 1 expected")
    return int(text)


def _folder(text: str) -> Path:
    if not Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is not a folder")
    return Path(text)


def _run(asked: argparse.Namespace) -> int:
    study = load_study(asked.study)
    return _train_and_build(asked, study, places(study, asked.logs, asked.out))


def _train_and_build(asked: argparse.Namespace, study: Study, where: Places) -> int:
    """Trains what is missing, scores the recommended configuration on the test images, and builds."""
    from analysis.findings import findings
    from analysis.sweep import load_sweep
    from runner import launch

    device = launch.choose_device(asked.device)
    jobs = asked.jobs or launch.default_jobs(device)
    todo = launch.missing(study, where.logs)
    _make_folder(where.logs)
    failures = _follow("training", len(todo), launch.train_missing(study, where.logs, device, jobs, asked.tensorboard))
    if not launch.missing(study, where.logs):
        sweep = load_sweep(where.logs)
        chosen = _unscored(findings(sweep, study), sweep, where.logs)
        failures += _follow("test images", len(chosen), launch.score_on_test(study, where.logs, device, jobs, chosen))
    code = _write_report(asked, study, where)
    return BAD_NEWS if failures and code == DONE else code


def _unscored(found: "Findings", sweep: "Sweep", logs: Path) -> list[Any]:
    """The runs of the recommended configuration that have no test score yet, each with its log's folder."""
    best = found.recommended
    planned = {run.key: run for run in found.study.runs}
    if best is None:
        return []
    rows = sweep.used[sweep.used["id"] == best.id]
    scores = rows.get("metrics.test_accuracy", rows["seconds"] * float("nan"))
    pairs = [
        ((best.id, seed), logs / log) for seed, log, score in zip(rows["seed"], rows["log"], scores, strict=True) if score != score
    ]
    return [(planned[key], folder) for key, folder in pairs if key in planned]


def _follow(title: str, total: int, events: Any) -> int:
    """Shows the events of a sweep and returns how many of its runs failed."""
    from analysis.terminal import SweepProgress

    if not total:
        return 0
    with SweepProgress(title, total, _console(sys.stderr)) as progress:
        try:
            for event in events:
                progress.show(event)
        finally:
            events.close()
    return progress.failures


def _build(asked: argparse.Namespace) -> int:
    study = load_study(asked.study)
    return _write_report(asked, study, places(study, asked.logs, asked.out))


def _write_report(asked: argparse.Namespace, study: Study, where: Places) -> int:
    """Writes the files of the report that changed, and says so."""
    from jinja2 import TemplateError, TemplateSyntaxError

    from analysis.report import report

    sweep = _sweep(study, where)
    try:
        found, files = report(study, sweep, where.again, asked.templates)
    except TemplateError as error:
        place = f"{error.name}:{error.lineno}: " if isinstance(error, TemplateSyntaxError) else ""
        raise SweepbookError(f"{asked.templates or 'the templates'}: {place}{error}") from None
    written = [name for name, data in files.items() if _write(where.out / name, data)]
    for stale in sorted((where.out / "figures").glob("*.svg")):
        if f"figures/{stale.name}" not in files:
            stale.unlink()
            written.append(f"figures/{stale.name} (removed)")
    if found.problems:
        told = "1 log does" if len(found.problems) == 1 else f"{len(found.problems)} logs do"
        print(f"{told} not count; the journal says why under Problems", file=sys.stderr)
    told = f"wrote {', '.join(written)}" if written else "nothing has changed"
    print(f"{where.out}: {told}")
    if not found.ranking:
        print(f"no run in {where.logs} has finished with a {study.metric}, so the journal holds the plan alone", file=sys.stderr)
        return NO_ANSWER
    return DONE


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SweepbookError(f"{path}: cannot be made: {error.strerror}") from None


def _write(path: Path, data: bytes) -> bool:
    """Replaces the file at `path` whole, unless it holds `data` already; whether it did."""
    if path.is_file() and path.read_bytes() == data:
        return False
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(data)
        beside.replace(path)
    except OSError as error:
        raise SweepbookError(f"{path}: cannot be written: {error.strerror}") from None
    return True


def _sweep(study: Study, where: Places) -> "Sweep":
    from analysis.sweep import load_sweep

    if not where.logs.is_dir():
        raise SweepbookError(f"{where.logs}: no run logs there yet; train them with: sweepbook run {study.path.parent}")
    return load_sweep(where.logs)


def _plan(asked: argparse.Namespace) -> int:
    """Prints the planned runs. Exists: a log records it as finished or diverged."""
    from analysis import wording as w
    from analysis.estimate import run_seconds
    from analysis.sweep import load_sweep
    from runner import launch

    study = load_study(asked.study)
    where = places(study, asked.logs, None)
    missing = launch.missing(study, where.logs)
    absent = {(run.id, run.seed) for run in missing}
    jobs = asked.jobs or launch.default_jobs("cpu")
    times = run_seconds(load_sweep(where.logs) if where.logs.is_dir() else None, missing)
    source = f"the finished runs in {where.logs}"
    if times is None and missing and importlib.util.find_spec("torch"):
        from runner.pilot import run_seconds as timed

        source = "a few steps of each configuration, timed here on the CPU"
        try:
            times = timed(missing, "cpu")
        except (SweepbookError, RuntimeError) as error:  # what torch cannot make or the data cannot give, `run` will tell too
            print(f"a few steps could not be timed: {error}", file=sys.stderr)
    total = sum(times) / min(jobs, max(len(missing), 1)) if times is not None else None
    if asked.json:
        runs = [{"label": r.label, "id": r.id, "seed": r.seed, "exists": (r.id, r.seed) not in absent} for r in study.runs]
        print(json.dumps({"study": study.name, "runs": runs, "missing": len(missing), "jobs": jobs, "seconds": total}, indent=1))
        return DONE
    rows = []
    for key, labels in study.labels.items():
        seeds = [(seed, (key, seed) in absent) for seed in study.seeds]
        exist, lack = ([str(seed) for seed, gone in seeds if gone is state] for state in (False, True))
        rows.append((labels[0], ", ".join(labels[1:]), " ".join(exist) or w.NONE, " ".join(lack) or w.NONE))
    _print_table((("configuration", False), ("also", False), ("seeds that exist", False), ("missing", False)), rows)
    members = sum(len(group.members) for group in study.groups)
    counts = f"{members} labels, {len(study.labels)} configurations, {len(study.seeds)} seeds"
    print(f"\n{counts}: {len(study.runs)} runs, {len(missing)} missing.")
    if missing:
        print(_time_words(total, jobs, source))
    return DONE


def _time_words(seconds: float | None, jobs: int, source: str) -> str:
    from analysis import wording as w

    if seconds is None:
        return "How long they take is not known: no finished run tells, and a few steps could not be timed."
    return f"About {w.duration(seconds)} of training with {w.plural(jobs, 'job')}, going by {source}. Starting up takes some more."


def _show(asked: argparse.Namespace) -> int:
    from analysis import wording as w
    from analysis.export import findings_json
    from analysis.findings import findings

    study = load_study(asked.study)
    where = places(study, asked.logs, None)
    found = findings(_sweep(study, where), study)
    ranking = found.ranking[: asked.top]
    if asked.json:
        print(json.dumps(json.loads(findings_json(found))["configs"][: asked.top], indent=1, ensure_ascii=False))
        return DONE if ranking else NO_ANSWER
    if not ranking:
        print(f"no run in {where.logs} has finished with a {study.metric}, so there is nothing to rank", file=sys.stderr)
        return NO_ANSWER
    metric = study.metric
    rows = []
    for place, s in enumerate(ranking, 1):
        estimate = s.metrics[metric]
        cells = (str(place), s.label, str(s.n), w.score(metric, estimate.mean), w.interval(metric, estimate))
        rows.append((*cells, w.count(s.parameters), w.duration(s.seconds)))
    heads = (("", True), ("configuration", False), ("runs", True), (w.metric_name(metric), True), ("95% interval", True))
    _print_table((*heads, ("parameters", True), ("time a run", True)), rows)
    return DONE


def _demo(asked: argparse.Namespace) -> int:
    study = load_study(next(folder for folder in DEMO_STUDIES if folder.is_dir()))
    logs, out = asked.logs or Path("modellogs/demo"), asked.out or Path("reports/demo")
    code = _train_and_build(asked, study, Places(logs, out, "sweepbook demo"))
    print(f"The plan it followed is {study.path}; copy it to start a study of your own.")
    print(f"Open {(out / 'journal.html').resolve()}")
    return code


def _print_table(heads: Sequence[tuple[str, bool]], rows: Sequence[Sequence[str]]) -> None:
    from analysis.terminal import table

    console = _console(sys.stdout)
    with console.capture() as text:  # printed by us: rich would exit with 1 where the reader has gone
        console.print(table(heads, rows), crop=False, soft_wrap=not console.is_terminal)
    print(text.get(), end="")


def _console(stream: Any) -> "Console":
    from rich.console import Console

    console = Console(file=stream, highlight=False)
    return console if console.is_terminal else Console(file=stream, highlight=False, width=200)


class _Signals:
    """Turns SIGINT and SIGTERM into Interrupted, so that what is in hand is ended in good order."""

    def __enter__(self) -> None:
        self.before = {number: signal.signal(number, self.interrupt) for number in (signal.SIGINT, signal.SIGTERM)}

    def interrupt(self, number: int, _: FrameType | None) -> None:
        raise Interrupted(number)

    def __exit__(self, *_: object) -> None:
        for number, handler in self.before.items():
            signal.signal(number, handler)


if __name__ == "__main__":
    sys.exit(main())
