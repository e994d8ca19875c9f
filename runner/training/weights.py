"""Sizes of layers and seeds in, the first numbers of MLPs out: those of torch's layers of the same seeds."""

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import torch
from torch import Tensor, nn


def drawn(sizes: Sequence[int], seeds: Sequence[int], threads: int = 1) -> Tensor:
    """A row a seed: of each layer from one of `sizes` to the next its weight [outputs, inputs], row by row, and its bias.

    Drawn in so many threads, each seed by itself: hundreds of models, as a GPU has them, take as long to draw as to train.
    """
    rows = torch.empty(len(seeds), sum((inputs + 1) * outputs for inputs, outputs in pairwise(sizes)))
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda row, seed: _draw(row, sizes, seed), rows, seeds))
    return rows


def _draw(row: Tensor, sizes: Sequence[int], seed: int) -> None:
    """As torch.nn.Linear draws, from a generator of its own."""
    generator, start = torch.Generator().manual_seed(seed), 0
    for inputs, outputs in pairwise(sizes):
        middle, end = start + inputs * outputs, start + (inputs + 1) * outputs
        nn.init.kaiming_uniform_(row[start:middle].view(outputs, inputs), a=math.sqrt(5), generator=generator)
        nn.init.uniform_(row[middle:end], -1 / math.sqrt(inputs), 1 / math.sqrt(inputs), generator=generator)
        start = end
