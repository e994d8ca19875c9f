import json
import re

import numpy as np
import pytest
from scipy import stats
from sweepbook.analysis.export.record.write import findings_json
from sweepbook.analysis.findings.findings import findings
from sweepbook.analysis.journal import insights
from sweepbook.analysis.logs.sweep import load_sweep

PLAN = """
[study]
title = "T"
[[group]]
name = "batches"
where = {{ }}
{predictions}
"""
BEST = """
[[group.prediction]]
says = "8 is best"
best = { batch = 8 }
"""
BETTER = """
[[group.prediction]]
says = "8 beats 16"
better = { batch = 8 }
than = { batch = 16 }
"""
SCORES = {4: (0.70, 0.72, 0.71), 8: (0.812, 0.832, 0.822), 16: (0.84, 0.822, 0.831), 32: (0.76, 0.75, 0.77)}


@pytest.fixture
def told(tmp_path, log, run, plan):
    def make(predictions="", scores=SCORES):
        study, logs = plan(tmp_path / "study", PLAN.format(predictions=predictions)), tmp_path / "logs"
        for batch, values in scores.items():
            for seed, score in enumerate(values):
                log(logs, f"{batch}-{seed}", run(score, seed=seed, label=f"batch_{batch}", config={"batch": batch}))
        return findings(load_sweep(logs), study)

    return make


def seeds(text):
    """The seeds that a sentence says telling the difference of the two best means takes."""
    return int(re.search(r"telling the 0\.9 points seen takes (\d+) seeds each, more if the true one is smaller", text)[1])


@pytest.mark.parametrize("predictions", [BEST, BETTER, BEST + BETTER])
def test_one_pair_takes_one_number_of_seeds_in_a_prediction_and_in_the_next_steps(told, predictions):
    found = told(predictions)
    asked = [p["why"] for p in json.loads(findings_json(found))["groups"][0]["predictions"]]
    (step,) = (text for text in insights.next_steps(found.groups[0], found) if "two best means" in text)
    assert seeds(step) == max(map(seeds, asked))


def least_apart(scores):
    """By Tukey's value, with the seeds taken off and the noise of each configuration drawn towards that of all."""
    y = np.array(list(scores.values()))
    left = y - y.mean(1, keepdims=True) - (y - y.mean(1, keepdims=True)).mean(0)
    k, n = y.shape
    df = (k - 1) * (n - 1)
    variances = (4 * (left**2).sum() / df + (left**2).sum(1) * k / (k - 1)) / (4 + n - 1)
    return stats.studentized_range.ppf(0.95, k, df) / 2**0.5 * ((variances[1] + variances[2]) / n) ** 0.5


def test_the_two_best_means_are_held_apart_by_what_tells_a_tier(told):
    found = told()
    (step,) = (text for text in insights.next_steps(found.groups[0], found) if "two best means" in text)
    assert 100 * least_apart(SCORES) == pytest.approx(3.1, abs=0.05)
    assert step.startswith("The two best means are 0.9 points apart; these runs tell them apart from 3.1 points on; telling")
    best_alone = told(scores={**SCORES, 16: (0.922, 0.94, 0.931)})
    assert not [text for text in insights.next_steps(best_alone.groups[0], best_alone) if "two best means" in text]


def test_a_random_search_tells_the_means_by_level_of_what_has_few_and_names_no_cause(tmp_path, log, run, plan):
    study, logs = plan(tmp_path / "study", PLAN.format(predictions="")), tmp_path / "logs"
    rows = [("Adam", 0.011, 0.80), ("SGD", 0.032, 0.70), ("Adam", 0.023, 0.84), ("SGD", 0.004, 0.72), ("SGD", 0.05, 0.74)]
    for place, (optimizer, rate, score) in enumerate(rows):
        for seed in (0, 1):
            config = {"algo": optimizer, "rate": rate}
            log(logs, f"{place}-{seed}", run(score + seed / 100, seed=seed, label=f"t{place}", config=config))
    found = findings(load_sweep(logs), study)
    texts = [insight.text for insight in insights.insights(found.groups[0], found)]
    assert texts[-1] == (
        "Means by algo, each over so many configurations whose other settings vary too: Adam 82.5% (2) and SGD 72.5% (3). "
        "They name no cause."
    )
    assert not [text for text in texts if text.startswith("Means by rate")]


def test_a_step_between_levels_with_other_seeds_says_at_which_seeds_it_is(told):
    found = told(scores={**SCORES, 16: (0.84, 0.832, 0.821), 32: (0.76, 0.75), 64: (0.6, 0.62, 0.61)})
    texts = [insight.text for insight in insights.insights(found.groups[0], found)]
    assert texts[2].startswith("batch 16 to 32 at the seeds that both have: -8.1 points (")  # 83.6 to 75.5
    assert texts[1].startswith("batch 8 to 16: +0.9 points (")
