"""What a report was last built from, and what it was then: enough to see that nothing has changed, in a blink.

It is kept in the user's cache folder and may be deleted at any time. Nothing here imports pandas, which would take longer
than all the rest.
"""

import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

from sweepbook.analysis.logs.files import TICK, cache_folder, changed, find_logs
from sweepbook.analysis.report.manifest import digest, digest_of, is_recorded
from sweepbook.analysis.report.places import Places
from sweepbook.runner.study import Study

HOME = Path(__file__).parents[2]
SOURCES = (".py", ".j2", ".css", ".js")
CODE = tuple(HOME / name for name in ("analysis", "runner", "templates"))


@dataclass(frozen=True)
class LastBuild:
    """The plan, the digest of the inputs ("" where they had not settled), of each file of the report and of what each figure shows;
    how many runs counted, how many trials of searches had ended, the questions with their answers, what was said of the logs, and
    the exit code."""

    plan: str = ""
    inputs: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    figures: Mapping[str, str] = field(default_factory=dict)
    runs: int = 0
    trials: int = 0
    answers: tuple[tuple[str, str], ...] = ()
    warned: tuple[str, ...] = ()
    code: int = 0

    def stands(self, out: Path) -> bool:
        """Whether the report is still as it was written, and its record says so."""
        return is_recorded(out, self.files) and all(digest_of(out / name) == known for name, known in self.files.items())


def last_build(out: Path) -> LastBuild:
    """What is remembered of the report in `out`."""
    try:
        known = json.loads(_place(out).read_bytes())
        answers = tuple((question, says) for question, says in known["answers"])
        return LastBuild(**{**known, "answers": answers, "warned": tuple(known["warned"])})
    except (OSError, ValueError, TypeError, KeyError):  # a memory that cannot be read is one that is not there
        return LastBuild()


def remember(out: Path, build: LastBuild) -> None:
    """Keeps `build` for the next call."""
    place = _place(out)
    beside = place.with_suffix(f".{os.getpid()}")
    with suppress(OSError):  # no room or no right to write there: the next build does its work again
        place.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(json.dumps(asdict(build)))
        beside.replace(place)


def _place(out: Path) -> Path:
    return cache_folder("reports") / f"{digest(os.fsencode(out.resolve()))[:24]}.json"


def inputs(study: Study, where: Places, templates: Path | None) -> str:
    """A digest of all that a report is made from: plan, notes, logs, templates, the program and its libraries."""
    listing = find_logs(where.logs) if where.logs.exists() else None
    newest = max(map(changed, listing.stamps.values()), default=0) if listing else 0
    if newest > time.time_ns() - TICK:
        return ""
    own = sorted(templates.rglob("*")) if templates else []
    parts: list[object] = [
        sys.version,
        where.again,
        [(str(path), _digest_of(path)) for path in (study.path, study.path.parent / "notes.md", *own)],
        _program(),
        [(name, _stamp(name)) for name in sys.path if name.endswith("-packages")],
        (str(where.logs.resolve()), listing and (listing.stamps, listing.other), study.rules),
    ]
    return digest(repr(parts).encode(errors="surrogateescape"))


def _digest_of(path: Path) -> str:
    """The digest of a file's content, wherever links lead to it; "" where there is none that can be read."""
    try:
        return digest(path.read_bytes())
    except OSError:
        return ""


@cache
def _program() -> list[tuple[str, tuple[int, int]]]:
    """The files of the program with their stamps, as they are when this process first asks: what it has imported stays."""
    return [(path, _stamp(path)) for path in _sources()]


def _sources() -> Iterator[str]:
    """The files of the program. As text: the same as Paths takes four times as long."""
    for home in CODE:
        for folder, below, names in os.walk(home):
            below.sort()
            yield from (f"{folder}/{name}" for name in sorted(names) if name.endswith(SOURCES))


def _stamp(path: str) -> tuple[int, int]:
    try:
        status = os.stat(path)
    except OSError:
        return 0, 0
    return status.st_size, status.st_mtime_ns
