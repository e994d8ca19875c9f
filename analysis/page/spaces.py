"""The figures of a page in, spaces that a template puts where they belong out; and the page with the figures in them.

So all else of a page is rendered while its figures are drawn.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from markupsafe import Markup

SPACE = re.compile("\0([0-9]+)\0")  # the place among those that were taken; a NUL in the words of a page is made visible


@dataclass(frozen=True)
class Space:
    """What a template gets for the SVG of the figure `name`."""

    name: str
    of: "Spaces"

    def labelled(self, label: str) -> Markup:
        """What holds the space open in the text of a page, for the figure with this label."""
        self.of.taken.append((self.name, label))
        return Markup(f"\0{len(self.of.taken) - 1}\0")


class Spaces(Mapping[str, Space]):
    """A space for each of the `figures`, by its name."""

    def __init__(self, figures: Mapping[str, str]) -> None:
        self.figures = figures
        self.taken: list[tuple[str, str]] = []  # the name of each figure that a template placed, and its label

    def __getitem__(self, name: str) -> Space:
        return Space(name, self)

    def __contains__(self, name: object) -> bool:
        return name in self.figures

    def __iter__(self) -> Iterator[str]:
        return iter(self.figures)

    def __len__(self) -> int:
        return len(self.figures)

    def filled(self, page: str, element: Callable[[str, str], str]) -> str:
        """`page` with the `element` of a figure and its label in each space; figures are asked for in the order of the page."""
        return SPACE.sub(lambda space: self._element(int(space[1]), element), page)

    def _element(self, place: int, element: Callable[[str, str], str]) -> str:
        name, label = self.taken[place]
        return element(self.figures[name], label)
