import pytest
from hypothesis import given
from hypothesis import strategies as st
from sweepbook.runner.config import active, config_id, missing, whole
from sweepbook.runner.settings import DEFAULTS, OPTIMIZER_SETTINGS, OPTIMIZERS, SETTINGS
from sweepbook.runner.values import level_text

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


def test_a_whole_number_comes_back_as_it_stands():
    assert whole(MLP, "epochs") == 3


def test_minus_zero_is_written_as_zero_and_is_it():
    assert level_text(-0.0) == "0"
    assert config_id({"lr": -0.0}) == config_id({"lr": 0})
