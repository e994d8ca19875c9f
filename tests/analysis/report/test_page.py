"""journal.html as its readers meet it: in a browser, from a file, in light and dark, narrow, on paper and without scripts.

SWEEPBOOK_WEB_TOOLS names a folder with axe-core and vnu-jar in its node_modules, SWEEPBOOK_SCREENSHOTS one for the screenshots.
"""

import json
import os
import runpy
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest
from sweepbook.analysis.page.render import inline_svg, render

pytestmark = pytest.mark.slow

api = pytest.importorskip("playwright.sync_api")
made = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "page_fixture.py")))
INJECTIONS = runpy.run_path(str(Path(__file__).parents[1] / "injections.py"))["INJECTIONS"]
TOOLS = ("axe-core@4.14.1", "vnu-jar@26.9.27")
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}


@pytest.fixture
def opened(browser, tmp_path):
    """Opens a journal from a file. When the test ends, the page must have said nothing and asked for nothing."""
    heard, contexts = [], []

    def open_page(journal=None, place="", viewport=WIDE, **options):
        path = tmp_path / "journal.html"
        path.write_text(page_of(journal or made.journal()))
        contexts.append(browser.new_context(viewport=viewport, **options))
        page = contexts[-1].new_page()
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("dialog", lambda dialog: heard.append(dialog.message))
        page.on("request", lambda request: None if request.url.startswith((path.as_uri(), "data:")) else heard.append(request.url))
        page.goto(path.as_uri() + place)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert heard == []


@pytest.fixture(scope="session")
def tools(request):
    """The folder that axe-core and vnu-jar lie in."""
    if folder := os.environ.get("SWEEPBOOK_WEB_TOOLS"):
        return Path(folder) / "node_modules"
    if not (shutil.which("npm") and shutil.which("java")):
        pytest.skip("axe-core and vnu-jar need npm and java")
    filelock = pytest.importorskip("filelock")
    home = request.config.cache.mkdir("web")
    with filelock.FileLock(home / "lock"):
        if not all((home / "node_modules" / tool.partition("@")[0] / "package.json").exists() for tool in TOOLS):
            asked = subprocess.run(["npm", "install", "--prefix", home, *TOOLS], capture_output=True, text=True)
            if asked.returncode:
                pytest.skip(f"axe-core and vnu-jar could not be installed: {asked.stderr[-300:]}")
    return home / "node_modules"


def page_of(journal):
    return render("journal.html.j2", {"journal": journal, "pictures": made.drawn(journal)})


def unfold(page):
    """Opens what is folded."""
    page.evaluate("document.querySelectorAll('main details').forEach(folded => { folded.open = true })")


def table(page, heading):
    """The first table under a heading, unfolded where it is folded."""
    section = page.locator(f"section[aria-labelledby='{heading}']")
    section.locator("details").evaluate_all("all => all.forEach(folded => { folded.open = true })")
    return section.locator(".table").first


def column(block, head):
    """The texts of the column with this head."""
    heads = block.locator("thead th").all_inner_texts()
    return block.locator(f"tbody tr > :nth-child({heads.index(head) + 1})").all_inner_texts()


def sort_by(block, head):
    block.get_by_role("button", name=head, exact=True).click()


def picture_of(page, name, tmp_path, **options):
    folder = Path(os.environ.get("SWEEPBOOK_SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name}.png", **options)
    return folder / f"{name}.png"


def test_the_file_begins_with_its_doctype_and_names_nothing_outside():
    text = page_of(made.journal())
    assert text.startswith("<!doctype html>\n<html")
    assert "src=" not in text
    assert text.count("<link") == 1


def test_the_page_is_valid(tools, tmp_path):
    text = "".join(letter if letter.isprintable() else " " for letter in " ".join(INJECTIONS))
    journals = {
        "small": made.journal(),
        "large": made.journal(count=230),
        "empty": made.nothing(),
        "hostile": made.hostile(text, 110),
    }
    for name, journal in journals.items():
        (tmp_path / f"{name}.html").write_text(page_of(journal))
    jar = tools / "vnu-jar" / "build" / "dist" / "vnu.jar"
    if not jar.exists():
        pytest.skip("vnu-jar was installed without its jar")
    guess = "--no-langdetect"  # which language hostile text is in, it guesses by chance
    command = ["java", "-jar", jar, guess, "--format", "json", *sorted(tmp_path.glob("*.html"))]
    assert json.loads(subprocess.run(command, capture_output=True, text=True).stderr)["messages"] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_page_is_accessible(opened, tools, scheme, viewport):
    page = opened(made.journal(count=230), viewport=viewport, color_scheme=scheme)
    unfold(page)
    # Each row of a table is as the others; axe-core takes most of its time for them.
    page.evaluate("document.querySelectorAll('tbody').forEach(body => [...body.rows].slice(10).forEach(row => row.remove()))")
    page.evaluate((tools / "axe-core" / "axe.min.js").read_text())
    found = page.evaluate("axe.run()")
    assert [(v["id"], [node["html"] for node in v["nodes"]]) for v in found["violations"]] == []


def test_a_phone_shows_the_page_without_scrolling_sideways(opened):
    page = opened(viewport=PHONE)
    unfold(page)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    for block in page.locator(".wide").all():
        assert block.bounding_box()["width"] <= PHONE["width"]


def test_every_link_of_the_page_leads_to_an_element(opened):
    page = opened()
    links = page.locator("a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert all(link.startswith("#") for link in links)
    assert [link for link in links if page.locator(f"[id='{link[1:]}']").count() != 1] == []


@pytest.mark.parametrize("head", ["batch size", "validation accuracy", "gap", "examples seen", "time a run", "95% interval"])
def test_a_column_of_numbers_sorts_by_value_up_and_down_and_back(opened, head):
    block = table(opened(), "group-batch_size")
    before = column(block, head)
    known = sorted((text for text in before if made.number_of(text) != float("inf")), key=made.number_of)
    sort_by(block, head)
    assert column(block, head)[: len(known)] == known
    assert block.locator("[aria-sort=ascending]").inner_text() == head
    sort_by(block, head)
    assert column(block, head)[: len(known)] == known[::-1]
    assert block.locator("[aria-sort=descending]").inner_text() == head
    sort_by(block, head)
    assert column(block, head) == before
    assert block.locator("[aria-sort]").count() == 0


def test_a_column_of_text_sorts_naturally_and_one_of_dates_by_date(opened):
    page = opened()
    ranking, runs = table(page, "ranking"), table(page, "runs")
    sort_by(ranking, "configuration")
    assert column(ranking, "configuration")[:3] == ["units_1", "units_2", "units_4"]
    sort_by(ranking, "configuration")
    assert column(ranking, "configuration")[0] == "units_2048"
    sort_by(runs, "began")
    assert [text.split(" ")[1] for text in column(runs, "began")] == ["January"] * 3 + ["February"] * 3 + ["March"] * 3


def test_a_filter_keeps_the_rows_with_all_its_words_and_says_how_many(opened):
    block = table(opened(), "ranking")
    block.get_by_label("Filter").fill("85.0% UNITS_1")
    assert column(block, "could be the best") == ["5"]
    block.get_by_label("Filter").fill("units 1024")
    assert column(block, "could be the best") == ["11"]
    assert block.get_by_role("status").inner_text() == "1 of 12 rows match"
    block.get_by_label("Filter").fill("")
    assert block.locator("tbody tr").count() == 12
    assert block.get_by_role("status").inner_text() == "12 rows"


def test_a_large_table_opens_with_100_rows_and_sorts_over_all(opened):
    page = opened(made.journal(count=3000))
    block = table(page, "runs")
    assert block.locator("tbody tr").count() == 100
    assert block.get_by_role("status").inner_text() == "3,000 rows, 1 to 100 shown"
    sort_by(block, "validation loss")
    assert block.locator("tbody tr").count() == 100
    losses = [float(text) for text in column(block, "validation loss")]
    assert losses == sorted(losses)
    assert losses[-1] == pytest.approx(99 / 3000, abs=1e-4)
    block.get_by_role("button", name="Show 100 more").click()
    assert block.locator("tbody tr").count() == 200
    assert block.get_by_role("status").inner_text() == "3,000 rows, 1 to 200 shown"
    block.get_by_label("Filter").fill("log-2999")
    assert column(block, "log") == ["log-2999"]
    assert block.locator("tbody a").get_attribute("href") == "#config-128"
    assert not block.get_by_role("button", name="Show 100 more").is_visible()


def test_a_link_to_a_row_that_is_not_in_the_page_brings_it_there(opened):
    page = opened(made.journal(count=3000), "#run-log-1750")
    row, status = page.locator("#run-log-1750"), table(page, "runs").get_by_role("status")
    api.expect(row).to_be_in_viewport()
    assert status.inner_text() == "3,000 rows, 1,701 to 1,800 shown"
    table(page, "runs").get_by_role("button", name="Show 100 before").click()
    assert status.inner_text() == "3,000 rows, 1,601 to 1,800 shown"
    table(page, "runs").get_by_label("Filter").fill("log-17")
    page.evaluate("location.hash = '#run-log-2999'")
    api.expect(page.locator("#run-log-2999")).to_be_in_viewport()
    page.evaluate("location.hash = '#%zz'")


def test_a_study_of_ten_thousand_runs_stays_small_and_quick(opened):
    journal = made.journal(count=10_000)
    assert len(page_of(journal)) < 3_000_000
    block = table(opened(journal), "runs")
    timed = "head => { const begun = performance.now(); head.click(); return performance.now() - begun }"
    spent = block.locator("thead button").first.evaluate(timed)
    assert spent < 1500  # about 150 ms alone on a small machine


def test_graphics_are_drawn_for_rows_that_have_them(opened):
    block = table(opened(), "group-batch_size")
    assert block.locator("td.span svg").count() == 5
    assert block.locator("td.span circle").count() == 4  # the mean that is off the scale has an arrow
    assert block.locator("td.curve svg").count() == 5
    assert block.locator("thead .span .ruler").get_attribute("title") == made.SCALE.told
    assert block.locator("thead th").nth(4).inner_text() == made.SCALE.words
    assert block.locator("thead button").count() == 7


def test_the_contents_follow_the_reading(opened):
    page = opened()
    current = page.locator("nav [aria-current]")
    api.expect(current).to_have_text("Overview")
    page.locator("#group-units").evaluate("heading => heading.scrollIntoView()")
    api.expect(current).to_contain_text("How wide should the layers be?")
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    api.expect(current).to_have_text("How this page was made")
    page.locator("nav a", has_text="Test score").click()
    api.expect(current).to_have_text("Test score")
    page.evaluate("scrollTo(0, 0)")
    api.expect(current).to_have_text("Overview")


def test_the_contents_count_what_each_group_tells(opened):
    links = opened().locator("nav a").all_inner_texts()
    assert [" ".join(link.split()) for link in links][1:4] == [
        "Which batch size is best? ✓ ✗ ?",
        "How wide should the layers be? ✓ ✗ ?",
        "How deep?",
    ]
    assert "What went wrong 2" in [" ".join(link.split()) for link in links]


def test_on_a_phone_the_contents_unfold_and_fold_again_behind_a_link(opened):
    page = opened(viewport=PHONE)
    link = page.locator("nav a", has_text="All configurations")
    assert not link.is_visible()
    page.locator("nav summary").click()
    link.click()
    assert not link.is_visible()
    api.expect(page.locator("#ranking")).to_be_in_viewport()


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_every_control_is_reached_by_the_keyboard(opened, viewport):
    page = opened(made.journal(count=110), viewport=viewport)
    controls = page.evaluate(
        "() => [...document.querySelectorAll('a, button, input, summary, [tabindex=\"0\"]')]"
        ".filter(e => e.checkVisibility({visibilityProperty: true})).map((e, i) => e.dataset.stop = i + 1)"
    )
    reached = []
    for _ in range(len(controls) + 20):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("Number(document.activeElement.dataset.stop ?? 0)"))
    assert set(controls) - set(reached) == set()
    first = [stop for stop in dict.fromkeys(reached) if stop]
    assert sum(b < a for a, b in pairwise(first)) == 0  # in the order of the page


def test_the_skip_link_comes_first_and_leads_to_the_journal(opened):
    page = opened()
    page.keyboard.press("Tab")
    api.expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_a_row_is_copied_as_its_values_alone(opened):
    page = opened()
    sort_by(table(page, "group-batch_size"), "batch size")
    page.evaluate("document.body.append(document.createElement('textarea'))")
    select = "row => { getSelection().selectAllChildren(row); document.execCommand('copy') }"
    heads = [head.head for head in made.results().columns]
    for rows, copied in (("thead tr", heads), ("#config-128", made.results().lines[5].cells)):
        table(page, "group-batch_size").locator(rows).evaluate(select)
        page.locator("textarea").fill("")
        page.locator("textarea").focus()
        page.keyboard.press("Control+V")
        text = page.locator("textarea").input_value()
        assert [cell.strip() for cell in text.split("\t") if cell.strip()] == list(copied)


def test_a_table_and_a_recipe_are_copied_by_their_buttons(opened):
    page = opened(made.journal(count=230))
    page.evaluate("document.body.append(document.createElement('textarea'))")
    copied = []
    whole = table(page, "runs").get_by_role("button", name="Copy table")
    for button in (whole, page.get_by_role("button", name="Copy", exact=True)):
        button.click()
        api.expect(page.get_by_role("button", name="Copied").last).to_be_visible()
        page.locator("textarea").fill("")
        page.locator("textarea").focus()
        page.keyboard.press("Control+V")
        copied.append(page.locator("textarea").input_value())
    lines = [line.split("\t") for line in copied[0].splitlines()]
    assert lines == [[c.head for c in made.runs(230).columns], *(list(line.cells) for line in made.runs(230).lines)]
    assert copied[1] == made.journal().recipes[0].toml


def test_the_colours_follow_the_system_until_the_reader_chooses(opened):
    page = opened(color_scheme="dark")
    paper = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(paper)
    page.get_by_role("button", name="Colours: auto").click()
    light = page.evaluate(paper)
    assert light != dark
    page.reload()
    assert page.evaluate(paper) == light
    page.get_by_role("button", name="Colours: light").click()
    assert page.evaluate(paper) == dark


def test_a_figure_takes_the_colours_of_the_page_and_keeps_those_of_its_cells(opened):
    page = opened(color_scheme="dark")
    colour = "e => getComputedStyle(e).fill"
    svg = page.get_by_role("img", name="Line plot: it rises from 70.5% to 84.4%.").first
    ink = page.evaluate("getComputedStyle(document.body).color")
    assert [text.evaluate(colour) for text in svg.locator("text").all()] == [ink, ink, "rgb(38, 38, 38)"]
    assert svg.locator("path").first.evaluate(colour) == "rgb(27, 32, 38)"
    assert "style type" not in svg.inner_html()


def test_a_colour_in_the_words_of_a_figure_stays_a_word():
    svg = '<svg><use xlink:href="#000000-a"/><text style="fill: #000000">fill: #1d2329</text><path fill="#0b6e6e"/></svg>'
    assert inline_svg(svg, "x") == (
        '<svg role="img" aria-label="x"><use xlink:href="#000000-a"/><text style="fill: var(--ink)">fill: #1d2329</text>'
        '<path fill="var(--accent)"/></svg>'
    )


def test_paper_shows_everything_but_the_contents_and_always_in_light(opened, tmp_path):
    page = opened(color_scheme="dark")
    assert page.pdf(path=tmp_path / "journal.pdf", format="A4").startswith(b"%PDF")
    page.emulate_media(media="print", color_scheme="dark")
    for gone in ("nav", ".skip", ".tools", ".recipe button"):
        assert not page.locator(gone).first.is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.get_by_text("The share of the seed is 60%").first.is_visible()
    page.set_viewport_size({"width": 690, "height": 900})  # A4 without its margins
    assert page.evaluate("document.documentElement.scrollWidth") == 690


def test_without_scripts_everything_can_be_read(opened):
    page = opened(made.journal(count=230), java_script_enabled=False)
    page.get_by_text("230 runs, one by one").click()
    assert page.get_by_text("The first 100 of 230; runs.csv has them all.").is_visible()
    assert page.locator("section[aria-labelledby=runs] tbody tr").count() == 100
    assert page.locator("button, input").count() == 0
    assert not page.locator(".graphic").first.is_visible()
    assert page.locator("nav a").last.is_visible()
    for words in (made.SCALE.told, "The noise comes first.", "batch_size = 64"):
        assert page.get_by_text(words).first.is_visible()


def test_the_page_tells_its_parts_in_the_order_of_reading(opened):
    page = opened()
    heads = page.locator("h2, section[aria-labelledby=group-batch_size] h3").all_inner_texts()
    heads = [head.partition(" EXPLORATORY")[0].partition(" exploratory")[0] for head in heads]
    parts = ["EXPECTED AND FOUND", "WHAT STOOD OUT IN TRAINING", "PATTERNS IN THE GRID", "WHAT DIFFERS", "NEXT"]
    groups = ["Which batch size is best?", *parts, "How wide should the layers be?", "How deep?"]
    ends = ["All configurations", "What mattered", "How far seeds scatter", "Settings to run again", "Test score"]
    last = ["What went wrong", "All runs", "Checks", "Totals", "What I learned", "Future experiments", "Glossary"]
    assert heads == [*groups, *ends, *last, "How this page was made"]
    badges = page.locator("section[aria-labelledby=group-batch_size] .badge").all_inner_texts()
    assert badges == ["? open", "✓ held", "✗ did not hold", "▲", "▼", "?"]
    assert page.locator("section[aria-labelledby=group-batch_size] .answer").inner_text().startswith("A larger batch size helps")
    assert page.get_by_text("Accuracy by size, batch_size--left-out.").is_visible()
    assert page.locator("figure").count() == 3
    assert page.locator(".note").count() == 7
    behind = page.locator("section[aria-labelledby=group-batch_size] .how")
    assert not behind.get_by_text("Compared at one learning rate.").is_visible()
    behind.locator("summary").click()
    assert behind.get_by_text("Compared at one learning rate.").is_visible()


def test_an_empty_part_is_a_sentence(opened):
    page = opened(made.nothing())
    sections = page.locator("main > section").all()
    assert len(sections) == 13
    assert all(section.locator("p, dd").count() for section in sections)
    assert page.get_by_role("heading", name="What I learned").count() == 0


def test_hostile_text_is_shown_as_text(opened):
    text = " ".join(text for text in INJECTIONS if text.isprintable())
    for some in (text, " ".join(INJECTIONS)):
        journal = made.hostile(some, 110)
        page = opened(journal)
        assert page.locator("main :is(img, iframe, form, object, embed, base, style, marquee, video)").count() == 0
        assert page.locator("script").count() == 3
        block = table(page, "runs")
        block.locator("thead button").nth(1).click()
        assert block.locator("tbody tr").count() == 100
        assert page.locator("main :is(img, iframe, form, object, embed, base, style, marquee, video)").count() == 0
        if some == text:
            assert page.locator("h1").text_content() == journal.title
            assert set(block.locator("td:nth-child(3)").all_text_contents()) == {"finished", f"finished {text}", f"diverged {text}"}


def test_screenshots(opened, tmp_path):
    page = opened()
    assert picture_of(page, "top-wide-light", tmp_path).stat().st_size > 10_000
    page = opened(place="#group-batch_size", color_scheme="dark", viewport={"width": 1280, "height": 2600})
    assert picture_of(page, "group-wide-dark", tmp_path).stat().st_size > 10_000
    page = opened(viewport=PHONE)
    assert picture_of(page, "phone", tmp_path, full_page=True).stat().st_size > 10_000


def meant(page):
    """The first word of the glossary in the page, and the box that explains it."""
    return page.locator("a.term[href='#term-seed']").first, page.locator(".meaning")


def test_a_word_of_the_glossary_explains_itself_on_hover_and_focus_until_escape(opened):
    page = opened()
    word, box = meant(page)
    assert not box.is_visible()
    word.hover()
    api.expect(box).to_contain_text("The number that fixes the first weights")
    page.mouse.move(0, 0)
    api.expect(box).to_be_hidden()
    word.focus()
    api.expect(box).to_be_visible()
    assert word.get_attribute("aria-describedby") == box.get_attribute("id")
    page.keyboard.press("Escape")
    api.expect(box).to_be_hidden()
    assert word.get_attribute("aria-describedby") is None
    word.click()
    assert page.url.endswith("#term-seed")


def test_a_word_of_the_glossary_is_explained_by_a_tap_and_within_the_screen(opened):
    page = opened(viewport=PHONE, has_touch=True, is_mobile=True)
    word, box = meant(page)
    word.tap()
    api.expect(box).to_be_visible()
    assert "#" not in page.url
    assert box.bounding_box()["x"] >= 0
    assert box.bounding_box()["x"] + box.bounding_box()["width"] <= PHONE["width"]
    page.locator("h1").tap()
    api.expect(box).to_be_hidden()


def test_without_scripts_a_word_leads_to_the_glossary(opened):
    page = opened(java_script_enabled=False)
    meant(page)[0].click()
    assert page.url.endswith("#term-seed")
    api.expect(page.locator("#term-seed")).to_be_in_viewport()
    linked = page.locator("a.term").evaluate_all("links => links.map(link => link.getAttribute('href').slice(1))")
    assert page.locator(".glossary dt").evaluate_all("terms => terms.map(term => term.id).sort()") == sorted(set(linked))


def test_on_a_phone_the_answers_come_first_and_why_opens_on_a_tap(opened):
    page = opened(viewport=PHONE)
    reasons = page.locator(".because")
    assert reasons.count() > 0
    assert not reasons.first.locator("p").is_visible()
    assert page.locator(".answers .says").first.is_visible()
    reasons.first.locator("summary").click()
    assert reasons.first.locator("p").is_visible()


def test_on_a_screen_why_stands_under_its_answer(opened):
    reason = opened().locator(".because").first
    assert reason.locator("p").is_visible()
    assert not reason.locator("summary").is_visible()
