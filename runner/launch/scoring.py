"""Finished runs and the folders of their logs in, their test losses and accuracies in these logs out: each is trained again."""

import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path

from sweepbook.runner.config import SweepbookError
from sweepbook.runner.launch.events import Ended, Progress, Started
from sweepbook.runner.launch.provenance import check_same
from sweepbook.runner.launch.station import Station
from sweepbook.runner.logtext import NotWritten, write_run
from sweepbook.runner.runlog import FILE, Epoch, read_run
from sweepbook.runner.spans import DATA, EVALUATION, LOGGING
from sweepbook.runner.study import PlannedRun
from sweepbook.runner.training import data, loop
from sweepbook.runner.training.own import described
from sweepbook.runner.training.program import build


def score(station: Station, runs: Sequence[PlannedRun], folders: Sequence[Path]) -> None:
    """Trains finished runs again, the same way, and writes their test losses and accuracies into their logs."""
    clock, ended, error = time.perf_counter(), "finished", None
    tested: Sequence[float | None] = [None] * len(runs)
    for run, folder in zip(runs, folders, strict=True):
        station.send(Started(run, folder))
    station.hand.take(runs)
    try:
        losses, accuracies = _scores(station, runs, folders)
        with station.spans.span(LOGGING):
            for folder, loss, accuracy in zip(folders, losses, accuracies, strict=True):
                log = read_run(folder / FILE)
                write_run(folder, replace(log, metrics={**log.metrics, "test_loss": loss, "test_accuracy": accuracy}))
        tested = accuracies
    except loop.Stopped:
        ended = "interrupted"
    except (BrokenPipeError, ConnectionResetError, NotWritten):
        raise
    except SweepbookError as caught:
        ended, error = "failed", str(caught)
    except Exception as caught:  # the logs stay as they were
        ended, error = "failed", described(caught, runs[0].config)
    for run, scored in zip(runs, tested, strict=True):
        station.send(Ended(run, ended, (time.perf_counter() - clock) / len(runs), error, scored))


def _scores(station: Station, runs: Sequence[PlannedRun], folders: Sequence[Path]) -> tuple[Sequence[float], Sequence[float]]:
    """The loss and the accuracy of each run on the test images. ChangedError where data or code are not those of its log."""
    config, seeds, numbers = runs[0].config, [run.seed for run in runs], [count(1) for _ in runs]
    examples = station.load(str(config["dataset"]))
    with station.spans.span(LOGGING):
        for run, folder in zip(runs, folders, strict=True):
            check_same(read_run(folder / FILE), examples.described[2:], station.code(run))

    def each_epoch(place: int, epoch: Epoch) -> None:
        station.send(Progress(runs[place], next(numbers[place]), epoch))

    models = build(config, examples, seeds)
    loop.train(models, config, examples, seeds, each_epoch, station.hand.stopping, station.spans)
    with station.spans.span(DATA, "test images"):
        test = data.load_test(str(config["dataset"]), station.device)
    with station.spans.span(EVALUATION, "test images"):
        return loop.evaluate(models, test)
