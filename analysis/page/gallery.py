"""Pictures in, their SVG out; what was drawn before and shows the same is not drawn again."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from pathlib import Path

from sweepbook.analysis.page.drawing import Artist, Drawing
from sweepbook.analysis.page.picture import Picture
from sweepbook.runner.config import SweepbookError

HERE = Path(__file__).parent
DRAWING = (HERE / "scale.py", HERE.parent / "words.py", *sorted((HERE / "figures").glob("*.py")))


@dataclass(frozen=True)
class Drawn:
    """A figure's SVG, and the key of what it shows and of what drew it; `fresh` where it was drawn just now."""

    text: str
    key: str
    fresh: bool = True


class Gallery(Mapping[str, str]):
    """Figures in the making, the SVG of each by its name: what was drawn `before` and has the same key is kept, all else drawn, by
    the `artist` if any. Whoever asks for a figure waits until that one is there."""

    def __init__(self, pictures: Sequence[Picture], before: Mapping[str, Drawn], artist: Artist | None = None) -> None:
        _check_names(pictures)
        base = _drawing() if pictures else b""
        self.digests = {picture.name: _digest(base, picture) for picture in pictures}
        self.kept = {name: before[name] for name, key in self.digests.items() if name in before and before[name].key == key}
        self.drawing = Drawing([picture for picture in pictures if picture.name not in self.kept], artist)

    def __getitem__(self, name: str) -> str:
        return self.kept[name].text if name in self.kept else self.drawing.text(name)

    def __contains__(self, name: object) -> bool:
        return name in self.digests

    def __iter__(self) -> Iterator[str]:
        return iter(self.digests)

    def __len__(self) -> int:
        return len(self.digests)

    def finish(self) -> dict[str, Drawn]:
        """Every figure, by its name."""
        fresh = self.drawing.finish()
        return {name: self.kept.get(name) or Drawn(fresh[name], key) for name, key in self.digests.items()}


def _check_names(pictures: Sequence[Picture]) -> None:
    names = [picture.name for picture in pictures]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise SweepbookError(f"two figures would be called {twice}.svg: give one of the groups another name")


def _digest(base: bytes, picture: Picture) -> str:
    """What changes with what is drawn; the words beside a figure are the page's."""
    shown = replace(picture, alt="", caption="")
    return hashlib.sha256(base + repr(shown).encode(errors="replace")).hexdigest()


@cache
def _drawing() -> bytes:
    """What changes with the code and the libraries that draw."""
    libraries = [version(name).encode() for name in ("matplotlib", "seaborn", "numpy")]
    return hashlib.sha256(b"".join([*libraries, *(path.read_bytes() for path in DRAWING)])).digest()
