"""A folder as a reader is asked about it, and a log as a reader finds it there, as values."""

import os
import stat
from dataclasses import dataclass


@dataclass(frozen=True)
class Folder:
    """One folder: its absolute path as text, as a Path costs time, and the names of the files and folders in it that no earlier
    reader took. Hidden ones are not among them."""

    path: str
    files: frozenset[str]
    folders: frozenset[str]


@dataclass(frozen=True)
class Log:
    """One log: `path` is the file or folder that it is, which names its runs; a change of any of the `files` is a change of it;
    `taken` are the names of files and folders of the folder where it lies that are accounted for, and not searched further."""

    path: str
    files: tuple[str, ...]
    taken: frozenset[str] = frozenset()


# Of tables and databases, which may hold runs of their own.
STORES = (".csv", ".tsv", ".csv.gz", ".tsv.gz", ".parquet", ".db", ".db3", ".sqlite", ".sqlite3")


def run_files(folder: Folder, *own: str) -> frozenset[str]:
    """The files of a folder that is one run: all but the tables and databases that are not its `own`."""
    return frozenset(name for name in folder.files if name in own or not name.lower().endswith(STORES))


def is_file(path: str) -> bool:
    """Whether there is a file; a pipe is none, for reading it would wait for ever."""
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except OSError:
        return False
