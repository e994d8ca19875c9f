from markupsafe import Markup
from sweepbook.analysis.page.render import inline_svg, placed
from sweepbook.analysis.page.spaces import Spaces

FIGURES = {"lr": "<svg>1</svg>", "units--gap": "<svg>2</svg>"}


def test_a_page_gets_its_figures_with_their_labels_where_it_left_space_for_them():
    spaces = Spaces(FIGURES)
    page = f"a {placed(spaces['units--gap'], 'gap < 1')} b {placed(spaces['lr'], 'rate')} c"
    figures = inline_svg(FIGURES["units--gap"], "gap < 1"), inline_svg(FIGURES["lr"], "rate")
    assert spaces.filled(page, inline_svg) == "a {} b {} c".format(*figures)


def test_figures_are_asked_for_in_the_order_of_the_page():
    spaces, asked = Spaces(FIGURES), []
    first, second = (spaces[name].labelled("") for name in FIGURES)
    spaces.filled(f"{second}{first}", lambda text, label: asked.append(text) or "")
    assert asked == ["<svg>2</svg>", "<svg>1</svg>"]


def test_a_figure_may_be_in_a_page_twice_each_time_with_a_label_of_its_own():
    spaces = Spaces(FIGURES)
    page = "".join(spaces["lr"].labelled(label) for label in "ab")
    assert spaces.filled(page, lambda text, label: label + text) == "a<svg>1</svg>b<svg>1</svg>"


def test_a_space_is_no_text_that_a_template_would_change():
    assert isinstance(Spaces(FIGURES)["lr"].labelled("rate"), Markup)


def test_there_is_a_space_for_each_figure_and_for_no_other():
    assert list(Spaces(FIGURES)) == list(FIGURES)
    assert "depth" not in Spaces(FIGURES)
