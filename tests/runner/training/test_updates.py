"""Steps of many models at once, held to those that each takes by itself."""

import pytest
import torch
from sweepbook.runner.training.optim import optimizer
from sweepbook.runner.training.updates import Blocks, Directed

pytestmark = pytest.mark.training

OTHERS = [
    {"optimizer": "SGD"},
    {"optimizer": "SGD", "momentum": 0.9, "nesterov": True},
    {"optimizer": "SGD", "momentum": 0.9, "dampening": 0.5},
    {"optimizer": "Adam"},
    {"optimizer": "Adam", "amsgrad": True, "betas": [0.5, 0.9], "eps": 1e-3},
    {"optimizer": "AdamW"},
    {"optimizer": "AdamW", "amsgrad": True},
    {"optimizer": "RMSprop"},
    {"optimizer": "RMSprop", "momentum": 0.5, "centered": True},
]
OWN = [{}, {}, {"weight_decay": 0.1}, {"schedule": "cosine", "weight_decay": 0.02}]
RATES = [0.003, 0.003, 0.1, 0.02]


def trained(kind, configs, dtype):
    """The weights of all configurations after 30 steps whose rates change with each, by `kind` and each by itself."""
    generator = torch.Generator().manual_seed(0)
    weights = torch.randn(len(configs), 64, generator=generator, dtype=torch.float64).to(dtype)
    gradients = torch.randn(30, len(configs), 64, generator=generator, dtype=torch.float64).to(dtype)
    together, alone = weights.clone(), weights.clone().split(1)
    many, single = kind(configs, together), [optimizer(config, [row]) for config, row in zip(configs, alone, strict=True)]
    for number, gradient in enumerate(gradients):
        lr = [rate / (number + 1) for rate in RATES]
        many.at(lr)
        many.take([gradient.clone()])
        for take, row, rate in zip(single, gradient.split(1), lr, strict=True):
            take([row], rate)
    return together, torch.cat(alone)


@pytest.mark.parametrize("other", OTHERS, ids=str)
def test_blocks_of_one_configuration_each_take_the_steps_of_every_row_by_itself_to_the_bit(other):
    together, alone = trained(Blocks, [{**other, **own} for own in OWN], torch.float32)
    assert torch.equal(together, alone)


@pytest.mark.parametrize("other", OTHERS, ids=str)
def test_all_rows_along_one_direction_take_the_steps_of_every_row_by_itself(other):
    together, alone = trained(Directed, [{**other, **own} for own in OWN], torch.float64)
    torch.testing.assert_close(together, alone, rtol=0, atol=1e-12)


@pytest.mark.parametrize("optimizer_name", ["Adam", "AdamW"])
def test_without_any_decay_the_direction_begins_at_0(optimizer_name):
    configs = [{"optimizer": optimizer_name, "weight_decay": 0}] * 4
    together, alone = trained(Directed, configs, torch.float64)
    torch.testing.assert_close(together, alone, rtol=0, atol=1e-12)
