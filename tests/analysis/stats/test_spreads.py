import numpy as np
import pytest
from sweepbook.analysis.stats.spreads import apart


def drawn(rng, configurations, runs, unlike=0.0):
    """The variances of so many normal runs each, whose standard deviations scatter by `unlike` as logarithms."""
    sds = np.exp(unlike * rng.standard_normal((configurations, 1)))
    return (sds * rng.standard_normal((configurations, runs))).var(axis=1, ddof=1)


@pytest.mark.parametrize(("configurations", "runs", "unlike"), [(4, 2, 0.0), (4, 3, 0.0), (12, 2, 0.4), (5, 3, 0.4), (30, 3, 0.4)])
def test_what_scatters_by_chance_is_seldom_far(configurations, runs, unlike):
    rng = np.random.default_rng(0)
    df = np.full(configurations, runs - 1.0)
    assert sum(apart(drawn(rng, configurations, runs, unlike), df).far.any() for _ in range(300)) <= 6


def test_several_far_ones_do_not_hide_each_other():
    variances = drawn(np.random.default_rng(0), 12, 3)
    variances[[2, 5, 8]] *= 10_000
    assert np.flatnonzero(apart(variances, np.full(12, 2.0)).far).tolist() == [2, 5, 8]


def test_how_many_runs_there_are_is_allowed_for():
    typical = apart(np.array([1.0, 1.0, 1.0, 1.0]), np.array([1.0, 50.0, 50.0, 50.0])).typical
    assert typical[0] == pytest.approx(1.0, abs=0.02)


def test_three_configurations_are_too_few_to_compare():
    assert not apart(np.array([1.0, 1.0, 1e9]), np.full(3, 2.0)).far.any()
