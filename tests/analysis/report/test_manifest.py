"""A build touches what a build wrote: what is foreign, was changed by hand or leads elsewhere stays, and is told."""

import json
import shutil

import pytest
from sweepbook.analysis.cli.main import main
from sweepbook.analysis.report.manifest import Objection, digest, is_within, objections, own_files, record, refusal
from sweepbook.runner.config import SweepbookError

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("undrawn")]

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
OURS = {"findings.json": '{"schema": 1, "study": "small", "metric": "m", "goal": "maximize"}'}


@pytest.fixture
def project(tmp_path, plan, log, run, monkeypatch):
    """A study of two configurations with two seeds each, and a cache of its own, so that nothing is remembered."""
    plan(tmp_path / "studies" / "small", PLAN)
    for lr, accuracy in ((0.01, 0.8), (0.1, 0.7)):
        for seed in (0, 1):
            one = run(accuracy + seed / 100, seed=seed, config={**BASE, "lr": lr})
            log(tmp_path / "modellogs/small", f"{lr}-{seed}", one)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def answer(capsys, *options):
    capsys.readouterr()
    code = main(["build", "studies/small", *options])
    told = capsys.readouterr()
    return code, told.out.partition("\nWhat ")[0] + told.err  # without the answers


def put(folder, files):
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def texts(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_hand_written_journal_is_not_overwritten_and_force_does_it(project, capsys):
    out = project / "reports/small"
    put(out, {"journal.md": "My own words.\n"})
    assert answer(capsys) == (
        2,
        "sweepbook: reports/small: journal.md was not written by a build; nothing was written. Move it away to keep it "
        "(words of your own belong in notes.md), or let --force replace it\n",
    )
    assert texts(out) == {"journal.md": b"My own words.\n"}
    assert answer(capsys, "--force")[0] == 0
    assert (out / "journal.md").read_text().startswith("# T")
    assert answer(capsys)[0] == 0


def test_foreign_figures_and_files_stay_through_every_build(project, capsys, log, run):
    foreign = {"figures/mine.svg": "<svg/>", "figures/photo.png": "x", "README.md": "mine", "diff.md": "mine", "deep/er/x": "mine"}
    out = project / "reports/small"
    put(out, foreign)
    assert answer(capsys)[0] == 0
    log(project / "modellogs/small", "new", run(0.9, seed=2, config=BASE))
    code, told = answer(capsys)
    assert (code, "removed" in told) == (0, False)
    assert {name: data.decode() for name, data in texts(out).items() if name in foreign} == foreign


def test_a_figure_of_a_group_that_went_is_removed_and_one_changed_by_hand_stays(project, capsys):
    answer(capsys)
    out = project / "reports/small"
    names = {path.name for path in (out / "figures").iterdir()}
    (out / "figures/lr.svg").write_text("by hand")
    plan = project / "studies/small/study.toml"
    plan.write_text(plan.read_text().replace('name = "lr"', 'name = "rate"'))
    code, told = answer(capsys)
    assert code == 0
    assert "  figures/lr.svg belongs to the report no more; it stays, as it was changed by hand\n" in told
    gone = {name for name in names if name.startswith("lr-")}
    assert all(f"figures/{name} removed" in told for name in gone)
    left = {path.name for path in (out / "figures").iterdir()}
    assert "lr.svg" in left
    assert not gone & left


@pytest.mark.parametrize("forced", [False, True])
def test_nothing_is_written_or_removed_through_a_link(forced, project, capsys):
    elsewhere = project / "pictures"
    put(elsewhere, {"ranking.svg": "mine", "other.svg": "mine", "journal.md": "mine"})
    out = project / "reports/small"
    out.mkdir(parents=True)
    (out / "figures").symlink_to(elsewhere)
    (out / "journal.md").symlink_to(elsewhere / "journal.md")
    code, told = answer(capsys, *(["--force"] if forced else []))
    assert code == (0 if forced else 2)
    assert forced or "figures is a link, and nothing is written through one, journal.md is a link" in told
    assert texts(elsewhere) == {"ranking.svg": b"mine", "other.svg": b"mine", "journal.md": b"mine"}
    assert (out / "figures").is_symlink() is not forced


def test_a_report_without_a_record_is_taken_as_it_lies_once(project, capsys):
    answer(capsys)
    out = project / "reports/small"
    (out / ".sweepbook.json").unlink()
    shutil.rmtree(project / "cache")
    put(out, {"figures/mine.svg": "<svg/>"})
    plan = project / "studies/small/study.toml"
    plan.write_text(plan.read_text().replace('title = "T"', 'title = "Two"').replace('name = "lr"', 'name = "rate"'))
    code, told = answer(capsys)
    assert (code, "figures/lr.svg removed" in told) == (0, True)
    assert (out / "journal.md").read_text().startswith("# Two")
    assert (out / "figures/mine.svg").exists()
    (out / "journal.md").write_text("by hand")
    assert answer(capsys)[0] == 2


def test_where_the_build_is_remembered_a_report_without_a_record_tells_what_was_changed_by_hand(project, capsys):
    answer(capsys)
    (project / "reports/small/.sweepbook.json").unlink()
    (project / "reports/small/journal.md").write_text("by hand")
    code, told = answer(capsys)
    assert (code, "journal.md was changed by hand since it was built" in told) == (2, True)


def test_the_record_makes_the_same_report_known_on_another_machine(project, capsys):
    answer(capsys)
    shutil.move(project / "reports", project / "cloned")
    shutil.rmtree(project / "cache")
    code, told = answer(capsys, "--out", "cloned/small")
    assert (code, told) == (0, "cloned/small: nothing has changed\n")
    (project / "cloned/small/journal.html").write_text("by hand")
    assert answer(capsys, "--out", "cloned/small")[0] == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "<<<<<<< HEAD",
        '{"schema": 2, "files": {}}',
        '{"schema": 1, "files": {"../x": ""}}',
        '{"schema": 1, "files": {"x": 1}}',
    ],
)
def test_a_record_that_cannot_be_read_stops_the_build(text, project, capsys):
    answer(capsys)
    (project / "reports/small/.sweepbook.json").write_text(text)
    before = texts(project / "reports")
    code, told = answer(capsys)
    assert code == 2
    assert "reports/small/.sweepbook.json: cannot be read as the record of what build wrote, so nothing was written. " in told
    assert texts(project / "reports") == before


def test_a_folder_of_the_users_called_before_is_no_report_that_watch_set_aside(project, capsys):
    answer(capsys)
    mine = {"before/runs.csv": "mine", "before/findings.json": "mine"}
    put(project / "reports/small", mine)
    assert answer(capsys)[0] == 0
    assert {name: data.decode() for name, data in texts(project / "reports/small").items() if name in mine} == mine


def test_line_ends_that_git_changed_are_no_change_by_hand(tmp_path):
    put(tmp_path, {"journal.md": "a\r\nb\r\n"})
    assert list(objections(tmp_path, ["journal.md"], {"journal.md": digest(b"a\nb\n")})) == []


def test_a_journal_beside_no_findings_of_ours_is_not_ours(tmp_path):
    for findings in ("{}", "[1]", "{", '{"schema": 1}'):
        put(tmp_path, {"journal.md": "mine", "findings.json": findings})
        assert own_files(tmp_path, {}) == {}
    put(tmp_path, OURS)
    assert set(own_files(tmp_path, {})) == {"journal.md", "findings.json"}


def test_the_record_is_the_same_whatever_the_order(tmp_path):
    assert record({"b": "2", "a": "1"}) == record({"a": "1", "b": "2"})
    assert json.loads(record({"b": "2"}))["files"] == {"b": "2"}


def test_names_that_lead_out_of_the_report_are_none():
    assert [is_within(name) for name in ("a", "figures/a.svg")] == [True, True]
    bad = ("../a", "/a", "a/../../b", "a/b/c", "", ".", "a\0", 3, None)
    assert not any(is_within(name) for name in bad)


def test_many_files_in_the_way_are_counted_and_a_folder_in_the_way_has_to_be_moved(tmp_path):
    found = [Objection(f"f{i}", "was not written by a build") for i in range(5)]
    assert "f2 was not written by a build, and 2 more; nothing was written. " in str(refusal(tmp_path, found))
    put(tmp_path, {"journal.md/inside": "mine"})
    (found,) = objections(tmp_path, ["journal.md"], {})
    assert str(refusal(tmp_path, [found])).endswith("journal.md is no plain file; nothing was written. Move it away")
    assert isinstance(refusal(tmp_path, [found]), SweepbookError)
