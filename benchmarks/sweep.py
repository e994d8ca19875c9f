"""A whole study against the same runs through mltrainer 0.3.6, one after the other. Prints wall times and ratios.

python benchmarks/sweep.py --mltrainer PYTHON [--rounds 1] [--feed streamer] [--precision bf16]

The study is studies/fashion-mnist with one seed: 56 configurations. Ours is `sweepbook run` from an empty folder to the journal:
start-up, every run, the test images scored, and the report written. With `--precision bf16` ours trains with that precision.
mltrainer trains the 56 in one process, in float32, as mltrainer_side.py says, start-up included; it scores no test images and
writes no report. training.py says what the feeds are,
and how to make PYTHON's environment. The images are on disk, and mltrainer's modules in the system's file cache, beforehand.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch
from sweepbook.runner.plan import load_study
from sweepbook.runner.study import Study
from sweepbook.runner.training import data

ROOT = Path(__file__).parent.parent
# Times as fast as mltrainer, by ours' precision.
AT_LEAST = {"float32": 5, "bf16": 7}


def one_seed(folder: Path, precision: str) -> Study:
    """The study with seed 0 alone and with `precision`, copied to `folder`."""
    text = (ROOT / "studies" / "fashion-mnist" / "study.toml").read_text(encoding="utf-8")
    text = re.sub(r"(?m)^seeds .*$", "seeds = [0]", text)
    text = text.replace("[baseline]\n", f'[baseline]\nprecision = "{precision}"\n')
    folder.mkdir()
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return load_study(folder)


def ours(study: Study, folder: Path) -> float:
    """Seconds from the command to the journal."""
    logs, out = folder / "logs", folder / "report"
    command = [sys.executable, "-m", "sweepbook", "run", str(study.path), "--logs", str(logs), "--out", str(out)]
    started = time.perf_counter()
    subprocess.run([*command, "--device", "cpu"], check=True, capture_output=True)
    seconds = time.perf_counter() - started
    assert (out / "journal.html").is_file()
    assert len(list(logs.glob("*/run.toml"))) == len(study.runs)
    return seconds


def mltrainer(python: str, study: Study, feed: str, folder: Path) -> float:
    """Seconds from the start of the process to its end."""
    asked = [{"config": dict(run.config), "seed": run.seed, "feed": feed, "logs": str(folder)} for run in study.runs]
    started = time.perf_counter()
    done = subprocess.run(
        [python, Path(__file__).with_name("mltrainer_side.py")],
        input="".join(json.dumps(line) + "\n" for line in asked),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
    )
    seconds = time.perf_counter() - started
    assert len(done.stdout.splitlines()) == 1 + len(study.runs)
    return seconds


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--mltrainer", required=True, metavar="PYTHON")
    arguments.add_argument("--rounds", type=int, default=1)
    arguments.add_argument("--feed", choices=("loader", "batches", "streamer"), default="streamer")
    arguments.add_argument("--precision", choices=tuple(AT_LEAST), default="float32", help="ours; mltrainer's is float32")
    asked = arguments.parse_args()
    data.load("fashion_mnist", torch.device("cpu"))
    subprocess.run([asked.mltrainer, "-c", "import mltrainer, torch.utils.tensorboard, torch._dynamo"], check=True)
    ratios, times = [], []
    with tempfile.TemporaryDirectory() as name:
        study = one_seed(Path(name) / "study", asked.precision)
        for number in range(asked.rounds):
            folder = Path(name) / str(number)
            load = os.getloadavg()[0]
            mine, theirs = ours(study, folder), mltrainer(asked.mltrainer, study, asked.feed, folder / "mltrainer")
            print(f"ours {mine:.1f} s, mltrainer {theirs:.1f} s, {theirs / mine:.2f} times; load before {load:.1f}", flush=True)
            ratios.append(theirs / mine)
            times.append((mine, theirs))
    mine, theirs = (statistics.median(column) for column in zip(*times, strict=True))
    cores = len(os.sched_getaffinity(0))
    print(f"{len(study.runs)} runs on {cores} cores, torch {torch.__version__}, ours in {asked.precision}")
    print(f"medians of {asked.rounds}: ours {mine:.1f} s, mltrainer fed by {asked.feed} {theirs:.1f} s")
    print(f"ours is {statistics.median(ratios):.2f} times as fast as mltrainer (at least {AT_LEAST[asked.precision]})")
    return 0 if statistics.median(ratios) >= AT_LEAST[asked.precision] else 1


if __name__ == "__main__":
    sys.exit(main())
