"""The process that draws: pictures from its standard input in, their SVG on its standard output out, until the input ends. Where it
is given a second pair of pipes, it has a twin that serves these."""

import gc
import importlib
import os
import pickle
import signal
import sys
import warnings
from contextlib import suppress
from functools import lru_cache
from typing import IO, Any

# Seaborn, pandas and matplotlib do without these where they are not installed, and no figure needs them. To import scipy alone
# takes as long as all the rest.
SPARED = ("scipy", "statsmodels", "ipywidgets", "pyarrow", "mpl_toolkits.mplot3d")

MOST_TEXTS = 20_000  # whose sizes are kept, some megabytes
SELDOM = 50_000  # objects that come, less those that go, before Python looks for garbage: a figure is some thousands


def main(second: tuple[int, int] | None = None) -> None:
    """Draws until there is nobody left to draw for; the twin does so with the file descriptors `second`, to read from and to write
    to. What the libraries print goes to standard error."""
    for name in ("SIGINT", "SIGTTOU"):  # Ctrl-C is for the command, which ends this process; and a warning may always be written
        if number := getattr(signal, name, None):
            signal.signal(number, signal.SIG_IGN)
    first = os.dup(0), os.dup(1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    gc.disable()
    _get_ready()
    own = _split(first, second) if second else first
    gc.freeze()  # what is imported stays, and is no garbage to look for
    gc.set_threshold(SELDOM)
    gc.enable()
    _serve(os.fdopen(own[0], "rb"), os.fdopen(own[1], "wb"))
    os._exit(0)  # at once: nothing is left to write, and to take the libraries down takes as long as a figure


def _get_ready() -> None:
    """Imports all that draws, and what that imports with its first figure."""
    sys.modules.update(dict.fromkeys(SPARED))  # type: ignore[arg-type]  # None says that there is none
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Unable to import Axes3D")
        from matplotlib.artist import Artist

        # Every kind of artist would write a docstring here, of which nobody asks: a sixth of the import.
        Artist._update_set_signature_and_docstring = classmethod(lambda cls: None)  # type: ignore[attr-defined]
        import seaborn  # noqa: F401
    _measure_once()
    from sweepbook.analysis.page.figures import FIGURES, svg
    from sweepbook.analysis.page.figures.style import frame

    for kind in FIGURES.values():
        importlib.import_module(f"sweepbook.analysis.page.figures.{kind.partition(':')[0]}")
    svg(frame(1.0)[0], "blank")


def _measure_once() -> None:
    """Keeps the size of every text. Figures share most of their words, and so do builds: to measure them is a fifth of drawing."""
    from matplotlib.textpath import TextToPath

    measured, measuring = TextToPath.get_text_width_height_descent, TextToPath()

    @lru_cache(MOST_TEXTS)
    def size(text: str, font: Any, *rest: Any) -> Any:
        return measured(measuring, text, font, *rest)

    # Of the font a copy is kept: it is equal to others by what it is now, and may be changed later.
    TextToPath.get_text_width_height_descent = lambda _, text, font, *rest: size(text, font.copy(), *rest)  # type: ignore[method-assign]


def _split(first: tuple[int, int], second: tuple[int, int]) -> tuple[int, int]:
    """The pipes of this process, after a twin has come to be that has the others. Neither keeps those of the other open, which
    would not end."""
    twin = os.fork()
    own, others = (first, second) if twin else (second, first)
    for pipe in others:
        os.close(pipe)
    return own


def _serve(asked: IO[bytes], answers: IO[bytes]) -> None:
    from sweepbook.analysis.page.figures import draw, svg
    from sweepbook.analysis.page.visible import visible_output

    with suppress(EOFError, OSError), visible_output():
        while True:
            picture = pickle.load(asked)
            try:
                answer = svg(draw(picture), picture.name)
            except Exception:  # whoever asked draws it again, and the same error comes up there
                answer = b""
            pickle.dump(answer, answers)
            answers.flush()
