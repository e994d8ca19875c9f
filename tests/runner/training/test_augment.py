import pytest
import torch
from sweepbook.runner.training import data
from sweepbook.runner.training.augment import augmentation
from sweepbook.runner.training.loop import train
from sweepbook.runner.training.program import Autograd

pytestmark = pytest.mark.training


def images(models=1, count=200, height=9, width=9):
    torch.manual_seed(0)
    return torch.rand(models, count, 2, height, width)


def shifted(image, across, down):
    """The image moved by whole pixels, with nothing where it came from."""
    moved, (_, height, width) = torch.zeros_like(image), image.shape
    rows, columns = slice(max(-down, 0), height - max(down, 0)), slice(max(-across, 0), width - max(across, 0))
    there = slice(max(down, 0), height + min(down, 0)), slice(max(across, 0), width + min(across, 0))
    moved[:, rows, columns] = image[:, there[0], there[1]]
    return moved


def test_a_configuration_that_asks_for_nothing_has_no_augmentation():
    assert augmentation({}, [0]) is None
    assert augmentation({"shift": 0, "flip": 0.0, "rotation": 0}, [0]) is None


@pytest.mark.parametrize("size", [(9, 9), (6, 11), (28, 28)])
def test_a_shift_moves_each_image_by_whole_pixels_of_its_own(size):
    before = images(1, 200, *size)
    after = augmentation({"shift": 1}, [0])(before)
    every = [(across, down) for across in (-1, 0, 1) for down in (-1, 0, 1)]
    seen = []
    for old, new in zip(before[0], after[0], strict=True):
        (how,) = [shift for shift in every if torch.equal(shifted(old, *shift), new)]
        seen.append(how)
    assert all(10 < seen.count(shift) < 40 for shift in every)


@pytest.mark.parametrize(("flip", "least", "most"), [(1, 200, 200), (0.25, 30, 70)])
def test_a_flip_mirrors_left_and_right_as_often_as_the_setting_says(flip, least, most):
    before = images(1, 200, 6, 11)
    after = augmentation({"flip": flip}, [0])(before)
    mirrored = [torch.equal(old.flip(-1), new) for old, new in zip(before[0], after[0], strict=True)]
    same = [torch.equal(old, new) for old, new in zip(before[0], after[0], strict=True)]
    assert least <= sum(mirrored) <= most
    assert all(one or other for one, other in zip(mirrored, same, strict=True))


def test_a_rotation_turns_round_the_centre_by_up_to_its_degrees():
    line = torch.zeros(1, 300, 1, 41, 41)
    line[..., 20, 30] = line[..., 20, 31] = line[..., 21, 30] = line[..., 19, 30] = 1.0  # a dot right of the centre
    after = augmentation({"rotation": 30}, [0])(line)[0, :, 0]
    rows, columns = torch.meshgrid(torch.arange(41.0) - 20, torch.arange(41.0) - 20, indexing="ij")
    mass = after.sum((1, 2))
    angle = torch.atan2((after * rows).sum((1, 2)) / mass, (after * columns).sum((1, 2)) / mass).rad2deg()
    assert angle.abs().max() == pytest.approx(30, abs=1)
    assert angle.std() == pytest.approx(30 / 3**0.5, rel=0.1)


def test_a_quarter_turn_of_an_image_that_is_not_square_keeps_its_shape():
    wide = torch.zeros(1, 1, 1, 21, 41)
    wide[..., 10, 25] = 1.0  # five pixels right of the centre
    generator = augmentation({"rotation": 180}, [4])
    places = [(generator(wide)[0, 0, 0] > 0.2).nonzero().float().mean(0) - torch.tensor([10.0, 20.0]) for _ in range(20)]
    assert all(place.norm().item() == pytest.approx(5, abs=0.8) for place in places)


ALL = {"shift": 2, "flip": 0.5, "rotation": 15}


def test_the_same_seed_draws_the_same_and_another_seed_does_not_in_a_stack_or_alone():
    stack = images(1, 50).expand(3, -1, -1, -1, -1)
    together = augmentation(ALL, [5, 6, 5])(stack)
    assert torch.equal(together[0], together[2])
    assert not torch.equal(together[0], together[1])
    torch.testing.assert_close(augmentation(ALL, [6])(stack[:1])[0], together[1])


def test_the_next_batch_is_drawn_anew():
    augment, same = augmentation(ALL, [0]), images(1, 50)
    assert not torch.equal(augment(same), augment(same))


class Watching(torch.nn.Module):
    """A model that remembers the images that it saw in training and in validation."""

    def __init__(self):
        super().__init__()
        self.inner, self.trained, self.shown = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, 10)), [], []

    def forward(self, images):
        (self.trained if self.training else self.shown).append(images)
        return self.inner(images)


def seen(changes):
    """The images that a run shows its model in training and in validation, and its labels in their order."""
    digits = data.load("digits", torch.device("cpu"))
    config = {"model": "mlp", "epochs": 1, "batch_size": 100, "train_steps": 3, "lr": 1e-9, "optimizer": "SGD", **changes}
    model, labels = Watching(), []
    program = Autograd(model, config)
    inner = program.step
    program.step = lambda images, own, lr: (labels.append(own), inner(images, own, lr))[1]
    train(program, config, digits, [0], lambda *_: None)
    return torch.cat(model.trained), torch.cat(model.shown), torch.cat(labels, 1)


def test_a_run_augments_what_it_trains_on_and_neither_labels_nor_validation():
    (plain, shown, labels), (changed, shown_then, labels_then) = seen({}), seen(ALL)
    assert not torch.equal(plain, changed)
    assert torch.equal(shown, shown_then)
    assert torch.equal(labels, labels_then)
    assert torch.equal(changed, seen(ALL)[0])
