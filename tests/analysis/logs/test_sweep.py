import math
import os
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sweepbook.analysis.logs.sweep import METRICS, load_sweep
from sweepbook.runner.config import SweepbookError, config_id
from sweepbook.runner.logtext import to_toml
from sweepbook.runner.runlog import FILE, LogError, parse_run


def problems(sweep):
    return dict(zip(sweep.problems["log"], sweep.problems["reason"], strict=True))


def test_a_folder_of_logs_that_is_not_there_is_told(tmp_path):
    with pytest.raises(SweepbookError, match="no such folder of logs"):
        load_sweep(tmp_path / "none")


def test_an_empty_folder_is_a_sweep_of_nothing(tmp_path):
    sweep = load_sweep(tmp_path)
    assert (len(sweep.runs), len(sweep.epochs), len(sweep.problems), len(sweep.used)) == (0, 0, 0, 0)
    assert sweep.names(METRICS) == ()


def test_a_run_is_a_row_and_its_epochs_are_rows(tmp_path, log, run):
    config = {"batch_size": 32, "lr": 0.1}
    whole = run(0.8, epochs=2, config=config, train_examples=100, parameters=7, environment={"torch": "2.6"})
    log(tmp_path, "first", whole)
    sweep = load_sweep(tmp_path)
    (row,) = sweep.runs.to_dict("records")
    assert row["log"] == "first"
    assert (row["label"], row["study"], row["seed"], row["status"], row["used"]) == ("a", "s", 0, "finished", True)
    assert row["id"] == config_id(config)
    assert (row["started"], row["seconds"], row["parameters"]) == (whole.started.timestamp(), 2.0, 7)
    assert (row["config.lr"], row["metrics.valid_accuracy"], row["environment.torch"]) == (0.1, 0.8, "2.6")
    assert row["gap"] == pytest.approx(0.25)
    assert sweep.epochs.to_dict("list") == {"log": ["first", "first"], "epoch": [1, 2], "valid_accuracy": [0.8, 0.8]}
    assert sweep.names(METRICS) == ("train_loss", "valid_accuracy", "valid_loss")


def test_logs_of_different_shapes_share_one_table(tmp_path, log, run):
    log(tmp_path, "a", run(config={"lr": 0.1}, epochs=1))
    log(tmp_path, "b", run(config={"width": 3}, metrics={"bleu": 27.0}))
    sweep = load_sweep(tmp_path)
    assert list(sweep.runs["config.lr"]) == [0.1, None]
    assert list(sweep.runs["config.width"]) == [None, 3]
    assert math.isnan(sweep.runs["metrics.bleu"][0])
    assert math.isnan(sweep.runs["gap"][1])
    assert list(sweep.epochs["log"]) == ["a"]


# What lies in the folder of a log that cannot be read, and the reason that is given.
UNREADABLE = [
    (b"", "the file is empty"),
    (b" \n", "the file is empty"),
    (b"schema = 1\n[run\n", "not valid TOML, perhaps cut short"),
    (b"\xff\xfe\x00", "cannot be read: 'utf-8' codec can't decode"),
    (b'[project]\nname = "x"\n', 'no "schema" key: not a Sweepbook run log'),
    (b"schema = 3\n", "schema is 3; this version reads schema 1 and 2"),
    (b"schema = 1\n[config]\n", "no [run] table"),
]


@pytest.mark.parametrize(("content", "reason"), UNREADABLE)
def test_a_log_that_cannot_be_read_is_a_problem_and_the_rest_goes_on(tmp_path, log, run, content, reason):
    log(tmp_path, "good", run())
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / FILE).write_bytes(content)
    sweep = load_sweep(tmp_path)
    assert list(sweep.used["log"]) == ["good"]
    assert list(problems(sweep)) == ["bad"]
    assert reason in problems(sweep)["bad"]


def test_what_is_no_run_is_a_problem_and_what_is_hidden_is_none(tmp_path, log, run):
    log(tmp_path, "good", run())
    for name, file in (("empty", ""), ("begun", f".{FILE}.123"), ("other", "a.txt")):
        (tmp_path / name).mkdir()
        if file:
            (tmp_path / name / file).write_text("x")
    (tmp_path / "note.txt").write_text("by hand")
    (tmp_path / "folder" / FILE).mkdir(parents=True)
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / ".claims").mkdir()
    (tmp_path / ".hidden").write_text("x")
    killed = "empty: its run was killed as it began, or its log is lost; the folder can be deleted"
    assert problems(load_sweep(tmp_path)) == {
        "empty": killed,
        "begun": killed,
        "other": "no run.toml in it",
        "note.txt": "not a run: a file where a folder with a run.toml is expected",
        "folder": "its run.toml is not a file",
        "dangling": "no run.toml in it",
        "loop": "cannot be read: Too many levels of symbolic links",
    }


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_log_that_may_not_be_read_is_a_problem_without_a_path_of_this_machine(tmp_path, log, run):
    log(tmp_path, "closed", run()).chmod(0)
    assert problems(load_sweep(tmp_path)) == {"closed": "cannot be read: Permission denied"}


def test_the_first_of_two_runs_of_one_configuration_and_seed_counts(tmp_path, log, run):
    log(tmp_path, "late", run(0.9, minute=2))
    log(tmp_path, "early", run(0.8, minute=1, config={"lr": 0.10}, label="other"))
    log(tmp_path, "seed", run(0.7, minute=3, seed=1))
    sweep = load_sweep(tmp_path)
    assert list(sweep.used["log"]) == ["early", "seed"]
    assert problems(sweep) == {"late": "the same configuration and seed as early, which counts"}


def test_two_runs_that_began_in_one_second_are_told_apart_by_name(tmp_path, log, run):
    log(tmp_path, "b", run())
    log(tmp_path, "a", run())
    assert problems(load_sweep(tmp_path)) == {"b": "the same configuration and seed as a, which counts"}


def test_runs_without_a_seed_are_each_their_own(tmp_path, log, run):
    for name in "abc":
        log(tmp_path, name, run(seed=None))
    sweep = load_sweep(tmp_path)
    assert (len(sweep.used), len(sweep.problems)) == (3, 0)


def test_a_run_that_did_not_finish_is_a_problem_with_how_far_it_came(tmp_path, log, run):
    log(tmp_path, "begun", run(status="running", metrics={}))
    log(tmp_path, "killed", run(seed=1, status="running", epochs=3))
    log(tmp_path, "stopped", run(seed=2, status="interrupted", epochs=1))
    log(tmp_path, "broken", run(seed=3, status="failed", epochs=2, error="RuntimeError: no memory"))
    log(tmp_path, "silent", run(seed=4, status="failed", metrics={}))
    log(tmp_path, "away", run(seed=5, status="diverged", epochs=4))
    log(tmp_path, "elsewhere", run(seed=6, status="diverged"))
    sweep = load_sweep(tmp_path)
    assert len(sweep.used) == 0
    assert problems(sweep) == {
        "begun": "unfinished: still running, or killed before its first epoch ended",
        "killed": "unfinished: still running, or killed after 3 whole epochs",
        "stopped": "interrupted after 1 whole epoch",
        "broken": "failed after 2 whole epochs: RuntimeError: no memory",
        "silent": "failed before its first epoch ended: no error given",
        "away": "diverged: a loss was not finite in epoch 4",
        "elsewhere": "diverged: a loss was not finite",
    }


def test_a_run_that_was_trained_again_says_where(tmp_path, log, run):
    log(tmp_path, "first", run(status="interrupted", epochs=2))
    log(tmp_path, "second", run(minute=1))
    sweep = load_sweep(tmp_path)
    assert list(sweep.used["log"]) == ["second"]
    assert problems(sweep) == {"first": "interrupted after 2 whole epochs; run again and finished in second"}
    assert sweep.again == {"first": "second"}


def test_a_run_that_came_to_another_end_when_it_was_trained_again_says_which(tmp_path, log, run):
    log(tmp_path, "first", run(status="interrupted", epochs=1))
    log(tmp_path, "second", run(status="failed", minute=1, epochs=1, error="no memory"))
    log(tmp_path, "third", run(status="pruned", minute=2, epochs=2))
    log(tmp_path, "fourth", run(status="interrupted", minute=3, epochs=1))
    log(tmp_path, "other", run(status="interrupted", seed=1, epochs=1))
    assert problems(load_sweep(tmp_path)) == {
        "first": "interrupted after 1 whole epoch; run again and pruned in third",
        "second": "failed after 1 whole epoch: no memory; run again and pruned in third",
        "third": "pruned after 2 whole epochs",
        "fourth": "interrupted after 1 whole epoch",
        "other": "interrupted after 1 whole epoch",
    }
    assert load_sweep(tmp_path).again == {"first": "third", "second": "third"}  # to be pruned is an end
    log(tmp_path, "last", run(minute=4))
    assert problems(load_sweep(tmp_path))["first"] == "interrupted after 1 whole epoch; run again and finished in last"


@pytest.mark.parametrize(("stacked", "share"), [(6, 0.5), (1, 3.0), (True, 3.0), ("6", 3.0), (0, 3.0)])
def test_a_run_that_shared_a_program_took_its_share_of_the_time(tmp_path, log, run, stacked, share):
    log(tmp_path, "a", run(seconds=3.0, environment={"stacked": stacked}))
    (row,) = load_sweep(tmp_path).runs.to_dict("records")
    assert (row["seconds"], row["heard"] - row["started"]) == (share, 3.0)


@pytest.mark.parametrize(
    ("config", "examples", "epochs", "steps", "seen"),
    [
        ({"batch_size": 32, "train_steps": 10}, 1078, 3, 30, 960),
        ({"batch_size": 32}, 1078, 3, 102, 3234),
        ({"batch_size": 2000}, 1078, 3, 3, 3234),
        ({"batch_size": 32}, None, 3, None, None),
        ({"batch_size": 32}, 1078, None, None, None),
        ({"lr": 0.1}, 1078, 3, None, None),
        # Other tools write other things under these names.
        ({"batch_size": 32.0, "train_steps": 10.0}, 1078, 3, 30, 960),
        ({"batch_size": "auto"}, 1078, 3, None, None),
        ({"batch_size": 0}, 1078, 3, None, None),
        ({"batch_size": [32, 64]}, 1078, 3, None, None),
        ({"batch_size": True}, 1078, 3, None, None),
        ({"batch_size": math.nan}, 1078, 3, None, None),
        ({"batch_size": 32, "train_steps": "all"}, 1078, 3, None, None),
    ],
)
def test_steps_and_examples_follow_from_the_settings(tmp_path, log, run, config, examples, epochs, steps, seen):
    log(tmp_path, "a", run(config=config, train_examples=examples, epochs=epochs))
    (row,) = load_sweep(tmp_path).runs.to_dict("records")
    assert (row["steps"], row["examples_seen"]) == (steps, seen)
    assert all(type(row[name]) in (int, type(None)) for name in ("steps", "examples_seen"))


@pytest.mark.parametrize("seconds", ["nan", "inf", "1" + 400 * "0"])
def test_a_time_that_is_no_finite_number_is_a_problem(tmp_path, log, run, seconds):
    path = log(tmp_path, "a", run(seconds=2.5))
    path.write_text(path.read_text().replace("seconds = 2.5", f"seconds = {seconds}"))
    assert "seconds" in problems(load_sweep(tmp_path))["a"]


@settings(max_examples=400)
@given(data=st.data(), epochs=st.sampled_from([None, 3]), status=st.sampled_from(["finished", "interrupted"]))
@pytest.mark.slow
def test_a_log_cut_at_any_byte_is_a_problem_or_gives_only_values_that_stand_in_it(data, epochs, status, run):
    whole = run(0.8125, epochs=epochs, status=status, train_examples=10, parameters=12345, environment={"torch": "2.6"})
    series = {"train_loss": [0.5] * 3, "valid_accuracy": [0.6, 0.7, 0.8125]} if epochs else {}
    whole = replace(whole, epochs=series)
    text = to_toml(whole).encode()
    place = data.draw(st.integers(0, len(text) - 1))
    try:
        found = parse_run(text[:place].decode(errors="replace"))
    except LogError:
        return
    # A cut between two lines cannot be seen where what follows may be missing: then it is missing, and never another.
    for name in ("metrics", "environment", "epochs", "config"):
        assert dict(getattr(whole, name)) | dict(getattr(found, name)) == dict(getattr(whole, name))
    assert found.status == whole.status
    assert found.parameters in (None, whole.parameters)
    assert found.train_examples in (None, whole.train_examples)


def test_no_cut_of_a_log_with_epochs_gives_another_number(run):
    whole = replace(run(0.8125), epochs={"train_loss": [0.5, 0.25], "valid_accuracy": [0.75, 0.8125]})
    text = to_toml(whole)
    for place in range(len(text)):
        try:
            found = parse_run(text[:place])
        except LogError:
            continue
        assert found.metrics.items() <= whole.metrics.items()
        assert found.epochs.items() <= whole.epochs.items()
        assert (found.config, found.started, found.seed) == (whole.config, whole.started, whole.seed)


def test_text_and_numbers_of_one_value_are_one_configuration(tmp_path, log, run):
    for seed, size in enumerate([256, "256", "256.0"]):
        log(tmp_path, f"r{seed}", run(config={"batch": size}, seed=seed))
    sweep = load_sweep(tmp_path)
    assert set(sweep.used["id"]) == {config_id({"batch": 256})}
    assert [(one.setting, one.runs) for one in sweep.reread] == [("batch", 2)]


def test_true_and_1_are_two_configurations_and_1_and_a_point_one(tmp_path, log, run):
    for seed, flag in enumerate([True, 1, 1.0, True]):
        log(tmp_path, f"r{seed}", run(config={"bn": flag}, label=f"bn_{flag}", seed=seed))
    sweep = load_sweep(tmp_path)
    assert sweep.used["id"].value_counts().tolist() == [2, 2]
    assert sweep.reread == ()


@pytest.mark.parametrize("labels", [("lr=0.001", "lr=1e-3", "lr=0.0010"), ("dainty-sunset-0", "brave-forest-1", "icy-lake-2")])
def test_replicates_count_whatever_their_labels_are(tmp_path, log, run, labels):
    for seed, label in enumerate(labels):
        log(tmp_path, f"r{seed}", run(config={"lr": 0.001}, label=label, seed=seed))
    sweep = load_sweep(tmp_path)
    assert set(sweep.used["id"]) == {config_id({"lr": 0.001})}
    assert len(sweep.used) == 3


def test_the_runs_of_two_labels_that_tell_of_a_setting_are_replicates_within_each(tmp_path, log, run):
    for n in range(6):
        log(tmp_path, f"r{n}", run(config={"lr": 0.1}, label=f"depth_{n % 2 + 1}_seed{n // 2}", seed=n // 2))
    sweep = load_sweep(tmp_path)
    assert set(sweep.used["id"]) == {config_id({"lr": 0.1, "label.depth": depth}) for depth in (1, 2)}
    assert sweep.used["id"].value_counts().tolist() == [3, 3]
    assert set(sweep.runs["recorded"]) == {config_id({"lr": 0.1})}


def test_a_long_error_is_told_in_a_thousand_characters(tmp_path, log, run):
    log(tmp_path, "r", run(status="failed", error="E" * 1_000_000))
    (reason,) = load_sweep(tmp_path).problems["reason"]
    assert reason == f"failed before its first epoch ended: {'E' * 1000}…"
