import time

import numpy as np
from sweepbook.analysis.page.points import drawn


def test_of_a_long_curve_at_most_500_points_are_drawn_and_no_peak_is_lost():
    low = np.sin(np.arange(1_000_000) / 7e4)
    mean, high = low + 1, low + 2
    low[123_456], mean[500_001], high[999_998] = -9.0, 8.0, 9.0
    at = drawn([low, mean, high])
    assert len(at) <= 500
    assert {0, 123_456, 500_001, 999_998, 999_999} <= set(at)
    assert list(drawn([low[:500]])) == list(range(500))


def test_a_curve_of_a_million_epochs_is_thinned_within_a_moment():
    values = [np.random.default_rng(i).standard_normal(1_000_000) for i in range(3)]
    start = time.process_time()
    assert len(drawn(values)) <= 500
    assert time.process_time() - start < 1
