import argparse
import json
import shutil

import pytest
from scipy import stats
from sweepbook.analysis.cli.names import command
from sweepbook.analysis.findings.findings import findings
from sweepbook.analysis.journal.notes.expressions import ExpressionError, expression_text
from sweepbook.analysis.journal.notes.values import flat, listing, names, nearest
from sweepbook.analysis.logs.sweep import load_sweep

PLAN = """
[study]
title = "Digits & more"
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
title = "How long?"
grid = { epochs = [1, 2, 3] }
[[group]]
name = "lr"
grid = { lr = [0.01, 0.1] }
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
OTHER = """
[study]
title = "Other"
metric = "bleu"
[[group]]
name = "all"
where = {}
"""


@pytest.fixture
def found(tmp_path, log, run, plan):
    """The findings of finished runs of the plan, each (changes to the baseline, seed, accuracy)."""

    def make(*runs, text=PLAN, **fields):
        study = plan(tmp_path / "study", text)
        logs = tmp_path / "modellogs"
        shutil.rmtree(logs, ignore_errors=True)
        logs.mkdir()
        for i, (changes, seed, accuracy) in enumerate(runs):
            log(
                logs,
                f"run{i}",
                run(accuracy, seed=seed, minute=i, **{"config": {**BASE, **changes}, "parameters": 12345, **fields}),
            )
        return findings(load_sweep(logs), study)

    return make


RUNS = [({}, 0, 0.8), ({}, 1, 0.9), ({"epochs": 3}, 0, 0.95), ({"lr": 0.1}, 0, 0.5)]


def test_every_label_of_a_configuration_leads_to_its_values(found):
    run = names(found(*RUNS))["run"]
    assert run["epochs_2"] is run["lr_0.01"]
    assert run["epochs_2"]["label"] == "epochs_2"
    assert run["epochs_2"]["n"] == 2
    assert run["epochs_2"]["valid_accuracy"] == pytest.approx(0.85)
    assert run["epochs_2"]["gap"] == pytest.approx(0.25)
    assert run["epochs_2"]["valid_loss_low"] < run["epochs_2"]["valid_loss"] < run["epochs_2"]["valid_loss_high"]
    assert [name for name in run["epochs_2"] if name.endswith("_")] == []
    assert (run["epochs_2"]["parameters"], run["epochs_2"]["seconds"]) == (12345, 2.0)
    assert run["epochs_2"]["config"]["lr"] == 0.01


def test_an_interval_of_a_share_ends_where_shares_do(found):
    run = names(found(*RUNS))["run"]["epochs_2"]
    assert (run["valid_accuracy_low"] > 0, run["valid_accuracy_high"]) == (True, 1.0)


def test_one_run_has_the_interval_that_the_noise_of_the_others_gives_it(found):
    made = found(*RUNS)
    run = names(made)["run"]["epochs_3"]
    half = stats.t.ppf(0.975, made.noise.df) * made.noise.sd * 1.5
    mean = run["valid_accuracy"]
    assert (run["n"], run["valid_accuracy_low"]) == (1, pytest.approx(max(0, mean - half)))
    assert run["valid_accuracy_high"] == pytest.approx(min(1, mean + half))


def test_the_noise_and_the_verdicts_have_names_before_and_after_the_first_run(found):
    before, after = names(found()), names(found(*RUNS))
    assert before["noise"]["valid_accuracy"] == dict.fromkeys(("sd", "low", "high", "df", "found", "seed_sd", "seed_share"))
    assert after["noise"]["valid_accuracy"]["df"] >= 1
    assert after["noise"]["valid_loss"]["found"] > after["noise"]["valid_loss"]["sd"]
    assert after["noise"]["valid_accuracy"]["found"] is None  # it would be more than 100 points
    assert set(before["predictions"]) == {"confirmed", "refuted", "cannot_tell", "says_nothing"}
    assert after["run"]["epochs_3"]["tier"] >= 1
    assert before["run"]["epochs_3"]["tier"] is None


def test_a_planned_configuration_without_a_finished_run_has_missing_values(found):
    tree = names(found())
    assert (tree["run"]["epochs_1"]["label"], tree["run"]["epochs_1"]["n"]) == ("epochs_1", 0)
    assert tree["run"]["epochs_1"]["test_accuracy"] is None
    assert (tree["group"]["lr"]["best"]["label"], tree["recommended"]["label"], tree["best_combined"]["n"]) == (None, None, 0)
    assert expression_text("group.lr.best.valid_accuracy | percent", tree) == "–"


def test_groups_the_study_and_the_totals_have_values(found):
    tree = names(found(*RUNS))
    lr = tree["group"]["lr"]
    assert (lr["title"], lr["configurations"], lr["finished"], lr["best"]["label"]) == ("lr", 2, 2, "lr_0.01")
    assert lr["spread"] == pytest.approx(0.35)
    assert tree["study"]["title"] == "Digits & more"
    assert (tree["study"]["metric"], tree["study"]["seeds"], tree["study"]["groups"]) == ("valid_accuracy", 2, 2)
    assert [tree["totals"][name] for name in ("planned", "finished", "missing", "runs", "configurations")] == [8, 4, 4, 4, 3]
    assert (tree["best_single"]["label"], tree["recommended"]["label"]) == ("epochs_3", "epochs_3")
    assert tree["run"]["epochs_3"]["from_baseline"] == pytest.approx(0.1)


def test_a_label_that_two_configurations_share_names_them_with_what_tells_them_apart(found):
    runs = [({"lr": 0.1}, 0, 0.8), ({"lr": 0.2}, 0, 0.9)]
    metrics = {"bleu": 0.3, "n": 7.0, "bleu_low": 1.0}
    tree = names(found(*runs, text=OTHER, metrics=metrics))
    assert set(tree["run"]) == {"a (lr 0.1)", "a (lr 0.2)"}
    assert "best_single" not in tree
    assert tree["recommended"]["bleu"] == 0.3


def test_a_metric_with_the_name_of_another_value_gets_an_underscore(found):
    tree = names(found(({}, 0, 0.8), text=OTHER, metrics={"bleu": 0.3, "n": 7.0, "bleu_low": 1.0}))
    run = tree["run"]["a"]
    assert (run["n"], run["n_"], run["bleu"], run["bleu_low"]) == (1, 7.0, 0.3, 1.0)


def test_every_name_of_the_listing_is_an_expression_that_gives_its_text(found):
    tree = names(found(*RUNS))
    listed = listing(tree)
    assert len({path for path, _ in listed}) == len(listed)
    assert 'run["lr_0.1"].valid_accuracy' in dict(listed)
    for path, text in listed:
        assert expression_text(path, tree) == text


def test_odd_labels_can_be_named_too():
    tree = {"run": {label: {"n": 1} for label in ('a"b', "a\\b", "a}}b", "ä ö", "{{x}}", "a\nb", "1", "", "x\u2028y")}}
    for path, _ in flat(tree):
        assert expression_text(path, tree) == "1"


TREE = {
    "study": {"title": "a *b* <c>"},
    "run": {
        "epochs_10": {"valid_accuracy": 0.855, "n": 3, "none": None, "nan": float("nan"), "big": 1234567, "inf": float("inf")},
        "lr_0.1": {"valid_accuracy": 1 / 3, "seconds": 190.2, "less": -0.00001},
        "lr_1e-05": {"n": 2},
    },
}
SHOWN = {
    "run.epochs_10.valid_accuracy": "0.855",
    "run.epochs_10.valid_accuracy | percent": "85.5%",
    "run.epochs_10.valid_accuracy|percent(0)": "86%",
    "run['lr_0.1'].valid_accuracy": "0.333333",
    'run["lr_0.1"]["valid_accuracy"] | round(3)': "0.333",
    'run["lr_0.1"].less | points': "+0.0 points",
    'run["lr_0.1"].less | percent(0)': "0%",
    "0.015 | points": "+1.5 points",
    'run["lr_0.1"].seconds | duration': "3 min 10 s",
    "run.epochs_10.big | count": "1,234,567",
    "run.epochs_10.n | round": "3",
    "run.epochs_10.inf | duration": "inf",
    "run.epochs_10.none": "–",
    "run.epochs_10.nan": "–",
    "run.epochs_10.nan | percent": "–",
    "run.epochs_10.none | duration": "–",
    "none": "–",
    "' '": "–",
    "true": "true",
    "'{{ 7*7 }}'": "{{ 7*7 }}",
    "study.title": "a *b* <c>",
}


@pytest.mark.parametrize(("source", "shown"), SHOWN.items())
def test_an_expression_shows_the_value_that_it_names(source, shown):
    assert expression_text(source, TREE) == shown


WRONG = {
    "run.epoch_10.valid_accuracy": "run.epoch_10.valid_accuracy; the nearest is run.epochs_10.valid_accuracy; `sweepbook",
    "run.epochs_10.valid_acuracy | percent": "run.epochs_10.valid_acuracy; the nearest is run.epochs_10.valid_acc",
    "epochs_10.n": "no value is called epochs_10.n; the nearest is run.epochs_10.n; `sweepbook names STUDY` lists all",
    "run.epochs_10.items": "no value is called run.epochs_10.items",
    "run.epochs_10.n.real": "no value is called",
    "run[0]": "no value is called",
    "study.title.__class__": "no value is called study.title.__class__",
    "run.epochs_10": "run.epochs_10 is no value but holds several, valid_accuracy, n,",
    "run": "run is no value but holds several",
    "run.lr_0.1.valid_accuracy": 'run["lr_0.1"].valid_accuracy',
    "run.lr_1e-05.n": 'notes hold values only, such as {{ run["lr_1e-05"].n }}',
    "run.epochs_10.n | percnt": "no filter is called percnt; the nearest is percent; known: percent, points, round",
    "study.title | percent": 'percent takes a number; "a *b* <c>" found',
    "true | round": "round takes a number",
    "0.5 | percent | percent": "percent takes a number",
    "0.5 | round(1.5)": "round takes the number of digits, 0 to 12, alone",
    "0.5 | round(13)": "round takes the number of digits",
    "0.5 | round(1, 2)": "round takes the number of digits",
    "0.5 | count(2)": "count takes nothing in brackets",
    "0.5 | round(run.epochs_10.n)": "notes hold values only",
    "0.5 | round(digits=1)": "notes hold values only",
    "0.5 | round(*[1])": "notes hold values only",
    "": "notes hold values only",
    "7*7": "notes hold values only, such as {{ run.epochs_10.valid_accuracy | percent }}; {{ 7*7 }} found",
    "-1": "notes hold values only",
    "- run.epochs_10.n -": "notes hold values only",
    "a, b": "notes hold values only",
    "a b": "notes hold values only",
    "run.epochs_10.n is odd": "notes hold values only",
    "run.epochs_10.n == 3": "notes hold values only",
    "run.epochs_10.n if true": "notes hold values only",
    "study.title ~ 'a'": "notes hold values only",
    "study['title'[0]]": "notes hold values only",
    "study[study.title]": "notes hold values only",
    "study.title[1:]": "notes hold values only",
    "study.title.upper()": "notes hold values only",
    "range(10**9)": "notes hold values only",
    "[1]": "notes hold values only",
    "9**9**9": "notes hold values only",
    "1" * 5000: "notes hold values only",
    "(" * 5000 + ")" * 5000: "notes hold values only",
    "a" + ".b" * 5000: "no value is called",
    "1" + "|round" * 5000: "takes a number",
    "x }} {% for i in y %}{{ i }}{% endfor %} {{ z": "notes hold values only",
}


@pytest.mark.parametrize(("source", "told"), WRONG.items(), ids=lambda text: text[:30])
def test_whatever_names_no_value_is_an_error_that_says_so(source, told):
    with pytest.raises(ExpressionError) as error:
        expression_text(source, TREE)
    assert told in str(error.value)
    assert len(str(error.value)) < 400


@pytest.mark.slow
def test_the_nearest_name_is_found_among_thousands():
    tree = {"run": {f"units_{i}_{0.001 * i:.3f}": {"n": i, "valid_accuracy": 0.5} for i in range(3000)}, "group": {}}
    assert nearest("run.units_17_0.17.valid_acc", tree) == 'run["units_17_0.017"].valid_accuracy'


def test_the_command_prints_each_name_with_its_value(found, tmp_path, capsys):
    found(*RUNS)
    asked = argparse.Namespace(study=tmp_path / "study", logs=tmp_path / "modellogs", json=False)
    assert command(asked) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["name", "value"]
    assert ["run.epochs_2.n", "2"] in [line.split() for line in lines]


def test_the_command_prints_json(found, tmp_path, capsys):
    found(*RUNS)
    assert command(argparse.Namespace(study=tmp_path / "study", logs=tmp_path / "modellogs", json=True)) == 0
    values = json.loads(capsys.readouterr().out)
    assert values['run["lr_0.1"].valid_accuracy'] == 0.5
    assert values["run.epochs_1.valid_accuracy"] is None
    assert values["study.title"] == "Digits & more"
