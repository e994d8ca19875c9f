"""The side of mltrainer: trains through mltrainer what it is asked to. training.py and sweep.py start it, by the Python of an
environment of mltrainer's own; Sweepbook is taken from the checkout. One JSON object a line comes in, one a line goes out.

mltrainer 0.3.6 is used as its README does: Trainer and TrainerSettings, Accuracy, reports to TensorBoard and TOML, torch's
default number of threads, or the number that is its argument. It has no early stopping, scheduler or checkpoints here, because
the other side has none, and its progress bars go nowhere. Model, images, split, optimizer and steps are those of the other
side.
"""

import json
import math
import sys
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from mltrainer import ReportTypes, Trainer, TrainerSettings
from mltrainer.metrics import Accuracy
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset

sys.modules["sweepbook"] = ModuleType("sweepbook")
sys.modules["sweepbook"].__path__ = [str(Path(__file__).parent.parent)]

from sweepbook.runner.settings import OPTIMIZERS  # noqa: E402
from sweepbook.runner.training import data, models  # noqa: E402


class Batches:
    """A whole batch at a time from tensors in memory, shuffled anew on every pass: the fastest feed that mltrainer takes."""

    def __init__(self, split: data.Split, size: int, shuffle: bool) -> None:
        self.split, self.size, self.shuffle = split, size, shuffle

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        order = torch.randperm(len(self.split)) if self.shuffle else torch.arange(len(self.split))
        for rows in order.split(self.size):
            yield self.split.images[rows], self.split.labels[rows]


def loader(split: data.Split, size: int, shuffle: bool) -> DataLoader[tuple[Tensor, ...]]:
    """The feed of mltrainer's README: a DataLoader."""
    return DataLoader(TensorDataset(split.images, split.labels), batch_size=size, shuffle=shuffle)


def streamer(split: data.Split, size: int, shuffle: bool) -> Iterator[tuple[Tensor, Tensor]]:
    """The feed of mltrainer's author: the streamer and the Fashion-MNIST of his mads_datasets. It always shuffles."""
    from mads_datasets.base import BaseDatastreamer
    from mads_datasets.datasets import MNISTDataset
    from mltrainer.preprocessors import BasePreprocessor

    images = (split.images.squeeze(1) * 255).round().to(torch.uint8)
    dataset = MNISTDataset(images, split.labels)
    endless: Iterator[tuple[Tensor, Tensor]] = BaseDatastreamer(dataset, size, BasePreprocessor()).stream()
    return endless


FEEDS = {"streamer": streamer, "loader": loader, "batches": Batches}


def train(examples: data.Data, config: dict[str, Any], seed: int, feed: str, logs: str) -> dict[str, float]:
    """One run, from an untrained model to its last report: the seconds that it took, and its validation loss at the end."""
    size = config["batch_size"]
    train_batches = FEEDS[feed](examples.train, size, True)
    valid_batches = FEEDS[feed](examples.valid, size, False)
    started = time.perf_counter()
    torch.manual_seed(seed)
    settings = TrainerSettings(
        epochs=config["epochs"],
        metrics=[Accuracy()],
        logdir=Path(logs),
        train_steps=config["train_steps"],
        valid_steps=min(config["valid_steps"], math.ceil(len(examples.valid) / size)),  # like the other side, no image twice
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
    if sys.argv[1:]:
        torch.set_num_threads(int(sys.argv[1]))
    examples = data.load("fashion_mnist", torch.device("cpu"))
    print(
        json.dumps({"mltrainer": version("mltrainer"), "torch": torch.__version__, "threads": torch.get_num_threads()}), flush=True
    )
    for line in sys.stdin:
        print(json.dumps(train(examples, **json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
