"""The folder of a report in, the data that the next entry of its history compares with out.

`watch` replaces a report with every run that ends, and adds nothing to the history. It sets the data of the report that it found
aside, and the next `build` or `run` compares with that. Nothing here imports what takes long.
"""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

RUNS, FINDINGS = "runs.csv", "findings.json"
ASIDE = "before"


def awaited(out: Path) -> bool:
    """Whether `watch` has set a report aside, of which the history does not tell yet."""
    return all((out / ASIDE / name).is_file() for name in (RUNS, FINDINGS))


def replaced(out: Path) -> dict[str, bytes]:
    """The runs.csv and findings.json in `out`; b"" for what cannot be read."""
    return {name: _content(out / name) for name in (RUNS, FINDINGS)}


def set_aside(out: Path, data: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files that keep `data` until the next build; none where an older report is kept already."""
    return {} if awaited(out) else {f"{ASIDE}/{name}": content for name, content in data.items()}


def forget(out: Path) -> None:
    """Removes what was set aside, once the history tells of it."""
    for name in (RUNS, FINDINGS):
        (out / ASIDE / name).unlink(missing_ok=True)
    with suppress(OSError):  # there is none, or it holds something of the user's
        (out / ASIDE).rmdir()


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
