"""Configurations and a matrix, a row a model, in; what takes one optimiser step of every row at its own learning rate out."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Protocol

import torch
from sweepbook.runner.config import Config
from sweepbook.runner.settings import OPTIMIZERS
from sweepbook.runner.stacks import blocks
from sweepbook.runner.training.optim import optimizer
from torch import Tensor

# What a fused kernel of torch's takes in one go: so many tensors, and of each so many numbers by one multiprocessor. It reads the
# faster where a tensor begins at a multiple of some numbers.
PARTS, CHUNK, WIDE = 36, 65_536, 512


class Update(Protocol):
    """How the models of a program, the parameters of each in a row of one matrix, take their steps."""

    def at(self, lr: Sequence[float]) -> None:
        """From here on every model takes its steps at its own one of these rates."""

    def take(self, gradients: Sequence[Tensor]) -> None:
        """Changes the matrix, in place, by its gradients, which are the only ones."""


def update(configs: Sequence[Config], weights: Tensor) -> Update:
    """How the rows of `weights`, one a configuration, take their steps. They differ in their rate and their weight decay alone."""
    return Directed(configs, weights) if weights.is_cuda else Blocks(configs, weights)


class Blocks:
    """Each block of rows that have one configuration by its own optimiser: to the bit what each row does by itself."""

    def __init__(self, configs: Sequence[Config], weights: Tensor) -> None:
        self.sizes, self.lr = blocks(configs), [0.0] * len(configs)
        self.firsts = list(accumulate(self.sizes[:-1], initial=0))
        rows = torch.split(weights, self.sizes)
        self.optimizers = [optimizer(configs[first], [own]) for first, own in zip(self.firsts, rows, strict=True)]

    def at(self, lr: Sequence[float]) -> None:
        """See Update."""
        self.lr = list(lr)

    def take(self, gradients: Sequence[Tensor]) -> None:
        """See Update."""
        rows = torch.split(gradients[0], self.sizes) if len(self.sizes) > 1 else gradients
        for step, first, own in zip(self.optimizers, self.firsts, rows, strict=True):
            step([own], self.lr[first])


class Directed:
    """All rows at once, along the direction that one optimiser of all takes: its step from 0 at a rate of 1.

    A rate scales the step of each of our optimisers and is no part of what they remember. On a GPU a call for each configuration
    would cost more than the pass over the matrix that this takes. Nothing that it reads changes its place, as a CUDA graph wants.
    """

    def __init__(self, configs: Sequence[Config], weights: Tensor) -> None:
        self.weights, self.direction = weights, torch.zeros_like(weights)
        self.optimizer = optimizer({**configs[0], "weight_decay": 0}, _parts(self.direction))
        self.lr: list[float] = []
        self.rates = weights.new_zeros(len(weights), 1)
        decays = [_decay(config) for config in configs]
        self.decays = weights.new_tensor(decays)[:, None] if any(decays) else None
        self.apart = configs[0]["optimizer"] == "AdamW"  # its decay is no part of the gradient

    def at(self, lr: Sequence[float]) -> None:
        """See Update. The GPU is not waited for."""
        if lr != self.lr:
            self.lr = list(lr)
            self.rates.copy_(torch.tensor(self.lr, dtype=self.rates.dtype)[:, None], non_blocking=True)

    def take(self, gradients: Sequence[Tensor]) -> None:
        """See Update."""
        (gradient,) = gradients
        if self.decays is None:
            self.direction.zero_()
        elif self.apart:
            torch.mul(self.weights, -self.decays, out=self.direction)
        else:
            self.direction.zero_()
            gradient = torch.addcmul(gradient, self.weights, self.decays)
        self.optimizer(_parts(gradient), 1.0)
        self.weights.addcmul_(self.direction, self.rates)


def _parts(matrix: Tensor) -> list[Tensor]:
    """A matrix for a fused kernel: a small one in parts, as each keeps a multiprocessor busy."""
    if matrix.numel() >= PARTS * CHUNK:
        return [matrix]
    return list(torch.split(matrix.view(-1), -(-matrix.numel() // (PARTS * WIDE)) * WIDE))


def _decay(config: Config) -> float:
    value = config.get("weight_decay", OPTIMIZERS[str(config["optimizer"])]["weight_decay"])
    assert isinstance(value, int | float)
    return float(value)
