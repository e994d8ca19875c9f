"""Pictures in, their SVG out. A process of its own draws them, which imports what that takes while this one reads and computes."""

import atexit
import pickle
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from typing import IO, TYPE_CHECKING, cast

if TYPE_CHECKING:  # which a build that finds nothing new does without
    from sweepbook.analysis.page.picture import Picture

WITH_SEABORN = {"heatmap", "grids"}  # the kinds of pictures that it takes to draw
FEW = 6  # figures; where more are left, this process imports what draws and helps
DRAWS = "import sys; sys.path[:] = {path}; from sweepbook.analysis.page.artist import main; main()"


class Artist:
    """A process that draws one picture after the other. It ends with this one, however that ends: its input does, too."""

    def __init__(self) -> None:
        code = DRAWS.format(path=sys.path)
        # In a group of its own, so that Ctrl-C in a terminal does not reach it before it can ignore that.
        self.process = subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, process_group=0
        )
        self.free = threading.Lock()
        self.asked, self.answers = cast(IO[bytes], self.process.stdin), cast(IO[bytes], self.process.stdout)
        atexit.register(self.close)

    def drawn(self, picture: "Picture") -> str:
        """The SVG of `picture`; "" where it cannot be drawn there."""
        try:
            with self.free:  # what was begun before and came to nothing may be under way
                self.asked.write(pickle.dumps(picture))
                self.asked.flush()
                answer: bytes = pickle.load(self.answers)
        except (OSError, EOFError, ValueError, pickle.UnpicklingError):  # it was killed, or could not start
            return ""
        return answer.decode()

    def close(self) -> None:
        """Ends the process, whatever it does."""
        self.process.kill()
        self.process.wait()
        with suppress(OSError):  # what it did not read any more
            self.asked.close()
        self.answers.close()


@cache
def artist() -> Artist | None:
    """The artist of this process, started with the first call; None where this process draws quickly by itself, as all is imported
    already, or none can be started."""
    if "seaborn" in sys.modules or not sys.executable:
        return None
    try:
        return Artist()
    except OSError:
        return None


class Drawing:
    """Figures in the making: the artist begins at once, the first one first, and `text` gives the SVG of one, `finish` of all."""

    def __init__(self, pictures: "Iterable[Picture]", artist: Artist | None = None) -> None:
        self.todo, self.done, self.artist = deque(pictures), dict[str, str](), artist
        self.names = [picture.name for picture in self.todo]
        self.news = threading.Condition()  # of a figure that the artist has drawn, or that it draws no more
        self.thread = threading.Thread(target=self._by_artist, daemon=True)
        try:
            self.thread.start()
        except RuntimeError:  # no thread can be started: all is drawn here
            self.artist = None

    def text(self, name: str) -> str:
        """The SVG of a figure. This process helps where much is left, waits for the artist, and draws what that could not."""
        while name not in self.done:
            if picture := self._to_help_with():
                self._by_myself(picture)
                continue
            with self.news:
                self.news.wait_for(lambda: name in self.done or not self.artist)
        return self.done[name]

    def finish(self) -> dict[str, str]:
        """The SVG of every figure, by its name."""
        texts = {name: self.text(name) for name in self.names}
        if self.thread.ident:
            self.thread.join()
        return texts

    def _by_artist(self) -> None:
        while self.artist and (picture := self._next()):
            text = ""
            try:
                text = self.artist.drawn(picture)
            finally:
                self._take(picture, text)

    def _take(self, picture: "Picture", text: str) -> None:
        """Keeps what the artist drew; what it could not is drawn here, where the same error comes up."""
        with self.news:
            if text:
                self.done[picture.name] = text
            else:
                self.todo.append(picture)
                self.artist = None
            self.news.notify()

    def _by_myself(self, picture: "Picture") -> None:
        from sweepbook.analysis.page.figures import draw, svg

        self.done[picture.name] = svg(draw(picture), picture.name).decode()

    def _next(self) -> "Picture | None":
        with self.news:
            return self.todo.popleft() if self.todo else None

    def _to_help_with(self) -> "Picture | None":
        """The next picture where there is no artist; else the last one that takes no seaborn, and None where helping would not be
        worth importing what draws."""
        with self.news:
            if not self.artist:
                return self.todo.popleft()
            able = "seaborn" in sys.modules
            fit = [picture for picture in self.todo if able or picture.kind not in WITH_SEABORN]
            if not fit or (len(self.todo) <= FEW and "matplotlib.figure" not in sys.modules):
                return None
            self.todo.remove(fit[-1])
            return fit[-1]
