import csv
import math
import os
import shutil
import sqlite3
import sys
from pathlib import Path

import pandas as pd
import pytest
from sweepbook.analysis.logs.files import find_logs
from sweepbook.analysis.logs.parents import with_parents
from sweepbook.analysis.logs.readers import mlflow as reader
from sweepbook.analysis.logs.sweep import load_sweep
from sweepbook.runner.rules import Rules

REAL = Path(__file__).parents[3] / "real" / "mlflow"
NEWEST = REAL / "3.6.0"
LOGS = Path(os.environ.get("SWEEPBOOK_LOGS") or Path(__file__).parents[5] / "shared" / "logs")  # beside the checkout
STATUSES = {"FINISHED": "finished", "FAILED": "failed", "KILLED": "interrupted", "RUNNING": "running"}


def same(ours, theirs):
    """Whether both are one number; MLflow's database has the largest float for infinity."""
    largest = abs(theirs) == sys.float_info.max and math.isinf(ours)
    return ours == theirs or largest or (math.isnan(ours) and math.isnan(theirs))


def by_step(steps, values):
    """The value at each step; of several the one that was logged last."""
    return dict(zip(steps, values, strict=True))


def check(run, told):
    """Whether the run is what MLflow's own API says of it."""
    gone = told["stage"] == "deleted" or told["thrown_away"]
    assert run.status == ("deleted" if gone else STATUSES[told["status"]])
    assert (run.study, run.label) == (told["experiment"], told["tags"].get("mlflow.runName"))
    assert run.config == told["params"]
    assert run.started.timestamp() * 1000 == pytest.approx(told["start"], abs=0.01)
    assert run.seconds == (None if told["end"] is None else pytest.approx((told["end"] - told["start"]) / 1000))
    assert run.environment.get("commit") == told["tags"].get("mlflow.source.git.commit")
    assert run.environment.get("parent") == told["tags"].get("mlflow.parentRunId")
    assert run.environment.get("tag.owner") == told["tags"].get("owner")
    assert run.metrics.keys() == told["metrics"].keys()
    assert all(same(run.metrics[name], value) for name, value in told["metrics"].items())
    for name, (steps, values) in told["history"].items():
        check_series(run, name, steps, values)


def check_series(run, name, steps, values):
    if not run.steps:
        assert len(set(steps)) == 1
    elif len(steps) > 1 and not any(steps):  # logged without a step
        assert run.epochs[name][: len(values)] == values
        assert "without a step" in run.note
    else:
        ours = by_step(run.steps, run.epochs[name])
        theirs = by_step(steps, values)
        assert {step: value for step, value in ours.items() if step in theirs or value == value}.keys() == theirs.keys()
        assert all(same(ours[step], value) for step, value in theirs.items())


def test_a_file_store_has_the_runs_that_mlflow_says_it_has(mlflow, tmp_path, real):
    unpacked, read_runs = real
    told = unpacked(mlflow, tmp_path)["files"]
    runs, reasons = read_runs(tmp_path / "mlruns")
    assert not reasons
    own = {Path(name).name: run for name, run in runs.items()}
    assert own.keys() == told.keys()
    assert len(own) == len(runs) >= 20
    for ident, run in own.items():
        check(run, told[ident])


def test_a_database_has_the_runs_that_mlflow_says_it_has(mlflow, tmp_path, real):
    unpacked, read_runs = real
    told = unpacked(mlflow, tmp_path)["database"]
    shutil.rmtree(tmp_path / "mlruns")
    runs, reasons = read_runs(tmp_path)
    assert not reasons
    assert {run.place for run in runs.values()} == told.keys()
    for run in runs.values():
        check(run, told[run.place])


def test_an_export_of_search_runs_has_the_runs_of_the_database_without_their_series(mlflow, tmp_path, real):
    unpacked, read_runs = real
    told = unpacked(mlflow, tmp_path / "stores")["database"]
    shutil.copyfile(mlflow / "search_runs.csv", tmp_path / "any name.csv")
    shutil.rmtree(tmp_path / "stores")
    runs, reasons = read_runs(tmp_path)
    assert not reasons
    live = {ident for ident, run in told.items() if run["experiment"] == "grid" and run["stage"] == "active"}
    assert {run.place for run in runs.values()} == live
    for run in runs.values():
        theirs = told[run.place]
        assert (run.status, run.label) == (STATUSES[theirs["status"]], theirs["tags"]["mlflow.runName"])
        assert {name: str(value) for name, value in run.config.items()} == {k: v for k, v in theirs["params"].items() if v}
        assert {name for name, value in run.metrics.items() if value == value} == {
            name for name, value in theirs["metrics"].items() if value == value
        }
        assert all(run.metrics[name] == pytest.approx(value) for name, value in theirs["metrics"].items() if value == value)


def test_the_sweep_of_a_database_has_typed_settings_seeds_and_a_reason_for_every_run_that_does_not_count(tmp_path, real):
    real[0](NEWEST, tmp_path)
    shutil.rmtree(tmp_path / "mlruns")
    sweep = load_sweep(tmp_path)
    grid = sweep.used[sweep.used["study"].eq("grid") & sweep.used["label"].str.startswith("lr")]
    assert len(grid) == 12
    assert sorted(set(grid["config.lr"])) == [0.001, 0.01, 0.1]
    assert sorted(set(grid["seed"])) == [0, 1]
    assert "config.dropout" not in sweep.runs.columns or grid["config.dropout"].isna().all()
    reasons = dict(zip(sweep.problems["log"], sweep.problems["reason"], strict=True))
    words = {"broke": "failed", "stopped": "interrupted", "deleted": "deleted", "training": "running", "exploded": "diverged"}
    labels = dict(zip(sweep.runs["log"], sweep.runs["label"], strict=True))
    told = {labels[log]: reason for log, reason in reasons.items()}
    assert all(word in told[label] for label, word in words.items())


def test_artifacts_and_models_are_left_alone(tmp_path, real):
    real[0](NEWEST, tmp_path)
    store = tmp_path / "mlruns"
    runs = [path.parent for path in store.glob("*/*/meta.yaml")]
    for place in [
        *(run / "artifacts" for run in runs),
        store / "models" / "net",
        tmp_path / "db" / "mlruns" / "1" / "a" / "artifacts",
    ]:
        place.mkdir(parents=True, exist_ok=True)
        (place / "progress.csv").write_text("epoch,loss,accuracy\n0,1,0.5\n1,0.5,0.6\n")
    for path in store.iterdir():
        if path.name.isdecimal() and not (path / "meta.yaml").exists():  # where the database's own runs have theirs
            shutil.rmtree(path)
    (tmp_path / "mlflow.db").rename(tmp_path / "db" / "mlflow.db")
    listing = find_logs(tmp_path)
    assert {source.reader.NAME for source in listing.sources.values()} == {"MLflow"}
    assert not any("artifacts" in name or "models" in name for name in listing.sources)


def test_a_database_is_left_as_it_is_and_nothing_is_written_beside_it(mlflow, tmp_path, real):
    real[0](mlflow, tmp_path)
    before = (tmp_path / "mlflow.db").read_bytes(), sorted(os.listdir(tmp_path))
    real[1](tmp_path)
    assert before == ((tmp_path / "mlflow.db").read_bytes(), sorted(os.listdir(tmp_path)))


def test_a_tag_is_a_setting_only_where_it_is_asked_for_or_is_the_seed(tmp_path, real):
    real[0](NEWEST, tmp_path)
    database = sqlite3.connect(tmp_path / "mlflow.db")
    database.execute("INSERT INTO tags SELECT 'random_seed', '7', run_uuid FROM runs WHERE name = 'fold-0'")
    database.commit()
    database.close()
    shutil.rmtree(tmp_path / "mlruns")
    runs = {run.label: run for run in real[1](tmp_path)[0].values()}
    assert runs["fold-0"].config == {"lr": "0.1", "fold": "0", "random_seed": "7"}
    assert "owner" not in runs["broke"].config
    asked = {run.label: run for run in real[1](tmp_path, Rules(keep=("owner",)))[0].values()}
    assert asked["broke"].config["owner"] == "lab"


def test_a_new_metric_a_new_param_and_a_new_run_of_a_file_store_are_noticed(tmp_path, real):
    real[0](NEWEST, tmp_path)
    store = tmp_path / "mlruns"
    before = find_logs(store)
    run = next(path.parent for path in store.glob("*/*/metrics") if "models" not in str(path) and any(path.iterdir()))
    (run / "metrics" / "new").write_text("1 0.5 0\n")
    (run / "params" / "new").write_text("1")
    changed = find_logs(store)
    name = str(run.relative_to(store))
    assert {log for log, stamp in changed.stamps.items() if before.stamps[log] != stamp} == {name}
    shutil.copytree(run, run.with_name("0" * 32))
    assert len(find_logs(store).stamps) == len(before.stamps) + 1


def test_of_a_very_long_series_a_thousand_points_are_kept_and_the_last_value(tmp_path, real):
    real[0](NEWEST, tmp_path)
    shutil.rmtree(tmp_path / "mlruns")
    database = sqlite3.connect(tmp_path / "mlflow.db")
    own = database.execute("SELECT run_uuid FROM runs WHERE name = 'fold-0'").fetchone()[0]
    rows = (("long", i / 7, i, own, i, 0) for i in range(200_000))
    database.executemany("INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES (?, ?, ?, ?, ?, ?)", rows)
    database.commit()
    database.close()
    run = next(run for run in real[1](tmp_path)[0].values() if run.label == "fold-0")
    assert len(run.steps) <= 1_000
    assert run.metrics["long"] == 199_999 / 7


def test_a_row_that_is_cut_short_in_an_export_is_said_and_the_others_are_read(tmp_path, real):
    text = (NEWEST / "search_runs.csv").read_text()
    rows = len(list(csv.reader(text.splitlines()))) - 1
    (tmp_path / "runs.csv").write_text(text[: len(text) - 400])
    runs, reasons = real[1](tmp_path)
    assert 0 < len(runs) < rows
    assert "cut short" in reasons["runs.csv"]


def test_a_run_folder_with_a_broken_meta_yaml_is_a_problem_and_the_others_are_read(tmp_path, real):
    real[0](NEWEST, tmp_path)
    store = tmp_path / "mlruns"
    all_runs, _ = real[1](store)
    name = sorted(all_runs)[0]
    (store / name / "meta.yaml").write_text("run_id: [1,")
    runs, reasons = real[1](store)
    assert runs.keys() == all_runs.keys() - {name}
    assert "not valid YAML" in reasons[name]


@pytest.mark.parametrize("store", ["files", "database"])
def test_a_run_that_only_holds_others_together_does_not_count(mlflow, tmp_path, real, store):
    real[0](mlflow, tmp_path)
    other = tmp_path / "mlruns" if store == "database" else next(tmp_path.glob("*.db"))
    shutil.rmtree(other) if other.is_dir() else other.unlink()
    sweep = load_sweep(tmp_path)
    parents = sweep.runs[sweep.runs["status"].eq("parent")]
    assert sorted(parents["label"]) == ["folds", "search"]
    assert not parents["used"].any()
    reasons = dict(zip(sweep.problems["log"], sweep.problems["reason"], strict=True))
    assert {reasons[log] for log in parents["log"]} == {"a parent of other runs"}
    children = sweep.used[sweep.used["environment.parent"].notna()]
    assert sorted(children["label"]) == ["child", "child", "fold-0", "fold-1"]


def test_a_parent_that_has_a_metric_of_its_children_is_a_run_as_they_are():
    rows = [("mlruns/1/up", None, 0.8, 5.0), ("mlruns/1/a", "up", 0.7, None), ("mlruns/1/over", "gone", None, 1.0)]
    runs = pd.DataFrame(rows, columns=["log", "environment.parent", "metrics.f1", "metrics.best"]).assign(status="finished")
    assert list(with_parents(runs)["status"]) == ["finished"] * 3
    without = runs.assign(**{"metrics.f1": [None, 0.7, None]})
    assert list(with_parents(without)["status"]) == ["parent", "finished", "finished"]


def test_nothing_that_is_not_of_mlflow_is_taken_for_it(tmp_path):
    (tmp_path / "notes.csv").write_text("run,accuracy\n1,0.5\n")
    (tmp_path / "mlflow.db").write_bytes(b"")
    sqlite3.connect(tmp_path / "other.db").execute("CREATE TABLE runs (run_uuid)").connection.close()
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "meta.yaml").write_text("a: 1\n")
    listing = find_logs(tmp_path)
    assert not [name for name, source in listing.sources.items() if source.reader is reader]


@pytest.mark.skipif(not LOGS.is_dir(), reason="no real logs of other people here")
def test_real_databases_and_exports_of_other_people_are_read_whole():
    sweep = load_sweep(LOGS / "mlflow-sqlite")
    assert len(sweep.used) == 20
    assert len(sweep.epochs) == 200
    export = load_sweep(LOGS / "mlflow-export")
    assert export.runs["status"].value_counts().to_dict() == {"finished": 880, "running": 1, "parent": 130}
