"""What a JSON or YAML file holds, of any depth and shape, in; settings out, or LogError where they are more than settings are."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from sweepbook.runner.config import Config
from sweepbook.runner.logtable import LONGEST_NAME, LONGEST_TEXT, MOST_SETTINGS
from sweepbook.runner.runlog import LogError
from sweepbook.runner.values import flat

DEEPEST = 100  # tables in tables


def settings(tree: object) -> Config:
    """The settings of a table, nested ones by their path; what has no value, or none that a log may hold, is left out.

    >>> settings({"lr": 0.1, "opt": {"name": "Adam", "betas": (0.9, 0.999)}, "seed": None})
    {'lr': 0.1, 'opt.name': 'Adam', 'opt.betas': [0.9, 0.999]}
    """
    table = _Pruned().value(tree, 0)
    if not isinstance(table, dict):
        raise LogError("its settings are no table")
    try:
        return flat(table)
    except ValueError as error:
        raise LogError(f"the setting {error} stands in it twice: by that name, and in a table") from None


class _Pruned:
    """A copy of a tree with what settings may hold. It counts as it goes: a YAML file of a few lines may spell out billions."""

    def __init__(self) -> None:
        self.seen = 0

    def value(self, value: object, depth: int) -> object:
        """The value, with None for what is none."""
        self.seen += 1
        if self.seen > 5 * MOST_SETTINGS or depth > DEEPEST:
            raise LogError("more settings, or deeper ones, than a run has")
        if isinstance(value, Mapping):
            return self._table(value, depth)
        if isinstance(value, list | tuple | set | frozenset):
            return self._list(sorted(value, key=str) if isinstance(value, set | frozenset) else value, depth)
        return _scalar(value)

    def _table(self, table: Mapping[object, object], depth: int) -> dict[str, object]:
        known = {}
        for key, inner in table.items():
            name, value = str(key), self.value(inner, depth + 1)
            if value is not None and name and len(name) <= LONGEST_NAME:
                known[name] = value
        return known

    def _list(self, items: Iterable[object], depth: int) -> list[object]:
        values = [self.value(item, depth + 1) for item in items]
        return [value for value in values if value is not None]


def _scalar(value: object) -> object:
    """Text, a number or a flag, or None for anything else."""
    if isinstance(value, str):
        return value[:LONGEST_TEXT]
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value if isinstance(value, bool | int | float) else None
