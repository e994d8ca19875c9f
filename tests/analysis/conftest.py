"""Small logs and plans for the tests of the analysis, and a cache of their own."""

import runpy
import shutil
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from sweepbook.runner.logtext import to_toml
from sweepbook.runner.plan import load_study
from sweepbook.runner.runlog import FILE, Run

settings.register_profile("steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

BEGUN = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory):
    """No test writes into the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


def _run(accuracy=0.8, seed=0, minute=0, epochs=None, **changes):
    """A finished run that scores `accuracy`, begun `minute` minutes after noon; `changes` are fields of a Run."""
    losses = {"train_loss": 1 - accuracy, "valid_loss": 1.25 - accuracy}
    run = Run(
        label="a",
        study="s",
        seed=seed,
        status="finished",
        started=BEGUN + timedelta(minutes=minute),
        seconds=2.0,
        config={"lr": 0.1},
        metrics={**losses, "valid_accuracy": accuracy},
        epochs={"valid_accuracy": [accuracy] * epochs} if isinstance(epochs, int) else epochs or {},
    )
    return replace(run, **changes)


def _log(logs, name, run):
    """Writes `run` into the folder `name` of `logs`."""
    folder = Path(logs) / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_text(to_toml(run))
    return folder / FILE


def _plan(folder, text):
    """The study of the plan `text`, which is written into `folder`."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    (Path(folder) / "study.toml").write_text(text)
    return load_study(Path(folder))


@pytest.fixture(autouse=True)
def no_width(monkeypatch):
    """No test goes by how wide the terminal is in which it runs."""
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture(scope="session")
def not_drawn():
    return runpy.run_path(str(Path(__file__).with_name("undrawn.py")))["NotDrawn"]


@pytest.fixture
def undrawn(monkeypatch, not_drawn):
    """The builds of this process draw nothing: for tests that look at no figure."""
    monkeypatch.setattr("sweepbook.analysis.page.gallery.Drawing", not_drawn)


@pytest.fixture
def settle(monkeypatch):
    """settle(): waits until no log is so young that it could change unseen: a twentieth of a second, where users wait for two."""
    for module in ("logs.memory", "report.lastbuild"):
        monkeypatch.setattr(f"sweepbook.analysis.{module}.TICK", 30_000_000)
    return lambda: time.sleep(0.05)


@pytest.fixture(scope="module")
def browser():
    """A Chromium for all tests of a file. Not for all files: asyncio, which others use, cannot run beside Playwright."""
    api = pytest.importorskip("playwright.sync_api")
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("no Chromium is installed")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def run():
    return _run


@pytest.fixture(scope="session")
def log():
    return _log


@pytest.fixture(scope="session")
def plan():
    return _plan
