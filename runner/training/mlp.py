"""Untrained MLPs of one shape in, a Program out that trains them side by side, its gradients written by hand.

Without autograd's bookkeeping a step is little more than its matrix products. A test holds it to autograd. What is left beside
the products is the price of calling torch, some microseconds a call: so a step makes no view and no tensor that it can keep.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from sweepbook.runner.config import Config, number, setting
from sweepbook.runner.stacks import SMALL
from sweepbook.runner.training.graphs import WARM, recorded
from sweepbook.runner.training.layers import Net, Room, Single, layers, width
from sweepbook.runner.training.objective import clipped
from sweepbook.runner.training.updates import update
from torch import Tensor

# Images that a processor is shown at once in an evaluation. What its layers make of more does not stay in the cache with them. In
# bfloat16 all at once: there a product's call costs more, and 160 at a time take up to twice as long.
CACHED = 160


class Desk:
    """Where a step on batches of `n` examples a model writes, a sheet a net, and the losses so far."""

    def __init__(self, program: "Mlp", n: int) -> None:
        models, exact, smoothing = len(program.weights), program.weights.dtype, program.smoothing
        inputs, *_, classes = program.sizes
        gap = program.nets[0].gap
        inputs_and_gap = program.used.new_ones(models, n, inputs + gap)
        self.inputs = inputs_and_gap[..., :inputs]
        self.labels = torch.empty(models, n, dtype=torch.int64, device=self.inputs.device)
        self.steps = 0
        self.graph: torch.cuda.CUDAGraph | None = None
        self.logits = program.used.new_empty(models, classes, n)
        self.sheets = [net.sheet(inputs_and_gap[net.place], self.logits[net.place]) for net in program.nets]
        self.logs, self.terms, self.losses = (torch.zeros_like(self.logits, dtype=exact) for _ in range(3))
        self.steep = self.logits if self.logits.dtype == exact else torch.empty_like(self.logs)
        # The slope of a mean loss by the logarithm of each class's probability, a column a label: as it is, and smoothed.
        self.aims = self.losses.new_empty(classes, models * n)
        self.targets = self.aims.view(classes, models, n).movedim(1, 0)
        self.label = torch.eye(classes, dtype=exact, device=self.logits.device) / -n
        self.smoothed = self.label * (1 - smoothing) - smoothing / classes / n if smoothing else self.label

    def show(self, images: Tensor, labels: Tensor) -> None:
        """Takes in images [models, n, channels, height, width], unless they lie in their place, and labels [models, n]."""
        if images.data_ptr() != self.inputs.data_ptr():
            self.inputs.copy_(images.flatten(2))
        if labels.is_cuda:  # a graph is to find them in their place
            self.labels.copy_(labels)
        else:
            self.labels = labels


class Mlp:
    """MLPs of one shape, the parameters of each in a row of one matrix, in torch's order and each part `ALIGNED`."""

    def __init__(self, given: Tensor, sizes: Sequence[int], configs: Sequence[Config], device: torch.device) -> None:
        """`given` are the first numbers of each model, as they are `drawn`. The configurations differ in what is `APART`."""
        config, self.sizes = configs[0], list(sizes)
        self.weights = _matrix(given.to(device), sizes)
        self.gradients = torch.zeros_like(self.weights)
        self.update = update(configs, self.weights)
        self.take = self.update.take
        self.replays = self.weights.is_cuda  # whether a step is asked of the device as one graph, once it is warm
        self.smoothing, self.longest = number(config, "label_smoothing"), number(config, "clip_norm")
        # What the products are of and what they write: in float32 the weights and gradients themselves, else copies of them.
        half = setting(config, "precision") == "bf16"
        self.used, self.found = (matrix.bfloat16() if half else matrix for matrix in (self.weights, self.gradients))
        on_gpu = self.weights.is_cuda
        # On a processor large layers never share a program, and are quicker as plain products. Which it is depends on no stack,
        # as it rounds. Validation images are many, and the cache holds what one model makes of them.
        self.nets = self._nets(together=on_gpu or max(self.sizes[1:-1]) <= SMALL)
        self.judges = self._nets(together=on_gpu)
        self.desks: dict[int, Desk] = {}
        self.rooms: dict[int, Room] = {}
        self.kept: dict[int, Tensor] = {}

    @property
    def parameters(self) -> int:
        """How many numbers one of the models learns."""
        return sum((inputs + 1) * outputs for inputs, outputs in pairwise(self.sizes))

    def room(self, n: int) -> Tensor | None:
        """Where a batch may be written: see Program."""
        return self._desk(n).inputs.flatten(0, 1)

    def step(self, images: Tensor, labels: Tensor, lr: Sequence[float]) -> None:
        """One step of every model: see Program."""
        desk = self._desk(labels.shape[1])
        desk.show(images, labels)
        self.update.at(lr)
        desk.steps += 1
        if not self.replays or desk.steps <= WARM:
            self._advance(desk)
            return
        if not desk.graph:
            desk.graph = recorded(lambda: self._advance(desk))
        desk.graph.replay()

    def _advance(self, desk: Desk) -> None:
        """One step on what lies on `desk`."""
        if self.used is not self.weights:
            self.used.copy_(self.weights)
        for net, sheet in zip(self.nets, desk.sheets, strict=True):
            net.begin(sheet)
        self._lose(desk)
        for net, sheet in zip(self.nets, desk.sheets, strict=True):
            net.descend(sheet)
        if self.found is not self.gradients:
            self.gradients.copy_(self.found)
        self.take(clipped([self.gradients], self.longest) if self.longest else [self.gradients])

    def losses(self) -> Tensor:
        """The loss of every model since it was last asked for: see Program."""
        total = self.weights.new_zeros(len(self.weights))
        for desk in self.desks.values():
            total += desk.losses.flatten(1).sum(1) * desk.losses.shape[2]
            desk.losses.zero_()
        return total

    def logits(self, images: Tensor) -> Tensor:
        """What every model answers: see Program."""
        if self.used is not self.weights:
            self.used.copy_(self.weights)
        inputs = images.flatten(1).to(self.used.dtype)
        answers = self.used.new_empty(len(self.weights), self.sizes[-1], len(images))
        for net in self.judges:
            self._judge(net, inputs, answers[net.place])
        return answers.to(self.weights.dtype).mT

    def _judge(self, net: Net, inputs: Tensor, answers: Tensor) -> None:
        """Writes what the models of `net` answer to the same inputs; on a processor a part at a time."""
        most = len(inputs) if inputs.is_cuda or inputs.dtype == torch.bfloat16 else CACHED
        for own, part in zip(torch.split(inputs, most), torch.split(answers, most, -1), strict=True):
            if len(own) not in self.rooms:
                self.rooms[len(own)] = net.room(len(own))
            net.answer(own.expand(*answers.shape[:-2], *own.shape), self.rooms[len(own)], part)

    def keep(self, place: int) -> None:
        """Remembers the model at `place`: see Program."""
        self.kept[place] = self.weights[place].clone()

    def restore(self, place: int) -> None:
        """Makes the model at `place` what was remembered: see Program."""
        self.weights[place].copy_(self.kept[place])

    def _nets(self, together: bool) -> list[Net]:
        """The layers of all models together, or of each alone."""
        if together:
            return [Net(slice(None), self.used, self.found, self.sizes)]
        return [Single(row, self.used, self.found, self.sizes) for row in range(len(self.weights))]

    def _desk(self, n: int) -> Desk:
        if n not in self.desks:
            self.desks[n] = Desk(self, n)
        return self.desks[n]

    def _lose(self, desk: Desk) -> None:
        """Adds each example's part of the mean cross-entropy to the losses, and writes the slope by each logit over the logits."""
        flat = desk.labels.view(-1)
        torch.log_softmax(desk.logits, 1, dtype=desk.logs.dtype, out=desk.logs)
        torch.index_select(desk.label, 1, flat, out=desk.aims)
        # Not addcmul: it may round otherwise at the end of a row than in its middle, and that depends on how many rows there are.
        desk.losses.add_(torch.mul(desk.targets, desk.logs, out=desk.terms))
        if self.smoothing:
            torch.index_select(desk.smoothed, 1, flat, out=desk.aims)
        torch._log_softmax_backward_data(desk.targets, desk.logs, 1, desk.steep.dtype, out=desk.steep)
        if desk.steep is not desk.logits:
            desk.logits.copy_(desk.steep)


def _matrix(given: Tensor, sizes: Sequence[int]) -> Tensor:
    """The parameters of each model in a row, transposed and each part in its place."""
    weights, start = given.new_zeros(len(given), width(sizes)), 0
    for layer, (inputs, outputs) in zip(layers(weights, sizes), pairwise(sizes), strict=True):
        layer.across.copy_(given[:, start : start + inputs * outputs].view(-1, outputs, inputs))
        start += inputs * outputs
        layer.bias[:, 0].copy_(given[:, start : start + outputs])
        start += outputs
    return weights
