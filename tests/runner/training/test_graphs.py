"""What a GPU does, with CUDA graphs and without: skipped where there is none."""

import os

import pytest
import torch
from sweepbook.runner.training import models
from sweepbook.runner.training.data import Data, Split
from sweepbook.runner.training.graphs import WARM
from sweepbook.runner.training.loop import train
from sweepbook.runner.training.mlp import Mlp
from sweepbook.runner.training.program import build
from sweepbook.runner.training.schedules import Rates
from sweepbook.runner.training.weights import drawn

pytestmark = pytest.mark.training

CONFIG = {"dataset": "digits", "model": "mlp", "units1": 32, "units2": 16, "depth": 2, "epochs": 14, "batch_size": 64, "lr": 0.01}
SHAPE = (1, 6, 6)
OTHERS = [
    {"optimizer": "Adam"},
    {"optimizer": "Adam", "amsgrad": True, "label_smoothing": 0.1},
    {"optimizer": "AdamW", "clip_norm": 0.3},
    {"optimizer": "SGD", "momentum": 0.9, "nesterov": True},
    {"optimizer": "SGD", "depth": 1},
    {"optimizer": "RMSprop", "momentum": 0.5, "centered": True},
]
OWN = [{}, {"weight_decay": 0.01}, {"schedule": "cosine", "weight_decay": 0.02, "lr": 0.03}, {"schedule": "plateau", "patience": 3}]


@pytest.fixture(autouse=True)
def gpu():
    if not torch.cuda.is_available():
        pytest.skip("no GPU")


@pytest.fixture(scope="module", autouse=True)
def deterministic():
    """As a worker has it."""
    os.environ["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"
    torch.use_deterministic_algorithms(True)
    yield
    torch.use_deterministic_algorithms(False)


def examples(device, count):
    generator = torch.Generator().manual_seed(1)
    images, labels = torch.rand(count, *SHAPE, generator=generator), torch.randint(0, 10, (count,), generator=generator)
    return Split(images.to(device), labels.to(device))


def stepped(configs, device, dtype, replays=True):
    """The weights and the losses after steps on batches of two sizes, in turn, some of them in graphs where these may be."""
    sizes = models.sizes(configs[0], SHAPE, 10)
    given = drawn(sizes, range(len(configs)), threads=4).to(dtype)
    program, rates = Mlp(given, sizes, configs, torch.device(device)), Rates(configs, 5)
    program.replays = program.replays and replays
    generator = torch.Generator().manual_seed(2)
    for step in range(2 * WARM + 20):
        n = (64, 10)[step % 2]
        images = torch.rand(len(configs), n, *SHAPE, generator=generator, dtype=torch.float64).to(device, dtype)
        labels = torch.randint(0, 10, (len(configs), n), generator=generator).to(device)
        program.step(images, labels, rates(step))
    assert [desk.graph is not None for desk in program.desks.values()] == [device == "cuda" and replays] * 2
    return program.weights.cpu(), program.losses().cpu()


@pytest.mark.parametrize("precision", ["float32", "bf16"])
@pytest.mark.parametrize("other", OTHERS, ids=str)
def test_a_graph_gives_the_same_bits_as_the_calls_that_it_holds(other, precision):
    configs = [{**CONFIG, **other, **own, "precision": precision} for own in OWN]
    graphs, plain = (stepped(configs, "cuda", torch.float32, replays) for replays in (True, False))
    assert torch.equal(graphs[0], plain[0])
    assert torch.equal(graphs[1], plain[1])
    assert graphs[0].isfinite().all()


@pytest.mark.parametrize("other", OTHERS, ids=str)
def test_a_gpu_takes_the_steps_of_a_processor(other):
    configs = [{**CONFIG, **other, **own} for own in OWN]
    ours, theirs = stepped(configs, "cuda", torch.float64), stepped(configs, "cpu", torch.float64)
    torch.testing.assert_close(ours[0], theirs[0], rtol=0, atol=1e-8)
    torch.testing.assert_close(ours[1], theirs[1], rtol=1e-8, atol=0)


@pytest.mark.parametrize("changes", [{}, {"shift": 1}, {"train_steps": 3}], ids=str)
def test_runs_trained_with_graphs_report_what_they_report_without(changes):
    configs = [{**CONFIG, "optimizer": "Adam", **own, **changes} for own in OWN]
    data, told = Data(examples("cuda", 650), examples("cuda", 100)), {True: [], False: []}
    for replays, epochs in told.items():
        program = build(configs[0], data, range(4), configs)
        program.replays = replays
        best = train(
            program,
            configs[0],
            data,
            range(4),
            lambda place, epoch, to=epochs: to.append((place, epoch.train_loss, epoch.valid_loss, epoch.lr)),
            configs=configs,
        )
        epochs.append((best, program.weights.tolist()))
    assert told[True] == told[False]
