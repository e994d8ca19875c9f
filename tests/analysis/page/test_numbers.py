"""The numbers that are drawn in a figure, read back against those of the tables."""

import re
import xml.etree.ElementTree as ET

import pytest
from sweepbook.analysis.findings.findings import findings
from sweepbook.analysis.journal.journal import journal
from sweepbook.analysis.journal.notes.notes import Notes
from sweepbook.analysis.logs.sweep import load_sweep
from sweepbook.analysis.page.figures import draw, svg

PLAN = """
[study]
title = "T"
metric = "{metric}"
[[group]]
name = "grid"
where = {{ opt = "adam" }}
[[group]]
name = "opt"
where = {{ width = 16, lr = 0.01 }}
"""


@pytest.fixture(params=["valid_accuracy", "valid_loss", "mse", "reward"])
def page(request, tmp_path, log, run, plan):
    """The journal of a grid of two factors and of a third, in metrics of which each is written in its own way."""
    metric = request.param
    scale, goal = {"valid_accuracy": (1, 1), "valid_loss": (1, -1), "mse": (1e-8, -1), "reward": (1e5, 1)}[metric]
    configs = [("adam", width, lr) for width in (8, 16, 32) for lr in (0.001, 0.01)] + [("sgd", 16, 0.01), ("adamw", 16, 0.01)]
    for i, (opt, width, lr) in enumerate(configs):
        for seed in range(3):
            good = 0.6 + 0.07 * i * (opt == "adam") - 0.3 * (opt == "sgd") + (0.003, -0.001, -0.0021)[(seed + i) % 3]
            score = scale * (good if goal > 0 else 1.3 - good)
            config = {"opt": opt, "width": width, "lr": lr}
            log(tmp_path / "logs", f"r{i:02}-{seed}", run(seed=seed, label=f"c{i}", config=config, metrics={metric: score}))
    sweep = load_sweep(tmp_path / "logs")
    found = findings(sweep, plan(tmp_path / "plan", PLAN.format(metric=metric)))
    return found, journal(found, sweep, Notes(), {})


def texts(picture):
    """The words and numbers of a figure's SVG."""
    root = ET.fromstring(svg(draw(picture), picture.name))
    return [element.text or "" for element in root.iter("{http://www.w3.org/2000/svg}text")]


def figure(page, name):
    pictures = [*page.pictures, *(picture for section in page.sections for picture in section.pictures)]
    return next(picture for picture in pictures if picture.name == name)


def column(table, name):
    return [line.cells[name] for line in table.lines]


def test_the_cells_of_a_heatmap_are_the_numbers_of_the_table(page):
    section = page[1].sections[0]
    drawn = texts(figure(page[1], "grid"))
    scores = [score.removesuffix("%") for score in column(section.results, "score")]
    assert len(scores) == 6
    assert all(score in drawn for score in scores)


def test_the_sizes_of_the_factors_are_those_of_the_table(page):
    picture = figure(page[1], "overall--factors")
    drawn = texts(picture)
    ranges = {}
    for line in page[1].effects.lines:
        ranges.setdefault(line.cells["factor"], re.split(r" [\[(]", line.cells["range"])[0])
    seen = [reach.name for reach in picture.reaches if reach.seen]
    assert "opt" in seen
    assert all(ranges[name] in drawn for name in seen)


def test_what_stands_at_the_edge_of_a_dot_plot_is_the_number_of_the_table(page):
    picture = figure(page[1], "opt")
    at_edge = [re.sub("[◂▸ ]", "", text) for text in texts(picture) if "◂" in text or "▸" in text]
    scores = [score.removesuffix("%") for score in column(page[1].sections[1].results, "score")]
    assert all(number in scores for number in at_edge)
    assert all(end(scores, key=float) in picture.alt for end in (min, max))
