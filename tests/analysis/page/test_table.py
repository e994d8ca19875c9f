"""Tables without columns that tell nothing."""

from sweepbook.analysis.page.table import Cells, Column, Line, Table, long_columns, slim

HEADS = (Column("name", False), Column("runs"), Column("gap", folds=1), Column("empty"), Column("score"))


def table(rows, links=((1, "run-1"),)):
    names = ("name", "runs", "gap", "empty", "score")
    return Table(HEADS, tuple(Line(Cells(dict(zip(names, row, strict=True))), links=links) for row in rows))


ROWS = [("a", "3", "0.1", "–", "1"), ("b", "3", "0.2", "", "2"), ("c", "3", "0.3", "–", "3")]


def test_a_column_that_holds_nothing_is_left_out_and_one_that_is_alike_is_told_once():
    left = slim(table(ROWS))
    assert [column.head for column in left.columns] == ["name", "gap", "score"]
    assert [tuple(line.cells) for line in left.lines] == [("a", "0.1", "1"), ("b", "0.2", "2"), ("c", "0.3", "3")]
    assert left.same == (("runs", "3"),)
    assert left.lines[0].cells["score"] == "1"


def test_words_that_are_alike_stand_in_quotation_marks():
    columns = (Column("name", False), Column("could be the best", False), Column("score"))
    rows = tuple(Line((name, "yes", str(place))) for place, name in enumerate("abc"))
    assert slim(Table(columns, rows)).same == (("could be the best", "“yes”"),)


def test_a_link_of_a_column_that_goes_is_taken_over_by_the_next():
    assert slim(table(ROWS)).lines[0].links == ((1, "run-1"),)
    assert slim(table(ROWS, ((0, "config-a"), (4, "x")))).lines[0].links == ((0, "config-a"), (2, "x"))
    assert slim(table(ROWS, ((1, "run-1"), (2, "y")))).lines[0].links == ((1, "y"), (2, "run-1"))


def test_two_rows_that_are_alike_keep_their_columns():
    left = slim(table(ROWS[:2]))
    assert [column.head for column in left.columns] == ["name", "runs", "gap", "score"]
    assert left.same == ()


def test_columns_that_fold_are_left_out_where_nothing_can_unfold_them():
    left = slim(table([*ROWS[:2], ("c", "2", "0.3", "–", "3")]), folded=True)
    assert [column.head for column in left.columns] == ["name", "runs", "score"]
    assert slim(table([(name, "3", "0.1", "–", str(place)) for place, name in enumerate("abc")]), folded=True).same == (
        ("runs", "3"),
    )


def test_the_first_column_stays_and_a_table_with_nothing_to_leave_out_is_the_same():
    alike = slim(table([("a", str(place), "0.1", "–", "1") for place in range(3)]))
    assert [column.head for column in alike.columns] == ["name", "runs"]
    full = table([("a", "1", "0.1", "x", "2"), ("b", "2", "0.2", "y", "3")])
    assert slim(full) is full


def test_text_columns_with_long_texts_are_known():
    wide = Table((Column("n"), Column("words", False), Column("short", False)), (Line(("1" * 40, "word " * 9, "word")),))
    assert long_columns(wide) == [1]
