"""The files of a report in, all of them in its folder or none, wherever the process is killed.

They are written whole into .sweepbook-new first. A plan of what to rename and remove, put there at one stroke, is the point of no
return: before it the old report stands; after it whoever comes next (`finish`) carries the plan out to its end. The folder has a
.gitignore of its own, so that `git add` takes nothing of it. Nothing waits for the disk: a report can be made again.
"""

import json
import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from errno import EACCES
from pathlib import Path

from sweepbook.analysis.report.files import unfinished
from sweepbook.analysis.report.manifest import is_within
from sweepbook.runner.config import SweepbookError

STAGE, FILES, PLAN = ".sweepbook-new", "files", "plan.json"


@contextmanager
def alone(out: Path) -> Iterator[None]:
    """Waits until no other process writes in the report `out`, and keeps all others waiting; it ends with the process."""
    lock = None
    with suppress(ImportError, OSError):  # not on this system, or on this file system
        import fcntl

        lock = os.open(out, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        yield
    finally:
        if lock is not None:
            os.close(lock)


def swap(out: Path, files: Mapping[str, bytes], gone: Collection[str]) -> None:
    """Puts `files` into `out` and removes those named in `gone`; to be called within `alone`, with nothing left to `settle`."""
    stage = out / STAGE
    path = stage
    try:
        for path in {out, *((out / name).parent for name in (*files, *gone))}:
            if path.is_dir() and not os.access(path, os.W_OK | os.X_OK):  # known before the point of no return
                raise PermissionError(EACCES, os.strerror(EACCES))
        unfinished(stage)
        for name, data in files.items():
            path = stage / FILES / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        plan = {"put": list(files), "gone": sorted(gone)}
        path = stage / f"{PLAN}.half"
        path.write_text(json.dumps(plan))
        path.replace(stage / PLAN)
    except OSError as error:
        shutil.rmtree(stage, ignore_errors=True)
        raise SweepbookError(f"{path}: cannot be written: {error.strerror}; what was there before stays") from None
    except BaseException:
        shutil.rmtree(stage, ignore_errors=True)
        raise
    settle(out)


def finish(out: Path) -> None:
    """Carries a swap that was cut short to its end, or clears away what had not come to the point of no return."""
    if (out / STAGE).is_dir():
        with alone(out):
            settle(out)


def settle(out: Path) -> None:
    """`finish`, within `alone`. What is done twice stays done."""
    stage = out / STAGE
    if stage.is_symlink() or not stage.is_dir():
        return
    plan = _plan(stage)
    path = out
    try:
        for name in plan["put"]:
            path = out / name
            _put(stage / FILES / name, path)
        for name in plan["gone"]:
            path = out / name
            _remove(out, name)
    except OSError as error:
        fault = f"{path}: cannot be written: {error.strerror}"
        raise SweepbookError(
            f"{fault}; the report is half old, half new until that is mended and the command given again"
        ) from None
    with suppress(OSError):
        (stage / PLAN).unlink()  # first: what is left without it means nothing
    shutil.rmtree(stage, ignore_errors=True)


def _plan(stage: Path) -> dict[str, list[str]]:
    """What is to be done; nothing where the plan was not put there whole."""
    try:
        plan = json.loads((stage / PLAN).read_bytes())
        return {key: [name for name in plan[key] if is_within(name)] for key in ("put", "gone")}
    except (OSError, ValueError, RecursionError, KeyError, TypeError):
        return {"put": [], "gone": []}


def _put(ready: Path, path: Path) -> None:
    """Renames what is ready into its place; a link in the way is replaced, and nothing goes through it."""
    if not ready.is_file() or ready.is_symlink():  # it is in its place already
        return
    if path.parent.is_symlink():
        path.parent.unlink()
    path.parent.mkdir(exist_ok=True)
    ready.replace(path)


def _remove(out: Path, name: str) -> None:
    path = out / name
    if path.parent != out and path.parent.is_symlink():
        return
    path.unlink(missing_ok=True)
    if path.parent != out:
        with suppress(OSError):  # it holds something else
            path.parent.rmdir()
