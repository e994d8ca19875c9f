import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sweepbook.analysis.stats.contrasts import estimate
from sweepbook.analysis.stats.means import Estimate, mean_of, sampling_variance, t_quantile, wilson
from sweepbook.analysis.stats.noise import noise

values = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=20)


def apart(samples):
    """Runs that have nothing to do with each other, by seeds that nobody knows."""
    return {key: {f"{key}-{i}": float(y) for i, y in enumerate(runs)} for key, runs in samples.items()}


TWO = noise(apart({"a": [0.0, 1.0]}))


@given(values.flatmap(lambda y: st.tuples(st.just(y), st.permutations(y))))
def test_the_order_of_the_values_changes_not_a_bit(pair):
    one, other = pair
    assert mean_of(one, TWO) == mean_of(other, TWO)


@pytest.mark.parametrize("df", [1, 2, 3.7, 30, 1e4])
def test_the_quantile_is_students(df):
    assert t_quantile(df, 0.975) == pytest.approx(stats.t.ppf(0.975, df), rel=1e-9)


@pytest.mark.parametrize(("right", "scored"), [(0, 10), (1, 10), (15, 25), (80, 100), (8700, 10_000)])
def test_the_interval_of_a_proportion_is_wilsons(right, scored):
    low, high = wilson(right / scored, scored)
    expected = stats.binomtest(right, scored).proportion_ci(method="wilson")
    assert (low, high) == pytest.approx((expected.low, expected.high), abs=1e-12)
    for end in (low, high):  # the shares that the score test just lets pass
        assert abs(right / scored - end) == pytest.approx(
            stats.norm.ppf(0.975) * math.sqrt(max(end * (1 - end), 0) / scored), abs=1e-9
        )


def test_a_proportion_over_so_many_examples_varies_as_the_binomial_distribution_does():
    assert sampling_variance(0.8, 10_000) == pytest.approx(stats.binom.var(10_000, 0.8) / 10_000**2)


@pytest.mark.parametrize(("mean", "examples"), [(0.8, None), (0.8, 0), (1.7, 100), (-0.1, 100)])
def test_what_is_no_proportion_or_was_scored_over_who_knows_how_many_has_no_sampling_variance(mean, examples):
    assert sampling_variance(mean, examples) is None


def test_a_run_never_varies_by_less_than_scoring_it_over_so_few_examples_does():
    pooled = noise(apart({"a": [0.80, 0.82, 0.84]}))  # s² = 0.0004
    assert mean_of([0.7], pooled).variance == pytest.approx(0.0004)
    assert mean_of([0.7], pooled, sampling=0.0003).variance == pytest.approx(0.0004)
    known = mean_of([0.7], pooled, sampling=0.0005)
    assert (known.variance, known.floor) == (0.0005, 0.0005)


def test_a_mean_has_the_noise_of_its_configuration():
    samples = apart({"a": [1.0, 2.0, 3.0], "b": [5.0, 5.5, 6.0]})
    found = noise(samples)
    mean = mean_of(samples["a"], found, "a")
    pooled = (1 + 0.25) / 2
    assert (mean.mu, mean.own, mean.own_df, mean.df) == (pytest.approx(pooled), pytest.approx(1.0), 2, 4)
    assert mean.variance == pytest.approx((4 * pooled + 2 * 1.0) / 6)
    told = estimate(mean)
    half = stats.t.ppf(0.975, 4) * (mean.variance / 3) ** 0.5
    assert (told.n, told.mean) == (3, 2.0)
    assert (told.low, told.high) == pytest.approx((2 - half, 2 + half))


def test_a_configuration_that_the_noise_does_not_know_has_the_typical_one():
    found = noise(apart({"a": [1.0, 2.0, 3.0], "b": [5.0, 5.5]}))
    told = estimate(mean_of([4.0, 6.0], found))
    half = stats.t.ppf(0.975, 3) * found.sd * 1.25 / 2**0.5
    assert (told.low, told.high) == pytest.approx((5 - half, 5 + half))


def test_an_outlying_configuration_has_an_interval_as_wide_as_its_own_runs_and_no_cliff_at_the_edge():
    """Its own runs alone would make it half as wide again: t on 2 degrees of freedom for t on 6."""
    samples = apart({"wild": [0.0, 10.0, 20.0], **{str(i): [i, i + 0.1, i + 0.2] for i in range(6)}})
    found = noise(samples)
    assert found.outlying == {"wild"}
    told = estimate(mean_of(samples["wild"], found, "wild"))
    assert (told.low, told.high) == pytest.approx(stats.t.interval(0.95, 6, loc=10, scale=10 / 3**0.5))


def test_the_luck_of_seeds_stays_in_a_single_mean():
    """At least what the seeds' effects as they are let expect of other ones, on one degree of freedom less than there are seeds."""
    table = {str(i): {0: i + 1.0 + 0.01 * i * i, 1: i + 2.0, 2: i + 6.0 - 0.01 * i, 3: i - 1.0} for i in range(6)}
    found = noise(table)
    assert found.seeds.share > 0.99
    told = estimate(mean_of(table["3"], found, "3"))
    half = stats.t.ppf(0.975, 3) * found.seeds.scatter / 4**0.5
    assert told.high - told.mean == pytest.approx(half)
    effects = list(found.seeds.effects.values())
    assert found.seeds.scatter == pytest.approx((sum(a * a for a in effects) / 3) ** 0.5)


def test_without_noise_a_mean_has_its_value_and_no_interval():
    found = mean_of([1.0, 2.0, 6.0], None)
    assert (found.value, found.own, found.error) == (3.0, 7.0, None)
    assert estimate(found) == Estimate(3, 3.0, None, None)


def test_equal_runs_have_their_value_to_the_last_bit_and_no_variance():
    found = mean_of([0.1, 0.1, 0.1], None)
    assert (found.value, found.own) == (0.1, 0.0)
    assert mean_of([0.1, 0.1, 0.1], TWO).value == 0.1


def test_values_near_nothing_have_their_mean_and_no_variance():
    found = mean_of([1e-300, 3e-300], None)
    assert (found.value, found.own) == (pytest.approx(2e-300), 0.0)


def test_a_mean_turned_upward_has_its_runs_turned():
    table = {str(i): {s: float(i * s + s * s) for s in range(4)} for i in range(6)}
    mean = mean_of(table["2"], noise(table), "2")
    turned = mean.upward(-1)
    assert (turned.value, turned.runs[3]) == (-mean.value, -15.0)
    assert (turned.variance, turned.df, mean.upward(1)) == (mean.variance, mean.df, mean)
