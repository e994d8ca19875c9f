import csv
import math

import pytest

VERSIONS = ("1.9.5", "2.6.6")
NAMES = {"train_loss": "train_loss_epoch"}  # of a loss by step and by epoch


def write(folder, rows, settings=None):
    """A log as the logger writes it: every name a column, an empty cell where a row has no value."""
    folder.mkdir(parents=True)
    columns = sorted({name for row in rows for name in row})
    with (folder / "metrics.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, columns)
        table.writeheader()
        table.writerows(rows)
    if settings is not None:
        (folder / "hparams.yaml").write_text(settings)


def at_the_end(run):
    return {name: run.metrics[name] for name in ("train_loss", "val_loss")}


@pytest.mark.parametrize("version", VERSIONS)
def test_every_run_has_the_settings_and_final_metrics_that_lightning_says(read, real, said, same, version):
    runs, told = read(real / "lightning" / version), said("lightning", version)
    assert runs.keys() == told.keys()
    for name, run in runs.items():
        assert run.config == told[name]["settings"]
        assert same(at_the_end(run), {ours: told[name]["metrics"][NAMES.get(ours, ours)] for ours in at_the_end(run)})


@pytest.mark.parametrize("version", VERSIONS)
def test_an_epoch_has_the_last_value_that_was_logged_in_it(read, real, said, same, version):
    runs = read(real / "lightning" / version)
    runs.pop("lightning_logs/version_8")  # of a single epoch
    for name, run in runs.items():
        epochs = said("lightning", version)[name]["epochs"]
        assert run.epochs["epoch"] == list(range(len(epochs)))
        assert same(run.epochs["val_loss"], [epoch["val_loss"] for epoch in epochs])
        assert same(run.epochs["train_loss"], [epoch["train_loss_epoch"] for epoch in epochs])
        assert same(run.epochs["train_loss_step"], [epoch["train_loss_step"] for epoch in epochs])


def test_a_metric_of_every_second_epoch_has_a_gap_in_the_others(read, real):
    mae = read(real / "lightning" / "2.6.6")["lightning_logs/version_0"].epochs["val_mae"]
    assert [math.isnan(value) for value in mae] == [False, True, False]


def test_a_run_counts_as_finished_and_says_that_this_is_assumed(read, real):
    run = read(real / "lightning" / "2.6.6")["lightning_logs/version_8"]  # it failed, which Lightning wrote nowhere
    assert (run.status, run.note) == ("finished", "Lightning does not record how a run ended: one with metrics counts as finished.")


def test_a_run_whose_last_epoch_lacks_what_the_others_have_is_not_finished(read, tmp_path):
    whole = [{"epoch": e, "step": e, "train_loss": 1.0, "val_loss": 1.0} for e in range(3)]
    write(tmp_path / "version_0", [*whole, {"epoch": 3, "step": 3, "train_loss": 0.5}], "lr: 0.1\n")
    run = read(tmp_path)["version_0"]
    assert (run.status, run.metrics["val_loss"]) == ("running", 1.0)
    assert run.error == "its log ends within an epoch: it was stopped there, or is still running"


def test_a_run_that_was_limited_in_steps_may_end_within_an_epoch(read, tmp_path):
    whole = [{"epoch": e, "step": e, "train_loss": 1.0, "val_loss": 1.0} for e in range(3)]
    write(tmp_path / "version_0", [*whole, {"epoch": 3, "step": 3, "train_loss": 0.5}], "max_steps: 4\n")
    assert read(tmp_path)["version_0"].status == "finished"


def test_without_epochs_or_within_a_single_one_the_steps_stay(read, tmp_path):
    write(tmp_path / "version_0", [{"step": s, "loss": 1 / s} for s in (10, 20)])
    write(tmp_path / "version_1", [{"epoch": 0, "step": s, "loss": 1 / s} for s in (10, 20)])
    for run in read(tmp_path).values():
        assert (run.steps, run.epochs) == ([10.0, 20.0], {"loss": [0.1, 0.05]})


def test_a_prefix_of_the_logger_is_no_part_of_a_name(read, tmp_path):
    write(tmp_path / "version_0", [{"a-epoch": e, "step": e, "a-val_loss": 1.0} for e in range(2)])
    assert read(tmp_path)["version_0"].epochs == {"epoch": [0.0, 1.0], "val_loss": [1.0, 1.0]}


def test_event_files_and_checkpoints_in_the_folder_are_the_same_run(read, tmp_path):
    write(tmp_path / "version_0", [{"epoch": e, "step": e, "loss": 1.0} for e in range(2)], "lr: 0.1\n")
    (tmp_path / "version_0" / "events.out.tfevents.1.host").write_bytes(b"")
    (tmp_path / "version_0" / "checkpoints").mkdir()
    assert list(read(tmp_path)) == ["version_0"]


def test_no_metric_at_all_is_a_reason(read, tmp_path):
    write(tmp_path / "version_0", [], "lr: 0.1\n")
    assert read(tmp_path) == {"version_0": "no metric in its metrics.csv"}
