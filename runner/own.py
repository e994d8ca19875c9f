"""The name of a user's own function in, the file of its module out, without a line of it being run."""

import ast
import importlib.util
from collections.abc import Iterable, Iterator, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

from sweepbook.runner.config import Config, SweepbookError
from sweepbook.runner.settings import is_own

KINDS = ("model", "dataset")  # the settings that may name a function


class OwnError(SweepbookError):
    """A model or dataset of the user's own that cannot be used, with the reason."""


class Unread(OwnError):
    """A setting of the user's own that the model does not read: the plan misspells it, wherever it is followed."""


def folders(plan: Path) -> tuple[Path, Path]:
    """Where modules are looked for before anywhere else: the folder of the plan, and the current one."""
    return plan.resolve().parent, Path.cwd()


def check(configs: Iterable[Config], places: Sequence[Path]) -> None:
    """OwnError where a configuration names a module that is not there, or a function that is not in it."""
    named = {(kind, str(config[kind])): None for config in configs for kind in KINDS if is_own(config.get(kind))}
    for kind, name in named:
        file, function = source(kind, name, places), name.partition(":")[2]
        if not defines(file, function):
            raise OwnError(f'{kind} = "{name}": {file} has no function "{function}"')


def source(kind: str, name: str, places: Sequence[Path]) -> Path:
    """The file of the module that `name` has before its colon; `kind` is "model" or "dataset"."""
    module = name.partition(":")[0]
    spec = module_spec(module.split("."), places)
    if spec is None:
        seen = " and ".join(dict.fromkeys(map(str, places)))
        raise OwnError(f'{kind} = "{name}": no module "{module}" in {seen}, nor among the installed packages')
    if not spec.origin or not Path(spec.origin).is_file():
        raise OwnError(f'{kind} = "{name}": "{module}" is no module of Python text')
    return Path(spec.origin)


def module_spec(parts: Sequence[str], places: Sequence[Path]) -> ModuleSpec | None:
    """Where a module lies. Python's own way to it would import the packages that it is in."""
    first, *rest = parts
    spec = PathFinder.find_spec(first, [str(place) for place in places]) or _installed(first)
    for part in rest:
        if spec is None or spec.submodule_search_locations is None:
            return None
        spec = PathFinder.find_spec(part, list(spec.submodule_search_locations))
    return spec


def _installed(name: str) -> ModuleSpec | None:
    try:
        return importlib.util.find_spec(name)
    except ValueError:  # of "__main__"
        return None


def defines(file: Path, name: str) -> bool:
    """Whether a module has something of that name, as far as its text says: what it imports by * may have it."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError) as error:
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
        raise OwnError(f"{file}{line}: cannot be read: {error.msg if isinstance(error, SyntaxError) else error}") from None
    names = set(_names(tree))
    return name in names or "*" in names


def _names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.alias):
            yield node.asname or node.name
        elif isinstance(node, ast.Name):
            yield node.id
