import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sweepbook.analysis.diff.comparisons import FALSE, VERDICTS, comparisons, direction, paired, together
from sweepbook.analysis.diff.diff import Options, sweep_diff
from sweepbook.analysis.diff.matching import Matching
from sweepbook.analysis.diff.noises import noises

pytestmark = pytest.mark.slow

MIRRORED = {"better": "worse", "worse": "better", "same": "same", "cannot tell": "cannot tell"}


def sweep(k=4, n=3, seed=0, shift=0.0, planted=0.0):
    """Configurations of a sweep: accuracies around 0.5 with a noise of 0.01; the last one has `planted` on top."""
    draw = np.random.default_rng(seed)
    scores = 0.5 + 0.02 * np.arange(k)[:, None] + 0.01 * draw.normal(size=(k, n)) + shift
    scores[-1] += planted
    return [({"lr": 0.5**i}, row.tolist()) for i, row in enumerate(scores)]


def diff(old, new, **options):
    return sweep_diff(old, new, Options(**options))


# a sweep against itself, and swapped


def test_a_sweep_is_the_same_as_itself_in_everything(built):
    found = diff(built("old", *sweep()), built("new", *sweep()))
    assert {one.verdict for one in found.comparisons} == {"same"}
    assert all((one.change.low, one.change.estimate, one.change.high) == (0, 0, 0) for one in found.comparisons)
    assert all(one.same_runs and not one.by_seed for one in found.comparisons)
    assert (found.turned, found.entered, found.left, found.resized, found.stopped, found.times) == ((), (), (), (), (), None)
    assert found.main.counts["same"] == found.main.pairs == 4
    assert not found.main.told
    assert found.agreement.tau == 1
    assert found.decided
    assert not found.regressed


@pytest.mark.parametrize("first", [0, 50])
@pytest.mark.parametrize("n", [1, 2, 4])
def test_swapped_sweeps_mirror_every_sign(built, n, first):
    changed = [({**config, "weight_decay": 0.01}, scores) for config, scores in sweep(5, n, seed=1, planted=0.2)]
    old, new = built("old", *sweep(4, n)), built("new", *changed, first=first)
    there, back = diff(old, new), diff(new, old)
    other = {(one.metric, one.pair[1].id): one for one in back.comparisons}
    assert len(there.comparisons) == len(other) == 12
    for one in there.comparisons:
        mirror = other[one.metric, one.pair[0].id]
        assert mirror.verdict == MIRRORED[one.verdict]
        assert mirror.change.estimate == pytest.approx(-one.change.estimate)
        assert mirror.p == pytest.approx(one.p)
        ends = (one.change.low, one.change.high)
        assert (mirror.change.high, mirror.change.low) == (ends if n == 1 else tuple(pytest.approx(-end) for end in ends))
    for metric, one in there.overall.items():
        mirror = back.overall[metric]
        assert (mirror.told, mirror.seeds_known) == (one.told, one.seeds_known)
        assert mirror.change.estimate == pytest.approx(-one.change.estimate)
        assert mirror.change.low == pytest.approx(-one.change.high)
        assert mirror.counts == {MIRRORED[verdict]: count for verdict, count in one.counts.items()}
    assert [e.id for e in back.matching.removed] == [e.id for e in there.matching.added]
    assert back.agreement.tau == there.agreement.tau
    assert (back.entered, back.left) == (there.left, there.entered)
    assert {(t.kind, t.group, t.old, t.new) for t in back.turned} == {(t.kind, t.group, t.new, t.old) for t in there.turned}


# verdicts


def test_a_large_change_of_one_configuration_is_told_and_the_rest_is_not(built):
    found = diff(built("old", *sweep(6)), built("new", *sweep(6, seed=1, planted=0.2)))
    told = {one.label: one.verdict for one in found.of("valid_accuracy")}
    assert told == {**{f"c{i}": "cannot tell" for i in range(5)}, "c5": "better"}
    assert {one.verdict for one in found.of("valid_loss") if one.label == "c5"} == {"better"}
    assert not found.regressed
    assert found.decided


def test_what_got_worse_is_a_regression(built):
    found = diff(built("old", *sweep(6)), built("new", *sweep(6, seed=1, planted=-0.2)))
    assert [one.label for one in found.comparisons if one.verdict == "worse"] == ["c5"] * 3
    assert found.regressed


def test_a_lower_loss_is_better_whatever_the_study_is_ranked_by(built):
    new = built("new", *sweep(6, seed=1, planted=0.2), metric="valid_loss")
    found = diff(built("old", *sweep(6), metric="valid_loss"), new)
    (one,) = (one for one in found.of("valid_loss") if one.label == "c5")
    assert one.change.high < 0
    assert (one.verdict, found.direction, found.metric) == ("better", -1, "valid_loss")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("valid_loss", -1), ("top5_accuracy", 1), ("bleu", 1), ("val_ppl", -1), ("hinge_loss", -1), ("closs", -1), ("temperature", 0)],
)
def test_which_way_a_metric_is_better_goes_by_its_name(built, name, expected):
    assert direction(name, *[built("new", *sweep(1))] * 2) == expected


def test_a_metric_of_which_no_one_knows_which_way_is_better_is_not_compared(built):
    fields = {"metrics": {"valid_accuracy": 0.5, "sharpness": 3.0}}
    configs = [(*one, fields) for one in sweep(3)]
    found = diff(built("old", *configs), built("new", *configs))
    assert found.unclear == ("sharpness",)
    assert {one.metric for one in found.comparisons} == {"valid_accuracy"}


def test_a_change_within_the_margin_counts_as_none(built):
    old, new = built("old", *sweep(6, n=5)), built("new", *sweep(6, n=5, seed=1, shift=0.004))
    narrow, wide = diff(old, new, margin=0.001), diff(old, new, margin=0.2)
    assert {one.verdict for one in narrow.of("valid_accuracy")} == {"cannot tell"}
    assert {one.verdict for one in wide.of("valid_accuracy")} == {"same"}
    assert {one.verdict for one in wide.of("valid_loss")} == {"cannot tell"}


def test_single_runs_whose_noise_no_one_knows_tell_nothing(built):
    found = diff(built("old", *sweep(4, n=1)), built("new", *sweep(4, n=1, seed=1, shift=0.3)))
    assert {(one.verdict, one.change.low, one.p) for one in found.comparisons} == {("cannot tell", None, 1.0)}
    assert not found.main.told
    assert not found.decided
    assert not found.regressed


def test_the_noise_of_one_side_does_for_single_runs_of_the_other(built):
    found = diff(built("old", *sweep(6, n=4)), built("new", *sweep(6, n=1, seed=1, planted=0.2)))
    assert [one.label for one in found.of("valid_accuracy") if one.verdict == "better"] == ["c5"]


def test_one_configuration_alone_has_no_overall_interval(built):
    found = diff(built("old", *sweep(1)), built("new", *sweep(1, seed=1)))
    assert found.main.change.low is None
    assert not found.main.told


def test_runs_of_the_same_seeds_are_held_against_each_other(built):
    found = diff(built("old", *sweep(6)), built("new", *sweep(6, seed=1)))
    other = diff(built("a", *sweep(6)), built("b", *sweep(6, seed=1), first=50))
    assert all(one.by_seed for one in found.comparisons)
    assert not any(one.by_seed for one in other.comparisons)


def test_a_shift_of_every_configuration_is_told_together_before_it_is_told_of_each(built):
    found = diff(built("old", *sweep(12)), built("new", *sweep(12, seed=1, shift=-0.02)))
    assert found.main.told
    assert found.main.change.high < 0
    assert found.main.counts["worse"] < 12
    assert found.regressed


def test_configurations_that_repeat_the_same_runs_are_the_same_while_others_are_compared(built):
    new = [*sweep(6)[:3], *sweep(6, seed=1)[3:]]
    found = diff(built("old", *sweep(6)), built("new", *new))
    assert [one.verdict for one in sorted(found.of("valid_accuracy"), key=lambda one: one.label)][:3] == ["same"] * 3
    assert [one.same_runs for one in sorted(found.of("valid_accuracy"), key=lambda one: one.label)] == [True] * 3 + [False] * 3


def test_runs_that_were_added_to_the_same_ones_leave_less_to_differ(built):
    old, more = sweep(6, n=3), sweep(6, n=4)
    new = [(config, [*scores, extra[-1]]) for (config, scores), (_, extra) in zip(old, more, strict=True)]
    found = diff(built("old", *old), built("new", *new))
    noise = found.noises[1]["valid_accuracy"]
    half = found.comparisons[0].change.high - found.comparisons[0].change.estimate
    assert not any(one.same_runs for one in found.comparisons)
    assert half < 0.6 * noise.sd * 5 * (1 / 3 + 1 / 4) ** 0.5


def test_a_run_that_takes_longer_is_told_by_its_ratio(built):
    found = diff(built("old", *sweep(4), seconds=2.0), built("new", *sweep(4, seed=1), seconds=3.0))
    assert (found.times.pairs, found.times.ratio) == (4, pytest.approx(1.5))


def test_models_of_another_size_are_named(built):
    found = diff(built("old", *sweep(2), parameters=10), built("new", *sweep(2, seed=1), parameters=12))
    assert [(a.parameters, b.parameters) for a, b in found.resized] == [(10, 12)] * 2


def test_the_ranking_of_another_metric_is_compared_by_that_metric(built):
    found = diff(built("old", *sweep(4)), built("new", *sweep(4, seed=1)), metric="valid_loss")
    assert (found.metric, found.direction) == ("valid_loss", -1)
    assert found.comparisons[0].metric == "valid_loss"


def test_very_large_and_very_small_values_are_compared_as_any_others(built):
    for scale in (1e-30, 1e60):
        sides = []
        for name, seed in (("old", 0), ("new", 1)):
            configs = sweep(6, seed=seed, planted=0.3 * seed)
            runs = [
                (config, [0.5], {"seed": i, "metrics": {"bleu": y * scale}}) for config, ys in configs for i, y in enumerate(ys)
            ]
            sides.append(built(f"{name}{scale}", *runs, metric="bleu"))
        found = diff(*sides)
        assert sorted(one.verdict for one in found.comparisons) == ["better", *["cannot tell"] * 5]


# by simulation

SCRIPT = Path(__file__).parents[3] / "benchmarks" / "differing.py"
simulated = pytest.mark.skipif(not SCRIPT.is_file(), reason="the benchmarks are not here")


def load():
    spec = importlib.util.spec_from_file_location("differing", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules["differing"] = module  # its dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module


differing = load() if SCRIPT.is_file() else None


@pytest.mark.slow
@simulated
@pytest.mark.parametrize(
    ("configs", "runs", "seeds", "moved"),
    [(12, 3, "same", 0.0), (12, 3, "other", 0.0), (12, 3, "same, luck anew", 0.3), (12, 3, "other", 0.6), (4, 5, "other", 0.6)],
)
def test_two_sweeps_without_a_change_are_told_apart_in_at_most_a_twentieth(configs, runs, seeds, moved):
    wrong, overall = differing.false_shares(differing.Cell(configs, runs, seeds, moved), 200)
    assert not differing.above(wrong, 200)
    assert not differing.above(overall, 200)


@pytest.mark.slow
@simulated
@pytest.mark.parametrize(("configs", "runs", "seeds"), [(4, 5, "same"), (4, 3, "other"), (12, 5, "other")])
def test_a_change_of_three_deviations_is_found_about_as_often_as_theory_has_it(configs, runs, seeds):
    cell = differing.Cell(configs, runs, seeds, 0.0)
    found, expected = differing.power(cell, 200), differing.predicted(cell)
    assert expected - 0.2 < found < expected + 0.1  # a noisy one pays for it: one in twenty


@simulated
@pytest.mark.slow
def test_luck_of_the_seeds_that_is_left_out_of_the_mean_of_all_would_be_caught(monkeypatch):
    cell = differing.Cell(12, 3, "other", 0.6)
    monkeypatch.setattr("sweepbook.analysis.stats.matched._luck", lambda pairs: [])
    assert differing.above(differing.false_shares(cell, 100)[1], 100)


@simulated
def test_the_same_seed_gives_the_same_shares():
    one, other = (differing.shares(differing.Cell(4, 2, "same", 0.0), 20) for _ in range(2))
    assert one == other


# whatever the runs are


@st.composite
def sides(draw):
    """Two sides of the same configurations, with any numbers of runs and seeds, some of them the same."""
    k = draw(st.integers(1, 5))
    value = st.floats(-3, 3).map(lambda y: round(y, 3))
    made = []
    for _ in range(2):
        counts = [draw(st.integers(1, 4)) for _ in range(k)]
        values = np.array(draw(st.lists(st.lists(st.tuples(value, value), min_size=4, max_size=4), min_size=k, max_size=k)))
        made.append((values, counts, draw(st.sampled_from([0, 0, 3, 9]))))
    if draw(st.booleans()):
        made[1][0][0] = made[0][0][0]
    return [differing.side(name, *one) for name, one in zip(("old", "new"), made, strict=True)]


@simulated
@settings(max_examples=150)
@given(sides(), st.sampled_from([None, 0.1, 2.0]))
@pytest.mark.slow
def test_a_verdict_says_what_its_interval_says(made, margin):
    old, new = made
    found = differing.matched(old, new)
    assert isinstance(found, Matching)
    pairs, fitted = {m: paired(found, m) for m in differing.METRICS}, (noises(old), noises(new))
    all_of_them = comparisons(found, pairs, fitted, "valid_accuracy", differing.METRICS, margin)
    for one in all_of_them:
        up = one.change.estimate * differing.METRICS[one.metric] > 0
        within = margin is not None and one.metric == "valid_accuracy" and one.change.low is not None
        if one.same_runs or (within and -margin <= one.change.low and one.change.high <= margin):
            assert one.verdict == "same"
        else:
            assert one.verdict == (("better" if up else "worse") if one.change.told else "cannot tell")
            assert one.change.told == (one.p < FALSE)
    for name in differing.METRICS:
        one = together(name, paired(found, name), [c for c in all_of_them if c.metric == name])
        assert sum(one.counts.values()) == one.pairs == len(found.pairs)
        assert set(one.counts) == set(VERDICTS)
        assert one.change.low is None or one.change.low <= one.change.estimate <= one.change.high
