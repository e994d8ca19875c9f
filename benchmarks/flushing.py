"""How long a step takes as a run goes on, with and without numbers below the smallest normal one. Prints medians of 100 steps.

python benchmarks/flushing.py [--steps 1500]

The run is the baseline of studies/fashion-mnist, on one thread, each way in turn. A time is that of the processor.
"""

import argparse
import statistics
import sys
import time
from pathlib import Path

import torch
from sweepbook.runner.plan import load_study
from sweepbook.runner.training import data, loop
from sweepbook.runner.training.program import Program, build

ROOT = Path(__file__).parent.parent
EACH = 100  # steps


def milliseconds(program: Program, feed: loop.Feed) -> float:
    """The median of the next `EACH` steps."""
    times = []
    for images, labels in feed.batches(EACH):
        started = time.thread_time()
        program.step(images, labels, [0.001])
        times.append(1000 * (time.thread_time() - started))
    return statistics.median(times)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--steps", type=int, default=1500)
    asked = arguments.parse_args()
    torch.set_num_threads(1)
    config = load_study(ROOT / "studies" / "fashion-mnist").baseline
    examples = data.load("fashion_mnist", torch.device("cpu"))
    programs = {flushed: build(config, examples, [0]) for flushed in (True, False)}
    feeds = {flushed: loop.Feed(examples.train, config, [0], own.room) for flushed, own in programs.items()}
    for step in range(EACH, asked.steps + 1, EACH):
        medians = []
        for flushed, program in programs.items():
            torch.set_flush_denormal(flushed)
            medians.append(milliseconds(program, feeds[flushed]))
        print(f"to step {step:5}: {medians[0]:5.2f} ms as zeros, {medians[1]:5.2f} ms as they are", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
