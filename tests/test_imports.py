"""Which room may import which, by one table of floors; and which heavy libraries are imported only where they are needed."""

import ast
import subprocess
import sys
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from sweepbook import analysis, runner

# The rooms of analysis/, a floor a line, the highest first. A room imports from lower floors only.
FLOORS = (
    ("cli",),
    ("diff",),
    ("report",),
    ("journal", "export"),
    ("findings",),
    ("checks", "predictions", "page"),
    ("groups", "words", "glossary"),
    ("logs", "stats"),
    ("forks",),
)
# What the analysis may take from the runner: the values and their files, none of which trains; and what single modules may besides.
BELOW = {
    "values",
    "settings",
    "config",
    "foreign",
    "member",
    "prediction",
    "study",
    "plan",
    "planreading",
    "plantext",
    "runlog",
    "logtable",
    "rules",
    "metric",
    "truisms",
    "suggest",
    "datasets",
    "search",
    "trials",
}
BESIDES = {
    "cli.run": {
        "launch.owncode",
        "launch.sweeps",
        "launch.devices",
        "launch.events",
        "launch.executor",
        "launch.profile",
        "launch.rayaddress",
    },
    "cli.costing": {"own", "launch.owncode", "training.pilot"},
    "cli.plan": {"launch.proposals", "launch.sweeps", "launch.devices"},
    "cli.profile": {"launch.profile"},
    "cli.progress": {"launch.events"},
    "cli.tally": {"launch.events"},
    "cli.putting": {"launch.events"},
}

LEVEL = {room: number for number, floor in enumerate(reversed(FLOORS), 1) for room in floor}
HOMES = {"sweepbook.analysis": Path(analysis.__path__[0]), "sweepbook.runner": Path(runner.__path__[0])}


def module_name(home: str, path: Path) -> str:
    parts = path.relative_to(HOMES[home]).with_suffix("").parts
    return ".".join([home, *(parts[:-1] if parts[-1] == "__init__" else parts)])


MODULES = {module_name(home, path): path for home, folder in HOMES.items() for path in sorted(folder.rglob("*.py"))}


@cache
def imports(name: str) -> frozenset[str]:
    """The modules of ours that the module `name` imports, wherever in it the import stands."""
    return frozenset(imported(name, ast.parse(MODULES[name].read_text(encoding="utf-8"))))


def imported(name: str, tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{name}: a relative import"
            # `from package import module` imports the module, `from module import name` the module before it
            found |= {whole if (whole := f"{node.module}.{alias.name}") in MODULES else str(node.module) for alias in node.names}
    return {module for module in found if module.startswith("sweepbook")} - {name}


def room(name: str) -> str:
    """The room of analysis/ that a module is in; "" for the package itself and for the runner."""
    return name.removeprefix("sweepbook.analysis").strip(".").split(".")[0] if name.startswith("sweepbook.analysis") else ""


IN_ROOMS = [name for name in MODULES if room(name)]


def test_the_reading_of_imports_sees_every_way_to_write_one():
    text = "import sweepbook.analysis.words as s\nfrom sweepbook.runner import plan\n"
    text += "def f():\n    from sweepbook.runner.config import Config\n"
    wanted = {"sweepbook.analysis.words", "sweepbook.runner.plan", "sweepbook.runner.config"}
    assert imported("sweepbook.runner.lines", ast.parse(text)) == wanted


def test_every_room_has_a_floor_and_every_floor_its_rooms():
    assert {room(name) for name in IN_ROOMS} == set(LEVEL)


def not_lower(name: str) -> set[str]:
    """What a module of a room imports from its own floor, but for its room, or from above."""
    return {other for other in imports(name) if room(other) not in ("", room(name)) and LEVEL[room(other)] >= LEVEL[room(name)]}


def not_allowed(name: str) -> set[str]:
    """What a module of a room imports from the runner, and may not."""
    allowed = BELOW | BESIDES.get(name.removeprefix("sweepbook.analysis."), set())
    return {other.removeprefix("sweepbook.runner.") for other in imports(name) if other.startswith("sweepbook.runner")} - allowed


def test_a_room_imports_only_from_lower_floors():
    assert {name: above for name in IN_ROOMS if (above := not_lower(name))} == {}


def test_the_analysis_takes_values_from_the_runner_and_only_its_command_line_the_launcher():
    assert {name: taken for name in IN_ROOMS if (taken := not_allowed(name))} == {}


def test_the_runner_imports_nothing_of_the_analysis():
    names = [name for name in MODULES if not name.startswith("sweepbook.analysis")]
    assert {name for name in names if not all(other.startswith("sweepbook.runner") for other in imports(name))} == set()


def test_no_imports_run_in_a_circle():
    list(TopologicalSorter({name: imports(name) & set(MODULES) for name in MODULES}).static_order())  # raises CycleError


@pytest.mark.parametrize(
    "name",
    [
        "config",
        "settings",
        "plan",
        "study",
        "runlog",
        "launch.sweeps",
        "launch.pool",
        "launch.processes",
        "launch.executor",
        "launch.events",
        "launch.profile",
        "metric",
        "record",
    ],
)
def test_reading_plans_and_logs_and_starting_sweeps_does_not_import_torch(name):
    code = f"import sys, sweepbook.runner.{name}; sys.exit('torch' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def imported_with(name):
    """The modules that are there once the module `name` is imported in a process of its own."""
    code = f"import sys, {name}; print(*sys.modules)"
    return set(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split())


@pytest.mark.parametrize("name", ["cli.main", "cli.build", "report.lastbuild", "logs.files"])
def test_what_sees_that_nothing_has_changed_imports_nothing_that_reads_computes_draws_or_writes(name):
    there = imported_with(f"sweepbook.analysis.{name}")
    assert there.isdisjoint(("torch", "pandas", "numpy", "tomlkit", "matplotlib", "jinja2"))
    assert {one for one in there if one.startswith("sweepbook.analysis.logs.readers.")} <= {"sweepbook.analysis.logs.readers.log"}
