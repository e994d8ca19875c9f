# /// script
# dependencies = ["keras==3.15.1", "torch", "numpy", "pandas"]
# ///
"""Writes 3.15.1/ and 3.15.1/expected.json: eight runs of Keras' CSVLogger, two seeds of four configurations. Of one
the loss becomes NaN, and it ends early.

The values that are expected are those of the History that fit() returns. Run it with KERAS_BACKEND=torch in an environment that has
the packages above."""

import json
import math
import os
import shutil
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np

HERE = Path(__file__).parent
ROOT = HERE / keras.__version__
RUNS = ((0.01, "Adam"), (0.1, "Adam"), (0.01, "SGD"), (1e30, "SGD"))


def plain(value):
    return value if math.isfinite(value) else repr(value)


def train(lr, optimizer, seed):
    keras.utils.set_random_seed(seed)
    x = np.random.default_rng(0).normal(size=(200, 8))
    y = (x[:, 0] + x[:, 1] > 0).astype(int)
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(8, activation="relu"), keras.layers.Dense(2)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(getattr(keras.optimizers, optimizer)(lr), loss, metrics=["accuracy"])
    name = f"lr_{lr}_optimizer_{optimizer}_seed_{seed}.csv"
    callbacks = [keras.callbacks.CSVLogger(str(ROOT / name)), keras.callbacks.TerminateOnNaN()]
    history = model.fit(x, y, validation_split=0.25, epochs=6, verbose=0, callbacks=callbacks)
    series = {key: [plain(float(value)) for value in values] for key, values in history.history.items()}
    return name, {"lr": lr, "optimizer": optimizer, "seed": seed, "series": series, "epochs": history.epoch}


def main():
    shutil.rmtree(ROOT, ignore_errors=True)
    ROOT.mkdir()
    expected = dict(train(*run, seed) for run in RUNS for seed in (0, 1))
    (ROOT / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


main()
