"""`sweepbook watch`: a study in, its report out again whenever a run ends or its words change, and a page that says so."""

import argparse
import sys
import threading
from collections.abc import Generator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from sweepbook.analysis.cli import build
from sweepbook.analysis.cli.calm import Calm
from sweepbook.analysis.cli.codes import DONE
from sweepbook.analysis.cli.subject import subject
from sweepbook.analysis.logs.address import called
from sweepbook.analysis.logs.files import find_logs
from sweepbook.analysis.logs.mirror import refresh
from sweepbook.analysis.report.places import Places, is_plan, places
from sweepbook.analysis.report.serve import ReportServer, serving
from sweepbook.runner.config import SweepbookError
from sweepbook.runner.plan import load_study
from sweepbook.runner.planreading import FILE, PlanError
from sweepbook.runner.runlog import FILE as LOG
from sweepbook.runner.runlog import LogError, read_run
from watchfiles import watch

NOTES = "notes.md"
# Where nothing is told of changes, as on many network file systems, they are looked for this often.
LOOK_AGAIN = 5.0  # seconds
STEP = 10  # milliseconds without a change after which those before are told; a log comes with one rename

Stamp = tuple[object, ...]


def command(asked: argparse.Namespace) -> int:
    plan = _plan(asked.study) if is_plan(asked.study) else None
    where = subject(asked, asked.out, asked.templates).where if plan is None else _places(asked, plan)
    if plan is not None and not where.logs.exists():
        where.logs.mkdir(parents=True, exist_ok=True)
    inputs, calm = Inputs(plan, where.logs, asked.templates), Calm()
    with serving(where.out, asked.port or 0) as server, closing(changes(inputs)) as moments:
        next(moments)
        _build(asked, server, calm)
        calm.follow(f"Following {called(where.logs)} until Ctrl-C; open {server.address}")
        build.get_ready()
        for _ in moments:
            _build(asked, server, calm)
    return DONE


def _plan(study: Path) -> Path:
    return study / FILE if study.is_dir() else study


def _places(asked: argparse.Namespace, plan: Path) -> Places:
    """The places of the study; of one whose plan is broken, as soon as it is mended."""
    if not plan.is_file():
        load_study(plan)  # says so
    with closing(changes(Inputs(plan))) as moments:
        for _ in moments:
            try:
                return places(load_study(plan), asked.logs, asked.out, asked.templates)
            except PlanError as error:
                _tell(error)
    raise AssertionError("changes never end")


def _build(asked: argparse.Namespace, server: ReportServer, calm: Calm) -> None:
    """Builds and tells the open pages; what is wrong is told, and the next change tries again."""
    try:
        build.write_report(asked, subject(asked, asked.out, asked.templates), calm)
        server.changed()
    except BrokenPipeError:
        raise
    except (SweepbookError, OSError) as error:
        calm.say(f"sweepbook: {error}")


def _tell(error: Exception) -> None:
    print(f"sweepbook: {error}", file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Inputs:
    """What a report is made of: the plan with the notes beside it, the logs, and the user's templates."""

    plan: Path | None
    logs: Path | None = None
    templates: Path | None = None

    @property
    def folders(self) -> list[tuple[Path, bool]]:
        """The folders to watch, and whether what lies deeper counts. Editors replace files, so files are not watched."""
        logs = self.logs.parent if self.logs and self.logs.is_file() else self.logs
        known = [(self.plan and self.plan.parent, False), (logs, True), (self.templates, False)]
        return [(folder.resolve(), deep) for folder, deep in known if folder]

    def stamps(self) -> dict[Path, Stamp]:
        """The inode, size and times of every file that there is; those of a log tell it from all that it was before."""
        found: dict[Path, Stamp] = {}
        with suppress(OSError):  # no such folder, or not any more
            found |= _logs(self.logs) if self.logs else {}
        files = [self.plan, self.plan.with_name(NOTES)] if self.plan else []
        with suppress(OSError):
            files += [path for path in self.templates.iterdir() if not path.name.startswith(".")] if self.templates else []
        return found | {path: stamp for path in files if (stamp := _stamp(path))}


def changes(inputs: Inputs) -> Generator[None, None, None]:
    """Comes round at once, and then after every change that a report would show. It never ends by itself.

    The watching stands in threads: in the main thread watchfiles would swallow the exception that a signal raises.
    """
    woken, ended = threading.Event(), threading.Event()
    listeners = [threading.Thread(target=_listen, args=(*one, woken, ended), daemon=True) for one in inputs.folders]
    try:
        for listener in listeners:
            listener.start()
        seen = inputs.stamps()
        yield
        while True:
            woken.wait(LOOK_AGAIN)
            woken.clear()
            _refresh(inputs.logs)
            before, seen = seen, inputs.stamps()
            if shows(before, seen):
                yield
    finally:
        ended.set()
        for listener in listeners:
            listener.join()


def _refresh(logs: Path | None) -> None:
    """Fetches what is new at an address; one that does not answer is asked again."""
    try:
        if logs:
            refresh(logs)
    except SweepbookError as error:
        _tell(error)


def shows(before: Mapping[Path, Stamp], now: Mapping[Path, Stamp]) -> bool:
    """Whether a report would show what changed: anything but logs of runs that go on, which change after every epoch."""
    changed = sorted(path for path in before.keys() | now.keys() if before.get(path) != now.get(path))
    return any(path not in now or path.name != LOG or not _is_running(path) for path in changed)


def _logs(logs: Path) -> dict[Path, Stamp]:
    """The stamp of every log: of a run.toml by its own path, which tells whether its run goes on."""
    listing = find_logs(logs)
    paths = {name: Path(source.log.files[0]) for name, source in listing.sources.items()}
    return {paths[name] if paths[name].name == LOG else logs / name: stamp for name, stamp in listing.stamps.items()}


def _is_running(log: Path) -> bool:
    try:
        return read_run(log).status == "running"
    except LogError:  # the journal lists it among the problems
        return False


def _listen(folder: Path, deep: bool, woken: threading.Event, ended: threading.Event) -> None:
    """Sets `woken` after every change in `folder`, which may vanish and come back, until `ended` is set."""
    while not ended.is_set():
        try:
            _listen_to_this(folder, deep, woken, ended)
        except FileNotFoundError:
            ended.wait(0.5)
        except (OSError, RuntimeError) as error:  # most often: more folders than the system lets one process watch
            _tell(SweepbookError(f"{folder}: no news of changes ({error}); looking every {LOOK_AGAIN:g} seconds instead"))
            return


def _listen_to_this(folder: Path, deep: bool, woken: threading.Event, ended: threading.Event) -> None:
    """Sets `woken` after every change, until another folder has this one's place: news of that would not come."""
    there = folder.stat().st_ino
    woken.set()
    for news in watch(
        folder,
        watch_filter=None,
        step=STEP,
        stop_event=ended,
        rust_timeout=1000,
        yield_on_timeout=True,
        recursive=deep,
    ):
        if news:
            woken.set()
        if folder.stat().st_ino != there:
            return


def _stamp(path: Path) -> Stamp | None:
    """What tells a file from all that lay there before; None where there is none."""
    try:
        at = path.stat()
    except OSError:
        return None
    return at.st_ino, at.st_size, at.st_mtime_ns
