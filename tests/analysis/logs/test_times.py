import pytest
from sweepbook.analysis.logs.sweep import load_sweep
from sweepbook.analysis.logs.times import run_seconds

PLAN = """
[study]
title = "T"
seeds = [0]
[baseline]
dataset = "digits"
model = "mlp"
units1 = 8
depth = 1
epochs = 2
batch_size = 32
lr = 0.01
optimizer = "Adam"
{steps}
[[group]]
name = "epochs"
grid = {{ epochs = [2, 4] }}
"""
BASE = {
    "dataset": "digits",
    "model": "mlp",
    "units1": 8,
    "depth": 1,
    "epochs": 2,
    "batch_size": 32,
    "lr": 0.01,
    "optimizer": "Adam",
}


def test_without_logs_no_time_is_known(plan, tmp_path):
    study = plan(tmp_path, PLAN.format(steps=""))
    assert run_seconds(None, study.runs) is None
    (tmp_path / "logs").mkdir()
    assert run_seconds(load_sweep(tmp_path / "logs"), study.runs) is None


def test_a_configuration_takes_the_median_of_its_own_runs_and_others_their_steps(plan, log, run, tmp_path):
    study = plan(tmp_path, PLAN.format(steps="train_steps = 10"))
    for seed, seconds in enumerate([1.0, 2.0, 9.0]):
        config = {**BASE, "train_steps": 10}
        log(tmp_path / "logs", f"r{seed}", run(seed=seed, config=config, epochs=2, seconds=seconds))
    # 20 steps a run, 0.1 s a step in the median; the other configuration has 40.
    assert run_seconds(load_sweep(tmp_path / "logs"), study.runs) == [2.0, pytest.approx(4.0)]


def test_runs_in_one_program_say_what_one_of_them_takes(plan, log, run, tmp_path):
    study = plan(tmp_path, PLAN.format(steps="train_steps = 10"))
    for seed, stacked in enumerate([{}, {"stacked": 4}, {"stacked": 4}]):
        config, seconds = {**BASE, "train_steps": 10}, 8.0 if stacked else 2.0
        log(tmp_path / "logs", f"r{seed}", run(seed=seed, config=config, epochs=2, seconds=seconds, environment=stacked))
    assert run_seconds(load_sweep(tmp_path / "logs"), study.runs) == [2.0, pytest.approx(4.0)]


def test_a_whole_pass_has_as_many_steps_as_the_logged_examples_make(plan, log, run, tmp_path):
    study = plan(tmp_path, PLAN.format(steps=""))
    log(tmp_path / "logs", "a", run(config={**BASE, "lr": 0.5}, epochs=2, seconds=6.8, train_examples=1078))
    # 34 batches a pass: 68 steps in 6.8 s, then 68 and 136 steps.
    assert run_seconds(load_sweep(tmp_path / "logs"), study.runs) == [pytest.approx(6.8), pytest.approx(13.6)]


def test_a_run_of_no_step_tells_nothing(plan, log, run, tmp_path):
    study = plan(tmp_path, PLAN.format(steps=""))
    log(tmp_path / "logs", "a", run(config=BASE, seconds=1.0, train_examples=1078))
    path = log(tmp_path / "logs", "b", run(seed=1, config=BASE, epochs=1, seconds=1.0, train_examples=1078))
    path.write_text(path.read_text().replace("valid_accuracy = [0.8]", "valid_accuracy = []"))
    assert run_seconds(load_sweep(tmp_path / "logs"), study.runs) is None


def test_logs_that_do_not_say_how_many_examples_leave_a_whole_pass_open(plan, log, run, tmp_path):
    study = plan(tmp_path, PLAN.format(steps=""))
    log(tmp_path / "logs", "a", run(config={**BASE, "train_steps": 10}, epochs=2))
    assert run_seconds(load_sweep(tmp_path / "logs"), study.runs) is None
    assert run_seconds(load_sweep(tmp_path / "logs"), []) == []
