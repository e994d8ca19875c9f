"""Files as bytes in, all of them on disk or none."""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from runner.config import SweepbookError


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
    try:
        return path.read_bytes()
    except OSError:
        return None
