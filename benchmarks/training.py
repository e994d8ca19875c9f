"""One training run against the same run through mltrainer 0.3.6. Prints medians and ratios.

python benchmarks/training.py --mltrainer PYTHON [--rounds 7]

The run is the baseline of studies/fashion-mnist: 784-256-256-10, Adam, batches of 64, 5 epochs of 100 steps and 100 batches
of validation. Ours is a worker of `sweepbook run`, on one thread. mltrainer runs as mltrainer_side.py says, on torch's default
number of threads, and is fed in three ways:

loader    a DataLoader that shuffles, as in mltrainer's README
batches   whole batches out of tensors in memory, the fastest way that mltrainer takes
streamer  the streamer of mads_datasets, by mltrainer's author, as his courses use the two; the target is against this one

The two sides each live in a process of their own from start to end. Ours and the three feeds train in turn; the first run of
each is not counted. The time is that of building the model, training, validating and writing the logs, not of imports and of
loading the data. Ratios are medians over the rounds; what else the machine does slows two threads more than one, so the ratio
of the fastest runs is printed too.

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
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sweepbook.runner.config import Config, config_id
from sweepbook.runner.launch.events import Ended, Idle, Progress, Terms, Train
from sweepbook.runner.launch.worker import work
from sweepbook.runner.plan import load_study
from sweepbook.runner.study import PlannedRun

ROOT = Path(__file__).parent.parent
FEEDS = {"loader": "no target", "batches": "no target", "streamer": "at least 2.0, aim 2.5"}
Result = tuple[float, float]  # seconds, and the validation loss at the end


def start_ours(config: Config, logs: Path) -> Callable[[int], Result]:
    """Starts a worker; the function trains one run with the seed it is given."""
    logs.mkdir()
    ours, theirs = multiprocessing.Pipe()
    terms = Terms("bench", logs, "cpu", False, {}, frozenset(), (str(config["dataset"]),))
    multiprocessing.get_context("spawn").Process(target=work, args=(theirs, terms), daemon=True).start()
    theirs.close()
    assert ours.recv().error is None

    def run(seed: int) -> Result:
        ours.send(Train((PlannedRun("baseline", config_id(config), config, seed),)))
        loss, ended = 0.0, None
        while not isinstance(event := ours.recv(), Idle):
            loss = event.epoch.valid_loss if isinstance(event, Progress) else loss
            ended = event if isinstance(event, Ended) else ended
        assert ended is not None
        assert ended.status == "finished", ended
        return ended.seconds, loss

    return run


def start_mltrainer(python: str, config: Config, logs: Path) -> Callable[[int, str], Result]:
    """Starts mltrainer's side; the function trains one run with the seed and the feed it is given."""
    process = subprocess.Popen(
        [python, Path(__file__).with_name("mltrainer_side.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
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


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--mltrainer", required=True, metavar="PYTHON")
    arguments.add_argument("--rounds", type=int, default=7)
    asked = arguments.parse_args()
    config = load_study(ROOT / "studies" / "fashion-mnist").baseline
    with tempfile.TemporaryDirectory() as name:
        ours, theirs = start_ours(config, Path(name) / "ours"), start_mltrainer(asked.mltrainer, config, Path(name) / "mltrainer")
        seeds = range(asked.rounds + 1)
        rounds = [{"ours": ours(seed), **{feed: theirs(seed, feed) for feed in FEEDS}} for seed in seeds][1:]
    print(f"medians of {asked.rounds}, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    fastest = {}
    for side in ("ours", *FEEDS):
        seconds, losses = zip(*(one[side] for one in rounds), strict=True)
        median, loss = statistics.median(seconds), statistics.median(losses)
        fastest[side] = min(seconds)
        print(f"{side}: {median:.3f} s ({min(seconds):.3f} to {max(seconds):.3f}), validation loss {loss:.3f}")
    medians = {feed: statistics.median(one[feed][0] / one["ours"][0] for one in rounds) for feed in FEEDS}
    for feed, target in FEEDS.items():
        best = fastest[feed] / fastest["ours"]
        print(f"ours is {medians[feed]:.2f} times as fast as mltrainer fed by {feed} ({target}); fastest runs {best:.2f}")
    return 0 if medians["streamer"] >= 2 else 1


if __name__ == "__main__":
    sys.exit(main())
