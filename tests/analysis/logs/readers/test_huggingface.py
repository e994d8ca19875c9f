import json

import pytest

VERSIONS = ("4.41.2", "5.24.0")
FASTER = ("eval_runtime", "eval_samples_per_second", "eval_steps_per_second")


def evaluations(history):
    """What the Trainer said in training, without the evaluation after it; how fast it was is no metric."""
    entries = [entry for entry in history if "eval_loss" in entry]
    by_step = {}
    for entry in entries:
        by_step.setdefault(entry["step"], entry)
    return list(by_step.values()), entries[-1]


def state(history, **more):
    return json.dumps({"log_history": history, "global_step": 9, "max_steps": 10, **more})


@pytest.mark.parametrize("version", VERSIONS)
def test_every_run_has_the_evaluations_that_the_trainer_says(read, real, said, version):
    runs, told = read(real / "huggingface" / version), said("huggingface", version)
    assert runs.keys() == told.keys()
    for name, run in runs.items():
        during, last = evaluations(told[name]["history"])
        assert [value for value in run.epochs["eval_loss"] if value == value] == [entry["eval_loss"] for entry in during]
        assert {key: run.metrics[key] for key in ("eval_loss", "eval_accuracy")} == {
            key: last[key] for key in ("eval_loss", "eval_accuracy")
        }
        assert not run.metrics.keys() & set(FASTER)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_run_has_the_training_losses_that_the_trainer_says(read, real, said, version):
    run = read(real / "huggingface" / version)["steps"]
    logged = [entry for entry in said("huggingface", version)["steps"]["history"] if "loss" in entry]
    kept = [(step, loss) for step, loss in zip(run.steps, run.epochs["train_loss"], strict=True) if loss == loss]
    assert kept == [(entry["step"], entry["loss"]) for entry in logged]


@pytest.mark.parametrize("version", VERSIONS)
def test_settings_are_those_of_the_model_card(read, real, said, version):
    told = said("huggingface", version)
    for name, run in read(real / "huggingface" / version).items():
        assert {key: run.config[key] for key in told[name]["settings"]} == told[name]["settings"]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_run_that_failed_is_one_that_stands_at_its_last_checkpoint(read, real, version):
    runs = read(real / "huggingface" / version)
    assert {name for name, run in runs.items() if run.status != "finished"} == {"failed"}
    assert runs["failed"].error == "its last state is from step 12 of 18: it was stopped after that, or is still running"


def test_evaluation_after_each_epoch_gives_a_value_an_epoch_and_else_a_value_a_step(read, real):
    runs = read(real / "huggingface" / "5.24.0")
    assert (runs["lr0.01-s0"].epochs["epoch"], runs["lr0.01-s0"].steps) == ([1.0, 2.0, 3.0], [])
    assert "epoch" not in runs["steps"].epochs
    assert runs["steps"].steps == [4, 5, 8, 10, 12, 15, 16, 18]


def test_the_best_checkpoint_evaluated_at_the_end_is_said(read, real):
    runs = read(real / "huggingface" / "5.24.0")
    assert {name for name, run in runs.items() if run.note} == {"best"}
    assert runs["best"].note == "The last evaluation is of the best checkpoint, which the Trainer had loaded at the end."


def test_checkpoints_are_the_run_that_they_are_of(read, real):
    assert (real / "huggingface" / "5.24.0" / "unsaved" / "checkpoint-18").is_dir()
    assert list(read(real / "huggingface" / "5.24.0" / "unsaved")) == ["unsaved"]


def test_a_half_written_state_gives_way_to_that_of_the_checkpoint(read, tmp_path):
    (tmp_path / "a" / "checkpoint-9").mkdir(parents=True)
    (tmp_path / "a" / "checkpoint-9" / "trainer_state.json").write_text(state([{"step": 9, "epoch": 0.9, "loss": 0.5}]))
    (tmp_path / "a" / "trainer_state.json").write_text(state([])[:20])
    assert read(tmp_path)["a"].metrics == {"train_loss": 0.5}


def test_the_lines_of_a_running_job_are_read_where_there_is_no_state_yet(read, tmp_path):
    line = {
        "current_steps": 5,
        "total_steps": 10,
        "loss": 0.5,
        "lr": 0.1,
        "epoch": 0.5,
        "percentage": 50.0,
        "elapsed_time": "1:00:05",
    }
    (tmp_path / "trainer_log.jsonl").write_text(json.dumps(line) + "\n" + json.dumps(line)[:20])
    (run,) = read(tmp_path).values()
    assert (run.status, run.seconds, run.metrics) == ("running", 3605, {"train_loss": 0.5, "lr": 0.1})


def test_what_a_search_tried_is_a_setting(read, tmp_path):
    (tmp_path / "trainer_state.json").write_text(state([{"step": 9, "loss": 1.0}], trial_params={"learning_rate": 0.1}))
    (run,) = read(tmp_path).values()
    assert run.config == {"learning_rate": 0.1}


def test_a_readme_of_your_own_has_no_settings(read, tmp_path):
    (tmp_path / "trainer_state.json").write_text(state([{"step": 9, "loss": 1.0}]))
    (tmp_path / "README.md").write_text("- lr: 0.1\n- steps: 5\n")
    (run,) = read(tmp_path).values()
    assert run.config == {}
