"""A table of settings of a plan in, the settings by name out, checked: those for a model of the user's own by their path."""

from collections.abc import Mapping
from typing import Any

from sweepbook.runner.config import Config, missing
from sweepbook.runner.conflicts import conflict
from sweepbook.runner.lines import Key
from sweepbook.runner.planreading import Reading
from sweepbook.runner.settings import ANY_VALUE, OWN, SETTINGS, is_setting
from sweepbook.runner.suggest import closest, nearest
from sweepbook.runner.values import Value


def settings(plan: Reading, key: Key, table: Mapping[str, Any]) -> dict[str, Value]:
    """`table` with every setting checked."""
    return {name: setting(plan, (*key, *place(name)), name, value) for name, value in with_own(table).items()}


def foreign_baseline(plan: Reading) -> Config:
    """The baseline of a plan that trains nothing: any settings, as logs of other tools have them."""
    return plan.flat(("baseline",)) if "baseline" in plan.table else {}


def setting(plan: Reading, key: Key, name: str, value: Any) -> Value:
    """The value at `key` as the setting `name` has it."""
    if not is_setting(name):
        raise plan.error(key, unknown(name))
    known = SETTINGS.get(name, ANY_VALUE)
    if not known.accepts(value):
        close = closest(value, known.names) if isinstance(value, str) else None
        raise plan.error(key, f"{value!r} found, {known.expected} expected" + (f'; did you mean "{close}"?' if close else ""))
    return float(value) if known.kind is float else value


def check_whole(plan: Reading, key: Key, suffix: str, config: Config) -> None:
    """`config` has all that a run needs, and no settings that cannot go together."""
    if lacking := missing(config):
        raise plan.error(key, f'configuration "{suffix}" has no {lacking[0]}: set it in [baseline] or in the group')
    if why := conflict(config):
        raise plan.error(key, f'configuration "{suffix}": {why}')


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
