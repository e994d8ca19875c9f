import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats
from sweepbook.analysis.stats.contrasts import Difference, arms, contrast
from sweepbook.analysis.stats.means import Mean, mean_of, t_quantile
from sweepbook.analysis.stats.noise import noise

numbers = st.integers(-1000, 1000).map(lambda whole: whole / 8)
studies = st.lists(st.lists(numbers, min_size=1, max_size=5), min_size=2, max_size=6)
# R's data set `sleep`: extra hours under two drugs (Student 1908).
SLEEP = ([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0], [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])


def means(samples, pooled="own"):
    """The means of `samples`, with the noise between their own runs unless told otherwise."""
    keyed = {f"c{i}": list(sample) for i, sample in enumerate(samples)}
    found = noise(keyed) if pooled == "own" else pooled
    return [mean_of(sample, found, bool(found) and key in found.outlying) for key, sample in keyed.items()]


def test_two_samples_alone_make_students_test():
    found = contrast(means(SLEEP), [1, -1])
    expected = stats.ttest_ind(*SLEEP)
    interval = expected.confidence_interval()
    assert found.p() == pytest.approx(expected.pvalue)
    assert (found.interval().low, found.interval().high) == pytest.approx((interval.low, interval.high))
    assert found.interval().high == pytest.approx(0.2038740)  # as R prints for t.test(extra ~ group, var.equal = TRUE)


def test_where_the_samples_vary_more_than_the_pool_welchs_test_counts():
    calm = noise({f"c{i}": [i, i + 0.5, i - 0.5] for i in range(9)})
    found = contrast(means(SLEEP, calm), [1, -1])
    assert found.p() == pytest.approx(0.07939, abs=1e-5)  # as R prints for t.test(extra ~ group): t = -1.8608, df = 17.776
    assert found.interval().low == pytest.approx(-3.3654832, abs=1e-6)
    assert found.interval().high == pytest.approx(0.2054832, abs=1e-6)
    assert found.errors[1][1] == pytest.approx(17.776, abs=1e-3)
    assert found.p() == pytest.approx(stats.ttest_ind(*SLEEP, equal_var=False).pvalue)


def test_welchs_error_stands_beside_from_the_ninetieth_percentile_of_f_on():
    calm = noise({"a": [-1.0, 0.0, 1.0], "b": [-1.0, 0.0, 1.0]})  # a variance of 1 on 4
    edge = stats.f.ppf(0.9, 4, 4) ** 0.5
    for factor, errors in ((0.999, 1), (1.001, 2)):
        reach = edge * factor
        assert len(contrast(means([[-reach, 0.0, reach], [5 - reach, 5.0, 5 + reach]], calm), [1, -1]).errors) == errors


def test_an_outlying_sample_brings_its_own_variance_and_satterthwaites_degrees_of_freedom():
    calm = [[x - 0.1, x, x + 0.1] for x in range(10)]
    wild, one = [0.0, 10.0, 20.0], [3.0, 3.1, 3.2]
    found = contrast(means([*calm, one, wild]), [*[0] * 10, 1, -1])
    pooled = 0.01 / 3
    own = 100 / 3
    df = (pooled + own) ** 2 / (pooled**2 / 22 + own**2 / 2)
    assert found.errors == ((pytest.approx((pooled + own) ** 0.5), pytest.approx(df)),)


def test_a_sum_of_means_has_the_standard_error_of_textbooks():
    three = [[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [5.0, 5.5, 6.0]]
    found = contrast(means(three), [-0.5, -0.5, 1])
    s2 = sum(np.var(y, ddof=1) for y in three) / 3
    assert found.estimate == pytest.approx(5.5 - 3)
    assert found.errors[0] == (pytest.approx((s2 * 1.5 / 3) ** 0.5), 6)
    assert found.p() == pytest.approx(2 * stats.t.sf(2.5 / (s2 * 0.5) ** 0.5, 6))


def test_p_against_a_bound_agrees_with_the_interval():
    found = contrast(means(SLEEP), [1, -1])
    interval = found.interval()
    assert found.p(interval.low) == pytest.approx(0.05)
    assert found.p_above(interval.low) == pytest.approx(0.025)
    assert found.p_below(interval.high) == pytest.approx(0.025)


def test_intervals_read_together_are_widened_by_bonferroni():
    found = contrast(means(SLEEP), [1, -1])
    one, ten = found.interval(), found.interval(of=10)
    ratio = stats.t.ppf(1 - 0.025 / 10, 18) / stats.t.ppf(0.975, 18)
    assert (ten.high - ten.estimate) / (one.high - one.estimate) == pytest.approx(ratio)


def test_the_tipping_deviation_is_the_noise_at_which_a_normal_test_would_stop_telling():
    found = contrast(means([[1.0], [9.0]], None), [-1, 1])
    assert 8 / (found.tipping_sd() * 1.5 * 2**0.5) == pytest.approx(stats.norm.ppf(0.975))
    assert found.tipping_sd(bound=4.0) == pytest.approx(found.tipping_sd() / 2)


def test_without_noise_there_is_no_interval_and_nothing_is_told():
    found = contrast(means([[1.0], [9.0]]), [-1, 1])
    assert found.interval() == Difference(8.0, None, None)
    assert not found.interval().told
    assert (found.p(), found.p_above(), found.p_below()) == (1.0, 1.0, 1.0)


def test_a_mean_of_weight_zero_does_not_count_even_where_nothing_is_known_of_it():
    pooled = means(SLEEP)
    assert contrast([*pooled, Mean(1, 3.0, None, 0, None)], [1, -1, 0]).p() == contrast(pooled, [1, -1]).p()


def test_a_single_run_is_held_against_many_with_the_price_of_one():
    pooled = noise({"a": [0.0, 2.0, 4.0, 2.0]})
    found = contrast([mean_of([9.0], pooled), mean_of([0.0, 2.0, 4.0, 2.0], pooled)], [1, -1])
    assert found.errors == ((pytest.approx(pooled.sd * (1.5**2 + 1 / 4) ** 0.5), 3),)


@given(studies, st.sampled_from([-64.0, -1.0, 0.25, 8.0]), st.integers(-100, 100))
def test_scaling_and_shifting_change_no_p_and_stretch_the_interval(samples, scale, shift):
    weights = [-1, 1, *[0] * (len(samples) - 2)]
    one = contrast(means(samples), weights)
    other = contrast(means([[scale * y + shift for y in sample] for sample in samples]), weights)
    assert other.p() == pytest.approx(one.p(), rel=1e-6, abs=1e-12)
    before, after = one.interval(), other.interval()
    assert (before.low is None) == (after.low is None)
    if before.low is not None:
        ends = sorted((scale * before.low, scale * before.high))
        assert [after.low, after.high] == pytest.approx(ends, rel=1e-6, abs=1e-6)


@given(studies, st.randoms())
def test_the_order_of_runs_changes_not_a_bit(samples, shuffle):
    weights = [-1, 1, *[0] * (len(samples) - 2)]
    assert contrast(means([shuffle.sample(y, len(y)) for y in samples]), weights) == contrast(means(samples), weights)


@given(studies, st.data())
def test_a_further_run_at_the_mean_of_its_configuration_widens_no_interval_that_stays_with_the_pool(samples, data):
    """Where Welch's error comes to stand beside the pooled one, or ceases to, the interval may jump: see the test below."""
    place = data.draw(st.integers(0, len(samples) - 1))
    more = [[*y, sum(y) / len(y)] if i == place else y for i, y in enumerate(samples)]
    weights = [-1, 1, *[0] * (len(samples) - 2)]
    pools = [noise({f"c{i}": y for i, y in enumerate(each)}) for each in (samples, more)]
    assume(pools[0] is not None and pools[0].outlying == pools[1].outlying)
    old, new = (contrast(means(each), weights) for each in (samples, more))
    assume(len(new.errors) == 1)
    before, after = old.interval(), new.interval()
    assert after.high - after.low <= (before.high - before.low) * (1 + 1e-9) + 1e-9


def test_a_further_run_elsewhere_may_bring_welchs_error_in_and_widen_an_interval():
    """Known and left so: the rule looks at the data, and calmer runs elsewhere say that the pool is too small for these two."""
    two = [[-1.6, 0.0, 1.6], [5 - 1.6, 5.0, 5 + 1.6]]  # a variance of 2.56 each
    widths = []
    for more in ([], [0.0] * 3):
        calm = noise({"a": [-1.0, 0.0, 1.0, *more], "b": [9.0, 10.0, 11.0]})
        found = contrast(means(two, calm), [-1, 1]).interval()
        widths.append(found.high - found.low)
    assert widths[1] > widths[0]


@given(studies, st.lists(st.booleans(), min_size=6, max_size=6), st.integers(1, 3))
def test_all_differences_at_once_are_those_of_two_at_a_time(samples, wild, size):
    pooled = noise({"x": [0.0, 1.0, 3.0], "y": [0.0, 2.0]})
    singles = [mean_of(y, pooled, out, 0.01 * len(y)) for y, out in zip(samples, wild, strict=False)]
    groups = [singles[i : i + size] for i in range(0, len(singles), size)]
    sides = arms(groups)

    def critical(df):
        return t_quantile(round(df, 2), 0.975)

    for i, a in enumerate(groups):
        for j, half in enumerate(sides.halves(i, critical, len(groups))):
            if i == j:
                continue
            made = contrast([*a, *groups[j]], [-1 / len(a)] * len(a) + [1 / len(groups[j])] * len(groups[j]))
            assert sides.values[j] - sides.values[i] == pytest.approx(made.estimate, abs=1e-9)
            assert half == pytest.approx(made.half(critical), rel=1e-6)


@pytest.mark.parametrize("size", [1e-99, 1e99])
def test_the_degrees_of_freedom_do_not_depend_on_the_size_of_the_numbers(size):
    samples = [[1.0, 1.1, 0.9], [2.0, 2.1, 1.9], [3.0, 3.1, 3.0], [4.0, 9.0, -1.0]]
    small, large = means(samples), means([[value * size for value in sample] for sample in samples])
    assert [mean.outlying for mean in large] == [mean.outlying for mean in small] == [False, False, False, True]
    critical = (2.0).__add__
    for i in range(3):
        assert contrast([large[i], large[3]], [1, -1]).errors[0][1] == pytest.approx(
            contrast([small[i], small[3]], [1, -1]).errors[0][1]
        )
    halves = [arms([[mean] for mean in found]).halves(3, critical, 3) for found in (small, large)]
    assert halves[1] / size == pytest.approx(halves[0])
    assert np.isfinite(halves[1]).all()
