"""Logs that other people's runs left, where they are there: what a person would find in them is found."""

import os
from pathlib import Path

import pytest
from sweepbook.analysis.findings.findings import findings
from sweepbook.analysis.report.places import inferred
from sweepbook.runner.rules import Rules

LOGS = Path(os.environ.get("SWEEPBOOK_LOGS", Path(__file__).parents[4] / "shared" / "logs"))
# For each folder the metric and goal that have to be said, if any; runs, runs that count, configurations, seeds; the first groups.
FOUND = {
    "csv-two-seeds": ((None, None), (120, 120, 60, 2), ["Acrobot-v1", "CartPole-v1"]),
    "csv-ten-seeds": ((None, None), (700, 700, 70, 10), ["adult_income", "bank_marketing"]),
    "mlflow-export": ((None, None), (1_011, 848, 584, 0), ["cic-malmem-binary"]),
    "mlflow-sqlite": ((None, None), (20, 20, 12, 0), ["all"]),
    "wandb-export": (("test_full/psnr", None), (108, 107, 84, 3), ["label.1_label.2_label.3"]),
    "lightning": ((None, None), (45, 15, 15, 1), ["all"]),
    "optuna-sqlite": ((None, None), (106, 22, 22, 0), ["all"]),
    "tensorboard": (("lax/foo", "maximize"), (9, 9, 3, 3), ["all"]),
    "sb3-progress": ((None, None), (7, 7, 7, 0), ["atari_breakout", "cartpole", "lunar_lander"]),
    "trainer-state": ((None, None), (1, 1, 1, 0), ["all"]),
}


@pytest.mark.slow
@pytest.mark.skipif(not LOGS.is_dir(), reason="the logs of other people are not here")
@pytest.mark.parametrize("name", FOUND)
def test_the_runs_and_groups_that_a_person_would_find_are_found(name):
    (metric, goal), counts, groups = FOUND[name]
    study, sweep = inferred(LOGS / name, Rules(), metric, goal)
    assert (len(sweep.runs), len(sweep.used), sweep.used["id"].nunique(), sweep.used["seed"].nunique()) == counts
    assert [group.group.name for group in findings(sweep, study).groups][: len(groups)] == groups


@pytest.mark.slow
@pytest.mark.skipif(not LOGS.is_dir(), reason="the logs of other people are not here")
def test_a_key_among_the_settings_is_told_by_name_alone():
    _, sweep = inferred(LOGS / "wandb-export", Rules(), "test_full/psnr", None)
    assert sweep.picture.secrets == (("wandb_key", 75),)
    assert not any("wandb_key" in str(name) for name in sweep.runs.columns)
