from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sweepbook.analysis.stats.contrasts import contrast
from sweepbook.analysis.stats.means import Mean, mean_of
from sweepbook.analysis.stats.noise import noise
from sweepbook.analysis.stats.quantiles import tukey
from sweepbook.analysis.stats.tiers import BLOCK, FIRST, all_pairs, letters, tiers

numbers = st.integers(-80, 80).map(lambda whole: whole / 8)
runs = st.lists(numbers, min_size=1, max_size=4)
# R's data set PlantGrowth (Dobson 1983).
PLANTS = (
    [4.17, 5.58, 5.18, 6.11, 4.50, 4.61, 5.17, 4.53, 5.33, 5.14],
    [4.81, 4.17, 4.41, 3.59, 5.87, 3.83, 6.03, 4.89, 4.32, 4.69],
    [6.31, 5.12, 5.54, 5.50, 5.37, 5.29, 4.92, 6.15, 5.80, 5.26],
)


def keyed(samples):
    """Runs by seed, the first of each with the same one."""
    return {f"c{i}": {s: float(y) for s, y in enumerate(sample)} for i, sample in enumerate(samples)}


def loose(samples):
    """Runs whose seeds nobody knows."""
    return {key: {f"{key}-{s}": y for s, y in runs.items()} for key, runs in keyed(samples).items()}


def means_of(samples, floors=None):
    found = noise(samples)
    return [mean_of(runs, found, key, floors and floors[i]) for i, (key, runs) in enumerate(samples.items())]


def placed(lower, upper):
    """The lower one of two means as it would be in the place of the upper: its expected variance halfway to there by logarithms,
    its own runs beside it by degrees of freedom, no less than the floor of that place, nor, where it is outlying, than its own."""
    mu = ((lower.variance if lower.mu is None else lower.mu) * (upper.variance if upper.mu is None else upper.mu)) ** 0.5
    prior, own = lower.known.prior, lower.own or 0.0
    variance = (prior * mu + lower.own_df * own) / (prior + lower.own_df) if prior + lower.own_df else mu
    variance = max(variance, upper.floor, own if lower.outlying else 0.0)
    return Mean(lower.n, lower.value, variance, lower.df, lower.own, runs=lower.runs, known=lower.known)


def behind(means, i, j):
    """Whether the mean in place `i` is told to be behind that in place `j`: Tukey's value for all pairs."""
    if not means[j].value > means[i].value:
        return False
    made = contrast([means[j], placed(means[i], means[j])], [1, -1])
    ((error, df), *_) = made.errors
    return made.estimate > 0 and made.estimate >= tukey(max(len(means), 2), df) * error


def brute_tiers(means):
    """Tiers by their definition: every mean against every other, nothing left out."""
    found, left, tier = [0] * len(means), list(range(len(means))), 1
    while left:
        stays = [i for i in left if not any(behind(means, i, j) for j in left)]
        for i in stays:
            found[i] = tier
        left, tier = [i for i in left if i not in stays], tier + 1
    return found


def table(drawn, k, seeds, share, spread=0.6):
    """Runs of a table whose configurations differ in score and noise, a `share` of them missing."""
    draw = np.random.default_rng(drawn)
    own = np.exp(spread * draw.normal(size=(k, 1)))
    y = 3 * draw.normal(size=(k, 1)) + draw.normal(size=(1, seeds)) + own * draw.normal(size=(k, seeds))
    return {
        key: {s: v for s, v in runs.items() if s == int(key[1:]) % seeds or draw.random() >= share}
        for key, runs in keyed(y).items()
    }


@settings(max_examples=100)
@given(st.integers(0, 10**6), st.sampled_from([2, 5, 9, 14, 25]), st.sampled_from([0.0, 0.15, 0.5]), st.booleans())
@pytest.mark.slow
def test_tiers_are_those_of_holding_each_against_every_other(drawn, k, share, known):
    samples = table(drawn, k, 4, share)
    samples = samples if known else {key: {f"{key}-{s}": y for s, y in runs.items()} for key, runs in samples.items()}
    if noise(samples) is None:
        return
    means = means_of(samples, [0.02 * (i % 3) for i in range(k)])
    assert tiers(means) == brute_tiers(means)


@pytest.mark.parametrize("share", [0.0, 0.15])
def test_tiers_of_many_are_those_of_holding_each_against_every_other(share, monkeypatch):
    """So many that they are held in several blocks against several others."""
    monkeypatch.setattr("sweepbook.analysis.stats.tiers.FIRST", 4)
    monkeypatch.setattr("sweepbook.analysis.stats.tiers.BLOCK", 8)
    means = means_of(table(1, 60, 3, share))
    found = tiers(means)
    assert max(found) > 2
    assert found == brute_tiers(means)
    assert (FIRST, BLOCK) == (32, 256)


def test_a_best_mean_whose_runs_scatter_does_not_hide_that_others_are_ahead():
    """Compared with the best alone, whose own spread makes the interval wide, the last would stay; the second tells it."""
    calm = [[x - 1.0, float(x), x + 1.0] for x in range(-9, 0)]
    means = means_of(loose([*calm, [10 - 20.0, 10.0, 10 + 20.0], [9.0, 9.5, 10.0], [4.0, 5.0, 6.0]]))
    assert means[9].outlying
    assert not all_pairs(means, 9, 11).told
    assert tiers(means)[9:] == [1, 1, 2]


def test_who_is_poor_and_scatters_is_not_ranked_beside_the_best_for_its_scatter():
    """Noise goes with the score. By the noise of its own place the one with runs from 86 to 94 would not be told from the best; but
    to be as good as the best it would have to scatter as little."""
    draw = np.random.default_rng(1)
    good = [[score - 0.3, score, score + 0.3] for score in np.linspace(97, 95, 10)]
    poor = [score + 4 * np.array([-1.0, 0.0, 1.0]) for score in np.linspace(90, 50, 10)]
    means = means_of(loose([draw.permutation(own) for own in [*good, *poor]]))
    assert not all_pairs(means, 0, 10).told
    assert tiers(means)[10] > 1


def test_two_equally_precise_means_are_apart_from_students_value_on():
    """For two Tukey's value is Student's: sets of three with a variance of 0.04 each, on 4 degrees of freedom."""
    half = stats.t.ppf(0.975, 4) * (0.04 * 2 / 3) ** 0.5
    for lead, tier in ((half * 0.999, 1), (half * 1.001, 2)):
        assert tiers(means_of(loose([[8.8, 9.0, 9.2], [8.8 - lead, 9.0 - lead, 9.2 - lead]]))) == [1, tier]


def test_a_tie_is_ranked_as_a_tie():
    assert tiers([Mean(3, 5.0, 1.0, 20, None)] * 3) == [1, 1, 1]


def test_one_configuration_and_equal_ones_stand_in_the_first_tier():
    assert tiers(means_of(loose([[1.0, 2.0, 3.0]]))) == [1]
    assert tiers(means_of(keyed([[1.0, 2.0, 4.0, 7.0]] * 5))) == [1] * 5


def test_without_noise_there_are_no_tiers_and_no_letters():
    means = [Mean(1, 5.0, None, 0, None)] * 2
    assert tiers(means) is None
    assert letters(means) is None
    assert tiers([]) is None


@pytest.mark.parametrize("made", [keyed, loose])
@pytest.mark.parametrize(("k", "n"), [(2, 2), (5, 3), (10, 3)])
@pytest.mark.slow
def test_the_best_is_in_the_first_tier_in_nineteen_studies_of_twenty(k, n, made):
    draw = np.random.default_rng(k)
    truth = np.append(np.full(k - 1, -1e-9), 0.0)  # as near as can be: the hardest case
    within = [tiers(means_of(made(truth[:, None] + draw.normal(size=(k, n)))))[-1] == 1 for _ in range(400)]
    assert np.mean(within) > 0.95 - 3 * (0.95 * 0.05 / 400) ** 0.5


some = st.one_of(
    st.lists(runs, min_size=2, max_size=6).map(keyed),
    st.lists(runs, min_size=2, max_size=6).map(loose),
    st.integers(0, 10**6).map(lambda drawn: table(drawn, 14, 3, 0.1)),
)


@given(some, st.sampled_from([0.25, 8.0]), st.integers(-50, 50))
@pytest.mark.slow
def test_scaling_and_shifting_change_no_tier_and_no_letter(samples, scale, shift):
    moved = means_of({key: {s: scale * y + shift for s, y in runs.items()} for key, runs in samples.items()})
    assert tiers(moved) == tiers(means_of(samples))
    assert letters(moved) == letters(means_of(samples))


@given(some, st.randoms())
@pytest.mark.slow
def test_the_order_of_runs_changes_no_tier(samples, shuffle):
    moved = {key: dict(shuffle.sample(sorted(runs.items(), key=str), len(runs))) for key, runs in samples.items()}
    assert tiers(means_of(moved)) == tiers(means_of(samples))


@given(st.integers(0, 10**6), st.randoms())
@pytest.mark.slow
def test_the_order_of_the_plan_changes_no_tier_where_no_scores_tie(drawn, shuffle):
    samples = table(drawn, 14, 3, 0.1)
    order = shuffle.sample(list(samples), len(samples))
    moved = dict(zip(order, tiers(means_of({key: samples[key] for key in order})), strict=True))
    assert [moved[key] for key in samples] == tiers(means_of(samples))


@given(some)
@pytest.mark.slow
def test_less_is_better_is_the_mirror_of_more_is_better(samples):
    found = noise({key: {s: -y for s, y in runs.items()} for key, runs in samples.items()}, -1)
    mirrored = [mean_of({s: -y for s, y in runs.items()}, found, key).upward(-1) for key, runs in samples.items()]
    assert tiers(mirrored) == tiers(means_of(samples))


def test_plant_growth_has_the_letters_of_rs_tukey_test():
    # TukeyHSD(aov(weight ~ group)): trt2-trt1 is 0.865 [0.174, 1.556], p 0.012; the other two pairs are not told apart
    assert letters(means_of(loose(PLANTS))) == ["ab", "b", "a"]
    found = all_pairs(means_of(loose(PLANTS)), 2, 1)
    assert found.estimate == pytest.approx(0.865)
    # a little off R's 0.174 to 1.556: the two vary a little less (0.63) than all three together (0.39 for the root, on 27)
    assert (found.low, found.high) == pytest.approx((0.1737839, 1.5562161), abs=0.05)


def test_configurations_that_vary_alike_have_tukeys_intervals():
    alike = [[y + shift for y in PLANTS[0]] for shift in (0.0, 0.4, 1.0)]
    found = all_pairs(means_of(loose(alike)), 2, 1)
    half = stats.studentized_range.ppf(0.95, 3, 2 * (4 + 9)) * (np.var(PLANTS[0], ddof=1) / 10) ** 0.5
    assert (found.low, found.high) == pytest.approx((0.6 - half, 0.6 + half), abs=1e-4)


def apart(means):
    """The pairs of places that differ."""
    return {(i, j) for i, j in combinations(range(len(means)), 2) if all_pairs(means, i, j).told}


varied = st.lists(runs, min_size=2, max_size=7).map(
    lambda drawn: means_of(loose([[0.0, 1.0, 2.5], [0.0, 0.5], [3.0, 3.5, 2.0], *drawn]))[3:]
)


@settings(max_examples=200)
@given(varied)
@pytest.mark.slow
def test_two_means_share_no_letter_where_they_differ_and_only_there(means):
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


@settings(max_examples=150)
@given(varied)
@pytest.mark.slow
def test_no_display_with_fewer_letters_says_the_same(means):
    assert len(set("".join(letters(means)))) == fewest(len(means), apart(means))


def test_the_letters_begin_with_the_best():
    steps = [Mean(3, value, 1.0, 20, None) for value in (1.0, 9.0, 5.0, 3.0)]
    found = letters(steps)
    assert "a" in found[1]
    assert sorted(set("".join(found))) == [chr(97 + i) for i in range(len(set("".join(found))))]


@pytest.mark.parametrize(("first", "second", "shown"), [(5.0, 0.0, ["a", "b"]), (-5.0, 0.0, ["b", "a"])])
def test_two_means_that_differ_have_a_letter_each(first, second, shown):
    assert letters([Mean(3, first, 0.01, 20, None), Mean(3, second, 0.01, 20, None)]) == shown
