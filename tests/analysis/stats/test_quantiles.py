import math

import pytest
from scipy import stats
from sweepbook.analysis.stats.quantiles import dunnett, tukey

# Dunnett (1955), table 1a: one-sided, 95%, 1 to 9 means against a control.
DUNNETT = {
    5: [2.02, 2.44, 2.68, 2.85, 2.98, 3.08, 3.16, 3.24, 3.30],
    10: [1.81, 2.15, 2.34, 2.47, 2.56, 2.64, 2.70, 2.76, 2.81],
    20: [1.72, 2.03, 2.19, 2.30, 2.39, 2.46, 2.51, 2.56, 2.60],
    60: [1.67, 1.95, 2.10, 2.21, 2.28, 2.35, 2.39, 2.44, 2.48],
}


@pytest.mark.parametrize("df", DUNNETT)
def test_the_critical_values_are_those_of_dunnetts_table(df):
    assert [dunnett(k, df) for k in range(1, 10)] == pytest.approx(DUNNETT[df], abs=0.0101)  # the table rounds up


@pytest.mark.parametrize(("k", "df", "rho"), [(2, 5, 0.5), (3, 10, 0.3), (4, 30, 0.5)])
def test_the_multivariate_t_has_its_level_there(k, df, rho):
    shape = [[1.0 if i == j else rho for j in range(k)] for i in range(k)]
    joint = stats.multivariate_t(shape=shape, df=df, seed=0)
    assert joint.cdf([dunnett(k, df, rho)] * k) == pytest.approx(0.95, abs=0.001)


@pytest.mark.parametrize("level", [0.9, 0.95, 0.975, 0.99])
@pytest.mark.parametrize("df", [1, 2, 5, 30, 1000])
def test_one_comparison_is_students_t(df, level):
    assert dunnett(1, df, 0.5, level) == pytest.approx(stats.t.ppf(level, df), rel=1e-4)
    assert dunnett(1, df, 0.0, level) == pytest.approx(stats.t.ppf(level, df), rel=1e-4)
    assert tukey(2, df, level) == pytest.approx(stats.t.ppf((1 + level) / 2, df), rel=1e-4)


def test_independent_comparisons_with_the_noise_known_are_a_power_of_the_normal():
    assert dunnett(7, 1e6, 0.0) == pytest.approx(stats.norm.ppf(0.95 ** (1 / 7)), abs=1e-4)


@pytest.mark.parametrize("level", [0.95, 0.975])
@pytest.mark.parametrize(("k", "df"), [(3, 1), (3, 2), (4, 5), (6, 10), (12, 25), (50, 100)])
def test_tukeys_value_is_that_of_the_studentized_range(k, df, level):
    assert stats.studentized_range.cdf(tukey(k, df, level) * math.sqrt(2), k, df) == pytest.approx(level, abs=1e-5)


def test_the_published_studentized_range():
    found = [round(tukey(k, df) * math.sqrt(2), 2) for k, df in ((3, 5), (3, 10), (5, 20), (10, 60))]
    assert found == [4.60, 3.88, 4.23, 4.65]  # Pearson and Hartley (1966), table 29


def test_many_means_ask_for_more_and_correlation_for_less():
    assert dunnett(2, 10) < dunnett(10, 10) < dunnett(10_000, 10) < 10
    assert dunnett(10, 10, 0.9) < dunnett(10, 10, 0.5) < dunnett(10, 10, 0.0)


@pytest.mark.parametrize("df", [1.001, 1.1, 1.5, 1.96, 2.7, 9.99, 60.3, 199.5, 12345.6])
@pytest.mark.parametrize("level", [0.95, 0.975])
def test_between_whole_degrees_of_freedom_the_value_is_off_by_a_few_ten_thousandths_at_most(df, level):
    assert tukey(2, df, level) == pytest.approx(stats.t.ppf((1 + level) / 2, df), rel=3e-4)
    assert dunnett(1, df, 0.3, level) == pytest.approx(stats.t.ppf(level, df), rel=3e-4)


@pytest.mark.parametrize("df", [2, 7, 15, 23, 38, 75, 110])
@pytest.mark.parametrize("k", [2, 20, 56, 1000, 10_000])
def test_just_beside_whole_degrees_of_freedom_the_value_is_theirs(k, df):
    """However many means there are: those that one computes and those in between must not differ."""
    assert tukey(k, df + 1e-6) == pytest.approx(tukey(k, df), rel=3e-4)
    assert dunnett(k, df + 1e-6) == pytest.approx(dunnett(k, df), rel=3e-4)
