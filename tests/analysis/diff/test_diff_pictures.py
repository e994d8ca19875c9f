"""What the figures of a comparison show, as values and as drawn."""

import re
from dataclasses import replace
from itertools import count

import numpy as np
import pytest
from sweepbook.analysis.diff.diff import Options, sweep_diff
from sweepbook.analysis.diff.pictures import MOST_CROSSES, MOST_ROWS, pictures
from sweepbook.analysis.page.figures import draw, svg
from sweepbook.analysis.page.figures.marks import SHAPES

pytestmark = pytest.mark.slow

GRID = """
[study]
title = "T"
metric = "{metric}"
seeds = [0, 1, 2]
[baseline]
dataset = "digits"
model = "mlp"
units1 = 8
units2 = 8
depth = 2
epochs = 2
batch_size = 32
lr = 0.01
optimizer = "Adam"
[[group]]
name = "units"
grid = {{ units1 = [8, 16], units2 = [8, 16, 32] }}
"""
BASE = {"dataset": "digits", "model": "mlp", "depth": 2, "epochs": 2, "batch_size": 32, "lr": 0.01, "optimizer": "Adam"}
PLACES = [(a, b) for a in (8, 16) for b in (8, 16, 32)]
NOISE = (-0.004, 0.0, 0.004)
MOVED = {(8, 8): 0.05, (16, 32): -0.06}


def scores(mean, turned=1):
    return [mean + turned * off for off in NOISE]


@pytest.fixture
def compared(built):
    """The comparison of two grids of 2 by 3, of which one configuration rose by 5 points and one fell by 6; `without` leaves out
    the configurations at these places in the new one."""

    numbers = count()

    def make(without=(), metric="valid_accuracy", **options):
        text = GRID.format(metric=metric)
        sides = []
        number = next(numbers)
        for name, moved, turned in (("old", {}, 1), ("new", MOVED, -1)):
            configs = [
                (
                    {"units1": a, "units2": b},
                    scores(0.7 + a / 1000 + b / 500 + moved.get((a, b), 0.0), turned),
                    {"label": f"units_{a}_{b}"},
                )
                for a, b in PLACES
                if name == "old" or (a, b) not in without
            ]
            sides.append(built(f"{name}-{number}", *configs, text=text, base=BASE))
        return sweep_diff(*sides, Options(metric=metric, **options))

    return make


def many(diff, number):
    """The same with `number` comparisons, each a little larger than the one before, those of the first verdicts again and again."""
    ones = diff.of(diff.metric)
    made = []
    for i in range(number):
        one = ones[i % len(ones)]
        low, estimate, high = (end + i / 1e6 for end in (one.change.low, one.change.estimate, one.change.high))
        change = replace(one.change, estimate=estimate, low=low, high=high)
        made.append(replace(one, label=f"c{i}", change=change))
    return replace(diff, comparisons=tuple(made))


def by_kind(diff):
    return {picture.kind: picture for picture in pictures(diff)}


def test_sweeps_with_the_same_runs_have_no_figures(built):
    same = built("a", ({}, [0.5, 0.6]), ({"lr": 0.1}, [0.7, 0.8]), ({"lr": 1.0}, [0.2, 0.3]))
    assert pictures(sweep_diff(same, same, Options())) == ()


def test_sweeps_without_a_configuration_in_common_have_no_figures(built):
    rows = [({"lr": lr}, [0.5]) for lr in (0.1, 0.2, 0.3, 0.4)]
    assert pictures(sweep_diff(built("a", *rows[:2]), built("b", *rows[2:]), Options())) == ()


def test_every_configuration_is_a_point_of_both_means_in_shown_units(compared):
    found = by_kind(compared())["scatter"]
    points = {move.label: move for move in found.moves}
    assert set(points) == {f"units_{a}_{b}" for a, b in PLACES}
    assert points["units_8_8"].old[1] == pytest.approx(72.4)
    assert points["units_8_8"].new[1] == pytest.approx(77.4)
    assert points["units_8_8"].change[1] == pytest.approx(5.0)
    assert points["units_8_8"].old[0] < 72.4 < points["units_8_8"].old[2]
    assert {label for label, move in points.items() if move.told} == {"units_8_8", "units_16_32"}
    assert (found.level, found.value) == ("old validation accuracy, %", "new validation accuracy, %")


def test_the_words_of_a_figure_count_what_its_marks_show(compared):
    for found in pictures(compared()):
        assert "1 better, 1 worse, 4 cannot tell yet" in found.alt
        assert "of 3 runs" in found.caption


def test_no_band_stands_against_the_verdicts(compared):
    """What is worse may lie nearer to the line than what cannot tell: each has an interval of its own."""
    for found in pictures(compared(margin=0.01)):
        assert found.ruler is None
        assert "band" not in found.caption.lower()
    found = by_kind(compared())["scatter"]
    legend = draw(found).axes[0].get_legend()
    assert [text.get_text().partition(" (")[0] for text in legend.get_texts()] == [
        "better",
        "worse",
        "cannot tell yet",
        "no change",
    ]


def test_two_configurations_make_no_scatter_plot(built):
    sides = [built(name, ({}, [0.5, first]), ({"lr": 0.1}, [0.7, 0.8])) for name, first in (("a", 0.6), ("b", 0.61))]
    assert [picture.kind for picture in pictures(sweep_diff(*sides, Options()))] == ["forest"]


@pytest.mark.slow
def test_very_many_points_have_no_crosses_and_stay_small(compared):
    found = by_kind(many(compared(), 10_000))["scatter"]
    assert all(span[0] is None is span[2] for move in found.moves for span in (move.old, move.new))
    assert "95%" not in found.caption
    assert len(svg(draw(found), "scatter")) < 300_000
    assert "with 95% intervals" in by_kind(many(compared(), MOST_CROSSES))["scatter"].caption


def test_differences_go_from_the_largest_gain_to_the_largest_loss(compared):
    moves = by_kind(compared())["forest"].moves
    assert (moves[0].label, moves[-1].label) == ("units_8_8", "units_16_32")
    assert [move.change[1] for move in moves] == sorted((move.change[1] for move in moves), reverse=True)


def test_the_largest_gain_of_a_loss_is_its_largest_fall(compared):
    diff = compared(metric="valid_loss")
    moves = by_kind(diff)["forest"].moves
    assert diff.direction == -1
    assert (moves[0].label, moves[0].verdict, moves[-1].verdict) == ("units_8_8", "better", "worse")
    assert moves[0].change[1] == pytest.approx(-0.05)


def test_of_many_differences_those_that_are_told_are_drawn_first(compared):
    diff = many(compared(), 90)
    found = by_kind(diff)["forest"]
    told = [one.label for one in diff.comparisons if one.verdict != "cannot tell"]
    assert len(found.moves) == MOST_ROWS
    assert set(told) <= {move.label for move in found.moves}
    assert "Drawn are 45 of 90" in found.caption


def test_what_has_the_same_runs_is_counted_and_not_drawn(built):
    rows = [({"lr": lr}, [0.5 + lr, 0.51 + lr]) for lr in (0.1, 0.2, 0.3)]
    old = built("old", ({}, [0.2, 0.3]), *rows)
    new = built("new", ({}, [0.2, 0.3]), *[(changes, [a + 0.01, b + 0.02]) for changes, (a, b) in rows])
    found = by_kind(sweep_diff(old, new, Options()))["forest"]
    assert len(found.moves) == 3
    assert "Left out: 1 configuration with the same runs on both sides." in found.caption


def test_a_grid_of_both_sweeps_is_three_heatmaps_on_two_scales(compared):
    found = by_kind(compared())["grids"]
    assert (found.level, found.other, found.value) == ("second-layer units", "first-layer units", "validation accuracy, %")
    assert {move.place: round(move.new[1] - move.old[1], 6) for move in found.moves}[32, 16] == -6.0
    old, new, change = (axes.collections[0] for axes in draw(found).axes[:3])
    assert old.get_clim() == new.get_clim() == found.limits
    assert change.get_clim() == pytest.approx((-6.0, 6.0))
    assert np.ma.filled(old.get_array(), -1)[1, 2] == pytest.approx(78.0)
    assert np.ma.filled(change.get_array(), -1)[1, 2] == pytest.approx(-6.0)
    assert [text.get_text() for text in draw(found).axes[2].texts] == ["+5.0", "0.0", "0.0", "0.0", "0.0", "-6.0"]


def test_what_is_told_in_a_grid_has_a_triangle(compared):
    up, down = draw(by_kind(compared())["grids"]).axes[2].collections[1:]
    assert [np.floor(mark.get_offsets()).tolist() for mark in (up, down)] == [[[0.0, 0.0]], [[2.0, 1.0]]]


def test_blue_is_better_in_a_loss_too(compared):
    for metric in ("valid_accuracy", "valid_loss"):
        found = by_kind(compared(metric=metric))["grids"]
        change = draw(found).axes[2].collections[0]
        gained = next(move.change[1] for move in found.moves if move.verdict == "better")
        red, _, blue, _ = change.cmap(change.norm(gained))
        assert blue > red


def test_a_grid_with_a_hole_leaves_it_empty_and_one_with_too_many_is_not_drawn(compared):
    found = by_kind(compared(without={(8, 16)}))["grids"]
    assert "Empty: 1 configuration not compared." in found.caption
    assert np.isnan(np.ma.filled(draw(found).axes[0].collections[0].get_array(), np.nan)).sum() == 1
    assert "grids" not in by_kind(compared(without=set(PLACES[:4])))


@pytest.mark.parametrize("kind", ["scatter", "forest", "grids"])
def test_a_figure_is_drawn_alike_again_with_ids_of_its_own(compared, kind):
    found = by_kind(compared())[kind]
    text = svg(draw(found), found.name).decode()
    assert text == svg(draw(found), found.name).decode()
    ids = re.findall(r'\bid="([^"]*)"', text)
    assert len(ids) == len(set(ids))
    assert all(name.startswith(f"{found.name}-") for name in ids)
    assert "date" not in text.lower()


def test_every_verdict_has_a_shape_and_a_colour_of_its_own():
    assert len({shape.marker for shape in SHAPES.values()}) == len({shape.colour for shape in SHAPES.values()}) == 4


def test_what_is_told_is_named_and_what_lies_far_off_stands_at_the_edge(compared):
    diff = compared()
    axes = draw(by_kind(diff)["scatter"]).axes[0]
    assert {"units_8_8", "units_16_32"} <= {text.get_text() for text in axes.texts}
    collapsed = many(diff, 40)
    far = replace(collapsed.comparisons[0], label="far", old=replace(collapsed.comparisons[0].old, mean=0.01))
    axes = draw(by_kind(replace(collapsed, comparisons=(*collapsed.comparisons, far)))["scatter"]).axes[0]
    assert axes.get_xlim()[0] > 50


def test_a_wide_interval_ends_in_arrows_and_does_not_squeeze_the_rest(compared):
    diff = many(compared(), 40)
    wide = replace(diff.comparisons[1], label="wide", change=replace(diff.comparisons[1].change, low=-0.9, high=0.9))
    axes = draw(by_kind(replace(diff, comparisons=(*diff.comparisons, wide)))["forest"]).axes[0]
    assert max(map(abs, axes.get_xlim())) < 20
    assert [line.get_marker() for line in axes.lines].count("<") == 1


def cut(diff):
    """Whether the forest plot has anything at an edge, and whether its caption says so."""
    found = by_kind(diff)["forest"]
    axes = draw(found).axes[0]
    arrows = [line for line in axes.lines if line.get_marker() in ("<", ">")]
    numbers = [text for text in axes.texts if "◂" in text.get_text() or "▸" in text.get_text()]
    return bool(arrows or numbers), "What lies far from the rest ends in an arrow" in found.caption


def test_the_caption_tells_of_arrows_only_where_there_are_some(compared):
    diff = many(compared(), 40)
    quiet = [one for one in diff.comparisons if one.verdict == "cannot tell"][:20]
    told = next(one for one in diff.comparisons if one.verdict == "better")
    assert cut(replace(diff, comparisons=tuple(quiet))) == (False, False)
    assert cut(replace(diff, comparisons=(*quiet, told))) == (False, False)  # far off, and the axis goes there for it
    wide = replace(quiet[0], label="wide", change=replace(quiet[0].change, low=-0.9, high=0.9))
    assert cut(replace(diff, comparisons=(*quiet, wide))) == (True, True)
    far = replace(told, label="far", change=replace(told.change, estimate=0.9, low=0.89, high=0.91))
    assert cut(replace(diff, comparisons=(*quiet, far))) == (True, True)


def test_without_a_known_noise_there_are_points_alone(built):
    sides = [built(name, *[({"lr": lr}, [lr + more]) for lr in (0.1, 0.2, 0.3)]) for name, more in (("a", 0), ("b", 0.05))]
    for found in pictures(sweep_diff(*sides, Options())):
        assert all(move.change[0] is None and move.verdict == "cannot tell" for move in found.moves)
        assert svg(draw(found), found.name)
