import re
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import stats
from sweepbook.analysis.findings.findings import findings
from sweepbook.analysis.journal.journal import journal
from sweepbook.analysis.journal.notes.notes import Notes
from sweepbook.analysis.logs.sweep import load_sweep
from sweepbook.analysis.report.report import begin

PLAN = """
[study]
title = "T"
seeds = [0, 1, 2]
{head}
[baseline]
dataset = "digits"
model = "mlp"
units1 = 8
depth = 1
epochs = 2
batch_size = 32
lr = 0.01
optimizer = "Adam"
[[group]]
name = "epochs"
title = "How long?"
hypothesis = "Longer."
grid = {{ epochs = [1, 2, 3, 4] }}
  [[group.prediction]]
  says = "3 beat 1 by 2 points"
  better = {{ epochs = 3 }}
  than = {{ epochs = 1 }}
  by = 0.02
  [[group.prediction]]
  says = "2 reach 80%"
  at = {{ epochs = 2 }}
  at_least = 0.8
  [[group.prediction]]
  says = "More is better"
  trend = "increasing"
  of = "epochs"
  [[group.prediction]]
  says = "3 is best"
  best = {{ epochs = 3 }}
  [[group.prediction]]
  says = "Epochs matter more"
  factor = "epochs"
  matters_more_than = "lr"
  [[group.prediction]]
  says = "No overfitting"
  gap_at_most = 0.3
  [[group.prediction]]
  says = "Longer beats wider"
  beats = "both"
[[group]]
name = "both"
grid = {{ units1 = [8, 16], lr = [0.01, 0.1] }}
"""
BASE = {
    "dataset": "digits",
    "model": "mlp",
    "units1": 8,
    "depth": 1,
    "epochs": 2,
    "batch_size": 32,
    "lr": 0.01,
    "optimizer": "Adam",
}
CHANGES = [{"epochs": 1}, {}, {"epochs": 3}, {"epochs": 4}, {"lr": 0.1}, {"units1": 16}, {"units1": 16, "lr": 0.1}]


@pytest.fixture
def page(tmp_path, log, run, plan):
    """The journal of runs of the plan, each (changes to the baseline, seed, accuracy, further fields)."""

    def make(*runs, head=""):
        study = plan(tmp_path / "study", PLAN.format(head=head))
        (tmp_path / "logs").mkdir(exist_ok=True)
        for i, (changes, seed, accuracy, fields) in enumerate(runs):
            log(tmp_path / "logs", f"r{i:02}", run(accuracy, seed=seed, minute=i, config={**BASE, **changes}, **fields))
        sweep = load_sweep(tmp_path / "logs")
        return journal(findings(sweep, study), sweep, Notes(), {})

    return make


def cells(table, head):
    column = [column.head for column in table.columns].index(head)
    return [line.cells[column] for line in table.lines]


def test_no_run_is_a_sentence_and_the_plan_stays(page):
    found = page()
    assert tuple(a.says for a in found.answers) == (
        "No run has finished yet, so there is nothing to report. The plan below says what is to be tested.",
    )
    assert [s.conclusion for s in found.sections] == [("No answer yet: no run has finished with a validation accuracy.",)] * 2
    assert [p.found for p in found.sections[0].predictions] == ["too few finished runs"] * 7
    assert [p.settles for p in found.sections[0].predictions] == ["the runs that are missing"] * 7
    assert found.sections[0].observed == "No run of this group has finished."
    assert (found.ranking.lines, found.recipes, found.troubles.lines) == ((), (), ())
    assert cells(found.sections[0].results, "runs") == ["0"] * 4
    assert dict(found.made)["Runs"] == "none yet"
    assert found.headline.startswith("no finished run · every score is validation accuracy")
    assert dict(found.sections[0].plan)["Hypothesis"] == "Longer."


def test_finished_runs_without_the_metric_are_not_called_unfinished(page):
    found = page(({}, 0, 0.8, {"metrics": {"train_loss": 0.5}}))
    assert tuple(a.says for a in found.answers) == (
        'No finished run has the metric "valid_accuracy", so there is nothing to compare.',
    )
    assert found.totals[0] == "1 of 21 planned runs has finished: 20 missing."
    assert found.troubles.lines[0].cells == (
        "log not counted",
        "r00",
        'finished without "valid_accuracy", by which the plan compares',
    )


def test_a_run_without_the_ranking_metric_stands_in_the_table_of_runs_under_its_label(tmp_path, log, run, plan):
    head = '[study]\ntitle = "T"\nmetric = "valid_accuracy"\n'
    study = plan(tmp_path / "study", head + '[[group]]\nname = "all"\nwhere = {}\n')
    log(tmp_path / "logs", "r0", run(0.8, label="scored", config={"lr": 0.1}))
    log(tmp_path / "logs", "r1", run(label="unscored", config={"lr": 0.2}, metrics={"train_loss": 0.5}))
    sweep = load_sweep(tmp_path / "logs")
    found = journal(findings(sweep, study), sweep, Notes(), {})
    assert cells(found.runs, "configuration") == ["scored", "unscored"]
    assert cells(found.runs, "validation accuracy") == ["80.0%", "–"]
    assert [line.cells["which"] for line in found.troubles.lines] == ["r1"]
    assert found.totals[0] == "2 runs finished, 1 of them with validation accuracy; the plan names none of its own."
    assert found.sections[0].next_steps[0] == "1 configuration whose runs finished without validation accuracy: unscored."


def test_equal_times_are_one_time_and_a_mean_reward_is_called_mean_once(tmp_path, log, run, plan):
    head = '[study]\ntitle = "T"\nmetric = "mean_reward"\n'
    study = plan(tmp_path / "study", head + '[[group]]\nname = "all"\nwhere = {}\n')
    for rate, reward in ((0.1, 7.0), (0.2, 9.0)):
        for seed in (0, 1):
            log(
                tmp_path / "logs",
                f"{rate}-{seed}",
                run(seed=seed, label=f"lr_{rate}", config={"lr": rate}, metrics={"mean_reward": reward}),
            )
    sweep = load_sweep(tmp_path / "logs")
    found = journal(findings(sweep, study), sweep, Notes(), {})
    assert found.answers[0].says == "Cannot tell yet; so far learning rate 0.2 is ahead: mean reward 9.000."
    section = found.sections[0]
    assert section.conclusion == ("Cannot tell yet which is best: every seed scored the same, so the noise is not known.",)
    assert dict(section.method.runs)["Time a run"] == "2.0 s in each configuration"
    assert section.method.observations[0].text.endswith("The seeds all end at 7.000.")
    assert found.totals[-1] == "A run took 2.0 s in each configuration."


def test_of_a_random_search_the_plan_has_the_range_of_the_levels_and_their_number(tmp_path, log, run, plan):
    study = plan(tmp_path / "study", '[study]\ntitle = "T"\n[[group]]\nname = "all"\nwhere = {}\n')
    for i in range(41):
        log(tmp_path / "logs", f"r{i:02}", run(0.8, minute=i, label=f"t{i}", config={"rate": (i + 1) / 100, "width": 2 ** (i % 3)}))
    sweep = load_sweep(tmp_path / "logs")
    found = journal(findings(sweep, study), sweep, Notes(), {})
    varied = dict(found.sections[0].plan)["Varied"]
    assert varied == "rate 0.01 to 0.41 (41 levels); width 1, 2, 4"


@pytest.mark.parametrize("others", [[0.8] * 6 + [0.9], [0.8 + 1e-16] * 3 + [0.8] * 3 + [0.9], [0.0] * 6 + [0.5], [0.8] * 7])
def test_configurations_most_of_whose_means_are_equal_are_ranked_on_a_scale_that_holds_the_others(tmp_path, log, run, plan, others):
    head = '[study]\ntitle = "T"\n[[group]]\nname = "all"\nwhere = {}\n'
    study = plan(tmp_path / "study", head)
    for i, accuracy in enumerate([*others, others[0]]):
        for seed, away in enumerate((0.0, 0.001)):
            changes = {"label": f"lr_{i}", "config": {"lr": float(i)}, "minute": 2 * i + seed}
            log(tmp_path / "logs", f"r{i}-{seed}", run(accuracy + away, seed=seed, **changes))
    sweep = load_sweep(tmp_path / "logs")
    found = journal(findings(sweep, study), sweep, Notes(), {})
    assert len(found.ranking.lines) == 8
    means = [line.span[1] for line in found.ranking.lines if line.span]
    assert all(0 <= mean <= 1 for mean in means)
    assert len(means) == (8 if len({round(one, 9) for one in others}) > 1 else 0)


def test_the_direction_is_told_and_where_it_is_from(page):
    run = ({}, 0, 0.9, {"metrics": {"valid_accuracy": 0.9, "valid_loss": 2.0}})
    by_name = page(run, head='metric = "valid_loss"').headline
    assert by_name.endswith("every score is validation loss unless it says otherwise (lower is better, by the metric's name)")
    told = page(run, head='metric = "valid_loss"\ngoal = "minimize"').headline
    assert told.endswith("every score is validation loss unless it says otherwise (lower is better)")


def test_one_run_claims_nothing_about_noise(page):
    found = page(({}, 0, 0.8, {}))
    says = [answer.says for answer in found.answers]
    assert says[0] == "Nothing to choose: epochs_2 alone has finished, at 80.0% validation accuracy."
    assert says[1] == "Cannot tell yet."
    assert says[3] == "Of 21 planned runs, 20 missing."
    assert says[4].startswith("No configuration was run twice")
    assert found.noise.startswith("No configuration was run twice")
    assert found.sections[0].insights == ()
    assert found.sections[0].conclusion == ("Only epochs_2 has finished, with 80.0%: there is nothing to compare it with.",)


def test_single_runs_carry_no_conclusion_however_far_apart(page):
    found = page(({}, 0, 0.9, {}), ({"epochs": 1}, 0, 0.1, {}))
    assert [answer.says.partition(" ")[0] for answer in found.answers[:2]] == ["Cannot"] * 2
    assert found.answers[4].says.startswith("No configuration was run twice")
    assert found.sections[0].insights == ()
    assert found.sections[0].conclusion == (
        "Cannot tell yet which is best: no configuration was run twice, so the noise is not known.",
    )
    assert any("second seed" in step for step in found.sections[0].next_steps)


def test_the_standing_tells_what_is_not_finished(page):
    done = [({}, 0, 0.8, {}), ({}, 1, 0.8, {}), ({"epochs": 1}, 0, 0.7, {}), ({"epochs": 3}, 0, 0.7, {"status": "diverged"})]
    wrong = page(*done).answers[3]
    assert wrong.says == "Of 21 planned runs, 1 diverged and 17 missing."
    standing = "3 of 21 planned runs have finished (1 diverged and 17 missing): 2 configurations, 1 to 2 runs each."
    assert wrong.why[0] == standing


def test_a_prediction_stands_beside_its_numbers(page):
    runs = [
        ({"epochs": e}, s, a, {})
        for e, accuracies in {1: (0.7, 0.72), 2: (0.8, 0.82), 3: (0.9, 0.92)}.items()
        for s, a in enumerate(accuracies)
    ]
    made = page(*runs, ({"lr": 0.1}, 0, 0.5, {})).sections[0].predictions
    half = 100 * stats.t.ppf(0.975, 3) * 0.02**0.5 / 10 * 1.25 / 2**0.5
    one, two, three = (f"{mean:.1f}% ({mean - half:.1f} to {mean + half:.1f}; 2 runs)" for mean in (71, 81, 91))
    assert (made[0].claim, made[0].found[:35]) == ("ahead by 2 points or more", "91.0% against 71.0%: +20.0 points (")
    assert (made[0].verdict, made[0].sign, made[0].said) == ("confirmed", "✓", "held")
    assert made[0].why.startswith("Held: a lead of +20.0 points (")
    assert made[0].why.endswith(f" epochs_3 {three}; epochs_1 {one}.")
    assert (made[1].claim, made[1].found) == ("at least 80%", two.replace("; 2 runs", ""))
    assert made[2].claim == "rising over epochs"
    assert made[2].found.endswith(" from 1 to 3")
    assert made[3].found.startswith("epochs_3 91.0% against epochs_2 81.0%: +10.0 points (")
    assert made[3].why.endswith(f" best of these: epochs_3 {three}; best of the others: epochs_2 {two}.")
    assert made[5].claim == "gap of at most 0.3"
    assert made[5].found.startswith("widest ")
    assert made[5].settles == "runs that show the noise"
    assert made[5].verdict == "cannot tell"  # every gap is the same: its noise is not known


def test_a_prediction_that_says_nothing_is_told_and_not_counted(tmp_path, log, run, plan):
    text = '[study]\ntitle = "T"\n[[group]]\nname = "all"\nwhere = {}\n[[group.prediction]]\nsays = "One of all is best"\n'
    text += (
        'best = { lr = [0.01, 0.1] }\n[[group.prediction]]\nsays = "0.1 beats 0.01"\nbetter = { lr = 0.1 }\nthan = { lr = 0.01 }\n'
    )
    study = plan(tmp_path / "study", text)
    (tmp_path / "logs").mkdir()
    for i, (rate, seed, accuracy) in enumerate([(0.01, 0, 0.5), (0.01, 1, 0.51), (0.1, 0, 0.9), (0.1, 1, 0.91)]):
        log(tmp_path / "logs", f"r{i}", run(accuracy, seed=seed, minute=i, label=f"lr_{rate}", config={**BASE, "lr": rate}))
    sweep = load_sweep(tmp_path / "logs")
    made = journal(findings(sweep, study), sweep, Notes(), {})
    empty, told = made.sections[0].predictions
    assert (empty.verdict, empty.why) == ("says nothing", "Says nothing: it names every configuration of the group.")
    assert told.verdict == "confirmed"
    right = made.answers[2]
    assert right.says == "1 of 1 expectation held."
    assert right.why == ("1 more says nothing that could fail.",)


def test_a_tie_for_the_best_is_marked_as_a_tie_in_every_table(page):
    found = page(({"epochs": 1}, 0, 0.8, {}), ({"epochs": 3}, 0, 0.8, {}), ({}, 0, 0.7, {}))
    assert [line.best for line in found.ranking.lines] == [True, True, False]
    assert cells(found.ranking, "could be the best") == ["–"] * 3  # one run each: the noise is not known
    assert [line.best for line in found.sections[0].results.lines] == [True, False, True, False]


def test_a_check_stands_in_its_group_and_among_all(page):
    seen = [{"epochs": {"valid_accuracy": [0.8], "valid_seen": [count]}, "valid_examples": 360} for count in (100, 360)]
    found = page(*(({"epochs": 1 + 3 * i}, seed, 0.8 + seed / 100, seen[i]) for i in (0, 1) for seed in (0, 1)))
    (check,) = [text for code, text in found.sections[0].method.checks if code == "SB102"]
    assert check.endswith("validation examples.")
    assert ("unequal scoring", "How long?", check, "SB102") in [line.cells for line in found.checks.lines]
    assert dict(found.sections[0].method.tests)["As run"] == "SB102: no cause is shown."


def test_the_test_images_are_told_for_the_recommended_configuration_alone(page):
    tested = {"metrics": {"valid_accuracy": 0.8, "test_accuracy": 0.75}}
    found = page(({}, 0, 0.8, tested), ({"epochs": 3}, 0, 0.7, {}))
    half = 1.96 * (0.75 * 0.25 / 359) ** 0.5  # 4.48 points; Wilson's is a little less
    assert half == pytest.approx(0.0448, abs=1e-4)
    assert found.test == (
        "epochs_2 scores 75.0%: test accuracy, over 1 run.",
        "The test images had no part in any choice.",
        "On other images than these 359 it may land ± 4.5 points away.",
    )
    assert len(found.overview) == 5


EVERY = [(changes, seed, 0.5 + i / 20 + seed / 1000, {}) for i, changes in enumerate(CHANGES) for seed in (0, 1)]


def test_a_group_has_the_figures_that_fit_its_factors(page):
    sections = page(*EVERY).sections
    assert [picture.name for picture in sections[0].pictures] == ["epochs"]
    assert [picture.name for picture in sections[1].pictures] == ["both", "both--gap", "both--residuals"]
    line, heatmap, gap, residuals = (picture for section in sections for picture in section.pictures)
    assert (line.kind, [mark.x for mark in line.marks]) == ("line", [1, 2, 3, 4])
    assert (heatmap.kind, [(mark.y, mark.x) for mark in heatmap.marks]) == ("heatmap", [(8, 0.01), (8, 0.1), (16, 0.01), (16, 0.1)])
    assert heatmap.marks[3].mean == pytest.approx(80.05)
    assert heatmap.alt == (
        "Heatmap of validation accuracy for 4 configurations: the means go from 55.05% (both_8_0.01) to 80.05% (both_16_0.1). "
        "1 of 4 could be the best."
    )
    assert line.caption == (
        "Validation accuracy by epochs: large dots are means of 2 runs, small dots the runs. Bars: 95% confidence."
    )
    assert gap.value == "gap"
    assert residuals.value == "left over, points"
    assert sum(mark.mean for mark in residuals.marks) == pytest.approx(0, abs=1e-9)


def test_a_grid_that_leaves_nothing_over_has_no_figure_of_it(page):
    corner = {"units1": 16, "lr": 0.1}
    runs = [(changes, seed, score + 0.1 * (changes == corner), more) for changes, seed, score, more in EVERY]
    assert [picture.name for picture in page(*runs).sections[1].pictures] == ["both", "both--gap"]


@pytest.mark.parametrize(("slowest", "drawn"), [(0.3, False), (290.0, False), (299.0, False), (300.0, True), (20.0, False)])
def test_times_are_drawn_where_one_would_choose_by_them(page, slowest, drawn):
    """Half as long again, and ten seconds more."""
    fastest = {0.3: 0.2, 20.0: 10.1}.get(slowest, 200.0)
    times = {tuple(changes.items()): fastest for changes, *_ in EVERY}
    times[tuple({"units1": 16, "lr": 0.1}.items())] = slowest
    runs = [(changes, seed, score, {"seconds": times[tuple(changes.items())]}) for changes, seed, score, _ in EVERY]
    shown = {picture.name: picture for picture in page(*runs).sections[1].pictures}
    assert ("both--time" in shown) is drawn
    if drawn:
        assert (shown["both--time"].value, shown["both--time"].goal) == ("time a run, s", -1)


def test_a_map_of_a_loss_says_that_lower_is_better(page):
    runs = [(changes, seed, 1 - score, {}) for changes, seed, score, _ in EVERY]
    found = page(*runs, head='metric = "valid_loss"').sections[1].pictures
    assert {picture.name: picture.goal for picture in found} == {"both": -1, "both--gap": -1, "both--residuals": -1}
    assert found[0].caption == "Validation loss, the mean of 2 runs in each cell. Darker is better."


def test_curves_are_drawn_where_the_logs_have_them(page):
    series = {"train_loss": [0.9, 0.7], "valid_loss": [0.8, 0.9]}
    found = page(*(({"epochs": e}, seed, 0.5, {"epochs": series}) for e in (1, 2, 3) for seed in (0, 1)))
    (curves,) = [picture for picture in found.sections[0].pictures if picture.kind == "curves"]
    assert [panel.title for panel in curves.panels] == ["epochs_1", "epochs_2", "epochs_3"]
    assert curves.panels[0].bands[1].mean == (0.8, 0.9)
    assert curves.alt == "Learning curves of 3 configurations. The curves of 6 runs say nothing yet: 2 epochs."
    seen = found.sections[0].method.observations[0].text
    assert seen.startswith("2 runs of 2.0 s. ")
    assert "The last epoch changed the validation loss by +0.100. The seeds" in seen


def test_a_curve_of_many_epochs_is_drawn_with_at_most_500_points_and_its_spike(page):
    losses = [1 / (1 + epoch) for epoch in range(3000)]
    losses[1234] = 9.0
    found = page(*(({"epochs": e}, 0, 0.5, {"epochs": {"valid_loss": losses}}) for e in (1, 2)))
    (curves,) = [picture for picture in found.sections[0].pictures if picture.kind == "curves"]
    (band,) = curves.panels[0].bands
    assert len(band.mean) <= 500
    assert (band.epochs[0], band.epochs[-1], band.mean[band.epochs.index(1235)]) == (1, 3000, 9.0)
    assert (curves.value, curves.level) == ("validation loss", "epoch")


def test_one_configuration_alone_has_no_figure(page):
    found = page(({}, 0, 0.8, {}))
    assert [section.pictures for section in found.sections] == [(), ()]
    assert found.pictures == ()


def test_the_overall_figures_are_the_factors_the_ranking_and_what_a_score_costs(page):
    runs = [(c, seed, a + seed / 100, {"parameters": 10 * (i + 1), "seconds": 1.0 + i}) for i, (c, seed, a, _) in enumerate(EVERY)]
    factors, ranking, parameters, time = page(*runs).pictures
    assert (factors.kind, ranking.kind, parameters.kind, time.kind) == ("factors", "dots", "cost", "cost")
    means = [parameters.marks[i].mean for i in parameters.front]
    assert means == sorted(means)
    assert all(mark.mean <= means[-1] for mark in parameters.marks)


def test_a_ranking_that_is_not_that_of_the_means_alone_says_its_order(page):
    def caption(accuracies):
        runs = [({"epochs": e}, seed, score, {}) for e, values in accuracies.items() for seed, score in enumerate(values)]
        return next(picture.caption for picture in page(*runs).pictures if picture.name == "overall--ranking")

    order = "First those that could be the best, then tier by tier, the best mean first in each."
    steady = {1: (0.90, 0.91, 0.89), 2: (0.85, 0.85, 0.87), 3: (0.83, 0.81, 0.82)}
    assert order not in caption(steady)
    assert order in caption({**steady, 4: (0.855,)})  # which ran less often, so that it is known less well


def test_steps_and_conclusion_tell_what_the_intervals_carry(page):
    accuracies = {1: (0.50, 0.51, 0.49), 2: (0.60, 0.61, 0.59), 3: (0.601, 0.611, 0.591), 4: (0.40, 0.41, 0.39)}
    found = page(*(({"epochs": e}, s, a, {}) for e, values in accuracies.items() for s, a in enumerate(values))).sections[0]
    assert [(insight.verdict, insight.text) for insight in found.insights[:2]] == [
        ("up", "Better: 1 to 2 (+10.0 points)."),
        ("down", "Worse: 3 to 4 (-20.1 points)."),
    ]
    assert found.insights[2].text.startswith("No visible difference: 2 to 3 (up to ")
    assert found.conclusion[0] == "3 epochs are best so far, 60.1%; 2 could be as good, 1 and 4 are worse."


def test_every_run_has_a_row_and_links_lead_to_rows_that_are_there(page):
    found = page(*EVERY, ({"epochs": 1}, 2, 0.1, {"status": "failed", "error": "x"}))
    tables = [found.ranking, found.runs, *(section.results for section in found.sections)]
    anchors = [line.anchor for table in tables for line in table.lines if line.anchor]
    assert len(anchors) == len(set(anchors))
    assert {target for table in tables for line in table.lines for _, target in line.links} <= set(anchors)
    assert len(found.runs.lines) == 15
    assert cells(found.runs, "status").count("failed") == 1


WORDS = {"yes": 0, "yes: its seeds scatter more": 0, "yes: it ran less often": 0, "no": 1, "not ranked": 2, "–": 0}


def check_order(table, means, result):
    """Which could be the best comes first, the better mean first in each part; a row after a better one that could not says why."""
    words = [line.cells["best"] for line in table.lines]
    assert [WORDS[word] for word in words] == sorted(WORDS[word] for word in words)
    assert sum(word.startswith("yes") for word in words) == (len(result.first_tier) if result.tiers else 0)
    for before, after in pairwise(table.lines):
        same = WORDS[before.cells["best"]] == WORDS[after.cells["best"]] and result.tiers
        assert not same or means[before.anchor] >= means[after.anchor]
    behind = [means[line.anchor] for line in table.lines if line.cells["best"] == "no"]
    for line in table.lines:
        if ":" in line.cells["best"]:
            assert means[line.anchor] < max(behind)


scores = st.sampled_from([0.5, 0.52, 0.7, 0.71, 0.7125, 0.72, 0.9, 1.0])
drawn = st.lists(
    st.tuples(st.sampled_from(CHANGES), st.integers(0, 2), scores, st.sampled_from(["finished"] * 5 + ["failed", "diverged"])),
    max_size=16,
)
NOT_A_NUMBER = re.compile(r"\b(?:nan|None|inf)\b")


@pytest.mark.slow
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(drawn=drawn)
def test_every_sentence_agrees_with_the_numbers(drawn, tmp_path_factory, log, run, plan):
    folder = tmp_path_factory.mktemp("sweep")
    study = plan(folder / "study", PLAN.format(head=""))
    (folder / "logs").mkdir()
    for i, (changes, seed, accuracy, status) in enumerate(drawn):
        log(folder / "logs", f"r{i:02}", run(accuracy, seed=seed, minute=i, config={**BASE, **changes}, status=status))
    sweep = load_sweep(folder / "logs")
    result = findings(sweep, study)
    found = journal(result, sweep, Notes(), {})
    assert 1 <= len(found.overview) <= 5
    shown = [found.overview, [s.conclusion for s in found.sections], found.totals]
    assert not NOT_A_NUMBER.search(repr(shown).replace("=None", ""))
    for table in (found.ranking, found.troubles, *(section.results for section in found.sections)):
        assert all(len(line.cells) == len(table.columns) for line in table.lines)
    if not result.ranking:
        assert len(found.overview) == 1
        assert all("best" not in text for text in (*found.overview, *(s.conclusion[0] for s in found.sections)))
        return
    best = result.ranking[0].metrics["valid_accuracy"].mean
    known = {f"rank-{s.id}": s.metrics["valid_accuracy"].mean for s in result.ranking}
    assert [line.best for line in found.ranking.lines] == [known[line.anchor] == best for line in found.ranking.lines]
    check_order(found.ranking, known, result)
    for group, section in zip(result.groups, found.sections, strict=True):
        assert any(line.best for line in section.results.lines) == bool(group.ranking)
        assert cells(section.results, "runs") == [str(row.summary.n if row.summary else 0) for row in group.rows]
    assert f"{sum(s.n for s in result.ranking)} run" in found.headline


FAILED = {"status": "failed", "metrics": {}, "error": "RuntimeError: a\n | b"}
EMPTY_CASES = {
    "no logs": [],
    "one run": [({}, 0, 0.8, {})],
    "all failed": [(changes, 0, 0.8, FAILED) for changes in CHANGES],
    "no metric": [({}, 0, 0.8, {"metrics": {"train_loss": 0.5}}), ({"lr": 0.1}, 0, 0.8, {"metrics": {"train_loss": 0.5}})],
    "metric in some": [({}, 0, 0.8, {"metrics": {"train_loss": 0.5}}), ({}, 1, 0.8, {}), ({"lr": 0.1}, 0, 0.8, {})],
    "one configuration": [({}, seed, 0.8, {}) for seed in (0, 1, 2)],
    "no times": [({}, 0, 0.8, {"seconds": None}), ({"lr": 0.1}, 0, 0.8, {"seconds": None})],
    "diverged elsewhere": [({}, 0, 0.8, {"status": "diverged"}), ({}, 1, 0.8, {"status": "running", "metrics": {}})],
    "all equal": [(changes, seed, 0.8, {}) for changes in CHANGES for seed in (0, 1, 2)],
    "one group failed": [(c, s, 0.8 + s / 50, FAILED if "epochs" in c else {}) for c in CHANGES for s in (0, 1)],
    "two configurations": [({}, 0, 0.8, {}), ({}, 1, 0.82, {}), ({"lr": 0.1}, 0, 0.7, {}), ({"lr": 0.1}, 1, 0.71, {})],
    "only strays": [({"epochs": 77}, 0, 0.8, {})],
}


@pytest.mark.slow
@pytest.mark.parametrize("case", EMPTY_CASES)
def test_no_page_shows_a_value_that_is_none(case, tmp_path, log, run, plan):
    study = plan(tmp_path / "study", PLAN.format(head=""))
    (tmp_path / "logs").mkdir()
    for i, (changes, seed, accuracy, fields) in enumerate(EMPTY_CASES[case]):
        log(tmp_path / "logs", f"r{i:02}", run(accuracy, seed=seed, minute=i, config={**BASE, **changes}, **fields))
    files = begin(study, load_sweep(tmp_path / "logs"), "again").finish().files
    for name in ("journal.md", "journal.html"):
        text = re.sub(r"<style>.*?</style>|<svg.*?</svg>", "", files[name].decode(), flags=re.DOTALL)
        assert not NOT_A_NUMBER.search(text), name
        assert "{{" not in text
