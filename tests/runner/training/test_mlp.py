"""The gradients by hand, held to those of autograd."""

from dataclasses import replace

import pytest
import torch
from sweepbook.runner.training import data, mlp, models
from sweepbook.runner.training.data import Data, Split
from sweepbook.runner.training.layers import layers, width
from sweepbook.runner.training.loop import Feed, evaluate, train
from sweepbook.runner.training.mlp import Mlp
from sweepbook.runner.training.program import Autograd, build

pytestmark = pytest.mark.training

CONFIG = {
    "dataset": "digits",
    "model": "mlp",
    "units1": 32,
    "units2": 32,
    "depth": 2,
    "epochs": 3,
    "batch_size": 32,
    "lr": 0.003,
    "optimizer": "Adam",
}
SHAPE = (1, 4, 5)
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def digits():
    torch.set_num_threads(1)
    return data.load("digits", torch.device("cpu"))


def model(config, seed, shape=SHAPE, dtype=torch.float64):
    torch.manual_seed(seed)
    return models.build(config, shape, classes=10).to(dtype)


def by_hand(config, seeds):
    """A program of models that begin as torch's do."""
    given = [torch.cat([part.detach().flatten() for part in model(config, seed).parameters()]) for seed in seeds]
    return Mlp(torch.stack(given), models.sizes(config, SHAPE, 10), [config] * len(seeds), CPU)


def numbers(matrix, sizes):
    """The rows of a matrix of `Mlp` as torch's lists of parameters, one a model."""
    parts = [(layer.weight.mT, layer.bias[:, 0]) for layer in layers(matrix, sizes)]
    return [[part[row] for pair in parts for part in pair] for row in range(len(matrix))]


def batches(steps, stack, n, dtype=torch.float64):
    generator = torch.Generator().manual_seed(5)
    for _ in range(steps):
        images = torch.rand(stack, n, *SHAPE, generator=generator, dtype=torch.float64)
        yield images.to(dtype), torch.randint(0, 10, (stack, n), generator=generator)


def most(ones, others):
    """The largest difference between two lists of tensors."""
    return max((one - other).abs().max().item() for one, other in zip(ones, others, strict=True))


@pytest.mark.parametrize(("depth", "units1", "units2"), [(1, 5, 5), (2, 16, 7), (3, 9, 32)])
@pytest.mark.parametrize(("stack", "n"), [(1, 64), (1, 1), (2, 7), (5, 16)])
@pytest.mark.parametrize("together", [True, False], ids=["together", "one after the other"])
def test_losses_gradients_and_parameters_are_those_of_autograd(depth, units1, units2, stack, n, together, monkeypatch):
    monkeypatch.setattr(mlp, "SMALL", 64 if together else 0)
    config = {**CONFIG, "depth": depth, "units1": units1, "units2": units2}
    ours = by_hand(config, range(stack))
    theirs = [Autograd(model(config, seed), config) for seed in range(stack)]
    for images, labels in batches(5, stack, n):
        ours.step(images, labels, [0.01] * stack)
        losses = ours.losses()
        found = numbers(ours.gradients, ours.sizes)
        for row, one in enumerate(theirs):
            loss = torch.nn.functional.cross_entropy(one.model(images[row]), labels[row])
            assert most(found[row], torch.autograd.grad(loss, one.weights)) < 1e-10
            assert abs(losses[row] - n * loss) < 1e-10 * n
            one.step(images[row : row + 1], labels[row : row + 1], [0.01])
    for mine, one in zip(numbers(ours.weights, ours.sizes), theirs, strict=True):
        assert most(mine, one.weights) < 1e-10


@pytest.mark.parametrize(
    "changes",
    [
        {"optimizer": "SGD", "momentum": 0.9},
        {"optimizer": "AdamW", "amsgrad": True},
        {"optimizer": "RMSprop"},
        {"optimizer": "SGD", "label_smoothing": 0.2},
        {"optimizer": "SGD", "clip_norm": 0.3},
    ],
    ids=str,
)
def test_what_acts_on_a_step_acts_as_it_does_after_autograd(changes):
    config = {**CONFIG, **changes}
    ours, theirs = (
        by_hand(config, (0, 1)),
        [Autograd(model(config, seed), config) for seed in (0, 1)],
    )
    for images, labels in batches(10, 2, 8):
        ours.step(images, labels, [0.01] * 2)
        for row, one in enumerate(theirs):
            one.step(images[row : row + 1], labels[row : row + 1], [0.01])
    assert ours.losses().tolist() == pytest.approx([one.losses().item() for one in theirs], rel=1e-6)
    for mine, one in zip(numbers(ours.weights, ours.sizes), theirs, strict=True):
        assert most(mine, one.weights) < 1e-10


def test_the_first_weights_are_those_of_torchs_model_of_the_same_seed(digits):
    ours = build(CONFIG, digits, [4, 9])
    for seed, mine in zip((4, 9), numbers(ours.weights, ours.sizes), strict=True):
        for weight, true in zip(mine, model(CONFIG, seed, digits.shape, torch.float32).parameters(), strict=True):
            assert torch.equal(weight, true.detach())


def epochs(program, config, digits, seeds):
    told = [[] for _ in seeds]
    train(program, config, digits, seeds, lambda place, epoch: told[place].append(epoch))
    return told


@pytest.mark.parametrize("changes", [{}, {"train_steps": 20, "optimizer": "SGD", "lr": 0.1}, {"units1": 7, "depth": 3}], ids=str)
def test_every_epochs_losses_are_within_a_thousandth_of_autograds(digits, changes):
    config = {**CONFIG, **changes}
    by_hand = epochs(build(config, digits, [3]), config, digits, [3])[0]
    by_torch = epochs(Autograd(model(config, 3, digits.shape, torch.float32), config), config, digits, [3])[0]
    assert [one.train_loss for one in by_hand] == pytest.approx([one.train_loss for one in by_torch], rel=1e-3)
    assert [one.valid_loss for one in by_hand] == pytest.approx([one.valid_loss for one in by_torch], rel=1e-3)


STACKED = [{}, {"units1": 7, "units2": 5, "batch_size": 9}, {"optimizer": "RMSprop"}, {"units2": 80}]


@pytest.mark.parametrize("changes", STACKED, ids=str)
def test_a_run_gives_the_same_bits_whatever_is_trained_beside_it(digits, changes):
    """Of the processor's products that is true of the ones that torch is built with, and no promise of theirs."""
    config = {**CONFIG, **changes, "epochs": 1}
    alone = [epochs(build(config, digits, [seed]), config, digits, [seed])[0][0] for seed in range(5)]
    for stack in ([3, 1], [4, 0, 2, 1, 3]):
        together = epochs(build(config, digits, stack), config, digits, stack)
        for seed, (epoch,) in zip(stack, together, strict=True):
            assert (epoch.train_loss, epoch.valid_loss) == (alone[seed].train_loss, alone[seed].valid_loss)


def test_a_run_gives_the_same_bits_beside_other_configurations_of_its_shape(digits):
    plateau = {"schedule": "plateau", "plateau_patience": 0, "watch": "valid_loss", "lr": 0.03}
    changes = [
        {},
        {"lr": 0.03, "weight_decay": 0.1},
        {"schedule": "cosine", "warmup": 1},
        {"lr": 0.1, "patience": 1},
        plateau,
        plateau,
    ]
    configs, seeds = [{**CONFIG, **own} for own in changes], [3, 1, 3, 2, 0, 5]
    together = [[] for _ in seeds]
    program = build(configs[0], digits, seeds, configs)
    bests = train(program, configs[0], digits, seeds, lambda place, epoch: together[place].append(epoch), configs=configs)
    for config, seed, own, best in zip(configs, seeds, together, bests, strict=True):
        alone = []
        (expected,) = train(
            build(config, digits, [seed]), config, digits, [seed], lambda _, epoch, alone=alone: alone.append(epoch)
        )
        assert [replace(epoch, seconds=0) for epoch in own] == [replace(epoch, seconds=0) for epoch in alone]
        assert best == expected
    assert len({epochs[-1].lr for epochs in together}) > 3


def test_a_model_that_diverges_leaves_those_beside_it_as_they_are(digits):
    config = {**CONFIG, "optimizer": "SGD", "epochs": 2}
    program = build(config, digits, [0, 1])
    program.weights[0] *= 1e30
    broken, whole = epochs(program, config, digits, [0, 1])
    assert [len(broken), len(whole)] == [1, 2]
    assert whole[-1].train_loss == epochs(build(config, digits, [1]), config, digits, [1])[0][-1].train_loss


def test_a_model_goes_back_to_what_was_kept_of_it_and_no_other_does():
    program = by_hand(CONFIG, (0, 1))
    before = program.weights.clone()
    program.keep(1)
    for images, labels in batches(2, 2, 8):
        program.step(images, labels, [0.01] * 2)
    after = program.weights.clone()
    program.restore(1)
    assert torch.equal(program.weights, torch.stack([after[0], before[1]]))
    assert not torch.equal(after[1], before[1])


def test_in_bf16_the_weights_stay_in_float32_and_the_losses_near(digits):
    config = {**CONFIG, "precision": "bf16"}
    program = build(config, digits, [0, 1])
    rough, exact = epochs(program, config, digits, [0, 1]), epochs(build(CONFIG, digits, [0, 1]), CONFIG, digits, [0, 1])
    assert program.weights.dtype == torch.float32
    for one, other in zip(rough, exact, strict=True):
        assert [epoch.valid_loss for epoch in one] == pytest.approx([epoch.valid_loss for epoch in other], rel=0.05)
        assert one[0].valid_loss != other[0].valid_loss


def test_images_that_are_rounded_once_train_to_the_bits_of_images_rounded_in_each_step(digits):
    config = {**CONFIG, "precision": "bf16"}
    once, anew = build(config, digits, [0, 1]), build(config, digits, [0, 1])
    anew.room = lambda n: None
    for program in (once, anew):
        epochs(program, config, digits, [0, 1])
    assert torch.equal(once.weights, anew.weights)


@pytest.mark.parametrize("sizes", [[20, 5, 10], [784, 256, 256, 10]])
def test_every_weight_matrix_begins_at_64_bytes_in_either_precision(sizes):
    for dtype in (torch.float32, torch.bfloat16):
        for layer in layers(torch.zeros(2, width(sizes), dtype=dtype), sizes):
            assert all(weight.data_ptr() % 64 == 0 for weight in layer.weight)


def test_a_batch_makes_the_same_step_where_it_lies_in_its_place_as_where_it_is_copied(digits):
    config = {**CONFIG, "units1": 80}
    copied, placed = (build(config, digits, [0, 1]) for _ in range(2))
    for images, labels in Feed(digits.train, config, [0, 1]).batches(3):
        copied.step(images, labels, [0.01, 0.01])
    for images, labels in Feed(digits.train, config, [0, 1], placed.room).batches(3):
        assert images.data_ptr() == placed.room(32).data_ptr()
        placed.step(images, labels, [0.01, 0.01])
    assert torch.equal(copied.weights, placed.weights)


def test_an_evaluation_is_that_of_each_model(digits):
    few = Data(digits.train, Split(digits.valid.images[:50], digits.valid.labels[:50]))
    together = evaluate(build(CONFIG, few, [0, 1]), few.valid)
    alone = [evaluate(build(CONFIG, few, [seed]), few.valid) for seed in (0, 1)]
    assert together == ([alone[0][0][0], alone[1][0][0]], [alone[0][1][0], alone[1][1][0]])
