import json
from pathlib import Path

import pytest
from sweepbook.analysis.diff.diff import Options, sweep_diff
from sweepbook.analysis.diff.noises import noises
from sweepbook.analysis.export.record.read import side
from sweepbook.analysis.stats.means import Estimate
from sweepbook.runner.config import SweepbookError

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
name = "rates"
grid = { lr = [0.01, 0.1] }
  [[group.prediction]]
  says = "0.1 beats 0.01"
  better = { lr = 0.1 }
  than = { lr = 0.01 }
"""


def only(found):
    (entry,) = found.entries.values()
    return entry


def test_a_side_has_every_value_of_every_run_to_the_last_digit(built):
    entry = only(built("old", ({}, [0.1 + 0.2, 1 / 3]), train_examples=1437, valid_examples=360, parameters=12))
    assert entry.runs["valid_accuracy"] == {0: 0.30000000000000004, 1: 1 / 3}
    assert entry.runs["train_loss"] == {0: 1 - 0.30000000000000004, 1: 1 - 1 / 3}
    assert (entry.n, entry.label, entry.parameters, entry.seconds) == (2, "c0", 12, 2.0)
    assert (entry.train_examples, entry.valid_examples) == (1437, 360)


def test_a_side_has_the_means_of_its_report_and_noise_that_is_fitted_to_its_runs(built):
    found = built("old", ({}, [0.5, 0.7]), ({"lr": 0.1}, [0.8, 0.8]))
    assert noises(found)["valid_accuracy"].df == 2
    assert noises(found)["valid_accuracy"].sd == pytest.approx(0.1)
    first = found.entries[next(iter(found.entries))]
    assert first.config["lr"] == 0.1
    assert first.metrics["valid_accuracy"].mean == pytest.approx(0.8)
    assert isinstance(first.metrics["valid_accuracy"], Estimate)
    assert first.metrics["valid_accuracy"].low < 0.8 < first.metrics["valid_accuracy"].high


def test_the_best_configuration_comes_first(built):
    found = built("old", ({}, [0.5, 0.6]), ({"lr": 0.1}, [0.9, 0.8]), ({"lr": 1.0}, [0.7, 0.6]))
    assert [entry.label for entry in found.entries.values()] == ["c1", "c2", "c0"]


def test_the_types_of_settings_are_those_of_the_logs(built):
    told = {"optimizer": "SGD", "nesterov": True, "momentum": 0.9, "sizes": [3, 4], "note": "1e", "width": 8}
    config = only(built("old", (told, [0.5]))).config
    assert {key: config[key] for key in told} == told


def test_runs_without_a_seed_are_known_by_their_logs(built):
    entry = only(built("old", ({}, [0.5, 0.6]), seed=None))
    assert entry.runs["valid_accuracy"] == {"0-0": 0.5, "0-1": 0.6}


def test_a_second_run_of_a_seed_does_not_count(built):
    found = built("old", ({}, [0.5, 0.6]), ({}, [0.9]))
    assert only(found).runs["valid_accuracy"] == {0: 0.5, 1: 0.6}
    assert found.states["finished"] == 2


def test_a_configuration_of_which_no_run_finished_is_told_with_its_states(built):
    stopped = {"status": "diverged", "error": "loss is nan"}
    found = built("old", ({"lr": 0.01}, [0.5, 0.6]), ({"lr": 0.1}, [0.1, 0.1], stopped), text=PLAN)
    (entry,) = found.unfinished
    assert (entry.label, entry.states, entry.config["lr"]) == ("rates_0.1", ("diverged", "diverged"), 0.1)
    assert [one.label for one in found.entries.values()] == ["rates_0.01"]


def test_a_configuration_with_one_finished_run_is_not_unfinished(built):
    found = built("old", ({}, [0.5]), ({}, [0.5, 0.6], {"status": "failed", "error": "no memory"}), text=PLAN)
    assert found.unfinished == ()


def test_several_configurations_of_one_label_are_told_apart_by_their_settings(built):
    configs = [({"lr": 0.1}, [0.5, 0.6]), ({"lr": 0.2, "note": "x"}, [0.7]), ({"lr": 0.2, "nesterov": True}, [0.8, 0.9])]
    found = built("old", *configs, label="mine")
    assert {entry.config["lr"]: entry.n for entry in found.entries.values() if "note" not in entry.config} == {0.1: 2, 0.2: 2}
    assert sorted(min(entry.runs["valid_accuracy"].values()) for entry in found.entries.values()) == [0.5, 0.7, 0.8]


@pytest.mark.parametrize("name", ["steps", "seconds", "label", "gap", "seed", "lr", "loss_"])
def test_a_metric_with_the_name_of_a_column_keeps_its_name(built, name):
    entry = only(built("old", ({}, [0.5, 0.6], {"metrics": {name: 3.5}}), metric=name, goal='goal = "maximize"'))
    assert entry.runs == {name: {0: 3.5, 1: 3.5}}
    assert entry.metrics[name].mean == 3.5


def test_a_setting_with_the_name_of_a_column_keeps_its_name(built):
    found = built("old", ({"seed": 7}, [0.5]), ({"seed": 8}, [0.6]), label="mine")
    assert {entry.config["seed"]: entry.runs["valid_accuracy"] for entry in found.entries.values()} == {7: {0: 0.5}, 8: {0: 0.6}}


def test_a_prediction_comes_with_its_verdict_and_what_it_claims(built):
    found = built("old", ({"lr": 0.01}, [0.5, 0.52]), ({"lr": 0.1}, [0.9, 0.92]), text=PLAN)
    (group,) = found.groups
    (prediction,) = group.predictions
    assert (prediction.says, prediction.kind, prediction.told) == ("0.1 beats 0.01", "better", "confirmed")
    assert prediction.n == (2, 2)
    assert prediction.low < 0.4 < prediction.high
    assert len(prediction.claim) == 8


def test_nothing_finished_is_a_side_without_configurations(built):
    found = built("old", ({}, [0.5, 0.6], {"status": "failed", "error": "no memory"}), text=PLAN)
    assert found.entries == {}
    assert found.states["failed"] == 2
    assert found.recommended is None


def told(findings, runs):
    with pytest.raises(SweepbookError) as error:
        side("old", findings, runs)
    return str(error.value)


def changed(findings, **keys):
    document = json.loads(findings)
    return json.dumps({**document, **keys}).encode()


OLDER = Path(__file__).parent / "schema1"  # a report as a version with that schema built it


def test_a_report_of_the_schema_before_is_read():
    older = side("old", *((OLDER / name).read_bytes() for name in ("findings.json", "runs.csv")))
    assert (older.schema, len(older.entries), older.states["finished"]) == (1, 7, 15)
    fitted = noises(older)
    assert set(fitted) == {"train_loss", "valid_loss", "valid_accuracy"}
    values = [list(entry.runs["valid_accuracy"].values()) for entry in older.entries.values()]
    assert fitted["valid_accuracy"].df == sum(len(own) - 1 for own in values)


def test_a_sweep_is_the_same_as_itself_whichever_schema_each_report_has():
    findings, runs = ((OLDER / name).read_bytes() for name in ("findings.json", "runs.csv"))
    older, now = side("old", findings, runs), side("new", changed(findings, schema=2), runs)
    for one, other in ((older, now), (now, older)):
        found = sweep_diff(one, other, Options())
        assert {comparison.verdict for comparison in found.comparisons} == {"same"}
        assert found.turned == ()


def test_a_verdict_that_another_reckoning_of_the_noise_turned_says_so():
    findings, runs = ((OLDER / name).read_bytes() for name in ("findings.json", "runs.csv"))
    document = json.loads(findings)
    prediction = next(p for group in document["groups"] for p in group["predictions"] if p["low"] is not None)
    prediction |= {
        "verdict": "confirmed" if prediction["verdict"] != "confirmed" else "cannot tell",
        "high": prediction["high"] + 0.001,
    }
    now = side("new", changed(findings, schema=2, groups=document["groups"]), runs)
    (turn,) = sweep_diff(side("old", findings, runs), now, Options()).turned
    assert turn.because.startswith("another version of Sweepbook reckoned the noise otherwise: ")


def test_a_report_of_another_schema_is_named_with_its_remedy(files):
    findings, runs = files("old", ({}, [0.5]))
    assert told(changed(findings, schema=0), runs) == (
        "old/findings.json: schema 0 found, schema 1 or 2 expected; build that report again"
    )
    assert told(b'{"configs": []}', runs).startswith("old/findings.json: no schema found")
    assert told(b"[1, 2]", runs).startswith("old/findings.json: no schema found")


def test_what_is_no_json_is_named(files):
    _, runs = files("old", ({}, [0.5]))
    assert told(b"<html>", runs).startswith("old/findings.json: is no JSON")
    assert told(b"\xff\xfe\x00", runs).startswith("old/findings.json: is no JSON")


def without(findings, key):
    document = json.loads(findings)
    del document[key]
    return json.dumps(document).encode()


def test_a_report_that_lacks_what_is_compared_is_named(files):
    findings, runs = files("old", ({}, [0.5, 0.6]))
    for key in ("configs", "noise", "metric", "goal", "runs", "problems", "study"):
        assert key in told(without(findings, key), runs)


def test_a_report_without_what_is_not_compared_is_read(files):
    findings, runs = files("old", ({}, [0.5, 0.6]))
    for key in ("groups", "effects", "checks", "environment", "best"):
        assert only(side("old", without(findings, key), runs)).n == 2


@pytest.mark.parametrize("value", [7, "x", None, [3], {"a": 1}])
def test_whatever_stands_in_a_report_is_read_or_named(files, value):
    findings, runs = files("old", ({}, [0.5, 0.6]))
    outcomes = set()
    for key in ("configs", "noise", "groups", "effects", "checks", "problems", "environment", "best"):
        try:
            outcomes.add(side("old", changed(findings, **{key: value}), runs).name)
        except SweepbookError as error:
            outcomes.add(str(error).split(":")[0])
    assert outcomes <= {"old", "old/findings.json"}


def test_a_table_of_runs_that_no_build_wrote_is_named(files):
    findings, _ = files("old", ({}, [0.5]))
    for runs in (b"", b"\n", b"label,seed\n", b"\xff", b"label,seconds,parameters,steps,gap\na,1"):
        assert told(findings, runs).startswith("old/runs.csv: ")


def test_findings_and_runs_of_two_builds_are_not_read_as_one(files):
    findings, _ = files("one", ({}, [0.5, 0.6]))
    _, runs = files("other", ({}, [0.5, 0.6, 0.7]))
    assert told(findings, runs) == (
        "old: 2 runs of c0 in findings.json, 3 in runs.csv: they are not of one build; build that report again"
    )
