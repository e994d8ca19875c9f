"""How often a report with fewer runs was built before is on record, and said once it is often."""

import argparse
import json
import shutil

import pytest
from sweepbook.analysis.cli import build as build_command
from sweepbook.analysis.cli.calm import Calm
from sweepbook.analysis.cli.main import main
from sweepbook.analysis.cli.subject import subject

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("undrawn")]

PLAN = """
[study]
title = "T"
metric = "score"
goal = "maximize"
[[group]]
name = "rates"
where = {}
"""
REPORT = "reports/small"


@pytest.fixture
def project(tmp_path, plan, monkeypatch):
    """A study without a run."""
    plan(tmp_path / "studies" / "small", PLAN)
    (tmp_path / "modellogs/small").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


@pytest.fixture
def add(project, log, run):
    """add(seed, rates=(0.1, 0.2)): a run with the seed at each rate."""

    def add(seed, rates=(0.1, 0.2)):
        for rate in rates:
            one = run(seed=seed, config={"lr": rate}, label=f"lr_{rate}", metrics={"score": rate + seed / 100})
            log(project / "modellogs/small", f"{rate}-{seed}", one)

    return add


def built(*options):
    assert main(["build", "studies/small", *options]) == 0
    return looks()


def watched(project):
    asked = argparse.Namespace(name="watch", study=project / "studies/small", logs=None, out=None, templates=None, port=None)
    assert build_command.write_report(asked, subject(asked), Calm()) == 0
    return looks()


def looks():
    with open(f"{REPORT}/.sweepbook.json") as file:
        return json.load(file)["looks"]


def codes():
    with open(f"{REPORT}/findings.json") as file:
        return [check["code"] for check in json.load(file)["checks"]]


def test_every_report_with_more_runs_of_the_same_configurations_is_a_look_and_the_fourth_says_so(add):
    for seed, known in enumerate([[2], [2, 4], [2, 4, 6], [2, 4, 6, 8]]):
        add(seed)
        assert built() == known
        assert ("SB114" in codes()) == (seed == 3)
    with open(f"{REPORT}/journal.md") as file:
        assert "This is report 4 on the same configurations, each with more runs than the one before (2, 4, 6, 8)." in file.read()


def test_a_report_without_new_runs_or_with_new_configurations_alone_is_no_look(add, project):
    add(0)
    built()
    assert built() == [2]
    (project / "studies/small/notes.md").write_text("# Overview\nMine.\n")
    assert built() == [2]
    add(0, rates=(0.3, 0.4))
    assert built() == [2]
    shutil.rmtree(project / "modellogs/small/0.4-0")
    assert built() == [2]
    add(1, rates=(0.4,))
    assert built() == [2]
    add(1, rates=(0.1,))
    assert built() == [2, 5]


def test_a_report_without_runs_is_none(add, project):
    assert main(["build", "studies/small"]) == 3
    assert looks() == []
    add(0)
    assert built() == [2]


def test_what_watch_rebuilds_counts_once_when_it_is_built(add, project):
    add(0)
    built()
    for seed in (1, 2, 3, 4):
        add(seed)
        assert watched(project) == [2]
    assert built() == [2, 10]
    assert "SB114" not in codes()


def test_a_report_from_before_there_was_a_record_counts_as_the_first(add, project):
    add(0)
    built()
    (project / REPORT / ".sweepbook.json").unlink()
    add(1)
    assert built() == [2, 4]


@pytest.mark.parametrize("damaged", ['"looks": ["2"]', '"looks": 7', '"looks": [true]', '"other": []'])
def test_looks_that_no_build_wrote_count_as_none_and_the_report_as_the_first(add, project, damaged):
    add(0)
    built()
    path = project / REPORT / ".sweepbook.json"
    text = json.dumps(json.loads(path.read_text()))
    assert '"looks": [2]' in text
    path.write_text(text.replace('"looks": [2]', damaged))
    add(1)
    assert built() == [2, 4]


def test_a_report_that_is_made_anew_starts_anew(add, project):
    for seed in range(3):
        add(seed)
        built()
    shutil.rmtree(project / REPORT)
    assert built() == [6]


def test_the_same_logs_and_looks_give_the_same_bytes(add, project):
    for seed in range(4):
        add(seed)
        built()
    before = {path: path.read_bytes() for path in (project / REPORT).rglob("*") if path.is_file()}
    (project / REPORT / "journal.md").unlink()
    built()
    assert {path: path.read_bytes() for path in (project / REPORT).rglob("*") if path.is_file()} == before


def test_show_export_and_diff_say_nothing_of_looks(add, project, capsys):
    for seed in range(4):
        add(seed)
        built()
    shutil.copytree(project / "modellogs/small", project / "elsewhere")
    capsys.readouterr()
    assert main(["diff", "elsewhere", REPORT, "--study", "studies/small"]) == 0
    assert "SB114" not in capsys.readouterr().out
    assert main(["show", "studies/small", "rates"]) == 0
    assert main(["export", "studies/small"]) == 0
    assert "SB114" not in capsys.readouterr().out


def test_a_trial_of_a_search_is_no_more_run_of_the_configuration_that_it_tried(add, project, log, run):
    add(0)
    trial = {"search": "bayes", "trial": 0, "proposed": "{}"}
    one = run(seed=7, config={"lr": 0.1}, label="trial", metrics={"score": 0.1}, environment=trial)
    log(project / "modellogs/small", "trial", one)
    assert [built(), built("--force")] == [[2], [2]]
