"""The examples in the docstrings of the package give what they say."""

import doctest
import importlib
import pkgutil

import pytest

import sweepbook
from sweepbook import analysis, runner

PACKAGES = {"sweepbook": sweepbook.__path__, "sweepbook.runner": runner.__path__, "sweepbook.analysis": analysis.__path__}
FOUND = {one.name for name, path in PACKAGES.items() for one in pkgutil.walk_packages(path, f"{name}.")}
NAMES = sorted(FOUND - {"sweepbook.__main__"})


@pytest.mark.parametrize("name", NAMES)
def test_the_examples_of_the_docstrings_run(name: str) -> None:
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        pytest.skip(f"{error.name} is not installed")
    assert doctest.testmod(module, optionflags=doctest.ELLIPSIS).failed == 0


def test_there_are_examples() -> None:
    finder = doctest.DocTestFinder()
    places = ("runner.config", "runner.study", "runner.record", "analysis.stats.contrasts")
    modules = [importlib.import_module(f"sweepbook.{name}") for name in places]
    assert all(any(test.examples for test in finder.find(module)) for module in modules)
