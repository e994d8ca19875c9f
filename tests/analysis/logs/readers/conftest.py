"""What the tests of readers share: the runs that lie in a folder, and what the tool itself said of them."""

import json
import math
from pathlib import Path

import pytest
from sweepbook.analysis.logs.files import find_logs
from sweepbook.runner.rules import Rules
from sweepbook.runner.runlog import LogError

REAL = Path(__file__).parents[3] / "real"


@pytest.fixture
def read():
    """The runs in a folder by their log's name, or the reason why there is none; read by whatever reader takes them."""

    def runs(folder):
        listing, read = find_logs(folder), {}
        for name, source in listing.sources.items():
            try:
                for run in source.reader.read(source.log, Rules()):
                    read[f"{name}/{run.place}" if run.place else name] = run
            except LogError as error:
                read[name] = str(error)
        return read

    return runs


@pytest.fixture
def said():
    """What the tool itself said of the runs in a folder of tests/real."""

    def expected(tool, version):
        return json.loads((REAL / tool / version / "expected.json").read_text())

    return expected


@pytest.fixture
def real():
    return REAL


@pytest.fixture
def same():
    """Whether two tables of numbers, or two lists, have the same values; one that is no number equals itself."""

    def equal(ours, theirs):
        if isinstance(theirs, dict):
            return ours.keys() == theirs.keys() and all(equal(ours[name], theirs[name]) for name in theirs)
        if isinstance(theirs, list):
            return len(ours) == len(theirs) and all(map(equal, ours, theirs))
        return ours == theirs or (isinstance(ours, float) and isinstance(theirs, float) and math.isnan(ours) and math.isnan(theirs))

    return equal
