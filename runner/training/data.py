"""A dataset's name in, its images and labels out as tensors on the device; the test images only when asked for by name."""

import gzip
import os
import shutil
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TypeAlias

import filelock
import numpy as np
import numpy.typing as npt
import torch
from sweepbook.runner.config import SweepbookError
from sweepbook.runner.datasets import DATASETS
from sweepbook.runner.settings import is_own
from sweepbook.runner.training import own
from sweepbook.runner.training.digest import digest
from torch import Tensor

# One permutation of the training images, the same for every run, puts the validation images last.
SPLIT_SEED = 0
DEBIAN_FASHION_MNIST = Path("/usr/share/datasets/fashion-mnist")
FASHION_MNIST_FILES = {
    True: ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    False: ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}

OWN_VALID = 5
WHITE = {"digits": 16}  # the largest value of a pixel, where it is not 255

Arrays: TypeAlias = tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]


class DataError(SweepbookError):
    """A dataset that is not on this machine and cannot be fetched."""


@dataclass(frozen=True)
class Split:
    """Images [n, channels, height, width], float32 from 0 to 1, and labels [n], int64, on one device. A user's own examples may
    have any shape and be of int64. `digest` is of both as the dataset has them: a quarter of the bytes."""

    images: Tensor
    labels: Tensor
    digest: str = ""

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def halves(self) -> Tensor:
        """The images in bfloat16, a row each: rounded once here, not in every step."""
        return self.images.flatten(1).bfloat16()


@dataclass(frozen=True)
class Data:
    """What a run trains on and is scored on. The test images are not among it."""

    train: Split
    valid: Split

    @property
    def described(self) -> tuple[int, int, str, str]:
        """What a log says of the training and the validation split: the examples of each, and then the digests."""
        return len(self.train), len(self.valid), self.train.digest, self.valid.digest

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one example: of an image its channels, height and width."""
        return tuple(self.train.images.shape[1:])

    @property
    def classes(self) -> int:
        """How many classes there are: the labels count from 0."""
        return 1 + max(int(split.labels.max()) for split in (self.train, self.valid))


def load(name: str, device: torch.device) -> Data:
    """The training images of dataset `name`, split into training and validation, the same way every time."""
    if is_own(name):
        return _own(name, device)
    images, labels = _arrays(name, train=True)
    train, valid = np.split(_order(len(labels)).numpy(), [len(labels) - DATASETS[name].valid])
    splits = [_split(images[rows], labels[rows], WHITE.get(name, 255), device) for rows in (train, valid)]
    return Data(*splits)


def load_test(name: str, device: torch.device) -> Split:
    """The test images of dataset `name`. To be read once, for the configuration that validation chose."""
    if is_own(name):
        return _own_split(*own.arrays_of_test(name), device)
    images, labels = _arrays(name, train=False)
    return _split(images, labels, WHITE.get(name, 255), device)


def cache_folder() -> Path:
    """Where downloaded datasets are kept: SWEEPBOOK_DATA, else the user's cache folder."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("SWEEPBOOK_DATA") or Path(cache) / "sweepbook" / "data")


def _order(examples: int) -> Tensor:
    return torch.randperm(examples, generator=torch.Generator().manual_seed(SPLIT_SEED))


def _own(name: str, device: torch.device) -> Data:
    """A user's own data: where they come in one piece, one example in `OWN_VALID` validates."""
    pairs = own.arrays(name)
    if len(pairs) == 1:
        images, labels = pairs[0]
        count = len(labels) - max(1, len(labels) // OWN_VALID)
        pairs = [(images[rows], labels[rows]) for rows in torch.tensor_split(_order(len(labels)), [count])]
    return Data(*(_own_split(*pair, device) for pair in pairs))


def _own_split(images: Tensor, labels: Tensor, device: torch.device) -> Split:
    """Bytes are pixels, and become numbers from 0 to 1; other whole numbers stay what they are."""
    known = digest(images, labels)
    if images.dtype == torch.uint8:
        images = images.float() / 255
    images = images.float() if images.is_floating_point() else images.long()
    return Split(images.to(device), labels.long().to(device), known)


def _split(pixels: npt.NDArray[np.uint8], labels: npt.NDArray[np.int64], white: int, device: torch.device) -> Split:
    images = torch.from_numpy(pixels.astype(np.float32) / np.float32(white))
    known = digest(torch.from_numpy(pixels), torch.from_numpy(labels))
    return Split(images.to(device), torch.from_numpy(labels).to(device), known)


def _arrays(name: str, train: bool) -> Arrays:
    """Pixels [n, channels, height, width] and labels [n]."""
    read = {"fashion_mnist": _fashion_mnist, "cifar10": _cifar10, "digits": _digits}[name]
    return read(train)


def _digits(train: bool) -> Arrays:
    """scikit-learn's digits: 8x8 images. It names no test images: every fifth is one."""
    images, labels = _digits_of_sklearn()
    test = np.arange(len(labels)) % 5 == 4
    chosen = ~test if train else test
    return images[chosen].reshape(-1, 1, 8, 8).astype(np.uint8), labels[chosen].astype(np.int64)


def _digits_of_sklearn() -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """What its load_digits gives, from the file that it reads: importing scikit-learn takes every worker two seconds."""
    package = find_spec("sklearn")
    path = Path(package.origin or "").parent / "datasets" / "data" / "digits.csv.gz" if package else None
    if path and path.is_file():
        table = np.loadtxt(path, delimiter=",")
        return table[:, :-1], table[:, -1]
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    return images, labels


def _fashion_mnist(train: bool) -> Arrays:
    folder = _fashion_mnist_files()
    images, labels = FASHION_MNIST_FILES[train]
    pixels = np.fromfile(folder / images, np.uint8, offset=16).reshape(-1, 1, 28, 28)
    return pixels, np.fromfile(folder / labels, np.uint8, offset=8).astype(np.int64)


def _fashion_mnist_files() -> Path:
    """The folder of the four unpacked files: as an earlier call left them, else unpacked from Debian's, else downloaded."""
    root = cache_folder()
    raw = root / "FashionMNIST" / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    names = [name for pair in FASHION_MNIST_FILES.values() for name in pair]
    with filelock.FileLock(root / ".fashion_mnist.lock"):
        absent = [name for name in names if not (raw / name).is_file()]
        if absent and DEBIAN_FASHION_MNIST.is_dir():
            for name in absent:
                _unpack(DEBIAN_FASHION_MNIST / f"{name}.gz", raw / name)
        elif absent:
            _download_fashion_mnist(root)
    return raw


def _unpack(packed: Path, target: Path) -> None:
    """Unpacks a gzip file; the target is there whole or not at all."""
    beside = target.with_suffix(".part")
    with gzip.open(packed) as source, beside.open("wb") as file:
        shutil.copyfileobj(source, file)
    beside.replace(target)


def _download_fashion_mnist(root: Path) -> None:
    """Fetches the files with torchvision, which checks their sums; they come to their place once all are unpacked."""
    from torchvision.datasets import FashionMNIST

    beside = root / "FashionMNIST.part"
    try:
        FashionMNIST(str(beside), download=True)
    except (OSError, RuntimeError) as error:
        raise DataError(
            f'dataset "fashion_mnist" is neither here nor to be had: the download failed ({error}).\n'
            f"Allow the download, or install Debian's package: apt-get install dataset-fashion-mnist"
        ) from None
    for file in (beside / "FashionMNIST" / "raw").glob("*-ubyte"):
        file.replace(root / "FashionMNIST" / "raw" / file.name)
    shutil.rmtree(beside)


def _cifar10(train: bool) -> Arrays:
    from torchvision.datasets import CIFAR10

    root = cache_folder()
    root.mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(root / ".cifar10.lock"):
            dataset = CIFAR10(str(root), train=train, download=True)
    except (OSError, RuntimeError) as error:
        raise DataError(f'dataset "cifar10" is not in {root} and its download failed: {error}') from None
    return dataset.data.transpose(0, 3, 1, 2), np.asarray(dataset.targets, np.int64)
