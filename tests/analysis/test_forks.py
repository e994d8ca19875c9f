"""Work in a process beside this one: done there where that is worth it, and done all the same where it is not or fails."""

import os
import signal
import threading

import pytest
from sweepbook.analysis import forks
from sweepbook.analysis.forks import beside, forked


@pytest.fixture(autouse=True)
def one_thread(monkeypatch):
    monkeypatch.setattr(threading, "active_count", lambda: 1)  # the tests' own threads hold no lock that matters
    monkeypatch.setattr(forks, "cores", lambda: 2)


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")
def test_what_is_worth_it_is_worked_out_by_another_process():
    with beside(os.getpid, worth=True) as result:
        assert result() != os.getpid()


def test_what_is_not_worth_it_or_has_no_second_core_or_thread_beside_it_is_worked_out_here(monkeypatch):
    with beside(os.getpid, worth=False) as result:
        assert result() == os.getpid()
    monkeypatch.setattr(forks, "cores", lambda: 1)
    with beside(os.getpid, worth=True) as result:
        assert result() == os.getpid()
    monkeypatch.setattr(forks, "cores", lambda: 2)
    monkeypatch.setattr(threading, "active_count", lambda: 2)
    with beside(os.getpid, worth=True) as result:
        assert result() == os.getpid()


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")
def test_what_a_killed_process_was_to_work_out_is_worked_out_here():
    ours = os.getpid()

    def work():
        if os.getpid() != ours:
            os.kill(os.getpid(), signal.SIGKILL)
        return "done"

    with forked([work, lambda: "beside"]) as results:
        assert [result() for result in results] == ["done", "beside"]
