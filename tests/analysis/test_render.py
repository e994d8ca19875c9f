import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jinja2 import UndefinedError
from markupsafe import Markup

from analysis.render import inline_svg, markdown_table, markdown_text, render

# Text with more of Markdown's marks in it than any plan would have.
marked = st.text(st.sampled_from("ab1 _*`~#>+-=.)(][!<&;|\\:\n\t\"'$é☃"), max_size=24) | st.text(max_size=12)


def test_text_is_written_for_markdown_with_as_few_marks_as_it_takes():
    assert markdown_text("lr_0.001 beats lr_0.01 by 2.5 points [82.1, 84.9]") == "lr_0.001 beats lr_0.01 by 2.5 points [82.1, 84.9]"
    assert markdown_text("a*b* | _c_ `d` [x](y) <b>") == r"a\*b\* \| \_c\_ \`d\` [x\](y) \<b>"
    assert markdown_text(0.5) == "0.5"


def test_text_of_several_lines_stays_in_its_line():
    assert markdown_text("RuntimeError:\n\n  # mat1\t and mat2\r\n") == "RuntimeError: # mat1 and mat2"


CONTEXTS = ["{}", "- {}\n- x", "## {}\n", "- **{}**: x", "*{}*\n", "| a |\n|---|\n| {} |"]


@pytest.mark.parametrize("context", CONTEXTS)
@given(text=marked)
@example(text="__init__ and _x_ and a__b__c")
@example(text="1. one")
@example(text="+ plus")
@example(text="C #")
@example(text="&lt;b&gt; &copy; R&D")
@example(text="![x](y) [x]: y [x][y] <a@b.c> https://a.b/c_d_e")
@example(text="--- === ***")
def test_text_with_marks_shows_as_it_was_written(context, text):
    markdown = pytest.importorskip("markdown_it").MarkdownIt("commonmark").enable("table")
    wanted = " ".join(text.split())
    if not wanted or "\x00" in wanted:
        return  # the null character is replaced by every reader of Markdown
    if "*{}*" in context or "**{}**" in context:
        wanted = f"a{wanted}a"  # emphasis begins and ends at a word
    shown = shown_text(markdown, context.format(markdown_text(wanted)))
    assert shown == shown_text(markdown, context.format("XYZ")).replace("XYZ", wanted)


def shown_text(markdown, source):
    """What a page of `source` shows: its text, with the block that each part stands in."""
    parts = []
    for token in markdown.parse(source):
        if token.type == "inline":
            parts.append("".join(child.content for child in token.children))
            assert {child.type for child in token.children} <= {"text", "em_open", "em_close", "strong_open", "strong_close"}
        else:
            parts.append(f"<{token.type}>")
    return "".join(parts)


def test_a_table_aligns_in_the_source_and_to_the_right_where_it_holds_numbers():
    rows = [("name", "score"), ("a", "83.6%"), ("long|name", "7.0%")]
    assert markdown_table(rows, [False, True]) == (
        "| name       | score |\n|------------|------:|\n| a          | 83.6% |\n| long\\|name |  7.0% |"
    )


@given(st.integers(1, 4).flatmap(lambda n: st.lists(st.lists(marked, min_size=n, max_size=n), min_size=1, max_size=4)))
def test_a_table_has_a_line_a_row_and_as_many_cells_whatever_stands_in_it(rows):
    lines = markdown_table(rows, [False] * len(rows[0])).splitlines()
    assert len(lines) == len(rows) + 1
    assert len({len(line) for line in lines}) == 1
    assert {len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) for line in lines} == {len(rows[0]) + 1}


def test_a_picture_gets_its_words_escaped_and_its_head_cut_off():
    found = inline_svg('<?xml version="1.0"?>\n<!DOCTYPE svg>\n<svg id="a"><svg/></svg>', '"<b>" & more')
    assert isinstance(found, Markup)
    assert found == '<svg role="img" aria-label="&#34;&lt;b&gt;&#34; &amp; more" id="a"><svg/></svg>'


def test_an_undefined_name_in_a_template_is_an_error(tmp_path):
    (tmp_path / "page.md.j2").write_text("{{ value.nothing }}")
    with pytest.raises(UndefinedError, match="nothing"):
        render("page.md.j2", {"value": object()}, tmp_path)


def test_html_is_escaped_and_markdown_is_not(tmp_path):
    for name in ("page.html.j2", "page.md.j2"):
        (tmp_path / name).write_text("{{ value }}\n")
    assert render("page.html.j2", {"value": "<b>"}, tmp_path) == "&lt;b&gt;\n"
    assert render("page.md.j2", {"value": "<b>"}, tmp_path) == "<b>\n"


def test_a_template_of_the_same_name_comes_first_and_the_rest_stays(tmp_path):
    (tmp_path / "page.html.j2").write_text('{% include "journal.css" %}')
    assert ":root{" in render("page.html.j2", {}, tmp_path)
    (tmp_path / "journal.css").write_text("b{}")
    assert render("page.html.j2", {}, tmp_path) == "b{}"
