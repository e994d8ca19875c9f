"""The parameters of MLPs of one shape in, their layers out, as views; and what the layers make of inputs, and of slopes.

The layers may be those of several models together, which saves calls, or of one model, whose tensors have no dimension for the
models. There the bias is one more row of the weights and behind the values of each example comes a one: the products then add
the biases, and sum their gradients.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import torch
from torch import Tensor

# Every weight matrix begins at a multiple of so many numbers: what a product rounds to may depend on where its operands lie.
ALIGNED = 32
# Rows of the matrix of all models' numbers: one model, and then what is its own has no dimension for models, or several.
Place: TypeAlias = int | slice
# Looked up once: that too takes its time.
_through_relu = torch.ops.aten.threshold_backward.grad_input


# Numbers between the values of two examples: a one, and what keeps rows at whole cache lines that are no power of two apart.
GAP = 16


@dataclass(frozen=True)
class Layer:
    """One layer: weight [models, inputs, outputs] and bias [models, 1, outputs], and the two in one, the bias below; transposed."""

    weight: Tensor
    bias: Tensor
    whole: Tensor
    across: Tensor
    column: Tensor
    whole_across: Tensor


class Room:
    """Where layers write the values of every hidden layer for `n` examples; `whole` has the one behind them as well."""

    def __init__(self, own: Sequence[Layer], n: int, gap: int) -> None:
        first, sizes = own[0].weight, [layer.weight.shape[-1] for layer in own[:-1]]
        rows = [first.new_ones(*first.shape[:-2], n, size + gap) for size in sizes]
        self.hidden = [values[..., :size] for values, size in zip(rows, sizes, strict=True)]
        self.whole = [values[..., : size + 1] for values, size in zip(rows, sizes, strict=True)]
        self.across = [values.mT for values in self.hidden]
        self.whole_across = [values.mT for values in self.whole]


class Sheet(Room):
    """Where layers write in a step on inputs [models, n, inputs + gap]. The slope by each logit comes in place of the logit."""

    def __init__(self, own: Sequence[Layer], n: int, gap: int, inputs: Tensor, logits: Tensor) -> None:
        super().__init__(own, n, gap)
        size = own[0].weight.shape[-2]
        self.logits, self.steep = logits, logits.mT
        self.slopes = [values.new_empty(values.shape) for values in self.hidden]
        self.inputs, self.whole_inputs = inputs[..., :size], inputs[..., : size + 1]
        self.below = [self.inputs.mT, *self.across]
        self.whole_below = [self.whole_inputs.mT, *self.whole_across]


class Net:
    """Layers of several models, whose products are taken together, and where the gradients of their parameters go."""

    gap = 0

    def __init__(self, place: Place, used: Tensor, found: Tensor, sizes: Sequence[int]) -> None:
        self.place = place
        self.layers, self.gradients = layers(used[place], sizes), layers(found[place], sizes)

    def room(self, n: int) -> Room:
        """A room for `n` examples a model."""
        return Room(self.layers, n, self.gap)

    def sheet(self, inputs: Tensor, logits: Tensor) -> Sheet:
        """A sheet for steps on these inputs [models, n, inputs + gap]."""
        return Sheet(self.layers, inputs.shape[-2], self.gap, inputs, logits)

    def answer(self, inputs: Tensor, room: Room, logits: Tensor) -> None:
        """Writes what the layers make of inputs [models, n, inputs]: what is hidden, and the logits, [models, classes, n].

        Classes come before examples: the softmax over ten classes is five times as fast down the columns as along the rows.
        """
        for layer, hidden in zip(self.layers, room.hidden, strict=False):
            torch.baddbmm(layer.bias, inputs, layer.weight, out=hidden).relu_()
            inputs = hidden
        last = self.layers[-1]
        torch.baddbmm(last.column, last.across, room.across[-1], out=logits)

    def begin(self, sheet: Sheet) -> None:
        """Writes what the layers make of the inputs of the sheet."""
        self.answer(sheet.inputs, sheet, sheet.logits)

    def descend(self, sheet: Sheet) -> None:
        """Writes the gradients, from the last layer to the first."""
        torch.bmm(sheet.logits, sheet.hidden[-1], out=self.gradients[-1].across)
        torch.sum(sheet.logits, -1, keepdim=True, out=self.gradients[-1].column)
        above = sheet.steep
        for place in reversed(range(len(self.layers) - 1)):
            slope, own = sheet.slopes[place], self.gradients[place]
            torch.bmm(above, self.layers[place + 1].across, out=slope)
            _through_relu(slope, sheet.hidden[place], 0, grad_input=slope)
            torch.bmm(sheet.below[place], slope, out=own.weight)
            torch.sum(slope, -2, keepdim=True, out=own.bias)
            above = slope


class Single(Net):
    """Layers of one model. Large ones are quicker so: torch's products of several matrices take up to a quarter longer."""

    gap = GAP

    def answer(self, inputs: Tensor, room: Room, logits: Tensor) -> None:
        """See Net. The inputs, of an evaluation, have no one behind them."""
        first = self.layers[0]
        torch.addmm(first.bias, inputs, first.weight, out=room.hidden[0]).relu_()
        self._go_on(room, logits)

    def begin(self, sheet: Sheet) -> None:
        """See Net."""
        torch.mm(sheet.whole_inputs, self.layers[0].whole, out=sheet.hidden[0]).relu_()
        self._go_on(sheet, sheet.logits)

    def _go_on(self, room: Room, logits: Tensor) -> None:
        """Writes what comes after the first hidden layer."""
        for place, layer in enumerate(self.layers[1:-1]):
            torch.mm(room.whole[place], layer.whole, out=room.hidden[place + 1]).relu_()
        torch.mm(self.layers[-1].whole_across, room.whole_across[-1], out=logits)

    def descend(self, sheet: Sheet) -> None:
        """See Net."""
        torch.mm(sheet.logits, sheet.whole[-1], out=self.gradients[-1].whole_across)
        above = sheet.steep
        for place in reversed(range(len(self.layers) - 1)):
            slope = sheet.slopes[place]
            torch.mm(above, self.layers[place + 1].across, out=slope)
            _through_relu(slope, sheet.hidden[place], 0, grad_input=slope)
            torch.mm(sheet.whole_below[place], slope, out=self.gradients[place].whole)
            above = slope


def layers(matrix: Tensor, sizes: Sequence[int]) -> list[Layer]:
    """The parameters of layers from each of `sizes` to the next, as views of one model's numbers or of a row of them a model.

    The last weights lie in memory as torch has them, column by column, which makes the products of few classes the quicker.
    """
    views, start, ahead = [], 0, matrix.shape[:-1]
    for inputs, outputs in pairwise(sizes[:-1]):
        end = start + (inputs + 1) * outputs
        views.append(_layer(matrix[..., start:end].view(*ahead, inputs + 1, outputs)))
        start = _padded(end)
    inputs, outputs = sizes[-2:]
    last = matrix[..., start : start + outputs * _padded(inputs + 1)].view(*ahead, outputs, -1)
    return [*views, _layer(last[..., : inputs + 1].mT)]


def _layer(whole: Tensor) -> Layer:
    weight, bias = whole[..., :-1, :], whole[..., -1:, :]
    return Layer(weight, bias, whole, weight.mT, bias.mT, whole.mT)


def width(sizes: Sequence[int]) -> int:
    """How many numbers a model of such layers has, with those between its parts, which stay zeros."""
    *hidden, last = pairwise(sizes)
    return sum(_padded((inputs + 1) * outputs) for inputs, outputs in hidden) + last[1] * _padded(last[0] + 1)


def _padded(count: int) -> int:
    return -(-count // ALIGNED) * ALIGNED
