import pytest
from sweepbook.analysis.logs.seeding import seed_of, seed_setting, told_seeds


@pytest.mark.parametrize("name", ["seed", "train.seed", "random_seed", "randomState", "manual_seed", "args/seed"])
def test_the_setting_that_is_called_a_seed_is_the_seed(name):
    assert seed_setting(["lr", name], "") == (None if name == "randomState" else name)


def test_of_several_the_plainest_is_taken_and_a_person_may_name_another():
    names = ["data.random_seed", "trainer.seed", "seed", "rng"]
    assert seed_setting(names, "") == "seed"
    assert seed_setting(names, "rng") == "rng"
    assert seed_setting(names, "none") is None


@pytest.mark.parametrize(
    ("value", "seed"), [(3, 3), (3.0, 3), ("42", 42), ("7.0", 7), (0.5, None), ("x", None), (-1, None), (None, None)]
)
def test_a_seed_is_a_whole_number_from_0(value, seed):
    assert seed_of(value) == seed


def test_a_seed_that_a_name_calls_so_counts_everywhere():
    names = ["net_seed3", "net-seed-4", "net-s5", "seed=6", "a seed: 7", "seeds", "resnet50"]
    assert told_seeds([(str(i), name) for i, name in enumerate(names)]) == {0: 3, 1: 4, 2: 5, 3: 6, 4: 7}


@pytest.mark.parametrize("head", ["trial ", "version_", "net-v", "run id ", "Trial#", "experiment "])
def test_a_number_that_says_which_run_it_is_is_no_seed(head):
    assert told_seeds([("a", f"{head}0"), ("a", f"{head}1"), ("b", f"{head}2")]) == {}
    assert told_seeds([("a", f"{head}1"), ("a", f"{head}2")]) == {}


def test_a_number_at_the_end_counts_where_all_names_end_in_one_and_count_up():
    assert told_seeds([("a", "room-low-1"), ("a", "room-low-2"), ("b", "room-high-1"), ("b", "room-high-2")]) == {
        0: 1,
        1: 2,
        2: 1,
        3: 2,
    }
    assert told_seeds([("a", "room-low-1"), ("a", "hall-1")]) == {}
    assert told_seeds([("a", "net-64"), ("a", "net-128")]) == {}
    assert told_seeds([("a", "room-1"), ("a", "room")]) == {}
    assert told_seeds([("a", "room-1"), ("a", "room-1")]) == {}
    assert told_seeds([("a", "resnet50")]) == {}
