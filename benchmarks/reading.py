"""Loading 10,000 runs of 20 steps by 3 series in each of several formats: cold, and again with nothing changed. Prints seconds of
the clock and of the processor, and the most memory that a process took. Exits with 1 where a cold load takes over 10 s by both.

The logs are made of those that the real tools wrote for tests/real, with other numbers; event files by torch's SummaryWriter.

    .venv/bin/python benchmarks/reading.py [--runs 10000] [--format Lightning]
"""

import argparse
import csv
import lzma
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from sweepbook.runner.logtext import to_toml
from sweepbook.runner.runlog import FILE, Run

REAL = Path(__file__).parents[1] / "tests/real"
TARGET, STEPS = 10, 20
NAMES = ("train_loss", "valid_loss", "valid_accuracy")
ORIGINALS = 500  # event files that are written; the others are copies of these, which is quicker
DRAW = random.Random(0)
# What a fresh process prints: seconds of the clock, of the processor with its own processes, peak memory in MiB, and the runs.
LOAD = """
import resource, sys, time
from pathlib import Path
from sweepbook.analysis.logs.sweep import load_sweep
both = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
used = lambda: sum(sum(resource.getrusage(who)[:2]) for who in both)
clock, processor = time.perf_counter(), used()
sweep = load_sweep(Path(sys.argv[1]))
clock, processor = time.perf_counter() - clock, used() - processor
own = [int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")]  # ru_maxrss counts what started this
print(clock, processor, max(*own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) // 1024, len(sweep.runs))
"""


def settings(number: int) -> dict[str, float]:
    """Two thousand configurations with five seeds each."""
    return {"lr": 0.1 / (1 + number // 5), "width": 32 + number // 5 % 7, "seed": number % 5}


def curves() -> dict[str, list[float]]:
    return {name: [DRAW.random() for _ in range(STEPS)] for name in NAMES}


def run_logs(root: Path, count: int) -> None:
    for number in range(count):
        own, series = settings(number), curves()
        seed, started = int(own.pop("seed")), datetime.fromtimestamp(1_767_000_000 + number, UTC)
        metrics = {name: values[-1] for name, values in series.items()}
        run = Run(f"run{number // 5}", "", seed, "finished", started, 1.0, own, metrics=metrics, epochs=series)
        (root / f"{number:05}").mkdir()
        (root / f"{number:05}" / FILE).write_text(to_toml(run))


def table(root: Path, count: int) -> None:
    with (root / "results.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["run", *settings(0), "epoch", *NAMES])
        for number in range(count):
            own = [f"run{number}", *settings(number).values()]
            writer.writerows([*own, epoch + 1, *(DRAW.random() for _ in NAMES)] for epoch in range(STEPS))


def event_files(root: Path, count: int) -> None:
    from torch.utils.tensorboard import SummaryWriter

    for number in range(min(count, ORIGINALS)):
        with SummaryWriter(str(root / f"run{number}")) as log:
            for name, values in curves().items():
                for step, value in enumerate(values):
                    log.add_scalar(name, value, step)
    for number in range(ORIGINALS, count):
        shutil.copytree(root / f"run{number % ORIGINALS}", root / f"run{number}")


def lightning(root: Path, count: int) -> None:
    """Rows as Lightning writes them: the training loss of an epoch and what was validated in two rows."""
    real = REAL / "lightning/2.6.6/lightning_logs/version_0"
    header = "epoch,step,train_loss_epoch,val_loss,val_acc\n"
    hyper = (real / "hparams.yaml").read_text()
    for number in range(count):
        place, own = root / f"version_{number}", settings(number)
        place.mkdir()
        known = hyper.replace("lr: 0.01", f"lr: {own['lr']}\nwidth: {own['width']}").replace("seed: 0", f"seed: {own['seed']}")
        (place / "hparams.yaml").write_text(known)
        rows = (f"{e},{9 * e + 8},,{DRAW.random()},{DRAW.random()}\n{e},{9 * e + 8},{DRAW.random()},,\n" for e in range(STEPS))
        (place / "metrics.csv").write_text(header + "".join(rows))


def mlflow(root: Path, count: int) -> None:
    """MLflow's own database, its finished runs replaced by copies of the first with other numbers."""
    (root / "mlflow.db").write_bytes(lzma.decompress((REAL / "mlflow/3.6.0/mlflow.db.xz").read_bytes()))
    with sqlite3.connect(root / "mlflow.db", isolation_level=None) as base:
        base.execute("PRAGMA synchronous = OFF")
        names = [row[1] for row in base.execute("PRAGMA table_info(runs)")]
        first = dict(zip(names, base.execute("SELECT * FROM runs WHERE status = 'FINISHED'").fetchone(), strict=True))
        base.execute("BEGIN")
        for name in ("tags", "params", "latest_metrics", "metrics", "runs"):
            base.execute(f"DELETE FROM {name}")
        for number in range(count):
            ident = f"{number:032x}"
            run = {**first, "run_uuid": ident, "name": f"run-{number}", "start_time": first["start_time"] + number}
            base.execute(f"INSERT INTO runs VALUES ({', '.join('?' * len(run))})", [*run.values()])
            known = [(key, str(value), ident) for key, value in settings(number).items()]
            base.executemany("INSERT INTO params (key, value, run_uuid) VALUES (?, ?, ?)", known)
            for kind, rows in measured(ident):
                columns = "key, value, timestamp, step, is_nan, run_uuid"
                base.executemany(f"INSERT INTO {kind} ({columns}) VALUES (?, ?, ?, ?, 0, ?)", rows)
        base.execute("COMMIT")
    base.close()


def measured(ident: str) -> Iterator[tuple[str, list[tuple[str, float, int, int, str]]]]:
    for name, values in curves().items():
        rows = [(name, value, 1_767_000_000_000 + step, step, ident) for step, value in enumerate(values)]
        yield from (("metrics", rows), ("latest_metrics", rows[-1:]))


FORMATS: dict[str, Callable[[Path, int], None]] = {
    "run.toml": run_logs,
    "a long CSV table": table,
    "TensorBoard event files": event_files,
    "MLflow's database": mlflow,
    "Lightning's CSV files": lightning,
}


def loaded(folder: Path, cache: Path) -> list[float]:
    told = subprocess.run(
        [sys.executable, "-c", LOAD, str(folder)],
        env={**os.environ, "XDG_CACHE_HOME": str(cache)},
        capture_output=True,
        text=True,
        check=True,
    )
    return [float(number) for number in told.stdout.split()]


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--runs", type=int, default=10_000)
    arguments.add_argument("--format", choices=FORMATS, action="append")
    asked = arguments.parse_args()
    print(f"{asked.runs:,} runs of {STEPS} steps by {len(NAMES)} series, {len(os.sched_getaffinity(0))} cores")
    print(
        f"{'':26}{'cold: clock':>14}{'processor':>12}{'memory':>11}{'again: clock':>15}{'processor':>12}{'memory':>11}", flush=True
    )
    slow = False
    for name in asked.format or FORMATS:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place) / "logs"
            folder.mkdir()
            FORMATS[name](folder, asked.runs)
            time.sleep(2.5)  # a log that has only just changed is read again next time
            cold, again = (loaded(folder, Path(place) / "cache") for _ in range(2))
        assert cold[3] == again[3] == asked.runs, f"{name}: {cold[3]:.0f} runs"
        first, second = (f"{clock:12.2f} s{used:10.2f} s{memory:7.0f} MiB" for clock, used, memory, _ in (cold, again))
        print(f"{name:26}{first} {second}", flush=True)
        slow |= min(cold[:2]) > TARGET
    return int(slow)


if __name__ == "__main__":
    sys.exit(main())
