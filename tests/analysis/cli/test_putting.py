"""Logs of a sweep come to the address while it goes on, and wait here while the address does not answer."""

import time
from types import SimpleNamespace

import pytest
from sweepbook.analysis.cli import putting as module
from sweepbook.analysis.cli.putting import Putting
from sweepbook.analysis.logs.address import folder_of
from sweepbook.analysis.logs.mirror import mirrored
from sweepbook.runner.launch.events import Started
from sweepbook.runner.study import PlannedRun

fsspec = pytest.importorskip("fsspec")
ADDRESS = "memory://lab/put"
RUN = PlannedRun("a", "a", {"lr": 0.1}, 0)


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(module, "EVERY", 0.01)
    memory = fsspec.filesystem("memory")
    memory.store.clear()
    yield memory
    memory.store.clear()


def write(text: str):
    """The log of the one run of these tests, written by its worker."""
    folder = folder_of(ADDRESS) / "run"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "run.toml").write_text(text)
    return folder


def wait_for(condition):
    """Waits until another thread has done its work."""
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_log_comes_to_the_address_while_the_sweep_goes_on(files):
    with Putting(mirrored(ADDRESS)) as putting:
        assert putting.note(Started(RUN, write("running"))) == ""
        wait_for(lambda: files.store)
        assert files.cat_file("/lab/put/run/run.toml") == b"running"


def test_the_last_state_of_every_log_is_put_at_the_end(files):
    with Putting(mirrored(ADDRESS)) as putting:
        putting.note(Started(RUN, write("running")))
        write("finished")
    assert files.cat_file("/lab/put/run/run.toml") == b"finished"
    assert putting.failure == ""


def test_an_address_that_does_not_answer_is_said_once_and_costs_nothing(files, monkeypatch):
    def refuse(*_):
        raise OSError("it is gone")

    monkeypatch.setattr(module, "time", SimpleNamespace(sleep=lambda _: None))
    with Putting(mirrored(ADDRESS)) as putting, monkeypatch.context() as patch:
        patch.setattr(type(files), "put", refuse)
        putting.note(Started(RUN, write("running")))
        wait_for(lambda: putting.trouble)
        assert "memory://lab/put: it is gone" in putting.note(Started(RUN, write("running")))
        assert putting.note(Started(RUN, write("finished"))) == ""
    assert files.cat_file("/lab/put/run/run.toml") == b"finished"
    assert putting.failure == ""


def test_what_could_not_be_put_waits_for_the_next_sweep(files, monkeypatch):
    def refuse(*_):
        raise OSError("it is gone")

    monkeypatch.setattr(module, "time", SimpleNamespace(sleep=lambda _: None))
    with monkeypatch.context() as patch:
        patch.setattr(type(files), "put", refuse)
        with Putting(mirrored(ADDRESS)) as putting:
            putting.note(Started(RUN, write("finished")))
        assert "1 file not put there" in putting.failure
    with Putting(mirrored(ADDRESS)) as putting:
        pass
    assert files.cat_file("/lab/put/run/run.toml") == b"finished"
    assert putting.failure == ""


def test_a_folder_like_any_other_is_left_alone(tmp_path):
    with Putting(tmp_path) as putting:
        assert putting.note(Started(RUN, tmp_path)) == ""
    assert list(tmp_path.iterdir()) == []
