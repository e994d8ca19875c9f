"""Jobs in over a pipe, run logs and events out: the loop of one worker process, which lives as long as its executor."""

import os
import signal
from contextlib import ExitStack
from multiprocessing.connection import Connection

import torch
from sweepbook.runner.config import SweepbookError
from sweepbook.runner.launch.claims import Claims
from sweepbook.runner.launch.events import Ended, GoOn, Idle, Job, Prune, Ready, Spent, Stuck, Terms, Train
from sweepbook.runner.launch.fitting import fit
from sweepbook.runner.launch.hand import Flag
from sweepbook.runner.launch.scoring import score
from sweepbook.runner.launch.station import Station
from sweepbook.runner.logtext import NotWritten
from sweepbook.runner.spans import LOGGING, REST, STARTING, WAITING, Spans
from sweepbook.runner.training import own
from sweepbook.runner.training.rehearsal import rehearse


def work(pipe: Connection, terms: Terms) -> None:
    """Serves jobs until the other end of `pipe` closes or SIGTERM comes; a run in hand is then logged interrupted.

    The one process trains on one thread: runs go side by side, and the same run gives the same numbers however many do.
    """
    stop = Flag()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, stop)
    alone()
    device = torch.device(terms.device)
    if device.type == "cuda":
        os.environ["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"
        torch.use_deterministic_algorithms(True)
        # Else every new tensor is filled before it is written, by a kernel of its own.
        torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    own.search(terms.places)
    station = Station(pipe, terms, device, stop)
    claims = Claims(terms.logs, terms.known)
    try:
        with station.spans.span(STARTING, start=terms.begun):
            ready = _ready(station)
        pipe.send(ready)
        while not stop():
            with station.spans.span(WAITING):
                job = pipe.recv()
            if not isinstance(job, Prune | GoOn):  # the run that it is of has ended by itself
                _serve(station, claims, job)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        pass


def alone() -> None:
    """Has this process train on one thread, and take numbers below the smallest normal one, 1e-38, as zeros.

    What Adam remembers of a pixel that is mostly blank comes down to these within some 700 steps, and a processor then takes three
    times as long for every step.
    """
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)


def _ready(station: Station) -> Ready:
    """Loads the data before the first run, so that no run's time has it in it."""
    try:
        for name in station.terms.datasets:
            station.load(name)
        for config in station.terms.tried:
            rehearse(config, station.load(str(config["dataset"])))
    except SweepbookError as error:
        return Ready(str(error))
    except OSError as error:
        return Ready(_reason(error))
    return Ready()


def _serve(station: Station, claims: Claims, job: Job) -> None:
    """Does what is asked and tells how each run ended, or that nothing can be logged any more."""
    spans = station.spans
    try:
        with spans.span(REST, _title(job)):
            if isinstance(job, Train):
                _train(station, claims, job)
            else:
                score(station, job.runs, job.folders)
        if isinstance(spans, Spans):
            taken = spans.taken()
            with spans.span(LOGGING):  # which the next job tells of
                station.pipe.send(Spent(os.getpid(), *taken))
        station.pipe.send(Idle())
    except NotWritten as error:
        station.pipe.send(Stuck(str(error)))
    except (BrokenPipeError, ConnectionResetError):
        raise
    except OSError as error:  # of the folder of logs: what a run raises by itself is in its log
        station.pipe.send(Stuck(_reason(error)))


def _title(job: Job) -> str:
    """What a trace calls a job: "lr_0.1 seed 0"; "lr_0.1 seed 0, 1; lr_0.2 seed 0"; "lr_0.1 seed 0, test images"."""
    seeds: dict[str, list[str]] = {}
    for run in job.runs:
        seeds.setdefault(run.label, []).append(str(run.seed))
    named = "; ".join(f"{label} seed {', '.join(own)}" for label, own in seeds.items())
    return named + ("" if isinstance(job, Train) else ", test images")


def _train(station: Station, claims: Claims, job: Train) -> None:
    """Trains those of the runs that no other process has in hand or has finished since this sweep began."""
    with ExitStack() as held:
        with station.spans.span(LOGGING):
            mine = [run for run in job.runs if claims.take(run, held)]
        for run in job.runs:
            if run not in mine:
                station.send(Ended(run, "elsewhere"))
        if mine:
            fit(station, mine, job.asks)


def _reason(error: OSError) -> str:
    """The file and the reason, without a number."""
    return f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror or error)
