"""The number of seeds that telling two configurations apart takes: one, wherever it is asked."""

import json
import re
from dataclasses import replace

import pytest
from sweepbook.analysis.export.record.write import findings_json
from sweepbook.analysis.findings.findings import findings
from sweepbook.analysis.journal.next_steps import next_steps
from sweepbook.analysis.logs.sweep import load_sweep
from sweepbook.analysis.predictions.pairs import agreed, asked

PLAN = """
[study]
title = "T"
[[group]]
name = "all"
where = {}
  [[group.prediction]]
  says = "8 beats 16"
  better = { batch = 8 }
  than = { batch = 16 }
  [[group.prediction]]
  says = "8 is best"
  best = { batch = 8 }
  [[group.prediction]]
  says = "8 beats 16 by a point"
  better = { batch = 8 }
  than = { batch = 16 }
  by = 0.01
[[group]]
name = "two"
where = { batch = [8, 16] }
  [[group.prediction]]
  says = "8 is best of two"
  best = { batch = 8 }
  [[group.prediction]]
  says = "More is less"
  trend = "decreasing"
  of = "batch"
"""
SCORES = {4: (0.70, 0.73, 0.71), 8: (0.832, 0.812, 0.837), 16: (0.812, 0.83, 0.818), 32: (0.77, 0.75, 0.775)}


@pytest.fixture
def found(tmp_path, log, run, plan):
    for batch, values in SCORES.items():
        for seed, score in enumerate(values):
            log(tmp_path / "logs", f"{batch}-{seed}", run(score, seed=seed, label=f"batch_{batch}", config={"batch": batch}))
    return findings(load_sweep(tmp_path / "logs"), plan(tmp_path / "study", PLAN))


def test_predictions_of_several_kinds_and_groups_name_one_number_of_seeds_for_one_pair(found):
    told = {one.prediction.says: one for one in found.outcomes}
    pair = [told[says] for says in ("8 beats 16", "8 is best", "8 is best of two", "More is less")]
    assert {one.verdict for one in pair} == {"cannot tell"}
    (seeds,) = {one.seeds_needed for one in pair}
    assert seeds > 3
    document = json.loads(findings_json(found))
    texts = [p["why"] for group in document["groups"] for p in group["predictions"] if p["says"] != "8 beats 16 by a point"]
    texts += [text for group in found.groups for text in next_steps(group, found) if "would settle" in text]
    assert len(texts) == 6
    assert {int(n) for text in texts for n in re.findall(r"(\d+) more seeds? each", text)} == {seeds - 3}


def test_another_distance_of_the_same_pair_has_a_number_of_its_own(found):
    told = {one.prediction.says: one for one in found.outcomes}
    assert told["8 beats 16 by a point"].seeds_needed != told["8 beats 16"].seeds_needed


def test_the_largest_number_counts_and_more_than_a_thousand_is_larger_than_any(found):
    one, other = found.outcomes[:2]
    for numbers, most in (((5, 9), 9), ((9, 5), 9), ((5, None), None)):
        outcomes = [replace(outcome, seeds_needed=n) for outcome, n in zip((one, other), numbers, strict=True)]
        assert [outcome.seeds_needed for outcome in agreed(outcomes)] == [most, most]


def test_what_is_told_already_needs_no_number_and_is_left_alone(found):
    one, other = found.outcomes[:2]
    told = replace(one, seeds_needed=2, verdict="confirmed")
    assert [outcome.seeds_needed for outcome in agreed([told, other])] == [2, other.seeds_needed]
    ids = {part.behind[0].id for part in one.parts}
    assert asked([told], "valid_accuracy", ids) is None
    assert asked([told, other], "valid_accuracy", ids) is other
    assert asked([other], "valid_loss", ids) is None
