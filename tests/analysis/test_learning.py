import pytest

from analysis.findings import findings
from analysis.learning import learning_curves
from analysis.observations import last_epochs, observation, observed, trend
from analysis.sweep import load_sweep

PLAN = """
[study]
title = "T"
seeds = [0, 1]
[[group]]
name = "all"
where = {}
"""


@pytest.fixture
def learnt(tmp_path, log, run, plan):
    """Curves, summaries and changes of runs, each (label, validation losses by epoch); one label is one configuration."""

    def make(*runs):
        study = plan(tmp_path / "study", PLAN)
        (tmp_path / "logs").mkdir()
        for i, (label, losses) in enumerate(runs):
            series = {"train_loss": losses, "valid_loss": losses} if losses else {}
            one = run(0.8 + i / 100, seed=i, label=label, config={"lr": float(ord(label))}, epochs=series, seconds=2.0 + i)
            log(tmp_path / "logs", f"r{i}", one)
        sweep = load_sweep(tmp_path / "logs")
        ranking = {s.label: s for s in findings(sweep, study).ranking}
        return ranking, {s.label: c for s in ranking.values() if (c := learning_curves(sweep, ranking.values()).get(s.id))}

    return make


def test_curves_are_cut_to_the_shortest_run(learnt):
    _, curves = learnt(("a", [3.0, 2.0, 1.0]), ("a", [5.0, 4.0]))
    assert curves["a"].series["valid_loss"].tolist() == [[3.0, 2.0], [5.0, 4.0]]
    assert curves["a"].mean("valid_loss").tolist() == [4.0, 3.0]
    assert curves["a"].last_changes().tolist() == [-1.0, -1.0]


def test_logs_without_epochs_have_no_curves(learnt):
    ranking, curves = learnt(("a", None))
    assert curves == {}
    assert observation(ranking["a"], None, None, "valid_accuracy") == "1 run of 2.0 s. No learning curve of two epochs to read."
    assert "no learning curves" in observed(list(ranking.values()), {})


def test_a_run_without_curves_is_left_out_of_its_configuration(learnt):
    _, curves = learnt(("a", [3.0, 2.0]), ("a", None))
    assert curves["a"].series["valid_loss"].shape == (1, 2)


def test_turns_and_rises_are_counted_over_the_seeds(learnt):
    ranking, curves = learnt(("a", [3.0, 1.0, 2.0]), ("a", [3.0, 2.0, 1.0]))
    assert curves["a"].turns() == [2, 3]
    assert curves["a"].rises() == {3: 1}
    text = observation(ranking["a"], curves["a"], last_epochs(curves, ["a"])["a"], "valid_accuracy")
    assert "It turned after epoch 2 of 3 in 1 of 2 seeds. The seeds end" in text  # that it rose in epoch 3 goes without saying
    assert text.endswith("The seeds end between 80.0% and 81.0%.")


@pytest.mark.parametrize(
    ("losses", "expected"),
    [
        (([3.0, 2.0], [3.0, 2.01]), "falling"),
        (([2.0, 3.0], [2.0, 3.01]), "rising"),
        (([3.0, 2.0], [2.0, 3.0]), "open"),
        (([3.0, 2.0],), "open"),
    ],
)
def test_the_end_of_a_curve_is_told_only_where_its_seeds_agree(losses, expected, learnt):
    ranking, curves = learnt(*(("a", loss) for loss in losses))
    change = last_epochs(curves, ["a"])["a"]
    assert trend(change) == expected
    text = observation(ranking["a"], curves["a"], change, "valid_accuracy")
    words = {"falling": "fell in every epoch of every seed", "rising": ", still rising.", "open": ", not told from flat."}
    if len(losses) > 1:
        assert words[expected] in text
    else:
        assert "fell in every epoch, in the last by -1.000." in text


def test_a_group_is_counted_and_its_fastest_and_slowest_are_named(learnt):
    ranking, curves = learnt(("a", [3.0, 2.0]), ("a", [3.0, 2.01]), ("b", [3.0, 2.0]), ("c", [2.0, 3.0]), ("c", [2.0, 3.01]))
    by_id = {ranking[label].id: own for label, own in curves.items()}
    assert observed(list(ranking.values()), by_id) == (
        "In the last epoch the validation loss fell in every seed of 2 of 3 configurations, and rose in every seed of 1. "
        "In 1 it was lowest earlier in every seed, as where a network begins to overfit. "
        "A run took from 2.5 s (a) to 5.5 s (c)."
    )
