"""Sweeps on a Ray cluster of several nodes on this machine: nodes and workers are lost, and every run ends finished once."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from sweepbook.analysis.cli.main import main
from sweepbook.runner.config import SweepbookError
from sweepbook.runner.launch import sweeps
from sweepbook.runner.launch.events import Ended, Lost, Progress, Started
from sweepbook.runner.launch.executor import Queue
from sweepbook.runner.launch.rayaddress import connect
from sweepbook.runner.plan import load_study
from sweepbook.runner.runlog import FILE, read_folder, read_run

ray = pytest.importorskip("ray")
cluster_utils = pytest.importorskip("ray.cluster_utils")

pytestmark = [pytest.mark.training, pytest.mark.filterwarnings("default")]  # Ray's own libraries warn
PLAN = """\
[study]
title = "Tiny"
metric = "valid_accuracy"
seeds = [0, 1]
[baseline]
dataset = "digits"
model = "mlp"
units1 = 8
units2 = 8
depth = 2
epochs = {epochs}
batch_size = 32
lr = 0.003
optimizer = "Adam"
[[group]]
name = "lr"
title = "Which learning rate?"
grid = {{ lr = [0.001, 0.003, 0.01] }}
"""


@pytest.fixture(scope="module")
def cluster():
    """A cluster of a head that trains nothing and two nodes with a core each."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    made = cluster_utils.Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    for _ in range(2):
        made.add_node(num_cpus=1)
    made.wait_for_nodes()
    yield made
    made.shutdown()


@pytest.fixture
def study(tmp_path):
    return planned(tmp_path / "plan", epochs=3)


def planned(folder: Path, epochs: int):
    folder.mkdir(exist_ok=True)
    (folder / "study.toml").write_text(PLAN.format(epochs=epochs))
    return load_study(folder)


def executor(study, logs, cluster, jobs=2):
    device, number = connect(cluster.address, "cpu", jobs)
    logs.mkdir(exist_ok=True)
    return sweeps.executor(study, logs, device, number, False, sweeps.outlook(study, logs), sweeps.RAY)


def statuses(logs: Path) -> Counter[str]:
    return Counter(run.status for _, run in read_folder(logs))


def finished_once(study, logs: Path) -> bool:
    """Whether every run of the plan has one finished log and no more."""
    done = Counter((run.label, run.seed) for _, run in read_folder(logs) if run.status == "finished")
    return done == Counter((run.label, run.seed) for run in study.runs)


def test_a_cluster_trains_the_same_numbers_as_this_machine(study, tmp_path, cluster):
    assert connect(cluster.address, "cpu", None) == ("cpu", 2)
    with executor(study, tmp_path / "there", cluster) as there:
        events = list(there.run(sweeps.training(study.runs)))
    (tmp_path / "here").mkdir()
    with sweeps.executor(study, tmp_path / "here", "cpu", 1, False, sweeps.outlook(study, tmp_path / "here")) as here:
        list(here.run(sweeps.training(study.runs)))
    logged = [{(run.label, run.seed): run for _, run in read_folder(tmp_path / place)} for place in ("there", "here")]
    assert logged[0].keys() == logged[1].keys() == {(run.label, run.seed) for run in study.runs}
    for key, run in logged[0].items():
        other = logged[1][key]
        assert run.metrics == other.metrics
        assert {**run.epochs, "seconds": 0} == {**other.epochs, "seconds": 0}
        assert (run.status, run.parameters, run.environment["torch"]) == ("finished", other.parameters, other.environment["torch"])
    assert Counter(type(event) for event in events) == {Started: 6, Progress: 18, Ended: 6}
    assert all(event.folder.parent == tmp_path / "there" for event in events if isinstance(event, Started))


def test_the_test_score_comes_to_the_log_here(study, tmp_path, cluster):
    with executor(study, tmp_path / "logs", cluster) as there:
        run = study.runs[0]
        (folder,) = [event.folder for event in there.run(sweeps.training([run])) if isinstance(event, Started)]
        list(there.run(sweeps.scoring([(run, folder)])))
    log = read_run(folder / FILE)
    assert 0 <= log.metrics["test_accuracy"] <= 1
    assert len(log.epochs["valid_loss"]) == 3


def test_a_node_that_is_killed_costs_no_run(tmp_path, cluster):
    study, logs = planned(tmp_path, epochs=400), tmp_path / "logs"
    node = cluster.add_node(num_cpus=1)
    cluster.wait_for_nodes()
    lost, training = [], set()
    with executor(study, logs, cluster, jobs=3) as there:
        for event in there.run(sweeps.training(study.runs)):
            training |= {event.run.key} if isinstance(event, Progress) else set()
            if node and len(training) == 3:
                cluster.remove_node(node, allow_graceful=False)
                node = None
            if isinstance(event, Lost):
                lost.append(event)
    assert node is None
    assert [one.error.startswith("its node, or Ray's process there, was lost") for one in lost] == [True]
    assert finished_once(study, logs)
    assert statuses(logs) == {"finished": 6, "failed": 1}
    assert [run.error for _, run in read_folder(logs) if run.status == "failed"] == [lost[0].error]


def started_at(logs: Path) -> list[str]:
    """The runs that have come through an epoch, or more."""
    return [folder.name for folder, run in read_folder(logs) if run.epochs]


def test_a_worker_that_is_killed_costs_no_run(tmp_path, cluster):
    study, logs = planned(tmp_path, epochs=400), tmp_path / "logs"
    lost, begun = [], set()
    with executor(study, logs, cluster) as there:
        for event in there.run(sweeps.training(study.runs[:3])):
            if isinstance(event, Progress):
                begun.add(event.run.key)
            if len(begun) == 2 and not lost:  # each worker has a run: one that only starts would cost none
                os.kill(workers()[0], signal.SIGKILL)
                lost.append(None)
            if isinstance(event, Lost):
                lost[0] = event
    assert "its process was killed by SIGKILL" in lost[0].error
    assert statuses(logs) == {"finished": 3, "failed": 1}


def workers() -> list[int]:
    """The processes on this machine that train for a slot."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes()
            parent = (path.parent / "stat").read_text().rpartition(")")[2].split()[1]
            above = Path("/proc", parent, "cmdline").read_bytes()
        except OSError:
            continue
        if b"spawn_main" in line and b"ray::Slot" in above:
            found.append(int(path.parent.name))
    return found


def test_a_run_that_its_source_gives_up_is_pruned(tmp_path, cluster):
    study, logs = planned(tmp_path, epochs=100_000), tmp_path / "logs"

    class Impatient(Queue):
        def heard(self, event):
            return [event.run] if isinstance(event, Progress) and event.number == 3 else []

    with executor(study, logs, cluster) as there:
        events = list(there.run(Impatient(sweeps.training(study.runs[:1]).jobs)))
    assert [event.status for event in events if isinstance(event, Ended)] == ["pruned"]
    assert statuses(logs) == {"pruned": 1}


def test_ctrl_c_logs_the_runs_in_hand_as_interrupted_and_the_next_call_goes_on(tmp_path, cluster):
    planned(tmp_path / "plan", epochs=100_000)
    logs = tmp_path / "logs"
    command = [sys.executable, "-m", "sweepbook", "run", "plan", "--executor", "ray", "--ray-address", cluster.address]
    with subprocess.Popen([*command, "--logs", logs], stderr=subprocess.PIPE, text=True, cwd=tmp_path) as running:
        end = time.monotonic() + 120
        try:
            while len(started_at(logs)) < 2:
                assert running.poll() is None, running.stderr.read()
                assert time.monotonic() < end
                time.sleep(0.1)
            running.send_signal(signal.SIGINT)
            _, said = running.communicate(timeout=60)
        finally:
            running.kill()
    assert running.returncode == 130
    assert said.splitlines()[-1] == "sweepbook: interrupted; the same command goes on from here"
    begun = len(list(logs.glob("*/run.toml")))  # small networks train several at a time
    assert statuses(logs) == {"interrupted": begun}
    study = planned(tmp_path / "plan", epochs=3)
    with executor(study, logs, cluster) as there:
        list(there.run(sweeps.training(sweeps.missing(study, logs))))
    assert statuses(logs) == {"interrupted": begun, "finished": 6}


def test_a_cluster_that_does_not_answer_is_one_error():
    with pytest.raises(SweepbookError, match=r"--executor ray: no cluster answers at 127.0.0.1:1"):
        connect("127.0.0.1:1", "cpu", None)


def test_a_gpu_that_the_cluster_lacks_is_one_error(cluster):
    with pytest.raises(SweepbookError, match="the Ray cluster has no GPU"):
        connect(cluster.address, "cuda", None)
    ray.shutdown()


def test_a_study_goes_from_the_plan_to_the_journal(study, tmp_path, cluster, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["run", "plan", "--executor", "ray", "--ray-address", cluster.address, "--logs", "logs", "--out", "report"]) == 0
    assert finished_once(study, tmp_path / "logs")
    assert "training [6/6]" in capsys.readouterr().err
    assert (tmp_path / "report" / "journal.html").is_file()
