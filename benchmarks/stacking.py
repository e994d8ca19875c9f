"""Runs that train side by side in one program against the same runs one after the other.

python benchmarks/stacking.py [--device cpu] [--rounds 3]
python benchmarks/stacking.py --device cuda

The run is the baseline of studies/fashion-mnist: 784-256-256-10, Adam, batches of 64, 5 epochs of 100 steps and 100 batches
of validation; the stack is of its seeds, or of configurations of its shape that differ in rate, schedule and weight decay. On the
processor, where a thread trains, its layers have 16, 64 or 256 units and it has one epoch. The first time of each is not counted.
A time is that of building the models, training and validating.

On a GPU each is also timed without CUDA graphs, and the rate of the products is printed beside that of one large product in the
same precision, which is the most that the GPU gave here; on both, how far stacked runs are from single ones in float64 after 100
steps, and in float32 after every epoch.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import torch
from sweepbook.runner.config import Config, whole
from sweepbook.runner.plan import load_study
from sweepbook.runner.runlog import Epoch
from sweepbook.runner.training import data, loop, models
from sweepbook.runner.training.data import Data, Split
from sweepbook.runner.training.mlp import Mlp
from sweepbook.runner.training.program import build
from sweepbook.runner.training.schedules import Rates
from sweepbook.runner.training.weights import drawn

ROOT = Path(__file__).parent.parent
STACKS = {"cpu": (1, 5, 20), "cuda": (1, 8, 64, 256)}
Stack: TypeAlias = list[tuple[Config, int]]  # runs: each a configuration and a seed
LARGE = 8192  # rows and columns of the large product


def seconds(stack: Stack, examples: Data, replays: bool = True) -> float:
    """Building, training and validating one program; on a GPU with graphs, unless it is not to replay any."""
    wait(examples)
    started = time.perf_counter()
    trained(stack, examples, lambda *_: None, replays)
    wait(examples)
    return time.perf_counter() - started


def trained(stack: Stack, examples: Data, each_epoch: Callable[[int, Epoch], None], replays: bool = True) -> Mlp:
    """The program that trains `stack`, at its end."""
    configs, seeds = [config for config, _ in stack], [seed for _, seed in stack]
    program = build(configs[0], examples, seeds, configs)
    assert isinstance(program, Mlp)
    program.replays = program.replays and replays
    loop.train(program, configs[0], examples, seeds, each_epoch, configs=configs)
    return program


def wait(examples: Data) -> None:
    """Returns once the device has done what it was given."""
    if examples.train.labels.is_cuda:
        torch.cuda.synchronize()


def operations(config: Config, examples: Data) -> float:
    """Floating-point operations of the products of one run, by the sizes of its layers."""
    inputs = examples.shape[0] * examples.shape[1] * examples.shape[2]
    sizes = [inputs, whole(config, "units1"), *[whole(config, "units2")] * (whole(config, "depth") - 1), 10]
    forward = 2 * sum(one * other for one, other in pairwise(sizes))
    step = whole(config, "batch_size") * (3 * forward - 2 * sizes[0] * sizes[1])
    shown = len(loop.scored(examples.valid, config))
    return float(whole(config, "epochs") * (whole(config, "train_steps") * step + shown * forward))


def peak(device: torch.device, dtype: torch.dtype) -> float:
    """Operations a second of one large product, the best of ten."""
    one = torch.randn(LARGE, LARGE, device=device, dtype=dtype)
    best = 0.0
    for _ in range(10):
        torch.cuda.synchronize()
        started = time.perf_counter()
        torch.mm(one, one)
        torch.cuda.synchronize()
        best = max(best, 2 * LARGE**3 / (time.perf_counter() - started))
    return best


def apart_in_float64(stack: Stack, examples: Data) -> float:
    """The largest difference between parameters of runs trained in one stack and of the same runs alone, after 100 steps."""
    exact = Data(Split(examples.train.images.double(), examples.train.labels), examples.valid)
    alone = [after([run], exact)[0] for run in stack]
    return (after(stack, exact) - torch.stack(alone)).abs().max().item()


def after(stack: Stack, exact: Data) -> torch.Tensor:
    """The parameters, a row a run, after 100 steps in float64."""
    configs, seeds = [config for config, _ in stack], [seed for _, seed in stack]
    sizes = models.sizes(configs[0], exact.shape, 10)
    program = Mlp(drawn(sizes, seeds).double(), sizes, configs, exact.train.labels.device)
    rates = Rates(configs, 100)
    for step, (images, labels) in enumerate(loop.Feed(exact.train, configs[0], seeds).batches(100)):
        program.step(images, labels, rates(step))
    return program.weights


def apart_in_float32(stack: Stack, examples: Data) -> tuple[float, bool]:
    """The largest relative difference of an epoch's losses between stacked and single runs, and whether all bits are the same."""
    together = losses(stack, examples)
    alone = [losses([run], examples)[0] for run in stack]
    pairs = [pair for one, other in zip(together, alone, strict=True) for pair in zip(one, other, strict=True)]
    return max(abs(one - other) / other for one, other in pairs), together == alone


def losses(stack: Stack, examples: Data, replays: bool = True) -> list[list[float]]:
    """The training and the validation loss of every epoch, a list a run."""
    told: list[list[float]] = [[] for _ in stack]
    trained(stack, examples, lambda place, epoch: told[place].extend((epoch.train_loss, epoch.valid_loss)), replays)
    return told


def seeds(config: Config, count: int) -> Stack:
    return [(config, seed) for seed in range(count)]


def sweep(config: Config, rates: int, decays: int, replicates: int) -> Stack:
    """Runs of the baseline's shape, each configuration with a rate, a schedule and a weight decay of its own."""
    configs: list[Config] = []
    for rate in range(rates):
        shaped: Config = {**config, "lr": 1e-4 * 1.4**rate, "schedule": ("constant", "cosine")[rate % 2]}
        configs += [{**shaped, "weight_decay": decay / 1e5} for decay in range(decays)]
    return [(own, seed) for own in configs for seed in range(replicates)]


def medians(ways: Sequence[Callable[[], float]], rounds: int) -> list[float]:
    """The median seconds of each way, all of them in turn; the first round is not counted."""
    times = [[way() for way in ways] for _ in range(rounds + 1)]
    return [statistics.median(column) for column in zip(*times[1:], strict=True)]


def measure(stack: Stack, examples: Data, rounds: int) -> tuple[float, float]:
    """The median seconds of the first run alone and of the stack, both measured in the same rounds."""
    alone, together = medians([lambda: seconds(stack[:1], examples), lambda: seconds(stack, examples)], rounds)
    return alone, together


def on_the_processor(config: Config, examples: Data, rounds: int) -> None:
    for units in (16, 64, 256):
        short = {**config, "units1": units, "units2": units, "epochs": 1}
        stacks = [(f"{count:3} seeds", seeds(short, count)) for count in STACKS["cpu"]]
        for name, stack in [*stacks, ("8 configurations", sweep(short, 4, 2, 1))]:
            alone, together = measure(stack, examples, rounds)
            count = len(stack)
            print(f"{units:4} units, {name}: alone {1000 * alone:6.0f} ms each, stacked {1000 * together / count:6.0f} ms")
            print(f"     stacked is {count * alone / together:.2f} times as fast", flush=True)


def on_a_gpu(config: Config, examples: Data, rounds: int) -> float:
    """Prints what stacks and graphs gain; the best gain of a stack of the baseline in float32 over single runs with graphs."""
    best = 0.0
    for precision, dtype in (("float32", torch.float32), ("bf16", torch.bfloat16)):
        most, own = peak(examples.train.labels.device, dtype), {**config, "precision": precision}
        print(f"{precision}: one product of {LARGE} by {LARGE} runs at {most / 1e12:.1f} TFLOP/s")
        stacks = [(f"{count} seeds", seeds(own, count)) for count in STACKS["cuda"]]
        for name, stack in [*stacks, ("56 configurations, 3 seeds", sweep(own, 14, 4, 3))]:
            gain = compare(f"{precision}, {name}", stack, examples, most, rounds)
            best = max(best, gain) if precision == "float32" else best
    return best


def compare(name: str, stack: Stack, examples: Data, most: float, rounds: int) -> float:
    """Prints what it takes to train `stack` on a GPU; how many times as fast it is as its runs alone."""
    ways = [
        lambda: seconds(stack[:1], examples),
        lambda: seconds(stack, examples),
        lambda: seconds(stack[:1], examples, replays=False),
        lambda: seconds(stack, examples, replays=False),
    ]
    alone, together, alone_plain, together_plain = medians(ways, rounds)
    gain, rate = len(stack) * alone / together, len(stack) * operations(stack[0][0], examples) / together
    print(f"{name}: alone {alone:.3f} s each ({alone_plain:.3f} without graphs), stacked {together:.3f} s ({together_plain:.3f}),")
    print(f"     {gain:.1f} times as fast, {rate / 1e12:.2f} TFLOP/s, {100 * rate / most:.1f}% of the large product's", flush=True)
    return gain


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    arguments.add_argument("--rounds", type=int, default=3)
    asked = arguments.parse_args()
    torch.set_num_threads(1)
    if asked.device == "cuda":
        os.environ["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"
        torch.use_deterministic_algorithms(True)
        torch.utils.deterministic.fill_uninitialized_memory = False  # as in a worker
        print(torch.cuda.get_device_name(), end=", ")
    print(f"torch {torch.__version__}, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    config = load_study(ROOT / "studies" / "fashion-mnist").baseline
    examples = data.load("fashion_mnist", torch.device(asked.device))
    for name, stack in (("5 seeds", seeds(config, 5)), ("6 configurations", sweep(config, 3, 2, 1))):
        print(f"float64, {name}, 100 steps: parameters at most {apart_in_float64(stack, examples):.1e} apart")
        apart, same = apart_in_float32(stack, examples)
        print(f"float32, {name}, {config['epochs']} epochs: losses at most {apart:.1e} apart, the same bits: {same}", flush=True)
        if asked.device == "cuda":
            same = losses(stack, examples) == losses(stack, examples, replays=False)
            print(f"float32, {name}: the same bits with graphs as without: {same}", flush=True)
    if asked.device == "cpu":
        on_the_processor(config, examples, asked.rounds)
        return 0
    gain = on_a_gpu(config, examples, asked.rounds)
    print(f"stacked runs are up to {gain:.1f} times as fast as one after the other (at least 10)")
    return 0 if gain >= 10 else 1


if __name__ == "__main__":
    sys.exit(main())
