"""The events of a sweep in, lines and bars on a terminal out; plain lines where the output is a pipe."""

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.text import Text
from sweepbook.analysis import words as w
from sweepbook.analysis.page.visible import visible_line
from sweepbook.runner import events
from sweepbook.runner.config import whole
from sweepbook.runner.study import PlannedRun

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
