"""Logits and labels in, the loss to train on and the loss to log out; gradients in, gradients of bounded length out."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

SMALL = 1e-6  # added to a length before dividing by it, as torch.nn.utils.clip_grad_norm_ does


def losses(logits: Tensor, labels: Tensor, smoothing: float) -> tuple[Tensor, Tensor]:
    """The mean loss to train on, its labels smoothed, and the mean cross-entropy with the labels as they are, detached.

    Only the first knows of `smoothing`, so that the loss in a log means the same whatever it is.
    """
    loss = F.cross_entropy(logits, labels, label_smoothing=smoothing)
    return loss, F.cross_entropy(logits.detach(), labels) if smoothing else loss.detach()


def clipped(gradients: Sequence[Tensor], most: float) -> list[Tensor]:
    """The gradients of several models, each [models, ...]; those of a model longer than `most` together are shortened to it."""
    lengths = torch.stack([torch.linalg.vector_norm(own.flatten(1), dim=1) for own in gradients])
    scale = (most / (torch.linalg.vector_norm(lengths, dim=0) + SMALL)).clamp(max=1.0)
    return [own * scale.view(-1, *[1] * (own.dim() - 1)) for own in gradients]
