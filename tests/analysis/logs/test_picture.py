"""Runs of other tools, as tables have them, made to look like ours."""

import math

import pytest
from sweepbook.analysis.logs.sweep import load_sweep
from sweepbook.runner.rules import Rules


@pytest.fixture
def table(tmp_path):
    """The sweep of a table with these lines, read by these rules."""

    def load(*lines, **rules):
        path = tmp_path / "runs.csv"
        path.write_text("\n".join(lines) + "\n")
        return load_sweep(path, Rules(**rules))

    return load


def column(sweep, name):
    return list(sweep.runs[name])


HEAD = "name,lr,seed,out_dir,wandb_key,val_acc"
ROWS = [f"net,{lr},{seed},/runs/{lr}/{seed},k{seed},{90 + seed + 10 * lr}" for lr in (0.1, 0.01) for seed in (0, 1)]


def test_metrics_have_our_names_and_shares_and_settings_are_what_can_change_the_result(table):
    sweep = table(HEAD, *ROWS)
    assert column(sweep, "metrics.valid_accuracy") == pytest.approx([0.91, 0.92, 0.901, 0.911])
    assert [name for name in sweep.runs.columns if str(name).startswith("config.")] == ["config.lr"]
    assert column(sweep, "seed") == [0, 1, 0, 1]
    assert sweep.used["id"].nunique() == 2
    picture = sweep.picture
    assert (picture.percent, picture.aside) == ((("valid_accuracy", "all"),), (("out_dir", "a place"),))
    assert picture.secrets == (("wandb_key", 4),)
    assert ("val_acc", "valid_accuracy") in picture.mapped


def test_percent_and_share_are_never_mixed_in_silence(table):
    sweep = table("lr,seed,val_acc", "0.1,0,91.0", "0.1,1,0.9", "0.2,0,95.0")
    assert column(sweep, "metrics.valid_accuracy") == pytest.approx([0.91, 0.009, 0.95])
    assert sweep.picture.percent == (("valid_accuracy", "mixed"),)


def test_a_person_may_say_it_otherwise(table):
    sweep = table(HEAD, *ROWS, map=(("val_acc", "score"),), keep=("out_dir",), ignore=("lr",))
    assert column(sweep, "metrics.score") == pytest.approx([91.0, 92.0, 90.1, 91.1])
    assert [name for name in sweep.runs.columns if str(name).startswith("config.")] == ["config.out_dir"]
    other = table("lr,rng,val_acc", "0.1,3,0.5", "0.1,4,0.6", seed="rng")
    assert (column(other, "seed"), other.used["id"].nunique()) == ([3, 4], 1)


LONG = ["run,lr,epoch,val_loss,val_acc"] + [
    f"{run},{lr},{epoch},{loss},{0.5 + epoch / 10}"
    for run, lr in (("a", 0.1), ("b", 0.2))
    for epoch, loss in ((1, 0.9), (2, 0.4), (3, 0.6))
]


def test_the_last_value_counts_and_with_at_all_values_of_the_best_moment(table):
    last = table(*LONG)
    assert column(last, "metrics.valid_loss") == [0.6, 0.6]
    best = table(*LONG, at="val_loss")
    assert column(best, "metrics.valid_loss") == [0.4, 0.4]
    assert column(best, "metrics.valid_accuracy") == [0.7, 0.7]
    assert best.picture.at == "valid_loss"
    assert len(best.epochs) == 6


def test_a_seed_in_the_name_alone_is_found_and_said(table):
    sweep = table("name,lr,val_acc", "a-1,0.1,0.5", "a-2,0.1,0.6", "b-1,0.2,0.5", "b-2,0.2,0.7")
    assert column(sweep, "seed") == [1, 2, 1, 2]
    assert sweep.picture.told == 4


def test_text_is_no_value_where_it_says_so_and_a_number_where_all_are(table):
    sweep = table("lr,wd,seed,val_acc", "0.1,None,0,0.5", "0.1,None,1,0.6", "0.1,0.01,0,0.7")
    assert column(sweep, "config.wd")[:2] == [None, None]
    assert float(column(sweep, "config.wd")[2]) == 0.01
    assert sweep.used["id"].nunique() == 2


def test_what_no_run_has_is_nowhere(table):
    sweep = table("lr,seed,val_acc", "0.1,0,0.5", "0.1,1,")
    assert math.isnan(column(sweep, "metrics.valid_accuracy")[1])
    assert sweep.picture.secrets == ()
