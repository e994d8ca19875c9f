"""The examples in the docstrings of the package give what they say."""

import doctest
import importlib
import pkgutil
from collections.abc import Iterable
from types import ModuleType

import pytest

import sweepbook
from sweepbook import analysis, runner

PACKAGES = {"sweepbook": sweepbook.__path__, "sweepbook.runner": runner.__path__, "sweepbook.analysis": analysis.__path__}
FOUND = {one.name for name, path in PACKAGES.items() for one in pkgutil.walk_packages(path, f"{name}.")}
NAMES = sorted(FOUND - {"sweepbook.__main__"})


def module(name: str) -> ModuleType | None:
    """The module, or None where a library that it needs is not installed."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if str(error.name).startswith("sweepbook"):
            raise
        return None


def failing(names: Iterable[str]) -> list[str]:
    """The modules with an example that gives something else than it says."""
    modules = [one for one in map(module, names) if one]
    return [one.__name__ for one in modules if doctest.testmod(one, optionflags=doctest.ELLIPSIS).failed]


def test_the_examples_of_the_docstrings_run() -> None:
    assert failing(NAMES) == []


@pytest.mark.training
def test_the_examples_of_what_trains_run() -> None:
    assert failing(name for name in NAMES if name.startswith("sweepbook.runner.training")) == []


def test_there_are_examples() -> None:
    finder = doctest.DocTestFinder()
    places = ("runner.config", "runner.prediction", "runner.record", "analysis.stats.contrasts")
    modules = [importlib.import_module(f"sweepbook.{name}") for name in places]
    assert all(any(test.examples for test in finder.find(module)) for module in modules)
