"""Files as bytes in, all of them on disk or none; and the one file that --out names."""

import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from runner.config import SweepbookError


def out_file(out: Path) -> Path:
    """The plain file, there or not yet, that `--out` names; of a link what it leads to. Nothing is opened.

    SweepbookError for a folder, for no name at all, and for what is there and is no plain file: a device, a pipe.
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
    return Path(os.path.realpath(out)) if out.is_symlink() else out


def write_all(out: Path, files: Mapping[str, bytes]) -> list[str]:
    """Replaces the files in `out` that changed, and returns their names.

    Everything is written beside first: where that fails, what was there stays whole.
    """
    changed = [name for name, data in files.items() if _content(out / name) != data]
    beside = {out / name: (out / name).with_name(f".{Path(name).name}.{os.getpid()}") for name in changed}
    path = out
    try:
        for name in changed:
            path = out / name
            path.parent.mkdir(parents=True, exist_ok=True)
            beside[path].write_bytes(files[name])
        for path, written in beside.items():
            written.replace(path)
    except OSError as error:
        raise SweepbookError(f"{path}: cannot be written: {error.strerror}; what was there before stays") from None
    finally:
        for written in beside.values():
            with suppress(OSError):
                written.unlink()
    return changed


def _content(path: Path) -> bytes | None:
    """What a plain file holds; a device might be read without end, and a pipe waited for."""
    try:
        return path.read_bytes() if path.is_file() else None
    except OSError:
        return None
