"""The file of a plan in, its values out, each checked for its kind; or one message with the file, the line and the key."""

import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import tomli
from sweepbook.runner.config import SweepbookError
from sweepbook.runner.lines import Key, key_lines
from sweepbook.runner.suggest import closest, nearest
from sweepbook.runner.values import flat, is_finite

FILE = "study.toml"
NO_WORDS: Mapping[str, str] = {}


class PlanError(SweepbookError):
    """A plan that cannot be followed: the message names the file, the line, the key, and the remedy."""


class Reading:
    """One reading of a plan: holds the file and its text, so that every complaint can name the line."""

    def __init__(self, path: Path, toml: str, table: Mapping[str, Any]) -> None:
        self.path, self.toml, self.table = path, toml, table

    def error(self, key: Key, message: str) -> PlanError:
        """A complaint about `key`: file, line, the key as the plan writes it, what is wrong."""
        lines = key_lines(self.toml)
        near = next((key[:n] for n in range(len(key), 0, -1) if key[:n] in lines), ())
        place = f"{self.path}:{lines.get(near, 1)}"
        return PlanError(": ".join(filter(None, (place, self._named(key), message))))

    def _named(self, key: Key) -> str:
        words: list[str] = []
        node: Any = self.table
        for part in key:
            node = node[part] if isinstance(part, int) or part in node else {}
            if isinstance(part, int):
                name = node.get("name") or node.get("says") if isinstance(node, dict) else None
                words[-1] += f'["{" ".join(name.split())}"]' if isinstance(name, str) else f"[{part + 1}]"
            else:
                words.append(part)
        return ".".join(words)

    def check_keys(
        self,
        key: Key,
        table: Mapping[str, Any],
        known: Iterable[str],
        required: Iterable[str] = (),
        meant: Mapping[str, str] = NO_WORDS,
    ) -> None:
        """Every key of `table` is known, and every required one is there. `meant` has what is called otherwise elsewhere."""
        known = set(known)
        for name in table:
            if name not in known:
                raise self.error((*key, name), f"unknown key; {nearest(meant.get(name, name), known)}")
        for name in required:
            if name not in table:
                raise self.error(key, f'"{name}" is missing')

    def get(self, key: Key, kind: type | tuple[type, ...], expected: str, default: Any = None) -> Any:
        """The value at `key`, of `kind`; the default where there is none."""
        value = self._node(key[:-1]).get(key[-1], default)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.error(key, f"{value!r} found, {expected} expected")
        return value

    def item(self, key: Key) -> Mapping[str, Any]:
        """The table at `key`, which is there."""
        node = self._node(key)
        if not isinstance(node, dict):
            raise self.error(key, f"{node!r} found, a table expected")
        return node

    def _node(self, key: Key) -> Any:
        node: Any = self.table
        for part in key:
            node = node[part]
        return node

    def text(self, key: Key, default: str = "") -> str:
        """The text at `key`, in one line."""
        value: str = self.get(key, str, "text", default)
        return " ".join(value.split())

    def number(self, key: Key, default: float | None = None) -> float:
        """The finite number at `key`."""
        value = self.get(key, (int, float), "a number", default)
        if not is_finite(value):
            raise self.error(key, f"{value!r} found, a finite number expected")
        return float(value)

    def names(self, key: Key) -> tuple[str, ...]:
        """The list of names at `key`."""
        names = self.get(key, list, "a list of names")
        if not all(isinstance(name, str) and name for name in names):
            raise self.error(key, f"{names!r} found, a list of names expected")
        return tuple(names)

    def flat(self, key: Key) -> dict[str, Any]:
        """The table at `key`, settings of tables in it by their path."""
        try:
            return flat(self.get(key, dict, "a table"), lists=False)
        except ValueError as error:
            raise self.error(key, f'"{error}" stands in it twice: by that name, and in a table') from None


def reading(where: Path) -> Reading:
    """The plan at `where`, a folder with a study.toml or the file itself, ready to be read; PlanError where it is no TOML."""
    path = where / FILE if where.is_dir() else where
    if path.exists() and not path.is_file():
        raise PlanError(f"{path}: cannot be read: not a file")
    try:
        text = path.read_bytes().decode()
    except FileNotFoundError:
        raise PlanError(f"{path}: no such plan; a study is a folder with a {FILE}{_near(path)}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, f"cannot be read: {error}") from None
    try:
        table = tomli.loads(text)
    except (ValueError, RecursionError) as error:  # also of a number or a nesting beyond what Python reads
        raise _unreadable(path, f"not valid TOML: {error}") from None
    return Reading(path, text, table)


def _near(path: Path) -> str:
    """The plan beside `path` that has nearly its name, as a question; "" where there is none."""
    beside = (folder.name for folder in path.parent.glob("*") if (folder / FILE).is_file())
    close = closest(path.name, beside)
    return f'; did you mean "{path.with_name(close)}"?' if close else ""


def _unreadable(path: Path, reason: str) -> PlanError:
    """Why no plan could be read; of a file that is not called one, that it may be run logs."""
    if path.suffix == ".toml":
        return PlanError(f"{path}: {reason}")
    build = f"sweepbook build {shlex.quote(str(path))}"
    return PlanError(f"{path}: no plan; a {FILE} or its folder expected. Run logs are read by: {build}")
