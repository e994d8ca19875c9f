"""`sweepbook plan` on small plans: what it prints of their runs, of what these can show, and of what the design fails."""

import json
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from sweepbook.analysis.cli.main import main
from sweepbook.analysis.findings.findings import findings
from sweepbook.analysis.logs.sweep import load_sweep
from sweepbook.runner.config import SweepbookError
from sweepbook.runner.launch import devices
from sweepbook.runner.plan import load_study

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
NET = """
from torch import nn
def build(config, shape, classes):
    return nn.Sequential(nn.Flatten(), nn.Dropout(config["own.drop"]), nn.Linear(64, classes))
"""


@pytest.fixture
def small(tmp_path, plan, log, run, monkeypatch):
    """A plan of six runs in the current folder, of which it lacks two where `logged`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)  # no time for a pilot

    def made(text, logged=True, rival=0.5):
        plan(tmp_path / "studies/small", text)
        known = {"epochs": 2, "train_examples": 1078}
        for seed, accuracy in enumerate((0.80, 0.81, 0.82)) if logged else ():
            log(tmp_path / "modellogs/small", f"a{seed}", run(accuracy, seed=seed, config={**BASE, "lr": 0.01}, **known))
        if logged:
            log(tmp_path / "modellogs/small", "b0", run(rival, seed=0, config={**BASE, "lr": 0.1}, **known))
        return ["plan", "studies/small", "--jobs", "2"]

    return made


def output(arguments, capsys):
    assert main(arguments) == 0
    return capsys.readouterr().out


def told(arguments, capsys):
    """What is printed, every run of blanks and line breaks as one blank."""
    return " ".join(output(arguments, capsys).split())


def test_the_first_screen_says_what_it_costs_shows_and_settles(small, capsys):
    shown = output(small(PLAN + CLAIMS, rival=0.8), capsys)
    words = " ".join(shown.split())
    assert "6 runs: 2 configurations, 3 seeds each. 2 of them are missing." in shown
    assert "About 2.0 s of training with 2 jobs, going by the finished runs in modellogs/small." in words
    assert "Together the runs train on 12,936 examples, repeats counted." in shown  # 2 epochs of 1,078 each
    sentence = "It shows differences of 3.1 points and more in validation accuracy between typical configurations"
    assert f"{sentence}, in 8 of 10 such sweeps. Another seed lands ± 1.0 points away." in words
    row = next(line for line in shown.splitlines() if line.split()[:2] == ["3", "6"])
    assert row.split() == ["3", "6", "2.0", "s", "3.1", "points", "0"]
    assert "2 expectations: 2 open." in shown
    assert [len(part.splitlines()) < 15 for part in shown.split("\n\n")] == [True] * shown.count("\n\n") + [True]
    assert "--details" in shown.splitlines()[-1]


SLOW = 'precision = "bf16": this processor has no bf16, so these runs take longer on it than in float32.\n'


@pytest.fixture
def without_bf16(tmp_path, monkeypatch):
    """A processor without bf16 and no GPU."""
    monkeypatch.setattr(devices, "CPUINFO", tmp_path / "cpuinfo")
    monkeypatch.setenv("PATH", str(tmp_path))
    devices.CPUINFO.write_text("flags : avx512f\n")


@pytest.mark.parametrize(("setting", "warning"), [('precision = "bf16"', SLOW), ("", "")], ids=["bf16", "float32"])
@pytest.mark.parametrize("command", ["plan", "run"])
def test_bf16_on_a_processor_without_it_is_said_to_be_slower(command, setting, warning, small, without_bf16, monkeypatch, capsys):
    def stop(*_):
        raise SweepbookError("before the first run")

    monkeypatch.setattr("sweepbook.analysis.cli.run.choose_device", lambda wanted: "cpu")
    monkeypatch.setattr("sweepbook.analysis.cli.run.sweeps.executor", stop)
    arguments = small(PLAN.replace("epochs = 2", f"epochs = 2\n{setting}"), logged=False)
    assert main([command, *arguments[1:]]) == (0 if command == "plan" else 2)
    said = capsys.readouterr().err
    assert said == warning + ("" if command == "plan" else "sweepbook: before the first run\n")


def test_bf16_on_a_gpu_is_not_said_to_be_slower(small, without_bf16, monkeypatch, capsys):
    monkeypatch.setattr("sweepbook.analysis.cli.plan.gpus", lambda: ["GPU 0: One"])
    assert main(small(PLAN.replace("epochs = 2", 'epochs = 2\nprecision = "bf16"'), logged=False)) == 0
    assert capsys.readouterr().err == ""


def test_the_details_stand_behind_the_first_screen(small, capsys):
    first = output(small(PLAN + CLAIMS, rival=0.8), capsys)
    shown = output([*small(PLAN + CLAIMS, rival=0.8), "--details"], capsys)
    assert shown.startswith(first.rpartition("\n\n")[0])
    for behind in ("degrees of freedom", "standard deviation", "boundary", "seeds that exist"):
        assert behind in shown
        assert behind not in first
    sentence = "a standard deviation of 1.0 points (95%: 0.5 to 6.3), by the runs in the logs (2 degrees of freedom)"
    assert sentence in " ".join(shown.split())
    assert "which gives the noise 4 degrees of freedom" in " ".join(shown.split())
    row = [line for line in shown.splitlines() if line.split()[:2] == ["3", "6"]][-1]
    assert row.split() == ["3", "6", "3.1", "points", "1.6", "points", "to", "19.3", "points"]
    assert re.search(r"0\.01 beats 0\.1 +a lead of 3\.1 points +18  open", shown)
    assert re.search(r"0\.01 reaches 80 to 81% +nothing \(± 1\.6 points\) +45  open", shown)


def test_the_seeds_of_what_has_run_are_those_of_the_journal(small, capsys):
    arguments = small(PLAN + CLAIMS, rival=0.795)
    document = json.loads(output([*arguments, "--json"], capsys))
    study = load_study(Path("studies/small"))
    outcomes = [one for group in findings(load_sweep(Path("modellogs/small")), study).groups for one in group.outcomes]
    assert {one.verdict for one in outcomes} == {"cannot tell"}
    shown = told(arguments, capsys)
    for outcome, known in zip(outcomes, document["expectations"], strict=True):
        more = None if outcome.seeds_needed is None else max(0, outcome.seeds_needed - len(study.seeds))
        assert (known["says"], known["state"], known["more"]) == (outcome.prediction.says, "open", more)
        assert f"{known['says']}{f' (+{more})' if more else ''}" in shown
    assert "if the truth is what the runs show so far:" in shown


def test_what_holds_and_what_does_not_is_counted(small, log, run, capsys):
    wrong = '\n  [[group.prediction]]\n  says = "0.1 beats 0.01"\n  better = { lr = 0.1 }\n  than = { lr = 0.01 }\n'
    arguments = small(PLAN + CLAIMS + wrong, logged=False)
    for seed in range(3):
        for lr, accuracy in ((0.01, 0.8), (0.1, 0.5)):
            made = run(accuracy + 0.01 * seed, seed=seed, config={**BASE, "lr": lr}, epochs=2)
            log(Path("modellogs/small"), f"{lr}-{seed}", made)
    shown = told(arguments, capsys)
    assert "3 expectations: 1 held, 1 did not hold, 1 open." in shown
    assert "All of them have run." in shown


def test_without_logs_the_noise_is_assumed_and_said_to_be(small, capsys):
    arguments = small(PLAN + CLAIMS, logged=False)
    shown = told(arguments, capsys)
    assert "None of them has run." in shown
    assert "How long they take is not known" in shown
    sentence = "If another seed lands ± 1.0 points away, it shows differences of 6.2 points and more in validation accuracy"
    found = json.loads(output([*arguments, "--json"], capsys))["foresight"]
    size = f"{100 * found['bought'][0]['smallest'][2]:.1f}"
    assert sentence.replace("6.2", size) in shown
    assert "No log shows yet how far another seed lands away." in shown
    assert "beyond what is claimed and another seed lands ± 1.0 points away:" in shown
    assert "0.01 beats 0.1 (+15)" in shown
    known = '"0.01 reaches 80 to 81%" cannot come out as held with the planned seeds: a mean is known to ± 1.6 points'
    assert f"{known}, which is wider than the claimed range." in shown
    detailed = output([*arguments, "--details"], capsys)
    assert re.search(r"0\.01 beats 0\.1 +a lead of 3\.1 SD +3 +6 +18 +65\n", detailed)


def test_nothing_is_wider_than_100_columns_but_what_cannot_be_broken(small, capsys):
    long = CLAIMS.replace("0.01 beats 0.1", "A rate that is ten times as small scores better " * 4)
    for logged in (False, True):
        shown = output([*small(PLAN.replace('"lr"', '"' + "rate" * 9 + '"') + long, logged), "--details"], capsys)
        assert max(map(len, shown.splitlines())) <= 100


def test_a_plan_without_predictions_says_what_it_shows(small, capsys):
    shown = output(small(PLAN), capsys)
    assert "It shows differences of" in shown
    assert "expectation" not in shown
    assert "settle" not in shown


def test_a_study_of_chosen_logs_alone_plans_nothing(small, capsys):
    text = '[study]\ntitle = "T"\n[[group]]\nname = "all"\nwhere = { optimizer = "Adam" }\n' + CLAIMS
    shown = output(small(text), capsys)
    assert "Nothing: the plan asks for no runs." in shown
    assert "2 expectations: 1 held, 1 open." in shown
    assert "0.01 reaches 80 to 81%" in shown
    assert json.loads(output([*small(text), "--json"], capsys))["foresight"]["bought"] == []


def test_a_group_of_chosen_logs_lends_its_noise_and_is_told_nothing(small, log, run, tmp_path, capsys):
    text = PLAN + '[[group]]\nname = "old"\nwhere = { units1 = 4 }\n' + CLAIMS
    arguments = small(text, logged=False)
    for seed, accuracy in enumerate((0.70, 0.71, 0.72)):
        log(tmp_path / "modellogs/small", f"o{seed}", run(accuracy, seed=seed, config={**BASE, "lr": 0.01, "units1": 4}))
    shown = told([*arguments, "--details"], capsys)
    assert "by the runs in the logs (2 degrees of freedom)" in shown
    assert "Another seed lands ± 1.0 points away" in shown
    assert "2 expectations: 1 did not hold, 1 open." in shown
    assert '"0.01 beats 0.1" stays open: no configuration has lr = 0.1.' in shown


def test_one_seed_is_said_to_show_nothing(small, capsys):
    arguments = small(PLAN.replace("[0, 1, 2]", "[0]") + CLAIMS, logged=False)
    shown = told(arguments, capsys)
    assert "2 runs: 2 configurations, one seed each." in shown
    assert "Nothing: each configuration runs once. Give it a second seed." in shown
    detailed = output([*arguments, "--details"], capsys)
    assert "every expectation stays open" in " ".join(detailed.split())
    assert re.search(r"0\.01 beats 0\.1 +nothing +3 +6 +18 +65\n", detailed)


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
    shown = output([*small(PLAN + CLAIMS), "--details", "--difference", "0.02"], capsys)
    assert "a truth 2.0 points beyond the boundary" in " ".join(shown.split())
    assert re.search(r"0\.01 beats 0\.1 +a lead of 3\.1 points +6  held", shown)


def test_a_way_to_more_seeds_is_given_that_runs_as_it_stands(small, capsys):
    arguments = small(PLAN + CLAIMS, rival=0.795)
    lines = output(arguments, capsys).splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("To add "))
    seeds = re.search(r"seeds = (\[.*?\]) in (\S+), then", lines[place])
    assert lines[place + 1] == "  sweepbook run studies/small"
    rows = [line.split() for line in lines if re.match(r" +\d+ +\d+ ", line)]
    total = str(len(seeds[1].split(",")))
    assert [row[-1] for row in rows if row[0] == total] == ["1"]
    assert any(line.startswith(f"{total} seeds ") for line in lines)
    path = Path(seeds[2])
    path.write_text(path.read_text().replace("seeds = [0, 1, 2]", f"seeds = {seeds[1]}"))
    more = json.loads(output([*arguments, "--json"], capsys))["foresight"]["seeds"] - 3
    assert f"To add {more}:" in lines[place]


def test_the_noise_is_of_a_typical_configuration_and_of_those_that_could_be_the_best_where_these_differ(small, log, run, capsys):
    arguments = small(PLAN.replace("0.1]", "0.1, 0.3, 0.5, 0.7]"), logged=False)
    for lr, spread in ((0.01, 0.002), (0.1, 0.03), (0.3, 0.03), (0.5, 0.03), (0.7, 0.03)):
        for seed, way in enumerate((-1, 0, 1)):
            made = run(
                1 - lr + spread * way * ([1, -1][lr in (0.1, 0.5)]),
                seed=seed,
                config={**BASE, "lr": lr},
                epochs=2,
                train_examples=1078,
            )
            log(Path("modellogs/small"), f"{lr}-{seed}", made)
    words = told(arguments, capsys)
    sizes = re.search(r"Another seed lands ± ([\d.]+) points away in a typical configuration, ± ([\d.]+) points where one", words)
    study = load_study(Path("studies/small"))
    shown = findings(load_sweep(Path("modellogs/small")), study)
    assert sizes.groups() == (f"{100 * shown.noise.sd:.1f}", f"{100 * shown.scatter:.1f}")


def test_a_search_takes_the_time_of_its_trials_and_of_what_it_confirms(small, log, run, tmp_path, capsys):
    search = '[[group]]\nname = "b"\nsearch = { lr = "log 1e-4..1e-1" }\nruns = 8\nconfirm = 2\n'
    arguments = small(PLAN + search)
    facts = {"search": "b", "proposed": '{"lr": 0.02}'}
    for number, (status, seconds) in enumerate((("finished", 3.0), ("finished", 3.0), ("pruned", 1.0), ("pruned", 1.0))):
        made = run(0.8, seed=1000000, config={**BASE, "lr": 0.02 + number / 100}, epochs=2, train_examples=1078)
        made = replace(made, status=status, seconds=seconds, environment={**facts, "trial": number})
        log(tmp_path / "modellogs/small", f"t{number}", made)
    words = told(arguments, capsys)
    assert "The search b: 8 trials at most, 4 of them done. That is about 4.0 s with 2 jobs, less what is pruned." in words
    assert "Then its best 2 configurations at 3 seeds each: 6 runs, about 9.0 s." in words
    assert "About 2.0 s of training" in words
    assert "In all about 15 s of training with 2 jobs." in words
    rows = re.findall(r" (\d+) (\d+) (\d+) s ", words)
    assert rows[:2] == [("3", "12", "15"), ("4", "16", "20")]


def test_what_a_search_is_expected_to_beat_shows_once_it_is_over_and_then_once_its_best_have_run(small, log, run, tmp_path, capsys):
    claim = '[[group.prediction]]\nsays = "The search wins"\nbeats = "lr"\n'
    search = f'[[group]]\nname = "b"\nsearch = {{ lr = "log 1e-4..1e-1" }}\nruns = 1\nconfirm = 1\n{claim}'
    arguments = small(PLAN + search, logged=False)
    assert '"The search wins" stays open: which configurations its search finds shows only once that is over.' in told(
        arguments, capsys
    )
    made = run(0.8, seed=1000000, config={**BASE, "lr": 0.02}, environment={"search": "b", "trial": 0, "proposed": '{"lr": 0.02}'})
    log(tmp_path / "modellogs/small", "t0", made)
    words = told(arguments, capsys)
    assert "The search b is over: 1 trial " in words
    assert '"The search wins" stays open: its answer shows once the best of the search have run.' in words


def test_what_has_not_run_is_not_said_to_be_beyond_any_number_of_seeds(small, capsys):
    words = told([*small(PLAN + CLAIMS, logged=False), "--difference", "0.00001"], capsys)
    assert "Not to be settled" not in words
    assert re.search(r"Not run yet, and to take more seeds than anyone runs, if the truth lies .* beyond what is claimed", words)


def test_a_search_says_beforehand_that_it_needs_optuna(small, capsys):
    """Nothing is found by name in these tests, Optuna neither."""
    search = '[[group]]\nname = "b"\nsearch = { lr = "log 1e-4..1e-1" }\nruns = 8\n'
    needs = "before sweepbook run: a search needs Optuna, which is not installed: pip install"
    assert main(small(PLAN + search, logged=False)) == 0
    assert capsys.readouterr().err.startswith(needs)
    assert main(small(PLAN, logged=False)) == 0
    assert "Optuna" not in capsys.readouterr().err


def test_what_the_design_fails_is_a_line_each_and_in_full_behind(small, capsys):
    text = PLAN + '[[group]]\nname = "opt"\ngrid = { optimizer = ["SGD", "Adam"] }\n'
    arguments = small(text, logged=False)
    line = "SB105: a factor was compared at one value of another that it depends on (opt)"
    assert f"\n{line}\n" in output(arguments, capsys)
    shown = output([*arguments, "--details"], capsys)
    assert "\nSB105 opt: " in shown
    assert shown.endswith("`sweepbook explain CODE` explains each.\n")
    assert "SB105" in {check["code"] for check in json.loads(output([*arguments, "--json"], capsys))["checks"]}
    quiet = text.replace('title = "T"', 'title = "T"\nsilence = { SB105 = "one rate is all we have" }')
    assert f"\n{line[:-1]} (silenced))\n" in output(small(quiet, logged=False), capsys)
    assert "\nSB105 opt: silenced: one rate is all we have\n" in output([*small(quiet, logged=False), "--details"], capsys)


@pytest.mark.slow
@pytest.mark.parametrize("details", [False, True])
def test_the_examples_in_the_documentation_are_what_the_command_prints(details, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.chdir(ROOT)
    (tmp_path / "none").mkdir()
    shown = output(["plan", "studies/demo", "--logs", str(tmp_path / "none"), *["--details"] * details], capsys)
    example = (ROOT / "docs/foresight.md").read_text().split("```text\n")[1 + details].partition("```")[0]
    assert example.strip() in shown


@pytest.mark.training
def test_a_setting_that_ones_own_model_does_not_read_is_an_error_as_it_is_of_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    (tmp_path / "misspelt.py").write_text(NET)
    ours = 'model = "mlp"\nunits1 = 8\ndepth = 1\n'
    (tmp_path / "study.toml").write_text(PLAN.replace(ours, 'model = "misspelt:build"\nown = { drop = 0.1, drp = 0.2 }\n'))
    assert main(["plan", "study.toml"]) == 2
    said = capsys.readouterr()
    assert said.err == 'sweepbook: model = "misspelt:build": it does not read "own.drp", which the plan sets; it reads own.drop\n'
    assert not said.out
