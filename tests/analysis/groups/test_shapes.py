"""Which groups are found in settings alone."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sweepbook.analysis.groups.shapes import shapes
from sweepbook.runner.member import selects

BASE = {"lr": 0.01, "bs": 64, "depth": 2, "opt": "adam"}
STAR = [BASE, *({**BASE, "lr": lr} for lr in (0.1, 0.001)), *({**BASE, "bs": bs} for bs in (32, 128)), {**BASE, "opt": "sgd"}]
GRID = [{**BASE, "lr": lr, "depth": depth} for lr in (0.1, 0.01, 0.001) for depth in (1, 3)]


def named(configs):
    """Each group's name, with the number of configurations that its conditions choose."""
    return {group.name: sum(selects(group.where, config) for config in configs) for group in shapes(configs).groups}


def test_the_baseline_is_what_the_most_others_differ_from_in_one_setting():
    assert shapes(STAR).baseline == BASE


def test_each_setting_that_is_varied_alone_is_a_group_with_the_baseline_in_it():
    assert named(STAR) == {"lr": 3, "bs": 3, "opt": 2}
    assert shapes(STAR).groups[0].says == "lr alone varies, over 3 levels. At opt adam."


def test_a_grid_around_the_baseline_takes_the_place_of_its_settings_alone():
    assert named([*STAR, *GRID]) == {"lr_depth": 9, "bs": 3, "opt": 2}


def test_a_full_grid_is_one_group_without_a_baseline():
    configs = [{"model": m, "method": n, "x": x} for m in "ab" for n in "cde" for x in (1, 2)]
    (group,) = shapes(configs).groups
    assert group.says == "A full grid of model (2 levels), method (3 levels) and x (2 levels): 12 configurations."
    assert shapes(configs).baseline == {}


def test_a_grid_with_gaps_says_how_many_are_there():
    configs = [{"a": a, "b": b} for a in range(4) for b in range(3) if (a, b) not in {(0, 0), (3, 2)}]
    assert shapes(configs).groups[0].says == "A grid of a (4 levels) and b (3 levels), with 10 of its 12 combinations."


def test_a_random_search_is_one_group():
    r = random.Random(0)
    configs = [{"lr": r.random(), "wd": r.random(), "depth": r.choice([1, 2, 3])} for _ in range(300)]
    (group,) = shapes(configs).groups
    assert group.says == "300 configurations that all differ in several settings at once, as in a search: lr, wd and depth."


def test_settings_that_only_some_have_part_the_runs():
    ppo = [{"algo": "PPO", "lr": lr, "n_steps": n} for lr in (0.1, 0.2) for n in (1, 2)]
    dqn = [{"algo": "DQN", "lr": lr, "eps": e} for lr in (0.1, 0.2) for e in (1, 2)]
    assert named([*ppo, *dqn]) == {"lr_n_steps": 4, "lr_eps": 4}


def test_a_setting_that_goes_along_with_another_is_no_further_one():
    configs = [{"a": a, "path": f"/data/{a}", "b": b} for a in "xy" for b in (1, 2, 3)]
    assert shapes(configs).groups[0].says == "A full grid of a (2 levels) and b (3 levels): 6 configurations."


def test_levels_that_are_lists_are_levels():
    configs = [{"hidden": h, "lr": lr} for h in ([64], [64, 64]) for lr in (0.1, 0.2)]
    assert shapes(configs).groups[0].says == "A full grid of hidden (2 levels) and lr (2 levels): 4 configurations."


def test_one_configuration_is_one_group():
    assert [group.says for group in shapes([{}]).groups] == ["One configuration."]


values = st.one_of(st.integers(0, 2), st.sampled_from(["a", "b"]), st.booleans(), st.lists(st.integers(0, 1), max_size=2))
configs = st.lists(st.dictionaries(st.sampled_from("abcde"), values, max_size=5), min_size=1, max_size=40)


@settings(max_examples=150, deadline=None)
@given(configs)
def test_every_configuration_is_in_a_group_and_names_are_unique(drawn):
    own = list({repr(sorted(config.items())): config for config in drawn}.values())
    made = shapes(own).groups
    assert all(any(selects(group.where, config) for group in made) for config in own)
    assert len({group.name for group in made}) == len(made)


@pytest.mark.parametrize("count", [262, 3])
def test_many_settings_that_never_vary_change_nothing(count):
    fixed = {f"s{i}": i for i in range(count)}
    assert named([{**config, **fixed} for config in STAR]) == named(STAR)
