"""The sentences of a comparison."""

import json
from dataclasses import replace

import pytest
from sweepbook.analysis.diff import differences, method, verdict
from sweepbook.analysis.diff.diff import Options, sweep_diff
from sweepbook.analysis.diff.document import document

PAIRS = [({"lr": rate}, [rate + off for off in (0.5, 0.52, 0.51)]) for rate in (0.01, 0.02, 0.03, 0.04)]
PLAN = """
[study]
title = "T"
seeds = [0, 1, 2]
[[group]]
name = "all"
where = {}
"""
ASKED = """
  [[group.prediction]]
  says = "0.04 beats 0.01"
  better = { lr = 0.04 }
  than = { lr = 0.01 }
"""


def compared(old, new):
    return sweep_diff(old, new, Options())


@pytest.fixture
def side(built):
    return built("a", *PAIRS)


def first(side, **changes):
    """The side with its first entry changed."""
    key, entry = next(iter(side.entries.items()))
    return replace(side, entries={**side.entries, key: replace(entry, **changes)})


def test_nothing_changed_where_nothing_else_is_told(side):
    expected = "Nothing changed: all 4 configurations have the same runs on both sides, to the last digit."
    assert verdict.answer(compared(side, side)) == expected


@pytest.mark.parametrize(
    "change",
    [
        lambda side: replace(side, environment={"torch": ("9",)}),
        lambda side: first(side, parameters=12345),
        lambda side: first(side, seconds=12345.0),
        lambda side: first(side, runs={**next(iter(side.entries.values())).runs, "f1": {0: 0.5}}),
        lambda side: replace(side, entries=dict(list(side.entries.items())[1:])),
        lambda side: replace(side, states={**side.states, "failed": 3}),
    ],
)
def test_no_score_changed_where_something_else_did(side, change):
    side = replace(side, environment={"torch": ("1",)})
    assert verdict.answer(compared(side, change(side))).startswith("No score changed: all ")


def test_a_prediction_on_one_side_alone_is_told(built):
    old, new = built("old", *PAIRS, text=PLAN), built("new", *PAIRS, text=PLAN + ASKED)
    added, dropped = compared(old, new), compared(new, old)
    assert "1 expectation added: all: 0.04 beats 0.01." in differences.unmatched(added)
    assert "1 expectation dropped: all: 0.04 beats 0.01." in differences.unmatched(dropped)
    assert verdict.answer(added).startswith("No score changed")
    said = [{"group": "all", "says": "0.04 beats 0.01"}]
    assert json.loads(document(added))["predictions_added"] == json.loads(document(dropped))["predictions_removed"] == said


def test_a_metric_on_one_side_alone_is_told(side):
    more = first(side, runs={**next(iter(side.entries.values())).runs, "f1": {0: 0.5}})
    assert differences.unmatched(compared(more, side)) == ("Logged by the old sweep alone: f1.",)
    assert differences.unmatched(compared(side, more)) == ("Logged by the new sweep alone: f1.",)
    assert json.loads(document(compared(more, side)))["metrics_removed"] == ["f1"]
    assert json.loads(document(compared(side, more)))["metrics_added"] == ["f1"]


def test_the_answer_says_where_the_noise_is_not_known(built):
    old, new = (built(name, *[(c, [s[0] + by]) for c, s in PAIRS]) for name, by in (("a", 0.0), ("b", 0.019)))
    found = compared(old, new)
    assert verdict.answer(found) == (
        "Cannot tell yet: no configuration has two runs that differ, so the noise is not known."
        " On average +1.9 points over 4 configurations."
    )
    how = " ".join(method.method(found))
    assert "Holm" not in how
    assert "as drawn" not in how


def test_the_answer_has_no_interval_that_leaves_the_luck_of_the_seed_out(built):
    found = compared(built("a", *PAIRS), built("b", *[(c, [x + i * 0.001 for i, x in enumerate(s)]) for c, s in PAIRS]))
    unknown = replace(found, overall={name: replace(one, seeds_known=False) for name, one in found.overall.items()})
    assert verdict.answer(unknown).endswith("changed. On average +0.1 points over 4 configurations.")
    assert "as drawn" in " ".join(method.method(found))
    assert "as drawn" not in " ".join(method.method(unknown))
    assert "about 5 at most" in " ".join(method.method(found))


def test_of_many_labels_the_first_are_told_and_the_rest_counted(built):
    rows = [({"lr": round(0.01 * i, 2)}, [0.5]) for i in range(1, 12)]
    (line, *_) = differences.unmatched(
        compared(built("a", rows[0]), built("b", *[(c, s, {"label": f"n{i}"}) for i, (c, s) in enumerate(rows)]))
    )
    assert line.startswith("10 configurations added: ")
    assert line.endswith(" and 2 more.")
    assert " to " not in line


def test_logs_that_do_not_count_are_told_where_no_run_is_left(side):
    empty = replace(side, entries={}, groups=(), problems=("no seed", "no score", "no score"))
    assert verdict.answer(compared(side, empty)).endswith("; 3 logs do not count: no score.")
    assert "1 log does not count: no seed" in verdict.answer(compared(side, replace(empty, problems=("no seed",))))
