"""Stores that real tools wrote (tests/real), unpacked, and what the readers make of a folder."""

import json
import lzma
import tarfile
from pathlib import Path

import pytest
from sweepbook.analysis.logs.files import find_logs
from sweepbook.runner.rules import Rules
from sweepbook.runner.runlog import LogError

REAL = Path(__file__).parents[3] / "real"


def versions(tool):
    """The folders of the versions whose stores there are."""
    return sorted(path.parent for path in (REAL / tool).glob("*/expected.json"))


def unpacked(folder, target):
    """What the tool's own API says; its stores are then in `target`."""
    target.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        if path.name.endswith(".tar.xz"):
            with tarfile.open(path) as tar:
                tar.extractall(target, filter="data")
        elif path.suffix == ".xz":
            (target / path.stem).write_bytes(lzma.decompress(path.read_bytes()))
    return json.loads((folder / "expected.json").read_text())


def read_runs(folder, rules=None):
    """The runs in `folder`, each by the name of its log and its place there; and the reasons of what could not be read, by log."""
    listing = find_logs(folder)
    runs, reasons = {}, dict(listing.other)
    for name, source in listing.sources.items():
        try:
            for run in source.reader.read(source.log, rules or Rules()):
                runs[f"{name}/{run.place}" if run.place else name] = run
        except LogError as error:
            reasons[name] = str(error)
    return runs, reasons


@pytest.fixture
def real():
    """How to unpack a store, and how to read a folder."""
    return unpacked, read_runs


def pytest_generate_tests(metafunc):
    """A test that takes `mlflow`, `optuna` or `trackio` runs once for each version of the tool."""
    for tool in ("mlflow", "optuna", "trackio"):
        if tool in metafunc.fixturenames:
            folders = versions(tool)
            metafunc.parametrize(tool, folders, ids=[folder.name for folder in folders])
