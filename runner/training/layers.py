"""The parameters of MLPs of one shape in, their layers out, as views; and what the layers make of inputs, and of slopes.

The layers may be those of one model, in two dimensions, or of several together, with one dimension more, written here as
[models, ...]. torch's batched products take up to a quarter longer for one model, and save calls for several.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import torch
from torch import Tensor

# Every weight matrix begins at a multiple of so many numbers: what a product rounds to may depend on where its operands lie.
ALIGNED = 32
# Rows of the matrix of all models' numbers: one model, and then what is its own has no dimension for models, or several.
Place: TypeAlias = int | slice
Product: TypeAlias = Callable[..., Tensor]
# Looked up once: that too takes its time.
_through_relu = torch.ops.aten.threshold_backward.grad_input


@dataclass(frozen=True)
class Layer:
    """One layer: weight [models, inputs, outputs] and bias [models, 1, outputs], and the two transposed."""

    weight: Tensor
    bias: Tensor
    across: Tensor
    column: Tensor


class Room:
    """Where layers write what they make of `n` examples: the values of every hidden layer, and the same transposed."""

    def __init__(self, own: Sequence[Layer], n: int) -> None:
        first = own[0].weight
        self.hidden = [first.new_empty(*first.shape[:-2], n, layer.weight.shape[-1]) for layer in own[:-1]]
        self.across = [hidden.mT for hidden in self.hidden]


class Sheet(Room):
    """Where layers write in a step, and the inputs and logits of it. The slope by each logit comes in place of the logit."""

    def __init__(self, own: Sequence[Layer], n: int, inputs: Tensor, logits: Tensor) -> None:
        super().__init__(own, n)
        self.logits, self.steep = logits, logits.mT
        self.slopes = [torch.empty_like(hidden) for hidden in self.hidden]
        self.below = [inputs.mT, *self.across]
        self.inputs = inputs

    def show(self, inputs: Tensor) -> None:
        """Takes in the inputs of the step, [models, n, inputs]."""
        self.inputs, self.below[0] = inputs, inputs.mT


class Net:
    """Layers whose products are taken together, of the models at `place`, and where the gradients of their parameters go."""

    def __init__(self, place: Place, used: Tensor, found: Tensor, sizes: Sequence[int]) -> None:
        self.place = place
        self.layers, self.gradients = layers(used[place], sizes), layers(found[place], sizes)
        single = isinstance(place, int)
        self.product: Product = torch.mm if single else torch.bmm
        self.plus_product: Product = torch.addmm if single else torch.baddbmm
        self.hide = _hide if single else _hide_together

    def answer(self, inputs: Tensor, room: Room, logits: Tensor) -> None:
        """Writes what the layers make of inputs [models, n, inputs]: what is hidden, and the logits, [models, classes, n].

        Classes come before examples: the softmax over ten classes is five times as fast down the columns as along the rows.
        """
        for layer, hidden in zip(self.layers, room.hidden, strict=False):
            self.hide(layer, inputs, hidden)
            inputs = hidden
        last = self.layers[-1]
        self.plus_product(last.column, last.across, room.across[-1], out=logits)

    def descend(self, sheet: Sheet) -> None:
        """Writes the gradients, from the last layer to the first."""
        self.product(sheet.logits, sheet.hidden[-1], out=self.gradients[-1].across)
        torch.sum(sheet.logits, -1, keepdim=True, out=self.gradients[-1].column)
        above = sheet.steep
        for place in reversed(range(len(self.layers) - 1)):
            slope, own = sheet.slopes[place], self.gradients[place]
            self.product(above, self.layers[place + 1].across, out=slope)
            _through_relu(slope, sheet.hidden[place], 0, grad_input=slope)
            self.product(sheet.below[place], slope, out=own.weight)
            torch.sum(slope, -2, keepdim=True, out=own.bias)
            above = slope


def _hide(layer: Layer, inputs: Tensor, hidden: Tensor) -> None:
    """Private in torch, and there since 1.12: the product, the bias and the ReLU in one call, where two take 4% longer."""
    torch._addmm_activation(layer.bias, inputs, layer.weight, out=hidden)


def _hide_together(layer: Layer, inputs: Tensor, hidden: Tensor) -> None:
    torch.baddbmm(layer.bias, inputs, layer.weight, out=hidden).relu_()


def layers(matrix: Tensor, sizes: Sequence[int]) -> list[Layer]:
    """The parameters of layers from each of `sizes` to the next, as views of one model's numbers or of a row of them a model.

    The last weights lie in memory as torch has them, column by column, which makes the products of few classes the quicker.
    """
    views, start, ahead = [], 0, matrix.shape[:-1]
    for number, (inputs, outputs) in enumerate(pairwise(sizes), 2):
        numbers = matrix[..., start : start + inputs * outputs]
        start += _padded(inputs * outputs)
        bias = matrix[..., None, start : start + outputs]
        start += _padded(outputs)
        last = number == len(sizes)
        weight = numbers.view(*ahead, outputs, inputs).mT if last else numbers.view(*ahead, inputs, outputs)
        views.append(Layer(weight, bias, weight.mT, bias.mT))
    return views


def width(sizes: Sequence[int]) -> int:
    """How many numbers a model of such layers has, with those between its parts that nothing reads."""
    return sum(_padded(inputs * outputs) + _padded(outputs) for inputs, outputs in pairwise(sizes))


def _padded(count: int) -> int:
    return -(-count // ALIGNED) * ALIGNED
