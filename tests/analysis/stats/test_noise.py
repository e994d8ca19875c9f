import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats
from sweepbook.analysis.stats.noise import borrowed, noise, spread

numbers = st.integers(-1000, 1000).map(lambda whole: whole / 8)
studies = st.lists(st.lists(numbers, min_size=1, max_size=5), min_size=1, max_size=6)


def keyed(samples):
    return {f"c{i}": list(sample) for i, sample in enumerate(samples)}


def test_the_noise_is_the_error_of_a_one_way_analysis_of_variance():
    samples = {"a": [1.0, 2.5, 3.0], "b": [4.0, 4.5], "c": [2.0, 2.0, 3.5, 6.0], "single": [9.0]}
    inside = sum((len(y) - 1) * np.var(y, ddof=1) for y in samples.values() if len(y) > 1)
    found = noise(samples)
    assert (found.sd, found.df) == (pytest.approx((inside / 6) ** 0.5), 6)
    # F = between / within, so the same error comes out of scipy's F
    three = [samples[key] for key in "abc"]
    whole = np.concatenate(three)
    between = sum(len(y) * (np.mean(y) - whole.mean()) ** 2 for y in three) / 2
    assert between / found.sd**2 == pytest.approx(stats.f_oneway(*three).statistic)


def test_six_runs_have_their_standard_deviation_with_the_chi_squared_interval():
    scores = [0.808, 0.839, 0.8297, 0.8344, 0.8266, 0.834]
    found = noise({"six": scores, "one": [0.7]})
    sd = np.std(scores, ddof=1)
    low, high = (sd * (5 / stats.chi2.ppf(q, 5)) ** 0.5 for q in (0.975, 0.025))
    assert (found.sd, found.low, found.high, found.df) == (pytest.approx(sd), pytest.approx(low), pytest.approx(high), 5)


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.99])
def test_the_interval_of_a_spread_holds_the_level_of_the_chi_squared_distribution(level):
    found = spread(7.0, 4, level)
    assert stats.chi2.cdf(7.0 / found.low**2, 4) - stats.chi2.cdf(7.0 / found.high**2, 4) == pytest.approx(level)


@pytest.mark.parametrize(
    "samples", [{}, {"a": [1.0], "b": [2.0]}, {"a": [0.1, 0.1, 0.1], "b": [0.3, 0.3]}, {"a": [1.25 - 0.8 - (1 - 0.8), 0.25]}]
)
def test_where_nothing_is_repeated_or_nothing_varies_the_noise_is_not_known(samples):
    assert noise(samples) is None  # 0.1 + 0.1 + 0.1 is not 0.3, and that is no noise


def test_repeats_that_give_the_same_numbers_make_no_other_sample_outlying():
    assert noise({"a": [0.1] * 3, "b": [0.7] * 3, "c": [0.4, 0.5, 0.9]}).outlying == frozenset()


# Cochran's C = largest variance / sum of variances, five samples of three, at 1%: 0.7885 (Eisenhart, Hastay and Wallis 1947).
@pytest.mark.parametrize(("share", "left_out"), [(0.785, False), (0.792, True)])
def test_at_1_percent_a_sample_is_outlying_from_cochrans_published_critical_value_on(share, left_out, monkeypatch):
    monkeypatch.setattr("sweepbook.analysis.stats.noise.WILD", 0.01)
    rest = [[-1.0, 0.0, 1.0]] * 4  # a variance of 1 each
    reach = (4 * share / (1 - share)) ** 0.5
    found = noise(keyed([*rest, [-reach, 0.0, reach]]))
    assert found.outlying == ({"c4"} if left_out else set())
    assert found.df == (8 if left_out else 10)


@pytest.mark.parametrize(("times", "left_out"), [(0.99, False), (1.01, True)])
def test_a_sample_is_outlying_from_a_thousandth_over_all_of_them_on(times, left_out):
    rest = [[-1.0, 0.0, 1.0]] * 4
    critical = stats.f.isf(0.001 / 5, 2, 8)  # of its variance over that of the rest, which is 1
    reach = (times * critical) ** 0.5
    assert noise(keyed([*rest, [-reach, 0.0, reach]])).outlying == ({"c4"} if left_out else set())


def test_two_outlying_samples_are_left_out_one_after_the_other():
    rest = [[x, x + 0.01, x - 0.01] for x in range(20)]
    found = noise(keyed([*rest, [0.0, 10.0, 20.0], [0.0, 100.0, 200.0]]))
    assert found.outlying == {"c20", "c21"}
    assert (found.sd, found.df) == (pytest.approx(0.01), 40)


def test_of_two_samples_none_is_outlying_for_who_is_to_say_which():
    assert noise({"a": [0.0, 0.001], "b": [0.0, 100.0]}).outlying == frozenset()


def test_equal_noise_is_called_outlying_in_one_study_of_a_hundred():
    draw = np.random.default_rng(0)
    left = sum(bool(noise(keyed(draw.normal(size=(12, 3)))).outlying) for _ in range(1000))
    assert left < 10 + 3 * (1000 * 0.01 * 0.99) ** 0.5


def test_the_residual_of_a_grid_joins_few_replicates_and_both_stay_printed():
    draw = np.random.default_rng(2)
    cells = np.add.outer([0.0, 1.0, 2.0], [0.0, 5.0, 6.0, 9.0]) + draw.normal(size=(3, 4))
    six = list(draw.normal(size=6))
    found = noise({"six": six}, grids={"units": cells})
    # the least-squares fit of row and column effects, by a design matrix
    design = np.array([[1.0 * (i == r) for r in range(3)] + [1.0 * (j == c) for c in range(4)] for i in range(3) for j in range(4)])
    left = np.linalg.lstsq(design, cells.ravel(), rcond=None)[0]
    squares = float(((cells.ravel() - design @ left) ** 2).sum())
    assert (found.residual.spread.df, found.residual.spread.sd) == (6, pytest.approx((squares / 6) ** 0.5))
    ratio = squares / 6 / np.var(six, ddof=1)
    assert found.residual.p == pytest.approx(2 * min(stats.f.cdf(ratio, 6, 5), stats.f.sf(ratio, 6, 5)))
    assert found.residual.joined
    assert (found.df, found.sd) == (11, pytest.approx(((squares + 5 * np.var(six, ddof=1)) / 11) ** 0.5))
    assert (found.replicates.df, found.replicates.sd) == (5, pytest.approx(np.std(six, ddof=1)))


@pytest.mark.parametrize("scale", [0.05, 20.0])
def test_a_residual_that_differs_from_the_replicates_is_refused_on_either_side(scale):
    cells = scale * np.random.default_rng(3).normal(size=(4, 5))
    found = noise({"six": [-1.0, 0.5, 1.0, -0.5, 0.7, -0.9]}, grids={"units": cells})
    assert found.residual.p <= 0.05
    assert not found.residual.joined
    assert (found.sd, found.df) == (found.replicates.sd, 5)


def test_ten_degrees_of_freedom_need_no_help_and_nine_do():
    cells = np.random.default_rng(3).normal(size=(4, 5))
    runs = list(np.random.default_rng(4).normal(size=11))
    assert noise({"a": runs}, grids={"units": cells}).residual is None
    assert noise({"a": runs[:-1]}, grids={"units": cells}).df == 9 + 12


def test_without_replicates_a_grid_alone_makes_no_noise_known():
    assert noise({"a": [1.0]}, grids={"units": np.random.default_rng(3).normal(size=(4, 5))}) is None


def test_the_sampling_of_the_pool_is_the_mean_over_its_members():
    samples = {"a": [0.1, 0.3], "b": [0.2, 0.5], "single": [0.4]}
    assert noise(samples, {"a": 0.01, "b": 0.03, "single": 5.0}).sampling == pytest.approx(0.02)


@pytest.mark.parametrize(("n", "price"), [(1, 1.5), (2, 1.25), (3, 1.0), (20, 1.0)])
def test_a_mean_of_few_runs_pays_for_the_noise_that_it_borrows(n, price):
    assert borrowed(n) == price
    found = noise({"a": [0.0, 2.0, 4.0]})
    assert found.ruler(n) == pytest.approx(stats.t.ppf(0.975, 2) * 2 * price * (2 / n) ** 0.5)


@given(studies, st.sampled_from([0.25, 2.0, 64.0]), st.integers(-100, 100))
def test_the_noise_stretches_with_the_scale_and_not_with_a_shift(samples, scale, shift):
    before, after = noise(keyed(samples)), noise(keyed([[scale * y + shift for y in sample] for sample in samples]))
    assert (before is None) == (after is None)
    if before:
        assert (after.sd, after.low, after.high) == pytest.approx([scale * x for x in (before.sd, before.low, before.high)])
        assert (after.df, after.outlying) == (before.df, before.outlying)


@given(studies, st.randoms())
@pytest.mark.slow
def test_the_order_of_runs_and_configurations_changes_not_a_bit(samples, shuffle):
    before = keyed(samples)
    moved = [(key, shuffle.sample(y, len(y))) for key, y in before.items()]
    shuffle.shuffle(moved)
    assert noise(dict(moved)) == noise(before)


@given(studies, st.data())
def test_a_further_run_at_the_mean_of_its_configuration_makes_the_noise_no_larger(samples, data):
    before = keyed(samples)
    one = data.draw(st.sampled_from(sorted(before)))
    after = {**before, one: [*before[one], sum(before[one]) / len(before[one])]}
    old, new = noise(before), noise(after)
    assume(old is not None and old.outlying == new.outlying)
    assert new.sd <= old.sd * (1 + 1e-9)
    assert new.df >= old.df
    assert new.high <= old.high * (1 + 1e-9)


def test_a_further_run_may_make_the_residual_leave_and_the_interval_wider():
    """Known and left so: from ten degrees of freedom on replicates speak alone, and nine with a grid's twelve are more."""
    cells = np.random.default_rng(3).normal(size=(4, 5))
    runs = list(np.random.default_rng(4).normal(size=10))
    before, after = (noise({"a": y}, grids={"units": cells}) for y in (runs, [*runs, float(np.mean(runs))]))
    assert (before.df, after.df) == (21, 10)
    assert after.high / after.sd > before.high / before.sd


def test_differences_whose_squares_no_float_holds_are_no_noise():
    assert noise({"a": [1e-300, 2e-300], "b": [5e-324, 1e-155]}) is None
    assert noise({"a": [1e-120, 2e-120], "b": [0.0, 1e-300]}).sd == pytest.approx(0.5e-120)
