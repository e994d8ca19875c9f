import re
import shlex
from pathlib import Path

import pytest
from sweepbook.analysis.cli.main import main
from sweepbook.analysis.report.places import Places, places

PLAN = """
[study]
title = "T"
seeds = [0]
[[group]]
name = "all"
where = {}
"""


@pytest.fixture
def study(tmp_path, plan):
    return plan(tmp_path / "project" / "studies" / "digits", PLAN)


def test_the_project_is_the_folder_that_holds_studies(study, tmp_path):
    project = tmp_path / "project"
    assert places(study, None, None) == Places(
        project / "modellogs/digits", project / "reports/digits", "sweepbook build studies/digits"
    )


def test_places_in_the_current_project_are_written_from_there(study, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path / "project")
    assert places(study, None, None) == Places(Path("modellogs/digits"), Path("reports/digits"), "sweepbook build studies/digits")


def test_a_plan_outside_a_studies_folder_belongs_to_the_current_folder(tmp_path, plan, monkeypatch):
    monkeypatch.chdir(tmp_path)
    study = plan(tmp_path / "mine", PLAN)
    assert places(study, None, None) == Places(Path("modellogs/mine"), Path("reports/mine"), "sweepbook build mine")


def test_places_that_are_given_are_taken(study):
    found = places(study, Path("a"), Path("b"))
    assert (found.logs, found.out) == (Path("a"), Path("b"))


COMMANDS = [  # what is asked for in the folder of the project, and what makes the page again there
    ("studies/digits", [], "studies/digits"),
    ("studies/digits", ["--out", "elsewhere"], "studies/digits"),
    ("studies/digits", ["--logs", "modellogs/digits"], "studies/digits"),
    ("studies/digits", ["--logs", "other logs"], "studies/digits --logs 'other logs'"),
    ("studies/digits", ["--templates", "own"], "studies/digits --templates own"),
    ("mine", [], "mine"),
    ("deep/in here/mine", [], "'deep/in here/mine'"),
    ("../beside", [], "../beside"),
    ("mine/second.toml", ["--logs", "other logs"], "mine/second.toml --logs 'other logs'"),
]


@pytest.mark.parametrize(("place", "options", "told"), COMMANDS)
def test_the_command_that_the_page_shows_makes_the_same_page_where_it_is_run(
    place, options, told, tmp_path, plan, log, run, monkeypatch, capsys
):
    project = tmp_path / "project"
    (project / "own").mkdir(parents=True)
    monkeypatch.chdir(project)
    folder = Path(place).parent if place.endswith(".toml") else Path(place)
    plan(folder, PLAN)
    if place.endswith(".toml"):
        (folder / "study.toml").rename(place)
    for logs in (f"modellogs/{folder.name}", "other logs"):
        log(logs, "r", run(0.5))
    assert main(["build", place, *options]) == 0
    page = next(project.rglob("journal.md"))
    (line,) = [line for line in page.read_text().splitlines() if "Made again with" in line]
    command = re.sub(r"\\(.)", r"\1", line.partition(": ")[2])
    assert command == f"sweepbook build {told}"
    before = page.read_bytes()
    assert main([*shlex.split(command)[1:], "--out", "again"]) == 0
    assert Path("again/journal.md").read_bytes() == before
