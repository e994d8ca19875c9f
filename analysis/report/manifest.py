"""A report's folder in, which of its files a build wrote out, and what stands in the way of writing there.

The record is .sweepbook.json in the folder, so that it is committed and cloned with the report. Nothing here imports
what takes long.
"""

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from sweepbook.analysis.export.record import FINDINGS, RUNS
from sweepbook.runner.config import SweepbookError

FILE, SCHEMA = ".sweepbook.json", 1
ALWAYS = ("journal.md", "journal.html", RUNS, FINDINGS)
PDF, ASIDE, HISTORY = "journal.pdf", "before", "history.md"
SET_ASIDE = (f"{ASIDE}/{RUNS}", f"{ASIDE}/{FINDINGS}")
LINKED_FIGURE = re.compile(rb"\((figures/[^/()\\]+\.svg)\)")
MOST_NAMED = 3  # files that a message names

Own = Mapping[str, str]


@dataclass(frozen=True)
class Objection:
    """Why a file is not a build's to replace or remove; `firm` where --force changes nothing about it."""

    name: str
    reason: str
    firm: bool = False


def own_files(out: Path, remembered: Own, made: Collection[str] = ()) -> dict[str, str]:
    """The files in `out` that a build wrote, each with the digest of what it wrote.

    A report from before there was a record is known by its findings.json, and taken as it lies; where this machine
    `remembered` the files of that very report, as they were written. `made` are the names that the next build writes.
    """
    recorded = _recorded(out)
    if recorded is not None:
        return recorded
    if not _is_report(out / FINDINGS):
        return {}
    if remembered and digest_of(out / FINDINGS) == remembered.get(FINDINGS):
        return {**_as_it_lies(out, (PDF, *SET_ASIDE)), **remembered}
    linked = [name.decode(errors="replace") for name in LINKED_FIGURE.findall(_content(out / ALWAYS[0]))]
    return _as_it_lies(out, (*ALWAYS, PDF, *SET_ASIDE, *linked, *made))


def record(files: Own, looks: Sequence[int] = ()) -> bytes:
    """The content of .sweepbook.json for a report of these files and digests; `looks` are the runs behind it and those before."""
    about = "What sweepbook build wrote here. It replaces and removes nothing else."
    document = {"about": about, "schema": SCHEMA, "files": dict(sorted(files.items())), "looks": list(looks)}
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode(errors="surrogateescape")


def recorded_looks(out: Path) -> tuple[int, ...]:
    """The looks that the record in `out` names; none where it names none, or cannot be read."""
    try:
        looks = json.loads((out / FILE).read_bytes())["looks"]
    except (OSError, ValueError, RecursionError, KeyError, TypeError):
        return ()
    whole = isinstance(looks, list) and all(type(runs) is int and runs > 0 for runs in looks)
    return tuple(looks) if whole else ()


def is_recorded(out: Path, files: Own) -> bool:
    """Whether the record of `out` has every one of `files`, as they are in `files`."""
    recorded = _recorded(out) or {}
    return all(recorded.get(name) == known for name, known in files.items())


def report_of(path: Path) -> Path | None:
    """The report that `path` is a file of: one that a build wrote, its record or its history; None where it is of none."""
    place = path.resolve()
    for folder in (place.parent, place.parent.parent):
        name = place.relative_to(folder).as_posix()
        if (folder / FINDINGS).is_file() and (name in (*ALWAYS, FILE, HISTORY) or name in own_files(folder, {})):
            return folder
    return None


def objections(out: Path, names: Collection[str], own: Own) -> Iterator[Objection]:
    """What stands in the way of writing or removing the files `names` in `out`."""
    for name in names:
        if objection := _in_the_way(out, name) or _not_ours(out, name, own):
            yield objection


def refusal(out: Path, obstacles: Collection[Objection]) -> SweepbookError:
    """The error that says what stands in the way, and what to do."""
    reasons = [f"{objection.name} {objection.reason}" for objection in dict.fromkeys(obstacles)]
    more = f", and {len(reasons) - MOST_NAMED} more" if len(reasons) > MOST_NAMED else ""
    remedy = "Move it away to keep it (words of your own belong in notes.md), or let --force replace it"
    if any(objection.firm for objection in obstacles):
        remedy = "Move it away"
    return SweepbookError(f"{out}: {', '.join(reasons[:MOST_NAMED])}{more}; nothing was written. {remedy}")


def digest(data: bytes) -> str:
    """The digest of a file of a report. Git may have turned its line ends into the system's own: that is no change."""
    return hashlib.sha256(data.replace(b"\r\n", b"\n")).hexdigest()


def digest_of(path: Path) -> str:
    """The digest of a plain file, and of no link; "" where there is none that can be read."""
    return digest(_content(path)) if path.is_file() and not path.is_symlink() else ""


def is_within(name: object) -> bool:
    """Whether `name` is that of a file in a report or in a folder of it; a record may come from anywhere."""
    path = PurePosixPath(name) if isinstance(name, str) and "\0" not in name else PurePosixPath("/")
    return 1 <= len(path.parts) <= 2 and not path.is_absolute() and ".." not in path.parts


def _recorded(out: Path) -> dict[str, str] | None:
    """The files that the record in `out` names; None where there is no record."""
    try:
        document: Any = json.loads((out / FILE).read_bytes())
        files = document["files"]
        if document["schema"] == SCHEMA and all(is_within(name) and isinstance(known, str) for name, known in files.items()):
            return dict(files)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, RecursionError, KeyError, TypeError, AttributeError):
        pass
    raise SweepbookError(
        f"{out / FILE}: cannot be read as the record of what build wrote, so nothing was written. "
        "Take it from git again; or delete it, and the next build replaces the files of the report"
    )


def _is_report(path: Path) -> bool:
    """Whether this is the findings.json of a report of ours."""
    try:
        document: Any = json.loads(_content(path))
    except (ValueError, RecursionError):
        return False
    return isinstance(document, dict) and {"schema", "study", "metric", "goal"} <= document.keys()


def _as_it_lies(out: Path, names: Collection[str]) -> dict[str, str]:
    return {name: known for name in names if is_within(name) and (known := digest_of(out / name))}


def _in_the_way(out: Path, name: str) -> Objection | None:
    """A link or a thing of another kind where the file, or the folder that it lies in, belongs."""
    *folders, _ = PurePosixPath(name).parts
    for folder in folders:
        if (out / folder).is_symlink():
            return Objection(folder, "is a link, and nothing is written through one")
        if (out / folder).exists() and not (out / folder).is_dir():
            return Objection(folder, "is a file where a folder belongs", firm=True)
    if (out / name).is_symlink():
        return Objection(name, "is a link, and nothing is written through one")
    if (out / name).exists() and not (out / name).is_file():
        return Objection(name, "is no plain file", firm=True)
    return None


def _not_ours(out: Path, name: str, own: Own) -> Objection | None:
    if not (out / name).exists():
        return None
    if name not in own:
        return Objection(name, "was not written by a build")
    return None if digest_of(out / name) == own[name] else Objection(name, "was changed by hand since it was built")


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes() if path.is_file() else b""
    except OSError:
        return b""
