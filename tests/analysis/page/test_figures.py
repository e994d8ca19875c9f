import re
import subprocess
import sys
import warnings
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex
from sweepbook.analysis.page.figures import draw, image, svg
from sweepbook.analysis.page.figures.style import ACCENT, PAPER, SOFT
from sweepbook.analysis.page.picture import Band, Cloud, Mark, Panel, Picture, Reach, Rung
from sweepbook.analysis.words import form


def mark(x, mean, y=None, low=None, high=None, runs=()):
    return Mark(x, y, mean, low, high, len(runs) or 1, tuple(runs))


def picture(kind, marks, name="g", value="validation accuracy, %", **other):
    words = other.pop("level", "level"), other.pop("other", None), value, "alt", "caption"
    return Picture(name, kind, tuple(marks), *words, **{"form": form("valid_accuracy"), **other})


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
    axes = draw(picture("heatmap", [mark(8, 0.5, y=1), mark(16, 0.25, y=1)], form=form("valid_loss"))).axes[0]
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


BANDS = tuple(Band(name, (0.9, 0.5, 0.4), (0.8, 0.4, 0.3), (1.0, 0.6, 0.5)) for name in ("train_loss", "valid_loss"))
COSTS = [replace(one, x=10**i, label=f"c{i}") for i, one in enumerate([*LINE, *DOTS])]
RUNGS = (Rung("SGD", -56.1, (-57.0, -55.2)), Rung("RMSprop", -1.7, (-2.5, -0.9)), Rung("AdamW", 0.0, (-0.4, 0.4)))
NEAR = (Rung("1", -0.9, ()), Rung("2", 0.0, ()))
REACHES = (
    Reach("optimizer", RUNGS, (-4.5, -0.2), "56.1 points", "1.7 without SGD", True, "optimizer"),
    Reach("depth", NEAR, (-1.9, 0.0), "no visible difference", "up to 1.9 could hide", False, "g"),
)
FACTORS = picture(
    "factors", [], "factors", "points of validation accuracy", limits=(-4.5, 0.0), signed=True, ruler=1.0, reaches=REACHES
)
POINTS = [(10 ** (-5 + i / 5), 70.0 + i, i > 15) for i in range(20)]
CLOUDS = (
    Cloud("learning rate", tuple(POINTS), True),
    Cloud("optimizer", tuple(("Adam" if i % 2 else "SGD", y, first) for i, (_, y, first) in enumerate(POINTS)), False),
    Cloud("weight decay", tuple(((0.0, 1e-4, 1e-3)[i % 3], y, first) for i, (_, y, first) in enumerate(POINTS)), True),
    Cloud("dropout", tuple((i / 20, y, first) for i, (_, y, first) in enumerate(POINTS)), True),
)
SEARCH = picture("settings", [], "search", clouds=CLOUDS, limits=(70.0, 89.0))
METRICS = picture(
    "metrics",
    [replace(one, x=float(i), across=(i - 0.1, i + 0.1), label=f"c{i}") for i, one in enumerate(LINE)],
    "metrics",
    front=(1, 2),
)
ALL = [
    picture("heatmap", GRID, "grid", other="units1", ruler=2.0, limits=(50.0, 90.0)),
    picture("line", LINE, "line", ruler=2.0),
    picture("dots", DOTS, "dots", ruler=2.0),
    picture("cost", COSTS, "cost", front=(0, 2), ruler=2.0),
    picture("curves", [], "curves", value="loss", panels=tuple(Panel(f"p{i}", BANDS) for i in range(5)), columns=3),
    FACTORS,
    SEARCH,
    METRICS,
]
AGAIN = """
import sys
from sweepbook.analysis.page.figures import draw, svg
from sweepbook.analysis.page.picture import Band, Cloud, Mark, Panel, Picture, Reach, Rung
from sweepbook.analysis.words import Form
sys.stdout.buffer.write(b"".join(svg(draw(picture), picture.name) for picture in {pictures!r}))
"""


@pytest.mark.slow
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
    references = re.findall(r'url\(#([^)]*)\)|(?<!<a xlink:)href="#([^"]*)"', text)
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
    assert f"{one.value.removeprefix('points of ')}</text>" in text


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


def shades(goal, **other):
    """How light the lowest and the highest cell of a heatmap are."""
    cells = draw(picture("heatmap", GRID, goal=goal, **other)).axes[0].collections[0]
    known = dict(
        zip(np.ma.filled(cells.get_array(), np.nan).ravel().tolist(), cells.to_rgba(cells.get_array()).reshape(-1, 4), strict=True)
    )
    return [float(known[value][:3].sum()) for value in (60.0, 85.25)]


def test_dark_is_good_whichever_way_is_better():
    low, high = shades(1)
    assert high < low
    low, high = shades(-1)
    assert low < high


def test_what_has_a_sign_is_white_at_none_and_blue_where_it_is_good():
    signed = [mark(8, -5.0, y=16), mark(16, 0.0, y=16), mark(32, 5.0, y=16)]
    for goal, blue in ((1, 2), (-1, 0)):
        cells = draw(picture("heatmap", signed, goal=goal, signed=True, limits=(-5.0, 5.0))).axes[0].collections[0]
        colours = cells.to_rgba(cells.get_array()).reshape(-1, 4)
        assert min(colours[1][:3]) > 0.9
        assert colours[blue][2] > colours[blue][0]
        assert colours[2 - blue][0] > colours[2 - blue][2]


@pytest.mark.parametrize("count", [3, 12, 20])
def test_every_number_stays_in_its_cell(count):
    marks = [mark(x, -90.123 + x + y, y=y) for x in range(count) for y in range(count)]
    figure = draw(picture("heatmap", marks, form=form("valid_loss")))
    figure.canvas.draw()
    axes = figure.axes[0]
    wide = axes.bbox.width / count
    assert all(text.get_window_extent().width < wide for text in axes.texts)
    assert bool(axes.texts) is (count < 20)


def test_what_is_not_ranked_is_open_and_grey():
    axes = draw(picture("dots", [*DOTS, replace(DOTS[0], x="loose", ranked=False)])).axes[0]
    looks = {line.get_ydata()[0]: (to_hex(line.get_color()), to_hex(line.get_markerfacecolor())) for line in axes.lines}
    assert looks == {2: (ACCENT, ACCENT), 0: (SOFT, PAPER)}


@pytest.mark.parametrize("kind", ["line", "dots", "cost"])
def test_every_run_is_a_small_dot(kind):
    marks = COSTS if kind == "cost" else LINE
    (small,) = sized(draw(picture(kind, marks, front=(0,))).axes[0], 1, 10)
    runs = [run for one in marks for run in one.runs]
    assert sorted(value for pair in small.get_offsets().tolist() for value in pair if value in runs) == sorted(runs)


@pytest.mark.parametrize("kind", ["line", "cost"])
@pytest.mark.parametrize("levels", [(1e-300, 1e-8, 1e5), (2.7e25, 1e142, 3.2e303), (1e-307, 1e-306, 1e307)])
def test_a_log_axis_ends_within_the_numbers_that_there_are(kind, levels):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        axes = draw(picture(kind, [mark(level, 80.0 + i) for i, level in enumerate(levels)], front=(0,))).axes[0]
    assert axes.get_xscale() == "log"
    assert axes.get_xlim()[0] <= levels[0]
    assert levels[-1] <= axes.get_xlim()[1]


def test_settings_that_vary_together_have_a_panel_each_with_a_dot_a_configuration():
    axes = draw(SEARCH).axes[0]
    assert [text.get_text() for text in axes.texts if text.get_size() == 8] == [cloud.name for cloud in CLOUDS]
    grey, coloured = (c.get_offsets().tolist() for c in sized(axes, 1, 20))
    assert (len(grey), len(coloured)) == (4 * 16, 4 * 4)
    ticks = [text.get_text() for text in axes.texts if text.get_size() == 7]
    for level in ("0.001", "Adam", "SGD", "0", "0.0001"):
        assert level in ticks


def test_levels_that_grow_by_factors_stand_evenly_and_names_side_by_side():
    offsets = [tuple(pair) for c in sized(draw(SEARCH).axes[0], 1, 20) for pair in c.get_offsets().tolist()]
    rates = sorted(x for x, _ in offsets if x < 1)
    assert np.diff(rates) == pytest.approx(np.diff(rates)[0])
    names = sorted(x - 1.14 for x, _ in offsets if 1.14 < x < 2.14)
    assert max(names[:10]) < 0.5 < min(names[10:])
    assert offsets == [tuple(pair) for c in sized(draw(SEARCH).axes[0], 1, 20) for pair in c.get_offsets().tolist()]


def test_very_many_dots_are_one_image():
    many = tuple(Cloud(f"s{i}", tuple((i + k / 300, 80.0 + k % 7, False) for k in range(300)), True) for i in range(4))
    text = svg(draw(replace(SEARCH, clouds=many, limits=(80.0, 86.0))), "g").decode()
    assert text.count("<use ") < 50
    assert "<image " in text


def test_of_two_metrics_the_best_by_either_is_named():
    assert words_of(METRICS) == ["c1", "c2"]
    (large,) = sized(draw(METRICS).axes[0], 30, 40)
    assert large.get_offsets().tolist() == [[1.0, 80.0], [2.0, 90.0]]


def test_more_than_eight_panels_are_smaller():
    heights = {}
    for count in (8, 12):
        panels = tuple(Panel(f"p{i}", BANDS) for i in range(count))
        heights[count] = draw(picture("curves", [], value="loss", panels=panels, columns=4)).get_size_inches()[1] / (count / 4)
    assert heights[12] < 0.9 * heights[8]


def test_grids_of_one_metric_share_their_colours():
    low, high = (draw(picture("heatmap", GRID, limits=limits)).axes[0].collections[0].get_clim() for limits in ((0, 100), (50, 90)))
    assert (low, high) == ((0, 100), (50, 90))


def test_the_number_of_runs_stands_in_the_cells_where_it_varies():
    marks = [replace(GRID[0], n=2), *GRID[1:]]
    assert next(iter(draw(picture("heatmap", marks)).axes[0].texts)).get_text() == "60.0\nn = 2"


@pytest.mark.slow
def test_a_grid_too_large_to_read_has_no_numbers_and_stays_small():
    marks = [mark(x, float(x + y), y=y) for x in range(60) for y in range(60)]
    figure = draw(picture("heatmap", marks))
    assert not figure.axes[0].texts
    assert len(svg(figure, "g")) < 100_000


def test_what_lies_far_from_the_rest_stands_as_a_number_at_the_edge():
    marks = [mark(f"c{i}", 80.0 + i / 10) for i in range(12)] + [mark("far", 10.0)]
    axes = draw(picture("dots", marks)).axes[0]
    assert axes.get_xlim()[0] > 70
    assert [text.get_text() for text in axes.texts] == ["◂ 10.0"]


def test_the_ruler_is_as_long_as_the_difference_that_it_stands_for():
    axes = draw(picture("line", LINE, ruler=7.0)).axes[0]
    (bar,) = [line for line in axes.lines if line.get_color() == "#b45309" and len(set(line.get_xdata())) == 1]
    assert float(np.ptp(bar.get_ydata())) == pytest.approx(7.0)
    small = draw(picture("line", [mark(1, 80.0), mark(2, 80.5)], ruler=7.0)).axes[0]
    assert np.ptp(small.get_ylim()) > 7.0


def test_every_panel_of_curves_stands_by_itself_with_its_name():
    axes = draw(ALL[4]).axes[0]
    names = {text.get_text(): text.get_position() for text in axes.texts if text.get_text().startswith("p")}
    assert set(names) == {"p0", "p1", "p2", "p3", "p4"}
    assert len(set(names.values())) == 5
    assert names["p3"][1] < names["p0"][1]


def test_losses_of_very_different_size_are_drawn_on_a_log_scale():
    steep = Panel("a", (Band("valid_loss", (100.0, 1.0), (90.0, 0.9), (110.0, 1.1)),))
    figure = draw(picture("curves", [], value="loss", panels=(steep,)))
    assert "loss, log scale" in [text.get_text() for text in figure.texts]


@pytest.mark.parametrize(("form", "start"), [("png", b"\x89PNG"), ("pdf", b"%PDF"), ("svg", b"<?xml")])
def test_a_figure_comes_in_every_format_with_the_same_bytes_again(form, start):
    made = [image(draw(ALL[1]), form) for _ in range(2)]
    assert made[0].startswith(start)
    assert made[0] == made[1]


def test_a_number_shown_in_a_figure_is_not_cut():
    assert "0.12345" in svg(draw(picture("dots", [mark("0.12345", 1.0), mark("b", 2.0)])), "g").decode()


@pytest.mark.parametrize("kind", ["line", "dots", "cost"])
def test_equal_values_have_an_axis_too(kind):
    marks = [mark(level, 80.0) for level in (1, 2)]
    assert svg(draw(picture(kind, marks, front=(0,))), "g")


def words_of(one):
    return [text.get_text() for text in draw(one).axes[0].texts if text.get_text()]


def dots_of(one, colour):
    """The places of the large dots whose edge has that colour."""
    return [c.get_offsets().tolist() for c in sized(draw(one).axes[0], 20, 100) if to_hex(c.get_edgecolor()[0]) == colour]


def sized(axes, low, high):
    """The sets of dots whose area lies between two, in square points."""
    return [c for c in axes.collections if isinstance(c, PathCollection) and low < c.get_sizes()[0] < high]


def test_a_factor_goes_from_its_worst_level_to_its_best_and_says_how_far_these_lie_apart():
    words = words_of(FACTORS)
    for expected in ("optimizer", "56.1 points", "1.7 without SGD", "AdamW", "depth", "1", "2", "no visible difference"):
        assert expected in words
    assert "ignore differences under 1.0 points" in words
    assert dots_of(FACTORS, ACCENT) == [[[-1.7, 1.0], [0.0, 1.0]]]
    assert dots_of(FACTORS, SOFT) == [[[-0.9, 0.0], [0.0, 0.0]]]


def test_a_level_beyond_the_axis_stands_as_an_arrow_with_its_number():
    axes = draw(FACTORS).axes[0]
    assert "‹ SGD (-56.1)" in words_of(FACTORS)
    assert axes.get_xlim()[0] > -6
    (arrow,) = [line for line in axes.lines if line.get_marker() == "<"]
    assert arrow.get_xdata()[0] == axes.get_xlim()[0]
    two = (Rung("a", -90.0, ()), *RUNGS)
    more = replace(FACTORS, reaches=(replace(REACHES[0], rungs=two),))
    assert "‹ a (-90.0), 1 more" in words_of(more)


def test_levels_between_the_ends_have_their_names_where_there_is_room():
    assert "RMSprop" in words_of(FACTORS)
    close = replace(REACHES[0], rungs=(RUNGS[0], Rung("RMSprop", -0.05, ()), RUNGS[2]))
    assert "RMSprop" not in words_of(replace(FACTORS, reaches=(close,)))


def test_the_colours_of_a_heatmap_have_a_bracket_as_long_as_what_to_ignore():
    def bracket(ruler):
        bar = draw(picture("heatmap", GRID, other="units1", ruler=ruler, limits=(50.0, 90.0))).axes[1]
        return [line.get_ydata() for line in bar.lines]

    assert [50.0, 52.0] in [list(ends) for ends in bracket(2.0)]
    assert bracket(60.0) == []


def test_every_seed_of_a_level_is_a_small_dot_below_its_line():
    axes = draw(FACTORS).axes[0]
    (seeds,) = sized(axes, 0, 20)
    assert [x for x, _ in seeds.get_offsets().tolist()] == [-2.5, -0.9, -0.4, 0.4]
    assert all(0 < 1 - y < 0.5 for _, y in seeds.get_offsets().tolist())


def test_the_names_of_factors_lead_to_their_groups_in_the_page():
    text = svg(draw(FACTORS), "factors").decode()
    assert re.findall(r"<a ([^>]*)>", text) == ['xlink:href="#group-optimizer"', 'xlink:href="#group-g"']


def test_of_a_loss_the_worse_level_lies_to_the_left_too():
    rungs = (Rung("0.1", 0.5, (0.4, 0.6)), Rung("0.01", 0.0, ()))
    loss = replace(FACTORS, reaches=(Reach("lr", rungs, (0.6, 0.4), "0.500", "", True, "g"),), goal=-1, limits=(0.6, 0.0))
    axes = draw(replace(loss, form=form("valid_loss"), ruler=0.1)).axes[0]
    left, right = axes.get_xlim()
    assert left > 0.6 > 0 > right
    assert [label.get_text() for label in axes.get_xticklabels()] == ["+0.2", "+0.4", "+0.6", "best level"]


@pytest.mark.parametrize("count", [1, 15])
def test_few_factors_or_many_with_long_names_have_their_room(count):
    name = "model.encoder.attention.dropout_rate_of_the_last_layer"
    many = tuple(replace(REACHES[0], name=name, band=None, beside="9.9 without " + name) for _ in range(count))
    figure = draw(replace(FACTORS, reaches=many, ruler=None))
    figure.canvas.draw()
    inside = figure.bbox
    for text in figure.axes[0].texts:
        box = text.get_window_extent()
        assert inside.x0 <= box.x0
        assert box.x1 <= inside.x1


def test_the_words_of_a_wide_ruler_stand_beneath_it():
    wide = draw(replace(FACTORS, ruler=4.4))
    assert "ignore differences under 4.4 points" in [text.get_text() for text in wide.axes[0].texts]
    assert wide.get_size_inches()[1] > draw(replace(FACTORS, ruler=0.5)).get_size_inches()[1]
