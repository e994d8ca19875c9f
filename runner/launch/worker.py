"""Jobs in over a pipe, run logs and events out: the loop of one worker process, which lives as long as its executor."""

import os
import platform
import signal
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import cache
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeAlias

import torch
from sweepbook.runner.config import SweepbookError
from sweepbook.runner.launch.claims import Claims
from sweepbook.runner.launch.events import Ended, Idle, Job, Progress, Prune, Ready, Spent, Started, Stuck, Terms, Train
from sweepbook.runner.launch.provenance import check_same, own_code
from sweepbook.runner.record import Recorder, new_folder
from sweepbook.runner.runlog import FILE, Epoch, NotWritten, Run, read_run, write_run
from sweepbook.runner.spans import DATA, EVALUATION, LOGGING, REST, STARTING, UNTIMED, WAITING, Spans, Untimed
from sweepbook.runner.study import PlannedRun
from sweepbook.runner.training import data, loop, own
from sweepbook.runner.training.program import build
from sweepbook.runner.training.rehearsal import rehearse

SERIES = {"train_loss": "Loss/train", "valid_loss": "Loss/valid", "valid_accuracy": "metric/accuracy", "lr": "learning_rate"}
LOOK = 0.05  # seconds between two looks at the pipe while a run trains
SCORES = ("train_loss", "valid_loss", "valid_accuracy")  # of the last epoch: the final metrics of a run

Key: TypeAlias = tuple[str, int]  # of a run


def work(pipe: Connection, terms: Terms) -> None:
    """Serves jobs until the other end of `pipe` closes or SIGTERM comes; a run in hand is then logged interrupted.

    The one process trains on one thread: runs go side by side, and the same run gives the same numbers however many do.
    """
    stop = _Flag()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, stop)
    torch.set_num_threads(1)
    device = torch.device(terms.device)
    if device.type == "cuda":
        os.environ["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"
        torch.use_deterministic_algorithms(True)
        # Else every new tensor is filled before it is written, by a kernel of its own.
        torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    own.search(terms.places)
    worker = _Worker(pipe, terms, device, stop)
    try:
        with worker.spans.span(STARTING, start=terms.begun):
            ready = worker.prepare(terms.datasets)
        pipe.send(ready)
        while not stop():
            with worker.spans.span(WAITING):
                job = pipe.recv()
            if not isinstance(job, Prune):  # a run that it asks to end has ended by itself
                worker.serve(job)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        pass


class _Flag:
    """A signal handler that remembers having been called."""

    def __init__(self) -> None:
        self.raised = False

    def __call__(self, *_: object) -> bool:
        self.raised = self.raised or bool(_)
        return self.raised


class _Worker:
    def __init__(self, pipe: Connection, terms: Terms, device: torch.device, stop: _Flag) -> None:
        self.pipe, self.terms, self.device, self.stop = pipe, terms, device, stop
        self.spans = _spans(terms, device)
        self.send = self.spans.timed(LOGGING, pipe.send)
        self.claims = Claims(terms.logs, terms.known)
        self.load = cache(lambda name: data.load(name, device))
        self.training, self.pruned, self.cut = set[Key](), set[Key](), set[Key]()
        self.looked = 0.0
        self.environment = {**terms.environment, **_environment(device)}

    def prepare(self, datasets: Iterable[str]) -> Ready:
        """Loads the data before the first run, so that no run's time has it in it."""
        try:
            for name in datasets:
                self.load(name)
            for config in self.terms.tried:
                rehearse(config, self.load(str(config["dataset"])))
        except SweepbookError as error:
            return Ready(str(error))
        except OSError as error:
            return Ready(_reason(error))
        return Ready()

    def serve(self, job: Job) -> None:
        """Does what is asked and tells how each run ended, or that nothing can be logged any more."""
        try:
            with self.spans.span(REST, _title(job)):
                if isinstance(job, Train):
                    self.claim(job.runs)
                else:
                    self.score(job.runs, job.folders)
            if isinstance(self.spans, Spans):
                taken = self.spans.taken()
                with self.spans.span(LOGGING):  # which the next job tells of
                    self.pipe.send(Spent(os.getpid(), *taken))
            self.pipe.send(Idle())
        except NotWritten as error:
            self.pipe.send(Stuck(str(error)))
        except (BrokenPipeError, ConnectionResetError):
            raise
        except OSError as error:  # of the folder of logs: what a run raises by itself is in its log
            self.pipe.send(Stuck(_reason(error)))

    def claim(self, runs: Sequence[PlannedRun]) -> None:
        """Trains those of `runs` that no other process has in hand or has finished since this sweep began."""
        with ExitStack() as held:
            with self.spans.span(LOGGING):
                mine = [run for run in runs if self.claims.take(run, held)]
            for run in runs:
                if run not in mine:
                    self.send(Ended(run, "elsewhere"))
            if mine:
                self.train(mine)

    def train(self, runs: Sequence[PlannedRun]) -> None:
        """Trains and logs `runs`; an exception ends them, not the sweep."""
        with self.spans.span(LOGGING):
            recorders = [self.recorder(run, len(runs)) for run in runs]
        status, error = "finished", None
        self.take(runs)
        try:
            for run, recorder in zip(runs, recorders, strict=True):
                self.send(Started(run, recorder.folder))
            with ExitStack() as stack:
                boards = [stack.enter_context(_tensorboard(one.folder)) for one in recorders if self.terms.tensorboard]
                self.fit(runs, recorders, boards)
        except loop.Stopped:
            status = "interrupted"
            self.cut |= self.pruned
        except (BrokenPipeError, ConnectionResetError):
            status = "interrupted"
            raise
        except NotWritten as caught:
            status, error = "failed", str(caught)
            if not self.deleted(recorders):
                status, error = "interrupted", None
                raise
        except Exception as caught:  # whatever a configuration makes torch raise belongs in its log
            status, error = "failed", _name(caught)
        finally:
            with self.spans.span(LOGGING):
                self.close(runs, recorders, status, error)
        for run, recorder in zip(runs, recorders, strict=True):
            self.send(_ended(run, recorder, error))

    def close(self, runs: Sequence[PlannedRun], recorders: Sequence[Recorder], status: str, error: str | None) -> None:
        """Logs how `runs` ended, in folders that are still there."""
        for run, recorder in zip(runs, recorders, strict=True):
            if recorder.folder.exists():
                recorder.close(self.status(run, recorder, status), error)

    def deleted(self, recorders: Sequence[Recorder]) -> bool:
        """Whether somebody took away the folder of a run's log while it trained, which harms no other run."""
        return self.terms.logs.is_dir() and not all(recorder.folder.exists() for recorder in recorders)

    def status(self, run: PlannedRun, recorder: Recorder, together: str) -> str:
        """How `run` ended, where the program that it was trained in ended as `together` says."""
        if together == "failed":
            return together
        if run.key in self.cut:
            return "pruned"
        return "diverged" if recorder.diverged else together

    def take(self, runs: Sequence[PlannedRun]) -> None:
        """From here on `runs` are those that train."""
        self.training = {run.key for run in runs}
        self.pruned, self.cut = set(), set()

    def stopping(self) -> bool:
        """Whether training is to end: SIGTERM came, the executor has gone, or none of its runs is wanted any more."""
        if time.perf_counter() - self.looked > LOOK:
            self.look()
        return self.stop() or not self.training

    def look(self) -> None:
        """Reads what the executor asks while a run trains."""
        self.looked = time.perf_counter()
        try:
            while self.pipe.poll():
                request = self.pipe.recv()
                if request.run.key in self.training:
                    self.training.remove(request.run.key)
                    self.pruned.add(request.run.key)
        except (EOFError, ConnectionResetError):
            self.stop.raised = True

    def recorder(self, run: PlannedRun, stacked: int) -> Recorder:
        """The log of `run`, begun; `stacked` says how many runs are trained in one program."""
        started = datetime.now(UTC)
        folder = new_folder(self.terms.logs, run.label, run.seed, started)
        environment = {**self.environment, **({"stacked": stacked} if stacked > 1 else {}), **dict(run.facts)}
        log = Run(run.label, self.terms.study, run.seed, "running", started, 0.0, run.config, environment=environment)
        return Recorder(folder, replace(log, code=self.code(run)))

    def code(self, run: PlannedRun) -> dict[str, str]:
        """What the log of `run` says of code that no commit holds."""
        return {**self.terms.code, **own_code(run.config, self.terms.places)}

    def fit(self, runs: Sequence[PlannedRun], recorders: Sequence[Recorder], boards: Sequence[Any]) -> None:
        config, seeds = runs[0].config, [run.seed for run in runs]
        examples = self.load(str(config["dataset"]))
        models = build(config, examples, seeds)
        for recorder in recorders:
            recorder.describe(*examples.described, models.parameters)

        def each_epoch(place: int, epoch: Epoch) -> None:
            if runs[place].key in self.pruned:  # the others of the program go on
                self.cut.add(runs[place].key)
                return
            values = asdict(epoch)
            number = recorders[place].add(values, {name: values[name] for name in SCORES})
            if boards:
                for key, name in SERIES.items():
                    boards[place].add_scalar(name, getattr(epoch, key), number)
            self.pipe.send(Progress(runs[place], number, epoch))
            if epoch.diverged:
                self.training.discard(runs[place].key)
            self.look()

        told = self.spans.timed(LOGGING, each_epoch)
        bests = loop.train(models, config, examples, seeds, told, self.stopping, self.spans)
        for recorder, best in zip(recorders, bests, strict=True):
            if best is not None:
                recorder.go_back(best)

    def score(self, runs: Sequence[PlannedRun], folders: Sequence[Path]) -> None:
        """Trains finished runs again, the same way, and writes their test losses and accuracies into their logs."""
        clock, numbers = time.perf_counter(), [count(1) for _ in runs]
        for run, folder in zip(runs, folders, strict=True):
            self.send(Started(run, folder))
        config, seeds = runs[0].config, [run.seed for run in runs]
        self.take(runs)

        def each_epoch(place: int, epoch: Epoch) -> None:
            self.send(Progress(runs[place], next(numbers[place]), epoch))

        ended, error = "finished", None
        try:
            examples = self.load(str(config["dataset"]))
            with self.spans.span(LOGGING):
                for run, folder in zip(runs, folders, strict=True):
                    check_same(read_run(folder / FILE), examples.described[2:], self.code(run))
            models = build(config, examples, seeds)
            loop.train(models, config, examples, seeds, each_epoch, self.stopping, self.spans)
            with self.spans.span(DATA, "test images"):
                test = data.load_test(str(config["dataset"]), self.device)
            with self.spans.span(EVALUATION, "test images"):
                losses, accuracies = loop.evaluate(models, test)
            with self.spans.span(LOGGING):
                for folder, loss, accuracy in zip(folders, losses, accuracies, strict=True):
                    log = read_run(folder / FILE)
                    write_run(folder, replace(log, metrics={**log.metrics, "test_loss": loss, "test_accuracy": accuracy}))
        except loop.Stopped:
            ended = "interrupted"
        except (BrokenPipeError, ConnectionResetError, NotWritten):
            raise
        except SweepbookError as caught:
            ended, error = "failed", str(caught)
        except Exception as caught:  # the logs stay as they were
            ended, error = "failed", _name(caught)
        for run in runs:
            self.send(Ended(run, ended, time.perf_counter() - clock, error))


def _spans(terms: Terms, device: torch.device) -> Untimed:
    """What times a worker, where that is asked for. A GPU is waited for: else its time would be that of whoever waits next."""
    if terms.begun is None:
        return UNTIMED
    return Spans(lambda: torch.cuda.synchronize(device)) if device.type == "cuda" else Spans()


def _title(job: Job) -> str:
    """What a trace calls a job: "lr_0.1 seed 0"; "lr_0.1 seed 0, 1, test images"."""
    seeds = ", ".join(str(run.seed) for run in job.runs)
    return f"{job.runs[0].label} seed {seeds}" + ("" if isinstance(job, Train) else ", test images")


def _ended(run: PlannedRun, recorder: Recorder, error: str | None) -> Ended:
    """How `run` ended, going by its log."""
    if not recorder.folder.exists():
        return Ended(run, "failed", error=f"somebody deleted {recorder.folder} while it was trained")
    return Ended(run, recorder.run.status, recorder.run.seconds or 0.0, error)


def _name(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _reason(error: OSError) -> str:
    """The file and the reason, without a number."""
    return f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror or error)


def _tensorboard(folder: Path) -> Any:
    from torch.utils.tensorboard.writer import SummaryWriter

    return SummaryWriter(str(folder))


def _environment(device: torch.device) -> Mapping[str, str | int | bool]:
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "device": name,
        "threads": torch.get_num_threads(),
        "host": platform.node(),
    }
