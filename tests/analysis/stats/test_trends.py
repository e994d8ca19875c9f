import numpy as np
import pytest
from sweepbook.analysis.stats.columns import CATEGORICAL, CONTINUOUS, ORDERED, Levels
from sweepbook.analysis.stats.drift import drifted
from sweepbook.analysis.stats.trends import could_be_highest, trends


def drawn(n=300, seed=0):
    """Scores that follow the first of five settings, a peak at 0.4, and the second, which is one of three names."""
    rng = np.random.default_rng(seed)
    x = rng.random((n, 5))
    names = np.floor(3 * x[:, 1])
    scores = 1 - 4 * (x[:, 0] - 0.4) ** 2 + 0.5 * (names == 2) + 0.3 * rng.normal(size=n)
    settings = [Levels(10 ** (4 * x[:, 0] - 5), True), Levels(names, False), *(Levels(x[:, k], True) for k in (2, 3, 4))]
    return scores, settings


def told(scores, settings, sign=1):
    return trends(np.asarray(scores, float), settings, sign, np.random.default_rng(0))


def test_the_settings_that_act_show_a_trend_and_the_others_none():
    found = told(*drawn())
    assert [k for k, one in found.each.items() if one.seen] == [0, 1]
    assert found.each[0].low < 1.44 < found.each[0].high
    assert found.each[1].low < 0.5 < found.each[1].high
    assert found.rest == pytest.approx(0.3, rel=0.1)
    assert found.together


def test_the_best_region_holds_the_peak_and_little_else():
    one = told(*drawn()).each[0]
    best = one.ends[one.best]
    low, high = (np.log10(end) / 4 + 5 / 4 for end in (best.min(), best.max()))
    assert low < 0.4 < high
    assert high - low < 0.25


def test_of_a_loss_the_best_is_the_lowest():
    scores, settings = drawn()
    up, down = told(scores, settings).each[0], told(-scores, settings, -1).each[0]
    assert (up.best == down.best).all()
    assert up.p == down.p


def test_a_log_scale_and_its_numbers_are_read_alike():
    scores, (rate, *rest) = drawn()
    logs = told(scores, [Levels(np.log10(rate.values), True), *rest]).each[0]
    assert logs.effect == pytest.approx(told(scores, [rate, *rest]).each[0].effect)


def test_the_same_scores_give_the_same_bytes():
    first, second = (told(*drawn()).each[0] for _ in range(2))
    assert first.values.tobytes() == second.values.tobytes()
    assert (first.low, first.high, first.p) == (second.low, second.high, second.p)


def test_a_setting_that_goes_along_with_another_is_no_trend_of_its_own():
    scores, settings = drawn()
    rng = np.random.default_rng(5)
    close = np.log10(settings[0].values) + 0.5 * rng.normal(size=len(scores))
    found = told(scores, [*settings, Levels(close, True)])
    assert np.corrcoef(close, np.log10(settings[0].values))[0, 1] > 0.85
    assert found.each[0].seen
    assert not found.each[5].seen


def test_two_settings_that_always_move_together_are_told_from_nobody():
    scores, settings = drawn()
    found = told(scores, [*settings, Levels(2 * settings[1].values, False)])
    assert found.along == {5: 1}
    assert 5 not in found.each


def test_a_setting_that_only_some_have_is_judged_among_these():
    scores, settings = drawn(600)
    rng = np.random.default_rng(3)
    momentum = np.where(settings[1].values == 2, rng.random(600), np.nan)
    moved = np.where(np.isnan(momentum), scores, scores + momentum)
    one = told(moved, [*settings, Levels(momentum, True)]).each[5]
    assert one.seen
    assert one.runs == int((settings[1].values == 2).sum())
    assert one.low < 1 < one.high
    assert told(moved, [*settings, Levels(momentum, True)]).each[1].seen


def test_failed_runs_far_from_the_rest_do_not_hide_a_trend():
    scores, settings = drawn()
    scores[::20] = -1e6
    assert told(scores, settings).each[0].seen


def test_the_best_before_a_cliff_is_kept_where_there_are_runs_to_see_it():
    rng = np.random.default_rng(1)
    x = rng.random((1000, 2))
    scores = np.where(x[:, 0] < 0.75, x[:, 0], -0.5) + 0.3 * rng.normal(size=1000)
    one = told(scores, [Levels(x[:, 0], True), Levels(x[:, 1], True)]).each[0]
    best = one.ends[one.best]
    assert best.min() < 0.75 <= best.max() < 0.9


def test_too_many_settings_for_the_runs_are_looked_at_one_by_one():
    scores, settings = drawn(60)
    rng = np.random.default_rng(2)
    found = told(scores, [*settings, *(Levels(rng.random(60), True) for _ in range(20))])
    assert not found.together
    assert found.each[0].seen


def test_scores_that_are_all_equal_have_no_trend():
    assert told(np.ones(50), drawn(50)[1]) is None


@pytest.mark.parametrize(
    ("values", "ordered", "kind"),
    [(np.arange(100) % 4, True, ORDERED), (np.arange(100) % 30, True, CONTINUOUS), (np.arange(100) % 4, False, CATEGORICAL)],
)
def test_numbers_of_few_levels_have_a_mean_each_and_others_a_curve(values, ordered, kind):
    assert Levels(values.astype(float), ordered).kind == kind


def test_the_highest_place_could_always_be_the_highest():
    errors = 0.1 * np.random.default_rng(0).normal(size=(5, 999))
    assert could_be_highest(np.array([0.0, 1.0, 1.05, 0.2, 0.9]), errors).tolist() == [False, True, True, False, True]


def false_alarms(studies, correlated):
    """In how many of so many studies without any effect a setting shows a trend."""
    wrong = 0
    for seed in range(studies):
        rng = np.random.default_rng(1000 + seed)
        x = rng.normal(size=(100, 8)) + correlated * rng.normal(size=(100, 1))
        settings = [*(Levels(x[:, k], True) for k in range(6)), *(Levels(np.floor(2 * np.abs(x[:, k])), False) for k in (6, 7))]
        found = told(rng.normal(size=100), settings)
        wrong += any(one.seen for one in found.each.values())
    return wrong / studies


@pytest.mark.parametrize("correlated", [0, 1])
def test_where_nothing_acts_at_most_5_in_100_studies_show_a_trend(correlated, monkeypatch):
    """What is read is whether a trend is seen, not where its best lies, which takes two thirds of the time."""
    monkeypatch.setattr("sweepbook.analysis.stats.trends.could_be_highest", lambda values, errors: np.ones(len(values), bool))
    assert false_alarms(200, correlated) <= 0.05 + 3 * (0.05 * 0.95 / 200) ** 0.5


def test_levels_that_follow_the_order_of_the_runs_drift_and_random_ones_do_not():
    rng = np.random.default_rng(0)
    order, level = np.arange(100.0), rng.random(100)
    assert not drifted(order, [Levels(level, True), Levels(np.floor(3 * level), False)])
    assert drifted(order, [Levels(level, True), Levels(level + order / 60, True)])
    assert drifted(order, [Levels(np.floor(order / 40), False)])
