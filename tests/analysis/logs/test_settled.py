import math

import pytest
from sweepbook.analysis.logs.settled import settled

VALUES = {
    "<class 'torch.nn.modules.pooling.MaxPool2d'>": "MaxPool2d",
    "<function relu at 0x7f0011223344>": "relu",
    "Scheduler at 0x7f0011223344": "Scheduler",
    "Adam": "Adam",
}


@pytest.mark.parametrize("text", VALUES)
def test_a_python_object_is_known_by_its_name_wherever_it_lay(run, text):
    assert settled(run(config={"a": text})).config == {"a": VALUES[text]}


def test_long_values_are_short_and_still_told_apart(run):
    lists = [list(range(50)), [*range(49), 99]]
    texts = ["word " * 100, "word " * 99 + "end"]
    made = [settled(run(config={"l": a, "t": b})).config for a, b in zip(lists, texts, strict=True)]
    assert made[0]["l"] != made[1]["l"]
    assert made[0]["t"] != made[1]["t"]
    assert str(made[0]["l"]).startswith("50 items #")
    assert len(str(made[0]["t"])) < 50


def test_no_value_is_no_setting_and_no_number_is_no_metric(run):
    made = settled(
        run(config={"a": "None", "b": math.nan, "c": 0, "d": False, "e": ""}, metrics={"auc": math.inf, "valid_f1": 0.5})
    )
    assert made.config == {"c": 0, "d": False}
    assert made.metrics == {"valid_f1": 0.5}
    assert made.status == "finished"


def test_a_run_that_ends_with_a_loss_that_is_no_number_has_diverged(run):
    assert settled(run(metrics={"val_loss": math.nan, "valid_f1": 0.5})).status == "diverged"
