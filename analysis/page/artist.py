"""The process that draws: pictures from its standard input in, their SVG on its standard output out, until the input ends."""

import gc
import os
import pickle
import signal
import sys
from contextlib import suppress

# Seaborn and pandas do without these where they are not installed, and no figure needs them. To import scipy alone takes as long
# as all the rest.
SPARED = ("scipy", "statsmodels", "ipywidgets", "pyarrow")


def main() -> None:
    """Draws until there is nobody left to draw for. What the libraries print goes to standard error."""
    for name in ("SIGINT", "SIGTTOU"):  # Ctrl-C is for the command, which ends this process; and a warning may always be written
        if number := getattr(signal, name, None):
            signal.signal(number, signal.SIG_IGN)
    asked, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.modules.update(dict.fromkeys(SPARED))  # type: ignore[arg-type]  # None says that there is none
    gc.disable()
    import seaborn  # noqa: F401
    from sweepbook.analysis.page.figures import draw, svg
    from sweepbook.analysis.page.visible import visible_output

    gc.freeze()  # what is imported stays, and is no garbage to look for
    gc.enable()
    with suppress(EOFError, OSError), visible_output():
        while True:
            picture = pickle.load(asked)
            try:
                answer = svg(draw(picture), picture.name)
            except Exception:  # whoever asked draws it again, and the same error comes up there
                answer = b""
            pickle.dump(answer, answers)
            answers.flush()
