import os
import shutil
import sqlite3
from pathlib import Path

import pytest
from sweepbook.analysis.logs.readers.database import is_database, opened, tables
from sweepbook.runner.runlog import LogError

REAL = Path(__file__).parents[3] / "real"


@pytest.fixture
def live(tmp_path):
    """A database with one row, written through a log, that its writer still has open; and how to read its rows."""
    writer = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    writer.execute("PRAGMA journal_mode = WAL")
    writer.execute("CREATE TABLE t (a)")
    writer.execute("INSERT INTO t VALUES (1)")
    yield tmp_path, writer
    writer.close()


def rows(path):
    with opened(str(path)) as database:
        return [value for (value,) in database.execute("SELECT a FROM t ORDER BY a")]


def test_a_database_that_is_being_written_through_a_log_is_read_with_what_the_log_has(live):
    folder, writer = live
    before = sorted(os.listdir(folder))
    assert rows(folder / "a.db") == [1]
    writer.execute("INSERT INTO t VALUES (2)")
    assert rows(folder / "a.db") == [1, 2]
    assert sorted(os.listdir(folder)) == before
    writer.execute("INSERT INTO t VALUES (3)")


def test_a_log_whose_writer_died_is_read_from_a_copy_and_nothing_is_written_beside_it(live, tmp_path):
    folder, _ = live
    left = tmp_path / "left"
    left.mkdir()
    for name in ("a.db", "a.db-wal"):
        shutil.copyfile(folder / name, left / name)
    before = {path.name: path.read_bytes() for path in left.iterdir()}
    assert rows(left / "a.db") == [1]
    assert {path.name: path.read_bytes() for path in left.iterdir()} == before


def test_a_database_that_was_closed_after_writing_through_a_log_is_read_and_nothing_is_written_beside_it(live):
    folder, writer = live
    writer.close()
    assert rows(folder / "a.db") == [1]
    assert os.listdir(folder) == ["a.db"]


def test_what_a_program_left_undone_when_it_died_is_not_read_and_not_touched(tmp_path):
    path = tmp_path / "a.db"
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("CREATE TABLE t (a)")
    writer.execute("BEGIN")
    writer.executemany("INSERT INTO t VALUES (?)", [(value,) for value in range(2_000)])
    writer.execute("COMMIT")
    writer.execute("PRAGMA cache_size = 1")  # so that what is not committed is written to the file
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("UPDATE t SET a = -1")
    left = tmp_path / "left"
    left.mkdir()
    for name in ("a.db", "a.db-journal"):
        shutil.copyfile(tmp_path / name, left / name)
    writer.close()
    before = {file.name: file.read_bytes() for file in left.iterdir()}
    assert rows(left / "a.db") == list(range(2_000))
    assert {file.name: file.read_bytes() for file in left.iterdir()} == before


def test_a_reader_never_changes_a_database(live):
    folder, _ = live
    with pytest.raises(LogError, match="readonly"), opened(str(folder / "a.db")) as database:
        database.execute("INSERT INTO t VALUES (9)")


def test_a_writer_is_not_kept_waiting_by_a_log_that_was_read(tmp_path):
    writer = sqlite3.connect(tmp_path / "a.db", isolation_level=None, timeout=0)
    writer.execute("CREATE TABLE t (a)")
    assert rows(tmp_path / "a.db") == []
    writer.execute("INSERT INTO t VALUES (1)")
    assert rows(tmp_path / "a.db") == [1]
    writer.close()


def test_views_and_programs_in_a_database_are_not_run(tmp_path):
    database = sqlite3.connect(tmp_path / "a.db")
    endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x AS run_uuid FROM c"
    for name in ("runs", "metrics", "params", "tags", "experiments"):
        database.execute(f"CREATE VIEW {name} AS {endless}")
    database.close()
    assert tables(str(tmp_path / "a.db")) == {}


def test_a_file_that_is_no_database_is_none_whatever_its_name(tmp_path):
    (tmp_path / "a.db").write_text("text")
    os.mkfifo(tmp_path / "b.db")
    assert not is_database(str(tmp_path / "a.db"))
    assert not is_database(str(tmp_path / "b.db"))
    assert tables(str(tmp_path / "c.db")) is None
