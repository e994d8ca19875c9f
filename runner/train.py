"""A configuration, data and a seed in, a trained model out, with a report after every epoch: one plain loop."""

import math
import time
from collections.abc import Callable, Iterator

import torch
import torch.nn.functional as F
from sweepbook.runner import models
from sweepbook.runner.config import Config, whole
from sweepbook.runner.data import Data, Split
from sweepbook.runner.datasets import CLASSES
from sweepbook.runner.optim import optimizer
from sweepbook.runner.runlog import Epoch
from torch import Tensor, nn

EVALUATION_BATCH = 2048


class Stopped(Exception):
    """Training was asked to stop before its last epoch."""


def train(
    model: nn.Module,
    config: Config,
    data: Data,
    seed: int,
    each_epoch: Callable[[Epoch], None],
    stopping: Callable[[], bool] = lambda: False,
) -> None:
    """Trains `model` in place for the epochs of `config`, or until a loss is not finite.

    Calls `each_epoch` after every whole epoch. Raises Stopped between two steps once `stopping` says so.
    The order of the examples depends on `seed` alone.
    """
    parameters = models.parameters(model)
    step = optimizer(config, parameters)
    batches = _batches(len(data.train), whole(config, "batch_size"), "train_steps" in config, seed)
    steps = steps_per_epoch(config, len(data.train))
    for _ in range(whole(config, "epochs")):
        started = time.perf_counter()
        total, seen = torch.zeros((), device=data.train.labels.device), 0
        model.train()
        for _ in range(steps):
            if stopping():
                raise Stopped
            rows = next(batches).to(data.train.labels.device)
            loss = F.cross_entropy(model(data.train.images[rows]), data.train.labels[rows])
            gradients = torch.autograd.grad(loss, parameters)
            with torch.no_grad():
                step(gradients)
                total += loss.detach() * len(rows)
            seen += len(rows)
        shown = scored(data.valid, config)
        valid_loss, valid_accuracy = evaluate(model, shown)
        seconds = round(time.perf_counter() - started, 4)
        epoch = Epoch(total.item() / seen, valid_loss, valid_accuracy, seconds, float(str(config["lr"])), len(shown))
        each_epoch(epoch)
        if epoch.diverged:
            return


def build(config: Config, data: Data, seed: int) -> nn.Module:
    """The untrained model of `config` on the data's device, its weights drawn with `seed`."""
    torch.manual_seed(seed)
    model = models.build(config, data.shape, classes=CLASSES).to(data.train.images.device)
    return model.to(memory_format=torch.channels_last) if config["model"] == "cnn" else model


@torch.no_grad()
def evaluate(model: nn.Module, split: Split) -> tuple[float, float]:
    """Mean cross-entropy (nats) and accuracy (a share from 0 to 1) of `model` over `split`."""
    model.eval()
    loss, right = torch.zeros((), device=split.labels.device), torch.zeros((), device=split.labels.device)
    for start in range(0, len(split), EVALUATION_BATCH):
        rows = slice(start, start + EVALUATION_BATCH)
        logits, labels = model(split.images[rows]), split.labels[rows]
        loss += F.cross_entropy(logits, labels, reduction="sum")
        right += (logits.argmax(1) == labels).sum()
    return loss.item() / len(split), right.item() / len(split)


def steps_per_epoch(config: Config, examples: int) -> int:
    """Optimiser steps in one epoch: `train_steps`, else as many as a whole pass takes."""
    return whole(config, "train_steps") if "train_steps" in config else math.ceil(examples / whole(config, "batch_size"))


def scored(split: Split, config: Config) -> Split:
    """The validation examples that score a run: the same for every run and epoch of one batch size."""
    if "valid_steps" not in config:
        return split
    count = whole(config, "valid_steps") * whole(config, "batch_size")
    return Split(split.images[:count], split.labels[:count])


def _batches(examples: int, size: int, stream: bool, seed: int) -> Iterator[Tensor]:
    """Rows of one batch after another, without end. A stream runs on from one permutation into the next, so that
    every batch is full; else the last batch of a pass holds what is left."""
    generator = torch.Generator().manual_seed(seed)
    left = torch.empty(0, dtype=torch.int64)
    while True:
        order = torch.cat([left, torch.randperm(examples, generator=generator)])
        chunks = list(torch.split(order, size))
        left = chunks.pop() if stream and len(chunks[-1]) < size else order[:0]
        yield from chunks
