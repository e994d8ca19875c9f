"""A configuration and seeds in, a function out that shifts, mirrors and turns every training image by a draw of its own."""

import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

import torch
import torch.nn.functional as F
from sweepbook.runner.config import Config, number, whole
from torch import Tensor

Augment: TypeAlias = Callable[[Tensor], Tensor]

APART = 2**63  # added to a seed, so that what is done to an image has nothing to do with the order of the images


def augmentation(config: Config, seeds: Sequence[int]) -> Augment | None:
    """A function of images [models, n, channels, height, width] to images like them; None where `config` asks for none.

    What it does to a model's images depends on the model's seed alone, and not on the device.
    """
    shift, flip, rotation = whole(config, "shift"), number(config, "flip"), number(config, "rotation")
    if not (shift or flip or rotation):
        return None
    generators = [torch.Generator().manual_seed(APART + seed) for seed in seeds]
    mode = "bilinear" if rotation else "nearest"  # a shift by whole pixels needs no mixing of them

    def augment(images: Tensor) -> Tensor:
        flat = images.flatten(0, 1)
        draws = torch.cat([torch.rand(images.shape[1], 4, generator=own) for own in generators])
        turns = _maps(draws, shift, flip, rotation, flat.shape[-2], flat.shape[-1]).to(flat.device)
        grid = F.affine_grid(turns, list(flat.shape), align_corners=False)
        return F.grid_sample(flat, grid, mode=mode, padding_mode="zeros", align_corners=False).view_as(images)

    return augment


def _maps(draws: Tensor, shift: int, flip: float, rotation: float, height: int, width: int) -> Tensor:
    """For each image the affine map [2, 3] from a place in the new image to that in the old, both from -1 to 1.

    `draws` has four numbers from 0 to 1 an image: for the shift across and down, the mirror and the angle. All four are drawn
    whatever is asked for: with rotation or without, the shifts of a seed are the same.
    """
    across, down = ((draws[:, :2] * (2 * shift + 1)).floor().clamp(max=2 * shift) - shift).unbind(1)
    mirror = torch.where(draws[:, 2] < flip, -1.0, 1.0)
    angle = (2 * draws[:, 3] - 1) * math.radians(rotation)
    sine, cosine = angle.sin(), angle.cos()
    first = torch.stack([mirror * cosine, -sine * height / width, 2 * across / width], 1)
    second = torch.stack([mirror * sine * width / height, cosine, 2 * down / height], 1)
    return torch.stack([first, second], 1)
