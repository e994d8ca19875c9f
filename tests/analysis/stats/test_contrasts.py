import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats
from sweepbook.analysis.stats.contrasts import Difference, Table, contrast, each
from sweepbook.analysis.stats.means import Mean, mean_of
from sweepbook.analysis.stats.noise import noise
from sweepbook.analysis.stats.quantiles import tukey

numbers = st.integers(-1000, 1000).map(lambda whole: whole / 8)
studies = st.lists(st.lists(numbers, min_size=1, max_size=5), min_size=2, max_size=6)
# R's data set `sleep`: extra hours of ten people under two drugs (Student 1908).
SLEEP = ([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0], [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])
# Four configurations by four seeds, of which each varies alike about what row and column leave.
EVEN = np.array([[2.0], [7.0], [3.0], [11.0]]) + np.array([0.0, 4.0, -1.0, 2.0]) + 4 * np.eye(4) - 1


def keyed(samples):
    """Runs by seed, the first of each with the same one."""
    return {f"c{i}": {s: float(y) for s, y in enumerate(sample)} for i, sample in enumerate(samples)}


def loose(samples):
    """Runs whose seeds nobody knows."""
    return {key: {f"{key}-{s}": y for s, y in runs.items()} for key, runs in keyed(samples).items()}


def means(samples, found="own"):
    """The means of `samples`, with the noise between their own runs unless told otherwise."""
    known = noise(samples) if found == "own" else found
    return [mean_of(runs, known, key) for key, runs in samples.items()]


def test_two_samples_alone_make_students_test():
    found = contrast(means(loose(SLEEP)), [1, -1])
    expected = stats.ttest_ind(*SLEEP)
    interval = expected.confidence_interval()
    assert found.p() == pytest.approx(expected.pvalue)
    assert (found.interval().low, found.interval().high) == pytest.approx((interval.low, interval.high))
    assert found.interval().high == pytest.approx(0.2038740)  # as R prints for t.test(extra ~ group, var.equal = TRUE)


def test_two_samples_of_the_same_seeds_make_the_paired_test():
    found = contrast(means(keyed(SLEEP)), [1, -1])
    expected = stats.ttest_rel(*SLEEP)
    assert found.p() == pytest.approx(expected.pvalue)
    assert found.p() == pytest.approx(
        0.002833, abs=5e-7
    )  # as R prints for t.test(extra ~ group, paired = TRUE): t = -4.0621, df = 9
    assert (found.interval().low, found.interval().high) == pytest.approx((-2.4598858, -0.7001142), abs=1e-6)


def test_two_of_several_at_the_same_seeds_differ_by_the_error_of_a_two_way_analysis_of_variance():
    left = EVEN - EVEN.mean(1, keepdims=True) - EVEN.mean(0) + EVEN.mean()
    error = float((left**2).sum()) / 9
    found = contrast(means(keyed(EVEN)), [1, -1, 0, 0])
    assert found.estimate == pytest.approx(-5.0)
    assert found.errors == ((pytest.approx((2 * error / 4) ** 0.5), 9),)


def test_a_sum_of_means_has_the_standard_error_of_textbooks():
    three = [[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [5.0, 6.0, 7.0]]
    found = contrast(means(loose(three)), [-0.5, -0.5, 1])
    pooled = (1 + 4 + 1) / 3
    v = [(4 * pooled + 2 * own) / 6 for own in (1, 4, 1)]
    parts = [0.25 * v[0] / 3, 0.25 * v[1] / 3, v[2] / 3]
    assert found.estimate == pytest.approx(3.0)
    df = sum(parts) ** 2 / sum(part**2 / 6 for part in parts)
    assert df > 6  # more than the runs leave in all
    assert found.errors == ((pytest.approx(sum(parts) ** 0.5), 6),)


def test_an_outlying_sample_brings_its_own_variance_and_satterthwaites_degrees_of_freedom():
    calm = [[x - 0.1, x, x + 0.1] for x in range(8)]
    found = contrast(means(loose([*calm, [0.0, 10.0, 20.0]])), [*[0] * 7, 1, -1])
    one, own = 0.01 / 3, 100 / 3
    assert found.errors == ((pytest.approx((one + own) ** 0.5), pytest.approx((one + own) ** 2 / (one**2 / 6 + own**2 / 6))),)


# Seeds


def holed():
    """Eight configurations by four seeds, some runs missing: c0 has all, c1 lacks one, c2 has one in common with c3."""
    draw = np.random.default_rng(0)
    table = keyed(3 * draw.normal(size=(8, 1)) + draw.normal(size=(1, 4)) + draw.normal(size=(8, 4)))
    missing = {"c1": [2], "c2": [0, 1], "c3": [2]}
    samples = {key: {s: y for s, y in runs.items() if s not in missing.get(key, ())} for key, runs in table.items()}
    return samples, noise(samples)


def test_two_means_are_compared_at_the_seeds_that_both_have():
    samples, found = holed()
    told = contrast([mean_of(samples[key], found, key) for key in ("c0", "c1")], [1, -1])
    assert told.estimate == pytest.approx(np.mean([samples["c0"][s] - samples["c1"][s] for s in (0, 1, 3)]))
    v = [found.each[key].variance for key in ("c0", "c1")]
    assert told.errors[0][0] == pytest.approx((sum(v) / 3) ** 0.5)
    assert len(told.errors) == 1  # the luck of seeds has dropped out


def test_a_mean_at_two_of_its_three_seeds_pays_no_more_for_borrowed_noise():
    samples, found = holed()
    told = contrast([mean_of(samples[key], found, key) for key in ("c0", "c2")], [1, -1])  # seeds 2 and 3
    v = [found.each[key].variance for key in ("c0", "c2")]
    assert told.errors[0][0] == pytest.approx((v[0] / 2 + 1.25**2 * v[1] / 2) ** 0.5)


def test_two_means_with_one_seed_in_common_keep_the_luck_of_the_others():
    samples, found = holed()
    told = contrast([mean_of(samples[key], found, key) for key in ("c2", "c3")], [1, -1])
    assert told.estimate == pytest.approx(
        np.mean([samples["c2"][s] for s in (2, 3)]) - np.mean([samples["c3"][s] for s in (0, 1, 3)])
    )
    squares = (1 / 3) ** 2 * 2 + (1 / 2) ** 2 + (1 / 2 - 1 / 3) ** 2  # of the weights of seeds 0 and 1, 2, 3
    parts = [1.25**2 * found.each["c2"].variance / 2, found.each["c3"].variance / 3, found.seeds.sd**2 * squares]
    dfs = [found.each["c2"].df, found.each["c3"].df, 3]
    df = sum(parts) ** 2 / sum(part**2 / df for part, df in zip(parts, dfs, strict=True))
    assert told.errors[0] == (pytest.approx(sum(parts) ** 0.5), pytest.approx(min(df, found.df_error)))
    assert told.errors[1] == (pytest.approx(found.seeds.scatter * squares**0.5), 3)


def test_the_wider_of_both_intervals_counts():
    told = contrast([Mean(3, 1.0, 1.0, 20, None)], [1])
    both = type(told)(told.estimate, ((0.5, 20.0), (0.4, 2.0)), told.unit)
    assert both.interval().high == pytest.approx(1 + stats.t.ppf(0.975, 2) * 0.4)
    assert both.p() == pytest.approx(2 * stats.t.sf(1 / 0.4, 2))


def test_sums_of_several_configurations_have_their_scatter_from_seed_to_seed():
    """What a seed does to one side and not to the other: (4 n Var + (n - 1) var over seeds) / (4 + n - 1) / n, on 4 + n - 1."""
    draw = np.random.default_rng(1)
    table = draw.normal(size=(6, 4)) + np.kron(np.array([[3.0], [-3.0]]) * draw.normal(size=(1, 4)), np.ones((3, 1)))
    known = means(keyed(table))
    weights = [1 / 3] * 3 + [-1 / 3] * 3
    plain, told = contrast(known, weights), contrast(known, weights, sides=True)
    by_seed = table[:3].mean(0) - table[3:].mean(0)
    squared = (4 * 4 * plain.errors[0][0] ** 2 + 3 * np.var(by_seed, ddof=1)) / 7 / 4
    assert told.errors == ((pytest.approx(squared**0.5), 7),)
    assert told.errors[0][0] > 1.3 * plain.errors[0][0]


# What does not depend on where the errors come from


def test_p_against_a_bound_agrees_with_the_interval():
    found = contrast(means(loose(SLEEP)), [1, -1])
    interval = found.interval()
    assert found.p(interval.low) == pytest.approx(0.05)
    assert found.p_above(interval.low) == pytest.approx(0.025)
    assert found.p_below(interval.high) == pytest.approx(0.025)


def test_intervals_read_together_are_widened_by_bonferroni():
    found = contrast(means(loose(SLEEP)), [1, -1])
    one, ten = found.interval(), found.interval(of=10)
    ratio = stats.t.ppf(1 - 0.025 / 10, 18) / stats.t.ppf(0.975, 18)
    assert (ten.high - ten.estimate) / (one.high - one.estimate) == pytest.approx(ratio)


def test_the_tipping_deviation_is_the_noise_at_which_a_normal_test_would_stop_telling():
    found = contrast(means(loose([[1.0], [9.0]]), None), [-1, 1])
    assert 8 / (found.tipping_sd() * 1.5 * 2**0.5) == pytest.approx(stats.norm.ppf(0.975))
    assert found.tipping_sd(bound=4.0) == pytest.approx(found.tipping_sd() / 2)


def test_without_noise_there_is_no_interval_and_nothing_is_told():
    found = contrast(means(keyed([[1.0], [9.0]])), [-1, 1])
    assert found.interval() == Difference(8.0, None, None)
    assert not found.interval().told
    assert (found.p(), found.p_above(), found.p_below()) == (1.0, 1.0, 1.0)


def test_a_mean_of_weight_zero_does_not_count_even_where_nothing_is_known_of_it():
    pooled = means(loose(SLEEP))
    assert contrast([*pooled, Mean(1, 3.0, None, 0, None)], [1, -1, 0]).p() == contrast(pooled, [1, -1]).p()


def test_a_single_run_is_held_against_many_with_the_price_of_one():
    pooled = noise(loose([[0.0, 2.0, 4.0, 2.0]]))
    found = contrast([mean_of([9.0], pooled), mean_of([0.0, 2.0, 4.0, 2.0], pooled)], [1, -1])
    assert found.errors == ((pytest.approx(pooled.sd * (1.5**2 + 1 / 4) ** 0.5), 3),)


@pytest.mark.parametrize("made", [keyed, loose])
@given(studies, st.sampled_from([-64.0, -1.0, 0.25, 8.0]), st.integers(-100, 100))
@pytest.mark.slow
def test_scaling_and_shifting_change_no_p_and_stretch_the_interval(made, samples, scale, shift):
    weights = [-1, 1, *[0] * (len(samples) - 2)]
    moved = made([[scale * y + shift for y in sample] for sample in samples])
    one = contrast(means(made(samples)), weights)
    other = contrast(means(moved, noise(moved, -1 if scale < 0 else 1)), weights)
    assert other.p() == pytest.approx(one.p(), rel=1e-6, abs=1e-12)
    before, after = one.interval(), other.interval()
    assert (before.low is None) == (after.low is None)
    if before.low is not None:
        ends = sorted((scale * before.low, scale * before.high))
        assert [after.low, after.high] == pytest.approx(ends, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("made", [keyed, loose])
@given(studies, st.randoms())
@pytest.mark.slow
def test_the_order_of_runs_changes_not_a_bit(made, samples, shuffle):
    weights = [-1, 1, *[0] * (len(samples) - 2)]
    before = made(samples)
    moved = {key: dict(shuffle.sample(sorted(runs.items()), len(runs))) for key, runs in before.items()}
    assert contrast(means(moved), weights) == contrast(means(before), weights)


@settings(max_examples=200)
@given(studies, st.data())
@pytest.mark.slow
def test_a_further_run_at_the_mean_widens_no_difference_of_its_configuration(samples, data):
    """Independent runs. Excepted are the steps that the noise itself has: see test_noise.py. The part of the other mean becomes
    more of the whole, whose degrees of freedom (Satterthwaite's) go towards its own: where these are fewer, that may widen the
    interval by less than one part in a hundred."""
    place = data.draw(st.integers(0, 1))
    before = loose(samples)
    key = f"c{place}"
    after = {**before, key: {**before[key], "more": sum(samples[place]) / len(samples[place])}}
    first, second = noise(before), noise(after)
    assume(first is not None and second is not None and first.outlying == second.outlying)
    pairs = [(first.each[k], second.each[k]) for k in before]
    assume(not any(new.variance == new.own and old.variance != old.own for old, new in pairs))
    weights = [-1, 1, *[0] * (len(samples) - 2)]
    old, new = (contrast(means(runs), weights).interval() for runs in (before, after))
    assert new.high - new.low <= (old.high - old.low) * 1.01 + 1e-9


# Many at once


def tables(drawn):
    """Means of a table with holes, at least one run each."""
    draw = np.random.default_rng(drawn)
    k, seeds = int(draw.integers(4, 20)), int(draw.integers(3, 6))
    table = keyed(
        draw.normal(size=(k, 1)) + draw.normal(size=(1, seeds)) + draw.normal(size=(k, seeds)) * np.exp(draw.normal(size=(k, 1)))
    )
    share = float(draw.choice([0.0, 0.2, 0.5]))
    samples = {
        key: {s: y for s, y in runs.items() if s == int(key[1:]) % seeds or draw.random() > share} for key, runs in table.items()
    }
    found = noise(samples)
    return [mean_of(runs, found, key, 0.01) for key, runs in samples.items()] if found else []


@settings(max_examples=60)
@given(st.integers(0, 10**6))
@pytest.mark.slow
def test_all_differences_at_once_are_those_of_two_at_a_time(drawn):
    known = tables(drawn)
    assume(known)
    table, places = Table(known), np.arange(len(known))
    ahead = table.ahead(places, places) * table.scale
    for i in places:
        error, df = table.errors(np.full(len(places), i), places)
        for j in places:
            if i != j:
                made = contrast([known[i], known[j]], [-1, 1])
                assert ahead[i, j] == pytest.approx(made.estimate, abs=1e-9)
                assert (error[j] * table.scale, df[j]) == pytest.approx(made.errors[0], rel=1e-9)


@settings(max_examples=30)
@given(st.integers(0, 10**6))
def test_no_difference_of_a_placed_mean_has_an_error_below_the_least(drawn):
    known = tables(drawn)
    assume(known)
    table = Table(known)
    places = np.argsort(-table.value)
    least = table.least_errors(places)
    for rank, i in enumerate(places):
        before = places[: rank + 1]
        assert (table.errors(np.full(len(before), i), before, placed=True)[0] >= least[rank] * (1 - 1e-12)).all()


def test_in_the_place_of_a_better_one_a_mean_has_half_the_noise_of_that_place():
    """Half by logarithms: √(0.01 · 1), beside its own runs' 2 on 2 degrees of freedom; never less than that place's floor."""
    known = noise(loose([[0.0, 1.0]])).known
    near = Mean(3, 9.0, 0.5, 6, 0.5, mu=0.01, own_df=2, floor=1.2, known=known)
    far = Mean(3, 1.0, 1.3, 6, 2.0, mu=1.0, own_df=2, known=known)
    wild = Mean(3, 1.0, 9.0, 6, 9.0, mu=1.0, own_df=2, outlying=True, known=known)
    table = Table([near, far, wild])
    error, _ = table.errors(np.array([1, 2]), np.array([0, 0]), placed=True)
    halves = (4 * 0.1 + 2 * 2.0) / 6, (4 * 0.1 + 2 * 9.0) / 6
    assert halves[0] < 1.2  # so the floor counts
    assert error * table.scale == pytest.approx([((1.2 + 0.5) / 3) ** 0.5, ((9.0 + 0.5) / 3) ** 0.5])


@pytest.mark.parametrize("size", [1e-99, 1e99, 1e150])
def test_the_degrees_of_freedom_do_not_depend_on_the_size_of_the_numbers(size):
    samples = [[1.0, 1.1, 0.9], [2.0, 2.1, 1.9], [3.0, 3.1, 3.0], [4.0, 9.0, -1.0], [5.0, 5.1, 5.0]]
    small, large = means(loose(samples)), means(loose(size * np.array(samples)))
    assert [mean.outlying for mean in large] == [mean.outlying for mean in small] == [False, False, False, True, False]
    for i in (0, 1, 2, 4):
        one, other = (contrast([known[i], known[3]], [1, -1]).errors[0] for known in (small, large))
        assert (other[0] / size, other[1]) == pytest.approx(one)
    errors = []
    for known in (small, large):
        table = Table(known)
        error, df = table.errors(np.array([0, 1]), np.array([3, 3]))
        errors.append([*(error * table.scale), *df])
    assert errors[1] == pytest.approx([errors[0][0] * size, errors[0][1] * size, *errors[0][2:]])


@pytest.mark.parametrize("k", [2, 20, 1000])
@pytest.mark.parametrize(("low", "high"), [(1.0, 400.0), (2.0, 4.0), (7.3, 38.0)])
def test_critical_values_of_many_degrees_of_freedom_are_those_of_each(k, low, high):
    def critical(df):
        return tukey(k, df)

    dfs = 1 / np.linspace(1 / high, 1 / low, 100)
    assert each(critical, dfs) == pytest.approx([critical(float(df)) for df in dfs], rel=3e-4)
    assert each(critical, np.full(3, 5.0)) == pytest.approx([critical(5.0)] * 3)
