"""Planned runs in, the seconds that each will take out: a few steps of every configuration, timed and thrown away."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from sweepbook.runner.config import Config, whole
from sweepbook.runner.study import PlannedRun
from sweepbook.runner.training import data, loop, own, program
from sweepbook.runner.training.data import Data, Split
from sweepbook.runner.training.rehearsal import rehearse

WARM, TIMED = 3, 15  # steps


def run_seconds(runs: Sequence[PlannedRun], device: str, places: Sequence[Path] = ()) -> list[float]:
    """Seconds for each of `runs` on one thread, going by steps of its configuration and one round of validation. Modules of the
    user's own are looked for in `places` first."""
    own.search(places)
    torch.set_num_threads(1)
    datasets = {name: data.load(name, torch.device(device)) for name in _datasets(runs)}
    times: dict[str, float] = {}
    for run in runs:
        if run.id not in times:
            times[run.id] = _seconds(run.config, datasets[str(run.config["dataset"])])
    return [times[run.id] for run in runs]


def _datasets(runs: Iterable[PlannedRun]) -> set[str]:
    return {str(run.config["dataset"]) for run in runs}


def _seconds(config: Config, examples: Data) -> float:
    """One epoch of `WARM` steps, then one of `TIMED` steps that tells the time of a step, then one validation."""
    rehearse(config, examples)
    models = program.build(config, examples, [0])
    nothing = replace(examples, valid=Split(examples.valid.images[:1], examples.valid.labels[:1]))
    spent = []
    for steps in (WARM, TIMED):
        started = time.perf_counter()
        loop.train(models, {**config, "epochs": 1, "train_steps": steps}, nothing, [0], lambda *_: None)
        spent.append(time.perf_counter() - started)
    started = time.perf_counter()
    loop.evaluate(models, loop.scored(examples.valid, config))
    validation = time.perf_counter() - started
    step = max(spent[1] - spent[0], 0.0) / (TIMED - WARM)
    return whole(config, "epochs") * (loop.steps_per_epoch(config, len(examples.train)) * step + validation)
