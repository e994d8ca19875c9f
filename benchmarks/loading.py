"""Loading 5,000 logs against the plain script: cold, and again with nothing changed. Prints medians and ratios.

python benchmarks/loading.py [--logs 5000] [--rounds 5]
"""

import argparse
import os
import random
import shutil
import statistics
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
from sweepbook.analysis.logs.files import cache_folder
from sweepbook.analysis.logs.sweep import load_sweep
from sweepbook.runner.logtext import to_toml
from sweepbook.runner.runlog import FILE, Run


def write_logs(folder: Path, count: int) -> None:
    """`count` logs of about 2 KB, as a sweep of fifteen epochs a run writes them."""
    draw = random.Random(0)
    for i in range(count):
        values = {name: [draw.random() for _ in range(15)] for name in ("train_loss", "valid_loss", "valid_accuracy")}
        started = datetime(2026, 1, 5, 17, tzinfo=UTC) + timedelta(seconds=3 * i)
        config = {"dataset": "fashion_mnist", "model": "mlp", "units1": draw.choice([64, 128, 256]), "units2": 256, "depth": 2}
        config |= {"epochs": 15, "batch_size": 64, "lr": draw.choice([1e-4, 1e-3, 1e-2]) * (1 + i // 50), "optimizer": "Adam"}
        series = values | {"seconds": [1.0] * 15, "lr": [0.001] * 15, "valid_seen": [6400] * 15}
        metrics = {name: series[name][-1] for name in values}
        facts = {
            "python": "3.11.7",
            "torch": "2.13.0",
            "device": "cpu",
            "threads": 1,
            "host": "bench",
            "commit": "0" * 40,
            "dirty": False,
        }
        log = Run(f"run_{i}", "bench", i, "finished", started, 10.0, config, None, 50_000, 10_000, 269_322, facts, metrics, series)
        place = folder / f"{started:%Y%m%d-%H%M%S}-run_{i}-s0"
        place.mkdir()
        (place / FILE).write_text(to_toml(log))


def plain_script(folder: Path) -> pd.DataFrame:
    """What one writes by hand: the standard library's parser in a loop, then json_normalize."""
    logs = []
    for path in sorted(folder.glob(f"*/{FILE}")):
        with path.open("rb") as file:
            logs.append(tomllib.load(file))
    return pd.json_normalize(logs)


def seconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--logs", type=int, default=5000)
    arguments.add_argument("--rounds", type=int, default=5)
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "logs"
        folder.mkdir()
        os.environ["XDG_CACHE_HOME"] = str(Path(name) / "cache")
        write_logs(folder, asked.logs)
        time.sleep(2.5)  # a log that has only just changed is read again next time
        times: dict[str, list[float]] = {"plain": [], "cold": [], "again": []}
        for _ in range(asked.rounds):
            times["plain"].append(seconds(lambda: plain_script(folder)))
            shutil.rmtree(cache_folder("logs"), ignore_errors=True)
            times["cold"].append(seconds(lambda: load_sweep(folder)))
            times["again"].append(seconds(lambda: load_sweep(folder)))
    plain, cold, again = (statistics.median(times[name]) for name in times)
    print(f"{asked.logs} logs, medians of {asked.rounds}: plain {plain:.2f} s, cold {cold:.3f} s, again {again:.3f} s")
    print(f"cold is {plain / cold:.1f} times as fast as the plain script (at least 2.5)")
    print(f"again is {cold / again:.1f} times as fast as cold (at least 15)")
    return 0 if plain / cold >= 2.5 and cold / again >= 15 else 1


if __name__ == "__main__":
    sys.exit(main())
