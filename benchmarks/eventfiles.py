"""How fast event files are read, against TensorBoard's EventAccumulator; needs torch and tensorboard.

Three kinds of runs, each written by torch's SummaryWriter: 1,000 of the usual size, as many short ones, and a few long ones. Both
sides read every run from its files to the steps and values of each tag, in turn, in one process; the scalars must be equal. Exits
with 1 where the usual ones are not read 15 times as fast.

    .venv/bin/python benchmarks/eventfiles.py
"""

import argparse
import logging
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sweepbook.analysis.logs.eventfile.folder import events
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch.utils.tensorboard import SummaryWriter

TARGET = 15
TAGS = ("Loss/train", "Loss/valid", "Accuracy/valid", "learning_rate", "grad/norm")
EVERYTHING = {"scalars": 0}
Scalars = dict[str, list[tuple[int, float]]]


def write_runs(root: Path, count: int, steps: int, every: int) -> list[Path]:
    """`count` runs of so many steps; all but the first tag are logged after each `every`th alone."""
    draw = random.Random(0)
    folders = [root / f"run_{number}" for number in range(count)]
    for folder in folders:
        with SummaryWriter(str(folder)) as log:
            for step in range(steps):
                for tag in TAGS if step % every == 0 else TAGS[:1]:
                    log.add_scalar(tag, draw.random(), step)
    return folders


def ours(folder: Path) -> Scalars:
    read = events([str(path) for path in folder.iterdir()])
    return {tag: list(zip(track.steps, track.values, strict=True)) for tag, track in read.tracks.items()}


def theirs(folder: Path) -> Scalars:
    read = EventAccumulator(str(folder), size_guidance=EVERYTHING).Reload()
    return {tag: [(one.step, one.value) for one in read.Scalars(tag)] for tag in read.Tags()["scalars"]}


def seconds(read: Callable[[Path], Scalars], folders: list[Path]) -> float:
    started = time.process_time()
    for folder in folders:
        read(folder)
    return time.process_time() - started


def compared(name: str, folders: list[Path], rounds: int) -> float:
    """The ratio of the medians of both sides, which is printed."""
    if any(ours(folder) != theirs(folder) for folder in folders):
        raise SystemExit(f"{name}: other scalars than EventAccumulator's")
    times = [(seconds(theirs, folders), seconds(ours, folders)) for _ in range(rounds)]
    their, own = (statistics.median(side) for side in zip(*times, strict=True))
    ratio = their / own
    count = sum(map(len, ours(folders[0]).values()))
    print(f"{name:34} {len(folders):5} runs of {count:6} scalars: {their:7.2f} s, ours {own:6.3f} s, {ratio:5.1f} times as fast")
    return ratio


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--runs", type=int, default=1000)
    arguments.add_argument("--rounds", type=int, default=3)
    asked = arguments.parse_args()
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        usual = write_runs(root / "usual", asked.runs, 100, 1)
        short = write_runs(root / "short", asked.runs, 12, 1)
        mixed = write_runs(root / "mixed", max(asked.runs // 10, 1), 500, 10)
        long = write_runs(root / "long", max(asked.runs // 200, 1), 20_000, 1)
        ratio = compared("usual, 100 steps of 5 tags", usual, asked.rounds)
        compared("short, 12 steps of 5 tags", short, asked.rounds)
        compared("mixed, 4 of 5 tags every 10th step", mixed, asked.rounds)
        compared("long, 20,000 steps of 5 tags", long, 1)
    print(f"usual runs: {ratio:.1f} times as fast as EventAccumulator (at least {TARGET})")
    return 0 if ratio >= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
