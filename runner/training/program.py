"""A configuration, data and seeds in, models in training out: what one step does to them, and what they answer."""

from collections.abc import Sequence
from typing import Protocol

import torch
from sweepbook.runner.config import Config, number, setting
from sweepbook.runner.stacks import by_hand
from sweepbook.runner.training import models
from sweepbook.runner.training.data import Data
from sweepbook.runner.training.mlp import Mlp
from sweepbook.runner.training.objective import clipped, losses
from sweepbook.runner.training.optim import optimizer
from sweepbook.runner.training.weights import drawn
from torch import Tensor, nn

THREADS = 8  # in which the first weights are drawn for a GPU
# Images that answer together, by device: what a model makes of so many stays in a processor's cache.
TOGETHER = {"cpu": 512, "cuda": 2048}


class Program(Protocol):
    """Models of one shape in training, one a seed, and how a step changes them."""

    @property
    def parameters(self) -> int:
        """How many numbers one of the models learns."""

    def room(self, n: int) -> Tensor | None:
        """Where a step finds a batch of n examples a model without copying it, [models * n, numbers of one]; None: as it lies."""

    def step(self, images: Tensor, labels: Tensor, lr: Sequence[float]) -> None:
        """One step of every model on a batch of its own, images [models, n, channels, height, width] and labels [models, n], and
        at a rate of its own."""

    def losses(self) -> Tensor:
        """The cross-entropy, [models], of each example before its step, summed over all steps since it was last asked for."""

    def logits(self, images: Tensor) -> Tensor:
        """What every model answers to the same images [n, channels, height, width]: [models, n, classes], without gradients."""

    def keep(self, place: int) -> None:
        """Remembers the model at `place` as it is now, in place of what was remembered of it before."""

    def restore(self, place: int) -> None:
        """Makes the model at `place` what was remembered of it."""


def build(config: Config, data: Data, seeds: Sequence[int], configs: Sequence[Config] = ()) -> Program:
    """The untrained models of `config`, one a seed, their weights drawn with it, on the data's device.

    `configs` are those of the models, where they differ in what is `APART`. Several models share a program only by hand.
    """
    device = data.train.images.device
    if by_hand(config):
        sizes, threads = models.sizes(config, data.shape, data.classes), THREADS if device.type == "cuda" else 1
        return Mlp(drawn(sizes, seeds, threads), sizes, configs or [config] * len(seeds), device)
    (seed,) = seeds
    model = _model(config, data, seed).to(device)
    if config["model"] == "cnn":
        model = models.pooled_first(model.children()).to(memory_format=torch.channels_last)
    return Autograd(model, config)


def _model(config: Config, data: Data, seed: int) -> nn.Module:
    torch.manual_seed(seed)
    return models.build(config, data.shape, data.classes)


class Autograd:
    """One model of any kind, with gradients by torch."""

    def __init__(self, model: nn.Module, config: Config) -> None:
        self.model, self.weights = model, models.parameters(model)
        self.take = optimizer(config, self.weights)
        self.half = setting(config, "precision") == "bf16"
        self.smoothing, self.longest = number(config, "label_smoothing"), number(config, "clip_norm")
        self.kept: dict[str, Tensor] = {}
        self.lost = torch.zeros(1, device=self.weights[0].device)

    @property
    def parameters(self) -> int:
        """How many numbers the model learns."""
        return sum(weight.numel() for weight in self.weights)

    def room(self, n: int) -> Tensor | None:
        """A batch is read as it lies: see Program."""
        return None

    def step(self, images: Tensor, labels: Tensor, lr: Sequence[float]) -> None:
        """One step on the only batch: see Program."""
        if not self.model.training:
            self.model.train()
        loss, logged = losses(self._answers(images[0]), labels[0], self.smoothing)
        gradients: Sequence[Tensor] = torch.autograd.grad(loss, self.weights)
        with torch.no_grad():
            if self.longest:
                gradients = [own[0] for own in clipped([own[None] for own in gradients], self.longest)]
            self.take(gradients, lr[0])
        self.lost.add_(logged, alpha=labels.shape[1])

    def losses(self) -> Tensor:
        """The loss since it was last asked for: see Program."""
        total = self.lost.clone()
        self.lost.zero_()
        return total

    @torch.no_grad()
    def logits(self, images: Tensor) -> Tensor:
        """What the model answers: see Program."""
        self.model.eval()
        parts = torch.split(images, TOGETHER[images.device.type])
        return torch.cat([self._answers(part) for part in parts])[None]

    def keep(self, place: int) -> None:
        """Remembers the model, the running means of its normalisation with it: see Program."""
        self.kept = {name: value.clone() for name, value in self.model.state_dict().items()}

    def restore(self, place: int) -> None:
        """Makes the model what was remembered: see Program."""
        self.model.load_state_dict(self.kept)

    def _answers(self, images: Tensor) -> Tensor:
        """The logits in the precision of the weights, whatever that of the products that they come from."""
        with torch.autocast(images.device.type, torch.bfloat16, enabled=self.half):
            answers: Tensor = self.model(images)
        return answers.to(self.weights[0].dtype)
