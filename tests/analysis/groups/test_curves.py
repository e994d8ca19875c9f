import pytest
from sweepbook.analysis.findings.findings import findings
from sweepbook.analysis.groups.curves import learning_curves
from sweepbook.analysis.journal.observations import ALL_RUNS, curves_counted, epoch_noise, nothing_stood_out, observation, times
from sweepbook.analysis.logs.sweep import load_sweep

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
    """Summaries, curves and findings of runs, each (label, validation losses by epoch); one label is one configuration."""

    def make(*runs):
        study = plan(tmp_path / "study", PLAN)
        (tmp_path / "logs").mkdir()
        for i, (label, losses) in enumerate(runs):
            series = {"train_loss": losses, "valid_loss": losses} if losses else {}
            one = run(0.8 + i / 100, seed=i, label=label, config={"lr": float(ord(label))}, epochs=series, seconds=2.0 + i)
            log(tmp_path / "logs", f"r{i}", one)
        sweep = load_sweep(tmp_path / "logs")
        found = findings(sweep, study)
        ranking = {s.label: s for s in sorted(found.ranking, key=lambda s: s.label)}
        curves = {s.label: c for s in ranking.values() if (c := learning_curves(sweep, ranking.values()).get(s.id))}
        return ranking, curves, found

    return make


def test_curves_are_cut_to_the_shortest_run(learnt):
    _, curves, _ = learnt(("a", [3.0, 2.0, 1.0]), ("a", [5.0, 4.0]))
    assert curves["a"].series["valid_loss"].tolist() == [[3.0, 2.0], [5.0, 4.0]]
    assert curves["a"].mean("valid_loss").tolist() == [4.0, 3.0]
    assert curves["a"].last_changes().tolist() == [-1.0, -1.0]


def test_logs_without_epochs_have_no_curves(learnt):
    ranking, curves, found = learnt(("a", None))
    assert curves == {}
    assert observation(ranking["a"], None, found) == "1 run of 2.0 s."
    assert nothing_stood_out(found.groups[0], found) == "The logs hold no learning curves."


def test_a_run_without_curves_is_left_out_of_its_configuration(learnt):
    _, curves, _ = learnt(("a", [3.0, 2.0]), ("a", None))
    assert curves["a"].series["valid_loss"].shape == (1, 2)


def test_a_series_logged_every_few_epochs_has_a_curve_at_those(learnt):
    nan = float("nan")
    _, curves, _ = learnt(("a", [nan, 3.0, nan, 2.0]), ("a", [nan, 5.0, nan, 4.0]))
    assert curves["a"].series["valid_loss"].tolist() == [[3.0, 2.0], [5.0, 4.0]]
    assert curves["a"].at["valid_loss"] == (2, 4)


def test_the_last_change_names_its_epochs_where_not_all_were_scored(learnt):
    ranking, curves, found = learnt(("b", [float("nan"), 1.0] * 5))
    told = observation(ranking["b"], curves["b"], found)
    assert "The epochs from 8 to 10 changed the validation loss by 0.000." in told


FALLING = [[1.0, 0.9, 0.8, 0.7, 0.6], [1.01, 0.89, 0.81, 0.69, 0.61], [0.99, 0.91, 0.79, 0.71, 0.59]]


def test_a_configuration_tells_the_diagnoses_of_its_seeds_and_what_the_last_epoch_did(learnt):
    ranking, curves, found = learnt(*(("a", losses) for losses in FALLING))
    assert observation(ranking["a"], curves["a"], found) == (
        "3 runs of 3.0 s. 3 of 3 runs still improving. The last epoch changed the validation loss by -0.120 to -0.080. "
        "The seeds end between 80.0% and 82.0%."
    )


def test_a_group_is_counted_with_its_epoch_noise_and_its_fastest_and_slowest_are_named(learnt):
    _, _, found = learnt(*(("a", losses) for losses in FALLING), ("b", [1.0, 2.0]))
    assert curves_counted(found.groups[0], found) == "3 of 4 runs still improving."
    noise, judged = epoch_noise(found)
    assert noise.startswith("From one epoch to the next a run's validation loss moves by ± 0.0")
    assert judged == ALL_RUNS
    assert times(found.groups[0]) == "3.0 s (a) to 5.0 s (b)"
