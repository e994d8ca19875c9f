"""Verdicts against numbers that numpy and scipy.stats give for the same runs."""

from dataclasses import replace
from functools import cache
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sweepbook.analysis.groups.summaries import GroupRows, Row, Summary, factors
from sweepbook.analysis.predictions import reading
from sweepbook.analysis.predictions.grading import outcome
from sweepbook.analysis.predictions.kinds.trend import holm_counts, rank_weights, slope_weights
from sweepbook.analysis.predictions.sentences import verdict
from sweepbook.analysis.stats.means import mean_of
from sweepbook.analysis.stats.noise import noise
from sweepbook.analysis.stats.tiers import tiers
from sweepbook.analysis.words import form
from sweepbook.runner.member import Member
from sweepbook.runner.prediction import At, Beats, Best, Better, GapAtMost, MattersMore, Trend
from sweepbook.runner.study import Group, Study
from sweepbook.runner.values import level_text

METRIC = "score"


def by_seed(values, shared):
    """Runs by seed, where these are shared; else by a text of their own, as runs whose seeds are not known."""
    if isinstance(values, dict):
        return values
    return {i if shared else f"run {i}": y for i, y in enumerate(values)}


class Held:
    """Groups of [(levels, runs)], and the outcomes of predictions about them; a gap is the score itself. `shared`: the first runs
    of all configurations have the same seed, and so on; else nothing is known of seeds."""

    def __init__(self, goal="maximize", shared=False, **groups):
        cells = [(levels, values) for cells in groups.values() for levels, values in cells if values]
        pool = noise(
            {str(sorted(levels.items())): by_seed(values, shared) for levels, values in cells}, -1 if goal == "minimize" else 1
        )
        self.noises = {METRIC: pool, "gap": pool} if pool else {}
        self.groups, self.tiers = {}, {}
        sign = 1 if goal == "maximize" else -1
        for name, cells in groups.items():
            rows = tuple(self.row(name, levels, by_seed(values, shared), pool) for levels, values in cells)
            group = Group(name, "", "", "", (), (), tuple(row.member for row in rows), None, ())
            self.groups[name] = GroupRows(group, factors(group.members), rows)
            means = {s.id: s.means[METRIC] for s in self.groups[name].summaries}
            found = tiers([mean.upward(sign) for mean in means.values()])
            self.tiers[name] = dict(zip(means, found, strict=True)) if found else {}
        groups = tuple(found.group for found in self.groups.values())
        self.study = Study("s", Path("s"), "", "", "", "", METRIC, goal, (0,), {}, groups)

    @staticmethod
    def row(name, levels, values, pool):
        member = Member("_".join([name, *map(level_text, levels.values())]), levels, levels)
        if not values:
            return Row(member, None)
        means = dict.fromkeys((METRIC, "gap"), mean_of(values, pool, str(sorted(levels.items()))))
        logs, runs = tuple(map(str, range(len(values)))), dict.fromkeys(means, tuple(values.values()))
        return Row(member, Summary(member.id, member.label, (member.label,), levels, logs, (), runs, means, *[None] * 5))

    def __call__(self, prediction, group=None):
        own = self.groups[group or next(iter(self.groups))]
        return outcome(prediction, own, self.groups, self.study, self.noises, self.tiers)


def of(factor, *runs):
    """Configurations at the levels 1, 2, 4, ... of one factor."""
    return [({factor: 2**i}, list(values)) for i, values in enumerate(runs)]


LOW, MIDDLE, HIGH, TOP = (1.0, 1.2, 0.8), (2.0, 2.1, 1.9), (3.0, 3.3, 3.0), (3.1, 3.2, 3.0)
CURVE = of("a", LOW, MIDDLE, HIGH, TOP)
A1, A2, A4, A8 = ({"a": [level]} for level in (1, 2, 4, 8))


def pooled(*samples):
    """s and its degrees of freedom."""
    squares = sum(((np.array(y) - np.mean(y)) ** 2).sum() for y in samples)
    df = sum(len(y) - 1 for y in samples)
    return np.sqrt(squares / df), df


SD, DF = pooled(LOW, MIDDLE, HIGH, TOP)
PRIOR = 4  # what the noise of all counts beside a configuration's own runs, where they are fewer than ten


def own_variance(y):
    """That of a configuration of CURVE: halfway, by degrees of freedom, between that of all and that of its runs."""
    return (PRIOR * SD**2 + (len(y) - 1) * np.var(y, ddof=1)) / (PRIOR + len(y) - 1)


def error_of(weights, samples):
    """√(Σ c² v/n) with Satterthwaite's degrees of freedom, for three independent runs or more each."""
    parts = [(c * c * own_variance(y) / len(y), min(PRIOR + len(y) - 1, DF)) for c, y in zip(weights, samples, strict=True) if c]
    total = sum(part for part, _ in parts)
    return np.sqrt(total), min(total**2 / sum(part**2 / df for part, df in parts), DF)


def t_interval(weights, samples, level=0.95):
    """Σ c ȳ ± t · √(Σ c² v/n)."""
    estimate = sum(c * np.mean(y) for c, y in zip(weights, samples, strict=True))
    error, df = error_of(weights, samples)
    half = stats.t.ppf((1 + level) / 2, df) * error
    return estimate, estimate - half, estimate + half


def numbers(found):
    return pytest.approx((found.estimate, found.low, found.high))


@pytest.mark.parametrize(
    ("better", "than", "by", "verdict"),
    [
        (A2, A1, 0.0, "confirmed"),
        (A2, A1, 0.5, "confirmed"),
        (A2, A1, 0.9, "cannot tell"),
        (A2, A1, 1.5, "refuted"),
        (A8, A4, 0.0, "cannot tell"),
        (A1, A2, 0.0, "refuted"),
    ],
)
def test_better_is_told_by_the_interval_of_the_difference(better, than, by, verdict):
    assert Held(g=CURVE)(Better("s", better, than, by)).verdict == verdict


def test_better_has_the_pooled_t_interval_of_the_difference_and_both_parts():
    found = Held(g=CURVE)(Better("s", A2, A1, 0.0))
    assert t_interval([1, -1], [MIDDLE, LOW]) == numbers(found)
    assert [(part.name, part.mean, part.n) for part in found.parts] == [("g_2", 2.0, 3), ("g_1", 1.0, 3)]
    assert (found.difference, found.n, found.about, found.tests) == (True, (3, 3), "difference", 1)


def test_what_the_runs_resolve_is_found_with_a_power_of_80_percent():
    found = Held(g=CURVE)(Better("s", A8, A4, 0.0))
    error, df = error_of([1, -1], [TOP, HIGH])
    assert stats.nct.sf(stats.t.ppf(0.975, df), df, found.resolves / error) == pytest.approx(0.8, abs=1e-4)
    assert (abs(found.estimate) < 1e-9, found.verdict) == (True, "cannot tell")


def test_the_seeds_needed_are_those_of_the_distance_seen_from_the_claim():
    found = Held(g=CURVE)(Better("s", A2, A1, 0.9))
    variances = [own_variance(MIDDLE), own_variance(LOW)]

    def power(n):
        own = min(PRIOR + n - 1, 4 * (n - 1))  # each further seed of the four adds a degree of freedom
        df = min(sum(variances) ** 2 / sum(v**2 / own for v in variances), 4 * (n - 1))
        return stats.nct.sf(stats.t.ppf(0.975, df), df, 0.1 / np.sqrt(sum(variances) / n))

    assert found.seeds_needed == next(n for n in range(3, 1001) if power(n) >= 0.8)


def test_better_of_several_configurations_counts_each_once_whatever_its_runs():
    cells = [
        ({"a": a, "b": b}, runs) for (a, b), runs in zip([(1, 1), (1, 2), (2, 1), (2, 2)], (LOW, MIDDLE, HIGH, TOP), strict=True)
    ]
    found = Held(g=cells)(Better("s", A2, A1, 0.0))
    assert t_interval([0.5, 0.5, -0.5, -0.5], [HIGH, TOP, LOW, MIDDLE]) == numbers(found)
    assert [(part.name, part.n) for part in found.parts] == [("a 2", 6), ("a 1", 6)]


def test_a_configuration_on_both_sides_counts_with_the_sum_of_its_weights():
    both = {"a": [1, 2]}
    found = Held(g=CURVE)(Better("s", both, A1, 0.0))
    assert t_interval([0.5, -0.5], [MIDDLE, LOW]) == numbers(found)


def test_the_same_configurations_on_both_sides_are_no_comparison_and_no_unknown_noise():
    one = Held(g=CURVE)(Better("s", A1, A1, 0.0))
    assert (one.verdict, one.estimate, one.reason) == ("says nothing", None, "the same configurations stand on both sides")
    assert verdict(one, form(one.metric)) == "Says nothing: the same configurations stand on both sides."
    two = Held(g=CURVE)(Better("s", {"a": [1, 2]}, {"a": [2, 1]}, 0.0))
    assert two.reason == "the same configurations stand on both sides"


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (1.5, 2.5, "confirmed"),
        (1.0, None, "confirmed"),
        (None, 2.5, "confirmed"),
        (2.5, 3.0, "refuted"),
        (1.0, 1.5, "refuted"),
        (2.5, None, "refuted"),
        (None, 1.5, "refuted"),
        (2.0, 3.0, "cannot tell"),
        (None, 2.1, "cannot tell"),
    ],
)
def test_a_range_is_confirmed_around_the_interval_and_refuted_off_it(low, high, verdict):
    found = Held(g=CURVE)(At("s", A2, low, high))
    assert (found.verdict, found.difference, found.about) == (verdict, False, "value")
    assert t_interval([1], [MIDDLE]) == numbers(found)


def test_a_range_that_ends_where_a_share_ends_is_open_there(monkeypatch):
    monkeypatch.setitem(globals(), "METRIC", "valid_accuracy")
    shares = Held(g=of("a", (0.99, 1.0, 1.0), (0.98, 0.99, 0.97)))
    for low, high in ((0.95, 1.0), (0.95, None)):
        found = shares(At("s", A1, low, high))
        assert (found.verdict, found.bounds, found.high) == ("confirmed", (0.95, None), 1)


def test_a_selector_of_a_factor_that_the_configurations_lack_has_no_estimate():
    held = Held(g=CURVE)
    for prediction in (Better("s", {"lr": [0.1]}, A1, 0.0), At("s", {"lr": [0.1]}, 0.0, None), Best("s", {"lr": [0.1]})):
        found = held(prediction)
        assert (found.verdict, found.estimate, found.missing) == ("cannot tell", None, ())


def test_a_trend_is_the_rise_of_the_line_over_the_ranks_at_what_holm_leaves():
    found = Held(g=CURVE)(Trend("s", "increasing", "a"))
    rise = 3 * np.polyfit(range(4), [np.mean(y) for y in (LOW, MIDDLE, HIGH, TOP)], 1)[0]
    weights = np.array([-0.9, -0.3, 0.3, 0.9])
    assert found.estimate == pytest.approx(rise)
    assert t_interval(weights, [LOW, MIDDLE, HIGH, TOP], 1 - 0.05 / 4) == numbers(found)
    assert (found.verdict, found.about, found.tests, found.n) == ("confirmed", "rise", 4, (3, 3, 3, 3))


def test_a_trend_the_other_way_is_refuted():
    assert Held(g=CURVE)(Trend("s", "decreasing", "a")).verdict == "refuted"


def test_a_trend_with_a_pair_of_neighbours_that_turns_is_refuted_by_it():
    found = Held(g=of("a", LOW, HIGH, MIDDLE, (4.0, 4.1, 4.2)))(Trend("s", "increasing", "a"))
    assert (found.verdict, found.about, found.between, found.one_sided) == ("refuted", "step", ("2", "4"), True)
    assert found.estimate == pytest.approx(np.mean(MIDDLE) - np.mean(HIGH))
    assert found.high < 0


def test_a_flat_trend_cannot_be_told():
    found = Held(g=of("a", LOW, (1.1, 0.9, 1.0), (0.9, 1.2, 1.0)))(Trend("s", "increasing", "a"))
    assert (found.verdict, found.low < 0 < found.high) == ("cannot tell", True)


def test_a_trend_over_two_levels_is_one_test():
    found = Held(g=CURVE[:2])(Trend("s", "increasing", "a"))
    assert (found.verdict, found.tests) == ("confirmed", 1)


def test_a_trend_takes_the_levels_in_ascending_order_whatever_that_of_the_plan():
    found = Held(g=CURVE[::-1])(Trend("s", "increasing", "a"))
    assert (found.verdict, [part.name for part in found.parts]) == ("confirmed", ["1", "2", "4", "8"])


def test_a_trend_over_levels_that_are_no_numbers_or_a_factor_that_is_not_there_has_no_estimate():
    flags = [({"nesterov": flag}, [0.5, 0.6]) for flag in (True, False)]
    for factor in ("nesterov", "lr"):
        found = Held(g=flags)(Trend("s", "increasing", factor))
        assert (found.verdict, found.estimate, found.parts) == ("cannot tell", None, ())


@pytest.mark.parametrize(
    ("runs", "verdict", "about"),
    [
        ((LOW, HIGH, (3.4, 3.5, 3.6)), "confirmed", "bend"),
        ((LOW, (1.4, 1.2, 1.3), (5.0, 5.1, 5.2)), "refuted", "bend"),
        ((HIGH, (2.9, 3.0, 2.8), LOW), "refuted", "rise"),
        ((LOW, (1.7, 1.6, 1.8), (3.0, 3.1, 3.2)), "cannot tell", "bend"),
        ((LOW, HIGH, (1.1, 1.0, 1.2)), "cannot tell", "rise"),
    ],
)
def test_diminishing_needs_a_bend_and_a_rise(runs, verdict, about):
    found = Held(g=of("a", *runs))(Trend("s", "diminishing", "a"))
    assert (found.verdict, found.about) == (verdict, about)


def test_the_bend_is_how_far_the_middle_lies_above_the_line_from_end_to_end():
    found = Held(g=CURVE[:3])(Trend("s", "diminishing", "a"))
    on_the_line = np.interp(2, [1, 4], [np.mean(LOW), np.mean(HIGH)])
    assert found.estimate == pytest.approx(np.mean(MIDDLE) - on_the_line)


def test_diminishing_needs_three_levels():
    assert Held(g=CURVE[:2])(Trend("s", "diminishing", "a")).estimate is None


@pytest.mark.parametrize(
    ("best", "verdict"), [([4, 8], "confirmed"), ([1, 2], "refuted"), ([8], "cannot tell"), ([1, 4], "cannot tell")]
)
def test_best_is_told_where_the_first_tier_lies_within_or_off_the_set(best, verdict):
    found = Held(g=CURVE)(Best("s", {"a": best}))
    assert found.verdict == verdict
    assert len(found.parts) == 2


def test_best_agrees_with_the_first_tier():
    held = Held(g=CURVE)
    assert list(held.tiers["g"].values()) == [3, 2, 1, 1]
    held.tiers["g"] = dict.fromkeys(held.tiers["g"], 1)
    found = held(Best("s", {"a": [4, 8]}))
    assert (found.verdict, found.low) == ("cannot tell", 0.0)


def test_the_best_of_two_is_the_plain_t_interval():
    held = Held(g=CURVE[:2])
    found, plain = held(Best("s", A2)), held(Better("s", A2, A1, 0.0))
    assert (found.low, found.high) == pytest.approx((plain.low, plain.high), abs=1e-4)


def test_the_best_of_everything_says_nothing():
    found = Held(g=CURVE)(Best("s", {"a": [1, 2, 4, 8]}))
    assert (found.verdict, found.estimate, found.reason) == ("says nothing", None, "it names every configuration of the group")
    one_missing = Held(g=of("a", LOW, MIDDLE, HIGH, []))(Best("s", {"a": [1, 2, 4]}))
    assert one_missing.verdict == "cannot tell"


def test_a_claim_beyond_what_the_metric_can_be_says_nothing(monkeypatch):
    monkeypatch.setitem(globals(), "METRIC", "valid_accuracy")
    shares = Held(g=of("a", (0.99, 1.0, 1.0), (0.98, 0.99, 0.97)))
    for prediction in (At("s", A1, 0.0, None), At("s", A1, None, 1.0), Better("s", A1, A2, 2.0), GapAtMost("s", 1e9, {})):
        assert shares(prediction).verdict == "says nothing"
    told = "Says nothing: it holds for any valid_accuracy, which is from 0 to 1."
    assert verdict(shares(At("s", A1, 0.0, None)), form(METRIC)) == told
    assert shares(At("s", A1, 1.0, None)).verdict != "says nothing"


def grid(effect_a, effect_b):
    noise_ = iter([0.1, -0.1, 0.0, 0.12, -0.12, 0.05, -0.05, 0.1, -0.1, 0.02, -0.02, 0.1, -0.1, 0.0, 0.05, -0.05, 0.07, -0.07])
    return [
        ({"a": a, "b": b}, [effect_a * a + effect_b * b + next(noise_) for _ in range(2)]) for a in (1, 2, 3) for b in (1, 2, 3)
    ]


@pytest.mark.parametrize(("a", "b", "verdict"), [(2.0, 0.1, "confirmed"), (0.1, 2.0, "refuted"), (1.0, 1.0, "cannot tell")])
def test_matters_more_sets_the_ranges_of_two_factors_against_each_other(a, b, verdict):
    cells = grid(a, b)
    found = Held(g=cells)(MattersMore("s", "a", "b"))
    table = np.array([np.mean(runs) for _, runs in cells]).reshape(3, 3)
    assert found.verdict == verdict
    assert found.estimate == pytest.approx(np.ptp(table.mean(axis=1)) - np.ptp(table.mean(axis=0)))
    assert [part.name for part in found.parts] == ["a, range of 3 levels", "b, range of 3 levels"]
    assert found.n == (18, 18)


@pytest.mark.slow
def test_a_range_is_at_97_5_percent_over_all_pairs():
    single = [[float(np.mean(runs))] for runs in (LOW, MIDDLE, HIGH, TOP)]
    found = Held(g=CURVE, other=of("b", *single))(MattersMore("s", "a", "b"), "g")
    ends = []
    for one, other in combinations((LOW, MIDDLE, HIGH, TOP), 2):
        error, df = error_of([1, -1], [one, other])
        half = stats.studentized_range.ppf(0.975, 4, df) / np.sqrt(2) * error
        ends.append(abs(np.mean(one) - np.mean(other)) + half)
    assert found.parts[0].high == pytest.approx(max(ends), abs=1e-3)
    assert (found.estimate, found.verdict) == (pytest.approx(0.0), "cannot tell")


def test_matters_more_looks_a_factor_up_in_the_first_group_that_varies_it():
    held = Held(g=CURVE, flat=of("b", LOW, (1.1, 0.9, 1.0)), steep=of("b", LOW, (9.1, 9.0, 9.2)))
    found = held(MattersMore("s", "a", "b"), "g")
    assert (found.verdict, found.parts[1].mean) == ("confirmed", pytest.approx(0.0, abs=0.01))
    assert held(MattersMore("s", "a", "lr"), "g").estimate is None


@pytest.mark.parametrize(("most", "verdict"), [(2.3, "confirmed"), (1.7, "refuted"), (2.05, "cannot tell")])
def test_a_gap_is_told_by_a_one_sided_interval(most, verdict):
    found = Held(g=CURVE)(GapAtMost("s", most, A2))
    assert (found.verdict, found.metric, found.one_sided) == (verdict, "gap", True)
    assert t_interval([1], [MIDDLE], 0.90) == numbers(found)


@pytest.mark.parametrize(("most", "verdict"), [(3.5, "confirmed"), (2.5, "refuted"), (3.1, "cannot tell")])
def test_the_widest_gap_lies_below_the_largest_upper_end_and_above_the_largest_corrected_lower_one(most, verdict):
    found = Held(g=CURVE)(GapAtMost("s", most, {}))
    ends = [(t_interval([1], [y], 1 - 0.1 / 4)[1], t_interval([1], [y], 0.90)[2]) for y in (LOW, MIDDLE, HIGH, TOP)]
    assert found.verdict == verdict
    assert (found.low, found.high) == pytest.approx(np.max(ends, axis=0))
    assert found.parts[0].mean == pytest.approx(3.1)


def test_a_gap_is_wide_whatever_the_goal():
    assert Held("minimize", g=CURVE)(GapAtMost("s", 2.3, A2)).verdict == "confirmed"


@pytest.mark.parametrize(
    ("other", "verdict"),
    [(of("b", LOW, MIDDLE), "confirmed"), (of("b", (9.0, 9.1, 9.2), LOW), "refuted"), (of("b", TOP, LOW), "cannot tell")],
)
def test_beats_sets_the_best_of_one_group_against_the_best_of_another(other, verdict):
    found = Held(g=CURVE, other=other)(Beats("s", "other"), "g")
    assert found.verdict == verdict
    assert found.low <= found.estimate <= found.high


def test_a_group_does_not_beat_its_own_best():
    found = Held(g=CURVE, other=CURVE[1:])(Beats("s", "other"), "g")
    assert (found.verdict, found.estimate, found.resolves, found.seeds_needed) == ("cannot tell", 0.0, None, None)
    assert Held(g=CURVE[:2], other=CURVE)(Beats("s", "other"), "g").verdict == "refuted"


def test_an_end_of_the_interval_that_a_rival_sets_which_scatters_more_names_it():
    found = Held(g=of("a", (3.0, 3.02, 2.98), (3.1, 3.12, 3.08), (1.0, 2.6, 1.8), (1.1, 1.12, 1.08)))(Best("s", A1))
    assert [part.name for part in found.parts] == ["g_1", "g_2"]
    assert found.low < -0.3  # far below what g_1 and g_2 alone come to
    assert found.ends == (("g_1", "g_4"), None)
    alike = Held(g=of("a", (3.0, 3.02, 2.98), (3.1, 3.12, 3.08), (1.0, 1.02, 0.98), (1.1, 1.12, 1.08)))(Best("s", A1))
    assert alike.ends == (None, None)


def test_the_smallest_loss_is_the_best():
    losses = of("a", *[[-y for y in runs] for runs in (LOW, MIDDLE, HIGH, TOP)])
    held = Held("minimize", g=losses)
    assert held(Better("s", A2, A1, 0.5)).estimate == pytest.approx(1.0)
    assert {part.name for part in held(Best("s", A4)).parts} == {"g_4", "g_8"}
    assert held(Best("s", {"a": [4, 8]})).verdict == "confirmed"


EVERY = [
    Better("s", A4, A1, 0.3),
    Better("s", A4, A2, 0.0),
    At("s", A2, 1.5, 2.5),
    At("s", {"a": [1, 2]}, 1.5, None),
    Trend("s", "increasing", "a"),
    Trend("s", "decreasing", "a"),
    Trend("s", "diminishing", "a"),
    Best("s", {"a": [4, 8]}),
    Best("s", A1),
    MattersMore("s", "a", "b"),
    GapAtMost("s", 2.0, A2),
    GapAtMost("s", 3.0, {}),
    Beats("s", "other"),
]
KINDS = pytest.mark.parametrize("prediction", EVERY, ids=lambda p: p.kind)


@KINDS
def test_without_a_known_noise_there_is_no_verdict_but_the_noise_at_which_there_were_one(prediction):
    found = Held(g=of("a", [1.0], [2.0], [3.5], [3.6]), other=of("b", [1.0], [1.5]))(prediction, "g")
    assert (found.verdict, found.low, found.high, found.resolves, found.seeds_needed) == ("cannot tell", *[None] * 4)
    assert found.estimate is not None
    assert found.tipping is None or found.tipping > 0


def test_the_tipping_noise_is_that_at_which_a_normal_interval_ends_at_the_bound():
    found = Held(g=of("a", [1.0], [3.0]))(Better("s", A2, A1, 0.5))
    assert found.tipping * stats.norm.ppf(0.975) * 1.5 * np.sqrt(2) == pytest.approx(1.5)


def test_a_trend_of_unknown_noise_that_turns_could_only_be_refuted():
    found = Held(g=of("a", [1.0], [3.0], [2.0]))(Trend("s", "increasing", "a"))
    assert (found.about, found.between, found.estimate) == ("step", ("2", "4"), -1.0)


@KINDS
def test_a_group_without_runs_leaves_a_prediction_open_and_names_what_is_missing(prediction):
    found = Held(g=of("a", (), (), (), ()), other=of("b", (), ()))(prediction, "g")
    assert (found.verdict, found.estimate, found.parts) == ("cannot tell", None, ())
    assert found.missing


@KINDS
@pytest.mark.parametrize("value", [0.0, 2.0])
def test_equal_values_and_a_single_configuration_are_no_trouble(prediction, value):
    for runs in ([[value, value]] * 4, [[value, value + 1], [value] * 2, [value], [value]]):
        held = Held(g=of("a", *runs), other=of("b", *runs))
        assert held(prediction, "g").verdict in ("confirmed", "refuted", "cannot tell")
    one = Held(g=[({"a": 2}, [value, value + 1])], other=[({"a": 2}, [value, value + 1])])
    assert one(prediction, "g").verdict in ("confirmed", "refuted", "cannot tell", "says nothing")


def test_a_side_without_runs_leaves_it_open():
    found = Held(g=of("a", LOW, ()))(Better("s", A2, A1, 0.0))
    assert (found.verdict, found.estimate, found.missing, found.n) == ("cannot tell", None, ("g_2",), (3,))


def test_missing_configurations_are_named_and_the_others_decide():
    found = Held(g=of("a", LOW, MIDDLE, (), HIGH))(Trend("s", "increasing", "a"))
    assert (found.verdict, found.missing, [part.name for part in found.parts]) == ("confirmed", ("g_4",), ["1", "2", "8"])


def test_a_missing_cell_of_a_grid_takes_its_counterparts_along():
    # b is worth 10, a nothing: without the counterpart, a = 2 would lose by 5.
    cells = [({"a": a, "b": b}, [10 * b + e for e in (0.0, 0.1, -0.1)] if (a, b) != (2, 2) else []) for a in (1, 2) for b in (1, 2)]
    held = Held(g=cells)
    for prediction in (Better("s", A2, A1, 0.0), Trend("s", "increasing", "a")):
        found = held(prediction)
        assert (found.verdict, found.missing) == ("cannot tell", ("g_2_2",))
        assert found.estimate == pytest.approx(0.0)


def test_a_gap_that_no_log_tells_is_missing():
    held = Held(g=CURVE)
    bare = tuple(Row(r.member, replace(r.summary, means={METRIC: r.summary.means[METRIC]})) for r in held.groups["g"].rows)
    held.groups["g"] = replace(held.groups["g"], rows=bare)
    found = held(GapAtMost("s", 1.0, {}))
    assert (found.estimate, found.missing) == (None, ("g_1", "g_2", "g_4", "g_8"))


RUNS = st.lists(st.floats(-5, 5).map(lambda y: round(y, 2)), min_size=1, max_size=4)
FOUR, TWO = st.lists(RUNS, min_size=4, max_size=4), st.lists(RUNS, min_size=2, max_size=2)


def agrees(found):
    """Whether the interval lies where the verdict says."""
    if found.low is None:
        return found.verdict == "cannot tell"
    lower, upper = (end if end is not None else side * np.inf for end, side in zip(found.bounds, (-1, 1), strict=True))
    if found.verdict == "confirmed":
        return lower < found.low <= found.estimate <= found.high < upper
    off = found.high < lower or found.low > upper
    inside = lower < found.low and found.high < upper
    return found.low <= found.estimate <= found.high and off == (found.verdict == "refuted") and not inside


@pytest.mark.slow
@KINDS
@settings(max_examples=40)
@given(runs=FOUR, other=TWO, shared=st.booleans())
def test_verdict_and_interval_agree_and_what_is_not_told_is_less_than_the_runs_resolve(prediction, runs, other, shared):
    found = Held(shared=shared, g=of("a", *runs), other=of("b", *other))(prediction, "g")
    assert agrees(found)
    if found.verdict == "cannot tell" and found.resolves is not None:
        distance = min(abs(found.estimate - bound) for bound in found.bounds if bound is not None)
        assert distance < found.resolves * (1 + 1e-9)


@KINDS
@settings(max_examples=25)
@given(runs=FOUR, other=TWO, orders=st.permutations(range(4)), shared=st.booleans())
@pytest.mark.slow
def test_the_order_of_runs_and_configurations_changes_nothing(prediction, runs, other, orders, shared):
    cells = [(levels, by_seed(values, shared)) for levels, values in of("a", *runs)]
    one = Held(shared=shared, g=cells, other=of("b", *other))(prediction, "g")
    mixed = [(levels, dict(reversed(values.items()))) for levels, values in (cells[i] for i in orders)]
    again = Held(shared=shared, g=mixed, other=of("b", *other))(prediction, "g")
    assert (again.verdict, again.low, again.high) == (one.verdict, pytest.approx(one.low), pytest.approx(one.high))


def mirrored(prediction):
    """The same claim about the negated values."""
    match prediction:
        case At():
            return replace(prediction, low=prediction.high and -prediction.high, high=prediction.low and -prediction.low)
        case Trend("s", "increasing" | "decreasing"):
            return replace(prediction, direction={"increasing": "decreasing", "decreasing": "increasing"}[prediction.direction])
        case _:
            return prediction


@pytest.mark.parametrize("prediction", [p for p in EVERY if not isinstance(p, GapAtMost)], ids=lambda p: p.kind)
@settings(max_examples=25)
@given(runs=FOUR, other=TWO, shared=st.booleans())
@pytest.mark.slow
def test_negated_values_with_the_other_goal_get_the_same_verdict(prediction, runs, other, shared):
    plain = Held(shared=shared, g=of("a", *runs), other=of("b", *other))(prediction, "g")
    runs, other = ([[-y for y in values] for values in samples] for samples in (runs, other))
    turned = Held("minimize", shared, g=of("a", *runs), other=of("b", *other))(mirrored(prediction), "g")
    assert (turned.verdict, turned.about) == (plain.verdict, plain.about)


@pytest.mark.parametrize(
    "prediction", [p for p in EVERY if getattr(p, "by", 0) == 0 and not isinstance(p, At | GapAtMost)], ids=lambda p: p.kind
)
@settings(max_examples=25)
@given(
    runs=FOUR,
    other=TWO,
    shift=st.sampled_from([-64.0, 0.0, 1.0]),
    scale=st.sampled_from([0.25, 1.0, 1024.0]),
    shared=st.booleans(),
)
def test_a_shift_or_another_unit_changes_no_verdict(prediction, runs, other, shift, scale, shared):
    plain = Held(shared=shared, g=of("a", *runs), other=of("b", *other))(prediction, "g")
    runs, other = ([[shift + scale * y for y in values] for values in samples] for samples in (runs, other))
    again = Held(shared=shared, g=of("a", *runs), other=of("b", *other))(prediction, "g")
    assert again.verdict == plain.verdict
    assert again.estimate == pytest.approx(scale * plain.estimate, abs=1e-6 * scale)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_holm_rejects_the_same_whether_by_adjusted_p_or_by_corrected_level(ps):
    ordered, left = sorted(ps), len(ps)
    for p in ordered:
        if p * left > 0.05:
            break
        left -= 1
    assert sum(p * count <= 0.05 for p, count in zip(ps, holm_counts(ps), strict=True)) == len(ps) - left


@given(st.lists(st.integers(-100, 100), min_size=2, max_size=7, unique=True), st.data())
def test_the_weights_of_a_slope_are_those_of_least_squares(x, data):
    y = data.draw(st.lists(st.floats(-5, 5), min_size=len(x), max_size=len(x)))
    assert np.dot(slope_weights(x), y) == pytest.approx(stats.linregress(x, y).slope, abs=1e-9)
    assert sum(rank_weights(len(x))) == pytest.approx(0)


# Rows are configurations, columns seeds; the second seed is bad for all.
TABLE = np.array([[5.0, 2.9, 5.3], [6.1, 4.2, 6.0], [7.0, 5.3, 7.4], [7.9, 5.6, 7.7]])
SEEDED = of("a", *TABLE.tolist())


class Two:
    """A complete table [configurations, seeds] by hand: y = configuration + seed + rest, with the formulas of a textbook's analysis
    of variance, and each configuration's variance as the rest's pooled one on 4 degrees of freedom and its own make it together."""

    def __init__(self, table):
        self.table, (self.k, self.n) = table, table.shape
        self.effects = table.mean(axis=0) - table.mean()
        rest = table - table.mean(axis=1, keepdims=True) - self.effects
        self.df = (self.k - 1) * (self.n - 1)
        pooled = (rest**2).sum() / self.df
        own = (rest**2).sum(axis=1) / (self.n - 1) * self.k / (self.k - 1)
        self.variances = (PRIOR * pooled + (self.n - 1) * own) / (PRIOR + self.n - 1)
        self.scatter = self.effects.std(ddof=1)
        self.seed_variance = max(0.0, self.scatter**2 - pooled / self.k)

    def half(self, weights, level=0.95):
        """Half the interval of the sum of these weights times the means: each configuration once."""
        c = np.array(weights, float)
        parts = [(own, min(PRIOR + self.n - 1, self.df)) for own in c**2 * self.variances / self.n if own]
        moved = c.sum() ** 2 / self.n
        if abs(c.sum()) > 1e-9:
            parts.append((self.seed_variance * moved, self.n - 1))
        total = sum(part for part, _ in parts)
        df = min(total**2 / sum(part**2 / df for part, df in parts), self.df)
        luck = stats.t.ppf((1 + level) / 2, self.n - 1) * self.scatter * np.sqrt(moved) if abs(c.sum()) > 1e-9 else 0.0
        return max(stats.t.ppf((1 + level) / 2, df) * np.sqrt(total), luck)


def test_a_difference_at_equal_seeds_is_free_of_what_the_seeds_do():
    found, two = Held(shared=True, g=SEEDED)(Better("s", A2, A1, 0.0)), Two(TABLE)
    assert (found.high - found.low) / 2 == pytest.approx(two.half([-1, 1, 0, 0]))
    assert found.verdict == "confirmed"
    assert Held(g=SEEDED)(Better("s", A2, A1, 0.0)).verdict == "cannot tell"


def test_a_single_mean_keeps_the_luck_of_its_seeds():
    found, two = Held(shared=True, g=SEEDED)(At("s", A2, 4.0, None)), Two(TABLE)
    assert (found.high - found.low) / 2 == pytest.approx(two.half([0, 1, 0, 0]))
    assert (found.high - found.low) / 2 == pytest.approx(stats.t.ppf(0.975, 2) * two.scatter / np.sqrt(3))


def test_a_gap_keeps_the_luck_of_its_seeds_too():
    found, two = Held(shared=True, g=SEEDED)(GapAtMost("s", 9.0, A2)), Two(TABLE)
    assert (found.high - found.low) / 2 == pytest.approx(two.half([0, 1, 0, 0], 0.90))
    widest = Held(shared=True, g=SEEDED)(GapAtMost("s", 9.0, {}))
    means = TABLE.mean(axis=1)
    assert widest.high == pytest.approx(max(m + two.half(row, 0.90) for m, row in zip(means, np.eye(4), strict=True)))
    assert widest.low == pytest.approx(max(m - two.half(row, 1 - 0.1 / 4) for m, row in zip(means, np.eye(4), strict=True)))


def test_a_trend_of_single_configurations_is_the_plain_contrast_of_them():
    found, two = Held(shared=True, g=SEEDED)(Trend("s", "increasing", "a")), Two(TABLE)
    assert (found.high - found.low) / 2 == pytest.approx(two.half([-0.9, -0.3, 0.3, 0.9], 1 - 0.05 / 4))


def test_the_best_of_one_is_held_against_each_other_one_at_the_degrees_of_freedom_of_the_pair():
    held, two = Held(shared=True, g=SEEDED), Two(TABLE)
    held.tiers["g"] = {}
    found, means = held(Best("s", A8)), two.table.mean(axis=1)
    halves = [two.half([c if i == place else float(i == 3) for i in range(4)]) for place, c in ((0, -1), (1, -1), (2, -1))]
    assert found.estimate == pytest.approx(means[3] - means[2])
    assert found.low == pytest.approx(min(means[3] - means[i] - half for i, half in enumerate(halves)), abs=1e-3)
    assert found.high > found.estimate + halves[2]  # which of the three is the best of them is chosen by what they scored


# A grid of three levels of a and of b with four seeds, whose levels of b answer a seed in their own way.
DRAW = np.random.default_rng(3)
EFFECTS, ANSWERS = DRAW.normal(0, 1, 4), DRAW.normal(0, 0.5, (3, 4))
GRID = np.array([[[a + 0.1 * b + e + ANSWERS[b, s] for s, e in enumerate(EFFECTS)] for b in range(3)] for a in range(3)])
GRID = GRID + DRAW.normal(0, 0.2, GRID.shape)
CELLS = [({"a": a + 1, "b": b + 1}, GRID[a, b].tolist()) for a in range(3) for b in range(3)]


@pytest.mark.parametrize(("factor", "axis"), [("a", 1), ("b", 0)])
def test_a_trend_over_a_grid_is_read_off_the_table_of_levels_and_seeds(factor, axis):
    found, two = Held(shared=True, g=CELLS)(Trend("s", "increasing", factor)), Two(GRID.mean(axis=axis))
    assert two.df == 6
    assert found.estimate == pytest.approx(two.table[2].mean() - two.table[0].mean())
    if found.about == "rise":
        assert (found.high - found.low) / 2 == pytest.approx(two.half([-1, 0, 1], 1 - 0.05 / found.tests))


@pytest.mark.slow
def test_ranges_over_a_grid_are_read_off_the_tables_of_levels_and_seeds():
    found = Held(shared=True, g=CELLS)(MattersMore("s", "a", "b"))
    for part, axis in zip(found.parts, (1, 0), strict=True):
        two, highest = Two(GRID.mean(axis=axis)), []
        for i, j in combinations(range(3), 2):
            variances = two.variances[[i, j]] / two.n
            df = min(variances.sum() ** 2 / (variances**2 / min(PRIOR + two.n - 1, two.df)).sum(), two.df)
            half = stats.studentized_range.ppf(0.975, 3, df) / np.sqrt(2) * np.sqrt(variances.sum())
            highest.append(abs(two.table[i].mean() - two.table[j].mean()) + half)
        assert part.high == pytest.approx(max(highest), rel=2e-3)


def by_scatter(sums, variance):
    """The standard error of the mean of `sums`, one a seed, whose model says that they vary by `variance`, and its df."""
    n = len(sums)
    return np.sqrt((4 * variance + (n - 1) * np.var(sums, ddof=1)) / (4 + n - 1) / n), 4 + n - 1


def test_two_sides_of_several_configurations_count_how_their_difference_scatters_from_seed_to_seed():
    found = Held(shared=True, g=CELLS)(Better("s", {"b": [3]}, {"b": [1]}, 0.0))
    sums = GRID[:, 2].mean(axis=0) - GRID[:, 0].mean(axis=0)
    variances = Two(GRID.reshape(9, 4)).variances.reshape(3, 3)
    error, df = by_scatter(sums, (variances[:, 2].sum() + variances[:, 0].sum()) / 9)
    assert found.estimate == pytest.approx(sums.mean())
    assert (found.high - found.low) / 2 == pytest.approx(stats.t.ppf(0.975, df) * error)


def test_a_grid_of_few_seeds_counts_the_scatter_from_seed_to_seed_instead():
    short = GRID[:, :, :3]  # 4 degrees of freedom in the table of levels and seeds
    cells = [({"a": a + 1, "b": b + 1}, short[a, b].tolist()) for a in range(3) for b in range(3)]
    found = Held(shared=True, g=cells)(Trend("s", "increasing", "b"))
    sums = short[:, 2].mean(axis=0) - short[:, 0].mean(axis=0)
    variances = Two(short.reshape(9, 3)).variances.reshape(3, 3)
    error, df = by_scatter(sums, (variances[:, 2].sum() + variances[:, 0].sum()) / 9)
    level = 1 - 0.05 / found.tests
    assert (found.about, found.estimate) == ("rise", pytest.approx(sums.mean()))
    assert (found.high - found.low) / 2 == pytest.approx(stats.t.ppf((1 + level) / 2, df) * error)


def test_the_mean_over_several_configurations_keeps_the_luck_of_seeds():
    found = Held(shared=True, g=CELLS)(At("s", {"b": [1]}, 0.0, None))
    two = Two(GRID.reshape(9, 4))
    assert (found.high - found.low) / 2 >= stats.t.ppf(0.975, 3) * two.scatter / 2 - 1e-9


def test_a_difference_takes_fewer_seeds_and_a_mean_more_where_seeds_explain_much():
    held, two = Held(shared=True, g=SEEDED), Two(TABLE)
    for prediction, row in ((Better("s", A8, A4, 0.4), [0, 0, -1, 1]), (At("s", A2, 5.2, None), [0, 1, 0, 0])):
        found = held(prediction)
        row, distance = np.array(row), abs(found.estimate - found.bounds[0])

        def power(n, row=row, distance=distance):
            df_error = (two.k - 1) * (n - 1)
            parts = [(part, min(PRIOR + n - 1, df_error)) for part in row**2 * two.variances / n if part]
            moved = row.sum() ** 2 / n
            parts += [(two.seed_variance * moved, n - 1)] if moved else []
            total = sum(part for part, _ in parts)
            df = min(total**2 / sum(part**2 / df for part, df in parts), df_error)
            if not moved:
                return stats.nct.sf(stats.t.ppf(0.975, df), df, distance / np.sqrt(total))
            # The wider of two intervals, whose errors are estimated apart: over a grid of both.
            at = (np.arange(150) + 0.5) / 150
            noise_s, luck = (np.sqrt(stats.chi2.ppf(at, k) / k) * stats.t.ppf(0.975, k) for k in (df, n - 1))
            halves = np.maximum.outer(noise_s * np.sqrt(total), luck * two.scatter * np.sqrt(moved))
            return stats.norm.cdf((distance - halves) / np.sqrt(total)).mean()

        assert found.verdict == "cannot tell"
        assert found.seeds_needed == next(n for n in range(3, 1001) if power(n) >= 0.8)


@cache
def of_noise(runs, shared, studies=300, other=(2, 2)):
    """Studies of nothing but noise; where seeds are `shared`, half of the noise is theirs. All predictions are asked of the same
    ones: to judge a study takes as long as to ask."""
    draw, made = np.random.default_rng(7), []
    for _ in range(studies):
        effects = draw.normal(0, 1, 9) * shared
        groups = {name: of(name, *[draw.normal(effects[:n], 1) for n in ns]) for name, ns in (("a", runs), ("b", other))}
        made.append(Held(shared=shared, **groups))
    return made


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("runs", [(2, 2, 2, 2), (3, 3, 3, 3), (1, 2, 3, 5)], ids=str)
@pytest.mark.parametrize(
    "prediction",
    [
        Better("s", A4, A1, 0.0),
        Trend("s", "increasing", "a"),
        Trend("s", "diminishing", "a"),
        Best("s", {"a": [4, 8]}),
        Best("s", A1),
        MattersMore("s", "a", "b"),
        Beats("s", "b"),
    ],
    ids=lambda p: p.kind,
)
@pytest.mark.slow
def test_equal_configurations_get_a_verdict_in_5_percent_of_studies_at_most(prediction, runs, shared, monkeypatch):
    monkeypatch.setattr(reading, "runs_needed", lambda *_: None)  # no verdict hangs on it, and it takes a quarter of the time
    told = sum(study(prediction, "a").verdict != "cannot tell" for study in of_noise(runs, shared))
    assert told <= stats.binom.ppf(0.999, 300, 0.05)


@cache
def of_four(share):
    """Studies of four equal configurations, of whose noise a `share` is that of the seeds."""
    draw = np.random.default_rng(7)
    runs = [draw.normal(draw.normal(0, share**0.5, 3), (1 - share) ** 0.5, (4, 3)) for _ in range(300)]
    return [Held(shared=True, g=of("a", *own)) for own in runs]


@pytest.mark.parametrize(
    "prediction", [GapAtMost("s", 0.0, A1), GapAtMost("s", 0.0, {}), At("s", A1, 0.0, None)], ids=lambda p: p.kind
)
@pytest.mark.parametrize("share", [0.0, 0.5])
@pytest.mark.slow
def test_a_true_claim_is_refuted_in_5_percent_of_studies_at_most(prediction, share):
    found = [study(prediction).verdict for study in of_four(share)]
    assert found.count("refuted") <= stats.binom.ppf(0.999, 300, 0.05)


@pytest.mark.parametrize(
    ("prediction", "reason"),
    [
        (Best("s", {"a": [999]}), "no configuration has a = 999"),
        (At("s", {"a": [9, 10]}, 0.0, None), "no configuration has a = 9 or 10"),
        (GapAtMost("s", 0.1, {"a": [9]}), "no configuration has a = 9"),
        (Better("s", A1, {"a": [9], "b": [1]}, 0.0), "no configuration has a = 9 and b = 1"),
        (Trend("s", "increasing", "k"), "it takes 2 levels of k or more, and the group has none"),
        (MattersMore("s", "k", "a"), "the factor k does not vary alone or in a full grid"),
    ],
)
def test_what_no_run_could_decide_says_why(prediction, reason):
    found = Held(g=CURVE)(prediction)
    assert (found.verdict, found.estimate, found.reason) == ("cannot tell", None, reason)


def test_a_trend_needs_levels_and_a_missing_run_is_no_missing_level():
    levels = of("a", LOW, MIDDLE)
    reason = "it takes 3 levels of a or more, and the group has 2"
    assert Held(g=levels)(Trend("s", "diminishing", "a")).reason == reason
    assert Held(g=of("a", LOW, MIDDLE, []))(Trend("s", "diminishing", "a")).reason == ""
    assert Held(g=of("a", LOW, []))(Best("s", A1)).reason == ""
    assert Held(g=[], h=CURVE)(Best("s", A1)).reason == ""


def test_runs_without_the_gap_are_told_apart_from_missing_runs():
    held = Held(g=of("a", LOW, MIDDLE, []))
    own = held.groups["g"]
    bare = [replace(row, summary=replace(row.summary, means={METRIC: row.summary.means[METRIC]})) for row in own.rows[:2]]
    held.groups["g"] = replace(own, rows=(*bare, own.rows[2]))
    found = held(GapAtMost("s", 0.1, {}))
    assert (found.missing, found.unlogged, found.reason) == (("g_1", "g_2", "g_4"), ("g_1", "g_2"), "")
