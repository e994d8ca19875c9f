"""Runs that are trained in one program in, the log of each and what happens to it out."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sweepbook.runner.launch.events import Ended, Progress, Started
from sweepbook.runner.launch.hand import Hand
from sweepbook.runner.launch.station import Station
from sweepbook.runner.logtext import NotWritten
from sweepbook.runner.record import Recorder, new_folder
from sweepbook.runner.runlog import STACKED, Epoch, Run
from sweepbook.runner.spans import LOGGING
from sweepbook.runner.study import PlannedRun
from sweepbook.runner.training import loop
from sweepbook.runner.training.own import described
from sweepbook.runner.training.program import build

SERIES = {"train_loss": "Loss/train", "valid_loss": "Loss/valid", "valid_accuracy": "metric/accuracy", "lr": "learning_rate"}
SCORES = ("train_loss", "valid_loss", "valid_accuracy")  # of the last epoch: the final metrics of a run


def fit(station: Station, runs: Sequence[PlannedRun], asks: bool = False) -> None:
    """Trains and logs `runs`; an exception ends them, not the sweep. Where it `asks`, an epoch waits until the last is answered."""
    with station.spans.span(LOGGING):
        recorders = [_recorder(station, run, len(runs)) for run in runs]
    status, error = "finished", None
    station.hand.take(runs, asks)
    try:
        for run, recorder in zip(runs, recorders, strict=True):
            station.send(Started(run, recorder.folder))
        with ExitStack() as stack:
            boards = [stack.enter_context(_tensorboard(one.folder)) for one in recorders if station.terms.tensorboard]
            _train(station, runs, recorders, boards)
    except loop.Stopped:
        status = "interrupted"
        station.hand.cut |= station.hand.pruned
    except (BrokenPipeError, ConnectionResetError):
        status = "interrupted"
        raise
    except NotWritten as caught:
        status, error = "failed", str(caught)
        if not _deleted(station.terms.logs, recorders):
            status, error = "interrupted", None
            raise
    except Exception as caught:  # whatever a configuration makes torch raise belongs in its log
        status, error = "failed", described(caught, runs[0].config)
    finally:
        with station.spans.span(LOGGING):
            _close(station.hand, runs, recorders, status, error)
    for run, recorder in zip(runs, recorders, strict=True):
        station.send(_ended(run, recorder, error))


def _recorder(station: Station, run: PlannedRun, stacked: int) -> Recorder:
    """The log of `run`, begun; `stacked` says how many runs are trained in one program."""
    terms, started = station.terms, datetime.now(UTC)
    folder = new_folder(terms.logs, run.label, run.seed, started)
    environment = {**station.environment, **({STACKED: stacked} if stacked > 1 else {}), **dict(run.facts)}
    log = Run(run.label, terms.study, run.seed, "running", started, 0.0, run.config, environment=environment)
    return Recorder(folder, replace(log, code=station.code(run)))


def _tensorboard(folder: Path) -> Any:
    from torch.utils.tensorboard.writer import SummaryWriter

    return SummaryWriter(str(folder))


def _train(station: Station, runs: Sequence[PlannedRun], recorders: Sequence[Recorder], boards: Sequence[Any]) -> None:
    """Trains `runs`, which may share a program, and logs each epoch of each as it comes."""
    hand, configs, seeds = station.hand, [run.config for run in runs], [run.seed for run in runs]
    examples = station.load(str(configs[0]["dataset"]))
    models = build(configs[0], examples, seeds, configs)
    for recorder in recorders:
        recorder.describe(*examples.described, models.parameters)

    def each_epoch(place: int, epoch: Epoch) -> None:
        if runs[place].key in hand.pruned:  # the others of the program go on
            hand.cut.add(runs[place].key)
            return
        values = asdict(epoch)
        number = recorders[place].add(values, {name: values[name] for name in SCORES})
        if boards:
            for key, name in SERIES.items():
                boards[place].add_scalar(name, getattr(epoch, key), number)
        station.pipe.send(Progress(runs[place], number, epoch))
        if epoch.diverged:
            hand.training.discard(runs[place].key)
        hand.came_through(runs[place])

    told = station.spans.timed(LOGGING, each_epoch)
    bests = loop.train(models, configs[0], examples, seeds, told, hand.stopping, station.spans, configs)
    for recorder, best in zip(recorders, bests, strict=True):
        if best is not None:
            recorder.go_back(best)


def _deleted(logs: Path, recorders: Sequence[Recorder]) -> bool:
    """Whether somebody took away the folder of a run's log while it trained, which harms no other run."""
    return logs.is_dir() and not all(recorder.folder.exists() for recorder in recorders)


def _close(hand: Hand, runs: Sequence[PlannedRun], recorders: Sequence[Recorder], status: str, error: str | None) -> None:
    """Logs how `runs` ended, in folders that are still there."""
    for run, recorder in zip(runs, recorders, strict=True):
        if recorder.folder.exists():
            recorder.close(_status(hand, run, recorder, status), error)


def _status(hand: Hand, run: PlannedRun, recorder: Recorder, together: str) -> str:
    """How `run` ended, where the program that it was trained in ended as `together` says."""
    if together == "failed":
        return together
    if run.key in hand.cut:
        return "pruned"
    return "diverged" if recorder.diverged else together


def _ended(run: PlannedRun, recorder: Recorder, error: str | None) -> Ended:
    """How `run` ended, going by its log."""
    if not recorder.folder.exists():
        return Ended(run, "failed", error=f"somebody deleted {recorder.folder} while it was trained")
    return Ended(run, recorder.run.status, recorder.run.share or 0.0, error)
