"""Pictures in, their SVG out. A process of its own draws them, which imports what that takes while this one reads and computes."""

import atexit
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import IO, TYPE_CHECKING, cast

if TYPE_CHECKING:  # which a build that finds nothing new does without
    from sweepbook.analysis.page.picture import Picture

DRAWS = "import sys; sys.path[:] = {path}; from sweepbook.analysis.page.artist import main; main({second})"
TWINS = sys.platform == "linux"  # elsewhere a process that has imported so much cannot be forked, or not safely
# Hands that draw while this process has work of its own. A third process on two cores would only take its time from it.
BESIDE = max(len(os.sched_getaffinity(0)) - 1, 1) if TWINS else 1


@dataclass(frozen=True)
class Hand:
    """What draws one picture after the other: where it is asked for one, and where it answers."""

    asked: IO[bytes]
    answers: IO[bytes]
    free: threading.Lock = field(default_factory=threading.Lock)

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
        with suppress(OSError):  # what it did not read any more
            self.asked.close()
        self.answers.close()


class Artist:
    """A process that draws, with two hands where it can be forked once it has imported what that takes. It ends with this one,
    however that ends: its input does, too."""

    def __init__(self) -> None:
        pipes = [*os.pipe(), *os.pipe()] if TWINS else []  # to the twin, and from it
        second = (pipes[0], pipes[3]) if TWINS else ()
        code = DRAWS.format(path=sys.path, second=second or None)
        try:
            # In a group of its own, so that Ctrl-C in a terminal does not reach it before it can ignore that.
            self.process = subprocess.Popen(
                [sys.executable, "-c", code],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
                pass_fds=second,
                process_group=0,
            )
        except OSError:
            for pipe in pipes:
                os.close(pipe)
            raise
        for pipe in second:
            os.close(pipe)
        self.hands = [Hand(cast(IO[bytes], self.process.stdin), cast(IO[bytes], self.process.stdout))]
        if TWINS:
            self.hands.append(Hand(os.fdopen(pipes[1], "wb"), os.fdopen(pipes[2], "rb")))
        atexit.register(self.close)

    def close(self) -> None:
        """Ends the process and its twin, whatever they do."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL) if TWINS else self.process.kill()
        self.process.wait()
        for hand in self.hands:
            hand.close()


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
    """Figures in the making: the artist begins at once, the first one first, and `text` gives the SVG of one, `finish` of all.
    Where every core is taken, its second hand begins when this process has nothing left to do but wait."""

    def __init__(self, pictures: "Iterable[Picture]", artist: Artist | None = None) -> None:
        self.todo, self.done = deque(pictures), dict[str, str]()
        self.names = [picture.name for picture in self.todo]
        self.news = threading.Condition()  # of a figure that a hand has drawn, or of a hand that draws no more
        self.at_work, self.idle = 0, list(artist.hands if artist else [])  # hands
        self._put_to_work(BESIDE)

    def text(self, name: str) -> str:
        """The SVG of a figure. This process waits for the artist, and draws what that could not."""
        while name not in self.done:
            self._put_to_work(len(self.idle))
            with self.news:
                self.news.wait_for(lambda: name in self.done or not self.at_work)
            if name not in self.done:
                self._by_myself(self.todo.popleft())
        return self.done[name]

    def finish(self) -> dict[str, str]:
        """The SVG of every figure, by its name."""
        return {name: self.text(name) for name in self.names}

    def _put_to_work(self, most: int) -> None:
        """Has idle hands draw, `most` of them and no more than there are figures left."""
        with suppress(RuntimeError):  # no thread can be started: all is drawn here
            for hand in self.idle[: min(most, len(self.todo))]:
                threading.Thread(target=self._by_hand, args=(hand,), daemon=True).start()
                self.idle.remove(hand)
                with self.news:
                    self.at_work += 1

    def _by_hand(self, hand: Hand) -> None:
        try:
            while picture := self._next():
                if not (text := hand.drawn(picture)):
                    self.todo.append(picture)  # drawn here, the same error comes up
                    return
                self._take(picture, text)
        finally:
            with self.news:
                self.at_work -= 1
                self.news.notify()

    def _take(self, picture: "Picture", text: str) -> None:
        with self.news:
            self.done[picture.name] = text
            self.news.notify()

    def _by_myself(self, picture: "Picture") -> None:
        from sweepbook.analysis.page.figures import draw, svg

        self.done[picture.name] = svg(draw(picture), picture.name).decode()

    def _next(self) -> "Picture | None":
        with self.news:
            return self.todo.popleft() if self.todo else None
