"""A folder of run logs in, the stamp of each log's file out: enough to know whether anything changed, without reading any."""

import os
import stat
from pathlib import Path
from typing import TypeAlias

from sweepbook.analysis.logs import readers
from sweepbook.runner.runlog import FILE

Stamp: TypeAlias = tuple[int, int, int, int]  # inode, bytes, modified and changed, in nanoseconds
Listing: TypeAlias = tuple[dict[str, Stamp], dict[str, str]]
# A file that changed this shortly before it was read may change again within the same tick of the file system's clock.
TICK = 2_000_000_000  # nanoseconds


def find_logs(logs: Path) -> Listing:
    """The stamp of each run's log, by its folder's name, sorted; and what else lies there, with the reason. Hidden
    entries are skipped."""
    stamps: dict[str, Stamp] = {}
    other: dict[str, str] = {}
    for name in sorted(os.listdir(logs)):
        if name.startswith("."):
            continue
        try:
            at = _status(f"{logs}/{name}")
            if not stat.S_ISREG(at.st_mode):  # reading a pipe would wait for ever
                other[name] = f"its {FILE} is not a file"
                continue
            stamps[name] = (at.st_ino, at.st_size, at.st_mtime_ns, at.st_ctime_ns)
        except NotADirectoryError:
            other[name] = f"not a run: a file where a folder with a {FILE} is expected"
        except OSError as error:
            missing = isinstance(error, FileNotFoundError)
            other[name] = f"no {FILE} in it" if missing else f"cannot be read: {error.strerror}"
    return stamps, other


def _status(folder: str) -> os.stat_result:
    """The status of the log in `folder`; OSError where no reader knows one."""
    try:
        return os.stat(
            readers.READERS[0].log(folder)
        )  # without asking whether it matches: most folders are seen with a single call
    except FileNotFoundError:
        for reader in readers.READERS[1:]:
            if reader.matches(folder):
                return os.stat(reader.log(folder))
        raise


def changed_at(logs: Path) -> int:
    """When a log last changed, came or went, in nanoseconds."""
    return max([logs.stat().st_mtime_ns, *(stamp[2] for stamp in find_logs(logs)[0].values())])


def cache_folder(kind: str) -> Path:
    """Where what can be made again is remembered: "logs" that were parsed, "reports" that were built."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sweepbook" / kind
