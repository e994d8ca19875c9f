import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sweepbook.runner.member import selects
from sweepbook.runner.plan import load_study
from sweepbook.runner.planreading import PlanError
from sweepbook.runner.prediction import At, Beats, Best, Better, GapAtMost, MattersMore, Trend, prediction_hash

GOOD = """\
[study]
title    = "Digits,  and\\n what they need"
subtitle = "A small study"
author   = "A. Writer"
project  = "Course"
metric   = "valid_accuracy"
seeds    = [0, 1, 2]

[baseline]
dataset = "digits"
model = "mlp"
units1 = 16
units2 = 16
depth = 2
epochs = 5
batch_size = 64
lr = 0.001
optimizer = "Adam"
train_steps = 100

[[group]]
name       = "epochs"
title      = "Impact of epochs"
hypothesis = "Longer is better."
reasoning  = "More steps."
expected   = ["Ten beat three.", "The gap grows."]
grid       = { epochs = [3, 5, 10] }

  [[group.prediction]]
  says = "Ten epochs beat three"
  better = { epochs = 10 }
  than = { epochs = 3 }
  by = 0.01

  [[group.prediction]]
  says = "More and more slowly"
  trend = "diminishing"
  of = "epochs"

  [[group.prediction]]
  says = "Five epochs reach 90%"
  at = { epochs = [5, 10] }
  at_least = 0.9

  [[group.prediction]]
  says = "Three are in between"
  at = { epochs = 3 }
  between = [0.5, 1]

  [[group.prediction]]
  says = "No overfitting at five"
  gap_at_most = 0.1
  at = { epochs = 5 }

[[group]]
name = "units"
grid = { units1 = [16, 512], units2 = [16, 512] }

  [[group.prediction]]
  says = "The widest is best"
  best = { units1 = 512, units2 = [512] }

  [[group.prediction]]
  says = "The first matters more"
  factor = "units1"
  matters_more_than = "units2"

  [[group.prediction]]
  says = "Better than any number of epochs"
  beats = "epochs"

  [[group.prediction]]
  says = "The gap is small everywhere"
  gap_at_most = 1

[[group]]
name = "lr"
expected = "Small  is slow."
grid = { lr = [0.00001, 0.001] }

[[group]]
name = "combined"
configs = [
  { name = "config_1", epochs = 10, units1 = 512, units2 = 256 },
  { name = "config_2", epochs = 5, units1 = 16, units2 = 16, lr = 0.001 },
]

[[group]]
name = "old"
where = { optimizer = "SGD" }

  [[group.prediction]]
  says = "Rises"
  trend = "increasing"
  of = "anything"
"""


def study_of(tmp_path, text):
    folder = tmp_path / "my-study"
    folder.mkdir(exist_ok=True)
    (folder / "study.toml").write_text(text)
    return load_study(folder)


@pytest.fixture
def study(tmp_path):
    return study_of(tmp_path, GOOD)


def test_a_plan_is_a_study_with_its_words_tidied(study, tmp_path):
    assert study.name == "my-study"
    assert study.path == tmp_path / "my-study" / "study.toml"
    assert study.title == "Digits, and what they need"
    assert (study.subtitle, study.author, study.project) == ("A small study", "A. Writer", "Course")
    assert (study.metric, study.goal, study.seeds) == ("valid_accuracy", "maximize", (0, 1, 2))
    assert study.baseline["lr"] == 0.001
    assert [group.name for group in study.groups] == ["epochs", "units", "lr", "combined", "old"]


def test_a_group_has_its_words_and_its_name_for_a_title(study):
    epochs, units, lr = study.groups[:3]
    assert (epochs.title, epochs.hypothesis, epochs.reasoning) == ("Impact of epochs", "Longer is better.", "More steps.")
    assert epochs.expected == ("Ten beat three.", "The gap grows.")
    assert (units.title, units.hypothesis, units.expected) == ("units", "", ())
    assert lr.expected == ("Small is slow.",)


def test_labels_name_the_group_and_the_values_that_it_varies(study):
    assert [[member.label for member in group.members] for group in study.groups] == [
        ["epochs_3", "epochs_5", "epochs_10"],
        ["units_16_16", "units_16_512", "units_512_16", "units_512_512"],
        ["lr_1e-05", "lr_0.001"],
        ["combined_config_1", "combined_config_2"],
        [],
    ]


def test_a_grid_is_the_full_product_of_its_lists(study):
    units = study.groups[1]
    assert units.factors == ("units1", "units2")
    assert [dict(member.levels) for member in units.members] == [
        {"units1": 16, "units2": 16},
        {"units1": 16, "units2": 512},
        {"units1": 512, "units2": 16},
        {"units1": 512, "units2": 512},
    ]
    assert all(member.config == {**study.baseline, **member.levels} for member in units.members)


def test_a_group_of_configs_varies_its_names_and_the_settings_in_which_they_differ(study):
    combined = study.groups[3]
    assert combined.factors == ("name", "units1", "units2", "epochs")
    assert combined.members[0].levels == {"name": "config_1", "units1": 512, "units2": 256, "epochs": 10}
    assert combined.members[1].levels == {"name": "config_2", "units1": 16, "units2": 16, "epochs": 5}
    assert combined.members[0].config["lr"] == 0.001


def test_a_group_over_other_tools_logs_plans_no_runs(study):
    old = study.groups[4]
    assert (old.where, old.members, old.factors) == ({"optimizer": ["SGD"]}, (), ())
    assert old.predictions == (Trend("Rises", "increasing", "anything"),)


def test_every_kind_of_prediction_is_read(study):
    epochs, units = study.groups[:2]
    assert epochs.predictions == (
        Better("Ten epochs beat three", {"epochs": [10]}, {"epochs": [3]}, 0.01),
        Trend("More and more slowly", "diminishing", "epochs"),
        At("Five epochs reach 90%", {"epochs": [5, 10]}, 0.9, None),
        At("Three are in between", {"epochs": [3]}, 0.5, 1.0),
        GapAtMost("No overfitting at five", 0.1, {"epochs": [5]}),
    )
    assert units.predictions == (
        Best("The widest is best", {"units1": [512], "units2": [512]}),
        MattersMore("The first matters more", "units1", "units2"),
        Beats("Better than any number of epochs", "epochs"),
        GapAtMost("The gap is small everywhere", 1.0, {}),
    )


def test_a_configuration_in_several_groups_is_one_configuration_with_several_labels(study):
    baseline = study.groups[0].members[1].id
    assert study.labels[baseline] == ("epochs_5", "units_16_16", "lr_0.001", "combined_config_2")
    assert sum(len(labels) for labels in study.labels.values()) == 11
    assert len(study.labels) == 8


def test_each_configuration_is_planned_once_per_seed_under_its_first_label(study):
    assert len(study.runs) == 8 * 3
    assert len({(run.id, run.seed) for run in study.runs}) == 8 * 3
    assert [run.seed for run in study.runs] == [0] * 8 + [1] * 8 + [2] * 8
    assert [run.label for run in study.runs[:8]] == [
        "epochs_3",
        "epochs_5",
        "epochs_10",
        "units_16_512",
        "units_512_16",
        "units_512_512",
        "lr_1e-05",
        "combined_config_1",
    ]
    assert {run.label for run in study.runs[8:16]} == {run.label for run in study.runs[:8]}


def test_a_plan_is_found_by_its_folder_and_by_its_file(study, tmp_path):
    assert load_study(tmp_path / "my-study" / "study.toml") == study
    other = tmp_path / "second.toml"
    other.write_text(GOOD)
    assert load_study(other).name == "second"


def test_a_setting_that_cannot_act_is_not_in_the_configuration(tmp_path):
    text = GOOD.replace('optimizer = "Adam"', 'optimizer = "Adam"\nmomentum = 0.9')
    plain = study_of(tmp_path, GOOD)
    assert study_of(tmp_path, text).runs == plain.runs


def test_the_goal_of_a_loss_is_to_make_it_small(tmp_path):
    assert study_of(tmp_path, GOOD.replace('"valid_accuracy"', '"valid_loss"')).goal == "minimize"
    text = GOOD.replace('"valid_accuracy"', '"valid_loss"\ngoal = "maximize"')
    assert study_of(tmp_path, text).goal == "maximize"


OTHERS = """
[study]
title = "Runs of another trainer"
metric = "{}"
[[group]]
name = "all"
where = {{}}
"""


@pytest.mark.parametrize(
    ("metric", "goal"),
    [
        ("rmse", "minimize"),
        ("val/perplexity", "minimize"),
        ("valid_error", "minimize"),
        ("val/acc@1", "maximize"),
        ("top1", "maximize"),
    ],
)
def test_without_a_goal_the_name_of_the_metric_gives_it(tmp_path, metric, goal):
    study = study_of(tmp_path, OTHERS.format(metric))
    assert (study.goal, study.goal_by_name, study.sign) == (goal, True, 1 if goal == "maximize" else -1)
    study = study_of(tmp_path, OTHERS.format(metric).replace("[[", 'goal = "maximize"\n[['))
    assert (study.goal, study.goal_by_name) == ("maximize", False)


@pytest.mark.parametrize("metric", ["speed", "neg_loss", "1-accuracy"])
def test_a_metric_whose_name_does_not_say_which_way_is_better_needs_a_goal(tmp_path, metric):
    with pytest.raises(
        PlanError, match=rf'study.toml:4: study.metric: "{metric}" does not say which way is better; add goal = "maximize"'
    ):
        study_of(tmp_path, OTHERS.format(metric))


BASE = 'dataset = "digits"\nmodel = "mlp"\nunits1 = 8\nunits2 = 8\ndepth = 1\nepochs = 1\nbatch_size = 8\n'


def claiming(claim):
    """A plan over any logs with one prediction."""
    return OTHERS.format("valid_accuracy") + f'[[group.prediction]]\nsays = "S"\n{claim}\n'


@pytest.mark.parametrize(
    ("claim", "told"),
    [
        ("at = { lr = 0.1 }\nbetween = [75, 80]", "75 to 80 found, but valid_accuracy is a share, .* write 0.75 to 0.80"),
        ("at = { lr = 0.1 }\nbetween = [0.5, 5]", "0.5 to 5 found, .* write 0.005 to 0.05"),
        ("at = { lr = 0.1 }\nat_least = 83", "at_least: 83 found, .* write 0.83"),
        ("at = { lr = 0.1 }\nat_most = 99.5", "at_most: 99.5 found, .* write 0.995"),
        ("better = { lr = 0.1 }\nthan = { lr = 0.2 }\nby = 5", "by: 5 found, .* two shares differ by less than 1; write 0.05"),
        ("better = { lr = 0.1 }\nthan = { lr = 0.2 }\nby = 1", "by: 1 found, .* write 0.01"),
    ],
)
def test_percent_for_a_share_is_an_error_that_says_how_to_write_it(tmp_path, claim, told):
    with pytest.raises(PlanError, match=told):
        study_of(tmp_path, claiming(claim))
    assert study_of(tmp_path, claiming(claim).replace("valid_accuracy", "top1")).groups


@pytest.mark.parametrize(
    "claim",
    [
        "at = { lr = 0.1 }\nat_least = 0",
        "at = { lr = 0.1 }\nat_most = 1",
        "at = { lr = 0.1 }\nat_least = 250",
        "at = { lr = 0.1 }\nat_most = -0.5",
        "better = { lr = 0.1 }\nthan = { lr = 0.2 }\nby = -1",
        "gap_at_most = 1e9",
        'factor = "lr"\nmatters_more_than = "lr"',
    ],
)
def test_a_prediction_that_cannot_fail_or_cannot_hold_is_refused(tmp_path, claim):
    with pytest.raises(PlanError, match=r'study.toml:8: group\["all"\].prediction\["S"\]: says nothing: '):
        study_of(tmp_path, claiming(claim))


def test_a_best_that_names_every_configuration_is_refused_where_the_plan_knows_them(tmp_path):
    every = claiming("best = { lr = [0.01, 0.1] }")
    assert study_of(tmp_path, every).groups  # of logs there may be others
    baseline = f'{BASE}optimizer = "SGD"\nlr = 0.1\n'
    planned = every.replace("[[group]]", f"seeds = [0]\n[baseline]\n{baseline}[[group]]", 1)
    with pytest.raises(PlanError, match="says nothing: it names every configuration of the group"):
        study_of(tmp_path, planned.replace("where = {}", "grid = { lr = [0.01, 0.1] }"))
    beside = planned.replace("where = {}", "grid = { units2 = [8, 16] }")  # there is no second layer
    with pytest.raises(PlanError, match="says nothing: the same configurations stand on both sides"):
        study_of(tmp_path, beside.replace("best = { lr = [0.01, 0.1] }", "better = { units2 = 8 }\nthan = { units2 = 16 }"))


def test_a_number_setting_is_the_same_with_and_without_a_point(tmp_path):
    whole = study_of(tmp_path, GOOD.replace("[0.00001, 0.001]", "[1, 2]"))
    point = study_of(tmp_path, GOOD.replace("[0.00001, 0.001]", "[1.0, 2.0]"))
    assert whole.runs == point.runs
    assert whole.groups[2].members[0].label == "lr_1"


# The lines of a plan that is all right; a broken one replaces one of them.
PLAN = """\
[study]
title = "T"
seeds = [0, 1]

[baseline]
dataset = "digits"
model = "mlp"
units1 = 16
units2 = 16
depth = 2
epochs = 5
batch_size = 64
lr = 0.001
optimizer = "SGD"

[[group]]
name = "epochs"
grid = { epochs = [3, 5, 10] }
  [[group.prediction]]
  says = "Ten beat three"
  better = { epochs = 10 }
  than = { epochs = 3 }

[[group]]
name = "optimizer"
grid = { optimizer = ["SGD", "Adam"] }
"""

# What is replaced, by what, the line that the message names, and the words that it says: the key, and what to do.
BROKEN = [
    # the study
    ('title = "T"', "", 1, ["study", '"title" is missing']),
    ('title = "T"', "title = 3", 2, ["study.title", "3 found", "text expected"]),
    ('title = "T"', 'title = "T"\nauthr = "A"', 3, ["study.authr", "unknown key", 'did you mean "author"?']),
    ('title = "T"', 'title = "T"\ngoal = "win"', 3, ["study.goal", '"win" found', '"maximize" or "minimize" expected']),
    ('title = "T"', 'title = "T"\nmetric = "test_accuracy"', 3, ["study.metric", "test_accuracy", "choose by validation"]),
    ("seeds = [0, 1]", "", 1, ["study", '"seeds" is missing']),
    ("seeds = [0, 1]", "seeds = []", 3, ["study.seeds", "[] found", "whole numbers from 0 expected"]),
    ("seeds = [0, 1]", "seeds = 3", 3, ["study.seeds", "3 found", "a list of whole numbers expected"]),
    ("seeds = [0, 1]", "seeds = [\n  0,\n  0]", 3, ["study.seeds", "[0, 0] found", "different"]),
    ("seeds = [0, 1]", "seeds = [0, -1]", 3, ["study.seeds", "-1", "from 0 expected"]),
    ("seeds = [0, 1]", "seeds = [true]", 3, ["study.seeds", "True", "whole numbers"]),
    ("seeds = [0, 1]", "seeds = [0, 9223372036854775808]", 3, ["study.seeds", "9223372036854775808"]),
    # the baseline
    ("lr = 0.001", "lr = 0", 13, ["baseline.lr", "0 found", "a number above 0 expected"]),
    ("lr = 0.001", 'lr = "0.001"', 13, ["baseline.lr", "'0.001' found", "a number above 0 expected"]),
    ("lr = 0.001", "lr = inf", 13, ["baseline.lr", "inf found", "a number above 0 expected"]),
    ("lr = 0.001", "lr = 1" + 400 * "0", 13, ["baseline.lr", "a number above 0 expected"]),
    ("lr = 0.001", "learning_rate = 0.001", 13, ["baseline.learning_rate", "unknown setting", "known: ", "lr"]),
    ('dataset = "digits"', 'dataset = "digit"', 6, ["baseline.dataset", "'digit' found", 'did you mean "digits"?']),
    ("epochs = 5", "epoch = 5", 11, ["baseline.epoch", "unknown setting", 'did you mean "epochs"?']),
    ("epochs = 5", "epochs = 5.0", 11, ["baseline.epochs", "5.0 found", "a whole number of at least 1 expected"]),
    ("epochs = 5", "epochs = true", 11, ["baseline.epochs", "True found", "a whole number of at least 1 expected"]),
    ('model = "mlp"', 'model = "resnet"', 7, ["baseline.model", "'resnet' found", '"mlp", "cnn", or your own as']),
    ('dataset = "digits"', 'dataset = ["digits"]', 6, ["baseline.dataset", "found", '"digits", or your own as']),
    ("depth = 2", "depth = 2\nmomentum = 1.0", 11, ["baseline.momentum", "1.0 found", "not including, 1"]),
    ("depth = 2", "depth = 2\nbetas = [0.9]", 11, ["baseline.betas", "[0.9] found", "a list of two numbers"]),
    ("depth = 2", "depth = 2\nnesterov = 1", 11, ["baseline.nesterov", "1 found", "true or false expected"]),
    ("depth = 2", "depth = 2\nnesterov = true", 17, ['group["epochs"]', "nesterov needs a momentum above 0"]),
    ("depth = 2", 'depth = 2\nschedule = "cos"', 11, ["baseline.schedule", "'cos' found", '"cosine"']),
    ("depth = 2", 'depth = 2\nschedule = "step"', 17, ['group["epochs"]', '"3" has no step_epochs']),
    ("depth = 2", "depth = 2\nwarmup = 4", 17, ['"3"', "a warmup of 4 epochs is longer than the run, which has 3"]),
    (
        "batch_size = 64",
        "batch_size = 3\nbatch_norm = true",
        17,
        ["the last of 1,078 examples by 3 is alone"],
    ),
    ("batch_size = 64", "batch_size = 1\nbatch_norm = true", 17, ["batch_norm needs two examples", "batch_size is 1"]),
    ('model = "mlp"', 'model = "cnn"\nchannels = 4\nblocks = 4', 18, ["4 blocks halve images of 8 x 8 to nothing; at most 3"]),
    ("depth = 2", "", 16, ['group["epochs"]', '"3" has no depth', "set it in [baseline] or in the group"]),
    ("batch_size = 64", "", 16, ['group["epochs"]', "has no batch_size", "set it in [baseline] or in the group"]),
    ('model = "mlp"', 'model = "cnn"', 16, ['group["epochs"]', "has no channels", "set it in [baseline] or in the group"]),
    # the groups
    ('name = "epochs"', "", 16, ["group[1]", '"name" is missing']),
    ('name = "epochs"', "name = 3", 17, ["group[1].name", "3 found", "text expected"]),
    ('name = "epochs"', 'name = "a/b"', 17, ['group["a/b"].name', '"a/b" found', "letters, digits"]),
    ('name = "epochs"', 'name = "optimizer"', 25, ['group["optimizer"].name', "name of an earlier group too"]),
    ('name = "epochs"', 'name = "epochs"\nhypothese = "x"', 18, ['group["epochs"].hypothese', 'did you mean "hypothesis"?']),
    ('name = "epochs"', 'name = "epochs"\nexpected = [1]', 18, ['group["epochs"].expected', "a list of texts expected"]),
    ('name = "epochs"', 'name = "epochs"\nexpected = 1', 18, ['group["epochs"].expected', "1 found", "a list of texts"]),
    (
        "grid = { epochs = [3, 5, 10] }",
        "",
        16,
        ['group["epochs"]', "none found", "one of grid, configs, where and search expected"],
    ),
    (
        "grid = { epochs = [3, 5, 10] }",
        "grid = { epochs = [3, 5, 10] }\nconfigs = []",
        16,
        ['group["epochs"]', "grid and configs found", "one of grid, configs, where and search expected"],
    ),
    ("grid = { epochs = [3, 5, 10] }", "grid = {}", 18, ['group["epochs"].grid', "no factor in it"]),
    ("grid = { epochs = [3, 5, 10] }", "grid = [3]", 18, ['group["epochs"].grid', "[3] found", "a table of lists expected"]),
    ("grid = { epochs = [3, 5, 10] }", "grid = { epochs = 3 }", 18, ['group["epochs"].grid.epochs', "a list of levels expected"]),
    ("grid = { epochs = [3, 5, 10] }", "grid = { epochs = [] }", 18, ["grid.epochs", "[] found", "a list of levels expected"]),
    ("grid = { epochs = [3, 5, 10] }", "grid = { lr = [1, 1.0] }", 18, ["grid.lr", "a level stands in it twice"]),
    ("grid = { epochs = [3, 5, 10] }", "grid = { epochs = [3, 0] }", 18, ["grid.epochs", "0 found", "at least 1 expected"]),
    ("grid = { epochs = [3, 5, 10] }", "grid = { epocs = [3] }", 18, ["grid.epocs", 'did you mean "epochs"?']),
    ("grid = { epochs = [3, 5, 10] }", "grid.epochs = [3, 0]", 18, ["grid.epochs", "0 found", "at least 1 expected"]),
    ("grid = { epochs = [3, 5, 10] }", "[group.grid]\nepochs = [\n3, 0]", 19, ["grid.epochs", "0 found", "at least 1"]),
    ("grid = { epochs = [3, 5, 10] }", "configs = []", 18, ['group["epochs"].configs', "no configuration in it"]),
    ("grid = { epochs = [3, 5, 10] }", "configs = [3]", 18, ["configs[1]", 'a table with a "name"', "expected"]),
    ("grid = { epochs = [3, 5, 10] }", "configs = [{ epochs = 3 }]", 18, ["configs[1]", 'a table with a "name"', "None found"]),
    (
        "grid = { epochs = [3, 5, 10] }",
        'configs = [\n{ name = "a", epocs = 3 }]',
        18,
        ['configs["a"].epocs', 'did you mean "epochs"?'],
    ),
    ("grid = { epochs = [3, 5, 10] }", "where = 3", 18, ['group["epochs"].where', "3 found", "a table expected"]),
    # the predictions
    ('says = "Ten beat three"', "", 19, ['group["epochs"].prediction[1]', '"says" is missing']),
    ('says = "Ten beat three"', "says = 3", 20, ["prediction[1].says", "3 found", "text expected"]),
    ("better = { epochs = 10 }", "beter = { epochs = 10 }", 21, ['prediction["Ten beat three"].beter', 'did you mean "better"?']),
    ("than = { epochs = 3 }", "", 19, ['prediction["Ten beat three"]', '"than" is missing']),
    ("than = { epochs = 3 }", "than = { epochs = 4 }", 22, ["than", "epochs = 4 is no level of this group", "3, 5, 10"]),
    ("than = { epochs = 3 }", "than = { lr = 3 }", 22, ["than", '"lr" is not varied in group "epochs"', "epochs"]),
    ("than = { epochs = 3 }", "than = {}", 22, ["than", "names no factor"]),
    ("than = { epochs = 3 }", "than = 3", 22, ["than", "3 found", "a table of factors and levels expected"]),
    ("than = { epochs = 3 }", "than = { epochs = [] }", 22, ["than", "no configuration of the group has these levels"]),
    ("than = { epochs = 3 }", 'than = { epochs = 3 }\nby = "1"', 23, ["by", "'1' found", "a number expected"]),
    ("than = { epochs = 3 }", "than = { epochs = 3 }\nby = true", 23, ["by", "True found", "a number expected"]),
    ("than = { epochs = 3 }", "than = { epochs = 3 }\nat_least = 1", 23, ["at_least", "unknown key"]),
]
PREDICTION = """\
  better = { epochs = 10 }
  than = { epochs = 3 }
"""
BROKEN_PREDICTIONS = [
    ("", 19, ["predicts nothing", "better, trend, best", "expected"]),
    ("at_least = 0.5", 19, ["predicts nothing", "expected"]),
    ("at = { epochs = 3 }", 19, ["none found", "one of between, at_least and at_most expected"]),
    ("at = { epochs = 3 }\nat_least = 0.1\nat_most = 0.9", 19, ["at_least and at_most found", "one of between"]),
    ("at = { epochs = 3 }\nbetween = [0.9, 0.1]", 22, ["between", "[0.9, 0.1] found", "the lower first"]),
    ("at = { epochs = 3 }\nbetween = 0.9", 22, ["between", "0.9 found", "the lower first"]),
    ("at = { epochs = 3 }\nbetween = [0.1, true]", 22, ["between", "True", "two numbers"]),
    ("at = { epochs = 3 }\nat_most = nan", 22, ["at_most", "nan found", "a finite number expected"]),
    ("at = { epochs = 3 }\nat_most = 1" + 400 * "0", 22, ["at_most", "a finite number expected"]),
    ("at = { epochs = 3 }\nbetween = [0, inf]", 22, ["between", "inf", "two numbers"]),
    ('trend = "rising"\nof = "epochs"', 21, ["trend", '"rising" found', "increasing, decreasing, diminishing expected"]),
    ('trend = "increasing"', 19, ['"of" is missing']),
    ('trend = "increasing"\nof = "epoch"', 22, ["of", '"epoch" is not varied', 'did you mean "epochs"?']),
    ('best = { epochs = "3 or 5" }', 21, ["best", "epochs = 3 or 5 is no level of this group"]),
    ('factor = "epochs"', 19, ['"matters_more_than" is missing']),
    ('factor = "epochs"\nmatters_more_than = "epoch"', 22, ["matters_more_than", "is no setting", 'did you mean "epochs"?']),
    ('gap_at_most = "0.1"', 21, ["gap_at_most", "'0.1' found", "a number expected"]),
    ('beats = "optimiser"', 21, ["beats", 'no other group "optimiser"', 'did you mean "optimizer"?']),
    ('beats = "epochs"', 21, ["beats", 'no other group "epochs"']),
    ("beats = 3", 21, ["beats", "3 found", "text expected"]),
]


def complaint(tmp_path, text):
    with pytest.raises(PlanError) as caught:
        study_of(tmp_path, text)
    return str(caught.value)


def test_the_plan_that_the_broken_ones_start_from_is_all_right(tmp_path):
    assert len(study_of(tmp_path, PLAN).runs) == 8


@pytest.mark.parametrize(("old", "new", "line", "words"), BROKEN, ids=lambda value: repr(value)[:40])
def test_a_broken_plan_is_told_by_file_line_and_key_and_what_to_do(tmp_path, old, new, line, words):
    assert PLAN.count(old) == 1
    message = complaint(tmp_path, PLAN.replace(old, new))
    assert message.startswith(f"{tmp_path / 'my-study' / 'study.toml'}:{line}: ")
    assert [word for word in words if word not in message] == [], message
    assert len(message.splitlines()) <= 2


@pytest.mark.parametrize(("new", "line", "words"), BROKEN_PREDICTIONS, ids=lambda value: repr(value)[:40])
def test_a_broken_prediction_is_told_by_file_line_and_key_and_what_to_do(tmp_path, new, line, words):
    message = complaint(tmp_path, PLAN.replace(PREDICTION, new + "\n"))
    assert message.startswith(f'{tmp_path / "my-study" / "study.toml"}:{line}: group["epochs"].prediction["Ten beat three"]')
    assert [word for word in words if word not in message] == [], message


@pytest.mark.parametrize(
    ("direction", "grid", "of", "words"),
    [
        ("increasing", '{ optimizer = ["SGD", "Adam"] }', "optimizer", '"increasing" needs at least 2 numeric levels'),
        ("decreasing", "{ lr = [0.1] }", "lr", '"decreasing" needs at least 2 numeric levels'),
        ("diminishing", "{ lr = [0.1, 0.2] }", "lr", '"diminishing" needs at least 3 numeric levels'),
    ],
)
def test_a_trend_needs_levels_that_have_an_order(tmp_path, direction, grid, of, words):
    text = (
        PLAN + f'\n[[group]]\nname = "more"\ngrid = {grid}\n[[group.prediction]]\nsays = "s"\ntrend = "{direction}"\nof = "{of}"\n'
    )
    message = complaint(tmp_path, text)
    assert message.startswith(f"{tmp_path / 'my-study' / 'study.toml'}:34: ")
    assert 'group["more"].prediction["s"].of' in message
    assert words in message


def test_levels_that_the_group_has_but_not_together_are_no_configuration(tmp_path):
    text = PLAN + (
        '\n[[group]]\nname = "both"\n'
        'configs = [{ name = "a", epochs = 3, lr = 0.1 }, { name = "b", epochs = 5, lr = 0.2 }]\n'
        '[[group.prediction]]\nsays = "s"\nbest = { epochs = 3, lr = 0.2 }\n'
    )
    message = complaint(tmp_path, text)
    assert ':33: group["both"].prediction["s"].best: ' in message
    assert "no configuration of the group has these levels together" in message


def test_a_list_of_configurations_may_not_have_a_name_twice(tmp_path):
    message = complaint(tmp_path, PLAN + '\n[[group]]\nname = "c"\nconfigs = [{ name = "a", lr = 1 }, { name = "a", lr = 2 }]\n')
    assert ':28: group["c"]: label "c_a" stands for two configurations; rename one' in message


def test_two_configurations_may_not_have_one_label(tmp_path):
    text = PLAN + (
        '\n[[group]]\nname = "a_b"\nconfigs = [{ name = "c", lr = 1 }]\n'
        '[[group]]\nname = "a"\nconfigs = [{ name = "b_c", lr = 2 }]\n'
    )
    message = complaint(tmp_path, text)
    assert ':31: group["a"]: label "a_b_c" stands for two configurations; rename one' in message


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, ['"study" is missing']),
        ('[study]\ntitle = "T"\nseeds = [0]\n', 1, ['"group" is missing']),
        ("study = 3\ngroup = []\n", 1, ["study: 3 found, a table expected"]),
        ("group = []\n\n[study]\ntitle = 'T'\nseeds = [0]\n", 1, ["group: ", "no group in it"]),
        ("group = 3\n[study]\n", 1, ["group: 3 found, an array of tables expected"]),
        ("\ngroup = [3]\n[study]\ntitle = 'T'\nseeds = [0]\n", 2, ["group[1]: 3 found, a table expected"]),
        ("[study]\ntitle = 'T'\nseeds = [0]\n[group]\nname = 'a'\n", 4, ["group: ", "an array of tables expected"]),
        ("[study]\ntitle = 'T'\nseeds = [0]\n[[group]]\n[[base]]\n", 5, ["base: unknown key", 'did you mean "baseline"?']),
        ("baseline = 3\n[study]\ntitle = 'T'\nseeds = [0]\n[[group]]\n", 1, ["baseline: 3 found, a table expected"]),
        (PLAN.replace("[[group.prediction]]", "[group.prediction]"), 19, ['group["epochs"].prediction: ', "an array of tables"]),
        ("[study]\ntitle = 'T'\nseeds = [0]\n[[group]]\n[bass.x]\n", 5, ["bass: unknown key", 'did you mean "baseline"?']),
    ],
)
def test_a_plan_of_the_wrong_shape_is_told_by_its_table(tmp_path, text, line, words):
    message = complaint(tmp_path, text)
    assert message.startswith(f"{tmp_path / 'my-study' / 'study.toml'}:{line}: ")
    assert ": : " not in message
    assert [word for word in words if word not in message] == [], message


def test_a_prediction_that_is_no_table_is_told(tmp_path):
    message = complaint(tmp_path, PLAN + 'prediction = ["x"]\n')
    assert ":27: group[\"optimizer\"].prediction[1]: 'x' found, a table expected" in message


def test_what_is_not_toml_is_told_with_its_line(tmp_path):
    message = complaint(tmp_path, "[study]\ntitle = T\n")
    assert f"{tmp_path / 'my-study' / 'study.toml'}: not valid TOML" in message
    assert "line 2" in message


def test_a_number_too_long_to_read_is_told(tmp_path):
    assert "not valid TOML" in complaint(tmp_path, "[study]\nseeds = [" + 5000 * "1" + "]\n")


def test_brackets_too_deep_to_read_are_told(tmp_path):
    assert "not valid TOML" in complaint(tmp_path, "[study]\nseeds = " + 5000 * "[" + 5000 * "]" + "\n")


def test_bytes_that_are_no_text_are_told(tmp_path):
    (tmp_path / "study.toml").write_bytes(b'[study]\ntitle = "\xff"\n')
    with pytest.raises(PlanError, match=r"study.toml: cannot be read: .*utf-8"):
        load_study(tmp_path)


@pytest.mark.parametrize("name", ["", "none", "none.toml"])
def test_a_plan_that_is_not_there_is_told(tmp_path, name):
    where = tmp_path / name
    with pytest.raises(PlanError, match=re.escape(str(where)) + r".*: no such plan; a study is a folder with a study.toml"):
        load_study(where)


def test_a_folder_in_the_place_of_the_plan_is_told(tmp_path):
    (tmp_path / "study.toml").mkdir()
    with pytest.raises(PlanError, match="cannot be read"):
        load_study(tmp_path)


factors = st.fixed_dictionaries(
    {},
    optional={
        "units1": st.lists(st.integers(1, 64), min_size=1, max_size=3, unique=True),
        "epochs": st.lists(st.integers(1, 9), min_size=1, max_size=3, unique=True),
        "lr": st.lists(st.sampled_from([1e-5, 0.001, 0.5, 1.0]), min_size=1, max_size=3, unique=True),
        "optimizer": st.lists(st.sampled_from(["SGD", "Adam"]), min_size=1, max_size=2, unique=True),
    },
).filter(len)


@given(st.lists(factors, min_size=1, max_size=3), st.integers(1, 3))
def test_every_cell_of_every_grid_is_planned_once_a_seed(tmp_path_factory, grids, seeds):
    groups = [
        f'[[group]]\nname = "g{i}"\ngrid = {{ {", ".join(f"{k} = {v!r}" for k, v in grid.items())} }}\n'
        for i, grid in enumerate(grids)
    ]
    head, _, _ = PLAN.partition("[[group]]")
    path = tmp_path_factory.mktemp("plan") / "p.toml"
    path.write_text(head.replace("[0, 1]", str(list(range(seeds)))) + "\n".join(groups))
    study = load_study(path)
    for grid, group in zip(grids, study.groups, strict=True):
        size = 1
        for levels in grid.values():
            size *= len(levels)
        assert len(group.members) == size
        for factor, levels in grid.items():
            for level in levels:
                assert sum(selects({factor: [level]}, member.levels) for member in group.members) == size // len(levels)
    distinct = {member.id for group in study.groups for member in group.members}
    assert len(study.runs) == len(distinct) * seeds
    assert {(run.id, run.seed) for run in study.runs} == {(key, seed) for key in distinct for seed in range(seeds)}
    assert study.labels.keys() == distinct


def test_a_plan_of_where_groups_alone_needs_no_seeds(tmp_path):
    (tmp_path / "study.toml").write_text('[study]\ntitle = "Others"\n[[group]]\nname = "sgd"\nwhere = { optimizer = "SGD" }\n')
    study = load_study(tmp_path)
    assert study.seeds == ()
    assert study.runs == ()


def test_a_metric_that_the_runner_does_not_log_stops_the_plan_before_the_sweep(tmp_path):
    text = '[study]\ntitle = "T"\nseeds = [0]\nmetric = "valid_acuracy"\ngoal = "maximize"\n[[group]]\nname = "a"\n'
    (tmp_path / "study.toml").write_text(text + 'where = { optimizer = "SGD" }\n')
    assert load_study(tmp_path).metric == "valid_acuracy"
    grid = 'grid = { lr = [0.1] }\n[baseline]\ndataset = "digits"\nmodel = "mlp"\nunits1 = 8\ndepth = 1\n'
    (tmp_path / "study.toml").write_text(text + grid + 'epochs = 1\nbatch_size = 8\noptimizer = "SGD"\n')
    with pytest.raises(PlanError, match=r'study.toml:4: study.metric: .* did you mean "valid_accuracy"'):
        load_study(tmp_path)


SILENT = """
[study]
title = "T"
seeds = [0]
silence = {study}

[[group]]
name = "g"
where = {{}}
silence = {group}
"""


def test_a_study_and_a_group_silence_checks_with_their_reasons(tmp_path):
    study = silenced(tmp_path, '{ SB101 = "Steps are\tequal" }', '{ SB107 = "Short", SB203 = "Two machines" }')
    assert study.silence == {"SB101": "Steps are equal"}
    assert study.groups[0].silence == {"SB107": "Short", "SB203": "Two machines"}
    assert silenced(tmp_path, "{}", "{}").silence == {}


def silenced(folder, study, group):
    (folder / "study.toml").write_text(SILENT.format(study=study, group=group))
    return load_study(folder)


@pytest.mark.parametrize(
    ("study", "group", "message"),
    [
        ('{ SB16 = "x" }', "{}", r'study.toml:5: study.silence.SB16: unknown check; did you mean "SB106"\?'),
        ("{}", '{ SB101 = " " }', r"""study.toml:10: group\["g"\].silence.SB101: ' ' found, the reason as text expected"""),
        ("{ SB101 = true }", "{}", "study.silence.SB101: True found, the reason as text expected"),
        ('["SB101"]', "{}", r"study.silence: \['SB101'\] found, a table of checks, each with the reason expected"),
    ],
)
def test_a_check_is_not_silenced_without_a_reason_or_by_a_wrong_code(tmp_path, study, group, message):
    with pytest.raises(PlanError, match=message):
        silenced(tmp_path, study, group)


def test_the_hash_of_a_prediction_is_of_what_it_claims_and_of_its_group():
    claim = Better("Large wins", {"units1": [16]}, {"units1": [8]}, 0.0)
    known = prediction_hash("units", claim)
    assert re.fullmatch("[0-9a-f]{8}", known)
    assert prediction_hash("units", Better("By a mile", {"units1": [16.0]}, {"units1": [8]}, 0)) == known
    others = [
        prediction_hash("width", claim),
        prediction_hash("units", Better("Large wins", {"units1": [16]}, {"units1": [8]}, 0.01)),
        prediction_hash("units", Better("Large wins", {"units1": [8]}, {"units1": [16]}, 0.0)),
        prediction_hash("units", Best("Large wins", {"units1": [16]})),
        prediction_hash("units", At("Large wins", {"units1": [16]}, 0.5, None)),
        prediction_hash("units", At("Large wins", {"units1": [16]}, None, 0.5)),
    ]
    assert len({known, *others}) == 7


def where_of(tmp_path, where, prediction=""):
    (tmp_path / "study.toml").write_text(f'[study]\ntitle = "T"\n[[group]]\nname = "g"\nwhere = {where}\n{prediction}')
    return load_study(tmp_path).groups[0]


def test_where_takes_each_value_of_a_list_and_a_list_that_is_a_value(tmp_path):
    rates = where_of(tmp_path, "{ lr = [0.1, 0.01], width = 8 }").where
    assert [selects(rates, {"lr": lr, "width": 8}) for lr in (0.1, 0.01, 0.001)] == [True, True, False]
    assert not selects(rates, {"lr": 0.1, "width": 16})
    betas = where_of(tmp_path, "{ betas = [0.9, 0.999] }").where
    assert [selects(betas, {"betas": value}) for value in ([0.9, 0.999], [0.8, 0.999])] == [True, False]
    either = where_of(tmp_path, "{ betas = [[0.9, 0.999], [0.8, 0.999]] }").where
    assert [selects(either, {"betas": value}) for value in ([0.9, 0.999], [0.8, 0.999], [0.8, 0.9])] == [True, True, False]


def test_where_and_its_predictions_name_settings_of_nested_tables_by_their_path(tmp_path):
    group = where_of(tmp_path, '{ opt.name = "adam", "opt.lr" = 0.1 }', '[[group.prediction]]\nsays = "s"\nbest = { opt.wd = 0 }\n')
    assert group.where == {"opt.name": ["adam"], "opt.lr": [0.1]}
    assert group.predictions[0].best == {"opt.wd": [0]}


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("{ lr = [] }", "where.lr: [] found, a value or a list of values expected"),
        ("{ opt = [{ lr = 0.1 }] }", "where.opt: [{'lr': 0.1}] found, a value or a list of values expected"),
        ('{ opt.lr = 0.1, "opt.lr" = 0.2 }', '"opt.lr" stands in it twice: by that name, and in a table'),
    ],
)
def test_a_where_that_can_choose_nothing_is_an_error(tmp_path, where, words):
    with pytest.raises(PlanError, match=re.escape(words)):
        where_of(tmp_path, where)
