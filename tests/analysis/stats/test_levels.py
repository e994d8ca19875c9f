import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sweepbook.analysis.stats.contrasts import contrast
from sweepbook.analysis.stats.levels import between, merged, steps
from sweepbook.analysis.stats.means import Mean, mean_of
from sweepbook.analysis.stats.noise import noise


def grid(drawn, levels, others, seeds, acts=0.0):
    """The scores [levels, others, seeds] of a grid; what a seed does to a level scatters by `acts`."""
    draw = np.random.default_rng(drawn)
    level, other, seed = draw.normal(size=(levels, 1, 1)), draw.normal(size=(1, others, 1)), draw.normal(size=(1, 1, seeds))
    return level + other + seed + acts * draw.normal(size=(levels, 1, seeds)) + draw.normal(size=(levels, others, seeds))


def means_of(y, known=True):
    """The means of each level, one for each of its cells; the seeds are `known` or not."""
    levels, others, seeds = y.shape
    cells = [(a, b) for a in range(levels) for b in range(others)]
    samples = {f"{a}-{b}": {s if known else f"{a}-{b}-{s}": float(y[a, b, s]) for s in range(seeds)} for a, b in cells}
    found = noise(samples)
    return [[mean_of(samples[f"{a}-{b}"], found, f"{a}-{b}") for b in range(others)] for a in range(levels)]


def mixed(y):
    """The variance of the table [levels, seeds] of averages that level and seed leave, and its degrees of freedom."""
    table = y.mean(1)
    left = table - table.mean(1, keepdims=True) - table.mean(0) + table.mean()
    df = (table.shape[0] - 1) * (table.shape[1] - 1)
    return left, float((left**2).sum()) / df, df


def test_the_levels_of_a_grid_have_the_error_of_level_by_seed():
    """MS(level x seed) of the three-way analysis of variance, over the cells of a level: what seeds do to levels is in it."""
    y = grid(0, 4, 5, 3, acts=2.0)
    left, error, df = mixed(y)
    found = merged(means_of(y))
    assert [mean.value for mean in found] == pytest.approx(y.mean((1, 2)))
    assert found[0].known.df_error == df == 6
    assert [mean.mu for mean in found] == pytest.approx([error] * 4)
    own = (left**2).sum(1) / 2 * 4 / 3
    beyond = own / ((own.sum() - own) / 3) > stats.f.ppf(0.95, 2, 4)
    told = np.where(beyond, np.maximum((4 * error + 2 * own) / 6, own), (4 * error + 2 * own) / 6)
    assert [mean.variance for mean in found] == pytest.approx(told)
    plain = contrast([mean for level in means_of(y)[:2] for mean in level], [-0.2] * 5 + [0.2] * 5).errors[0][0]
    (step, *_) = steps(means_of(y))
    assert step.errors == ((pytest.approx(((told[0] + told[1]) / 3) ** 0.5), pytest.approx(6)),)
    assert step.errors[0][0] > 2 * plain  # the noise of the runs alone, fifteen a level, would be taken for known


def test_the_error_of_level_by_seed_is_that_of_the_whole_table():
    """By a design matrix of all runs: the sum of squares that level x seed takes beside level, seed and all cells."""
    y = grid(1, 4, 3, 4, acts=1.0)
    _, error, df = mixed(y)
    at = [(a, b, s) for a in range(4) for b in range(3) for s in range(4)]

    def left(*parts):
        codes = [sorted({tuple(place[i] for i in part) for place in at}) for part in parts]
        rows = [[1.0 * (tuple(p[i] for i in part) == c) for part, cs in zip(parts, codes, strict=True) for c in cs] for p in at]
        design, values = np.array(rows), y.ravel()
        return float(((values - design @ np.linalg.lstsq(design, values, rcond=None)[0]) ** 2).sum())

    taken = left((0, 1), (2,)) - left((0, 1), (0, 2))
    assert taken / df / 3 == pytest.approx(error)


def test_below_six_degrees_of_freedom_levels_are_compared_with_their_scatter_over_seeds():
    """Three levels at three seeds leave four: each sum has (4 n Var + (n - 1) var over seeds) / (4 + n - 1) / n."""
    y = grid(2, 3, 4, 3, acts=1.0)
    levels = means_of(y)
    assert merged(levels) is None
    (step, *_) = steps(levels)
    runs = contrast([*levels[0], *levels[1]], [-0.25] * 4 + [0.25] * 4).errors[0][0] ** 2
    over = float(np.var(y[1].mean(0) - y[0].mean(0), ddof=1))
    assert step.errors == ((pytest.approx(((4 * 3 * runs + 2 * over) / 6 / 3) ** 0.5), 6),)


def test_levels_of_one_configuration_each_are_those():
    levels = means_of(grid(3, 4, 1, 4))
    assert merged(levels) == [mean for (mean,) in levels]


def test_levels_whose_runs_are_independent_have_the_error_of_their_sum():
    levels = means_of(grid(4, 3, 2, 3), known=False)
    found = merged(levels)
    for level, mean in zip(levels, found, strict=True):
        error, df = contrast(level, [0.5, 0.5]).errors[0]
        assert mean.error == pytest.approx(error**2)
        assert (mean.df, mean.value) == (df, pytest.approx((level[0].value + level[1].value) / 2))
    one, other = steps(levels)[0], between(levels[0], levels[1])
    assert one.estimate == pytest.approx(other.estimate)
    assert one.errors[0][0] == pytest.approx(other.errors[0][0])


def test_levels_without_noise_have_a_difference_and_no_error():
    levels = [[Mean(1, 1.0, None, 0, None), Mean(1, 2.0, None, 0, None)], [Mean(1, 4.0, None, 0, None)]]
    assert merged(levels) is None
    (step,) = steps(levels)
    assert (step.estimate, step.errors) == (2.5, ())


def test_levels_that_lack_a_seed_are_compared_sum_by_sum():
    y = grid(5, 4, 3, 4)
    levels = means_of(y)
    short = {seed: value for seed, value in levels[0][0].runs.items() if seed}
    levels[0][0] = Mean(3, float(np.mean(list(short.values()))), 1.0, 6, None, runs=short, known=levels[0][1].known)
    assert merged(levels) is None
    assert steps(levels)[2].estimate == pytest.approx(y[3].mean() - y[2].mean())


def test_an_average_is_scored_over_all_the_examples_of_its_configurations():
    y = np.zeros((4, 2, 4)) + np.arange(4.0)[:, None, None] + 1e-6 * grid(6, 4, 2, 4)
    levels = [[Mean(**{**vars(mean), "floor": 0.01}) for mean in level] for level in means_of(y)]
    assert [mean.variance for mean in merged(levels)] == pytest.approx([0.005] * 4)


@settings(max_examples=40)
@given(
    st.integers(0, 10**6), st.sampled_from([(3, 2, 3), (4, 3, 3), (13, 2, 3)]), st.sampled_from([-8.0, 0.25]), st.integers(-50, 50)
)
@pytest.mark.slow
def test_scaling_shifting_and_mirroring_change_no_p_of_a_step(drawn, shape, scale, shift):
    y = grid(drawn, *shape, acts=0.5)
    for one, other in zip(steps(means_of(y)), steps(means_of(scale * y + shift)), strict=True):
        assert other.estimate == pytest.approx(scale * one.estimate, abs=1e-9)
        assert other.p() == pytest.approx(one.p(), rel=1e-5, abs=1e-12)


@pytest.mark.slow
def test_a_factor_that_does_nothing_has_a_step_told_in_one_study_of_twenty():
    """Though seeds move its levels each their own way, five runs of a level at once."""
    draw = np.random.default_rng(7)
    told = 0
    for _ in range(300):
        y = draw.normal(size=(4, 1, 4)) + draw.normal(size=(1, 5, 1)) + 0.5 * draw.normal(size=(4, 5, 4))
        told += steps(means_of(y))[0].interval().told
    assert told / 300 < 0.05 + 3 * (0.05 * 0.95 / 300) ** 0.5
