"""The examples in the docstrings of runner/ and analysis/ give what they say."""

import doctest
import importlib
import pkgutil

import pytest

import analysis.stats
import runner

NAMES = [f"{package.__name__}.{found.name}" for package in (runner, analysis) for found in pkgutil.iter_modules(package.__path__)]
NAMES += [f"analysis.stats.{found.name}" for found in pkgutil.iter_modules(analysis.stats.__path__)]


@pytest.mark.parametrize("name", NAMES)
def test_the_examples_of_the_docstrings_run(name: str) -> None:
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        pytest.skip(f"{error.name} is not installed")
    assert doctest.testmod(module, optionflags=doctest.ELLIPSIS).failed == 0


def test_there_are_examples() -> None:
    finder = doctest.DocTestFinder()
    modules = [importlib.import_module(name) for name in ("runner.config", "runner.study", "analysis.stats.contrasts")]
    assert all(any(test.examples for test in finder.find(module)) for module in modules)
