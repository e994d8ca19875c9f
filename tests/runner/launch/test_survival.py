"""Sweeps by real worker processes that lose the disk, a folder, the time or a worker at its start."""

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from datetime import timedelta
from multiprocessing import forkserver
from pathlib import Path

import pytest
from sweepbook.runner.config import SweepbookError
from sweepbook.runner.launch.events import Ended, Progress, Started
from sweepbook.runner.launch.pool import Pool
from sweepbook.runner.launch.sweeps import executor, missing, outlook, training
from sweepbook.runner.plan import load_study
from sweepbook.runner.runlog import read_folder

pytestmark = pytest.mark.training

PLAN = """\
[study]
title = "Survival"
seeds = [0, 1, 2]

[baseline]
dataset = "digits"
model = "mlp"
units1 = 8
depth = 1
epochs = 3
train_steps = 10
batch_size = 32
lr = 0.01
optimizer = "Adam"

[[group]]
name = "units"
grid = { units1 = [8, 12, 16, 20] }
"""
FAKETIME = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))


def study_of(folder, text=PLAN):
    path = folder / "survival" / "study.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return load_study(path)


def command(folder, logs, *before, **options):
    """`sweepbook run` with one worker, to its end."""
    places = ["--logs", str(logs), "--out", str(folder / "report"), "--jobs", "1", "--device", "cpu"]
    call = [*before, sys.executable, "-m", "sweepbook", "run", str(folder / "survival"), *places]
    return subprocess.run(call, capture_output=True, text=True, check=False, **options)


@pytest.fixture
def disk():
    """A disk of 200 kB, which is soon full."""
    place = Path(tempfile.mkdtemp(prefix="disk-"))
    made = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", place], capture_output=True, check=False
    )
    if not made or made.returncode:
        place.rmdir()
        pytest.skip("no disk may be mounted here")
    yield place
    subprocess.run(["umount", place], check=True)
    place.rmdir()


def test_a_full_disk_ends_the_command_with_one_message_and_costs_no_finished_log(disk, tmp_path):
    study, logs = study_of(tmp_path), disk / "logs"
    ballast = disk / "ballast"
    ballast.write_bytes(b"x" * 160_000)  # 40 kB are left: some logs of 4 kB each, and one that is being written
    full = command(tmp_path, logs)
    assert full.returncode == 2
    (last,) = [line for line in full.stderr.splitlines() if not line.startswith("training [")]
    assert "cannot be written: No space left on device; so training stops. Once that is mended, the same command goes on" in last
    before = {folder: run for folder, run in read_folder(logs) if run.status == "finished"}
    assert 1 <= len(before) < len(study.runs)
    assert not list(logs.glob("*/.run.toml.*"))
    ballast.unlink()
    after = command(tmp_path, logs)
    assert after.returncode == 0, after.stderr
    assert missing(study, logs) == ()
    assert len([run for _, run in read_folder(logs) if run.status == "finished"]) == len(study.runs)
    assert {name: (run.epochs, run.seconds) for name, run in before.items()} == {
        name: (run.epochs, run.seconds) for name, run in read_folder(logs) if name in before
    }


def ended(study, logs, meanwhile, jobs=1):
    """How each run ended; `meanwhile` sees every event."""
    found, told = outlook(study, logs), {}
    with executor(study, logs, "cpu", jobs, False, found) as workers:
        events = workers.run(training(found.missing))
        meanwhile(None)
        for event in events:
            meanwhile(event)
            if isinstance(event, Ended):
                told[event.run.label] = (event.status, event.error)
    return told


def test_a_log_that_somebody_deletes_costs_its_run_alone(tmp_path):
    text = (
        PLAN.replace("[0, 1, 2]", "[0]").replace('"units"', '"epochs"').replace("units1 = [8, 12, 16, 20]", "epochs = [100000, 1]")
    )
    study, logs = study_of(tmp_path, text), tmp_path / "logs"
    folders = {}

    def delete(event):
        if isinstance(event, Started):
            folders[event.run.label] = event.folder
        if isinstance(event, Progress) and event.number == 2:
            shutil.rmtree(folders[event.run.label])

    told = ended(study, logs, delete)
    deleted = folders["epochs_100000"]
    assert told == {"epochs_100000": ("failed", f"somebody deleted {deleted} while it was trained"), "epochs_1": ("finished", None)}
    assert [run.status for _, run in read_folder(logs)] == ["finished"]


def test_a_worker_that_is_killed_while_it_starts_is_started_again(tmp_path):
    study = study_of(tmp_path, PLAN.replace("[0, 1, 2]", "[0]"))
    killed = []

    def kill(event):
        if not killed:
            killed.extend(multiprocessing.active_children())
            killed[0].kill()

    told = ended(study, tmp_path / "logs", kill)
    assert len(killed) == 1
    assert set(told.values()) == {("finished", None)}
    assert len(list(read_folder(tmp_path / "logs"))) == len(told) == 4


def test_where_the_process_that_forks_workers_is_killed_another_takes_its_place(tmp_path):
    study = study_of(tmp_path, PLAN.replace("[0, 1, 2]", "[0]"))
    killed = []

    def kill(event):
        if isinstance(event, Progress) and not killed:
            killed.append(forkserver._forkserver._forkserver_pid)
            os.kill(killed[0], signal.SIGKILL)
            multiprocessing.active_children()[0].kill()

    told = ended(study, tmp_path / "logs", kill)
    assert killed
    assert set(told.values()) == {("finished", None)}
    assert missing(study, tmp_path / "logs") == ()


def test_where_every_worker_is_killed_while_it_starts_the_sweep_ends_with_one_message(tmp_path, monkeypatch):
    start = Pool.start

    def start_and_kill(self):
        worker = start(self)
        worker.process.kill()
        return worker

    monkeypatch.setattr(Pool, "start", start_and_kill)
    with pytest.raises(SweepbookError, match=r"a training process could not start \(3 were killed by SIGKILL\)"):
        ended(study_of(tmp_path), tmp_path / "logs", lambda event: None)
    assert multiprocessing.active_children() == []


@pytest.mark.slow
@pytest.mark.skipif(not FAKETIME, reason="libfaketime is not installed")
def test_a_clock_that_jumps_back_while_a_sweep_goes_on_harms_nothing(tmp_path):
    study, logs, clock = study_of(tmp_path, PLAN.replace("[0, 1, 2]", "[0, 1]")), tmp_path / "logs", tmp_path / "clock"
    clock.write_text("+0")
    faked = {"LD_PRELOAD": str(FAKETIME[0]), "FAKETIME_TIMESTAMP_FILE": str(clock), "FAKETIME_NO_CACHE": "1"}
    env = {**os.environ, **faked, "FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1"}

    def jump():
        while not any(run.status == "finished" for _, run in read_folder(logs)):
            time.sleep(0.02)
        clock.write_text("-3d")

    jumping = threading.Thread(target=jump)
    jumping.start()
    done = command(tmp_path, logs, env=env)
    jumping.join()
    assert done.returncode == 0, done.stderr
    runs = [run for _, run in read_folder(logs)]
    assert max(run.started for run in runs) - min(run.started for run in runs) > timedelta(days=2)
    assert [run.status for run in runs] == ["finished"] * len(study.runs)
    assert all(0 < run.seconds < 100 and sum(run.epochs["seconds"]) < 100 for run in runs)
    shown = {path.name: path.read_text() for path in (tmp_path / "report").glob("*.md")}
    assert shown
    shutil.rmtree(tmp_path / "report")
    again = command(tmp_path, logs, env={**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")})
    assert (again.returncode, "training [" in again.stderr) == (0, False)
    assert {path.name: path.read_text() for path in (tmp_path / "report").glob("*.md") if path.name in shown} == shown


def test_files_here_that_are_called_like_modules_of_python_are_in_nobodys_way(tmp_path):
    study_of(tmp_path, PLAN.replace("seeds = [0, 1, 2]", "seeds = [0]"))
    for name in ("random", "numbers", "statistics"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('not meant for you')\n")
    script = Path(sys.executable).with_name("sweepbook")
    call = [script, "run", "survival", "--logs", "logs", "--out", "report", "--jobs", "1", "--device", "cpu"]
    done = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, "not meant for you" in done.stderr) == (0, False)
    assert {run.status for _, run in read_folder(tmp_path / "logs")} == {"finished"}
