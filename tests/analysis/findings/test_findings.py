import json
import math
import random
import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sweepbook.analysis.export.record.write import findings_json
from sweepbook.analysis.findings.findings import findings
from sweepbook.analysis.logs.sweep import load_sweep
from sweepbook.analysis.predictions.sentences import verdict
from sweepbook.analysis.words import form

PLAN = """
[study]
title = "T"
seeds = [0, 1]
{head}
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
grid = {{ epochs = [1, 2, 3] }}
[[group]]
name = "units"
grid = {{ units1 = [8, 16], lr = [0.01, 0.1] }}
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
ALL = """
[study]
title = "T"
seeds = [0]
metric = "bleu"
[[group]]
name = "sgd"
where = { optimizer = "SGD" }
[[group]]
name = "all"
where = {}
"""


@pytest.fixture
def found(tmp_path, log, run, plan):
    """The findings of runs of the plan, each (changes to the baseline, seed, accuracy, status)."""

    def make(*runs, head="", text=PLAN, **fields):
        study = plan(tmp_path / "study", text.format(head=head) if text is PLAN else text)
        logs = tmp_path / "logs"
        shutil.rmtree(logs, ignore_errors=True)
        logs.mkdir()
        for i, (changes, seed, accuracy, status) in enumerate(runs):
            log(logs, f"run{i:02}", run(accuracy, seed=seed, minute=i, config={**BASE, **changes}, status=status, **fields))
        return findings(load_sweep(logs), study)

    return make


def labels(result):
    return [summary.label for summary in result.ranking]


def test_a_run_counts_in_every_group_that_has_its_configuration(found):
    result = found(({}, 0, 0.7, "finished"), ({}, 1, 0.8, "finished"))
    (summary,) = result.ranking
    assert summary.labels == ("epochs_2", "units_8_0.01")
    assert summary.label == "epochs_2"
    assert (summary.n, summary.seeds) == (2, (0, 1))
    assert result.groups_of == {**dict.fromkeys(result.groups_of, ("epochs",)), **result.groups_of}
    assert result.groups_of[summary.id] == ("epochs", "units")
    assert [row.summary for row in result.groups[0].rows] == [None, summary, None]
    assert [row.summary for row in result.groups[1].rows] == [summary, None, None, None]


def test_a_summary_holds_the_estimates_of_its_runs(found):
    result = found(({}, 0, 0.7, "finished"), ({}, 1, 0.9, "finished"), parameters=12, train_examples=100, epochs=2)
    (summary,) = result.ranking
    accuracy = summary.metrics["valid_accuracy"]
    assert (accuracy.n, accuracy.mean) == (2, pytest.approx(0.8))
    assert summary.metrics["gap"].mean == pytest.approx(0.25)
    assert (summary.parameters, summary.steps, summary.examples_seen, summary.seconds) == (12, 8, 200, 2.0)


def test_the_best_mean_comes_first(found):
    result = found(({"epochs": 1}, 0, 0.7, "finished"), ({"epochs": 3}, 0, 0.9, "finished"), ({}, 0, 0.8, "finished"))
    assert labels(result) == ["epochs_3", "epochs_2", "epochs_1"]
    assert [group.best and group.best.label for group in result.groups] == ["epochs_3", "epochs_2"]


def test_the_smallest_mean_comes_first_where_the_goal_is_to_minimize(found):
    runs = [({"epochs": 1}, 0, 0.7, "finished"), ({"epochs": 3}, 0, 0.9, "finished"), ({}, 0, 0.8, "finished")]
    assert labels(found(*runs, head='metric = "valid_loss"')) == ["epochs_3", "epochs_2", "epochs_1"]
    result = found(*runs, head='goal = "minimize"')
    assert labels(result) == ["epochs_1", "epochs_2", "epochs_3"]
    assert result.groups[0].best.label == "epochs_1"


def test_a_tie_is_a_tie_whatever_the_order_of_its_runs(found):
    scores = [0.1, 0.2, 0.7, 0.3]  # whose sums differ in the last bit with the order
    one = [({"epochs": 1}, seed, score, "finished") for seed, score in enumerate(scores)]
    other = [({"epochs": 3}, seed, score, "finished") for seed, score in enumerate([scores[i] for i in (2, 0, 3, 1)])]
    a, b = found(*one, *other).ranking
    assert a.metrics["valid_accuracy"] == b.metrics["valid_accuracy"]
    assert [a.label, b.label] == ["epochs_1", "epochs_3"]


def test_the_best_single_and_the_best_combined_change_one_setting_and_several(found):
    result = found(
        ({}, 0, 0.95, "finished"),
        ({"epochs": 3}, 0, 0.8, "finished"),
        ({"lr": 0.1}, 0, 0.7, "finished"),
        ({"units1": 16, "lr": 0.1}, 0, 0.6, "finished"),
    )
    assert (result.best_single.label, result.best_combined.label) == ("epochs_3", "units_16_0.1")
    assert result.changes(result.best_combined) == ("units1", "lr")
    assert result.recommended.label == "epochs_2"


def test_only_the_baseline_leaves_no_best_with_a_change(found):
    result = found(({}, 0, 0.95, "finished"))
    assert (result.best_single, result.best_combined) == (None, None)
    assert result.changes(result.ranking[0]) == ()


def test_the_recommendation_needs_as_many_runs_as_any(found):
    result = found(({"epochs": 3}, 0, 0.99, "finished"), ({}, 0, 0.7, "finished"), ({}, 1, 0.7, "finished"))
    assert labels(result) == ["epochs_3", "epochs_2"]
    assert result.recommended.label == "epochs_2"


def test_each_planned_run_is_counted_once_by_its_best_log(found):
    result = found(
        ({}, 0, 0.8, "finished"),
        ({}, 1, 0.8, "failed"),
        ({}, 1, 0.8, "finished"),
        ({"epochs": 1}, 0, 0.8, "diverged"),
        ({"epochs": 1}, 0, 0.8, "interrupted"),
        ({"epochs": 1}, 1, 0.8, "failed"),
        ({"epochs": 3}, 0, 0.8, "running"),
        ({"epochs": 3}, 1, 0.8, "interrupted"),
        ({"epochs": 7}, 0, 0.8, "finished"),
    )
    totals = result.totals
    assert totals.planned == 12
    assert (totals.finished, totals.failed, totals.diverged, totals.interrupted) == (2, 1, 1, 1)
    assert (totals.running, totals.missing) == (1, 6)
    assert totals.seconds == 4.0


def test_an_empty_folder_leaves_every_run_missing(found):
    result = found()
    assert (result.ranking, result.recommended, result.problems, result.first) == ((), None, (), None)
    assert (result.totals.missing, result.totals.finished, result.totals.seconds) == (12, 0, 0.0)
    assert [[row.summary for row in group.rows] for group in result.groups] == [[None] * 3, [None] * 4]


def test_where_every_run_failed_there_is_nothing_to_rank_and_all_to_tell(found):
    runs = [({"epochs": e}, s, 0.5, "failed") for e in (1, 2, 3) for s in (0, 1)]
    result = found(*runs, error="out of memory")
    assert (result.ranking, result.best_single, result.recommended) == ((), None, None)
    assert result.totals.failed == 6
    assert [reason for _, reason in result.problems] == ["failed before its first epoch ended: out of memory"] * 6


def test_a_run_outside_the_plan_is_a_problem_and_counts_nowhere(found):
    result = found(({}, 0, 0.7, "finished"), ({"epochs": 9}, 0, 0.99, "finished"), ({"epochs": 9}, 1, 0.99, "failed"))
    assert labels(result) == ["epochs_2"]
    assert result.problems == (
        ("run01", "its configuration is in no group of the plan"),
        ("run02", "failed before its first epoch ended: no error given"),
    )


def test_a_finished_run_without_the_metric_counts_nowhere_and_is_a_problem(tmp_path, log, run, plan):
    study = plan(tmp_path / "study", PLAN.format(head=""))
    log(tmp_path / "logs", "whole", run(0.8, config=BASE))
    log(tmp_path / "logs", "part", run(0.9, seed=1, config=BASE, metrics={"train_loss": 0.1}))
    result = findings(load_sweep(tmp_path / "logs"), study)
    (summary,) = result.ranking
    assert (summary.n, summary.logs, summary.metrics["train_loss"].n) == (1, ("whole",), 1)
    assert result.problems == (("part", 'finished without "valid_accuracy", by which the plan compares'),)
    assert result.totals.finished == 2


def test_a_where_group_takes_the_logs_with_its_settings(tmp_path, log, run, plan):
    study = plan(tmp_path / "study", ALL)
    logs = tmp_path / "logs"
    for i, config in enumerate([{"optimizer": "SGD", "width": 8}, {"optimizer": "SGD", "width": 16}, {"optimizer": "Lion"}]):
        for seed in (0, 1):
            log(logs, f"run{i}-{seed}", run(config=config, seed=seed, label=f"net{i}", metrics={"bleu": 20.0 + i + seed}))
    result = findings(load_sweep(logs), study)
    sgd, everything = result.groups
    assert (sgd.factors, [row.member.label for row in sgd.rows]) == (("width",), ["net0", "net1"])
    assert [row.member.levels for row in sgd.rows] == [{"width": 8}, {"width": 16}]
    assert (everything.factors, len(everything.rows)) == (("optimizer", "width"), 3)
    assert [row.member.levels for row in everything.rows][2] == {"optimizer": "Lion"}
    assert labels(result) == ["net2", "net1", "net0"]
    assert (result.totals.planned, result.totals.finished) == (0, 6)
    assert result.groups_of[result.ranking[0].id] == ("all",)


def test_a_where_group_of_no_log_is_empty(tmp_path, log, run, plan):
    study = plan(tmp_path / "study", ALL.replace("where = {}", 'where = { optimizer = "Lion" }'))
    log(tmp_path / "logs", "a", run(config={"lr": 0.1}, metrics={"bleu": 1.0}))
    result = findings(load_sweep(tmp_path / "logs"), study)
    assert [(group.rows, group.factors, group.best) for group in result.groups] == [((), (), None)] * 2
    assert result.problems == (("a", "its configuration is in no group of the plan"),)


def test_the_environments_are_told_once_each(tmp_path, log, run, plan):
    study = plan(tmp_path / "study", PLAN.format(head=""))
    for seed, host in enumerate(["b", "a", "b"]):
        log(tmp_path / "logs", f"r{seed}", run(config=BASE, seed=seed, environment={"host": host, "dirty": seed == 1}))
    log(tmp_path / "logs", "r9", run(config=BASE, seed=9))
    found = findings(load_sweep(tmp_path / "logs"), study)
    assert found.environments == {"host": ("a", "b"), "dirty": ("false", "true")}


metrics = st.fixed_dictionaries({"valid_accuracy": st.sampled_from([0.25, 0.5, 0.7, 0.8]), "valid_loss": st.floats(0, 3)})
sweeps = st.lists(
    st.tuples(
        st.integers(1, 4),
        st.integers(0, 3),
        metrics,
        st.sampled_from(["finished", "finished", "finished", "failed", "running", "diverged"]),
    ),
    min_size=6,
    max_size=12,
)


def outline(result):
    """What the findings say, but for the names of the logs."""
    return [(s.id, s.label, s.n, s.seeds, s.metrics, s.seconds) for s in result.ranking], result.totals, result.groups_of


@settings(max_examples=15)
@given(drawn=sweeps, order=st.randoms(use_true_random=False))
@pytest.mark.slow
def test_the_names_and_the_order_of_the_logs_change_nothing(drawn, order, tmp_path_factory, log, run, plan):
    folder = tmp_path_factory.mktemp("sweep")
    study = plan(folder / "study", PLAN.format(head=""))
    runs = [
        run(config={**BASE, "epochs": e}, seed=seed, metrics=values, status=status, minute=i)
        for i, (e, seed, values, status) in enumerate(drawn)
    ]
    names = [f"r{i}" for i in range(len(runs))]
    random.Random(order.random()).shuffle(names)
    for name, one in zip(names, runs, strict=True):
        log(folder / "shuffled", name, one)
    for i, one in enumerate(runs):
        log(folder / "sorted", f"r{i}", one)
    for part in ("shuffled", "sorted"):
        (folder / part).mkdir(exist_ok=True)
    one, other = (findings(load_sweep(folder / part), study) for part in ("shuffled", "sorted"))
    assert outline(one) == outline(other)
    assert sorted(reason.split(" as r")[0].split(" again ")[0] for _, reason in one.problems) == sorted(
        reason.split(" as r")[0].split(" again ")[0] for _, reason in other.problems
    )
    score = [s.metrics["valid_accuracy"].mean for s in one.ranking]
    assert score == sorted(score, reverse=True)


def test_a_setting_that_does_not_act_or_stands_at_its_default_is_no_change_from_the_baseline(tmp_path, log, run, plan):
    baseline = {**BASE, "optimizer": "SGD", "units2": 8, "depth": 2}
    settings = "\n".join(f"{key} = {value!r}" for key, value in baseline.items()).replace("'", '"')
    grid = "[[group]]\nname = 'g'\ngrid = { depth = [1, 2], momentum = [0, 0.5] }\n"
    study = plan(tmp_path / "study", "[study]\ntitle = 'T'\nseeds = [0]\n[baseline]\n" + settings + "\n" + grid)
    (tmp_path / "logs").mkdir()
    for i, member in enumerate(study.groups[0].members):
        log(tmp_path / "logs", f"r{i}", run(0.8 + i / 100, config=member.config))
    found = findings(load_sweep(tmp_path / "logs"), study)
    changed = {s.label: found.changes(s) for s in found.ranking}
    assert changed == {"g_1_0": ("depth",), "g_1_0.5": ("depth", "momentum"), "g_2_0": (), "g_2_0.5": ("momentum",)}


def test_a_where_group_of_one_configuration_has_the_levels_that_its_predictions_name(tmp_path, log, run, plan):
    text = '[study]\ntitle = "T"\nseeds = [0]\n[[group]]\nname = "one"\nwhere = { lr = 0.1 }\n'
    text += '[[group.prediction]]\nsays = "Good"\nat = { w = 1 }\nat_least = 0.5\n'
    text += '[[group.prediction]]\nsays = "None"\nat = { w = 999 }\nat_least = 0.5\n'
    for seed in (0, 1, 2):
        log(tmp_path / "logs", f"r{seed}", run(0.8 + seed / 1000, seed=seed, config={"lr": 0.1, "w": 1, "v": 2}))
    result = findings(load_sweep(tmp_path / "logs"), plan(tmp_path / "study", text))
    (group,) = result.groups
    assert [row.member.levels for row in group.rows] == [{"w": 1}]
    assert [one.verdict for one in group.outcomes] == ["confirmed", "cannot tell"]
    assert verdict(group.outcomes[1], form("valid_accuracy")) == "Open: no configuration has w = 999."


LATE = """
  [[group.prediction]]
  says = "16 beat 8"
  better = { units1 = 16 }
  than = { units1 = 8 }
  [[group.prediction]]
  says = "8 are good"
  at = { units1 = 8 }
  at_least = 0.1
"""


def test_a_prediction_that_came_late_is_limited_and_says_so(found):
    runs = [({"units1": u, "lr": r}, s, 0.8 + s / 1000, "finished") for u in (8, 16) for r in (0.01, 0.1) for s in (0, 1)]
    result = found(*runs, text=PLAN.format(head="") + LATE, environment={"predictions": ""})
    outcomes = result.outcomes
    assert [(one.as_run, one.as_run_because) for one in outcomes] == [(True, ("SB110",))] * 2
    assert all(
        verdict(one, form(one.metric)).endswith("It was written or changed after results existed (SB110).") for one in outcomes
    )


HUGE = """
  [[group.prediction]]
  says = "Trend"
  trend = "increasing"
  of = "units1"
  [[group.prediction]]
  says = "Best"
  best = { units1 = 24 }
  [[group.prediction]]
  says = "More"
  matters_more_than = "lr"
  factor = "units1"
"""


@pytest.mark.parametrize("seeds", [1, 2, 4])
@pytest.mark.parametrize("size", [1e80, 1e99, -1e99])
def test_scores_of_any_size_that_a_log_may_have_are_reported(tmp_path, log, run, plan, size, seeds):
    text = PLAN.format(head='metric = "valid_loss"').replace("[8, 16], lr = [0.01, 0.1]", "[8, 16, 24], lr = [0.01, 0.1, 1.0]")
    study = plan(tmp_path / "study", text + HUGE)
    for i, member in enumerate(study.groups[1].members):
        for seed in range(seeds):
            wild = 5 if i == 4 else 0.01
            metrics = {"valid_loss": size * (1 + i * i / 10 + wild * (seed - 1) / 10), "train_loss": 0.1}
            log(tmp_path / "logs", f"r{i}-{seed}", run(seed=seed, minute=seed, config=member.config, metrics=metrics))

    def refused(text):
        raise AssertionError(text)

    result = findings(load_sweep(tmp_path / "logs"), study)
    told = json.loads(findings_json(result), parse_constant=refused)
    assert len(result.ranking) == 9
    assert told["groups"]
    assert all(math.isfinite(one.estimate) for one in result.outcomes)


EVERY = '[study]\ntitle = "T"\n[[group]]\nname = "all"\nwhere = {}\n'


def logged(tmp_path, log, run, plan, configs, text=EVERY):
    """What two runs each of `configs` give, all under one label, by the plan `text`."""
    for number, config in enumerate(configs):
        for seed in (0, 1):
            log(tmp_path / "logs", f"r{number}{seed}", run(0.8 + number / 100, config=config, seed=seed))
    return findings(load_sweep(tmp_path / "logs"), plan(tmp_path / "study", text))


def test_configurations_of_one_label_have_labels_and_rows_of_their_own(tmp_path, log, run, plan):
    configs = [{"hidden": [8, 4]}, {"hidden": [8, 4], "opt.name": "adam"}, {"hidden": [4, 8]}]
    found = logged(tmp_path, log, run, plan, configs)
    assert {s.label for s in found.ranking} == {
        "a (hidden 8-4, no opt.name)",
        "a (hidden 8-4, opt.name adam)",
        "a (hidden 4-8, no opt.name)",
    }
    (group,) = found.groups
    assert group.factors == ("hidden", "opt.name")
    assert len({tuple(map(str, row.member.levels.items())) for row in group.rows}) == 3


def test_a_setting_that_comes_with_another_is_no_factor_beside_it(tmp_path, log, run, plan):
    configs = [{"optimizer": "SGD", "nag": True}, {"optimizer": "Lion"}]
    (group,) = logged(tmp_path, log, run, plan, configs).groups
    assert group.factors == ("optimizer",)
    assert [effect.factor for effect in group.effects] == ["optimizer"]


def test_a_where_group_with_lists_takes_the_configurations_that_have_one_of_the_values(tmp_path, log, run, plan):
    configs = [{"lr": lr, "width": width} for lr in (0.1, 0.01, 0.001) for width in (8, 16)]
    text = EVERY.replace("where = {}", "where = { lr = [0.1, 0.01], width = 8 }")
    (group,) = logged(tmp_path, log, run, plan, configs, text).groups
    assert [row.member.config for row in group.rows] == [{"lr": 0.1, "width": 8}, {"lr": 0.01, "width": 8}]


def test_a_where_group_takes_no_log_that_lacks_the_setting(tmp_path, log, run, plan):
    text = EVERY.replace("where = {}", 'where = { wd = "None" }')
    (group,) = logged(tmp_path, log, run, plan, [{"lr": 1}, {"lr": 1, "wd": "None"}], text).groups
    assert [row.member.config for row in group.rows] == [{"lr": 1, "wd": "None"}]
