"""The glossary is the one of the docs, and its words are found where they are meant."""

import re
from pathlib import Path

import pytest
from sweepbook.analysis.glossary import PARTS, TERMS, finds, occurring

DOCS = Path(__file__).parents[2] / "docs" / "glossary.md"


def words(text, verdict=False):
    return [term.word for _, _, term in finds(text, verdict)]


def test_the_docs_have_the_same_words_in_the_same_order():
    parts = re.split(r"^## ", DOCS.read_text(), flags=re.MULTILINE)[1:]
    known = {part.partition("\n")[0]: re.findall(r"^\*\*(.*?)\*\*: (.*)$", part, re.MULTILINE) for part in parts}
    assert known == {title: [(term.word, term.meaning) for term in terms] for title, terms in PARTS.items()}


def test_every_word_has_a_place_of_its_own_in_a_page():
    assert len({term.anchor for term in TERMS}) == len(TERMS)


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.word)
def test_a_word_is_found_as_it_stands_in_the_glossary(term):
    (start, end, found), *_ = finds(f"It is {term.word}.", verdict=True)
    assert found == term
    assert start == 6
    assert end <= 6 + len(term.word)


def test_of_two_words_that_begin_alike_the_longer_one_is_meant():
    assert words("It did not hold.") == ["did not hold"]
    assert words("The validation accuracy; another seed lands ± 0.9 points away.") == [
        "validation accuracy",
        "another seed lands ± x away",
    ]


def test_an_everyday_word_is_meant_only_as_a_verdict():
    assert words("A better run stays open.") == []
    assert words("▲ better", verdict=True) == ["better"]


def test_no_part_of_a_word_is_one():
    assert words("batch_size_seeds, gap-free, unseeded, seedless") == []


def test_the_words_that_occur_stand_in_the_order_of_the_glossary():
    assert [term.word for term in occurring("Noise; seeds, and the noise of a seed; a gap")] == ["seed", "gap", "noise"]
