"""The events of a sweep in, lines and bars on a terminal out; plain lines where the output is a pipe."""

from dataclasses import dataclass
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.text import Text
from sweepbook.analysis import words as w
from sweepbook.analysis.page.fitted import shortened
from sweepbook.analysis.page.spelled import spelled
from sweepbook.analysis.page.visible import visible_line
from sweepbook.runner.config import whole
from sweepbook.runner.launch import events
from sweepbook.runner.runlog import Epoch
from sweepbook.runner.study import PlannedRun

ACCURACY = w.form("valid_accuracy")
QUIET = ("finished", "pruned", "elsewhere")  # ends that need no line where there are bars


class SweepProgress:
    """Shows a sweep while it runs: on a terminal one bar for all of it and a line for each run in hand, in a pipe a line
    for each run that ends. Use it in a `with` statement and hand it every event. A `total` of None is not known beforehand."""

    def __init__(self, title: str, total: int | None, console: Console) -> None:
        self.title, self.console, self.total, self.done = title, console, total, 0
        self.failures = 0
        self.live = console.is_terminal and not console.is_dumb_terminal
        self.room = _room(console.width)
        columns = [
            TextColumn("{task.description}", markup=False),
            BarColumn(self.room.bar),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}", markup=False),
        ]
        self.bars = Progress(*columns, console=console, disable=not self.live, transient=True)
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
            self._drop(event.run)
            epochs = whole(event.run.config, "epochs")
            self.lines[event.run.key] = self.bars.add_task(f"  {self._short(event.run)}", total=epochs, note="")
        elif isinstance(event, events.Progress):
            self.last[event.run.key] = event
            self.bars.update(self.lines[event.run.key], completed=event.number, note=note(event.epoch, self.room.scores))
        elif isinstance(event, events.Lost):
            self._drop(event.run)
            self.say(f"{self._place()} {name(event.run)}: {event.error}; it is tried once more")
        else:
            self.end(event)

    def end(self, event: events.Ended) -> None:
        self.done += 1
        self.failures += event.status == "failed"
        self.bars.update(self.whole, completed=self.done)
        self._drop(event.run)
        if not self.live or event.status not in QUIET:
            self.say(self.line(event))

    def _drop(self, run: PlannedRun) -> None:
        """Takes the line of a run that is no longer trained off the screen."""
        if run.key in self.lines:
            self.bars.remove_task(self.lines.pop(run.key))

    def say(self, line: str) -> None:
        """Prints a line above the bars."""
        self.console.print(Text(spelled(visible_line(line), self.console.encoding)), soft_wrap=True)

    def _place(self) -> str:
        return f"{self.title} [{self.done}{'' if self.total is None else f'/{self.total}'}]"

    def _short(self, run: PlannedRun) -> str:
        """The name of a run in the room that bars leave for it."""
        whole, seed = spelled(name(run), self.console.encoding), f" seed {run.seed}"
        own = whole.removesuffix(seed)
        return shortened([own], self.room.name - len(seed), spelled("…", self.console.encoding))[own] + seed

    def line(self, event: events.Ended) -> str:
        """What became of one run: "training [12/168] lr_0.001 seed 0: finished in 0.9 s, validation accuracy 83.6%"."""
        told = {"elsewhere": "in the hands of another process, or just done by it"}.get(event.status, event.status)
        if event.status in ("finished", "diverged"):
            told += f" in {w.duration(event.seconds)}"
        last = self.last.get(event.run.key)
        if event.tested is not None:
            told += f", test accuracy {w.score(ACCURACY, event.tested)}"
        elif event.status == "finished" and last:
            told += f", {note(last.epoch, 1)}"
        if event.error:
            told += f": {event.error}"
        return f"{self._place()} {name(event.run)}: {told}"


@dataclass(frozen=True)
class Room:
    """What a terminal has room for: the width of a run's `name`, that of its `bar`, and how many `scores` stand beside it."""

    name: int
    bar: int
    scores: int


def _room(width: int) -> Room:
    """How so many columns are shared: 27 go to counts, times and blanks, 26 or more to each score."""
    if width < 80:
        return Room(max(width - 40, 12), 8, 0)
    scores = 1 if width < 120 else 2 if width < 160 else 3
    left = width - 27 - 27 * scores
    bar = min(40, left // 3)
    return Room(min(left - bar, 60), bar, scores)


def note(epoch: Epoch, scores: int) -> str:
    """The scores of an epoch, so many of them: "validation accuracy 83.6%, validation loss 0.478"."""
    loss = w.form("valid_loss", [epoch.valid_loss])
    told = [
        f"validation accuracy {w.score(ACCURACY, epoch.valid_accuracy)}",
        f"validation loss {w.score(loss, epoch.valid_loss)}",
        f"training loss {w.score(loss, epoch.train_loss)}",
    ]
    return ", ".join(told[:scores])


def name(run: PlannedRun) -> str:
    """How a run is called: "lr_0.001 seed 0"."""
    return visible_line(f"{run.label} seed {run.seed}")
