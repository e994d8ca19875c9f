"""How the values of a setting are read: text that is a number, and values that look the same."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sweepbook.analysis.logs.settings import reread
from sweepbook.runner.values import level_text, value_text


def read(*values):
    """The values as they are read."""
    found = dict(one.values) if (one := reread("x", values)) else {}
    return [found.get(text, value) for text, value in zip(map(value_text, values), values, strict=True)]


@pytest.mark.parametrize(
    ("values", "numbers"),
    [
        (["256", 256], [256, 256]),
        (["8", "16", None], [8, 16, None]),
        (["1e-3", 0.001, "0.001"], [0.001, 0.001, 0.001]),
        (["-1", "+2", ".5", "1."], [-1, 2, 0.5, 1.0]),
    ],
)
def test_text_is_a_number_where_all_values_can_be(values, numbers):
    assert read(*values) == numbers
    assert [type(one) for one in read(*values)] == [type(one) for one in numbers]


@pytest.mark.parametrize(
    "values",
    [
        ["scale", "auto", 0.1, 1, "None"],
        ["001", "002"],
        ["1_000", "2_000"],
        ["0x10", "12"],
        ["nan", "1"],
        ["1e999", "1"],
        ["9" * 5000, "1"],
        [True, "1"],
        ["True", "False"],
        [True, 1, 1.0, False, 0],
        [1, 2.5, 1.0],
        [[256, 128], [128, 256], ["conv", "pool"]],
        [],
        [None],
    ],
)
def test_all_else_stays_as_it_is_written(values):
    assert reread("x", values) is None


def test_true_and_false_as_text_are_such_beside_true_and_false():
    assert read(True, "true", False, "false") == [True, True, False, False]
    assert reread("x", ["true", "false"]) is None


def test_numbers_that_agree_to_all_shown_digits_are_one():
    assert read(0.1 + 0.2, 0.3, 0.30001) == [0.3, 0.3, 0.30001]


@pytest.mark.parametrize(
    "values",
    [
        ["1", 1, "auto"],
        ["true", True, "auto"],
        [[1], 1],
        [["a", "b"], "a-b"],
        [[], ""],
        [["a-b"], ["a", "b"], "a-b", '"a-b"'],
        ["nan", math.nan, "auto"],
        [["1"], [1]],
    ],
)
def test_values_that_are_not_the_same_do_not_look_the_same(values):
    texts = [level_text(value) for value in read(*values)]
    assert len(set(texts)) == len(values)


def test_a_text_that_looks_like_a_number_is_shown_with_its_quotes_and_the_number_without():
    assert read("1", 1, "auto") == ['"1"', 1, "auto"]


def test_the_runs_that_have_such_a_value_are_counted():
    found = reread("x", ["8", "8", 8, "16", None])
    assert (found.values, found.runs) == ((('"8"', 8), ('"16"', 16)), 3)


TEXTS = st.text("truefals01.\"'[]- ,", max_size=5) | st.sampled_from(["1", "true", "[1]", '"1"', "a-b", "0.3"])
ALONE = st.one_of(st.booleans(), st.integers(-3, 3), st.floats(), st.sampled_from([0.3, 0.1 + 0.2]), TEXTS)


@settings(max_examples=300)
@given(st.lists(ALONE | st.lists(TEXTS | st.integers(0, 3), max_size=3), max_size=6))
@pytest.mark.slow
def test_of_any_values_only_those_that_are_the_same_look_the_same(values):
    looks = {}
    for value in read(*values):
        looks.setdefault(level_text(value), set()).add(value_text(value))
    assert all(len(same) == 1 for same in looks.values())
