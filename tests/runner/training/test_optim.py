import pytest
import torch
import torch.nn.functional as F
from sweepbook.runner.launch.worker import alone
from sweepbook.runner.settings import OPTIMIZERS
from sweepbook.runner.training.optim import optimizer
from torch import nn

pytestmark = pytest.mark.training

CASES = [
    ("SGD", {}),
    ("SGD", {"momentum": 0.9}),
    ("SGD", {"momentum": 0.9, "nesterov": True}),
    ("SGD", {"momentum": 0.9, "dampening": 0.5, "weight_decay": 0.01}),
    ("SGD", {"weight_decay": 0.1}),
    ("Adam", {}),
    ("Adam", {"amsgrad": True}),
    ("Adam", {"betas": [0.5, 0.9], "eps": 1e-3, "weight_decay": 0.1}),
    ("Adam", {"betas": [0.0, 0.0]}),
    ("AdamW", {}),
    ("AdamW", {"weight_decay": 0}),
    ("AdamW", {"weight_decay": 0.3, "amsgrad": True, "betas": [0.8, 0.99]}),
    ("RMSprop", {}),
    ("RMSprop", {"centered": True}),
    ("RMSprop", {"momentum": 0.9}),
    ("RMSprop", {"alpha": 0.5, "eps": 1e-4, "weight_decay": 0.1, "momentum": 0.5, "centered": True}),
]


def trained(lr, name, keywords, ours):
    """The parameters of a small network after 30 steps, by our function or by torch's class."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 3))
    images, labels = torch.randn(30, 16, 6), torch.randint(0, 3, (30, 16))
    weights = list(model.parameters())
    theirs = None if ours else getattr(torch.optim, name)(weights, lr=lr, **keywords)
    step = optimizer({"optimizer": name, **keywords}, weights) if ours else None
    for x, y in zip(images, labels, strict=True):
        gradients = torch.autograd.grad(F.cross_entropy(model(x), y), weights)
        if step is not None:
            with torch.no_grad():
                step(gradients, lr)
        else:
            for weight, gradient in zip(weights, gradients, strict=True):
                weight.grad = gradient
            theirs.step()
    return weights


@pytest.mark.parametrize(("name", "keywords"), CASES, ids=lambda value: str(value))
def test_an_optimizer_takes_the_steps_of_torchs_class(name, keywords):
    ours, theirs = trained(0.01, name, keywords, ours=True), trained(0.01, name, keywords, ours=False)
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("name", "keywords"), [(name, keywords) for name, keywords in CASES if keywords], ids=str)
def test_a_keyword_setting_changes_the_steps(name, keywords):
    plain, changed = trained(0.01, name, {}, ours=True), trained(0.01, name, keywords, ours=True)
    assert any(not torch.allclose(one, other, rtol=1e-5, atol=1e-6) for one, other in zip(plain, changed, strict=True))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_defaults_are_those_of_torchs_class(name):
    theirs = getattr(torch.optim, name)([torch.zeros(1, requires_grad=True)], lr=0.1).defaults
    for key, default in OPTIMIZERS[name].items():
        assert (list(theirs[key]) if key == "betas" else theirs[key]) == default


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_default_written_out_takes_the_same_steps(name):
    written, left_out = trained(0.01, name, OPTIMIZERS[name], ours=True), trained(0.01, name, {}, ours=True)
    assert all(torch.equal(one, other) for one, other in zip(written, left_out, strict=True))


def test_a_whole_learning_rate_is_the_same_with_and_without_a_point():
    one, other = trained(1, "SGD", {}, ours=True), trained(1.0, "SGD", {}, ours=True)
    assert all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


def test_a_worker_takes_numbers_below_the_smallest_normal_one_as_zeros():
    if not torch.set_flush_denormal(True):
        pytest.skip("not on this processor")
    try:
        torch.set_flush_denormal(False)
        small, factor = torch.full((64,), 1e-30), torch.tensor(1e-10)
        assert (small * factor).all()
        alone()
        assert not (small * factor).any()
    finally:
        torch.set_flush_denormal(False)
