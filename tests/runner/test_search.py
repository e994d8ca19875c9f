"""What a plan may search and how, and what the trials of a search come to."""

import math
from dataclasses import replace

import pytest
from sweepbook.runner.plan import load_study
from sweepbook.runner.planreading import PlanError
from sweepbook.runner.search import Choice, Range, SearchPlan
from sweepbook.runner.trials import Trial, by_group, distinct, is_over, label, limit, ranked, resolved, wall

PLAN = """\
[study]
title = "T"
seeds = [0, 1]
[baseline]
dataset = "digits"
model = "mlp"
units1 = 16
depth = 1
epochs = 5
batch_size = 64
lr = 0.001
optimizer = "SGD"
[[group]]
name = "bayes"
search = { lr = "log 1e-5..1e-1", units1 = [16, 32], momentum = "0..0.9", epochs = "1..4" }
runs = 12
"""


def study_of(folder, text):
    (folder / "study.toml").write_text(text)
    return load_study(folder)


def changed(*pairs):
    text = PLAN
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text


def trial(number, score=0.5, status="finished", **changes):
    config = {"lr": 0.1 + number, "units1": 16}
    made = Trial("bayes", number, label("bayes", number), config, status, score, (score,), 10.0 * number, 4.0, "{}")
    return replace(made, **changes)


def test_a_search_names_ranges_and_levels(tmp_path):
    group = study_of(tmp_path, PLAN).groups[0]
    assert group.search == SearchPlan(
        {
            "lr": Range(1e-5, 1e-1, log=True, whole=False),
            "units1": Choice((16, 32)),
            "momentum": Range(0, 0.9, log=False, whole=False),
            "epochs": Range(1, 4, log=False, whole=True),
        },
        runs=12,
        minutes=None,
    )
    assert (group.search.sampler, group.search.pruner, group.search.confirm) == ("tpe", "median", 3)
    assert (group.members, group.open) == ((), True)


def own(space, baseline="own = { width = 8 }"):
    """The plan with a model of the user's own, and `space` as what is searched."""
    old = PLAN[PLAN.index("search =") : PLAN.index("\n", PLAN.index("search ="))]
    return PLAN.replace('"mlp"', f'"net:build"\n{baseline}').replace(old, f"search = {{ {space} }}")


def test_settings_for_a_model_of_ones_own_are_searched_like_any_other(tmp_path):
    space = (
        'own.width = "log 4..64", own.scale = "0..1", own.rate = "0.0..1", own.act = ["relu", "gelu"], own.layers = [[8, 8], [16]]'
    )
    plan = study_of(tmp_path, own(space, "own = { width = 8, scale = 0.5 }")).groups[0].search
    assert plan.space == {
        "own.width": Range(4, 64, log=True, whole=True),
        "own.scale": Range(0, 1, log=False, whole=False),  # the baseline has a fraction
        "own.rate": Range(0, 1, log=False, whole=False),  # an end is written as one
        "own.act": Choice(("relu", "gelu")),
        "own.layers": Choice(([8, 8], [16])),
    }
    assert plan.settings({"own.width": 16, "own.layers": "8-8"}) == {"own.width": 16, "own.layers": [8, 8]}


@pytest.mark.parametrize(
    ("space", "words"),
    [
        ('own.width = "64..4"', ["search.own.width", "lower end first"]),
        ("own.width = [4, 4]", ["search.own.width", "twice"]),
        ("own.width = [4, {}]", ["search.own.width", "text, a number, true, false or a list of numbers expected"]),
        ("own = 4", ["search.own", "unknown setting", "own = { name = value }"]),
    ],
)
def test_what_is_wrong_with_the_search_of_ones_own_setting_names_it(tmp_path, space, words):
    with pytest.raises(PlanError) as error:
        study_of(tmp_path, own(space))
    assert all(word in str(error.value) for word in words), error.value


def test_points_that_are_spread_over_a_space_are_one_in_each_fifth_of_every_setting():
    space = {"lr": Range(1e-5, 1, log=True, whole=False), "epochs": Range(0, 100, log=False, whole=True), "units1": Choice((8, 16))}
    points = SearchPlan(space, 10, None).spread(5)
    assert [math.ceil(math.log10(point["lr"])) for point in points] == [-4, -3, -2, -1, 0]
    assert sorted(point["epochs"] for point in points) == [10, 30, 50, 70, 90]
    assert [point["epochs"] for point in points] != [10, 30, 50, 70, 90]  # not all settings rise together
    assert {point["units1"] for point in points} == {"8", "16"}


def test_a_budget_may_be_minutes_and_who_proposes_and_stops_is_chosen_by_name(tmp_path):
    words = 'minutes = 1.5\nsampler = "random"\npruner = "none"\nconfirm = 1'
    group = study_of(tmp_path, changed(("runs = 12", words))).groups[0]
    assert (group.search.runs, group.search.minutes) == (None, 1.5)
    assert (group.search.sampler, group.search.pruner, group.search.confirm) == ("random", "none", 1)


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('"log 1e-5..1e-1"', '"1e-1..1e-5"', 15, ["search.lr", "no range", "lower end first"]),
        ('"log 1e-5..1e-1"', '"0.1..0.1"', 15, ["search.lr", "no range"]),
        ('"log 1e-5..1e-1"', '"log 0..1"', 15, ["search.lr", "begins above 0"]),
        ('"log 1e-5..1e-1"', '"0..1"', 15, ["search.lr", "0 is not a number above 0"]),
        ('"log 1e-5..1e-1"', '"1e-5-1e-1"', 15, ["search.lr", "a range expected", "log 1e-5..1e-1"]),
        ('"log 1e-5..1e-1"', '"ln 1e-5..1e-1"', 15, ["search.lr", "a range expected"]),
        ('"log 1e-5..1e-1"', '"nan..1"', 15, ["search.lr", "a range expected"]),
        ('"log 1e-5..1e-1"', "0.1", 15, ["search.lr", "0.1 found", "a list of two levels or more"]),
        ('"log 1e-5..1e-1"', "[0.1]", 15, ["search.lr", "[0.1] found", "a list of two levels or more"]),
        ('"log 1e-5..1e-1"', "[0.1, 0.1]", 15, ["search.lr", "twice"]),
        ('"log 1e-5..1e-1"', "[0.1, -1]", 15, ["search.lr", "-1 found", "a number above 0"]),
        ("[16, 32]", '"16..32.5"', 15, ["search.units1", "whole ends"]),
        ("[16, 32]", '"0..32"', 15, ["search.units1", "0 is not a whole number of at least 1"]),
        ("momentum =", "momentun =", 15, ["search.momentun", "unknown setting", '"momentum"']),
        ("momentum =", "minutes =", 15, ["search.minutes", "no setting; minutes is a key of the group, on a line of its own"]),
        ("momentum =", "nesterov =", 15, ["search.nesterov", "no numbers to range over"]),
        ('momentum = "0..0.9"', "nesterov = [true, false]", 13, ["nesterov true", "nesterov needs a momentum"]),
        ('momentum = "0..0.9"', 'model = ["mlp", "cnn"]', 13, ["model cnn", "has no channels"]),
        ('momentum = "0..0.9"', 'dataset = ["digits", "cifar10"]', 15, ["search.dataset", "cannot be compared"]),
        ('{ lr = "log 1e-5..1e-1", units1 = [16, 32], momentum = "0..0.9", epochs = "1..4" }', "{}", 15, ["no setting in it"]),
        ("runs = 12", "", 13, ['group["bayes"]', "needs a budget: runs = 40, or minutes = 30"]),
        ("runs = 12", "runs = 0", 16, ["runs", "0 found", "at least 1"]),
        ("runs = 12", "runs = 2.5", 16, ["runs", "2.5 found", "a whole number"]),
        ("runs = 12", "minutes = 0", 16, ["minutes", "0 found", "above 0"]),
        ("runs = 12", "trials = 12", 16, ["trials: unknown key", 'did you mean "runs"?']),
        ("runs = 12", 'runs = 12\nsampler = "anneal"', 17, ["sampler", '"anneal" found', "tpe, random, gp"]),
        ("runs = 12", 'runs = 12\npruner = "mean"', 17, ["pruner", '"mean" found', "median, hyperband, halving, none"]),
        ("runs = 12", "runs = 12\nconfirm = 0", 17, ["confirm", "0 found", "at least 1"]),
        ("runs = 12", "runs = 12\ngrid = { lr = [0.1] }", 13, ["grid and search found", "one of grid, configs, where and search"]),
        ("seeds = [0, 1]", "seeds = [0, 1000000]", 3, ["study.seeds", "the seed of every trial"]),
        ("search = {", "grid = { lr = [0.1] }\n#", 17, ["runs", "belongs to a search, and this group has none"]),
    ],
)
def test_a_search_that_cannot_be_followed_is_an_error_that_names_its_place(tmp_path, old, new, line, words):
    with pytest.raises(PlanError) as caught:
        study_of(tmp_path, changed((old, new)))
    message = str(caught.value)
    assert f"study.toml:{line}: " in message
    assert [word for word in words if word not in message] == []


def test_more_runs_than_there_are_configurations_are_refused(tmp_path):
    space = '{ lr = [0.1, 0.2], depth = "1..2", units2 = [8, 16] }'  # of depth 1 there is no second layer: 2 + 4
    text = changed(('{ lr = "log 1e-5..1e-1", units1 = [16, 32], momentum = "0..0.9", epochs = "1..4" }', space))
    with pytest.raises(PlanError, match="12 found, but the space holds 6 configurations; a grid trains them all"):
        study_of(tmp_path, text)
    assert study_of(tmp_path, text.replace("runs = 12", "runs = 6")).groups[0].search.runs == 6


@pytest.mark.parametrize("claim", ["best = { lr = 0.1 }", 'trend = "increasing"\nof = "lr"', "gap_at_most = 1\nat = { lr = 0.1 }"])
def test_a_prediction_that_names_a_level_is_refused(tmp_path, claim):
    with pytest.raises(PlanError, match="a search does not know its levels beforehand; beats, or gap_at_most without at"):
        study_of(tmp_path, PLAN + f'[[group.prediction]]\nsays = "S"\n{claim}\n')


def test_a_search_may_be_said_to_beat_another_group(tmp_path):
    text = f'{PLAN}[[group.prediction]]\nsays = "S"\nbeats = "lr"\n[[group]]\nname = "lr"\ngrid = {{ lr = [0.1, 0.2] }}\n'
    assert study_of(tmp_path, text).groups[0].predictions[0].group == "lr"


def test_a_proposal_means_settings_with_three_digits_that_stay_in_their_range(tmp_path):
    plan = study_of(tmp_path, PLAN).groups[0].search
    meant = plan.settings({"lr": 0.00234567, "units1": "32", "momentum": 0.8999, "epochs": 3})
    assert meant == {"lr": 0.00235, "units1": 32, "momentum": 0.9, "epochs": 3}
    assert (type(meant["units1"]), type(meant["epochs"])) == (int, int)


def test_of_several_logs_of_a_trial_the_one_that_ended_counts():
    logs = [
        trial(0, status="interrupted", started=1.0),
        trial(0, started=2.0),
        trial(1, status="running"),
        trial(0, status="failed"),
    ]
    known = by_group(logs)["bayes"]
    assert [(one.number, one.status) for one in known] == [(0, "finished"), (1, "running")]


def test_minutes_are_those_in_which_some_trial_trained():
    beside = [trial(0, started=0.0, seconds=40.0), trial(1, started=10.0, seconds=20.0), trial(2, started=1000.0, seconds=20.0)]
    assert wall(beside) == 60.0
    plan = SearchPlan({"lr": Choice((0.1, 0.2))}, None, 1.0)
    assert is_over(plan, beside, None)
    assert not is_over(replace(plan, minutes=1.1), beside, None)


def short(*starts, seconds=0.3):
    """Trials of less than a second, as their logs have them: each began in a whole second."""
    return [trial(number, started=1000.0 + start, seconds=seconds) for number, start in enumerate(starts)]


def test_short_trials_that_began_in_one_second_count_one_after_the_other():
    assert wall(short(0, 0, 0)) == pytest.approx(0.9)
    assert wall(short(0, 0, 0, 1, 1, 1, 2, 2, 2)) == pytest.approx(2.7)
    assert is_over(SearchPlan({"lr": Choice((0.1, 0.2))}, None, 2.6 / 60), short(0, 0, 0, 1, 1, 1, 2, 2, 2), None)


def test_short_trials_never_take_longer_than_the_clock_and_a_pause_does_not_count():
    assert wall(short(*6 * [0], *6 * [1])) == 2.0
    assert wall(short(0, 0, 50, 50)) == pytest.approx(1.2)
    assert wall([*short(0, 0), *short(60, seconds=30.0)]) == pytest.approx(30.6)


def test_a_search_is_over_once_all_its_runs_have_ended(tmp_path):
    plan = SearchPlan({"lr": Range(0, 1, log=False, whole=False)}, 2, None)
    assert not is_over(plan, [trial(0), trial(1, status="interrupted")], 2)
    assert is_over(plan, [trial(0, status="failed"), trial(1, status="pruned")], 2)


def test_a_space_of_few_configurations_ends_a_search_by_time():
    plan = SearchPlan({"depth": Range(1, 3, log=False, whole=True), "units2": Choice((8, 16))}, None, 10.0)
    baseline = {"model": "mlp", "units1": 8}
    assert distinct(plan, baseline) == 5
    assert limit(plan, baseline) == 5
    assert limit(replace(plan, runs=3), baseline) == 3


def test_the_best_are_confirmed_once_the_search_is_over(tmp_path):
    study = study_of(tmp_path, changed(("runs = 12", "runs = 4\nconfirm = 2")))
    known = [trial(0, 0.7), trial(1, 0.9, "pruned"), trial(2, 0.8), trial(3, 0.6)]
    assert resolved(study, {"bayes": known[:3]}, ()).runs == ()
    over = resolved(study, {"bayes": known}, ())
    assert [(run.label, run.seed) for run in over.runs] == [(f"bayes_t000{n}", seed) for seed in (0, 1) for n in (2, 0)]
    assert over.groups[0].members[0].levels == {"name": "t0002", "lr": 2.1, "units1": 16}


def test_what_was_begun_to_be_confirmed_stays_when_the_budget_grows(tmp_path):
    study = study_of(tmp_path, changed(("runs = 12", "runs = 3\nconfirm = 1")))
    known = [trial(0, 0.7), trial(1, 0.8), trial(2, 0.9)]
    kept = resolved(study, {"bayes": known}, {known[0].id})
    assert [member.label for member in kept.groups[0].members] == ["bayes_t0002", "bayes_t0000"]


def test_a_score_that_is_to_be_low_is_ranked_by_that():
    known = [trial(0, 0.7), trial(1, 0.5), trial(2, 0.5)]
    assert [one.number for one in ranked(known, -1)] == [1, 2, 0]
