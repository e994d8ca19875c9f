"""The events of a sweep in, a line on all of it out: what was trained, and how long it took by the clock."""

import time
from collections import Counter

from sweepbook.runner.launch.events import Ended, Event

WHAT = {"search": ("trial", "trials"), "training": ("run", "runs"), "test images": ("test score", "test scores")}  # by its title
NOT_HERE = "elsewhere"  # how a run ends that another process has in hand


class Tally:
    """Counts what ends, from now on."""

    def __init__(self) -> None:
        self.begun = time.monotonic()
        self.ended: Counter[str] = Counter()

    def note(self, title: str, event: Event) -> None:
        """Takes in one event of the part of the sweep that is called `title`."""
        if isinstance(event, Ended) and event.status != NOT_HERE:
            self.ended[title] += 1

    def line(self, jobs: int) -> str:
        """As in "20 trials, 6 runs and 3 test scores in 37 s with 2 jobs, starting up included"; "" where nothing ended."""
        from sweepbook.analysis import words as w  # which takes longer to import than workers take to begin

        done = [w.plural(self.ended[title], *names) for title, names in WHAT.items() if self.ended[title]]
        took = w.duration(time.monotonic() - self.begun)
        return f"{w.listing(done)} in {took} with {w.plural(jobs, 'job')}, starting up included" if done else ""
