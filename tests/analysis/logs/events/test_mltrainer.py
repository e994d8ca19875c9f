"""Folders that mltrainer left, read as runs."""

import json
import shutil
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from sweepbook.analysis.logs.files import find_logs
from sweepbook.runner.rules import Rules
from sweepbook.runner.runlog import LogError

REAL = Path(__file__).parents[3] / "real" / "mltrainer"
VERSIONS = sorted(path.name for path in REAL.iterdir() if path.is_dir())


def runs(folder):
    """The runs in a folder by the name of theirs."""
    sources = find_logs(folder).sources.values()
    assert {source.reader.NAME for source in sources} == {"mltrainer"}
    return {Path(source.log.path).name: next(source.reader.read(source.log, Rules())) for source in sources}


@pytest.mark.parametrize("version", VERSIONS)
def test_a_sweep_several_folders_down_has_its_settings_and_series(version):
    said = json.loads((REAL / version / "expected.json").read_text())
    read = runs(REAL / version)
    assert len(read) == len(said) == 9
    for name, told in said.items():
        run, scalars = read[name], told["scalars"]
        assert run.epochs["epoch"] == scalars["Loss/test"][0]
        assert run.epochs["valid/loss"] == scalars["Loss/test"][1]
        assert run.epochs["Loss/train"] == scalars["Loss/train"][1]
        assert run.epochs["valid/Accuracy"] == scalars["metric/Accuracy"][1]
        assert run.metrics["learning_rate"] == scalars["learning_rate"][1][-1]
        assert 0 < run.seconds < 60


def test_the_settings_are_those_of_trainer_and_model_without_where_it_logs():
    said = json.loads((REAL / "0.3.6" / "expected.json").read_text())
    for name, run in runs(REAL / "0.3.6").items():
        told = said[name]["settings"]
        assert (run.config["epochs"], run.config["optimizer_kwargs.lr"], run.config["model.units"]) == (
            4,
            told["lr"],
            told["units"],
        )
        assert not {"logdir", "reporttypes", "model.training"} & run.config.keys()


def test_a_run_that_was_stopped_before_its_last_epoch_is_not_finished():
    statuses = [run.status for _, run in sorted(runs(REAL / "0.3.6").items())]
    assert statuses == ["finished"] * 8 + ["running"]


def test_an_older_version_has_its_settings_in_gin():
    said = json.loads((REAL / "0.1.129" / "expected.json").read_text())
    assert {name: run.config for name, run in runs(REAL / "0.1.129").items()} == {
        name: {"Net.units": told["settings"]["units"]} for name, told in said.items()
    }


def test_gin_is_read_and_never_run(tmp_path):
    folder = tmp_path / "20230501-1200"
    shutil.copytree(next((REAL / "0.1.129" / "project" / "modellogs").iterdir()), folder)
    lines = [
        "# Parameters for Net:",
        "Net.units = 32",
        "Net.layers = (1, \\",
        "    2)",
        "Net.act = @torch.nn.ReLU()",
        'Net.name = "a = b"',
    ]
    (folder / "saved_config.gin").write_text("\n".join([*lines, "Net.evil = __import__('os').system('touch x')", "rubbish"]))
    config = runs(tmp_path)["20230501-1200"].config
    assert config["Net.layers"] == [1, 2]
    assert (config["Net.units"], config["Net.act"], config["Net.name"]) == (32, "@torch.nn.ReLU()", "a = b")
    assert config["Net.evil"].startswith("__import__")


def test_the_run_begins_with_its_first_event():
    run = next(iter(runs(REAL / "0.3.6").values()))
    assert run.started.utcoffset() == timedelta(0)


@pytest.mark.parametrize("text", [b"", b"\xff\xfe", b"[model", b"model = 3", b"a" * 5_000_000, b"[model]\nx = " + b"[" * 100_000])
def test_settings_that_are_none_are_a_problem_or_no_settings(tmp_path, text):
    shutil.copytree(next((REAL / "0.3.6" / "project" / "modellogs").iterdir()), tmp_path / "20230501-120000")
    (tmp_path / "20230501-120000" / "settings.toml").write_bytes(text)
    with suppress(LogError):
        assert len(runs(tmp_path)) == 1
