"""What a metric can be, and that no number told of it passes that."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sweepbook.analysis.export.record.write import findings_json
from sweepbook.analysis.findings.findings import findings
from sweepbook.analysis.groups.span import Span, span
from sweepbook.analysis.journal.answers import answers
from sweepbook.analysis.journal.scatter import noise
from sweepbook.analysis.journal.tables import noises
from sweepbook.analysis.logs.sweep import load_sweep
from sweepbook.analysis.stats.contrasts import Difference
from sweepbook.analysis.stats.means import Estimate
from sweepbook.analysis.stats.noise import noise as pooled
from sweepbook.runner.plan import load_study

SHARE = Span(0.0, 1.0)
PLAN = """
[study]
title = "Few"
metric = "{metric}"

[[group]]
name = "lr"
hypothesis = "h"
where = {{}}
{predictions}
"""
PREDICTIONS = """
[[group.prediction]]
says = "0.1 is best"
best = { lr = [0.1] }
[[group.prediction]]
says = "0.1 beats 1"
better = { lr = 0.1 }
than = { lr = 1.0 }
[[group.prediction]]
says = "0.1 is good"
at = { lr = 0.1 }
at_least = 0.5
[[group.prediction]]
says = "it rises"
trend = "increasing"
of = "lr"
[[group.prediction]]
says = "the gap is small"
gap_at_most = 0.1
"""
RUN = """schema = 1
[run]
label = "lr_{lr}"
seed = {seed}
status = "finished"
started = 2026-05-01T12:00:00Z
seconds = 3.0
[config]
lr = {lr}
[metrics]
valid_accuracy = {accuracy}
valid_loss = {loss}
train_loss = 0.01
"""
# One configuration with two runs, far apart: one degree of freedom.
RUNS = [(0.01, 0, 0.7, 0.02), (0.01, 1, 0.85, 0.4), (0.1, 0, 0.8, 0.02), (1.0, 0, 0.3, 0.02), (2.0, 0, 0.5, 0.02)]


@pytest.fixture
def few(tmp_path):
    """The findings of a study in which one configuration alone ran twice, by the metric that it ranks by."""

    def made(metric="valid_accuracy"):
        plan = tmp_path / "studies" / "few" / "study.toml"
        plan.parent.mkdir(parents=True)
        plan.write_text(PLAN.format(metric=metric, predictions=PREDICTIONS))
        for i, (lr, seed, accuracy, loss) in enumerate(RUNS):
            log = tmp_path / "logs" / f"{i:04d}" / "run.toml"
            log.parent.mkdir(parents=True)
            log.write_text(RUN.format(lr=lr, seed=seed, accuracy=accuracy, loss=loss))
        return findings(load_sweep(tmp_path / "logs"), load_study(plan))

    return made


def numbers(document, name):
    """Every number under a key of this name, wherever in the document it stands."""
    if isinstance(document, list):
        for one in document:
            yield from numbers(one, name)
    elif isinstance(document, dict):
        for key, value in document.items():
            if key == name and isinstance(value, int | float):
                yield value
            yield from numbers(value, name)


def test_a_name_tells_where_a_metric_lies_and_values_beyond_tell_that_it_means_something_else():
    assert span("valid_accuracy", [0.2, 0.9]) == SHARE
    assert span("valid_accuracy", [83.0]) == Span(-math.inf, math.inf)
    assert span("rmse") == Span(0.0, math.inf)
    assert span("gap", [0.1]) == Span(-math.inf, math.inf)


def test_a_loss_that_is_never_below_nothing_is_taken_to_be_one_that_cannot_be():
    assert span("valid_loss", [0.5, 0.0]) == Span(0.0, math.inf)
    assert span("valid_loss", [0.5, -0.1]) == span("valid_loss") == Span(-math.inf, math.inf)


def test_an_interval_ends_where_the_metric_does():
    assert SHARE.estimate(Estimate(3, 0.9, 0.7, 1.1)) == Estimate(3, 0.9, 0.7, 1.0)
    assert SHARE.difference(Difference(0.1, -3.0, 3.2)) == Difference(0.1, -1.0, 1.0)
    assert SHARE.difference(Difference(0.1, -3.0, 3.2), 0.0) == Difference(0.1, 0.0, 1.0)
    assert SHARE.difference(Difference(1.2, 0.9, 1.5)) == Difference(1.2, 0.9, 1.2)
    assert SHARE.difference(Difference(0.1, None, None)) == Difference(0.1, None, None)
    assert (SHARE.seen(0.3), SHARE.seen(1.3), SHARE.seen(None)) == (0.3, None, None)


def test_a_noise_is_at_most_half_of_what_a_share_can_be():
    found = SHARE.noise(pooled({"a": {0: 0.7, 1: 0.85}}))
    assert (found.high, found.replicates.high) == (0.5, 0.5)
    wide = SHARE.noise(pooled({"a": {0: 0.0, 1: 1.0}}))
    assert wide.high == wide.sd == pytest.approx(0.5**0.5)


@given(st.floats(0, 1), st.floats(0, 5))
def test_no_interval_of_a_share_leaves_it(mean, half):
    found = SHARE.estimate(Estimate(2, mean, mean - half, mean + half))
    assert 0 <= found.low <= mean <= found.high <= 1


def test_no_number_of_a_share_in_findings_json_lies_outside_what_a_share_can_be(few):
    document = json.loads(findings_json(few()))
    configs = [config["metrics"]["valid_accuracy"] for config in document["configs"]]
    assert [(one["low"], one["high"]) for one in configs] == [(0.0, 1.0)] * 4
    assert document["noise"]["valid_accuracy"]["high"] == 0.5
    assert document["noise"]["valid_accuracy"]["detectable"] is None
    best, lead, value, trend, _ = document["groups"][0]["predictions"]
    assert [(one["low"], one["high"], one["resolves"]) for one in (best, lead, trend)] == [(-1.0, 1.0, None)] * 3
    assert (value["low"], value["high"]) == (0.0, 1.0)
    for effect in document["effects"]:
        assert (effect["low"], effect["high"]) == (0.0, 1.0)
        assert [(step["low"], step["high"]) for step in effect["steps"]] == [(-1.0, 1.0)] * 3
    assert all(0 <= size <= 1 for size in numbers(document, "expected_maximum"))


def test_no_interval_of_a_loss_goes_below_nothing_where_no_run_does(few):
    document = json.loads(findings_json(few("valid_accuracy")))
    assert [config["metrics"]["valid_loss"]["low"] for config in document["configs"]] == [0.0] * 4


def test_where_near_nothing_is_known_of_the_noise_the_journal_says_that_nothing_can_be_told(few):
    found = few()
    assert answers(found)[-1].says == "No difference could be seen: too few runs were repeated."
    assert "8 of 10" not in noise(found)
    assert {line.cells[0]: line.cells[5] for line in noises(found).lines}["validation accuracy"] == "–"
    document = json.loads(findings_json(found))
    for prediction in document["groups"][0]["predictions"][:2]:
        assert "too few runs were repeated to know the noise" in prediction["why"]
