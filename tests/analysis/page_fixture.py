"""A journal written by hand, to lay out: two groups that tell something, one that is empty, and as many runs as are asked for."""

import math
from dataclasses import fields, is_dataclass, replace

from sweepbook.analysis.journal.expectations import Expectation
from sweepbook.analysis.journal.insights import Insight
from sweepbook.analysis.journal.journal import Journal
from sweepbook.analysis.journal.method import Method, Observation
from sweepbook.analysis.journal.notes.notes import GroupNotes, Notes
from sweepbook.analysis.journal.questions.answer import Answer
from sweepbook.analysis.journal.recipes import Recipe
from sweepbook.analysis.journal.section import Section
from sweepbook.analysis.page.picture import Picture
from sweepbook.analysis.page.table import Cells, Column, Line, Scale, Table
from sweepbook.analysis.predictions.verdict import SAID, SIGN

# As matplotlib writes them: its own style, its colours, a text without a colour, and one in a heatmap's cell.
DRAWN = """<?xml version="1.0" encoding="utf-8" standalone="no"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg xmlns:xlink="http://www.w3.org/1999/xlink" width="504pt" height="180pt" viewBox="0 0 504 180" \
xmlns="http://www.w3.org/2000/svg" version="1.1">
 <defs>
  <style type="text/css">*{stroke-linejoin: round; stroke-linecap: butt}</style>
 </defs>
 <g id="NAME-figure_1">
  <path d="M 0 180 L 504 180 L 504 0 L 0 0 z" style="fill: #fdfcf9"/>
  <path d="M 60 20 L 60 140 L 480 140" style="fill: none; stroke: #5b6470; stroke-width: 0.8"/>
  <path d="M 60 60 L 480 60" style="fill: none; stroke: #e6e2d8; stroke-width: 0.8"/>
  <path d="M 90 120 L 180 80 L 270 70 L 360 40 L 450 36" style="fill: none; stroke: #0b6e6e; stroke-width: 1.5"/>
  <path d="M 470 90 L 470 130" style="fill: none; stroke: #b45309"/>
  <text style="font-size: 10px; font-family: 'DejaVu Sans'; text-anchor: middle" x="270" y="160">batch size</text>
  <text style="font-size: 10px; font-family: 'DejaVu Sans'; text-anchor: end; fill: #1d2329" x="54" y="64">80</text>
  <rect x="90" y="100" width="60" height="24" style="fill: #a5cd90"/>
  <text style="font-size: 10px; font-family: 'DejaVu Sans'; text-anchor: middle; fill: #262626" x="120" y="116">79.0</text>
 </g>
</svg>
"""

SCALE = Scale("60 to 90%", 0.15, "Two configurations with 3 runs each are told apart from 4.6 points on, one pair at a time.")
SCORES = (Column("runs"), Column("validation accuracy"), Column("95% interval"), Column("gap"))
COSTS = (Column("examples seen"), Column("time a run"))
CURVES = "validation loss by epoch"
CHECKS = ("word", "where", "finds", "code")
FIRED = (
    ("too short to overfit", "the study", "Fewer than 2 passes.", "SB107"),
    ("something else moved", "Batch size", "Examples seen change too.", "SB101"),
)
RECIPE = '[baseline]\nbatch_size = 64\noptimizer = "Adam"\n'
# In the order of the levels they are neither sorted by accuracy nor by time nor by gap.
ROWS = (
    (4, "73.8%", "[68.9, 78.7]", "-0.050", "2,000", "42 s", (0.29, 0.46, 0.62), (1, 0.6, 0.4, 0.31)),
    (8, "70.5%", "one run", "+0.008", "4,000", "0.8 s", (None, -0.1, None), (0.9, 0.6, 0.4, 0.3)),
    (16, "77.2%", "[72.3, 82.1]", "+0.054", "8,000", "3 min 10 s", (0.41, 0.57, 0.73), (0.8, 0.5, 0.3, 0.2)),
    (32, "–", "–", "–", "–", "–", None, ()),
    (64, "82.9%", "[81.6, 84.2]", "-0.005", "32,000", "1 h 5 min", (0.72, 0.76, 0.8), (0.7, 0.4, 0.2, 0.1)),
    (128, "84.4%", "one run", "0.000", "64,000", "59 s", (None, 0.81, None), (0.6, 0.3, 0.1, 0)),
)


def picture(name):
    words = ("batch size", None, "validation accuracy, %", "Line plot: it rises from 70.5% to 84.4%.", f"Accuracy by size, {name}.")
    return Picture(name, "line", (), *words)


def results():
    lines = []
    for size, score, interval, gap, seen, time, span, curve in ROWS:
        cells = (str(size), "3" if score != "–" else "0", score, interval, gap, seen, time)
        links = ((1, f"run-log-{size % 5}"),) if score != "–" else ()
        lines.append(Line(cells, size == 128, f"config-{size}", links, span, curve))
    return Table((Column("batch size"), *SCORES, *COSTS), tuple(lines), SCALE, CURVES)


def names():
    """A table with a filter, of text and numbers."""
    lines = []
    for i in range(12):
        low, mean, high = i / 14, i / 14 + 0.1, i / 14 + 0.2
        cells = (str(i + 1), f"units_{2**i}", f"first-layer units {2**i}", "3", f"{89 - i}.0%", f"[{88 - i}.0, {90 - i}.0]")
        row = Cells(dict(zip(("best", "configuration", "changed", "runs", "score", "interval"), cells, strict=True)))
        lines.append(Line(row, i == 0, f"rank-{i}", ((1, f"config-{(4, 8, 16, 32, 64, 128)[i % 6]}"),), (low, mean, high), ()))
    words = (Column("could be the best"), Column("configuration", False), Column("changed from the baseline", False))
    return Table((*words, *SCORES[:3]), tuple(lines), SCALE)


def runs(count):
    """A row a run; their losses are a mix of the whole range, and the best of them is far down."""
    lines = []
    for i in range(count):
        loss = (i * 7919) % count / count
        began = f"{i % 28 + 1} {('January', 'February', 'March')[i % 3]} 2026, {i % 24:02}:{i % 60:02} UTC"
        ended = "diverged" if i == 4 else "finished"
        cells = (
            f"config_{i // 3}",
            str(i % 3),
            ended,
            f"{100 - 60 * loss:.1f}%",
            f"{loss:.4f}",
            f"{1 + i % 3}.2 s",
            began,
            f"log-{i}",
        )
        lines.append(Line(cells, False, f"run-log-{i}", ((0, f"config-{(4, 8, 16, 32, 64, 128)[i % 6]}"),)))
    words = {"configuration", "status", "began", "log"}
    heads = ("configuration", "seed", "status", "validation accuracy", "validation loss", "time", "began", "log")
    return Table(tuple(Column(head, head not in words) for head in heads), tuple(lines))


def expectation(says, verdict, found, settles=""):
    return Expectation(
        says, "ahead", found, verdict, SIGN[verdict], SAID[verdict], settles, f"{SAID[verdict].capitalize()}: {found}."
    )


def method():
    tiers = (Column("tier"), Column("letters", False), Column("configuration", False))
    return Method(
        tests=(("Could be the best", "2 of 6."), ("Steps", "4 to 8 -3.3 points (-6.0 to -0.6).")),
        brief=(("Could be the best", "2 of 6."),),
        runs=(("Labels", "batch_size_4 to batch_size_128 (6)"),),
        checks=(("SB101", "batch_size: examples seen move with it, 32 times."), ("SB105", "Compared at one learning rate.")),
        standings=Table(tiers, (Line(("1", "a", "batch_size_128")), Line(("2", "b", "batch_size_4")))),
        observations=tuple(Observation(f"batch_size_{row[0]}", "3 runs of 1 s.", f"config-{row[0]}") for row in ROWS),
    )


def section():
    return Section(
        name="batch_size",
        title="Which batch size is best?",
        conclusion=("A larger batch size helps: 128 is best so far, 84.4%; 64 could be as good.", "64 is the cheapest."),
        plan=(("Hypothesis", "Batches of 32 to 64 are best."), ("Varied", "batch size 4, 8, 16, 32, 64, 128")),
        background=(("Reasoning", "Few examples give a noisy gradient."), ("Fixed", "epochs 5")),
        pictures=(picture("batch_size"), picture("batch_size--left-out")),
        results=results(),
        grid=None,
        trends=Table((), ()),
        among="Of the 2 that could be the best in this group, 1 could be so in the whole study.",
        predictions=(
            expectation("32 or 64 is best", "cannot tell", "82.9% against 84.4%: -1.5 points", "7 more seeds each"),
            expectation("8 is worse", "confirmed", "-12.4 points (-15.1 to -9.7)"),
            expectation("4 is best", "refuted", "73.8% against 84.4%: -10.6 points"),
        ),
        observed="",
        observations=(("Unstable", "batch size 4 (1 of 3 runs)."), ("Stopped while still improving", "5 of 18 runs.")),
        insights=(
            Insight("up", "Better: 16 to 64 (+5.7 points)."),
            Insight("down", "Worse: 4 to 8 (-3.3 points)."),
            Insight("open", "No visible difference: 64 to 128, 8 to 16 (up to 6.7 points could hide)."),
        ),
        patterns=("Every configuration with batch size 4 is behind: 8.1 points worse than the other levels on average.",),
        next_steps=("Try a larger batch size than 128.", "7 more seeds each would settle 128 against 64."),
        method=method(),
        notes=GroupNotes(
            "I *watched* them.", "The examples seen move with it.", "64 it is.", "1. Halve the steps.\n2. Look again."
        ),
    )


def journal(count=9, **changes):
    """The journal, with `count` runs; `changes` are fields of it."""
    first = section()
    second = replace(
        first,
        name="units",
        title="How wide should the layers be?",
        method=replace(first.method, observations=tuple(Observation(f"units_{2**i}", "3 runs, no anchor.") for i in range(7))),
        pictures=(picture("units"),),
        results=replace(names(), lines=tuple(replace(line, anchor="") for line in names().lines)),
        insights=first.insights[2:],
        notes=GroupNotes(),
    )
    nothing = {field.name: () for field in fields(Section)} | {
        "observed": "No run of this group has finished.",
        "among": "",
        "grid": None,
    }
    nothing |= {"conclusion": ("No answer yet: no run has finished with a validation accuracy.",)}
    nothing |= {"method": Method((), (), (), (), Table((), ()), ())}
    empty = Section(
        **nothing
        | {"name": "depth", "title": "How deep?", "results": Table((), ()), "trends": Table((), ()), "notes": GroupNotes()}
    )
    made = Journal(
        title="Hyperparameter tuning on a fixture",
        subtitle="What a few runs can and cannot say",
        headline="56 configurations, 61 runs",
        answers=(
            Answer(
                "What should I use?", "Batch size 64.", ("Its accuracy is 1.5 points below the best mean.",), (("all", "ranking"),)
            ),
            Answer(
                "Were you right?", "1 of 3 expectations held.", (), (("4 is best", "group-batch_size"),), "sweepbook run", "Not:"
            ),
        ),
        noise="Runs land ± 1.3 points away with a new seed.",
        sections=(first, second, empty),
        pictures=(picture("overall--ranking"),),
        ranking=names(),
        effects=Table(
            (Column("factor", False), Column("range")), (Line(("batch size", "+15.5 points")), Line(("depth", "+0.9 points")))
        ),
        noises=Table((Column("metric", False), Column("noise")), (Line(("gap", "0.023")), Line(("training loss", "0.011")))),
        tiers=Table((Column("tier"), Column("which", False)), (Line(("1", "units_1")), Line(("2", "units_2")))),
        ranges=Table((Column("setting", False), Column("rank")), (Line(("batch size", "1")), Line(("depth", "2")))),
        noise_besides=("About 60% of this is what a seed does to all configurations alike.",),
        noise_behind=("The share of the seed is 60% (28 to 98).",),
        checks=Table(
            tuple(Column(head, False) for head in CHECKS), tuple(Line(Cells(dict(zip(CHECKS, row, strict=True)))) for row in FIRED)
        ),
        recipes=(Recipe("Recommended", ("batch_size_64 is the cheapest.",), "Copy it.", RECIPE),),
        test=("batch_size_64 scores 83.0%.",),
        totals=("All 61 planned runs have finished.", "They took 1 h 9 min."),
        runs=runs(count),
        troubles=Table(
            tuple(Column(head, False) for head in ("what", "which", "why")),
            (Line(("log not counted", "log-x", "no status")), Line(("log not counted", "log-y", "not TOML"))),
        ),
        future=("Run the two at the top again.",),
        made=(("Made by", "Sweepbook"), ("Commit", "3e2692acaa32e005821093ff8fcfd40d252814c6")),
        notes=Notes("The *noise* comes first.", "That `64` is enough.\n\n| a | b |\n|---|---|\n| 1 | 2 |", "Another data set."),
    )
    return replace(made, **changes)


def nothing():
    """The journal of a study that has a title and no more."""
    empty = {field.name: () for field in fields(Journal)} | dict.fromkeys(("subtitle", "headline", "noise"), "")
    names = ("ranking", "tiers", "effects", "ranges", "noises", "checks", "runs", "troubles")
    tables = dict.fromkeys(names, Table((), ()))
    return Journal(**empty | tables | {"title": "Nothing yet", "notes": Notes()})


def drawn(page):
    """The SVG of each picture but the one that is left out."""
    pictures = [*page.pictures, *(each for section in page.sections for each in section.pictures)]
    return {each.name: DRAWN.replace("NAME", each.name) for each in pictures if not each.name.endswith("--left-out")}


def tainted(value, text, name=""):
    """`value` with `text` after every string in it that is shown, however deep."""
    if name in {"name", "anchor", "links", "see", "verdict", "kind", "span", "curve"}:
        return value
    if isinstance(value, str):
        return f"{value} {text}" if value else value
    if isinstance(value, Cells):
        return Cells(dict(zip(value.names, (tainted(each, text) for each in value), strict=True)))
    if isinstance(value, tuple):
        return tuple(tainted(each, text) for each in value)
    if is_dataclass(value):
        return replace(value, **{field.name: tainted(getattr(value, field.name), text, field.name) for field in fields(value)})
    return value


def hostile(text, count):
    """The journal with `text` in every place where it shows some. Of its runs the first and the last ones have it, those that the
    page holds and those that only its data does; the others are as they were, for they come by the same way."""
    page, plain = tainted(journal(), text), runs(count).lines
    lines = page.runs.lines
    return replace(page, runs=replace(page.runs, lines=(*lines[:5], *plain[len(lines) :], *lines[5:])))


SECONDS = {"h": 3600, "min": 60, "s": 1}


def number_of(text):
    """What a cell's text is worth, for the order that a test expects; the last where there is none."""
    words = text.replace(",", "").replace("%", "").strip("[]").split()
    if len(words) > 1 and words[1] in SECONDS:
        return sum(float(n) * SECONDS[unit] for n, unit in zip(words[::2], words[1::2], strict=True))
    return math.inf if text in ("–", "one run") else float(words[0])
