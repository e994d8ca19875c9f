"""A real search: real worker processes, small networks on scikit-learn's digits, the command in a process of its own."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sweepbook.runner.launch import sweeps
from sweepbook.runner.launch.events import Ended, Progress
from sweepbook.runner.plan import load_study
from sweepbook.runner.runlog import FILE, LogError, read_folder, read_run

pytestmark = pytest.mark.training
pytest.importorskip("optuna")

ROOT = Path(__file__).parents[3]
# The example of the docs, as it is there.
PLAN = next(
    block for block in re.findall(r"^```toml\n(.*?)^```", (ROOT / "docs/plan.md").read_text(), re.S | re.M) if "log 1e" in block
)


def study_of(folder, text=PLAN):
    folder.mkdir(exist_ok=True)
    (folder / "study.toml").write_text(text)
    return load_study(folder)


def trained(study, logs):
    """Every event of the search and of what it asks to be confirmed."""
    logs.mkdir(exist_ok=True)
    with sweeps.executor(study, logs, "cpu", 1, False, sweeps.outlook(study, logs)) as executor:
        with sweeps.searching(study, logs) as source:
            events = list(executor.run(source))
        events += executor.run(sweeps.training(sweeps.outlook(study, logs).missing))
    return events


def test_the_search_in_the_docs_trains_stops_hopeless_trials_and_confirms_the_best(tmp_path):
    study, logs = study_of(tmp_path / "s"), tmp_path / "logs"
    events = trained(study, logs)
    runs = [run for _, run in read_folder(logs)]
    trials = {run.label: run for run in runs if "search" in run.environment}
    assert len(trials) == 12
    pruned = {label for label, run in trials.items() if run.status == "pruned"}
    assert pruned
    for label in pruned:  # it may have come through one more epoch before it heard
        heard = max(event.number for event in events if isinstance(event, Progress) and event.run.label == label)
        assert len(trials[label].epochs["valid_accuracy"]) == heard < 6
    scores = {label: run.metrics["valid_accuracy"] for label, run in trials.items() if run.status == "finished"}
    again = {(run.label, run.seed) for run in runs if "search" not in run.environment}
    best = sorted(scores, key=lambda label: (-scores[label], label))[:2]
    assert again == {(label, seed) for label in best for seed in (0, 1)}
    assert sweeps.missing(study, logs) == ()
    assert trained(study, logs) == []
    assert {event.status for event in events if isinstance(event, Ended)} == {"finished", "pruned"}


OWN = """
from torch import nn

def build(config, shape, classes):
    hidden = nn.Linear(64, config["own.width"])
    return nn.Sequential(nn.Flatten(), hidden, nn.Dropout(config["own.drop"]), nn.ReLU(), nn.Linear(config["own.width"], classes))
"""


def test_a_search_tries_settings_of_a_model_of_ones_own(tmp_path):
    space = 'own.width = "log 4..64", own.drop = "0.0..0.5"'
    text = PLAN.replace('"mlp"', '"net:build"').replace(
        'lr = "log 1e-5..1e-1", units1 = [8, 16, 32], weight_decay = "0..0.1"', space
    )
    (tmp_path / "net.py").write_text(OWN)
    study, logs = study_of(tmp_path, text.replace("= 12", "= 3").replace("confirm = 2", "confirm = 1")), tmp_path / "logs"
    trained(study, logs)
    runs = [run for _, run in read_folder(logs)]
    trials = [run for run in runs if "search" in run.environment]
    assert [run.status for run in trials] == ["finished"] * 3
    widths = {run.config["own.width"] for run in trials}
    assert len(widths) > 1
    assert widths <= {*range(4, 65)}
    assert all(0 <= run.config["own.drop"] <= 0.5 for run in trials)
    again = {run.config["own.width"] for run in runs if "search" not in run.environment}
    assert len(again) == 1
    assert again < widths


def logged(logs):
    """The runs that are logged in `logs`, as far as they can be read."""
    found = []
    for path in sorted(logs.glob(f"*/{FILE}")):
        try:
            found.append(read_run(path))
        except LogError:
            continue
    return found


def test_a_search_that_is_killed_in_its_middle_goes_on_with_no_trial_lost_or_twice(tmp_path):
    study_of(tmp_path / "s", PLAN.replace("= 12", "= 7").replace("confirm = 2", "confirm = 1"))
    command = [sys.executable, "-m", "sweepbook", "run", "s", "--logs", "logs", "--out", "out", "--jobs", "1"]
    first = subprocess.Popen(command, cwd=tmp_path, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    end = time.monotonic() + 120
    while sum(run.status in ("finished", "pruned") for run in logged(tmp_path / "logs")) < 3:
        assert first.poll() is None, first.communicate()
        assert time.monotonic() < end, "it never came so far"
        time.sleep(0.02)
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate(timeout=60)
    before = {run.environment["trial"]: run for run in logged(tmp_path / "logs") if run.status in ("finished", "pruned")}
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    trials = [run for run in logged(tmp_path / "logs") if "search" in run.environment]
    ended = [run.environment["trial"] for run in trials if run.status in ("finished", "pruned")]
    assert sorted(ended) == list(range(7))
    assert all(any(run == one for run in trials) for one in before.values())
    proposed = {run.environment["trial"]: set() for run in trials}
    for run in trials:
        proposed[run.environment["trial"]].add(run.environment["proposed"])
    assert {len(own) for own in proposed.values()} == {1}
    assert "bayes" in (tmp_path / "out" / "journal.md").read_text()
