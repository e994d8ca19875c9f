"""What `sweepbook run` takes besides training: two runs of one step each, from an empty folder to the journal.

python benchmarks/starting.py [--rounds 5] [--against PYTHON ...]

Prints the medians of wall time and of processor time, all processes together, in seconds, for this Python and for those of other
environments with another state of Sweepbook, in turn.
"""

import argparse
import ctypes
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

PLAN = """\
[study]
title = "Starting"
seeds = [0, 1]
[baseline]
dataset = "digits"
model = "mlp"
units1 = 8
depth = 1
epochs = 1
batch_size = 32
lr = 0.01
optimizer = "Adam"
train_steps = 1
[[group]]
name = "units"
grid = { units1 = [8] }
"""
PR_SET_CHILD_SUBREAPER = 36  # what is left without a parent becomes ours, so that its time counts


def measured(python: str) -> tuple[float, float]:
    """Wall time until the command ends, and processor time until all that it started has ended."""
    with tempfile.TemporaryDirectory() as folder:
        study = Path(folder) / "starting"
        study.mkdir()
        (study / "study.toml").write_text(PLAN, encoding="utf-8")
        places = ["--logs", f"{folder}/logs", "--out", f"{folder}/report", "--jobs", "2", "--device", "cpu"]
        before, began = _processor(), time.perf_counter()
        subprocess.run([python, "-m", "sweepbook", "run", str(study), *places], check=True, capture_output=True)
        wall = time.perf_counter() - began
        with suppress(ChildProcessError):
            while True:
                os.wait()
        assert (Path(folder) / "report" / "journal.html").is_file()
    return wall, _processor() - before


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--against", nargs="*", default=[], metavar="PYTHON")
    asked = parser.parse_args()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    pythons = [sys.executable, *asked.against]
    taken = [[measured(python) for python in pythons] for _ in range(asked.rounds + 1)][1:]  # the first fills the caches
    for place, python in enumerate(pythons):
        wall, processor = (statistics.median(one[place][kind] for one in taken) for kind in (0, 1))
        print(f"{wall:6.2f} s wall  {processor:6.2f} s of processor time  {python}")


if __name__ == "__main__":
    main()
