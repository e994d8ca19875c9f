"""HTML in, the same out with links from the words of the glossary to their explanations, the first use in each section alone."""

import re
from collections.abc import Iterator

from markupsafe import Markup
from sweepbook.analysis.glossary import TERMS, Term, finds

# What has words of its own or of somebody else's, or may hold no link: it stays as it is.
KEPT = re.compile(
    r"<(a|button|code|dt|figcaption|h[1-4]|label|pre|script|style|summary|svg|table)\b|<(div) class=\"note\"|<(dl) class=\"plan\""
)
PIECE = re.compile(r"(<[^>]*>)|[^<]+")


def explained(html: str) -> Markup:
    """`html` with a link for the first use of each word in a section: to its place in the glossary."""
    seen: set[str] = set()
    parts, place = [], 0
    while kept := KEPT.search(html, place):
        end = f"</{kept[1] or kept[2] or kept[3]}>"
        after = html.find(end, kept.end())
        parts += [*_pieces(html[place : kept.start()], seen), html[kept.start() : after + len(end) if after > 0 else None]]
        place = after + len(end) if after > 0 else len(html)
    return Markup("".join([*parts, *_pieces(html[place:], seen)]))


def _pieces(html: str, seen: set[str]) -> Iterator[str]:
    """The tags and texts of `html` in order, the texts with links; with each section the words come anew."""
    verdict = False
    for piece in PIECE.finditer(html):
        if not piece[1]:
            yield _linked(piece[0], verdict, seen)
            continue
        if piece[0].startswith("<section"):
            seen.clear()
        verdict = 'class="badge' in piece[0]
        yield piece[0]


def _linked(text: str, verdict: bool, seen: set[str]) -> str:
    """The text with its words linked that are not `seen` yet."""
    parts, last = [], 0
    for start, end, term in finds(text, verdict):
        if term.word not in seen:
            seen.add(term.word)
            parts += [text[last:start], _link(term, text[start:end])]
            last = end
    return "".join([*parts, text[last:]])


def _link(term: Term, words: str) -> str:
    return f'<a class="term" href="#{term.anchor}">{words}</a>'


def linked_terms(html: str) -> list[Term]:
    """The words of the glossary that links of `html` lead to, in the glossary's order."""
    anchors = set(re.findall(r'<a class="term" href="#(term-[a-z-]+)"', html))
    return [term for term in TERMS if term.anchor in anchors]
