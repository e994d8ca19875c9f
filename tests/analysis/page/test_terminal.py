"""What commands print on terminals of every width, without styles, and in ASCII; on real ones, too."""

import fcntl
import io
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from contextlib import redirect_stderr, redirect_stdout

import pytest
from rich.cells import cell_len
from sweepbook.analysis.cli.main import main
from sweepbook.analysis.page.spelled import spelled

LONG = "a configuration with a name that is longer than anybody would like it to be, number "
EVIL = "\x1b[2J ± ★ é 値 "
PLAN = """
[study]
title = "T"
seeds = [0, 1, 2]
[[group]]
name = "all"
title = "Which ★ is ± best?"
where = { z = 1 }
  [[group.prediction]]
  says = "ten – ✓ ± \\u001b[2J beats five"
  better = { lr = 0.1 }
  than = { lr = 0.2 }
"""
SHOW = ("show", "studies/small")
COMMANDS = {
    "ranking": SHOW,
    "group": (*SHOW, "all"),
    "configuration": (*SHOW, f"{LONG}{EVIL}0.1"),
    "run": (*SHOW, "0.1-0"),
    "plan": ("plan", "studies/small"),
    "details": ("plan", "studies/small", "--details"),
    "diff": ("diff", "modellogs/other", "modellogs/small", "--study", "studies/small"),
    "names": ("names", "studies/small"),
    "explain": ("explain",),
}
FITTING = ("ranking", "group", "configuration", "run", "plan", "details", "diff")
WIDTHS = (80, 100, 120, 200)
STYLE = re.compile(r"\x1b\[[0-9;]*m")
MAIN = "import sys; from sweepbook.analysis.cli.main import main; "


@pytest.fixture
def project(tmp_path, plan, log, run, monkeypatch):
    """Three configurations with curves and long labels of odd letters."""
    plan(tmp_path / "studies/small", PLAN)
    for lr, accuracy in ((0.1, 0.8), (0.2, 0.7), (0.3, 0.6)):
        for seed in (0, 1, 2):
            config = {"z": 1, "lr": lr, "an_uncommonly_long_setting": f"{EVIL}{lr}"}
            curves = {"valid_loss": [0.9, 0.5 - 0.1 * seed, 0.4], "train_loss": [0.8, 0.5, 0.3]}
            kept = {"seed": seed, "label": f"{LONG}{EVIL}{lr}", "config": config, "epochs": curves, "parameters": 123456}
            log(tmp_path / "modellogs/small", f"{lr}-{seed}", run(accuracy + 0.01 * seed, **kept))
            log(tmp_path / "modellogs/other", f"{lr}-{seed}", run(accuracy - 0.05 + 0.012 * seed, **kept))
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def printed(name, capsys, *more):
    main([*COMMANDS[name], *more])
    return capsys.readouterr().out


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", FITTING)
def test_no_line_is_wider_than_the_terminal(name, width, project, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", str(width))
    told = printed(name, capsys)
    assert told
    assert max(map(cell_len, told.splitlines())) <= width
    assert "\x1b" not in told


@pytest.mark.parametrize("name", ["ranking", "group"])
def test_what_a_narrow_terminal_lacks_is_said_and_the_numbers_are_those_of_a_wide_one(name, project, monkeypatch, capsys):
    whole = printed(name, capsys)
    monkeypatch.setenv("COLUMNS", "80")
    told = printed(name, capsys)
    (names,) = re.findall(r"Left out for want of room: (.*?)\. ", " ".join(told.split()))
    left = re.findall(r"\"(.*?)\"", names)
    assert "curve" in left
    assert not set(left) & {"validation accuracy", "95% interval", "could be the best"}
    assert "or --json shows all." in " ".join(told.split())
    numbers = re.findall(r"\d+\.\d%", whole)
    assert numbers
    assert [number for number in numbers if number not in told] == []
    assert "curve: validation loss" in whole
    assert "curve: validation loss" not in told


def test_shortened_labels_differ(project, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "80")
    labels = re.findall(r"^(.*….*?)  ", printed("ranking", capsys), re.MULTILINE)
    assert len(labels) == len(set(labels)) == 3


def test_a_pipe_without_a_width_has_everything(project, capsys):
    told = printed("ranking", capsys)
    assert "Left out" not in told
    assert LONG in told
    assert "█" in told


@pytest.fixture
def in_ascii(monkeypatch):
    """The exit code, standard output and standard error of a command whose streams take ASCII alone, as strictly as Python's do."""

    def run(*arguments):
        monkeypatch.setenv("COLUMNS", "100")
        told, errors = io.BytesIO(), io.BytesIO()
        with redirect_stdout(io.TextIOWrapper(told, "ascii")) as out, redirect_stderr(io.TextIOWrapper(errors, "ascii")) as err:
            code = main([*arguments])
            out.flush()
            err.flush()
            return code, told.getvalue().decode("ascii"), errors.getvalue().decode("ascii")

    return run


@pytest.mark.slow
def test_a_process_with_streams_of_ascii_prints_what_it_does_here(project, in_ascii):
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "COLUMNS": "100"}
    code = f"{MAIN}sys.exit(main(sys.argv[1:]))"
    done = subprocess.run([sys.executable, "-c", code, *SHOW], capture_output=True, env=environment)
    assert (done.returncode, done.stdout.decode("ascii"), done.stderr.decode("ascii")) == in_ascii(*SHOW)


@pytest.mark.parametrize("name", COMMANDS)
def test_ascii_has_words_and_no_question_mark_in_place_of_a_letter(name, project, in_ascii, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "100")
    questions = printed(name, capsys).count("?")
    code, told, errors = in_ascii(*COMMANDS[name])
    assert errors == ""
    assert code < 2
    assert told.count("?") <= questions
    if name in ("ranking", "configuration", "run"):
        assert r"\u5024" in told
        assert "whose blocks this terminal does not have" in told


def test_json_stays_what_it_is_in_ascii(project, in_ascii, capsys):
    wanted = json.loads(printed("ranking", capsys, "--json"))
    assert json.loads(in_ascii(*SHOW, "--json")[1]) == wanted


@pytest.mark.slow
def test_what_is_exported_into_a_pipe_is_the_file_whatever_the_encoding(project):
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    code = f"{MAIN}sys.exit(main(sys.argv[1:]))"
    done = subprocess.run([sys.executable, "-c", code, "export", "studies/small"], capture_output=True, env=environment)
    assert "é 値 0.1" in done.stdout.decode()


def test_an_error_in_ascii_is_spelled(project, in_ascii):
    code, told, errors = in_ascii("show", "studies/é–x")
    assert (code, told) == (2, "")
    assert "studies/e-x: no such plan" in errors


def on_a_terminal(width, names, **environment):
    """What a real terminal so wide receives from these commands, one after the other."""
    code = f"{MAIN}[main(line.split('|')) for line in sys.argv[1:]]"
    own, other = pty.openpty()
    fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    known = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR", "TERM", "LC_ALL")}
    arguments = ["|".join(COMMANDS[name]) for name in names]
    streams = {"stdin": other, "stdout": other, "stderr": other}
    with subprocess.Popen([sys.executable, "-c", code, *arguments], env={"TERM": "xterm", **known, **environment}, **streams):
        os.close(other)
        chunks = []
        while chunk := _read(own):
            chunks.append(chunk)
    os.close(own)
    return b"".join(chunks).decode().replace("\r\n", "\n")


def _read(terminal):
    try:
        return os.read(terminal, 65536)
    except OSError:  # the other end has closed
        return b""


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS)
def test_a_real_terminal_gets_lines_that_fit_and_bold_heads(width, project):
    told = on_a_terminal(width, FITTING, LANG="C.UTF-8")
    assert "\x1b[1m" in told
    assert STYLE.sub("", told).count("\x1b") == 0
    assert max(map(cell_len, STYLE.sub("", told).splitlines())) <= width


@pytest.mark.slow
@pytest.mark.parametrize("quiet", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_a_terminal_that_wants_no_styles_gets_none(quiet, project):
    told = on_a_terminal(100, COMMANDS, LANG="C.UTF-8", **quiet)
    assert "\x1b" not in told
    assert "validation accuracy" in told


@pytest.mark.slow
def test_a_terminal_whose_locale_is_c_gets_ascii(project):
    for locale in ({"LANG": "C"}, {"LANG": "C.UTF-8", "LC_ALL": "C"}):
        assert on_a_terminal(100, COMMANDS, PYTHONIOENCODING="", **locale).isascii()
    assert not on_a_terminal(100, ["ranking"], LANG="C", PYTHONIOENCODING="utf-8").isascii()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("✓ held", "held"),
        ("✓", "yes"),
        ("✗", "no"),
        ("★ 83.6 ± 0.9 – …", "* 83.6 +/- 0.9 - ..."),
        ("naïve", "naive"),
        ("値", r"\u5024"),
        ("😀", r"\U0001f600"),
    ],
)
def test_letters_that_ascii_lacks_are_spelled(text, told):
    assert spelled(text, "ascii") == told
    assert spelled(text, "utf-8") == text
