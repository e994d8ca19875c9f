import pytest

from analysis.effects import cheapest, effects, levels, near_best, range_difference, steps, untold_from_best
from analysis.findings import findings
from analysis.stats import Noise
from analysis.sweep import load_sweep

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
    told = whole(found)
    made = steps(told.groups[0], "valid_accuracy", told.noise)
    assert [(s.first, s.second, round(s.difference.estimate, 6), s.difference.told) for s in made] == [
        ("2", "4", 0.1, True),
        ("4", "8", 0.005, False),
    ]
    assert steps(told.groups[1], "valid_accuracy", told.noise) == ()


def test_factors_are_told_the_widest_range_first_with_their_worst_level_left_out(found):
    told = effects(whole(found))
    assert [(e.group, e.factor) for e in told] == [("grid", "lr"), ("epochs", "epochs"), ("grid", "units1")]
    rate, epochs, units = told
    assert (rate.range.first, rate.range.second, round(rate.range.difference.estimate, 6)) == ("1", "0.1", 0.6)
    assert (rate.without_worst.first, round(rate.without_worst.difference.estimate, 6)) == ("0.01", 0.2)
    assert (rate.worse, epochs.worse) == (2, 1)
    assert units.without_worst is None


def test_where_less_is_better_the_range_goes_from_the_largest_to_the_smallest(found):
    runs = [({"epochs": e}, (loss, loss + 0.01), {}) for e, loss in ((2, 0.9), (4, 0.5), (8, 0.7))]
    (e,) = [e for e in effects(found(*runs, goal='goal = "minimize"')) if e.factor == "epochs"]
    assert (e.range.first, e.range.second, round(e.range.difference.estimate, 6), e.worse) == ("2", "4", -0.4, 2)


def test_the_wider_of_two_ranges_is_told_where_the_noise_allows(found):
    told = whole(found)
    rate, units = (e for e in effects(told) if e.group == "grid")
    difference = range_difference(rate, units, "valid_accuracy", told.noise)
    assert round(difference.estimate, 6) == round(0.6 - (1.6 - 1.3) / 3, 6)
    assert difference.told


def test_who_cannot_be_told_from_the_best_stands_with_it(found):
    told = found(({}, (0.80, 0.82), {}), ({"epochs": 4}, (0.81, 0.83), {}), ({"epochs": 8}, (0.5, 0.52), {}))
    assert [s.label for s in untold_from_best(told.ranking, "valid_accuracy", told.noise)] == ["epochs_4", "epochs_2"]


def test_without_noise_nobody_is_told_from_the_best(found):
    told = found(({}, (0.9,), {}), ({"epochs": 4}, (0.1,), {}))
    assert told.noise is None
    assert len(untold_from_best(told.ranking, "valid_accuracy", told.noise)) == 2


def test_the_cheapest_near_the_best_has_the_fewest_parameters_then_the_fewest_examples(found):
    costs = {"epochs_2": (20, 2), "epochs_4": (10, 4), "epochs_8": (10, 8), "grid_4_0.01": (1, 2)}
    means = {"epochs_2": (0.8, 0.82), "epochs_4": (0.8, 0.81), "epochs_8": (0.8, 0.83), "grid_4_0.01": (0.5, 0.9)}
    changes = {"epochs_2": {}, "epochs_4": {"epochs": 4}, "epochs_8": {"epochs": 8}, "grid_4_0.01": {"units1": 4}}
    known = {k: {"parameters": costs[k][0], "epochs": costs[k][1], "train_examples": 100} for k in costs}
    told = found(*((changes[k], means[k], known[k]) for k in costs))
    calm = Noise(0.01, 0.005, 0.02, 10)
    assert "grid_4_0.01" in [s.label for s in untold_from_best(told.ranking, "valid_accuracy", calm)]
    near = near_best(told.ranking, "valid_accuracy", calm)
    assert [s.label for s in near] == ["epochs_8", "epochs_2", "epochs_4"]
    assert cheapest(near).label == "epochs_4"
