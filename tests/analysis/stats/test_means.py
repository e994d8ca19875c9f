import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sweepbook.analysis.stats.contrasts import estimate
from sweepbook.analysis.stats.means import Estimate, mean_of, sampling_variance, t_quantile, wilson
from sweepbook.analysis.stats.noise import noise

values = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=20)


@given(values.flatmap(lambda y: st.tuples(st.just(y), st.permutations(y))))
def test_the_order_of_the_values_changes_not_a_bit(pair):
    one, other = pair
    pooled = noise({"a": [0.0, 1.0]})
    assert mean_of(one, pooled) == mean_of(other, pooled)


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


def test_a_run_that_was_scored_over_fewer_examples_varies_by_so_much_more():
    pooled = noise({"a": [0.80, 0.82, 0.84]}, {"a": 0.0001})  # s² = 0.0004
    assert mean_of([0.7], pooled, sampling=0.0001).variance == pytest.approx(0.0004)
    assert mean_of([0.7], pooled, sampling=0.0005).variance == pytest.approx(0.0008)
    assert mean_of([0.7], pooled, sampling=0.0).variance == pytest.approx(0.0003)


def test_a_run_never_varies_by_less_than_its_own_sampling():
    pooled = noise({"a": [0.80, 0.801, 0.802]}, {"a": 0.01})  # s² = 1e-6, below what sampling makes
    assert mean_of([0.7], pooled, sampling=0.0004).variance == 0.0004
    assert mean_of([0.7], pooled, sampling=0.0).variance == 0.0


def test_the_mean_of_a_configuration_has_the_interval_of_the_pool():
    pooled = noise({"a": [1.0, 2.0, 3.0], "b": [5.0, 5.5]})
    found = estimate(mean_of([4.0, 6.0], pooled))
    half = stats.t.ppf(0.975, 3) * pooled.sd * 1.25 / 2**0.5
    assert (found.n, found.mean) == (2, 5.0)
    assert (found.low, found.high) == pytest.approx((5 - half, 5 + half))


def test_an_outlying_configuration_has_the_interval_of_its_own_runs():
    y = [0.0, 10.0, 20.0]
    found = estimate(mean_of(y, noise({"a": [1.0, 1.1], "b": [2.0, 2.1]}), outlying=True))
    assert (found.low, found.high) == pytest.approx(stats.t.interval(0.95, 2, loc=10, scale=10 / 3**0.5))


def test_without_noise_a_mean_has_its_value_and_no_interval():
    found = mean_of([1.0, 2.0, 6.0], None)
    assert (found.value, found.own, found.error) == (3.0, 7.0, None)
    assert estimate(found) == Estimate(3, 3.0, None, None)


def test_equal_runs_have_their_value_to_the_last_bit_and_no_variance():
    found = mean_of([0.1, 0.1, 0.1], noise({"a": [0.0, 1.0]}))
    assert (found.value, found.own) == (0.1, 0.0)


def test_values_near_nothing_have_their_mean_and_no_variance():
    found = mean_of([1e-300, 3e-300], None)
    assert (found.value, found.own) == (pytest.approx(2e-300), 0.0)


@given(
    st.lists(st.integers(-100, 100), min_size=1, max_size=5), st.lists(st.integers(-100, 100), min_size=2, max_size=5, unique=True)
)
def test_a_further_run_at_the_mean_widens_no_interval_of_a_mean(own, other):
    before, more = [float(y) for y in own], [*map(float, own), sum(own) / len(own)]
    samples = {"other": list(map(float, other))}
    old = estimate(mean_of(before, noise({**samples, "own": before})))
    new = estimate(mean_of(more, noise({**samples, "own": more})))
    assert new.high - new.low <= (old.high - old.low) * (1 + 1e-9)
