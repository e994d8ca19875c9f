"""A dataset's name in, its sizes out: the splits of those that the trainer has, the classes of the known ones."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Dataset:
    """The examples in the splits of a dataset of ours, the numbers that an image has, its height and width, and its classes."""

    train: int
    valid: int
    test: int
    inputs: int
    side: int
    classes: int = 10


DATASETS = {
    "fashion_mnist": Dataset(50_000, 10_000, 10_000, 784, 28),
    "cifar10": Dataset(40_000, 10_000, 10_000, 3_072, 32),
    "digits": Dataset(1_078, 360, 359, 64, 8),
}
# By the letters and digits of the name alone, which other tools spell as they like.
KNOWN = {"fashionmnist": 10, "cifar10": 10, "digits": 10, "mnist": 10, "kmnist": 10, "svhn": 10, "cifar100": 100}
KNOWN |= {"stl10": 10, "imagenet": 1000, "imagenet1k": 1000, "tinyimagenet": 200, "iris": 3}


def classes_of(name: object) -> int | None:
    """How many classes the dataset of that name has; None where it is not a known one.

    >>> classes_of("CIFAR-10"), classes_of("mine")
    (10, None)
    """
    return KNOWN.get(re.sub("[^a-z0-9]", "", str(name).lower()))
