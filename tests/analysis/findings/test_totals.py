from datetime import timedelta

import pytest
from sweepbook.analysis.findings.findings import findings
from sweepbook.analysis.groups.inferred import every_run
from sweepbook.analysis.journal import answers, closing, sentences
from sweepbook.analysis.journal.next_steps import next_steps
from sweepbook.analysis.logs.sweep import load_sweep

PLAN = """
[study]
title = "T"
seeds = [0, 1]
[baseline]
dataset = "digits"
model = "mlp"
units1 = 8
depth = 1
epochs = 2
batch_size = 32
lr = 0.01
optimizer = "Adam"
[[group]]
name = "epochs"
grid = { epochs = [1, 2] }
"""
BASE = {
    "dataset": "digits",
    "model": "mlp",
    "units1": 8,
    "depth": 1,
    "epochs": 2,
    "batch_size": 32,
    "lr": 0.01,
    "optimizer": "Adam",
}


@pytest.fixture
def told(tmp_path, log, run, plan):
    """The findings of runs (epochs, seed, status, further fields), so long after the first began."""

    def make(*runs, after=timedelta(minutes=5), predicted=""):
        study, logs = plan(tmp_path / "study", PLAN + predicted), tmp_path / "logs"
        logs.mkdir()
        begun = run().started
        for i, (epochs, seed, status, fields) in enumerate(runs):
            log(logs, f"r{i}", run(seed=seed, status=status, minute=i, config={**BASE, "epochs": epochs}, **fields))
        return findings(load_sweep(logs), study, (begun + after).timestamp())

    return make


DONE = [(1, 0, "finished", {}), (1, 1, "finished", {})]


def test_a_run_in_progress_is_running_and_not_interrupted(told):
    found = told(*DONE, (2, 0, "running", {}))
    assert (found.totals.running, found.totals.interrupted, found.totals.missing, found.silent) == (1, 0, 1, 0)
    assert sentences.standing(found) == (
        "2 of 4 planned runs have finished (1 running and 1 missing): 1 configuration, 2 runs each."
    )
    assert closing.totals(found)[0] == "2 of 4 planned runs have finished: 1 running and 1 missing."
    assert closing.future(found)[0].startswith("Train 1 planned run that did not finish")


def test_a_run_whose_log_is_old_is_running_or_killed(told):
    found = told(*DONE, (2, 0, "running", {}), (2, 1, "running", {"seconds": 7000.0}), after=timedelta(hours=2))
    assert (found.totals.running, found.silent) == (2, 1)
    assert "(1 running and 1 running or killed)" in sentences.standing(found)
    assert closing.future(found)[0].startswith("Train 1 planned run that did not finish")


def test_runs_that_shared_a_program_add_up_to_its_time_and_are_heard_of_by_the_clock(told):
    shared = {"seconds": 6000.0, "environment": {"stacked": 2}}
    found = told(*((1, seed, "finished", shared) for seed in (0, 1)), (2, 0, "running", shared), after=timedelta(hours=2))
    assert found.totals.seconds == 6000.0
    assert found.ranking[0].seconds == 3000.0
    assert (found.totals.running, found.silent) == (1, 0)


def test_a_run_that_is_tried_again_stands_as_its_newest_log_says(told):
    assert told((1, 0, "failed", {}), (1, 0, "running", {})).totals.running == 1


def test_a_run_that_failed_after_it_was_killed_has_failed(told):
    totals = told((1, 0, "running", {}), (1, 0, "failed", {})).totals
    assert (totals.failed, totals.running) == (1, 0)


def test_before_the_first_run_has_finished_those_in_progress_are_told(told):
    assert sentences.nothing(told((1, 0, "running", {}))).startswith("No run has finished yet (1 running), so there is nothing")


def test_runs_with_seeds_that_the_plan_does_not_name_are_told_apart_from_the_planned_ones(told):
    found = told((1, 0, "finished", {}), *((1, seed, "finished", {}) for seed in (5, 6)), (2, 7, "finished", {}))
    assert sentences.standing(found) == (
        "4 runs of 2 configurations have finished, 1 to 3 runs each. "
        "Of them 1 is among the 4 runs that the plan asks for (3 missing)."
    )
    assert closing.totals(found)[:2] == (
        "1 of 4 planned runs has finished: 3 missing.",
        "3 runs more count, with seeds that the plan does not ask for.",
    )


def without_plan(tmp_path, **states):
    """The findings of runs of other tools, so many of each state."""
    logs = tmp_path / "logs"
    logs.mkdir()
    ends = [state for state, count in states.items() for _ in range(count)]
    rows = [f"{i},{0.1 * (i + 1)},{state},{0.8 + i / 100}" for i, state in enumerate(ends)]
    (logs / "runs.csv").write_text("\n".join(["name,lr,state,val_acc", *rows]) + "\n")
    return findings(load_sweep(logs), every_run(logs, "valid_accuracy", None))


def wrong(found):
    return dict(answers.lines(answers.answers(found)))["What went wrong?"]


def test_without_a_plan_every_run_that_did_not_finish_is_said(tmp_path):
    found = without_plan(tmp_path, finished=2, failed=1, killed=2, pruned=3, running=1)
    assert wrong(found) == "Of 9 runs, 1 failed, 2 were interrupted, 3 were pruned and 1 has not ended."
    assert found.totals.logged == {"failed": 1, "finished": 2, "interrupted": 2, "pruned": 3, "running": 1}
    assert found.totals.planned == 0


def test_to_be_pruned_is_nothing_wrong_but_said(tmp_path):
    assert wrong(without_plan(tmp_path, finished=2, pruned=3)) == "Nothing: of 5 runs, 3 were pruned; all others finished."


def test_where_no_run_of_another_tool_has_finished_it_is_said_how_they_ended(tmp_path):
    assert wrong(without_plan(tmp_path, failed=2, pruned=1)) == (
        "No run has finished: of 3 runs, 2 failed and 1 was pruned. "
        "There is nothing to compare; What went wrong says how each run ended."
    )


def test_a_single_run_has_finished(told):
    assert sentences.standing(told(DONE[0])) == "1 of 4 planned runs has finished (3 missing): 1 configuration, 1 run each."


def test_where_all_could_be_the_best_more_seeds_are_for_them_and_not_for_these_alone(told):
    found = told(*scored(5))
    assert closing.future(found)[0].startswith("To choose among the 2 that could be the best, give them 6 more seeds each")


def scored(apart):
    """Runs of both configurations at two seeds, whose means lie so many points apart."""
    scores = [(epochs, seed, 0.8 + epochs * apart / 100 + seed / 50) for epochs in (1, 2) for seed in (0, 1)]
    return [(epochs, seed, "finished", {"accuracy": score}) for epochs, seed, score in scores]


def test_seeds_that_would_not_tell_the_two_best_are_not_advised(told):
    assert closing.future(told(*scored(2))) == (
        "8 runs each would hardly choose among the 2 that could be the best: the two best means lie 2.0 points apart.",
    )


def test_while_planned_runs_have_not_finished_they_come_first_and_no_seeds_are_advised(told):
    predicted = '[[group.prediction]]\nsays = "2 beats 1"\nbetter = { epochs = 2 }\nthan = { epochs = 1 }\n'
    found = told(*scored(2)[:3], predicted=predicted)
    assert "1 planned run has not finished; it comes first." in answers.answers(found)[2].why
    assert closing.future(found) == ("Train 1 planned run that did not finish: sweepbook run goes on from here.",)
    assert not [line for line in next_steps(found.groups[0], found) if "seed" in line]


def test_configurations_with_the_same_seeds_say_so(told):
    found = told(*DONE, (2, 0, "finished", {}), (2, 1, "finished", {}))
    assert sentences.standing(found) == "4 of 4 planned runs have finished: 2 configurations, the same 2 seeds each."
