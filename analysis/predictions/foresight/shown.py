"""What a part of a text for a terminal is, as a value."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Shown:
    """A part of the text: a `title`, its `lines`, each a sentence or more, then a table of `rows` under `heads` (of each the name,
    whether it holds numbers, and what else a `page.fitted.Head` has), and what stands `below` it."""

    title: str = ""
    lines: tuple[str, ...] = ()
    heads: tuple[tuple[Any, ...], ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    below: tuple[str, ...] = ()
