import numpy as np
import pytest
from scipy import stats
from sweepbook.analysis.stats.contrasts import contrast
from sweepbook.analysis.stats.means import mean_of
from sweepbook.analysis.stats.noise import borrowed, noise
from sweepbook.analysis.stats.power import Arm, detectable, errors, noncentrality, power, reach, runs_needed


@pytest.mark.parametrize("df", [1, 2, 3, 5, 8, 20, 100, 10_000])
@pytest.mark.parametrize("wanted", [0.5, 0.8, 0.95])
def test_the_noncentral_t_passes_its_critical_value_as_often_as_wanted(df, wanted):
    assert stats.nct.sf(stats.t.ppf(0.975, df), df, noncentrality(df, wanted)) == pytest.approx(wanted, abs=1e-6)


def test_with_the_noise_known_it_is_the_sum_of_two_normal_quantiles():
    assert noncentrality(1e7) == pytest.approx(stats.norm.ppf(0.975) + stats.norm.ppf(0.8))


@pytest.mark.parametrize(("distance", "df"), [(0.0, 5), (1.0, 3), (2.5, 10), (4.0, 50)])
def test_the_power_has_both_tails(distance, df):
    t = stats.t.ppf(0.975, df)
    expected = stats.nct.sf(t, df, distance) + stats.nct.cdf(-t, df, distance) if distance else 0.05
    assert power(distance, df) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("n", [1, 2, 3, 5])
@pytest.mark.slow
def test_the_detectable_difference_of_independent_runs_is_found_four_times_in_five(n):
    """Brute force through the product: two configurations, and others beside them that alone make the noise, of 9 degrees of
    freedom in all; two typical configurations of n runs have 4 + n - 1 each."""
    draw = np.random.default_rng(n)
    found = 0
    for _ in range(1500):
        pool = noise({f"c{i}": {f"{i}-{s}": y for s, y in enumerate(draw.normal(size=size))} for i, size in enumerate((3, 3, 6))})
        if pool.outlying:
            continue
        gap = detectable(1.0, min(2 * (4 + n - 1), 9), n)
        a, b = (list(shift + borrowed(n) * draw.normal(size=n)) for shift in (0.0, gap))  # as noisy as the price assumes
        means = [mean_of(y, pool) for y in (a, b)]
        found += abs(contrast(means, [-1, 1]).estimate) > pool.ruler(n)
    assert found / 1500 == pytest.approx(0.8, abs=0.04)


def two_arms(df):
    """The errors of a difference of two means of a noise of 1 on so many degrees of freedom, by the runs of each."""
    return lambda n: errors([Arm(1, 1.0, n, df), Arm(-1, 1.0, n, df)], n, df)


@pytest.mark.parametrize("df", [2, 5, 30])
@pytest.mark.parametrize("distance", [0.4, 1.0, 2.0, 5.0])
def test_the_runs_needed_are_the_fewest_that_resolve_the_distance(df, distance):
    n = runs_needed(distance, two_arms(df))
    assert detectable(1.0, df, n) <= distance
    assert n == 1 or detectable(1.0, df, n - 1) > distance


def test_the_runs_needed_of_textbooks():
    # A difference of one standard deviation at 80% power and 5%: 16 a group by the normal approximation (Lehr 1992).
    assert runs_needed(1.0, two_arms(1e7)) == 16
    assert runs_needed(2.0, two_arms(1e7)) == 4


@pytest.mark.parametrize("distance", [3.0, 2.0, 0.7, 0.3, 0.13, 0.1253, 0.12])
def test_the_runs_needed_are_those_of_trying_one_number_after_the_other(distance):
    tried = (n for n in range(1, 1001) if noncentrality(9) * borrowed(n) * (2 / n) ** 0.5 <= distance)
    assert runs_needed(distance, two_arms(9)) == next(tried, None)


def test_what_no_number_of_runs_resolves_has_no_answer():
    assert runs_needed(0.0, two_arms(10)) is None
    assert runs_needed(0.001, two_arms(10)) is None
    assert runs_needed(0.001, lambda n: ((0.0, 10),)) == 1


def test_detectable_differences_stretch_with_the_noise():
    assert detectable(3.0, 7, 2) == pytest.approx(3 * detectable(1.0, 7, 2))


def test_a_sum_before_its_runs_has_the_errors_that_it_will_have():
    """The variances are such that a drawn table gives them back: each configuration as the pool has it."""
    table = np.array([[1.0, 1.0, -2.0], [1.0, -2.0, 1.0], [-1.0, -1.0, 2.0], [-1.0, 2.0, -1.0]]) + np.array([0.0, 3.0, 5.0])
    samples = {str(i): dict(enumerate(row)) for i, row in enumerate(table)}
    found = noise(samples)
    means = [mean_of(runs, found, key) for key, runs in samples.items()]
    for weights in ([1, -1, 0, 0], [1, 0, 0, 0], [0.5, 0.5, -0.5, -0.5], [0.5, 0.5, 0, 0], [-0.9, -0.3, 0.3, 0.9]):
        arms = [Arm(c, mean.variance, 3, mean.df) for c, mean in zip(weights, means, strict=True) if c]
        before = errors(arms, 3, found.df_error, (found.seeds.sd, found.seeds.scatter))
        assert np.array(before) == pytest.approx(np.array(contrast(means, weights).errors))


@pytest.mark.parametrize(("df", "other", "ratio"), [(6, 2, 0.5), (6, 2, 1.0), (6, 2, 0.05), (20, 4, 1.2), (10, 1, 0.3)])
def test_a_sum_that_has_to_lie_beyond_the_wider_of_two_intervals_does_so_four_times_in_five(df, other, ratio):
    draw, n = np.random.default_rng(5), 200_000
    halves = [stats.t.ppf(0.975, k) * error * np.sqrt(draw.chisquare(k, n) / k) for error, k in ((1.0, df), (ratio, other))]
    found = reach(((1.0, df), (ratio, other))) + draw.normal(size=n) > np.maximum(*halves)
    assert found.mean() == pytest.approx(0.8, abs=0.005)


def test_one_seed_that_all_share_tells_nothing():
    assert errors([Arm(1, 1.0, 1, 4)], 1, 10, (0.5, 0.6)) == ((np.inf, 1.0),)
