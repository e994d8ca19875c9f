import json
import math
import os
import shutil
import sqlite3
from pathlib import Path

import pytest
from sweepbook.analysis.logs.sweep import load_sweep

REAL = Path(__file__).parents[3] / "real" / "optuna"
NEWEST = REAL / "4.6.0"
LOGS = Path(os.environ.get("SWEEPBOOK_LOGS") or Path(__file__).parents[5] / "shared" / "logs")  # beside the checkout
STATUSES = {"COMPLETE": "finished", "PRUNED": "pruned", "FAIL": "failed", "RUNNING": "running", "WAITING": "running"}


def same(ours, theirs):
    return ours == theirs or (math.isnan(ours) and math.isnan(theirs))


def check(run, trial, study):
    """Whether the run is what Optuna's own API says of the trial."""
    assert run.status == STATUSES[trial["state"]]
    assert run.config == trial["params"]
    assert {name: type(value) for name, value in run.config.items()} == {k: type(v) for k, v in trial["params"].items()}
    count = len(study["directions"])
    names = study["names"] or (["objective"] if count == 1 else [f"objective_{place}" for place in range(count)])
    values = dict(zip(names, trial["values"] or [], strict=False))
    assert {name: run.metrics[name] for name in names if name in run.metrics} == values
    numbers = {name: value for name, value in trial["attributes"].items() if isinstance(value, int | float)}
    assert {name: value for name, value in run.metrics.items() if name not in names} == numbers
    assert [run.environment[f"goal.{name}"] for name in names] == [direction.lower() for direction in study["directions"]]
    steps = trial["steps"] if len(trial["steps"]) > 1 else []
    assert list(run.steps) == [step for step, _ in steps]
    assert all(same(ours, value) for ours, (_, value) in zip(run.epochs.get(names[0], []), steps, strict=True))
    assert (run.started is None) == (trial["start"] == "None")
    assert (run.seconds is None) == (trial["end"] == "None")


def check_all(runs, told):
    """Whether the runs are the trials of all studies; those of a store with one study are called by their number alone."""
    trials = {}
    for name, study in told.items():
        for number, trial in study["trials"].items():
            trials[f"{name}/{number}" if len(told) > 1 else number] = (name, trial, study)
    assert {run.place for run in runs} == trials.keys()
    assert len(trials) >= 12
    for run in runs:
        name, trial, study = trials[run.place]
        assert run.study == name
        check(run, trial, study)


def test_a_database_has_the_trials_that_optuna_says_it_has(optuna, tmp_path, real):
    told = real[0](optuna, tmp_path)
    (tmp_path / "journal.log").unlink(missing_ok=True)
    runs, reasons = real[1](tmp_path)
    assert not reasons
    check_all(runs.values(), told["database"])


def test_a_journal_has_the_trials_that_optuna_says_it_has(optuna, tmp_path, real):
    told = real[0](optuna, tmp_path)
    (tmp_path / "optuna.db").unlink()
    if "journal" not in told:
        pytest.skip("Optuna 2 has no journal")
    runs, reasons = real[1](tmp_path)
    assert not reasons
    check_all(runs.values(), told["journal"])


def test_the_reason_why_a_trial_failed_is_read_where_optuna_kept_it(tmp_path, real):
    real[0](REAL / "2.0.0", tmp_path)
    runs, _ = real[1](tmp_path)
    assert "out of memory" in runs["optuna.db/3"].error


def test_trials_that_were_pruned_failed_or_are_waiting_are_said_and_do_not_count(tmp_path, real):
    real[0](NEWEST, tmp_path)
    (tmp_path / "journal.log").unlink()
    sweep = load_sweep(tmp_path)
    own = sweep.runs[sweep.runs["study"].eq("network")]
    assert own["status"].value_counts().to_dict() == {"finished": 9, "pruned": 2, "running": 2, "failed": 1}
    reasons = dict(zip(sweep.problems["log"], sweep.problems["reason"], strict=True))
    assert "pruned" in reasons["optuna.db/network/4"]
    assert set(own["seed"].dropna()) == {0, 1}


def test_a_store_of_one_study_names_its_runs_by_number(tmp_path, real):
    real[0](NEWEST, tmp_path)
    (tmp_path / "journal.log").unlink()
    database = sqlite3.connect(tmp_path / "optuna.db")
    database.execute("DELETE FROM trials WHERE study_id > 1")
    database.execute("DELETE FROM studies WHERE study_id > 1")
    database.commit()
    database.close()
    runs, _ = real[1](tmp_path)
    assert list(runs) == [f"optuna.db/{number}" for number in range(14)]


def test_a_last_line_of_a_journal_that_is_still_being_written_is_left_out(tmp_path, real):
    real[0](NEWEST, tmp_path)
    (tmp_path / "optuna.db").unlink()
    before, _ = real[1](tmp_path)
    with (tmp_path / "journal.log").open("a") as file:
        file.write('{"op_code":4,"worker_id":"w","study_id":0,"datetime_st')
    runs, reasons = real[1](tmp_path)
    assert repr(runs) == repr(before)  # NaN is not equal to itself
    assert not reasons


def test_a_broken_line_of_a_journal_is_a_problem_and_the_trials_are_read(tmp_path, real):
    real[0](NEWEST, tmp_path)
    (tmp_path / "optuna.db").unlink()
    before, _ = real[1](tmp_path)
    with (tmp_path / "journal.log").open("a") as file:
        file.write('{"op_code":99}\n{"op_code":4}\n')
    lines = len((tmp_path / "journal.log").read_text().splitlines())
    runs, reasons = real[1](tmp_path)
    assert repr(runs) == repr(before)  # NaN is not equal to itself
    assert reasons == {"journal.log": f"line {lines - 1} is no change that Optuna writes"}


def test_a_study_that_was_deleted_and_made_again_has_only_its_new_trials(tmp_path, real):
    lines = [
        {"op_code": 0, "study_name": "a", "directions": [1]},
        {"op_code": 4, "study_id": 0, "datetime_start": "2026-01-01T00:00:00"},
        {"op_code": 1, "study_id": 0},
        {"op_code": 0, "study_name": "a", "directions": [2]},
        {"op_code": 4, "study_id": 1, "datetime_start": "2026-01-01T00:00:00"},
        {"op_code": 6, "trial_id": 1, "state": 1, "values": [0.5], "datetime_complete": "2026-01-01T00:00:02"},
    ]
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    (tmp_path / "journal.log").write_text(text)
    runs, reasons = real[1](tmp_path)
    assert not reasons
    assert [(run.status, run.seconds, run.metrics) for run in runs.values()] == [("finished", 2.0, {"objective": 0.5})]


@pytest.mark.skipif(not LOGS.is_dir(), reason="no real logs of other people here")
def test_a_real_study_of_other_people_is_read_whole(tmp_path):
    shutil.copy(LOGS / "optuna-sqlite" / "optuna.db", tmp_path)
    sweep = load_sweep(tmp_path)
    assert sweep.runs["status"].value_counts().to_dict() == {"pruned": 79, "finished": 22, "failed": 5}
