import os

import pytest
from sweepbook.analysis.logs.files import MOST, find_logs
from sweepbook.analysis.logs.sweep import load_sweep
from sweepbook.runner.runlog import FILE


@pytest.fixture
def place(tmp_path, log, run):
    """Runs at several depths among other files."""
    for seed, name in enumerate(("a", "deep/er/b", "deep/c", "ünï/код/木")):
        log(tmp_path / "logs" / name.rpartition("/")[0], name.rpartition("/")[2], run(seed=seed))
    (tmp_path / "logs/deep/picture.png").write_bytes(b"x")
    return tmp_path / "logs"


def test_logs_are_found_at_any_depth_and_are_called_by_their_path(place):
    assert list(find_logs(place).stamps) == ["a", "deep/c", "deep/er/b", "ünï/код/木"]
    assert list(load_sweep(place).used["seed"]) == [0, 2, 1, 3]


def test_a_run_can_be_named_itself(place):
    assert list(find_logs(place / "a").stamps) == ["a"]
    assert list(find_logs(place / "a" / FILE).stamps) == ["a"]
    assert list(load_sweep(place / "a").used["seed"]) == [0]


def test_what_lies_in_a_run_is_not_searched(place, log, run):
    log(place / "a", "inner", run(seed=9))
    log(place / "deep/c", "inner", run(seed=9))
    assert len(find_logs(place).stamps) == 4


def test_links_that_lead_in_circles_are_followed_once(place):
    (place / "deep/circle").symlink_to(place)
    (place / "deep/again").symlink_to(place / "deep/er")
    (place / "loop").symlink_to(place / "loop")
    assert sorted(load_sweep(place).used["seed"]) == [0, 1, 2, 3]


def test_other_files_are_counted_and_some_are_named(place):
    for i in range(300):
        (place / f"deep/{i}.py").write_text("x")
    listing = find_logs(place)
    assert (listing.unknown, len(listing.examples)) == (301, 5)
    assert set(listing.examples) <= {f"deep/{i}.py" for i in range(300)}
    assert load_sweep(place).picture.unknown == 301


def test_a_report_of_ours_is_no_run_log(place):
    report = place / "deep/report"
    report.mkdir()
    for name in ("findings.json", "journal.md", "runs.csv"):
        (report / name).write_text("label,seed,lr,valid_accuracy\na,1,2,0.5\n")
    assert len(find_logs(place).stamps) == 4


def test_pipes_and_folders_that_cannot_be_read_lose_nothing_else(place, monkeypatch):
    os.mkfifo(place / "deep/pipe")
    (place / "closed").mkdir()
    whole = os.listdir
    monkeypatch.setattr(os, "listdir", lambda path: refuse() if str(path).endswith("closed") else whole(path))
    listing = find_logs(place)
    assert len(listing.stamps) == 4
    assert listing.other["closed"] == "cannot be read: Permission denied"


def refuse():
    raise PermissionError(13, "Permission denied")


def test_a_search_ends_however_much_lies_there(place, monkeypatch):
    monkeypatch.setattr("sweepbook.analysis.logs.files.MOST", 3)
    assert MOST > 1_000_000
    other = find_logs(place).other
    assert any(reason.startswith("not searched to its end") for reason in other.values())
