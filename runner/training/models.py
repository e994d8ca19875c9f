"""A configuration in, a model out."""

from collections.abc import Iterable
from itertools import pairwise
from math import prod

from sweepbook.runner.config import Config, number, setting, whole
from sweepbook.runner.settings import is_own
from sweepbook.runner.training import own
from torch import Tensor, nn


def build(config: Config, shape: tuple[int, ...], classes: int) -> nn.Module:
    """The model of `config` for examples of `shape`, of images channels, height and width; its output is a logit a class.

    `mlp` has `depth` hidden layers: units1, then units2 for every further one. `cnn` has `blocks` 3x3 convolutions, of
    `channels` and each of twice as many as the one before, each halved by max pooling, and one hidden layer of units1.
    """
    if is_own(config["model"]):
        return own.model(config, shape, classes)
    if config["model"] == "mlp":
        return _mlp(config, shape, classes)
    return _cnn(config, shape, classes)


def sizes(config: Config, shape: tuple[int, ...], classes: int) -> list[int]:
    """How many numbers go into each layer of the `mlp` of `config`, and come out of the last."""
    hidden = [whole(config, "units1")] + [whole(config, "units2") for _ in range(whole(config, "depth") - 1)]
    return [prod(shape), *hidden, classes]


def _mlp(config: Config, shape: tuple[int, ...], classes: int) -> nn.Module:
    *hidden, _ = sizes(config, shape, classes)
    layers: list[nn.Module] = [nn.Flatten()]
    for inputs, outputs in pairwise(hidden):
        layers += _hidden(config, inputs, outputs)
    return nn.Sequential(*layers, nn.Linear(hidden[-1], classes))


def _cnn(config: Config, shape: tuple[int, ...], classes: int) -> nn.Module:
    blocks, width, units = whole(config, "blocks"), whole(config, "channels"), whole(config, "units1")
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise([shape[0], *(width * 2**block for block in range(blocks))]):
        layers.append(nn.Conv2d(inputs, outputs, 3, padding=1))
        layers += [nn.BatchNorm2d(outputs)] if setting(config, "batch_norm") else []
        layers += [nn.ReLU(), nn.MaxPool2d(2)]
    inputs = outputs * (shape[1] // 2**blocks) * (shape[2] // 2**blocks)
    return nn.Sequential(*layers, nn.Flatten(), *_hidden(config, inputs, units), nn.Linear(units, classes))


def _hidden(config: Config, inputs: int, outputs: int) -> list[nn.Module]:
    """A fully connected layer with what its configuration puts behind it."""
    layers: list[nn.Module] = [nn.Linear(inputs, outputs)]
    layers += [nn.BatchNorm1d(outputs)] if setting(config, "batch_norm") else []
    layers += [nn.ReLU()]
    return layers + ([nn.Dropout(share)] if (share := number(config, "dropout")) else [])


def pooled_first(layers: Iterable[nn.Module]) -> nn.Sequential:
    """A model of `layers`, each pooling before the ReLU that it follows: the same numbers, and a quarter of them for ReLU.

    The largest of four numbers that ReLU has seen is what ReLU makes of the largest, and the gradient goes the same way back.
    """
    order = list(layers)
    for place, (one, other) in enumerate(pairwise(order)):
        if isinstance(one, nn.ReLU) and isinstance(other, nn.MaxPool2d):
            order[place : place + 2] = other, one
    return nn.Sequential(*order)


def parameters(model: nn.Module) -> list[Tensor]:
    """The parameters that training changes."""
    return [p for p in model.parameters() if p.requires_grad]
