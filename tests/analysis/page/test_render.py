import re
import runpy
from html.parser import HTMLParser
from pathlib import Path
from typing import ClassVar

import jinja2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jinja2 import UndefinedError
from jinja2.sandbox import SecurityError
from markdown_it import MarkdownIt
from markupsafe import Markup
from sweepbook.analysis.page import render as pages
from sweepbook.analysis.page.markdown import markdown_table, markdown_text, note_html, note_md
from sweepbook.analysis.page.render import inline_svg, render

INJECTIONS = runpy.run_path(str(Path(__file__).parents[1] / "injections.py"))["INJECTIONS"]

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


def test_a_table_aligns_to_the_right_where_it_holds_numbers_and_has_no_more_blanks_than_it_takes():
    rows = [("name", "score"), ("a", "83.6%"), ("long|name", "")]
    assert markdown_table(rows, [False, True]) == "| name | score |\n|---|--:|\n| a | 83.6% |\n| long\\|name |  |"


@given(st.integers(1, 4).flatmap(lambda n: st.lists(st.lists(marked, min_size=n, max_size=n), min_size=1, max_size=4)))
def test_a_table_has_a_line_a_row_and_as_many_cells_whatever_stands_in_it(rows):
    lines = markdown_table(rows, [False] * len(rows[0])).splitlines()
    assert len(lines) == len(rows) + 1
    assert {len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) for line in lines} == {len(rows[0]) + 1}


def test_a_picture_gets_its_words_escaped_and_its_head_cut_off():
    found = inline_svg('<?xml version="1.0"?>\n<!DOCTYPE svg>\n<svg id="a"><svg/></svg>', '"<b>" & more')
    assert isinstance(found, Markup)
    assert found == '<svg role="img" aria-label="&#34;&lt;b&gt;&#34; &amp; more" id="a"><svg/></svg>'


def test_an_undefined_name_in_a_template_is_an_error(tmp_path):
    (tmp_path / "page.md.j2").write_text("{{ value.nothing }}")
    with pytest.raises(UndefinedError, match="nothing"):
        render("page.md.j2", {"value": object()}, tmp_path)


@pytest.fixture
def anew(tmp_path, monkeypatch):
    """Renders a page as in a process of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def rendered():
        pages._own_environment.cache_clear()
        return render("page.html.j2", {"page": None})

    yield rendered
    pages._own_environment.cache_clear()


def test_templates_that_an_earlier_process_compiled_are_taken_and_broken_ones_compiled_anew(anew, tmp_path, monkeypatch):
    first = anew()
    compiled = list((tmp_path / "sweepbook" / "templates").iterdir())
    monkeypatch.setattr(jinja2.Environment, "compile", lambda *_: pytest.fail("compiled again"))
    assert anew() == first
    monkeypatch.undo()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for file in compiled:
        file.write_bytes(file.read_bytes()[:50])
    assert anew() == first


def test_where_compiled_templates_cannot_be_kept_the_page_is_the_same(anew, tmp_path):
    (tmp_path / "sweepbook").write_text("a file where the folder would be")
    assert "<html" in anew()


def test_html_is_escaped_and_markdown_is_not(tmp_path):
    for name in ("page.html.j2", "page.md.j2"):
        (tmp_path / name).write_text("{{ value }}\n")
    assert render("page.html.j2", {"value": "<b>"}, tmp_path) == "&lt;b&gt;\n"
    assert render("page.md.j2", {"value": "<b>"}, tmp_path) == "<b>\n"


def test_a_template_of_the_same_name_comes_first_and_the_rest_stays(tmp_path):
    (tmp_path / "page.html.j2").write_text('{% include "journal.css" %}')
    assert ":root" in render("page.html.j2", {}, tmp_path)
    (tmp_path / "journal.css").write_text("b{}")
    assert render("page.html.j2", {}, tmp_path) == "b{}"


class Page(HTMLParser):
    """What a page is made of, as a browser reads it: its tags, and the attributes with their values."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.others = set(), [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes += [(tag, *attribute) for attribute in attributes]

    def handle_decl(self, declaration):
        self.others.append(declaration)

    unknown_decl = handle_pi = handle_comment = handle_decl


TAGS = {"p", "br", "hr", "em", "strong", "code", "pre", "a", "ul", "ol", "li", "blockquote", "h4", "h5", "h6"}
TABLE = {"table", "thead", "tbody", "tr", "th", "td"}
ATTRIBUTES = {("a", "href"), ("a", "rel"), ("a", "title"), ("ol", "start"), ("code", "class"), ("th", "style"), ("td", "style")}
HTML = MarkdownIt("commonmark", {"html": True}).enable("table")


def allowed(address):
    """Whether a browser stays on the page or goes to the web or a mail; read as browsers do, which drop controls."""
    plain = re.sub(r"[\x00-\x20]", "", address).replace("\\", "/")
    scheme = re.match(r"([^/?#]*?):", plain)
    return not plain.startswith("//") and (not scheme or scheme[1].lower() in ("http", "https", "mailto"))


def check_html(text):
    page = Page(str(note_html(text)))
    assert page.tags <= TAGS | TABLE
    assert page.others == []
    assert {(tag, name) for tag, name, _ in page.attributes} <= ATTRIBUTES
    assert all(allowed(value) for _, name, value in page.attributes if name == "href")
    assert all(re.fullmatch(r"text-align:(left|right|center)", value) for _, name, value in page.attributes if name == "style")
    links = [tag for tag, name, _ in page.attributes if name == "href"]
    assert [value for _, name, value in page.attributes if name == "rel"] == ["noopener"] * len(links)


def check_markdown(text):
    tokens = HTML.parse(note_md(text))
    outer = [token.type for token in tokens if token.level == 0]
    assert outer == ["blockquote_open", "blockquote_close"] * bool(note_md(text))
    every = [*tokens, *(child for token in tokens for child in token.children or [])]
    assert not [token for token in every if token.type in ("html_block", "html_inline", "image")]
    assert all(allowed(str(token.attrs["href"])) for token in every if token.type == "link_open")
    assert all(token.tag in ("h4", "h5", "h6") for token in every if token.type == "heading_open")


CONTAINERS = [
    "{}",
    "# {}",
    "- {}\n- x",
    "> {}",
    "[{}](https://a.b)",
    "![{}](https://a.b)",
    "**{}**",
    "| a |\n|---|\n| {} |",
    "x {} y",
]


@pytest.mark.slow
@pytest.mark.parametrize("container", CONTAINERS)
def test_notes_cannot_be_more_than_text(container):
    for text in INJECTIONS:
        check_html(container.format(text))
        check_markdown(container.format(text))


@given(text=st.lists(marked | st.sampled_from(INJECTIONS), max_size=4).map("\n".join))
def test_no_text_makes_html_or_a_forbidden_link(text):
    check_html(text)
    check_markdown(text)


def test_the_headings_of_notes_stand_below_those_of_the_page():
    assert note_html("# a\n## b\n### c\n#### d") == "<h4>a</h4>\n<h5>b</h5>\n<h6>c</h6>\n<h6>d</h6>\n"
    assert note_html("### a\n#### b") == "<h4>a</h4>\n<h5>b</h5>\n"
    assert note_md("a\n=\n\n## b") == "> #### a\n>\n> ##### b"


def test_an_image_becomes_a_link_and_within_a_link_its_words():
    assert note_html("![a *b*](x.png)") == '<p><a href="x.png" rel="noopener">a b</a></p>\n'
    assert note_html("![](x.png)") == '<p><a href="x.png" rel="noopener">x.png</a></p>\n'
    assert note_html("[![a](x.png)](y)") == '<p><a href="y" rel="noopener">a</a></p>\n'
    assert note_md("see! ![a](x.png)") == "> see! [a](x.png)"
    assert note_md("see!\\![a](x.png)") == "> see!\\![a](x.png)"


@pytest.mark.parametrize(
    "address", ["https://a.b/c?d=1&e=2", "HTTP://a.b", "mailto:a@b.c", "../a/b.html", "a.html?b:c", "#part:1", ""]
)
def test_a_link_leads_to_the_web_a_mail_or_a_place_beside(address):
    assert Page(str(note_html(f"[x]({address})"))).attributes == [("a", "href", address), ("a", "rel", "noopener")]
    assert HTML.render(note_md(f"[x]({address})")) == HTML.render(f"> [x]({address})")


@pytest.mark.parametrize("address", ["ftp://a.b", "javascript:x", "//a.b", "data:text/html,x", "file:///a", "a:b"])
def test_any_other_link_is_shown_as_it_was_written(address):
    assert note_html(f"[x]({address})") == f"<p>[x]({address})</p>\n"
    assert note_md(f"[x]({address})") == f"> [x\\]({address})"


WHOLE = """
# What *we* saw

Wider is **better**, _mostly_: 85.5% [82.1, 84.9] for lr_0.001, `a``b`, <https://a.b> and [this](https://a.b/c_(d)?e=1&f=2)!
A line\\
break, 1986\\. and a star \\*, \\[x](y), a < b & c, &amp;lt; ~~x~~

- one
- two
  1. deep
  2. deeper

     with a paragraph
- ```py
  x = "``` <b>"

  y = 1
  ```

3) three
4) four

> said
>
> > and said again

| n | score | code |
|:--|------:|:----:|
| 1 | 85.5% | `a\\|b` \\| |

    four spaces <b>

***
end
"""


def test_notes_read_the_same_in_either_journal():
    again = HTML.render(note_md(WHOLE)).removeprefix("<blockquote>\n").removesuffix("</blockquote>\n")
    assert again == note_html(WHOLE).replace(' rel="noopener"', "")


def test_plain_notes_keep_their_plain_look_in_markdown():
    text = "Wider is better (see the table), but it's 85.5% [82.1, 84.9] - not much.\n\n- **Note**: lr_0.001 = best\n- a"
    assert note_md(text) == "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def test_no_notes_give_no_text():
    assert [note_html(text) for text in ("", " \n", "[a]: b")] == ["", "", ""]
    assert [note_md(text) for text in ("", " \n", "[a]: b")] == ["", "", ""]


def test_templates_have_the_filters_for_notes(tmp_path):
    (tmp_path / "page.html.j2").write_text("{{ text | note_html }}")
    (tmp_path / "page.md.j2").write_text("{{ text | note_md }}\n")
    assert render("page.html.j2", {"text": "*a* <b>"}, tmp_path) == "<p><em>a</em> &lt;b&gt;</p>\n"
    assert render("page.md.j2", {"text": "*a* <b>"}, tmp_path) == "> *a* \\<b>\n"


@pytest.mark.parametrize(
    "text",
    [
        "{{ journal.__class__.__mro__ }}",
        "{{ ''.__class__.__base__.__subclasses__() }}",
        "{{ journal.keep.__globals__ }}",
        "{{ cycler.__init__.__globals__.os.system('true') }}",
        "{{ '{0.__class__}'.format(journal) }}",
        "{{ journal.words.append('x') }}",
        "{% for i in range(10 ** 9) %}{% endfor %}",
    ],
)
def test_a_template_comes_to_nothing_of_pythons_and_changes_nothing_that_it_is_given(text, tmp_path):
    class Given:
        words: ClassVar[list[str]] = ["a"]

        def keep(self):
            """A method, whose globals are those of this module."""

    (tmp_path / "mine.md.j2").write_text(text)
    with pytest.raises((SecurityError, OverflowError)):
        render("mine.md.j2", {"journal": Given()}, tmp_path)
    assert Given.words == ["a"]
