"""Text, tables and JSON in, what a terminal or a pipe shows of them out: as wide as it is, in letters and styles that it has."""

import json
import os
import re
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from sweepbook.analysis.page.fitted import Head, fitted, left_out, lines, wrapped
from sweepbook.analysis.page.spelled import has, spelled
from sweepbook.analysis.page.visible import bare, visible, visible_line

if TYPE_CHECKING:
    from rich.console import Console

USUAL, NARROWEST, READABLE = 80, 40, 100  # columns: of a terminal that does not say, that are made use of, of a line to read
DUMB = ("dumb", "unknown")
BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")


def columns(stream: TextIO) -> int | None:
    """How wide a stream is: COLUMNS, else what the terminal says; None for a pipe, which has room for everything."""
    asked = os.environ.get("COLUMNS", "")
    if asked.isdecimal() and int(asked):
        return max(int(asked), NARROWEST)
    if not stream.isatty():
        return None
    try:
        return max(os.get_terminal_size(stream.fileno()).columns or USUAL, NARROWEST)
    except (OSError, ValueError):  # it says that it is one, and has no size
        return USUAL


def styled(stream: TextIO) -> bool:
    """Whether a stream shows bold letters and colours: a terminal, unless NO_COLOR or TERM=dumb says no."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and not dumb()


def dumb() -> bool:
    """Whether the terminal obeys nothing but line breaks."""
    return os.environ.get("TERM", "").lower() in DUMB


def print_table(heads: Iterable[Sequence[Any]], rows: Sequence[Sequence[str]], more: str = "", room: int | None = None) -> None:
    """Prints a table to standard output in the `room` that it has, or is given; each of `heads` as the values of a `Head`. Then in
    a line what was left out, and that `more` shows it."""
    stream = bare(sys.stdout)
    kept = [Head(*head) for head in heads]
    cells = [[visible_line(row[i]) for row in rows] for i in range(len(kept))]
    drawn = [i for i, own in enumerate(cells) if _undrawable(own, stream.encoding)]
    shown = [i for i in range(len(kept)) if i not in drawn]
    spelt = [[spelled(cell, stream.encoding) for cell in cells[i]] for i in shown]
    own = [kept[i]._replace(name=spelled(visible(kept[i].name), stream.encoding)) for i in shown]
    table = fitted(own, list(zip(*spelt, strict=True)), room or columns(stream), spelled("…", stream.encoding))
    style = _bold if styled(stream) else str
    blocks = [f"Left out: {kept[i].name or 'curves'}, whose blocks this terminal does not have." for i in drawn]
    stream.write("".join(f"{line}\n" for line in lines(table, style)))
    for line in (*table.notes, *left_out(table, more), *blocks):
        print_text(line)


def _undrawable(cells: Sequence[str], encoding: str | None) -> bool:
    """Whether a column holds small curves, and these letters do not exist here."""
    from sweepbook.analysis.page.sparkline import BLOCKS  # with numpy, which takes longer to import than a short command

    return not has(encoding, BLOCKS) and any(cells) and set("".join(cells)) <= {*BLOCKS, " "}


def _bold(line: str) -> str:
    return f"\x1b[1m{line}\x1b[0m"


def print_text(text: str, indent: str = "", heading: bool = False, width: int | None = None) -> None:
    """Prints lines of prose, wrapped where standard output has a `width` or it is given, later lines behind `indent`; a `heading`
    in bold where it can be shown."""
    stream = bare(sys.stdout)
    width = width or columns(stream)
    shown = spelled(visible(text), stream.encoding)
    if width is not None:
        wide = min(width, READABLE)
        shown = "\n".join(part for line in shown.split("\n") for part in wrapped(line, wide, indent))
    stream.write(f"{_bold(shown) if heading and styled(stream) else shown}\n")


def print_answers(answers: Sequence[tuple[str, str]]) -> None:
    """Prints questions and their answers, a line or two each, behind an empty line."""
    wide = max((len(question) for question, _ in answers), default=0)
    for number, (question, says) in enumerate(answers):
        print_text(f"{chr(10) * (not number)}{question:<{wide}}  {says}", " " * (wide + 2))


def print_json(document: str) -> None:
    """Prints a JSON document that stays one in every encoding: what standard output does not have is escaped."""
    stream = bare(sys.stdout)
    if not has(stream.encoding, document):
        document = BEYOND_ASCII.sub(lambda found: json.dumps(found[0])[1:-1], document)
    stream.write(f"{visible(document)}\n")


def console(stream: TextIO) -> "Console":
    """A console on `stream` for words that were made visible; a pipe is 200 columns wide. It has styles where the stream has."""
    from rich.console import Console

    stream = bare(stream)
    system: Any = "auto" if styled(stream) else None
    return Console(file=stream, highlight=False, width=columns(stream) or 200, color_system=system)
