"""Text in, Markdown out, in which it shows as it was written; and the author's notes in, HTML and Markdown out."""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:  # importing it takes a tenth of a second; a page without notes needs none
    from markdown_it import MarkdownIt
    from markdown_it.token import Token
    from markdown_it.tree import SyntaxTreeNode

# What Markdown would read as marks: not the underscore within a word, nor brackets that make no link.
MARKDOWN_MARKS = re.compile(
    r"^[#>]|^\+(?=\s|$)|^-(?=[\s-]|$)|(?<=\s)#(?=#*$)"  # at the start and the end of a line
    r"|[\\`*<|~]|(?<![^\W_])_|_(?![^\W_])|\](?=[(\[:])|&(?=#?\w+;)"
)
NUMBERED = re.compile(r"^(\d+)([.)])(?=\s|$)")
# What is a mark besides where text has several lines, and links in it.
NOTE_MARKS = re.compile(rf"^=|^:(?=-)|^-(?=:)|{MARKDOWN_MARKS.pattern}")
LINKED_MARKS = re.compile(rf"[\[\]]|{NOTE_MARKS.pattern}")
BLANKS = re.compile(r"[ \t-\r\x1c-\x1f\x85\u2028\u2029]+")
# Where a link may lead: the web, a mail, a place beside the page or in it. What is relative has no scheme and no host.
LINK = re.compile(r"https?://|mailto:|(?!//)[^:/?#]*(?:[/?#]|$)", re.IGNORECASE)
TOP_HEADING, LAST_HEADING = 4, 6


def markdown_text(text: object) -> str:
    """`text` for a Markdown page, in one line: what Markdown would read as marks is escaped, so that it shows as it was written."""
    line = " ".join(str(text).split())
    return NUMBERED.sub(r"\1\\\2", MARKDOWN_MARKS.sub(r"\\\g<0>", line))


def markdown_table(rows: Sequence[Sequence[str]], right: Sequence[bool]) -> str:
    """A Markdown table; the blanks that would align it in the source, a tenth of a journal, are left out. `rows` begins with the
    head; `right` says which columns align on the right."""
    cells = [map(markdown_text, row) for row in rows]
    lines = [f"| {' | '.join(row)} |" for row in cells]
    rule = f"|{'|'.join('--:' if r else '---' for r in right)}|"
    return "\n".join([lines[0], rule, *lines[1:]])


@cache
def markdown_reader() -> "MarkdownIt":
    """What reads notes: CommonMark and tables; HTML is text in them, and so is a link to where none may lead."""
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    reader.validateLink = lambda url: LINK.match(url) is not None  # type: ignore[method-assign]
    return reader


def note_html(text: str) -> Markup:
    """Notes in Markdown as HTML: the highest of their headings becomes an h4, and an image a link, so that nothing is loaded."""
    reader = markdown_reader()
    return Markup(reader.renderer.render(_note_tokens(text), reader.options, {}))


def _note_tokens(text: str) -> list["Token"]:
    """The tokens of notes, with the headings moved down and the images replaced."""
    tokens = markdown_reader().parse(text)
    headings = [token for token in tokens if token.type in ("heading_open", "heading_close")]
    down = TOP_HEADING - min((int(token.tag[1:]) for token in headings), default=1)
    for token in headings:
        token.tag = f"h{min(LAST_HEADING, int(token.tag[1:]) + down)}"
    for token in tokens:
        if token.children:
            token.children = list(_without_images(token.children))
    return tokens


def _without_images(children: Iterable["Token"]) -> Iterable["Token"]:
    """Inline tokens with a link instead of each image, or its words alone where it stands in a link."""
    from markdown_it.token import Token

    linked = 0
    for token in children:
        linked += token.nesting if token.type.startswith("link") else 0
        if token.type == "link_open":
            token.attrSet("rel", "noopener")
        if token.type != "image":
            yield token
            continue
        address = str(token.attrs["src"])
        words = Token("text", "", 0, content=plain_words(token.children or []) or address or "image")
        link = Token("link_open", "a", 1, attrs={"href": address, "rel": "noopener"})
        yield from [words] if linked else [link, words, Token("link_close", "a", -1)]


def plain_words(children: Iterable["Token"]) -> str:
    """What inline tokens show, without marks and in one line."""
    shown = (plain_words(t.children) if t.children else " " if t.type.endswith("break") else t.content for t in children)
    return " ".join("".join(shown).split())


def note_md(text: str) -> str:
    """The same as Markdown, as a quotation. Written from what was read: what was no mark or no allowed link is escaped."""
    from markdown_it.tree import SyntaxTreeNode

    blocks = _blocks(SyntaxTreeNode(_note_tokens(text)).children)
    return _quoted(blocks) if blocks else ""


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" if line else ">" for line in text.split("\n"))


def _blocks(nodes: Sequence["SyntaxTreeNode"]) -> str:
    """Blocks with an empty line between them; without in a list that has none, where the next block ends the one before."""
    text = ""
    tight = any(node.type == "paragraph" and node.hidden for node in nodes)
    for i, node in enumerate(nodes):
        close = tight and nodes[i - 1].type not in ("blockquote", "bullet_list", "ordered_list")
        text += ("" if not i else "\n" if close else "\n\n") + _block(node)
    return text


def _block(node: "SyntaxTreeNode") -> str:
    if node.type == "blockquote":
        return _quoted(_blocks(node.children))
    if node.type.endswith("_list"):
        return _list(node)
    if node.type in ("fence", "code_block"):
        return _fence(node)
    if node.type == "table":
        return _table(node)
    if node.type == "hr":
        return "___"
    line = "".join(_inline(inline.children, False) for inline in node.children)
    return f"{'#' * int(node.tag[1:])} " + re.sub(" *\n", " ", line) if node.type == "heading" else line


def _list(node: "SyntaxTreeNode") -> str:
    first, items = int(node.attrs.get("start", 1)), []
    for number, item in enumerate(node.children, first):
        mark = f"{number}{node.markup}" if node.type == "ordered_list" else node.markup
        indented = re.sub(r"\n(?=[^\n])", "\n" + " " * (len(mark) + 1), _blocks(item.children))
        items.append(f"{mark} {indented}".rstrip(" "))
    loose = any(block.type == "paragraph" and not block.hidden for item in node.children for block in item.children)
    return ("\n\n" if loose else "\n").join(items)


def _fence(node: "SyntaxTreeNode") -> str:
    """A block of code in a fence longer than any in it; of the words behind the fence only the language stays."""
    language = re.match(r"[\w+#.-]*", node.info.strip())
    end = "" if node.content.endswith("\n") or not node.content else "\n"
    fence = "`" * max(3, _ticks(node.content) + 1)
    return f"{fence}{language[0] if language else ''}\n{node.content}{end}{fence}"


def _table(node: "SyntaxTreeNode") -> str:
    rows = [row.children for part in node.children for row in part.children]
    rules = {"text-align:left": ":---", "text-align:center": ":---:", "text-align:right": "---:"}
    lines = [[_cell(cell) for cell in row] for row in rows]
    lines.insert(1, [rules.get(str(cell.attrs.get("style")), "---") for cell in rows[0]])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(cell: "SyntaxTreeNode") -> str:
    for node in cell.walk():
        if node.type == "code_inline" and node.token:
            node.token.content = node.content.replace("|", r"\|")  # a cell ends at a bar, even in code
    return "".join(_inline(inline.children, False) for inline in cell.children)


def _inline(nodes: Iterable["SyntaxTreeNode"], linked: bool) -> str:
    """What stands in a paragraph; `linked` says whether it stands in the words of a link."""
    text = ""
    for node in nodes:
        if node.type == "link":
            text = f"{text[:-1]}\\!" if text.endswith("!") else text  # a link behind it would be an image
            text += f"[{_inline(node.children, True)}]({_destination(str(node.attrs['href']))})"
        elif node.type in ("em", "strong"):
            text += node.markup + re.sub("^ | $", "&#32;", _inline(node.children, linked)) + node.markup
        elif node.type == "code_inline":
            text += _code(node.content)
        elif node.type in ("softbreak", "hardbreak"):
            text += "\n" if node.type == "softbreak" else "  \n"
        else:
            words = BLANKS.sub(" ", node.content)
            words = words.lstrip() if text[-1:] in ("", "\n") else words
            words = (LINKED_MARKS if linked else NOTE_MARKS).sub(r"\\\g<0>", words)
            text += NUMBERED.sub(r"\1\\\2", words)
    return text


def _destination(address: str) -> str:
    return re.sub(r"[()]", r"\\\g<0>", address.replace("&", "&amp;"))


def _code(content: str) -> str:
    fence = "`" * (_ticks(content) + 1)
    space = " " if content[:1] in ("`", " ") or content[-1:] in ("`", " ") else ""
    return f"{fence}{space}{content}{space}{fence}" if content.strip(" ") else f"{fence}{content}{fence}"


def _ticks(text: str) -> int:
    """The length of the longest row of backticks in `text`."""
    return max(map(len, re.findall("`+", text)), default=0)
