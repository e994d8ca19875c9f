import os
import time

import pytest
from sweepbook.analysis.report import pdf as browser
from sweepbook.analysis.report.pdf import find_chromium, print_pdf
from sweepbook.runner.config import SweepbookError

pytestmark = pytest.mark.slow

PAGE = "<!doctype html><html lang=en><title>T</title><h1>A journal</h1><img src='http://elsewhere.example/a.png'></html>"


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "journal.html"
    path.write_text(PAGE)
    return path


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Makes a program of a shell script, to be printed with."""

    def make(script, name="mine"):
        path = tmp_path / "programs" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        monkeypatch.setenv("SWEEPBOOK_CHROMIUM", str(path))
        return path

    return make


@pytest.mark.skipif(find_chromium() is None, reason="there is no Chromium")
def test_a_page_is_printed_the_same_way_twice_and_nothing_else_is_left(page, tmp_path):
    pdf = tmp_path / "out" / "journal.pdf"
    print_pdf(page, pdf)
    first = pdf.read_bytes()
    assert first.startswith(b"%PDF")
    assert first.rstrip().endswith(b"%%EOF")
    assert b"/Outlines" in first
    moment = int(time.time())
    while int(time.time()) == moment:  # a PDF tells the second of its making
        time.sleep(0.01)
    print_pdf(page, pdf)
    assert pdf.read_bytes() == first
    assert os.listdir(pdf.parent) == ["journal.pdf"]


@pytest.mark.skipif(find_chromium() is None, reason="there is no Chromium")
def test_a_page_that_is_not_there_is_told_and_an_older_print_stays(page, tmp_path):
    pdf = tmp_path / "journal.pdf"
    pdf.write_bytes(b"older")
    with pytest.raises(SweepbookError, match=r"did not print .*none\.html: ."):
        print_pdf(tmp_path / "none.html", pdf)
    assert pdf.read_bytes() == b"older"


def test_without_a_chromium_it_is_said_how_to_get_one(page, tmp_path, monkeypatch):
    monkeypatch.delenv("SWEEPBOOK_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(browser, "ON_MACOS", tmp_path / "none")
    assert find_chromium() is None
    with pytest.raises(SweepbookError) as told:
        print_pdf(page, tmp_path / "journal.pdf")
    assert str(told.value) == (
        "--format pdf prints the page through Chromium, and none was found: "
        "install it (Debian: apt install chromium) or set SWEEPBOOK_CHROMIUM"
    )


def test_the_one_that_is_named_comes_first_and_then_those_on_the_path(program, tmp_path, monkeypatch):
    programs = {name: program("", name) for name in ("chrome", "google-chrome", "mine")}
    monkeypatch.setenv("PATH", str(tmp_path / "programs"))
    monkeypatch.setattr(browser, "ON_MACOS", programs["mine"])
    assert find_chromium() == programs["mine"]
    monkeypatch.setenv("SWEEPBOOK_CHROMIUM", "")
    assert find_chromium() == programs["google-chrome"]
    programs["google-chrome"].unlink()
    assert find_chromium() == programs["chrome"]
    programs["chrome"].unlink()
    assert find_chromium() == programs["mine"]


def test_a_named_one_that_is_not_there_is_an_error(monkeypatch):
    monkeypatch.setenv("SWEEPBOOK_CHROMIUM", "/none/chromium")
    with pytest.raises(SweepbookError, match="SWEEPBOOK_CHROMIUM=/none/chromium: no such program"):
        find_chromium()


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("echo '[1:1:ERROR:a.cc(1)] Noise' >&2; echo '[1:1:ERROR:b.cc(2)] No room' >&2; exit 1", ": No room"),
        ("exit 0", ": it does not say why"),
        ('for a; do case "$a" in --print-to-pdf=*) echo half > "${a#*=}";; esac; done', "did not print"),
    ],
)
def test_what_fails_is_told_in_its_own_words_and_leaves_nothing(page, tmp_path, program, script, told):
    program(script)
    pdf = tmp_path / "out" / "journal.pdf"
    with pytest.raises(SweepbookError, match=told):
        print_pdf(page, pdf)
    assert os.listdir(pdf.parent) == []


def test_what_takes_too_long_is_ended(page, tmp_path, program, monkeypatch):
    program("exec sleep 600")
    monkeypatch.setattr(browser, "LIMIT", 0.2)
    with pytest.raises(SweepbookError, match=r"has not printed .* within 0\.2 seconds"):
        print_pdf(page, tmp_path / "journal.pdf")


def test_a_place_that_cannot_be_written_is_told(page, tmp_path, program):
    program("")
    (tmp_path / "file").write_text("")
    with pytest.raises(SweepbookError, match=r"journal\.pdf: cannot be printed: "):
        print_pdf(page, tmp_path / "file" / "journal.pdf")


@pytest.mark.parametrize(("user", "told"), [(0, True), (1000, False)])
def test_only_root_prints_without_the_sandbox(page, tmp_path, program, monkeypatch, user, told):
    program(f'echo "$@" > {tmp_path}/arguments; for a; do case "$a" in --print-to-pdf=*) echo %PDF > "${{a#*=}}";; esac; done')
    monkeypatch.setattr(os, "geteuid", lambda: user)
    print_pdf(page, tmp_path / "journal.pdf")
    assert ("--no-sandbox" in (tmp_path / "arguments").read_text().split()) == told
