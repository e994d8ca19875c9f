"""Rows in, a table on a terminal out; plain lines where the output is a pipe."""

import sys
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text
from sweepbook.analysis.page.visible import bare, visible, visible_line

WIDEST = 100_000  # columns of a table


def table(heads: Sequence[tuple[str, bool]], rows: Iterable[Sequence[str]]) -> Table:
    """A terminal table of plain text; `heads` are the columns' names, which may have several lines, and
    whether they hold numbers. No names, no line of them."""
    grid = Table(box=None, pad_edge=False, header_style="bold", show_header=any(head for head, _ in heads))
    for head, number in heads:
        grid.add_column(Text(visible(head)), justify="right" if number else "left", no_wrap=True)
    for row in rows:
        grid.add_row(*(Text(visible_line(cell)) for cell in row))
    return grid


def print_table(heads: Sequence[tuple[str, bool]], rows: Sequence[Sequence[str]]) -> None:
    """Prints `table` to standard output, as wide as it is: a cut number would be a wrong one."""
    shown, grid = console(sys.stdout), table(heads, rows)
    shown.width = max(shown.width, shown.measure(grid, options=shown.options.update(width=WIDEST)).maximum)
    with shown.capture() as text:  # printed by us: rich would exit with 1 where the reader has gone
        shown.print(grid, crop=False, soft_wrap=not shown.is_terminal)
    bare(sys.stdout).write(text.get())


def console(stream: Any) -> Console:
    """A console on `stream`, for words that were made visible; a pipe is 200 columns wide."""
    stream = bare(stream)
    plain = Console(file=stream, highlight=False)
    return plain if plain.is_terminal else Console(file=stream, highlight=False, width=200)
