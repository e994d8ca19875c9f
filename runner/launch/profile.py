"""What the workers of a sweep say of their time in; the time by phase and a trace in Chrome's format, which Perfetto opens, out."""

import time
from collections import Counter
from collections.abc import Collection, Iterator

from sweepbook.runner.launch.events import Spent
from sweepbook.runner.spans import REST, STARTING, WAITING, Span

MOST = 300_000  # spans, some 30 MB; of later jobs the trace has no more than when they ran
WHOLE = (STARTING, WAITING, REST)  # phases whose spans are few


class Profile:
    """Where the time of all workers went. That which a killed worker spent on its last job is not known."""

    def __init__(self) -> None:
        self.times = Counter[str]()  # nanoseconds
        self.spans: dict[int, list[Span]] = {}  # by process
        self.ends: dict[int, int] = {}
        self.left_out, self.room = 0, MOST
        self.began = time.perf_counter_ns()

    @property
    def seconds(self) -> dict[str, float]:
        """What each phase took of the time of all workers."""
        return {phase: spent / 1e9 for phase, spent in self.times.items()}

    @property
    def wall(self) -> float:
        """For how many seconds workers were there, all of them together."""
        return sum(self.ends[process] - min(span.start for span in spans) for process, spans in self.spans.items()) / 1e9

    def add(self, spent: Spent) -> None:
        """Takes in what a worker says after a job."""
        fits = [span for span in spent.spans if self.room > 0 or span.phase in WHOLE]
        self.room -= len(fits)
        self.left_out += spent.left_out + len(spent.spans) - len(fits)
        self.times.update(spent.times)
        self.spans.setdefault(spent.process, []).extend(fits)
        self.ends[spent.process] = max(span.end for span in spent.spans)

    def end(self, processes: Collection[int]) -> None:
        """The sweep is over: those of its workers that still live have waited since their last job."""
        now = time.perf_counter_ns()
        for process in self.ends.keys() & set(processes):
            span = Span(WAITING, WAITING, self.ends[process], now)
            self.add(Spent(process, {WAITING: now - span.start}, (span,)))

    def trace(self, title: str) -> dict[str, object]:
        """The spans in Chrome's trace event format: a thread for each worker, times in microseconds from the start of the sweep."""
        return {"traceEvents": list(self._events(title)), "displayTimeUnit": "ms", "otherData": {"spans left out": self.left_out}}

    def _events(self, title: str) -> Iterator[dict[str, object]]:
        yield {"name": "process_name", "ph": "M", "pid": 1, "args": {"name": title}}
        for number, spans in enumerate(self.spans.values(), 1):
            yield {"name": "thread_name", "ph": "M", "pid": 1, "tid": number, "args": {"name": f"worker {number}"}}
            for span in sorted(spans, key=lambda span: (span.start, -span.end)):
                start, took = (span.start - self.began) / 1000, (span.end - span.start) / 1000
                yield {"name": span.name, "cat": span.phase, "ph": "X", "ts": start, "dur": took, "pid": 1, "tid": number}
