"""A folder of JSON files, one a run, in, its runs out; or a folder that is one run, with its settings in a file of their own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sweepbook.analysis.logs.jsontext import table as json_table
from sweepbook.analysis.logs.readers.log import Folder, Log
from sweepbook.analysis.logs.tables.columns import columns_of
from sweepbook.analysis.logs.tables.runs import runs_of
from sweepbook.analysis.logs.tables.sight import ENOUGH, sight_of
from sweepbook.analysis.logs.tables.table import of_records
from sweepbook.runner.rules import Rules
from sweepbook.runner.runlog import LogError, Run

NAME = "JSON files"
LARGEST = 16_000_000  # bytes of a file
LOOKED_AT = 1_000_000  # bytes of a file that is opened to see what it is
SETTINGS = ("config.json", "args.json", "params.json", "hparams.json", "hyperparameters.json", "settings.json", "options.json")
SAMPLE = 3  # files that are opened to see what a folder holds


def find(folder: Folder) -> Iterator[Log]:
    """The run that the folder is, where a file of it has settings alone; else the log of all its files, a run each."""
    names = sorted(name for name in folder.files if name.endswith(".json"))
    settings = [name for name in SETTINGS if name in names]
    others = [name for name in names if name not in SETTINGS]
    if not others or not (settings or len(others) > 1):
        return
    sample = {*others[:: max(len(others) // SAMPLE, 1)][:SAMPLE]}
    records = [record for name in sorted(sample) if (record := _record(f"{folder.path}/{name}", LOOKED_AT))]
    above = _record(f"{folder.path}/{settings[0]}", LOOKED_AT) if settings else {}
    if len(records) * 2 > len(sample) and all(_is_run({**({"config": above} if above else {}), **record}) for record in records):
        own = settings[:1] + others
        yield Log(folder.path, tuple(f"{folder.path}/{name}" for name in own), frozenset(own))


def _is_run(record: Mapping[str, Any]) -> bool:
    try:
        return sight_of(of_records([record])).points >= ENOUGH
    except LogError:
        return False


def _record(path: str, largest: int) -> dict[str, Any]:
    """What a file holds, with lists of entries as a series each; nothing where it holds no table."""
    try:
        record = json_table(path, largest)
    except LogError:
        return {}
    return {own: value for name, inner in record.items() for own, value in _series(name, inner)}


def _series(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """A list of entries, such as [{"epoch": 0, "loss": 2.3}, ...], as one list for each of their keys; else the value itself."""
    if not (isinstance(value, list) and value and all(isinstance(entry, dict) for entry in value)):
        yield name, value
        return
    keys = dict.fromkeys(key for entry in value for key, own in entry.items() if type(own) in (int, float))
    for key in keys:
        yield f"history.{key}", [entry.get(key) if type(entry.get(key)) in (int, float) else None for entry in value]


def read(log: Log, rules: Rules) -> Iterator[Run]:
    """The runs; LogError behind them where a file could not be read."""
    first = log.files[0].rpartition("/")[2]
    paths = log.files[1:] if first in SETTINGS else log.files
    records = {path.rpartition("/")[2].removesuffix(".json"): _record(path, LARGEST) for path in paths}
    broken = [name for name, record in records.items() if not record]
    known = {name: record for name, record in records.items() if record}
    if not known:
        raise LogError(f"{broken[0]}.json is no JSON table: cut short?")
    if first in SETTINGS:
        yield from _single(log, known, _record(log.files[0], LARGEST), rules)
    else:
        table = of_records([*known.values()])
        told = columns_of(table, rules)
        for name, run in zip(known, runs_of(table, told), strict=True):
            yield replace(run, place=name, label=run.label or name)
    if broken:
        raise LogError(f"{broken[0]}.json is no JSON table, cut short?" + _more(broken))


def _more(broken: Sequence[str]) -> str:
    return f" And so are {len(broken) - 1:,} more." if len(broken) > 1 else ""


def _single(log: Log, records: Mapping[str, Mapping[str, Any]], settings: Mapping[str, Any], rules: Rules) -> Iterator[Run]:
    """The one run, of the values of all files; one that two files have bears the name of its file."""
    values: dict[str, Any] = {"config": settings}
    for name, record in records.items():
        values |= {f"{name}.{key}" if key in values else key: value for key, value in record.items()}
    table = of_records([values])
    for run in runs_of(table, columns_of(table, rules)):
        yield replace(run, place="", label=run.label or log.path.rpartition("/")[2])
