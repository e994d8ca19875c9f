"""The sentences that tell an outcome: they say what its numbers say, and nothing else."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sweepbook.analysis.groups.summaries import Summary
from sweepbook.analysis.predictions import sentences as graded
from sweepbook.analysis.predictions.outcome import Outcome
from sweepbook.analysis.predictions.sentences import claim, settles
from sweepbook.analysis.predictions.sides import Part
from sweepbook.analysis.predictions.verdict import SAID
from sweepbook.analysis.stats.means import Mean
from sweepbook.analysis.words import form
from sweepbook.runner.prediction import At, Beats, Best, Better, GapAtMost, MattersMore, Trend

ACCURACY = "valid_accuracy"
A = Part("lr_0.1", ACCURACY, 3, 0.836, 0.821, 0.851)
B = Part("lr_0.2", ACCURACY, 1, 0.833, None, None)
LEAD = Outcome(
    Better("s", {"lr": [0.1]}, {"lr": [0.2]}, 0.0),
    (A, B),
    0.003,
    ACCURACY,
    True,
    low=-0.042,
    high=0.049,
    about="difference",
    resolves=0.063,
    seeds_needed=8,
)


def verdict(outcome):
    return graded.verdict(outcome, form(outcome.metric))


def found(outcome):
    return graded.found(outcome, form(outcome.metric))


def numbers(outcome):
    return graded.numbers(outcome, form(outcome.metric))


def test_what_cannot_be_told_has_its_difference_what_the_runs_resolve_and_what_would_decide():
    assert verdict(LEAD) == (
        "Open: a lead of +0.3 points (-4.2 to +4.9), 3 runs against 1. "
        "A distance of 6.3 points is seen in 8 of 10 such studies. "
        "For the 0.3 points seen, 7 more seeds each would settle it; more, if the true distance is smaller."
    )


def test_the_examples_in_the_docs_are_what_is_printed():
    page = (Path(__file__).parents[3] / "docs" / "verdicts.md").read_text()
    one = replace(LEAD, parts=(replace(A, n=1), B), seeds_needed=31)
    unknown = replace(one, estimate=0.08, low=None, high=None, resolves=None, tipping=0.0192)
    assert re.findall("```text\n(.*)\n```", page) == [verdict(one), verdict(unknown)]


def test_a_verdict_has_its_number_its_interval_and_its_runs():
    outcome = replace(LEAD, verdict="confirmed", estimate=0.03, low=0.011, high=0.049)
    assert (
        verdict(outcome)
        == "Held: a lead of +3.0 points (+1.1 to +4.9), 3 runs against 1. A distance of 6.3 points is seen in 8 of 10 such studies."
    )
    outcome = replace(outcome, prediction=replace(LEAD.prediction, by=0.1), verdict="refuted", bounds=(0.1, None))
    assert verdict(outcome).startswith(
        "Did not hold: a lead of +3.0 points (+1.1 to +4.9) where 10 points or more was expected, 3 runs"
    )


def test_a_distance_to_a_claim_is_named_as_such():
    outcome = replace(LEAD, prediction=replace(LEAD.prediction, by=0.01), bounds=(0.01, None), seeds_needed=1)
    assert verdict(outcome).endswith(
        "For the 0.7 points to 1 point, 1 more seed each would settle it; more, if the true distance is smaller."
    )


def test_what_more_than_a_thousand_seeds_would_decide_is_said_to_be_so():
    assert verdict(replace(LEAD, seeds_needed=None)).endswith(
        "The 0.3 points seen cannot be settled with a number of seeds that anyone runs."
    )
    exact = replace(LEAD, estimate=0.0, seeds_needed=None)
    assert verdict(exact).endswith("The number lies on the bound itself, where no number of seeds decides.")


def test_an_unknown_noise_gives_the_noise_at_which_it_would_be_told():
    outcome = replace(LEAD, low=None, high=None, resolves=None, seeds_needed=None, tipping=0.004)
    told = "Open: a lead of +0.3 points, 3 runs against 1. The noise is not known: "
    assert verdict(outcome) == told + "it would hold only if the standard deviation between seeds were below 0.4 points."
    behind = verdict(replace(outcome, estimate=-0.003))
    assert behind.endswith("it would not hold only if the standard deviation between seeds were below 0.4 points.")
    assert verdict(replace(outcome, tipping=None)) == "Open: a lead of +0.3 points, 3 runs against 1. The noise is not known."


VALUE = replace(LEAD, prediction=At("s", {"lr": [0.1]}, 0.8, None), parts=(A,), difference=False, estimate=0.836, about="value")
VALUE = replace(VALUE, low=0.821, high=0.851, bounds=(0.8, None), verdict="confirmed")
CURVE = tuple(Part(str(2**i), ACCURACY, 3, 0.7 + i / 100, None, None) for i in range(4))
TREND = replace(LEAD, prediction=Trend("s", "increasing", "lr"), parts=CURVE, about="rise", tests=4)
GAP = replace(
    VALUE, prediction=GapAtMost("s", 0.1, {"lr": [0.1]}), metric="gap", estimate=0.05, low=0.02, high=0.08, bounds=(None, 0.1)
)
BEST = replace(LEAD, prediction=Best("s", {"lr": [0.1]}), about="bests", tests=3)


@pytest.mark.parametrize(
    ("outcome", "start"),
    [
        (VALUE, "Held: 83.6% (82.1 to 85.1) where at least 80% was expected, 3 runs."),
        (GAP, "Held: a gap of +0.050 (+0.020 to +0.080) where at most 0.1 was expected, 3 runs."),
        (replace(GAP, prediction=GapAtMost("s", 0.1, {})), "Held: the widest gap of +0.050"),
        (
            TREND,
            "Open: the fitted line changes by +0.3 points (-4.2 to +4.9) from the first level to the last, "
            "12 runs at 4 levels (95%, corrected for 4 tests).",
        ),
        (
            replace(TREND, verdict="refuted", about="step", between=("2", "4"), estimate=-0.03, low=-0.05, high=-0.01),
            "Did not hold: from 2 to 4 it changes by -3.0 points (-5.0 to -1.0), against the trend, 12 runs at 4 levels",
        ),
        (
            replace(TREND, prediction=Trend("s", "diminishing", "lr"), about="bend"),
            "Open: in the middle the curve lies +0.3 points (-4.2 to +4.9) above a straight line",
        ),
        (
            replace(TREND, prediction=Trend("s", "diminishing", "lr")),
            "Open: the fitted line gains +0.3 points (-4.2 to +4.9) from the first level to the last",
        ),
        (
            BEST,
            "Open: a lead of +0.3 points (-4.2 to +4.9) over the best of the others, 3 runs against 1 (95%",
        ),
        (
            replace(LEAD, prediction=MattersMore("s", "lr", "units1"), about="ranges"),
            "Open: over the levels tested the range of learning rate less that of first-layer units is +0.3 points",
        ),
        (
            replace(BEST, prediction=Beats("s", "lr")),
            "Open: a lead of +0.3 points (-4.2 to +4.9) over the best of lr",
        ),
    ],
)
def test_every_kind_has_its_words(outcome, start):
    assert verdict(outcome).startswith(start)


def test_an_interval_that_its_digits_bring_to_the_bound_is_said_to_end_short_of_it():
    outcome = replace(LEAD, verdict="confirmed", estimate=0.03, low=0.0002, high=0.06)
    assert "(+0.02 to +6.00), 3 runs against 1; the interval ends just short of the bound." in verdict(outcome)
    assert "just short" not in verdict(replace(outcome, low=0.002))


def test_what_is_missing_and_what_moved_along_is_said_last():
    outcome = replace(LEAD, verdict="refuted", missing=("lr_0.3", "lr_0.4"), as_run=True, as_run_because=("SB101",))
    assert verdict(outcome).endswith(
        "Without a finished run, and so not in this: lr_0.3, lr_0.4. As run (SB101): no cause is shown."
    )
    plain = replace(LEAD, verdict="confirmed", as_run=True, as_run_because=("SB104", "SB105"))
    assert verdict(plain).endswith("As run (SB104, SB105): no cause is shown.")


def test_what_cannot_be_told_does_not_hold_as_run():
    for outcome, codes in ((LEAD, ("SB101", "SB105")), (replace(GAP, verdict="cannot tell"), ("SB107", "SB111"))):
        assert verdict(replace(outcome, as_run=True, as_run_because=codes)) == verdict(outcome)
    gap = replace(GAP, as_run=True, as_run_because=("SB107",))
    assert verdict(gap).endswith("As run (SB107): the gap itself is in question.")


def test_a_prediction_that_came_late_is_said_to_have_whatever_its_verdict():
    late = "It was written or changed after results existed (SB110)."
    assert verdict(replace(LEAD, as_run=True, as_run_because=("SB101", "SB110"))) == f"{verdict(LEAD)} {late}"
    both = replace(VALUE, as_run=True, as_run_because=("SB101", "SB110"))
    assert verdict(both).endswith(f"As run (SB101): no cause is shown. {late}")


def test_a_side_without_runs_is_too_few_runs():
    bare = Outcome(LEAD.prediction, (A,), None, ACCURACY, True, missing=("lr_0.2",))
    assert verdict(bare) == "Open: too few finished runs. Without a finished run, and so not in this: lr_0.2."
    assert (found(bare), settles(bare)) == ("too few finished runs", "the runs that are missing")


def test_what_can_never_be_compared_says_why_and_has_no_numbers():
    bare = Outcome(LEAD.prediction, (A,), None, ACCURACY, True, reason="no configuration has lr = 9")
    assert (verdict(bare), found(bare)) == ("Open: no configuration has lr = 9.", "no configuration has lr = 9")
    assert (numbers(bare), settles(bare)) == ("", "another plan")


def test_runs_that_log_no_gap_are_not_said_to_be_missing():
    bare = Outcome(GAP.prediction, (), None, "gap", False, missing=("a", "b"), unlogged=("b",))
    assert verdict(bare) == (
        "Open: too few finished runs that log their gap. Without a finished run, and so not in this: a. "
        "Without a run that logs its gap, and so not in this: b."
    )
    assert found(bare) == "too few finished runs that log their gap"


def test_one_configuration_on_both_sides_is_said_to_be_one():
    same = replace(BEST, prediction=Beats("s", "lr"), parts=(A, A), estimate=0.0, resolves=None, seeds_needed=None)
    assert verdict(same).endswith("Both sides are the same configuration.")


def test_the_numbers_stand_beside_the_prediction():
    assert numbers(LEAD) == "Compared: lr_0.1 83.6% (82.1 to 85.1; 3 runs); lr_0.2 83.3% (1 run)."
    assert (
        numbers(BEST) == "Compared: best of these: lr_0.1 83.6% (82.1 to 85.1; 3 runs); best of the others: lr_0.2 83.3% (1 run)."
    )
    assert numbers(TREND) == "Compared: 1: 70.0% (3 runs), 2: 71.0% (3 runs), 4: 72.0% (3 runs), 8: 73.0% (3 runs)."
    gap = Part("lr_0.1", "gap", 2, 0.05, None, None)
    assert found(replace(GAP, prediction=GapAtMost("s", 0.1, {}), parts=(gap,))) == "widest +0.050 (+0.020 to +0.080), lr_0.1"
    wide = Part("lr, range of 3 levels", ACCURACY, 9, 0.05, 0.02, 0.08, factor="lr")
    matters = replace(LEAD, prediction=MattersMore("s", "lr", "units1"), parts=(wide, wide))
    assert numbers(matters).startswith("Compared: learning rate, range of 3 levels 5.0 points (2.0 to 8.0; 9 runs);")


@pytest.mark.parametrize(
    ("prediction", "text"),
    [
        (Better("s", {}, {}, 0.0), "ahead"),
        (Better("s", {}, {}, 0.2), "ahead by 20 points or more"),
        (Better("s", {}, {}, -0.005), "behind by 0.5 points at most"),
        (At("s", {}, 0.75, 0.8), "75% to 80%"),
        (At("s", {}, 0.75, None), "at least 75%"),
        (At("s", {}, None, 0.8), "at most 80%"),
        (Trend("s", "diminishing", "lr"), "better by less and less over learning rate"),
        (GapAtMost("s", 0.1, {}), "gap of at most 0.1"),
        (Beats("s", "lr"), "ahead of the best of lr"),
        (Best("s", {}), "ahead of all others"),
        (Trend("s", "increasing", "lr"), "rising over learning rate"),
        (MattersMore("s", "lr", "units1"), "a wider range than first-layer units"),
    ],
)
def test_a_claim_in_numbers(prediction, text):
    assert claim(replace(LEAD, prediction=prediction)) == text


STEP = {"about": "step", "between": ("2", "4"), "estimate": -0.03, "low": -0.05, "high": -0.01}


@pytest.mark.parametrize(
    ("outcome", "text"),
    [
        (LEAD, "83.6% against 83.3%: +0.3 points (-4.2 to +4.9)"),
        (BEST, "lr_0.1 83.6% against lr_0.2 83.3%: +0.3 points (-4.2 to +4.9)"),
        (VALUE, "83.6% (82.1 to 85.1)"),
        (GAP, "+0.050 (+0.020 to +0.080)"),
        (TREND, "+0.3 points (-4.2 to +4.9) from 1 to 8"),
        (replace(TREND, **STEP), "-3.0 points (-5.0 to -1.0) from 2 to 4"),
        (replace(TREND, about="bend"), "+0.3 points (-4.2 to +4.9) above a straight line in the middle"),
        (
            replace(LEAD, prediction=MattersMore("s", "lr", "units1"), parts=(replace(A, mean=0.05), replace(B, mean=0.02))),
            "5.0 against 2.0 points: +0.3 points (-4.2 to +4.9)",
        ),
        (replace(LEAD, low=None, high=None), "83.6% against 83.3%: +0.3 points"),
    ],
)
def test_what_was_found_stands_beside_what_was_expected(outcome, text):
    assert found(outcome) == text


def test_an_end_of_the_interval_that_others_set_is_said_to_be_theirs():
    wide = replace(BEST, low=-0.09, ends=(("lr_0.1", "lr_0.4"), None))
    assert found(wide) == "lr_0.1 83.6% against lr_0.2 83.3%: +0.3 points (-9.0 to +4.9); lower end: lr_0.1 against lr_0.4"
    assert verdict(wide).endswith("The lower end is that of lr_0.1 against lr_0.4.")


def test_what_is_open_says_what_would_settle_it_and_what_is_not_says_nothing():
    assert settles(LEAD) == "7 more seeds each"
    assert settles(replace(LEAD, seeds_needed=2)) == "1 more seed each"
    assert settles(replace(LEAD, seeds_needed=101)) == "100 more seeds each"
    assert settles(replace(LEAD, seeds_needed=102)) == "more seeds than anyone runs"
    assert settles(replace(LEAD, seeds_needed=None)) == "more seeds than anyone runs"
    assert settles(replace(LEAD, estimate=0.0)).startswith("no number of seeds")
    assert settles(replace(LEAD, low=None, high=None, tipping=0.01)) == "runs that show the noise"
    assert settles(replace(LEAD, parts=(A, A), resolves=None)).startswith("nothing")
    assert settles(replace(LEAD, verdict="confirmed")) == ""
    several = replace(LEAD, parts=(of("a", ran("a", (0, 1, 2, 3, 4)), ran("b", (0, 1))), of("c", ran("c"))))
    assert (several.seeds_needed, several.more_seeds) == (8, 6)


NUMBERS = st.floats(-0.9, 0.9)


@given(
    st.sampled_from([LEAD, VALUE, TREND, GAP, BEST]),
    NUMBERS,
    NUMBERS,
    NUMBERS,
    st.sampled_from(["confirmed", "refuted", "cannot tell"]),
)
def test_every_outcome_is_told_in_whole_sentences(outcome, estimate, low, high, told_verdict):
    told = verdict(replace(outcome, estimate=estimate, low=low, high=high, verdict=told_verdict))
    assert told.startswith(f"{SAID[told_verdict].capitalize()}: ")
    assert told.endswith(".")
    assert "None" not in told
    assert "  " not in told


def ran(label, seeds=(0, 1, 2)):
    """A configuration that ran with these seeds."""
    mean = Mean(len(seeds), 0.8, None, 0, None)
    logs = tuple(f"{label}-{seed}" for seed in seeds)
    return Summary(label, label, (label,), {}, logs, seeds, {}, {ACCURACY: mean}, None, None, None, None, None)


def of(name, *behind):
    """The part of a prediction that is the mean over these configurations."""
    return Part(name, ACCURACY, sum(s.n for s in behind), 0.8, None, None, behind)


def test_a_run_that_stands_at_several_levels_is_counted_once():
    a, b, c, d = map(ran, "abcd")
    parts = (of("0.0", a), of("0.5", b, c), of("0.9", b, c, d))
    assert ", 4 configurations at 3 levels, the same 3 seeds (95%" in verdict(replace(TREND, parts=parts))
    alone = tuple(of(name, one) for name, one in (("0.0", a), ("0.5", a), ("0.9", b), ("1.0", c)))
    assert ", 3 configurations at 4 levels, the same 3 seeds (95%" in verdict(replace(TREND, parts=alone))


def test_a_side_of_several_configurations_tells_these_and_that_their_seeds_are_the_same():
    ours, theirs = [ran(f"a{i}") for i in range(12)], [ran(f"b{i}") for i in range(24)]
    outcome = replace(LEAD, parts=(of("lr 0.1", *ours), of("lr 0.2", *theirs)))
    assert ", 12 configurations against 24, the same 3 seeds. " in verdict(outcome)
    assert (
        numbers(outcome)
        == "Compared: lr 0.1 80.0% (12 configurations, the same 3 seeds); lr 0.2 80.0% (24 configurations, the same 3 seeds)."
    )
    other = replace(outcome, parts=(outcome.parts[0], of("lr 0.2", ran("c", (7,)))))
    assert ", 12 configurations against 1, 37 runs. " in verdict(other)


def test_the_levels_of_a_trend_tell_their_configurations():
    parts = tuple(of(level, ran(f"{level}a"), ran(f"{level}b")) for level in ("16", "32"))
    assert numbers(replace(TREND, parts=parts)) == "Compared: 16: 80.0% (2 configurations), 32: 80.0% (2 configurations)."


def test_two_ranges_over_the_same_configurations_are_of_these_once():
    grid = [ran(f"c{i}") for i in range(36)]
    ranges = replace(LEAD, parts=(of("lr, range of 6 levels", *grid), of("units1, range of 6 levels", *grid)))
    assert ", 36 configurations, the same 3 seeds. " in verdict(ranges)
