"""What a thousand runs of the baseline cost, from an empty folder to the journal. Prints wall and processor time by part.

python benchmarks/thousand.py [--runs 1000] [--jobs N]

The baseline is that of studies/fashion-mnist, at ten seeds and as many learning rates as the runs need, from 0.0001 to 0.01. The
command is `sweepbook run`: training, the test images of the recommended configuration, the journal. A part begins where the one
before it ended, by the last line that the command printed of it; training has the start-up. Processor time is that of all its
processes, read from /proc ten times a second.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from sweepbook.runner.plan import load_study
from sweepbook.runner.training import data

ROOT = Path(__file__).parent.parent
SEEDS = 10
LOW, HIGH = 1e-4, 1e-2
PARTS = ("training", "test images")  # as the command calls them; what is left is the journal
EVERY = 0.1  # seconds
TICKS = os.sysconf("SC_CLK_TCK")


def planned(folder: Path, runs: int) -> Path:
    """The plan of so many runs, in `folder`."""
    baseline = load_study(ROOT / "studies" / "fashion-mnist").baseline
    rates = [LOW * (HIGH / LOW) ** (place / max(runs // SEEDS - 1, 1)) for place in range(runs // SEEDS)]
    lines = [f'[study]\ntitle = "{runs} runs"\nseeds = {list(range(SEEDS))}\n\n[baseline]']
    lines += [f'{name} = "{value}"' if isinstance(value, str) else f"{name} = {value}" for name, value in baseline.items()]
    lines += [f'\n[[group]]\nname = "lr"\ngrid = {{ lr = {[float(f"{rate:.4g}") for rate in rates]} }}\n']
    folder.mkdir()
    (folder / "study.toml").write_text("\n".join(lines), encoding="utf-8")
    return folder


class Clock(threading.Thread):
    """The processor time of all processes of a session, as far as it was seen."""

    def __init__(self, session: int) -> None:
        super().__init__(daemon=True)
        self.session, self.over = session, threading.Event()
        self.seen: dict[str, int] = {}  # ticks by process

    def run(self) -> None:
        while not self.over.wait(EVERY):
            self.look()

    def look(self) -> float:
        """Seconds until now."""
        self.seen.update(_ticks(self.session))
        return sum(self.seen.values()) / TICKS


def _ticks(session: int) -> Iterator[tuple[str, int]]:
    """The processes of a session, each with the clock ticks that it took."""
    for name in filter(str.isdecimal, os.listdir("/proc")):
        try:
            fields = Path("/proc", name, "stat").read_text().rpartition(") ")[2].split()
        except OSError:  # it has ended
            continue
        if int(fields[3]) == session:
            yield name, int(fields[11]) + int(fields[12])


def swept(study: Path, logs: Path, out: Path, jobs: list[str]) -> list[tuple[str, float, float]]:
    """Each part of the command with its seconds of wall and of processor time."""
    command = [str(Path(sys.executable).with_name("sweepbook")), "run", str(study), "--logs", str(logs), "--out", str(out), *jobs]
    begun, marks = time.perf_counter(), dict.fromkeys(PARTS, (0.0, 0.0))
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True, errors="replace"
    )
    clock = Clock(process.pid)
    clock.start()
    assert process.stderr is not None
    for line in process.stderr:
        for part in PARTS:
            if line.startswith(f"{part} ["):
                marks[part] = time.perf_counter() - begun, clock.look()
    assert process.wait() == 0, "the command failed"
    marks["journal"] = time.perf_counter() - begun, clock.look()
    clock.over.set()
    ends = [(0.0, 0.0), *marks.values()]
    return [(part, end[0] - start[0], end[1] - start[1]) for part, start, end in zip(marks, ends, ends[1:], strict=False)]


def sizes(folder: Path) -> tuple[int, int, int]:
    """How many files are in a folder, their bytes, and the bytes that the disk takes for them."""
    stats = [path.stat() for path in folder.rglob("*") if path.is_file()]
    return len(stats), sum(one.st_size for one in stats), sum(512 * one.st_blocks for one in stats)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--runs", type=int, default=1000, help=f"a multiple of {SEEDS}")
    arguments.add_argument("--jobs", type=int)
    asked = arguments.parse_args()
    if asked.runs < SEEDS or asked.runs % SEEDS:
        arguments.error(f"--runs {asked.runs}: a multiple of {SEEDS} expected")
    data.load("fashion_mnist", torch.device("cpu"))
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as name:
        study, logs, out = planned(Path(name) / "study", asked.runs), Path(name) / "logs", Path(name) / "report"
        parts = swept(study, logs, out, ["--device", "cpu", *(["--jobs", str(asked.jobs)] if asked.jobs else [])])
        assert len(list(logs.glob("*/run.toml"))) == asked.runs
        _, of_logs, on_disk = sizes(logs)
        _, of_report, _ = sizes(out)
    print(f"{asked.runs:,} runs of the baseline, {asked.runs // SEEDS} learning rates at {SEEDS} seeds; load before {load:.1f}")
    print(f"{'part':<12} {'wall':>9} {'processor':>11}")
    whole = ("all", sum(wall for _, wall, _ in parts), sum(spent for _, _, spent in parts))
    for part, wall, spent in [*parts, whole]:
        print(f"{part:<12} {wall:>7.1f} s {spent:>9.1f} s")
    a_run = tuple(1000 * seconds / asked.runs for seconds in parts[0][1:])
    print(f"training, a run: {a_run[0]:.0f} ms of wall time, {a_run[1]:.0f} ms of processor time")
    print(f"logs: {of_logs / 1e6:.2f} MB, {of_logs / asked.runs:,.0f} bytes a run; {on_disk / 1e6:.1f} MB on disk")
    print(f"report: {of_report / 1e6:.2f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
