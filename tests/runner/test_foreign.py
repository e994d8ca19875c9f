import math

import pytest
from sweepbook.runner.foreign import acts, limits
from sweepbook.runner.settings import SETTINGS


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
