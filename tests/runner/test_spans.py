"""Time spent in one another's spans, by a clock that ticks when the test says so."""

import pytest
from sweepbook.runner import spans
from sweepbook.runner.spans import DATA, LOGGING, OPTIMISER, REST, STEP, UNTIMED, Span, Spans


@pytest.fixture
def clock(monkeypatch):
    """A function that moves the clock on."""
    now = [100]
    monkeypatch.setattr(spans.time, "perf_counter_ns", lambda: now[0])

    def spend(time):
        now[0] += time
        return time

    return spend


class Program:
    """Spends 5 in a step, and 2 more in the optimiser within it."""

    def __init__(self, spend):
        self.spend, self.take = spend, lambda: spend(2)

    def step(self):
        self.spend(5)
        self.take()


def test_the_time_of_a_phase_is_without_that_of_the_spans_within_its_own(clock):
    timer, program = Spans(), Program(clock)
    timer.watch(program)
    with timer.span(REST, "lr_0.1 seed 0", start=90):
        for _ in timer.each(DATA, (clock(3) for _ in range(2))):
            program.step()
        clock(1)
    times, kept, left_out = timer.taken()
    assert times == {DATA: 6, STEP: 10, OPTIMISER: 4, REST: 11}
    assert kept[:3] == (Span(DATA, DATA, 100, 103), Span(OPTIMISER, OPTIMISER, 108, 110), Span(STEP, STEP, 103, 110))
    assert kept[-1] == Span("lr_0.1 seed 0", REST, 90, 121)
    assert left_out == 0
    assert timer.taken() == ({}, (), 0)


def test_of_many_spans_some_are_kept_and_all_counted(clock, monkeypatch):
    monkeypatch.setattr(spans, "KEPT", 2)
    timer = Spans()
    spend = timer.timed(DATA, clock)
    assert [spend(1) for _ in range(5)] == [1] * 5
    times, kept, left_out = timer.taken()
    assert (times, len(kept), left_out) == ({DATA: 5}, 2, 3)


def test_an_error_ends_the_spans_that_it_comes_through(clock):
    timer = Spans()
    with pytest.raises(ZeroDivisionError), timer.span(REST):
        timer.timed(LOGGING, lambda: clock(4) / 0)()
    with timer.span(REST):
        clock(2)
    assert timer.taken()[0] == {LOGGING: 4, REST: 2}


def test_what_is_not_timed_stays_as_it_is(clock):
    values, program = [1, 2], Program(clock)
    step, take = program.step, program.take
    UNTIMED.watch(program)
    assert (program.step, program.take) == (step, take)
    assert UNTIMED.each(DATA, values) is values
    assert UNTIMED.timed(DATA, clock) is clock
