"""Tables in the room that there is: what goes, in which order, and that no number is ever cut."""

import re

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from sweepbook.analysis.page.fitted import Head, fitted, lines, shortened

HEADS = (Head("configuration"), Head("validation accuracy", True), Head("parameters", True, 1), Head("curve", spare=2))
ROWS = (("a_rather_long_name_of_a_configuration", "84.6%", "269,322", "█▄▂▁"), ("short", "1.0%", "7", "▁"))


def shown(width, heads=HEADS, rows=ROWS):
    return lines(fitted(heads, rows, width), str)


def test_with_room_enough_a_table_is_as_it_is():
    whole = shown(None)
    assert whole == shown(300)
    assert whole[0] == "configuration                          validation accuracy  parameters  curve"
    assert whole[1] == "a_rather_long_name_of_a_configuration                84.6%     269,322  █▄▂▁"
    assert len(whole) == 3


def test_heads_are_broken_first_then_labels_lose_their_middle_then_columns_go_by_their_worth():
    assert [line.strip() for line in shown(76)[:2]] == [
        "validation",
        "configuration                            accuracy  parameters  curve",
    ]
    sixty = fitted(HEADS, ROWS, 60)
    assert (sixty.left_out, sixty.shortened) == ((), True)
    assert lines(sixty, str)[2].split()[0] == "a_rather_long_…_configuration"
    assert fitted(HEADS, ROWS, 50).left_out == ("curve",)
    assert fitted(HEADS, ROWS, 40).left_out == ("parameters", "curve")
    assert sixty.whole == max(map(cell_len, shown(sixty.whole)))
    assert fitted(HEADS, ROWS, sixty.whole).left_out == ()


def test_where_nothing_helps_a_table_is_wider_than_its_room_rather_than_wrong():
    heads, rows = [Head("loss", True)] * 4, [["123,456,789.0"] * 4]
    assert shown(20, heads, rows)[-1].split() == rows[0]


def test_what_wraps_goes_on_below_and_what_is_kept_is_whole():
    heads, rows = (Head("", long="keep"), Head("", long="wrap")), (("x" * 30, "one two three four five six seven"),)
    assert shown(50, heads, rows) == ["x" * 30 + "  one two three four", " " * 32 + "five six seven"]


def test_a_note_stands_where_its_column_does():
    heads = (*HEADS[:-1], HEADS[-1]._replace(note="what the curves are"))
    assert fitted(heads, ROWS, None).notes == ("what the curves are",)
    assert fitted(heads, ROWS, 40).notes == ()


TEXTS = st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z", "M"]), max_size=60), min_size=1, max_size=8)


@given(TEXTS, st.integers(12, 40))
def test_shortened_labels_fit_and_different_ones_stay_different(labels, width):
    short = shortened(labels, width)
    assert all(cell_len(text) <= width for text in short.values())
    assert len(set(short.values())) == len(set(labels))
    assert all(short[label] == label for label in labels if cell_len(label) <= width)


NUMBERS = st.from_regex(r"[+-]?[0-9]{1,9}(\.[0-9]{1,4})?%?", fullmatch=True)


@given(st.lists(st.tuples(st.text("ab", max_size=50), NUMBERS, NUMBERS, NUMBERS), min_size=1, max_size=5), st.integers(40, 200))
def test_a_table_fits_and_every_number_that_it_shows_is_whole(rows, width):
    heads = (Head("label"), Head("first number", True), Head("second number", True, 1), Head("third number", True, 2))
    table = fitted(heads, rows, width)
    told = lines(table, str)
    assert max(map(cell_len, told)) <= width
    kept = 4 - len(table.left_out)
    for row, line in zip(rows, told[-len(rows) :], strict=True):
        assert re.split(" +", line)[-(kept - 1) :] == list(row[1:kept])
