from itertools import product

import numpy as np
import pytest
from sweepbook.analysis.diff.diff import Options, sweep_diff
from sweepbook.analysis.diff.method import method
from sweepbook.analysis.diff.noises import means, noises
from sweepbook.analysis.stats.grids import additive

GRID = """
[study]
title = "T"
seeds = [0]
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
name = "grid"
grid = { lr = [0.01, 0.02, 0.04, 0.08], units1 = [8, 16, 32] }
[[group]]
name = "again"
grid = { batch_size = [64] }
"""
RATES, UNITS = (0.01, 0.02, 0.04, 0.08), (8, 16, 32)


def grid(seed):
    """A grid of single runs, and one configuration that ran three times."""
    draw = np.random.default_rng(seed)
    y = 0.5 + 0.05 * np.arange(4)[:, None] + 0.02 * np.arange(3) + 0.01 * draw.normal(size=(4, 3))
    configs = [({"lr": lr, "units1": units}, [y[i, j]]) for (i, lr), (j, units) in product(enumerate(RATES), enumerate(UNITS))]
    return y, [*configs, ({"batch_size": 64}, [0.60, 0.61, 0.62])]


def test_what_a_grid_of_single_runs_leaves_over_joins_the_noise_of_few_replicates(built):
    y, configs = grid(1)
    fitted = noises(built("old", *configs, text=GRID))["valid_accuracy"]
    left = additive(y)
    squares = float((left.residuals**2).sum()) + 2 * 0.01**2
    assert fitted.residual.joined
    assert (fitted.df, fitted.replicates.df) == (left.df + 2, 2)
    assert fitted.sd**2 == pytest.approx(squares / (left.df + 2))


def test_a_grid_that_lacks_a_run_does_not_help(built):
    _, configs = grid(1)
    fitted = noises(built("old", *configs[1:], text=GRID))["valid_accuracy"]
    assert (fitted.residual, fitted.df) == (None, 2)


def test_the_noise_of_one_side_stands_for_that_of_the_other_configuration_by_configuration(built):
    draw = np.random.default_rng(0)
    scores = 0.5 + 0.01 * draw.normal(size=(6, 4))
    old = built("old", *(({"lr": 0.5**i}, row[:1].tolist()) for i, row in enumerate(scores)))
    new = built("new", *(({"lr": 0.5**i}, row.tolist()) for i, row in enumerate(scores)), first=7)
    found = sweep_diff(old, new, Options()).matching
    before, after = means(found, "valid_accuracy", noises(old), noises(new))
    assert noises(old) == {}
    for key, mean in before.items():
        assert (mean.n, mean.variance, after[key].n) == (1, after[key].variance, 4)
        assert mean.variance == noises(new)["valid_accuracy"].each[key].variance


def test_noise_is_told_by_neighbours_in_score_whichever_way_is_better(built):
    draw = np.random.default_rng(4)
    scores = np.linspace(0.1, 0.9, 16)[:, None] + np.geomspace(0.05, 0.001, 16)[:, None] * draw.normal(size=(16, 3))
    side = built("old", *(({"lr": 0.5**i}, row.tolist()) for i, row in enumerate(scores)))
    fitted = noises(side)
    for metric in ("valid_accuracy", "valid_loss"):  # the loss falls by as much as the accuracy rises
        assert fitted[metric].trend
    pairs = [(fitted["valid_accuracy"].each[key].mu, fitted["valid_loss"].each[key].mu) for key in side.entries]
    assert all(a == pytest.approx(b) for a, b in pairs)


def test_a_side_that_lacks_a_seed_is_said_to_be_compared_by_its_mean(built):
    draw = np.random.default_rng(2)
    sides = 0.5 + 0.01 * draw.normal(size=(2, 8, 3))
    old = built("old", *(({"lr": 0.5**i}, row.tolist()) for i, row in enumerate(sides[0])))
    rows = [row.tolist() for row in sides[1]]
    new = built("new", *(({"lr": 0.5**i}, row[:2] if i == 0 else row) for i, row in enumerate(rows)))
    found = sweep_diff(old, new, Options())
    assert [comparison.by_seed for comparison in found.of("valid_accuracy")].count(False) == 1
    assert "falls out. Where a side lacks a seed of the other, the means are." in method(found)[0]
