from math import inf

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import f
from sweepbook.analysis.stats.moderated import CANDIDATES, prior


def drawn(k, df, own, seed):
    """Estimates on `df` degrees of freedom of `k` variances around 1 that come from an inverse χ² on `own`."""
    draw = np.random.default_rng(seed)
    true = own / draw.chisquare(own, k) if own < inf else np.ones(k)
    return (true * draw.chisquare(df, k) / df).tolist()


def test_fewer_than_ten_variances_say_nothing_of_how_unlike_they_are():
    assert prior([1.0] * 9, [2] * 9) is None
    assert prior([0.0] * 20, [2] * 20) is None


@pytest.mark.parametrize(("own", "low", "high"), [(4, 3.0, 5.5), (20, 12.0, 40.0)])
def test_what_a_common_variance_counts_as_is_found_again(own, low, high):
    found = prior(drawn(2000, 4, own, seed=1), [4] * 2000)
    assert low < found.df < high
    assert found.variance == pytest.approx(1.0, rel=0.15)


def test_variances_that_differ_by_chance_alone_are_pooled():
    found = [prior(drawn(2000, 4, inf, seed), [4] * 2000) for seed in range(6)]
    assert all(one.df > 100 for one in found)
    alike = prior([1.0, 1.1, 0.9] * 5, [4] * 15)
    assert (alike.df, alike.variance) == (inf, pytest.approx(1.0))


def likeliest(s, d):
    """By scipy's F distribution and its optimiser: for each of the degrees of freedom the likeliest common variance, and its log
    likelihood."""
    s, d = np.array(s), np.array(d)
    middle = float((d * s).sum() / d.sum())

    def surprise(log_common, df):
        common = middle * np.exp(log_common)
        return -float((f.logpdf(s / common, d, df) - np.log(common)).sum())

    tried = [minimize_scalar(surprise, bounds=(-8, 3), args=(df,), method="bounded", options={"xatol": 1e-10}) for df in CANDIDATES]
    best = int(np.argmin([one.fun for one in tried]))
    return float(CANDIDATES[best]), middle * float(np.exp(tried[best].x)), -tried[best].fun


@pytest.mark.parametrize(("k", "df", "own"), [(40, 2, 3), (12, 2, 4), (20, 4, 8), (200, 2, 1.5), (30, 1, 6), (56, 2, 12)])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_likeliest_degrees_of_freedom_are_those_of_scipys_f_distribution(k, df, own, seed):
    s = drawn(k, df, own, seed)
    found, (most, common, fit) = prior(s, [df] * k), likeliest(s, [df] * k)
    if found.df < inf:
        assert (found.df, found.variance) == (pytest.approx(most), pytest.approx(common, rel=1e-3))
    else:  # equal variances, s²·d/σ² being χ² on d, are likelier than any of them
        pooled = float(np.mean(s))
        assert f.logpdf(np.array(s) / pooled, df, 1e8).sum() - k * np.log(pooled) >= fit - 1e-6


def test_unequal_degrees_of_freedom_count_each_by_its_own():
    d = [1, 2, 4, 9] * 10
    draw = np.random.default_rng(5)
    s = (6 / draw.chisquare(6, 40) * draw.chisquare(d) / d).tolist()
    most, common, _ = likeliest(s, d)
    found = prior(s, d)
    assert (found.df, found.variance) == (pytest.approx(most), pytest.approx(common, rel=1e-3))


def test_a_variance_of_0_is_no_obstacle_and_the_unit_does_not_matter():
    s = [0.0, *drawn(30, 1, 5, seed=2)]
    one, other = prior(s, [1] * 31), prior([1e-12 * y for y in s], [1] * 31)
    assert other.df == one.df
    assert other.variance == pytest.approx(1e-12 * one.variance)
