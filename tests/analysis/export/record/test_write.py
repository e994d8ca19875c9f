import io
import json
import math
from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sweepbook.analysis.export.record.runscsv import runs_csv
from sweepbook.analysis.export.record.write import findings_json
from sweepbook.analysis.findings.findings import findings
from sweepbook.analysis.logs.sweep import load_sweep

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
optimizer = "Adam"
[[group]]
name = "epochs"
grid = { epochs = [1, 2] }
  [[group.prediction]]
  says = "2 beat 1"
  better = { epochs = 2 }
  than = { epochs = 1 }
[[group]]
name = "units"
grid = { units1 = [8, 16] }
"""
BASE = {
    "dataset": "digits",
    "model": "mlp",
    "units1": 8,
    "depth": 1,
    "epochs": 2,
    "batch_size": 32,
    "lr": 0.01,
    "optimizer": "Adam",
}
WHERE = """
[study]
title = "T"
seeds = [0]
metric = "loss"
[[group]]
name = "all"
where = {}
"""


@pytest.fixture
def made(tmp_path, log, run, plan):
    """The sweep and the findings of `runs`, by the names of their folders."""

    def make(runs, text=PLAN):
        study = plan(tmp_path / "study", text)
        (tmp_path / "logs").mkdir()
        for name, one in runs.items():
            log(tmp_path / "logs", name, one)
        sweep = load_sweep(tmp_path / "logs")
        return sweep, findings(sweep, study)

    return make


@pytest.fixture
def few(made, run):
    done = {"config": BASE, "train_examples": 100, "parameters": 12, "epochs": 2}
    return made(
        {
            "b": run(0.8125, **done, label="some_other_name"),
            "a": run(0.75, seed=1, **done),
            "c": run(0.5, config={**BASE, "epochs": 1}),
            "d": run(0.5, config={**BASE, "epochs": 1}, seed=1, status="failed", error="no, memory", seconds=None),
            "e": run(0.5, config={**BASE, "epochs": 7}, label="stray, too", seed=None),
        }
    )


def test_runs_are_rows_in_the_documented_columns_sorted_by_label_seed_and_log(few):
    sweep, found = few
    lines = runs_csv(sweep, found).splitlines()
    assert lines[0] == (
        "label,groups,seed,status,started,seconds,dataset,model,units1,depth,epochs,batch_size,lr,optimizer,"
        "parameters,examples_seen,steps,train_loss,valid_accuracy,valid_loss,gap,diagnosis,log,"
        "train_examples,valid_examples,valid_seen"
    )
    base = "digits,mlp,8,1,2,32,0.01,Adam,12,200,8"
    curve = "cannot tell: no validation loss"
    assert lines[1:] == [
        "epochs_1,epochs,0,finished,2026-03-01T12:00:00Z,2.0,digits,mlp,8,1,1,32,0.01,Adam,,,,0.5,0.5,0.75,0.25,,c,,,",
        "epochs_1,epochs,1,failed,2026-03-01T12:00:00Z,,digits,mlp,8,1,1,32,0.01,Adam,,,,0.5,0.5,0.75,0.25,,d,,,",
        f"epochs_2,epochs units,0,finished,2026-03-01T12:00:00Z,2.0,{base},0.1875,0.8125,0.4375,0.25,{curve},b,100,,",
        f"epochs_2,epochs units,1,finished,2026-03-01T12:00:00Z,2.0,{base},0.25,0.75,0.5,0.25,{curve},a,100,,",
        '"stray, too",,,finished,2026-03-01T12:00:00Z,2.0,digits,mlp,8,1,7,32,0.01,Adam,,,,0.5,0.5,0.75,0.25,,e,,,',
    ]


def test_pandas_reads_the_runs_back(few):
    table = pd.read_csv(io.StringIO(runs_csv(*few)))
    assert table["valid_accuracy"].tolist() == [0.5, 0.5, 0.8125, 0.75, 0.5]
    assert table["label"].tolist()[-1] == "stray, too"
    assert table["started"].iloc[0] == "2026-03-01T12:00:00Z"
    assert table["seed"].isna().tolist() == [False, False, False, False, True]


def test_without_logs_there_is_a_header_alone(made):
    table = pd.read_csv(io.StringIO(runs_csv(*made({}))))
    assert len(table) == 0
    assert list(table)[:6] == ["label", "groups", "seed", "status", "started", "seconds"]
    assert list(table)[-5:] == ["diagnosis", "log", "train_examples", "valid_examples", "valid_seen"]


def test_names_that_are_taken_get_an_underscore_and_no_value_is_lost(made, run):
    config = {"label": 1, "seconds": 2, "loss": "mse", "log": True}
    one = run(config=config, metrics={"loss": 0.5, "gap": 0.125, "seconds": 7.0})
    (row,) = pd.read_csv(io.StringIO(runs_csv(*made({"a": one}, WHERE)))).to_dict("records")
    assert (row["label"], row["label_"], row["seconds"], row["seconds_"], row["log"], row["log_"]) == ("a", 1, 2.0, 2, "a", True)
    assert (row["loss"], row["loss_"], row["gap_"], row["seconds__"]) == ("mse", 0.5, 0.125, 7.0)


@pytest.mark.parametrize("year", [1, 1677, 9999])
def test_a_run_of_any_year_has_its_start_in_the_table(made, run, year):
    sweep, found = made({"a": run(config=BASE, started=run().started.replace(year=year))})
    assert f"{year:04}-03-01T12:00:00Z" in runs_csv(sweep, found)


def test_the_findings_are_json_with_the_documented_keys_in_order(few):
    document = json.loads(findings_json(few[1]))
    assert list(document) == [
        "schema",
        "study",
        "metric",
        "goal",
        "runs",
        "noise",
        "configs",
        "groups",
        "effects",
        "checks",
        "problems",
        "diagnoses",
        "best",
        "environment",
        "logged",
    ]
    assert document["schema"] == 2
    assert (document["study"], document["metric"], document["goal"]) == ("study", "valid_accuracy", "maximize")
    none = {"diverged": 0, "interrupted": 0, "running": 0}
    assert document["runs"] == {"planned": 6, "finished": 3, "failed": 1, "missing": 2, **none}
    assert list(document["runs"]) == ["planned", "finished", "failed", "diverged", "interrupted", "missing", "running"]
    assert {check["code"] for check in document["checks"]} >= {"SB201", "SB202"}
    assert list(document["checks"][0]) == ["code", "group", "labels", "message", "factor", "silenced"]
    keys = ["sd", "low", "high", "df", "from", "outlying", "replicates", "residual", "detectable"]
    keys += ["s_e", "s_s", "d0", "df_e", "share"]
    assert [list(noise) for noise in document["noise"].values()] == [keys] * 3
    assert set(document["noise"]) == {"train_loss", "valid_loss", "valid_accuracy"}
    noise = document["noise"]["valid_accuracy"]
    assert (noise["df"], noise["s_s"], noise["d0"], noise["df_e"], noise["share"]) == (1, 0, 4, 1, None)  # of two runs
    assert noise["s_e"] == noise["sd"] == pytest.approx(0.0625 / 2**0.5)
    keys = ["factor", "group", "range", "low", "high", "worst", "best", "without_worst", "spread", "rank", "steps"]
    assert [list(effect) for effect in document["effects"]] == [keys]
    assert list(document["effects"][0]["steps"][0]) == ["from", "to", "difference", "low", "high", "told"]
    runs = [{"log": log, "state": "cannot tell", "epoch": None, "text": "cannot tell: no validation loss"} for log in "ab"]
    assert document["diagnoses"] == {"epoch_noise": None, "runs": runs}
    assert all(effect["range"] >= 0 and effect["low"] <= effect["range"] <= effect["high"] for effect in document["effects"])
    assert document["problems"] == [
        {"log": "d", "reason": "failed before its first epoch ended: no, memory", "again": None},
        {"log": "e", "reason": "its configuration is in no group of the plan", "again": None},
    ]


def test_a_configuration_has_its_estimates_with_full_precision(few):
    first, second = json.loads(findings_json(few[1]))["configs"]
    assert list(first) == ["id", "label", "labels", "config", "n", "tier", "parameters", "seconds", "metrics"]
    assert (first["label"], first["labels"], first["n"], first["tier"]) == ("epochs_2", ["epochs_2", "units_8"], 2, 1)
    assert first["config"] == BASE
    estimate = few[1].ranking[0].metrics["valid_accuracy"]
    own = few[1].ranking[0].runs["valid_accuracy"]
    expected = {"mean": estimate.mean, "low": estimate.low, "high": estimate.high, "sd": pytest.approx(stats.tstd(own))}
    alone = pytest.approx(stats.tvar(own))  # no other configuration has two runs
    noise = {"mu": alone, "v": alone, "df": 1, "outlying": False, "ranked": True}
    assert first["metrics"]["valid_accuracy"] == {**expected, **noise}
    assert list(first["metrics"]["valid_accuracy"]) == [*expected, *noise]
    assert first["metrics"]["valid_loss"]["ranked"] is None  # by it nothing is ranked
    assert set(first["metrics"]) == {"train_loss", "valid_accuracy", "valid_loss", "gap"}
    sd = few[1].noise.sd
    half = stats.t.ppf(0.975, 1) * 1.5 * sd
    assert 0.5 + half > 1  # and an accuracy is from 0 to 1
    assert second["metrics"]["valid_accuracy"] == {"mean": 0.5, "low": 0, "high": 1, "sd": None, **noise}
    unknown = dict.fromkeys(("mu", "v", "df", "outlying", "ranked"))
    assert second["metrics"]["gap"] == {"mean": 0.25, "low": None, "high": None, "sd": None, **unknown}
    assert (second["parameters"], second["n"]) == (None, 1)


@pytest.fixture
def crossed(made, run):
    """Twelve configurations with the same three seeds, which move all alike; of the poorest one runs lie far apart."""
    draw = np.random.default_rng(3)
    y = 0.5 + 0.02 * np.arange(12)[:, None] + 0.01 * draw.normal(size=3) + 0.005 * draw.normal(size=(12, 3))
    y[0] += [-0.3, 0.0, 0.3]
    runs = {
        f"{i}-{seed}": run(y[i, seed], seed=seed, config={**BASE, "epochs": i + 1}, label=f"c{i}", minute=i)
        for i in range(12)
        for seed in range(3)
    }
    return y, made(runs, WHERE.replace('metric = "loss"', 'metric = "valid_accuracy"'))[1]


def test_the_noise_of_each_configuration_and_that_of_the_seeds_are_those_that_the_statistics_rest_on(crossed):
    y, found = crossed
    document = json.loads(findings_json(found))
    noise, known = document["noise"]["valid_accuracy"], found.noises["valid_accuracy"]
    assert (noise["df"], noise["df_e"], noise["share"]["df"]) == (24, 22, 2)
    assert noise["s_e"] == pytest.approx(0.005, rel=0.4)
    assert noise["s_s"] == pytest.approx(known.seeds.sd)
    assert noise["sd"] ** 2 == pytest.approx(noise["s_e"] ** 2 + noise["s_s"] ** 2)
    assert noise["share"]["share"] == pytest.approx(noise["s_s"] ** 2 / noise["sd"] ** 2, rel=0.001)
    assert 0 <= noise["share"]["low"] < noise["share"]["share"] < noise["share"]["high"] < 1
    assert list(noise["share"]) == ["share", "low", "high", "f", "df"]
    wild = next(one for one in document["configs"] if one["label"] == "c0")
    (key,) = noise["outlying"]
    score = wild["metrics"]["valid_accuracy"]
    assert (wild["id"], score["outlying"]) == (key, True)
    assert score["v"] > 0.25 * score["sd"] ** 2 > 100 * score["mu"]
    assert score["sd"] == pytest.approx(y[0].std(ddof=1))
    for one in document["configs"]:
        score, mean = one["metrics"]["valid_accuracy"], known.each[one["id"]]
        assert (score["mu"], score["v"], score["df"]) == (mean.mu, mean.variance, mean.df)


def test_a_configuration_that_only_its_own_scatter_keeps_in_the_first_tier_is_not_ranked(made, run):
    draw = np.random.default_rng(1)
    y = 0.9 + 0.0005 * draw.normal(size=(8, 3))
    y[0] = 0.6, 0.95, 0.99
    runs = {f"{i}-{s}": run(y[i, s], seed=s, config={**BASE, "epochs": i + 1}, label=f"c{i}") for i in range(8) for s in range(3)}
    document = json.loads(findings_json(made(runs, WHERE.replace('metric = "loss"', 'metric = "valid_accuracy"'))[1]))
    ranked = {one["label"]: (one["tier"], one["metrics"]["valid_accuracy"]["ranked"]) for one in document["configs"]}
    assert ranked["c0"] == (1, False)
    assert {told for label, (_, told) in ranked.items() if label != "c0"} == {True}


def test_seeds_beside_which_nothing_varies_leave_the_runs_independent(made, run):
    y = 0.25 * np.arange(3) + 0.125 * np.arange(4)[:, None]
    runs = {
        f"{i}-{s}": run(y[i, s], seed=s, config={**BASE, "epochs": i + 1}, label=f"c{i}") for i, s in product(range(4), range(3))
    }
    text = findings_json(made(runs, WHERE.replace('metric = "loss"', 'metric = "valid_accuracy"'))[1])
    noise = json.loads(text, parse_constant=refuse)["noise"]["valid_accuracy"]
    assert (noise["share"], noise["s_s"], noise["s_e"]) == (None, 0, pytest.approx(0.25))


def test_a_group_has_its_configurations_its_best_and_its_predictions(few):
    epochs, units = json.loads(findings_json(few[1]))["groups"]
    keys = ["name", "factors", "configs", "best", "predictions", "tiers", "letters", "grid", "recommended", "trends", "search"]
    assert list(epochs) == [*keys, "trials"]
    assert (epochs["trends"], epochs["search"], epochs["trials"]) == ([], None, None)
    ids = [s.id for s in few[1].ranking]
    assert (epochs["factors"], epochs["configs"], epochs["best"]) == (["epochs"], [ids[1], ids[0]], ids)
    assert (units["best"], units["predictions"], len(units["configs"])) == ([ids[0]], [], 2)
    (prediction,) = epochs["predictions"]
    keys = ["says", "kind", "verdict", "as_run", "estimate", "low", "high", "n", "seeds_needed", "why"]
    assert list(prediction) == [
        *keys,
        "as_run_because",
        "resolves",
        "tipping_sd",
        "missing",
        "unlogged",
        "reason",
        "claim",
        "behind",
    ]
    assert prediction["estimate"] == pytest.approx(0.78125 - 0.5)
    assert (prediction["says"], prediction["kind"], prediction["n"]) == ("2 beat 1", "better", [2, 1])
    assert prediction["verdict"] == "cannot tell"
    assert prediction["low"] < 0 < prediction["high"]
    assert prediction["resolves"] is None  # it would be more than accuracies can differ by
    assert prediction["seeds_needed"] > 1
    assert prediction["why"].startswith("Open: ")


def test_no_run_leaves_an_empty_list_and_nulls(made):
    document = json.loads(findings_json(made({})[1]))
    assert document["configs"] == []
    assert document["groups"][0]["best"] == []
    prediction = document["groups"][0]["predictions"][0]
    assert (prediction["estimate"], prediction["verdict"]) == (None, "cannot tell")


def refuse(word):
    raise AssertionError(f"{word} is no JSON")


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, [0.5, math.inf], "ü☃", {"a": {"b": math.inf}}])
def test_settings_of_other_tools_are_told_in_valid_json(made, run, value):
    found = made({"a": run(config={"clip": value}, metrics={"loss": 0.5})}, WHERE)[1]
    text = findings_json(found)
    (config,) = json.loads(text, parse_constant=refuse)["configs"]
    assert list(config["config"]) == ["clip.a.b" if isinstance(value, dict) else "clip"]
    assert None not in config["config"].values()
