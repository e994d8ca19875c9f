"""Untrained MLPs of one shape in, a Program out that trains them side by side, its gradients written by hand.

Without autograd's bookkeeping a step is little more than its matrix products. A test holds it to autograd. What is left beside
the products is the price of calling torch, some microseconds a call: so a step makes no view and no tensor that it can keep.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from sweepbook.runner.config import Config, number, setting
from sweepbook.runner.training.objective import clipped
from sweepbook.runner.training.optim import optimizer
from torch import Tensor, nn

# Every weight matrix begins at a multiple of so many numbers: what a product rounds to may depend on where its operands lie.
ALIGNED = 32
# Looked up once: that too takes its time.
_through_relu = torch.ops.aten.threshold_backward.grad_input


@dataclass(frozen=True)
class Layer:
    """One layer of every model: weight [models, inputs, outputs] and bias [models, 1, outputs], and the two transposed."""

    weight: Tensor
    bias: Tensor
    across: Tensor
    column: Tensor


class Room:
    """Where models write what they answer to `n` examples each. Classes come before examples: the softmax over ten classes is
    five times as fast down the columns as along the rows."""

    def __init__(self, layers: Sequence[Layer], models: int, n: int) -> None:
        *sizes, classes = (layer.weight.shape[-1] for layer in layers)
        like = layers[0].weight
        self.hidden = [like.new_empty(models, n, size) for size in sizes]
        self.rows = like.new_empty(models, n, classes)
        self.columns = self.rows.mT
        self.logits = like.new_empty(models, classes, n)


class Desk(Room):
    """Where a step on batches of `n` examples a model writes, and the losses so far."""

    def __init__(self, layers: Sequence[Layer], n: int, smoothing: float, exact: torch.dtype) -> None:
        super().__init__(layers, len(layers[0].weight), n)
        self.images = self.inputs = layers[0].weight.new_empty(len(layers[0].weight), n, layers[0].weight.shape[-2])
        self.below = [hidden.mT for hidden in (self.inputs, *self.hidden)]
        self.slopes = [torch.empty_like(hidden) for hidden in self.hidden]
        self.slope = self.logits.mT
        self.logs, self.terms, self.losses = (torch.zeros_like(self.logits, dtype=exact) for _ in range(3))
        self.steep = self.logits if self.logits.dtype == exact else torch.empty_like(self.logs)
        # The slope of a mean loss by the logarithm of each class's probability, a column a label: as it is, and smoothed.
        models, classes, _ = self.logits.shape
        self.aims = self.losses.new_empty(classes, models * n)
        self.targets = self.aims.view(classes, models, n).movedim(1, 0)
        self.label = torch.eye(classes, dtype=exact, device=self.logits.device) / -n
        self.smoothed = self.label * (1 - smoothing) - smoothing / classes / n if smoothing else self.label

    def show(self, images: Tensor) -> None:
        """Takes in images [models, n, channels, height, width]: as they lie where their precision is that of the products."""
        if images.dtype != self.inputs.dtype:
            self.inputs.copy_(images.flatten(2))
        elif images is not self.images:
            self.images, self.inputs = images, images.flatten(2)
            self.below[0] = self.inputs.mT


class Mlp:
    """MLPs of one configuration, the parameters of each in a row of one matrix, in torch's order and each part `ALIGNED`."""

    def __init__(self, models: Sequence[nn.Module], config: Config, device: torch.device) -> None:
        """`models` are on the processor; their parameters go to `device` together, which is quicker than one by one."""
        own = [[part for part in model.modules() if isinstance(part, nn.Linear)] for model in models]
        self.sizes = [own[0][0].in_features, *(part.out_features for part in own[0])]
        weights = torch.zeros(len(models), _width(self.sizes), dtype=own[0][0].weight.dtype)
        for row, parts in enumerate(own):
            for layer, part in zip(layers(weights, self.sizes), parts, strict=True):
                layer.weight[row].copy_(part.weight.detach().T)
                layer.bias[row, 0].copy_(part.bias.detach())
        self.weights = weights.to(device)
        self.gradients = torch.zeros_like(self.weights)
        self.take = optimizer(config, [self.weights])
        self.smoothing, self.longest = number(config, "label_smoothing"), number(config, "clip_norm")
        # What the products are of and what they write: in float32 the weights and gradients themselves, else copies of them.
        half = setting(config, "precision") == "bf16"
        self.used, self.found = (matrix.bfloat16() if half else matrix for matrix in (self.weights, self.gradients))
        self.layers, self.steepness = layers(self.used, self.sizes), layers(self.found, self.sizes)
        self.desks: dict[int, Desk] = {}
        self.rooms: dict[int, Room] = {}
        self.kept: dict[int, Tensor] = {}

    @property
    def parameters(self) -> int:
        """How many numbers one of the models learns."""
        return sum((inputs + 1) * outputs for inputs, outputs in pairwise(self.sizes))

    def step(self, images: Tensor, labels: Tensor, lr: float) -> None:
        """One step of every model: see Program."""
        desk = self._desk(labels.shape[1])
        desk.show(images)
        if self.used is not self.weights:
            self.used.copy_(self.weights)
        _answer(self.layers, desk.inputs, desk)
        self._lose(labels, desk)
        self._descend(desk)
        if self.found is not self.gradients:
            self.gradients.copy_(self.found)
        self.take(clipped([self.gradients], self.longest) if self.longest else [self.gradients], lr)

    def losses(self) -> Tensor:
        """The loss of every model since it was last asked for: see Program."""
        total = self.weights.new_zeros(len(self.weights))
        for desk in self.desks.values():
            total += desk.losses.flatten(1).sum(1) * desk.losses.shape[2]
            desk.losses.zero_()
        return total

    def logits(self, images: Tensor) -> Tensor:
        """What every model answers: see Program. One model after the other on a processor, whose cache holds no more."""
        if self.used is not self.weights:
            self.used.copy_(self.weights)
        inputs, models = images.flatten(1).to(self.used.dtype), len(self.weights)
        together = models if images.is_cuda else 1
        if len(images) not in self.rooms:
            self.rooms[len(images)] = Room(self.layers, together, len(images))
        room = self.rooms[len(images)]
        answers = self.weights.new_empty(models, self.sizes[-1], len(images))
        for start in range(0, models, together):
            rows = slice(start, start + together)
            own = layers(self.used[rows], self.sizes)
            _answer(own, inputs.expand(together, -1, -1), room)
            answers[rows].copy_(room.logits)
        return answers.mT

    def keep(self, place: int) -> None:
        """Remembers the model at `place`: see Program."""
        self.kept[place] = self.weights[place].clone()

    def restore(self, place: int) -> None:
        """Makes the model at `place` what was remembered: see Program."""
        self.weights[place].copy_(self.kept[place])

    def _desk(self, n: int) -> Desk:
        if n not in self.desks:
            self.desks[n] = Desk(self.layers, n, self.smoothing, self.weights.dtype)
        return self.desks[n]

    def _lose(self, labels: Tensor, desk: Desk) -> None:
        """Adds each example's part of the mean cross-entropy to the losses, and writes the slope by each logit over the logits."""
        flat = labels.view(-1)
        torch.log_softmax(desk.logits, 1, dtype=desk.logs.dtype, out=desk.logs)
        torch.index_select(desk.label, 1, flat, out=desk.aims)
        # Not addcmul: it may round otherwise at the end of a row than in its middle, and that depends on how many rows there are.
        desk.losses.add_(torch.mul(desk.targets, desk.logs, out=desk.terms))
        if self.smoothing:
            torch.index_select(desk.smoothed, 1, flat, out=desk.aims)
        torch._log_softmax_backward_data(desk.targets, desk.logs, 1, desk.steep.dtype, out=desk.steep)
        if desk.steep is not desk.logits:
            desk.logits.copy_(desk.steep)

    def _descend(self, desk: Desk) -> None:
        """Writes the gradients, from the last layer to the first."""
        slope = desk.slope
        for place in reversed(range(len(self.layers))):
            torch.bmm(desk.below[place], slope, out=self.steepness[place].weight)
            torch.sum(slope, -2, keepdim=True, out=self.steepness[place].bias)
            if place:
                through = torch.bmm(slope, self.layers[place].across, out=desk.slopes[place - 1])
                slope = _through_relu(through, desk.hidden[place - 1], 0, grad_input=through)


def _answer(layers: Sequence[Layer], inputs: Tensor, room: Room) -> None:
    """Writes what models with such layers make of inputs [models, n, inputs]: what is hidden, and the logits."""
    for layer, hidden in zip(layers, room.hidden, strict=False):
        torch.baddbmm(layer.bias, inputs, layer.weight, out=hidden)
        inputs = hidden.relu_()
    torch.bmm(inputs, layers[-1].weight, out=room.rows)
    torch.add(room.columns, layers[-1].column, out=room.logits)


def layers(matrix: Tensor, sizes: Sequence[int]) -> list[Layer]:
    """The parameters of layers from each of `sizes` to the next, as views of the rows of `matrix`."""
    views, start = [], 0
    for inputs, outputs in pairwise(sizes):
        weight = matrix[:, start : start + inputs * outputs].view(-1, inputs, outputs)
        start += _padded(inputs * outputs)
        bias = matrix[:, None, start : start + outputs]
        start += _padded(outputs)
        views.append(Layer(weight, bias, weight.mT, bias.mT))
    return views


def _width(sizes: Sequence[int]) -> int:
    return sum(_padded(inputs * outputs) + _padded(outputs) for inputs, outputs in pairwise(sizes))


def _padded(count: int) -> int:
    return -(-count // ALIGNED) * ALIGNED
