import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau
from sweepbook.analysis.stats.ranks import kendall

VALUES = st.one_of(st.integers(0, 4).map(float), st.floats(-1e6, 1e6))


@given(st.lists(st.tuples(VALUES, VALUES), min_size=2, max_size=40))
def test_it_is_scipys_tau_b_ties_and_all(pairs):
    first, second = zip(*pairs, strict=True)
    found, theirs = kendall(first, second), float(kendalltau(first, second).statistic)
    assert math.isnan(theirs) if found is None else found == pytest.approx(theirs, abs=1e-12)


def test_the_same_order_is_1_and_the_other_way_round_minus_1():
    assert kendall([1.0, 2.0, 3.0], [10.0, 20.0, 30.0]) == pytest.approx(1.0)
    assert kendall([1.0, 2.0, 3.0], [30.0, 20.0, 10.0]) == pytest.approx(-1.0)
