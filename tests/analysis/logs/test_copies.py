"""Which runs are copies of another, and which are repeats that came out alike."""

import pandas as pd
import pytest
from sweepbook.analysis.logs.copies import copies
from sweepbook.analysis.logs.sweep import load_sweep

NO_EPOCHS = pd.DataFrame({"log": [], "epoch": []})


def runs(*rows: dict[str, object]) -> pd.DataFrame:
    """A finished run a row, one after the other, of one configuration where it does not say another."""
    base = [{"log": f"r{i}", "id": "a", "status": "finished", "started": float(i), **row} for i, row in enumerate(rows)]
    return pd.DataFrame(base)


def of_loss(*values: float, **more: object) -> pd.DataFrame:
    return runs(*({"metrics.valid_loss": value, **more} for value in values))


def test_a_loss_that_is_equal_to_the_last_digit_tells_a_copy_of_the_first():
    assert copies(of_loss(0.4371623509138, 0.4371623509138, 0.4371623509139), NO_EPOCHS) == {"r1": "r0"}


def test_the_first_to_begin_is_no_copy_whatever_its_name():
    frame = of_loss(0.4371623509138, 0.4371623509138).assign(started=[5.0, 1.0])
    assert copies(frame, NO_EPOCHS) == {"r0": "r1"}


@pytest.mark.parametrize("value", [500.0, 0.0, 1.0, 0.8, 1 - 0.8, 37 / 38, 0.9737, 1997 / 2000, -123.45])
def test_a_score_that_runs_may_share_by_chance_makes_no_copy(value):
    assert copies(of_loss(value, value), NO_EPOCHS) == {}


def test_many_scores_of_few_digits_tell_a_copy_together():
    row = {f"metrics.m{i}": 0.4321 + i * 0.01357 for i in range(8)}
    assert copies(runs(row, row), NO_EPOCHS) == {"r1": "r0"}


def test_runs_with_other_settings_are_no_copies():
    frame = of_loss(0.4371623509138, 0.4371623509138).assign(id=["a", "b"])
    assert copies(frame, NO_EPOCHS) == {}


def test_a_run_that_did_not_finish_is_no_copy():
    frame = of_loss(0.4371623509138, 0.4371623509138).assign(status=["finished", "failed"])
    assert copies(frame, NO_EPOCHS) == {}


def test_runs_that_end_alike_and_went_otherwise_are_no_copies():
    epochs = pd.DataFrame({"log": ["r0", "r0", "r1", "r1"], "epoch": [1, 2, 1, 2], "valid_loss": [0.6, 0.43716, 0.7, 0.43716]})
    assert copies(of_loss(0.4371623509138, 0.4371623509138), epochs) == {}


def test_how_long_a_run_took_does_not_tell_it_from_its_copy():
    frame = of_loss(0.4371623509138, 0.4371623509138).assign(**{"metrics.train_time_sec": [3.1, 4.7]})
    assert copies(frame, NO_EPOCHS) == {"r1": "r0"}


def test_of_a_run_and_its_copies_one_counts_whatever_their_seeds(tmp_path, log, run):
    for seed in (0, 1, 2):
        log(tmp_path, f"r{seed}", run(seed=seed, metrics={"valid_loss": 0.4371623509138}, epochs={}))
    sweep = load_sweep(tmp_path)
    assert list(sweep.used["log"]) == ["r0"]
    assert set(sweep.problems["reason"]) == {"a copy: to the last digit the same as r0"}


def test_a_copy_with_the_seed_of_the_first_is_told_as_a_copy(tmp_path, log, run):
    for name in ("r0", "r1"):
        log(tmp_path, name, run(seed=0, metrics={"valid_loss": 0.4371623509138}, epochs={}))
    assert set(load_sweep(tmp_path).problems["reason"]) == {"a copy: to the last digit the same as r0"}


def test_where_no_run_says_when_it_began_the_first_is_the_first_as_people_count():
    names = ["version_11", "version_2", "version_100"]
    frame = of_loss(*[0.4371623509138] * 3).assign(started=None, log=names)
    assert copies(frame, NO_EPOCHS) == {"version_11": "version_2", "version_100": "version_2"}
