"""`sweepbook diff` as a user calls it: what it prints in every format, its exit codes, and what it says of bad input."""

import difflib
import json
import re
import shutil
import subprocess
from functools import partial
from pathlib import Path

import pytest
import tomli
from sweepbook.analysis.cli.main import main
from sweepbook.analysis.export.record.runscsv import runs_csv
from sweepbook.analysis.export.record.write import findings_json
from sweepbook.analysis.findings.findings import findings
from sweepbook.analysis.logs.sweep import load_sweep

GOLDEN = Path(__file__).parents[2] / "golden"
PLAN = """
[study]
title = "Digits"
seeds = [0, 1, 2]

[baseline]
dataset = "digits"
model = "mlp"
units1 = 16
units2 = 16
depth = 2
epochs = 2
batch_size = 32
lr = 0.001
optimizer = "Adam"
{everywhere}

[[group]]
name = "units"
grid = {{ units1 = [8, 16, 32], units2 = [8, 16] }}

  [[group.prediction]]
  says = "32 and 16 beat 8 and 8"
  better = {{ units1 = 32, units2 = 16 }}
  than = {{ units1 = 8, units2 = 8 }}

[[group]]
name = "lr"
grid = {{ lr = {rates} }}

  [[group.prediction]]
  says = "A higher rate is better"
  trend = "increasing"
  of = "lr"

  [[group.prediction]]
  says = "0.01 scores above 90%"
  at = {{ lr = 0.01 }}
  at_least = 0.9
"""
BASE = {
    "dataset": "digits", "model": "mlp", "units1": 16, "units2": 16, "depth": 2,
    "epochs": 2, "batch_size": 32, "lr": 0.001, "optimizer": "Adam",
}  # fmt: skip
LUCK = {0: -0.008, 1: 0.009, 2: -0.001}
OLD = {
    "units_8_8": ({"units1": 8, "units2": 8}, 0.700),
    "units_8_16": ({"units1": 8}, 0.750),
    "units_16_8": ({"units2": 8}, 0.790),
    "units_16_16": ({}, 0.850),
    "units_32_8": ({"units1": 32, "units2": 8}, 0.860),
    "units_32_16": ({"units1": 32}, 0.900),
    "lr_0.0001": ({"lr": 0.0001}, 0.300),
    "lr_0.01": ({"lr": 0.01}, 0.940),
    "lr_0.1": ({"lr": 0.1}, 0.500),
}
NEW = {
    **OLD,
    "units_32_16": ({"units1": 32}, 0.790),
    "lr_0.0001": ({"lr": 0.0001}, 0.380),
    "lr_0.01": ({"lr": 0.01}, 0.900),
    "lr_1": ({"lr": 1.0}, 0.200),
}
RATES = {"old": "[0.0001, 0.001, 0.01, 0.1]", "new": "[0.0001, 0.001, 0.01, 0.1, 1.0]"}


def write_report(folder, log, run, plan, name, runs, everywhere="", shift=0.0, luck=True, **fields):
    """Writes the report of a sweep of the runs that are given into `folder / name`, its logs and its plan beside it."""
    extra = tomli.loads(everywhere)
    logs = folder / "modellogs" / name
    minute = 0
    for i, (label, (changes, accuracy)) in enumerate(runs.items()):
        for seed, lucky in LUCK.items():
            scatter = 0.002 * ((i * 7 + seed * 5) % 4 - 1.5) * (1 if name == "old" else -1) if shift else 0.0
            ended = {"status": "diverged"} if name == "new" and label == "lr_0.1" else {}
            known = {"train_examples": 1078, "valid_examples": 360, "parameters": 1000 + i, "epochs": 2} | fields | ended
            score, config = accuracy + lucky * luck + scatter, {**BASE, **extra, **changes}
            logged = run(score, seed=seed, minute=minute, label=label, study=name, config=config, **known)
            log(logs, f"{minute:03}-{label}-s{seed}", logged)
            minute += 1
    study = plan(folder / "studies" / name, PLAN.format(everywhere=everywhere, rates=RATES.get(name, RATES["old"])))
    sweep = load_sweep(logs)
    found = findings(sweep, study)
    (folder / name).mkdir()
    (folder / name / "findings.json").write_text(findings_json(found))
    (folder / name / "runs.csv").write_text(runs_csv(sweep, found))


@pytest.fixture
def made(tmp_path, log, run, plan, monkeypatch):
    """Writes the report of a sweep of the runs that are given into a folder of that name in the current one."""
    monkeypatch.chdir(tmp_path)
    return partial(write_report, tmp_path, log, run, plan)


@pytest.fixture(scope="module")
def reports(tmp_path_factory, log, run, plan):
    """Two reports: the second with weight decay everywhere, one configuration better, two worse, one diverged and one added."""
    folder = tmp_path_factory.mktemp("reports")
    write_report(folder, log, run, plan, "old", OLD, shift=1.0)
    write_report(folder, log, run, plan, "new", NEW, everywhere="weight_decay = 0.01", shift=1.0)
    return folder


@pytest.fixture
def both(reports, tmp_path, monkeypatch):
    """A copy of the two reports in the current folder."""
    shutil.copytree(reports, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)


def told(capsys, *arguments):
    """The exit code and what was printed to standard output and to standard error."""
    code = main(["diff", *arguments])
    return code, *capsys.readouterr()


@pytest.mark.parametrize("form", ["text", "md", "html", "json"])
@pytest.mark.slow
def test_every_format_is_the_golden_one(form, both, capsys, request):
    text = told(capsys, "old", "new", "--format", form)[1]
    if form == "html":
        text = re.sub(r"(<svg[^>]*aria-label=\"[^\"]*\")[^>]*>.*?</svg>", r"\1></svg>", text, flags=re.DOTALL)
    path = GOLDEN / f"diff.{'txt' if form == 'text' else form}"
    if request.config.getoption("renew_golden"):
        path.write_text(text)
    golden = path.read_text()
    changes = list(difflib.unified_diff(golden.splitlines(), text.splitlines(), "golden", "now", lineterm="", n=1))
    assert text == golden, "\n".join([f"{path.name} has changed; if it should, run with --renew-golden", *changes[:40]])


def test_the_terminal_is_told_the_answer_first_in_at_most_100_columns_and_in_colour_where_it_shows_it(both, capsys, monkeypatch):
    _, text, _ = told(capsys, "old", "new")
    assert text.startswith("Should it be merged?           Mixed in validation accuracy: 2 worse, 1 better.")
    assert max(map(len, text.splitlines())) <= 100
    assert "\x1b" not in text
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert "\x1b[31mworse" in told(capsys, "old", "new")[1]


def test_settings_that_changed_everywhere_are_found_and_configurations_of_one_side_listed(both, capsys):
    found = json.loads(told(capsys, "old", "new", "--format", "json")[1])
    assert found["settings_changed"] == [{"key": "weight_decay", "old": "0", "new": "0.01", "pairs": 8}]
    assert (found["matched"], found["added"], found["removed"]) == (8, ["lr_1"], ["lr_0.1"])
    assert found["failures"]["stopped"] == ["lr_0.1"]
    verdicts = {one["label"]: one["verdict"] for one in found["comparisons"] if one["metric"] == "valid_accuracy"}
    assert verdicts == dict.fromkeys(verdicts, "cannot tell") | {
        "units_32_16": "worse", "lr_0.0001": "better", "lr_0.01": "worse"
    }  # fmt: skip


def test_swapped_sides_mirror(both, capsys):
    one, other = (json.loads(told(capsys, *names, "--format", "json")[1]) for names in (("old", "new"), ("new", "old")))
    mirror = {"better": "worse", "worse": "better"}
    assert len(one["comparisons"]) == len(other["comparisons"]) == 24
    back = {(c["label"], c["metric"]): c for c in other["comparisons"]}
    for c in one["comparisons"]:
        d = back[c["label"], c["metric"]]
        assert (c["difference"], c["low"], c["high"]) == pytest.approx((-d["difference"], -d["high"], -d["low"]), abs=1e-12)
        assert d["verdict"] == mirror.get(c["verdict"], c["verdict"])
    for metric, found in one["overall"].items():
        swapped = other["overall"][metric]
        ends = (-swapped["difference"], -swapped["high"], -swapped["low"])
        assert (found["difference"], found["low"], found["high"]) == pytest.approx(ends, abs=1e-12)
    assert (one["added"], one["removed"]) == (other["removed"], other["added"])
    assert {(t["says"], t["old"], t["new"]) for t in one["turned"]} == {(t["says"], t["new"], t["old"]) for t in other["turned"]}
    assert one["turned"]


def test_a_sweep_against_itself_has_not_changed(both, capsys):
    code, text, _ = told(capsys, "old", "old")
    assert code == 0
    assert text.startswith("Nothing changed: all 9 configurations have the same runs on both sides")
    assert "Should it be merged?" not in text
    found = json.loads(told(capsys, "old", "old", "--format", "json")[1])
    assert {one["verdict"] for one in found["comparisons"]} == {"same"}
    assert found["turned"] == []


@pytest.mark.slow
def test_what_fails_is_what_was_asked_for(made, capsys):
    made("old", OLD, shift=1.0)
    made("worse", {**OLD, "lr_0.01": ({"lr": 0.01}, 0.850)}, shift=1.0)
    assert told(capsys, "old", "worse", "--fail-on", "worse")[0] == 1
    assert told(capsys, "old", "worse", "--fail-on", "never")[0] == 0
    assert told(capsys, "worse", "old", "--fail-on", "worse")[0] == 0
    assert told(capsys, "worse", "old", "--fail-on", "turned")[0] == 1  # better, and a prediction turned


def test_nothing_decided_is_exit_3_and_within_the_margin_is_the_same(made, capsys):
    made("old", OLD, shift=1.0)
    made("again", OLD, shift=-1.0)
    code, text, _ = told(capsys, "old", "again", "--fail-on", "worse")
    assert code == 3
    assert text.partition("  ")[2].strip().startswith("No visible difference in validation accuracy (up to ")
    code, text, _ = told(capsys, "old", "again", "--fail-on", "worse", "--margin", "0.05")
    assert code == 0
    assert text.partition("  ")[2].strip().startswith("Nothing changed in validation accuracy beyond ±5.0 points")


@pytest.mark.slow
def test_folders_of_run_logs_are_read_with_the_plan_of_their_study(both, capsys):
    reports, logs = (told(capsys, *names, "--format", "json")[1] for names in (("old", "new"), ("modellogs/old", "modellogs/new")))
    mine, theirs = json.loads(logs), json.loads(reports)
    assert mine | {"old": "", "new": ""} == theirs | {"old": "", "new": ""}
    assert "read with the plan" in told(capsys, "modellogs/old", "new")[1]


@pytest.mark.slow
def test_folders_of_run_logs_without_a_plan_are_one_group(both, capsys, tmp_path):
    (tmp_path / "studies").rename(tmp_path / "plans")
    found = json.loads(told(capsys, "modellogs/old", "modellogs/new", "--format", "json")[1])
    assert found["matched"] == 8
    assert [t for t in found["turned"] if t["kind"] == "prediction"] == []
    assert json.loads(told(capsys, "modellogs/old", "new", "--study", "plans/old", "--format", "json")[1])["matched"] == 8


def test_it_is_written_to_a_file_on_request(both, capsys, tmp_path):
    code, text, _ = told(capsys, "old", "new", "--format", "md", "--out", "told/diff.md")
    assert (code, text) == (1, "wrote told/diff.md\n")
    assert (tmp_path / "told" / "diff.md").read_text() == told(capsys, "old", "new", "--format", "md")[1]


def changed(tmp_path, name, change):
    """Rewrites the findings.json of a report."""
    path = tmp_path / name / "findings.json"
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("old", "nowhere"), 2, "nowhere: no such folder"),
        (("old", "empty"), 2, "empty: has no findings.json, as a report has, and no run log in it of a format that is known"),
        (("old", "HEAD:reports/x"), 2, "this is no git repository"),
        (("old", "old/findings.json"), 2, "is a file; name the folder"),
        (("old", "new", "--metric", "f1"), 2, "no run has f1; name a metric of both with --metric, here: train_loss"),
        (("old", "new", "--ignore", "wieght_decay"), 2, "no configuration has a setting wieght_decay"),
        (("old", "new", "--ignore", "lr", "--match", "lr"), 2, "--ignore and --match exclude each other"),
        (("old", "new", "--out", "."), 2, "the name of a file expected"),
    ],
)
def test_bad_input_is_one_clear_message(arguments, code, says, both, capsys, tmp_path):
    (tmp_path / "empty").mkdir()
    found, out, error = told(capsys, *arguments)
    assert (found, out) == (code, "")
    assert says in error
    assert len(error.splitlines()) == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda d: d.update(schema=0), "schema 0 found, schema 1 or 2 expected; build that report again"),
        (lambda d: d.pop("schema"), "no schema found, schema 1 or 2 expected"),
        (lambda d: d.pop("configs"), "findings.json: Object missing required field configs; build that report again"),
        (lambda d: d["configs"][0].update(n=7), "they are not of one build"),
        (lambda d: d.update(configs=3), "findings.json: configs: Expected array, got int; build that report again"),
        (lambda d: d["configs"][0].update(tier="1"), "configs[0].tier: Expected int | null, got str"),
        (lambda d: d["best"].update(recommended="me"), "best.recommended: 'me' is the id of no configuration"),
    ],
)
def test_a_report_of_another_schema_or_damaged_is_said_to_be(change, says, both, capsys, tmp_path):
    changed(tmp_path, "new", change)
    code, out, error = told(capsys, "old", "new")
    assert (code, out) == (2, "")
    assert error.startswith("sweepbook: new")
    assert says in error


def test_a_report_without_runs_csv_is_said_to_lack_it(both, capsys, tmp_path):
    (tmp_path / "new" / "runs.csv").unlink()
    code, _, error = told(capsys, "old", "new")
    assert code == 2
    assert "new/runs.csv: is missing" in error


@pytest.mark.parametrize(("name", "was", "now"), [("findings.json", '"n": 3', '"n": 2'), ("runs.csv", ",0.849", ",0.949")])
def test_a_report_of_two_builds_is_said_to_be(name, was, now, both, capsys, tmp_path):
    path = tmp_path / "old" / name
    assert was in path.read_text()
    path.write_text(path.read_text().replace(was, now))
    code, _, error = told(capsys, "old", "new")
    assert code == 2
    assert "they are not of one build; build that report again" in error


def test_a_verdict_that_is_none_is_said_to_be(both, capsys, tmp_path):
    changed(tmp_path, "new", lambda d: d["groups"][0]["predictions"][0].update(verdict=None))
    code, _, error = told(capsys, "old", "new")
    assert code == 2
    assert "new/findings.json: groups[0].predictions[0].verdict: Expected str, got null" in error


def test_a_configuration_that_diverges_is_a_regression_without_a_plan_too(both, capsys, tmp_path):
    (tmp_path / "studies").rename(tmp_path / "plans")
    code, text, _ = told(capsys, "modellogs/old", "modellogs/new", "--fail-on", "worse", "--format", "json")
    found = json.loads(text)
    assert code == 1
    assert found["failures"] == {
        "old": {"failed": 0, "diverged": 0, "interrupted": 0},
        "new": {"failed": 0, "diverged": 3, "interrupted": 0},
        "stopped": ["lr_0.1"],
        "started": [],
    }


def test_a_loss_that_one_side_lacks_is_not_said_to_be_better_when_higher(made, capsys):
    made("old", OLD)
    made("other", OLD, metrics={"valid_accuracy": 0.5})
    code, text, error = told(capsys, "old", "other", "--metric", "valid_loss")
    assert code == 2
    assert "other: no run has valid_loss; name a metric of both with --metric, here: valid_accuracy" in error
    assert text == ""


def test_goals_that_differ_are_not_compared(both, capsys, tmp_path):
    changed(tmp_path, "new", lambda d: d.update(goal="minimize"))
    code, _, error = told(capsys, "old", "new")
    assert code == 2
    assert "old is to maximize valid_accuracy and new to minimize it" in error


def test_a_metric_that_is_asked_for_is_not_guessed_to_be_better_when_higher(made, capsys):
    for name, value in (("old", 1.0), ("new", 2.0)):
        made(name, OLD, metrics={"valid_accuracy": 0.5, "speed": value})
    code, _, error = told(capsys, "old", "new", "--metric", "speed")
    assert code == 2
    assert "speed: nothing says which way is better; add --goal maximize or --goal minimize" in error
    for goal in ("maximize", "minimize"):
        found = json.loads(told(capsys, "old", "new", "--metric", "speed", "--goal", goal, "--format", "json")[1])
        assert (found["metric"], found["goal"]) == ("speed", goal)
    code, _, error = told(capsys, "old", "new", "--goal", "minimize")
    assert code == 2
    assert "old is to maximize valid_accuracy, which --goal minimize is against" in error


def test_where_nothing_varies_nothing_is_told_of_all(made, capsys):
    made("old", {label: (changes, 0.8) for label, (changes, _) in OLD.items()}, luck=False)
    made("new", {label: (changes, 0.81) for label, (changes, _) in OLD.items() if label != "lr_0.1"}, luck=False)
    found = json.loads(told(capsys, "old", "new", "--format", "json")[1])
    assert {one["verdict"] for one in found["comparisons"]} == {"cannot tell"}
    assert found["overall"]["valid_accuracy"]["told"] is False


def test_studies_with_nothing_in_common_cannot_be_compared(made, capsys):
    made("old", OLD)
    made("other", {"units_8_8": ({"units1": 8, "units2": 8, "epochs": 99, "lr": 0.5}, 0.7)})
    code, text, _ = told(capsys, "old", "other")
    assert code == 3
    assert text.startswith("Nothing can be compared:")


def test_all_runs_failed_is_an_answer_of_its_own(made, capsys):
    made("old", OLD)
    made("broken", OLD, status="failed", error="no memory")
    code, text, _ = told(capsys, "old", "broken")
    assert code == 3
    assert "no run of the new sweep has finished with its validation accuracy (27 failed)" in " ".join(text.split())


def test_another_validation_set_is_not_comparable(made, capsys):
    made("old", OLD)
    made("other", OLD, valid_examples=100)
    code, text, _ = told(capsys, "old", "other")
    assert code == 3
    assert "validation sets of 360 examples and 100 examples" in text


def test_a_report_in_a_git_revision_is_read_from_it(both, capsys, tmp_path):
    def git(*command):
        who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
        subprocess.run(["git", *who, *command], cwd=tmp_path, check=True, capture_output=True)

    direct = json.loads(told(capsys, "old", "new", "--format", "json")[1])
    git("init", "-b", "main")
    (tmp_path / "reports").mkdir()
    (tmp_path / "old").rename(tmp_path / "reports" / "digits")
    git("add", "reports")
    git("commit", "-m", "The first sweep")
    for name in ("findings.json", "runs.csv"):
        (tmp_path / "new" / name).replace(tmp_path / "reports" / "digits" / name)
    code, text, _ = told(capsys, "HEAD:reports/digits", "reports/digits", "--format", "json")
    assert code == 1
    assert json.loads(text) | {"old": "", "new": ""} == direct | {"old": "", "new": ""}
    for name, says in (
        ("nonsense:reports/digits", "git knows no revision nonsense"),
        ("HEAD:reports/other", "revision HEAD has no report there"),
        (":reports/digits", "no revision before the colon"),
    ):
        code, _, error = told(capsys, name, "reports/digits")
        assert code == 2
        assert says in error
