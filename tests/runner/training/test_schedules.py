import pytest
import torch
from sweepbook.runner.training import data
from sweepbook.runner.training.loop import train
from sweepbook.runner.training.program import build
from sweepbook.runner.training.schedules import Rates, Schedule
from torch.optim import lr_scheduler

pytestmark = pytest.mark.training

CONFIG = {
    "dataset": "digits",
    "model": "mlp",
    "units1": 16,
    "units2": 16,
    "depth": 2,
    "epochs": 6,
    "batch_size": 32,
    "lr": 0.2,
    "optimizer": "SGD",
    "train_steps": 5,
}
STEPS, TOTAL = 5, 30


def optimizer():
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=CONFIG["lr"])


def warmed(inner, epochs, then):
    """torch's scheduler `inner` behind a linear rise over `epochs`: one after the other, or both at once."""
    sgd, steps = optimizer(), epochs * STEPS
    rise = lr_scheduler.LinearLR(sgd, 1 / steps, total_iters=steps - 1)
    if then:
        return sgd, lr_scheduler.SequentialLR(sgd, [rise, inner(sgd, steps)], [steps])
    return sgd, lr_scheduler.ChainedScheduler([rise, inner(sgd, steps)])


def plain(inner):
    sgd = optimizer()
    return sgd, inner(sgd)


THEIRS = {
    "constant": ({}, lambda: plain(lambda sgd: lr_scheduler.ConstantLR(sgd, 1.0))),
    "cosine": ({}, lambda: plain(lambda sgd: lr_scheduler.CosineAnnealingLR(sgd, TOTAL))),
    "step": ({"step_epochs": 2}, lambda: plain(lambda sgd: lr_scheduler.StepLR(sgd, 2 * STEPS))),
    "steps of a third": (
        {"schedule": "step", "step_epochs": 1, "step_factor": 0.3},
        lambda: plain(lambda sgd: lr_scheduler.StepLR(sgd, STEPS, 0.3)),
    ),
    "one_cycle": ({}, lambda: plain(lambda sgd: lr_scheduler.OneCycleLR(sgd, CONFIG["lr"], TOTAL, cycle_momentum=False))),
    "a quick cycle": (
        {"schedule": "one_cycle", "one_cycle_rise": 0.1},
        lambda: plain(lambda sgd: lr_scheduler.OneCycleLR(sgd, CONFIG["lr"], TOTAL, pct_start=0.1, cycle_momentum=False)),
    ),
    "a warm cosine": (
        {"schedule": "cosine", "warmup": 2},
        lambda: warmed(lambda sgd, steps: lr_scheduler.CosineAnnealingLR(sgd, TOTAL - steps), 2, then=True),
    ),
    "warm steps": (
        {"schedule": "step", "step_epochs": 2, "warmup": 1},
        lambda: warmed(lambda sgd, steps: lr_scheduler.StepLR(sgd, 2 * STEPS), 1, then=False),
    ),
}


@pytest.mark.filterwarnings("ignore:Detected call of `lr_scheduler.step")
@pytest.mark.parametrize("name", THEIRS)
def test_a_schedule_gives_the_rates_of_torchs_own_scheduler_at_every_step(name):
    changes, theirs = THEIRS[name]
    ours = Schedule({**CONFIG, "schedule": name, **changes}, STEPS)
    sgd, scheduler = theirs()
    for step in range(TOTAL):
        assert ours(step) == pytest.approx(sgd.param_groups[0]["lr"], rel=1e-6)
        scheduler.step()


@pytest.mark.parametrize("watch", ["valid_accuracy", "valid_loss"])
def test_on_a_plateau_the_rate_falls_where_torchs_own_does(watch):
    accuracies = [0.2, 0.5, 0.5, 0.50001, 0.49, 0.6, 0.6, 0.6, 0.61, 0.1, 0.1, 0.1, 0.1]
    ours = Schedule({**CONFIG, "schedule": "plateau", "plateau_factor": 0.5, "plateau_patience": 1, "watch": watch}, STEPS)
    sgd = optimizer()
    theirs = lr_scheduler.ReduceLROnPlateau(sgd, mode="max" if watch == "valid_accuracy" else "min", factor=0.5, patience=1)
    for epoch, accuracy in enumerate(accuracies):
        assert ours(epoch * STEPS) == pytest.approx(sgd.param_groups[0]["lr"], rel=1e-6)
        value = accuracy if watch == "valid_accuracy" else 1 - accuracy
        theirs.step(value)
        ours.after(value if watch == "valid_accuracy" else -value)
    assert ours(0) < CONFIG["lr"]


def test_half_an_epoch_of_warming_up_is_half_its_steps():
    rates = [Schedule({**CONFIG, "warmup": 0.4}, STEPS)(step) for step in range(4)]
    assert rates == pytest.approx([0.1, 0.2, 0.2, 0.2])


@pytest.mark.parametrize("name", ["cosine", "one_cycle", "step"])
def test_a_run_of_a_single_step_has_a_rate(name):
    assert 0 < Schedule({**CONFIG, "schedule": name, "epochs": 1, "step_epochs": 1}, 1)(0) <= CONFIG["lr"]


def test_an_epoch_logs_the_rate_of_its_last_step_and_trains_by_it():
    digits, config = data.load("digits", torch.device("cpu")), {**CONFIG, "schedule": "cosine", "warmup": 1}
    program, epochs, rates = build(config, digits, [0]), [], []
    (step,) = program.update.optimizers
    program.update.optimizers = [lambda gradients, lr: (rates.append(lr), step(gradients, lr))]
    train(program, config, digits, [0], lambda place, epoch: epochs.append(epoch))
    expected = [Schedule(config, STEPS)(step) for step in range(TOTAL)]
    assert rates == expected
    assert [epoch.lr for epoch in epochs] == expected[STEPS - 1 :: STEPS]


def test_a_run_on_a_plateau_lowers_its_rate_by_itself():
    digits = data.load("digits", torch.device("cpu"))
    config = {**CONFIG, "lr": 1e-12, "schedule": "plateau", "plateau_patience": 1, "plateau_factor": 0.5}
    epochs = []
    train(build(config, digits, [0]), config, digits, [0], lambda place, epoch: epochs.append(epoch))
    assert [epoch.lr for epoch in epochs] == pytest.approx([1e-12, 1e-12, 1e-12, 5e-13, 5e-13, 2.5e-13])


def test_of_models_on_a_plateau_each_lowers_a_rate_of_its_own():
    plateau = {**CONFIG, "schedule": "plateau", "plateau_patience": 0, "plateau_factor": 0.5}
    rates = Rates([{**CONFIG, "lr": 0.1}, plateau, plateau], STEPS)
    rates.after([0.5, 0.5, 0.5])
    assert rates(0) == [0.1, CONFIG["lr"], CONFIG["lr"]]
    rates.after([0.4, 0.4, 0.6])
    assert rates(0) == [0.1, CONFIG["lr"] / 2, CONFIG["lr"]]
