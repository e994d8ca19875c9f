import numpy as np
import pytest
from scipy import stats
from sweepbook.analysis.findings.findings import findings
from sweepbook.analysis.groups.effects import levels, matters_more
from sweepbook.analysis.logs.sweep import load_sweep

PLAN = """
[study]
title = "T"
seeds = [0, 1]
{goal}
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
grid = {{ epochs = [8, 2, 4] }}
[[group]]
name = "grid"
grid = {{ units1 = [4, 8], lr = [0.01, 0.1, 1.0] }}
[[group]]
name = "named"
configs = [ {{ name = "a", epochs = 2 }}, {{ name = "b", lr = 0.1 }} ]
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
GRID = {(4, 0.01): 0.5, (4, 0.1): 0.7, (4, 1.0): 0.1, (8, 0.1): 0.8, (8, 1.0): 0.2}


@pytest.fixture
def found(tmp_path, log, run, plan):
    """The findings of runs of the plan, each (changes, the accuracies of its seeds, further fields)."""

    def make(*configs, goal=""):
        study = plan(tmp_path / "study", PLAN.format(goal=goal))
        (tmp_path / "logs").mkdir(exist_ok=True)
        for i, (changes, accuracies, fields) in enumerate(configs):
            for seed, accuracy in enumerate(accuracies):
                log(tmp_path / "logs", f"r{i:02}{seed}", run(accuracy, seed=seed, config={**BASE, **changes}, **fields))
        return findings(load_sweep(tmp_path / "logs"), study)

    return make


def whole(found):
    grid = [({"units1": u, "lr": rate}, (a - 0.01, a + 0.01), {}) for (u, rate), a in GRID.items()]
    return found(({}, (0.59, 0.61), {}), ({"epochs": 4}, (0.69, 0.71), {}), ({"epochs": 8}, (0.695, 0.715), {}), *grid)


def test_the_levels_of_a_factor_that_varies_alone_ascend(found):
    group = whole(found).groups[0]
    assert [level.text for level in levels(group, "epochs", "valid_accuracy")] == ["2", "4", "8"]


def test_a_level_of_a_full_grid_is_the_mean_over_the_other_factor(found):
    rates = levels(whole(found).groups[1], "lr", "valid_accuracy")
    assert [round(rate.mean("valid_accuracy"), 6) for rate in rates] == [0.55, 0.75, 0.15]


def test_a_grid_with_a_hole_and_named_configurations_have_no_levels(found):
    told = found(({}, (0.5, 0.6), {}), ({"units1": 4}, (0.5, 0.6), {}), ({"lr": 0.1}, (0.5, 0.6), {}))
    assert levels(told.groups[1], "lr", "valid_accuracy") == ()
    assert levels(told.groups[2], "epochs", "valid_accuracy") == ()


def test_steps_go_from_each_level_to_the_next(found):
    (epochs,) = whole(found).groups[0].effects
    made = [(s.first, s.second, round(s.contrast.estimate, 6), s.contrast.interval().told) for s in epochs.steps]
    assert made == [("2", "4", 0.1, True), ("4", "8", 0.005, False)]


def test_factors_are_told_the_widest_range_first_with_their_worst_level_left_out(found):
    told = whole(found).effects
    assert [(e.group, e.factor) for e in told] == [("grid", "lr"), ("epochs", "epochs"), ("grid", "units1")]
    rate, epochs, units = told
    assert (rate.worst, rate.best, round(rate.range.estimate, 6)) == ("1", "0.1", 0.6)
    assert round(rate.without_worst.estimate, 6) == 0.2
    assert epochs.without_worst.low == 0
    assert units.without_worst is None
    assert [e.rank for e in told] == [1, 2, 2]


def test_a_range_holds_for_all_pairs_of_levels_at_once(found):
    told = whole(found)
    (epochs,) = told.groups[0].effects
    half = stats.studentized_range.ppf(0.95, 3, told.noise.df) / 2**0.5 * told.noise.sd * 1.25 * (2 / 2) ** 0.5
    assert epochs.range.low == pytest.approx(0.105 - half, rel=1e-3)
    assert epochs.range.high == pytest.approx(0.105 + half, rel=1e-3)


def test_where_less_is_better_the_worst_level_is_the_largest(found):
    runs = [({"epochs": e}, (loss, loss + 0.01), {}) for e, loss in ((2, 0.9), (4, 0.5), (8, 0.7))]
    (e,) = [e for e in found(*runs, goal='goal = "minimize"').effects if e.factor == "epochs"]
    assert (e.worst, e.best, round(e.range.estimate, 6)) == ("2", "4", 0.4)


def test_a_factor_matters_more_where_the_ranges_have_nothing_in_common(found):
    rate, epochs, units = whole(found).effects
    assert matters_more(rate, units) is True
    assert matters_more(units, rate) is False
    assert matters_more(epochs, units) is None


def test_a_full_grid_has_an_additive_fit_and_its_tests(found):
    told = whole(found)
    grid = told.groups[1].grid
    assert grid.factors == ("units1", "lr")
    assert grid.levels == (("4", "8"), ("0.01", "0.1", "1"))
    assert grid.fit.mean == pytest.approx(2.9 / 6)
    table = np.array([[0.5, 0.7, 0.1], [0.6, 0.8, 0.2]])
    assert np.abs(grid.fit.residuals).max() == pytest.approx(0, abs=1e-12)
    assert (grid.fit.rows[:, None] + grid.fit.columns + grid.fit.mean) == pytest.approx(table)
    assert grid.interaction.df == (2, told.noise.df)
    assert grid.interaction.p > 0.99
    assert told.groups[0].grid is None


def test_who_may_be_the_best_stands_in_the_first_tier(found):
    told = found(({}, (0.80, 0.82), {}), ({"epochs": 4}, (0.81, 0.83), {}), ({"epochs": 8}, (0.5, 0.52), {}))
    assert [s.label for s in told.first_tier] == ["epochs_4", "epochs_2"]
    assert {s.label: told.tiers[s.id] for s in told.ranking} == {"epochs_4": 1, "epochs_2": 1, "epochs_8": 2}


def test_without_noise_there_are_no_tiers_and_anyone_may_be_the_best(found):
    told = found(({}, (0.9,), {}), ({"epochs": 4}, (0.1,), {}))
    assert told.noise is None
    assert told.tiers == {}
    assert len(told.first_tier) == 2


def test_the_recommended_one_has_the_fewest_parameters_then_the_fewest_examples_near_the_best(found):
    costs = {"epochs_2": (20, 2), "epochs_4": (10, 4), "epochs_8": (10, 8), "grid_4_0.01": (1, 2)}
    means = {"epochs_2": (0.8, 0.82), "epochs_4": (0.8, 0.81), "epochs_8": (0.8, 0.83), "grid_4_0.01": (0.4, 0.95)}
    changes = {"epochs_2": {}, "epochs_4": {"epochs": 4}, "epochs_8": {"epochs": 8}, "grid_4_0.01": {"units1": 4}}
    known = {k: {"parameters": costs[k][0], "epochs": costs[k][1], "train_examples": 100} for k in costs}
    told = found(*((changes[k], means[k], known[k]) for k in costs))
    assert {s.label: told.tiers[s.id] for s in told.ranking} == dict.fromkeys(costs, 1)
    assert told.recommended.label == "epochs_4"


def test_who_stays_in_the_first_tier_only_by_its_own_scatter_is_not_ranked(found):
    runs = [({"epochs": epochs}, (y, y + 0.02), {}) for epochs, y in ((2, 0.8), (4, 0.79), (8, 0.81))]
    told = found(*runs, ({"units1": 4}, (0.4, 0.95), {}))
    (wild,) = [s for s in told.ranking if s.config["units1"] == 4]
    assert (told.tiers[wild.id], told.unranked) == (1, {wild.id})
    assert wild not in told.first_tier
