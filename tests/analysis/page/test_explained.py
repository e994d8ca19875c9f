"""HTML whose words of the glossary lead to their meaning."""

import pytest
from sweepbook.analysis.page.explained import explained, linked_terms

NOISE = '<a class="term" href="#term-noise">noise</a>'


def test_the_first_use_in_each_section_is_a_link():
    html = "<section><p>The noise, and noise again.</p></section><section><p>No noise.</p></section>"
    told = f"<section><p>The {NOISE}, and noise again.</p></section><section><p>No {NOISE}.</p></section>"
    assert explained(html) == told


def test_a_word_keeps_its_letters_and_what_was_escaped_stays_escaped():
    told = explained("<p>&lt;b&gt; Noise &amp; 3 seeds</p>")
    assert 'href="#term-noise">Noise</a> &amp; 3 <a class="term" href="#term-seed">seeds</a>' in told
    assert told.startswith("<p>&lt;b&gt; ")


@pytest.mark.parametrize(
    "html",
    [
        '<a href="#noise">noise</a>',
        "<h2>The noise</h2>",
        "<table><tr><td>noise</td></tr></table>",
        "<details><summary>noise</summary></details>",
        "<pre><code>noise</code></pre>",
        '<svg aria-label="noise"><text>noise</text></svg>',
        '<div class="note"><p>The noise of the author</p></div>',
        "<h2>noise",
    ],
)
def test_headings_links_tables_drawings_and_notes_stay_as_they_are(html):
    assert explained(html) == html


def test_a_verdict_in_a_badge_is_a_word_of_the_glossary():
    assert explained('<span class="badge up">▲ better</span> is better') == (
        '<span class="badge up">▲ <a class="term" href="#term-better">better</a></span> is better'
    )


def test_the_words_that_are_linked_are_told_in_the_order_of_the_glossary():
    html = explained("<p>noise, seeds, noise</p>")
    assert [term.word for term in linked_terms(html)] == ["seed", "noise"]
