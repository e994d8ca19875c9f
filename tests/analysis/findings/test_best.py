import json

import pytest
from sweepbook.analysis.export.record.write import findings_json
from sweepbook.analysis.findings.best import choice, usual_n
from sweepbook.analysis.findings.findings import findings
from sweepbook.analysis.groups.summaries import Summary
from sweepbook.analysis.journal.answers import answers
from sweepbook.analysis.journal.recipes import recipes
from sweepbook.analysis.journal.sentences import recommended
from sweepbook.analysis.logs.sweep import load_sweep
from sweepbook.analysis.stats.means import Mean


def ran(label, *runs, parameters=None, examples=None, variance=1.0, outlying=False):
    """A configuration with these scores; a run of it is taken to vary by `variance`."""
    mean = Mean(len(runs), sum(runs) / len(runs), variance, 20, None, outlying)
    logs = tuple(f"{label}-{i}" for i in range(len(runs)))
    return Summary(
        label, label, (label,), {}, logs, tuple(range(len(runs))), {"x": runs}, {"x": mean}, parameters, None, examples, None, None
    )


def chosen(*first, ranking=None, sign=1):
    """The choice from a first tier, whatever its order."""
    ordered = sorted(first, key=lambda s: -sign * s.means["x"].value)
    return choice(ranking or ordered, ordered, "x", sign)


def test_the_cheapest_within_the_noise_of_the_best_mean_is_recommended_with_what_it_gives_away():
    made = chosen(
        ran("big", 9.0, 10.0, 11.0, parameters=900),
        ran("small", 8.5, 9.5, 10.5, parameters=100),
        ran("middle", 8.8, 9.8, 10.8, parameters=300),
    )
    assert (made.recommended.label, made.best.label, made.gives_away) == ("small", "big", 0.5)


def test_of_equal_parameters_the_fewest_examples_then_the_better_mean_decide():
    best = ran("best", 9.0, 10.0, 11.0, parameters=100, examples=50)
    fewer = ran("fewer", 9.0, 9.8, 10.6, parameters=100, examples=40)
    alike = ran("alike", 9.0, 9.7, 10.4, parameters=100, examples=40)
    assert chosen(best, fewer, alike).recommended.label == "fewer"
    assert chosen(best, ran("unknown", 9.0, 9.9, 10.8)).recommended.label == "best"


def test_one_that_lies_beyond_a_standard_error_and_a_half_is_not_recommended_however_cheap():
    best, limit = ran("best", 8.0, 10.0, 12.0, parameters=900), 1.5 * (2 / 3) ** 0.5
    for below, label in ((limit - 0.01, "cheap"), (limit + 0.01, "best")):
        made = chosen(best, ran("cheap", *(run - below for run in (8.0, 10.0, 12.0)), parameters=1))
        assert made.recommended.label == label
        assert [s.label for s in made.far] == ([] if label == "cheap" else ["cheap"])


def test_one_or_two_runs_pay_for_the_noise_that_they_borrow():
    best = ran("best", 7.0, 13.0, parameters=900)
    assert chosen(best, ran("cheap", 5.2, 11.2, parameters=1)).recommended.label == "cheap"  # 1.8 < 1.5 * 1.25
    assert chosen(best, ran("cheap", 5.1, 11.1, parameters=1)).recommended.label == "best"  # 1.9 > 1.5 * 1.25


def test_one_all_of_whose_runs_lie_below_all_of_the_bests_is_not_recommended():
    best, wide = ran("best", 95.0, 95.4, 95.8, parameters=900, variance=49.0), 49.0
    made = chosen(best, ran("cheap", 86.7, 87.5, 88.1, parameters=1, variance=wide))
    assert (made.recommended.label, [s.label for s in made.far]) == ("best", ["cheap"])
    assert chosen(best, ran("cheap", 86.7, 87.5, 95.0, parameters=1, variance=wide)).recommended.label == "cheap"


def test_a_wide_scatter_of_its_own_recommends_nothing():
    best = ran("best", 9.0, 10.0, 11.0, parameters=900)
    made = chosen(best, ran("wild", 2.0, 8.0, 14.0, parameters=1, variance=36.0, outlying=True))
    assert made.recommended.label == "best"


def test_where_lower_is_better_all_of_it_is_mirrored():
    best = ran("best", -11.0, -10.0, -9.0, parameters=900)
    near, far = ran("near", -10.5, -9.5, -8.5, parameters=2), ran("far", -8.9, -8.8, -8.7, parameters=1)
    made = chosen(best, near, far, sign=-1)
    assert (made.recommended.label, made.gives_away, [s.label for s in made.far]) == ("near", 0.5, ["far"])


def test_one_lucky_run_recommends_nothing_where_most_ran_more_often():
    lucky, usual = ran("lucky", 12.0, parameters=1), ran("usual", 9.0, 10.0, parameters=9)
    other = ran("other", 8.0, 9.9, parameters=99)
    made = chosen(lucky, usual, other)
    assert (made.recommended.label, made.best.label, made.runs) == ("usual", "usual", 2)


def test_where_the_first_tier_ran_less_often_than_most_its_most_runs_count():
    once, twice = ran("once", 12.0), ran("twice", 11.0, 12.0)
    rest = [ran(f"rest{i}", 1.0, 1.0, 1.0) for i in range(3)]
    assert chosen(once, twice, ranking=[once, twice, *rest]).recommended.label == "twice"
    assert chosen(once, ranking=[once, *rest]).recommended.label == "once"


def test_where_nothing_ran_twice_the_best_mean_is_recommended():
    made = chosen(ran("best", 10.0, parameters=900), ran("cheap", 9.9, parameters=1))
    assert made.recommended.label == "best"
    assert chosen(ran("best", 10.0, parameters=900), ran("tied", 10.0, parameters=1)).recommended.label == "tied"


def test_where_the_noise_is_not_known_the_best_mean_is_recommended():
    made = chosen(ran("best", 10.0, variance=None, parameters=900), ran("tied", 10.0, variance=None, parameters=1))
    assert (made.recommended.label, made.far) == ("best", ())
    assert choice((), (), "x", 1) is None


def test_the_usual_number_of_runs_is_the_one_that_most_configurations_have_the_larger_of_a_tie():
    assert usual_n([ran("a", 1.0), ran("b", 1.0, 2.0), ran("c", 1.0)]) == 1
    assert usual_n([ran("a", 1.0), ran("b", 1.0, 2.0)]) == 2
    assert usual_n([]) == 0


PLAN = """
[study]
title = "T"
{goal}
[[group]]
name = "all"
where = {{ }}
[[group]]
name = "deep"
where = {{ deep = true }}
"""
SCORES = {512: (0.90, 0.92, 0.94), 128: (0.89, 0.92, 0.93), 64: (0.96,), 16: (0.80, 0.81, 0.82), 256: (0.91, 0.90, 0.94)}


@pytest.fixture
def found(tmp_path, log, run, plan):
    def make(scores=SCORES, goal=""):
        study, logs = plan(tmp_path / "study", PLAN.format(goal=goal)), tmp_path / "logs"
        for units, values in scores.items():
            for seed, score in enumerate(values):
                config = {"units": units, "deep": True}
                log(logs, f"{units}-{seed}", run(score, seed=seed, label=f"units_{units}", config=config, parameters=units))
        return findings(load_sweep(logs), study)

    return make


def test_the_study_and_a_group_of_the_same_configurations_recommend_the_same_one_everywhere(found):
    told = found()
    why = "the cheapest within the noise of the best mean of those with 3 runs or more, 0.7 points worse than"
    sentence = f"Recommended is units_128 (128 parameters), {why} units_512."
    assert told.recommended.label == "units_128"
    assert answers(told)[0].why[0].startswith("units_128 is 0.7 points below the best mean validation accuracy, that of units_512")
    for group in told.groups:
        assert group.choice == told.choice
        assert sentence == recommended(group.choice, group.ranking, told)
    assert recipes(told)[0].title.endswith(": units_128")
    assert recipes(told)[0].sentences[0].startswith("units_128 has a validation accuracy of 91.3%")
    document = json.loads(findings_json(told))
    assert {group["recommended"] for group in document["groups"]} == {document["best"]["recommended"]} == {told.recommended.id}
    assert document["best"]["gives_away"] == pytest.approx(0.02 / 3)
    assert document["best"]["against"] == next(c["id"] for c in document["configs"] if c["labels"][0] == "units_512")
