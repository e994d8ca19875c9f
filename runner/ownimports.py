"""A user's own module in, the other modules of their own that it imports out, each by its file, without a line of any being run."""

import ast
import importlib.util
from collections.abc import Iterator, Sequence
from importlib.machinery import PathFinder
from pathlib import Path

from sweepbook.runner.own import module_spec


def imported(name: str, places: Sequence[Path]) -> dict[str, Path]:
    """The files of the user's own modules that the module of a function, "mypackage.module:build", imports: directly, through one
    another, or anywhere within a function; those of its packages among them, and not its own.

    A module is the user's own where it lies in one of `places`, or in one package with the first. One that is named only while the
    program runs is not found.
    """
    first = name.partition(":")[0]
    found: dict[str, Path | None] = {}
    waiting = [first]
    while waiting:
        module = waiting.pop()
        if module not in found:
            file = found[module] = _file(module, first, places)
            waiting += _packages(module)
            waiting += _imports(module, file) if file else ()
    return {module: file for module, file in sorted(found.items()) if file and module != first}


def _file(module: str, first: str, places: Sequence[Path]) -> Path | None:
    """The file of a module; None where it is not the user's own, is none, or has no file."""
    top = module.partition(".")[0]
    if top != first.partition(".")[0] and PathFinder.find_spec(top, [str(place) for place in places]) is None:
        return None
    spec = module_spec(module.split("."), places)
    file = Path(spec.origin) if spec and spec.origin else None
    return file if file and file.is_file() else None


def _packages(module: str) -> list[str]:
    """The packages that a module is in, which are imported before it."""
    parts = module.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts))]


def _imports(module: str, file: Path) -> Iterator[str]:
    """What the text of a module imports: modules, and names in them that may be modules."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):  # no text of Python: it imports what nobody can see
        return
    package = module if file.stem == "__init__" else module.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (base := _absolute(node, package)):
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _absolute(node: ast.ImportFrom, package: str) -> str:
    """The module that names are imported from; "" where dots lead out of the package."""
    try:
        return importlib.util.resolve_name("." * node.level + (node.module or ""), package)
    except ImportError:
        return ""
