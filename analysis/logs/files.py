"""A folder of run logs, or one log file, in; each log with its stamp out: enough to know whether anything changed, without reading
any."""

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from sweepbook.analysis.logs import readers
from sweepbook.analysis.logs.readable import readable
from sweepbook.analysis.logs.readers import OURS, Source, reader_of
from sweepbook.analysis.logs.readers.log import Folder, Log
from sweepbook.runner.runlog import FILE

Stamp: TypeAlias = tuple[tuple[int, int, int, int], ...]  # of each file: inode, bytes, modified and changed, in nanoseconds
GONE = (0, 0, 0, 0)
# A file that changed this shortly before it was read may change again within the same tick of the file system's clock.
TICK = 2_000_000_000  # nanoseconds
MOST = 2_000_000  # files and folders that are looked at; a whole disk has more
EXAMPLES = 5  # of files that are no logs
REPORT = frozenset(("findings.json", "journal.md", "runs.csv"))  # by which a folder is a report
FILE_FOUND = f"not a run: a file where a folder with a {FILE} is expected"
EMPTY = "empty: its run was killed as it began, or its log is lost; the folder can be deleted"
NOT_SEARCHED = frozenset(("__pycache__", "node_modules", "site-packages"))


@dataclass(frozen=True)
class Listing:
    """The logs of a folder by name, which is their path in it, sorted: the stamp of each, and what reads it. `other` is what else
    lies there and should be a log, with the reason why it is none; `unknown` counts files of no known format, `examples` are some.
    """

    stamps: Mapping[str, Stamp]
    other: Mapping[str, str]
    sources: Mapping[str, Source] = field(compare=False, repr=False)
    unknown: int = 0
    examples: tuple[str, ...] = ()


def find_logs(logs: Path) -> Listing:
    """The logs in `logs`, at any depth, or the one that it is. Hidden entries are skipped, links are followed once."""
    root = logs.absolute()
    search = _Search(str(root))
    if root.is_dir():
        search.runs()
    else:
        search.ask(Folder(str(root.parent), frozenset({root.name}), frozenset()))
    sources = {readable(name): source for name, source in search.sources.items()}
    known = {readable(name): stamp for name, stamp in search.stamps.items()}
    stamps = {name: known[name] if name in known else stamp_of(sources[name].log) for name in sorted(sources)}
    other = {readable(name): reason for name, reason in search.other.items()}
    return Listing(stamps, dict(sorted(other.items())), sources, search.unknown, tuple(map(readable, search.examples)))


class _Search:
    """A search of one folder: what was found so far."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.sources: dict[str, Source] = {}
        self.stamps: dict[str, Stamp] = {}  # of our own logs, which are looked at anyway
        self.other: dict[str, str] = {}
        self.examples: list[str] = []
        self.unknown = self.looked = 0
        self.seen: set[tuple[int, int]] = set()

    def runs(self) -> None:
        """The runs of our own trainer lie side by side, and each is seen with a single call; all else is searched for."""
        self._is_new(self.root)
        names = sorted(name for name in os.listdir(self.root) if not name.startswith("."))
        rest = [name for name in names if not self._is_run(name)]
        ours = bool(self.sources or self.other)
        files, folders = self._kinds(self.root, rest)
        left = self.ask(Folder(self.root, frozenset(files), frozenset(folders)))
        for name in sorted(left | {*rest}.difference(files, folders)):
            before = len(self.sources)
            if name in folders:
                self._tree(f"{self.root}/{name}")
            if ours and len(self.sources) == before:
                self.other.setdefault(name, FILE_FOUND if name in files else self._lacking(name))
            elif name in files:
                self._unknown([name], "")

    def _lacking(self, name: str) -> str:
        """Why a folder of the root in which no run was found is none."""
        try:
            names = os.listdir(f"{self.root}/{name}")
        except OSError:  # a link to nothing
            names = [name]
        # A log is begun in a folder of its own, as a hidden file that is then renamed.
        return EMPTY if all(one.startswith(f".{FILE}.") for one in names) else f"no {FILE} in it"

    def ask(self, folder: Folder) -> set[str]:
        """Adds the logs that lie in `folder`; the names there that belong to none."""
        left = set(folder.files | folder.folders)
        for name in readers.READERS:
            if not left:
                break
            for log in reader_of(name).find(Folder(folder.path, folder.files & left, folder.folders & left)):
                self.sources[self._name(log.path)] = Source(log, name)
                left -= log.taken
        return left

    def _is_run(self, name: str) -> bool:
        """Whether a folder of the root has a run.toml, which is then among the logs, or is said to be no file."""
        path = f"{self.root}/{name}"
        file = f"{path}/{FILE}"
        try:
            at = os.stat(file)
        except (NotADirectoryError, FileNotFoundError):
            return False
        except OSError as error:
            self.other[name] = f"cannot be read: {error.strerror}"
            return True
        if stat.S_ISREG(at.st_mode):
            self.sources[name] = Source(Log(path, (file,)), OURS)
            self.stamps[name] = (_stamp_at(at),)
        else:  # reading a pipe would wait for ever
            self.other[name] = f"its {FILE} is not a file"
        return True

    def _tree(self, top: str) -> None:
        """All logs in a folder and below it."""
        waiting = [top]
        while waiting and self.looked < MOST:
            path = waiting.pop()
            if not self._is_new(path):
                continue
            try:
                names = sorted(name for name in os.listdir(path) if not name.startswith("."))
            except OSError as error:
                self.other[self._name(path)] = f"cannot be read: {error.strerror}"
                continue
            files, folders = self._kinds(path, names)
            if REPORT.issubset(files):  # its runs.csv is made of logs
                continue
            left = self.ask(Folder(path, frozenset(files), frozenset(folders)))
            self._unknown([name for name in files if name in left], self._name(path) + "/")
            waiting += [f"{path}/{name}" for name in reversed(folders) if name in left]
        if waiting:
            self.other[self._name(top)] = f"not searched to its end: more than {MOST:,} files and folders"

    def _is_new(self, path: str) -> bool:
        """Whether the folder was not searched yet, under whatever name: links may lead in circles."""
        try:
            at = os.stat(path)
        except OSError:
            return False
        known = len(self.seen)
        self.seen.add((at.st_dev, at.st_ino))
        return len(self.seen) > known

    def _kinds(self, path: str, names: list[str]) -> tuple[list[str], list[str]]:
        """The names of the files and of the folders in a folder; pipes and the like are neither."""
        self.looked += len(names)
        files, folders = [], []
        for name in names:
            with_kind = _mode(f"{path}/{name}")
            if stat.S_ISREG(with_kind):
                files.append(name)
            elif stat.S_ISDIR(with_kind) and name not in NOT_SEARCHED:
                folders.append(name)
        return files, folders

    def _unknown(self, names: list[str], folder: str) -> None:
        self.unknown += len(names)
        self.examples += [folder + name for name in names[: EXAMPLES - len(self.examples)]]

    def _name(self, path: str) -> str:
        """The path of a log as it is called: from the root; the last part of it where the log is the root, or the root is a file
        in it."""
        inside = path.removeprefix(self.root.rstrip("/") + "/")
        return inside if inside != path else path.rpartition("/")[2]


def _mode(path: str) -> int:
    try:
        return os.stat(path).st_mode
    except OSError:
        return 0


def stamp_of(log: Log) -> Stamp:
    """What tells the files of a log from all that they were before."""
    return tuple(map(_stamp, log.files))


def _stamp(path: str) -> tuple[int, int, int, int]:
    try:
        return _stamp_at(os.stat(path))
    except OSError:
        return GONE


def _stamp_at(at: os.stat_result) -> tuple[int, int, int, int]:
    return at.st_ino, at.st_size, at.st_mtime_ns, at.st_ctime_ns


def changed(stamp: Stamp) -> int:
    """When a file of a log last changed, in nanoseconds, by either of the clocks that a file has."""
    return max((max(one[2:]) for one in stamp), default=0)


def changed_at(logs: Path) -> int:
    """When a log last changed, came or went, in nanoseconds."""
    return max([logs.stat().st_mtime_ns, *(one[2] for stamp in find_logs(logs).stamps.values() for one in stamp)])


def cache_folder(kind: str) -> Path:
    """Where what can be made again is remembered: "logs" that were parsed, "reports" that were built."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sweepbook" / kind
