import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sweepbook.analysis.findings.findings import findings
from sweepbook.analysis.logs.series import by_epoch, planned_epochs
from sweepbook.analysis.logs.sweep import load_sweep

CURVE = [0.5, 0.6, 0.65, 0.7, 0.72]
TWICE = [0.5, 0.6, 0.65, 0.7, 0.66, 0.71, 0.72]  # resumed after the second epoch


def test_one_entry_an_epoch_stays_as_it_is():
    series = {"valid_loss": CURVE, "valid_accuracy": CURVE}
    assert by_epoch(series, 5) == by_epoch(series, None) == by_epoch(series, 10) == (series, "")
    assert by_epoch({}, 5) == ({}, "")


def test_of_epochs_logged_twice_the_later_count():
    found, said = by_epoch({"valid_accuracy": TWICE, "valid_loss": TWICE}, 5)
    assert found == {name: [0.5, 0.6, 0.66, 0.71, 0.72] for name in ("valid_accuracy", "valid_loss")}
    assert said == "twice: valid_accuracy and 1 more series have 7 entries for 5 epochs"


def test_one_series_alone_may_have_been_logged_twice():
    found, said = by_epoch({"valid_accuracy": TWICE, "valid_loss": CURVE}, 5)
    assert found == {"valid_accuracy": [0.5, 0.6, 0.66, 0.71, 0.72], "valid_loss": CURVE}
    assert said == "twice: valid_accuracy has 7 entries for 5 epochs"


def test_without_planned_epochs_only_what_comes_again_digit_for_digit_was_logged_twice():
    again = CURVE[:4] + CURVE[2:]
    assert by_epoch({"a": again, "b": CURVE}, None) == ({"a": CURVE, "b": CURVE}, "twice: a has 7 entries for 5 epochs")
    assert by_epoch({"a": TWICE, "b": CURVE}, None) == ({"a": TWICE}, "left out: b has 5 entries for 7 epochs")


def test_entries_that_are_more_than_twice_the_epochs_are_no_epochs():
    series = {"valid_loss": [float(i) for i in range(12)]}
    assert by_epoch(series, 5) == (series, "")


@pytest.mark.parametrize(
    ("values", "epochs", "at"),
    [([1.0, 2.0], 10, [5, 10]), ([1.0, 2.0, 3.0], 11, [1, 6, 11]), ([1.0], 4, [4]), ([1.0, 2.0, 3.0, 4.0], 20, [5, 10, 15, 20])],
)
def test_a_series_logged_every_few_epochs_stands_at_those(values, epochs, at):
    found, said = by_epoch({"train_loss": [0.0] * epochs, "valid_loss": values}, epochs)
    assert {i + 1: v for i, v in enumerate(found["valid_loss"]) if v == v} == dict(zip(at, values, strict=True))
    assert said == ""


def test_a_series_of_an_odd_length_is_left_out():
    found, said = by_epoch({"train_loss": [0.0] * 10, "valid_loss": [1.0] * 3}, None)
    assert found == {"train_loss": [0.0] * 10}
    assert by_epoch({"a": [1.0], "b": [1.0] * 5}, 1) == ({"a": [1.0]}, "left out: b has 5 entries for 1 epoch")
    assert said == "left out: valid_loss has 3 entries for 10 epochs"


def test_a_log_may_number_its_epochs():
    found, said = by_epoch({"epoch": [0, 1, 2, 1, 2, 3], "valid_loss": [5.0, 4.0, 3.0, 4.5, 3.5, 3.0]}, None)
    assert found == {"valid_loss": [5.0, 4.5, 3.5, 3.0]}
    assert said == "twice: valid_loss has 6 entries for 4 epochs"
    sparse, said = by_epoch({"epoch": [5, 10], "valid_loss": [2.0, 1.0]}, 10)
    assert {i + 1: v for i, v in enumerate(sparse["valid_loss"]) if v == v} == {5: 2.0, 10: 1.0}
    assert said == ""


@pytest.mark.parametrize("numbers", [[0.5, 1.0], [math.nan, 1.0], [-1.0, 0.0], [1.0, 1e9]])
def test_what_cannot_be_a_number_of_an_epoch_is_none(numbers):
    assert by_epoch({"epoch": numbers, "valid_loss": [2.0, 1.0]}, None)[0] == {"valid_loss": [2.0, 1.0]}


def test_a_million_epochs_take_less_than_a_few_seconds():
    y = list(np.random.default_rng(1).normal(size=1_000_000))
    assert len(by_epoch({"a": y, "b": y[:900_000]}, 900_000)[0]["a"]) == 900_000


values = st.lists(st.floats(), max_size=12)


@given(st.dictionaries(st.sampled_from(["epoch", "log", "valid_loss", "a"]), values, max_size=4), st.none() | st.integers(1, 12))
def test_any_series_come_out_as_long_as_one_another(series, planned):
    found, _ = by_epoch(series, planned)
    assert len({len(values) for values in found.values()}) <= 1
    assert found.keys() <= series.keys()


@pytest.mark.parametrize(
    ("config", "epochs"),
    [({"epochs": 5}, 5), ({"trainer.max_epochs": 7.0}, 7), ({"epochs": "5"}, None), ({"epochs": 0}, None), ({}, None)],
)
def test_the_planned_epochs_are_those_of_the_settings(config, epochs):
    assert planned_epochs(config) == epochs


PLAN = '[study]\ntitle = "T"\nmetric = "valid_accuracy"\n[[group]]\nname = "all"\nwhere = {}\n'


def test_a_resumed_run_counts_and_the_check_says_what_was_assumed(tmp_path, log, run, plan):
    for seed in (0, 1):
        again = {"valid_accuracy": CURVE[:4] + CURVE[2:], "valid_loss": CURVE}
        log(tmp_path / "logs", f"r{seed}", run(0.72, seed=seed, label="b", config={"epochs": 5}, epochs=again))
    sweep = load_sweep(tmp_path / "logs")
    assert not len(sweep.problems)
    assert list(sweep.runs["epochs_done"]) == [5, 5]
    assert list(sweep.epochs["valid_accuracy"]) == CURVE * 2
    (check,) = (c for c in findings(sweep, plan(tmp_path / "plan", PLAN)).checks if c.code == "SB204")
    assert check.message == (
        "2 runs of b have epochs that were logged twice (valid_accuracy has 7 entries for 5 epochs). The later ones count."
    )


def test_a_series_named_like_a_column_of_the_frame_takes_no_place_of_it(tmp_path, log, run):
    log(tmp_path, "r0", run(epochs={"log": [1.0, 2.0], "valid_loss": [2.0, 1.0]}))
    epochs = load_sweep(tmp_path).epochs
    assert list(epochs["log"]) == ["r0", "r0"]
    assert list(epochs["epoch"]) == [1, 2]
