"""What must not change what a sweep says: the unit of its metric, the order of its runs, and which way is better."""

import json
from functools import cache

import numpy as np
import pytest
from sweepbook.analysis.export.record.write import findings_json
from sweepbook.analysis.findings.findings import findings
from sweepbook.analysis.logs.sweep import load_sweep

pytestmark = pytest.mark.slow

PLAN = """
[study]
title = "T"
metric = "valid_loss"
goal = "{goal}"
seeds = [0, 1, 2]
[baseline]
dataset = "digits"
model = "mlp"
units1 = 8
depth = 1
epochs = 2
batch_size = 32
lr = 0.01
optimizer = "Adam"
[[group]]
name = "epochs"
grid = {{ epochs = [1, 2, 3, 4] }}
  [[group.prediction]]
  says = "4 beat 1"
  better = {{ epochs = 4 }}
  than = {{ epochs = 1 }}
  by = {by}
  [[group.prediction]]
  says = "2 lies in between"
  at = {{ epochs = 2 }}
  between = [{low}, {high}]
  [[group.prediction]]
  says = "It goes one way"
  trend = "{trend}"
  of = "epochs"
  [[group.prediction]]
  says = "Less and less"
  trend = "diminishing"
  of = "epochs"
  [[group.prediction]]
  says = "3 or 4 is best"
  best = {{ epochs = [3, 4] }}
  [[group.prediction]]
  says = "The rate matters more"
  factor = "lr"
  matters_more_than = "units1"
  [[group.prediction]]
  says = "Longer beats wider"
  beats = "both"
[[group]]
name = "both"
grid = {{ units1 = [8, 16], lr = [0.01, 0.1, 1.0] }}
[[group]]
name = "fixed"
grid = {{ epochs = [5], lr = [0.01] }}
"""
BASE = {
    "dataset": "digits",
    "model": "mlp",
    "units1": 8,
    "depth": 1,
    "epochs": 2,
    "batch_size": 32,
    "lr": 0.01,
    "optimizer": "Adam",
}
CHANGES = [
    *({"epochs": epochs} for epochs in (1, 2, 3, 4, 5)),
    *({"units1": units, "lr": rate} for units in (8, 16) for rate in (0.01, 0.1, 1.0) if (units, rate) != (8, 0.01)),
]


def drawn(seed):
    """Marks of a random sweep: (changes, seed of the run, mark), of one to four runs a configuration."""
    rng = np.random.default_rng(seed)
    effect, most = rng.choice([0.0, 1.0, 5.0]), int(rng.integers(1, 5))
    means = [(changes, 10 + effect * rng.standard_normal()) for changes in CHANGES]
    return [(c, one, mean + rng.standard_normal()) for c, mean in means for one in range(int(rng.integers(1, most + 1)))]


@pytest.fixture(scope="module")
def told(tmp_path_factory, log, run, plan):
    """What findings.json has of marks times `scale` plus `shift`, written in the order `order`."""

    def make(marks, scale=1.0, shift=0.0, goal="maximize", trend="increasing", order=None):
        place = tmp_path_factory.mktemp("told")
        low, high = sorted(scale * bound + shift for bound in (8.0, 12.0))
        text = PLAN.format(goal=goal, trend=trend, by=abs(scale) * 0.5, low=low, high=high)
        study = plan(place / "study", text)
        for name, i in enumerate(order if order is not None else range(len(marks))):
            changes, seed, mark = marks[i]
            one = run(seed=seed, config={**BASE, **changes}, metrics={"valid_loss": scale * mark + shift}, epochs={})
            log(place / "logs", f"r{name:02}", one)
        return json.loads(findings_json(findings(load_sweep(place / "logs"), study)))

    return make


@pytest.fixture(scope="module")
def first(told):
    """The same of the marks of a random sweep as they are, made once for all tests."""
    return cache(lambda seed: told(drawn(seed)))


def said(found):
    """Everything that a reader would act on: verdicts, seeds, tiers, letters, ranks and what is told of the steps."""
    groups = [
        {
            "best": group["best"],
            "tiers": group["tiers"],
            "letters": group["letters"],
            "verdicts": [(p["says"], p["verdict"], p["seeds_needed"], p["n"]) for p in group["predictions"]],
        }
        for group in found["groups"]
    ]
    names = ("factor", "group", "worst", "best", "rank")
    effects = [([e[name] for name in names], [s["told"] for s in e["steps"]]) for e in found["effects"]]
    return groups, effects, {c["id"]: c["tier"] for c in found["configs"]}


@pytest.mark.parametrize("seed", range(12))
def test_the_unit_of_the_metric_changes_no_verdict(seed, told, first):
    marks, before = drawn(seed), first(seed)
    assert said(told(marks, scale=4.0)) == said(before)
    assert said(told(marks, scale=0.25, shift=-3.0)) == said(before)


@pytest.mark.parametrize("seed", range(12))
def test_the_names_and_the_order_of_the_runs_change_nothing(seed, told, first):
    marks = drawn(seed)
    order = np.random.default_rng(seed).permutation(len(marks))
    before, after = first(seed), told(marks, order=order)
    assert said(after) == said(before)
    assert after["noise"] == before["noise"]


@pytest.mark.parametrize("seed", range(12))
def test_where_less_is_better_everything_is_mirrored(seed, told, first):
    marks, before = drawn(seed), first(seed)
    after = told(marks, scale=-1.0, goal="minimize", trend="decreasing")
    assert said(after) == said(before)


def test_every_verdict_comes_up_in_these_sweeps(first):
    verdicts = {p["verdict"] for seed in range(12) for g in first(seed)["groups"] for p in g["predictions"]}
    assert verdicts == {"confirmed", "refuted", "cannot tell"}
