import pytest
from sweepbook.analysis.page.scale import alike, bulk, round_ends


@pytest.mark.parametrize("other", [0.9, 0.8 + 1e-16, 1e6])
def test_of_values_that_are_mostly_one_the_bulk_is_all_of_them(other):
    assert bulk([0.8] * 7 + [other]) == (0.8, other)


def test_values_that_rounding_made_of_one_have_no_fence_that_keeps_the_others_out():
    assert bulk([0.3, 0.1 + 0.2] * 4 + [0.4]) == (0.3, 0.4)


SPANS = [(1e-300, 7e-300), (9.5e-301, 1.0800000000000001e-300), (1e99, 1e100), (-2e-9, 5e-9), (0.8, 0.8 + 1e-8)]


@pytest.mark.parametrize(("low", "high"), SPANS)
def test_an_axis_has_two_ends_around_its_values_however_small_or_large(low, high):
    first, last = round_ends(low, high)
    width = high - low
    assert low - width / 4 <= first <= low
    assert high <= last <= high + width / 4


def test_numbers_are_alike_where_nothing_but_rounding_tells_them_apart():
    assert alike(0.8, 0.8 + 1e-16)
    assert alike(0.0, 0.0)
    assert alike(5e-324, 1e-323)
    assert not alike(0.0, 1e-300)
    assert not alike(-1e-9, 1e-9)
