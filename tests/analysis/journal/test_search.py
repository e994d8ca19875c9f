import json
import math

import numpy as np
import pytest
from sweepbook.analysis.export.record.write import findings_json
from sweepbook.analysis.findings.findings import findings
from sweepbook.analysis.journal.journal import journal
from sweepbook.analysis.journal.notes.notes import Notes
from sweepbook.analysis.journal.search import FEWEST, MOST, association
from sweepbook.analysis.logs.sweep import load_sweep
from sweepbook.analysis.page.picture import Cloud

PLAN = '[study]\ntitle = "T"\nmetric = "{}"\n[[group]]\nname = "all"\nwhere = {{}}\n'


@pytest.fixture
def searched(tmp_path, log, run, plan):
    """The journal of configurations, each (settings, scores of its seeds)."""

    def search(configs, metric="valid_accuracy"):
        for i, (config, scores) in enumerate(configs):
            for seed, score in enumerate(scores):
                log(
                    tmp_path / "logs",
                    f"r{i:03}-{seed}",
                    run(seed=seed, minute=i, label=f"c{i}", config=config, metrics={metric: score}),
                )
        sweep = load_sweep(tmp_path / "logs")
        found = findings(sweep, plan(tmp_path / "plan", PLAN.format(metric)))
        return found, journal(found, sweep, Notes(), {})

    return search


def random_search(count=20):
    """The score goes with the learning rate; the optimizer and the dropout do little, the batch size nothing."""
    configs = []
    for i in range(count):
        settings = {
            "lr": 10 ** (-4 + i / count),
            "optimizer": ("a", "b")[i % 2],
            "dropout": (i * 7 % 11) / 20,
            "batch": 16 << (i % 3),
        }
        score = 0.6 + i / 100 + 0.005 * (i % 2)
        configs.append((settings, [score - 0.004, score + 0.004]))
    return configs


def figure(page):
    return next((picture for picture in page.sections[0].pictures if picture.kind == "settings"), None)


def test_a_random_search_has_a_small_scatter_a_setting_the_closest_first(searched):
    configs = random_search()
    found, page = searched(configs)
    picture = figure(page)
    assert picture.name == "all--settings"
    assert picture.clouds[0].name == "learning rate"
    assert {cloud.name for cloud in picture.clouds} == {"learning rate", "optimizer", "dropout", "batch"}
    strengths = [association(cloud) for cloud in picture.clouds]
    assert strengths == sorted(strengths, reverse=True)
    assert picture.caption.startswith("Each dot is a configuration; what else varied is in it, so no cause is named.")
    rate = picture.clouds[0]
    assert sorted(y for _, y, _ in rate.points) == pytest.approx(sorted(100 * sum(scores) / 2 for _, scores in configs))
    coloured = {y for _, y, first in rate.points if first}
    assert coloured == {100 * s.means["valid_accuracy"].value for s in found.first_tier}


@pytest.mark.parametrize(
    "configs",
    [
        [({"lr": 10.0**-i}, [0.7 + i / 50]) for i in range(FEWEST)],
        [({"lr": 10.0**-i, "batch": 8 << k}, [0.7 + i / 50 + k / 70]) for i in range(3) for k in range(3)],
        random_search(FEWEST - 1),
    ],
    ids=["one by one", "a grid", "few"],
)
def test_settings_that_vary_one_by_one_or_as_a_grid_or_in_few_configurations_have_none(searched, configs):
    assert figure(searched(configs)[1]) is None


def test_at_most_twelve_settings_are_shown_and_the_caption_says_so(searched):
    configs = [({f"s{k:02}": math.sin(i * (k + 1)) for k in range(MOST + 3)}, [0.5 + i / 50]) for i in range(12)]
    picture = figure(searched(configs)[1])
    assert len(picture.clouds) == MOST
    assert f"Drawn are {MOST} of {MOST + 3}." in picture.caption


def test_names_that_each_stand_for_one_configuration_are_no_setting(searched):
    configs = [({**settings, "host": f"h{i}"}, scores) for i, (settings, scores) in enumerate(random_search())]
    assert "host" not in {cloud.name for cloud in figure(searched(configs)[1]).clouds}


def single_runs(count=120):
    """One run each: the score follows the learning rate, highest near 0.001, and the optimizer; the dropout does nothing."""
    rng = np.random.default_rng(1)
    configs = []
    for _ in range(count):
        exponent, optimizer, dropout = rng.uniform(-5, -1), str(rng.choice(["adam", "sgd"])), rng.uniform(0, 0.5)
        score = 0.8 - 0.05 * (exponent + 3) ** 2 - 0.05 * (optimizer == "sgd") + 0.01 * rng.normal()
        configs.append(({"lr": 10**exponent, "optimizer": optimizer, "dropout": dropout}, [score]))
    return configs


def test_single_runs_of_a_random_search_carry_conclusions(searched):
    found, page = searched(single_runs())
    assert [one.setting for one in found.groups[0].search.seen] == ["lr", "optimizer"]
    says = {answer.question: answer.says for answer in page.answers}
    assert says["What mattered?"].startswith("Above all learning rate (18.8 points) and optimizer (4.9 points)")
    assert says["What should I use?"].startswith("Take learning rate 0.00")
    assert "optimizer adam. Which single run is best cannot be told yet." in says["What should I use?"]
    use, mattered, *_, sure = page.answers
    assert any("from a repeat: the best of many single runs is partly luck." in line for line in use.why)
    assert any(line.startswith("No visible trend: dropout (up to") for line in mattered.why)
    rest = 100 * found.groups[0].search.rest
    assert f"It is about ± {rest:.1f} points at most: what the trends leave over." in sure.why
    assert page.sections[0].conclusion[0] == says["What mattered?"]


def test_the_best_region_lies_within_what_was_tried_and_around_the_best(searched):
    found, page = searched(single_runs())
    trend = found.groups[0].search.trends[0]
    assert 1e-5 < trend.ends[0] < 1e-3 < trend.ends[1] < 1e-1
    row = page.sections[0].trends.lines[0].cells
    assert row["setting"] == "learning rate"
    rate = figure(page).clouds[0]
    assert rate.best == trend.ends
    assert len(rate.trend) == len(trend.at)
    assert figure(page).clouds[-1].trend == ()
    assert "Shaded: where the best may lie." in figure(page).caption


def test_a_best_at_an_end_says_so_and_what_to_try(searched):
    configs = [({**settings, "lr": min(settings["lr"], 1e-3)}, scores) for settings, scores in single_runs()]
    section = searched([c for c in configs if c[0]["lr"] < 1e-3])[1].sections[0]
    assert "(an end of what was tried)" in section.conclusion[1]
    assert any(step.startswith("Try learning rate above 0.000") for step in section.next_steps)


def test_settings_that_were_chosen_by_earlier_scores_give_hints_and_no_tests(searched):
    configs = sorted(single_runs(), key=lambda config: config[0]["lr"])
    hint = "Levels drifted with the order of the runs: take the trends as hints, not as tests."
    assert hint in searched(configs)[1].sections[0].conclusion


def test_random_levels_in_the_order_of_the_runs_are_no_hints(searched):
    assert searched(single_runs())[0].groups[0].search.doubt == ""


def test_noise_alone_shows_no_trend_and_one_line_says_so(searched):
    rng = np.random.default_rng(3)
    found, page = searched([(settings, [0.8 + 0.01 * rng.normal()]) for settings, _ in single_runs()])
    assert not found.groups[0].search.seen
    assert page.answers[1].says.startswith("No setting shows a trend (up to")
    assert page.answers[0].says.startswith("Cannot tell yet; so far")


def test_one_setting_at_a_time_around_a_baseline_is_no_search(searched):
    base = {"lr": 0.001, "batch": 32, "width": 64}
    others = [{**base, key: base[key] * (k + 2)} for key in base for k in range(8)]
    assert searched([(settings, [0.7 + i / 100]) for i, settings in enumerate([base, *others])])[0].groups[0].search is None


def test_the_trends_stand_in_findings_json(searched):
    found, _ = searched(single_runs())
    group = json.loads(findings_json(found))["groups"][0]
    first = group["trends"][0]
    assert list(first)[:8] == ["setting", "kind", "effect", "low", "high", "p", "best_low", "best_high"]
    assert (first["setting"], first["kind"], first["n"]) == ("lr", "continuous", 120)
    assert group["trends"][1]["best"] == ["adam"]
    assert group["search"]["residual_sd"] == pytest.approx(0.01, rel=0.2)


def cloud(points, ordered=True):
    return Cloud("x", tuple((x, y, False) for x, y in points), ordered)


def test_an_association_is_spearmans_of_numbers_and_adjusted_of_names():
    assert association(cloud([(1, 3.0), (2, 2.0), (10, 1.0)])) == pytest.approx(1)
    assert association(cloud([(1, 1.0), (2, 2.0), (3, 2.0), (4, 1.0)])) == pytest.approx(0, abs=1e-12)
    assert association(cloud([("a", 1.0), ("a", 2.0), ("b", 9.0), ("b", 8.0)], False)) == pytest.approx((1 - 1 / 5 * 3 / 2) ** 0.5)
    assert association(cloud([("a", 1.0), ("b", 1.0)], False)) == 0
