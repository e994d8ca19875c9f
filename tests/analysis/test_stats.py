import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.stats import Estimate, Noise, contrast, mean_interval, noise

values = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=20)


def test_no_value_has_no_estimate():
    assert mean_interval([]) is None


def test_one_value_leaves_the_interval_open():
    assert mean_interval([0.75]) == Estimate(1, 0.75, None, None)


def test_two_values_give_the_interval_of_the_cauchy_distribution():
    # With one degree of freedom t is Cauchy: its 97.5% quantile is tan(0.475 pi); the mean's error is |a - b| / 2.
    half = math.tan(0.475 * math.pi) * 1.0
    found = mean_interval([3.0, 5.0])
    assert (found.n, found.mean) == (2, 4.0)
    assert (found.low, found.high) == pytest.approx((4 - half, 4 + half), rel=1e-12)


def test_three_values_give_the_closed_form_of_two_degrees_of_freedom():
    # With two degrees of freedom the quantile is a sqrt(2 / (1 - a^2)), a = 2 p - 1 = 0.95 (Shaw 2006).
    t = 0.95 * math.sqrt(2 / (1 - 0.95**2))
    found = mean_interval([1.0, 2.0, 3.0])
    assert found.high - found.mean == pytest.approx(t / math.sqrt(3), rel=1e-12)


@given(values, st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_the_interval_is_that_of_scipy(y, level):
    found = mean_interval(y, level)
    spread = np.std(y, ddof=1)
    if spread < 1e-9:
        assert (found.low, found.high) == pytest.approx((found.mean, found.mean), abs=1e-6)
        return
    low, high = stats.t.interval(level, len(y) - 1, loc=np.mean(y), scale=spread / math.sqrt(len(y)))
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-9, abs=1e-9)


@given(values)
def test_the_mean_lies_in_the_middle_of_its_interval(y):
    found = mean_interval(y)
    assert found.low <= found.mean <= found.high
    assert (found.low + found.high) / 2 == pytest.approx(found.mean, rel=1e-9, abs=1e-6)


@given(values, st.floats(-1e6, 1e6), st.floats(-1e3, 1e3))
def test_the_interval_moves_and_stretches_with_the_values(y, shift, scale):
    before, after = mean_interval(y), mean_interval([scale * v + shift for v in y])
    bounds = sorted(scale * bound + shift for bound in (before.low, before.high))
    assert after.mean == pytest.approx(scale * before.mean + shift, rel=1e-6, abs=1e-2)
    assert [after.low, after.high] == pytest.approx(bounds, rel=1e-6, abs=1e-2)


@given(values.flatmap(lambda y: st.tuples(st.just(y), st.permutations(y))))
def test_the_order_of_the_values_changes_not_a_bit(pair):
    one, other = pair
    assert mean_interval(one) == mean_interval(other)


def test_a_contrast_of_two_samples_is_students_test_with_the_pooled_noise():
    a, b = [1.0, 2.0, 3.5], [4.0, 5.5, 6.0]
    pooled = noise([a, b])
    found = contrast([a, b], [-1, 1], pooled)
    expected = stats.ttest_ind(b, a).confidence_interval()
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_where_the_samples_vary_more_than_the_pool_welchs_interval_is_taken():
    a, b = [10.0, 30.0, 50.0], [0.0, 1.0, 2.0]
    pooled = noise([[1.0, 1.1, 0.9], [2.0, 2.1, 1.9], [3.0, 3.1, 2.9]])
    found = contrast([a, b], [1, -1], pooled)
    expected = stats.ttest_ind(a, b, equal_var=False).confidence_interval()
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_contrasts_read_together_are_widened_by_bonferroni():
    samples = [[1.0, 2.0], [3.0, 4.0], [5.0, 7.0]]
    pooled = noise(samples)
    one, ten = (contrast(samples, [-1, 0, 1], pooled, of) for of in (1, 10))
    ratio = stats.t.ppf(1 - 0.025 / 10, pooled.df) / stats.t.ppf(0.975, pooled.df)
    assert (ten.high - ten.estimate) / (one.high - one.estimate) == pytest.approx(ratio)


@pytest.mark.parametrize(("n", "price"), [(1, 1.5), (2, 1.25), (3, 1.0)])
def test_a_mean_of_few_runs_pays_for_the_noise_that_it_borrows(n, price):
    pooled = Noise(1.0, 0.5, 2.0, 10)
    sample = [0.0] * n
    found = contrast([sample], [1], pooled)
    assert found.high == pytest.approx(price * stats.t.ppf(0.975, 10) / n**0.5)


def test_without_noise_there_is_no_interval_and_nothing_is_told():
    found = contrast([[1.0], [9.0]], [-1, 1], noise([[1.0], [9.0]]))
    assert (found.estimate, found.low, found.high, found.told) == (8.0, None, None, False)


def test_the_noise_of_six_runs_is_their_standard_deviation_with_its_interval():
    scores = [0.808, 0.839, 0.8297, 0.8344, 0.8266, 0.834]
    found = noise([scores, [0.7]])
    assert found.sd == pytest.approx(float(np.std(scores, ddof=1)))
    low, high = (found.sd * (5 / stats.chi2.ppf(q, 5)) ** 0.5 for q in (0.975, 0.025))
    assert (found.low, found.high, found.df) == (pytest.approx(low), pytest.approx(high), 5)


def test_a_sample_that_varies_far_more_than_the_rest_is_left_out_of_the_pool():
    rest = [[x, x + 0.01, x - 0.01] for x in range(20)]
    found = noise([*rest, [0.0, 10.0, 20.0]])
    assert found.outlying == (20,)
    assert found.sd == pytest.approx(0.01)


def test_equal_noise_is_hardly_ever_called_outlying():
    draw = np.random.default_rng(0)
    left = [bool(noise(draw.normal(size=(30, 3))).outlying) for _ in range(400)]
    assert sum(left) < 12  # 1% by design: 4 of 400, and twelve lie four standard errors above


def test_the_order_of_runs_and_configurations_changes_nothing():
    samples = [[0.1, 0.2, 0.4], [0.3, 0.31], [0.5, 0.9, 0.7]]
    found = noise([sample[::-1] for sample in samples[::-1]])
    assert (found.sd, found.df) == (noise(samples).sd, noise(samples).df)


@given(
    st.lists(st.lists(st.floats(-10, 10), min_size=1, max_size=4), min_size=2, max_size=5), st.floats(0.1, 100), st.floats(-5, 5)
)
def test_scaling_and_shifting_change_no_verdict(samples, scale, shift):
    moved = [[scale * y + shift for y in sample] for sample in samples]
    weights = [-1, 1, *[0] * (len(samples) - 2)]
    a, b = contrast(samples, weights, noise(samples)), contrast(moved, weights, noise(moved))
    near = a.low is not None and min(abs(a.low), abs(a.high)) < 1e-6 * (1 + abs(a.estimate))
    if a.low is not None and b.low is not None and not near:
        assert a.told == b.told
        assert b.estimate == pytest.approx(scale * a.estimate, rel=1e-6, abs=1e-6)


def test_false_positives_stay_within_five_in_a_hundred():
    draw = np.random.default_rng(1)
    told = 0
    for _ in range(1000):
        samples = list(draw.normal(size=(6, 3)))
        told += contrast(samples, [1, -1, 0, 0, 0, 0], noise(samples)).told
    assert told / 1000 < 0.05 + 3 * (0.05 * 0.95 / 1000) ** 0.5
