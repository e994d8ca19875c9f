"""The text of a TOML document in, the line of each of its keys out, so that a complaint can name it."""

from collections.abc import Mapping
from typing import Any, TypeAlias

import tomli

Key: TypeAlias = tuple[str | int, ...]


def key_lines(text: str) -> dict[Key, int]:
    """The line of every key and table of a valid TOML document, by its path: ("group", 0, "grid") -> 23.

    A table without a header of its own, and an array of tables, has the line that first implies it.

    A statement begins on a line of its own and ends where it first parses; TOML has no statement with a valid
    beginning that ends at a line break.
    """
    lines: dict[Key, int] = {}
    implied: dict[Key, int] = {}
    tables: dict[Key, int] = {}
    table: Key = ()
    chunk, start = "", 0
    for number, line in enumerate(text.split("\n"), 1):
        start = start if chunk else number
        chunk += line + "\n"
        try:
            parsed = tomli.loads(chunk)
        except tomli.TOMLDecodeError:
            continue
        if not parsed:  # a blank line or a comment
            chunk = ""
            continue
        header, chunk = chunk.lstrip().startswith("["), ""
        path = _resolved(parsed, tables) if header else _leaf(table, parsed)
        table = path if header else table
        lines.setdefault(path, start)
        for n in range(1, len(path)):
            implied.setdefault(path[:n], start)
    return implied | lines


def _leaf(table: Key, parsed: Mapping[str, Any]) -> Key:
    """The path of the one key that a statement sets; inline tables and dotted keys are left to their first name."""
    return (*table, next(iter(parsed)))


def _resolved(parsed: Mapping[str, Any], tables: dict[Key, int]) -> Key:
    """The path of a table header, with the index that each array of tables on the way has reached."""
    path: Key = ()
    node: Any = parsed
    while node:
        name, node = next(iter(node.items()))
        path = (*path, name)
        if isinstance(node, list):
            tables[path] = tables.get(path, -1) + 1
            return (*path, tables[path])
        if path in tables:
            path = (*path, tables[path])
    return path
