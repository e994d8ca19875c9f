import math

import pytest
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
                log(tmp_path / "logs", f"r{i:03}-{seed}", run(seed=seed, label=f"c{i}", config=config, metrics={metric: score}))
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


def cloud(points, ordered=True):
    return Cloud("x", tuple((x, y, False) for x, y in points), ordered)


def test_an_association_is_spearmans_of_numbers_and_adjusted_of_names():
    assert association(cloud([(1, 3.0), (2, 2.0), (10, 1.0)])) == pytest.approx(1)
    assert association(cloud([(1, 1.0), (2, 2.0), (3, 2.0), (4, 1.0)])) == pytest.approx(0, abs=1e-12)
    assert association(cloud([("a", 1.0), ("a", 2.0), ("b", 9.0), ("b", 8.0)], False)) == pytest.approx((1 - 1 / 5 * 3 / 2) ** 0.5)
    assert association(cloud([("a", 1.0), ("b", 1.0)], False)) == 0
