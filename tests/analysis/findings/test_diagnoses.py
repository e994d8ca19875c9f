import math
import re
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sweepbook.analysis.findings.curvewords import WORDS, counted, noise_words
from sweepbook.analysis.findings.diagnoses import Diagnosis, diagnoses
from sweepbook.analysis.findings.epochnoise import EpochNoise, epoch_noise, oscillating, window
from sweepbook.analysis.logs.sweep import Sweep, load_sweep
from sweepbook.analysis.words import form

LOSS = form("valid_loss")
FLAT = [0.50, 0.51, 0.49, 0.50, 0.52, 0.50, 0.49, 0.50, 0.51, 0.50]  # scatters by about 0.01


@pytest.fixture
def generator():
    return np.random.default_rng(20260301)


def swept(curves, **columns):
    """A sweep of runs r0000, r0001, …, one for each series of validation losses."""
    logs = [f"r{i:04d}" for i in range(len(curves))]
    lengths = [len(curve) for curve in curves]
    runs = pd.DataFrame({"log": logs, "status": "finished", "used": True, **columns})
    series = {"epoch": [epoch for n in lengths for epoch in range(1, n + 1)], "valid_loss": [v for curve in curves for v in curve]}
    epochs = pd.DataFrame({"log": np.repeat(np.array(logs, dtype=object), lengths), **series})
    return Sweep(runs, epochs, pd.DataFrame(columns=["log", "reason"]))


def texts(curves, **columns):
    return [found.text for found in diagnoses(swept(curves, **columns)).runs.values()]


def states(curves, **columns):
    return [found.state for found in diagnoses(swept(curves, **columns)).runs.values()]


def company(generator, runs=40, epochs=10, sd=0.01):
    """Flat runs whose noise the others are held against."""
    return [list(curve) for curve in generator.normal(0.5, sd, (runs, epochs))]


# The noise


def test_the_noise_of_one_window_is_its_second_differences_over_six():
    found = epoch_noise([np.array([9.0, 1.0, 2.0, 4.0, 3.0])])  # of the last four: 2 - 1 = 1, -1 - 2 = -3
    assert found.sd == pytest.approx(math.sqrt((1 + 9) / (6 * 2)))
    assert found.df == pytest.approx(144 / 104)  # covariance [[6, -4], [-4, 6]]: (12)² / (36 + 36 + 16 + 16)


def test_the_degrees_of_freedom_are_those_of_the_overlapping_differences():
    for m in (2, 3, 8):
        epochs = m + 2 if m == 2 else 3 * (m + 2)
        rows = np.diff(np.eye(m + 2), n=2, axis=0)
        covariance = rows @ rows.T
        assert window(epochs) == m + 2
        assert epoch_noise([np.zeros(epochs)] * 5).df == pytest.approx(5 * np.trace(covariance) ** 2 / (covariance**2).sum())


def test_the_noise_of_a_line_and_white_noise_is_that_of_the_white_noise(generator):
    lines = generator.normal(0, 1, (2000, 1)) * np.arange(12) + generator.normal(0, 5, (2000, 1))
    found = epoch_noise(list(lines + generator.normal(0, 0.02, (2000, 12))))
    assert found.sd == pytest.approx(0.02, rel=0.03)


@pytest.mark.parametrize(("runs", "epochs"), [(1, 10), (3, 5), (5, 30), (20, 12)])
def test_the_variance_scatters_as_its_degrees_of_freedom_say(runs, epochs, generator):
    drawn = generator.normal(0, 1, (3000, runs, epochs))
    found = [epoch_noise(list(curves)) for curves in drawn]
    variances = np.array([each.sd**2 for each in found])
    assert variances.mean() == pytest.approx(1, rel=0.06)
    assert 2 / variances.var() == pytest.approx(found[0].df, rel=0.15)


def test_a_curve_of_three_epochs_has_no_last_epochs_to_take_noise_from():
    assert epoch_noise([np.array([3.0, 2.0, 1.5])]) is None
    assert epoch_noise([]) is None


@pytest.mark.parametrize(("epochs", "expected"), [(4, 4), (12, 4), (13, 5), (30, 10), (100, 34)])
def test_the_last_epochs_are_a_third_and_four_at_least(epochs, expected):
    assert window(epochs) == expected


# What is planted is found


def test_a_steep_fall_improves(generator):
    found = diagnoses(swept([[0.9 - 0.03 * i for i in range(10)], *company(generator)])).runs["r0000"]
    assert found.text == "improving"
    assert found.slope == pytest.approx(-0.03)
    assert found.low <= found.slope <= found.high < 0


def test_a_loss_that_turned_overfits_from_the_epoch_of_its_minimum(generator):
    turned = [0.9, 0.8, 0.7, 0.6, 0.5, 0.52, 0.55, 0.58, 0.61, 0.64]
    assert texts([turned, *company(generator)])[0] == "overfitting from epoch 5"


def test_a_run_that_was_taken_back_to_its_best_epoch_did_not_overfit(generator):
    turned = [0.9, 0.6, 0.4, 0.3, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]
    curves = [turned, turned, *company(generator)]
    found = diagnoses(swept(curves, best_epoch=pd.array([None, 5, *[None] * 40], dtype="Int64")))
    assert [found.runs[log].state for log in ("r0000", "r0001")] == ["overfitting", "undecided"]
    assert found.runs["r0001"].text == "undecided: went back to its best epoch"


def test_a_minimum_in_the_last_two_epochs_is_no_overfitting(generator):
    assert states([[0.5] * 98 + [0.499, 0.585], *company(generator, epochs=100)])[0] != "overfitting"


def test_the_last_two_epochs_are_not_among_those_around_the_minimum(generator):
    others = company(generator, epochs=100)
    # 0.039 above 0.43, the mean of epochs 97 and 98; with epoch 99 it would be 0.026
    curve = [*(0.46 + 0.5 * (value - 0.5) for value in others[0][:96]), 0.45, 0.41, 0.469, 0.469]
    assert texts([curve, *others])[0] == "overfitting from epoch 98"


def test_a_short_rise_is_not_yet_overfitting(generator):
    rise = [0.465, 0.475, 0.48, 0.49]  # the last two lie above the first two, but not by enough at 0.05/4
    assert states([rise, *company(generator)])[0] == "rising"


def test_a_run_that_swings_oscillates_beside_quiet_ones(generator):
    swing = [0.5 + 0.2 * (-1) ** i for i in range(10)]
    found = diagnoses(swept([swing, *company(generator)]))
    assert found.runs["r0000"].state == "oscillating"
    assert found.noise.left_out == 1
    assert found.noise.sd == pytest.approx(0.01, rel=0.2)  # the swing is not in it


def test_two_runs_that_swing_do_not_hide_each_other(generator):
    wild = [[0.5 + size * (-1) ** i for i in range(10)] for size in (1e30, 0.3)]
    assert states([*wild, *company(generator)])[:2] == ["oscillating", "oscillating"]


def test_a_quiet_end_has_plateaued_from_eight_epochs_on(generator):
    curve = [0.500, 0.501, 0.500, 0.501, 0.500, 0.501, 0.500, 0.501]
    others = company(generator)
    assert states([curve, *others])[0] == "plateaued"
    assert states([curve[1:], *others])[0] == "undecided"  # seven epochs


def test_a_straight_fall_is_told_even_where_all_others_are_noisy(generator):
    straight = [0.5953, 0.5850, 0.5745, 0.5639, 0.5532]
    assert states([straight, *company(generator, epochs=5, sd=0.03)])[0] == "improving"


@pytest.mark.slow
def test_a_loss_that_falls_by_what_tells_two_epochs_apart_is_seldom_called_plateaued(generator):
    fall = 1.96 * math.sqrt(2) * 0.01 / (window(10) - 1) * np.arange(10)
    found = diagnoses(swept([*company(generator, 400), *(generator.normal(0.5, 0.01, (400, 10)) - fall)]))
    assert [each.state for each in found.runs.values()][400:].count("plateaued") <= 0.05 * 400 + 3 * math.sqrt(400 * 0.05 * 0.95)


@pytest.mark.slow
def test_ignorance_does_not_make_a_plateau(generator):
    found = [state for curve in generator.normal(0.5, 0.01, (300, 8)) for state in states([curve])]  # each run on its own
    assert found.count("plateaued") < 0.05 * len(found)


# What is not there is not found


@pytest.mark.parametrize(("runs", "epochs", "rounds"), [(1, 5, 500), (3, 5, 300), (30, 8, 60), (168, 5, 20), (30, 30, 50)])
@pytest.mark.slow
def test_flat_noise_is_seldom_called_anything(runs, epochs, rounds, generator):
    told = [states(list(generator.normal(1, 0.02, (runs, epochs)))) for _ in range(rounds)]
    flat = [state for each in told for state in each]
    slack = 3 * math.sqrt(0.05 * 0.95 / len(flat))
    for state in ("improving", "rising", "overfitting"):
        assert flat.count(state) / len(flat) <= 0.05 + slack
    assert sum("oscillating" in each for each in told) / rounds <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / rounds)
    assert "diverged" not in flat


def test_a_run_is_called_oscillating_in_one_study_of_twenty_at_most(generator):
    drawn = generator.normal(0, 1, (400, 168, 18))  # Satterthwaite's degrees of freedom would do so in one of eleven
    called = [oscillating(list(curves), np.ones(168, bool)).any() for curves in drawn]
    assert sum(called) / 400 <= 0.05


def test_overfitting_of_short_flat_runs_keeps_the_level_of_one_look(generator):
    found = states(list(generator.normal(1, 0.02, (8000, 5))))
    assert found.count("overfitting") / len(found) <= 0.05 / 5 + 3 * math.sqrt(0.01 / 8000)


def test_runs_of_one_kind_of_noise_only_do_not_oscillate():
    curves = [np.array(FLAT), np.array(FLAT)]
    assert not oscillating(curves, np.array([True, True])).any()
    assert not oscillating(curves[:1], np.array([True])).any()
    assert not oscillating([np.array(FLAT), np.ones(10)], np.array([True, True])).any()  # no noise to hold it against


# Diverged


def test_a_run_that_diverged_has_diverged_whatever_its_losses():
    assert texts([[0.5, 0.4, 0.3, 0.2], FLAT], status=["diverged", "finished"])[0] == "diverged"


@pytest.mark.parametrize("end", [math.nan, math.inf, -math.inf, 1e200])
def test_a_loss_that_is_no_number_has_diverged(end):
    assert texts([[0.5, end], [0.5, 0.4, 0.5, 0.4, end], [end], FLAT])[:2] == ["diverged", "diverged"]


def test_a_loss_above_that_of_guessing_has_diverged_where_the_classes_are_known(generator):
    lost = [2.3, 2.4, 2.5, 2.6, 2.6, 2.6, 2.6, 2.6]
    curves = [lost, lost, [2.6], *company(generator)]
    dataset = ["fashion_mnist", "another", "digits", *[None] * 40]
    found = texts(curves, **{"config.dataset": dataset})
    assert found[0] == found[2] == "diverged: worse than guessing"
    assert not found[1].startswith("diverged")
    assert not texts(curves)[0].startswith("diverged")


def test_the_noise_is_granted_to_a_loss_near_that_of_guessing(generator):
    near = [math.log(10) + 0.02] * 10  # where 3 standard deviations are 0.03
    assert not states([near, *company(generator)], **{"config.dataset": "digits"})[0].startswith("diverged")


# Long runs, and runs that were not scored after every epoch


def test_a_long_run_is_read_by_the_means_of_its_stretches(generator):
    flat, fall = generator.normal(0.5, 0.01, (12, 3000)), np.linspace(0.3, 0, 3000)
    up = np.abs(np.arange(3000) - 1500) / 10_000
    found = diagnoses(swept([*(flat[:10] + fall), flat[10], flat[11] + up]))
    runs = list(found.runs.values())
    assert [one.state for one in runs] == ["improving"] * 10 + ["plateaued", "overfitting"]
    assert abs(runs[-1].epoch - 1500) < 128
    assert runs[0].slope == pytest.approx(-0.0001, rel=0.1)  # an epoch
    assert found.noise.stretch == 64
    assert found.noise.sd == pytest.approx(0.01 / 64**0.5, rel=0.3)
    assert noise_words(found.noise, LOSS).startswith(
        "From one stretch of 64 epochs to the next a run's validation loss moves by ± 0.00"
    )


def test_a_slow_wander_of_a_long_run_is_no_improvement(generator):
    wander = np.zeros((40, 2000))
    for i in range(1, 2000):  # the losses of neighbouring epochs are alike, as those of real long runs are
        wander[:, i] = 0.9 * wander[:, i - 1] + generator.normal(0, 0.01, 40)
    told = states(list(0.5 + wander))
    assert told.count("improving") + told.count("overfitting") <= 8  # of epochs taken one by one nearly all would be


def test_runs_of_unlike_lengths_are_held_against_those_of_like_stretches(generator):
    found = diagnoses(swept([*company(generator, 6, 50), *company(generator, 12, 300)]))
    assert [(noise.stretch, noise.runs) for noise in found.noises] == [(8, 12), (1, 6)]
    assert found.noises[0].sd == pytest.approx(0.01 / 8**0.5, rel=0.25)


def test_a_loss_logged_every_fifth_epoch_is_judged(generator):
    sparse = np.full((20, 50), math.nan)
    sparse[:, 4::5] = generator.normal(0.5, 0.01, (20, 10)) - 0.06 * np.arange(10)
    found = list(diagnoses(swept(list(sparse))).runs.values())
    assert {one.state for one in found} == {"improving"}
    assert found[0].epochs == 10
    assert found[0].slope == pytest.approx(-0.012, rel=0.3)  # an epoch


def test_the_first_and_the_last_epoch_may_be_scored_besides(generator):
    sparse = [math.nan] * 23
    for i in (0, 4, 9, 14, 19, 22):
        sparse[i] = 0.5 - 0.01 * i
    assert texts([sparse, *company(generator)])[0] == "improving"


def test_overfitting_is_told_from_the_epoch_that_was_scored(generator):
    sparse = [math.nan] * 50
    sparse[4::5] = [0.9, 0.8, 0.7, 0.6, 0.5, 0.52, 0.55, 0.58, 0.61, 0.64]
    assert texts([sparse, *company(generator)])[0] == "overfitting from epoch 25"


@pytest.mark.slow
def test_a_million_epochs_take_less_than_two_seconds(generator):
    sweep = swept([generator.normal(0.5, 0.01, 1_000_000)])
    began = time.process_time()
    assert diagnoses(sweep).runs["r0000"].epochs == 1_000_000
    assert time.process_time() - began < 2


# Runs that did not learn


def scored(curves, scores, **columns):
    """The states of runs with validation losses and accuracies."""
    sweep = swept(curves, **columns)
    accuracy = [value for own in scores for value in own]
    return [
        one.text for one in diagnoses(Sweep(sweep.runs, sweep.epochs.assign(valid_accuracy=accuracy), sweep.problems)).runs.values()
    ]


def test_a_run_near_the_score_and_the_loss_of_guessing_did_not_learn(generator):
    lost = [2.3026, 2.3021, 2.3016, 2.3010, 2.3005]  # falls for sure, and by nothing
    learnt = [0.9, 0.7, 0.6, 0.55, 0.5]
    scores = [[0.09, 0.1, 0.106, 0.106, 0.106], [0.6, 0.7, 0.8, 0.8, 0.8]]
    assert scored([lost, learnt], scores, **{"config.dataset": "fashion_mnist"})[0] == "did not learn"
    assert scored([lost, learnt], scores, **{"config.dataset": "mine", "config.num_classes": 10})[0] == "did not learn"
    assert scored([lost, learnt], scores, **{"config.dataset": "CIFAR-10"})[0] == "did not learn"


def test_a_run_whose_score_left_chance_did_learn():
    slow = [2.3026, 2.2921, 2.2816, 2.2710, 2.2605]
    scores = [[0.1, 0.15, 0.2, 0.25, 0.28], [0.6, 0.7, 0.8, 0.8, 0.8]]
    assert scored([slow, [0.9, 0.7, 0.6, 0.55, 0.5]], scores, **{"config.dataset": "digits"})[0] == "improving"


def test_a_run_that_learnt_and_lost_it_again_is_not_said_never_to_have_learnt(generator):
    lost = [2.0, 1.0, 0.6, 0.5, 0.5, 0.5, 2.3, 2.3, 2.3, 2.3]
    found = scored([lost, *company(generator)], [[0.7] * 6 + [0.1] * 4] + [[0.8] * 10] * 40, **{"config.dataset": "digits"})
    assert found[0] == "overfitting from epoch 4"


def test_without_known_classes_a_run_that_stays_where_it_began_did_not_learn(generator):
    falls = [list(np.array([2.0, 1.2, 0.8, 0.6, 0.5]) + noise) for noise in generator.normal(0, 0.01, (8, 5))]
    stays = [2.3026, 2.3021, 2.3016, 2.3010, 2.3005]
    assert texts([*falls, stays])[-1] == "did not learn"
    assert texts([*falls, [0.5, 0.51, 0.5, 0.49, 0.5]])[-1] != "did not learn"  # it began where the others end
    assert "did not learn" not in texts([stays, stays])  # nobody got away from there


def test_a_run_whose_score_rises_learns_although_its_loss_stays(generator):
    falls = [[2.0, 1.2, 0.8, 0.6, 0.5]] * 4
    stays = [2.3026, 2.3021, 2.3016, 2.3010, 2.3005]
    scores = [[0.4, 0.6, 0.7, 0.75, 0.8]] * 4 + [[0.1, 0.2, 0.25, 0.27, 0.3]]
    assert scored([*falls, stays], scores)[-1] != "did not learn"


# Cannot tell, and degenerate inputs


def test_fewer_than_four_epochs_cannot_be_judged():
    assert texts([[0.5], [0.5, 0.4], [0.5, 0.4, 0.3], FLAT])[:3] == [
        "cannot tell: 1 epoch",
        "cannot tell: 2 epochs",
        "cannot tell: 3 epochs",
    ]


def test_a_gap_in_the_losses_is_no_divergence():
    assert texts([[0.5, math.nan, 0.4, 0.3, 0.2]]) == ["cannot tell: an epoch without validation loss"]


def test_a_log_without_validation_losses_says_so():
    sweep = swept([[math.nan, math.nan], FLAT])
    assert diagnoses(sweep).runs["r0000"].text == "cannot tell: no validation loss"
    without = Sweep(sweep.runs, sweep.epochs.drop(columns="valid_loss"), sweep.problems)
    assert diagnoses(without).runs["r0001"].text == "cannot tell: no validation loss"
    assert diagnoses(without).noise is None


def test_runs_without_curves_have_no_diagnosis():
    sweep = swept([FLAT])
    empty = Sweep(sweep.runs, sweep.epochs.iloc[:0], sweep.problems)
    assert diagnoses(empty).runs == {}
    nothing = Sweep(sweep.runs.iloc[:0], sweep.epochs.iloc[:0], sweep.problems)
    assert diagnoses(nothing).runs == {}


def test_a_constant_loss_has_plateaued_and_does_not_scatter():
    found = diagnoses(swept([[0.1] * 8, [0.1] * 5]))
    assert [each.state for each in found.runs.values()] == ["plateaued", "undecided"]
    assert noise_words(found.noise, LOSS) == (
        "From one epoch to the next a run's validation loss moves by nothing at random (2 runs)."
    )


def test_a_straight_line_has_no_noise_of_rounding():
    found = diagnoses(swept([[0.4, 0.3, 0.2, 0.1], [1.4, 1.3, 1.2, 1.1, 1.0], [1000.1, 1000.2, 1000.3, 1000.4]]))
    assert found.noise.sd == 0
    assert [each.state for each in found.runs.values()] == ["improving", "improving", "overfitting"]


def test_the_noise_is_that_of_the_runs_that_count(generator):
    curves = [*company(generator, 20), *company(generator, 20, sd=0.05)]
    found = diagnoses(swept(curves, used=[True] * 20 + [False] * 20, status=["finished"] * 20 + ["interrupted"] * 20))
    assert found.noise.runs == 20
    assert found.noise.sd == pytest.approx(0.01, rel=0.25)
    assert len(found.runs) == 40


def test_without_a_run_that_counts_long_curves_are_undecided():
    found = diagnoses(swept([FLAT], used=False, status="running"))
    assert found.noise is None
    assert found.runs["r0000"] == Diagnosis("r0000", "undecided", 10)


losses = st.one_of(st.floats(), st.sampled_from([0.5, 0.0, math.nan, math.inf, 1e100, 1e-320, -1.0]), st.floats(0, 3))


@given(st.lists(st.lists(losses, min_size=1, max_size=14), max_size=5), st.sampled_from(["finished", "running", "diverged"]))
@pytest.mark.slow
def test_no_series_of_losses_makes_a_crash_or_an_odd_word(curves, status):
    found = diagnoses(swept(curves, used=status == "finished", status=status, **{"config.dataset": "digits"}))
    assert len(found.runs) == len(curves)
    said = [counted(list(found.runs.values())), noise_words(found.noise, LOSS), *(each.text for each in found.runs.values())]
    assert not any(re.search(r"\b(nan|inf|None)\b", text) for text in said)
    for each in found.runs.values():
        assert each.state in (*WORDS, "undecided", "cannot tell")
        assert (each.epoch is not None) == (each.state == "overfitting")
        assert each.slope is None or each.low <= each.slope <= each.high


grid = st.integers(0, 400).map(lambda i: i / 256)  # exact in floats, also after shifts and scales by powers of two
groups = st.lists(st.lists(grid, min_size=1, max_size=14), min_size=1, max_size=6)


@given(groups, st.integers(-3, 3), st.integers(-4, 4))
@pytest.mark.slow
def test_shift_and_scale_of_the_loss_change_no_state(curves, shift, power):
    moved = [[(value + shift) * 2.0**power for value in curve] for curve in curves]
    assert texts(moved) == texts(curves)


@given(groups.flatmap(lambda curves: st.tuples(st.just(curves), st.permutations(range(len(curves))))))
@pytest.mark.slow
def test_the_order_of_the_runs_changes_nothing(drawn):
    curves, order = drawn
    assume(len(curves) > 1)
    straight, mixed = (diagnoses(swept(runs)) for runs in (curves, [curves[i] for i in order]))
    assert mixed.noise == straight.noise
    of = list(straight.runs.values())
    assert [(each.text, each.slope, each.low) for each in mixed.runs.values()] == [
        (of[i].text, of[i].slope, of[i].low) for i in order
    ]


@pytest.mark.slow
def test_ten_thousand_runs_take_less_than_two_seconds(generator):
    sweep = swept(list(generator.normal(0.5, 0.01, (10_000, 5))))
    began = time.process_time()
    assert len(diagnoses(sweep).runs) == 10_000
    assert time.process_time() - began < 2


# Words


def of(state, number=1, **fields):
    return [Diagnosis("a", state, 10, **fields)] * number


def test_a_set_of_runs_is_counted_in_a_sentence():
    turned = [found for epoch in (6, 8, 7) for found in of("overfitting", epoch=epoch)]
    assert counted([*of("undecided", 2), *of("improving", 4), *turned]) == (
        "3 of 9 runs overfitting from epoch 6 to 8, 4 still improving."
    )


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([], "No run has a learning curve."),
        (of("improving"), "1 of 1 run still improving."),
        (of("plateaued", 1234), "1,234 of 1,234 runs flat."),
        (of("overfitting", 2, epoch=3), "2 of 2 runs overfitting from epoch 3."),
        (of("oscillating") + of("diverged"), "1 of 2 runs fell apart, 1 unstable."),
        (of("did not learn", 3), "3 of 3 runs did not learn."),
        (of("cannot tell") + of("rising"), "1 of 2 runs got worse at the end."),
    ],
)
def test_counts_agree_with_their_verbs(found, expected):
    assert counted(found) == expected


@pytest.mark.parametrize(
    ("noise", "expected"),
    [
        (EpochNoise(0.0123, 200, 168), "± 0.012 at random (168 runs)."),
        (EpochNoise(0.00001, 1, 1), "± 0.00001 at random (1 run)."),
        (EpochNoise(1e-9, 1, 1), "less than 0.000001 at random (1 run)."),
        (
            EpochNoise(0.5, 9, 9, 1),
            "± 0.500 at random (9 runs, without 1 unstable).",
        ),
        (
            EpochNoise(0.5, 9, 9, 2),
            "± 0.500 at random (9 runs, without 2 unstable).",
        ),
    ],
)
def test_the_noise_is_told_with_its_source(noise, expected):
    assert noise_words(noise, LOSS) == f"From one epoch to the next a run's validation loss moves by {expected}"


def test_a_noise_that_is_not_known_is_not_told():
    assert noise_words(None, LOSS) == "No run that counts has 4 epochs, so the noise from epoch to epoch is not known."


# Logs


def test_logs_on_disk_are_diagnosed_by_the_name_of_their_folder(tmp_path, log, run):
    for i, curve in enumerate(([0.9, 0.7, 0.5, 0.3, 0.1], [0.5, 0.4, 0.45], None)):
        series = {"train_loss": curve, "valid_loss": curve} if curve else {}
        log(tmp_path, f"r{i}", run(seed=i, epochs=series))
    log(tmp_path, "r3", run(seed=3, status="diverged", metrics={}, epochs={"valid_loss": [0.5, math.nan]}))
    found = diagnoses(load_sweep(tmp_path))
    assert {name: each.text for name, each in found.runs.items()} == {
        "r0": "improving",
        "r1": "cannot tell: 3 epochs",
        "r3": "diverged",
    }
