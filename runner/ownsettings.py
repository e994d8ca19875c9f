"""A table of a plan in, its settings by name out: those for a model of the user's own by their path, as "own.width"."""

from collections.abc import Mapping
from typing import Any

from sweepbook.runner.config import OWN, SETTINGS
from sweepbook.runner.lines import Key
from sweepbook.runner.suggest import closest, nearest


def with_own(table: Mapping[str, Any]) -> dict[str, Any]:
    """`table` with the settings of a table "own" in it by their path, as they are named everywhere else.

    >>> with_own({"lr": 0.1, "own": {"width": 8}})
    {'lr': 0.1, 'own.width': 8}
    """
    named: dict[str, Any] = {}
    for name, value in table.items():
        inner = value if name == "own" and isinstance(value, dict) else None
        named |= {name: value} if inner is None else {f"{OWN}{key}": level for key, level in inner.items()}
    return named


def place(name: str) -> Key:
    """Where a setting stands in its table."""
    return ("own", name.removeprefix(OWN)) if name.startswith(OWN) else (name,)


def unknown(name: str) -> str:
    """What is said of a setting that there is not: the nearest one, or where one's own settings go."""
    own = "; settings for a model of your own go into a table: own = { name = value }"
    return f"unknown setting; {nearest(name, SETTINGS)}{own * (closest(name, SETTINGS) is None)}"
