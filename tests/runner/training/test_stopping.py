import math

import pytest
import torch
from sweepbook.runner.runlog import Epoch
from sweepbook.runner.training import data
from sweepbook.runner.training.loop import evaluate, train
from sweepbook.runner.training.program import build
from sweepbook.runner.training.stopping import Patience

pytestmark = pytest.mark.training

CONFIG = {
    "dataset": "digits",
    "model": "mlp",
    "units1": 32,
    "units2": 32,
    "depth": 2,
    "epochs": 30,
    "batch_size": 32,
    "lr": 0.03,
    "optimizer": "Adam",
    "train_steps": 10,
}


def epoch(accuracy, loss=1.0):
    return Epoch(1.0, loss, accuracy, 0.1, 0.1, 100)


def followed(accuracies, **settings):
    """After which epochs a model is kept, after which it ends, and the best one."""
    wait, kept = Patience({**CONFIG, **settings}), []
    for number, accuracy in enumerate(accuracies, 1):
        if wait.after(epoch(accuracy, 1 - accuracy)):
            kept.append(number)
        if wait.over:
            return kept, number, wait.best
    return kept, None, wait.best


def test_a_model_ends_once_so_many_epochs_have_brought_nothing_better():
    assert followed([0.5, 0.6, 0.6, 0.5, 0.9], patience=2) == ([1, 2], 4, 2)
    assert followed([0.5, 0.6, 0.6, 0.5, 0.9], patience=3) == ([1, 2, 5], None, 5)


def test_without_patience_a_model_neither_ends_nor_goes_back():
    assert followed([0.9, 0.1, 0.1, 0.1]) == ([], None, None)


def test_the_loss_may_be_watched_in_place_of_the_accuracy():
    wait = Patience({**CONFIG, "patience": 1, "watch": "valid_loss"})
    assert wait.after(epoch(0.9, 2.0))
    assert wait.after(epoch(0.8, 1.0))
    assert not wait.over


def test_a_model_that_diverges_ends_and_does_not_go_back():
    wait = Patience({**CONFIG, "patience": 5})
    wait.after(epoch(0.5))
    assert not wait.after(epoch(0.6, math.nan))
    assert (wait.over, wait.best) == (True, None)


@pytest.mark.parametrize("changes", [{}, {"model": "cnn", "channels": 4, "batch_norm": True, "dropout": 0.3}], ids=str)
def test_a_run_that_stops_early_is_left_with_the_weights_of_its_best_epoch(changes):
    digits, epochs = data.load("digits", torch.device("cpu")), []
    config = {**CONFIG, **changes, "patience": 2}
    program = build(config, digits, [0])
    (best,) = train(program, config, digits, [0], lambda place, epoch: epochs.append(epoch))
    assert len(epochs) == best + 2 < config["epochs"]
    assert epochs[best - 1].valid_accuracy == max(epoch.valid_accuracy for epoch in epochs)
    (loss,), (accuracy,) = evaluate(program, digits.valid)
    assert (loss, accuracy) == (epochs[best - 1].valid_loss, epochs[best - 1].valid_accuracy)
    assert loss != epochs[-1].valid_loss


def test_in_a_stack_each_model_ends_and_goes_back_by_itself():
    digits, epochs = data.load("digits", torch.device("cpu")), {0: [], 1: [], 2: []}
    config = {**CONFIG, "patience": 2}
    program = build(config, digits, [0, 1, 2])
    best = train(program, config, digits, [0, 1, 2], lambda place, epoch: epochs[place].append(epoch))
    scores = list(zip(*evaluate(program, digits.valid), strict=True))
    assert len(set(best)) > 1
    for place, own in epochs.items():
        assert len(own) == best[place] + 2
        assert scores[place] == (own[best[place] - 1].valid_loss, own[best[place] - 1].valid_accuracy)
