"""Predictions that rest on the same runs are one piece of evidence, and the journal says so once."""

import pytest
from sweepbook.analysis.findings.findings import findings
from sweepbook.analysis.journal.journal import journal
from sweepbook.analysis.journal.notes.notes import Notes
from sweepbook.analysis.journal.together import on_the_same_runs
from sweepbook.analysis.logs.sweep import load_sweep

PLAN = """
[study]
title = "T"
[[group]]
name = "all"
where = {{ }}
{predictions}
"""
TEXTS = {
    "8 beats 16": "better = { batch = 8 }\nthan = { batch = 16 }",
    "16 beats 8": "better = { batch = 16 }\nthan = { batch = 8 }",
    "8 beats 32": "better = { batch = 8 }\nthan = { batch = 32 }",
    "More is worse": 'trend = "decreasing"\nof = "batch"',
    "Less and less": 'trend = "diminishing"\nof = "batch"',
    "8 reaches 80%": "at = { batch = 8 }\nat_least = 0.8",
    "8 stays below 90%": "at = { batch = 8 }\nat_most = 0.9",
    "The gap is small": "at = { batch = 8 }\ngap_at_most = 0.5",
}
SCORES = {8: (0.84, 0.83, 0.85), 16: (0.82, 0.83, 0.81), 32: (0.75, 0.77, 0.76)}


@pytest.fixture
def made(tmp_path, log, run, plan):
    def make(*says):
        text = "\n".join(f'[[group.prediction]]\nsays = "{one}"\n{TEXTS[one]}' for one in says)
        study, logs = plan(tmp_path / "study", PLAN.format(predictions=text)), tmp_path / "logs"
        for batch, values in SCORES.items():
            for seed, score in enumerate(values):
                metrics = {"valid_accuracy": score, "valid_loss": 1 - score, "train_loss": 0.9 - score}
                log(logs, f"{batch}-{seed}", run(seed=seed, label=f"b{batch}", config={"batch": batch}, metrics=metrics))
        sweep = load_sweep(logs)
        found = findings(sweep, study)
        return found, journal(found, sweep, Notes(), {})

    return make


def pairs(found):
    return [(own.prediction.says, before.prediction.says) for own, before in on_the_same_runs(found.outcomes)]


@pytest.mark.parametrize(
    ("first", "second"),
    [("8 beats 16", "16 beats 8"), ("More is worse", "Less and less"), ("8 reaches 80%", "8 stays below 90%")],
)
def test_two_that_compare_the_same_runs_stand_or_fall_together(made, first, second):
    found, page = made(first, second)
    assert pairs(found) == [(second, first)]
    before, own = page.sections[0].predictions
    assert "same runs" not in before.why
    assert f'It rests on the same runs as "{first}": one piece of luck decides both.' in own.why


@pytest.mark.parametrize(
    ("first", "second"),
    [("8 beats 16", "8 beats 32"), ("8 reaches 80%", "8 beats 16"), ("8 reaches 80%", "The gap is small")],
)
def test_two_that_share_some_runs_alone_or_another_metric_are_told_apart(made, first, second):
    found, page = made(first, second)
    assert pairs(found) == []
    assert "same runs as" not in " ".join(page.overview)
