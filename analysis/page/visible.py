"""Text from logs, plans and reports in, the same text out with every character visible that a terminal would obey or be misled by.

All that a command prints passes through here: `main` wraps standard output and standard error. What styles its own lines, as tables
and progress bars do, makes its words `visible` first and writes to the `bare` stream. A file's content goes into a pipe as it is.
"""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO, cast

from sweepbook.analysis.page.spelled import spelled

# All that controls a terminal but the line break and the tab; and what turns the direction of writing or ends a line unseen.
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def visible(text: str) -> str:
    r"""`text` with such characters as JSON escapes them.

    >>> visible("red \x1b[31m")
    'red \\u001b[31m'
    """
    return OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def visible_line(text: str) -> str:
    """The same for what has to stay in its line."""
    return visible(text).replace("\n", "\\n")


class _Visible:
    """A stream that makes all that it writes visible, in the letters that it has; for the rest it is the stream that it has."""

    def __init__(self, stream: TextIO) -> None:
        self.bare = stream

    def write(self, text: str) -> int:
        self.bare.write(spelled(visible(text), self.bare.encoding))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.bare, name)


@contextmanager
def visible_output() -> Iterator[None]:
    """Within, standard output and standard error make visible what they write."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (cast(TextIO, _Visible(bare(stream))) for stream in before)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def bare(stream: TextIO) -> TextIO:
    """The stream itself, for what was made visible before or goes to no terminal."""
    return stream.bare if isinstance(stream, _Visible) else stream
