"""A study's notes.md in, `Notes` out: its texts, section by section, with the values that they name filled in."""

import difflib
import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from sweepbook.analysis.findings.findings import Findings
from sweepbook.analysis.journal.notes import values
from sweepbook.analysis.journal.notes.expressions import ExpressionError, expression_text
from sweepbook.analysis.page.markdown import markdown_reader, plain_words
from sweepbook.runner.config import SweepbookError

if TYPE_CHECKING:
    from markdown_it.token import Token

FILE = "notes.md"
HEADINGS = {"Overview": "overview", "What I learned": "learned", "Future experiments": "future"}
PARTS = {"Observations": "observations", "Insights": "insights", "Conclusion": "conclusion", "Next steps": "next_steps"}
# An expression stands on one line; what is in quotes may hold braces. The second half is one that nothing closes.
EXPRESSION = re.compile(r"""\{\{((?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|[^"'{}\n])*)\}\}|\{\{(?P<rest>[^\n]*)""")
# In a value: the marks that stay, because they stand within a word or a number; and all others.
VALUE_MARKS = re.compile(r"((?<=[^\W_])[_.-](?=[^\W_])|[+-](?=\d)|[%,])|[!-/:-@\[-`{-~]")
LOOKALIKES = str.maketrans({"`": "ˋ", "~": "∼", "|": "∣"})  # in code nothing can be escaped
Key: TypeAlias = tuple[str, str]  # a group's name, empty for what is of the whole study; the field of its text
CODE = ("code_inline", "code_block", "fence")


@dataclass(frozen=True)
class GroupNotes:
    """What the notes say of one group, in Markdown."""

    observations: str = ""
    insights: str = ""
    conclusion: str = ""
    next_steps: str = ""


@dataclass(frozen=True)
class Notes:
    """What the notes say, in Markdown; `groups` by the group's name."""

    overview: str = ""
    learned: str = ""
    future: str = ""
    groups: Mapping[str, GroupNotes] = field(default_factory=dict)


def load_notes(path: Path, found: Findings) -> Notes:
    """The notes at `path`, empty where there is no such file; SweepbookError with file and line for what they get wrong."""
    text = _text(path)
    return Notes() if text is None else _Reading(path, found).notes(_without_comments(text))


def _text(path: Path) -> str | None:
    if path.exists() and not path.is_file():  # reading a pipe would wait for ever
        raise SweepbookError(f"{path}: the notes cannot be read: not a file")
    try:
        data = path.read_bytes()
        return re.sub("\r\n?", "\n", data.decode("utf-8-sig"))
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise SweepbookError(f"{path}:{line}: not UTF-8: byte {data[error.start]:#04x}; save the notes as UTF-8") from None
    except OSError as error:
        raise SweepbookError(f"{path}: the notes cannot be read: {error.strerror}") from None


def _without_comments(text: str) -> str:
    """`text` with every HTML comment that stands by itself made empty, on as many lines."""
    from markdown_it import MarkdownIt

    if "<!--" not in text:
        return text
    lines = text.split("\n")
    for token in MarkdownIt("commonmark").parse(text):
        content = token.content.strip()
        if token.type == "html_block" and token.map and content.startswith("<!--") and content.find("-->") == len(content) - 3:
            lines[slice(*token.map)] = [""] * (token.map[1] - token.map[0])
    return "\n".join(lines)


class _Reading:
    """One reading of the notes: holds the file and the findings, so that every complaint can name what it is about."""

    def __init__(self, path: Path, found: Findings) -> None:
        self.path, self.found = path, found
        self.groups = {group.group.name for group in found.groups}
        self.sections = _sections(found)

    def error(self, line: int, message: str) -> SweepbookError:
        """A complaint about the line with the index `line`."""
        return SweepbookError(f"{self.path}:{line + 1}: {message}")

    def notes(self, text: str) -> Notes:
        marked, expressions, place = self.marked(text)
        tokens = markdown_reader().parse(marked)
        self.check_fences(tokens, marked.split("\n"))
        texts = self.texts(self.headings(tokens, text.split("\n")), text.split("\n"))
        filled = self.filled(marked, expressions, place, tokens).split("\n")
        own = {key: _trimmed(filled[begin:end]) for key, (begin, end) in texts.items()}
        groups = dict.fromkeys(name for name, _ in own if name)
        return Notes(
            **{part: own.get(("", part), "") for part in HEADINGS.values()},
            groups={name: GroupNotes(**{part: own.get((name, part), "") for part in PARTS.values()}) for name in groups},
        )

    def marked(self, text: str) -> tuple[str, list[tuple[int, str]], re.Pattern[str]]:
        """`text` with a word of letters for each expression, the expressions with their lines, and what finds the words."""
        expressions: list[tuple[int, str]] = []
        word = "value"
        while word in text:
            word += "e"

        def place(found: re.Match[str]) -> str:
            line = text.count("\n", 0, found.start())
            if found["rest"] is not None and "}}" not in found["rest"]:
                raise self.error(line, f"{{{{ has no }}}} on its line: {found[0][:60]}")
            expressions.append((line, found[1] if found["rest"] is None else found["rest"].partition("}}")[0]))
            return f"{word}{len(expressions) - 1}z"

        return EXPRESSION.sub(place, text), expressions, re.compile(rf"{word}(\d+)z")

    def filled(self, marked: str, expressions: Sequence[tuple[int, str]], place: re.Pattern[str], tokens: Sequence["Token"]) -> str:
        """`marked` with the values, each escaped as the place where it stands takes it."""
        if not expressions:
            return marked
        names = values.names(self.found)
        texts = [self.value(line, source, names) for line, source in expressions]
        code = {found[1] for content in _code(tokens) for found in place.finditer(content)}
        return place.sub(lambda found: (_in_code if found[1] in code else _escaped)(texts[int(found[1])]), marked)

    def value(self, line: int, source: str, names: values.Names) -> str:
        try:
            return expression_text(source, names)
        except ExpressionError as error:
            raise self.error(line, str(error)) from None

    def check_fences(self, tokens: Sequence["Token"], lines: Sequence[str]) -> None:
        """Complains of a code block without an end, which would swallow every heading after it."""
        for token in tokens:
            if token.type == "fence" and token.level == 0 and token.map:
                first, end = token.map
                if end - first < 2 or not lines[end - 1].strip().startswith(token.markup):
                    raise self.error(first, f"a code block begins here and does not end; close it with {token.markup}")

    def headings(self, tokens: Sequence["Token"], lines: Sequence[str]) -> dict[Key, tuple[int, int]]:
        """Each heading that opens a text: what it is for, its line, and the line behind it."""
        found: dict[Key, tuple[int, int]] = {}
        group = ""
        for opening, inline in itertools.pairwise(tokens):
            if opening.type != "heading_open" or opening.level or opening.tag not in ("h1", "h2") or not opening.map:
                continue
            if opening.tag == "h2" and not group:
                continue  # of the text
            line, end = opening.map
            words, source = plain_words(inline.children or []), lines[line].strip()
            key = self.section(line, words, source) if opening.tag == "h1" else (group, self.part(line, words, source))
            if key in found:
                raise self.error(line, f'"{source}" is here twice; the first stands in line {found[key][0] + 1}')
            found[key], group = (line, end), key[0]
        return found

    def texts(self, headings: Mapping[Key, tuple[int, int]], lines: Sequence[str]) -> dict[Key, tuple[int, int]]:
        """The lines of each text; there is none before the first heading, and none between a group's and the next."""
        ends = [line for line, _ in headings.values()] + [len(lines)]
        texts = {key: (begin, end) for (key, (_, begin)), end in zip(headings.items(), ends[1:], strict=True)}
        self.check_empty(lines, (0, ends[0]), "before any heading", ["# " + name for name in (*HEADINGS, "<group>")])
        for key, span in texts.items():
            if key[0] and not key[1]:
                self.check_empty(lines, span, "directly under a group's heading", ["## " + name for name in PARTS])
        return texts

    def check_empty(self, lines: Sequence[str], span: tuple[int, int], where: str, expected: Sequence[str]) -> None:
        for line in range(*span):
            if lines[line].strip():
                raise self.error(line, f'"{lines[line].strip()[:60]}" found {where}; first one of {", ".join(expected)} expected')

    def section(self, line: int, words: str, source: str) -> Key:
        """What a top-level heading is for: a text of its own, ("", field), or a group, (name, "")."""
        if words in self.groups and words.casefold() not in {name.casefold() for name in HEADINGS}:
            return words, ""
        if words.casefold() in self.sections:
            return self.sections[words.casefold()][1]
        known = [name for name, _ in self.sections.values()]
        expected = f"{', '.join(HEADINGS)} or a group's name or title"
        raise self.error(line, f'"{source}" found, {expected} expected; the nearest is "# {_nearest(words, known)}"')

    def part(self, line: int, words: str, source: str) -> str:
        for name, part in PARTS.items():
            if name.casefold() == words.casefold():
                return part
        near = _nearest(words, PARTS)
        raise self.error(line, f'"{source}" found, one of {", ".join(PARTS)} expected; the nearest is "## {near}"')


def _sections(found: Findings) -> dict[str, tuple[str, Key]]:
    """Each top-level heading, caseless, with how it is written and what it is for. A title that two groups have is none."""
    known: dict[str, tuple[str, Key]] = {name.casefold(): (name, ("", part)) for name, part in HEADINGS.items()}
    groups = [each.group for each in found.groups]
    for group in groups:
        known.setdefault(group.name.casefold(), (group.name, (group.name, "")))
    titles = [group.title.casefold() for group in groups]
    for group, title in zip(groups, titles, strict=True):
        if titles.count(title) == 1:
            shown = plain_words(markdown_reader().parseInline(title)[0].children or [])  # a title may look like Markdown
            known.setdefault(title, (group.title, (group.name, "")))
            known.setdefault(shown, (group.title, (group.name, "")))
    return known


def _nearest(word: str, known: Iterable[str]) -> str:
    folded = {name.casefold(): name for name in known}
    return folded[difflib.get_close_matches(word.casefold(), list(folded), 1, 0.0)[0]]


def _trimmed(lines: Sequence[str]) -> str:
    """The lines as one text, without the empty ones at its ends."""
    full = [i for i, line in enumerate(lines) if line.strip()]
    return "\n".join(lines[full[0] : full[-1] + 1]) if full else ""


def _code(tokens: Iterable["Token"]) -> Iterable[str]:
    """The text of all code among `tokens`."""
    for token in tokens:
        if token.type in CODE:
            yield token.content
        yield from _code(token.children or [])


def _escaped(text: str) -> str:
    """A value for a line of Markdown: each mark as a character reference, which can neither begin nor end anything."""
    return VALUE_MARKS.sub(lambda mark: mark[1] or f"&#{ord(mark[0])};", " ".join(text.split()))


def _in_code(text: str) -> str:
    """A value for code: with letters that look like the marks which would end the code."""
    return " ".join(text.split()).translate(LOOKALIKES)
