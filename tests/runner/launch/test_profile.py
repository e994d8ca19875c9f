"""Where the time of real workers went, as a table and as a trace."""

import json
import subprocess
from contextlib import suppress

import pytest
from sweepbook.analysis.cli.codes import Interrupted
from sweepbook.analysis.cli.main import main
from sweepbook.analysis.cli.profile import show, write
from sweepbook.analysis.cli.run import _profiled
from sweepbook.runner.launch import profile as profiles
from sweepbook.runner.launch.events import Progress, Spent
from sweepbook.runner.launch.profile import Profile
from sweepbook.runner.launch.sweeps import executor, outlook, scoring, training
from sweepbook.runner.plan import load_study
from sweepbook.runner.runlog import read_folder
from sweepbook.runner.spans import PHASES, REST, STEP, WAITING, Span

PLAN = """\
[study]
title = "Tiny"
seeds = [0, 1]
[baseline]
dataset = "digits"
model = "mlp"
units1 = 16
depth = 1
epochs = 3
batch_size = 32
lr = 0.003
optimizer = "Adam"
shift = 1
[[group]]
name = "dropout"
grid = { dropout = [0.0, 0.2] }
"""


def swept(folder, profile=None):
    """The logs of the whole plan, trained by two workers and one run scored on test images, by configuration and seed."""
    logs, study = folder / "logs", load_study(folder)
    found = outlook(study, logs)
    logs.mkdir()
    with executor(study, logs, "cpu", 2, False, found, profile=profile) as workers:
        list(workers.run(training(found.missing, 2, "cpu")))
        (place, first), *_ = read_folder(logs)
        (run,) = [run for run in study.runs if (run.label, run.seed) == (first.label, first.seed)]
        list(workers.run(scoring([(run, place)])))
    return {(run.label, run.seed): run for _, run in read_folder(logs)}


def check_nested(events):
    """Complete events of one thread, in their order: each ends before the one that it lies in."""
    around, before = [], 0.0
    for event in events:
        assert event["ts"] >= before, "not in order"
        before, end = event["ts"], event["ts"] + event["dur"]
        while around and around[-1] <= event["ts"] + 1e-3:
            around.pop()
        assert not around or end <= around[-1] + 1e-3, event
        around.append(end)


@pytest.mark.training
def test_a_profile_accounts_for_all_the_time_of_the_workers_and_changes_no_number(tmp_path, capsys):
    for name in ("with", "without"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "study.toml").write_text(PLAN)
    profile = Profile()
    watched, alone = swept(tmp_path / "with", profile), swept(tmp_path / "without")
    for key, run in alone.items():
        assert watched[key].metrics.keys() >= {"valid_loss", "valid_accuracy"}
        for name in ("train_loss", "valid_loss", "valid_accuracy"):
            assert watched[key].epochs[name] == run.epochs[name]
    assert sum("test_accuracy" in run.metrics for run in watched.values()) == 1

    assert set(profile.seconds) == set(PHASES)
    assert min(profile.seconds.values()) > 0
    assert sum(profile.seconds.values()) == pytest.approx(profile.wall, rel=0.05)  # what a worker says of its time takes some
    show(profile)
    table = capsys.readouterr().out
    assert table.startswith("Where the time of 2 workers went:\n")
    assert all(f"\n{phase} " in table for phase in PHASES)

    write(profile, "tiny", tmp_path / "report")
    assert capsys.readouterr().out == f"Trace: {tmp_path / 'report/profile/trace.json'}; open it at ui.perfetto.dev\n"
    trace = json.loads((tmp_path / "report/profile/trace.json").read_text())["traceEvents"]
    names = {event["tid"]: event["args"]["name"] for event in trace if event["name"] == "thread_name"}
    assert names == {1: "worker 1", 2: "worker 2"}
    spans = [event for event in trace if event["ph"] == "X"]
    assert len(spans) + 3 == len(trace)
    assert all(event["pid"] == 1 and event["dur"] >= 0 for event in spans)
    for number in names:
        check_nested([event for event in spans if event["tid"] == number])
    runs = [event["name"] for event in spans if event["cat"] == REST]
    assert sum(name.endswith(", test images") for name in runs) == 1


@pytest.mark.training
def test_a_sweep_that_is_stopped_has_the_profile_of_what_it_did(tmp_path):
    (tmp_path / "study.toml").write_text(PLAN.replace("epochs = 3", "epochs = 100000"))
    study, profile = load_study(tmp_path), Profile()
    (tmp_path / "logs").mkdir()
    found = outlook(study, tmp_path / "logs")
    with suppress(KeyboardInterrupt), executor(study, tmp_path / "logs", "cpu", 1, False, found, profile=profile) as workers:
        for event in workers.run(training(found.missing)):
            if isinstance(event, Progress):
                raise KeyboardInterrupt
    assert [run.status for _, run in read_folder(tmp_path / "logs")] == ["interrupted"]
    assert profile.seconds[STEP] > 0
    (spans,) = profile.spans.values()
    assert [span.name for span in spans if span.phase == REST] == ["dropout_0 seed 0"]
    assert spans[-1].phase != WAITING  # it had a run in hand to the end


def test_ctrl_c_leaves_a_trace_that_git_passes_over(tmp_path, capsys):
    profile = Profile()
    profile.add(Spent(7, {REST: 50}, (Span("run", REST, profile.began, profile.began + 50),)))
    with pytest.raises(Interrupted), _profiled(profile, "tiny", tmp_path / "report"):
        raise Interrupted(2)
    assert "profile/trace.json; open it at ui.perfetto.dev\n" in capsys.readouterr().out
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    names = subprocess.run(["git", "status", "--short", "-uall"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert (tmp_path / "report/profile/trace.json").is_file()
    assert names.stdout == ""


def test_of_a_long_sweep_the_trace_keeps_when_its_jobs_ran_and_the_table_counts_all(capsys, monkeypatch):
    monkeypatch.setattr(profiles, "MOST", 3)
    profile = Profile()
    for start in (0, 100):
        steps = [Span(STEP, STEP, start + own, start + own + 10) for own in (10, 20)]
        job = Span(f"run {start}", REST, start, start + 50)
        profile.add(Spent(7, {STEP: 40, REST: 10}, (*steps, job), left_out=2))
    assert profile.seconds == {STEP: 80e-9, REST: 20e-9}
    spans = [event["name"] for event in profile.trace("tiny")["traceEvents"] if event["ph"] == "X"]
    assert spans == ["run 0", STEP, STEP, "run 100"]
    show(profile)
    assert "the trace leaves out 6 spans, most of them steps" in capsys.readouterr().out


def test_a_worker_that_was_killed_is_not_said_to_wait_until_the_end():
    profile = Profile()
    for process in (7, 8):
        profile.add(Spent(process, {REST: 50}, (Span("run", REST, profile.began, profile.began + 50),)))
    profile.end([8])
    assert [len(spans) for spans in profile.spans.values()] == [1, 2]


def test_where_nothing_was_trained_there_is_no_trace(tmp_path, capsys):
    show(Profile())
    write(Profile(), "tiny", tmp_path)
    assert capsys.readouterr().out == "Profile: nothing was trained, so there is none.\n"
    assert not list(tmp_path.iterdir())


def test_a_profile_of_another_machine_is_refused_before_anything_is_trained(tmp_path, capsys):
    (tmp_path / "study.toml").write_text(PLAN)
    assert main(["run", str(tmp_path), "--profile", "--executor", "ray", "--logs", str(tmp_path / "logs")]) == 2
    assert "--profile is for workers on this machine; leave it out with --executor ray" in capsys.readouterr().err
    assert not (tmp_path / "logs").exists()
