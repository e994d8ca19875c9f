import pytest
import torch
import torch.nn.functional as F
from sweepbook.runner.training.data import Data, Split
from sweepbook.runner.training.loop import train
from sweepbook.runner.training.objective import clipped, losses
from sweepbook.runner.training.program import Autograd

pytestmark = pytest.mark.training

CONFIG = {"optimizer": "SGD", "lr": 1.0, "epochs": 1, "batch_size": 8, "model": "mlp"}


def batch():
    torch.manual_seed(0)
    return torch.randn(16, 10, requires_grad=True), torch.randint(0, 10, (16,))


def test_smoothed_labels_are_trained_on_as_torchs_own_and_the_plain_loss_is_logged():
    logits, labels = batch()
    trained, logged = losses(logits, labels, 0.1)
    assert torch.equal(trained, F.cross_entropy(logits, labels, label_smoothing=0.1))
    assert torch.equal(logged, F.cross_entropy(logits, labels))
    assert trained.requires_grad
    assert not logged.requires_grad


@pytest.mark.parametrize("most", [0.5, 1e6])
def test_each_models_gradients_are_clipped_as_torchs_own_function_clips_them(most):
    torch.manual_seed(0)
    models = [[torch.zeros(4, 3, requires_grad=True), torch.zeros(3, requires_grad=True)] for _ in range(2)]
    for scale, weights in zip((1, 100), models, strict=True):
        for weight in weights:
            weight.grad = scale * torch.randn_like(weight)
    stacked = [torch.stack([weights[place].grad for weights in models]) for place in range(2)]
    ours = clipped(stacked, most)
    for model, weights in enumerate(models):
        torch.nn.utils.clip_grad_norm_(weights, most)
        for place, weight in enumerate(weights):
            torch.testing.assert_close(ours[place][model], weight.grad)


def step_of(changes):
    """How far one step of SGD at a rate of 1 moves a linear model."""
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4, 10))
    before = [weight.detach().clone() for weight in model.parameters()]
    split = Split(torch.randn(8, 1, 2, 2), torch.randint(0, 10, (8,)))
    config = {**CONFIG, **changes}
    epochs = []
    train(Autograd(model, config), config, Data(split, split), [0], lambda place, epoch: epochs.append(epoch))
    moved = [now.detach() - then for now, then in zip(model.parameters(), before, strict=True)]
    return torch.cat([own.flatten() for own in moved]), epochs[0]


def test_a_clipped_step_is_as_long_as_the_setting_says_and_goes_the_same_way():
    free, short = step_of({})[0], step_of({"clip_norm": 0.01})[0]
    assert free.norm() > 0.1
    assert short.norm().item() == pytest.approx(0.01, rel=1e-3)
    torch.testing.assert_close(short / short.norm(), free / free.norm(), rtol=1e-3, atol=1e-5)


def test_label_smoothing_changes_the_step_and_not_the_loss_that_is_logged():
    (plain, before), (smooth, after) = step_of({}), step_of({"label_smoothing": 0.2})
    assert not torch.allclose(plain, smooth, rtol=1e-3)
    assert before.train_loss == pytest.approx(after.train_loss, rel=1e-6)
