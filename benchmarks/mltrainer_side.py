"""The side of mltrainer: trains through mltrainer what it is asked to. training.py and sweep.py start it, by the Python of an
environment of mltrainer's own and with this checkout on its path. One JSON object a line comes in, one a line goes out.

mltrainer 0.3.6 is used as its README does: Trainer and TrainerSettings, Accuracy, reports to TensorBoard and TOML, torch's
default number of threads. It has no early stopping, scheduler or checkpoints here, because the other side has none, and its
progress bars go nowhere. Model, images, split, optimizer and steps are those of the other side.
"""

import json
import sys
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from mltrainer import ReportTypes, Trainer, TrainerSettings
from mltrainer.metrics import Accuracy
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset

from runner import data, models
from runner.config import OPTIMIZERS


class Batches:
    """A whole batch at a time from tensors in memory, shuffled anew on every pass: the fastest feed that mltrainer takes."""

    def __init__(self, split: data.Split, size: int, shuffle: bool) -> None:
        self.split, self.size, self.shuffle = split, size, shuffle

    def __len__(self) -> int:
        return -(-len(self.split) // self.size)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        order = torch.randperm(len(self.split)) if self.shuffle else torch.arange(len(self.split))
        for rows in order.split(self.size):
            yield self.split.images[rows], self.split.labels[rows]


def loader(split: data.Split, size: int, shuffle: bool) -> DataLoader[tuple[Tensor, ...]]:
    """The feed of mltrainer's README: a DataLoader."""
    return DataLoader(TensorDataset(split.images, split.labels), batch_size=size, shuffle=shuffle)


FEEDS = {"loader": loader, "batches": Batches}


def train(examples: data.Data, config: dict[str, Any], seed: int, feed: str, logs: str) -> dict[str, float]:
    """One run, from an untrained model to its last report: the seconds that it took, and its validation loss at the end."""
    started = time.perf_counter()
    torch.manual_seed(seed)
    size = config["batch_size"]
    train_batches = FEEDS[feed](examples.train, size, True)
    valid_batches = FEEDS[feed](examples.valid, size, False)
    settings = TrainerSettings(
        epochs=config["epochs"],
        metrics=[Accuracy()],
        logdir=Path(logs),
        train_steps=config["train_steps"],
        valid_steps=min(config["valid_steps"], len(valid_batches)),  # no validation image twice: the other side shows none twice
        reporttypes=[ReportTypes.TENSORBOARD, ReportTypes.TOML],
        optimizer_kwargs={key: config[key] for key in ("lr", *OPTIMIZERS[config["optimizer"]]) if key in config},
        scheduler_kwargs=None,
        earlystop_kwargs=None,
    )
    trainer = Trainer(
        model=models.build(config, examples.shape, classes=10),
        settings=settings,
        loss_fn=torch.nn.CrossEntropyLoss(),
        optimizer=getattr(torch.optim, config["optimizer"]),
        traindataloader=train_batches,
        validdataloader=valid_batches,
        scheduler=None,
        device="cpu",
    )
    trainer.loop()
    return {"seconds": time.perf_counter() - started, "valid_loss": trainer.test_loss}


def main() -> None:
    examples = data.load("fashion_mnist", torch.device("cpu"))
    print(
        json.dumps({"mltrainer": version("mltrainer"), "torch": torch.__version__, "threads": torch.get_num_threads()}), flush=True
    )
    for line in sys.stdin:
        print(json.dumps(train(examples, **json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
