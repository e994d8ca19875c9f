"""Runs that train side by side in one program against the same runs one after the other.

python benchmarks/stacking.py [--device cpu] [--rounds 3]
python benchmarks/stacking.py --device cuda

The run is the baseline of studies/fashion-mnist: 784-256-256-10, Adam, batches of 64, 5 epochs of 100 steps and 100 batches
of validation; the stack is of its seeds. On the processor, where a thread trains, its layers have 16, 64 or 256 units and it has
one epoch. The first time of each is not counted. A time is that of building the models, training and validating.

On a GPU the rate of the products is printed beside that of one large product in the same precision, which is the most that the
GPU gave here; on both, how far stacked runs are from single ones in float64 after 100 steps, and in float32 after every epoch.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import torch
from sweepbook.runner.config import Config, whole
from sweepbook.runner.plan import load_study
from sweepbook.runner.training import data, loop, models
from sweepbook.runner.training.data import Data, Split
from sweepbook.runner.training.mlp import Mlp
from sweepbook.runner.training.program import build

ROOT = Path(__file__).parent.parent
STACKS = {"cpu": (1, 5, 20), "cuda": (1, 8, 64, 256)}
LARGE = 8192  # rows and columns of the large product


def seconds(config: Config, examples: Data, seeds: Sequence[int]) -> float:
    """Building, training and validating one program of `seeds`."""
    wait(examples)
    started = time.perf_counter()
    loop.train(build(config, examples, seeds), config, examples, seeds, lambda *_: None)
    wait(examples)
    return time.perf_counter() - started


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


def apart_in_float64(config: Config, examples: Data, count: int) -> float:
    """The largest difference between parameters of runs trained in one stack and of the same runs alone, after 100 steps."""
    exact = Data(Split(examples.train.images.double(), examples.train.labels), examples.valid)
    together = after(config, exact, range(count))
    alone = [after(config, exact, [seed])[0] for seed in range(count)]
    return (together - torch.stack(alone)).abs().max().item()


def after(config: Config, exact: Data, seeds: Sequence[int]) -> torch.Tensor:
    """The parameters, a row a seed, after 100 steps in float64."""
    own = []
    for seed in seeds:
        torch.manual_seed(seed)
        own.append(models.build(config, exact.shape, classes=10).double())
    program = Mlp(own, config, exact.train.labels.device)
    for images, labels in loop.Feed(exact.train, config, seeds).batches(100):
        program.step(images, labels, 0.001)
    return program.weights


def apart_in_float32(config: Config, examples: Data, count: int) -> tuple[float, bool]:
    """The largest relative difference of an epoch's losses between stacked and single runs, and whether all bits are the same."""
    together = losses(config, examples, range(count))
    alone = [losses(config, examples, [seed])[0] for seed in range(count)]
    pairs = [pair for one, other in zip(together, alone, strict=True) for pair in zip(one, other, strict=True)]
    return max(abs(one - other) / other for one, other in pairs), together == alone


def losses(config: Config, examples: Data, seeds: Sequence[int]) -> list[list[float]]:
    """The training and the validation loss of every epoch, a list a seed."""
    told: list[list[float]] = [[] for _ in seeds]
    program = build(config, examples, seeds)
    loop.train(program, config, examples, seeds, lambda place, epoch: told[place].extend((epoch.train_loss, epoch.valid_loss)))
    return told


def measure(config: Config, examples: Data, stacks: Sequence[int], rounds: int) -> dict[int, tuple[float, float]]:
    """For each size of stack the median seconds of one run alone and of the stack, both measured in the same rounds."""
    times: dict[int, list[tuple[float, float]]] = {count: [] for count in stacks}
    for number in range(rounds + 1):
        for count in stacks:
            pair = seconds(config, examples, [number]), seconds(config, examples, range(count))
            times[count] += [pair] if number else []
    medians = {}
    for count, pairs in times.items():
        alone, together = (statistics.median(column) for column in zip(*pairs, strict=True))
        medians[count] = alone, together
    return medians


def on_the_processor(config: Config, examples: Data, rounds: int) -> None:
    for units in (16, 64, 256):
        short = {**config, "units1": units, "units2": units, "epochs": 1}
        for count, (alone, together) in measure(short, examples, STACKS["cpu"], rounds).items():
            print(f"{units:4} units, {count:3} runs: alone {1000 * alone:6.0f} ms each, stacked {1000 * together / count:6.0f} ms")
            print(f"     stacked is {count * alone / together:.2f} times as fast", flush=True)


def on_a_gpu(config: Config, examples: Data, rounds: int) -> float:
    best = 0.0
    for precision, dtype in (("float32", torch.float32), ("bf16", torch.bfloat16)):
        most = peak(examples.train.labels.device, dtype)
        print(f"{precision}: one product of {LARGE} by {LARGE} runs at {most / 1e12:.1f} TFLOP/s")
        own = {**config, "precision": precision}
        for count, (alone, together) in measure(own, examples, STACKS["cuda"], rounds).items():
            rate, gain = count * operations(own, examples) / together, count * alone / together
            best = max(best, gain) if precision == "float32" else best
            print(f"{precision}, {count:3} runs: alone {alone:.3f} s each, stacked {together:.3f} s, {gain:.1f} times as fast,")
            print(f"     {rate / 1e12:.2f} TFLOP/s, {100 * rate / most:.1f}% of the large product's", flush=True)
    return best


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    arguments.add_argument("--rounds", type=int, default=3)
    asked = arguments.parse_args()
    torch.set_num_threads(1)
    if asked.device == "cuda":
        os.environ["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"
        torch.use_deterministic_algorithms(True)
        print(torch.cuda.get_device_name(), end=", ")
    print(f"torch {torch.__version__}, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    config = load_study(ROOT / "studies" / "fashion-mnist").baseline
    examples = data.load("fashion_mnist", torch.device(asked.device))
    print(f"float64, 5 runs, 100 steps: parameters at most {apart_in_float64(config, examples, 5):.1e} apart")
    apart, same = apart_in_float32(config, examples, 5)
    print(f"float32, 5 runs, {config['epochs']} epochs: losses at most {apart:.1e} apart, the same bits: {same}", flush=True)
    if asked.device == "cpu":
        on_the_processor(config, examples, asked.rounds)
        return 0
    gain = on_a_gpu(config, examples, asked.rounds)
    print(f"stacked runs are up to {gain:.1f} times as fast as one after the other (at least 10)")
    return 0 if gain >= 10 else 1


if __name__ == "__main__":
    sys.exit(main())
