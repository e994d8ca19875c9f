"""The bars of a sweep on terminals of every width: what stands in a line, and that nothing of it is cut."""

import io
import re

import pytest
from rich.cells import cell_len
from sweepbook.analysis.cli.progress import SweepProgress
from sweepbook.analysis.page.terminal import console
from sweepbook.runner.launch.events import Ended, Lost, Progress, Started
from sweepbook.runner.runlog import Epoch
from sweepbook.runner.study import PlannedRun

STYLE = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
RUN = PlannedRun("a_configuration_whose_name_is_far_longer_than_a_line_of_a_terminal_has_room_for_0.001", "id", {"epochs": 10}, 3)


class Screen(io.StringIO):
    encoding = "utf-8"

    def isatty(self):
        return True


class Ascii(Screen):
    encoding = "ascii"


def shown(screen):
    """All that the terminal got for a run that finishes and one that fails."""
    epoch = Epoch(train_loss=0.4567, valid_loss=0.4789, valid_accuracy=0.8367, seconds=1.0, valid_seen=64, lr=0.1)
    with SweepProgress("training", 168, console(screen)) as progress:
        progress.show(Started(RUN, None))
        progress.show(Progress(RUN, 3, epoch))
        progress.bars.refresh()
        progress.show(Ended(RUN, "failed", error="no mémory – sorry"))
    return screen.getvalue()


def lines(told):
    return [STYLE.sub("", line).rstrip() for line in re.split(r"[\r\n]", told)]


@pytest.mark.parametrize(("width", "scores"), [(60, 0), (80, 1), (100, 1), (120, 2), (160, 3), (200, 3)])
def test_a_line_fits_and_has_whole_scores_and_the_seed(width, scores, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    told = lines(shown(Screen()))
    bar = next(line for line in told if " 3/10 " in line)
    assert cell_len(bar) <= width
    assert "0.001 seed 3 " in bar
    known = ("validation accuracy 83.7%", "validation loss 0.479", "training loss 0.457")
    assert [score in bar for score in known] == [True] * scores + [False] * (3 - scores)


def test_what_fails_is_a_line_with_its_whole_name(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    told = lines(shown(Screen()))
    assert f"training [1/168] {RUN.label} seed 3: failed: no mémory – sorry" in told


def test_ascii_has_neither_blocks_nor_dots(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    told = shown(Ascii())
    assert told.isascii()
    assert "failed: no memory - sorry" in told


def test_a_dumb_terminal_gets_a_line_a_run_and_no_styles(monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    told = shown(Screen())
    assert "\x1b" not in told
    assert told.splitlines() == [f"training [1/168] {RUN.label} seed 3: failed: no mémory – sorry"]


def test_without_colour_there_is_no_colour(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    assert not re.search(r"\x1b\[[0-9;]*m", shown(Screen()))


def test_a_run_that_is_tried_once_more_is_a_line_and_no_failure():
    screen = io.StringIO()
    with SweepProgress("training", 168, console(screen)) as progress:
        progress.show(Started(RUN, None))
        progress.show(Lost(RUN, "its process was killed by SIGKILL"))
        progress.show(Started(RUN, None))
        progress.show(Ended(RUN, "finished", 1.0))
    told = screen.getvalue().splitlines()
    assert f"training [0/168] {RUN.label} seed 3: its process was killed by SIGKILL; it is tried once more" in told
    assert told[-1].startswith(f"training [1/168] {RUN.label} seed 3: finished in 1")
    assert progress.failures == 0


def test_a_run_that_was_scored_on_the_test_images_has_that_score_in_its_line():
    screen = io.StringIO()
    with SweepProgress("test images", 3, console(screen)) as progress:
        progress.show(Started(RUN, None))
        progress.show(Progress(RUN, 1, Epoch(0.5, 0.6, 0.81, 1.0, 0.1, 100)))
        progress.show(Ended(RUN, "finished", 1.0, tested=0.79))
    assert screen.getvalue().splitlines()[-1].endswith(f"{RUN.label} seed 3: finished in 1.0 s, test accuracy 79.0%")
