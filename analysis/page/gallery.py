"""Pictures in, their SVG out; what was drawn before and shows the same is not drawn again."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

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


def gallery(pictures: Sequence[Picture], before: Mapping[str, Drawn]) -> dict[str, Drawn]:
    """The SVG of every picture, by its name; taken from `before` where the key is the same."""
    if len({picture.name for picture in pictures}) < len(pictures):
        names = [picture.name for picture in pictures]
        twice = next(name for name in names if names.count(name) > 1)
        raise SweepbookError(f"two figures would be called {twice}.svg: give one of the groups another name")
    base = _drawing() if pictures else b""
    keys = {p.name: hashlib.sha256(base + repr(p).encode(errors="replace")).hexdigest() for p in pictures}
    kept = {name: before[name] for name, key in keys.items() if name in before and before[name].key == key}
    todo = [picture for picture in pictures if picture.name not in kept]
    fresh = {name: Drawn(text, keys[name]) for name, text in _draw(todo).items()}
    return {picture.name: kept.get(picture.name) or fresh[picture.name] for picture in pictures}


def _drawing() -> bytes:
    """What changes with the code and the libraries that draw."""
    libraries = [version(name).encode() for name in ("matplotlib", "seaborn", "numpy")]
    return hashlib.sha256(b"".join([*libraries, *(path.read_bytes() for path in DRAWING)])).digest()


def _draw(pictures: Sequence[Picture]) -> dict[str, str]:
    if not pictures:
        return {}
    from sweepbook.analysis.page.figures import draw, svg

    return {picture.name: svg(draw(picture), picture.name).decode() for picture in pictures}
