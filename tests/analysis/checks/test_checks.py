"""Each check: a case that it finds, with its numbers, and a near miss that it does not."""

import csv
import math
import time
from pathlib import Path

import numpy as np
import pytest
from sweepbook.analysis.checks import Check, checks, design_checks
from sweepbook.analysis.checks.scatter import beyond
from sweepbook.analysis.groups.summaries import GroupRows, Row, factors, summaries
from sweepbook.analysis.logs.sweep import CONFIG, load_sweep
from sweepbook.analysis.stats.noise import noise
from sweepbook.runner.config import config_id
from sweepbook.runner.member import Member
from sweepbook.runner.prediction import prediction_hash
from sweepbook.runner.study import CHECKS
from sweepbook.runner.values import level_text

HEAD = """\
[study]
title = "T"
seeds = [0, 1]
{study}
[baseline]
dataset = "fashion_mnist"
model = "mlp"
units1 = 32
units2 = 32
depth = 2
epochs = 4
batch_size = 50
lr = 0.001
optimizer = "Adam"
{baseline}
"""
OTHERS = '[study]\ntitle = "Others"\n{study}\n'
OURS = {"python": "3.11", "torch": "2.6", "device": "cpu", "threads": 1, "host": "lab"}


@pytest.fixture
def made(tmp_path, plan):
    """make(groups, baseline="", study="", head=HEAD): the study of such a plan."""

    def make(groups, baseline="", study="", head=HEAD):
        return plan(tmp_path / "plan", head.format(baseline=baseline, study=study) + groups)

    return make


@pytest.fixture
def found(tmp_path, log):
    """find(study, runs, best={}, looks=(), table=""): what the checks say of the logs of `runs` and of a CSV of others; find.sweep
    is what was read of them."""

    def find(study, runs, best=None, looks=(), table=""):
        logs = tmp_path / "logs"
        logs.mkdir()
        if table:
            (logs / "table.csv").write_text(table)
        for number, one in enumerate(runs):
            log(logs, f"r{number:03}", one)
        find.sweep = load_sweep(logs)
        members = {group.name: members_of(group, find.sweep) for group in study.groups}
        labels = {member.id: (member.label,) for own in reversed(members.values()) for member in own}
        known, noises = summaries(find.sweep, study.metric, study.sign, labels, members)
        groups = [
            GroupRows(g, factors(members[g.name]), tuple(Row(m, known.get(m.id)) for m in members[g.name])) for g in study.groups
        ]
        return checks(study, find.sweep, groups, best or {}, noises.get(study.metric), looks)

    return find


def members_of(group, sweep):
    """The group's configurations; for `where`, all that are logged."""
    if group.where is None:
        return group.members
    configs = {}
    for row in sweep.used.to_dict("records"):
        config = {key.removeprefix(CONFIG): row[key] for key in row if key.startswith(CONFIG) and row[key] is not None}
        configs.setdefault(row["id"], (row["label"], config))
    every = [config for _, config in configs.values()]
    varied = [key for key in every[0] if len({level_text(config.get(key)) for config in every}) > 1]
    return tuple(Member(label, config, {key: config[key] for key in varied}) for label, config in configs.values())


def of(code, found):
    return [check for check in found if check.code == code]


def only(code, found):
    (check,) = of(code, found)
    return check


def config_of(study, label):
    return next(member.config for group in study.groups for member in group.members if member.label == label)


def grid(name, levels, more=""):
    return f'\n[[group]]\nname = "{name}"\ngrid = {{ {levels} }}\n{more}\n'


WHERE = '\n[[group]]\nname = "all"\nwhere = {}\n'


# SB101


def test_examples_that_move_with_the_batch_size_are_told_with_their_numbers(made):
    check = only("SB101", design_checks(made(grid("batch", "batch_size = [4, 8, 128]"), "train_steps = 100")))
    assert check == Check(
        "SB101",
        "batch",
        ("batch_4", "batch_128"),
        "With batch size, examples seen change too, from 1,600 (batch_4) to 51,200 (batch_128), 32 times.",
        ("batch_size",),
        limits="cause",
        doubt="examples seen changed with it",
    )


def test_a_whole_pass_an_epoch_moves_the_steps_instead(made):
    check = only("SB101", design_checks(made(grid("batch", "batch_size = [50, 100]"))))
    assert check.message == "With batch size, optimiser steps change too, from 2,000 (batch_100) to 4,000 (batch_50), 2 times."


def test_parameters_move_with_depth(made):
    check = only("SB101", design_checks(made(grid("depth", "depth = [1, 3]"))))
    assert check.message == "With depth, parameters change too, from 25,450 (depth_1) to 27,562 (depth_3), 1.08 times."
    assert (check.factors, check.labels) == (("depth",), ("depth_1", "depth_3"))


def test_a_width_is_a_number_of_parameters_and_a_number_of_epochs_one_of_steps(made):
    assert not of("SB101", design_checks(made(grid("epochs", "epochs = [1, 9]") + grid("units", "units1 = [8, 512]"))))


def test_two_widths_that_bring_unlike_parameters_are_told_of_together(made):
    check = only("SB101", design_checks(made(grid("units", "units1 = [16, 512], units2 = [16, 512]"))))
    assert check.factors == ("units1", "units2")
    assert check.message == (
        "Parameters change up to 32 times with first-layer units (units_16_16 to units_512_16), up to 2 times with "
        "second-layer units. So the two were not changed by the same amount."
    )


def test_a_difference_of_a_twentieth_is_no_move(made):
    text = "train_steps = 100"
    assert not of("SB101", design_checks(made(grid("batch", "batch_size = [100, 105]"), text)))
    assert of("SB101", design_checks(made(grid("batch", "batch_size = [100, 106]"), text)))


def test_what_the_logs_record_counts_where_there_are_any(made, found, run):
    study = made(grid("lr", "lr = [0.1, 0.2]"))
    configs = {label: config_of(study, label) for label in ("lr_0.1", "lr_0.2")}
    runs = [run(config=config, label=label, parameters=100 * n) for n, (label, config) in enumerate(configs.items(), 1)]
    message = only("SB101", found(study, runs)).message
    assert message == "With learning rate, parameters change too, from 100 (lr_0.1) to 200 (lr_0.2), 2 times."
    assert not of("SB101", design_checks(study))


def test_what_the_logs_do_not_tell_is_taken_from_the_design(made, found, run):
    short = "train_steps = 100\nvalid_steps = 100"
    study = made(grid("batch", "batch_size = [4, 128]"), short)
    designed = [check for code in ("SB101", "SB102", "SB107") for check in of(code, design_checks(study))]
    assert [check.code for check in designed] == ["SB101", "SB102", "SB107"]
    fired = found(study, [run(config=m.config, label=m.label) for m in study.groups[0].members])
    assert [check for code in ("SB101", "SB102", "SB107") for check in of(code, fired)] == designed


def test_a_logged_number_of_parameters_is_not_held_against_a_computed_one(made, found, run):
    study = made(grid("lr", "lr = [0.1, 0.2]"))
    one = run(config=config_of(study, "lr_0.1"), label="lr_0.1", parameters=1000)
    assert not of("SB101", found(study, [one]))


def test_where_nothing_can_be_computed_the_logged_parameters_are_compared(made, found, run):
    study = made(grid("lr", "lr = [0.1, 0.2, 0.3]"), "channels = 8", head=HEAD.replace('"mlp"', '"cnn"'))
    runs = [run(config=config_of(study, f"lr_0.{n}"), label=f"lr_0.{n}", parameters=100 * n) for n in (1, 2)]
    assert only("SB101", found(study, runs)).message.endswith("from 100 (lr_0.1) to 200 (lr_0.2), 2 times.")


# SB102


def test_scores_over_unlike_numbers_of_examples_are_told(made):
    check = only("SB102", design_checks(made(grid("batch", "batch_size = [4, 64, 128]"), "valid_steps = 100")))
    assert check.message == "With batch size, scores rest on 400 (batch_4) to 10,000 (batch_128) validation examples."
    assert check.factors == ("batch_size",)


def test_scores_over_the_whole_split_are_alike(made):
    assert not of("SB102", design_checks(made(grid("batch", "batch_size = [4, 64, 128]"))))
    assert not of("SB102", design_checks(made(grid("batch", "batch_size = [100, 200]"), "valid_steps = 100")))


@pytest.mark.parametrize("series", [{}, {"valid_accuracy": [0.7, 0.8]}])
def test_batches_of_validation_in_the_settings_of_other_tools_logs_count_examples_too(made, found, run, series):
    study = made(WHERE, head=OTHERS)
    configs = {f"batch_{size}": {"batch_size": size, "valid_steps": 100} for size in (4, 64, 128)}
    runs = [run(config=config, label=label, valid_examples=10_000, epochs=series) for label, config in configs.items()]
    check = only("SB102", found(study, runs))
    assert check.message == "With batch size, scores rest on 400 (batch_4) to 10,000 (batch_128) validation examples."
    assert list(found.sweep.runs["valid_seen"]) == [400, 6400, 10_000]


@pytest.mark.parametrize("facts", [{}, {"valid_steps": "all"}, {"valid_steps": True}, {"valid_steps": 2500}])
def test_scores_over_a_split_that_is_not_cut_into_few_batches_are_alike(made, found, run, facts):
    runs = [run(config={"batch_size": size, **facts}, label=f"batch_{size}", valid_examples=10_000) for size in (4, 64)]
    assert not of("SB102", found(made(WHERE, head=OTHERS), runs))


def test_batches_of_a_split_whose_size_no_log_tells_are_not_counted(made, found, run):
    runs = [run(config={"batch_size": size, "valid_steps": 100}, label=f"batch_{size}") for size in (4, 64)]
    assert not of("SB102", found(made(WHERE, head=OTHERS), runs))


# SB103


def other(run, label, accuracy, **changes):
    """A run of another tool, which records too little."""
    return run(accuracy, label=label, **{"config": {"lr": 0.1}, "seed": None, **changes})


EIGHT = ("epochs_5", "units_256_256", "batchsize_64", "lr_0.001", "optimizer_Adam", "depth_1", "depth_2", "depth_3")


def test_labels_that_tell_of_a_setting_which_no_log_records_are_kept_apart_by_it(made, found, run):
    study = made(WHERE, head=OTHERS)
    check = only("SB103", found(study, [other(run, label, 0.8 + n / 100, minute=n) for n, label in enumerate(EIGHT)]))
    assert check.message == (
        "depth_1, depth_2 and depth_3: what these labels say of depth is not in the logs. So runs of which they say different "
        "things count as configurations of their own, by label.depth."
    )
    assert check.labels == ("depth_1", "depth_2", "depth_3")
    assert found.sweep.used["id"].value_counts().tolist() == [5, 1, 1, 1]  # nothing is lost


@pytest.mark.parametrize(
    "labels",
    [
        ("epochs_5", "units_256_256", "batchsize_64", "lr_0.001", "optimizer_Adam", "depth_2"),
        ("run_1", "run_2", "run_3"),
        ("lr=0.1", "lr=1e-1", "lr=0.10"),
        ("dainty-sunset-0", "brave-forest-1", "stellar-fog-2"),
        ("depth_2", "depth_2"),
    ],
)
def test_labels_of_replicates_and_of_several_groups_are_no_objection(made, found, run, labels):
    study = made(WHERE, head=OTHERS)
    assert not of("SB103", found(study, [other(run, label, 0.8) for label in labels]))
    assert set(found.sweep.used["id"]) == {config_id({"lr": 0.1})}


def test_logs_of_our_own_trainer_record_every_setting_whatever_their_labels_say(made, found, run):
    study = made(WHERE, head=OTHERS)
    assert not of("SB103", found(study, [other(run, f"depth_{n}", 0.8, environment=OURS) for n in range(3)]))


@pytest.mark.slow
def test_many_runs_without_a_recorded_setting_are_told_by_the_first_and_the_last(made, found, run):
    study = made(WHERE, head=OTHERS)
    labels = [f"lr_{n}_{n % 7}" for n in range(300)]
    check = only("SB103", found(study, [other(run, label, 0.8) for label in labels]))
    assert check.message.startswith("lr_0_0 to lr_299_5 (300): what these labels say of lr is not in the logs.")


def test_logs_of_one_seed_under_labels_that_tell_them_apart_do_not_disagree(made, found, run):
    study = made(WHERE, head=OTHERS)
    told = found(study, [other(run, f"depth_{n}", n / 10, seed=seed) for n in (1, 2) for seed in (0, 1)])
    assert not of("SB203", told)
    assert len(found.sweep.used) == 4


@pytest.mark.parametrize(
    ("origins", "words"),
    [
        (({"valid_digest": "a"}, {"valid_digest": "b"}), "the validation data"),
        (({"train_digest": "a"}, {"train_digest": "b"}), "the training data"),
        (({"code": {"model": "a"}}, {"code": {"model": "b"}}), "the module of the model"),
        (
            ({"code": {"model": "a", "model_imports": "a"}}, {"code": {"model": "a", "model_imports": "b"}}),
            "the code that the model's module imports",
        ),
        (
            ({"code": {"patch": "", "dataset": "a"}}, {"code": {"patch": "c", "dataset": "b"}}),
            "the module of the dataset and the uncommitted code",
        ),
    ],
)
def test_runs_with_the_same_settings_from_other_data_or_other_code_are_no_repeats(made, found, run, origins, words):
    study = made('[[group]]\nname = "lr"\ngrid = { lr = [0.1, 0.2] }\n')
    mixed, alike = ({"config": member.config, "label": member.label} for member in study.groups[0].members)
    runs = [run(0.8, seed=seed, environment={"commit": "c"}, **mixed, **origins[seed]) for seed in (0, 1)]
    runs += [run(0.8, seed=seed, environment={"commit": "c"}, **alike, **origins[0]) for seed in (0, 1)]
    check = only("SB103", found(study, runs))
    assert check.message == f"Runs with the same settings differ in {words}: those of lr_0.1. They are no repeats of one thing."
    assert (check.group, check.labels, check.limits) == ("lr", ("lr_0.1",), "cause")


@pytest.mark.parametrize(
    "origins",
    [
        ({"valid_digest": "a"}, {}),
        ({"code": {"model": "a", "model_imports": "a"}}, {"code": {"model": "a"}}),
        ({"code": {"patch": ""}}, {}),
        ({"environment": {"commit": "c"}, "code": {"patch": "a"}}, {"environment": {"commit": "d"}, "code": {"patch": ""}}),
        ({"code": {"patch": "a"}}, {"code": {"patch": "b"}}),
        ({"code": {"patch": "", "model": "m"}, "valid_digest": "v"}, {"code": {"patch": "", "model": "m"}, "valid_digest": "v"}),
    ],
    ids=["an older log", "an older log of a package", "an older log of code", "two commits", "no commit", "all the same"],
)
def test_where_digests_agree_or_say_nothing_runs_are_repeats(made, found, run, origins):
    study = made('[[group]]\nname = "lr"\ngrid = { lr = [0.1] }\n')
    runs = [run(0.8, seed=seed, config=study.groups[0].members[0].config, **origins[seed]) for seed in (0, 1)]
    assert not of("SB103", found(study, runs))


LR = '[[group]]\nname = "lr"\ngrid = { lr = [0.1, 0.2, 0.3, 0.4] }\n'


def on_data(run, members, digests, **more):
    """A run a member, and the digests of its data."""
    return [run(0.8, config=m.config, label=m.label, **d, **more) for m, d in zip(members, digests, strict=True)]


@pytest.mark.parametrize(
    ("origins", "words"),
    [
        (({"valid_digest": "a"}, {"valid_digest": "b"}), "validation data"),
        (({"train_digest": "a"}, {"train_digest": "b"}), "training data"),
        (
            ({"train_digest": "a", "valid_digest": "a"}, {"train_digest": "b", "valid_digest": "b"}),
            "training data and validation data",
        ),
    ],
)
def test_configurations_that_came_from_other_data_are_named_once(made, found, run, origins, words):
    study = made(LR)
    usual, odd = origins
    check = only("SB103", found(study, on_data(run, study.groups[0].members, [usual, odd, usual, odd])))
    assert check.message == (
        f"lr_0.2 and lr_0.4 have other {words} than lr_0.1 and lr_0.3, and no setting says so. "
        "A difference between their scores may be one of the data."
    )
    assert (check.group, check.labels, check.limits) == ("lr", ("lr_0.2", "lr_0.4"), "cause")
    assert check.doubt == f"configurations differ in the {words}"


def test_data_that_differ_by_plan_or_by_a_setting_that_may_decide_them_are_no_objection(made, found, run):
    study = made('[[group]]\nname = "data"\ngrid = { dataset = ["fashion_mnist", "digits"], lr = [0.1, 0.2] }\n')
    digests = [{"valid_digest": name} for name in "aabb"]
    assert not of("SB103", found(study, on_data(run, study.groups[0].members, digests)))


def test_a_setting_of_another_tool_may_have_decided_the_data(made, found, run):
    study = made(WHERE, head=OTHERS)
    runs = [run(0.8, config={"lr": 0.1, "fold": fold}, label=f"f{fold}", valid_digest=str(fold)) for fold in range(3)]
    assert not of("SB103", found(study, runs))


def test_a_configuration_without_a_digest_says_nothing_of_its_data(made, found, run):
    study = made(LR)
    digests = [{"valid_digest": "a"}, {}, {"valid_digest": "a"}, {}]
    assert not of("SB103", found(study, on_data(run, study.groups[0].members, digests)))


def table(spreads, runs=3, head="", cell=lambda place, number: ""):
    """A CSV of another tool: so many runs of a configuration for each of the `spreads`, which are those between its runs.
    `head` and `cell` are one more column."""
    lines = [f"name,lr,valid_accuracy{head}"]
    for place, sd in enumerate(spreads):
        for number in range(runs):
            score = 0.5 + 0.01 * place + sd * (number - (runs - 1) / 2) + 0.0001 * (number * (place + 1) % 3)
            lines.append(f"a{place},{(place + 1) / 100},{score:.6f}{cell(place, number)}")
    return "\n".join(lines) + "\n"


ONE_APART = (0.002, 0.003, 0.1, 0.002, 0.003)


def test_runs_that_nothing_tells_apart_and_that_lie_far_apart_tell_of_a_setting_that_was_not_recorded(made, found):
    check = only("SB103", found(made(WHERE, head=OTHERS), [], table=table(ONE_APART)))
    assert check.message == (
        "a2 scores 42.0% to 62.0%. A run of others lies typically 0.3 points off its mean. No setting and no seed tells these runs "
        "apart: a setting may not have been recorded."
    )
    assert (check.labels, check.group, check.limits) == (("a2",), "all", "cause")


def test_of_many_configurations_whose_runs_lie_far_apart_three_are_named(made, found):
    check = only("SB103", found(made(WHERE, head=OTHERS), [], table=table([*[0.002] * 7, 0.1] * 5)))
    assert check.message.count(" scores ") == 3
    assert "and 2 more configurations lie as far apart." in check.message
    assert len(check.labels) == 5


@pytest.mark.parametrize(
    ("spreads", "head", "cell"),
    [
        ((0.002, 0.003, 0.004, 0.002, 0.003), "", lambda place, number: ""),
        (ONE_APART, ",seed", lambda place, number: f",{number}"),
        (ONE_APART, ",depth", lambda place, number: f",{number}"),
        ((0.002, 0.1, 0.002), "", lambda place, number: ""),
    ],
    ids=["they lie as close as others", "their seeds differ", "a setting differs", "two others say too little"],
)
def test_runs_that_scatter_as_others_or_with_a_reason_are_no_objection(made, found, spreads, head, cell):
    assert not of("SB103", found(made(WHERE, head=OTHERS), [], table=table(spreads, head=head, cell=cell)))


def test_logs_of_our_own_format_that_lie_far_apart_have_every_setting(made, found, run):
    def runs():
        for place, sd in enumerate(ONE_APART):
            for number in range(3):
                score = 0.8 + place / 100 + sd * (number - 1) + 0.0001 * (number * (place + 1) % 3)
                yield other(run, f"a{place}", score, config={"lr": place / 100}, minute=number)

    told = found(made(WHERE, head=OTHERS), list(runs()))
    assert len(found.sweep.used) == 15
    assert not of("SB103", told)


# SB104

CONFIGS = '\n[[group]]\nname = "list"\nconfigs = [{}]\n'


def test_a_configuration_that_is_two_settings_from_every_other_is_named(made):
    text = '{ name = "a", lr = 0.1 }, { name = "b", lr = 0.2 }, { name = "c", lr = 0.3, epochs = 9 }'
    check = only("SB104", design_checks(made(CONFIGS.format(text))))
    assert (check.labels, check.says) == (("list_c",), ())
    assert check.message.startswith("list_c differs from every other configuration of the group in two settings or more")


@pytest.mark.parametrize(
    "text",
    [
        '{ name = "a" }, { name = "b", lr = 0.2 }, { name = "c", epochs = 9 }, { name = "d", batch_size = 9 }',
        '{ name = "a", optimizer = "SGD", momentum = 0.9 }, { name = "b", optimizer = "AdamW" }',
        '{ name = "a", depth = 1 }, { name = "b", depth = 2 }',
        '{ name = "a", lr = 0.1 }',
    ],
)
def test_one_change_at_a_time_and_what_belongs_to_a_change_are_fine(made, text):
    assert not of("SB104", design_checks(made(CONFIGS.format(text))))


def test_a_second_layer_of_another_width_is_a_second_setting(made):
    text = '{ name = "a", depth = 2, units2 = 8 }, { name = "b", depth = 3, units2 = 16 }'
    assert of("SB104", design_checks(made(CONFIGS.format(text))))


BETTER = '[[group.prediction]]\nsays = "Large wins"\nbetter = {}\nthan = {}\n'


def test_a_prediction_across_a_grid_names_the_settings_that_differ(made):
    corner = BETTER.format("{ units1 = 16, units2 = 16 }", "{ units1 = 8, units2 = 8 }")
    check = only("SB104", design_checks(made(grid("units", "units1 = [8, 16], units2 = [8, 16]", corner))))
    assert check.message == (
        '"Large wins" compares configurations that differ in first-layer units and second-layer units. '
        "A difference cannot be put down to a single one."
    )
    assert check.says == ("Large wins",)


def test_a_mean_over_a_full_grid_is_attributed(made):
    mean = BETTER.format("{ units1 = 16 }", "{ units1 = 8 }")
    assert not of("SB104", design_checks(made(grid("units", "units1 = [8, 16], units2 = [8, 16]", mean))))


def test_the_best_of_two_groups_are_compared_where_they_are_a_setting_apart(made, found):
    beats = '[[group.prediction]]\nsays = "Rates win"\nbeats = "epochs"\n'
    study = made(grid("lr", "lr = [0.1, 0.2]", beats) + grid("epochs", "epochs = [2, 3]"))
    assert only("SB104", design_checks(study)).message.startswith(
        'Its best and the best of "epochs" differ in two settings or more'
    )
    near = made(grid("lr", "lr = [0.001, 0.2]", beats) + grid("epochs", "epochs = [2, 4]"))
    assert not of("SB104", design_checks(near))
    best = {group.name: [group.members[k].id] for group, k in zip(near.groups, (1, 0), strict=True)}
    assert only("SB104", found(near, [], best)).says == ("Rates win",)


# SB105


def test_optimizers_and_batch_sizes_at_one_rate_are_told(made):
    study = made(
        grid("opt", 'optimizer = ["SGD", "Adam"]') + grid("batch", "batch_size = [50, 100]") + grid("depth", "depth = [1, 2]")
    )
    told = of("SB105", design_checks(study))
    assert [(check.group, check.factors) for check in told] == [("opt", ("optimizer",)), ("batch", ("batch_size",))]
    assert told[0].message == "Each optimizer ran at one learning rate, 0.001. It may do better at a rate of its own."


def test_a_plan_that_crosses_the_optimizer_with_the_rate_passes(made):
    assert not of("SB105", design_checks(made(grid("opt", 'optimizer = ["SGD"]'))))
    crossed = grid("both", 'optimizer = ["SGD", "Adam"], lr = [0.1, 0.01]')
    assert not of("SB105", design_checks(made(grid("opt", 'optimizer = ["SGD", "Adam"]') + crossed)))
    apart = '{ name = "a", optimizer = "SGD", lr = 0.1 }, { name = "b", optimizer = "Adam" }'
    assert not of("SB105", design_checks(made(CONFIGS.format(apart))))


# SB106


def ids(study, *labels):
    return [member.id for group in study.groups for member in group.members if member.label in labels]


@pytest.mark.parametrize(
    ("best", "told"),
    [
        (("lr_0.3",), "learning rate: the best, lr_0.3, has the largest level tested, 0.3. A larger one may be better still."),
        (("lr_0.1",), "learning rate: the best, lr_0.1, has the smallest level tested, 0.1. A smaller one may be better still."),
        (("lr_0.2",), None),
        (("lr_0.2", "lr_0.3"), None),
    ],
)
def test_the_best_at_an_end_is_told(made, found, run, best, told):
    study = made(grid("lr", "lr = [0.1, 0.3, 0.2]"))
    runs = [run(config=member.config, label=member.label) for member in study.groups[0].members]
    assert [check.message for check in of("SB106", found(study, runs, {"lr": ids(study, *best)}))] == ([told] if told else [])


def test_an_end_of_a_grid_holds_for_all_that_may_be_the_best(made, found, run):
    study = made(grid("units", "units1 = [8, 16, 32], units2 = [8, 16, 32]"))
    runs = [run(config=member.config, label=member.label) for member in study.groups[0].members]
    check = only("SB106", found(study, runs, {"units": ids(study, "units_32_8", "units_32_16")}))
    assert check.message.startswith(
        "first-layer units: all that could be the best (units_32_8 and units_32_16) have the largest level tested, 32."
    )
    assert check.factors == ("units1",)


@pytest.mark.parametrize("levels", ["depth = [1, 2, 3]", "momentum = [0, 0.5, 0.9]", "lr = [0.1, 0.2]"])
def test_an_end_that_cannot_be_passed_and_two_levels_are_none(made, found, run, levels):
    study = made(grid("g", levels), head=HEAD.replace('"Adam"', '"SGD"'))
    runs = [run(config=member.config, label=member.label) for member in study.groups[0].members]
    assert not of("SB106", found(study, runs, {"g": [study.groups[0].members[0].id]}))


# SB107


def test_short_training_is_told_once_for_all_groups(made):
    study = made(grid("lr", "lr = [0.001, 0.2]") + grid("epochs", "epochs = [1, 4, 9]"), "train_steps = 400")
    check = only("SB107", design_checks(study))
    assert (check.group, check.groups) == ("", ("lr", "epochs"))
    assert check.message == (
        "Runs in all 2 groups see the training data 0.4 times (epochs_1) to 1.6 times (lr_0.001). "
        "With fewer than 2 passes, overfitting cannot be tested."
    )
    assert set(check.labels) == {"lr_0.001", "lr_0.2", "epochs_1"}


def test_two_passes_are_enough(made):
    assert not of("SB107", design_checks(made(grid("lr", "lr = [0.1, 0.2]"), "train_steps = 500")))
    assert only("SB107", design_checks(made(grid("lr", "lr = [0.1, 0.2]"), "train_steps = 499"))).group == "lr"


# SB108


def test_validation_by_test_data_is_seen_by_scores_that_are_all_the_same(made, found, run):
    study = made(WHERE, head=OTHERS)
    runs = [run(config={"lr": n}, metrics={"valid_accuracy": n / 10, "test_accuracy": n / 10}) for n in range(1, 4)]
    check = only("SB108", found(study, runs))
    assert check.message.startswith("valid_accuracy equals test_accuracy in all 3 runs that have both:")


@pytest.mark.parametrize("scores", [[(0.1, 0.1), (0.2, 0.2), (0.3, 0.31)], [(0.1, 0.1), (0.2, 0.2)], [(1, 1), (1, 1), (1, 1)]])
def test_scores_that_differ_once_or_are_few_are_no_proof(made, found, run, scores):
    study = made(WHERE, head=OTHERS)
    runs = [run(config={"lr": n}, metrics={"valid_accuracy": v, "test_accuracy": t}) for n, (v, t) in enumerate(scores)]
    assert not of("SB108", found(study, runs))


@pytest.mark.parametrize(
    ("facts", "fires"), [({"valid_split": "test"}, True), ({"valid_split": "held out"}, False), ({"split": "test"}, False)]
)
def test_validation_by_test_data_is_seen_by_a_fact_that_says_so(made, found, run, facts, fires):
    study = made(WHERE, head=OTHERS)
    told = of("SB108", found(study, [run(environment=facts)]))
    assert [check.message.partition(":")[0] for check in told] == (['1 run with valid_split = "test"'] if fires else [])


# SB109


def test_labels_that_stand_for_one_configuration_are_told(made):
    check = only("SB109", design_checks(made(grid("layers", "depth = [1, 2], units2 = [16, 32]"))))
    assert check.message == "units2 cannot act in layers_1_16 and layers_1_32: these 2 labels stand for one configuration."
    assert check.factors == ("units2",)


def test_a_width_that_acts_everywhere_is_fine(made):
    assert not of("SB109", design_checks(made(grid("layers", "depth = [2, 3], units2 = [16, 32]"))))


def test_two_names_of_one_configuration_are_told(made):
    check = only("SB109", design_checks(made(CONFIGS.format('{ name = "a" }, { name = "b", lr = 0.001 }, { name = "c", lr = 1 }'))))
    assert check.message == "Nothing that acts differs between list_a and list_b: these 2 labels stand for one configuration."


def test_validation_batches_beyond_the_split_cannot_act(made):
    study = made(grid("lr", "lr = [0.1, 0.2]") + grid("epochs", "epochs = [4, 5]"), "valid_steps = 200")
    check = only("SB109", design_checks(study))
    assert (check.group, check.groups) == ("", ("lr", "epochs"))
    assert check.message.startswith("valid_steps cannot act in all 2 groups (")
    assert not of("SB109", design_checks(made(grid("batch", "batch_size = [50, 100]"), "valid_steps = 100")))


def test_dampening_needs_a_momentum(made):
    sgd = HEAD.replace('optimizer = "Adam"', 'optimizer = "SGD"')
    check = only("SB109", design_checks(made(grid("damp", "dampening = [0, 0.5]"), head=sgd)))
    assert check.message == 'dampening cannot act in group "damp" (damp_0.5). There is no momentum for it to dampen.'
    assert check.factors == ("dampening",)
    assert not of("SB109", design_checks(made(grid("damp", "dampening = [0, 0.5]"), "momentum = 0.9", head=sgd)))


def test_a_rate_that_falls_after_the_last_epoch_does_not_fall(made):
    check = only("SB109", design_checks(made(grid("step", "step_epochs = [2, 90]"), 'schedule = "step"')))
    assert (
        check.message == 'step_epochs cannot act in group "step" (step_90). The rate would first fall after the run\'s last epoch.'
    )
    assert not of("SB109", design_checks(made(grid("step", "step_epochs = [1, 2]"), 'schedule = "step"')))


def test_our_own_patience_acts_however_long_it_is_and_that_of_a_plateau_does_not(made):
    assert not of("SB109", design_checks(made(grid("wait", "patience = [2, 90]"))))
    check = only("SB109", design_checks(made(grid("wait", "plateau_patience = [2, 90]"), 'schedule = "plateau"')))
    assert check.labels == ("wait_90",)


@pytest.mark.parametrize(("patience", "fires"), [(10, True), (9, False)])
def test_a_patience_as_long_as_the_run_cannot_act(made, found, run, patience, fires):
    study = made(WHERE, head=OTHERS)
    told = of("SB109", found(study, [run(label="x", config={"early_stopping_patience": patience, "epochs": 10})]))
    assert [check.labels for check in told] == ([("x",)] if fires else [])
    if fires:
        assert "early_stopping_patience cannot act" in told[0].message
        assert "10 epochs takes longer than a run has" in told[0].message


# SB110

CLAIMS = '[[group.prediction]]\nsays = "{}"\nbest = {{ lr = {} }}\n'


def runs_with(study, run, known, minute=0):
    """A run of every configuration, by a plan that had the predictions `known`."""
    return [run(config=m.config, label=m.label, minute=minute, environment={"predictions": known}) for m in study.groups[0].members]


def test_a_prediction_that_the_first_log_lacks_is_told_with_its_date(made, found, run):
    before = made(grid("lr", "lr = [0.1, 0.2]", CLAIMS.format("Low", 0.1)))
    known = prediction_hash("lr", before.groups[0].predictions[0])
    study = made(grid("lr", "lr = [0.1, 0.2]", CLAIMS.format("Low wins", 0.1) + CLAIMS.format("High", 0.2)))
    check = only("SB110", found(study, runs_with(study, run, known)))
    assert check.message == '"High" was written or changed after lr_0.1 had begun on 1 March 2026, 12:00 UTC.'
    assert check.says == ("High",)


def test_predictions_that_all_stand_in_the_first_log_or_logs_without_hashes_pass(made, found, run):
    study = made(grid("lr", "lr = [0.1, 0.2]", CLAIMS.format("Low", 0.1)))
    first = runs_with(study, run, f"00000000 {prediction_hash('lr', study.groups[0].predictions[0])}")
    assert not of("SB110", found(study, [*first, run(config=study.groups[0].members[0].config, seed=1, minute=-5)]))


def test_a_plan_that_had_no_prediction_when_it_ran_is_known_as_such(made, found, run):
    study = made(grid("lr", "lr = [0.1, 0.2]", CLAIMS.format("Low", 0.1)))
    assert of("SB110", found(study, runs_with(study, run, "")))


# SB111

GAP = '[[group.prediction]]\nsays = "No gap"\ngap_at_most = 0.1\n'


def test_a_gap_from_a_running_mean_is_told_where_a_prediction_speaks_of_it(made):
    check = only("SB111", design_checks(made(grid("lr", "lr = [0.1, 0.2]", GAP) + grid("epochs", "epochs = [1, 2]"))))
    assert check.group == "lr"
    assert check.message.startswith('The training loss of 4 runs in group "lr" is a mean over the whole epoch')
    assert not of("SB111", design_checks(made(grid("lr", "lr = [0.1, 0.2]"))))


@pytest.mark.parametrize(("environment", "count"), [(OURS, 1), ({"torch": "2.6"}, 0), ({}, 0)])
def test_only_the_logs_of_our_own_trainer_are_known_to_have_a_running_mean(made, found, run, environment, count):
    study = made(grid("lr", "lr = [0.1, 0.2]"))
    runs = [run(config=member.config, environment=environment) for member in study.groups[0].members]
    told = of("SB111", found(study, runs))
    assert len(told) == count
    assert all("of 2 runs" in check.message for check in told)


# SB112


def seeded(run, spreads, top=0.9, step=0.01):
    """Three runs of as many configurations as there are `spreads`, best first, `step` apart; the spreads are those between runs,
    and which seed is the good one is drawn."""
    orders = np.random.default_rng(7).permuted([[-1, 0, 1]] * len(spreads), axis=1)
    for place, sd in enumerate(spreads):
        for seed, away in enumerate(orders[place].tolist()):
            yield run(top - step * place + sd * away, seed=seed, config={"rate": place}, label=f"rate_{place}")


UNEVEN = [0.001, 0.03, 0.001, 0.001, 0.04, 0.001] * 3
SLOPE = [0.002 * 1.15**place for place in range(18)]


def test_neighbours_in_score_whose_runs_scatter_unlike_are_told(made, found, run):
    check = only("SB112", found(made(WHERE, head=OTHERS), list(seeded(run, UNEVEN))))
    assert set(check.labels) <= {f"rate_{place}" for place, sd in enumerate(UNEVEN) if sd > 0.01}
    assert len(check.labels) == 3
    assert check.message.startswith("Runs scatter up to ")
    assert (check.group, check.limits) == ("", "")


@pytest.mark.parametrize(
    "spreads",
    [[0.004] * 18, SLOPE, SLOPE[::-1], [0.004, 0.006, 0.003] * 6, [0.004] * 9 + [0.1] + [0.004] * 8, [0.001, 0.03] * 3],
    ids=["equal", "more below", "more above", "a little unlike", "one outlying", "too few to tell"],
)
def test_spreads_that_the_model_fits_are_no_objection(made, found, run, spreads):
    assert not of("SB112", found(made(WHERE, head=OTHERS), list(seeded(run, spreads))))


def test_two_configurations_far_outside_are_told_of_though_all_others_agree(made, found, run):
    spreads = [0.004] * 8 + [0.1] + [0.004] * 11 + [0.1] + [0.004] * 9
    check = only("SB112", found(made(WHERE, head=OTHERS), list(seeded(run, spreads))))
    assert set(check.labels) == {"rate_8", "rate_20"}


def test_single_runs_say_nothing_of_spreads(made, found, run):
    runs = [run(place / 20, config={"rate": place}, label=f"rate_{place}") for place in range(18)]
    assert not of("SB112", found(made(WHERE, head=OTHERS), runs))


ROOT = Path(__file__).parents[3]
DEMO = ROOT / "tests" / "analysis" / "stats" / "demo.csv"


def by_seed(path):
    """The accuracies of each configuration of a report by seed."""
    samples = {}
    with open(path) as file:
        for row in csv.DictReader(file):
            samples.setdefault(row["label"], {})[int(row["seed"])] = float(row["valid_accuracy"])
    return samples


def of_the_demo():
    with open(DEMO) as file:
        return {row["label"]: {n: float(row[f"seed_{n}"]) for n in range(3)} for row in csv.DictReader(file)}


def test_sweeps_whose_noise_goes_with_the_score_and_whose_seeds_act_in_common_are_within_the_model():
    assert not beyond(noise(of_the_demo()))
    assert not beyond(noise(by_seed(ROOT / "reports" / "fashion-mnist" / "runs.csv")))
    assert not beyond(noise(by_seed(ROOT / "reports" / "fashion-mnist-weight-decay" / "runs.csv")))


# SB113

RETURNS = '[study]\ntitle = "Others"\nmetric = "reward"\ngoal = "maximize"\n{study}\n'
CONTROL = {"CartPole": (500.0, 4.0, 1.0), "LunarLander": (240.0, 60.0, 90.0)}


def on_tasks(run, tasks, setting="env", rates=(1, 2, 3, 4)):
    """Three runs at each rate on each of `tasks`: a level's best score, the step to the next, and the spread between runs."""
    for level, (top, step, sd) in tasks.items():
        for place, rate in enumerate(rates):
            for seed in range(3):
                scores = {"reward": top - step * place + sd * ((seed + place) % 3 - 1)}
                yield run(seed=seed, config={setting: level, "rate": rate}, label=f"{level}_{rate}", metrics=scores)


@pytest.mark.parametrize("setting", ["env", "dataset", "task_name", "env-id"])
def test_tasks_whose_noise_is_unlike_are_told(made, found, run, setting):
    check = only("SB113", found(made(WHERE, head=RETURNS), list(on_tasks(run, CONTROL, setting))))
    assert (check.group, check.factors, check.limits) == ("", (setting,), "")
    assert "CartPole scores 488" in check.message
    assert "LunarLander scores 60" in check.message
    assert check.message.endswith(f'Write one plan for each, with where = {{ {setting} = "…" }}.')


def test_a_task_that_always_scores_the_same_is_unlike_one_that_does_not(made, found, run):
    tasks = {"CartPole": (500.0, 0.0, 0.0), "LunarLander": (240.0, 60.0, 90.0)}
    assert of("SB113", found(made(WHERE, head=RETURNS), list(on_tasks(run, tasks))))


def test_scores_that_go_by_the_task_alone_take_less_unlike_noise(made, found, run):
    apart = {"easy": (900.0, 1.0, 2.0), "hard": (500.0, 1.0, 7.0)}
    assert of("SB113", found(made(WHERE, head=RETURNS), list(on_tasks(run, apart))))


@pytest.mark.parametrize(
    ("setting", "tasks"),
    [
        ("optimizer", {"Adam": (0.9, 0.01, 0.002), "SGD": (0.3, 0.01, 0.05)}),
        ("env", {"CartPole": (500.0, 40.0, 20.0), "Acrobot": (450.0, 40.0, 30.0)}),
        ("dataset", {"clean": (0.88, 0.005, 0.004), "augmented": (0.93, 0.005, 0.003)}),
        ("env", {"CartPole": (500.0, 40.0, 10.0), "LunarLander": (490.0, 40.0, 40.0)}),
        ("data_augmentation", {"none": (0.88, 0.005, 0.001), "strong": (0.3, 0.05, 0.02)}),
        ("lr", {1.0: (500.0, 4.0, 1.0), 2.0: (240.0, 60.0, 90.0)}),
        ("task", {1: (500.0, 4.0, 1.0), 2: (240.0, 60.0, 90.0)}),
    ],
    ids=["no task by name", "alike", "alike, and scores go by it", "not far enough", "of the data", "a rate that fails", "numbers"],
)
def test_settings_that_are_no_task_and_tasks_that_are_alike_are_no_objection(made, found, run, setting, tasks):
    assert not of("SB113", found(made(WHERE, head=RETURNS), list(on_tasks(run, tasks, setting))))


def test_a_few_runs_do_not_say_how_a_task_scatters(made, found, run):
    runs = list(on_tasks(run, CONTROL, rates=(1, 2)))  # four degrees of freedom each
    assert not of("SB113", found(made(WHERE, head=RETURNS), runs))


# SB114


def test_many_reports_on_the_same_configurations_are_told_with_what_they_cost(made, found, run):
    runs = list(seeded(run, [0.004] * 3))
    check = only("SB114", found(made(WHERE, head=OTHERS), runs, looks=(6, 9, 12, 15)))
    assert check.message == (
        "This is report 4 on the same configurations, each with more runs than the one before (6, 9, 12, 15). One report "
        "finds a difference between two equal configurations in 5 of 100 sweeps. Whoever reads 4 and stops at the first difference "
        "finds one in about 12."
    )
    assert (check.group, check.limits) == ("", "")


def test_of_very_many_reports_the_first_and_the_last_are_told(made, found, run):
    runs = list(seeded(run, [0.004] * 3))
    message = only("SB114", found(made(WHERE, head=OTHERS), runs, looks=tuple(range(6, 26)))).message
    assert message.startswith("This is report 20 on the same configurations, each with more runs than the one before (6 to 25).")
    assert " finds one in 18 and more." in message


@pytest.mark.parametrize("looks", [(), (6,), (6, 9, 12)])
def test_a_few_reports_are_no_objection(made, found, run, looks):
    assert not of("SB114", found(made(WHERE, head=OTHERS), list(seeded(run, [0.004] * 3)), looks=looks))


# SB201, SB202, SB203


def test_runs_that_came_to_nothing_are_named_unless_they_were_run_again(made, found, run):
    study = made(grid("lr", "lr = [0.1, 0.2]"))
    one, two = (member.config for member in study.groups[0].members)
    lost = {"metrics": {"valid_accuracy": math.nan}}
    runs = [run(config=one, seed=seed, status="diverged", **lost) for seed in (0, 1)]
    runs += [
        run(config=two, seed=0, status="failed", error="x"),
        run(config=two, seed=1, status="failed"),
        run(config=two, seed=1, minute=1),
    ]
    check = only("SB201", found(study, runs))
    assert check.message == "lr_0.1 diverged in 2 runs and lr_0.2 failed: the results are of the others."
    assert (check.group, check.labels) == ("lr", ("lr_0.1", "lr_0.2"))


def test_runs_that_came_to_nothing_have_no_others_where_none_has_finished(made, found, run):
    study = made(grid("lr", "lr = [0.1, 0.2]"))
    runs = [run(config=study.groups[0].members[0].config, seed=0, status="interrupted", metrics={})]
    assert only("SB201", found(study, runs)).message == "lr_0.1 was interrupted, and no run has finished."


def test_a_log_that_cannot_be_read_is_named(made, found, run, tmp_path):
    study = made(grid("lr", "lr = [0.1, 0.2]"))
    found(study, [run(config=member.config, seed=seed) for member in study.groups[0].members for seed in (0, 1)])
    (tmp_path / "logs" / "r000" / "run.toml").write_text("schema =")
    sweep = load_sweep(tmp_path / "logs")
    told = checks(study, sweep, [GroupRows(study.groups[0], ("lr",), tuple(Row(m, None) for m in study.groups[0].members))], {})
    assert only("SB201", told).message == "1 entry among the logs cannot be read as a run: r000."


def test_planned_runs_without_a_log_are_counted(made, found, run):
    study = made(grid("lr", "lr = [0.1, 0.2]"))
    one, two = (member.config for member in study.groups[0].members)
    runs = [
        run(config=one, seed=0),
        run(config=one, seed=1, status="running", metrics={}),
        run(config=two, seed=0, status="failed"),
    ]
    assert only("SB202", found(study, runs)).message == "2 of 4 planned runs are not there yet: lr_0.1 and lr_0.2."


def test_many_planned_configurations_without_a_log_are_no_range_from_one_to_another(made, found):
    study = made(grid("lr", f"lr = {[n / 100 for n in range(10, 0, -1)]}"))
    message = only("SB202", found(study, [])).message
    assert "not there yet: lr_0.1, lr_0.09, " in message
    assert message.endswith(", lr_0.03 and 2 more.")


def test_a_plan_that_is_done_has_no_objection_of_that_kind(made, found, run):
    study = made(grid("lr", "lr = [0.1, 0.2]"))
    told = found(study, [run(config=member.config, seed=seed) for member in study.groups[0].members for seed in (0, 1)])
    assert {check.code for check in told}.isdisjoint({"SB201", "SB202", "SB203"})


def test_logs_of_one_run_that_disagree_are_told_with_their_scores(made, found, run):
    study = made(grid("lr", "lr = [0.1, 0.2]"))
    one = study.groups[0].members[0].config
    check = only("SB203", found(study, [run(0.834, config=one, minute=1), run(0.812, config=one), run(0.5, config=one, seed=1)]))
    assert check.message == "2 logs of lr_0.1 with seed 0 disagree: 81.2%, which counts, and 83.4%."


def test_logs_of_one_run_that_agree_or_have_no_seed_are_fine(made, found, run):
    study = made(grid("lr", "lr = [0.1, 0.2]"))
    one = study.groups[0].members[0].config
    same = [run(0.8, config=one), run(0.8, config=one, minute=1)]
    assert not of("SB203", found(study, [*same, run(0.7, config=one, seed=None), run(0.6, config=one, seed=None)]))


# SB205

SEEDED = '[study]\ntitle = "Others"\nseeds = [0, 1]\n'


def rated(run, seeds):
    """Runs of a rate of 0.1 and of 0.2, each with its seeds."""
    return [run(config={"lr": lr}, label=f"lr_{lr}", seed=seed) for lr, own in seeds.items() for seed in own]


def test_seeds_that_the_plan_did_not_name_are_told_with_the_side_that_has_more(made, found, run):
    told = found(made(WHERE, head=SEEDED), rated(run, {0.1: [0, 1], 0.2: [3, 7, 40]}))
    check = only("SB205", told)
    assert check.message == (
        'In group "all", 3 runs have seeds that the plan does not name (3, 7, 40): 3 in lr_0.2, none in lr_0.1. '
        "Seeds added to one side once its results are known would favour it."
    )
    assert (check.group, check.labels) == ("all", ("lr_0.2",))


def test_seeds_beyond_the_plan_that_all_have_alike_are_told_too(made, found, run):
    check = only("SB205", found(made(WHERE, head=SEEDED), rated(run, {0.1: [0, 1, 2], 0.2: [0, 1, 2]})))
    assert check.message.endswith("have seeds that the plan does not name (2): 1 in every configuration.")


def test_planned_seeds_runs_without_a_seed_and_a_plan_that_names_none_are_no_objection(made, found, run):
    runs = rated(run, {0.1: [0, 1], 0.2: [0, None]})
    assert not of("SB205", found(made(WHERE, head=SEEDED), runs))


def test_a_plan_without_seeds_has_none_that_it_did_not_name(made, found, run):
    assert not of("SB205", found(made(WHERE, head=OTHERS), rated(run, {0.1: [0, 1], 0.2: [5, 6, 7]})))


# SB206


def test_values_that_are_not_read_as_they_were_written_are_told_once(made, found, run):
    mixed = [("256", True, 0.1 + 0.2, "auto"), (256, "true", 0.3, "1"), (512, False, 0.3, 1)]
    runs = [run(config=dict(zip(("batch", "bn", "lr", "gamma"), values, strict=True)), seed=n) for n, values in enumerate(mixed)]
    check = only("SB206", found(made(WHERE, head=OTHERS), runs))
    assert check.message == (
        'Not read as the logs have it: batch has numbers as text ("256"; 1 run), read as numbers. '
        'bn has true or false as text ("true"; 1 run), read as such. '
        'gamma has text or lists that look like another value ("1"; 1 run), read as values of their own. '
        "lr has numbers that agree with others to 12 digits (0.30000000000000004; 1 run), read as the same."
    )


def test_values_that_are_read_as_they_are_written_are_no_objection(made, found, run):
    assert not of(
        "SB206", found(made(WHERE, head=OTHERS), [run(config={"bn": bn}, seed=n) for n, bn in enumerate((True, 1, "auto"))])
    )


# all of them


def test_a_reason_in_the_study_or_in_the_group_silences(made):
    text = grid("batch", "batch_size = [4, 8]", '[group.silence]\nSB101 = "Equal steps are the point"') + grid(
        "depth", "depth = [1, 9]"
    )
    told = design_checks(made(text, "train_steps = 10", 'silence = { SB105 = "One rate" }'))
    silenced = {(check.code, check.group): check.silenced for check in told}
    assert silenced["SB101", "batch"] == "Equal steps are the point"
    assert silenced["SB101", "depth"] == ""
    assert silenced["SB105", "batch"] == "One rate"


def test_a_group_that_silences_a_shared_fact_is_told_of_apart(made):
    text = (
        grid("a", "lr = [0.1, 0.2]")
        + grid("b", "lr = [0.3, 0.4]")
        + grid("c", "lr = [0.5, 0.6]", '[group.silence]\nSB107 = "Short"')
    )
    told = of("SB107", design_checks(made(text, "train_steps = 10")))
    assert [(check.group, check.groups, check.silenced) for check in told] == [("", ("a", "b"), ""), ("c", ("c",), "Short")]
    assert "in 2 of 3 groups" in told[0].message


def test_the_order_is_that_of_the_codes_and_then_of_the_plan(made):
    text = grid("z", "batch_size = [4, 8]") + grid("a", "batch_size = [16, 32]")
    told = [(check.code, check.group) for check in design_checks(made(text, "train_steps = 10\nvalid_steps = 10"))]
    assert told == [("SB101", "z"), ("SB101", "a"), ("SB102", "z"), ("SB102", "a"), ("SB105", "z"), ("SB105", "a"), ("SB107", "")]
    assert {code for code, _ in told} <= set(CHECKS)


def test_a_where_group_and_an_empty_folder_of_logs_are_no_trouble(made, found):
    study = made(WHERE, head=OTHERS)
    assert design_checks(study) == ()
    lonely = made(grid("lr", "lr = [0.1, 0.2]"))
    assert [check.code for check in found(lonely, [])] == ["SB202"]


@pytest.mark.slow
def test_a_thousand_groups_are_checked_in_seconds(made):
    groups = [
        grid(f"g{n}", f"lr = [{', '.join(f'{n + 1}.{k}' for k in range(1, 6))}], batch_size = [50, 100]") for n in range(1000)
    ]
    study = made("".join(groups))
    began = time.process_time()
    assert len(of("SB101", design_checks(study))) == 1000
    assert time.process_time() - began < 6  # it takes 0.6 s
