"""Which labels tell of a setting that their logs do not record, and which are of replicates."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sweepbook.analysis.logs.labels import setting_words, unrecorded


def told(labels, config, seeds=None, recorded=()):
    """What the labels of runs with the same record tell beyond it."""
    runs = list(zip(labels, seeds or [None] * len(labels), strict=True))
    return unrecorded(runs, config, setting_words([*recorded, *config]))


@pytest.mark.parametrize(
    ("labels", "config"),
    [
        (("lr=0.001", "lr=1e-3", "lr=0.0010", "lr=.001"), {"lr": 0.001}),
        (("steps_1000", "steps_1k", "steps_1e3"), {}),
        (("bn_1", "bn_1.0"), {"bn": 1}),
        (("bn_True", "bn_true", "bn_1"), {"bn": True}),
        (("optimizer_sgd", "optimizer_SGD"), {}),
        (("bs=32", "batch_size=32", "batch-size-32"), {"batch_size": 32}),
        (("opt.lr=0.1", "lr=0.10"), {"opt.lr": 0.1}),
        (("units_256_256", "units_256"), {"units1": 256, "units2": 256}),
    ],
)
def test_one_value_in_several_spellings_is_one_setting(labels, config):
    assert told(labels, config) == [{}] * len(labels)


@pytest.mark.parametrize(
    "labels",
    [
        ("dainty-sunset-0", "brave-forest-1", "stellar-fog-2"),
        ("dainty-sunset", "dainty-moon"),
        ("fluffy_cloud", "fluffy_moon"),
        ("run-20260501_120000-a1b2c3d4", "run-20260501_120100-b1b2c3d4"),
        ("lr_0.1_2026-05-01_12-00-00", "lr_0.1_2026-05-01_13-00-00"),
        ("lr=0.1_1767225600", "lr=0.1_1767225700"),
        ("lr=0.1-3f9c1e7", "lr=0.1-77a0c2d"),
        ("version_0", "version_1"),
        ("PPO_1", "PPO_2"),
        ("trial=1", "trial=2"),
        ("epoch=3-step=100", "epoch=4-step=200"),
        ("train_abc12_00000_0_lr=0.1", "train_abc12_00001_1_lr=0.1"),
        ("lr_0.1_0", "lr_0.1_1", "lr_0.1_2"),
        ("mlp_seed0", "mlp_seed1"),
        ("lr_0.1_seed_3", "lr_0.1_seed_4"),
        ("lr=0.1,random_state=3", "lr=0.1,random_state=4"),
        ("wide", "deep"),
        ("", "_"),
    ],
)
def test_names_and_numbers_of_single_runs_tell_of_no_setting(labels):
    assert told(labels, {"lr": 0.1}) == [{}] * len(labels)


def test_a_last_number_that_is_the_seed_of_every_run_is_no_setting():
    assert told(["net_0", "net_1", "net_1"], {}, [0, 1, 1]) == [{}] * 3
    assert told(["depth_2_7", "depth_2_8"], {}, [7, 8]) == [{}] * 2


@pytest.mark.parametrize(
    ("labels", "config", "settings"),
    [
        (("depth_1", "depth_2", "lr_0.1"), {"lr": 0.1}, [{"label.depth": 1}, {"label.depth": 2}, {}]),
        (("k=3", "k=4"), {}, [{"label.k": 3}, {"label.k": 4}]),
        (("bs=32,wd=0", "bs=32,wd=1e-2"), {"batch_size": 32}, [{"label.wd": 0}, {"label.wd": 0.01}]),
        (("optimizer_SGD_lr_1", "optimizer_Adam_lr_1"), {"lr": 1}, [{"label.optimizer": "SGD"}, {"label.optimizer": "Adam"}]),
        (("units_256_128", "units_256_64"), {}, [{"label.units": [256, 128]}, {"label.units": [256, 64]}]),
        (("depth_2_0", "depth_2_1", "depth_3_0"), {}, [{"label.depth": 2}, {"label.depth": 2}, {"label.depth": 3}]),
        (("mlp-wd-0.1-seed-0", "mlp-wd-0.2-seed-0"), {}, [{"label.wd": 0.1}, {"label.wd": 0.2}]),
        (("width-64", "width128"), {}, [{"label.width": 64}, {"label.width": 128}]),
        (("学习率=0.1", "学习率=0.2"), {}, [{"label.学习率": 0.1}, {"label.学习率": 0.2}]),
    ],
)
def test_levels_of_a_setting_that_no_log_records_are_told_apart(labels, config, settings):
    assert told(labels, config) == settings


def test_a_name_that_some_other_log_records_is_one_of_a_setting():
    assert told(["beta_1", "beta_2"], {}) == [{}, {}]
    assert told(["beta_1", "beta_2"], {}, recorded=["beta"]) == [{"label.beta": 1}, {"label.beta": 2}]


def test_words_that_name_several_runs_each_name_no_single_run():
    assert told(["aug_none", "aug_flip"], {}) == [{}, {}]
    assert told(["aug_none", "aug_flip"] * 2, {}) == [{"label.aug": "none"}, {"label.aug": "flip"}] * 2


def test_only_the_labels_that_contradict_their_logs_are_set_apart():
    assert told(["lr_0.1", "lr_0.10", "lr_0.2", "best"], {"lr": 0.1}) == [{}, {}, {"label.lr": 0.2}, {}]
    assert told(["units_16_32", "units_16_64"], {"units1": 16, "units2": 64}) == [{"label.units": [16, 32]}, {}]


def test_labels_that_all_say_the_same_are_left_alone_even_where_a_log_says_otherwise():
    assert told(["lr_0.1_a", "lr_0.1_b"], {"lr": 0.4}) == [{}, {}]


@pytest.mark.slow
def test_a_label_of_a_hundred_thousand_letters_takes_no_time():
    labels = ["x_" * 50_000 + str(n) for n in range(2)]
    assert told(labels, {}) == [{}, {}]


@pytest.mark.slow
@settings(max_examples=300)
@given(
    st.lists(st.tuples(st.text(max_size=8) | st.text("abdelrs_=-.,019e ", max_size=16), st.none() | st.integers(0, 3)), min_size=1)
)
def test_labels_of_any_text_are_read(runs):
    assert len(unrecorded(runs, {"lr": 0.1}, setting_words(["lr"]))) == len(runs)
