import argparse
import io
import subprocess
import sys

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from sweepbook.analysis.cli import export
from sweepbook.analysis.export.tidy import csv_text, tidy_epochs, tidy_runs
from sweepbook.analysis.findings.findings import findings
from sweepbook.analysis.logs.sweep import load_sweep
from sweepbook.runner.config import SweepbookError
from sweepbook.runner.plan import load_study

PLAN = """
[study]
title = "T"
seeds = [0, 1]
[baseline]
dataset = "digits"
model = "mlp"
units1 = 8
depth = 1
epochs = 2
batch_size = 32
lr = 0.01
optimizer = "SGD"
[[group]]
name = "momentum"
grid = { momentum = [0, 0.9] }
[[group]]
name = "epochs"
grid = { epochs = [1, 2] }
[[group]]
name = "named"
configs = [{ name = "small" }, { name = "slow", lr = 0.001 }]
[[group]]
name = "wide"
grid = { units1 = [512] }
"""
BASE = {
    "dataset": "digits",
    "model": "mlp",
    "units1": 8,
    "depth": 1,
    "epochs": 2,
    "batch_size": 32,
    "lr": 0.01,
    "optimizer": "SGD",
}
WHERE = '[study]\ntitle = "T"\n[[group]]\nname = "all"\nwhere = {}\n'


@pytest.fixture
def project(tmp_path, plan, log, run):
    """Two runs of the baseline with curves, one with momentum, one of one epoch, and one that failed."""
    plan(tmp_path / "studies" / "small", PLAN)
    logs = tmp_path / "modellogs" / "small"
    known = {"train_examples": 100, "parameters": 12}
    for seed in (0, 1):
        series = {"lr": [0.01, 0.005], "valid_loss": [0.75, 0.5 + seed], "valid_seen": [64.0, 64.0]}
        log(logs, f"b{seed}", curved(run(0.75, seed=seed, config=BASE, **known), series))
    log(logs, "m", run(0.5, config={**BASE, "momentum": 0.9}))
    log(logs, "e", run(0.25, config={**BASE, "epochs": 1}, seconds=None))
    log(logs, "f", run(config={**BASE, "epochs": 1}, seed=1, status="failed", metrics={}))
    return tmp_path


def curved(run, series):
    """`run` with the epochs `series`."""
    return type(run)(**{**vars(run), "epochs": series})


@pytest.fixture
def asked(project):
    """What the command line asks of the export."""

    def ask(group=None, form="csv", out=None, **more):
        return argparse.Namespace(study=project / "studies/small", logs=None, group=group, format=form, out=out, **more)

    return ask


def loaded(project, study="small"):
    """The findings and the sweep of the project."""
    sweep = load_sweep(project / "modellogs" / study)
    return findings(sweep, load_study(project / "studies" / study)), sweep


def group(found, name):
    return next(one for one in found.groups if one.group.name == name)


def test_a_group_is_a_row_a_run_that_counts_in_the_order_of_the_plan(project):
    found, sweep = loaded(project)
    table = tidy_runs(found, sweep, group(found, "momentum"))
    names = (
        "label groups seed momentum dataset model units1 depth epochs batch_size lr optimizer train_loss valid_accuracy valid_loss"
    )
    assert list(table) == [*names.split(), "gap", "parameters", "steps", "examples_seen", "seconds", "started", "log"]
    assert table["log"].tolist() == ["b0", "b1", "m"]
    assert table["label"].tolist() == ["momentum_0", "momentum_0", "momentum_0.9"]
    assert table["groups"].tolist() == ["momentum epochs named", "momentum epochs named", "momentum"]


def test_a_factor_has_the_plans_level_where_the_log_leaves_a_default_out(project):
    found, sweep = loaded(project)
    assert tidy_runs(found, sweep, group(found, "momentum"))["momentum"].tolist() == [0.0, 0.0, 0.9]
    assert tidy_runs(found, sweep, group(found, "named"))["name"].tolist() == ["small", "small"]


def test_without_a_group_every_run_that_counts_is_a_row(project):
    table = tidy_runs(*loaded(project), None)
    assert table["log"].tolist() == ["b0", "b1", "m", "e"]
    assert table["momentum"].isna().tolist() == [True, True, False, True]


def test_columns_have_the_types_of_their_values(project):
    table = tidy_runs(*loaded(project), None)
    kinds = {
        name: str(table[name].dtype) for name in ("label", "seed", "units1", "momentum", "gap", "parameters", "seconds", "started")
    }
    assert kinds == {
        "label": "string",
        "seed": "Int64",
        "units1": "Int64",
        "momentum": "float64",
        "gap": "float64",
        "parameters": "Int64",
        "seconds": "float64",
        "started": "datetime64[us, UTC]",
    }
    assert table["parameters"].tolist()[:2] == [12, 12]
    assert table["parameters"].isna().tolist() == [False, False, True, True]
    assert table["started"][0] == pd.Timestamp("2026-03-01T12:00:00Z")


def test_settings_of_other_tools_keep_their_kind_and_mixed_ones_are_text(tmp_path, plan, log, run):
    plan(tmp_path / "studies" / "other", WHERE)
    rows = [
        {"flag": True, "mixed": 1, "betas": [0.9, 0.999], "big": 2**70, "wide": 1, "seed": 5},
        {"flag": False, "mixed": "a", "betas": [0.5, 0.5], "big": 3, "wide": 0.5, "label": "x"},
    ]
    for i, config in enumerate(rows):
        log(tmp_path / "modellogs/other", f"r{i}", run(config=config, seed=None))
    table = tidy_runs(*loaded(tmp_path, "other"), None)
    assert {name: str(table[name].dtype) for name in ("flag", "mixed", "betas", "big", "wide")} == {
        "flag": "boolean",
        "mixed": "string",
        "betas": "string",
        "big": "string",
        "wide": "float64",
    }
    assert table["betas"].tolist() == ["[0.9, 0.999]", "[0.5, 0.5]"]
    assert table["big"].tolist() == [str(2**70), "3"]
    assert table["seed"].isna().all()
    assert table["seed_"].tolist() == [5, pd.NA]
    assert table["label_"].tolist() == [pd.NA, "x"]


@pytest.mark.parametrize("year", [1, 1677, 9999])
def test_a_run_of_any_year_has_its_start(tmp_path, plan, log, run, year):
    plan(tmp_path / "studies" / "other", WHERE)
    log(tmp_path / "modellogs/other", "r", run(started=run().started.replace(year=year)))
    table = tidy_runs(*loaded(tmp_path, "other"), None)
    assert f"{year:04}-03-01T12:00:00Z" in csv_text(table)


def test_learning_curves_are_a_row_a_run_and_epoch(project):
    found, sweep = loaded(project)
    table = tidy_epochs(found, sweep, group(found, "epochs"))
    names = "label groups seed epochs dataset model units1 depth batch_size lr optimizer epoch lr_ valid_loss valid_seen log"
    assert list(table) == names.split()
    assert list(zip(table["log"], table["epoch"], table["valid_loss"], table["lr_"], strict=True)) == [
        ("b0", 1, 0.75, 0.01),
        ("b0", 2, 0.5, 0.005),
        ("b1", 1, 0.75, 0.01),
        ("b1", 2, 1.5, 0.005),
    ]
    assert str(table["valid_seen"].dtype) == "Int64"
    assert table["label"].tolist() == ["epochs_2"] * 4


@pytest.mark.parametrize("epochs", [False, True])
def test_csv_reads_back_equal(project, asked, capsys, epochs):
    assert export.command(asked(epochs=epochs)) == 0
    table = (tidy_epochs if epochs else tidy_runs)(*loaded(project), None)
    shown = capsys.readouterr()
    back = pd.read_csv(io.StringIO(shown.out), parse_dates=[] if epochs else ["started"])
    assert shown.err == ""
    for name in table:
        if str(table[name].dtype).startswith("datetime"):
            assert (back[name] == table[name]).all()
    plain = [name for name in table if name != "started"]
    assert_frame_equal(back[plain].astype(table[plain].dtypes.to_dict()), table[plain])


@pytest.mark.parametrize("epochs", [False, True])
def test_parquet_reads_back_equal(project, asked, epochs):
    pytest.importorskip("pyarrow")
    out = project / "new" / "runs.parquet"
    assert export.command(asked("momentum", "parquet", out, epochs=epochs)) == 0
    found, sweep = loaded(project)
    table = (tidy_epochs if epochs else tidy_runs)(found, sweep, group(found, "momentum"))
    assert_frame_equal(pd.read_parquet(out), table)


def test_a_missing_value_is_null_in_parquet(project, asked):
    parquet = pytest.importorskip("pyarrow.parquet")
    export.command(asked(None, "parquet", project / "runs.parquet"))
    table = parquet.read_table(project / "runs.parquet")
    assert table["momentum"].to_pylist() == [None, None, 0.9, None]
    assert table["seconds"].to_pylist() == [2.0, 2.0, 2.0, None]
    assert table["seed"].to_pylist() == [0, 1, 0, 0]


def test_an_export_replaces_the_file_whole_and_leaves_nothing_beside_it(project, asked, capsys):
    out = project / "runs.csv"
    out.write_text("old\n" * 1000)
    assert export.command(asked("epochs", "csv", out)) == 0
    assert capsys.readouterr().out == f"wrote {out}\n"
    assert out.read_text().startswith("label,groups,seed,epochs,")
    assert "old" not in out.read_text()
    assert [path.name for path in project.iterdir() if path.is_file()] == ["runs.csv"]


def test_a_file_that_cannot_be_written_is_an_error_and_stays_as_it_was(project, asked):
    out = project / "runs.csv"
    (out / "inside").mkdir(parents=True)
    with pytest.raises(SweepbookError, match="a folder found, the name of a file expected"):
        export.command(asked("epochs", "csv", out))
    assert sorted(path.name for path in project.iterdir()) == ["modellogs", "runs.csv", "studies"]


def test_a_file_within_a_file_is_an_error(project, asked):
    (project / "file").write_text("x")
    with pytest.raises(SweepbookError, match="cannot be written"):
        export.command(asked("epochs", "csv", project / "file" / "runs.csv"))


def test_parquet_needs_a_file_to_go_to(asked):
    with pytest.raises(SweepbookError, match="--out FILE"):
        export.command(asked(None, "parquet"))


WITHOUT_PYARROW = """
import argparse, pathlib, sys
sys.modules["pyarrow"] = None
from sweepbook.analysis.cli import export
from sweepbook.runner.config import SweepbookError
here = pathlib.Path(sys.argv[1])
try:
    export.command(argparse.Namespace(study=here / "studies/small", logs=None, group=None, format="parquet", out=here / "x"))
except SweepbookError as error:
    print(error)
"""


@pytest.mark.slow
def test_parquet_without_pyarrow_says_how_to_get_it(project):
    ran = subprocess.run([sys.executable, "-c", WITHOUT_PYARROW, project], capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.endswith("pip install 'pyarrow>=15'\n")
    assert not (project / "x").exists()


def test_an_unknown_group_is_an_error_with_the_nearest_known_one(asked):
    with pytest.raises(SweepbookError, match='"epoch" is no group of this study; did you mean "epochs"'):
        export.command(asked("epoch"))


@pytest.mark.parametrize("form", ["csv", "parquet", "latex"])
def test_a_group_without_a_finished_run_exits_with_3_and_writes_nothing(project, asked, capsys, form):
    assert export.command(asked("wide", form, project / "x")) == 3
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith('no run of the group "wide" in ')
    assert not (project / "x").exists()


def test_numbers_in_csv_have_every_digit(project, asked, log, run, capsys):
    log(project / "modellogs/small", "w", run(0.1 + 0.2, config={**BASE, "units1": 512}))
    assert export.command(asked("wide")) == 0
    assert ",0.30000000000000004," in capsys.readouterr().out


def test_learning_curves_that_no_log_has_exit_with_3(project, asked, log, run, capsys):
    log(project / "modellogs/small", "w", run(config={**BASE, "units1": 512}))
    assert export.command(asked("wide", epochs=True)) == 3
    shown = capsys.readouterr()
    assert (shown.out, shown.err.count("\n")) == ("", 1)
