import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sweepbook.analysis.stats import ranges
from sweepbook.analysis.stats.contrasts import contrast
from sweepbook.analysis.stats.levels import between
from sweepbook.analysis.stats.means import Mean, mean_of
from sweepbook.analysis.stats.noise import noise
from sweepbook.analysis.stats.quantiles import tukey
from sweepbook.analysis.stats.ranges import level_range

numbers = st.integers(-80, 80).map(lambda whole: whole / 8)
levels = st.lists(st.lists(numbers, min_size=1, max_size=4), min_size=2, max_size=6)


def means_of(samples, known=False):
    """The means of `samples`, whose seeds are `known`, the first of each being the same one, or not."""
    keyed = {f"c{i}": {j if known else f"{i}-{j}": float(y) for j, y in enumerate(sample)} for i, sample in enumerate(samples)}
    found = noise(keyed)
    return [mean_of(runs, found, key) for key, runs in keyed.items()]


def ends_of_all_pairs(means):
    """The largest of the lower ends of all differences, 0 at least, and the largest of the upper ends."""
    made = [
        contrast([a, b], [1, -1]).within(lambda df: tukey(len(means), round(df, 2))) for a in means for b in means if a is not b
    ]
    return max(0.0, *(d.low for d in made)), max(d.high for d in made)


def test_two_levels_have_the_range_of_students_test():
    a, b = [1.0, 2.0, 3.0], [6.0, 7.0, 8.5]
    found = level_range([[mean] for mean in means_of([a, b])])
    expected = stats.ttest_ind(b, a).confidence_interval()
    assert (found.lowest, found.highest) == (0, 1)
    assert (found.difference.low, found.difference.high) == pytest.approx((expected.low, expected.high), rel=1e-4)


def test_the_range_lies_between_the_ends_of_tukeys_intervals():
    """Of three that vary alike, on 4 + 2 degrees of freedom each: as many as their runs leave in all."""
    samples = [[1.0, 2.0, 3.0], [2.5, 3.5, 4.5], [6.0, 7.0, 8.0]]
    found = level_range([[mean] for mean in means_of(samples)]).difference
    expected = stats.tukey_hsd(*samples).confidence_interval()
    assert (found.low, found.high) == pytest.approx((expected.low.max(), expected.high.max()), abs=1e-4)


def test_a_range_that_may_be_nothing_begins_at_nothing():
    assert level_range([[Mean(3, value, 1.0, 20, None)] for value in (1.0, 1.1, 1.2)]).difference.low == 0.0


def test_levels_of_several_configurations_are_compared_by_their_means():
    rows = [[Mean(1, value, 1.0, 20, None) for value in row] for row in ([1.0, 2.0, 3.0], [4.0, 8.0, 6.0])]
    found = level_range(rows)
    assert found.difference.estimate == pytest.approx(4.0)
    half = stats.t.ppf(0.975, 120) * 1.5 * (2 / 3) ** 0.5  # six errors, each on 20
    assert found.difference.high == pytest.approx(4 + half, rel=1e-4)
    assert between(*rows).errors == ((pytest.approx(1.5 * (2 / 3) ** 0.5), pytest.approx(120)),)


@pytest.mark.slow
def test_levels_over_the_same_seeds_are_as_uncertain_as_level_by_seed_is():
    """Two-way analysis of variance of the averages, levels by seeds: its error on (4 - 1)(5 - 1) degrees of freedom."""
    draw = np.random.default_rng(3)
    y = draw.normal(size=(4, 1, 5)) + np.array([0.0, 1.0, 2.0, 9.0])[:, None, None] + 0.1 * draw.normal(size=(4, 6, 5))
    means = means_of(y.reshape(24, 5), known=True)
    found = level_range([means[6 * i : 6 * i + 6] for i in range(4)])
    table = y.mean(1)
    left = table - table.mean(1, keepdims=True) - table.mean(0) + table.mean()
    error, own = float((left**2).sum()) / 12, (left**2).sum(1) / 4 * 4 / 3
    v = (4 * error + 4 * own) / 8
    assert (own / ((own.sum() - own) / 3) < stats.f.ppf(0.95, 4, 8)).all()
    widest = []
    for i in range(4):
        for j in range(i):
            df = min((v[i] + v[j]) ** 2 / ((v[i] ** 2 + v[j] ** 2) / 8), 12)
            half = stats.studentized_range.ppf(0.95, 4, df) / 2**0.5 * ((v[i] + v[j]) / 5) ** 0.5
            widest.append((abs(table[i].mean() - table[j].mean()), half))
    assert found.difference.low == pytest.approx(max(0, *(d - half for d, half in widest)), rel=1e-3)
    assert found.difference.high == pytest.approx(max(d + half for d, half in widest), rel=1e-3)
    between_levels = float(np.var(table.mean(1), ddof=1))
    assert found.spread == pytest.approx((between_levels - float(np.mean(v)) / 5) ** 0.5)


def test_the_spread_between_levels_has_the_noise_taken_off():
    found = level_range([[Mean(4, value, 2.0, 20, None)] for value in (0.0, 1.0, 5.0)])
    assert found.spread == pytest.approx((7.0 - 0.5) ** 0.5)
    assert level_range([[Mean(4, value, 40.0, 20, None)] for value in (0.0, 1.0, 5.0)]).spread == 0.0


def test_without_noise_a_range_has_no_interval():
    found = level_range([[Mean(1, 1.0, None, 0, None)], [Mean(1, 3.0, None, 0, None)]])
    assert (found.difference.estimate, found.difference.low, found.difference.high, found.spread) == (2.0, None, None, None)


@pytest.mark.parametrize("truth", [[0.0] * 4, [0.0, 0.0, 1.0, 2.0], [0.0, 3.0, 0.0, 3.0]])
@pytest.mark.slow
def test_the_interval_holds_the_true_range_in_nineteen_studies_of_twenty(truth):
    draw = np.random.default_rng(5)
    held = 0
    for i in range(400):
        runs = np.array(truth)[:, None] + draw.normal(size=(4, 3)) + (i % 3) * draw.normal(size=(1, 3))
        found = level_range([[m] for m in means_of(runs, known=True)]).difference
        held += found.low <= max(truth) - min(truth) <= found.high
    assert held / 400 > 0.95 - 3 * (0.95 * 0.05 / 400) ** 0.5


@given(levels, st.booleans())
@pytest.mark.slow
def test_the_range_is_that_of_holding_each_level_against_every_other(samples, known):
    means = means_of(samples, known)
    found = level_range([[mean] for mean in means]).difference
    if found.low is None:
        return
    low, high = ends_of_all_pairs(means)
    assert found.low == pytest.approx(low, rel=1e-4, abs=1e-9)
    assert found.high == pytest.approx(high, rel=1e-4, abs=1e-9)


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("effect", [0.0, 0.2])
def test_of_many_levels_the_differences_that_are_not_looked_at_closely_are_no_ends(effect, known, monkeypatch):
    """Some levels scatter far more than others: the widest interval is not that of the largest difference."""
    draw = np.random.default_rng(8)
    samples = [effect * i + draw.normal(size=3 + i % 3) * draw.lognormal(sigma=0.5) for i in range(70)]
    means = means_of(samples, known)
    found = level_range([[mean] for mean in means]).difference
    assert (found.low, found.high) == pytest.approx(ends_of_all_pairs(means), rel=3e-3)
    monkeypatch.setattr(ranges, "NEAR", np.inf)
    assert level_range([[mean] for mean in means]).difference == found


@given(levels, st.sampled_from([0.25, 8.0]), st.integers(-50, 50), st.booleans())
def test_a_range_stretches_with_the_scale_and_not_with_a_shift(samples, scale, shift, known):
    moved = [[scale * y + shift for y in sample] for sample in samples]
    before, after = (level_range([[mean] for mean in means_of(runs, known)]).difference for runs in (samples, moved))
    assert after.estimate == pytest.approx(scale * before.estimate, abs=1e-9)
    if before.low is not None:
        assert (after.low, after.high) == pytest.approx((scale * before.low, scale * before.high), rel=1e-6, abs=1e-6)
