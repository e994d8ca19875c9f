"""A search fed with made-up scores: what it proposes, stops, remembers and goes on with. test_search_training.py trains."""

import json
import math
import shutil
import warnings
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sweepbook.runner.config import SweepbookError
from sweepbook.runner.launch import proposals, searching
from sweepbook.runner.launch.events import Ended, Lost, Progress, Started
from sweepbook.runner.launch.proposals import Proposals, seed_of
from sweepbook.runner.launch.searching import Searches
from sweepbook.runner.logtext import write_run
from sweepbook.runner.plan import load_study
from sweepbook.runner.record import new_folder
from sweepbook.runner.runlog import FILE, Epoch, Run, read_folder, read_run
from sweepbook.runner.search import SEED
from sweepbook.runner.trials import trials

pytestmark = pytest.mark.training  # where Optuna is installed
optuna = pytest.importorskip("optuna")

PLAN = """\
[study]
title = "T"
seeds = [0, 1]
[baseline]
dataset = "digits"
model = "mlp"
units1 = 16
depth = 1
epochs = 6
batch_size = 64
lr = 0.001
optimizer = "Adam"
[[group]]
name = "bayes"
search = { lr = "log 1e-5..1e-1", units1 = [16, 32, 64], batch_size = "16..64" }
runs = 16
"""
BEGUN = datetime(2026, 3, 1, tzinfo=UTC)


def study_of(folder, text=PLAN):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.toml").write_text(text)
    return load_study(folder)


def accuracy(config, epoch):
    """Best at a rate of 0.003 and many units."""
    top = 0.95 - 0.1 * abs(math.log10(config["lr"]) + 2.5) + 0.01 * math.log2(config["units1"])
    return top * (1 - 0.5 * math.exp(-epoch))


class Trainer:
    """Trains one run after the other by `accuracy`, and logs them into `logs`. A `config` may end otherwise, by `fate`."""

    def __init__(self, study, logs, fate=lambda number: ""):
        self.study, self.logs, self.fate = study, logs, fate
        logs.mkdir(exist_ok=True)
        self.source = Searches(study, trials(read_folder(logs), study.metric))

    def run(self, most=1000):
        """Trains at most so many runs and returns them."""
        done = []
        while len(done) < most and (job := self.source.next()):
            self.train(job.runs[0])
            done.append(job.runs[0])
        return done

    def train(self, run):
        folder = new_folder(self.logs, run.label, run.seed, BEGUN + timedelta(minutes=len(list(self.logs.iterdir()))))
        log = Run(run.label, "s", run.seed, "running", BEGUN, 1.0, run.config, environment=dict(run.facts))
        write_run(folder, log)
        self.source.heard(Started(run, folder))
        status, values = self.fate(dict(run.facts)["trial"]) or "finished", []
        for number in range(1, run.config["epochs"] + 1) if status == "finished" else ():
            values.append(accuracy(run.config, number))
            if self.source.heard(Progress(run, number, Epoch(1.0, 1.0, values[-1], 1.0, 0.1, 360))):
                status = "pruned"
                break
        series = {"valid_accuracy": values} if values else {}
        write_run(folder, replace(log, status=status, metrics={key: own[-1] for key, own in series.items()}, epochs=series))
        self.source.heard(Ended(run, status, 1.0))


def logged(logs):
    """What the logs of `logs` hold of each trial, by its number."""
    runs = [run for _, run in read_folder(logs)]
    return {run.environment["trial"]: (run.status, run.config, run.environment["proposed"], run.epochs) for run in runs}


def test_every_trial_is_an_ordinary_log_at_a_seed_of_its_own(tmp_path):
    study = study_of(tmp_path)
    runs = Trainer(study, tmp_path / "logs").run()
    assert [run.label for run in runs] == [f"bayes_t{n:04}" for n in range(16)]
    assert {run.seed for run in runs} == {SEED}
    first = read_run(next(iter(sorted((tmp_path / "logs").glob("*t0000*")))) / FILE)
    assert first.config == runs[0].config
    assert first.environment["search"] == "bayes"
    assert first.config["lr"] == float(f"{json.loads(first.environment['proposed'])['lr']:.3g}")
    assert len({run.id for run in runs}) == 16


def test_the_proposals_are_those_of_optuna_alone_with_the_same_seeds(tmp_path):
    study = study_of(tmp_path, PLAN.replace("runs = 16", 'runs = 16\npruner = "none"'))
    runs = Trainer(study, tmp_path / "logs").run()
    alone = optuna.create_study(direction="maximize")
    for run in runs:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            alone.sampler = optuna.samplers.TPESampler(
                seed=seed_of(f"{study.name}/bayes", len(alone.trials), 0), constant_liar=True
            )
        trial = alone.ask()
        lr, units = trial.suggest_float("lr", 1e-5, 1e-1, log=True), trial.suggest_categorical("units1", ["16", "32", "64"])
        assert json.loads(dict(run.facts)["proposed"]) == {
            "lr": lr,
            "units1": units,
            "batch_size": trial.suggest_int("batch_size", 16, 64),
        }
        alone.tell(trial, accuracy(run.config, 6))


def test_a_search_that_was_stopped_goes_on_as_if_it_had_not_been(tmp_path):
    study = study_of(tmp_path)
    Trainer(study, tmp_path / "whole").run()
    for most in (3, 1, 7, 1000):
        Trainer(study, tmp_path / "parts").run(most)
    assert logged(tmp_path / "parts") == logged(tmp_path / "whole")
    assert Trainer(study, tmp_path / "parts").run() == []


def test_a_trial_that_was_cut_off_is_trained_again_in_its_place(tmp_path):
    study = study_of(tmp_path)
    cut = Trainer(study, tmp_path / "logs", lambda number: "interrupted" if number == 4 else "")
    before = cut.run(5)
    again = Trainer(study, tmp_path / "logs").run()
    assert [dict(run.facts)["trial"] for run in again] == [4, *range(5, 16)]
    assert again[0] == before[4]


def test_hopeless_trials_are_stopped_and_good_ones_are_not(tmp_path):
    study = study_of(tmp_path)
    Trainer(study, tmp_path / "logs").run()
    ends = {number: status for number, (status, *_) in logged(tmp_path / "logs").items()}
    pruned = [number for number, status in ends.items() if status == "pruned"]
    assert pruned
    assert min(pruned) >= 5  # not before five have shown what is usual
    final = {number: accuracy(config, 6) for number, (_, config, *_) in logged(tmp_path / "logs").items()}
    assert ends[max(final, key=final.get)] == "finished"
    lengths = {len(epochs["valid_accuracy"]) for status, _, _, epochs in logged(tmp_path / "logs").values() if status == "pruned"}
    assert min(lengths) == 2  # a third of six epochs come before


def test_without_a_pruner_every_trial_ends_by_itself(tmp_path):
    study = study_of(tmp_path, PLAN.replace("runs = 16", 'runs = 12\npruner = "none"'))
    Trainer(study, tmp_path / "logs").run()
    assert {status for status, *_ in logged(tmp_path / "logs").values()} == {"finished"}


@pytest.mark.parametrize("pruner", ["hyperband", "halving"])
def test_another_pruner_goes_by_what_is_logged_too(tmp_path, pruner):
    study = study_of(tmp_path, PLAN.replace("runs = 16", f'runs = 16\npruner = "{pruner}"'))
    Trainer(study, tmp_path / "whole").run()
    for most in (9, 1000):
        Trainer(study, tmp_path / "parts").run(most)
    assert logged(tmp_path / "parts") == logged(tmp_path / "whole")
    assert "pruned" in {status for status, *_ in logged(tmp_path / "whole").values()}


@pytest.mark.parametrize("sampler", ["random", "gp"])
def test_another_sampler_goes_on_as_well(tmp_path, sampler):
    if sampler == "gp":
        pytest.importorskip("torch")
    study = study_of(tmp_path, PLAN.replace("runs = 16", f'runs = 12\nsampler = "{sampler}"'))
    Trainer(study, tmp_path / "whole").run()
    for most in (11, 1000):
        Trainer(study, tmp_path / "parts").run(most)
    assert logged(tmp_path / "parts") == logged(tmp_path / "whole")


def test_a_search_finds_better_than_chance_does(tmp_path):
    plain = PLAN.replace("runs = 16", 'runs = 30\npruner = "none"')
    best = {}
    for sampler in ("tpe", "random"):
        study = study_of(tmp_path / sampler, plain + f'sampler = "{sampler}"\n')
        runs = Trainer(study, tmp_path / sampler / "logs").run()
        best[sampler] = sum(sorted(accuracy(run.config, 6) for run in runs)[-5:])
    assert best["tpe"] > best["random"]


def test_failed_and_diverged_trials_count_and_are_not_trained_again(tmp_path):
    study = study_of(tmp_path, PLAN.replace("runs = 16", "runs = 6"))
    fate = {1: "failed", 3: "diverged"}
    Trainer(study, tmp_path / "logs", lambda number: fate.get(number, "")).run()
    assert [status for _, (status, *_) in sorted(logged(tmp_path / "logs").items())].count("finished") == 4
    assert Trainer(study, tmp_path / "logs").run() == []


def test_a_space_of_few_configurations_is_tried_once_each(tmp_path):
    space = '{ lr = "log 1e-5..1e-1", units1 = [16, 32, 64], batch_size = "16..64" }'
    few = '{ units1 = [16, 32, 64], depth = "1..2", units2 = [8, 16] }'
    study = study_of(tmp_path, PLAN.replace(space, few).replace("runs = 16", "runs = 9"))
    runs = Trainer(study, tmp_path / "logs").run()
    assert len({run.id for run in runs}) == len(runs) == 9


def test_more_runs_go_on_from_the_trials_that_are_there(tmp_path):
    study = study_of(tmp_path, PLAN.replace("runs = 16", "runs = 6"))
    Trainer(study, tmp_path / "logs").run()
    more = study_of(tmp_path, PLAN.replace("runs = 16", "runs = 8"))
    assert [run.label for run in Trainer(more, tmp_path / "logs").run()] == ["bayes_t0006", "bayes_t0007"]


def test_trials_of_a_space_that_has_changed_count_and_teach_nothing(tmp_path):
    study = study_of(tmp_path, PLAN.replace("runs = 16", "runs = 6"))
    Trainer(study, tmp_path / "logs").run()
    other = study_of(tmp_path, PLAN.replace("runs = 16", "runs = 8").replace("[16, 32, 64]", "[128, 256]"))
    runs = Trainer(other, tmp_path / "logs").run()
    assert [run.label for run in runs] == ["bayes_t0006", "bayes_t0007"]
    assert all(run.config["units1"] in (128, 256) for run in runs)


def test_side_by_side_no_more_trials_begin_than_the_budget_has(tmp_path):
    source = Searches(study_of(tmp_path, PLAN.replace("runs = 16", "runs = 3")), {})
    jobs = [source.next() for _ in range(4)]
    assert [job is not None for job in jobs] == [True, True, True, False]
    assert len({job.runs[0].id for job in jobs[:3]}) == 3
    assert source.left == 3
    source.heard(Ended(jobs[0].runs[0], "failed", 1.0))
    assert (source.next(), source.left) == (None, 2)


def test_minutes_end_a_search_after_the_trials_in_hand(tmp_path, monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr(searching.time, "time", lambda: clock[0])
    source = Searches(study_of(tmp_path, PLAN.replace("runs = 16", "minutes = 1")), {})
    first, second = source.next(), source.next()
    source.heard(Started(first.runs[0], tmp_path / "none"))
    clock[0] += 61
    assert source.next() is None
    assert source.heard(Progress(second.runs[0], 1, Epoch(1.0, 1.0, 0.5, 1.0, 0.1, 360))) == ()
    assert source.left is None


def test_a_trial_that_was_handed_out_and_never_begun_is_made_up_for(tmp_path):
    study = study_of(tmp_path)
    Trainer(study, tmp_path / "logs").run(3)
    shutil.rmtree(next((tmp_path / "logs").glob("*t0001*")))
    labels = [run.label[-4:] for run in Trainer(study, tmp_path / "logs").run()]
    assert labels == ["0001", *(f"{number:04}" for number in range(3, 16))]


def test_a_trial_that_another_process_has_in_hand_leaves_its_number_free(tmp_path):
    source = Searches(study_of(tmp_path), {})
    taken = source.next().runs[0]
    source.heard(Ended(taken, "elsewhere"))
    other = source.next().runs[0]
    assert other.label == taken.label
    assert other.id != taken.id


def test_a_trial_whose_process_was_killed_is_heard_from_its_first_epoch_again(tmp_path):
    source = Searches(study_of(tmp_path), {})
    run = source.next().runs[0]
    for _ in range(2):
        source.heard(Started(run, tmp_path / "none"))
        source.heard(Progress(run, 1, Epoch(1.0, 1.0, 0.5, 1.0, 0.1, 360)))
        source.heard(Lost(run, "killed"))
    source.heard(Started(run, tmp_path / "none"))
    source.heard(Progress(run, 1, Epoch(1.0, 1.0, 0.7, 1.0, 0.1, 360)))
    source.heard(Ended(run, "finished", 1.0))
    (trial,) = source.searches["bayes"].trials.values()
    assert (trial.status, trial.values, trial.score) == ("finished", (0.7,), 0.7)


def test_two_processes_do_not_search_in_one_folder(tmp_path):
    with searching.held(tmp_path), pytest.raises(SweepbookError, match="another process searches here"), searching.held(tmp_path):
        pass


def test_without_optuna_the_error_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "optuna", None)
    group = study_of(tmp_path).groups[0]
    with pytest.raises(SweepbookError, match=r"a search needs Optuna, which is not installed: pip install"):
        Proposals("s/bayes", group.search, "maximize", 6)
    assert proposals.MISSING.count("pip install") == 2
