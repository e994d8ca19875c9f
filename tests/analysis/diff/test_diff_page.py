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
from markupsafe import escape
from sweepbook.analysis.diff import heading, tables, verdict
from sweepbook.analysis.diff.answers import answers
from sweepbook.analysis.diff.contents import MOST, contents
from sweepbook.analysis.diff.diff import Options, sweep_diff
from sweepbook.analysis.diff.page import html, markdown
from sweepbook.analysis.diff.turned import Turned
from sweepbook.analysis.export.record.read import side
from sweepbook.runner.values import level_text

pytestmark = pytest.mark.slow

INJECTIONS = runpy.run_path(str(Path(__file__).parents[1] / "injections.py"))["INJECTIONS"]
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
RATES = [0.001 * i for i in range(1, 21)]
NOISE = (-0.004, 0.0, 0.004)


@pytest.fixture(scope="module")
def built(files_in, tmp_path_factory):
    """The side of a sweep."""
    home = tmp_path_factory.mktemp("sides")
    return lambda name, *configs, **rest: side(name, *files_in(home, name, *configs, **rest))


@pytest.fixture(scope="module")
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


@pytest.fixture(scope="module")
def same(built):
    one = built("a", ({}, [0.5, 0.6]), ({"lr": 0.1}, [0.7, 0.8]))
    return sweep_diff(one, one, Options())


@pytest.fixture(scope="module")
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


def seen(text):
    """What a comment shows before anything is unfolded."""
    return text.partition("<details>")[0]


def folded(text):
    """What is folded away in the Markdown, by its summary."""
    return dict(re.findall(r"<details>\n<summary>([^\n]*)</summary>\n\n(.*?)\n\n</details>\n", text, re.DOTALL))


def test_the_first_line_is_the_answer(diff, same, apart):
    for one in (diff, same, apart):
        head, under, first = markdown(one).split("\n\n")[:3]
        bold = re.match(r"\*\*(.*?)\*\*", first)
        assert head.replace("\\", "") == f"### {heading.sweeps(one)}"
        assert under == heading.subtitle(one)
        assert bold[1].replace("\\", "") == verdict.answer(one)


def test_the_line_under_the_title_says_once_what_the_brackets_are(diff, same, apart):
    assert markdown(diff).count("brackets: 95% intervals, wider for single configurations") == 1
    assert html(diff).count("brackets: 95% intervals") == 1
    for one in (same, apart):
        assert "brackets" not in markdown(one)


def test_the_title_names_both_studies_or_what_was_compared(diff):
    new = replace(diff.new, study="another")
    assert heading.sweeps(replace(diff, new=new)) == f"{diff.old.study} → another"
    assert (
        heading.sweeps(replace(diff, new=replace(diff.new, study=diff.old.study, name="new"), old=replace(diff.old, name="old")))
        == "old → new"
    )


def test_a_comment_shows_every_answer_and_the_rows_that_moved_most_on_one_screen(diff):
    text = seen(markdown(diff))
    assert [one.says for one in answers(diff) if f"**{one.says}**" not in text.replace("\\", "")] == []
    assert "| hurt most" in text
    assert "| helped most" in text
    assert len(text.splitlines()) <= 45
    assert len(text.encode()) <= 4096


def test_a_comment_of_long_names_and_many_changes_stays_on_one_screen(diff):
    claims = tuple(Turned("prediction", "all", f"A claim of many words, {i}", "confirmed", "cannot tell", "x") for i in range(30))
    worse = tuple(replace(one, verdict="worse") for one in many(diff, 100).comparisons)
    text = seen(markdown(replace(diff, comparisons=worse, turned=claims, concluded={"prediction": 43})))
    assert text.count("A claim of many words") == 2 + 8
    assert "and 22 more" in text
    assert sum(line.startswith("| c") for line in text.splitlines()) == 5  # of those hurt most
    assert len(text.splitlines()) <= 45


def test_nothing_changed_is_a_sentence_without_tables(same):
    text = markdown(same)
    assert "\n\n**Nothing changed" in seen(text)
    assert "| hurt" not in text
    assert "Both sides have the same runs, so there is nothing to compare." in folded(text)["Validation accuracy"]


def test_what_cannot_be_compared_says_so(apart):
    text = markdown(apart)
    assert "\n\n**Nothing can be compared" in seen(text)
    assert "No configuration is matched, so it is not known." in html(apart)


def test_every_row_is_folded_with_its_sign_and_what_is_better_or_worse_first(diff):
    found = folded(markdown(diff))["Validation accuracy"]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in found.splitlines() if line.startswith("|")]
    head, rule, *rest = rows
    verdicts = [row[head.index("verdict")].partition(":")[0] for row in rest]
    assert verdicts == ["▲ better", "▼ worse", *["? cannot tell yet"] * 18]
    assert rule[0].startswith("---")


def test_a_row_says_what_it_is_and_why_it_cannot_be_told_though_it_moved_as_far(diff):
    compared = diff.of(diff.metric)
    least = min(abs(one.change.estimate) for one in compared if one.verdict in ("better", "worse"))
    wide = replace(compared[5].change, estimate=-2 * least, low=-5 * least, high=least)
    odd = replace(compared[5], change=wide, more=3)
    table = tables.comparisons(replace(diff, comparisons=(*compared[:5], odd, *compared[6:])), diff.metric)
    heads = [column.head for column in table.columns]
    cells = {line.cells[0]: dict(zip(heads, line.cells, strict=True)) for line in table.lines}
    assert cells[odd.label]["verdict"] == "cannot tell yet: its runs scatter more"
    assert cells[odd.label]["what it is"] == f"learning rate {level_text(odd.pair[1].config['lr'])}"
    assert [label for label, row in cells.items() if "scatter more" in row["verdict"]] == [odd.label]
    assert cells[odd.label]["more seeds"] == "3"
    assert cells[compared[0].label]["more seeds"] == "–"  # it has a verdict


def test_an_expectation_that_held_and_does_not_now_stands_in_the_open_and_its_reason_is_folded(diff):
    lost = Turned("prediction", "all", "Faster is better", "confirmed", "refuted as run", "c1: 70% to 60% (worse)")
    text = markdown(replace(diff, turned=(lost,), concluded={"prediction": 3}))
    assert re.search(r"\| Faster is better \(does not hold now\) +\| all +\|", seen(text))
    assert "1 of 3 expectations changed: 1 held → did not hold." in seen(text)
    assert "c1: 70% to 60% (worse)" not in seen(text)
    assert "✓ held" in folded(text)["Expectations that changed: 1"]


def test_very_many_rows_are_left_out_with_a_word_on_where_they_are(diff):
    text = markdown(many(diff, 3000))
    assert f"{3000 - MOST:,} more rows are left out here; `--format json` has them all." in text
    assert len(text) < 65_536


def test_folded_tables_have_blank_lines_around_them_and_the_tags_are_closed(diff):
    text = markdown(diff)
    assert text.count("<details>") == text.count("</details>") == len(folded(text)) > 3
    assert "\n\n\n" not in text
    assert text.endswith("\n")


def test_marks_in_names_are_escaped(diff):
    text = markdown(renamed(diff, "a|b *c* <b>"))
    rows = [line for line in text.splitlines() if line.startswith("|") and "a\\|b" in line]
    assert len(rows) == 3  # hurt or helped most, the conclusion, the row
    assert all("\\*c\\* \\<b>" in row for row in rows)


def test_every_part_stands_in_the_markdown(diff):
    text = markdown(diff)
    metrics = ["Validation accuracy", "Training loss", "Validation loss"]
    names = list(folded(text))
    assert sorted(name for name in names if name in metrics) == sorted(metrics)
    assert names[0] == "Other conclusions that changed: 1"
    assert names[-2:] == ["Added, removed, not comparable", "How we know"]
    assert "Training examples 100 → 200 everywhere." in seen(text)
    for name in ("**Added**", "**Removed**"):
        assert name in folded(text)["Added, removed, not comparable"]


def test_the_page_has_the_answer_the_figures_and_every_part(diff):
    text = html(diff)
    page = contents(diff)
    assert text.startswith("<!doctype html>\n<html")
    assert all(text.index(str(escape(one.says))) < text.index("<h2") for one in page.answers)
    assert [picture.kind for picture in page.pictures] == ["scatter", "forest"]
    assert text.count("<figure>") == 2
    ids = re.findall(r'<h2 id="([^"]*)"', text)
    metrics = ["metric-1", "metric-2", "metric-3"]
    assert ids == ["changed", "most", "recommended", "expectations", "others", *metrics, "cost", "unmatched", "known"]
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
    assert block.locator("tbody tr td:nth-child(5)").first.inner_text().startswith("-4")


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
