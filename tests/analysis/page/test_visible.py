"""No text from outside makes a terminal do something, or shows in another order than it has."""

import io
import json
import re
import sys

import pytest
from sweepbook.analysis.cli.main import main
from sweepbook.analysis.cli.progress import SweepProgress
from sweepbook.analysis.page.terminal import console
from sweepbook.analysis.page.visible import bare, visible, visible_line, visible_output
from sweepbook.runner.launch.events import Ended, Started
from sweepbook.runner.study import PlannedRun

EVIL = "a\x1b[2J\x1b]0;title\x07\u202egnp.exe\x9b31m\r\x7f"
SHOWN = r"a\u001b[2J\u001b]0;title\u0007\u202egnp.exe\u009b31m\u000d\u007f"
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
PLAN = '[study]\ntitle = "T"\nmetric = "valid_accuracy"\n[[group]]\nname = "all"\nwhere = { z = 1 }\n'


@pytest.fixture
def project(tmp_path, plan, log, run, monkeypatch):
    """Three configurations whose labels and settings hold what a terminal would obey; and a log that failed with such words."""
    plan(tmp_path / "studies/small", PLAN)
    for lr, accuracy in ((0.1, 0.8), (0.2, 0.7), (0.3, 0.6)):
        for seed in (0, 1):
            config = {"z": 1, "lr": lr, "name": f"{EVIL}{lr}"}
            log(tmp_path / "modellogs/small", f"{lr}-{seed}", run(accuracy, seed=seed, label=f"{EVIL}{lr}", config=config))
            log(tmp_path / "modellogs/other", f"{lr}-{seed}", run(accuracy - lr, seed=seed, label=f"{EVIL}{lr}", config=config))
    failed = run(seed=5, label=EVIL, status="failed", error=EVIL, config={"z": 1, "lr": 0.4})
    log(tmp_path / "modellogs/small", "bad\x1b[2J\u202e", failed)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_a_terminal_obeys_is_shown_as_json_escapes_it():
    assert visible(EVIL) == SHOWN
    assert visible("lr=0.1\té ☃ 値\n") == "lr=0.1\té ☃ 値\n"
    assert visible_line("a\nb") == r"a\nb"


@pytest.mark.parametrize(
    "command",
    [
        "build studies/small",
        "show studies/small",
        f"show studies/small {EVIL}0.1",
        "show studies/small 0.1-0",
        "show studies/small all",
        "show studies/small no\x1b[2Jname",
        "show studies/small --json",
        "names studies/small",
        "plan studies/small",
        "show no\x1b[2J\u202esuch",
        "diff modellogs/other modellogs/small --study studies/small",
        "diff modellogs/other modellogs/small --study studies/small --format json",
    ],
)
def test_nothing_that_a_command_prints_makes_the_terminal_do_something(command, project, capfd):
    main(re.split(" (?!seed)", command))
    told = capfd.readouterr()
    assert OBEYED.findall(told.out + told.err) == []
    assert r"\u001b[2J" in told.out + told.err or command.startswith(("build", "plan", "names", "show studies/small 0"))


def test_json_with_such_characters_reads_back_as_it_was(project, capfd):
    main(["show", "studies/small", "--json"])
    assert json.loads(capfd.readouterr().out)[0]["label"] == f"{EVIL}0.1"


def test_what_is_exported_into_a_pipe_is_as_it_is(project, capfdbinary):
    main(["export", "studies/small"])
    assert EVIL.encode() in capfdbinary.readouterr().out


def test_a_wrong_argument_is_told_visibly(capfd):
    with pytest.raises(SystemExit):
        main(["show", "x", "--top", EVIL])
    assert OBEYED.findall(capfd.readouterr().err) == []


@pytest.mark.parametrize("terminal", [False, True])
def test_the_lines_of_training_are_visible_and_no_label_is_markup(terminal):
    class Screen(io.StringIO):
        def isatty(self):
            return terminal

    screen = Screen()
    planned = PlannedRun(f"[bold]{EVIL}[/nothing]", "id", {"epochs": 2}, 0)
    with SweepProgress("training", 1, console(screen)) as progress:
        progress.show(Started(planned, None))
        progress.show(Ended(planned, "failed", error=EVIL))
    told = screen.getvalue()
    assert r"[bold]a\u001b[2J" in told
    assert rf"failed: {SHOWN}" in told.replace("\n", "")
    assert not [part for part in ("\x1b[2J\x1b]0", "\x07", "\u202e", "\x9b") if part in told]


def test_the_streams_come_back_and_are_not_wrapped_twice(capsys):
    before = sys.stdout
    with visible_output(), visible_output():
        assert bare(sys.stdout) is before
        sys.stdout.write(EVIL)
    assert sys.stdout is before
    assert capsys.readouterr().out == SHOWN
