import argparse
import json
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sweepbook.analysis.cli import show
from sweepbook.analysis.page.sparkline import BLOCKS, Scale, common_scale, sparkline
from sweepbook.runner.config import SweepbookError

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
title = "How long?"
grid = { epochs = [1, 2] }
[[group]]
name = "units"
grid = { units1 = [8, 16] }
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
    "optimizer": "Adam",
}
SPARK = re.compile(f"[{BLOCKS}]+")


@pytest.fixture
def project(tmp_path, plan, log, run, monkeypatch):
    """A project whose baseline has two runs with curves and a failed one, one epoch a run, and 16 units a failed one."""
    plan(tmp_path / "studies" / "small", PLAN)
    logs = tmp_path / "modellogs" / "small"
    known = {"train_examples": 100, "parameters": 1234}
    curves = {"train_loss": [1.6, 0.2], "valid_loss": [0.8, 0.4], "valid_accuracy": [0.5, 0.8], "valid_seen": [64, 64]}
    other = {**curves, "valid_loss": [1.2, 0.4]}
    for name, seed, series in (("r0", 0, curves), ("r1", 1, other)):
        log(logs, name, with_curves(run(0.8 + 0.1 * seed, seed=seed, minute=seed, config=BASE, **known), series))
    log(logs, "r2", run(0.6, minute=2, config={**BASE, "epochs": 1}))
    failed = {"status": "failed", "metrics": {}, "error": "no memory"}
    log(logs, "r3", run(seed=1, minute=3, config={**BASE, "units1": 16}, **failed))
    log(logs, "r4", run(seed=1, minute=4, config=BASE, environment={"torch": "2.6", "threads": 1}, **failed))
    (logs / "bad").mkdir()
    (logs / "bad" / "run.toml").write_text("schema = 1\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def with_curves(run, series):
    """`run` with the epochs `series`."""
    return type(run)(**{**vars(run), "epochs": series})


@pytest.fixture
def told(project, capsys):
    """The exit code, the lines on standard output and those on standard error of `sweepbook show studies/small NAME`."""

    def tell(what=None, study="studies/small", as_json=False, top=None):
        asked = argparse.Namespace(study=project / study, logs=None, top=top, json=as_json, what=what)
        code = show.command(asked)
        shown = capsys.readouterr()
        return code, (json.loads(shown.out) if as_json else shown.out.splitlines()), shown.err

    return tell


def test_the_ranking_has_a_curve_a_row_and_tells_its_scale(told):
    code, lines, err = told()
    assert (code, err) == (0, "")
    lines = lines[7:]  # below the answers
    assert lines[0].split()[-1] == "curve"
    assert [line.split()[0] for line in lines[1:3]] == ["epochs_2", "epochs_1"]
    assert SPARK.findall(lines[1]) == ["█▁"]
    assert not SPARK.findall(lines[2])
    told_of = "curve: validation loss by epoch, mean over the runs; ▁ 0.400, █ 1.000, log scale"
    assert lines[3:4] == [told_of]


def test_the_ranking_begins_with_the_answers_and_a_group_ends_with_the_recommended_configuration(told):
    assert told()[1][1] == "What should I use?  Use 2 epochs: 85.0% validation accuracy (5.6 to 100.0)."
    sentence = "Recommended is epochs_2 (1,234 parameters, 200 examples seen), the best mean: no cheaper one comes near enough."
    assert told("epochs")[1][-2:] == ["", sentence]


def test_a_group_prints_its_configurations_in_the_order_of_the_plan(told):
    code, lines, err = told("epochs")
    assert (code, err) == (0, "")
    assert lines[0] == "epochs: How long?"
    heads = ["epochs", "validation accuracy", "95% interval", "could be the best", "runs", "validation loss", "training loss"]
    assert re.split("  +", lines[1]) == [*heads, "gap", "parameters", "time a run", "curve"]
    first, second = (re.split("  +", line.strip()) for line in lines[2:4])
    assert (first[:2], first[3:5]) == (["1", "60.0%"], ["yes", "1"])
    assert first[5:] == ["0.650", "0.400", "+0.250", "–", "2.0 s"]
    assert (second[:2], second[3:5], second[-1]) == (["2", "85.0%"], ["yes", "2"], "█▁")


def test_a_configuration_without_a_finished_run_is_a_row_without_values(told):
    row = told("units")[1][3].split()
    assert row == ["16", *"–" * 3, "0", *"–" * 5]


def test_a_configuration_prints_settings_estimates_runs_and_curves(told):
    code, lines, err = told("units_8")
    text = "\n".join(lines)
    assert (code, err) == (0, "")
    assert lines[0] == "epochs_2"
    for fact in ("labels  epochs_2, units_8", "groups  epochs, units", "batch_size  32", "1,234 parameters; 8 steps"):
        assert fact in text
    assert re.search(r"validation accuracy +2 +85\.0% +5\.6 to 100\.0", text)  # 85 - 12.7 · 7.07 · 1.25 / √2
    rows = lines[lines.index("Runs") + 2 :]
    assert [row.split()[:3] for row in rows[:3]] == [["0", "finished", "80.0%"], ["1", "finished", "90.0%"], ["1", "failed", "–"]]
    assert [len(SPARK.findall(row)) for row in rows[:3]] == [1, 1, 0]
    assert re.search(r"training loss +█▁ +1\.600 +0\.200", text)
    assert re.search(r"validation loss +▆▃ +1\.000 +0\.400", text)
    assert "seen" not in text[text.index("Curves by epoch") :]


def test_a_run_prints_what_its_log_records(told):
    code, lines, err = told("r4")
    text = "\n".join(lines)
    assert (code, err, lines[0]) == (0, "", "r4")
    for fact in (r"status +failed", r"error +no memory", r"started +1 March 2026, 12:04 UTC", r"torch +2\.6", r"seed +1\b"):
        assert re.search(fact, text)
    assert re.search(r"does not count +failed before its first epoch ended: no memory; run again and finished in r1", text)
    assert "Metrics" not in text


def test_a_run_can_be_named_by_the_path_of_its_folder(told):
    assert told("modellogs/small/r0/")[1] == told("r0")[1]


def test_a_configuration_can_be_named_by_its_id(told):
    key = told("epochs_2", as_json=True)[1]["id"]
    assert told(key)[1] == told("epochs_2")[1]


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("epoch", "epochs"), ("units_18", "units_8"), ("r00", "r0"), ("EPOCHS_2", None)],
)
def test_an_unknown_name_is_an_error_with_the_nearest_known_one(told, name, nearest):
    with pytest.raises(SweepbookError) as error:
        told(name)
    assert f'"{name}" is no group, no label of a configuration and no log' in str(error.value)
    assert (f'did you mean "{nearest}"?' if nearest else "known: epochs, units, wide") in str(error.value)


@pytest.mark.parametrize("name", ["wide", "wide_512", "units_16"])
def test_what_has_no_finished_run_is_told_as_far_as_it_goes_and_exits_with_3(told, name):
    code, lines, err = told(name)
    assert code == 3
    assert lines
    assert err == f'no run of "{name}" has finished with a valid_accuracy\n'
    assert told(name, as_json=True)[0] == 3


def test_a_log_that_cannot_be_read_is_told_with_the_reason_and_exits_with_3(told):
    code, lines, err = told("bad")
    assert (code, lines) == (3, [])
    assert err.startswith("bad: ")


def test_a_name_of_several_things_shows_the_group_first_and_says_what_else_it_is(told, project, log, run, plan):
    plan(project / "studies" / "small", PLAN + '[[group]]\nname = "units_8"\ngrid = { lr = [0.01, 0.1] }\n')
    log(project / "modellogs/small", "units_8", run(config={**BASE, "lr": 0.1}))
    code, lines, err = told("units_8")
    key = told("epochs_2", as_json=True)[1]["id"]
    assert (code, lines[0]) == (0, "units_8")
    assert lines[1].split()[0] == "lr"
    assert err == f'"units_8" is also a configuration (ask for {key}) and a run (ask for ./units_8)\n'
    assert told("./units_8")[1][0] == "units_8"
    assert told("./units_8", as_json=True)[1]["kind"] == "run"


def test_where_no_log_has_epochs_there_are_no_curves(told, project):
    for name in ("r0", "r1"):
        file = project / "modellogs/small" / name / "run.toml"
        file.write_text(file.read_text().partition("[epochs]")[0])
    assert "curve" not in told()[1][0]
    assert "curve" not in "".join(told("epochs")[1])
    assert told("epochs_2")[1][-1] == "Its logs have no curves."
    assert told("epochs_2", as_json=True)[1]["curves"] == {}


def test_a_value_is_never_cut_to_fit(told, project, log, run):
    label = "x" * 300
    log(project / "modellogs/small", "long", run(label=label, config={"dataset": label}))
    assert label in "".join(told("long")[1])


def test_a_group_as_json_has_numbers_under_documented_keys(told):
    document = told("epochs", as_json=True)[1]
    assert list(document) == ["kind", "name", "title", "factors", "metric", "configs"]
    first, second = document["configs"]
    keys = ["id", "label", "levels", "n", "parameters", "steps", "examples_seen", "seconds", "metrics", "curve"]
    assert list(first) == list(second) == keys
    assert (first["label"], first["levels"], first["n"], first["curve"]) == ("epochs_1", {"epochs": 1}, 1, [])
    half = stats.t.ppf(0.975, 1) * 0.005**0.5 * 1.5  # the noise of the two runs of the baseline, 0.8 and 0.9
    ends = {"low": max(0.6 - half, 0.0), "high": min(0.6 + half, 1.0)}
    assert first["metrics"]["valid_accuracy"] == pytest.approx({"mean": 0.6, **ends})
    assert second["metrics"]["valid_accuracy"]["mean"] == pytest.approx(0.85)
    assert second["curve"] == pytest.approx([1.0, 0.4])
    missing = told("units", as_json=True)[1]["configs"][1]
    assert (missing["n"], missing["seconds"], missing["metrics"], missing["curve"]) == (0, None, {}, [])


def test_a_configuration_as_json_has_its_runs_and_its_mean_curves(told):
    document = told("units_8", as_json=True)[1]
    assert (document["kind"], document["labels"], document["config"]) == ("configuration", ["epochs_2", "units_8"], BASE)
    assert [(r["log"], r["used"], r["seconds"]) for r in document["runs"]] == [
        ("r0", True, 2.0),
        ("r1", True, 2.0),
        ("r4", False, 2.0),
    ]
    assert list(document["curves"]) == ["train_loss", "valid_accuracy", "valid_loss"]
    assert document["curves"]["valid_loss"] == pytest.approx([1.0, 0.4])


def test_a_run_as_json_has_its_values_in_full(told):
    document = told("r0", as_json=True)[1]
    assert (document["kind"], document["log"], document["seed"], document["status"], document["why"]) == (
        "run",
        "r0",
        0,
        "finished",
        None,
    )
    assert document["started"] == "2026-03-01T12:00:00Z"
    assert (document["parameters"], document["steps"], document["examples_seen"]) == (1234, 8, 200)
    assert document["metrics"]["valid_accuracy"] == 0.8
    assert document["metrics"]["gap"] == pytest.approx(0.25)
    assert document["curves"]["valid_loss"] == [0.8, 0.4]


def test_values_that_are_not_finite_are_null_in_json_and_blank_in_a_curve(told, project, log, run, capsys):
    series = {"valid_loss": [0.5, math.nan, math.inf, 0.25]}
    log(project / "modellogs/small", "odd", with_curves(run(status="diverged", metrics={}, config={**BASE, "lr": 9}), series))
    document = told("odd", as_json=True)[1]
    assert document["curves"] == {"valid_loss": [0.5, None, None, 0.25]}
    assert document["metrics"] == {}
    assert "█  ▁" in "\n".join(told("odd")[1])


NUMBERS = st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=40)


@given(st.lists(NUMBERS, min_size=1, max_size=4))
@pytest.mark.slow
def test_a_sparkline_has_at_most_16_blocks_and_room_for_any_numbers(curves):
    scale = common_scale(curves)
    for curve in curves:
        line = sparkline(curve, scale)
        assert len(line) <= min(16, len(curve))
        assert set(line) <= {*BLOCKS, " "}
        assert bool(line) == any(map(math.isfinite, curve))


@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=16))
def test_a_higher_value_never_has_a_lower_block(values):
    heights = [BLOCKS.index(block) for block in sparkline(values, common_scale([values]))]
    ordered = sorted(zip(values, heights, strict=True))
    assert [height for _, height in ordered] == sorted(heights)
    assert min(heights) == 0
    assert max(heights) == (len(BLOCKS) - 1 if max(values) > min(values) else 0)


def test_a_curve_that_does_not_move_stays_low():
    assert sparkline([0.5, 0.5], Scale(0.5, 0.5)) == "▁▁"


def test_a_long_curve_shows_the_means_of_its_stretches():
    assert sparkline([2.0] * 16 + [1.0, 3.0] * 8, Scale(1.0, 4.0)) == "▅" * 16
    assert sparkline([1.0] * 30 + [4.0] * 2, Scale(1.0, 4.0)) == "▁" * 15 + "█"


def test_a_trial_that_was_not_confirmed_is_shown_by_its_label(told, project, log, run):
    facts = {"search": "hunt", "trial": 7}
    log(
        project / "modellogs/small",
        "t7",
        run(0.6, seed=1000000, label="hunt_t0007", config={**BASE, "lr": 0.02}, environment=facts),
    )
    code, lines, err = told("hunt_t0007")
    assert (code, lines[0], err) == (0, "t7", "")
    with pytest.raises(SweepbookError, match='did you mean "hunt_t0007"'):
        told("hunt_t007")
