import math
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sweepbook.analysis.logs.metrics import mapping, ours, percents

NAMES = {
    "valid_accuracy": [
        "valid_accuracy",
        "val_acc",
        "valAcc",
        "val/acc@1",
        "Accuracy/val",
        "eval_accuracy",
        "val_accuracy_epoch",
        "top1_val",
    ],
    "valid_loss": ["val_loss", "valloss", "Loss/valid", "eval/loss", "dev_loss", "mean_val_loss", "validation.loss"],
    "train_loss": ["train_loss", "Loss/train", "train/epoch_loss", "training_loss", "loss/training"],
    "test_accuracy": ["test_acc", "acc/test", "test.accuracy"],
    "valid_f1": ["val_f1", "eval_f1", "valid/f1"],
}
LEFT = [
    "lr",
    "best_val_acc",
    "max_val_accuracy",
    "train_loss_step",
    "val_loss_std",
    "reward",
    "train_test_gap",
    "perplexity",
    "",
    "/",
]


@pytest.mark.parametrize(("own", "theirs"), [(own, theirs) for own, names in NAMES.items() for theirs in names])
def test_the_names_of_all_tools_are_ours(own, theirs):
    assert ours(theirs) == own


@pytest.mark.parametrize("name", LEFT)
def test_a_name_that_does_not_say_both_or_says_more_is_left(name):
    assert ours(name) == name


def test_a_bare_loss_is_that_of_training_beside_one_of_validation_alone():
    assert mapping(["loss", "val_loss", "accuracy"], {}) == {"loss": "train_loss", "val_loss": "valid_loss", "accuracy": "accuracy"}
    assert mapping(["loss"], {}) == {"loss": "loss"}


def test_of_several_metrics_with_one_name_the_plainest_has_it_and_the_others_keep_their_own():
    assert mapping(["val_acc", "valid_accuracy"], {}) == {"val_acc": "val_acc", "valid_accuracy": "valid_accuracy"}


def test_what_a_person_says_goes_before():
    assert mapping(["val_acc", "score"], {"score": "valid_accuracy"}) == {"val_acc": "val_acc", "score": "valid_accuracy"}


@given(names=st.lists(st.sampled_from([*LEFT, *chain.from_iterable(NAMES.values())]), unique=True))
def test_no_two_metrics_ever_get_one_name(names):
    made = mapping(names, {})
    assert list(made) == names
    assert len(set(made.values())) == len(names)


def test_percent_is_told_by_all_values_of_a_metric():
    told = percents({"a": [93.5, 91.0, math.nan], "b": [0.9, 1.0], "c": [0.91, 93.0], "d": [], "e": [-1.0, 50.0], "f": [1e6]})
    assert told == {"a": "all", "c": "mixed"}
