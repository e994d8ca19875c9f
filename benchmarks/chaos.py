"""Kills workers and the whole command of a sweep at random moments and starts it again, then shows what is left of its logs.

python benchmarks/chaos.py [--kills 50] [--seed 0] [--peace]

The command is `sweepbook run` over scikit-learn's digits with two workers. A kill takes one worker, the process that forks them,
the command or its whole session, by SIGKILL, SIGSEGV, SIGTERM or SIGINT. After it the command, where it has ended, is started
again at once, beside whatever is still ending. Where the plan is done before the last kill, it gets more seeds. In the end the
command goes through in peace. Then every log is read: exit code 1 where one cannot be, where a run finished twice or is missing,
where a process is left or another command finds something to train. With --peace the same plan is trained once more without
kills, and each finished run has to have the same numbers.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from sweepbook.runner.config import config_id
from sweepbook.runner.launch.sweeps import missing
from sweepbook.runner.plan import load_study
from sweepbook.runner.runlog import FILE, LogError, Run, read_folder, read_run

PLAN = """\
[study]
title = "Chaos"
seeds = [{seeds}]
[baseline]
dataset = "digits"
model = "mlp"
units1 = 8
depth = 1
epochs = 12
batch_size = 32
lr = 0.01
optimizer = "Adam"
train_steps = 60
[[group]]
name = "units"
grid = {{ units1 = [8, 12, 16, 24] }}
"""
SEEDS = 3  # more, whenever the plan is done
STARTING = 0.2  # of the kills come while processes start
LONGEST = {True: 6.0, False: 2.0}  # seconds until a kill: from the last one while processes start, else from the next run's start
PATIENCE = 300.0  # seconds for a command to end, or to begin with a run
BLOWS = {
    "a worker": (signal.SIGKILL, signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM),
    "what forks": (signal.SIGKILL,),
    "the command": (signal.SIGKILL, signal.SIGTERM, signal.SIGINT),
    "all of it": (signal.SIGKILL, signal.SIGINT),
}


class Chaos:
    """A plan, its logs, and the command that is killed."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.logs, self.out, self.plan = folder / "logs", folder / "report", folder / "study" / "study.toml"
        self.said = folder / "said.txt"
        self.random, self.seeds, self.sessions = random.Random(seed), 0, list[int]()
        self.plan.parent.mkdir()
        self.more()
        self.process = self.start()

    def more(self) -> None:
        self.seeds += SEEDS
        self.plan.write_text(PLAN.format(seeds=", ".join(map(str, range(self.seeds)))), encoding="utf-8")

    def start(self, logs: Path | None = None) -> "subprocess.Popen[bytes]":
        places = ["--logs", str(logs or self.logs), "--out", str(self.out)]
        command = [sys.executable, "-m", "sweepbook", "run", str(self.plan), *places, "--jobs", "2", "--device", "cpu"]
        with self.said.open("wb") as said:
            process = subprocess.Popen(command, start_new_session=True, stdout=said, stderr=subprocess.STDOUT)
        self.sessions.append(process.pid)
        return process

    def strike(self) -> str:
        """Waits for a random moment, kills, starts again what has ended, and says what it did."""
        self.wait()
        whom = self.random.choice(list(BLOWS))
        there = self.victims()
        if not there.get(whom):
            whom = "the command"
        number = self.random.choice(BLOWS[whom])
        self.kill(self.random.choice(there[whom]), number, whom == "all of it")
        if whom in ("the command", "all of it"):
            self.process.wait(PATIENCE)
            self.process = self.start()
        return f"{whom:11}  {number.name}"

    def victims(self) -> dict[str, list[int]]:
        """The processes that a blow may take, by what it is called. The one that imports torch is a child of the command, and
        workers are forked from it."""
        own = self.process.pid
        trains = {pid: parent for pid, parent in session(own).items() if b"forkserver" in command_line(pid)}
        forks = [pid for pid, parent in trains.items() if parent == own]
        return {"a worker": sorted(trains.keys() - set(forks)), "what forks": forks, "the command": [own], "all of it": [own]}

    def wait(self) -> None:
        """Until a random moment at which the command is at work; it gets more to do where it has none left."""
        starting = self.random.random() < STARTING
        before, end = self.folders(), time.monotonic() + PATIENCE
        while not starting and self.folders() == before:
            self.keep_busy()
            assert time.monotonic() < end, f"no run begins: {self.said.read_text(encoding='utf-8')}"
            time.sleep(0.02)
        time.sleep(self.random.uniform(0.0, LONGEST[starting]))
        self.keep_busy()

    def keep_busy(self) -> None:
        if self.process.poll() is not None:
            assert self.process.returncode in (0, 1), self.said.read_text(encoding="utf-8")
            self.more()
            self.process = self.start()

    def folders(self) -> set[str]:
        return set(os.listdir(self.logs)) if self.logs.is_dir() else set()

    def kill(self, pid: int, number: signal.Signals, everything: bool) -> None:
        with suppress(ProcessLookupError):  # it has just ended by itself
            (os.killpg if everything else os.kill)(pid, number)

    def finish(self) -> list[str]:
        """What three commands in peace say: one that was struck, one that trains the rest, one that has nothing left to do."""
        said = []
        for _ in range(3):
            self.process.wait(10 * PATIENCE)
            said.append(self.said.read_text(encoding="utf-8"))
            self.process = self.start()
        self.process.wait(PATIENCE)
        return said

    def faults(self) -> Iterator[str]:
        """What is wrong with the logs and the processes that are left."""
        study, finished = load_study(self.plan), Counter[tuple[str, int | None]]()
        for path in sorted(self.logs.glob(f"*/{FILE}")):
            try:
                run = read_run(path)
            except LogError as error:
                yield f"{path}: {error}"
                continue
            finished[config_id(run.config), run.seed] += run.status == "finished"
            if len({len(series) for series in run.epochs.values()}) > 1:
                yield f"{path}: its series have different lengths"
            if run.status == "finished" and len(run.epochs["train_loss"]) != run.config["epochs"]:
                yield f"{path}: finished without all its epochs"
        yield from (f"{run.label} seed {run.seed} is missing" for run in missing(study, self.logs))
        yield from (f"{key}: {number} finished logs" for key, number in finished.items() if number > 1)
        yield from (f"process {pid} is left" for one in self.sessions for pid in session(one))

    def differing(self, peace: Path) -> Iterator[str]:
        """The finished runs whose numbers are not those of the same run in the logs of `peace`."""
        ours, theirs = (numbers(logs) for logs in (self.logs, peace))
        yield from (f"{key}: other numbers than in peace" for key in ours | theirs if ours.get(key) != theirs.get(key))

    def left(self) -> str:
        """The logs by their status, and what the kills left of others."""
        logs = [run for _, run in read_folder(self.logs)]
        states = Counter(run.status for run in logs)
        halves = len(list(self.logs.glob(f"*/.{FILE}.*")))
        empty = len(list(self.logs.glob("[!.]*/"))) - len(logs)
        told = ", ".join(f"{number} {state}" for state, number in states.most_common())
        return f"{len(logs)} logs: {told}; beside them {halves} half-written files and {empty} folders without a log"


def session(leader: int) -> dict[int, int]:
    """The processes of a session that are alive, and the parent of each."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                state, parent, _, own = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
            except OSError:  # it has just ended
                continue
            if int(own) == leader and state != "Z":
                found[int(entry.name)] = int(parent)
    return found


def command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def numbers(logs: Path) -> dict[tuple[str, int | None], str]:
    """What each finished run gave, without its times."""
    return {(config_id(run.config), run.seed): _given(run) for _, run in read_folder(logs) if run.status == "finished"}


def _given(run: Run) -> str:
    return repr([(name, series) for name, series in run.epochs.items() if name != "seconds"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--peace", action="store_true")
    asked = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        chaos, blows = Chaos(Path(folder), asked.seed), Counter[str]()
        for number in range(1, asked.kills + 1):
            done = chaos.strike()
            blows[done] += 1
            print(f"{number:3} at {time.monotonic() - began:5.1f} s  {done:22} {chaos.left()}", flush=True)
        _, through, again = chaos.finish()
        print(through)
        time.sleep(1.0)  # for what is ending
        faults = list(chaos.faults())
        if "training [" in again or chaos.process.returncode:
            faults.append(f"another command finds something to do: {again}")
        if asked.peace:
            chaos.start(Path(folder) / "peace").wait()
            faults += chaos.differing(Path(folder) / "peace")
        for blow, count in sorted(blows.items()):
            print(f"{count:3} x {blow}")
        print(
            f"{asked.kills} kills, {len(chaos.sessions)} commands, {len(load_study(chaos.plan).runs)} planned runs; {chaos.left()}"
        )
        print("\n".join(faults) or "every log can be read, every planned run has finished once and only once, no process is left")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
