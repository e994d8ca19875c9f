import pytest
from sweepbook.analysis.findings.findings import findings
from sweepbook.analysis.groups.ends import End, end
from sweepbook.analysis.journal.next_steps import next_steps
from sweepbook.analysis.logs.sweep import load_sweep
from sweepbook.runner.member import Member


def members(factor, levels, **config):
    """A configuration for each level, named by its place."""
    made = [Member(f"c{i}", {**config, factor: level}, {factor: level}) for i, level in enumerate(levels)]
    return made, [member.id for member in made]


def at(factor, levels, best, **config):
    made, ids = members(factor, levels, **config)
    return end(made, factor, [ids[i] for i in best])


def test_the_best_of_three_levels_may_be_at_an_end():
    assert at("lr", [0.1, 0.3, 0.2], [1]) == End(0.3, False)
    assert at("lr", [0.1, 0.3, 0.2], [0]) == End(0.1, True)
    assert at("lr", [0.1, 0.3, 0.2], [2]) is None
    assert at("lr", [0.1, 0.2], [1]) is None  # of two levels, each is an end
    assert at("lr", [0.1, 0.3, 0.2], []) is None


def test_the_best_at_several_levels_are_at_no_end():
    assert at("lr", [0.1, 0.2, 0.3], [1, 2]) is None


@pytest.mark.parametrize(
    "factor", ["momentum", "dropout", "attention_dropout", "opt.weight_decay", "optim/momentum", "label_smoothing", "warmup_steps"]
)
def test_below_0_there_is_nothing_for_settings_that_begin_there(factor):
    assert at(factor, [0, 0.1, 0.5], [0], optimizer="SGD") is None
    assert at(factor, [0, 0.1, 0.5], [2], optimizer="SGD") == End(0.5, False)


@pytest.mark.parametrize("factor", ["dropout", "subsample", "label_smoothing"])
def test_a_share_ends_at_1(factor):
    assert at(factor, [0.5, 0.8, 1.0], [2]) is None
    assert at(factor, [0.5, 0.8, 1], [0]) == End(0.5, True)


@pytest.mark.parametrize("factor", ["depth", "epochs", "batch_size", "num_layers", "max_epochs", "model.hidden_size", "units"])
def test_a_count_begins_at_1(factor):
    assert at(factor, [1, 2, 3], [0]) is None
    assert at(factor, [1, 2, 3], [2]) == End(3, False)


def test_a_setting_that_nobody_knows_may_be_any_number():
    assert at("offset", [0, 1, 2], [0]) == End(0, True)


def test_where_a_setting_cannot_act_its_level_is_none():
    sgd, momenta = members("momentum", [0, 0.5, 0.9], optimizer="SGD")
    adam, (same, *_) = members("momentum", [0, 0.5, 0.9], optimizer="Adam")
    assert end([*adam, *sgd], "momentum", [same]) is None  # the best is Adam, in which momentum does not act
    assert end([*adam, *sgd], "momentum", [momenta[2]]) == End(0.9, False)
    assert end([*adam, *sgd[:2]], "momentum", [momenta[1]]) is None  # two levels are left


@pytest.mark.parametrize("optimizer", ["adamw", "torch.optim.AdamW", "NAdam"])
def test_momentum_does_not_act_under_the_names_that_other_tools_have_for_adam(optimizer):
    assert at("opt.momentum", [0.1, 0.5, 0.9], [2], **{"opt.name": optimizer}) is None
    assert at("opt.momentum", [0.1, 0.5, 0.9], [2], **{"opt.name": "sgd"}) == End(0.9, False)


def test_a_configuration_without_the_setting_is_passed_over():
    made, ids = members("n_steps", [128, 512, 1024], algo="PPO")
    other = Member("dqn", {"algo": "DQN"}, {})
    assert end([*made, other], "n_steps", [ids[2]]) == End(1024, False)
    assert end([*made, other], "n_steps", [other.id]) is None


def test_levels_that_are_not_all_numbers_have_no_end():
    assert at("gamma", ["scale", 0.1, 1, 2], [3]) is None


PLAN = """
[study]
title = "T"
metric = "valid_accuracy"
[[group]]
name = "all"
where = {}
"""


@pytest.fixture
def told(tmp_path, log, run, plan):
    """What SB106 and the next steps say of runs, each (score, settings)."""

    def tell(*runs):
        for i, (score, config) in enumerate(runs):
            for seed in (0, 1):
                log(tmp_path / "logs", f"r{i}-{seed}", run(score + seed / 1000, seed=seed, label=f"c{i}", config=config))
        found = findings(load_sweep(tmp_path / "logs"), plan(tmp_path / "plan", PLAN))
        steps = [line for line in next_steps(found.groups[0], found) if line.startswith("Try ")]
        return [check.message for check in found.checks if check.code == "SB106"], steps

    return tell


def test_next_steps_and_the_check_name_the_same_end(told):
    checks, steps = told(*((0.7 + i / 20, {"momentum": m, "optimizer": "SGD"}) for i, m in enumerate((0.0, 0.5, 0.9))))
    assert checks == ["momentum: the best, c2, has the largest level tested, 0.9. A larger one may be better still."]
    assert steps == ["Try a higher momentum than 0.9: the best mean is at the largest tested."]


def test_a_momentum_of_0_is_no_end_that_could_be_passed(told):
    runs = [(0.8 - i / 20, {"momentum": m, "optimizer": "SGD"}) for i, m in enumerate((0.0, 0.5, 0.9))]
    assert told(*runs) == ([], [])


def test_neither_speaks_of_momentum_where_the_best_is_adam(told):
    sgd = [(0.7 + i / 20, {"momentum": m, "optimizer": "SGD"}) for i, m in enumerate((0.0, 0.5, 0.9))]
    adam = (0.9, {"momentum": 0.9, "optimizer": "Adam"})
    assert told(*sgd, adam) == ([], [])
