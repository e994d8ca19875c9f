"""Random sweeps whose findings the tests of sentences read."""

from itertools import count, islice

import numpy as np
import pytest
from sweepbook.analysis.findings.findings import findings
from sweepbook.analysis.logs.sweep import load_sweep

PLAN = """
[study]
title = "T"
metric = "{metric}"
seeds = [0, 1]
[baseline]
dataset = "digits"
model = "mlp"
units1 = 8
depth = 1
epochs = 2
batch_size = 32
lr = 0.01
optimizer = "Adam"
[[group]]
name = "epochs"
grid = {{ epochs = [1, 2, 3, 4] }}
  [[group.prediction]]
  says = "4 beat 1"
  better = {{ epochs = 4 }}
  than = {{ epochs = 1 }}
  [[group.prediction]]
  says = "More is better"
  trend = "increasing"
  of = "epochs"
[[group]]
name = "both"
grid = {{ units1 = [8, 16, 32], lr = [0.01, 0.1] }}
[[group]]
name = "optimizer"
grid = {{ optimizer = ["Adam", "SGD", "RMSprop"] }}
"""
BASE = {
    "dataset": "digits",
    "model": "mlp",
    "units1": 8,
    "depth": 1,
    "epochs": 2,
    "batch_size": 32,
    "lr": 0.01,
    "optimizer": "Adam",
}
CHANGES = [
    *({"epochs": epochs} for epochs in (1, 2, 3, 4)),
    *({"units1": units, "lr": rate} for units in (8, 16, 32) for rate in (0.01, 0.1) if (units, rate) != (8, 0.01)),
    {"optimizer": "SGD"},
    {"optimizer": "RMSprop"},
]


@pytest.fixture(scope="session")
def drawn(tmp_path_factory, log, run):
    """One random sweep after the other, with effects and without, of one to four runs a configuration, some of them lost."""

    def make():
        rng, home = np.random.default_rng(0), tmp_path_factory.mktemp("sweeps")
        for k in count():
            logs = home / f"logs{k}"
            logs.mkdir()
            noise, effect = rng.choice([0.002, 0.01, 0.03]), rng.choice([0.0, 0.01, 0.1])
            most = int(rng.choice([1, 2, 3, 4]))
            for i, changes in enumerate(CHANGES):
                mean = 0.7 + effect * rng.standard_normal() * 0.5
                spread = noise * (8 if rng.random() < 0.05 else 1)
                for one in range(int(rng.integers(0 if rng.random() < 0.1 else 1, most + 1))):
                    score = float(np.clip(mean + spread * rng.standard_normal(), 0.01, 0.99))
                    fields = {"config": {**BASE, **changes}, "parameters": 100 * changes.get("units1", 8), "train_examples": 1000}
                    log(logs, f"r{i:02}-{one}", run(score, seed=one, minute=i, **fields))
            yield load_sweep(logs)

    return make


@pytest.fixture(scope="session")
def sweeps(drawn, tmp_path_factory, plan):
    """The findings of the first so many of these sweeps. All tests read the same ones, and both metrics are of the same runs, which
    are made once: that takes longer than to read them."""
    stream, loaded, made = drawn(), [], {}

    def first(number, metric="valid_accuracy"):
        loaded.extend(islice(stream, max(0, number - len(loaded))))
        known = made.setdefault(metric, [])
        study = plan(tmp_path_factory.mktemp("study"), PLAN.format(metric=metric))
        known.extend(findings(sweep, study) for sweep in loaded[len(known) : number])
        return known[:number]

    return first
