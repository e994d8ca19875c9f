"""The rooms of analysis/, the floors that they stand on, and the imports between them, as the source has them.

    python benchmarks/rooms.py [CHECKOUT ...]

A room is a package or a loose module right below analysis/. An arrow goes from a room to each other room that a module of it
imports from, wherever the import stands. A room stands one floor above the highest that it imports from.
"""

import ast
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path


def rooms(checkout: Path) -> dict[str, set[str]]:
    """Each room of a checkout with those that it imports from."""
    home = checkout / "analysis"
    names = {path.stem for path in home.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()} - {"__init__"}
    arrows: dict[str, set[str]] = {name: set() for name in names}
    for path in home.rglob("*.py"):
        room = path.relative_to(home).parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(path.read_text())) if room in names else ():
            arrows[room] |= ({part for name in imported(node) for part in name[:1]} & names) - {room}
    return arrows


def imported(node: ast.AST) -> list[list[str]]:
    """The names that an import brings, as parts behind `analysis`; nothing for what is no import of ours."""
    if isinstance(node, ast.ImportFrom):
        whole = [f"{node.module}.{alias.name}" for alias in node.names]
    elif isinstance(node, ast.Import):
        whole = [alias.name for alias in node.names]
    else:
        return []
    parts = [name.removeprefix("sweepbook.").split(".") for name in whole]
    return [own[1:] for own in parts if own[0] == "analysis"]


def floors(arrows: dict[str, set[str]]) -> int:
    """The number of floors; CycleError where imports run in a circle."""
    level: dict[str, int] = {}
    for room in TopologicalSorter(arrows).static_order():
        level[room] = 1 + max((level[below] for below in arrows[room]), default=0)
    return max(level.values())


for place in sys.argv[1:] or ["."]:
    arrows = rooms(Path(place))
    try:
        high = str(floors(arrows))
    except CycleError:
        high = "no"
    print(f"{place}: {len(arrows)} rooms on {high} floors, {sum(map(len, arrows.values()))} imports between them")
