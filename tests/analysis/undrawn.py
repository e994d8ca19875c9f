"""What takes the place of a Drawing where no test looks at a figure: to draw them is most of a build."""

import zlib
from collections.abc import Iterable

from sweepbook.analysis.page.picture import Picture


class NotDrawn:
    """Figures of which each has a text that changes with what it would show."""

    def __init__(self, pictures: Iterable[Picture], _: object = None) -> None:
        self.texts = {
            picture.name: f"<svg><desc>{zlib.crc32(repr(picture).encode(errors='replace'))}</desc></svg>" for picture in pictures
        }

    def text(self, name: str) -> str:
        return self.texts[name]

    def finish(self) -> dict[str, str]:
        return self.texts
