"""A configuration in, a model out."""

from itertools import pairwise

from sweepbook.runner.config import Config, whole
from torch import Tensor, nn


def build(config: Config, shape: tuple[int, int, int], classes: int) -> nn.Module:
    """The model of `config` for images of `shape` (channels, height, width); its output is a logit a class.

    `mlp` has `depth` hidden layers: units1, then units2 for every further one. `cnn` has two 3x3 convolutions, of
    `channels` and twice as many, each halved by max pooling, and one hidden layer of units1.
    """
    if config["model"] == "mlp":
        return _mlp(config, shape, classes)
    return _cnn(config, shape, classes)


def _mlp(config: Config, shape: tuple[int, int, int], classes: int) -> nn.Module:
    depth = whole(config, "depth")
    hidden = [whole(config, "units1")] + [whole(config, "units2") for _ in range(depth - 1)]
    layers: list[nn.Module] = [nn.Flatten()]
    for inputs, outputs in pairwise([shape[0] * shape[1] * shape[2], *hidden]):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(hidden[-1], classes))


def _cnn(config: Config, shape: tuple[int, int, int], classes: int) -> nn.Module:
    width, units = whole(config, "channels"), whole(config, "units1")
    return nn.Sequential(
        nn.Conv2d(shape[0], width, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(width, 2 * width, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(2 * width * (shape[1] // 4) * (shape[2] // 4), units),
        nn.ReLU(),
        nn.Linear(units, classes),
    )


def parameters(model: nn.Module) -> list[Tensor]:
    """The parameters that training changes."""
    return [p for p in model.parameters() if p.requires_grad]
