import re
import statistics

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis import wording as w
from analysis.findings import findings
from analysis.journal import journal
from analysis.report import report
from analysis.sweep import load_sweep

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
        return journal(findings(load_sweep(tmp_path / "logs"), study), {})

    return make


def cells(table, head):
    column = [column.head for column in table.columns].index(head)
    return [line.cells[column] for line in table.lines]


def test_no_run_is_a_sentence_and_the_plan_stays(page):
    found = page()
    assert found.overview == ("No run has finished yet, so there is nothing to report. The plan below says what is to be tested.",)
    assert [section.summary for section in found.sections] == ["No run of this group has finished with a validation accuracy."] * 2
    assert [p.found for p in found.sections[0].predictions] == ["Too few finished runs to hold it against."] * 7
    assert (found.ranking.lines, found.recipes, found.problems.lines) == ((), (), ())
    assert cells(found.sections[0].results, "runs") == ["0"] * 4
    assert dict(found.facts)["Runs"] == "none yet"
    assert dict(found.sections[0].plan)["Hypothesis"] == "Longer."


def test_finished_runs_without_the_metric_are_not_called_unfinished(page):
    found = page(({}, 0, 0.8, {"metrics": {"train_loss": 0.5}}))
    assert found.overview == ('No finished run has the metric "valid_accuracy", so there is nothing to compare.',)
    assert found.totals[0].startswith("21 runs planned: 1 finished")
    assert found.problems.lines[0].cells == ("r00", 'finished without "valid_accuracy", by which the plan compares')


def test_one_run_claims_nothing_about_noise(page):
    found = page(({}, 0, 0.8, {}))
    assert found.overview[0] == "1 of 21 planned runs have finished (20 missing): 1 configuration, 1 seed each."
    assert found.overview[1].startswith("Every configuration was run once")
    assert (
        found.overview[2]
        == "epochs_2 has the best mean validation accuracy, 80.0% (1 run); it is the only configuration with a finished run."
    )


def test_the_standing_tells_what_is_not_finished(page):
    done = [({}, 0, 0.8, {}), ({}, 1, 0.8, {}), ({"epochs": 1}, 0, 0.7, {}), ({"epochs": 3}, 0, 0.7, {"status": "diverged"})]
    assert (
        page(*done).overview[0]
        == "3 of 21 planned runs have finished (1 diverged and 17 missing): 2 configurations, 1 to 2 seeds each."
    )


def test_a_prediction_stands_beside_its_numbers(page):
    runs = [
        ({"epochs": e}, s, a, {})
        for e, accuracies in {1: (0.7, 0.72), 2: (0.8, 0.82), 3: (0.9, 0.92)}.items()
        for s, a in enumerate(accuracies)
    ]
    found = [(p.claim, p.found) for p in page(*runs, ({"lr": 0.1}, 0, 0.5, {})).sections[0].predictions]
    low, _ = stats.t.interval(0.95, 1, loc=0.91, scale=0.01)
    assert found[0] == (
        "ahead by 2.0 points or more",
        f"epochs_3 91.0% [{100 * low:.1f}, 100.0] (2 runs); epochs_1 71.0% [58.3, 83.7] (2 runs). Difference: +20.0 points.",
    )
    assert found[1] == ("at least 80.0%", "epochs_2 81.0% [68.3, 93.7] (2 runs).")
    assert found[2] == ("increasing in epochs", "1: 71.0%, 2: 81.0%, 3: 91.0%. From the first to the last level: +20.0 points.")
    assert found[3][1].startswith("best inside: epochs_3 91.0%")
    assert "; best outside: epochs_2 81.0%" in found[3][1]
    assert found[5][0] == "a gap of at most +0.300"
    assert found[5][1].startswith("widest: ")
    assert found[6][1].endswith("Difference: +10.0 points.")


def test_a_tie_for_the_best_is_marked_as_a_tie_in_every_table(page):
    found = page(({"epochs": 1}, 0, 0.8, {}), ({"epochs": 3}, 0, 0.8, {}), ({}, 0, 0.7, {}))
    assert [line.best for line in found.ranking.lines] == [True, True, False]
    assert cells(found.ranking, "rank") == ["1", "1", "3"]
    assert [line.best for line in found.sections[0].results.lines] == [True, False, True, False]


def test_a_warning_stands_where_the_runs_did_not_see_equally_much(page):
    seen = {"train_examples": 100}
    found = page(({"epochs": 1}, 0, 0.8, {**seen, "epochs": 1}), ({"epochs": 4}, 0, 0.8, {**seen, "epochs": 4}))
    assert "They did not train on equally many examples: from 100 to 400." in found.sections[0].summary


def test_the_test_images_are_told_for_the_recommended_configuration_alone(page):
    tested = {"metrics": {"valid_accuracy": 0.8, "test_accuracy": 0.75}}
    found = page(({}, 0, 0.8, tested), ({"epochs": 3}, 0, 0.7, {}))
    line = "On the test images, which had no part in any choice, epochs_2 scores 75.0% (1 run)."
    assert line in found.overview
    assert len(found.overview) == 5


def test_a_group_has_the_figure_that_fits_its_factors(page):
    runs = [(changes, seed, 0.5 + i / 20, {}) for i, changes in enumerate(CHANGES) for seed in (0, 1)]
    line, heatmap = (section.picture for section in page(*runs).sections)
    assert (line.kind, [mark.x for mark in line.marks]) == ("line", [1, 2, 3, 4])
    assert (heatmap.kind, [(mark.y, mark.x) for mark in heatmap.marks]) == ("heatmap", [(8, 0.01), (8, 0.1), (16, 0.01), (16, 0.1)])
    assert heatmap.marks[3].mean == pytest.approx(80.0)
    assert heatmap.alt == (
        "Heatmap of validation accuracy for 4 configurations: the means go from 55.0% (both_8_0.01) to 80.0% (both_16_0.1)."
    )
    assert "2 runs a configuration" in line.caption


def test_one_configuration_alone_has_no_figure(page):
    assert [section.picture for section in page(({}, 0, 0.8, {})).sections] == [None, None]


LEADER = re.compile(
    r"(?P<label>\S+) has the best mean validation accuracy, (?P<score>[\d.]+%) \((?P<rest>[^)]*)\); (?P<told>.*?)(?:, so .*)?\."
)


def check_leader(sentence, summaries, labels):
    """Whether a sentence on the best of `summaries` says what their numbers say."""
    top = max(s.metrics["valid_accuracy"].mean for s in summaries)
    tied = [labels[s.id] for s in summaries if s.metrics["valid_accuracy"].mean == top]
    if len(tied) > 1:
        assert sentence.startswith(f"{w.listing(tied)} share the best mean validation accuracy, {100 * top:.1f}%.")
        return
    told = LEADER.match(sentence)
    (best,) = [s for s in summaries if labels[s.id] == told["label"]]
    means = [s.metrics["valid_accuracy"].mean for s in summaries]
    estimate = best.metrics["valid_accuracy"]
    assert estimate.mean == max(means)
    assert told["score"] == f"{100 * max(means):.1f}%"
    assert told["rest"].startswith(w.plural(len(best.logs), "run"))
    others = [s.metrics["valid_accuracy"] for s in summaries if s is not best]
    apart = [o for o in others if None not in (o.low, estimate.low) and (o.high < estimate.low or o.low > estimate.high)]
    meeting = len(others) - len(apart)
    if not others:
        assert told["told"] == "it is the only configuration with a finished run"
    elif estimate.low is None:
        assert told["told"] == "one run does not show that it is the best"
    elif not meeting and len(others) == 1:
        assert told["told"] == "its interval does not overlap the other one"
    elif not meeting:
        assert told["told"] == f"its interval overlaps that of none of the {len(others)} others"
    elif len(others) == 1:
        assert told["told"].startswith("the other one")
    elif meeting == len(others):
        assert told["told"].startswith("all the others")
    else:
        assert told["told"].startswith(f"{meeting} of the other {len(others)} {'overlaps' if meeting == 1 else 'overlap'} it")
    if others and meeting and estimate.low is not None:
        assert ("had one run" in told["told"]) == any(other.low is None for other in others)


scores = st.sampled_from([0.5, 0.52, 0.7, 0.71, 0.7125, 0.72, 0.9, 1.0])
drawn = st.lists(
    st.tuples(st.sampled_from(CHANGES), st.integers(0, 2), scores, st.sampled_from(["finished"] * 5 + ["failed", "diverged"])),
    max_size=16,
)
NOT_A_NUMBER = re.compile(r"\b(?:nan|None|inf)\b")


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(drawn=drawn)
def test_every_sentence_agrees_with_the_numbers(drawn, tmp_path_factory, log, run, plan):
    folder = tmp_path_factory.mktemp("sweep")
    study = plan(folder / "study", PLAN.format(head=""))
    (folder / "logs").mkdir()
    for i, (changes, seed, accuracy, status) in enumerate(drawn):
        log(folder / "logs", f"r{i:02}", run(accuracy, seed=seed, minute=i, config={**BASE, **changes}, status=status))
    result = findings(load_sweep(folder / "logs"), study)
    found = journal(result, {})
    assert 1 <= len(found.overview) <= 5
    assert not NOT_A_NUMBER.search(repr([found.overview, [s.summary for s in found.sections], found.totals]).replace("=None", ""))
    for table in (found.ranking, found.problems, *(section.results for section in found.sections)):
        assert all(len(line.cells) == len(table.columns) for line in table.lines)
    if not result.ranking:
        assert len(found.overview) == 1
        assert all("has the best mean" not in text for text in (*found.overview, *(s.summary for s in found.sections)))
        return
    (leader,) = [line for line in found.overview if "has the best mean" in line or "share the best mean" in line]
    check_leader(leader, result.ranking, {s.id: s.label for s in result.ranking})
    assert [line.best for line in found.ranking.lines] == [rank == "1" for rank in cells(found.ranking, "rank")]
    for group, section in zip(result.groups, found.sections, strict=True):
        labels = {row.member.id: row.member.label for row in reversed(group.rows)}
        ranked = [s for s in result.ranking if s.id in labels]
        if ranked:
            check_leader(section.summary, ranked, labels)
        assert any(line.best for line in section.results.lines) == bool(ranked)
        assert cells(section.results, "runs") == [str(row.summary.n if row.summary else 0) for row in group.rows]
    spreads = [statistics.stdev(s.runs["valid_accuracy"]) for s in result.ranking if s.n > 1]
    noise = found.overview[1]
    if spreads:
        assert f"standard deviation of {100 * statistics.median(spreads):.1f} points" in noise
    else:
        assert noise.startswith("Every configuration was run once")
    assert f"{sum(s.n for s in result.ranking)} run" in dict(found.facts)["Finished"]


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
    "only strays": [({"epochs": 77}, 0, 0.8, {})],
}


@pytest.mark.parametrize("case", EMPTY_CASES)
def test_no_page_shows_a_value_that_is_none(case, tmp_path, log, run, plan):
    study = plan(tmp_path / "study", PLAN.format(head=""))
    (tmp_path / "logs").mkdir()
    for i, (changes, seed, accuracy, fields) in enumerate(EMPTY_CASES[case]):
        log(tmp_path / "logs", f"r{i:02}", run(accuracy, seed=seed, minute=i, config={**BASE, **changes}, **fields))
    _, files = report(study, load_sweep(tmp_path / "logs"), "again", None)
    for name in ("journal.md", "journal.html"):
        text = re.sub(r"<style>.*?</style>|<svg.*?</svg>", "", files[name].decode(), flags=re.DOTALL)
        assert not NOT_A_NUMBER.search(text), name
        assert "{{" not in text
