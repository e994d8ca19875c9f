"""The files that a build wrote into a report in, the data that the next entry of its history compares with out.

`watch` replaces a report with every run that ends, and adds nothing to the history. It sets the data of the report that it found
aside, and the next `build` or `run` compares with that. Nothing here imports what takes long.
"""

from collections.abc import Collection, Mapping
from pathlib import Path

from sweepbook.analysis.export.record import FINDINGS, RUNS
from sweepbook.analysis.report.files import content
from sweepbook.analysis.report.manifest import ASIDE, SET_ASIDE


def awaited(out: Path, own: Collection[str]) -> bool:
    """Whether `watch` has set a report aside, of which the history does not tell yet; a folder of the user's is none."""
    return all(name in own and (out / name).is_file() for name in SET_ASIDE)


def replaced(out: Path) -> dict[str, bytes]:
    """The runs.csv and findings.json in `out`; b"" for what cannot be read."""
    return {name: content(out / name) or b"" for name in (RUNS, FINDINGS)}


def set_aside(data: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files that keep `data` until the next build."""
    return {f"{ASIDE}/{name}": content for name, content in data.items()}
