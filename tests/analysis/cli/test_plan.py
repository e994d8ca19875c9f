"""`sweepbook plan` on small plans: what it prints of their runs, of what these can show, and of what the design fails."""

import argparse
import json
import re
from pathlib import Path

import pytest
from sweepbook.analysis.cli.main import main
from sweepbook.analysis.cli.plan import command

ROOT = Path(__file__).parents[3]
PLAN = """
[study]
title = "T"
seeds = [0, 1, 2]
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
name = "lr"
grid = { lr = [0.01, 0.1] }
"""
CLAIMS = """
  [[group.prediction]]
  says   = "0.01 beats 0.1"
  better = { lr = 0.01 }
  than   = { lr = 0.1 }

  [[group.prediction]]
  says    = "0.01 reaches 80 to 81%"
  at      = { lr = 0.01 }
  between = [0.80, 0.81]
"""
BASE = {"dataset": "digits", "model": "mlp", "units1": 8, "depth": 1, "epochs": 2, "batch_size": 32, "optimizer": "Adam"}


@pytest.fixture
def small(tmp_path, plan, log, run, monkeypatch):
    """A plan of six runs in the current folder, of which it lacks two where `logged`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)  # no time for a pilot

    def made(text, logged=True):
        plan(tmp_path / "studies/small", text)
        for seed, accuracy in enumerate((0.80, 0.81, 0.82)) if logged else ():
            log(tmp_path / "modellogs/small", f"a{seed}", run(accuracy, seed=seed, config={**BASE, "lr": 0.01}, epochs=2))
        if logged:
            log(tmp_path / "modellogs/small", "b0", run(0.5, seed=0, config={**BASE, "lr": 0.1}, epochs=2))
        return ["plan", "studies/small"]

    return made


def output(arguments, capsys):
    assert main(arguments) == 0
    return capsys.readouterr().out


def test_the_noise_of_the_logs_says_what_the_whole_plan_will_find(small, capsys):
    shown = output(small(PLAN + CLAIMS), capsys)
    assert "2 configurations, 3 seeds: 6 runs, 2 missing." in shown
    sentence = "a standard deviation of 1.0 points (95%: 0.5 to 6.3), by the replicates in the logs (2 degrees of freedom)"
    assert sentence in shown.replace("\n", " ")
    assert "which gives the noise 4 degrees of freedom" in shown
    row = next(line for line in shown.splitlines() if line.split()[:2] == ["3", "6"])
    assert row.split() == ["3", "6", "3.1", "points", "1.6", "points", "to", "19.3", "points"]
    assert re.search(r"0\.01 beats 0\.1 +a lead of 3\.1 points +18\n", shown)
    assert re.search(r"0\.01 reaches 80 to 81% +never: ±1\.6 points +45\n", shown)


def test_without_logs_the_noise_is_assumed_and_said_to_be(small, capsys):
    shown = output(small(PLAN + CLAIMS, logged=False), capsys)
    assert "How long they take is not known" in shown
    assert "no replicate in the logs tells it" in shown.replace("\n", " ")
    assert "found at noise 0.2  found at noise 0.5  found at noise 1.0  found at noise 2.0" in shown
    assert re.search(r"0\.01 beats 0\.1 +a lead of 3\.1 SD +3 +6 +18 +65 *\n", shown)


def test_nothing_is_wider_than_100_columns_but_what_lists_the_runs(small, capsys):
    long = CLAIMS.replace("0.01 beats 0.1", "A rate that is ten times as small scores better " * 4)
    for logged in (False, True):
        shown = output(small(PLAN.replace('"lr"', '"' + "rate" * 9 + '"') + long, logged), capsys)
        told = shown.partition("What this plan can show")[2]
        assert max(map(len, told.splitlines())) <= 100


def test_a_plan_without_predictions_tells_what_it_resolves(small, capsys):
    shown = output(small(PLAN), capsys)
    assert "The smallest difference found between two configurations" in shown
    assert "must be true" not in shown


def test_a_study_of_chosen_logs_alone_plans_nothing(small, capsys):
    text = '[study]\ntitle = "T"\n[[group]]\nname = "all"\nwhere = { optimizer = "Adam" }\n' + CLAIMS
    shown = output(small(text), capsys)
    assert "0 runs, 0 missing." in shown
    assert "The plan asks for no runs" in shown
    assert json.loads(output([*small(text), "--json"], capsys))["foresight"]["bought"] == []


def test_a_group_of_chosen_logs_lends_its_noise_and_is_told_nothing(small, log, run, tmp_path, capsys):
    text = PLAN + '[[group]]\nname = "old"\nwhere = { units1 = 4 }\n' + CLAIMS
    arguments = small(text, logged=False)
    for seed, accuracy in enumerate((0.70, 0.71, 0.72)):
        log(tmp_path / "modellogs/small", f"o{seed}", run(accuracy, seed=seed, config={**BASE, "lr": 0.01, "units1": 4}))
    shown = output(arguments, capsys).replace("\n", " ")
    assert "by the replicates in the logs (2 degrees of freedom)" in shown
    assert 'old: nothing is foretold of "0.01 beats 0.1" and "0.01 reaches 80 to 81%"' in shown


def test_one_seed_is_said_to_grade_nothing(small, capsys):
    shown = output(small(PLAN.replace("[0, 1, 2]", "[0]") + CLAIMS, logged=False), capsys)
    assert "1 seed: 2 runs, 2 missing." in shown
    assert "no prediction is ever confirmed or refuted" in shown.replace("\n", " ")
    assert re.search(r"0\.01 beats 0\.1 +never +3 +6 +18 +65 *\n", shown)


def test_the_same_as_json_under_the_keys_of_the_documentation(small, capsys):
    told = json.loads(output([*small(PLAN + CLAIMS), "--json"], capsys))
    assert (told["study"], told["missing"], len(told["runs"])) == ("small", 2, 6)
    found = told["foresight"]
    assert (found["metric"], found["seeds"], found["configurations"], found["df"]) == ("valid_accuracy", 3, 2, 4)
    assert (found["basis"]["source"], found["basis"]["df"], found["gap"]) == ("logs", 2, None)
    assert [one["seeds"] for one in found["bought"]] == [3, 4, 6, 12]
    assert [one["says"] for one in found["predictions"]] == ["0.01 beats 0.1", "0.01 reaches 80 to 81%"]
    assert [one["reaches"][0]["confirmable"] for one in found["predictions"]] == [True, False]
    page = (ROOT / "docs/foresight.md").read_text().partition("## As JSON")[2]
    assert set(found) <= set(re.findall(r"\w+", page))
    assert {key for one in found["predictions"] for key in (*one, *one["reaches"][0])} <= set(re.findall(r"\w+", page))


def test_the_seeds_are_counted_for_the_difference_that_is_asked_for(small, capsys):
    small(PLAN + CLAIMS)
    asked = argparse.Namespace(study=Path("studies/small"), logs=None, jobs=1, json=False, difference=0.02)
    assert command(asked) == 0
    shown = capsys.readouterr().out
    assert "a truth 2.0 points beyond the boundary" in shown
    assert re.search(r"0\.01 beats 0\.1 +a lead of 3\.1 points +6\n", shown)


def test_what_the_design_fails_is_listed_and_what_the_plan_silences_with_its_reason(small, capsys):
    text = PLAN + '[[group]]\nname = "opt"\ngrid = { optimizer = ["SGD", "Adam"] }\n'
    shown = output(small(text, logged=False), capsys)
    assert "\nSB105 opt: optimizer: " in shown
    assert shown.endswith("`sweepbook explain CODE` tells more.\n")
    told = json.loads(output([*small(text, logged=False), "--json"], capsys))
    assert "SB105" in {check["code"] for check in told["checks"]}
    quiet = text.replace('title = "T"', 'title = "T"\nsilence = { SB105 = "one rate is all we have" }')
    assert "\nSB105 opt: silenced: one rate is all we have\n" in output(small(quiet, logged=False), capsys)


@pytest.mark.slow
def test_the_example_in_the_documentation_is_what_the_command_prints(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    (tmp_path / "none").mkdir()
    shown = output(["plan", str(ROOT / "studies/demo"), "--logs", str(tmp_path / "none")], capsys)
    told = "What this plan can show" + shown.partition("What this plan can show")[2].partition("What an honest reader")[0]
    example = (ROOT / "docs/foresight.md").read_text().partition("```text\n")[2].partition("```")[0]
    assert [line.rstrip() for line in told.strip().splitlines()] == example.strip().splitlines()
