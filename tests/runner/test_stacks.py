from collections import Counter

import pytest
from sweepbook.runner.config import config_id
from sweepbook.runner.stacks import MOST, blocks, by_hand, stacks
from sweepbook.runner.study import PlannedRun

SMALL = {
    "dataset": "digits",
    "model": "mlp",
    "units1": 64,
    "units2": 64,
    "depth": 2,
    "epochs": 2,
    "batch_size": 32,
    "lr": 0.003,
    "optimizer": "Adam",
}
LARGE = {**SMALL, "units2": 65}
CNN = {"model": "cnn", "channels": 4}


def runs(*configs, seeds=5):
    return [PlannedRun(str(config), config_id(config), config, seed) for seed in range(seeds) for config in configs]


def sizes(found):
    return [len(own) for own in found]


@pytest.mark.parametrize(
    "changes", [{}, {"label_smoothing": 0.1, "clip_norm": 1, "schedule": "cosine", "shift": 2}, {"dropout": 0.0}]
)
def test_an_mlp_is_by_hand_with_all_that_acts_outside_its_layers(changes):
    assert by_hand({**SMALL, **changes})


@pytest.mark.parametrize("changes", [CNN, {"dropout": 0.1}, {"batch_norm": True}, {"a_setting_to_come": 1}])
def test_what_is_not_known_by_hand_is_left_to_autograd(changes):
    assert not by_hand({**SMALL, **changes})
    assert sizes(stacks(runs({**SMALL, **changes}), 1, "cuda")) == [1] * 5


def test_seeds_of_a_small_configuration_share_a_program():
    (own,) = stacks(runs(SMALL), 1, "cpu")
    assert [run.seed for run in own] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    "changes",
    [{"lr": 0.1}, {"weight_decay": 0.1}, {"schedule": "cosine", "warmup": 1}, {"patience": 2, "watch": "valid_loss"}],
    ids=str,
)
def test_configurations_that_differ_in_what_a_model_may_have_for_itself_share_one(changes):
    (own,) = stacks(runs(SMALL, {**SMALL, **changes}, seeds=3), 1, "cpu")
    assert [(run.id, run.seed) for run in own] == [
        (config_id(config), seed) for config in (SMALL, {**SMALL, **changes}) for seed in range(3)
    ]


@pytest.mark.parametrize(
    "changes",
    [{"units1": 32}, {"batch_size": 16}, {"epochs": 3}, {"optimizer": "AdamW"}, {"betas": [0.8, 0.9]}, {"shift": 1}],
    ids=str,
)
def test_configurations_that_differ_in_anything_else_never_share_one(changes):
    found = stacks(runs(SMALL, {**SMALL, **changes}, seeds=3), 1, "cpu")
    assert [{run.id for run in own} for own in found] == [{config_id(SMALL)}, {config_id({**SMALL, **changes})}]


def test_on_a_processor_large_layers_gain_nothing_and_train_alone():
    assert sizes(stacks(runs(LARGE), 1, "cpu")) == [1] * 5
    assert sizes(stacks(runs(LARGE), 1, "cuda")) == [5]
    assert sizes(stacks(runs({**LARGE, "depth": 1}), 1, "cpu")) == [5]  # its second layer is not there


def test_runs_on_a_plateau_share_a_program_and_no_learning_rate():
    plateau = {**SMALL, "schedule": "plateau"}
    assert sizes(stacks(runs(plateau), 1, "cpu")) == [5]
    assert blocks([SMALL] * 3 + [plateau] * 2 + [SMALL]) == [3, 1, 1, 1]


@pytest.mark.parametrize(
    ("count", "jobs", "expected"), [(5, 4, [1] * 5), (5, 2, [2, 2, 1]), (9, 2, [3, 3, 3]), (3, 4, [1] * 3), (1, 1, [1])]
)
def test_no_worker_is_idle_for_a_stack(count, jobs, expected):
    assert sizes(stacks(runs(SMALL, seeds=count), jobs, "cpu")) == expected


def test_a_program_has_no_more_runs_than_the_loss_of_a_worker_may_cost():
    found = sizes(stacks(runs(SMALL, seeds=100), 1, "cpu"))
    assert max(found) <= MOST["cpu"]
    assert max(found) - min(found) <= 1


@pytest.mark.parametrize("jobs", [1, 2, 3, 16])
def test_every_run_is_in_one_stack(jobs):
    asked = runs(SMALL, LARGE, {**SMALL, **CNN}, seeds=7)
    assert Counter(run.key for own in stacks(asked, jobs, "cpu") for run in own) == Counter(run.key for run in asked)


def test_nothing_missing_is_no_stack():
    assert stacks([], 2, "cpu") == []
