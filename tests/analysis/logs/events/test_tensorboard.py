"""Folders that real writers of event files left, read as runs."""

import json
import math
import os
import shutil
from pathlib import Path

import pytest
from sweepbook.analysis.logs.files import find_logs
from sweepbook.analysis.logs.readers import tensorboard
from sweepbook.runner.rules import Rules
from sweepbook.runner.runlog import LogError

REAL = Path(__file__).parents[3] / "real" / "tensorboard"
LOGS = Path(os.environ.get("SWEEPBOOK_LOGS") or Path(__file__).parents[5] / "shared" / "logs")  # beside the checkout


def runs(folder):
    """The runs of all logs in a folder, by name; a log that cannot be read has its reason."""
    told = {}
    for name, source in find_logs(folder).sources.items():
        try:
            for run in source.reader.read(source.log, Rules()):
                told[f"{name}/{run.place}" if run.place else name] = run
        except LogError as error:
            told[name] = str(error)
    return told


@pytest.mark.parametrize("writer", ["torch", "tensorboardX"])
def test_a_sweep_has_the_settings_of_add_hparams_and_the_curves_of_add_scalars(writer):
    said = json.loads((REAL / writer / "expected.json").read_text())
    read = runs(REAL / writer)
    for lr in (0.1, 0.01, 0.001):
        for seed in (0, 1):
            name = f"lr{lr}_seed{seed}"
            run, told = read[name], said[name]["scalars"]
            assert run.config == {"lr": lr, "units": 32, "net": "mlp", "bias": True, "seed": seed}
            assert run.status == "finished"
            assert [*run.steps] == told["Loss/valid"][0]
            assert [*run.epochs["Loss/valid"]] == told["Loss/valid"][1]
            assert run.metrics["Loss/train"] == told["Loss/train"][1][-1]
            assert run.metrics["hparam/loss"] == pytest.approx(run.metrics["Loss/valid"])
            assert run.epochs["Rate/now"] == pytest.approx([lr] * 6)
            assert run.epochs["Rate/next"] == pytest.approx([lr / 2] * 6)
    assert not [name for name in read if "Rate" in name]


@pytest.mark.parametrize("writer", ["torch", "tensorboardX"])
def test_a_killed_run_is_running_and_a_resumed_one_has_the_later_values(writer):
    read = runs(REAL / writer)
    assert read["killed"].status == "running"
    assert "cut short" in read["killed"].note
    assert math.isnan(read["diverged"].metrics["Loss/valid"])
    for name in ("resumed", "purged"):
        assert [*read[name].steps] == list(range(8))
        assert read[name].note.count("later values") == 1
    assert read["resumed"].epochs["Loss/valid"] == read["purged"].epochs["Loss/valid"]


def test_the_two_folders_of_keras_are_one_run():
    run = runs(REAL / "tensorflow")["keras"]
    said = json.loads((REAL / "tensorflow" / "expected.json").read_text())
    assert run.metrics["loss"] == said["keras/train"]["scalars"]["epoch_loss"][1][-1]
    assert run.metrics["val_loss"] == said["keras/validation"]["scalars"]["epoch_loss"][1][-1]


def test_a_folder_without_settings_is_told_by_its_name():
    read = runs(REAL / "tensorflow")
    assert read["lr0.1_seed0"].config == read["lr0.1_seed1"].config == {"variant": "lr0.1"}
    assert "folder's name" in read["lr0.1_seed0"].note


def test_several_calls_of_add_hparams_with_several_settings_are_several_runs(tmp_path):
    for lr in (0.1, 0.01):
        (inner,) = [path for path in (REAL / "torch" / f"lr{lr}_seed0").iterdir() if tensorboard.STAMP.fullmatch(path.name)]
        shutil.copytree(inner, tmp_path / "search" / inner.name)
    shutil.copy(next((REAL / "torch" / "others").iterdir()), tmp_path / "search")
    read = runs(tmp_path)
    assert sorted(run.config.get("lr", 0) for run in read.values()) == [0, 0.01, 0.1]


def test_hparams_yaml_beside_the_events_has_the_settings(tmp_path):
    shutil.copytree(REAL / "torch" / "killed", tmp_path / "version_0")
    (tmp_path / "version_0" / "hparams.yaml").write_text("lr: 0.5\nopt:\n  name: Adam\nlayers: !!python/tuple [8, 4]\n")
    assert runs(tmp_path)["version_0"].config == {"lr": 0.5, "opt.name": "Adam", "layers": [8, 4]}


def test_a_file_that_is_no_event_file_is_a_problem_with_its_reason(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "events.out.tfevents.1.host").write_bytes(b"hello, world, this is no record at all")
    assert runs(tmp_path) == {"run": "no scalar in its event files, of which one is damaged"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_a_problem(tmp_path):
    shutil.copytree(REAL / "torch" / "killed", tmp_path / "run")
    next((tmp_path / "run").iterdir()).chmod(0)
    assert "cannot be read" in runs(tmp_path)["run"]


@pytest.mark.skipif(not LOGS.is_dir(), reason="real logs are not here")
def test_three_configurations_with_three_repeats_each():
    read = runs(LOGS / "tensorboard")
    assert sorted(run.config["variant"] for run in read.values()) == sorted(["strict", "lax", "duplicate_steps"] * 3)
    assert all(len(run.steps) == 200 for name, run in read.items() if "duplicate_steps" in name)
