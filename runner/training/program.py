"""A configuration, data and seeds in, models in training out: what one step does to them, and what they answer."""

from collections.abc import Sequence
from typing import Protocol

import torch
import torch.nn.functional as F
from sweepbook.runner.config import Config
from sweepbook.runner.datasets import CLASSES
from sweepbook.runner.training import models
from sweepbook.runner.training.data import Data
from sweepbook.runner.training.optim import optimizer
from torch import Tensor, nn


class Program(Protocol):
    """Models of one configuration in training, one a seed, and how a step changes them."""

    @property
    def parameters(self) -> int:
        """How many numbers one of the models learns."""

    def step(self, images: Tensor, labels: Tensor, lr: float) -> Tensor:
        """One step of every model on a batch of its own: images [models, n, channels, height, width], labels [models, n].

        Returns the mean loss of each batch before the step, [models], detached.
        """

    def logits(self, images: Tensor) -> Tensor:
        """What every model answers to the same images [n, channels, height, width]: [models, n, classes], without gradients."""


def build(config: Config, data: Data, seeds: Sequence[int]) -> Program:
    """The untrained models of `config`, one a seed, their weights drawn with it, on the data's device."""
    (seed,) = seeds
    return Autograd(_model(config, data, seed), config)


def _model(config: Config, data: Data, seed: int) -> nn.Module:
    torch.manual_seed(seed)
    model = models.build(config, data.shape, classes=CLASSES).to(data.train.images.device)
    return model.to(memory_format=torch.channels_last) if config["model"] == "cnn" else model


class Autograd:
    """One model of any kind, with gradients by torch."""

    def __init__(self, model: nn.Module, config: Config) -> None:
        self.model, self.weights = model, models.parameters(model)
        self.take = optimizer(config, self.weights)
        self.half = config.get("precision") == "bf16"

    @property
    def parameters(self) -> int:
        """How many numbers the model learns."""
        return sum(weight.numel() for weight in self.weights)

    def step(self, images: Tensor, labels: Tensor, lr: float) -> Tensor:
        """One step on the only batch: see Program."""
        if not self.model.training:
            self.model.train()
        loss = F.cross_entropy(self._answers(images[0]), labels[0])
        gradients = torch.autograd.grad(loss, self.weights)
        with torch.no_grad():
            self.take(gradients, lr)
        return loss.detach()[None]

    @torch.no_grad()
    def logits(self, images: Tensor) -> Tensor:
        """What the model answers: see Program."""
        self.model.eval()
        return self._answers(images)[None]

    def _answers(self, images: Tensor) -> Tensor:
        """The logits in float32, whatever the precision of the products that they come from."""
        with torch.autocast(images.device.type, torch.bfloat16, enabled=self.half):
            answers: Tensor = self.model(images)
        return answers.float()
