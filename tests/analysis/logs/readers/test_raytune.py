import json
import math

import pytest

VERSIONS = ("2.60.0",)


def trial(folder, results=(), params=None):
    folder.mkdir(parents=True)
    (folder / "params.json").write_text(json.dumps(params or {"lr": 0.1}))
    (folder / "result.json").write_text("".join(json.dumps(result) + "\n" for result in results))


@pytest.mark.parametrize("version", VERSIONS)
def test_every_trial_is_read_as_its_result_grid_says_it(read, real, said, same, version):
    runs = {name.removeprefix("digits/"): run for name, run in read(real / "ray" / version).items()}
    told = said("ray", version)
    assert runs.keys() == told.keys()
    for name, run in runs.items():
        assert {key: run.config[key] for key in told[name]["settings"]} == told[name]["settings"]
        assert same({key: run.epochs[key] for key in told[name]["series"]}, told[name]["series"])
        assert all(run.metrics[key] == value for key, value in told[name]["metrics"].items() if math.isfinite(value))
        assert (run.status == "failed", run.seconds) == (told[name]["failed"], told[name]["seconds"])


@pytest.mark.parametrize("version", VERSIONS)
def test_iterations_are_steps_and_facts_of_the_machine_no_metrics(read, real, version):
    run = next(iter(read(real / "ray" / version).values()))
    assert (run.steps, run.metrics.keys()) == ([1, 2, 3, 4], {"loss", "valid/accuracy", "valid/n", "lr_now"})


def test_a_failed_trial_has_the_last_line_of_its_error(read, real):
    failed = [run for run in read(real / "ray" / "2.60.0").values() if run.status == "failed"]
    assert [run.error for run in failed] == ["RuntimeError: out of memory"] * 3


def test_a_loss_that_became_nan_is_kept_so(read, real):
    diverged = [run for run in read(real / "ray" / "2.60.0").values() if run.config["lr"] == 2.0]
    assert all(math.isnan(run.metrics["loss"]) for run in diverged)


def test_no_pickle_is_opened_its_presence_is_the_failure(read, tmp_path):
    trial(tmp_path / "a", [{"loss": 1.0, "training_iteration": 1}])
    (tmp_path / "a" / "error.pkl").write_bytes(b"cos\nsystem\n(S'exit 1'\ntR.")
    assert read(tmp_path)["a"].status == "failed"


def test_a_pickled_setting_is_left_out_and_that_is_said(read, tmp_path):
    trial(tmp_path / "a", [{"loss": 1.0, "done": True}], {"lr": 0.1, "act": {"_type": "CLOUDPICKLE_FALLBACK", "value": "80"}})
    run = read(tmp_path)["a"]
    assert (run.config, run.note) == ({"lr": 0.1}, "Settings that Ray stored as a pickle are left out.")


def test_without_the_state_of_the_experiment_a_trial_with_results_has_finished(read, tmp_path):
    trial(tmp_path / "a", [{"loss": 1.0, "done": False}])
    run = read(tmp_path)["a"]
    assert run.status == "finished"
    assert run.note == "The experiment's state is missing: a trial with results and without an error counts as finished."


@pytest.mark.parametrize("key", ["trial_data", "checkpoints"])
def test_the_state_of_an_experiment_says_how_its_trials_ended(read, tmp_path, key):
    trial(tmp_path / "e" / "t_ab12c_00000_x", [{"loss": 1.0, "trial_id": "ab12c_00000"}])
    told = json.dumps({"trial_id": "ab12c_00000", "status": "RUNNING"})
    state = {key: [[told, "{}"] if key == "trial_data" else told]}
    (tmp_path / "e" / "experiment_state-2026.json").write_text(json.dumps(state))
    (run,) = read(tmp_path).values()
    assert run.status == "running"


def test_progress_csv_is_read_where_result_json_is_missing(read, tmp_path):
    trial(tmp_path / "a")
    (tmp_path / "a" / "result.json").unlink()
    (tmp_path / "a" / "progress.csv").write_text("loss,training_iteration,config/lr,hostname\n1.0,1,0.1,h\n0.5,2,0.1,h\n")
    run = read(tmp_path)["a"]
    assert (run.epochs, run.steps) == ({"loss": [1.0, 0.5]}, [1, 2])
