"""Reading a database of 1,000 runs that MLflow wrote, against mlflow.search_runs with the metric histories of all runs. Prints
medians of processor time and ratios, and how the whole load compares.

python benchmarks/mlflow_stores.py --mlflow MLFLOW-VENV/bin/python [--runs 1000] [--rounds 3] [--database OLD.db]
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sweepbook.analysis.logs.files import cache_folder, find_logs
from sweepbook.analysis.logs.sweep import load_sweep
from sweepbook.runner.rules import Rules

SIDE = Path(__file__).with_name("mlflow_side.py")
TARGET = 20


@dataclass(frozen=True)
class Reading:
    """What reading took, in seconds of the processor and of the clock, and how many runs and values of series were read."""

    processor: float
    clock: float
    runs: int
    values: int


def timed(action: Callable[[], tuple[int, int]]) -> Reading:
    """What `action`, which gives the runs and the values, takes."""
    clock, processor = time.perf_counter(), time.process_time()
    runs, values = action()
    return Reading(time.process_time() - processor, time.perf_counter() - clock, runs, values)


def read(folder: Path) -> tuple[int, int]:
    """The reader alone: what MLflow's functions give, as our runs."""
    (source,) = find_logs(folder).sources.values()
    runs = list(source.reader.read(source.log, Rules()))
    values = [value for run in runs for series in run.epochs.values() for value in series]
    return len(runs), sum(value == value for value in values)


def load(folder: Path) -> tuple[int, int]:
    """The whole sweep with nothing remembered: settings typed, metrics named alike, frames of runs and epochs."""
    shutil.rmtree(cache_folder("logs"), ignore_errors=True)
    sweep = load_sweep(folder)
    series = sweep.epochs.drop(columns=["log", "epoch", "step"], errors="ignore")
    return len(sweep.runs), int(series.notna().sum().sum())


def theirs(python: str, database: Path) -> tuple[Reading, str]:
    """What MLflow takes, and its version."""
    run = subprocess.run([python, str(SIDE), "read", str(database)], capture_output=True, text=True, check=True)
    *numbers, version = run.stdout.split()
    return Reading(float(numbers[0]), float(numbers[1]), int(numbers[2]), int(numbers[3])), version


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--mlflow", required=True, help="the Python of an environment with MLflow")
    arguments.add_argument("--runs", type=int, default=1000)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--database", type=Path, help="one that this script logged before, which takes minutes")
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name:
        os.environ["XDG_CACHE_HOME"] = str(Path(name) / "cache")
        folder = Path(name) / "logs"
        folder.mkdir()
        database = folder / "mlflow.db"
        if asked.database:
            shutil.copyfile(asked.database, database)
        else:
            subprocess.run([asked.mlflow, str(SIDE), "log", str(database), str(asked.runs)], capture_output=True, check=True)
        reading, loading, peer = [], [], []
        for _ in range(asked.rounds):
            reading.append(timed(lambda: read(folder)))
            loading.append(timed(lambda: load(folder)))
            slow, version = theirs(asked.mlflow, database)
            peer.append(slow)
    assert len({(each.runs, each.values) for each in (*reading, *loading, *peer)}) == 1, "not the same was read"
    print(f"{slow.runs:,} runs with {slow.values:,} values in their series, MLflow {version}, medians of {asked.rounds}")
    ratio = said("reading them into runs", reading, peer)
    whole = said("loading the whole sweep", loading, peer)
    print(f"reading is {ratio:.1f} times as fast, and loading the whole sweep {whole:.1f} times (at least {TARGET})")
    return 0 if min(ratio, whole) >= TARGET else 1


def said(what: str, mine: list[Reading], peer: list[Reading]) -> float:
    """Prints a line; the ratio of processor times, which other work on the machine changes least."""
    quick, slow = (statistics.median(each.processor for each in side) for side in (mine, peer))
    clock, theirs = (statistics.median(each.clock for each in side) for side in (mine, peer))
    print(
        f"search_runs and histories {slow:.2f} s, {what} {quick:.3f} s: ratio {slow / quick:.1f}; by the clock {theirs / clock:.1f}"
    )
    return slow / quick


if __name__ == "__main__":
    sys.exit(main())
