import math

import pytest
import torch
from sweepbook.runner.training import data
from sweepbook.runner.training.data import Data, Split
from sweepbook.runner.training.loop import EVALUATION_BATCH, Feed, Stopped, evaluate, steps_per_epoch, train
from sweepbook.runner.training.program import Autograd, build

pytestmark = pytest.mark.training

CONFIG = {
    "dataset": "digits",
    "model": "mlp",
    "units1": 32,
    "units2": 32,
    "depth": 2,
    "epochs": 2,
    "batch_size": 32,
    "lr": 0.003,
    "optimizer": "Adam",
}


@pytest.fixture(scope="module")
def digits():
    torch.set_num_threads(1)
    return data.load("digits", torch.device("cpu"))


def trained(config, digits, seed=0):
    """The epochs and the parameters of a run, without its times."""
    program, epochs = build(config, digits, [seed]), []
    train(program, config, digits, [seed], lambda place, epoch: epochs.append(epoch))
    numbers = [(e.train_loss, e.valid_loss, e.valid_accuracy, e.lr, e.valid_seen) for e in epochs]
    return numbers, [weight.detach() for weight in program.weights]


@pytest.mark.parametrize("changes", [{}, {"model": "cnn", "channels": 4, "epochs": 1}, {"train_steps": 7}], ids=str)
def test_the_same_configuration_and_seed_give_the_same_bits(digits, changes):
    one, other = trained({**CONFIG, **changes}, digits), trained({**CONFIG, **changes}, digits)
    assert one[0] == other[0]
    assert all(torch.equal(a, b) for a, b in zip(one[1], other[1], strict=True))


def test_what_was_drawn_before_a_run_does_not_change_it(digits):
    one = trained(CONFIG, digits)
    torch.manual_seed(99)
    torch.rand(1000)
    assert trained(CONFIG, digits)[0] == one[0]


def test_another_seed_gives_other_weights_and_another_order(digits):
    first, second = trained(CONFIG, digits, 0)[0], trained(CONFIG, digits, 1)[0]
    assert all(a[0] != b[0] for a, b in zip(first, second, strict=True))
    weights = [build(CONFIG, digits, [seed]).weights[0] for seed in (0, 1, 0)]
    assert torch.equal(weights[0], weights[2])
    assert not torch.equal(weights[0], weights[1])
    orders = [batches(100, 100, False, 2, seed)[0] for seed in (0, 1, 0)]
    assert orders[0] == orders[2] != orders[1]


@pytest.mark.parametrize("optimizer", ["Adam", "AdamW", "RMSprop"])
def test_a_network_learns_the_digits(digits, optimizer):
    epochs, _ = trained({**CONFIG, "epochs": 8, "optimizer": optimizer}, digits)
    assert epochs[-1][2] > 0.8
    assert epochs[-1][0] < epochs[0][0]
    assert epochs[-1][1] < epochs[0][1]


def test_a_convolutional_network_learns_the_digits(digits):
    epochs, _ = trained({**CONFIG, "model": "cnn", "channels": 8, "epochs": 5}, digits)
    assert epochs[-1][2] > 0.8


@pytest.mark.parametrize("changes", [{}, {"model": "cnn", "channels": 4}], ids=str)
def test_bf16_trains_almost_as_float32_does_and_keeps_its_weights_in_float32(digits, changes):
    full, half = (trained({**CONFIG, **changes, "precision": kind}, digits) for kind in ("float32", "bf16"))
    assert half[0] != full[0]
    assert half[0][-1][:2] == pytest.approx(full[0][-1][:2], rel=0.03)
    assert all(weight.dtype == torch.float32 for weight in half[1])


def test_every_epoch_is_reported_with_its_learning_rate_and_time(digits):
    epochs = []
    train(build(CONFIG, digits, [0]), {**CONFIG, "epochs": 3, "lr": 1}, digits, [0], lambda place, epoch: epochs.append(epoch))
    assert len(epochs) == 3
    assert [epoch.lr for epoch in epochs] == [1.0] * 3
    assert all(type(epoch.lr) is float and epoch.seconds >= 0 for epoch in epochs)


def batches(examples, size, stream, count, seed):
    """The labels of so many batches of a split in which each example's label is its row, asked for in two parts."""
    split = Split(torch.arange(examples).float().view(-1, 1, 1, 1), torch.arange(examples))
    feed = Feed(split, {"batch_size": size, **({"train_steps": 1} if stream else {})}, [seed])
    both = [*feed.batches(count - count // 2), *feed.batches(count // 2)]
    return [labels[0].tolist() for _, labels in both]


@pytest.mark.parametrize(("examples", "size"), [(10, 3), (12, 4), (5, 8), (7, 7), (9, 1)])
def test_a_whole_pass_uses_every_example_once(examples, size):
    per_pass = math.ceil(examples / size)
    every = batches(examples, size, False, 3 * per_pass, seed=3)
    orders = []
    for number in range(3):
        chunks = every[number * per_pass : (number + 1) * per_pass]
        assert [len(chunk) for chunk in chunks[:-1]] == [size] * (per_pass - 1)
        orders.append([row for chunk in chunks for row in chunk])
        assert sorted(orders[-1]) == list(range(examples))
    assert examples == 1 or orders[0] != orders[1]


@pytest.mark.parametrize(("examples", "size"), [(10, 3), (12, 4), (5, 8), (7, 7), (3, 10)])
def test_a_stream_has_full_batches_that_run_from_one_pass_into_the_next(examples, size):
    chunks = batches(examples, size, True, 5 * examples, seed=3)
    assert {len(chunk) for chunk in chunks} == {size}
    rows = [row for chunk in chunks for row in chunk]
    for start in range(0, len(rows) - examples + 1, examples):
        assert sorted(rows[start : start + examples]) == list(range(examples))


@pytest.mark.parametrize(
    ("changes", "steps"),
    [({}, 34), ({"batch_size": 1078}, 1), ({"batch_size": 5000}, 1), ({"batch_size": 1077}, 2), ({"train_steps": 100}, 100)],
    ids=str,
)
def test_an_epoch_is_a_whole_pass_unless_its_steps_are_set(changes, steps):
    assert steps_per_epoch({**CONFIG, **changes}, 1078) == steps


class Counting(torch.nn.Module):
    """A model that remembers how many examples it was trained on, a batch at a time."""

    def __init__(self):
        super().__init__()
        self.inner, self.seen = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, 10)), []

    def forward(self, images):
        if self.training:
            self.seen.append(len(images))
        return self.inner(images)


@pytest.mark.parametrize(
    ("changes", "seen"),
    [
        ({}, ([32] * 33 + [22]) * 2),
        ({"train_steps": 5}, [32] * 10),
        ({"train_steps": 2, "batch_size": 2000}, [2000] * 4),
    ],
    ids=str,
)
def test_a_run_takes_its_steps_over_its_examples(digits, changes, seen):
    model = Counting()
    train(Autograd(model, CONFIG), {**CONFIG, **changes}, digits, [0], lambda *_: None)
    assert model.seen == seen


def test_the_training_loss_is_the_mean_over_examples_and_not_over_batches(digits):
    small = Data(Split(digits.train.images[:33], digits.train.labels[:33]), digits.valid)
    config = {**CONFIG, "epochs": 1, "lr": 1e-30, "optimizer": "SGD"}
    program, epochs = build(config, small, [0]), []
    train(program, config, small, [0], lambda place, epoch: epochs.append(epoch))
    assert epochs[0].train_loss == pytest.approx(evaluate(program, small.train)[0][0], rel=1e-5)


@pytest.mark.parametrize(
    ("changes", "seen"), [({}, 360), ({"valid_steps": 2}, 64), ({"valid_steps": 1000}, 360), ({"valid_steps": 11}, 352)], ids=str
)
def test_validation_batches_limit_the_examples_that_score(digits, changes, seen):
    config = {**CONFIG, **changes, "epochs": 1}
    program, epochs = build(config, digits, [0]), []
    train(program, config, digits, [0], lambda place, epoch: epochs.append(epoch))
    assert epochs[0].valid_seen == seen
    (loss,), (accuracy,) = evaluate(program, Split(digits.valid.images[:seen], digits.valid.labels[:seen]))
    assert (epochs[0].valid_loss, epochs[0].valid_accuracy) == (loss, accuracy)


@pytest.mark.parametrize("changes", [{}, {"model": "cnn", "channels": 4}], ids=str)
def test_an_evaluation_in_several_batches_is_one_mean(digits, changes):
    times = EVALUATION_BATCH // len(digits.valid) + 2
    many = Split(digits.valid.images.repeat(times, 1, 1, 1), digits.valid.labels.repeat(times))
    program = build({**CONFIG, **changes}, digits, [0])
    (loss,), (accuracy,) = evaluate(program, digits.valid)
    assert len(many) > EVALUATION_BATCH
    assert evaluate(program, many) == ([pytest.approx(loss, rel=1e-5)], [pytest.approx(accuracy)])


def test_a_loss_that_is_no_finite_number_ends_the_run_after_its_epoch(digits):
    config = {**CONFIG, "optimizer": "SGD", "lr": 1e30, "epochs": 5}
    epochs = []
    train(build(config, digits, [0]), config, digits, [0], lambda place, epoch: epochs.append(epoch))
    assert len(epochs) == 1
    assert epochs[0].diverged


def test_a_run_that_is_asked_to_stop_does_so_before_its_next_step(digits):
    epochs, asked = [], []

    def stopping():
        asked.append(None)
        return len(asked) > 40

    with pytest.raises(Stopped):
        train(build(CONFIG, digits, [0]), CONFIG, digits, [0], lambda place, epoch: epochs.append(epoch), stopping)
    assert len(asked) == 41
    assert len(epochs) == 1
