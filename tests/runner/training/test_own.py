"""Models and data of a user's own: the example in the docs, and what is said where they do not fit."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from sweepbook.runner.launch import sweeps
from sweepbook.runner.launch.events import Ended
from sweepbook.runner.launch.provenance import text_digest
from sweepbook.runner.own import OwnError
from sweepbook.runner.plan import load_study
from sweepbook.runner.runlog import read_folder
from sweepbook.runner.training import own
from sweepbook.runner.training.data import load, load_test
from sweepbook.runner.training.rehearsal import rehearse

pytestmark = pytest.mark.training
CPU = torch.device("cpu")
SECTION = (Path(__file__).parents[3] / "docs" / "plan.md").read_text().partition("### Your own model or data")[2]
CONFIG = {"dataset": "digits", "model": "net:build", "epochs": 1, "batch_size": 8, "lr": 0.1, "optimizer": "SGD"}
NET = "from torch import nn\n\ndef build(config, shape, classes):\n    return nn.Sequential(nn.Flatten(), nn.Linear(64, classes))\n"


def example(language):
    """The first code block of a language in the section of the docs."""
    return re.search(rf"^```{language}\n(.*?)^```", SECTION, re.DOTALL | re.MULTILINE)[1]


def test_the_example_in_the_docs_runs(tmp_path):
    (tmp_path / "study.toml").write_text(example("toml"))
    (tmp_path / "mynet.py").write_text(example("python"))
    study, logs = load_study(tmp_path), tmp_path / "logs"
    found = sweeps.outlook(study, logs)
    with sweeps.executor(study, logs, "cpu", 1, False, found) as executor:
        events = list(executor.run(sweeps.training(found.missing)))
        (first, run), *_ = read_folder(logs)
        (planned,) = [one for one in study.runs if (one.label, one.seed) == (run.label, run.seed)]
        scored = list(executor.run(sweeps.scoring([(planned, first)])))
    runs = [run for _, run in read_folder(logs)]
    assert {event.status for event in [*events, *scored] if isinstance(event, Ended)} == {"finished"}
    assert {run.label for run in runs} == {"shortcut_without", "width_2", "width_32", "width_8"}
    assert {(run.train_examples, run.valid_examples) for run in runs} == {(800, 200)}
    digest = text_digest((tmp_path / "mynet.py").read_bytes())
    assert [run.code["model"] for run in runs] == [run.code["dataset"] for run in runs] == [digest] * 12
    assert [run.label for run in runs if "test_accuracy" in run.metrics] == [planned.label]
    assert min(run.metrics["valid_accuracy"] for run in runs if run.label == "width_32") > 0.7


@pytest.fixture
def module(tmp_path, monkeypatch):
    """module(text, name="net"): writes a module that can be named in the test."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(text, name="net"):
        (tmp_path / f"{name}.py").write_text(text)
        return tmp_path / f"{name}.py"

    yield write
    for path in tmp_path.glob("*.py"):
        if getattr(sys.modules.get(path.stem), "__file__", None) == str(path):
            del sys.modules[path.stem]


def test_a_dataset_in_one_piece_is_split_the_same_way_every_time(module):
    module("import numpy as np\n\ndef load():\n    return np.random.random((50, 3)), np.arange(50) % 4\n", "data_of_mine")
    first, second = load("data_of_mine:load", CPU), load("data_of_mine:load", CPU)
    assert (len(first.train), len(first.valid), first.shape, first.classes) == (40, 10, (3,), 4)
    assert (first.train.images.dtype, first.train.labels.dtype) == (torch.float32, torch.int64)
    assert first.train.digest == second.train.digest != first.valid.digest
    assert torch.equal(first.valid.images, second.valid.images)


def test_a_dataset_in_two_pieces_is_taken_as_it_is_and_its_test_examples_by_themselves(module):
    text = "import torch\n\n"
    text += (
        "def load():\n    return torch.full((4, 1, 2, 2), 255, dtype=torch.uint8), [0, 1, 0, 1], torch.zeros(2, 1, 2, 2), [2, 1]\n"
    )
    text += "\ndef load_test():\n    return torch.arange(6).reshape(3, 2), [0, 1, 2]\n"
    module(text, "pieces")
    data, test = load("pieces:load", CPU), load_test("pieces:load", CPU)
    assert data.train.images.unique().tolist() == [1.0]
    assert (data.valid.labels.tolist(), data.classes, data.shape) == ([2, 1], 3, (1, 2, 2))
    assert test.images.tolist() == [[0, 1], [2, 3], [4, 5]]


@pytest.mark.parametrize(
    ("returned", "says"),
    [
        ("None", "it returned nothing; (images, labels), or (training images, labels, validation images, labels) expected"),
        ("[1, 2, 3]", "it returned a value of type list of 3; (images, labels), or"),
        ("'ab', [0, 1]", "its images are no array: "),
        ("[[1.0], [2.0]], [0.5, 1.0]", "labels of type torch.float32, from 0.5; whole numbers from 0 expected"),
        ("[[1.0], [2.0]], [-1, 1]", "labels of type torch.int64, from -1; whole numbers from 0 expected"),
        ("[[1.0], [2.0]], [0, 1, 1]", "images [2, 1] and labels [3]; [n, ...] and [n] expected"),
        ("[1.0, 2.0], [0, 1]", "images [2] and labels [2]; [n, ...] and [n] expected"),
        ("[[float('nan')], [2.0]], [0, 1]", "some images have values that are not finite"),
        ("[[1.0], [2.0]], [0, 1], [[1.0, 2.0]], [1]", "examples of shapes [1] and [2]; one for all expected"),
        ("1 / 0", "wrong.py, line 2: ZeroDivisionError: division by zero"),
    ],
)
def test_a_dataset_that_is_none_is_said_to_be(module, returned, says):
    module(f"def load():\n    return {returned}\n", "wrong")
    with pytest.raises(OwnError) as error:
        load("wrong:load", CPU)
    assert str(error.value).startswith('dataset = "wrong:load": ')
    assert says in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("return nn", "return 3 or nn", "it returned a value of type int; a torch.nn.Module expected"),
        ("return nn", "return nn.Flatten() or nn", "its model has no parameter to train"),
        ("64, classes)", "64, 3)", "it answers 2 examples with [2, 3]; [2, 10] expected, a number a class"),
        ("64", "63", "RuntimeError: mat1 and mat2 shapes cannot be multiplied"),
        ("return nn", 'return config["own.deep"] or nn', "net.py, line 4: KeyError: 'own.deep'"),
        (
            "return nn",
            'config.get("own.widht"); return nn',
            'it does not read "own.width", which the plan sets; it reads own.widht',
        ),
    ],
)
def test_a_model_that_does_not_fit_is_said_to_before_training(module, old, new, says):
    module(NET.replace(old, new))
    with pytest.raises(OwnError) as error:
        rehearse({**CONFIG, "own.width": 8}, load("digits", CPU))
    assert str(error.value).startswith('model = "net:build": ')
    assert says in str(error.value)


def test_a_model_that_fits_is_tried_in_silence_and_drawn_by_the_seed_alone(module):
    module(NET.replace("    return", "    import numpy\n    assert numpy.random.random() and config['own.width']\n    return"))
    rehearse({**CONFIG, "own.width": 8}, load("digits", CPU))
    weights = []
    for _ in range(2):
        torch.manual_seed(5)
        np.random.seed(len(weights))
        weights.append(own.model({**CONFIG, "own.width": 8}, (1, 8, 8), 10)[1].weight)
    assert torch.equal(*weights)


def test_data_without_channels_are_refused_where_images_are_needed(module):
    module("def load():\n    return [[1.0, 2.0]] * 10, [0, 1] * 5\n", "points")
    for more, name in (({"model": "cnn", "channels": 2, "units1": 4}, "cnn"), ({"model": "mlp", "shift": 2}, "shift")):
        with pytest.raises(OwnError, match=rf"{name} needs images of \[channels, height, width\], not \[2\]"):
            rehearse({**CONFIG, "dataset": "points:load", "units1": 4, "depth": 1, **more}, load("points:load", CPU))


def test_a_module_whose_name_is_taken_is_said_to_be(module):
    module(NET, "random")
    with pytest.raises(OwnError, match='another module "random" is in use already'):
        own.model({**CONFIG, "model": "random:build"}, (1, 8, 8), 10)


LATE = """class Late(nn.Module):
    def forward(self, x):
        return x.flatten(1) if len(x) < 3 else x.flatten(1) @ x.flatten(1)

def"""


def test_what_a_model_raises_while_it_is_trained_is_logged_with_its_file_and_line(module, tmp_path):
    file = module(NET.replace("nn.Flatten()", "Late()").replace("def", LATE, 1), "late")
    (tmp_path / "study.toml").write_text("""
[study]
title = "Late"
seeds = [0]
[baseline]
dataset = "digits"
model = "late:build"
epochs = 1
batch_size = 9
lr = 0.1
optimizer = "SGD"
[[group]]
name = "lr"
grid = { lr = [0.1] }
""")
    study, logs = load_study(tmp_path), tmp_path / "logs"
    found = sweeps.outlook(study, logs)
    with sweeps.executor(study, logs, "cpu", 1, False, found) as executor:
        list(executor.run(sweeps.training(found.missing)))
    ((_, run),) = read_folder(logs)
    assert run.error.startswith(f"{file}, line 5: RuntimeError: ")
