"""A `SweepDiff` in, its lines for a terminal out, at most 100 columns wide; the verdicts are coloured where it can show colours."""

import textwrap
from collections.abc import Sequence
from io import StringIO
from typing import Literal

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text
from sweepbook.analysis import words as w
from sweepbook.analysis.diff import tables, words
from sweepbook.analysis.diff.comparisons import BETTER, WORSE
from sweepbook.analysis.diff.diff import SweepDiff
from sweepbook.analysis.diff.turned import Turned
from sweepbook.analysis.page.visible import visible

WIDTH = 100
LONGEST = 36  # letters of a configuration's name
ROWS = 20  # of the table, where no one asks for more
COLOURS = {BETTER: "green", WORSE: "red"}


def text(diff: SweepDiff, top: int | None = None, colours: bool = False) -> str:
    """The answer first, then what changed, the comparisons (the first `top` of them), and the conclusions that turned."""
    depth: Literal["standard"] | None = "standard" if colours else None
    shown = Console(file=StringIO(), width=WIDTH, highlight=False, force_terminal=colours, color_system=depth)
    with shown.capture() as written:
        shown.print(_text(words.answer(diff), "bold"))
        _print_lines(shown, "Compared", [f"{name}: {value}" for name, value in words.facts(diff)])
        _print_lines(shown, "Changed between the sweeps", words.changed(diff))
        _print_lines(shown, "Over all configurations", words.overall(diff))
        if not all(one.same_runs for one in diff.comparisons):
            _print_table(shown, diff, top or ROWS)
        _print_turned(shown, diff.turned)
        _print_lines(shown, "Cost", words.cost(diff))
        _print_lines(shown, "Not matched", words.unmatched(diff))
        _print_lines(shown, "Not comparable", _incomparable(diff))
        _print_lines(shown, "How", words.method(diff))
    return "\n".join(line.rstrip() for line in written.get().split("\n"))


def _print_lines(shown: Console, title: str, lines: Sequence[str]) -> None:
    if lines:
        shown.print()
        shown.print(_text(title, "bold"))
    for line in lines:
        shown.print(_text(textwrap.fill(line, WIDTH, initial_indent="  ", subsequent_indent="    ")))


def _incomparable(diff: SweepDiff) -> list[str]:
    found = [f"{one.label}: {one.reason}" for one in diff.matching.incomparable]
    return found[:ROWS] + ([f"and {w.count(len(found) - ROWS)} more"] if len(found) > ROWS else [])


def _print_table(shown: Console, diff: SweepDiff, top: int) -> None:
    table = tables.comparisons(diff, diff.metric)
    made = RichTable(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for column in table.columns:
        made.add_column(_text(column.head), justify="right" if column.number else "left", no_wrap=True)
    for line in table.lines[:top]:
        cells = [_text(_cut(line.cells[0])), *(_text(cell) for cell in line.cells[1:-1])]
        made.add_row(*cells, _text(line.cells[-1], COLOURS.get(line.cells[-1], "")))
    shown.print()
    shown.print(_text(w.metric_name(diff.metric).capitalize(), "bold"))
    shown.print(made)
    if (left := len(table.lines) - top) > 0:
        shown.print(_text(f"and {w.count(left)} more; --top {len(table.lines)} prints them all"))


def _cut(label: str) -> str:
    return label if len(label) <= LONGEST else label[: LONGEST - 1] + "…"


def _print_turned(shown: Console, found: Sequence[Turned]) -> None:
    if found:
        shown.print()
        shown.print(_text("Conclusions that turned", "bold"))
    for one in found:
        about = f"{one.group}: {one.says}" if one.group else one.says
        for line, indent in ((about, 2), (f"{one.old} → {one.new}: {one.because}", 4)):
            shown.print(_text(textwrap.fill(line, WIDTH, initial_indent=" " * indent, subsequent_indent=" " * (indent + 2))))


def _text(words: str, style: str = "") -> Text:
    return Text(visible(words), style)
