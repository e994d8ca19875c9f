from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sweepbook.analysis.stats.matched import Pair, contrasts, overall, pool, worth
from sweepbook.analysis.stats.noise import noise

values = st.floats(-10, 10).map(lambda y: round(y, 6))


def runs(*values, first=0):
    """The values by seed."""
    return dict(enumerate(values, first))


def by_name(samples):
    return {str(i): one for i, one in enumerate(samples)}


def named(samples):
    return {str(i): list(one.values()) for i, one in enumerate(samples)}


def noises_of(sides):
    """The noise of each of the sides."""
    return [pool(noise(named(samples)), by_name(samples)) for samples in sides]


def pooled(*samples):
    """The noise of a sweep of these samples, whatever their seeds do."""
    return pool(noise(named(samples)), {})


def told(pairs, old=None, new=None):
    """The contrast of each of the pairs."""
    found, _ = contrasts({str(i): pair for i, pair in enumerate(pairs)}, old, new)
    return list(found.values())


def far(k, n, seed, moved=0.0, same=True):
    """Pairs of `k` configurations with `n` runs and the noise of both sweeps; `moved` is what a seed gives to every run."""
    draw = np.random.default_rng(seed)
    luck = [draw.normal(size=n) * moved for _ in range(2)]
    y = draw.normal(size=(2, k, n)) + np.array([luck[0], luck[0] if same else luck[1]])[:, None]
    sides = [[runs(*row, first=0 if same else 100 * side) for row in y[side]] for side in range(2)]
    pairs = {str(i): Pair(a, b) for i, (a, b) in enumerate(zip(*sides, strict=True))}
    return pairs, *noises_of(sides)


# the same runs


def test_the_same_runs_differ_by_nothing_for_sure():
    pair = Pair(runs(0.1, 0.7), runs(0.1, 0.7), shared={0, 1})
    (found,) = told([pair])
    assert pair.same
    assert (found.estimate, found.interval().low, found.interval().high, found.p()) == (0.0, 0.0, 0.0, 1.0)
    assert not found.interval().told


def test_equal_values_that_are_not_the_same_runs_are_measured_twice():
    pair = Pair(runs(0.1, 0.7), runs(0.1, 0.7))
    assert not pair.same
    (found,) = told([pair], pooled(runs(0.0, 1.0)), pooled(runs(0.0, 1.0)))
    assert found.estimate == 0.0
    assert found.interval().low < 0 < found.interval().high


def test_runs_of_which_one_side_has_more_are_not_the_same():
    assert not Pair(runs(1.0, 2.0), runs(1.0, 2.0, 3.0), shared={0, 1}).same


@pytest.mark.parametrize(("old", "new", "shared"), [(5, 5, 3), (3, 5, 3), (4, 3, 1), (5, 3, 2)])
def test_what_two_means_have_in_common_falls_out_of_their_difference(old, new, shared):
    first, second = runs(*range(old)), {**runs(*range(shared)), **runs(*range(new - shared), first=50)}
    known = pooled(runs(0.0, 1.0, 5.0), runs(2.0, 1.0, 7.0), runs(3.0, 3.5, 0.0))
    (found,) = told([Pair(first, second, frozenset(range(shared)))], known, known)
    ((error, df),) = found.errors
    assert df == 6
    assert error**2 == pytest.approx(known.noise.sd**2 * (1 / old + 1 / new - 2 * shared / old / new))


def test_a_difference_with_shared_runs_varies_as_much_as_it_says():
    draw = np.random.default_rng(0).normal(size=(20_000, 7))
    differences = draw[:, [0, 1, 2, 5, 6]].mean(1) - draw[:, :5].mean(1)
    pair = Pair(runs(*range(5)), {0: 0.0, 1: 1.0, 2: 2.0, 5: 5.0, 6: 6.0}, {0, 1, 2})
    known = pooled(runs(0.0, 2.0**0.5))
    (found,) = told([pair], known, known)
    assert found.errors[0][0] == pytest.approx(differences.std(), rel=0.02)


# held against each other seed by seed


def test_a_paired_difference_is_that_of_a_paired_t_test():
    old, new = [3.0, 1.0, 4.0, 1.5, 9.0, 2.6, 5.0, 3.5, 8.0, 9.7, 3.0], [2.7, 1.8, 2.8, 1.8, 2.8, 4.5, 9.0, 4.5, 2.3, 5.3, 6.0]
    known = pooled(runs(*old))
    found, by_seed = contrasts({"a": Pair(runs(*old), runs(*new))}, known, known)
    by_scipy = stats.ttest_rel(new, old)
    assert by_seed
    assert found["a"].p() == pytest.approx(by_scipy.pvalue)
    low, high = by_scipy.confidence_interval()
    assert (found["a"].interval().low, found["a"].interval().high) == (pytest.approx(low), pytest.approx(high))


def test_paired_differences_share_the_noise_of_all_pairs():
    old = [[1.0, 2.0, 4.0], [3.0, 3.5, 2.0], [0.0, 1.0, 0.0], [5.0, 4.0, 4.5], [2.0, 2.0, 3.0]]
    new = [[2.0, 2.5, 3.0], [3.0, 2.5, 3.0], [1.0, 1.5, 1.0], [5.0, 5.0, 3.5], [2.5, 1.0, 3.0]]
    found, by_seed = contrasts(
        {str(i): Pair(runs(*a), runs(*b)) for i, (a, b) in enumerate(zip(old, new, strict=True))}, None, None
    )
    d = np.subtract(new, old)
    sd = (d.var(1, ddof=1).mean()) ** 0.5
    share = worth([runs(*row) for row in d])
    assert by_seed
    for i, one in enumerate(found.values()):
        assert one.estimate == pytest.approx(d[i].mean())
        assert one.errors[0] == (pytest.approx(sd / 3**0.5), pytest.approx(10 * share))


def test_luck_that_a_seed_brings_to_both_sweeps_falls_out():
    pairs, old, new = far(6, 5, seed=1, moved=50.0)
    found, by_seed = contrasts(pairs, old, new)
    assert by_seed
    assert max(one.errors[0][0] for one in found.values()) < 1.5
    assert min(one.errors[0][0] for one in contrasts(pairs_by_other_seeds(pairs), old, new)[0].values()) > 15


def pairs_by_other_seeds(pairs):
    return {key: Pair(pair.old, {seed + 100: y for seed, y in pair.new.items()}) for key, pair in pairs.items()}


@pytest.mark.parametrize(("k", "n", "expected"), [(5, 3, True), (4, 3, False), (10, 2, True), (9, 2, False), (1, 11, True)])
def test_runs_are_held_against_each_other_by_seed_where_that_leaves_ten_degrees_of_freedom(k, n, expected):
    assert bool(contrasts(*far(k, n, seed=3))[1]) is expected


def test_pairs_without_the_same_seeds_are_not_held_against_each_other_by_seed():
    assert not contrasts(*far(6, 5, seed=1, same=False))[1]


def test_a_pair_that_lacks_a_seed_is_compared_by_its_means_and_the_others_by_seed():
    pairs, old, new = far(12, 3, seed=5, moved=3.0)
    whole, _ = contrasts(pairs, old, new)
    pairs["0"] = Pair(pairs["0"].old, {seed: y for seed, y in pairs["0"].new.items() if seed})
    found, _ = contrasts(pairs, old, new)
    assert found["0"].errors[0][0] > 2 * whole["0"].errors[0][0]
    assert found["1"].errors[0][0] < 1.5 * whole["1"].errors[0][0]


def test_runs_that_both_sides_share_do_not_make_the_noise_between_the_others_look_smaller():
    pairs, old, new = far(12, 5, seed=7)
    alone, _ = contrasts(dict(list(pairs.items())[:6]), old, new)
    for key in list(pairs)[6:]:  # of these one seed was measured again, the rest are the same runs
        pairs[key] = Pair(pairs[key].old, {**pairs[key].old, 0: pairs[key].new[0]}, {1, 2, 3, 4})
    both, _ = contrasts(pairs, old, new)
    assert both["0"].errors == alone["0"].errors
    assert both["11"].estimate == pytest.approx(pairs["11"].difference)
    assert both["11"].errors[0][0] == pytest.approx(alone["0"].errors[0][0] * 5**0.5 * 1.5 / 5)


# the noise of two sweeps


def test_two_sweeps_of_like_noise_share_one_pool():
    old, new = pooled(runs(0.0, 1.0, 2.0)), pooled(runs(0.0, 2.0, 4.0))
    (found,) = told([Pair(runs(1.0, 2.0, 3.0), runs(5.0, 6.0, 7.0, first=9))], old, new)
    assert found.errors[0] == (pytest.approx((2.5 * 2 / 3) ** 0.5), 4)


def test_the_noise_of_two_small_sweeps_and_the_difference_are_those_of_a_t_test():
    a, b = [1.0, 2.0, 4.0, 3.3], [5.0, 6.5, 4.0, 7.0]
    (found,) = told([Pair(runs(*a), runs(*b, first=9))], pooled(runs(*a)), pooled(runs(*b)))
    assert found.p() == pytest.approx(stats.ttest_ind(a, b).pvalue)


def test_two_sweeps_of_unlike_noise_bring_their_own():
    wide, narrow = runs(0.0, 10.0, 20.0, 30.0, 40.0), runs(0.0, 0.1, 0.2, 0.3)
    pair = Pair(wide, replace_seeds(narrow))
    (found,) = told([pair], pooled(wide), pooled(narrow))
    own = stats.ttest_ind(list(narrow.values()), list(wide.values()), equal_var=False)
    assert found.p() == pytest.approx(own.pvalue)


def replace_seeds(one):
    return {seed + 100: y for seed, y in one.items()}


def test_a_noise_that_one_side_alone_knows_holds_for_both():
    known = pooled(runs(0.0, 1.0, 2.0, 3.0))
    pair = Pair(runs(1.0), runs(2.0, first=9))
    (one,), (other,) = told([pair], known, None), told([pair], None, known)
    assert one.errors == other.errors == ((pytest.approx(known.noise.sd * 1.5 * 2**0.5), 3),)


def test_where_nobody_knows_the_noise_nothing_is_told():
    (found,) = told([Pair(runs(1.0), runs(900.0))])
    assert (found.estimate, found.interval().low, found.interval().told, found.p()) == (899.0, None, False, 1.0)


def test_runs_of_which_none_varies_say_nothing_of_the_noise():
    same = runs(1.0, 1.0, 1.0)
    (found,) = told([Pair(same, runs(2.0, 2.0, 2.0, first=9))], pooled(same), pooled(same))
    assert not found.interval().told


def test_a_single_run_pays_for_noise_that_it_takes_from_others():
    known = pooled(*(runs(0.0, 1.0, 2.0) for _ in range(3)))
    one, three = told([Pair(runs(0.0), runs(1.0, first=9)), Pair(runs(0.0, 1.0, 2.0), runs(1.0, 2.0, 3.0, first=9))], known, known)
    assert one.errors[0][0] == pytest.approx(1.5 * 3**0.5 * three.errors[0][0])


def test_what_is_outlying_has_its_own_noise():
    wild = runs(-60.0, 0.0, 60.0)
    calm = [runs(*y) for y in ([0.0, 1.0, 2.0], [1.0, 2.0, 2.5], [0.5, 1.5, 1.0], [3.0, 2.0, 2.5], [1.0, 0.0, 0.2])]
    (old,) = noises_of([[wild, *calm]])
    found = told([Pair(wild, replace_seeds(calm[0])), Pair(calm[0], replace_seeds(calm[1]))], old, old)
    assert old.noise.outlying == {"0"}
    assert found[0].errors[0][0] == pytest.approx((60**2 / 3 + 1 / 3) ** 0.5)
    assert found[1].errors[0][0] < 1


def test_outlying_samples_go_by_the_names_of_the_pairs():
    wild = noise({"0123": [-60.0, 60.0], **{str(i): [0.0, 1.0 + i / 9] for i in range(6)}})
    assert pool(wild, {}, {"0123": "abcd"}).noise.outlying == {"abcd"}


# what the degrees of freedom are worth


def test_samples_that_no_seed_moves_are_worth_their_degrees_of_freedom():
    draw = np.random.default_rng(0)
    shares = [worth([runs(*row) for row in draw.normal(size=(20, 5))]) for _ in range(200)]
    assert np.mean(shares) > 0.9
    assert max(shares) <= 1


@pytest.mark.parametrize("k", [2, 5, 30])
def test_samples_that_seeds_move_by_the_same_are_worth_one_of_them(k):
    assert worth([runs(1.0 + i, 3.0 + i, 2.5 + i) for i in range(k)]) == pytest.approx(1 / k)


def test_samples_without_a_seed_in_common_are_worth_their_degrees_of_freedom():
    assert worth([runs(1.0, 2.0), runs(1.0, 2.0, first=10), runs(1.0, 2.0, first=20)]) == 1.0


@pytest.mark.parametrize("samples", [[], [runs(1.0)], [runs(1.0), runs(2.0)], [runs(1.0, 1.0), runs(3.0, 3.0)], [runs(1.0, 5.0)]])
def test_where_there_is_nothing_to_weigh_nothing_is_taken_off(samples):
    assert worth(samples) == 1.0


@given(st.lists(st.lists(values, min_size=3, max_size=3), min_size=2, max_size=6))
def test_a_share_of_degrees_of_freedom_lies_between_one_sample_and_all(samples):
    found = worth([runs(*y) for y in samples])
    assert 1 / len(samples) - 1e-9 <= found <= 1
    assert found == pytest.approx(worth([runs(*y) for y in samples[::-1]]))


def test_luck_of_the_seeds_costs_degrees_of_freedom_where_the_sweeps_have_others():
    _, free, _ = far(20, 5, seed=2)
    pairs, old, new = far(20, 5, seed=2, moved=3.0, same=False)
    assert free.df > 70
    assert max(old.df, new.df) < 10
    assert contrasts(pairs, old, new)[0]["0"].errors[0][1] < 20


def test_a_sweep_whose_seeds_moved_little_by_luck_does_not_bring_its_degrees_of_freedom_along():
    samples = [runs(0.0 + i, 1.0 + i, (i % 2) + i) for i in range(8)]
    free, moved = pool(noise(named(samples)), {}), pool(noise(named(samples)), by_name([runs(0.0, 1.0, 2.0)] * 8))
    moved = replace(moved, df=2.0)
    (one,), (other,) = (
        told([Pair(samples[0], replace_seeds(samples[1]))], free, moved),
        told([Pair(samples[0], samples[1])], free, free),
    )
    assert one.errors[0][0] == pytest.approx(other.errors[0][0])
    assert one.errors[0][1] == pytest.approx(4 / (1 / 16 + 1 / 2))
    assert other.errors[0][1] == 32


def test_two_seeds_that_happen_to_agree_do_not_know_their_luck():
    pairs = [Pair(runs(0.0 + i / 50, 1.0), runs(0.9 + i / 40, 1.9 + i / 90)) for i in range(12)]
    (found, known), d = overall(pairs), [pair.difference for pair in pairs]
    seeds = [np.mean([pair.new[seed] - pair.old[seed] for pair in pairs]) for seed in (0, 1)]
    low, high = stats.ttest_1samp(seeds, 0).confidence_interval()
    assert known
    assert found.low <= low + 1e-9
    assert found.high >= high - 1e-9
    assert found.low <= stats.ttest_1samp(d, 0).confidence_interval().low


# all together


def test_the_mean_difference_of_configurations_with_seeds_of_their_own_is_that_of_a_t_test():
    pairs = [Pair({f"a{i}": x}, {f"b{i}": y}) for i, (x, y) in enumerate([(1.0, 2.0), (2.0, 2.5), (0.0, 2.0), (4.0, 4.1)])]
    found, known = overall(pairs)
    low, high = stats.ttest_1samp([1.0, 0.5, 2.0, 0.1], 0).confidence_interval()
    assert known
    assert (found.estimate, found.low, found.high) == (pytest.approx(0.9), pytest.approx(low), pytest.approx(high))


def test_one_seed_does_not_know_its_luck():
    found, known = overall([Pair(runs(1.0 + i), runs(2.0 + i + i / 100)) for i in range(5)])
    assert not known
    assert found.low > 0.9


def test_one_difference_has_no_interval():
    found, known = overall([Pair(runs(1.0, 2.0), runs(3.0, 5.0))])
    assert (found.estimate, found.low, found.high, known) == (2.5, None, None, False)


def test_the_same_runs_everywhere_moved_by_nothing_for_sure():
    found, known = overall([Pair(runs(1.0), runs(1.0), {0}), Pair(runs(2.0), runs(2.0), {0})])
    assert (found.estimate, found.low, found.high, known) == (0.0, 0.0, 0.0, True)


def test_luck_that_half_of_the_configurations_have_in_common_is_not_known():
    pairs = [
        Pair(runs(*(0.1 * i, 1.0), first=10 * (i % 2)), runs(*(1.0, 2.0 + 0.1 * i), first=50 + 10 * (i % 2))) for i in range(6)
    ]
    assert not overall(pairs)[1]


def test_luck_that_all_configurations_have_in_common_widens_the_interval_of_their_mean():
    draw = np.random.default_rng(3)
    luck, own = draw.normal(size=(2, 1, 3)), 0.01 * draw.normal(size=(2, 30, 3))
    y = luck + own
    pairs = [Pair(runs(*a), runs(*b, first=9)) for a, b in zip(*y, strict=True)]
    found, known = overall(pairs)
    alone = stats.ttest_1samp([pair.difference for pair in pairs], 0).confidence_interval()
    assert known
    assert found.high - found.low > 50 * (alone.high - alone.low)
    assert found.low < 0 < found.high


def test_a_change_of_all_runs_by_the_same_is_told_where_the_seeds_are():
    draw = np.random.default_rng(3)
    y = draw.normal(size=(12, 3))
    found, known = overall([Pair(runs(*row), runs(*(row + 0.5 + 0.05 * draw.normal(size=3)))) for row in y])
    assert known
    assert found.low > 0.4
    assert found.high < 0.6


# whatever the order, whichever comes first


@st.composite
def some_pairs(draw):
    """Pairs of runs with seeds of both sides in common or not, some of them shared."""
    made = []
    for _ in range(draw(st.integers(1, 6))):
        old = {seed: draw(values) for seed in range(draw(st.integers(1, 4)))}
        first = draw(st.sampled_from([0, 0, 2, 50]))
        new = {seed: draw(values) for seed in range(first, first + draw(st.integers(1, 4)))}
        shared = {seed for seed in old.keys() & new.keys() if draw(st.booleans())}
        made.append(Pair(old, {**new, **{seed: old[seed] for seed in shared}}, frozenset(shared)))
    return made


def noises(pairs):
    sides = [[pair.old for pair in pairs], [pair.new for pair in pairs]]
    return noises_of(sides)


def swapped(pair):
    return replace(pair, old=pair.new, new=pair.old)


def near(a, b):
    """Whether two ends of an interval are one, or both unknown."""
    return a is b is None or a == pytest.approx(b, rel=1e-6, abs=1e-9)


@given(some_pairs())
def test_swapped_sweeps_mirror_every_difference(pairs):
    old, new = noises(pairs)
    for one, other in zip(told(pairs, old, new), told([swapped(pair) for pair in pairs], new, old), strict=True):
        assert other.estimate == pytest.approx(-one.estimate, abs=1e-12)
        a, b = one.interval(), other.interval()
        assert near(a.low, b.high and -b.high)
        assert near(a.high, b.low and -b.low)
        assert one.p() == pytest.approx(other.p(), rel=1e-6, abs=1e-12)


@given(some_pairs())
def test_swapped_sweeps_mirror_what_all_did_together(pairs):
    (a, known), (b, other) = overall(pairs), overall([swapped(pair) for pair in pairs])
    assert known == other
    assert b.estimate == pytest.approx(-a.estimate, abs=1e-12)
    assert near(a.low, b.high and -b.high)


@given(some_pairs(), st.randoms(use_true_random=False))
@pytest.mark.slow
def test_the_order_of_configurations_and_runs_changes_nothing(pairs, shuffled):
    mixed = list(enumerate(pairs))
    shuffled.shuffle(mixed)
    places = [place for place, _ in mixed]
    again = [replace(pair, old=dict(reversed(pair.old.items())), new=dict(reversed(pair.new.items()))) for _, pair in mixed]
    first = told(pairs, *noises(pairs))
    for place, one in zip(places, told(again, *noises(again)), strict=True):
        assert one.estimate == pytest.approx(first[place].estimate, abs=1e-12)
        assert near(one.interval().low, first[place].interval().low)
    assert near(overall(again)[0].low, overall(pairs)[0].low)


@given(some_pairs(), st.sampled_from([2.0**-30, 2.0**20, 1e-9, 1e9]))
@pytest.mark.slow
def test_another_unit_scales_every_difference(pairs, unit):
    def scaled(y):
        return {seed: value * unit for seed, value in y.items()}

    other = [replace(pair, old=scaled(pair.old), new=scaled(pair.new)) for pair in pairs]
    for a, b in zip(told(pairs, *noises(pairs)), told(other, *noises(other)), strict=True):
        assert b.p() == pytest.approx(a.p(), rel=1e-5, abs=1e-9)


@given(some_pairs())
@pytest.mark.slow
def test_an_interval_leaves_out_zero_exactly_where_its_p_is_below_five_percent(pairs):
    for one in told(pairs, *noises(pairs)):
        assert one.interval().told == (one.p() < 0.05)


@pytest.mark.parametrize("size", [1e-99, 1e99])
def test_the_size_of_the_numbers_changes_nothing_but_the_size(size):
    pairs = [Pair(runs(1, 2, 4), runs(2, 2, 6)), Pair(runs(5, 3, 3), runs(5, 4, 9))]
    moved = [Pair(*({s: y * size for s, y in side.items()} for side in (pair.old, pair.new))) for pair in pairs]
    (plain, known), (found, same) = overall(pairs), overall(moved)
    assert (found.low, found.high, same) == (pytest.approx(plain.low * size), pytest.approx(plain.high * size), known)
    assert worth(pair.old for pair in moved) == pytest.approx(worth(pair.old for pair in pairs))


def test_sweeps_of_the_smallest_and_the_largest_noise_are_compared():
    small, large = pooled(runs(1e-120, 2e-120)), pooled(runs(1e99, 3e99))
    (found,) = told([Pair(runs(1e-120, 2e-120), runs(1e99, 3e99))], small, large)
    assert found.interval().estimate == pytest.approx(2e99)
