import pytest
import torch
from sweepbook.runner.training.models import build, parameters, pooled_first

pytestmark = pytest.mark.training

MLP = {"model": "mlp", "units1": 256, "units2": 256, "depth": 2}
CNN = {"model": "cnn", "channels": 16, "units1": 64}


@pytest.mark.parametrize(
    ("config", "shape", "count"),
    [
        ({**MLP, "depth": 1}, (1, 28, 28), 784 * 256 + 256 + 256 * 10 + 10),
        (MLP, (1, 28, 28), 269_322),
        ({**MLP, "depth": 3}, (1, 28, 28), 269_322 + 256 * 256 + 256),
        ({**MLP, "units1": 16, "units2": 512, "depth": 3}, (1, 8, 8), 64 * 16 + 16 + 16 * 512 + 512 + 512 * 512 + 512 + 5130),
        (MLP, (3, 32, 32), 3072 * 256 + 256 + 256 * 256 + 256 + 2570),
        (CNN, (1, 28, 28), (16 * 9 + 16) + (32 * 16 * 9 + 32) + (32 * 7 * 7 * 64 + 64) + (64 * 10 + 10)),
        (CNN, (3, 32, 32), (16 * 27 + 16) + (32 * 16 * 9 + 32) + (32 * 8 * 8 * 64 + 64) + (64 * 10 + 10)),
        (CNN, (1, 8, 8), (16 * 9 + 16) + (32 * 16 * 9 + 32) + (32 * 2 * 2 * 64 + 64) + (64 * 10 + 10)),
    ],
)
def test_a_model_has_the_parameters_that_its_settings_count_up_to(config, shape, count):
    model = build(config, shape, classes=10)
    assert sum(p.numel() for p in parameters(model)) == count
    assert model(torch.zeros(5, *shape)).shape == (5, 10)


def test_an_mlp_has_the_first_width_once_and_the_second_for_every_further_layer():
    model = build({"model": "mlp", "units1": 7, "units2": 3, "depth": 4}, (1, 8, 8), classes=10)
    assert [layer.out_features for layer in model if isinstance(layer, torch.nn.Linear)] == [7, 3, 3, 3, 10]


def test_a_network_of_one_hidden_layer_needs_no_second_width():
    model = build({"model": "mlp", "units1": 7, "depth": 1}, (1, 8, 8), classes=4)
    assert model(torch.zeros(2, 1, 8, 8)).shape == (2, 4)


def test_the_output_is_a_logit_and_no_share():
    torch.manual_seed(0)
    logits = build(MLP, (1, 28, 28), classes=10)(torch.rand(50, 1, 28, 28))
    assert (logits < 0).any()
    assert not torch.allclose(logits.sum(1), torch.ones(50))


def kinds(config, shape=(1, 28, 28)):
    return [type(layer).__name__ for layer in build(config, shape, classes=10)]


def test_batch_norm_and_dropout_stand_round_every_hidden_layers_relu():
    hidden = ["Linear", "BatchNorm1d", "ReLU", "Dropout"]
    assert kinds({**MLP, "batch_norm": True, "dropout": 0.5}) == ["Flatten", *hidden, *hidden, "Linear"]
    block = ["Conv2d", "BatchNorm2d", "ReLU", "MaxPool2d"]
    assert kinds({**CNN, "batch_norm": True, "dropout": 0.5}) == [*block, *block, "Flatten", *hidden, "Linear"]


def test_a_cnn_has_as_many_blocks_as_asked_for_each_of_twice_the_channels():
    model = build({**CNN, "blocks": 3}, (1, 28, 28), classes=10)
    assert [layer.out_channels for layer in model if isinstance(layer, torch.nn.Conv2d)] == [16, 32, 64]
    assert model(torch.zeros(5, 1, 28, 28)).shape == (5, 10)


def test_dropout_is_off_in_evaluation_and_on_in_training():
    model, images = build({**MLP, "dropout": 0.5}, (1, 28, 28), classes=10), torch.rand(4, 1, 28, 28)
    assert not torch.equal(model(images), model(images))
    model.eval()
    assert torch.equal(model(images), model(images))


def test_a_setting_at_its_default_draws_the_same_first_weights():
    torch.manual_seed(0)
    written = build({**CNN, "blocks": 2, "batch_norm": False, "dropout": 0.0}, (1, 28, 28), classes=10)
    torch.manual_seed(0)
    left_out = build(CNN, (1, 28, 28), classes=10)
    assert all(torch.equal(one, other) for one, other in zip(written.parameters(), left_out.parameters(), strict=True))


@pytest.mark.parametrize("changes", [{}, {"batch_norm": True}, {"blocks": 1}], ids=str)
def test_pooling_before_relu_gives_the_same_bits_and_so_do_the_gradients(changes):
    model = build({**CNN, **changes}, (1, 9, 8), classes=10)
    images, labels = torch.rand(5, 1, 9, 8), torch.randint(0, 10, (5,))
    images[:, :, :5] = 0  # a blank ground, where all four that pooling looks at are the same
    sooner = pooled_first(model.children())
    names = [type(layer).__name__ for layer in sooner]
    assert names[names.index("MaxPool2d") :][:2] == ["MaxPool2d", "ReLU"]
    for one, other in zip(*(answers_and_gradients(net, images, labels) for net in (model, sooner)), strict=True):
        assert torch.equal(one, other)


def answers_and_gradients(model, images, labels):
    logits = model(images)
    return logits, *torch.autograd.grad(torch.nn.functional.cross_entropy(logits, labels), list(model.parameters()))
