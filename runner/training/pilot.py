"""Planned runs in, the seconds that each will take out: a few steps of every configuration, timed and thrown away."""

import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import torch
from sweepbook.runner.config import Config, whole
from sweepbook.runner.record import Recorder
from sweepbook.runner.runlog import Run
from sweepbook.runner.study import PlannedRun
from sweepbook.runner.training import data, loop, own, program
from sweepbook.runner.training.data import Data, Split
from sweepbook.runner.training.program import Program
from sweepbook.runner.training.rehearsal import rehearse

WARM, TIMED = 3, 15  # steps
LOGGED = 5  # epochs of a log that is thrown away
SERIES = ("train_loss", "valid_loss", "valid_accuracy", "seconds", "lr", "valid_seen")
ENOUGH, ROUNDS = 0.05, 4  # seconds of processor time after which a configuration is not timed once more; times at most


def run_seconds(runs: Sequence[PlannedRun], device: str, places: Sequence[Path] = ()) -> list[float]:
    """Seconds for each of `runs` on one thread, going by steps of its configuration, one round of validation, and what it takes to
    log an epoch. Modules of the user's own are looked for in `places` first."""
    own.search(places)
    torch.set_num_threads(1)
    datasets = {name: data.load(name, torch.device(device)) for name in _datasets(runs)}
    times: dict[str, float] = {}
    for run in runs:
        if run.id not in times:
            logging = whole(run.config, "epochs") * _logging(run.config)
            times[run.id] = _seconds(run.config, datasets[str(run.config["dataset"])]) + logging
    return [times[run.id] for run in runs]


def _datasets(runs: Iterable[PlannedRun]) -> set[str]:
    return {str(run.config["dataset"]) for run in runs}


def _seconds(config: Config, examples: Data) -> float:
    """By the quickest of a few rounds, and in processor time: what else the machine does has no part in it."""
    rehearse(config, examples)
    models, begun = program.build(config, examples, [0]), time.process_time()
    rounds = [_round(models, config, examples)]
    while time.process_time() - begun < ENOUGH and len(rounds) < ROUNDS:
        rounds.append(_round(models, config, examples))
    quickest: list[float] = [min(times) for times in zip(*rounds, strict=True)]
    few, many, validation = quickest
    step = max(many - few, 0.0) / (TIMED - WARM)
    return whole(config, "epochs") * (loop.steps_per_epoch(config, len(examples.train)) * step + validation)


def _logging(config: Config) -> float:
    """The seconds that it takes to log an epoch: to write it and have it on the disk, where nothing else is written."""
    with tempfile.TemporaryDirectory() as folder:
        recorder = Recorder(Path(folder), Run("pilot", "pilot", 0, "running", datetime.now(UTC), 0.0, config))
        times = []
        for _ in range(LOGGED):
            begun = time.perf_counter()
            recorder.add(dict.fromkeys(SERIES, 0.5), dict.fromkeys(SERIES, 0.5))
            times.append(time.perf_counter() - begun)
    return min(times)


def _round(models: Program, config: Config, examples: Data) -> tuple[float, float, float]:
    """The seconds of an epoch of `WARM` steps, of one of `TIMED` steps, and of one validation."""
    nothing = replace(examples, valid=Split(examples.valid.images[:1], examples.valid.labels[:1]))

    def steps(count: int) -> None:
        loop.train(models, {**config, "epochs": 1, "train_steps": count}, nothing, [0], lambda *_: None)

    validation = partial(loop.evaluate, models, loop.scored(examples.valid, config))
    return _spent(partial(steps, WARM)), _spent(partial(steps, TIMED)), _spent(validation)


def _spent(work: Callable[[], object]) -> float:
    """The seconds of processor time that it takes."""
    started = time.process_time()
    work()
    return time.process_time() - started
