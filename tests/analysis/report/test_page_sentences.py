"""The page says a thing once and in short: what stands outside its tables, its folded parts and the author's words."""

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from sweepbook.analysis.findings.findings import findings
from sweepbook.analysis.journal.journal import journal
from sweepbook.analysis.journal.notes.notes import Notes
from sweepbook.analysis.logs.sweep import load_sweep
from sweepbook.analysis.page.render import render
from sweepbook.runner.plan import load_study

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
MOST_WORDS, FEW_WORDS = 25, 6
LISTS = ("No visible difference:", "▲ Better:", "▼ Worse:")  # in one line, and not sentences to be read
# What is no text of the page's own, or is folded, or lists and does not say.
APART = {"table", "details", "svg", "pre", "script", "style", "nav", "title", "button"}
OF_OTHERS = {"table", "note", "plan", "glossary", "subtitle"}
BLOCKS = {"p", "li", "dt", "dd", "h1", "h2", "h3", "h4", "div", "figcaption", "section", "figure"}
VOID = {"meta", "link", "input", "br", "img", "hr", "col"}
END = re.compile(r"(?<=[.!?])[”\"]?\s+(?=[A-Z“\"±★\d])")


class Text(HTMLParser):
    """The texts of a page, block by block."""

    def __init__(self):
        super().__init__()
        self.open, self.apart, self.blocks, self.text = [], 0, [], ""

    def handle_starttag(self, tag, attributes):
        if tag in VOID:
            return
        names = set((dict(attributes).get("class") or "").split())
        apart = tag in APART or bool(names & OF_OTHERS)
        self.open.append((tag, apart))
        self.apart += apart
        if tag in BLOCKS:
            self.end_block()

    def handle_endtag(self, tag):
        while self.open and tag in [name for name, _ in self.open]:
            name, apart = self.open.pop()
            self.apart -= apart
            if name == tag:
                break
        if tag in BLOCKS:
            self.end_block()

    def handle_data(self, data):
        if not self.apart:
            self.text += data

    def end_block(self):
        if self.text.strip():
            self.blocks.append(" ".join(self.text.split()))
        self.text = ""


def sentences(page):
    """The sentences of a page, as many times as each stands there."""
    reader = Text()
    reader.feed(page)
    reader.end_block()
    return [sentence for block in reader.blocks for sentence in END.split(block)]


def logged(study, folder, log, run):
    """Logs of every planned run: scores that go by width, rate and batch size, a seed's own part, and a curve each."""
    rng = np.random.default_rng(5)
    seeds = {seed: 0.004 * rng.standard_normal() for seed in study.seeds}
    for place, planned in enumerate(study.runs):
        config = planned.config
        loss = 0.1 * abs(np.log10(float(config["lr"])) + 3) + (0.6 if config["optimizer"] == "SGD" else 0)
        score = 0.8 + 0.004 * np.log2(float(config["units1"])) + 0.01 * np.log2(float(config["batch_size"]) / 64) - loss
        score = float(np.clip(score + seeds[planned.seed] + 0.005 * rng.standard_normal(), 0.1, 0.99))
        curve = [
            round(float(1.3 - score + 0.4 / (k + 1) + 0.01 * rng.standard_normal()), 4) for k in range(int(str(config["epochs"])))
        ]
        series = {"valid_loss": curve, "train_loss": curve, "valid_accuracy": [score] * len(curve)}
        metrics = {"valid_accuracy": score, "valid_loss": curve[-1], "train_loss": curve[-1]}
        fields = {"metrics": metrics, "epochs": series, "parameters": 1000, "train_examples": 50_000}
        log(folder, f"r{place:03}", run(label=planned.label, seed=planned.seed, minute=place, config=dict(config), **fields))


@pytest.fixture(scope="module")
def pages(tmp_path_factory, log, run):
    """The golden page, and one of a study of seven groups as long as a real one."""
    folder = tmp_path_factory.mktemp("pages")
    study = load_study(ROOT / "studies" / "fashion-mnist")
    logged(study, folder, log, run)
    sweep = load_sweep(folder)
    made = journal(findings(sweep, study), sweep, Notes(), {"Made by": "Sweepbook"})
    drawn = {picture.name: "" for part in (made, *made.sections) for picture in part.pictures}
    long = render("journal.html.j2", {"journal": made, "pictures": {}})
    golden = (ROOT / "tests" / "golden" / "journal.html").read_text()
    return {"golden": golden, "long": long, "markdown": render("journal.md.j2", {"journal": made, "pictures": drawn})}


@pytest.mark.parametrize("name", ["golden", "long"])
def test_no_sentence_stands_twice(pages, name):
    counts = Counter(sentences(pages[name]))
    assert [text for text, count in counts.items() if count > 1 and len(text.split()) > FEW_WORDS] == []


@pytest.mark.parametrize("name", ["golden", "long"])
def test_a_sentence_has_at_most_25_words(pages, name):
    told = [text for text in sentences(pages[name]) if not text.startswith(LISTS)]
    assert [text for text in told if len(text.split()) > MOST_WORDS] == []


def test_the_markdown_of_seven_groups_is_short_enough_to_read(pages):
    """56 configurations, 168 runs and 43 expectations; the author's words come on top."""
    assert len(pages["markdown"].encode()) <= 40_000 - 3_500


def test_the_test_itself_reads_a_page():
    page = "<section><p>One. Two is <a href='#x'>here</a>.</p><table><tr><td>No.</td></tr></table><details>No.</details>"
    page += "<div class='note'><p>No.</p></div><ul><li>Three: 4.5 points.</li></ul></section>"
    assert sentences(page) == ["One.", "Two is here.", "Three: 4.5 points."]
