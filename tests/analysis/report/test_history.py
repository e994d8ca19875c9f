"""What moved is kept: every build that moved something adds an entry to history.md, and none takes anything away."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time

import pytest
from sweepbook.analysis.cli import build as build_command
from sweepbook.analysis.cli.calm import Calm
from sweepbook.analysis.cli.main import main
from sweepbook.analysis.cli.subject import subject
from sweepbook.analysis.report.history import history
from sweepbook.runner.config import SweepbookError

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("undrawn")]

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
grid = { lr = [0.001, 0.01, 0.1] }
[[group.prediction]]
says = "a *small* rate is worse"
better = { lr = 0.01 }
than = { lr = 0.001 }
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
REPORT = "reports/small"
FIRST, LATER = "1 March 2026, 12:05 UTC", "1 March 2026, 12:30 UTC"


@pytest.fixture
def project(tmp_path, plan, log, run, monkeypatch):
    """A study with three rates, of which all runs are there: the prediction is confirmed."""
    plan(tmp_path / "studies" / "small", PLAN)
    for lr, accuracy in ((0.001, 0.5), (0.01, 0.8), (0.1, 0.7)):
        for seed in (0, 1, 2):
            path = log(tmp_path / "modellogs/small", f"{lr}-{seed}", made(run, lr, seed, accuracy))
            os.utime(path, (1e9, 1e9))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def made(run, lr, seed, accuracy, minute=5):
    return run(accuracy + seed / 100, seed=seed, minute=minute, config={**BASE, "lr": lr})


def built(capsys, *options):
    capsys.readouterr()
    assert main(["build", "studies/small", *options]) == 0
    return capsys.readouterr().out.partition("\nWhat ")[0]  # without the answers


def watched(project):
    """A build as `watch` makes it after a change."""
    asked = argparse.Namespace(name="watch", study=project / "studies/small", logs=None, out=None, templates=None, port=None)
    assert build_command.write_report(asked, subject(asked), Calm()) == 0


def worse(project, log, run):
    """The middle rate is trained again and scores what the smallest does."""
    for seed in (0, 1, 2):
        log(project / "modellogs/small", f"0.01-{seed}", made(run, 0.01, seed, 0.5, minute=30 + seed - 2))


def text(project):
    return (project / REPORT / "history.md").read_text()


def test_the_first_build_starts_no_history(project, capsys):
    assert "history" not in built(capsys)
    assert not (project / REPORT / "history.md").exists()


def test_a_verdict_that_turned_is_told_and_kept_with_its_reason_and_the_date_of_the_newest_run(project, capsys, log, run):
    built(capsys)
    worse(project, log, run)
    told = built(capsys)
    entry = text(project).split("## ")
    assert len(entry) == 2
    assert entry[0].startswith("# What moved in small\n")
    assert entry[1].startswith(f"{LATER}\n\n- 3 runs changed: 0.01-0 (started")
    assert "\n- lr_0.01: 81.0% to 51.0% (-30.0 points, 3 runs)\n" in entry[1]
    assert "\n- changed: lr: a \\*small\\* rate is worse: held, now " in entry[1]
    assert "(it changed beyond the noise: +30.0 points" in entry[1]
    assert "\n- changed: recommended configuration: lr_0.01, now lr_0.1 (the old one could no longer be the best)\n" in entry[1]
    lines = entry[1].count("\n- ")
    assert f"  history.md: {lines} lines added\n" in told
    assert "  changed: lr: a *small* rate is worse: held, now " in told


def test_a_mean_that_moved_a_little_has_the_digits_that_show_it(project, capsys, log, run):
    built(capsys)
    for seed in (0, 1, 2):
        log(project / "modellogs/small", f"0.01-{seed}", made(run, 0.01, seed, 0.7996, minute=30))
    assert "  lr_0.01: 81.00% to 80.96% (-0.04 points, 3 runs)\n" in built(capsys)


def test_of_many_means_those_that_moved_most_are_told_and_those_first_that_moved_farthest(project, capsys, log, run):
    moves = [0.01, -0.12, 0.05, -0.02, 0.11, 0.03, -0.10, 0.04, 0.07, -0.06]  # in the order of the ranking, the best first
    rates = [f"0.{11 + 2 * i}" for i in range(len(moves))]
    plan = project / "studies/small/study.toml"
    plan.write_text(PLAN.partition("[[group]]")[0] + f'[[group]]\nname = "lr"\ngrid = {{ lr = [{", ".join(rates)}] }}\n')
    shutil.rmtree(project / "modellogs/small")
    for by in (0, 1):
        for i, (rate, move) in enumerate(zip(rates, moves, strict=True)):
            for seed in (0, 1, 2):
                log(project / "modellogs/small", f"{rate}-{seed}", made(run, float(rate), seed, 0.9 - 0.03 * i + by * move))
        built(capsys)
    told = [line.split(":")[0] for line in text(project).splitlines() if line.startswith("- lr_0.") and "points" in line]
    assert told == [f"- lr_{rates[place]}" for place in (1, 4, 6, 8, 9, 2, 7, 5)]
    assert "- 2 more means moved\n" in text(project)


def test_the_same_build_twice_adds_nothing_the_second_time(project, capsys, log, run):
    built(capsys)
    worse(project, log, run)
    built(capsys)
    before = text(project)
    assert "nothing has changed" in built(capsys)
    (project / REPORT / "journal.md").unlink()
    assert "history" not in built(capsys)
    assert text(project) == before


def test_another_machine_adds_the_same_bytes_to_the_same_old_report(project, capsys, log, run, tmp_path_factory, monkeypatch):
    built(capsys)
    shutil.copytree(project / "reports", project / "elsewhere")
    worse(project, log, run)
    built(capsys)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("other")))
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        built(capsys, "--out", "elsewhere/small")
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()
    assert (project / "elsewhere/small/history.md").read_bytes() == (project / REPORT / "history.md").read_bytes()


def test_words_alone_add_nothing(project, capsys):
    built(capsys)
    plan = project / "studies/small/study.toml"
    plan.write_text(plan.read_text().replace('title = "T"', 'title = "Another"').replace("a *small* rate", "a small rate"))
    (project / "studies/small/notes.md").write_text("# Overview\nMine.\n")
    assert "wrote journal.md" in built(capsys)
    assert not (project / REPORT / "history.md").exists()


def test_a_column_that_an_older_program_did_not_write_adds_nothing(project, capsys):
    built(capsys)
    path = project / REPORT / "runs.csv"
    rows = [line.split(",") for line in path.read_text().splitlines()]
    place = rows[0].index("steps")
    without = [cells[:place] + cells[place + 1 :] for cells in rows]
    assert "history" not in built(capsys, "--force")
    path.write_text("".join(",".join(cells[:-1]) + "\n" for cells in rows))  # valid_seen
    assert "history" not in built(capsys, "--force")
    path.write_text("".join(",".join(cells) + "\n" for cells in without))  # one without which it cannot be read
    assert "history" not in built(capsys, "--force")
    assert not (project / REPORT / "history.md").exists()


@pytest.mark.parametrize("theirs", [b"", b"Mine.", b"Mine,\r\nnot yours.\r\n\r\n", b"\xff\xfe no text", b"## Mine\n\n```\nopen"])
def test_what_is_in_the_history_stays_byte_for_byte(theirs, project, capsys, log, run):
    built(capsys)
    (project / REPORT / "history.md").write_bytes(theirs)
    worse(project, log, run)
    built(capsys)
    after = (project / REPORT / "history.md").read_bytes()
    assert after.startswith(theirs)
    assert after.count(f"## {LATER}\n\n- ".encode()) == 1


def test_entries_follow_each_other_in_the_order_of_the_builds(project, capsys, log, run):
    built(capsys)
    worse(project, log, run)
    built(capsys)
    first = text(project)
    log(project / "modellogs/small", "new", made(run, 0.1, 7, 0.9, minute=60))
    built(capsys)
    assert text(project).startswith(first + "\n## 1 March 2026, 13:00 UTC\n\n- 1 run came: new (finished)\n")


def test_a_history_that_was_deleted_is_not_made_again_and_one_that_was_changed_is_no_reason_to_build(
    project, capsys, log, run, settle
):
    built(capsys)
    worse(project, log, run)
    settle()
    built(capsys)
    path = project / REPORT / "history.md"
    path.write_text("Mine.\n")
    assert built(capsys) == f"{REPORT}: nothing has changed\n"
    assert path.read_text() == "Mine.\n"
    path.unlink()
    assert built(capsys) == f"{REPORT}: nothing has changed\n"
    assert not path.exists()


@pytest.mark.parametrize("name", ["runs.csv", "findings.json"])
@pytest.mark.parametrize("broken", ["", "{", "{}", '{"schema": 0}', "label\n1,2\n", "[1]", "\0", "half"])
def test_an_old_report_that_cannot_be_read_adds_nothing_and_stops_nothing(name, broken, project, capsys, log, run):
    built(capsys)
    path = project / REPORT / name
    path.write_text(path.read_text()[: path.stat().st_size // 2] if broken == "half" else broken)
    worse(project, log, run)
    assert "history" not in built(capsys, "--force")
    assert not (project / REPORT / "history.md").exists()


@pytest.mark.parametrize(
    ("key", "value"),
    [("best", {"recommended": "gone"}), ("configs", 3), ("groups", [{}]), ("effects", 3), ("study", "other")],
)
def test_an_old_report_that_holds_something_else_adds_nothing_and_stops_nothing(key, value, project, capsys, log, run):
    built(capsys)
    path = project / REPORT / "findings.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), key: value}))
    worse(project, log, run)
    assert "history" not in built(capsys, "--force")


def test_a_history_that_cannot_be_read_stops_the_build_before_anything_is_written(project, capsys, log, run):
    built(capsys)
    (project / REPORT / "history.md").mkdir()
    worse(project, log, run)
    before = (project / REPORT / "journal.md").read_bytes()
    assert main(["build", "studies/small"]) == 2
    assert f"{REPORT}/history.md: cannot be read: Is a directory; mend or move it, and build again" in capsys.readouterr().err
    assert (project / REPORT / "journal.md").read_bytes() == before


def test_what_watch_builds_is_one_entry_of_the_next_build(project, capsys, log, run, settle):
    built(capsys)
    found = (project / REPORT / "findings.json").read_bytes()
    for seed in (3, 4, 5):
        log(project / "modellogs/small", f"new{seed}", made(run, 0.1, seed, 0.9, minute=20 + seed))
        watched(project)
        assert (project / REPORT / "before/findings.json").read_bytes() == found
    assert not (project / REPORT / "history.md").exists()
    settle()
    watched(project)
    told = built(capsys)
    assert f"{REPORT}: watch has written the report already; since the last build or run:\n  3 runs came: " in told
    assert text(project).split("## ")[1].startswith("1 March 2026, 12:25 UTC\n\n- 3 runs came: new3 (finished), new4")
    assert "\n- lr_0.1: 71.0% to 82.5% (+11.5 points, 3 to 6 runs)\n" in text(project)
    assert not (project / REPORT / "before").exists()
    before = text(project)
    assert built(capsys) == f"{REPORT}: nothing has changed\n"
    assert text(project) == before


def test_what_watch_built_and_took_back_is_no_entry(project, capsys, log, run):
    built(capsys)
    log(project / "modellogs/small", "new", made(run, 0.1, 3, 0.9, minute=20))
    watched(project)
    shutil.rmtree(project / "modellogs/small/new")
    watched(project)
    assert "history" not in built(capsys)
    assert not (project / REPORT / "before").exists()


def test_a_study_that_watch_followed_from_nothing_has_one_entry(project, capsys):
    shutil.move(project / "modellogs/small", project / "kept")
    (project / "modellogs/small").mkdir()
    assert main(["build", "studies/small"]) == 3
    for folder in sorted((project / "kept").iterdir()):
        shutil.move(folder, project / "modellogs/small" / folder.name)
        watched(project)
    built(capsys)
    assert text(project).count("## ") == 1
    assert "- 9 runs came: " in text(project)
    assert "turned" not in text(project)


def test_a_study_that_is_ranked_by_something_else_says_so(project, capsys):
    built(capsys)
    plan = project / "studies/small/study.toml"
    plan.write_text(plan.read_text().replace('title = "T"', 'title = "T"\nmetric = "valid_loss"\ngoal = "minimize"'))
    assert "  compared by validation loss (minimize) now, by validation accuracy (maximize) before\n" in built(capsys)


def test_a_setting_that_changed_throughout_is_told_and_what_is_the_same_is_compared(project, capsys, log, run):
    built(capsys)
    plan = project / "studies/small/study.toml"
    plan.write_text(plan.read_text().replace("epochs = 2", "epochs = 4"))
    for lr, accuracy in ((0.001, 0.6), (0.01, 0.9), (0.1, 0.8)):
        for seed in (0, 1, 2):
            one = run(accuracy + seed / 100, seed=seed, minute=30, config={**BASE, "lr": lr, "epochs": 4})
            log(project / "modellogs/small", f"{lr}-{seed}", one)
    told = built(capsys)
    assert "  epochs: 2 → 4 in 3 configurations\n" in told
    assert "  lr_0.01: 81.0% to 91.0% (+10.0 points, 3 runs)\n" in told


def test_an_entry_is_written_with_the_other_files_or_not_at_all(project, capsys, log, run):
    built(capsys)
    worse(project, log, run)
    before = (project / REPORT / "journal.md").read_bytes()
    shutil.rmtree(project / REPORT / "figures")
    (project / REPORT / "figures").write_text("a file where a folder would be")
    assert main(["build", "studies/small"]) == 2
    assert not (project / REPORT / "history.md").exists()
    assert (project / REPORT / "journal.md").read_bytes() == before


def test_an_entry_that_stands_at_the_end_is_not_added_again(tmp_path):
    once = history(tmp_path, "s", 0.0, ["moved"])["history.md"]
    (tmp_path / "history.md").write_bytes(once)
    assert history(tmp_path, "s", 0.0, ["moved"]) == {}
    assert history(tmp_path, "s", None, ["other"])["history.md"] == once + b"\n## No finished run\n\n- other\n"


def test_marks_in_names_from_outside_show_as_they_were_written(tmp_path):
    entry = history(tmp_path, "<b>", 0.0, ["1 run came: <script>*a*\n# b (finished)"])["history.md"].decode()
    assert entry.startswith("# What moved in \\<b>\n")
    assert entry.endswith("- 1 run came: \\<script>\\*a\\* # b (finished)\n")


def test_a_history_that_may_not_be_read_is_an_error(tmp_path):
    (tmp_path / "history.md").mkdir()
    with pytest.raises(SweepbookError, match="cannot be read"):
        history(tmp_path, "s", 0.0, ["moved"])


def test_what_tells_of_changes_does_not_wait_for_scipys_statistics():
    check = "import sys, sweepbook.analysis.diff.changes, sweepbook.analysis.report.history; sys.exit('scipy.stats' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
