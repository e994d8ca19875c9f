from pathlib import Path

import pytest

from analysis.places import Places, places

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


def test_a_plan_outside_a_studies_folder_belongs_to_the_current_folder(tmp_path, plan):
    study = plan(tmp_path / "mine", PLAN)
    assert places(study, None, None) == Places(Path("modellogs/mine"), Path("reports/mine"), "sweepbook build mine")


def test_places_that_are_given_are_taken(study):
    found = places(study, Path("a"), Path("b"))
    assert (found.logs, found.out, found.again) == (Path("a"), Path("b"), "sweepbook build studies/digits")
