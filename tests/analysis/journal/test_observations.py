"""What stood out in training is named by its kind, with the configurations and how many of their runs; nothing else is."""

import pytest
from sweepbook.analysis.findings.curvewords import curve_words
from sweepbook.analysis.findings.findings import findings
from sweepbook.analysis.groups.curves import learning_curves
from sweepbook.analysis.journal.observations import lost_runs, nothing_stood_out, stood_out
from sweepbook.analysis.logs.sweep import load_sweep

PLAN = '[study]\ntitle = "T"\n[[group]]\nname = "all"\nwhere = {}\n'
LOG_10 = 2.302585


def falling(by=0.02, epochs=8, start=1.0):
    return [start - by * epoch for epoch in range(epochs)]


@pytest.fixture
def seen(tmp_path, log, run, plan):
    """What stood out of runs, each (rate, seed, score, validation losses, further fields), by kind; and all that it came from."""

    def make(*runs):
        study = plan(tmp_path / "study", PLAN)
        for place, (rate, seed, score, losses, fields) in enumerate(runs):
            series = {"train_loss": [0.9 * one for one in losses], "valid_loss": losses} if losses else {}
            changes = {"seed": seed, "minute": place, "label": f"lr_{rate}", "config": {"dataset": "digits", "lr": rate}} | fields
            log(tmp_path / "logs", f"r{place:02}", run(score, epochs=series, **changes))
        sweep = load_sweep(tmp_path / "logs")
        found = findings(sweep, study)
        return dict(stood_out(found.groups[0], found, learning_curves(sweep, found.ranking), lost_runs(sweep))), found

    return make


def wiggly(values, seed):
    """The values with a little noise, which tells a course from it."""
    return [value + 0.002 * ((7 * place + 3 * seed) % 5 - 2) for place, value in enumerate(values)]


def of(rate, values, scores=(0.7, 0.71, 0.705), fields=None):
    return [(rate, seed, score, wiggly(values, seed), fields or {}) for seed, score in enumerate(scores)]


def test_runs_that_were_still_improving_are_counted_and_named_where_all_of_a_few_were(seen):
    kinds, _ = seen(*of(0.01, falling()), *of(0.1, [0.5] * 16))
    assert kinds["Stopped while still improving"] == "3 of 6 runs, among them all of learning rate 0.01."
    assert kinds["Flat at the end"] == "learning rate 0.1."


def test_one_run_of_many_that_is_flat_or_still_improving_is_not_worth_a_line(seen):
    flat, still = [0.5] * 16, falling()
    mixed = [(0.01, seed, score, wiggly(values, seed), {}) for seed, score, values in ((0, 0.7, flat), (1, 0.71, still))]
    kinds, _ = seen(*mixed, *of(0.1, [1.0, 0.8, 0.6, 0.5, 0.6, 0.7, 0.8, 0.9]))
    assert not {"Flat at the end", "Stopped while still improving"} & kinds.keys()


def test_overfitting_is_told_with_the_epoch_from_which_on(seen):
    kinds, _ = seen(*of(0.01, falling()), *of(0.1, [1.0, 0.8, 0.6, 0.5, 0.6, 0.7, 0.8, 0.9]))
    assert kinds["Overfitting"] == "learning rate 0.1 from epoch 4 (3 of 3 runs)."


def test_runs_that_fell_apart_are_told_with_their_epoch(seen):
    lost = {"status": "diverged", "metrics": {"train_loss": 0.5, "valid_loss": float("nan"), "valid_accuracy": 0.1}}
    some = [(0.1, 0, 0.7, falling(), {}), (0.1, 1, 0.1, [0.9, 0.8, float("inf")], lost), (0.1, 2, 0.1, [0.9, float("inf")], lost)]
    kinds, _ = seen(*of(0.01, falling()), *some)
    assert kinds["Fell apart"] == "learning rate 0.1 in epoch 2 to 3 (2 of 3 runs)."


def test_a_configuration_that_learnt_nothing_is_said_to_score_near_guessing(seen):
    kinds, _ = seen(*of(0.01, falling()), *of(0.1, [LOG_10] * 8, (0.1, 0.11, 0.09)))
    assert kinds["Did not learn"] == "learning rate 0.1 (3 of 3 runs)."
    assert kinds["Near guessing"] == "learning rate 0.1 (10.0%, guessing 10.0%)."


def test_seeds_that_end_far_apart_are_said_to_disagree(seen):
    steady = [run for rate in (0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07) for run in of(rate, falling())]
    kinds, _ = seen(*steady, *of(0.1, falling(), (0.3, 0.71, 0.5)))
    assert kinds["Seeds disagree"] == "learning rate 0.1 (30.0 to 71.0%)."


def test_where_nothing_stood_out_one_sentence_says_so(seen):
    kinds, found = seen(*of(0.01, [0.5, 0.49, 0.48]), *of(0.1, [0.5, 0.49, 0.47]))
    assert kinds == {}
    assert nothing_stood_out(found.groups[0], found) == "The curves are too short."


def test_logs_without_curves_are_said_to_have_none(seen):
    kinds, found = seen(*((rate, seed, 0.7 + seed / 100, [], {}) for rate in (0.01, 0.1) for seed in (0, 1)))
    assert kinds == {}
    assert nothing_stood_out(found.groups[0], found) == "The logs hold no learning curves."


def test_a_curve_has_one_word_and_what_can_not_be_judged_has_none(seen):
    _, found = seen(*of(0.01, falling()), *of(0.1, [0.5] * 16), *of(0.2, [0.5, 0.4]))
    by_rate = {s.config["lr"]: curve_words(found.diagnoses.of(s.logs)) for s in found.ranking}
    assert by_rate == {0.01: "still improving", 0.1: "flat", 0.2: ""}
