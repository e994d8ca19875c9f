from sweepbook.analysis.cli import tally
from sweepbook.analysis.cli.tally import Tally
from sweepbook.runner.launch.events import Ended, Started
from sweepbook.runner.study import PlannedRun

RUN = PlannedRun("a", "id", {"lr": 0.1}, 0)


def test_what_ended_is_counted_by_its_kind_with_the_time_by_the_clock(monkeypatch):
    monkeypatch.setattr(tally.time, "monotonic", iter([100.0, 137.2]).__next__)
    found = Tally()
    for title, status in [("search", "finished"), ("search", "pruned"), ("training", "finished"), ("training", "elsewhere")]:
        found.note(title, Started(RUN, None))
        found.note(title, Ended(RUN, status, seconds=9.0))
    assert found.line(2) == "2 trials and 1 run in 37 s with 2 jobs, starting up included"


def test_where_nothing_was_trained_nothing_is_said():
    assert Tally().line(1) == ""
