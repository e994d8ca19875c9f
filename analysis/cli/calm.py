"""What a build in `watch` came to in, a line a rebuild out; on a terminal each takes the place of the one before."""

import sys
from collections.abc import Mapping

from sweepbook.analysis import words as w
from sweepbook.analysis.page.spelled import spelled
from sweepbook.analysis.page.terminal import USUAL, columns, dumb
from sweepbook.analysis.page.visible import visible_line

LISTED = 3  # logs that do not count; of more the rest are counted
OVER = "\x1b[1A\x1b[2K"  # one line up, which is then empty


class Calm:
    """Says that the report was rebuilt, and what is wrong; what it has said of the last build it does not say again."""

    def __init__(self) -> None:
        self.replaces = sys.stdout.isatty() and not dumb()
        self.last_is_ours = False
        self.warned: frozenset[str] = frozenset()
        self.missed: frozenset[str] = frozenset()

    def follow(self, text: str) -> None:
        """Says what is watched."""
        print(text, flush=True)
        self.last_is_ours = False

    def rebuilt(self, text: str) -> None:
        """Says in a line what was rebuilt."""
        line = spelled(visible_line(text), sys.stdout.encoding)
        if not self.replaces:
            print(line, flush=True)
            return
        print(f"{OVER * self.last_is_ours}{line[: (columns(sys.stdout) or USUAL) - 1]}", flush=True)
        self.last_is_ours = True

    def miss(self, logs: Mapping[str, str]) -> None:
        """Says which `logs` do not count, and why, where that is new."""
        fresh = [f"{log}: {why}" for log, why in logs.items() if log not in self.missed]
        for line in fresh[:LISTED]:
            self.say(f"does not count: {line}")
        if (more := len(fresh) - LISTED) > 0:
            self.say(f"{w.plural(more, 'more log')} {'does' if more == 1 else 'do'} not count; the journal says why")
        self.missed = frozenset(logs)

    def warn(self, lines: tuple[str, ...]) -> None:
        """Says what whoever builds should look at, where that is new."""
        for line in lines:
            if line not in self.warned:
                self.say(line)
        self.warned = frozenset(lines)

    def say(self, text: str) -> None:
        """Says what stays on the screen."""
        print(text, file=sys.stderr, flush=True)
        self.last_is_ours = False
