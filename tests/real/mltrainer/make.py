"""Trains a sweep with the mltrainer that this Python has, and writes what TensorBoard's EventAccumulator says of its event files.

In an environment with `mltrainer==0.3.6 tensorboard==2.21.0 torch==2.14.1`, and in one with `mltrainer==0.1.129 gin-config==0.5.0`
and the same of both. ray and mlflow, which old versions import and do not use here, are replaced by empty modules where they are
missing:

    python tests/real/mltrainer/make.py tests/real/mltrainer

The machine's name in the names of files is replaced by "host". Folders are named by the time; times are those of the writing.
"""

import contextlib
import importlib.metadata
import importlib.util
import json
import shutil
import socket
import sys
import time
import types
from pathlib import Path

socket.gethostname = lambda: "host"
for name in ("ray", "mlflow"):
    if importlib.util.find_spec(name) is None:
        sys.modules[name] = types.ModuleType(name)

import torch
from mltrainer import ReportTypes, Trainer, TrainerSettings
from torch import nn

VERSION = importlib.metadata.version("mltrainer")


class Accuracy:
    def __repr__(self):
        return "Accuracy"

    def __call__(self, y, yhat):
        return float((torch.as_tensor(yhat).argmax(1) == torch.as_tensor(y)).float().mean())


class Net(nn.Module):
    def __init__(self, units=8):
        super().__init__()
        self.units = units
        self.layers = nn.Sequential(nn.Linear(4, units), nn.ReLU(), nn.Linear(units, 3))

    def forward(self, x):
        return self.layers(x)


def network(units):
    """The network; of the old versions one that gin knows, as its configuration is what they write."""
    if hasattr(ReportTypes, "TOML"):
        return Net(units)
    import gin

    gin.clear_config()
    made = gin.external_configurable(Net, name="Net", module="models") if "made" not in globals() else globals()["made"]
    globals()["made"] = made
    gin.parse_config(f"Net.units = {units}\n")
    return made()


class Batches:
    """Batches without end, as a streamer has them; the one that is asked for after `last` is an error."""

    def __init__(self, x, y, last=None):
        self.x, self.y, self.left = x, y, last

    def __iter__(self):
        return self

    def __next__(self):
        if self.left == 0:
            raise KeyboardInterrupt
        self.left = None if self.left is None else self.left - 1
        at = torch.randint(0, len(self.x), (16,))
        return self.x[at], self.y[at]


def train(units, lr, seed, logs, last=None):
    torch.manual_seed(seed)
    x = torch.randn(256, 4)
    y = x[:, :3].argmax(1)
    kinds = [ReportTypes.TENSORBOARD, ReportTypes.TOML if hasattr(ReportTypes, "TOML") else ReportTypes.GIN]
    settings = TrainerSettings(
        epochs=4,
        metrics=[Accuracy()],
        logdir=logs,
        train_steps=5,
        valid_steps=3,
        reporttypes=kinds,
        optimizer_kwargs={"lr": lr, "weight_decay": 1e-5},
        earlystop_kwargs=None,
    )
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau
    batches = Batches(x, y, last), Batches(x, y)
    trainer = Trainer(network(units), settings, nn.CrossEntropyLoss(), torch.optim.Adam, *batches, scheduler)
    with contextlib.suppress(KeyboardInterrupt):
        trainer.loop()
    trainer.writer.close()
    time.sleep(1.1)  # a folder is named by the second
    return trainer.log_dir, {"units": units, "lr": lr, "epochs": 4}


def said(folder):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    read = EventAccumulator(str(folder)).Reload()
    pairs = {tag: read.Scalars(tag) for tag in read.Tags()["scalars"]}
    return {tag: [[one.step for one in own], [one.value for one in own]] for tag, own in pairs.items()}


def main(home):
    root = Path(home) / VERSION
    shutil.rmtree(root, ignore_errors=True)
    logs = root / "project" / "modellogs"
    logs.mkdir(parents=True)
    trained = [train(units, lr, seed, logs) for units in (4, 16) for lr in (0.1, 0.001) for seed in (0, 1)]
    trained.append(train(4, 0.1, 2, logs, last=12))
    expected = {Path(folder).name: {"settings": settings, "scalars": said(folder)} for folder, settings in trained}
    for path in logs.glob("*/settings.toml"):
        path.write_text(path.read_text().replace(str(logs), "modellogs"))
    (root / "expected.json").write_text(
        json.dumps(expected, sort_keys=True, separators=(",", ":")).replace('},"', '},\n"') + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main(sys.argv[1])
