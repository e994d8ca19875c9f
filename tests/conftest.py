"""What every test may ask for on the command line, and which tests are left out where.

The golden files are written anew, to be read before they are committed, by
`pytest tests/analysis/report/test_report.py tests/analysis/diff --renew-golden`.
"""

import os
from importlib.util import find_spec

import pytest

# One thread for linear algebra, here and in the commands that tests start: the matrices are small, and a second thread waits for
# work by counting, on the core of the other worker. Before numpy and torch are there, for they read it once.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

LONGEST = (
    "test_readme",
    "test_random_studies",
    "test_chaos",
    "test_training",
    "test_survival",
    "test_search_training",
    "test_wheel",
)
TRAINS = "\npytestmark = pytest.mark.training\n"


def pytest_addoption(parser):
    parser.addoption("--renew-golden", action="store_true", help="write tests/golden/ anew from what the code makes now")


def pytest_ignore_collect(collection_path, config):
    """A file whose tests all train imports torch at its top: where there is no torch, it is left out instead of an error. Where
    `-m training` asks for nothing else, the files without that mark are not even read, which saves a third of a minute."""
    if collection_path.suffix != ".py" or not collection_path.name.startswith("test_"):
        return None
    code = collection_path.read_text(encoding="utf-8")
    beside = config.option.markexpr == "training" and "mark.training" not in code
    return True if beside or (TRAINS in code and not find_spec("torch")) else None


def pytest_collection_modifyitems(items):
    """A test in a browser is a slow one. What takes longest comes first, for a worker that has nothing left takes none of the last
    two tests of another."""
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))
    for item in items:
        if "browser" in item.fixturenames:
            item.add_marker(pytest.mark.slow)
