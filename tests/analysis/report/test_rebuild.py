"""What a second build does: nothing where nothing changed, and else only what did, told in words."""

import os
import shutil
import subprocess
import sys

import pytest
from sweepbook.analysis.cli.main import main
from sweepbook.analysis.report.files import write_all
from sweepbook.runner.config import SweepbookError

pytestmark = pytest.mark.slow

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
name = "epochs"
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
CURVES = {"train_loss": [0.9, 0.5], "valid_loss": [0.8, 0.6]}
RUNS = [({"epochs": 1}, 0.7), ({}, 0.8), ({"epochs": 3}, 0.85), ({"lr": 0.1}, 0.5)]


@pytest.fixture
def project(tmp_path, plan, log, run, monkeypatch):
    """A project of four configurations with two seeds each, their logs an hour old."""
    plan(tmp_path / "studies" / "small", PLAN)
    for i, (changes, accuracy) in enumerate(RUNS):
        for seed in (0, 1):
            path = log(
                tmp_path / "modellogs" / "small",
                f"r{i}{seed}",
                run(accuracy + seed / 100, seed=seed, minute=i, config={**BASE, **changes}, epochs=CURVES),
            )
            os.utime(path, (1e9, 1e9))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def built(capsys, *options):
    capsys.readouterr()
    code = main(["build", "studies/small", *options])
    return code, capsys.readouterr().out.partition("\nWhat ")[0]  # without the answers


def state(project):
    return {str(p): (p.stat().st_mtime_ns, p.read_bytes()) for p in (project / "reports").rglob("*") if p.is_file()}


def test_with_nothing_new_nothing_is_written_and_nothing_is_read(project, capsys, settle):
    settle()
    built(capsys)
    before = state(project)
    assert built(capsys) == (0, "reports/small: nothing has changed\n")
    assert state(project) == before
    check = "import sys; from sweepbook.analysis.report import lastbuild; lastbuild.TICK = 30_000_000; "
    check += "from sweepbook.analysis.cli.main import main; main(['build', 'studies/small'])"
    check += "; sys.exit(', '.join({'numpy', 'pandas', 'tomlkit', 'jinja2', 'matplotlib'}.intersection(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, check=False, text=True)
    assert done.stdout.startswith("reports/small: nothing has changed\n")
    assert done.stderr.strip() == ""  # what it imported that takes long


def test_a_new_run_is_named_with_what_it_moved_and_only_its_figures_are_drawn(project, capsys, log, run):
    built(capsys)
    untouched = (project / "reports/small/figures/lr--curves.svg").stat().st_mtime_ns
    log(project / "modellogs/small", "new", run(0.9, seed=2, minute=9, config={**BASE, "epochs": 3}, epochs=CURVES))
    code, told = built(capsys)
    assert code == 0
    assert "1 run came: new (finished)" in told
    assert "epochs_3: 85.5% to 87.0% (+1.5 points, 2 to 3 runs)" in told
    assert "epochs_1" not in told
    assert (project / "reports/small/figures/lr--curves.svg").stat().st_mtime_ns == untouched
    assert "figures, " in told
    drawn, total = int(told.split(" of them drawn")[0].split()[-1]), int(told.split(" figures, ")[0].split()[-1])
    assert 0 < drawn < total


def test_a_run_that_goes_is_named(project, capsys):
    built(capsys)
    shutil.rmtree(project / "modellogs/small/r01")
    told = built(capsys)[1]
    assert "1 run went: r01" in told
    assert "epochs_1: 70.5% to 70.0% (-0.5 points, 2 to 1 run)" in told


def test_a_changed_word_of_the_plan_draws_nothing_anew(project, capsys):
    built(capsys)
    plan = project / "studies/small/study.toml"
    plan.write_text(plan.read_text().replace('title = "T"', 'title = "Another title"'))
    told = built(capsys)[1]
    assert "wrote journal.md, journal.html; " in told
    assert ", 0 of them drawn anew" in told


@pytest.mark.parametrize("name", ["journal.md", "figures/lr.svg", "findings.json"])
def test_what_was_changed_by_hand_is_left_until_force_is_given_and_what_was_deleted_is_made_again(name, project, capsys, settle):
    settle()
    built(capsys)
    whole = (project / "reports/small" / name).read_bytes()
    (project / "reports/small" / name).write_bytes(b"by hand")
    before = state(project)
    assert main(["build", "studies/small"]) == 2
    assert capsys.readouterr().err == (
        f"sweepbook: reports/small: {name} was changed by hand since it was built; nothing was written. Move it away to keep it "
        "(words of your own belong in notes.md), or let --force replace it\n"
    )
    assert state(project) == before
    built(capsys, "--force")
    assert (project / "reports/small" / name).read_bytes() == whole
    (project / "reports/small" / name).unlink()
    built(capsys)
    assert (project / "reports/small" / name).read_bytes() == whole


def test_notes_and_templates_that_change_are_seen(project, capsys, settle):
    settle()
    built(capsys)
    (project / "studies/small/notes.md").write_text("# Overview\nMine.\n")
    assert "wrote journal.md, journal.html" in built(capsys)[1]
    (project / "mine").mkdir()
    (project / "mine/journal.md.j2").write_text("{{ journal.title }}\n")
    assert "wrote journal.md, journal.html; " in built(capsys, "--templates", "mine")[1]
    (project / "mine/journal.md.j2").write_text("{{ journal.title }}!\n")
    assert "wrote journal.md; " in built(capsys, "--templates", "mine")[1]
    assert (project / "studies/small/notes.md").read_text() == "# Overview\nMine.\n"


def test_a_memory_that_is_lost_or_broken_changes_no_byte(project, capsys, tmp_path_factory, monkeypatch):
    built(capsys)
    before = {name: data for name, (_, data) in state(project).items()}
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("other")))
    assert built(capsys) == (0, "reports/small: nothing has changed\n")
    for memory in (tmp_path_factory.getbasetemp()).rglob("sweepbook/reports/*.json"):
        memory.write_text('{"inputs": 7')
    assert built(capsys) == (0, "reports/small: nothing has changed\n")
    assert {name: data for name, (_, data) in state(project).items()} == before


def test_two_studies_of_one_name_do_not_overwrite_each_other(project, plan, capsys):
    built(capsys)
    before = state(project)
    plan(project / "elsewhere" / "small", PLAN.replace('"T"', '"Another"'))
    assert main(["build", "elsewhere/small"]) == 2
    assert "has the same name; give this one another folder with --out" in capsys.readouterr().err
    assert state(project) == before
    shutil.rmtree(project / "reports/small")
    assert main(["build", "elsewhere/small", "--logs", "modellogs/small"]) == 0  # what is gone is in nobody's way


def test_where_one_file_cannot_be_written_none_is(tmp_path):
    write_all(tmp_path, {"a": b"1", "b": b"1"})
    (tmp_path / "c").write_text("a file where a folder would be")
    with pytest.raises(SweepbookError, match=r"c/d: cannot be written: .*; what was there before stays"):
        write_all(tmp_path, {"a": b"2", "b": b"2", "c/d": b"2"})
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        "a": b"1",
        "b": b"1",
        "c": b"a file where a folder would be",
    }
