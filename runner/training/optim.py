"""A configuration and parameters in, a function out that takes one optimiser step.

The arithmetic is torch's own, as its functional API calls it. Its classes do the same, but pay Python bookkeeping on every step
and import torch's compiler on the first, 1.5 s a process. Adam skips the functional API too, whose sorting of tensors by device
takes as long as a small layer's product.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import torch
from sweepbook.runner.config import Config
from sweepbook.runner.settings import OPTIMIZERS
from torch import Tensor
from torch.optim.rmsprop import rmsprop
from torch.optim.sgd import sgd

Step: TypeAlias = Callable[[Sequence[Tensor], float], None]


def optimizer(config: Config, parameters: list[Tensor]) -> Step:
    """A function that takes the gradients of `parameters`, in their order, and a learning rate, and updates them in place."""
    name = str(config["optimizer"])
    keywords = {key: config.get(key, default) for key, default in OPTIMIZERS[name].items()}
    return _MAKERS[name](parameters, keywords)


def _zeros(parameters: list[Tensor]) -> list[Tensor]:
    return [torch.zeros_like(p, memory_format=torch.preserve_format) for p in parameters]


def _counters(parameters: list[Tensor]) -> list[Tensor]:
    return [torch.zeros((), device=p.device) for p in parameters]


def _sgd(parameters: list[Tensor], keywords: dict[str, Any]) -> Step:
    buffers: list[Tensor | None] = [None for _ in parameters]

    def step(gradients: Sequence[Tensor], lr: float) -> None:
        sgd(parameters, list(gradients), buffers, fused=True, foreach=False, lr=lr, maximize=False, **keywords)

    return step


def _adam_like(function: Any) -> Callable[[list[Tensor], dict[str, Any]], Step]:
    def make(parameters: list[Tensor], keywords: dict[str, Any]) -> Step:
        beta1, beta2 = keywords.pop("betas")
        means, squares, count = _zeros(parameters), _zeros(parameters), torch.zeros((), device=parameters[0].device)
        counters = [count] * len(parameters)  # one for all: they only read it
        largest = _zeros(parameters) if keywords["amsgrad"] else []
        fixed = {"maximize": False, "beta1": beta1, "beta2": beta2, **keywords}

        def step(gradients: Sequence[Tensor], lr: float) -> None:
            count.add_(1)
            function(parameters, list(gradients), means, squares, largest, counters, lr=lr, **fixed)

        return step

    return make


def _rmsprop(parameters: list[Tensor], keywords: dict[str, Any]) -> Step:
    squares, counters = _zeros(parameters), _counters(parameters)
    means = _zeros(parameters) if keywords["centered"] else []
    buffers = _zeros(parameters) if keywords["momentum"] > 0 else []

    def step(gradients: Sequence[Tensor], lr: float) -> None:
        rmsprop(parameters, list(gradients), squares, means, buffers, counters, foreach=True, lr=lr, **keywords)

    return step


_MAKERS = {"SGD": _sgd, "Adam": _adam_like(torch._fused_adam_), "AdamW": _adam_like(torch._fused_adamw_), "RMSprop": _rmsprop}
