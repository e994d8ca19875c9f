import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sweepbook.analysis.stats.several import discoveries, expected_maximum, holm, shrunken

# The fifteen tests of Benjamini and Hochberg (1995), table 1: at 5%, their procedure finds four, Bonferroni's three.
MYOCARDIAL = [
    *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459),
    *(0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000),
]
chances = st.lists(st.floats(0, 1), min_size=1, max_size=20)


def test_the_example_of_benjamini_and_hochberg_finds_four():
    assert sum(p <= discoveries(MYOCARDIAL, 0.05) for p in MYOCARDIAL) == 4
    assert sum(p <= 0.05 for p in holm(MYOCARDIAL)) == 3


def test_holms_procedure_gives_what_r_documents():
    # p.adjust(c(0.01, 0.02, 0.03, 0.04), "holm")
    assert holm([0.01, 0.02, 0.03, 0.04]) == pytest.approx([0.04, 0.06, 0.06, 0.06])


@given(chances)
def test_holm_rejects_step_by_step(ps):
    rejected, left = set(), sorted(range(len(ps)), key=lambda i: ps[i])
    while left and ps[left[0]] * len(left) <= 0.05:
        rejected.add(left.pop(0))
    assert {i for i, p in enumerate(holm(ps)) if p <= 0.05} == rejected


@given(chances, st.sampled_from([0.05, 0.1, 0.2]))
def test_what_counts_as_found_is_what_scipy_adjusts_to_below_q(ps, q):
    adjusted = stats.false_discovery_control(ps)
    bound = discoveries(ps, q)
    assert all((p <= bound) == (a <= q) for p, a in zip(ps, adjusted, strict=True) if abs(a - q) > 1e-12)


def test_intervals_at_the_level_of_the_discoveries_leave_zero_out_where_something_was_found():
    """Benjamini and Yekutieli (2005): the p of a discovery lies below the level at which its interval is made."""
    ps = [0.001, 0.03, 0.5, 0.9]
    assert discoveries(ps) == pytest.approx(0.05)
    for p in ps:
        z = stats.norm.isf(p / 2)
        assert (z > stats.norm.isf(discoveries(ps) / 2)) == (p in (0.001, 0.03))


def test_the_intervals_of_what_was_found_miss_at_most_a_tenth_of_the_time():
    draw = np.random.default_rng(2)
    truth = np.repeat([0.0, 3.0], [12, 4])
    shares = []
    for _ in range(2000):
        seen = truth + draw.normal(size=16)
        level = discoveries(list(2 * stats.norm.sf(np.abs(seen))))
        half = stats.norm.isf(level / 2)
        found = np.abs(seen) >= half
        shares.append((found & (np.abs(seen - truth) > half)).sum() / max(found.sum(), 1))
    assert np.mean(shares) < 0.10


def test_no_tests_are_no_trouble():
    assert holm([]) == []
    assert discoveries([]) == 0.10


# Teichroew (1956): the mean of the largest of k standard normal values.
@pytest.mark.parametrize(("k", "value"), [(1, 0.0), (3, 0.84628), (5, 1.16296), (10, 1.53875), (20, 1.86748), (100, 2.50759)])
def test_the_expected_maximum_is_that_of_the_tables(k, value):
    assert expected_maximum(k) == pytest.approx(value, abs=2e-5)


def test_the_expected_maximum_of_two_and_three_have_closed_forms():
    assert expected_maximum(2) == pytest.approx(1 / math.sqrt(math.pi), abs=1e-6)
    assert expected_maximum(3) == pytest.approx(1.5 / math.sqrt(math.pi), abs=1e-6)


def test_means_are_drawn_to_their_middle_by_the_share_of_noise():
    # var = 7, s² = 1.75: three quarters are kept
    assert shrunken([0.0, 1.0, 5.0], [1.0, 1.75, 2.5]) == pytest.approx([0.5, 1.25, 4.25])


def test_means_that_lie_closer_than_noise_would_spread_them_all_become_their_middle():
    assert shrunken([1.0, 2.0, 3.0], [4.0] * 3) == [2.0] * 3
    assert shrunken([2.0, 2.0], [0.0, 0.0]) == [2.0, 2.0]
    assert shrunken([7.0], [1.0]) == [7.0]


def test_shrunken_means_are_nearer_to_the_truth():
    draw = np.random.default_rng(1)
    plain = drawn = 0.0
    for _ in range(500):
        truth = draw.normal(size=10)
        seen = truth + draw.normal(size=10)
        plain += float(((seen - truth) ** 2).sum())
        drawn += float(((np.array(shrunken(list(seen), [1.0] * 10)) - truth) ** 2).sum())
    assert drawn < 0.7 * plain


@given(st.lists(st.integers(-100, 100), min_size=1, max_size=8), st.integers(0, 50))
def test_shrinking_keeps_the_order_and_the_middle(means, error):
    found = shrunken([float(mean) for mean in means], [float(error)] * len(means))
    assert sum(found) == pytest.approx(sum(means), abs=1e-6)
    ordered = [after for _, after in sorted(zip(means, found, strict=True))]
    assert all(a <= b + 1e-9 for a, b in pairwise(ordered))
