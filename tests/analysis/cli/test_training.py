"""Commands that train, in processes of their own: small networks on scikit-learn's digits. The demo is in tests/test_readme.py."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sweepbook.runner.runlog import FILE, LogError, read_run

pytestmark = pytest.mark.training

# Two runs of some seconds each, with many short epochs, so that an interrupted run has some of them.
PLAN = """
[study]
title = "Slow"
seeds = [0]
[baseline]
dataset = "digits"
model = "mlp"
units1 = 8
depth = 1
epochs = 24
batch_size = 32
lr = 0.01
optimizer = "SGD"
train_steps = 300
[[group]]
name = "lr"
grid = { lr = [0.01, 0.1] }
"""


def sweepbook(folder, *arguments, **options):
    """The command in a process of its own, and in a group of its own, in `folder`."""
    command = [sys.executable, "-m", "sweepbook", *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, cwd=folder, start_new_session=True, **pipes, **options)


def runs(logs):
    return {path.parent.name: read_run(path) for path in sorted(Path(logs).glob(f"*/{FILE}"))}


def wait_until(ready, process, seconds=120):
    end = time.monotonic() + seconds
    while not ready():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end, "it never came so far"
        time.sleep(0.05)


def started(logs, count):
    """Whether `count` runs have an epoch behind them."""
    try:
        return sum(bool(run.epochs) for run in runs(logs).values()) >= count
    except LogError:
        return False


def test_a_sweep_that_is_told_to_stop_logs_its_runs_and_the_next_goes_on(tmp_path, plan):
    plan(tmp_path / "studies" / "slow", PLAN)
    logs = tmp_path / "modellogs" / "slow"
    command = ("run", "studies/slow", "--device", "cpu", "--jobs")
    # One job trains both runs in one program. Ctrl-C goes to every process in the foreground, a plain kill to the one.
    for count, (stop, number, code) in [(2, (os.killpg, signal.SIGINT, 130)), (4, (os.kill, signal.SIGTERM, 143))]:
        process = sweepbook(tmp_path, *command, "1")
        wait_until(lambda count=count: started(logs, count), process)
        stop(process.pid, number)
        _, err = process.communicate(timeout=60)
        assert process.returncode == code, err
        assert err == "sweepbook: interrupted; the same command goes on from here\n"
        stopped = runs(logs)
        assert [run.status for run in stopped.values()] == ["interrupted"] * count
        assert all(0 < len(run.epochs["train_loss"]) < 24 for run in stopped.values())
        assert not (tmp_path / "reports").exists()

    process = sweepbook(tmp_path, *command, "2")
    _, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    done = runs(logs)
    assert sorted(run.label for name, run in done.items() if name not in stopped) == ["lr_0.01", "lr_0.1"]
    assert {run.status for name, run in done.items() if name not in stopped} == {"finished"}
    assert {name: done[name] for name in stopped} == stopped
    assert "[2/2] " in err
    assert "not count" not in err
    journal = (tmp_path / "reports/slow/journal.md").read_text()
    assert "4 logs of runs that were cut off are left out: each was run again and came to its end." in journal
    assert "interrupted after" not in journal


def test_a_run_that_fails_is_told_and_the_rest_is_built(tmp_path, plan):
    quick = PLAN.replace("train_steps = 300", "train_steps = 5").replace("epochs = 24", "epochs = 1")
    plan(tmp_path / "studies" / "bad", quick + '[[group]]\nname = "bad"\ngrid = { units1 = [8, 10000000000000] }\n')
    process = sweepbook(tmp_path, "run", "studies/bad", "--jobs", "1", "--device", "cpu")
    out, err = process.communicate(timeout=200)
    assert process.returncode == 1, err
    assert "Traceback" not in err
    assert "bad_10000000000000 seed 0: failed: " in err
    assert "reports/bad: wrote journal.md" in out
    assert "1 log does not count" in err
    assert "failed before its first epoch ended: RuntimeError" in (tmp_path / "reports/bad/journal.md").read_text()
