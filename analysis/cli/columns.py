"""A folder of run logs in, sentences on how the columns of its table are told apart out."""

from collections.abc import Iterator
from pathlib import Path

from sweepbook.analysis import words as w
from sweepbook.analysis.logs.files import find_logs
from sweepbook.analysis.logs.readers import table
from sweepbook.analysis.logs.tables.columns import Columns
from sweepbook.analysis.logs.tables.names import Role
from sweepbook.runner.rules import Rules
from sweepbook.runner.runlog import LogError

NAMED = 12  # columns of a kind
KINDS = {
    "settings": (Role.SETTING,),
    "metrics": (Role.METRIC, Role.SERIES),
    "seed": (Role.SEED,),
    "status": (Role.STATUS, Role.ERROR),
    "times": (Role.STARTED, Role.ENDED, Role.SECONDS, Role.STEP),
    "names": (Role.NAME,),
    "left out": (Role.NOTE, Role.ASIDE, Role.SPLIT),
}


def told_apart(logs: Path, rules: Rules) -> Iterator[str]:
    """What each column of the first table is, and what corrects it; nothing where there is no table."""
    tables = {name: source.log for name, source in find_logs(logs).sources.items() if source.reader is table}
    for name, log in sorted(tables.items())[:1]:
        try:
            columns = table.columns(log.files[0], rules)
        except LogError:
            return
        yield f"Columns of {name}: {_kinds(columns)}."
        others = len(tables) - 1
        more = f" {w.capital(w.plural(others, 'more table'))} {'is' if others == 1 else 'are'} read so." if others else ""
        yield f"  Not so? --settings, --metrics and --seed-column name the right ones.{more}"


def _kinds(columns: Columns) -> str:
    """Each kind of column with its names."""
    kinds = {kind: columns.of(*roles) for kind, roles in KINDS.items()}
    return "; ".join(f"{kind} {_named(names)}" for kind, names in kinds.items() if names)


def _named(names: tuple[str, ...]) -> str:
    more = [f"{w.count(len(names) - NAMED)} more"] if len(names) > NAMED else []
    return w.listing([*names[:NAMED], *more])
