import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sweepbook.analysis.page import drawing
from sweepbook.analysis.page.drawing import TWINS, Artist, Drawing, Hand
from sweepbook.analysis.page.figures import draw, svg
from sweepbook.analysis.page.picture import Mark, Picture
from sweepbook.analysis.words import form

LEVELS = (1, 2, 4)
BUILDS = """
import time
from pathlib import Path
from sweepbook.analysis.page.drawing import artist
def children(pid):
    there = Path(f"/proc/{pid}/task/{pid}/children")
    return there.read_text().split() if there.exists() else []
one = artist()
for hand in one.hands:
    hand.drawn(None)  # they have begun
print(one.process.pid, *children(one.process.pid), flush=True)
time.sleep(60)
"""


def ended(pid):
    """Whether a process ends within a minute."""
    until, state = time.monotonic() + 60, Path(f"/proc/{pid}/stat")
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
            if state.exists() and ") Z " in state.read_text():  # nobody has asked yet how it ended
                return True
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def picture(kind, name):
    marks = tuple(Mark(x, y, 60.0 + x * y, None, None, 1, (60.0 + x * y,)) for x in LEVELS for y in LEVELS)
    return Picture(name, kind, marks, "level", "other", "accuracy, %", "alt", "caption", form=form("valid_accuracy"))


PICTURES = [picture(kind, f"{kind}-{i}") for i in range(2) for kind in ("heatmap", "dots", "cost")]


@pytest.fixture(scope="module")
def artist():
    one = Artist()
    yield one
    one.close()


@pytest.fixture(scope="module")
def drawn():
    return Drawing(PICTURES).finish()


def test_an_artist_draws_what_this_process_would(artist, drawn):
    for hand in artist.hands:
        assert {one.name: hand.drawn(one) for one in PICTURES} == drawn
    assert drawn["heatmap-0"] == svg(draw(PICTURES[0]), "heatmap-0").decode()


def test_the_order_of_the_figures_makes_no_difference(artist, drawn):
    assert Drawing(PICTURES[::-1], artist).finish() == drawn


def test_who_asks_for_a_figure_does_not_wait_for_those_behind_it(drawn):
    made = Drawing(PICTURES)
    assert made.text("heatmap-0") == drawn["heatmap-0"]
    assert set(made.done) == {"heatmap-0"}


@pytest.mark.skipif(not TWINS, reason="the artist is not forked here")
def test_both_hands_draw_what_is_left(artist, drawn, monkeypatch):
    own, draws = [], Hand.drawn
    monkeypatch.setattr(Hand, "drawn", lambda self, one: own.append(self) or draws(self, one))
    assert Drawing(PICTURES, artist).finish() == drawn
    assert set(own) == set(artist.hands)
    assert len(own) == len(PICTURES)


@pytest.mark.skipif(not TWINS, reason="the artist is not forked here")
def test_where_one_hand_is_killed_the_other_and_this_process_draw(drawn):
    one = Artist()
    one.hands[0].drawn(PICTURES[0])  # both have begun
    one.process.kill()
    assert Drawing(PICTURES, one).finish() == drawn
    assert one.hands[1].drawn(PICTURES[0]) == drawn["heatmap-0"]
    one.close()


def test_figures_that_were_begun_before_and_are_wanted_no_more_do_not_mix_with_those_of_the_next_build(artist, drawn):
    left = Drawing(PICTURES[::-1], artist)
    assert Drawing(PICTURES, artist).finish() == drawn
    assert left.finish() == drawn


def test_what_an_artist_cannot_draw_is_an_error_of_this_process(artist):
    with pytest.raises(KeyError, match="wheel"):
        Drawing([picture("wheel", "round")], artist).finish()
    assert all(hand.drawn(PICTURES[1]) for hand in artist.hands)  # and they go on


def test_where_the_artist_is_killed_this_process_draws(drawn):
    killed = Artist()
    killed.process.kill()
    assert Drawing(PICTURES, killed).finish() == drawn
    killed.close()


def test_where_no_process_can_be_started_there_is_no_artist(monkeypatch):
    def refuse(*_, **__):
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    monkeypatch.delitem(sys.modules, "seaborn", raising=False)
    assert drawing.artist.__wrapped__() is None


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_an_artist_ends_with_its_command_however_that_ends(sent):
    command = subprocess.Popen([sys.executable, "-c", BUILDS], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    pids = [int(pid) for pid in command.stdout.readline().split()]
    assert len(pids) == 1 + TWINS
    command.send_signal(sent)
    assert "seaborn" not in command.communicate()[1]
    assert all(ended(pid) for pid in pids)
