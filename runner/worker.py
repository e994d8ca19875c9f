"""Requests in over a pipe, run logs and events out: the loop of one worker process, which lives for the whole sweep."""

import os
import platform
import signal
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import cache
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import filelock
import torch
from sweepbook.runner import data, train
from sweepbook.runner.config import SweepbookError, config_id
from sweepbook.runner.events import CLAIMS, Ended, Job, Progress, Ready, Started, Stuck, Terms, Train
from sweepbook.runner.models import parameters
from sweepbook.runner.record import Recorder, new_folder
from sweepbook.runner.runlog import FILE, FINAL, Epoch, NotWritten, Run, read_folder, read_run, write_run
from sweepbook.runner.study import PlannedRun

SERIES = {"train_loss": "Loss/train", "valid_loss": "Loss/valid", "valid_accuracy": "metric/accuracy", "lr": "learning_rate"}
SCORES = ("train_loss", "valid_loss", "valid_accuracy")  # of the last epoch: the final metrics of a run


def work(pipe: Connection, terms: Terms) -> None:
    """Serves requests until the other end of `pipe` closes or SIGTERM comes; a run in hand is then logged interrupted.

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
    worker = _Worker(pipe, terms, device, stop)
    try:
        pipe.send(worker.prepare(terms.datasets))
        while not stop():
            worker.serve(pipe.recv())
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
    def __init__(self, pipe: Connection, terms: Terms, device: torch.device, stop: Callable[[], bool]) -> None:
        self.pipe, self.terms, self.device, self.stop = pipe, terms, device, stop
        self.known, self.done = set(terms.known), set[tuple[str, int | None]]()
        self.load = cache(lambda name: data.load(name, device))
        self.environment = {**terms.environment, **_environment(device)}

    def prepare(self, datasets: Iterable[str]) -> Ready:
        """Loads the data before the first run, so that no run's time has it in it."""
        try:
            for name in datasets:
                self.load(name)
        except SweepbookError as error:
            return Ready(str(error))
        except OSError as error:
            return Ready(_reason(error))
        return Ready()

    def serve(self, job: Job) -> None:
        """Does what is asked and tells how it ended, or that nothing can be logged any more."""
        answer: Ended | Stuck
        try:
            answer = self.claim(job.run) if isinstance(job, Train) else self.score(job.run, job.folder)
        except NotWritten as error:
            answer = Stuck(str(error))
        except (BrokenPipeError, ConnectionResetError):
            raise
        except OSError as error:  # of the folder of logs: what a run raises by itself is in its log
            answer = Stuck(_reason(error))
        self.pipe.send(answer)

    def claim(self, planned: PlannedRun) -> Ended:
        """Trains `planned` unless another process has it in hand or has finished it since this sweep began.

        The claim is a lock that the system lets go when its holder ends, however it ends.
        """
        lock = filelock.FileLock(self.terms.logs / CLAIMS / f"{planned.id}-s{planned.seed}")
        try:
            with lock.acquire(timeout=0):
                if self.finished_since(planned):
                    return Ended(planned, "elsewhere")
                return self.train(planned)
        except filelock.Timeout:
            return Ended(planned, "elsewhere")

    def finished_since(self, planned: PlannedRun) -> bool:
        """Whether a log that came since the sweep began records `planned` as done. Each is read until it is final."""
        for folder, run in read_folder(self.terms.logs, self.known):
            if run.status in FINAL:
                self.known.add(folder.name)
                self.done.add((config_id(run.config), run.seed))
        return (planned.id, planned.seed) in self.done

    def train(self, planned: PlannedRun) -> Ended:
        """Trains and logs `planned`; an exception ends the run, not the sweep."""
        started = datetime.now(UTC)
        folder = new_folder(self.terms.logs, planned.label, planned.seed, started)
        names, environment = (planned.label, self.terms.study), self.environment
        recorder = Recorder(folder, Run(*names, planned.seed, "running", started, 0.0, planned.config, environment=environment))
        status, error = "finished", None
        try:
            self.pipe.send(Started(planned, folder))
            with ExitStack() as stack:
                writer = stack.enter_context(_tensorboard(folder)) if self.terms.tensorboard else None
                self.fit(planned, recorder, writer)
            status = "diverged" if recorder.diverged else "finished"
        except train.Stopped:
            status = "interrupted"
        except (BrokenPipeError, ConnectionResetError, NotWritten):
            status = "interrupted"
            raise
        except Exception as caught:  # whatever a configuration makes torch raise belongs in its log
            status, error = "failed", f"{type(caught).__name__}: {caught}"
        finally:
            recorder.close(status, error)
        return Ended(planned, status, recorder.run.seconds or 0.0, error)

    def fit(self, planned: PlannedRun, recorder: Recorder, writer: Any) -> None:
        examples = self.load(str(planned.config["dataset"]))
        model = train.build(planned.config, examples, planned.seed)
        recorder.describe(len(examples.train), len(examples.valid), sum(p.numel() for p in parameters(model)))

        def each_epoch(epoch: Epoch) -> None:
            values = asdict(epoch)
            number = recorder.add(values, {name: values[name] for name in SCORES})
            if writer is not None:
                for key, name in SERIES.items():
                    writer.add_scalar(name, getattr(epoch, key), number)
            self.pipe.send(Progress(planned, number, epoch))

        train.train(model, planned.config, examples, planned.seed, each_epoch, self.stop)

    def score(self, run: PlannedRun, folder: Path) -> Ended:
        """Trains a finished run again, the same way, and writes its test loss and accuracy into its log."""
        clock, numbers = time.perf_counter(), count(1)
        self.pipe.send(Started(run, folder))
        try:
            examples = self.load(str(run.config["dataset"]))
            model = train.build(run.config, examples, run.seed)
            train.train(model, run.config, examples, run.seed, lambda e: self.pipe.send(Progress(run, next(numbers), e)), self.stop)
            loss, accuracy = train.evaluate(model, data.load_test(str(run.config["dataset"]), self.device))
        except train.Stopped:
            return Ended(run, "interrupted")
        log = read_run(folder / FILE)
        write_run(folder, replace(log, metrics={**log.metrics, "test_loss": loss, "test_accuracy": accuracy}))
        return Ended(run, "finished", time.perf_counter() - clock)


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
