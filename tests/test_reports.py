"""The committed reports as a reader meets them: no statisticians' word before "How we know", short sentences, a short file."""

import re
from pathlib import Path

import pytest
from sweepbook.analysis.cli.main import main

REPORTS = Path(__file__).parents[1] / "reports"
JOURNALS = sorted(REPORTS.glob("*/journal.md"))
TEXTS = [*JOURNALS, *sorted(REPORTS.glob("*/diff.md"))]
MOST_BYTES, MOST_WORDS = 40_000, 25
NEVER = re.compile(
    r"\b(told|not told|resolves?|carried|first tier|tier|letters|pooled|degrees? of freedom|drawn towards|shrunken|shrinkage|"
    r"undecided|cannot be judged|confirmed|refuted|turned|tukey|holm|p below|standard deviation|takes \d+ seeds)\b",
    re.IGNORECASE,
)


def said(text: str) -> str:
    """What a report says before "How we know": without the author's words, the plan's, what is folded and what is to be copied."""
    text = re.sub(r"(?s)<details>.*?</details>", "", text)
    text = re.sub(r"(?s)```.*?```|\n## Glossary.*?(?=\n## )", "", text)
    lines = [line for line in text.splitlines() if not line.startswith((">", "- Hypothesis:", "- Varied:", "!["))]
    return "\n".join(line for line in lines if not line.startswith("*How we know.*"))


LISTS = ("Better: ", "No visible difference: ", "Overfitting: ")
END = r" · |(?<=[a-z0-9%)])[.?!] (?=\(?\w)|: (?=[A-Z\"0-9])"


def sentences(text: str) -> list[str]:
    """The sentences of its prose. Cells of a table are none. The items of a list within a line are each their own, and so are
    the name of a check and what it says, and what to use and its score."""
    prose = [re.sub(r"[*`\\]", "", line.lstrip("-# ")) for line in text.splitlines() if line and not line.startswith("|")]
    ends = {line: r" · |; |\), " if line.startswith(LISTS) else END for line in prose}
    return [part for line, end in ends.items() for part in re.split(end, line)]


def test_the_reports_are_there() -> None:
    assert [path.parent.name for path in JOURNALS] == ["fashion-mnist", "fashion-mnist-next", "fashion-mnist-weight-decay"]
    assert len(TEXTS) == 4


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_words_of_the_statisticians_stay_behind_how_we_know(path: Path) -> None:
    text = said(path.read_text())
    assert [(word[0], text[max(0, word.start() - 60) : word.end() + 20]) for word in NEVER.finditer(text)] == []


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_no_sentence_is_longer_than_one_reads_at_once(path: Path) -> None:
    long = [text for text in sentences(said(path.read_text())) if len(text.split()) > MOST_WORDS]
    assert long == []


@pytest.mark.parametrize("path", JOURNALS, ids=lambda path: path.parent.name)
def test_a_journal_is_short(path: Path) -> None:
    assert len(path.read_bytes()) <= MOST_BYTES


@pytest.mark.slow
def test_a_report_whose_logs_are_committed_is_what_a_build_of_them_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPORTS.parent)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert main(["build", "studies/fashion-mnist-next", "--out", str(tmp_path / "report")]) == 0
    for name in ("journal.md", "runs.csv"):
        assert (tmp_path / "report" / name).read_text() == (REPORTS / "fashion-mnist-next" / name).read_text()
