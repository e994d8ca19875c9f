import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from matplotlib.colors import to_hex

from analysis.figures import ACCENT, draw, svg
from analysis.picture import Mark, Picture


def mark(x, mean, y=None, low=None, high=None, runs=()):
    return Mark(x, y, mean, low, high, len(runs) or 1, tuple(runs))


def picture(kind, marks, name="g", value="validation accuracy, %", **other):
    return Picture(name, kind, tuple(marks), other.get("level", "level"), other.get("other"), value, "alt", "caption")


GRID = [mark(8, 60.0, y=16), mark(32, 70.0, y=16), mark(16, 65.0, y=16), mark(8, 80.0, y=4), mark(16, 85.25, y=4)]
LINE = [mark(0.1, 70.0, None, 65.0, 75.0, (68.0, 72.0)), mark(0.001, 80.0), mark(0.01, 90.0, None, 88.0, 92.0, (89.0, 91.0))]
DOTS = [mark("SGD", 70.0, None, 65.0, 75.0, (68.0, 72.0)), mark("Adam", 80.0)]


def test_a_heatmap_has_a_cell_for_each_pair_of_levels_with_its_mean_in_it():
    axes = draw(picture("heatmap", GRID, level="units2", other="units1")).axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["8", "16", "32"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["16", "4"]
    cells = axes.collections[0].get_array().reshape(2, 3)
    assert np.ma.filled(cells, -1).tolist() == [[60.0, 65.0, 70.0], [80.0, 85.25, -1]]
    assert [text.get_text() for text in axes.texts] == ["60.0", "65.0", "70.0", "80.0", "85.2"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("units2", "units1")


def test_a_heatmap_of_a_loss_has_three_digits():
    axes = draw(picture("heatmap", [mark(8, 0.5, y=1), mark(16, 0.25, y=1)], value="validation loss")).axes[0]
    assert [text.get_text() for text in axes.texts] == ["0.500", "0.250"]


def test_a_heatmap_of_one_value_alone_is_drawn():
    axes = draw(picture("heatmap", [mark(8, 50.0, y=1), mark(16, 50.0, y=1)])).axes[0]
    assert [text.get_text() for text in axes.texts] == ["50.0", "50.0"]


def test_a_line_goes_through_the_means_in_the_order_of_the_levels():
    axes = draw(picture("line", LINE)).axes[0]
    x, y = axes.lines[0].get_data()
    assert (list(x), list(y)) == ([0.001, 0.01, 0.1], [80.0, 90.0, 70.0])
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0.001", "0.01", "0.1"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("level", "validation accuracy, %")


def intervals(axes):
    """The ends of each bar of the figure, as drawn."""
    (bars,) = [c for c in axes.collections if hasattr(c, "get_segments") and to_hex(c.get_color()[0]) == ACCENT]
    return [segment.tolist() for segment in bars.get_segments()]


def test_intervals_and_single_runs_stand_at_their_levels():
    axes = draw(picture("line", LINE)).axes[0]
    assert intervals(axes) == [[[0.001, 80.0], [0.001, 80.0]], [[0.01, 88.0], [0.01, 92.0]], [[0.1, 65.0], [0.1, 75.0]]]
    points = axes.collections[0].get_offsets().tolist()
    assert points == [[0.01, 89.0], [0.01, 91.0], [0.1, 68.0], [0.1, 72.0]]


def test_names_stand_from_the_top_in_the_given_order():
    axes = draw(picture("dots", DOTS)).axes[0]
    heights = {label.get_text(): place for label, place in zip(axes.get_yticklabels(), axes.get_yticks(), strict=True)}
    assert heights == {"SGD": 1, "Adam": 0}
    assert intervals(axes) == [[[65.0, 1.0], [75.0, 1.0]], [[80.0, 0.0], [80.0, 0.0]]]
    assert axes.get_xlabel() == "validation accuracy, %"


@pytest.mark.parametrize(
    ("levels", "scale"),
    [
        ([0.0001, 0.001, 0.01], "log"),
        ([1, 2, 4, 8], "log"),
        ([8, 32, 128, 512], "log"),
        ([1, 2, 4], "linear"),
        ([1, 5, 9, 13], "linear"),
        ([1, 10], "linear"),
        ([0, 0.001, 0.01, 0.1], "linear"),
        ([-10, 1, 100], "linear"),
        ([10, 20, 30, 40, 50, 60, 70, 80, 90], "linear"),
    ],
)
def test_an_axis_is_logarithmic_only_where_the_levels_grow_by_factors(levels, scale):
    axes = draw(picture("line", [mark(level, 50.0 + i) for i, level in enumerate(levels)])).axes[0]
    assert axes.get_xscale() == scale


def test_many_levels_are_not_all_written_out():
    axes = draw(picture("line", [mark(level, 50.0) for level in range(100)])).axes[0]
    assert len(axes.get_xticks()) < 20


ALL = [picture("heatmap", GRID, "grid", other="units1"), picture("line", LINE, "line"), picture("dots", DOTS, "dots")]
AGAIN = """
import sys
from analysis.figures import draw, svg
from analysis.picture import Mark, Picture
sys.stdout.buffer.write(b"".join(svg(draw(picture), picture.name) for picture in {pictures!r}))
"""


def test_another_process_draws_the_same_bytes():
    here = b"".join(svg(draw(one), one.name) for one in ALL)
    there = subprocess.run([sys.executable, "-c", AGAIN.format(pictures=ALL)], capture_output=True, check=True).stdout
    assert there == here


def ids(text):
    return re.findall(r'\bid="([^"]*)"', text)


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.kind)
def test_every_id_begins_with_the_name_and_every_reference_leads_to_one(one):
    text = svg(draw(one), one.name).decode()
    assert ids(text)
    assert len(ids(text)) == len(set(ids(text)))
    assert all(name.startswith(f"{one.name}-") for name in ids(text))
    references = re.findall(r'url\(#([^)]*)\)|href="#([^"]*)"', text)
    assert references
    assert {a or b for a, b in references} <= set(ids(text))


def test_two_figures_in_one_page_share_no_id():
    page = [ids(svg(draw(one), one.name).decode()) for one in (*ALL, picture("line", LINE, "line2"))]
    assert len({name for names in page for name in names}) == sum(map(len, page))


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.kind)
def test_a_figure_has_no_date_no_maker_and_its_text_as_text(one):
    text = svg(draw(one), one.name).decode()
    ET.fromstring(text)
    assert "date" not in text.lower()
    assert "matplotlib v" not in text.lower()
    assert "validation accuracy, %</text>" in text


@pytest.mark.parametrize("name", ["$x", "cost $5 or $6", r"$\frac$", "100%", "a_b^c{", "<b> & more", "-"])
def test_a_name_is_shown_as_it_is_and_not_as_mathematics(name):
    root = ET.fromstring(svg(draw(picture("dots", [mark(name, 1.0), mark("b", 2.0)], level=name, value=name)), "g"))
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts.count(name) == 3


def test_drawing_leaves_the_style_of_matplotlib_alone():
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    svg(draw(ALL[1]), "g")
    assert dict(mpl.rcParams) == before
