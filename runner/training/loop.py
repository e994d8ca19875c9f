"""Models and data in, a report of each model after every epoch out: one plain loop, for one model or a stack of them."""

import math
import time
from collections.abc import Callable, Iterator, Sequence

import torch
import torch.nn.functional as F
from sweepbook.runner.config import Config, whole
from sweepbook.runner.runlog import Epoch
from sweepbook.runner.training.data import Data, Split
from sweepbook.runner.training.program import Program
from torch import Tensor

EVALUATION_BATCH = 2048


class Stopped(Exception):
    """Training was asked to stop before its last epoch."""


def train(
    program: Program,
    config: Config,
    data: Data,
    seeds: Sequence[int],
    each_epoch: Callable[[int, Epoch], None],
    stopping: Callable[[], bool] = lambda: False,
) -> None:
    """Trains the models of `program`, one a seed, for the epochs of `config`; one whose loss is not finite ends there.

    Calls `each_epoch` with a model's place among `seeds` after each of its whole epochs. Raises Stopped between two steps once
    `stopping` says so. The order of a model's examples depends on its seed alone.
    """
    device = data.train.labels.device
    orders = [_batches(len(data.train), whole(config, "batch_size"), "train_steps" in config, seed) for seed in seeds]
    steps, lr = steps_per_epoch(config, len(data.train)), float(str(config["lr"]))
    shown = scored(data.valid, config)
    going = list(range(len(seeds)))
    for _ in range(whole(config, "epochs")):
        started = time.perf_counter()
        total, seen = torch.zeros(len(seeds), device=device), 0
        for _ in range(steps):
            if stopping():
                raise Stopped
            rows = torch.stack([next(order) for order in orders]).to(device)
            total += program.step(data.train.images[rows], data.train.labels[rows], lr) * rows.shape[1]
            seen += rows.shape[1]
        scores = zip((total / seen).tolist(), *evaluate(program, shown), strict=True)
        seconds = round(time.perf_counter() - started, 4)
        epochs = [Epoch(*score, seconds, lr, len(shown)) for score in scores]
        for place in going:
            each_epoch(place, epochs[place])
        going = [place for place in going if not epochs[place].diverged]
        if not going:
            return


@torch.no_grad()
def evaluate(program: Program, split: Split) -> tuple[list[float], list[float]]:
    """Mean cross-entropy (nats) and accuracy (a share from 0 to 1) of every model of `program` over `split`."""
    losses: list[Tensor] = []
    right: list[Tensor] = []
    for start in range(0, len(split), EVALUATION_BATCH):
        rows = slice(start, start + EVALUATION_BATCH)
        logits, labels = program.logits(split.images[rows]), split.labels[rows]
        losses.append(torch.stack([F.cross_entropy(own, labels, reduction="sum") for own in logits]))
        right.append((logits.argmax(-1) == labels).sum(-1))
    loss, accuracy = torch.stack(losses).sum(0) / len(split), torch.stack(right).sum(0) / len(split)
    return loss.tolist(), accuracy.tolist()


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
