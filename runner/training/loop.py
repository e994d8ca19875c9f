"""Models and data in, a report of each model after every epoch out: one plain loop, for one model or a stack of them."""

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeAlias

import torch
from sweepbook.runner.config import Config, whole
from sweepbook.runner.runlog import Epoch
from sweepbook.runner.spans import DATA, EVALUATION, UNTIMED, Untimed
from sweepbook.runner.training.augment import augmentation
from sweepbook.runner.training.data import Data, Split
from sweepbook.runner.training.program import Program
from sweepbook.runner.training.schedules import Rates
from sweepbook.runner.training.stopping import Patience, score
from torch import Tensor

EVALUATION_BATCH = 2048

Batches: TypeAlias = Iterable[tuple[int, tuple[Tensor, Tensor]]]


class Stopped(Exception):
    """Training was asked to stop before its last epoch."""


def train(
    program: Program,
    config: Config,
    data: Data,
    seeds: Sequence[int],
    each_epoch: Callable[[int, Epoch], None],
    stopping: Callable[[], bool] = lambda: False,
    spans: Untimed = UNTIMED,
    configs: Sequence[Config] = (),
) -> list[int | None]:
    """Trains the models of `program`, one a seed, for the epochs of `config`; one whose loss is not finite ends there.

    `configs` are those of the models, where they differ in what is `APART`; else each has `config`.

    Calls `each_epoch` with a model's place among `seeds` after each of its whole epochs. Raises Stopped between two steps once
    `stopping` says so. The order of a model's examples depends on its seed alone. An epoch logs its last learning rate.

    Where its configuration has a patience, a model ends once it is spent, and is left as it was after its best epoch. Returns the
    number of each model's best epoch, from 1; None for a model that is left as it was after its last. `spans` times what it does.
    """
    spans.watch(program)
    each = list(configs) or [config] * len(seeds)
    feed, steps = Feed(data.train, config, seeds, program.room), steps_per_epoch(config, len(data.train))
    rates, waits, going = Rates(each, steps), [Patience(own) for own in each], list(range(len(seeds)))
    shown, judge = scored(data.valid, config), spans.timed(EVALUATION, evaluate)
    for number in range(whole(config, "epochs")):
        started = time.perf_counter()
        batches = enumerate(spans.each(DATA, feed.batches(steps)), number * steps)
        lr, seen = _steps(program, batches, rates, stopping)
        values = zip((program.losses() / seen).tolist(), *judge(program, shown), strict=True)
        seconds = round(time.perf_counter() - started, 4)
        epochs = [Epoch(*own, seconds, rate, len(shown)) for own, rate in zip(values, lr, strict=True)]
        for place in going:
            each_epoch(place, epochs[place])
        going = _going(program, going, waits, epochs)
        if not going:
            break
        rates.after([score(epoch, own) for epoch, own in zip(epochs, each, strict=True)])
    return _bests(program, waits)


def _steps(program: Program, batches: Batches, rates: Rates, stopping: Callable[[], bool]) -> tuple[list[float], int]:
    """Takes a step on each of the numbered batches. Returns the rates of the last, and how many examples each model has seen."""
    lr: list[float] = []
    seen = 0
    for step, (images, labels) in batches:
        if stopping():
            raise Stopped
        lr = rates(step)
        program.step(images, labels, lr)
        seen += labels.shape[1]
    return lr, seen


def _going(program: Program, going: Sequence[int], waits: Sequence[Patience], epochs: Sequence[Epoch]) -> list[int]:
    """The places of the models in `going` that train on. Those whose epoch is their best so far are kept."""
    for place in going:
        if waits[place].after(epochs[place]):
            program.keep(place)
    return [place for place in going if not waits[place].over]


def _bests(program: Program, waits: Sequence[Patience]) -> list[int | None]:
    """The number of each model's best epoch, to which it goes back; None where it has no patience."""
    for place, wait in enumerate(waits):
        if wait.best:
            program.restore(place)
    return [wait.best for wait in waits]


@torch.no_grad()
def evaluate(program: Program, split: Split) -> tuple[list[float], list[float]]:
    """Mean cross-entropy (nats) and accuracy (a share from 0 to 1) of every model of `program` over `split`."""
    losses: list[Tensor] = []
    right: list[Tensor] = []
    for start in range(0, len(split), EVALUATION_BATCH):
        rows = slice(start, start + EVALUATION_BATCH)
        # Classes before examples: the softmax over a few classes is several times as fast down the columns as along the rows.
        logits, labels = program.logits(split.images[rows]).mT.contiguous(), split.labels[rows]
        own = torch.log_softmax(logits, -2).gather(-2, labels.expand(len(logits), 1, -1))
        losses.append(-own.flatten(1).sum(1))
        # Not argmax, which takes five times as long as max.
        right.append((logits.max(-2).indices == labels).sum(-1))
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


class Feed:
    """Batches for a stack of models, augmented, to each model in the order of its own seed. A batch is overwritten by the next."""

    def __init__(
        self, split: Split, config: Config, seeds: Sequence[int], room: Callable[[int], Tensor | None] = lambda n: None
    ) -> None:
        """`room` is that of a Program, if it has one."""
        self.split, self.room, self.augment = split, room, augmentation(config, seeds)
        self.sizes = _sizes(len(split), whole(config, "batch_size"), "train_steps" in config)
        self.orders = [Order(len(split), seed) for seed in seeds]
        self.labels, self.shape = split.labels, split.images.shape[1:]
        self.rooms: dict[int, tuple[Tensor, Tensor, Tensor]] = {}

    def batches(self, count: int) -> Iterator[tuple[Tensor, Tensor]]:
        """The next images [models, n, channels, height, width] and labels [models, n], so many times."""
        sizes = list(islice(self.sizes, count))
        chosen = torch.stack([order.next(sum(sizes)) for order in self.orders])
        # One batch after the other, and of each the rows of one model after those of another.
        rows = torch.cat([own.reshape(-1) for own in torch.split(chosen, sizes, 1)]).to(self.labels.device)
        sizes = [size * len(self.orders) for size in sizes]
        labels = torch.split(self.labels.index_select(0, rows), sizes)
        for own, label in zip(torch.split(rows, sizes), labels, strict=True):
            pixels, batch, images = self._room(len(own))
            torch.index_select(pixels, 0, own, out=batch)
            yield self.augment(images) if self.augment else images, label.view(len(self.orders), -1)

    def _room(self, count: int) -> tuple[Tensor, Tensor, Tensor]:
        """What a batch is chosen from, a row an image; where so many are written; and the same as a stack of batches."""
        if count not in self.rooms:
            pixels, batch = self.split.images.reshape(len(self.split), -1), self.room(count // len(self.orders))
            if batch is not None and batch.dtype == torch.bfloat16 and not self.augment:
                pixels = self.split.halves
            if batch is None or batch.dtype != pixels.dtype:
                batch = pixels.new_empty(count, pixels.shape[1])
            self.rooms[count] = pixels, batch, batch.view(len(self.orders), -1, *self.shape)
        return self.rooms[count]


class Order:
    """The rows of a split as one model meets them: one permutation after another, without end, drawn with its seed."""

    def __init__(self, examples: int, seed: int) -> None:
        self.examples, self.generator = examples, torch.Generator().manual_seed(seed)
        self.left = torch.empty(0, dtype=torch.int64)

    def next(self, count: int) -> Tensor:
        """The next `count` rows."""
        while len(self.left) < count:
            self.left = torch.cat([self.left, torch.randperm(self.examples, generator=self.generator)])
        taken, self.left = self.left[:count], self.left[count:]
        return taken


def _sizes(examples: int, size: int, stream: bool) -> Iterator[int]:
    """How many examples each batch has, without end. A stream runs on from one permutation into the next, so that every batch is
    full; else the last batch of a pass holds what is left."""
    while True:
        yield from [size] * (examples // size)
        if rest := size if stream else examples % size:
            yield rest
