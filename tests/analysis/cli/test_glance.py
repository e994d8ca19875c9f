from pathlib import Path
from types import SimpleNamespace

from sweepbook.analysis.cli.glance import glance
from sweepbook.analysis.report.lastbuild import LastBuild

OUT = Path("reports/small")
BUILT = {"journal.md": "a digest"}


def found(runs, planned=0, diverged=0, trials=None, over=True):
    """Findings of which so many runs count, and so many trials of a search have ended."""
    groups = [SimpleNamespace(trials=None)]
    groups += [SimpleNamespace(trials=SimpleNamespace(done=range(trials), over=over))] if trials is not None else []
    totals = SimpleNamespace(planned=planned)
    return SimpleNamespace(ranking=[SimpleNamespace(n=runs)], groups=groups, totals=totals, unfinished=planned - runs - diverged)


def test_the_line_says_how_many_runs_came_and_how_many_are_to_come():
    before = LastBuild(files=BUILT, runs=10)
    assert (
        glance(OUT, found(15, planned=19, diverged=1), before, ["5 runs came: a"])
        == "reports/small: 15 runs, 5 more; 3 planned runs to go"
    )
    assert (
        glance(OUT, found(18, planned=19, diverged=1), before, []) == "reports/small: 18 runs, 8 more; all planned runs have ended"
    )
    assert glance(OUT, found(9), before, []) == "reports/small: 9 runs, 1 fewer"


def test_where_no_run_came_it_says_what_moved_in_a_length_that_a_line_has_room_for():
    before = LastBuild(files=BUILT, runs=2)
    assert glance(OUT, found(2), before, []) == "reports/small: 2 runs; only words or pictures changed"
    assert (
        glance(OUT, found(2), before, ["1 run changed: a (test_accuracy)"])
        == "reports/small: 2 runs; 1 run changed: a (test_accuracy)"
    )
    assert len(glance(OUT, found(2), before, ["6 runs came: " + "a_long_name, " * 40])) < 120
    assert glance(OUT, found(2), before, ["SB202: now fires (11 are not there: " + "a_long_name, " * 40]).endswith(" …)")


def test_the_first_line_says_nothing_of_a_report_that_was_not_there():
    assert glance(OUT, found(2), LastBuild(), []) == "reports/small: 2 runs"


def test_a_search_counts_its_trials_and_goes_on_until_it_is_over():
    before = LastBuild(files=BUILT, trials=3)
    assert glance(OUT, found(0, trials=4, over=False), before, []) == "reports/small: 4 trials, 1 more; 0 runs; a search goes on"
    assert glance(OUT, found(2, planned=6, trials=8), before, []) == "reports/small: 8 trials, 5 more; 2 runs; 4 planned runs to go"
