import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.stats import Estimate, mean_interval

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
