import pytest
from sweepbook.analysis.logs.nuisances import MACHINE, PLACES, RUN, doubles, nuisances
from sweepbook.runner.rules import Rules

ASIDE = {
    "output_dir": (["a", "b"], PLACES),
    "trainer.logdir": (["a", "a"], PLACES),
    "master_port": ([29500, 29501], MACHINE),
    "CUDA_VISIBLE_DEVICES": (["0", "1"], MACHINE),
    "hostName": (["x", "y"], MACHINE),
    "run_name": (["a", "b"], RUN),
    "name": (["a", "b"], RUN),
    "begun": (["2026-01-02T03:04:05", "2026-01-02 04:04:05"], RUN),
    "took": (["00:14:30", "1:02:03.5"], RUN),
    "which": (["/data/x", "/data/y"], PLACES),
    "uid": (["0a1b2c3d" * 4, "1a1b2c3d" * 4], RUN),
    "word": ([f"brave-lake-{i}" for i in range(8)], "another one in every run"),
}
KEPT = {
    "lr": [0.1, 0.01],
    "model_name": ["resnet18", "vit"],
    "dataset": ["mnist", "cifar10"],
    "seeding": [True, False],
    "data_dir": ["/a", "/a", "/b", "/b"],
    "layers": [f"[{i}]" for i in range(9)],
    "rate": [str(i / 7) for i in range(9)],
    "number": list(range(20)),
    "direction": ["up", "down"],
    "optimizer.name": ["Adam", "SGD"],
    "batch_size": [1, 2],
}


@pytest.mark.parametrize("name", ASIDE)
def test_what_says_where_and_when_a_run_was_is_set_aside_with_the_reason(name):
    values, why = ASIDE[name]
    assert nuisances({name: values}, Rules()) == {name: why}


@pytest.mark.parametrize("name", KEPT)
def test_what_may_change_the_result_is_kept(name):
    assert nuisances({name: KEPT[name]}, Rules()) == {}


def test_what_an_attempt_changed_is_a_setting_though_it_is_another_text_in_every_run():
    assert nuisances({"change": [f"tried thing {number}" for number in "abcdefghij"]}, Rules()) == {}


def test_a_person_may_keep_a_setting_or_set_it_aside_by_its_last_name():
    columns = {"a.output_dir": ["x"], "b.lr": [0.1], "batch_size": [3]}
    rules = Rules(keep=("output_dir",), ignore=("lr", "batch_size"))
    assert nuisances(columns, rules) == {"b.lr": "as you asked", "batch_size": "as you asked"}


def test_a_setting_that_says_what_another_says_is_set_aside_for_the_shorter_name():
    columns = {"layers.0.out": [8, 16, 16], "units": [8, 16, 16], "depth": [8, 8, 16], "a": [1, 1, 1], "b": [1, 1, 1]}
    assert doubles(columns, Rules()) == {"layers.0.out": "always the same as units"}
    assert doubles(columns, Rules(keep=("layers.0.out", "units"))) == {}
