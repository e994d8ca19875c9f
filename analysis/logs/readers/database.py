"""The path of a SQLite database in, a connection that reads it and leaves it and its folder as they are out."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sweepbook.analysis.logs.readers.log import is_file
from sweepbook.runner.runlog import LogError

ENDINGS = (".db", ".sqlite", ".sqlite3", ".db3")
MAGIC = b"SQLite format 3\0"
WAL = 2  # the version of a file that is written through a log beside it
PATIENCE = 5.0  # seconds to wait for a program that is just writing
LONGEST = 64_000_000  # bytes of one value
STEPS, MOST_STEPS = 1_000_000, 20_000  # of SQLite's machine between two looks, and looks until a query is given up


def is_database(path: str) -> bool:
    """Whether the file at `path` is named and begins as a SQLite database does."""
    if not path.lower().endswith(ENDINGS) or not is_file(path):
        return False
    return _head(path).startswith(MAGIC)


def _head(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(100)
    except OSError:
        return b""


def stamped(path: str) -> tuple[str, ...]:
    """The files by which a change of the database is seen: its own, and what a program that writes it keeps beside it."""
    return path, *(path + ending for ending in ("-wal", "-journal") if is_file(path + ending))


def beside(path: str) -> frozenset[str]:
    """The names of the database and of what a program that writes it keeps beside it."""
    name = os.path.basename(path)
    return frozenset(name + ending for ending in ("", "-wal", "-shm", "-journal"))


def tables(path: str) -> dict[str, frozenset[str]] | None:
    """The tables of the database, each with its columns; None where it cannot be read."""
    try:
        with opened(path) as database:
            return columns(database)
    except LogError:
        return None


def columns(database: sqlite3.Connection) -> dict[str, frozenset[str]]:
    """The plain tables, each with its columns: a view or a virtual table may be a program."""
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE TABLE%' AND rootpage > 0"
    names = [name for (name,) in database.execute(query) if isinstance(name, str)]
    own = "SELECT name FROM pragma_table_info(?)"
    return {name: frozenset(column for (column,) in database.execute(own, (name,))) for name in names}


@contextmanager
def opened(path: str) -> Iterator[sqlite3.Connection]:
    """A connection to the database that can change nothing; LogError says why it cannot be read, also of what the block reads."""
    try:
        with _readable(path) as address:
            database = sqlite3.connect(address, uri=True, timeout=PATIENCE, isolation_level=None)
            try:
                _confine(database)
                yield database
            finally:
                database.close()
    except (sqlite3.Error, sqlite3.Warning, OverflowError, UnicodeError) as error:
        raise LogError(f"the database cannot be read: {error}") from None
    except OSError as error:
        raise LogError(f"cannot be read: {error.strerror}") from None


def _confine(database: sqlite3.Connection) -> None:
    """Bounds for a database that was made to do harm or is damaged."""
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
    looks = iter(range(MOST_STEPS))
    database.set_progress_handler(lambda: next(looks, None) is None, STEPS)
    database.execute("PRAGMA query_only = ON")
    database.execute("PRAGMA trusted_schema = OFF")
    database.execute("PRAGMA cell_size_check = ON")
    database.text_factory = _text


def _text(value: bytes) -> str:
    return value.decode(errors="replace")


@contextmanager
def _readable(path: str) -> Iterator[str]:
    """The address by which SQLite reads the database and writes nothing beside it.

    SQLite itself would write there in two cases. A database with a log needs an index beside it, which a program that has it
    open keeps: without a log nobody has, and the file stands still; without an index a copy is read. And what a program left
    undone when it died is taken back: in a copy.
    """
    logged = _size(path + "-wal") > 0
    if (logged and not os.path.exists(path + "-shm")) or (_size(path + "-journal") > 0 and not _is_readable(path)):
        with tempfile.TemporaryDirectory() as folder:
            for ending in ("", "-wal", "-journal"):
                if is_file(path + ending):
                    shutil.copyfile(path + ending, f"{folder}/copy.db{ending}")
            yield _address(f"{folder}/copy.db", "rw")
    else:
        still = _head(path)[18:19] == bytes([WAL]) and not logged
        yield _address(path, "ro&immutable=1" if still else "ro")


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def _is_readable(path: str) -> bool:
    """Whether the database can be read although a journal lies beside it: the program that writes it is at work."""
    database = sqlite3.connect(_address(path, "ro"), uri=True, timeout=PATIENCE)
    try:
        return bool(database.execute("SELECT count(*) FROM sqlite_master").fetchone())
    except sqlite3.Error:
        return False
    finally:
        database.close()


def _address(path: str, mode: str) -> str:
    return f"file:{quote(os.fsencode(Path(path).absolute()))}?mode={mode}"
