"""The figures that the contract states for a real study, and the same chain over made-up logs for those without that study."""

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from sweepbook.analysis.groups.summaries import summaries
from sweepbook.analysis.logs.sweep import load_sweep
from sweepbook.analysis.stats.contrasts import contrast
from sweepbook.analysis.stats.means import mean_of, sampling_variance
from sweepbook.analysis.stats.noise import noise
from sweepbook.analysis.stats.ranges import level_range
from sweepbook.analysis.stats.tiers import tiers

from sweepbook import runner

SEED = Path(runner.__file__).parents[2] / "shared" / "seed" / "runs.csv"
BASELINE = ("epochs_5", "units_256_256", "batchsize_64", "depth_2", "lr_0.001", "optimizer_Adam")
UNITS = (16, 32, 64, 128, 256, 512)
seeded = pytest.mark.skipif(not SEED.is_file(), reason="the study is not here")


def study(metric):
    """The runs of the seed study: the six of the baseline as one configuration, the others by their names."""
    with SEED.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    values = {
        "accuracy": lambda row: float(row["final_accuracy"]),
        "loss": lambda row: float(row["final_valid_loss"]),
        "gap": lambda row: float(row["final_valid_loss"]) - float(row["final_train_loss"]),
    }
    one = {row["experiment"]: values[metric](row) for row in rows}
    examples = {row["experiment"]: min(int(row["valid_steps"]) * int(row["batchsize"]), 10_000) for row in rows}
    samples = {key: {0: value} for key, value in one.items() if key not in BASELINE}
    samples["baseline"] = {key: one[key] for key in BASELINE}  # no seed is known
    grid = np.array([[one[f"units_{a}_{b}"] for b in UNITS] for a in UNITS])
    return samples, grid, {**examples, "baseline": 6400}


def sampling(samples, examples):
    return {key: sampling_variance(float(np.mean(list(y.values()))), examples[key]) for key, y in samples.items()}


@seeded
def test_the_baseline_has_the_stated_accuracy_and_noise():
    samples, _, _ = study("accuracy")
    found = noise(samples)
    assert np.mean(list(samples["baseline"].values())) == pytest.approx(0.8286, abs=5e-5)
    assert (round(found.sd, 5), round(found.low, 4), round(found.high, 4), found.df) == (0.01261, 0.0079, 0.0309, 5)


@seeded
@pytest.mark.parametrize(("metric", "sd"), [("loss", 0.0189), ("gap", 0.0229)])
def test_the_losses_of_the_baseline_have_the_stated_noise(metric, sd):
    assert round(noise(study(metric)[0]).sd, 4) == sd


@seeded
def test_the_residual_of_the_grid_joins_with_the_stated_figures():
    samples, grid, _ = study("accuracy")
    found = noise(samples, grids={"units": grid})
    assert (round(found.residual.spread.sd, 4), found.residual.spread.df, found.residual.joined) == (0.0084, 25, True)
    assert (round(found.sd, 4), round(found.low, 4), round(found.high, 4), found.df) == (0.0093, 0.0074, 0.0124, 30)
    assert (round(found.replicates.sd, 5), found.replicates.df) == (0.01261, 5)


@seeded
@pytest.mark.parametrize(("batch", "error"), [(4, 0.0220), (8, 0.0161), (16, 0.0105), (32, 0.0068), (64, 0.0046), (128, 0.0036)])
def test_scoring_so_few_examples_has_the_stated_error(batch, error):
    """Each at its own share, over 100 batches, the 10,000 images of the set at most: 128 would otherwise be 0.0032."""
    with SEED.open(encoding="utf-8") as file:
        own = {row["experiment"]: float(row["final_accuracy"]) for row in csv.DictReader(file)}
    assert round(sampling_variance(own[f"batchsize_{batch}"], min(100 * batch, 10_000)) ** 0.5, 4) == error


def told_from_the_baseline(samples, examples, pooled):
    """Which configurations are told from the baseline, by the sign of the difference."""
    own = sampling(samples, examples)
    means = {key: mean_of(y, pooled, key, own[key]) for key, y in samples.items()}
    made = {key: contrast([means[key], means["baseline"]], [1, -1]).interval() for key in samples if key != "baseline"}
    return {key: "below" if d.estimate < 0 else "above" for key, d in made.items() if d.told}


@seeded
def test_with_the_replicates_alone_those_beyond_doubt_are_below_the_baseline():
    """Each by a t test of its own: a single run pays 1.5 for its noise, which is that of the six or that of scoring it, on 4
    degrees of freedom beside the 5 of the six, and 5 in all."""
    samples, _, examples = study("accuracy")
    found = told_from_the_baseline(samples, examples, noise(samples))
    six = list(samples["baseline"].values())
    expected = {}
    for key, floor in sampling(samples, examples).items():
        if key != "baseline":
            parts = 1.5**2 * max(np.var(six, ddof=1), floor or 0.0), np.var(six, ddof=1) / 6
            df = min(sum(parts) ** 2 / (parts[0] ** 2 / 4 + parts[1] ** 2 / 5), 5)
            t = (samples[key][0] - np.mean(six)) / sum(parts) ** 0.5
            expected[key] = bool(abs(t) > stats.t.ppf(0.975, df))
    assert found == dict.fromkeys((key for key, told in expected.items() if told), "below")
    assert found.keys() >= {"optimizer_SGD", "lr_1e-05", "lr_0.0001", "batchsize_8"}


@seeded
def test_of_depth_optimiser_rate_and_batch_size_the_rest_is_undecided():
    samples, _, examples = study("accuracy")
    found = told_from_the_baseline(samples, examples, noise(samples))
    undecided = ["depth_1", "depth_3", "optimizer_AdamW", "optimizer_RMSprop", "lr_0.0005", "lr_0.005", "lr_0.01"]
    assert not found.keys() & {*undecided, "batchsize_32", "batchsize_128"}


@seeded
def test_the_first_tier_and_the_ranges_of_two_factors_are_the_stated_ones():
    samples, grid, examples = study("accuracy")
    found, own = noise(samples, grids={"units": grid}), sampling(samples, examples)
    means = {key: mean_of(y, found, key, own[key]) for key, y in samples.items()}
    assert tiers(list(means.values())).count(1) == 52
    for factor, width in (("optimizer", 0.659), ("lr", 0.264)):
        levels = [[mean] for key, mean in means.items() if key.startswith(factor) or key == "baseline"]
        assert round(level_range(levels).difference.estimate, 3) == width


# A study of the project's own: one configuration six times, a grid of single runs that adds up but for a little, three rates.
SIX = (0.803, 0.812, 0.794, 0.806, 0.797, 0.809)
CELLS = ((0.770, 0.781, 0.797), (0.778, 0.7985, 0.801), (0.795, 0.8035, 0.816))
RATES = {0.01: 0.794, 0.1: 0.70}
EXAMPLES = 8000
SETTINGS = {
    "dataset": "digits",
    "model": "mlp",
    "units1": 8,
    "units2": 8,
    "depth": 2,
    "epochs": 2,
    "batch_size": 32,
    "lr": 0.001,
    "optimizer": "Adam",
}
PLAN = """
[study]
title = "Made up"
seeds = [0, 1, 2, 3, 4, 5]
[baseline]
dataset = "digits"
model = "mlp"
units1 = 8
units2 = 8
depth = 2
epochs = 2
batch_size = 32
lr = 0.001
optimizer = "Adam"
[[group]]
name = "units"
grid = { units1 = [16, 32, 64], units2 = [16, 32, 64] }
[[group]]
name = "lr"
grid = { lr = [0.001, 0.01, 0.1] }
"""


@pytest.fixture
def chain(tmp_path, log, run, plan):
    """The summaries by label, and the noises, of log files as a sweep writes them."""
    runs = [("six", score, seed, {}) for seed, score in enumerate(SIX)]
    for units1, row in zip((16, 32, 64), CELLS, strict=True):
        runs += [(f"{units1}-{u}", score, 0, {"units1": units1, "units2": u}) for u, score in zip((16, 32, 64), row, strict=True)]
    runs += [(f"lr-{lr}", score, 0, {"lr": lr}) for lr, score in RATES.items()]
    for minute, (name, score, seed, changes) in enumerate(runs):
        epochs = {"valid_accuracy": [0.5, score], "valid_seen": [EXAMPLES, EXAMPLES]}
        fields = {"config": {**SETTINGS, **changes}, "epochs": epochs, "valid_examples": 10_000}
        log(tmp_path / "logs", f"{minute:02}-{name}", run(score, seed, minute, label=name, **fields))
    study = plan(tmp_path / "study", PLAN)
    members = {group.name: group.members for group in study.groups}
    known, noises = summaries(load_sweep(tmp_path / "logs"), "valid_accuracy", 1, study.labels, members)
    by_changes = {}
    for summary in known.values():
        config = summary.config
        by_changes[config["units1"], config["units2"], config["lr"]] = summary
    return by_changes, noises


def residual_squares(cells):
    """What row and column effects leave over, by least squares."""
    y = np.array(cells)
    r, c = y.shape
    design = np.array([[1.0 * (i == a) for a in range(r)] + [1.0 * (j == b) for b in range(c)] for i in range(r) for j in range(c)])
    return float(((y.ravel() - design @ np.linalg.lstsq(design, y.ravel(), rcond=None)[0]) ** 2).sum())


def test_from_logs_the_noise_is_that_of_the_replicates_and_the_grid(chain):
    _, noises = chain
    found = noises["valid_accuracy"]
    six, left = 5 * float(np.var(SIX, ddof=1)), residual_squares(CELLS)
    ratio = left / 4 / (six / 5)
    assert found.residual.p == pytest.approx(2 * min(stats.f.cdf(ratio, 4, 5), stats.f.sf(ratio, 4, 5)))
    assert found.residual.joined
    assert (found.sd, found.df) == (pytest.approx(((six + left) / 9) ** 0.5), 9)
    assert (found.replicates.sd, found.replicates.df) == (pytest.approx(float(np.std(SIX, ddof=1))), 5)


def test_from_logs_a_single_run_has_the_common_noise_and_the_price_of_borrowing(chain):
    known, noises = chain
    pooled = noises["valid_accuracy"]
    low = known[8, 8, 0.1].means["valid_accuracy"]
    assert low.floor == pytest.approx(0.70 * 0.30 / EXAMPLES)  # what scoring explains is less than runs vary
    assert (low.error, low.df) == (pytest.approx(1.5**2 * pooled.sd**2), 9)
    six = known[8, 8, 0.001].means["valid_accuracy"]
    own = float(np.var(SIX, ddof=1))
    assert (six.n, six.value, six.own) == (6, pytest.approx(np.mean(SIX)), pytest.approx(own))
    assert six.error == pytest.approx((9 * pooled.sd**2 + 5 * own) / 14 / 6)  # beside what grid and replicates say together


def test_from_logs_the_rate_that_is_far_below_is_told_and_the_near_one_is_not(chain):
    known, _ = chain
    six, near, far = (known[8, 8, lr].means["valid_accuracy"] for lr in (0.001, 0.01, 0.1))
    assert contrast([far, six], [1, -1]).interval().told
    assert not contrast([near, six], [1, -1]).interval().told
    made = contrast([far, six], [1, -1])
    assert made.p() == pytest.approx(2 * stats.t.cdf(made.estimate / (far.error + six.error) ** 0.5, 9))


def test_from_logs_a_loss_has_a_noise_of_its_own_and_no_floor(chain):
    known, noises = chain
    assert noises["valid_loss"].replicates.sd == pytest.approx(float(np.std(SIX, ddof=1)))  # 1.25 less the accuracy
    assert known[8, 8, 0.1].means["valid_loss"].floor == 0.0


def test_from_logs_a_gap_that_never_varies_has_no_noise(chain):
    _, noises = chain
    assert "gap" not in noises  # 0.25 but for rounding
