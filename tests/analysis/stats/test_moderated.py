from math import inf

import numpy as np
import pytest
from scipy.stats import f
from sweepbook.analysis.stats.moderated import CANDIDATES, Prior, prior


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


def test_the_likeliest_degrees_of_freedom_are_those_that_scipys_f_distribution_has():
    s, d = drawn(40, 2, 3, seed=7), 2
    found = prior(s, [d] * 40)

    def fit(df):
        return max(f.logpdf(np.array(s) / v, d, df).sum() - 40 * np.log(v) for v in np.linspace(0.2, 3, 600) * np.mean(s))

    at = int(np.argmin(abs(CANDIDATES - found.df)))
    assert fit(CANDIDATES[at]) >= max(fit(CANDIDATES[at - 3]), fit(CANDIDATES[at + 3]))


def test_a_variance_of_0_is_no_obstacle_and_the_unit_does_not_matter():
    s = [0.0, *drawn(30, 1, 5, seed=2)]
    one, other = prior(s, [1] * 31), prior([1e-12 * y for y in s], [1] * 31)
    assert other.df == one.df
    assert other.variance == pytest.approx(1e-12 * one.variance)


def test_a_sample_counts_by_its_own_degrees_of_freedom():
    assert Prior(1.0, 6.0).moderated(3.0, 2) == pytest.approx(1.5)
    assert Prior(1.0, 6.0).moderated(0.0, 0) == pytest.approx(1.0)
