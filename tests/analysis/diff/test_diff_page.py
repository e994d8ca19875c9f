"""What changed as Markdown and as a page: read as text, and in a browser."""

import json
import os
import re
import runpy
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from sweepbook.analysis.diff import words
from sweepbook.analysis.diff.contents import MOST, SHORT, contents
from sweepbook.analysis.diff.diff import Options, sweep_diff
from sweepbook.analysis.diff.page import html, markdown
from sweepbook.analysis.diff.turned import Turned

pytestmark = pytest.mark.slow

INJECTIONS = runpy.run_path(str(Path(__file__).parents[1] / "injections.py"))["INJECTIONS"]
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
RATES = [0.001 * i for i in range(1, 21)]
NOISE = (-0.004, 0.0, 0.004)


@pytest.fixture
def diff(built):
    """20 configurations, the first of them better by 5 points and the second worse by 4; one removed and one added, and a
    conclusion that turned."""

    def rows(moved, turned, more):
        for i, lr in enumerate([*RATES, more]):
            noise = NOISE[i % 3 :] + NOISE[: i % 3]  # else a seed would move all configurations alike
            yield {"lr": lr}, [0.7 + lr + moved.get(i, 0.0) + turned * off for off in noise]

    old = built("old", *rows({}, 1, 0.03), train_examples=100)
    new = built("new", *rows({0: 0.05, 1: -0.04}, -1, 0.04), train_examples=200)
    silent = Turned("check", "all", "SB101", "silent", "fires", "One | two.")
    return replace(sweep_diff(old, new, Options(metric="valid_accuracy")), turned=(silent,))


@pytest.fixture
def same(built):
    side = built("a", ({}, [0.5, 0.6]), ({"lr": 0.1}, [0.7, 0.8]))
    return sweep_diff(side, side, Options())


@pytest.fixture
def apart(built):
    """Two sweeps without a configuration in common."""
    rows = [({"lr": lr}, [0.5]) for lr in (0.1, 0.2, 0.3, 0.4)]
    return sweep_diff(built("c", *rows[:2]), built("d", *rows[2:]), Options())


def renamed(diff, label):
    """The same with `label` for the first comparison's configuration, and in a conclusion."""
    first, *rest = diff.comparisons
    turned = replace(diff.turned[0], says=label, because=label)
    return replace(diff, comparisons=(replace(first, label=label), *rest), turned=(turned,))


def many(diff, number):
    ones = diff.of(diff.metric)
    return replace(diff, comparisons=tuple(replace(ones[i % len(ones)], label=f"c{i}") for i in range(number)))


def part(text, heading):
    """What stands below a heading of the Markdown."""
    return text.partition(f"### {heading}\n")[2].partition("\n### ")[0]


def folded(text):
    return re.findall(r"<details>\n<summary>[^\n]*</summary>\n\n(.*?)\n\n</details>\n", text, re.DOTALL)


def test_the_first_line_is_the_answer(diff, same, apart):
    for one in (diff, same, apart):
        first = markdown(one).partition("\n")[0]
        assert first.startswith("**")
        assert first.endswith("**")
        assert first.strip("*").replace("\\", "") == words.answer(one)


def test_nothing_changed_is_a_sentence_without_tables(same):
    text = markdown(same)
    assert text.startswith("**Nothing changed")
    assert "|" not in text
    assert "Both sides have the same runs, so there is nothing to compare." in part(text, "Validation accuracy")


def test_what_cannot_be_compared_says_so(apart):
    text = markdown(apart)
    assert text.startswith("**Nothing can be compared")
    assert "No configuration is matched, so it is not known." in part(text, "What changed between the sweeps")


def test_what_is_told_stands_open_and_the_rest_of_a_long_table_is_folded(diff):
    found = part(markdown(diff), "Validation accuracy")
    (rest,) = folded(found)
    before = found.partition("<details>")[0]
    assert [line.split("|")[-2].strip() for line in before.splitlines() if line.startswith("| c")][1:] == ["▲ better", "▼ worse"]
    assert rest.count("? cannot tell") == 18
    assert "<summary>18 more rows</summary>" in found


def test_a_short_table_is_not_folded(diff):
    text = markdown(diff)
    assert "<details>" not in part(text, "Conclusions that turned")
    short = replace(diff, comparisons=diff.of(diff.metric)[:SHORT])
    assert folded(part(markdown(short), "Validation accuracy")) == []


def test_a_long_list_of_what_turned_is_folded_after_the_first(diff):
    text = markdown(replace(diff, turned=tuple(replace(diff.turned[0], says=f"claim {i}") for i in range(SHORT + 8))))
    (rest,) = folded(part(text, "Conclusions that turned"))
    assert f"claim {SHORT} " in rest
    assert "claim 0 " not in rest


def test_very_many_rows_are_left_out_with_a_word_on_where_they_are(diff):
    text = markdown(many(diff, 3000))
    assert f"{3000 - MOST:,} more rows are left out here; `--format json` has them all." in text
    assert len(text) < 65_536


def test_folded_tables_have_blank_lines_around_them_and_the_tags_are_closed(diff):
    text = markdown(diff)
    assert text.count("<details>") == text.count("</details>") == len(folded(text))
    assert "\n\n\n" not in text
    assert text.endswith("\n")


def test_marks_in_names_are_escaped(diff):
    text = markdown(renamed(diff, "a|b *c* <b>"))
    rows = [line for line in text.splitlines() if "a\\|b" in line]
    assert len(rows) == 2
    assert all("\\*c\\* \\<b>" in row for row in rows)


def test_every_part_of_the_issue_stands_in_the_markdown(diff):
    text = markdown(diff)
    headings = re.findall("^### (.*)$", text, re.MULTILINE)
    metrics = ["Validation accuracy", "Training loss", "Validation loss"]
    first = ["What changed between the sweeps", "Over all configurations", "Conclusions that turned"]
    assert [name for name in headings if name in first] == first
    assert sorted(name for name in headings if name in metrics) == sorted(metrics)
    assert headings[-1] == "Added, removed, not comparable"
    assert "training examples: 100 → 200 everywhere" in part(text, "What changed between the sweeps")
    for name in ("**Added**", "**Removed**"):
        assert name in part(text, "Added, removed, not comparable")


def test_the_page_has_the_answer_the_figures_and_every_part(diff):
    text = html(diff)
    page = contents(diff)
    assert text.startswith("<!doctype html>\n<html")
    assert text.index(page.answer) < text.index("<h2")
    assert [picture.kind for picture in page.pictures] == ["scatter", "forest"]
    assert text.count("<figure>") == 2
    ids = re.findall(r'<h2 id="([^"]*)"', text)
    assert ids == ["changed", "overall", "turned", "metric-1", "metric-2", "metric-3", "cost", "unmatched", "method"]
    assert "src=" not in text


def test_an_empty_part_of_the_page_is_a_sentence(same, apart):
    for one in (same, apart):
        text = html(one)
        sections = re.findall(r'<section aria-labelledby="([^"]*)">(.*?)</section>', text, re.DOTALL)
        assert all("<p" in body or "<li" in body or "<td" in body for _, body in sections)
        assert "<figure>" not in text


def test_names_are_text_in_the_page(diff):
    text = html(renamed(diff, "<script>alert(1)</script>"))
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_a_page_of_ten_thousand_comparisons_stays_small(diff):
    text = html(many(diff, 10_000))
    assert len(text) < 3_000_000
    assert "The first 100 of 10,000; sweepbook diff --format json has them all." in text


@pytest.fixture
def opened(browser, tmp_path):
    """Opens a page from a file. When the test ends, it must have said nothing and asked for nothing."""
    heard, opened = [], []

    def open_page(diff, viewport=WIDE, **options):
        path = tmp_path / "diff.html"
        path.write_text(html(diff))
        opened.append(browser.new_context(viewport=viewport, **options))
        page = opened[-1].new_page()
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("request", lambda request: None if request.url.startswith((path.as_uri(), "data:")) else heard.append(request.url))
        page.goto(path.as_uri())
        return page

    yield open_page
    for context in opened:
        context.close()
    assert heard == []


@pytest.fixture(scope="module")
def tools():
    """The folder that axe-core and vnu-jar lie in; test_page.py says how it is filled."""
    folder = os.environ.get("SWEEPBOOK_WEB_TOOLS")
    if not folder:
        pytest.skip("SWEEPBOOK_WEB_TOOLS does not name a folder with axe-core and vnu-jar")
    return Path(folder) / "node_modules"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_page_is_accessible(opened, tools, diff, scheme, viewport):
    page = opened(diff, viewport, color_scheme=scheme)
    page.evaluate("document.querySelectorAll('main details').forEach(each => { each.open = true })")
    page.evaluate((tools / "axe-core" / "axe.min.js").read_text())
    found = page.evaluate("axe.run()")
    assert [(v["id"], [node["html"] for node in v["nodes"]]) for v in found["violations"]] == []


def test_the_page_is_valid(tools, diff, same, apart, tmp_path):
    jar = tools / "vnu-jar" / "build" / "dist" / "vnu.jar"
    if not (jar.exists() and shutil.which("java")):
        pytest.skip("vnu-jar is not there, or no java")
    hostile = renamed(diff, "".join(letter if letter.isprintable() else " " for letter in " ".join(INJECTIONS)))
    for name, one in {"diff": diff, "same": same, "apart": apart, "large": many(diff, 230), "hostile": hostile}.items():
        (tmp_path / f"{name}.html").write_text(html(one))
    command = ["java", "-jar", jar, "--no-langdetect", "--format", "json", *sorted(tmp_path.glob("*.html"))]
    assert json.loads(subprocess.run(command, capture_output=True, text=True).stderr)["messages"] == []


def test_a_phone_shows_the_page_without_scrolling_sideways(opened, diff):
    page = opened(diff, PHONE)
    page.evaluate("document.querySelectorAll('main details').forEach(each => { each.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_every_link_of_the_page_leads_to_a_part(opened, diff):
    page = opened(diff)
    links = page.locator("a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert [link for link in links if page.locator(f"[id='{link[1:]}']").count() != 1] == []


def test_the_comparisons_sort_and_filter_as_in_the_journal(opened, diff):
    block = opened(diff).locator("section[aria-labelledby=metric-1] .table")
    assert block.locator("tbody tr").count() == 20
    block.get_by_label("Filter").fill("better")
    assert block.locator("tbody tr").count() == 1
    block.get_by_label("Filter").fill("")
    block.get_by_role("button", name="difference, points").click()
    assert block.locator("tbody tr td:nth-child(4)").first.inner_text().startswith("-4")


def test_without_scripts_everything_can_be_read(opened, diff):
    page = opened(diff, java_script_enabled=False)
    assert page.locator("section[aria-labelledby=metric-1] tbody tr").count() == 20
    assert page.locator("button, input").count() == 0
    assert page.get_by_role("img").count() == 2


def test_paper_shows_what_is_folded_and_always_in_light(opened, diff, tmp_path):
    page = opened(diff, color_scheme="dark")
    assert page.pdf(path=tmp_path / "diff.pdf", format="A4").startswith(b"%PDF")
    page.emulate_media(media="print", color_scheme="dark")
    assert not page.locator("nav").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.set_viewport_size({"width": 690, "height": 900})  # A4 without its margins
    assert page.evaluate("document.documentElement.scrollWidth") == 690


def test_hostile_names_are_shown_as_text(opened, diff):
    page = opened(renamed(diff, " ".join(text for text in INJECTIONS if text.isprintable())))
    assert page.locator("main :is(img, iframe, form, object, embed, base, style, marquee, video)").count() == 0
    assert page.locator("script").count() == 2
