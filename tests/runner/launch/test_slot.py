"""A slot trains as one machine does, and sends its logs with what happens."""

import pytest
from sweepbook.runner.launch.events import Ended, Progress, Score, Started, Stuck, Terms, Train
from sweepbook.runner.launch.slot import Slot
from sweepbook.runner.plan import load_study
from sweepbook.runner.runlog import parse_run

pytestmark = pytest.mark.training

PLAN = """\
[study]
title = "Tiny"
metric = "valid_accuracy"
seeds = [0]
[baseline]
dataset = "digits"
model = "mlp"
units1 = 8
units2 = 8
depth = 2
epochs = 3
batch_size = 32
lr = 0.003
optimizer = "Adam"
[[group]]
name = "all"
title = "Is this enough?"
grid = { lr = [0.003] }
"""


def run_and_slot(tmp_path, dataset="digits"):
    (tmp_path / "study.toml").write_text(PLAN)
    (run,) = load_study(tmp_path).runs
    return run, Slot(Terms("tiny", tmp_path / "logs of another machine", "cpu", False, {}, frozenset(), (dataset,)), 0.0)


def test_the_log_of_a_run_comes_with_its_events_and_a_score_is_added_to_the_text_of_a_log(tmp_path):
    run, slot = run_and_slot(tmp_path)
    sent = list(slot.serve(Train((run,))))
    events = [event for one in sent for event in one.events]
    assert [type(event) for event in events] == [Started, Progress, Progress, Progress, Ended]
    last = sent[-1].logs[run.key]
    assert parse_run(last).status == "finished"
    assert len(parse_run(last).epochs["valid_loss"]) == 3
    scored = list(slot.serve(Score((run,), (tmp_path / "a folder that is not here",)), [last]))[-1].logs[run.key]
    assert parse_run(scored).epochs == parse_run(last).epochs
    assert 0 <= parse_run(scored).metrics["test_accuracy"] <= 1
    slot.close()
    assert not slot.scratch.exists()
    assert not (tmp_path / "logs of another machine").exists()


def test_a_slot_whose_worker_cannot_start_says_so_as_an_answer(tmp_path):
    run, slot = run_and_slot(tmp_path, "nosuch")
    ((stuck,),) = [one.events for one in slot.serve(Train((run,)))]
    slot.close()
    assert isinstance(stuck, Stuck)
    assert "a training process could not start" in stuck.error
