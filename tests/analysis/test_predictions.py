import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.predictions import Part, outcome
from analysis.stats import Estimate
from runner.study import At, Beats, Best, Better, GapAtMost, MattersMore, Trend

METRIC = "valid_accuracy"


def scored(levels, mean, n=3, gap=None):
    """A configuration of a group: its levels, its label, its estimates."""
    label = "_".join(map(str, levels.values()))
    half = None if n == 1 else 0.05
    known = {METRIC: Estimate(n, mean, half and mean - half, half and mean + half)}
    if gap is not None:
        known["gap"] = Estimate(n, gap, None, None)
    return levels, label, known


EPOCHS = [scored({"epochs": 3}, 0.70, gap=0.02), scored({"epochs": 5}, 0.80, n=1, gap=-0.01), scored({"epochs": 10}, 0.85, gap=0.2)]
UNITS = [
    scored({"units1": 8, "units2": 8}, 0.60),
    scored({"units1": 8, "units2": 16}, 0.70, n=2),
    scored({"units1": 16, "units2": 8}, 0.80),
    scored({"units1": 16, "units2": 16}, 0.84),
]
SCORES = {"epochs": EPOCHS, "units": UNITS, "none": []}


def result(prediction, group="epochs", scores=SCORES, goal="maximize"):
    return outcome(prediction, group, scores, METRIC, goal)


def test_better_gives_the_difference_of_two_configurations():
    found = result(Better("s", {"epochs": [10]}, {"epochs": [3]}, 0.1))
    assert found.estimate == pytest.approx(0.15)
    assert found.difference
    assert found.parts == (
        Part("10", METRIC, 3, 0.85, 0.85 - 0.05, 0.85 + 0.05),
        Part("3", METRIC, 3, 0.70, 0.70 - 0.05, 0.70 + 0.05),
    )


def test_better_of_several_configurations_is_about_their_means():
    found = result(Better("s", {"units1": [16]}, {"units1": [8]}, 0.0), "units")
    assert found.estimate == pytest.approx(0.82 - 0.65)
    assert found.n == (6, 5)
    assert [(part.name, part.low, part.high) for part in found.parts] == [("units1 16", None, None), ("units1 8", None, None)]


def test_a_selector_of_two_factors_and_several_levels_names_them():
    found = result(At("s", {"units1": [8, 16], "units2": [8]}, None, 0.9), "units")
    assert found.parts[0].name == "units1 8 or 16, units2 8"
    assert found.estimate == pytest.approx(0.70)


def test_at_gives_the_score_there():
    found = result(At("s", {"epochs": [5]}, 0.75, 0.85))
    assert (found.estimate, found.difference, found.n) == (0.80, False, (1,))
    assert (found.parts[0].low, found.parts[0].high) == (None, None)


def test_a_trend_goes_from_the_lowest_level_to_the_highest_whatever_the_order_of_the_plan():
    found = result(Trend("s", "increasing", "epochs"), scores={"epochs": EPOCHS[::-1]})
    assert found.estimate == pytest.approx(0.15)
    assert [(part.name, part.mean) for part in found.parts] == [("3", 0.70), ("5", 0.80), ("10", 0.85)]


def test_a_trend_over_one_of_two_factors_takes_the_mean_of_each_level():
    found = result(Trend("s", "increasing", "units2"), "units")
    assert [(part.name, part.mean, part.n) for part in found.parts] == [
        ("8", pytest.approx(0.7), 6),
        ("16", pytest.approx(0.77), 5),
    ]
    assert found.estimate == pytest.approx(0.07)


def test_a_trend_over_levels_that_are_no_numbers_is_none():
    flags = [scored({"nesterov": True}, 0.5), scored({"nesterov": False}, 0.6), scored({"nesterov": "both"}, 0.6)]
    assert result(Trend("s", "increasing", "nesterov"), scores={"epochs": flags}).estimate is None


def test_best_sets_the_best_inside_against_the_best_outside():
    found = result(Best("s", {"epochs": [3, 5]}))
    assert found.estimate == pytest.approx(-0.05)
    assert [part.name for part in found.parts] == ["5", "10"]


def test_best_is_the_lowest_where_the_goal_is_to_minimize():
    found = result(Best("s", {"epochs": [5, 10]}), goal="minimize")
    assert [part.name for part in found.parts] == ["5", "3"]
    assert found.estimate == pytest.approx(0.10)


def test_matters_more_sets_one_range_of_level_means_against_another():
    found = result(MattersMore("s", "units1", "units2"), "units")
    assert [part.mean for part in found.parts] == [pytest.approx(0.17), pytest.approx(0.07)]
    assert found.estimate == pytest.approx(0.10)
    assert found.n == (11, 11)


def test_matters_more_looks_a_factor_up_in_the_first_group_that_varies_it():
    found = result(MattersMore("s", "units1", "epochs"), "units")
    assert found.parts[1] == Part("epochs, range of 3 levels", METRIC, 7, pytest.approx(0.15), None, None)
    assert result(MattersMore("s", "units1", "lr"), "units").estimate is None


def test_the_gap_is_that_of_the_chosen_configuration_or_the_widest():
    assert result(GapAtMost("s", 0.1, {"epochs": [3]})).estimate == 0.02
    found = result(GapAtMost("s", 0.1, {}))
    assert (found.estimate, found.metric, found.parts[0].name) == (0.2, "gap", "10")


def test_a_gap_that_no_log_tells_is_none():
    found = result(GapAtMost("s", 0.1, {}), "units")
    assert (found.estimate, found.parts) == (None, ())


def test_beats_sets_the_best_of_one_group_against_the_best_of_another():
    found = result(Beats("s", "units"))
    assert found.estimate == pytest.approx(0.01)
    assert [part.name for part in found.parts] == ["10", "16_16"]
    assert result(Beats("s", "none")).estimate is None


EVERY = [
    Better("s", {"epochs": [10]}, {"epochs": [3]}, 0.1),
    At("s", {"epochs": [5]}, 0.75, 0.85),
    Trend("s", "diminishing", "epochs"),
    Best("s", {"epochs": [3, 5]}),
    MattersMore("s", "epochs", "lr"),
    GapAtMost("s", 0.1, {"epochs": [3]}),
    GapAtMost("s", 0.1, {}),
    Beats("s", "none"),
]


@pytest.mark.parametrize("prediction", EVERY, ids=lambda p: p.kind)
@pytest.mark.parametrize("goal", ["maximize", "minimize"])
def test_a_group_without_runs_leaves_a_prediction_open(prediction, goal):
    found = result(prediction, scores={"epochs": [], "none": []}, goal=goal)
    assert (found.estimate, found.parts, found.n) == (None, (), ())


@given(st.permutations(EPOCHS), st.sampled_from(EVERY))
def test_the_order_of_the_configurations_does_not_change_what_is_found(order, prediction):
    one, other = result(prediction, scores={**SCORES, "epochs": order}), result(prediction)
    assert one.estimate == (other.estimate if other.estimate is None else pytest.approx(other.estimate))
