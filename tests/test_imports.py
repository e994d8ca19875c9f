"""Which module may import which: read from the source, and for torch from a fresh interpreter."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import runner

HOME = Path(runner.__file__).parents[1]
PACKAGES = ("runner", "analysis")
FILES = [path for package in PACKAGES for path in sorted((HOME / package).rglob("*.py"))]
# What the analysis may take from the runner: the values, their files, and what a metric's name tells; and what only some of it
# may take besides: the command line what trains, and what shows a sweep in the terminal the events that it tells.
SHARED = {"runner.config", "runner.study", "runner.plan", "runner.runlog", "runner.metric", "runner.truisms"}
BESIDES = {
    "analysis.commands.run": {"runner.launch"},
    "analysis.commands.plan": {"runner.launch", "runner.pilot"},
    "analysis.terminal": {"runner.events"},
}


def module_name(path):
    parts = path.relative_to(HOME).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in FILES}


def imports(name, tree=None):
    """The modules of ours that the module `name` imports, wherever in it the import stands."""
    path = MODULES[name]
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    found = set()
    for node in ast.walk(tree or ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            # `from package import module` imports the module, `from module import name` the module before it
            found |= {whole if (whole := f"{base}.{alias.name}") in MODULES else base for alias in node.names}
    return {module for module in found if module.split(".")[0] in PACKAGES} - {name}


def test_the_reading_of_imports_sees_every_way_to_write_one():
    text = (
        "import analysis.sweep as s\nfrom runner import plan\nfrom runner.config import Config\ndef f():\n    from . import study\n"
    )
    assert imports("runner.lines", ast.parse(text)) >= {"runner.plan", "runner.config", "runner.study"}
    assert any(module.startswith("analysis") for module in imports("runner.lines", ast.parse(text)))


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("runner")])
def test_the_runner_does_not_import_the_analysis(name):
    assert not {module for module in imports(name) if module.startswith("analysis")}


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("analysis")])
def test_the_analysis_takes_values_from_the_runner_and_only_its_command_line_the_launcher(name):
    assert {module for module in imports(name) if module.startswith("runner")} <= SHARED | BESIDES.get(name, set())


@pytest.mark.parametrize("name", ["analysis.stats", "analysis.render"])
def test_statistics_and_rendering_import_nothing_of_ours(name):
    if name not in MODULES:
        pytest.skip(f"there is no {name} yet")
    assert imports(name) == set()


def test_no_imports_run_in_a_circle():
    list(TopologicalSorter({name: imports(name) for name in MODULES}).static_order())  # raises CycleError


@pytest.mark.parametrize("name", ["runner", "runner.plan", "runner.study", "runner.runlog", "runner.launch", "runner.events"])
def test_reading_plans_and_logs_and_starting_sweeps_does_not_import_torch(name):
    code = f"import sys, {name}; sys.exit('torch' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=HOME, check=False).returncode == 0


@pytest.mark.skipif("analysis.cli" not in MODULES, reason="there is no command line yet")
def test_the_command_line_imports_torch_only_in_the_command_that_trains():
    code = "import sys, analysis.cli; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=HOME, check=False).returncode == 0
