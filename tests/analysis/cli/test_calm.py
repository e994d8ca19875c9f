import io

import pytest
from sweepbook.analysis.cli.calm import OVER, Calm


class Screen(io.StringIO):
    encoding = "utf-8"

    def __init__(self, terminal):
        super().__init__()
        self.terminal = terminal

    def isatty(self):
        return self.terminal


@pytest.fixture
def screen(monkeypatch):
    def made(terminal, term="xterm"):
        monkeypatch.setenv("COLUMNS", "60")
        monkeypatch.setenv("TERM", term)
        monkeypatch.setattr("sys.stdout", stream := Screen(terminal))
        return stream

    return made


@pytest.mark.parametrize(("terminal", "term"), [(False, "xterm"), (True, "dumb")])
def test_where_nothing_can_be_replaced_a_rebuild_is_a_line(screen, terminal, term):
    shown, calm = screen(terminal, term), Calm()
    calm.rebuilt("one")
    calm.rebuilt("two")
    assert shown.getvalue() == "one\ntwo\n"


def test_on_a_terminal_a_rebuild_takes_the_place_of_the_one_before_but_of_nothing_else(screen, capsys):
    shown, calm = screen(True), Calm()
    calm.follow("Following x")
    calm.rebuilt("one")
    calm.rebuilt("two")
    calm.say("something is wrong")
    calm.rebuilt("w" * 100)
    assert shown.getvalue() == f"Following x\none\n{OVER}two\n{'w' * 59}\n"
    assert capsys.readouterr().err == "something is wrong\n"


def test_logs_that_do_not_count_are_named_where_they_are_new_and_many_are_counted(screen, capsys):
    screen(False)
    calm = Calm()
    calm.miss({"a": "failed", "b": "failed"})
    calm.miss({"b": "failed", **{f"c{i}": "diverged" for i in range(5)}})
    *named, rest = capsys.readouterr().err.splitlines()
    assert named == [f"does not count: {line}" for line in ("a: failed", "b: failed", *(f"c{i}: diverged" for i in range(3)))]
    assert rest == "2 more logs do not count; the journal says why"


def test_a_warning_is_said_once_and_again_when_it_comes_back(screen, capsys):
    screen(False)
    calm = Calm()
    for lines in (("a",), ("a", "b"), (), ("a",)):
        calm.warn(lines)
    assert capsys.readouterr().err == "a\nb\na\n"
