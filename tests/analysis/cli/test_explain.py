"""`sweepbook explain`, and the pages that it prints."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from sweepbook.analysis.cli import explain
from sweepbook.analysis.cli.main import main
from sweepbook.analysis.glossary import TERMS
from sweepbook.runner.study import CHECKS

ROOT = Path(__file__).parents[3]
PAGES = ROOT / "docs" / "checks"


@pytest.mark.parametrize("code", CHECKS)
def test_every_check_has_a_page_that_says_what_why_and_what_to_do(code):
    text = explain.page(code)
    assert re.match(rf"# {code}: [a-z]", text)
    assert re.findall(r"^## (.*)", text, re.MULTILINE) == ["Example", "Why it matters", "What to do", "How to silence it"]
    assert f"silence = {{ {code} = " in text
    assert 10 <= len(text.splitlines()) <= 35
    assert max(map(len, text.splitlines())) <= 120


def test_there_is_no_page_without_a_check_and_the_list_has_them_all():
    assert {path.stem for path in PAGES.glob("*.md")} == {"README", *CHECKS}
    rows = re.findall(r"^\| \[(SB\d+)\]\((SB\d+)\.md\) \| (.*) \|$", (PAGES / "README.md").read_text(), re.MULTILINE)
    assert [(code, f"{code}: {title}") for code, _, title in rows] == [(code, explain.title(code)) for code in CHECKS]
    assert all(code == page for code, page, _ in rows)


def test_a_code_prints_its_page_however_it_is_written(capsys):
    assert main(["explain", "sb106"]) == 0
    assert capsys.readouterr().out == (PAGES / "SB106.md").read_text()


def test_without_a_code_all_are_listed_with_a_line_each(capsys):
    assert main(["explain"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[:7] for line in lines[: len(CHECKS)]] == [f"{code}: " for code in CHECKS]
    assert all(term.word in "; ".join(lines) for term in TERMS)
    assert lines[5] == "SB106: the best level is the largest or smallest tested"


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("SB16", 'did you mean "SB106"?'),
        ("could be teh best", 'did you mean "could be the best"?'),
        ("zzz", "sweepbook explain lists them all"),
    ],
)
def test_an_unknown_code_is_an_error_that_names_the_nearest(capsys, code, told):
    assert main(["explain", code]) == 2
    assert f'sweepbook: "{code}" is no check and no word of the journal; {told}' in capsys.readouterr().err


@pytest.mark.parametrize(
    "word",
    ["could be the best", "Could be the  BEST", "could", "overfitting", "as run", "configurations", *(t.word for t in TERMS)],
)
def test_a_word_of_the_journal_is_explained_in_the_words_of_the_glossary(word, capsys):
    assert main(["explain", word]) == 0
    told = capsys.readouterr().out
    name, _, meaning = told.partition(": ")
    assert f"**{name}**: {meaning}" in (ROOT / "docs/glossary.md").read_text()


@pytest.mark.parametrize("arguments", [["explain", "SB101", "--logs", "x"], ["explain", "SB101", "SB102"]])
def test_it_takes_a_code_and_nothing_else(capsys, arguments):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "unrecognized arguments" in capsys.readouterr().err


def test_explaining_needs_no_pandas():
    code = "import sys; from sweepbook.analysis.cli.main import main; main(['explain', 'SB101']); sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0


def test_what_a_run_log_is_can_be_read_without_the_checkout(capsys):
    assert main(["explain", "runlog"]) == 0
    assert capsys.readouterr().out == (ROOT / "docs/runlog.md").read_text()
