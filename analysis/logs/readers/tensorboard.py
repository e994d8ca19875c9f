"""A folder with TensorBoard's event files in, the run that they log out, with what its writer put into subfolders.

SummaryWriter writes the settings of add_hparams and each curve of add_scalars into a folder of its own, Keras one for training and
one for validation; Lightning leaves hparams.yaml beside the events."""

import math
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sweepbook.analysis.logs import yamltext
from sweepbook.analysis.logs.eventfile import scan
from sweepbook.analysis.logs.eventfile.folder import events, is_event_file, repeated, state
from sweepbook.analysis.logs.eventfile.hparams import Session, session
from sweepbook.analysis.logs.readers.log import Folder, Log
from sweepbook.analysis.logs.steps import aligned
from sweepbook.runner.config import Config
from sweepbook.runner.metric import is_loss
from sweepbook.runner.rules import Rules
from sweepbook.runner.runlog import LogError, Run
from sweepbook.runner.values import flat

NAME = "TensorBoard"
YAML = "hparams.yaml"
STAMP = re.compile(r"\d{9,11}\.\d+")  # add_hparams names its folder by the time
TRAIN, VALID = "train", ("validation", "val", "valid", "eval")
NUMBERED = re.compile(r"(?:run|version|seed|rep|repeat|replicate|trial|try|s)?[-_ ]?\d+", re.IGNORECASE)
SEEDED = re.compile(r"[-_ .]*(?:seed|rng)[-_= ]*\d+$", re.IGNORECASE)
DATED = re.compile(r"[A-Z][a-z]{2}\d\d_\d\d-\d\d-\d\d_[^_]*?(?=_|$)_?")  # SummaryWriter's own: month, day, time, host
MOST = 64  # subfolders that are looked into, as more are runs of their own
PLACEHOLDER = ("hp_metric", -1.0)  # Lightning logs it before there is a metric
ASSUMED = "No settings are recorded: the folder's name is taken for one."
LATER = "Some steps were logged twice, as after a restart: the later values count."


def find(folder: Folder) -> Iterator[Log]:
    """The run that the folder is, with the subfolders that belong to it; one beside a metrics.csv is that file's."""
    if "metrics.csv" in folder.files:
        return
    own = {name for name in folder.files if is_event_file(name)}
    if not own and not _is_split(folder.folders):
        return
    below = {name: paths for name in _candidates(folder) if (paths := _event_files(f"{folder.path}/{name}"))}
    parts = {name: paths for name, paths in below.items() if _belongs(name, paths, bool(own))}
    if not own and not _is_split(parts):
        return
    yaml = {YAML} & folder.files
    files = [f"{folder.path}/{name}" for name in sorted(own | yaml)]
    for paths in parts.values():
        files += paths
    yield Log(folder.path, tuple(files), frozenset(own | yaml | parts.keys()))


def _is_split(names: Mapping[str, object] | frozenset[str]) -> bool:
    """Whether these subfolders are the two of Keras."""
    return TRAIN in names and any(name in names for name in VALID)


def _candidates(folder: Folder) -> list[str]:
    """The subfolders that may be parts of the run."""
    names = sorted(folder.folders)
    return names if len(names) <= MOST else [name for name in names if STAMP.fullmatch(name) or name in (TRAIN, *VALID)]


def _event_files(folder: str) -> list[str]:
    """The event files in a subfolder and, where there is none, in those right below it, as add_scalars of tensorboardX leaves
    them."""
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return []
    own = [f"{folder}/{name}" for name in names if is_event_file(name) and os.path.isfile(f"{folder}/{name}")]
    if own:
        return own
    inner = [f"{folder}/{name}" for name in names[:MOST] if os.path.isdir(f"{folder}/{name}") and not name.startswith(".")]
    return [f"{path}/{name}" for path in inner for name in sorted(os.listdir(path)) if is_event_file(name)]


def _belongs(name: str, paths: Sequence[str], beside: bool) -> bool:
    """Whether a subfolder with event files is a part of the run above it, which has some of its own where `beside` says so."""
    if STAMP.fullmatch(name) or name in (TRAIN, *VALID):
        return True
    if not beside:
        return False
    try:
        read = events(paths)
    except LogError:
        return False
    tags = list(read.tracks)
    if len(tags) == 1 and tags[0].replace("/", "_") == name:  # tensorboardX: main/curve
        return all(os.path.basename(os.path.dirname(path)) != name for path in paths)
    return (len(tags) == 1 and name.startswith(tags[0].replace("/", "_") + "_")) or bool(read.hparams)


@dataclass(frozen=True)
class Part:
    """The events of one folder: `name` is its path in the run's, "" for that itself."""

    name: str
    events: scan.Run
    session: Session


def read(log: Log, rules: Rules) -> Iterator[Run]:
    """The run; several where add_hparams was called with several settings, as each is a run then."""
    parts = _parts(log)
    sessions = [part for part in parts if part.name and part.session.settings]
    several = len({repr(sorted(part.session.settings.items())) for part in sessions}) > 1
    main = [part for part in parts if not (several and part in sessions)]
    yaml = next((path for path in log.files if path.endswith("/" + YAML)), None)
    settings = flat_settings(yamltext.table(yaml)) if yaml else {}
    if not several or any(part.events.tracks for part in main):
        yield run_of(log.path, main, settings)
    for part in sessions if several else ():
        yield run_of(log.path, [Part("", part.events, part.session)], settings, part.name)


def _parts(log: Log) -> list[Part]:
    places: dict[str, list[str]] = {}
    for path in log.files:
        if is_event_file(os.path.basename(path)):
            places.setdefault(os.path.dirname(path)[len(log.path) + 1 :], []).append(path)
    parts = []
    for name, paths in places.items():
        read = events(paths)
        parts.append(Part(name, read, session(read.hparams)))
    return parts


def run_of(folder: str, parts: Sequence[Part], settings: Config, place: str = "") -> Run:
    """The run that these parts are; `settings` are those that stand in a file beside them."""
    tracks = {name: track for part in parts for name, track in _named(part)}
    finals = {name: values for name, values in tracks.items() if values[1] and not _is_placeholder(name, values[1])}
    curves = {name: track for name, track in finals.items() if not _is_final(name, track)}
    if not finals:
        damaged = any(scan.DAMAGED in part.events.ends for part in parts)
        raise LogError("no scalar in its event files" + (", of which one is damaged" if damaged else ""))
    steps, series = aligned(curves)
    known = [session for part in parts if (session := part.session).settings or session.status]
    config = {**(flat_settings(known[-1].settings) if known else {}), **settings}
    status, note = _state(parts, known)
    label, variant = named(folder)
    notes = [note, ASSUMED if not config else "", LATER if any(repeated(part.events) for part in parts) else ""]
    first, last = span([part.events for part in parts])
    return Run(
        label=place or label,
        study="",
        seed=None,
        status=status,
        started=datetime.fromtimestamp(first, UTC) if first else None,
        seconds=last - first if first and last else None,
        config=config or {"variant": variant},
        error=note if status == "failed" and note else None,
        metrics={name: final(name, track[1]) for name, track in finals.items()},
        epochs=series,
        steps=steps,
        place=place,
        note=" ".join(filter(None, notes)),
    )


def flat_settings(table: Mapping[str, object]) -> Config:
    """The settings of a table, nested ones by their path."""
    try:
        return {name: value for name, value in flat({str(key): value for key, value in table.items()}).items() if value is not None}
    except ValueError as error:
        raise LogError(f"the setting {error} stands there twice: by that name, and in a table") from None


Values = tuple[Sequence[float], Sequence[float]]


def _named(part: Part) -> Iterator[tuple[str, Values]]:
    """The series of a part: those of subfolders have their names before the tag, or behind it, as the curves of add_scalars."""
    for tag, track in part.events.tracks.items():
        curve = part.name.replace("/", "_").removeprefix(tag.replace("/", "_") + "_")
        name = tag
        if part.name == TRAIN:
            name = tag.removeprefix("epoch_")
        elif part.name in VALID:
            name = "val_" + tag.removeprefix("epoch_")
        elif part.name and len(part.events.tracks) == 1 and not part.session.settings and curve != part.name.replace("/", "_"):
            name = f"{tag}/{curve}"
        yield name or "value", (track.steps, track.values)


def _is_placeholder(name: str, values: Sequence[float]) -> bool:
    return name == PLACEHOLDER[0] and all(value == PLACEHOLDER[1] for value in values)


def _is_final(name: str, track: Values) -> bool:
    """Whether it is a metric of add_hparams, which has no step: it is no curve."""
    return name.startswith(("hparam/", "hparams/", "hp_metric")) and len(track[0]) == 1


def final(name: str, values: Sequence[float]) -> float:
    """The last value of a loss, finite or not, which says whether the run diverged; of all else the last finite one."""
    if is_loss(name):
        return values[-1]
    return next((value for value in reversed(values) if math.isfinite(value)), values[-1])


def _state(parts: Sequence[Part], sessions: Sequence[Session]) -> tuple[str, str]:
    """How the run ended: what its files show goes before what its writer said, which add_hparams does at any time."""
    states = [state(part.events) for part in parts]
    worst = next((one for kind in ("failed", "running") for one in states if one[0] == kind), None)
    note = next((text for _, text in states if text), "")
    told = next((one.status for one in reversed(sessions) if one.status in ("failed", "running")), "finished")
    return worst or (told, note)


def span(read: Sequence[scan.Run]) -> tuple[float | None, float | None]:
    """The times of the first and the last event."""
    firsts = [one.first for one in read if one.first]
    lasts = [one.last for one in read if one.last]
    first, last = min(firsts, default=None), max(lasts, default=None)
    return (first, last) if last is None or last < 1e11 else (None, None)  # beyond is no date


def named(folder: str) -> tuple[str, str]:
    """The name of the run in this folder, and what of it stands for the settings where none are recorded: a mere number, as of
    run_3, tells a repeat of what the folder above is called."""
    above, name = os.path.basename(os.path.dirname(folder)), os.path.basename(folder)
    if NUMBERED.fullmatch(name) and above:
        return f"{above}/{name}", above
    return name, DATED.sub("", SEEDED.sub("", name)) or name
