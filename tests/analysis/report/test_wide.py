"""No table and no page scrolls sideways at 1280 pixels, however many settings a study has and however long their names are; what is
logged has a column."""

import re
from itertools import product

import pytest
from sweepbook.analysis.logs.sweep import load_sweep
from sweepbook.analysis.report.report import begin

pytestmark = pytest.mark.slow

VIEWPORT = {"width": 1280, "height": 900}
PLAN = '[study]\ntitle = "T"\nmetric = "{metric}"\n[[group]]\nname = "all"\ntitle = "All?"\nwhere = {{}}\n'
UNFOLD = "document.querySelectorAll('main details').forEach(folded => { folded.open = true })"
SIDEWAYS = "all => all.filter(e => e.scrollWidth > e.clientWidth).map(e => e.ariaLabel)"


def many_settings():
    """A random search of 20 settings with long names."""
    for place in range(40):
        config = {f"optimizer_group_{k}_learning_rate_multiplier": round(0.001 * (1 + place * (k + 1)), 4) for k in range(20)}
        for seed in (0, 1):
            yield (
                f"trial_{place}",
                seed,
                config,
                {"valid_accuracy": 0.8 + place / 400 + seed / 900, "valid_loss": 0.5 - place / 400},
            )


def long_names():
    """Labels of a hundred letters, and levels of fifty."""
    for place, seed in product(range(6), (0, 1, 2)):
        label = f"a_very_long_name_of_an_experiment_that_somebody_made_with_every_setting_in_it_{'x' * 20}_{place}"
        yield label, seed, {"backbone": f"{'resnet_' * 7}{place}", "lr": 0.1}, {"valid_accuracy": 0.7 + place / 50 + seed / 300}


def more_metrics():
    """Runs that log more than the metric that is ranked by."""
    for place, seed in product(range(5), (0, 1, 2)):
        more = {"f1": 0.6 + place / 40 + seed / 500, "latency": 12.5 + place + seed / 10, "constant": 1.0, "test_accuracy": 0.5}
        yield f"lr_{place}", seed, {"lr": 0.1 * (place + 1)}, {"valid_accuracy": 0.7 + place / 50 + seed / 300, **more}


STUDIES = {"many settings": many_settings, "long names": long_names, "more metrics": more_metrics}


@pytest.fixture
def page(tmp_path, log, run, plan):
    """The page of a study by its name."""

    def make(name):
        study = plan(tmp_path / "study", PLAN.format(metric="valid_accuracy"))
        for place, (label, seed, config, metrics) in enumerate(STUDIES[name]()):
            log(tmp_path / "logs", f"r{place:03}", run(label=label, seed=seed, minute=place, config=config, metrics=metrics))
        path = tmp_path / "journal.html"
        path.write_bytes(begin(study, load_sweep(tmp_path / "logs"), "again").finish().files["journal.html"])
        return path

    return make


@pytest.mark.parametrize("name", STUDIES)
def test_nothing_scrolls_sideways(name, page, browser):
    path = page(name)
    context = browser.new_context(viewport=VIEWPORT)
    shown = context.new_page()
    shown.goto(path.as_uri())
    shown.evaluate(UNFOLD)
    shown.wait_for_timeout(300)
    assert shown.evaluate("document.documentElement.scrollWidth") <= VIEWPORT["width"]
    assert shown.locator(".wide, .drawing").evaluate_all(SIDEWAYS) == []
    context.close()


def scores(page, html_id):
    """The table of a section's configurations; that of trends, where there is one, stands before it."""
    tables = page.locator(f"section[aria-labelledby='{html_id}'] .table")
    return tables.filter(has=page.locator("thead th", has_text="95% interval")).first


def heads(page, html_id):
    return scores(page, html_id).locator("thead th:visible").all_inner_texts()


def test_columns_beyond_need_fold_behind_a_button_and_without_scripts_all_are_shown(page, browser):
    path = page("many settings")
    context = browser.new_context(viewport=VIEWPORT)
    shown = context.new_page()
    shown.goto(path.as_uri())
    folded = heads(shown, "group-all")
    assert {"validation accuracy", "95% interval"} <= set(folded)
    block = scores(shown, "group-all")
    button = block.get_by_role("button", name=re.compile("more columns"))
    hidden = int(button.inner_text().split()[0])
    button.click()
    assert len(heads(shown, "group-all")) == len(folded) + hidden
    block.get_by_role("button", name="Fewer columns").click()
    assert heads(shown, "group-all") == folded
    context.close()
    context = browser.new_context(viewport=VIEWPORT, java_script_enabled=False)
    plain = context.new_page()
    plain.goto(path.as_uri())
    graphics = 2  # which a script draws
    assert len(heads(plain, "group-all")) >= len(folded) + hidden - graphics
    context.close()


def test_what_is_logged_has_a_column_whatever_its_name_but_for_test_data(page):
    text = page("more metrics").read_text()
    group = text[text.index('<h2 id="group-all">') : text.index('<h2 id="ranking">')]
    assert re.search(r"<th[^>]*>f1</th>", group)
    assert re.search(r"<th[^>]*>latency</th>", group)
    assert re.search(r"The same in every row: [^<]*constant 1\.000", group)
    assert "test accuracy</th>" not in group
    for place in range(5):
        assert f"<td>{0.6 + place / 40 + 1 / 500:.3f}</td>" in group  # the mean over the seeds
