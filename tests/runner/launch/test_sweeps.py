"""Real sweeps by real worker processes over scikit-learn's digits."""

import math
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import filelock
import pytest
import torch
from sweepbook.runner.config import SweepbookError
from sweepbook.runner.launch import devices, pool, processes, sweeps
from sweepbook.runner.launch.devices import choose_device, default_jobs
from sweepbook.runner.launch.events import Ended, Lost, Progress, Ready, Started, Terms, Train
from sweepbook.runner.launch.executor import Queue
from sweepbook.runner.launch.pool import Pool, Worker
from sweepbook.runner.launch.processes import started
from sweepbook.runner.launch.provenance import patch
from sweepbook.runner.launch.sweeps import executor, missing, outlook, scoring, training
from sweepbook.runner.logtext import write_run
from sweepbook.runner.plan import load_study
from sweepbook.runner.prediction import prediction_hash
from sweepbook.runner.record import new_folder
from sweepbook.runner.runlog import FILE, Run, read_folder, read_run
from sweepbook.runner.training.data import load

from sweepbook import runner

pytestmark = pytest.mark.training

HEAD = """\
[study]
title = "Sweep"
seeds = [0, 1]

[baseline]
dataset = "digits"
model = "mlp"
units1 = 8
units2 = 8
depth = 2
epochs = 2
batch_size = 64
lr = 0.003
optimizer = "Adam"
"""
MIXED = (
    HEAD
    + """
[[group]]
name = "units"
grid = { units1 = [8, 16] }

[[group]]
name = "bad"
configs = [
  { name = "diverges", optimizer = "SGD", lr = 1e30 },
  { name = "too_big", units1 = 10000000000000 },
]
"""
)
ONE_SHAPE = (
    HEAD
    + """
[[group]]
name = "rates"
grid = { lr = [0.003, 0.1], weight_decay = [0, 0.1] }

[[group]]
name = "schedules"
configs = [
  { name = "plateau", schedule = "plateau", plateau_patience = 0 },
  { name = "cosine", schedule = "cosine", warmup = 1 },
]
"""
)
CLAIMED = """
[[group]]
name = "units"
grid = { units1 = [8] }

  [[group.prediction]]
  says = "It is not perfect"
  at = { units1 = 8 }
  at_most = 0.99

  [[group.prediction]]
  says = "It is good"
  at = { units1 = 8 }
  at_least = 0.5
"""
# The first configuration takes a minute and more, so that whatever is done to it comes in its middle.
LONG = (
    HEAD.replace("[0, 1]", "[0]")
    + """
[[group]]
name = "epochs"
grid = { epochs = [1000000, 1] }
"""
)
SHORT = (
    HEAD
    + """
[[group]]
name = "units"
grid = { units1 = [8, 12, 16], units2 = [8, 16] }
"""
)
DRIVER = """\
import os, signal, sys
from pathlib import Path

from sweepbook.runner.launch.events import Progress
from sweepbook.runner.launch.provenance import patch
from sweepbook.runner.launch.sweeps import executor, outlook, training
from sweepbook.runner.plan import load_study

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests run in the background
    plan, logs, what = sys.argv[1:]
    seeds = set()
    study, logs = load_study(Path(plan)), Path(logs)
    found = outlook(study, logs)
    try:
        with executor(study, logs, "cpu", 2, False, found) as workers:
            for event in workers.run(training(found.missing)):
                if what == "die" and isinstance(event, Progress) and event.number == 2:
                    seeds.add(event.run.seed)
                    if len(seeds) == 2:  # a run of each seed is in its middle
                        os.kill(os.getpid(), signal.SIGKILL)
                if what == "tell":
                    print(type(event).__name__, flush=True)
    except KeyboardInterrupt:
        print("stopped by Ctrl-C", flush=True)
"""


def train_missing(study, logs, jobs, device="cpu", tensorboard=False):
    """Trains what is missing, `jobs` runs at a time, and yields what happens."""
    found = outlook(study, logs)
    with executor(study, logs, device, jobs, tensorboard, found) as workers:
        yield from workers.run(training(found.missing))


def score_on_test(study, logs, run, folder):
    """Adds the test score to a log, and returns what happened."""
    with executor(study, logs, "cpu", 1, False, outlook(study, logs)) as workers:
        return list(workers.run(scoring([(run, folder)])))


def study_of(folder, text):
    path = folder / "sweep.toml"
    path.write_text(text)
    return load_study(path)


def all_logs(logs):
    """Every log of the folder, each of which must be readable and have whole epochs."""
    runs = {path.parent: read_run(path) for path in logs.glob(f"*/{FILE}")}
    assert len(runs) == len(list(logs.glob("[!.]*/")))
    for run in runs.values():
        assert len({len(series) for series in run.epochs.values()}) <= 1
        assert all(repr(run.epochs[name][-1]) == repr(run.metrics[name]) for name in run.metrics if run.epochs)
    return runs


def by_label(logs):
    return {f"{run.label}-s{run.seed}": run for run in all_logs(logs).values()}


def numbers(run):
    """What a run gave, without its times; as text, where nan is nan."""
    return repr({name: series for name, series in run.epochs.items() if name != "seconds"}), repr(run.metrics)


def wanted(planned):
    return f"{planned.label}-s{planned.seed}"


def the_worker():
    (process,) = multiprocessing.active_children()
    return process.pid


def dead_worker(logs, job, folders, how="exit"):
    """A pool whose only worker has died over `job`, its logs in `folders`."""
    process = multiprocessing.get_context("spawn").Process(
        target=os._exit if how == "exit" else signal.pause, args=(3,)[: how == "exit"]
    )
    process.start()
    if how == "kill":
        process.kill()
    ours, _ = multiprocessing.Pipe()
    pool = Pool(Terms("sweep", logs, "cpu", False, {}, frozenset(), ()), 1)
    pool.workers.append(Worker(0, process, ours, True, job, list(job.runs), folders))
    return pool, pool.workers[0]


def drive(tmp_path, plan, what, **options):
    """Another process that trains what is missing."""
    script = tmp_path / "driver.py"
    script.write_text(DRIVER)
    home = str(Path(runner.__file__).parents[1])
    return subprocess.Popen(
        [sys.executable, str(script), str(plan.path), str(tmp_path / "logs"), what],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([home, os.environ.get("PYTHONPATH", "")])},
        **options,
    )


def earlier_log(logs, planned, status):
    """A log as another sweep left it. It names no label of the plan: what a run is, its settings and seed say."""
    folder = logs / f"20250101-000000-{status}-s{planned.seed}"
    folder.mkdir(parents=True)
    metrics = {"train_loss": 0.5, "valid_loss": 0.5, "valid_accuracy": 0.9} if status == "finished" else {}
    moment = datetime(2025, 1, 1, tzinfo=UTC)
    write_run(folder, Run(status, "sweep", planned.seed, status, moment, 1.0, planned.config, metrics=metrics))
    return folder


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """A sweep by two workers over logs of each kind, while another process has one of its runs in hand."""
    folder = tmp_path_factory.mktemp("mixed")
    study, logs = study_of(folder, MIXED), folder / "logs"
    runs = {wanted(run): run for run in study.runs}
    earlier_log(logs, runs["units_8-s0"], "finished")
    earlier_log(logs, runs["units_16-s0"], "failed")
    earlier_log(logs, runs["units_8-s1"], "running")
    (logs / ".claims").mkdir()
    with filelock.FileLock(logs / ".claims" / f"{runs['units_16-s1'].id}-s1"):
        events = list(train_missing(study, logs, 2))
    return study, logs, events


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """The same sweep by one worker, with event files."""
    folder = tmp_path_factory.mktemp("alone")
    study, logs = study_of(folder, MIXED), folder / "logs"
    events = list(train_missing(study, logs, 1, tensorboard=True))
    return study, logs, events


def test_what_no_log_has_as_done_is_trained_and_nothing_else(mixed):
    _, _, events = mixed
    ended = {wanted(event.run): event.status for event in events if isinstance(event, Ended)}
    assert ended == {
        "units_16-s0": "finished",
        "units_8-s1": "finished",
        "units_16-s1": "elsewhere",
        "bad_diverges-s0": "diverged",
        "bad_diverges-s1": "diverged",
        "bad_too_big-s0": "failed",
        "bad_too_big-s1": "failed",
    }
    assert len([event for event in events if isinstance(event, Ended)]) == 7


def test_every_run_is_told_from_its_start_to_its_end(mixed):
    _, _, events = mixed
    told = [(wanted(event.run), getattr(event, "number", type(event).__name__)) for event in events]
    for label, epochs in [("units_16-s0", 2), ("bad_diverges-s1", 1), ("bad_too_big-s0", 0)]:
        assert [what for name, what in told if name == label] == ["Started", *range(1, epochs + 1), "Ended"]
    assert [what for name, what in told if name == "units_16-s1"] == ["Ended"]


def test_a_log_says_what_was_run_and_on_what(mixed):
    _, logs, events = mixed
    (started,) = [event for event in events if isinstance(event, Started) and wanted(event.run) == "units_16-s0"]
    run = read_run(started.folder / FILE)
    assert started.folder.parent == logs
    assert started.folder.name == f"{run.started:%Y%m%d-%H%M%S}-units_16-s0"
    assert (run.label, run.study, run.seed, run.status, run.error) == ("units_16", "sweep", 0, "finished", None)
    assert run.config == started.run.config
    assert (run.train_examples, run.valid_examples) == (1078, 360)
    data = load("digits", torch.device("cpu"))
    assert (run.train_digest, run.valid_digest) == (data.train.digest, data.valid.digest)
    assert run.code == patch()
    assert run.parameters == 64 * 16 + 16 + 16 * 8 + 8 + 8 * 10 + 10
    assert list(run.epochs) == ["train_loss", "valid_loss", "valid_accuracy", "seconds", "lr", "valid_seen"]
    assert run.metrics == {name: run.epochs[name][-1] for name in ("train_loss", "valid_loss", "valid_accuracy")}
    assert run.epochs["lr"] == [0.003, 0.003]
    assert run.epochs["valid_seen"] == [360, 360]
    assert run.environment["threads"] == 1
    assert run.environment["device"] == "cpu"
    assert run.environment["torch"] == torch.__version__
    assert {"python", "host"} <= run.environment.keys()
    assert run.environment["predictions"] == ""


def test_a_log_records_the_predictions_that_the_plan_had(tmp_path):
    (tmp_path / "study.toml").write_text(HEAD.replace("[0, 1]", "[0]") + CLAIMED)
    study = load_study(tmp_path)
    told = [prediction_hash(group.name, prediction) for group in study.groups for prediction in group.predictions]
    list(train_missing(study, tmp_path / "logs", 1))
    (run,) = by_label(tmp_path / "logs").values()
    assert run.environment["predictions"].split() == told
    assert len(set(told)) == 2
    (tmp_path / "study.toml").write_text(HEAD.replace("[0, 1]", "[0]") + CLAIMED.replace("at_least = 0.5", "at_least = 0.6"))
    assert missing(load_study(tmp_path), tmp_path / "logs") == ()


def test_the_epochs_that_are_told_are_those_in_the_log(mixed):
    _, logs, events = mixed
    told = [event.epoch for event in events if isinstance(event, Progress) and wanted(event.run) == "units_16-s0"]
    run = by_label(logs)["units_16-s0"]
    assert run.epochs["valid_loss"] == [epoch.valid_loss for epoch in told]
    assert run.epochs["seconds"] == [epoch.seconds for epoch in told]


def test_a_run_that_diverges_is_logged_so_and_not_trained_again(mixed):
    study, logs, _ = mixed
    run = by_label(logs)["bad_diverges-s0"]
    assert (run.status, run.error) == ("diverged", None)
    assert not math.isfinite(run.metrics["train_loss"]) or not math.isfinite(run.metrics["valid_loss"])
    assert len(run.epochs["train_loss"]) == 1
    assert not [planned for planned in missing(study, logs) if planned.label == "bad_diverges"]


def test_a_run_that_raises_is_logged_with_its_error_and_the_sweep_goes_on(mixed):
    _, logs, events = mixed
    run = by_label(logs)["bad_too_big-s1"]
    assert run.status == "failed"
    assert run.error.startswith("RuntimeError: ")
    assert "memory" in run.error
    assert [event.error for event in events if isinstance(event, Ended) and wanted(event.run) == "bad_too_big-s1"] == [run.error]


def test_what_failed_or_was_elsewhere_is_still_missing_in_the_plans_order(mixed):
    study, logs, _ = mixed
    assert [wanted(run) for run in missing(study, logs)] == ["bad_too_big-s0", "units_16-s1", "bad_too_big-s1"]


def test_the_logs_that_were_there_stay_as_they_were(mixed):
    _, logs, _ = mixed
    assert [read_run(logs / f"20250101-000000-{name}" / FILE).status for name in ("finished-s0", "failed-s0", "running-s1")] == [
        "finished",
        "failed",
        "running",
    ]
    assert len(all_logs(logs)) == 3 + 6


def test_one_worker_and_two_give_the_same_numbers(mixed, alone):
    together, single = by_label(mixed[1]), by_label(alone[1])
    both = ["units_16-s0", "units_8-s1", "bad_diverges-s0", "bad_diverges-s1"]
    assert [numbers(together[name]) for name in both] == [numbers(single[name]) for name in both]
    assert numbers(single["units_8-s0"]) != numbers(single["units_8-s1"])


def test_seeds_in_one_program_are_logged_with_the_numbers_that_they_have_alone(alone, tmp_path):
    study, found = alone[0], outlook(alone[0], tmp_path)
    with executor(study, tmp_path, "cpu", 1, False, found) as workers:
        events = list(workers.run(training(found.missing, 1, "cpu")))
    assert Counter(type(event) for event in events)[Started] == len(study.runs)
    together, single = by_label(tmp_path), by_label(alone[1])
    assert {name: run.status for name, run in together.items()} == {name: run.status for name, run in single.items()}
    for name, run in together.items():
        assert numbers(run) == numbers(single[name])
        assert run.environment.get("stacked") == (None if name.startswith("bad_too_big") else 2)


def test_configurations_in_one_program_are_logged_as_each_is_that_trains_alone(tmp_path):
    study, logged = study_of(tmp_path, ONE_SHAPE), {}
    for how, device in (("alone", ""), ("together", "cpu")):
        found = outlook(study, tmp_path / how)
        with executor(study, tmp_path / how, "cpu", 1, False, found) as workers:
            list(workers.run(training(found.missing, 1, device)))
        logged[how] = by_label(tmp_path / how)
    assert [run.environment.get("stacked") for run in logged["together"].values()] == [6] * 12
    for name, run in logged["together"].items():
        single, environment = logged["alone"][name], {**run.environment}
        del environment["stacked"]
        same = replace(run, started=single.started, seconds=single.seconds, environment=environment)
        epochs = {**run.epochs, "seconds": single.epochs["seconds"]}
        assert replace(same, epochs=epochs) == single


def test_event_files_stand_beside_the_log(alone):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    _, _, events = alone
    (folder,) = [event.folder for event in events if isinstance(event, Started) and wanted(event.run) == "units_16-s1"]
    accumulator = EventAccumulator(str(folder))
    accumulator.Reload()
    run = read_run(folder / FILE)
    assert set(accumulator.Tags()["scalars"]) == {"Loss/train", "Loss/valid", "metric/accuracy", "learning_rate"}
    for tag, name in [("Loss/train", "train_loss"), ("metric/accuracy", "valid_accuracy"), ("learning_rate", "lr")]:
        scalars = accumulator.Scalars(tag)
        assert [scalar.step for scalar in scalars] == [1, 2]
        assert [scalar.value for scalar in scalars] == pytest.approx(run.epochs[name])


def test_where_nothing_is_missing_no_process_is_started(tmp_path):
    study, logs = study_of(tmp_path, LONG), tmp_path / "logs"
    for planned, status in zip(study.runs, ("finished", "diverged"), strict=True):
        earlier_log(logs, planned, status)
    before = sorted(logs.rglob("*"))
    assert missing(study, logs) == ()
    assert list(train_missing(study, logs, 2, "no such device")) == []
    assert sorted(logs.rglob("*")) == before


def test_without_a_folder_of_logs_everything_is_missing(tmp_path):
    study = study_of(tmp_path, MIXED)
    assert missing(study, tmp_path / "none") == study.runs


def test_a_run_that_was_killed_before_its_first_log_is_missing(tmp_path):
    study = study_of(tmp_path, MIXED)
    (tmp_path / "logs").mkdir()
    new_folder(tmp_path / "logs", study.runs[0].label, study.runs[0].seed, datetime.now(UTC))
    assert missing(study, tmp_path / "logs") == study.runs


def ended_while_killing(study, logs, attempts, number=signal.SIGKILL):
    """How each run ended, or was lost, while the first `attempts` runs to come through an epoch have their worker killed."""
    killed, told = set(), []
    for event in train_missing(study, logs, 1):
        if isinstance(event, Progress) and len(killed) < attempts:
            killed.add(the_worker())
            os.kill(the_worker(), number)
        if isinstance(event, Lost):
            told.append((event.run.label, "lost", event.error))
        if isinstance(event, Ended):
            told.append((event.run.label, event.status, event.error))
    assert len(killed) == attempts
    return told


@pytest.mark.parametrize(
    ("number", "error"),
    [
        (signal.SIGKILL, "its process was killed by SIGKILL, perhaps for want of memory"),
        (signal.SIGSEGV, "its process was killed by SIGSEGV"),
    ],
)
def test_a_run_whose_worker_is_killed_is_tried_once_more_and_its_first_log_says_why(number, error, tmp_path):
    study, logs = study_of(tmp_path, LONG.replace("1000000", "300")), tmp_path / "logs"
    ended = ended_while_killing(study, logs, 1, number)
    assert ended == [("epochs_300", "lost", error), ("epochs_300", "finished", None), ("epochs_1", "finished", None)]
    first, again = [run for _, run in read_folder(logs) if run.label == "epochs_300"]
    assert (first.status, first.error) == ("failed", error)
    assert 1 <= len(first.epochs["train_loss"]) < 300
    assert (again.status, len(again.epochs["train_loss"])) == ("finished", 300)
    assert missing(study, logs) == ()


def test_a_run_whose_worker_is_killed_twice_stays_failed_and_another_trains_the_rest(tmp_path):
    study, logs = study_of(tmp_path, LONG), tmp_path / "logs"
    error = "its process was killed by SIGKILL, perhaps for want of memory"
    ended = ended_while_killing(study, logs, 2)
    assert ended == [("epochs_1000000", "lost", error), ("epochs_1000000", "failed", error), ("epochs_1", "finished", None)]
    assert Counter((run.label, run.status) for run in all_logs(logs).values()) == {
        ("epochs_1000000", "failed"): 2,
        ("epochs_1", "finished"): 1,
    }
    assert [run.label for run in missing(study, logs)] == ["epochs_1000000"]


class Pruning(Queue):
    """A source that wants to hear no more of a run after its second epoch."""

    def heard(self, event):
        return [event.run] if isinstance(event, Progress) and event.number == 2 else []


def test_a_source_may_end_one_run_and_the_same_workers_serve_the_next_source(tmp_path):
    study, logs = study_of(tmp_path, LONG.replace("[0]", "[0, 1]")), tmp_path / "logs"
    found = outlook(study, logs)
    long = [run for run in study.runs if run.label == "epochs_1000000"]
    with executor(study, logs, "cpu", 2, False, found) as workers:
        pruned = [event for event in workers.run(Pruning(Train((run,)) for run in long)) if isinstance(event, Ended)]
        before = {process.pid for process in multiprocessing.active_children()}
        rest = [event for event in workers.run(training(found.missing[1::2])) if isinstance(event, Ended)]
        assert {process.pid for process in multiprocessing.active_children()} == before
    assert [(event.run.label, event.status) for event in pruned] == [("epochs_1000000", "pruned")] * 2
    assert [event.status for event in rest] == ["finished"] * 2
    assert multiprocessing.active_children() == []
    assert Counter(run.status for run in all_logs(logs).values()) == {"pruned": 2, "finished": 2}


class Slow(Pruning):
    """The same, and it takes its time to say so."""

    def heard(self, event):
        time.sleep(0.1)
        return super().heard(event)


def test_a_run_that_asks_ends_after_the_epoch_that_it_is_stopped_for_however_long_the_answer_takes(tmp_path):
    study, logs = study_of(tmp_path, LONG), tmp_path / "logs"
    with executor(study, logs, "cpu", 1, False, outlook(study, logs)) as workers:
        list(workers.run(Slow([Train(study.runs[:1], asks=True), Train(study.runs[1:], asks=True)])))
    runs = by_label(logs)
    stopped, whole = runs["epochs_1000000-s0"], runs["epochs_1-s0"]
    assert (stopped.status, len(stopped.epochs["train_loss"])) == ("pruned", 2)
    assert (whole.status, len(whole.epochs["train_loss"])) == ("finished", 1)


def test_a_worker_that_is_told_to_end_while_it_waits_for_an_answer_ends(tmp_path):
    study, logs = study_of(tmp_path, LONG), tmp_path / "logs"
    with executor(study, logs, "cpu", 1, False, outlook(study, logs)) as workers:
        for event in workers.run(Queue([Train(study.runs[:1], asks=True)])):
            if isinstance(event, Progress) and event.number == 2:
                break
    assert by_label(logs)["epochs_1000000-s0"].status == "interrupted"


def test_a_worker_that_is_told_to_end_logs_its_run_as_interrupted_and_another_trains_the_rest(tmp_path):
    study, logs = study_of(tmp_path, LONG), tmp_path / "logs"
    told, ended = [], []
    for event in train_missing(study, logs, 1):
        if isinstance(event, Progress) and not told:
            told.append(the_worker())
            os.kill(told[0], signal.SIGTERM)
        if isinstance(event, Ended):
            ended.append((event.run.label, event.status, event.error))
    assert ended == [("epochs_1000000", "interrupted", None), ("epochs_1", "finished", None)]
    runs = by_label(logs)
    assert runs["epochs_1000000-s0"].status == "interrupted"
    assert len(runs["epochs_1000000-s0"].epochs["train_loss"]) >= 1
    assert [run.label for run in missing(study, logs)] == ["epochs_1000000"]


def test_a_log_that_has_its_end_keeps_it_though_the_worker_died_before_it_could_tell(tmp_path):
    study, logs = study_of(tmp_path, LONG), tmp_path / "logs"
    folder = earlier_log(logs, study.runs[1], "finished")
    run = study.runs[1]
    pool, worker = dead_worker(logs, Train((run,)), {run.key: folder})
    assert list(pool.bury(worker)) == [Ended(run, "finished", 1.0)]
    assert read_run(folder / FILE).status == "finished"


def test_of_a_stack_whose_worker_is_killed_each_run_that_has_not_ended_is_tried_once_more_by_itself(tmp_path):
    study, logs = study_of(tmp_path, LONG.replace("[0]", "[0, 1, 2]")), tmp_path / "logs"
    runs = study.runs[:3]
    folders = {
        run.key: earlier_log(logs, run, status) for run, status in zip(runs, ("finished", "running", "running"), strict=True)
    }
    pool, worker = dead_worker(logs, Train(runs), folders, how="kill")
    error = "its process was killed by SIGKILL, perhaps for want of memory"
    assert list(pool.bury(worker)) == [Ended(runs[0], "finished", 1.0), Lost(runs[1], error), Lost(runs[2], error)]
    assert list(pool.again) == [Train((runs[1],)), Train((runs[2],))]
    assert [read_run(folder / FILE).status for folder in folders.values()] == ["finished", "failed", "failed"]


def test_a_sweep_that_is_closed_logs_its_runs_as_interrupted(tmp_path):
    study, logs = study_of(tmp_path, LONG), tmp_path / "logs"
    sweep = train_missing(study, logs, 1)
    next(event for event in sweep if isinstance(event, Progress) and event.number == 3)
    sweep.close()
    assert multiprocessing.active_children() == []
    (run,) = all_logs(logs).values()
    assert (run.label, run.status) == ("epochs_1000000", "interrupted")
    assert len(run.epochs["train_loss"]) >= 3


def test_a_run_whose_launcher_goes_as_it_begins_is_logged_as_interrupted(tmp_path):
    study, logs = study_of(tmp_path, LONG), tmp_path / "logs"
    (logs / ".claims").mkdir(parents=True)
    process, ours = started(Terms("sweep", logs, "cpu", False, {}, frozenset(), ("digits",)))
    assert ours.recv() == Ready()
    ours.send(Train((study.runs[0],)))
    ours.close()
    process.join()
    assert process.exitcode == 0
    assert [run.status for run in all_logs(logs).values()] == ["interrupted"]


def test_a_launcher_that_is_killed_leaves_whole_logs_and_the_next_sweep_takes_up_what_is_missing(tmp_path):
    study, logs = study_of(tmp_path, LONG.replace("[0]", "[0, 1]")), tmp_path / "logs"
    with drive(tmp_path, study, "die") as killed:
        killed.stdout.read()  # ends when the last worker, which has it too, has ended
    assert killed.returncode == -signal.SIGKILL
    before = all_logs(logs)
    assert {name: run.status for name, run in by_label(logs).items()} == {
        "epochs_1-s0": "finished",
        "epochs_1000000-s0": "interrupted",
        "epochs_1000000-s1": "interrupted",
    }
    assert all(run.epochs["train_loss"] for run in before.values())
    assert [wanted(run) for run in missing(study, logs)] == ["epochs_1000000-s0", "epochs_1000000-s1", "epochs_1-s1"]
    started = []
    sweep = train_missing(study, logs, 2)
    while len(started) < 2:
        event = next(sweep)
        started += [event.run] if isinstance(event, Started) else []
    sweep.close()
    assert {wanted(run) for run in started} == {"epochs_1000000-s0", "epochs_1000000-s1"}
    assert len(all_logs(logs)) == 5
    assert all(read_run(folder / FILE) == run for folder, run in before.items())


def test_ctrl_c_reaches_the_launcher_which_ends_its_workers(tmp_path):
    study, logs = study_of(tmp_path, LONG.replace("[1000000, 1]", "[1000000, 2000000]")), tmp_path / "logs"
    with drive(tmp_path, study, "tell", start_new_session=True) as process:
        for line in process.stdout:
            if line == "Progress\n":
                break
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does it: to the launcher and its workers alike
        rest = process.stdout.read()
    assert process.returncode == 0
    assert rest.endswith("stopped by Ctrl-C\n")
    runs = all_logs(logs)
    assert runs
    assert {run.status for run in runs.values()} == {"interrupted"}


def test_two_sweeps_at_once_train_each_run_once(tmp_path):
    study, logs = study_of(tmp_path, SHORT), tmp_path / "logs"
    with drive(tmp_path, study, "train") as first, drive(tmp_path, study, "train") as second:
        first.stdout.read()
        second.stdout.read()
    assert (first.returncode, second.returncode) == (0, 0)
    runs = all_logs(logs)
    assert {run.status for run in runs.values()} == {"finished"}
    assert Counter(f"{run.label}-s{run.seed}" for run in runs.values()) == Counter(map(wanted, study.runs))


def test_a_run_that_another_sweep_finishes_while_this_one_looks_is_not_trained_again(tmp_path, monkeypatch):
    study, logs = study_of(tmp_path, HEAD + '[[group]]\nname = "units"\ngrid = { units1 = [8] }\n'), tmp_path / "logs"

    def read_until_now(logs):
        yield from read_folder(logs)
        if not logs.exists():
            earlier_log(logs, study.runs[0], "finished")  # the other sweep ends its run the moment after

    monkeypatch.setattr(sweeps, "read_folder", read_until_now)
    ended = {wanted(event.run): event.status for event in train_missing(study, logs, 1) if isinstance(event, Ended)}
    assert ended == {"units_8-s0": "elsewhere", "units_8-s1": "finished"}


def test_the_test_score_is_added_to_a_finished_log(alone):
    study, logs, events = alone
    (started,) = [event for event in events if isinstance(event, Started) and wanted(event.run) == "units_16-s0"]
    before = read_run(started.folder / FILE)
    scored = score_on_test(study, logs, started.run, started.folder)
    assert [type(event).__name__ for event in scored] == ["Started", "Progress", "Progress", "Ended"]
    assert scored[-1].status == "finished"
    assert [event.epoch.valid_loss for event in scored if isinstance(event, Progress)] == before.epochs["valid_loss"]
    after = read_run(started.folder / FILE)
    assert {
        **before.metrics,
        "test_loss": after.metrics["test_loss"],
        "test_accuracy": after.metrics["test_accuracy"],
    } == after.metrics
    assert (after.epochs, after.status, after.seconds) == (before.epochs, "finished", before.seconds)
    from sweepbook.runner.training import data, loop
    from sweepbook.runner.training.program import build

    examples = data.load("digits", torch.device("cpu"))
    model = build(started.run.config, examples, [0])
    loop.train(model, started.run.config, examples, [0], lambda *_: None)
    (loss,), (accuracy,) = loop.evaluate(model, data.load_test("digits", torch.device("cpu")))
    assert (after.metrics["test_loss"], after.metrics["test_accuracy"]) == (pytest.approx(loss, rel=1e-4), pytest.approx(accuracy))


def test_a_run_that_stops_early_logs_the_scores_of_its_best_epoch_and_that_one_is_tested(tmp_path):
    early = HEAD.replace("[0, 1]", "[3]").replace("epochs = 2", "epochs = 60\npatience = 2").replace("lr = 0.003", "lr = 0.03")
    study, logs = study_of(tmp_path, early + '[[group]]\nname = "units"\ngrid = { units1 = [32] }\n'), tmp_path / "logs"
    list(train_missing(study, logs, 1))
    ((folder, run),) = read_folder(logs)
    best, accuracies = run.best_epoch, run.epochs["valid_accuracy"]
    assert len(accuracies) == best + 2 < 60
    assert accuracies[best - 1] == max(accuracies)
    assert run.metrics == {name: run.epochs[name][best - 1] for name in ("train_loss", "valid_loss", "valid_accuracy")}
    score_on_test(study, logs, study.runs[0], folder)
    from sweepbook.runner.training import data, loop
    from sweepbook.runner.training.program import build

    short, examples = {**run.config, "epochs": best, "patience": 0}, data.load("digits", torch.device("cpu"))
    model = build(short, examples, [3])
    loop.train(model, short, examples, [3], lambda *_: None)
    (loss,), _ = loop.evaluate(model, data.load_test("digits", torch.device("cpu")))
    tested = read_run(folder / FILE)
    assert tested.metrics["test_loss"] == pytest.approx(loss, rel=1e-4)
    assert (tested.best_epoch, tested.metrics["valid_loss"]) == (best, run.metrics["valid_loss"])


def test_data_that_cannot_be_had_ends_the_sweep_before_its_first_run(tmp_path, monkeypatch):
    monkeypatch.setenv("SWEEPBOOK_DATA", str(tmp_path / "data"))
    for name in ("http_proxy", "https_proxy", "HTTPS_PROXY", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # where nothing answers
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("NO_PROXY", "")
    study, logs = study_of(tmp_path, LONG.replace('"digits"', '"cifar10"')), tmp_path / "logs"
    with pytest.raises(SweepbookError, match=r'dataset "cifar10" is not in .*data and its download failed'):
        list(train_missing(study, logs, 1))
    assert list(read_folder(logs)) == []
    assert multiprocessing.active_children() == []


FULL = """\
import resource, sys
from pathlib import Path

from sweepbook.runner.config import SweepbookError
from sweepbook.runner.launch.events import Started
from sweepbook.runner.launch.provenance import patch
from sweepbook.runner.launch.sweeps import executor, outlook, training
from sweepbook.runner.plan import load_study

if __name__ == "__main__":
    plan, logs, room = sys.argv[1:]
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(room), int(room)))  # a file that grows larger is refused, as on a full disk
    begun, study, logs = 0, load_study(Path(plan)), Path(logs)
    found = outlook(study, logs)
    try:
        with executor(study, logs, "cpu", 2, False, found) as workers:
            for event in workers.run(training(found.missing)):
                begun += isinstance(event, Started)
    except SweepbookError as error:
        print(begun, error)
"""


@pytest.mark.parametrize("room", [300, 1100])
def test_where_no_log_can_be_written_training_stops_with_one_message(room, tmp_path):
    study = study_of(tmp_path, SHORT.replace("epochs = 2", "epochs = 40"))
    (tmp_path / "full.py").write_text(FULL)
    logs = tmp_path / "logs"
    call = [sys.executable, "-B", str(tmp_path / "full.py"), str(study.path), str(logs), str(room)]
    done = subprocess.run(
        call, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(Path(runner.__file__).parents[1])}
    )
    assert done.stderr == ""
    begun, told = done.stdout.split(" ", 1)
    assert int(begun) <= 2 < len(study.runs)
    remedy = "so training stops. Once that is mended, the same command goes on from here"
    assert re.fullmatch(rf"\S+/run\.toml: cannot be written: File too large; {re.escape(remedy)}\n", told)
    assert not list(logs.rglob(".run.toml.*"))
    assert {run.status for _, run in read_folder(logs)} <= {"running", "interrupted"}


def test_a_worker_that_cannot_start_ends_the_sweep(tmp_path, capfd, monkeypatch):
    monkeypatch.setattr(processes, "FORKS", False)  # its messages then go where those of this test go
    study = study_of(tmp_path, LONG)
    with pytest.raises(SweepbookError, match=r"a training process could not start \(exit code 1\); its messages stand above"):
        list(train_missing(study, tmp_path / "logs", 1, "no such device"))
    assert "no such device" in capfd.readouterr().err
    assert multiprocessing.active_children() == []


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """An empty folder that is the only one in which programs are looked for."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_without_a_gpu_training_is_on_the_processor(programs):
    assert (choose_device("auto"), choose_device("cpu")) == ("cpu", "cpu")
    with pytest.raises(SweepbookError, match=r'--device cuda: no NVIDIA GPU answers here; use "cpu"'):
        choose_device("cuda")


BF16 = {"precision": "bf16"}
FLAGS = {"avx512_bf16": True, "amx_bf16": True, "bf16": True, "avx512f": False}


@pytest.mark.parametrize(("flag", "has"), FLAGS.items())
@pytest.mark.parametrize("key", ["flags", "Features"])
def test_bf16_is_slower_than_float32_where_no_flag_of_the_processor_names_it(key, flag, has, tmp_path, monkeypatch):
    monkeypatch.setattr(devices, "CPUINFO", tmp_path / "cpuinfo")
    devices.CPUINFO.write_text(f"processor\t: 0\n{key}\t\t: fpu {flag} sse\n\nprocessor\t: 1\n")
    assert bool(devices.slower([{"precision": "float32"}, BF16])) is not has
    assert devices.slower([{"precision": "float32"}, {}]) == ""


def test_a_processor_that_does_not_say_what_it_has_is_not_called_slow(tmp_path, monkeypatch):
    monkeypatch.setattr(devices, "CPUINFO", tmp_path / "absent")
    assert devices.slower([BF16]) == ""
    monkeypatch.setattr(devices, "CPUINFO", tmp_path / "cpuinfo")
    devices.CPUINFO.write_text("cpu\t: POWER9\n")
    assert devices.slower([BF16]) == ""


def test_with_two_gpus_training_is_on_them_unless_the_processor_is_wanted(programs):
    listing = programs / "nvidia-smi"
    listing.write_text("#!/bin/sh\necho 'GPU 0: One (UUID: GPU-1)'\necho 'GPU 1: Two (UUID: GPU-2)'\n")
    listing.chmod(0o755)
    assert [choose_device(wanted) for wanted in ("auto", "cuda", "cpu")] == ["cuda", "cuda", "cpu"]
    assert default_jobs("cuda") == 2


def test_more_jobs_than_gpus_share_them_evenly(tmp_path, monkeypatch):
    used = []
    monkeypatch.setattr(pool, "gpus", lambda: ["GPU 0: One", "GPU 1: Two"])
    monkeypatch.setattr(pool, "started", lambda terms: (used.append(terms.device), None))
    workers = Pool(Terms("sweep", tmp_path, "cuda", False, {}, frozenset(), ()), 5)
    for _ in range(5):
        workers.start()
    assert used == ["cuda:0", "cuda:1", "cuda:0", "cuda:1", "cuda:0"]


def test_a_driver_that_finds_no_gpu_is_no_gpu(programs):
    listing = programs / "nvidia-smi"
    listing.write_text("#!/bin/sh\necho 'No devices were found'\nexit 6\n")
    listing.chmod(0o755)
    assert choose_device("auto") == "cpu"


def test_on_the_processor_there_is_a_worker_a_core_that_may_be_used():
    assert 1 <= default_jobs("cpu") <= os.cpu_count()


@pytest.mark.parametrize(
    ("module", "words"),
    [
        ("torch", r"training needs torch, which is not installed; in Sweepbook's checkout: pip install '\.\[train\]'"),
        ("tensorboard", "--tensorboard needs tensorboard, which is not installed: pip install 'tensorboard>=2.18'"),
    ],
)
def test_what_is_not_installed_is_named_with_the_command_that_installs_it(tmp_path, monkeypatch, module, words):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(SweepbookError, match=words):
        choose_device("cpu") if module == "torch" else list(train_missing(study_of(tmp_path, LONG), tmp_path, 1, tensorboard=True))
