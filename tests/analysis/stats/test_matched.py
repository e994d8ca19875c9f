from dataclasses import replace
from math import hypot

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sweepbook.analysis.stats.matched import Change, Pair, changes, overall
from sweepbook.analysis.stats.means import mean_of
from sweepbook.analysis.stats.noise import noise

values = st.floats(-10, 10).map(lambda y: round(y, 6))


def runs(*values, first=0):
    """The values by seed."""
    return dict(enumerate(values, first))


def by_name(samples):
    return {str(i): one for i, one in enumerate(samples)}


def later(one, by=100):
    """The same values at other seeds."""
    return {seed + by: y for seed, y in one.items()}


def noise_of(*samples):
    """The noise of a sweep of these samples alone."""
    return noise(by_name(samples))


def compared(pairs, old=None, new=None, sign=1):
    """The changes of named pairs, by the noise of the sides or else of the pairs themselves, and which were read seed by seed."""
    sides = {key: pair.old for key, pair in pairs.items()}, {key: pair.new for key, pair in pairs.items()}
    fits = (old or noise(sides[0], sign), new or noise(sides[1], sign))
    return changes(pairs, *({k: mean_of(y, fit, k) for k, y in side.items()} for fit, side in zip(fits, sides, strict=True)), sign)


def told(pairs, old=None, new=None):
    """The changes alone, of pairs that are named by their places."""
    return list(compared(by_name(pairs), old, new)[0].values())


def far(k, n, seed, moved=0.0, same=True, anew=False, near=None):
    """Pairs of `k` configurations with `n` runs; `moved` is what a seed gives to every run, `anew` in the new sweep. Where the new
    runs are the old ones but for little, `near` says by how much."""
    draw = np.random.default_rng(seed)
    gifts = draw.normal(size=(2, n)) * moved
    y = draw.normal(size=(2, k, n))
    y[1] = y[1] if near is None else y[0] + near * y[1]
    y += np.array([gifts[0], gifts[1 if anew or not same else 0]])[:, None]
    sides = [[runs(*row, first=0 if same else 100 * side) for row in y[side]] for side in range(2)]
    return {str(i): Pair(a, b) for i, (a, b) in enumerate(zip(*sides, strict=True))}


# a change


def test_a_change_is_told_from_the_level_of_its_p_on():
    change = Change(3.0, 0.8, 7, 1.5)
    at = change.interval(1 - change.p())
    assert at.low == pytest.approx(0.0, abs=1e-12)
    assert change.interval(1 - 1.01 * change.p()).told
    assert not change.interval(1 - 0.99 * change.p()).told


def test_the_interval_of_a_change_is_as_wide_as_both_of_its_reasons():
    found = Change(0.0, 0.5, 9, 2.0).interval()
    assert found.high == pytest.approx(hypot(0.5 * stats.t.ppf(0.975, 9), 2.0))


def test_a_change_within_the_luck_of_the_seeds_is_never_told():
    assert Change(1.9, 1e-9, 50, 2.0).p() == 1.0


def test_without_luck_a_change_has_the_p_of_a_t_test():
    assert Change(-2.0, 0.7, 5).p() == pytest.approx(2 * stats.t.sf(2.0 / 0.7, 5))


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
    (found,) = told([pair], noise_of(runs(0.0, 1.0)), noise_of(runs(0.0, 1.0)))
    assert found.estimate == 0.0
    assert found.interval().low < 0 < found.interval().high


def test_runs_of_which_one_side_has_more_are_not_the_same():
    assert not Pair(runs(1.0, 2.0), runs(1.0, 2.0, 3.0), shared={0, 1}).same


@pytest.mark.parametrize(("old", "new", "shared"), [(5, 5, 3), (3, 5, 3), (4, 3, 1), (5, 3, 2)])
def test_what_two_means_have_in_common_falls_out_of_their_difference(old, new, shared):
    first, second = runs(*range(old)), {**runs(*range(shared)), **runs(*range(new - shared), first=50)}
    known = noise_of(runs(0.0, 3.0, 6.0))
    (found,) = told([Pair(first, second, frozenset(range(shared)))], known, known)
    assert found.error**2 == pytest.approx(9.0 * (1 / old + 1 / new - 2 * shared / old / new))
    assert found.luck == 0.0


def test_a_difference_with_shared_runs_varies_as_much_as_it_says():
    draw = np.random.default_rng(0).normal(size=(20_000, 7))
    differences = draw[:, [0, 1, 2, 5, 6]].mean(1) - draw[:, :5].mean(1)
    pair = Pair(runs(*range(5)), {0: 0.0, 1: 1.0, 2: 2.0, 5: 5.0, 6: 6.0}, {0, 1, 2})
    known = noise_of(runs(0.0, 2.0**0.5))
    (found,) = told([pair], known, known)
    assert found.error == pytest.approx(differences.std(), rel=0.02)


def test_luck_that_shared_runs_have_in_common_falls_out_too():
    draw = np.random.default_rng(1)
    gifts = draw.normal(size=7) * 10
    y = gifts + 0.01 * draw.normal(size=(8, 7))
    pairs = [Pair(runs(*row[:5]), {**runs(*row[:3]), **runs(*row[5:], first=5)}, frozenset(range(3))) for row in y]
    apart = [Pair(pair.old, later(pair.new)) for pair in pairs]
    with_shared, without = told(pairs)[0].luck, told(apart)[0].luck
    sds = [np.std(gifts[:5], ddof=1), np.std(gifts[[0, 1, 2, 5, 6]], ddof=1)]
    assert without == pytest.approx(_critical(*sds) * (sum(sd**2 for sd in sds) / 5) ** 0.5, rel=0.01)
    assert with_shared < without


def _critical(*sds, df=4):
    """Student's t for the sum of two variances on as many degrees of freedom each, after Satterthwaite."""
    total = sum(sd**2 for sd in sds)
    return stats.t.ppf(0.975, total**2 / sum(sd**4 / df for sd in sds))


# held against each other seed by seed


def test_the_differences_of_one_configuration_are_a_paired_t_test():
    old, new = [3.0, 1.0, 4.0, 1.5, 9.0, 2.6, 5.0, 3.5, 8.0, 9.7, 3.0], [2.7, 1.8, 2.8, 1.8, 2.8, 4.5, 9.0, 4.5, 2.3, 5.3, 6.0]
    changed, by_seed = compared({"a": Pair(runs(*old), runs(*new))})
    by_scipy = stats.ttest_rel(new, old)
    low, high = by_scipy.confidence_interval()
    assert by_seed
    assert changed["a"].p() == pytest.approx(by_scipy.pvalue)
    assert (changed["a"].interval().low, changed["a"].interval().high) == (pytest.approx(low), pytest.approx(high))


def test_the_differences_at_each_seed_are_as_the_runs_of_one_sweep():
    pairs = far(8, 3, seed=4, moved=2.0, anew=True, near=0.2)
    changed, by_seed = compared(pairs)
    y = np.array([[pair.new[seed] - pair.old[seed] for seed in range(3)] for pair in pairs.values()])
    left = y - y.mean(1, keepdims=True) - y.mean(0) + y.mean()  # a two-way analysis of variance
    pooled, own = (left**2).sum() / 14, (left**2).sum(1) / 2 * 8 / 7
    assert by_seed == set(pairs)
    for place, change in enumerate(changed.values()):
        others = np.delete(own, place).mean()
        variance = (4 * pooled + 2 * own[place]) / 6
        if own[place] / others > stats.f.ppf(0.95, 2, 12):
            variance = max(variance, own[place])
        assert change.estimate == pytest.approx(y[place].mean())
        assert (change.error, change.df) == (pytest.approx((variance / 3) ** 0.5), 6)
        assert change.luck == pytest.approx(stats.t.ppf(0.975, 2) * y.mean(0).std(ddof=1) / 3**0.5)


def test_runs_that_only_the_seed_brings_together_vary_as_those_of_both_sweeps_do():
    pairs = far(8, 3, seed=4, moved=2.0)
    changed, by_seed = compared(pairs)
    apart, _ = compared({key: Pair(pair.old, later(pair.new)) for key, pair in pairs.items()})
    y = np.array([[pair.new[seed] - pair.old[seed] for seed in range(3)] for pair in pairs.values()])
    assert by_seed == set(pairs)
    for key, change in changed.items():
        assert (change.estimate, change.error, change.df) == (apart[key].estimate, apart[key].error, apart[key].df)
        assert change.luck == pytest.approx(stats.t.ppf(0.975, 2) * y.mean(0).std(ddof=1) / 3**0.5)
        assert change.luck < apart[key].luck / 2


def test_a_change_at_equal_seeds_is_never_wider_for_runs_that_go_together():
    pairs = {near: far(10, 4, seed=12, near=near) for near in (None, 0.5, 0.1)}
    errors = {near: np.mean([change.error for change in compared(own)[0].values()]) for near, own in pairs.items()}
    assert errors[None] > 2 * errors[0.5] > 6 * errors[0.1]


def test_differences_vary_as_those_of_like_score_do_and_not_as_those_of_like_change():
    draw = np.random.default_rng(8)
    scores, spreads = np.linspace(0, 100, 24), np.geomspace(0.1, 20, 24)
    y = scores[:, None] + spreads[:, None] * draw.normal(size=(2, 24, 4))
    y[1] = y[0] + (y[1] - scores[:, None]) / 5
    pairs = by_name(Pair(runs(*a), runs(*b)) for a, b in zip(*y, strict=True))
    changed, by_seed = compared(pairs)
    errors = [change.error for change in changed.values()]
    assert by_seed
    assert stats.spearmanr(errors, spreads).statistic > 0.95
    assert max(errors) > 50 * min(errors)


def test_luck_that_a_seed_brings_to_both_sweeps_falls_out():
    pairs = far(6, 5, seed=1, moved=50.0)
    other = {key: Pair(pair.old, later(pair.new)) for key, pair in pairs.items()}
    changed, by_seed = compared(pairs)
    assert by_seed
    assert max(change.interval().high - change.interval().low for change in changed.values()) < 6
    assert min(change.luck for change in compared(other)[0].values()) > 15


@pytest.mark.parametrize(("k", "n", "expected"), [(5, 3, True), (4, 3, False), (10, 2, True), (9, 2, False), (1, 11, True)])
def test_runs_are_held_against_each_other_by_seed_where_that_leaves_ten_degrees_of_freedom(k, n, expected):
    assert bool(compared(far(k, n, seed=3))[1]) is expected


def test_pairs_without_the_same_seeds_are_not_held_against_each_other_by_seed():
    assert not compared(far(6, 5, seed=1, same=False))[1]


def test_a_pair_that_lacks_a_seed_is_compared_by_its_means_and_the_others_by_seed():
    pairs = far(12, 3, seed=5, moved=3.0)
    whole, _ = compared(pairs)
    pairs["0"] = Pair(pairs["0"].old, {seed: y for seed, y in pairs["0"].new.items() if seed})
    changed, by_seed = compared(pairs)
    assert by_seed == set(pairs) - {"0"}
    assert changed["0"].luck > 2 * whole["0"].luck
    assert changed["1"].interval().high - changed["1"].estimate < 1.5 * (whole["1"].interval().high - whole["1"].estimate)


def test_runs_that_both_sides_share_do_not_make_the_noise_between_the_others_look_smaller():
    pairs = far(12, 5, seed=7, near=0.3)
    alone, _ = compared(dict(list(pairs.items())[:6]))
    for key in list(pairs)[6:]:  # of these one seed was measured again, the rest are the same runs
        pairs[key] = Pair(pairs[key].old, {**pairs[key].old, 0: pairs[key].new[0]}, {1, 2, 3, 4})
    both, _ = compared(pairs)
    assert both["0"].error == pytest.approx(alone["0"].error)
    assert both["11"].estimate == pytest.approx(pairs["11"].difference)
    between = noise({key: pairs[key].again for key in list(pairs)[:6]})
    assert both["11"].error == pytest.approx(1.5 * between.rest / 5, rel=1e-6)  # a single difference, which borrows its noise


# the noise of two sweeps


def test_two_sweeps_bring_their_own_noise_as_in_a_t_test_of_unlike_variances():
    a, b = [1.0, 2.0, 4.0, 3.3], [5.0, 6.5, 4.0, 7.0, 19.0]
    (found,) = told([Pair(runs(*a), runs(*b, first=9))])
    assert found.p() == pytest.approx(stats.ttest_ind(a, b, equal_var=False).pvalue)


def test_a_noise_that_both_sides_take_from_one_holds_for_both():
    known = noise_of(runs(0.0, 1.0, 2.0, 3.0))
    (found,) = told([Pair(runs(1.0), runs(2.0, first=9))], known, known)
    assert (found.error, found.df) == (pytest.approx(known.sd * 1.5 * 2**0.5), 6)


def test_where_nobody_knows_the_noise_nothing_is_told():
    (found,) = told([Pair(runs(1.0), runs(900.0))])
    assert (found.estimate, found.interval().low, found.interval().told, found.p()) == (899.0, None, False, 1.0)


def test_runs_of_which_none_varies_say_nothing_of_the_noise():
    (found,) = told([Pair(runs(1.0, 1.0, 1.0), runs(2.0, 2.0, 2.0, first=9))])
    assert not found.interval().told


def test_a_single_run_pays_for_noise_that_it_takes_from_others():
    known = noise_of(*(runs(0.0, 1.0, 2.0, first=10 * i) for i in range(3)))
    one, three = told([Pair(runs(0.0), runs(1.0, first=9)), Pair(runs(0.0, 1.0, 2.0), runs(1.0, 2.0, 3.0, first=9))], known, known)
    assert one.error == pytest.approx(1.5 * 3**0.5 * three.error)


def test_what_is_outlying_has_its_own_noise():
    wild = runs(-60.0, 0.0, 60.0)
    calm = [runs(*y) for y in ([0.0, 1.0, 2.0], [1.0, 2.0, 2.5], [0.5, 1.5, 1.0], [3.0, 2.0, 2.5], [1.0, 0.0, 0.2])]
    old = noise(by_name([wild, *(later(one, 10 * place) for place, one in enumerate(calm, 1))]))
    first, second = told([Pair(wild, later(calm[0])), Pair(calm[0], later(calm[1]))], old, old)
    assert old.outlying == {"0"}
    assert first.error > 60 / 3**0.5
    assert second.error < 1


def test_luck_of_the_seeds_counts_once_for_each_sweep_where_they_have_others():
    pairs = far(20, 5, seed=2, moved=3.0, same=False)
    change = compared(pairs)[0]["0"]
    luck = [np.std([np.mean([side[seed] for side in runs]) for seed in runs[0]], ddof=1) for runs in sides_of(pairs)]
    assert change.luck == pytest.approx(_critical(*luck) * (sum(sd**2 for sd in luck) / 5) ** 0.5, rel=0.05)
    assert change.error < 1
    assert change.luck > 2


def sides_of(pairs):
    return [pair.old for pair in pairs.values()], [pair.new for pair in pairs.values()]


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


def test_luck_that_half_of_the_configurations_have_in_common_is_known_from_each_half():
    draw = np.random.default_rng(5)
    gifts, own = draw.normal(size=(2, 8)), draw.normal(size=(2, 12, 4)) / 100
    y = own + np.stack([gifts[:, 4 * (i % 2) : 4 * (i % 2) + 4] for i in range(12)], axis=1)
    pairs = [Pair(runs(*a, first=10 * (i % 2)), runs(*b, first=50 + 10 * (i % 2))) for i, (a, b) in enumerate(zip(*y, strict=True))]
    found, known = overall(pairs)
    squares = [np.mean([np.var(half, ddof=1) for half in (side[:4], side[4:])]) / 8 for side in gifts]  # each seed weighs 1/8
    df = sum(squares) ** 2 / sum(square**2 / 6 for square in squares)
    assert known
    assert found.high - found.estimate >= 0.98 * stats.t.ppf(0.975, df) * sum(squares) ** 0.5


def test_a_run_that_is_missing_leaves_the_interval_of_the_mean_of_all_nearly_as_it_was():
    pairs = list(far(20, 4, seed=6, moved=2.0, anew=True).values())
    whole, _ = overall(pairs)
    lacking = [Pair(pairs[0].old, {seed: y for seed, y in pairs[0].new.items() if seed}), *pairs[1:]]
    found, known = overall(lacking)
    assert known
    assert found.estimate == pytest.approx(whole.estimate, abs=0.15)
    assert found.high - found.low == pytest.approx(whole.high - whole.low, rel=0.1)


def test_the_interval_of_the_mean_of_all_is_that_of_configurations_and_seeds_crossed():
    pairs = list(far(6, 4, seed=11, moved=0.7, anew=True).values())
    y = np.array([[pair.new[seed] - pair.old[seed] for seed in range(4)] for pair in pairs])
    left = y - y.mean(1, keepdims=True) - y.mean(0) + y.mean()
    configs, seeds = y.mean(1).var(ddof=1) / 6, y.mean(0).var(ddof=1) / 4
    moved = max(seeds - (left**2).sum() / 15 / 24, 0)  # Cornfield and Tukey (1956)
    df = (configs + moved) ** 2 / (configs**2 / 5 + moved**2 / 3)
    halves = [
        stats.t.ppf(0.975, 5) * configs**0.5,
        stats.t.ppf(0.975, 3) * seeds**0.5,
        stats.t.ppf(0.975, df) * (configs + moved) ** 0.5,
    ]
    found, known = overall(pairs)
    assert known
    assert found.high - found.estimate == pytest.approx(max(halves))


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


def swapped(pair):
    return replace(pair, old=pair.new, new=pair.old)


def near(a, b):
    """Whether two ends of an interval are one, or both unknown."""
    return a is b is None or a == pytest.approx(b, rel=1e-6, abs=1e-9)


@given(some_pairs())
@pytest.mark.slow
def test_swapped_sweeps_mirror_every_difference(pairs):
    for one, other in zip(told(pairs), told([swapped(pair) for pair in pairs]), strict=True):
        assert other.estimate == pytest.approx(-one.estimate, abs=1e-12)
        a, b = one.interval(), other.interval()
        assert near(a.low, b.high and -b.high)
        assert near(a.high, b.low and -b.low)
        assert one.p() == pytest.approx(other.p(), rel=1e-6, abs=1e-12)


def test_a_lower_metric_that_is_better_mirrors_a_higher_one():
    pairs = far(14, 3, seed=9, moved=1.0, anew=True)
    down = {key: Pair(*({seed: -y for seed, y in side.items()} for side in (pair.old, pair.new))) for key, pair in pairs.items()}
    for one, other in zip(compared(pairs)[0].values(), compared(down, sign=-1)[0].values(), strict=True):
        assert other.estimate == pytest.approx(-one.estimate)
        assert (other.error, other.df, other.luck) == (pytest.approx(one.error), one.df, pytest.approx(one.luck))


@given(some_pairs())
@pytest.mark.slow
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
    first = told(pairs)
    for place, one in zip(places, told(again), strict=True):
        assert one.estimate == pytest.approx(first[place].estimate, abs=1e-12)
        assert near(one.interval().low, first[place].interval().low)
    assert near(overall(again)[0].low, overall(pairs)[0].low)


@given(some_pairs(), st.sampled_from([2.0**-30, 2.0**20, 1e-9, 1e9]))
@pytest.mark.slow
def test_another_unit_scales_every_difference(pairs, unit):
    def scaled(y):
        return {seed: value * unit for seed, value in y.items()}

    other = [replace(pair, old=scaled(pair.old), new=scaled(pair.new)) for pair in pairs]
    for a, b in zip(told(pairs), told(other), strict=True):
        assert b.p() == pytest.approx(a.p(), rel=1e-5, abs=1e-9)


@given(some_pairs())
@pytest.mark.slow
def test_an_interval_leaves_out_zero_exactly_where_its_p_is_below_five_percent(pairs):
    for one in told(pairs):
        assert one.interval().told == (one.p() < 0.05)


@pytest.mark.parametrize("size", [1e-99, 1e99])
def test_the_size_of_the_numbers_changes_nothing_but_the_size(size):
    pairs = [Pair(runs(1, 2, 4), runs(2, 2, 6)), Pair(runs(5, 3, 3), runs(5, 4, 9))]
    moved = [Pair(*({s: y * size for s, y in side.items()} for side in (pair.old, pair.new))) for pair in pairs]
    (plain, known), (found, same) = overall(pairs), overall(moved)
    assert (found.low, found.high, same) == (pytest.approx(plain.low * size), pytest.approx(plain.high * size), known)


def test_sweeps_of_the_smallest_and_the_largest_noise_are_compared():
    small, large = noise_of(runs(1e-120, 2e-120)), noise_of(runs(1e99, 3e99))
    (found,) = told([Pair(runs(1e-120, 2e-120), runs(1e99, 3e99))], small, large)
    assert found.interval().estimate == pytest.approx(2e99)
