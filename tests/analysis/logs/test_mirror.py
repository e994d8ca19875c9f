"""An address and its mirror: what changed on one side comes to the other, and nothing is lost where both did."""

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest
from sweepbook.analysis.cli.main import main
from sweepbook.analysis.logs.address import folder_of
from sweepbook.analysis.logs.mirror import Mirror, mirrored
from sweepbook.runner.config import SweepbookError
from sweepbook.runner.logtext import to_toml

fsspec = pytest.importorskip("fsspec")
ADDRESS = "memory://lab/runs"
YOUNG = 4e9  # seconds since 1970: later than any clock here


@pytest.fixture
def there():
    """The files at the address, by their paths below it."""
    files = fsspec.filesystem("memory")
    files.store.clear()
    files.pseudo_dirs[:] = [""]
    yield _There(files)
    files.store.clear()


@pytest.fixture(autouse=True)
def own_mirrors(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


class _There:
    def __init__(self, files):
        self.files = files

    def write(self, name, text):
        self.files.pipe_file(f"/lab/runs/{name}", text.encode())

    def read(self, name):
        return self.files.cat_file(f"/lab/runs/{name}").decode()

    def remove(self, name):
        self.files.rm_file(f"/lab/runs/{name}")


def texts(folder: Path) -> dict[str, str]:
    """The files of a folder that are not hidden."""
    files = {path: path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_text() for path, name in files.items() if not path.name.startswith(".")}


def test_the_mirror_has_what_the_address_has(there):
    there.write("a/run.toml", "1")
    there.write("b/deep/metrics.csv", "2")
    assert texts(mirrored(ADDRESS)) == {"a/run.toml": "1", "b/deep/metrics.csv": "2"}


def test_only_what_changed_is_fetched_again(there):
    there.write("a/run.toml", "1")
    there.write("b/run.toml", "1")
    folder = mirrored(ADDRESS)
    before = {name: (folder / name / "run.toml").stat().st_ino for name in "ab"}
    there.write("b/run.toml", "2")
    mirrored(ADDRESS)
    after = {name: (folder / name / "run.toml").stat().st_ino for name in "ab"}
    assert before["a"] == after["a"]
    assert before["b"] != after["b"]
    assert texts(folder) == {"a/run.toml": "1", "b/run.toml": "2"}


def test_what_is_gone_at_the_address_goes_from_the_mirror(there):
    there.write("a/run.toml", "1")
    there.write("b/run.toml", "1")
    folder = mirrored(ADDRESS)
    there.remove("a/run.toml")
    mirrored(ADDRESS)
    assert texts(folder) == {"b/run.toml": "1"}
    assert not (folder / "a").exists()


def test_an_address_that_is_empty_now_takes_nothing_from_the_mirror(there):
    there.write("a/run.toml", "1")
    there.write("b/run.toml", "1")
    folder = mirrored(ADDRESS)
    there.remove("a/run.toml")
    there.remove("b/run.toml")
    with pytest.raises(SweepbookError, match=rf"is empty, and had 2 files before; they are still in {folder}"):
        mirrored(ADDRESS)
    assert texts(folder) == {"a/run.toml": "1", "b/run.toml": "1"}
    shutil.rmtree(folder)
    assert texts(mirrored(ADDRESS)) == {}


def test_hidden_files_and_weights_stay_where_they_are(there):
    for name in (".claims/x", "a/.run.toml.77", "a/model.safetensors", "a/run.toml"):
        there.write(name, "1")
    assert texts(mirrored(ADDRESS)) == {"a/run.toml": "1"}


def test_what_is_written_here_is_unput_until_it_is_put(there):
    there.write("a/run.toml", "1")
    mirror = Mirror(mirrored(ADDRESS))
    (mirror.folder / "b").mkdir()
    (mirror.folder / "b" / "run.toml").write_text("new")
    assert mirror.unput() == ["b/run.toml"]
    mirror.put(mirror.unput())
    assert mirror.unput() == []
    assert there.read("b/run.toml") == "new"


def test_another_process_knows_what_was_put(there):
    mirror = Mirror(mirrored(ADDRESS))
    (mirror.folder / "run.toml").write_text("new")
    mirror.put(["run.toml"])
    before = (mirror.folder / "run.toml").stat().st_ino
    mirrored(ADDRESS)
    assert Mirror(mirror.folder).unput() == []
    assert (mirror.folder / "run.toml").stat().st_ino == before


def test_what_is_not_put_yet_survives_a_refresh(there):
    folder = mirrored(ADDRESS)
    (folder / "a").mkdir()
    (folder / "a" / "run.toml").write_text("ours alone")
    mirrored(ADDRESS)
    assert Mirror(folder).unput() == ["a/run.toml"]


def test_a_log_removed_there_and_changed_here_stays(there):
    there.write("a/run.toml", "1")
    folder = mirrored(ADDRESS)
    there.remove("a/run.toml")
    (folder / "a" / "run.toml").write_text("ours, longer")
    mirrored(ADDRESS)
    assert texts(folder) == {"a/run.toml": "ours, longer"}
    assert Mirror(folder).unput() == ["a/run.toml"]


@pytest.mark.parametrize(("age", "counts"), [(0.0, "theirs"), (YOUNG, "ours, longer")])
def test_where_both_sides_changed_the_later_counts_and_the_other_is_kept(there, age, counts):
    there.write("a/run.toml", "1")
    folder = mirrored(ADDRESS)
    ours = folder / "a" / "run.toml"
    ours.write_text("ours, longer")
    os.utime(ours, (age, age))
    there.write("a/run.toml", "theirs")
    mirrored(ADDRESS)
    assert ours.read_text() == counts
    if counts == "theirs":
        assert (folder / "a" / ".run.toml.here").read_text() == "ours, longer"
    assert Mirror(folder).unput() == ([] if counts == "theirs" else ["a/run.toml"])


def test_a_record_that_was_lost_costs_a_fetch_and_no_log(there):
    there.write("a/run.toml", "1")
    folder = mirrored(ADDRESS)
    Mirror(folder).record.unlink()
    mirrored(ADDRESS)
    assert texts(folder) == {"a/run.toml": "1"}
    assert Mirror(folder).unput() == []


def test_a_line_of_the_record_that_was_cut_short_is_passed_over(there):
    there.write("a/run.toml", "1")
    folder = mirrored(ADDRESS)
    with Mirror(folder).record.open("a") as file:
        file.write('["b/run.toml", "x')
    assert Mirror(folder).same.keys() == {"a/run.toml"}


def test_an_address_that_nothing_here_can_open_says_so():
    with pytest.raises(SweepbookError, match=r"^nosuch://bucket/runs: Protocol not known: nosuch"):
        mirrored("nosuch://bucket/runs")


@pytest.mark.skipif(find_spec("s3fs") is not None, reason="s3fs is there")
def test_what_is_missing_for_an_address_is_named_with_its_remedy():
    with pytest.raises(SweepbookError, match=r"^s3://bucket/runs: .*pip install s3fs"):
        mirrored("s3://bucket/runs")


def test_a_ranking_and_a_journal_are_made_from_an_address_and_name_it(there, tmp_path, run, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for seed in (0, 1):
        there.write(f"a-{seed}/run.toml", to_toml(run(0.8 + seed / 100, seed)))
    assert main(["show", ADDRESS]) == 0
    assert "80.5%" in capsys.readouterr().out
    assert main([ADDRESS]) == 0
    assert f"sweepbook build {ADDRESS}" in capsys.readouterr().out
    assert main(["build", ADDRESS]) == 0
    page = (tmp_path / "reports" / "runs" / "journal.md").read_text()
    assert f"sweepbook build {ADDRESS}" in page
    assert "cache" not in page


def test_two_addresses_are_compared_by_their_names(there, run, capsys):
    for place, accuracy in (("old", 0.7), ("new", 0.8)):
        for seed in range(3):
            there.write(f"{place}/a-{seed}/run.toml", to_toml(run(accuracy + seed / 100, seed)))
    main(["diff", f"{ADDRESS}/old", f"{ADDRESS}/new"])
    said = capsys.readouterr().out
    assert f"{ADDRESS}/old" in said
    assert "mirrors" not in said


def test_an_empty_address_is_said_to_hold_no_log(there, capsys):
    assert main(["show", ADDRESS]) == 2
    assert f"{ADDRESS}: no run log in it" in capsys.readouterr().err


def test_a_book_is_read_from_an_address(there, run):
    from sweepbook import read

    there.write("a/run.toml", to_toml(run(0.8)))
    assert list(read(ADDRESS).runs["label"]) == ["a"]


def test_the_folder_of_an_address_is_the_same_for_every_command(there):
    assert mirrored(ADDRESS) == folder_of(ADDRESS)
