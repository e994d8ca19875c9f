import tomli
from hypothesis import given
from hypothesis import strategies as st
from sweepbook.runner.lines import key_lines


def test_keys_and_tables_have_the_line_where_they_begin():
    text = 'title = "x"\n\n# a comment\n[study]\nmetric = "m"\n\n  [study.more]\n  deep = 1\n'
    lines = key_lines(text)
    assert lines[("title",)] == 1
    assert lines[("study",)] == 4
    assert lines[("study", "metric")] == 5
    assert lines[("study", "more")] == 7
    assert lines[("study", "more", "deep")] == 8


def test_arrays_of_tables_are_counted():
    lines = key_lines('[[group]]\nname = "a"\n[[group]]\nname = "b"\ngrid = { lr = [1] }\n')
    assert lines == {
        ("group",): 1,
        ("group", 0): 1,
        ("group", 0, "name"): 2,
        ("group", 1): 3,
        ("group", 1, "name"): 4,
        ("group", 1, "grid"): 5,
    }


def test_nested_arrays_of_tables_count_anew_in_each_parent():
    text = "[[g]]\n[[g.p]]\nx = 1\n[[g.p]]\nx = 2\n[[g]]\n[[g.p]]\nx = 3\n[g.p.inner]\ny = 4\n"
    lines = key_lines(text)
    assert lines[("g", 0, "p", 0, "x")] == 3
    assert lines[("g", 0, "p", 1)] == 4
    assert lines[("g", 0, "p", 1, "x")] == 5
    assert lines[("g", 1, "p", 0)] == 7
    assert lines[("g", 1, "p", 0, "x")] == 8
    assert lines[("g", 1, "p", 0, "inner", "y")] == 10


def test_a_table_within_an_array_of_tables_belongs_to_its_last_entry():
    lines = key_lines("[[a]]\n[a.b]\nx = 1\n[[a]]\n[a.b]\nx = 2\n")
    assert lines[("a", 0, "b", "x")] == 3
    assert lines[("a", 1, "b", "x")] == 6


def test_a_value_over_several_lines_stands_where_its_key_stands():
    text = "a = [\n  1, # one\n  [2,\n   3],\n]\nb = \"\"\"\none\ntwo\"\"\"\nc = '''\nx = 1\n'''\nd = 4\n"
    assert key_lines(text) == {("a",): 1, ("b",): 6, ("c",): 9, ("d",): 12}


def test_what_looks_like_a_header_inside_a_string_is_text():
    text = '[real]\nnote = """\n[fake]\nkey = 1\n[[also.fake]]\n"""\nafter = 2\narray = [\n"[fake]",\n[1],\n]\nlast = 3\n'
    lines = key_lines(text)
    assert lines == {
        ("real",): 1,
        ("real", "note"): 2,
        ("real", "after"): 7,
        ("real", "array"): 8,
        ("real", "last"): 12,
    }


def test_quotes_that_close_nothing_do_not_end_a_string():
    text = 'a = """\n"" not yet \\""" nor now\n"""\nb = 1\n'
    assert key_lines(text) == {("a",): 1, ("b",): 4}


def test_quoted_and_dotted_keys_are_found_by_their_first_name():
    text = '"a b" = 1\nc.d = 2\n["e.f"."g"]\nh = 3\n'
    lines = key_lines(text)
    assert lines[("a b",)] == 1
    assert lines[("c",)] == 2
    assert lines[("e.f", "g")] == 3
    assert lines[("e.f", "g", "h")] == 4


def test_a_table_without_a_header_has_the_line_that_first_implies_it():
    lines = key_lines("x = 1\n[a.b]\ny = 2\n[a.c]\n[d.e]\n[d]\n")
    assert (lines[("a",)], lines[("a", "b")], lines[("a", "c")]) == (2, 2, 4)
    assert (lines[("d",)], lines[("d", "e")]) == (6, 5)


def test_lines_that_end_in_carriage_returns_are_counted_like_others():
    assert key_lines('[a]\r\nb = """\r\nx\r\n"""\r\nc = 1\r\n') == {("a",): 1, ("a", "b"): 2, ("a", "c"): 5}


def test_a_document_without_keys_has_no_lines_to_tell():
    assert key_lines("") == {}
    assert key_lines("\n# only\n# comments\n") == {}


# A document is built from statements of which each knows its path and how many lines it takes.
VALUES = (
    "1",
    '"text"',
    "[1, 2]",
    "{ a = 1, b = [2] }",
    "[\n  1,\n  2,\n]",
    '[\n  "[no.header]", # ]\n]',
    '"""\n[no.header]\nkey = 1\n"""',
    "'''\n[[no.header]]\n'''",
    '"""one \\"" line"""',
    "1979-05-27T07:32:00Z",
)
GAPS = ("", "\n", "# [no.header]\n", "\n  # key = 1\n\n")


@st.composite
def documents(draw):
    text, expected = "", {}

    def add(indent, statement, path):
        nonlocal text
        text += draw(st.sampled_from(GAPS))
        expected[path] = text.count("\n") + 1
        text += indent + statement + "\n"

    def keys(prefix, indent):
        for i in range(draw(st.integers(0, 3))):
            add(indent, f"k{i} = {draw(st.sampled_from(VALUES))}", (*prefix, f"k{i}"))

    keys((), "")
    for t in range(draw(st.integers(0, 2))):
        add("", f"[t{t}] # {t}", (f"t{t}",))
        keys((f"t{t}",), "  ")
    for g in range(draw(st.integers(0, 3))):
        add("", "[[g]]", ("g", g))
        expected.setdefault(("g",), expected["g", g])
        keys(("g", g), "")
        for p in range(draw(st.integers(0, 3))):
            add("  ", "[[ g . p ]]", ("g", g, "p", p))
            expected.setdefault(("g", g, "p"), expected["g", g, "p", p])
            keys(("g", g, "p", p), "  ")
    return text, expected


@given(documents())
def test_every_key_of_a_generated_document_has_its_line(case):
    text, expected = case
    tomli.loads(text)
    assert key_lines(text) == expected
