import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sweepbook.runner.config import (
    DEFAULTS,
    MODEL_SETTINGS,
    OPTIMIZER_SETTINGS,
    OPTIMIZERS,
    SETTINGS,
    active,
    acts,
    config_id,
    level_text,
    limits,
    missing,
    whole,
)

MLP = {
    "dataset": "digits",
    "model": "mlp",
    "units1": 32,
    "units2": 16,
    "depth": 2,
    "epochs": 3,
    "batch_size": 64,
    "lr": 0.001,
    "optimizer": "Adam",
}
CNN = {**MLP, "model": "cnn", "channels": 8}

levels = st.one_of(
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.lists(st.floats(0, 1), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)
configs = st.dictionaries(st.one_of(st.sampled_from(sorted(SETTINGS)), st.text(max_size=6)), levels, max_size=12)


def test_a_setting_that_does_not_act_is_left_out_of_the_identity():
    assert config_id({**MLP, "momentum": 0.9, "nesterov": True, "channels": 4}) == config_id(MLP)


def test_a_setting_that_acts_is_part_of_the_identity():
    changed = {
        "dataset": "cifar10",
        "model": "cnn",
        "units1": 64,
        "units2": 32,
        "depth": 3,
        "epochs": 4,
        "batch_size": 32,
        "lr": 0.01,
        "optimizer": "AdamW",
        "train_steps": 10,
        "valid_steps": 10,
        "betas": [0.8, 0.999],
        "eps": 1e-7,
        "weight_decay": 0.1,
        "amsgrad": True,
        "batch_norm": True,
        "dropout": 0.5,
        "schedule": "cosine",
        "warmup": 1,
        "label_smoothing": 0.1,
        "clip_norm": 1,
        "shift": 2,
        "flip": 0.5,
        "rotation": 10,
        "patience": 3,
        "precision": "bf16",
    }
    ids = [config_id(MLP), *(config_id({**MLP, key: value}) for key, value in changed.items())]
    assert len(set(ids)) == len(changed) + 1


@pytest.mark.parametrize(
    ("key", "value", "without", "beside"),
    [
        ("blocks", 3, {}, {"model": "cnn"}),
        ("warmup", 2, {"schedule": "one_cycle"}, {"schedule": "cosine"}),
        ("step_epochs", 2, {"schedule": "cosine"}, {"schedule": "step"}),
        ("step_factor", 0.5, {}, {"schedule": "step"}),
        ("plateau_factor", 0.5, {"schedule": "step"}, {"schedule": "plateau"}),
        ("plateau_patience", 2, {}, {"schedule": "plateau"}),
        ("one_cycle_rise", 0.1, {"schedule": "cosine"}, {"schedule": "one_cycle"}),
        ("watch", "valid_loss", {"patience": 0}, {"patience": 3}),
        ("watch", "valid_loss", {}, {"schedule": "plateau"}),
    ],
)
def test_a_setting_that_belongs_to_another_acts_only_beside_it(key, value, without, beside):
    assert config_id({**MLP, **without, key: value}) == config_id({**MLP, **without})
    assert key not in active({**MLP, **without, key: value})
    assert config_id({**MLP, **beside, key: value}) != config_id({**MLP, **beside})


def test_the_second_width_does_not_act_in_a_network_of_one_hidden_layer():
    assert active({**MLP, "depth": 1}) == {key: value for key, value in {**MLP, "depth": 1}.items() if key != "units2"}
    assert config_id({**MLP, "depth": 1, "units2": 16}) == config_id({**MLP, "depth": 1, "units2": 512})


def test_a_cnn_has_channels_and_one_width_and_an_mlp_two_widths_and_a_depth():
    assert {"channels", "units1"} <= active(CNN).keys()
    assert not {"units2", "depth"} & active(CNN).keys()
    assert "channels" not in active({**MLP, "channels": 8})


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_keeps_its_own_keywords_and_no_others(name):
    every = {**MLP, **dict.fromkeys(OPTIMIZER_SETTINGS, 0.5), "optimizer": name}
    assert active(every).keys() & OPTIMIZER_SETTINGS == OPTIMIZERS[name].keys()


def test_the_settings_of_an_unknown_optimizer_or_model_all_stay():
    foreign = {"optimizer": "Lion", "model": "vit", "momentum": 0.9, "units2": 8, "patch": 4}
    assert active(foreign) == foreign


def test_active_settings_come_in_one_order_with_unknown_ones_last():
    assert list(active({"zeta": 1, "lr": 0.1, "alpha_blend": 2, "dataset": "digits"})) == ["dataset", "lr", "alpha_blend", "zeta"]


@given(configs)
def test_taking_the_active_settings_twice_changes_nothing(config):
    assert active(active(config)) == active(config)


@given(configs.flatmap(lambda config: st.tuples(st.just(config), st.permutations(list(config.items())))))
def test_the_order_of_the_settings_does_not_change_the_identity(case):
    config, shuffled = case
    assert config_id(dict(shuffled)) == config_id(config)


@given(configs)
def test_an_identity_is_twelve_hex_digits_and_that_of_the_active_settings(config):
    assert len(config_id(config)) == 12
    assert int(config_id(config), 16) >= 0
    assert config_id(active(config)) == config_id(config)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_default_written_out_is_the_same_configuration_as_one_left_out(name):
    config = {**MLP, "optimizer": name}
    assert config_id({**config, **OPTIMIZERS[name]}) == config_id(config)
    for key, default in OPTIMIZERS[name].items():
        assert config_id({**config, key: default}) == config_id(config)


@pytest.mark.parametrize(("key", "default"), DEFAULTS.items())
def test_a_new_setting_at_its_default_changes_no_identity_of_ours_and_that_of_others_stays(key, default):
    for ours in (MLP, CNN):
        assert config_id({**ours, key: default}) == config_id(ours)
    foreign = {"model": "resnet", "lr": 0.1}
    assert config_id({**foreign, key: default}) != config_id(foreign)


def test_a_default_of_one_optimizer_is_no_default_of_another():
    assert config_id({**MLP, "weight_decay": 0.01}) != config_id(MLP)
    assert config_id({**MLP, "optimizer": "AdamW", "weight_decay": 0}) != config_id({**MLP, "optimizer": "AdamW"})


@pytest.mark.parametrize(("one", "other"), [(1, 1.0), (10, 1e1), (0, -0.0)])
def test_a_whole_number_is_the_same_with_and_without_a_point(one, other):
    assert config_id({**MLP, "lr": one}) == config_id({**MLP, "lr": other})
    assert config_id({**MLP, "betas": [one, 0.9]}) == config_id({**MLP, "betas": [other, 0.9]})


def test_true_is_not_one_and_text_is_not_a_number():
    assert len({config_id({"x": value}) for value in (True, 1, "1", "true")}) == 4


def test_the_identity_of_a_configuration_stays_what_it_was():
    assert config_id(MLP) == "1ae4870b8b0d"


def test_what_a_run_needs_and_lacks_is_named_in_order():
    assert missing({}) == ["dataset", "model", "epochs", "batch_size", "lr", "optimizer"]
    assert missing(MLP) == []
    assert missing({**MLP, "model": "cnn"}) == ["channels"]
    assert missing({key: value for key, value in MLP.items() if key not in ("lr", "units2")}) == ["lr", "units2"]
    assert missing({**MLP, "schedule": "step"}) == ["step_epochs"]
    assert missing({key: value for key, value in {**MLP, "depth": 1}.items() if key != "units2"}) == []


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.00001, "1e-05"),
        (0.001, "0.001"),
        (0.1 + 0.2, "0.3"),
        (64, "64"),
        (64.0, "64"),
        (1e20, "1e+20"),
        ("SGD", "SGD"),
        (True, "true"),
        (False, "false"),
        ([0.9, 0.999], "0.9-0.999"),
        ((0.5, 1), "0.5-1"),
    ],
)
def test_a_level_is_written_short(value, text):
    assert level_text(value) == text


GOOD = {
    "dataset": ["digits", "fashion_mnist", "cifar10"],
    "model": list(MODEL_SETTINGS),
    "optimizer": list(OPTIMIZERS),
    **{key: [1, 4096] for key in ("units1", "units2", "depth", "channels", "epochs", "batch_size", "train_steps", "valid_steps")},
    **{key: [1e-9, 1, 2.5] for key in ("lr", "eps")},
    **{key: [0, 0.0, 0.999] for key in ("momentum", "dampening", "alpha")},
    "weight_decay": [0, 0.1, 5],
    **{key: [True, False] for key in ("nesterov", "centered", "amsgrad")},
    "betas": [[0.9, 0.999], [0, 0]],
    "precision": ["float32", "bf16"],
    "schedule": ["constant", "cosine", "step", "one_cycle", "plateau"],
    "watch": ["valid_accuracy", "valid_loss"],
    **{key: [1, 30] for key in ("blocks", "step_epochs")},
    **{key: [0, 30] for key in ("plateau_patience", "shift", "patience")},
    **{key: [0.01, 0.5] for key in ("step_factor", "plateau_factor", "one_cycle_rise")},
    **{key: [0, 0.5] for key in ("dropout", "label_smoothing")},
    **{key: [0, 0.5, 20] for key in ("warmup", "clip_norm")},
    "flip": [0, 0.5, 1],
    "rotation": [0, 12.5, 180],
    "batch_norm": [True, False],
}
BAD = {
    **{key: ["", "sgd", 1, ["digits"], {}] for key in ("dataset", "model", "optimizer", "precision", "schedule", "watch")},
    **{key: [0, -1, 1.0, "8", True, []] for key in ("blocks", "step_epochs")},
    **{key: [-1, 1.0, "8", True, []] for key in ("plateau_patience", "shift", "patience")},
    **{key: [0, 1, -0.1, math.nan, "0.5", True] for key in ("step_factor", "plateau_factor", "one_cycle_rise")},
    **{key: [1, -0.1, math.nan, "0", False] for key in ("dropout", "label_smoothing")},
    **{key: [-0.1, math.inf, math.nan, "0", False] for key in ("warmup", "clip_norm")},
    "flip": [1.1, -0.1, "0.5", True],
    "rotation": [181, -1, "90", True],
    **{key: [0, -1, 1.0, "8", True, []] for key in ("units1", "units2", "depth", "channels")},
    **{key: [0, -1, 1.0, "8", True, []] for key in ("epochs", "batch_size", "train_steps", "valid_steps")},
    **{key: [0, -0.1, math.inf, math.nan, "0.1", True, [0.1], 10**400] for key in ("lr", "eps")},
    **{key: [1, -0.1, math.nan, "0", False, 10**400] for key in ("momentum", "dampening", "alpha")},
    "weight_decay": [-0.1, math.inf, math.nan, False, "0", 10**400],
    **{key: [0, 1, "true", []] for key in ("nesterov", "centered", "amsgrad", "batch_norm")},
    "betas": [[0.9], [0.9, 1], [0.9, 0.9, 0.9], 0.9, "0.9", [True, 0.9], ["0.9", 0.9]],
}


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_takes_what_is_right_and_nothing_else(name):
    assert all(SETTINGS[name].accepts(value) for value in GOOD[name])
    assert not any(SETTINGS[name].accepts(value) for value in BAD[name])
    assert SETTINGS[name].expected


def test_a_whole_number_comes_back_as_it_stands():
    assert whole(MLP, "epochs") == 3


@pytest.mark.parametrize("name", [name for name, setting in SETTINGS.items() if setting.kind in (int, float)])
def test_a_limit_is_the_last_number_that_a_setting_may_be(name):
    low, high = limits(name)
    accepts, kind = SETTINGS[name].accepts, SETTINGS[name].kind
    inside = kind(low + 1) if kind is int else 0.5
    assert accepts(inside)
    assert not accepts(kind(low) - 1)
    assert high == math.inf or not accepts(high + 0.1)


def test_limits_of_other_tools_settings_go_by_their_last_words():
    assert limits("encoder.attention_dropout") == (0, 1)
    assert limits("Optimizer/Weight_Decay") == (0, math.inf)
    assert limits("warmup_steps") == (0, math.inf)
    assert limits("max_steps") == (1, math.inf)
    assert limits("offset") == limits("slr") == (-math.inf, math.inf)


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("momentum", {"optimizer": "Adam"}),
        ("opt.momentum", {"opt.name": "torch.optim.AdamW"}),
        ("beta1", {"optim": "SGD"}),
        ("dampening", {"optimizer": "SGD", "momentum": 0.0}),
        ("degree", {"kernel": "rbf"}),
        ("units2", {"depth": 1}),
    ],
)
def test_a_setting_that_is_logged_and_does_nothing_does_not_act(name, config):
    assert not acts(name, {**config, name: 0.5})


def test_a_setting_acts_where_nothing_says_otherwise():
    assert acts("momentum", {"momentum": 0.9})
    assert acts("momentum", {"momentum": 0.9, "optimizer": "RMSprop"})
    assert acts("gamma", {"gamma": 0.1, "kernel": "rbf"})
    assert not acts("momentum", {"optimizer": "SGD"})  # it is not there


def test_minus_zero_is_written_as_zero_and_is_it():
    assert level_text(-0.0) == "0"
    assert config_id({"lr": -0.0}) == config_id({"lr": 0})
