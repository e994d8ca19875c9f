from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sweepbook.analysis.stats.contrasts import contrast
from sweepbook.analysis.stats.means import Mean, mean_of
from sweepbook.analysis.stats.noise import noise
from sweepbook.analysis.stats.pairs import Pairs
from sweepbook.analysis.stats.quantiles import dunnett, tukey
from sweepbook.analysis.stats.tiers import letters, tiers

numbers = st.integers(-80, 80).map(lambda whole: whole / 8)
runs = st.lists(numbers, min_size=1, max_size=4)
POOL = {"x": [0.0, 1.0, 2.5], "y": [0.0, 0.5], "z": [3.0, 3.5, 2.0]}
# R's data set PlantGrowth (Dobson 1983).
PLANTS = (
    [4.17, 5.58, 5.18, 6.11, 4.50, 4.61, 5.17, 4.53, 5.33, 5.14],
    [4.81, 4.17, 4.41, 3.59, 5.87, 3.83, 6.03, 4.89, 4.32, 4.69],
    [6.31, 5.12, 5.54, 5.50, 5.37, 5.29, 4.92, 6.15, 5.80, 5.26],
)


def means_of(samples):
    keyed = {f"c{i}": list(sample) for i, sample in enumerate(samples)}
    pooled = noise(keyed)
    return [mean_of(sample, pooled, bool(pooled) and key in pooled.outlying) for key, sample in keyed.items()]


def brute_tiers(means):
    """Tiers by their definition: every mean against every other, nothing left out."""
    found, left, tier, pairs = [0] * len(means), list(range(len(means))), 1, Pairs([[mean] for mean in means])
    while left:
        stays = []
        for i in left:
            told = False
            for j in left:
                ahead = means[j].value - means[i].value
                if ahead > 0:
                    wild = [k for k in (i, j) if means[k].outlying]
                    values = [pairs.own(k) for k in wild] or [pairs.calm]
                    made = contrast([means[j], means[i]], [1, -1])
                    told |= any(ahead >= made.half(value) for value in values)
            if not told:
                stays.append(i)
        for i in stays:
            found[i] = tier
        left, tier = [i for i in left if i not in stays], tier + 1
    return found


@settings(max_examples=300)
@given(st.lists(st.tuples(runs, st.booleans(), st.sampled_from([0.0, 0.02, 0.5])), min_size=1, max_size=7))
@pytest.mark.slow
def test_tiers_are_those_of_holding_each_against_every_other(drawn):
    pooled = noise(POOL)
    means = [mean_of(y, pooled, wild, sampling) for y, wild, sampling in drawn]
    assert tiers(means) == brute_tiers(means)


@pytest.mark.parametrize("seed", range(5))
def test_tiers_of_many_are_those_of_holding_each_against_every_other(seed):
    draw = np.random.default_rng(seed)
    means = means_of([draw.normal(i / 4, 1 + 4 * (draw.random() < 0.1), size=draw.integers(1, 5)) for i in range(30)])
    assert tiers(means) == brute_tiers(means)


def test_a_best_mean_whose_runs_scatter_does_not_hide_that_others_are_ahead():
    """Compared with the best alone, whose own spread makes the interval wide, the last would stay; the second tells it."""
    pooled = noise({f"c{i}": [i - 1.0, float(i), i + 1.0] for i in range(30)})
    best, second, last = ([10 - 6.0, 10.0, 10 + 6.0], [9.0, 9.5, 10.0], [4.0, 5.0, 6.0])
    means = [mean_of(y, pooled) for y in (best, second, last)]
    assert not contrast([means[0], means[2]], [1, -1]).interval().told
    assert tiers(means) == [1, 1, 2]


def test_equal_precision_gives_dunnetts_test_against_the_best():
    means = means_of([[8.8, 9.0, 9.2], [8.1, 8.3, 8.5], [7.0, 7.2, 7.4], [6.0, 6.2, 6.4]])
    half = dunnett(3, 8) * (0.04 * 2 / 3) ** 0.5
    assert [mean.value > 9 - half for mean in means] == [tier == 1 for tier in tiers(means)]


def test_a_tie_is_ranked_as_a_tie():
    assert tiers([Mean(3, 5.0, 1.0, 20, None)] * 3) == [1, 1, 1]


def test_without_noise_there_are_no_tiers_and_no_letters():
    means = [Mean(1, 5.0, None, 0, None)] * 2
    assert tiers(means) is None
    assert letters(means) is None
    assert tiers([]) is None


@pytest.mark.parametrize(("k", "n"), [(2, 2), (5, 3), (10, 3)])
def test_the_best_is_in_the_first_tier_in_nineteen_studies_of_twenty(k, n):
    draw = np.random.default_rng(k)
    truth = np.append(np.full(k - 1, -1e-9), 0.0)  # as near as can be: the hardest case
    within = [tiers(means_of(truth[:, None] + draw.normal(size=(k, n))))[-1] == 1 for _ in range(400)]
    assert np.mean(within) > 0.95 - 3 * (0.95 * 0.05 / 400) ** 0.5


@given(st.lists(runs, min_size=2, max_size=6), st.sampled_from([0.25, 8.0]), st.integers(-50, 50))
def test_scaling_and_shifting_change_no_tier_and_no_letter(samples, scale, shift):
    moved = means_of([[scale * y + shift for y in sample] for sample in samples])
    assert tiers(moved) == tiers(means_of(samples))
    assert letters(moved) == letters(means_of(samples))


@given(st.lists(runs, min_size=2, max_size=6), st.randoms())
def test_the_order_of_runs_and_configurations_changes_no_tier(samples, shuffle):
    order = shuffle.sample(range(len(samples)), len(samples))
    moved = tiers(means_of([shuffle.sample(samples[i], len(samples[i])) for i in order]))
    found = tiers(means_of(samples))
    assert moved == (found and [found[i] for i in order])


def test_plant_growth_has_the_letters_of_rs_tukey_test():
    # TukeyHSD(aov(weight ~ group)): trt2-trt1 is 0.865 [0.174, 1.556], p 0.012; the other two pairs are not told apart
    assert letters(means_of(PLANTS)) == ["ab", "b", "a"]
    expected = stats.tukey_hsd(*PLANTS).confidence_interval()
    found = contrast(means_of(PLANTS), [0, -1, 1]).within(lambda df: tukey(3, df))
    assert (found.low, found.high) == pytest.approx((expected.low[2, 1], expected.high[2, 1]), abs=1e-4)
    assert (found.low, found.high) == pytest.approx((0.1737839, 1.5562161), abs=1e-4)


def apart(means):
    """The pairs of places that differ."""
    held = Pairs([[mean] for mean in means])
    pairs = combinations(range(len(means)), 2)
    return {(i, j) for i, j in pairs if contrast([means[i], means[j]], [1, -1]).within(held.of(i, j)).told}


@settings(max_examples=300)
@given(st.lists(st.tuples(runs, st.booleans()), min_size=2, max_size=7))
@pytest.mark.slow
def test_two_means_share_no_letter_where_they_differ_and_only_there(drawn):
    pooled = noise(POOL)
    means = [mean_of(y, pooled, wild) for y, wild in drawn]
    found = letters(means)
    assert all(found)
    assert {(i, j) for i, j in combinations(range(len(means)), 2) if not set(found[i]) & set(found[j])} == apart(means)


def fewest(k, differ):
    """The fewest sets of places that hold no differing pair, and every other pair and every place: tried one by one."""
    together = [
        set(c) for n in range(k, 0, -1) for c in combinations(range(k), n) if not any(set(pair) <= set(c) for pair in differ)
    ]
    largest = [c for c in together if not any(c < other for other in together)]
    needed = [{i, j} for i, j in combinations(range(k), 2) if (i, j) not in differ] + [{i} for i in range(k)]
    for size in range(1, k * k):
        for chosen in combinations(largest, size):
            if all(any(pair <= c for c in chosen) for pair in needed):
                return size
    raise AssertionError


@settings(max_examples=200)
@given(st.lists(st.tuples(runs, st.booleans()), min_size=2, max_size=6))
@pytest.mark.slow
def test_no_display_with_fewer_letters_says_the_same(drawn):
    pooled = noise(POOL)
    means = [mean_of(y, pooled, wild) for y, wild in drawn]
    assert len(set("".join(letters(means)))) == fewest(len(means), apart(means))


def test_the_letters_begin_with_the_best():
    steps = [Mean(3, value, 1.0, 20, None) for value in (1.0, 9.0, 5.0, 3.0)]
    found = letters(steps)
    assert "a" in found[1]
    assert sorted(set("".join(found))) == [chr(97 + i) for i in range(len(set("".join(found))))]


@pytest.mark.parametrize(("first", "second", "shown"), [(5.0, 0.0, ["a", "b"]), (-5.0, 0.0, ["b", "a"])])
def test_two_means_that_differ_have_a_letter_each(first, second, shown):
    assert letters([Mean(3, first, 0.01, 20, None), Mean(3, second, 0.01, 20, None)]) == shown
