"""Events and findings in, lines and tables on a terminal out; plain lines where the output is a pipe."""

import sys
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from analysis import wording as w
from analysis.visible import bare, visible_line
from runner import events
from runner.config import whole
from runner.study import PlannedRun

WIDEST = 100_000  # columns of a table
ACCURACY = w.form("valid_accuracy")


class SweepProgress:
    """Shows a sweep while it runs: on a terminal one bar for all of it and a line for each run in hand, in a pipe a line
    for each run that ends. Use it in a `with` statement and hand it every event."""

    def __init__(self, title: str, total: int, console: Console) -> None:
        self.title, self.console, self.total, self.done = title, console, total, 0
        self.failures = 0
        columns = [
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}", markup=False),
        ]
        self.bars = Progress(*columns, console=console, disable=not console.is_terminal, transient=True)
        self.whole = self.bars.add_task(title, total=total, note="")
        self.lines: dict[tuple[str, int], TaskID] = {}
        self.last: dict[tuple[str, int], events.Progress] = {}

    def __enter__(self) -> "SweepProgress":
        self.bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.bars.stop()

    def show(self, event: events.Event) -> None:
        """Takes in one event."""
        if isinstance(event, events.Started):
            epochs = whole(event.run.config, "epochs")
            self.lines[event.run.key] = self.bars.add_task(f"  {name(event.run)}", total=epochs, note="")
        elif isinstance(event, events.Progress):
            self.last[event.run.key] = event
            epoch, loss = event.epoch, w.form("valid_loss", [event.epoch.valid_loss])
            note = f"loss {w.score(loss, epoch.train_loss)}, validation {w.score(loss, epoch.valid_loss)}, accuracy "
            note += w.score(ACCURACY, epoch.valid_accuracy)
            self.bars.update(self.lines[event.run.key], completed=event.number, note=note)
        else:
            self.end(event)

    def end(self, event: events.Ended) -> None:
        self.done += 1
        self.failures += event.status == "failed"
        self.bars.update(self.whole, completed=self.done)
        if event.run.key in self.lines:
            self.bars.remove_task(self.lines.pop(event.run.key))
        if not self.console.is_terminal or event.status not in ("finished", "elsewhere"):
            self.console.print(Text(visible_line(self.line(event))), soft_wrap=True)

    def line(self, event: events.Ended) -> str:
        """What became of one run: "training [12/168] lr_0.001 seed 0: finished in 0.9 s, accuracy 83.6%"."""
        told = {"elsewhere": "in the hands of another process, or just done by it"}.get(event.status, event.status)
        if event.status in ("finished", "diverged"):
            told += f" in {w.duration(event.seconds)}"
        last = self.last.get(event.run.key)
        if event.status == "finished" and last:
            told += f", accuracy {w.score(ACCURACY, last.epoch.valid_accuracy)}"
        if event.error:
            told += f": {event.error}"
        return f"{self.title} [{self.done}/{self.total}] {name(event.run)}: {told}"


def name(run: PlannedRun) -> str:
    """How a run is called: "lr_0.001 seed 0"."""
    return visible_line(f"{run.label} seed {run.seed}")


def table(heads: Sequence[tuple[str, bool]], rows: Iterable[Sequence[str]]) -> Table:
    """A terminal table of plain text; `heads` are the columns' names and whether they hold numbers. No names, no line of them."""
    made = Table(box=None, pad_edge=False, header_style="bold", show_header=any(head for head, _ in heads))
    for head, number in heads:
        made.add_column(Text(visible_line(head)), justify="right" if number else "left", no_wrap=True)
    for row in rows:
        made.add_row(*(Text(visible_line(cell)) for cell in row))
    return made


def print_table(heads: Sequence[tuple[str, bool]], rows: Sequence[Sequence[str]]) -> None:
    """Prints `table` to standard output, as wide as it is: a cut number would be a wrong one."""
    shown, made = console(sys.stdout), table(heads, rows)
    shown.width = max(shown.width, shown.measure(made, options=shown.options.update(width=WIDEST)).maximum)
    with shown.capture() as text:  # printed by us: rich would exit with 1 where the reader has gone
        shown.print(made, crop=False, soft_wrap=not shown.is_terminal)
    bare(sys.stdout).write(text.get())


def console(stream: Any) -> Console:
    """A console on `stream`, for words that were made visible; a pipe is 200 columns wide."""
    stream = bare(stream)
    made = Console(file=stream, highlight=False)
    return made if made.is_terminal else Console(file=stream, highlight=False, width=200)
