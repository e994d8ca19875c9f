"""What was done so that the runs of any tool look alike in, a few words a matter out; nothing where the logs are all ours."""

from collections.abc import Iterator, Sequence

from sweepbook.analysis import words as w
from sweepbook.analysis.logs.picture import Picture
from sweepbook.analysis.logs.readers import runtoml
from sweepbook.analysis.logs.seeding import SEEDS

READ = "Logs read"
LISTED = 12  # names in a row
DOUBLE = "always the same as"  # another setting; there may be so many that it is not named
SECRET = "not shown and not kept; change it if others can read these logs"


def reading(picture: Picture) -> tuple[tuple[str, str], ...]:
    """Each matter by its name, with what was done."""
    if not _is_foreign(picture):
        return ()
    told = [
        (READ, _tools(picture)),
        ("Metrics renamed", _listed([f"{theirs} is {own}" for theirs, own in picture.mapped if not _is_plain(theirs, own)])),
        ("Logged in percent", _percents(picture)),
        ("Score of a run", _at(picture)),
        ("Seeds", _seeds(picture)),
        ("Set aside", _aside(picture)),
        ("Secrets", _listed([f"{name} ({w.plural(runs, 'run')})" for name, runs in picture.secrets])),
        ("Noted in reading", "; ".join(_notes(picture))),
    ]
    return tuple((name, text) for name, text in told if text)


def secrets(picture: Picture) -> Iterator[tuple[str, str]]:
    """The name under which each secret was found, and what to do."""
    for name, runs in picture.secrets:
        yield name, f"in {w.plural(runs, 'run')}; {SECRET}"


def _is_foreign(picture: Picture) -> bool:
    return any(tool != runtoml.NAME for tool, _ in picture.tools) or bool(picture.secrets or picture.aside)


def _is_plain(theirs: str, own: str) -> bool:
    """Whether one name is the other but for how it is spelled."""
    return theirs.lower().replace("/", "_").replace(" ", "_") == own


def _tools(picture: Picture) -> str:
    known = [f"{tool} ({w.plural(runs, 'run')})" for tool, runs in sorted(picture.tools, key=lambda one: -one[1])]
    other = f"; {w.plural(picture.unknown, 'other file')} of no known format" if picture.unknown else ""
    return w.listing(known) + other


def _percents(picture: Picture) -> str:
    mixed = [name for name, how in picture.percent if how == "mixed"]
    more = f"; some values of {w.listing(mixed)} are at most 1 and were taken for percent as well" if mixed else ""
    return _listed([name for name, _ in picture.percent]) + more


def _at(picture: Picture) -> str:
    return f"each run counts at the best value of its {picture.at}" if picture.at else "the last value of each series"


def _seeds(picture: Picture) -> str:
    parts = [f"the setting {picture.seed}"] if picture.seed and picture.seed not in SEEDS else []
    parts += [f"{w.plural(picture.told, 'seed')} from the names of runs"] if picture.told else []
    return "; ".join(parts)


def _aside(picture: Picture) -> str:
    by_reason: dict[str, list[str]] = {}
    for name, why in picture.aside:
        by_reason.setdefault(DOUBLE if why.startswith(DOUBLE) else why, []).append(name)
    doubles = by_reason.pop(DOUBLE, [])
    told = [f"{_listed(names)} ({why})" for why, names in by_reason.items()]
    told += [f"{_listed(doubles)} ({DOUBLE} another setting)"] if doubles else []
    return "; ".join(told)


def _notes(picture: Picture) -> Iterator[str]:
    for note, runs in sorted(picture.notes, key=lambda one: -one[1])[:LISTED]:
        yield f"{note.removesuffix('.')} ({w.plural(runs, 'run')})"


def _listed(names: Sequence[str]) -> str:
    more = [f"{len(names) - LISTED} more"] if len(names) > LISTED else []
    return w.listing([*names[:LISTED], *more])
