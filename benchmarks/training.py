"""One training run against its floor, and against the same run through mltrainer 0.3.6. Prints medians and ratios.

python benchmarks/training.py --mltrainer PYTHON [--rounds 7] [--model cnn] [--precision bf16] [--threads 1] [--beside 2]

The run is the baseline of studies/fashion-mnist: 784-256-256-10, Adam, batches of 64, 5 epochs of 100 steps and 100 batches
of validation; with `--model cnn` two epochs of a convolutional network of 16 and 32 channels instead. Ours is a worker of
`sweepbook run`, on one thread. The floor, of the MLP, is on one thread as well: the run's matrix products, written to the same
place every time, and one call of torch's fused Adam a step over as many numbers. With `--precision bf16` ours trains with that
precision and the floor's products are in it; mltrainer stays as it is. mltrainer runs as mltrainer_side.py says, on torch's
default number of threads or on `--threads`, and is fed in three ways:

loader    a DataLoader that shuffles, as in mltrainer's README
batches   whole batches out of tensors in memory, the fastest way that mltrainer takes
streamer  the streamer of mads_datasets, by mltrainer's author, as his courses use the two

Each side lives in a process of its own from start to end. Ours, the floor and the three feeds train in turn; the first run of
each is not counted. With `--beside 2` two of ours train side by side, as the workers of a sweep do, each on its own thread, and
our time is half of what the two take together. The time is that of building the model, training, validating and writing the
logs, not of imports and of loading the data. Ratios are medians over the rounds; what else the machine does slows two threads
more than one, so the ratio of the fastest runs is printed too.

PYTHON is that of an environment of mltrainer's own:

python -m venv mltrainer-venv
mltrainer-venv/bin/pip install mltrainer==0.3.6 mads_datasets==0.3.15
"""

import argparse
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from sweepbook.runner.config import Config, config_id, whole
from sweepbook.runner.launch.events import Ended, Idle, Progress, Terms, Train
from sweepbook.runner.launch.worker import work
from sweepbook.runner.plan import load_study
from sweepbook.runner.study import PlannedRun
from sweepbook.runner.training import data, loop

ROOT = Path(__file__).parent.parent
FEEDS = ("loader", "batches", "streamer")
# Times as fast as mltrainer, by model and precision.
AT_LEAST = {
    ("mlp", "float32"): {"batches": 1.05, "streamer": 2.2},
    ("mlp", "bf16"): {"batches": 1.4, "streamer": 3.0},
    ("cnn", "float32"): {"streamer": 1.3},
    ("cnn", "bf16"): {"streamer": 1.3},
}
AT_MOST = 1.15  # times the floor
DTYPES = {"float32": torch.float32, "bf16": torch.bfloat16}
CNN = {"model": "cnn", "channels": 16, "units1": 128, "epochs": 2}
Result = tuple[float, float]  # seconds, and the validation loss at the end


def start_ours(config: Config, logs: Path, beside: int) -> Callable[[int], Result]:
    """Starts `beside` workers; the function trains a run in each, with seeds from the one it is given. Its seconds are a run's
    share of the time of all."""
    workers = [_start_worker(config, logs / str(place)) for place in range(beside)]

    def run(seed: int) -> Result:
        ends = [begin(seed * beside + place) for place, begin in enumerate(workers)]
        results = [end() for end in ends]
        return max(seconds for seconds, _ in results) / beside, results[0][1]

    return run


def _start_worker(config: Config, logs: Path) -> Callable[[int], Callable[[], Result]]:
    """Starts a worker; the function begins a run with the seed it is given, and gives one that waits for its end."""
    logs.mkdir(parents=True)
    ours, theirs = multiprocessing.Pipe()
    terms = Terms("bench", logs, "cpu", False, {}, frozenset(), (str(config["dataset"]),))
    multiprocessing.get_context("spawn").Process(target=work, args=(theirs, terms), daemon=True).start()
    theirs.close()
    assert ours.recv().error is None

    def begin(seed: int) -> Callable[[], Result]:
        ours.send(Train((PlannedRun("baseline", config_id(config), config, seed),)))
        return end

    def end() -> Result:
        loss, ended = 0.0, None
        while not isinstance(event := ours.recv(), Idle):
            loss = event.epoch.valid_loss if isinstance(event, Progress) else loss
            ended = event if isinstance(event, Ended) else ended
        assert ended is not None
        assert ended.status == "finished", ended
        return ended.seconds, loss

    return begin


def start_mltrainer(python: str, config: Config, logs: Path, threads: int | None) -> Callable[[int, str], Result]:
    """Starts mltrainer's side; the function trains one run with the seed and the feed it is given."""
    process = subprocess.Popen(
        [python, Path(__file__).with_name("mltrainer_side.py"), *([str(threads)] if threads else [])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )

    def answer() -> dict[str, Any]:
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            sys.exit(f"mltrainer's side has ended; has {python} both packages that this script's --help names?")
        told: dict[str, Any] = json.loads(line)
        return told

    print(f"mltrainer's side: {answer()}")

    def run(seed: int, feed: str) -> Result:
        print(json.dumps({"config": dict(config), "seed": seed, "feed": feed, "logs": str(logs)}), file=process.stdin, flush=True)
        told = answer()
        return told["seconds"], told["valid_loss"]

    return run


class Floor:
    """The products of a run of an MLP and its fused Adam, and nothing else."""

    def __init__(self, config: Config, examples: data.Data, dtype: torch.dtype) -> None:
        self.config = config
        splits = examples.train, loop.scored(examples.valid, config)
        self.train, self.shown = (split.images.flatten(1).to(dtype) for split in splits)
        units = [whole(config, "units1"), *[whole(config, "units2")] * (whole(config, "depth") - 1)]
        sizes = [self.train.shape[1], *units, 10]
        self.weights = [(torch.randn(inputs, outputs) / inputs).to(dtype) for inputs, outputs in pairwise(sizes)]
        self.gradients = [torch.empty_like(weight) for weight in self.weights]
        rows = max(loop.EVALUATION_BATCH, whole(config, "batch_size"))
        self.values = [torch.randn(rows, outputs).to(dtype) for outputs in sizes[1:]]
        count = sum((inputs + 1) * outputs for inputs, outputs in pairwise(sizes))
        self.state = [torch.rand(count) / 100 for _ in range(4)]
        self.count = torch.zeros(())

    def __call__(self) -> float:
        """Seconds that they take."""
        size, started = whole(self.config, "batch_size"), time.perf_counter()
        for _ in range(whole(self.config, "epochs")):
            for step in range(whole(self.config, "train_steps")):
                self.step(self.train[step * size : (step + 1) * size])
            for start in range(0, len(self.shown), loop.EVALUATION_BATCH):
                self.forward(self.shown[start : start + loop.EVALUATION_BATCH])
        return time.perf_counter() - started

    def forward(self, inputs: torch.Tensor) -> list[torch.Tensor]:
        values = [value[: len(inputs)] for value in self.values]
        for weight, value in zip(self.weights, values, strict=True):
            inputs = torch.mm(inputs, weight, out=value)
        return values

    def step(self, inputs: torch.Tensor) -> None:
        values = [inputs, *self.forward(inputs)]
        for place in reversed(range(len(self.weights))):
            torch.mm(values[place].T, values[place + 1], out=self.gradients[place])
            if place:
                torch.mm(values[place + 1], self.weights[place].T, out=values[place])
        parameters, gradients, means, squares = ([own] for own in self.state)
        keywords = {"lr": 0.0, "beta1": 0.9, "beta2": 0.999, "weight_decay": 0.0, "eps": 1e-8, "amsgrad": False}
        torch._fused_adam_(parameters, gradients, means, squares, [], [self.count], maximize=False, **keywords)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--mltrainer", required=True, metavar="PYTHON")
    arguments.add_argument("--rounds", type=int, default=7)
    arguments.add_argument("--model", choices=("mlp", "cnn"), default="mlp")
    arguments.add_argument("--precision", choices=DTYPES, default="float32", help="ours; mltrainer's is float32")
    arguments.add_argument("--threads", type=int, help="mltrainer's threads; as many as torch takes by default")
    arguments.add_argument("--beside", type=int, default=1, help="how many of ours train side by side")
    asked = arguments.parse_args()
    torch.set_num_threads(1)
    config: Config = {**load_study(ROOT / "studies" / "fashion-mnist").baseline, **(CNN if asked.model == "cnn" else {})}
    if asked.model == "mlp":
        floor = Floor(config, data.load("fashion_mnist", torch.device("cpu")), DTYPES[asked.precision])
    with tempfile.TemporaryDirectory() as name:
        ours = start_ours({**config, "precision": asked.precision}, Path(name) / "ours", asked.beside)
        theirs = start_mltrainer(asked.mltrainer, config, Path(name) / "mltrainer", asked.threads)
        rounds = []
        for seed in range(asked.rounds + 1):
            one = {"ours": ours(seed), **({"floor": (floor(), 0.0)} if asked.model == "mlp" else {})}
            rounds.append({**one, **{feed: theirs(seed, feed) for feed in FEEDS}})
    print(f"medians of {asked.rounds}, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, torch {torch.__version__}")
    print(f"ours: {asked.precision}, one thread{f', a share of {asked.beside} side by side' if asked.beside > 1 else ''}")
    return report(rounds[1:], AT_LEAST[asked.model, asked.precision])


def report(rounds: list[dict[str, Result]], at_least: dict[str, float]) -> int:
    """Prints the times and ratios of `rounds`; 0 where every target is met."""
    for side in rounds[0]:
        seconds, losses = zip(*(one[side] for one in rounds), strict=True)
        told = f", validation loss {statistics.median(losses):.3f}" if any(losses) else ""
        print(f"{side}: {statistics.median(seconds):.3f} s ({min(seconds):.3f} to {max(seconds):.3f}){told}")
    met = []
    for feed in FEEDS:
        median, fastest = ratio(rounds, feed, "ours")
        target = f"at least {at_least[feed]}" if feed in at_least else "no target"
        print(f"ours is {median:.2f} times as fast as mltrainer fed by {feed} ({target}); fastest runs {fastest:.2f}")
        met.append(median >= at_least.get(feed, 0))
    if "floor" in rounds[0]:
        median, fastest = ratio(rounds, "ours", "floor")
        print(f"ours takes {median:.2f} times as long as the floor (at most {AT_MOST}, aim 1.05); fastest runs {fastest:.2f}")
        met.append(median <= AT_MOST)
    return 0 if all(met) else 1


def ratio(rounds: list[dict[str, Result]], above: str, below: str) -> tuple[float, float]:
    """How many times as long `above` took as `below`: the median over the rounds, and that of the fastest of each."""
    times = {side: [one[side][0] for one in rounds] for side in (above, below)}
    median = statistics.median(one / other for one, other in zip(times[above], times[below], strict=True))
    return median, min(times[above]) / min(times[below])


if __name__ == "__main__":
    sys.exit(main())
