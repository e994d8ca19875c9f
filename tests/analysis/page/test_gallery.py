from dataclasses import replace

from sweepbook.analysis.page.gallery import Gallery
from sweepbook.analysis.page.picture import Mark, Picture

PICTURE = Picture(
    "g", "line", (Mark(1, None, 60.0, None, None, 1, ()), Mark(2, None, 70.0, None, None, 1, ())), "x", None, "y", "a", "c"
)


def test_a_figure_is_drawn_again_where_what_it_shows_has_changed_and_not_where_the_words_beside_it_have():
    drawn = Gallery([PICTURE], {}).finish()
    words = Gallery([replace(PICTURE, alt="other", caption="words")], drawn).finish()
    assert words["g"] is drawn["g"]
    values = Gallery([replace(PICTURE, level="other")], drawn).finish()
    assert values["g"].text != drawn["g"].text
