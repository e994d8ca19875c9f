"""Which predictions cannot come out both ways, and why: by the metric alone, and by the configurations that they choose."""

import pytest
from sweepbook.runner.member import Member
from sweepbook.runner.prediction import At, Beats, Best, Better, GapAtMost, MattersMore, Trend
from sweepbook.runner.truisms import classifier

MEMBERS = [Member(f"lr_{lr}", {"lr": lr}, {"lr": lr}) for lr in (0.01, 0.1)]
LOW, HIGH, BOTH = {"lr": [0.01]}, {"lr": [0.1]}, {"lr": [0.01, 0.1]}


def why(prediction, metric="valid_accuracy", members=MEMBERS, others=()):
    return prediction.truism(metric, members, others, classifier(metric, trained=False))


@pytest.mark.parametrize(
    ("metric", "low", "high", "reason"),
    [
        ("valid_accuracy", 0.0, None, "it holds for any valid_accuracy, which is from 0 to 1"),
        ("valid_accuracy", None, 1.0, "it holds for any valid_accuracy, which is from 0 to 1"),
        ("valid_accuracy", 0.0, 1.0, "it holds for any valid_accuracy, which is from 0 to 1"),
        ("valid_accuracy", 1.5, None, "it holds for no valid_accuracy, which is from 0 to 1"),
        ("valid_accuracy", None, -0.1, "it holds for no valid_accuracy, which is from 0 to 1"),
        ("rmse", 0.0, None, "it holds for any rmse, which is at least 0"),
        ("rmse", None, -1.0, "it holds for no rmse, which is at least 0"),
        ("r2", None, 1.0, "it holds for any r2, which is at most 1"),
    ],
)
def test_a_value_that_the_metric_always_or_never_has_says_nothing(metric, low, high, reason):
    assert why(At("s", HIGH, low, high), metric) == reason


@pytest.mark.parametrize(
    ("metric", "low", "high"),
    [
        ("valid_accuracy", 0.0, 0.9),
        ("valid_accuracy", 1.0, None),
        ("valid_accuracy", 0.5, 1.0),
        ("rmse", -1.0, 2.0),
        ("valid_loss", 0.0, None),
    ],
)
def test_a_value_that_may_or_may_not_be_says_something(metric, low, high):
    assert why(At("s", HIGH, low, high), metric) == ""


@pytest.mark.parametrize("by", [1.0, 2.0, -1.0])
def test_a_lead_that_two_shares_never_or_always_have_says_nothing(by):
    told = f"it holds for {'no' if by > 0 else 'any'} two values of valid_accuracy, which is from 0 to 1"
    assert why(Better("s", HIGH, LOW, by)) == told
    assert why(Better("s", HIGH, LOW, by), "rmse") == why(Better("s", HIGH, LOW, by / 4)) == ""


def test_what_holds_configurations_against_themselves_says_nothing():
    same = "the same configurations stand on both sides"
    assert why(Better("s", HIGH, HIGH, 0.1)) == same
    assert why(Best("s", BOTH)) == "it names every configuration of the group"
    assert why(Beats("s", "other"), others=MEMBERS[::-1]) == "both groups have the same configurations"
    assert why(MattersMore("s", "lr", "lr")) == "lr stands on both sides"


@pytest.mark.parametrize(
    "prediction", [Better("s", HIGH, LOW, 0.0), Best("s", HIGH), Beats("s", "other"), MattersMore("s", "lr", "k")]
)
def test_what_may_turn_out_either_way_says_something(prediction):
    assert why(prediction, others=MEMBERS[:1]) == ""


@pytest.mark.parametrize(
    "prediction", [Better("s", HIGH, LOW, 0.0), Best("s", HIGH), Beats("s", "o"), Trend("s", "increasing", "lr")]
)
def test_of_configurations_that_are_not_known_yet_nothing_is_claimed(prediction):
    assert why(prediction, members=(), others=()) == ""


def test_a_gap_is_out_of_reach_for_a_classifier_alone():
    assert why(GapAtMost("s", 1e9, {})) == "a gap of 1e+09 is out of reach for the losses of a classifier"
    assert why(GapAtMost("s", 5.0, {})) == ""
    assert why(GapAtMost("s", 1e9, {}), "rmse") == ""
