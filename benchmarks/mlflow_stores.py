"""Loading a database of 1,000 runs that MLflow wrote, against mlflow.search_runs with the metric histories of all runs. Prints
medians and the ratio.

python benchmarks/mlflow_stores.py --mlflow MLFLOW-VENV/bin/python [--runs 1000] [--rounds 3]
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sweepbook.analysis.logs.files import cache_folder
from sweepbook.analysis.logs.sweep import load_sweep

SIDE = Path(__file__).with_name("mlflow_side.py")
TARGET = 20


def ours(folder: Path) -> tuple[float, int, int]:
    """The seconds of a load with nothing remembered, the runs and the values in their series."""
    shutil.rmtree(cache_folder("logs"), ignore_errors=True)
    started = time.perf_counter()
    sweep = load_sweep(folder)
    taken = time.perf_counter() - started
    series = sweep.epochs.drop(columns=["log", "epoch", "step"], errors="ignore")
    return taken, len(sweep.runs), int(series.notna().sum().sum())


def theirs(python: str, database: Path) -> tuple[float, int, int, str]:
    """The same of MLflow, and its version."""
    run = subprocess.run([python, str(SIDE), "read", str(database)], capture_output=True, text=True, check=True)
    seconds, runs, values, version = run.stdout.split()
    return float(seconds), int(runs), int(values), version


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--mlflow", required=True, help="the Python of an environment with MLflow")
    arguments.add_argument("--runs", type=int, default=1000)
    arguments.add_argument("--rounds", type=int, default=3)
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name:
        os.environ["XDG_CACHE_HOME"] = str(Path(name) / "cache")
        folder = Path(name) / "logs"
        folder.mkdir()
        database = folder / "mlflow.db"
        subprocess.run([asked.mlflow, str(SIDE), "log", str(database), str(asked.runs)], capture_output=True, check=True)
        mine, peer = [], []
        for _ in range(asked.rounds):
            mine.append(ours(folder))
            peer.append(theirs(asked.mlflow, database))
    quick, slow = (statistics.median(taken for taken, *_ in side) for side in (mine, peer))
    assert mine[0][1:] == peer[0][1:3], f"not the same was read: {mine[0][1:]} and {peer[0][1:3]}"
    print(f"{mine[0][1]:,} runs with {mine[0][2]:,} values in their series, MLflow {peer[0][3]}, medians of {asked.rounds}")
    print(f"search_runs and histories {slow:.2f} s, loading the sweep {quick:.3f} s")
    print(f"loading is {slow / quick:.1f} times as fast (at least {TARGET})")
    return 0 if slow / quick >= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
