"""Files as bytes in, all of them on disk or none; and the one file that --out names."""

import os
import shutil
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sweepbook.analysis.report.manifest import report_of
from sweepbook.runner.config import SweepbookError


def out_file(out: Path) -> Path:
    """The plain file, there or not yet, that `--out` names; of a link what it leads to. Nothing is opened.

    SweepbookError for a folder, for no name at all, for what is there and is no plain file (a device, a pipe), and for a file of a
    report, which `build` alone writes.
    """
    try:
        mode = out.stat().st_mode
    except FileNotFoundError:
        mode = stat.S_IFREG
    except OSError as error:
        raise SweepbookError(f"--out {out}: cannot be written: {error.strerror}") from None
    if stat.S_ISDIR(mode) or not out.name:
        raise SweepbookError(f"--out {out}: a folder found, the name of a file expected")
    if not stat.S_ISREG(mode):
        raise SweepbookError(
            f"--out {out}: a device or a pipe found, the name of a plain file expected; without --out it is printed"
        )
    if report := report_of(out):
        raise SweepbookError(f"--out {out}: is a file of the report in {report}, which build alone writes; give another name")
    return Path(os.path.realpath(out)) if out.is_symlink() else out


def check_outside(out: Path, taken: Iterable[tuple[Path, str]]) -> None:
    """SweepbookError where `out` is or lies in one of the folders that are `taken`, each with what it holds."""
    place = out.resolve()
    for one, what in taken:
        folder = one.resolve()
        if place == folder or folder in place.parents:
            where = "is" if place == folder else "is in"
            raise SweepbookError(f"{out}: {where} the folder of {what}, where nothing is written; give another one with --out")


def write_all(out: Path, files: Mapping[str, bytes]) -> list[str]:
    """Replaces the files in `out` that changed, and returns their names.

    Everything is written beside first: where that fails, what was there stays whole.
    """
    changed = [name for name, data in files.items() if content(out / name) != data]
    if not changed:
        return []
    path = out
    try:
        out.mkdir(parents=True, exist_ok=True)
        with beside(out) as folder:
            for number, name in enumerate(changed):
                path = out / name
                path.parent.mkdir(parents=True, exist_ok=True)
                (folder / str(number)).write_bytes(files[name])
            for number, name in enumerate(changed):
                path = out / name
                (folder / str(number)).replace(path)
    except OSError as error:
        raise SweepbookError(f"{path}: cannot be written: {error.strerror}; what was there before stays") from None
    return changed


@contextmanager
def beside(out: Path) -> Iterator[Path]:
    """A folder in `out` for what is not finished, gone at the end."""
    folder = out / f".sweepbook-{os.getpid()}"
    try:
        unfinished(folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def unfinished(folder: Path) -> None:
    """Makes `folder`, empty, for what is not finished: git passes over all that lies in it, were it left behind by a kill."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / ".gitignore").write_text("*\n")


def content(path: Path) -> bytes | None:
    """What a plain file holds; a device might be read without end, and a pipe waited for."""
    try:
        return path.read_bytes() if path.is_file() else None
    except OSError:
        return None
